#include "norms/wordnet_concepts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/file.h"
#include "formats/kinds.h"
#include "norms/wordnet_lists.h"
#include "norms/wordnet_morphy.h"

#define FREQUENT_WORDS 40000 /* concepts are among so many of the vocabulary; plurals among all that are read */
#define PER_CATEGORY 22      /* the most frequent ones of each super-category */
#define FEWEST 5             /* smaller super-categories are left out */

/* ---- vocabulary ---- */

static explaint_status add_word(xp_vocabulary *v, xp_text *word, size_t *starts, explaint_error *error) {
    starts[v->count] = v->text.length;
    if (word->length > 0) xp_text_add(&v->text, word->data, word->length);
    v->count++;
    word->length = 0;
    return v->text.failed || word->failed ? xp_no_memory(error, "the vocabulary") : EXPLAINT_OK;
}

static explaint_status read_words(xp_stream *stream, const char *path, xp_vocabulary *v, size_t *starts,
                                  explaint_error *error) {
    char chunk[1 << 14];
    xp_text word = {0};
    bool rest = false; /* behind the word's space */
    explaint_status status = EXPLAINT_OK;
    while (status == EXPLAINT_OK && v->count < XP_VOCABULARY_WORDS) {
        size_t got;
        status = xp_stream_read(stream, chunk, sizeof chunk, &got, error);
        if (status != EXPLAINT_OK || got == 0) break;
        for (size_t i = 0; i < got && status == EXPLAINT_OK && v->count < XP_VOCABULARY_WORDS; i++) {
            char c = chunk[i];
            if (c == '\n') {
                status = add_word(v, &word, starts, error); /* an empty line keeps its rank and matches nothing */
                rest = false;
            } else if (c == ' ' || c == '\t' || c == '\r') {
                rest = true;
            } else if (!rest) {
                if (word.length == 1024)
                    status = xp_fail(error, EXPLAINT_INVALID, path, v->count + 1,
                                     "expected a word of at most 1024 bytes, found a longer one; the vocabulary is a "
                                     "text file with one word per line");
                else
                    xp_text_add(&word, &c, 1);
            }
        }
    }
    if (status == EXPLAINT_OK && word.length > 0 && v->count < XP_VOCABULARY_WORDS)
        status = add_word(v, &word, starts, error);
    xp_text_free(&word);
    return status;
}

/* Keys are borrowed: this comes when the text stays where it is. */
static explaint_status rank_words(xp_vocabulary *v, const size_t *starts, explaint_error *error) {
    v->rank = xp_index_create(v->count);
    bool ok = v->rank != NULL, found;
    size_t stored;
    for (size_t i = 0; i < v->count && ok; i++)
        if (starts[i + 1] > starts[i])
            ok = xp_index_intern(v->rank, v->text.data + starts[i], starts[i + 1] - starts[i], i, &stored, &found);
    return ok ? EXPLAINT_OK : xp_no_memory(error, "the vocabulary");
}

explaint_status xp_vocabulary_open(const char *path, xp_vocabulary *v, explaint_error *error) {
    *v = (xp_vocabulary){0};
    xp_stream *stream = NULL;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status != EXPLAINT_OK) return status;
    const unsigned char *head;
    size_t size = xp_stream_head(stream, &head);
    status = xp_kind_refuse(path, head, size, XP_READER_TEXT, error);
    size_t *starts = xp_alloc(XP_VOCABULARY_WORDS + 1, sizeof *starts);
    if (status == EXPLAINT_OK && starts != NULL) status = read_words(stream, path, v, starts, error);
    xp_stream_close(stream);
    if (starts == NULL) return xp_no_memory(error, "the vocabulary");
    if (status == EXPLAINT_OK && v->text.length == 0)
        status = xp_fail(error, EXPLAINT_INVALID, path, 0,
                         "expected words, found none; the vocabulary is a text file with one word per line");
    if (status == EXPLAINT_OK && starts != NULL) {
        starts[v->count] = v->text.length;
        status = rank_words(v, starts, error);
    }
    xp_free(starts);
    if (status != EXPLAINT_OK) xp_vocabulary_close(v);
    return status;
}

void xp_vocabulary_close(xp_vocabulary *v) {
    xp_text_free(&v->text);
    xp_index_destroy(v->rank);
    *v = (xp_vocabulary){0};
}

static bool frequent(const xp_vocabulary *v, const char *word, size_t length, size_t limit, size_t *rank) {
    return xp_index_find(v->rank, word, length, rank) && *rank < limit;
}

/* ---- the hierarchy ---- */

size_t xp_wordnet_above(const xp_wordnet *w, uint32_t synset, xp_above above[XP_ABOVE_MAX]) {
    size_t count = 1;
    above[0] = (xp_above){synset, 0};
    for (size_t at = 0; at < count; at++) {
        const xp_synset *s = &w->synsets[above[at].synset];
        for (uint32_t i = 0; i < s->n_pointers && count < XP_ABOVE_MAX; i++) {
            const xp_pointer *pointer = &w->pointers[s->first_pointer + i];
            if (pointer->kind != XP_HYPERNYM) continue;
            bool seen = false;
            for (size_t k = 0; k < count && !seen; k++) seen = above[k].synset == pointer->target;
            if (!seen) above[count++] = (xp_above){pointer->target, above[at].steps + 1};
        }
    }
    return count;
}

bool xp_wordnet_is_root(const xp_wordnet *w, uint32_t synset) {
    const xp_synset *s = &w->synsets[synset];
    for (uint32_t i = 0; i < s->n_pointers; i++)
        if (w->pointers[s->first_pointer + i].kind == XP_HYPERNYM) return false;
    return true;
}

/* ---- spelling ---- */

static bool same_but_case(xp_view a, xp_view b) {
    if (a.length != b.length) return false;
    for (size_t i = 0; i < a.length; i++)
        if (xp_lower_ascii(a.data[i]) != xp_lower_ascii(b.data[i])) return false;
    return true;
}

static bool holds(xp_view whole, xp_view part) {
    for (size_t i = 0; i + part.length <= whole.length; i++)
        if (same_but_case((xp_view){whole.data + i, part.length}, part)) return true;
    return false;
}

bool xp_wordnet_spells(xp_view concept_name, xp_view term) {
    const char *end = term.data + term.length;
    for (const char *from = term.data; from < end;) {
        const char *to = from;
        while (to < end && *to != '_' && *to != '-') to++;
        xp_view part = {from, (size_t)(to - from)};
        if (part.length >= 3 && (holds(part, concept_name) || (part.length >= 4 && holds(concept_name, part))))
            return true;
        from = to < end ? to + 1 : end;
    }
    return false;
}

/* ---- which nouns ---- */

static bool plain_word(xp_view s) {
    if (s.length < 3 || s.length > XP_MORPHY_MAX - 2) return false;
    for (size_t i = 0; i < s.length; i++)
        if (s.data[i] < 'a' || s.data[i] > 'z') return false;
    return true;
}

/* Spelled like this in the first sense, and with a capital in none. */
static bool common_noun(const xp_wordnet *w, const xp_lemma *lemma) {
    bool spelled = false;
    for (uint32_t i = 0; i < lemma->n_senses; i++) {
        const xp_synset *s = &w->synsets[w->senses[lemma->first_sense + i]];
        for (uint32_t k = 0; k < s->n_words; k++) {
            xp_view word = w->words[s->first_word + k];
            if (xp_view_equal(word, lemma->name))
                spelled = spelled || i == 0;
            else if (same_but_case(word, lemma->name))
                return false;
        }
    }
    return spelled;
}

/* An uninflected form: neither a plural of another noun nor a form of another verb. */
static bool base_form(const xp_wordnet *w, xp_view name) {
    char base[XP_MORPHY_MAX + 1];
    if (xp_wordnet_morphy_inflected(w, XP_NOUN, name.data, name.length)) return false;
    return !xp_wordnet_morphy(w, XP_VERB, name.data, name.length, base) ||
           (strlen(base) == name.length && memcmp(base, name.data, name.length) == 0);
}

/* Words that the concordances do not attest: their plural must be frequent, which names' and adjectives' are not. */
static bool frequent_plural(const xp_vocabulary *v, xp_view name) {
    char plural[XP_MORPHY_MAX + 3];
    size_t rank, n = name.length;
    memcpy(plural, name.data, n);
    plural[n] = 'e';
    plural[n + 1] = 's';
    if (frequent(v, plural, n + 2, XP_VOCABULARY_WORDS, &rank)) return true;
    plural[n] = 's';
    if (frequent(v, plural, n + 1, XP_VOCABULARY_WORDS, &rank)) return true;
    if (name.data[n - 1] != 'y') return false;
    plural[n - 1] = 'i';
    plural[n] = 'e';
    plural[n + 1] = 's';
    return frequent(v, plural, n + 2, XP_VOCABULARY_WORDS, &rank);
}

/* The first sense as a noun is what the word mostly means. */
static bool one_meaning(const xp_wordnet *w, const xp_vocabulary *v, const xp_lemma *lemma) {
    uint64_t tagged = lemma->tagged;
    bool only_noun = true;
    for (int pos = XP_VERB; pos < XP_N_POS; pos++) {
        const xp_lemma *other = xp_wordnet_lemma(w, (xp_wordnet_pos)pos, lemma->name.data, lemma->name.length);
        if (other == NULL) continue;
        only_noun = false;
        tagged += other->tagged;
    }
    if (tagged > 0) return 2 * (uint64_t)lemma->tagged_first > tagged;
    return only_noun && lemma->n_senses <= 2 && frequent_plural(v, lemma->name);
}

/* The nearest super-category above; of equally near ones the first of the list. */
static bool categorise(const xp_wordnet *w, const uint32_t category[XP_WORDNET_CATEGORIES], xp_concept *c) {
    xp_above above[XP_ABOVE_MAX] = {{0}};
    size_t n = xp_wordnet_above(w, c->synset, above), best = XP_WORDNET_CATEGORIES;
    for (size_t k = 0; k < n && (best == XP_WORDNET_CATEGORIES || above[k].steps == c->category_steps); k++)
        for (size_t i = 0; i < best; i++)
            /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): the caller fills all of them */
            if (category[i] == above[k].synset) {
                best = i;
                c->category = (uint32_t)i;
                c->category_synset = above[k].synset;
                c->category_steps = above[k].steps;
            }
    return best < XP_WORDNET_CATEGORIES && c->category_steps > 0; /* 0: the concept is the category itself */
}

static explaint_status find_categories(const xp_wordnet *w, const char *folder, uint32_t out[XP_WORDNET_CATEGORIES],
                                       explaint_error *error) {
    for (size_t i = 0; i < XP_WORDNET_CATEGORIES; i++) {
        xp_view name;
        const uint32_t sense = xp_wordnet_category(i, &name);
        const xp_lemma *lemma = xp_wordnet_lemma(w, XP_NOUN, name.data, name.length);
        if (lemma == NULL || lemma->n_senses < sense)
            return xp_fail(error, EXPLAINT_INVALID, folder, 0,
                           "expected sense %u of the noun %.*s in index.noun, found %u senses; this is not the "
                           "database of WordNet 3.0: install the package wordnet-base",
                           sense, XP_SHOW(name), lemma != NULL ? lemma->n_senses : 0);
        out[i] = w->senses[lemma->first_sense + sense - 1];
    }
    return EXPLAINT_OK;
}

/* ---- choosing ---- */

static int by_rank(const void *a, const void *b) {
    const xp_concept *x = a, *y = b;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static int by_name(const void *a, const void *b) {
    const xp_concept *x = a, *y = b;
    size_t shorter = x->name.length < y->name.length ? x->name.length : y->name.length;
    int order = memcmp(x->name.data, y->name.data, shorter);
    return order != 0 ? order : (x->name.length > y->name.length) - (x->name.length < y->name.length);
}

/* From all candidates to the concepts, in place. taken: one flag a synset, clear. */
static size_t choose(xp_concept *c, size_t n, uint8_t *taken) {
    size_t sizes[XP_WORDNET_CATEGORIES] = {0}, kept = 0, last = 0;
    qsort(c, n, sizeof *c, by_rank); /* ranks are distinct */
    for (size_t i = 0; i < n; i++) {
        if (taken[c[i].synset]) continue; /* a synonym that is more frequent was there */
        taken[c[i].synset] = 1;
        if (sizes[c[i].category] == PER_CATEGORY) continue;
        sizes[c[i].category]++;
        c[kept++] = c[i];
    }
    for (size_t i = 0; i < kept; i++)
        if (sizes[c[i].category] >= FEWEST) c[last++] = c[i];
    qsort(c, last, sizeof *c, by_name);
    return last;
}

explaint_status xp_wordnet_concepts(const xp_wordnet *w, const xp_vocabulary *v, const char *folder,
                                    xp_concept **concepts, size_t *count, explaint_error *error) {
    *concepts = NULL;
    *count = 0;
    uint32_t category[XP_WORDNET_CATEGORIES];
    explaint_status status = find_categories(w, folder, category, error);
    if (status != EXPLAINT_OK) return status;
    xp_concept *list = xp_alloc(FREQUENT_WORDS, sizeof *list); /* ranks below FREQUENT_WORDS are distinct */
    uint8_t *taken = xp_calloc(w->n_synsets, 1);
    size_t n = 0;
    for (size_t i = 0; list != NULL && taken != NULL && i < w->n_lemmas[XP_NOUN]; i++) {
        const xp_lemma *lemma = &w->lemmas[XP_NOUN][i];
        size_t rank;
        if (!plain_word(lemma->name) || xp_wordnet_is_homograph(lemma->name)) continue;
        if (!frequent(v, lemma->name.data, lemma->name.length, FREQUENT_WORDS, &rank)) continue;
        xp_concept c = {.name = lemma->name, .synset = w->senses[lemma->first_sense], .rank = (uint32_t)rank};
        if (!common_noun(w, lemma) || !base_form(w, lemma->name) || !one_meaning(w, v, lemma)) continue;
        if (!categorise(w, category, &c)) continue;
        if (xp_wordnet_spells(c.name, w->words[w->synsets[c.category_synset].first_word])) continue;
        list[n++] = c;
    }
    if (list == NULL || taken == NULL)
        status = xp_no_memory(error, "the concepts");
    else
        n = choose(list, n, taken);
    xp_free(taken);
    if (status == EXPLAINT_OK && n == 0)
        status = xp_fail(error, EXPLAINT_INVALID, folder, 0,
                         "expected nouns of the vocabulary that the rule of the norms accepts, found none; give the "
                         "database of WordNet 3.0 and a vocabulary of lower-case English words, most frequent first");
    if (status != EXPLAINT_OK) {
        xp_free(list);
        return status;
    }
    *concepts = list;
    *count = n;
    return EXPLAINT_OK;
}
