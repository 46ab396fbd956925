#include "norms/wordnet_features.h"

#include <string.h>

#include "base/memory.h"
#include "norms/wordnet_lists.h"
#include "norms/wordnet_morphy.h"

/* The numbers of the rule. They were chosen once, so that size, sparsity and overlap come close to McRae's norms. */
#define LEAST_DEPTH 4 /* of an is_a: entity has 0, artifact, body_part and food have 4 */
#define NEAR_IS_A 2   /* hypernyms below the super-category */
#define BROAD_IS_A 2  /* further ones, the most common first */
#define PART_STEPS 4  /* parts may come from so many steps above, not from beyond the super-category */
#define SHARED_PARTS 3
#define UNIQUE_PARTS 4
#define GLOSS_STEPS 2 /* glosses of so many levels of hypernyms, below the super-category */
#define OWN_SHARED 5  /* words of the concept's gloss that others have as well */
#define OWN_UNIQUE 9
#define ABOVE_SHARED 3 /* words of the hypernyms' glosses */
#define ABOVE_UNIQUE 4
#define GLOSS_WORDS 200 /* WordNet's longest gloss has fewer; beyond it a damaged file is cut */

static const char *const prefixes[] = {"is_a_", "is_a_", "has_a_", "part_of_", "gloss_"};

/* ---- gathering what may be said ---- */

typedef struct gatherer {
    const xp_wordnet *wordnet;
    const xp_concept *of; /* the concept */
    xp_features *f;
    size_t first; /* of its uses */
} gatherer;

/* The number of a feature. */
static bool number_of(xp_features *f, const xp_text *name, size_t *feature) {
    const size_t before = f->names.count;
    uint32_t *place = xp_grow((void **)&f->n_concepts, before, &f->n_concepts_capacity, sizeof *place);
    if (place == NULL || !xp_index_number(f->by_name, &f->names, name->data, name->length, feature)) return false;
    if (*feature == before) *place = 0;
    return true;
}

/* Once a concept: what was said from nearer stays. */
static bool add(gatherer *g, xp_wordnet_relation relation, xp_view term, uint32_t steps) {
    xp_features *f = g->f;
    xp_text name = {0};
    xp_text_adds(&name, prefixes[relation]);
    for (size_t i = 0; i < term.length; i++) {
        char c = xp_lower_ascii(term.data[i]);
        if (c == ',' || c == '"') c = '_'; /* nothing in the file needs quotes */
        xp_text_add(&name, &c, 1);
    }
    size_t feature;
    bool ok = !name.failed && number_of(f, &name, &feature);
    xp_text_free(&name);
    if (!ok) return false;
    for (size_t i = g->first; i < f->n_uses; i++)
        if (f->uses[i].feature == feature) return true;
    xp_feature_use *place = xp_grow((void **)&f->uses, f->n_uses, &f->use_capacity, sizeof *place);
    if (place == NULL) return false;
    *place = (xp_feature_use){.feature = (uint32_t)feature, .steps = steps, .relation = (uint8_t)relation};
    f->n_uses++;
    f->n_concepts[feature]++;
    return true;
}

static xp_view first_word(const xp_wordnet *w, uint32_t synset) { return w->words[w->synsets[synset].first_word]; }

/* Steps to the nearest synset that has no hypernym. */
static uint32_t depth(const xp_wordnet *w, uint32_t synset) {
    xp_above above[XP_ABOVE_MAX];
    size_t n = xp_wordnet_above(w, synset, above);
    for (size_t i = 0; i < n; i++)
        if (xp_wordnet_is_root(w, above[i].synset)) return above[i].steps;
    return 0;
}

static bool add_hypernyms(gatherer *g, const xp_above *above, size_t n) {
    for (size_t i = 1; i < n; i++) {
        xp_view word = first_word(g->wordnet, above[i].synset);
        if (depth(g->wordnet, above[i].synset) < LEAST_DEPTH || xp_wordnet_spells(g->of->name, word)) continue;
        if (!add(g, XP_IS_A, word, above[i].steps)) return false;
    }
    return true;
}

static bool add_parts(gatherer *g, const xp_above *above, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (above[i].steps > PART_STEPS || above[i].steps > g->of->category_steps) break;
        const xp_synset *s = &g->wordnet->synsets[above[i].synset];
        for (uint32_t k = 0; k < s->n_pointers; k++) {
            const xp_pointer *pointer = &g->wordnet->pointers[s->first_pointer + k];
            if (pointer->kind == XP_HYPERNYM) continue;
            xp_view word = first_word(g->wordnet, pointer->target);
            if (xp_wordnet_spells(g->of->name, word)) continue;
            if (!add(g, pointer->kind == XP_HAS ? XP_HAS_A : XP_IS_PART_OF, word, above[i].steps)) return false;
        }
    }
    return true;
}

/* The base form, noun, verb or adjective, that the concordances hold most often; equally often: in that order. */
static bool lemmatise(const xp_wordnet *w, const char *word, size_t length, char *lemma) {
    bool found = false;
    uint32_t most = 0;
    for (int pos = XP_NOUN; pos <= XP_ADJECTIVE; pos++) {
        char base[XP_MORPHY_MAX + 1];
        if (!xp_wordnet_morphy(w, (xp_wordnet_pos)pos, word, length, base)) continue;
        const xp_lemma *entry = xp_wordnet_lemma(w, (xp_wordnet_pos)pos, base, strlen(base));
        uint32_t tagged = entry != NULL ? entry->tagged : 0;
        if (found && tagged <= most) continue;
        found = true;
        most = tagged;
        memcpy(lemma, base, sizeof base);
    }
    return found;
}

static bool add_gloss_word(gatherer *g, const char *token, size_t length, uint32_t steps) {
    char lemma[XP_MORPHY_MAX + 1];
    if (length < 3 || xp_wordnet_is_stop_word((xp_view){token, length})) return true;
    if (!lemmatise(g->wordnet, token, length, lemma)) return true;
    xp_view word = {lemma, strlen(lemma)};
    if (xp_wordnet_is_stop_word(word) || xp_wordnet_spells(g->of->name, word)) return true;
    return add(g, XP_GLOSS, word, steps);
}

/* Runs of letters outside of double quotes, which hold the examples. */
static bool add_gloss(gatherer *g, xp_view gloss, uint32_t steps) {
    char token[XP_MORPHY_MAX + 1];
    size_t length = 0, words = 0;
    bool quoted = false;
    for (size_t i = 0; i <= gloss.length && words < GLOSS_WORDS; i++) {
        const char c = i < gloss.length ? xp_lower_ascii(gloss.data[i]) : ' ';
        if (!quoted && c >= 'a' && c <= 'z') {
            if (length < sizeof token) token[length] = c;
            length++;
            continue;
        }
        if (length > 0 && length < sizeof token && !add_gloss_word(g, token, length, steps)) return false;
        words += length > 0;
        length = 0;
        if (c == '"') quoted = !quoted;
    }
    return true;
}

static bool gather(gatherer *g) {
    xp_above above[XP_ABOVE_MAX];
    size_t n = xp_wordnet_above(g->wordnet, g->of->synset, above);
    if (!add(g, XP_SUPER, first_word(g->wordnet, g->of->category_synset), g->of->category_steps)) return false;
    if (!add_hypernyms(g, above, n) || !add_parts(g, above, n)) return false;
    for (size_t i = 0; i < n; i++) {
        uint32_t steps = above[i].steps;
        if (steps > 0 && (steps > GLOSS_STEPS || steps >= g->of->category_steps)) break;
        if (!add_gloss(g, g->wordnet->synsets[above[i].synset].gloss, steps)) return false;
    }
    return true;
}

/* ---- choosing what is said ---- */

typedef struct choice {
    uint32_t relations; /* a bit each */
    uint32_t from, to;  /* steps, both included */
    bool unique;        /* features that no other concept may get */
    bool shared;        /* features that another concept may get */
    bool common_first;  /* the most common first, else the first */
    size_t limit;
} choice;

static void choose(const xp_features *f, xp_feature_use *uses, size_t n, choice c) {
    for (size_t round = 0; round < c.limit; round++) {
        xp_feature_use *best = NULL;
        for (size_t i = 0; i < n; i++) {
            xp_feature_use *u = &uses[i];
            if (u->taken || u->barred || (c.relations >> u->relation & 1) == 0) continue;
            if (u->steps < c.from || u->steps > c.to) continue;
            bool shared = f->n_concepts[u->feature] > 1;
            if (shared ? !c.shared : !c.unique) continue;
            if (best == NULL || (c.common_first && f->n_concepts[u->feature] > f->n_concepts[best->feature])) best = u;
            if (!c.common_first) break;
        }
        if (best == NULL) return;
        best->taken = 1;
    }
}

/* "gloss_fruit" beside "is_a_edible_fruit" would say the same twice. */
static void bar_repeated_words(const xp_features *f, xp_feature_use *uses, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (uses[i].relation != XP_GLOSS) continue;
        const char *word = f->names.item[uses[i].feature] + strlen(prefixes[XP_GLOSS]);
        for (size_t k = 0; k < n && !uses[i].barred; k++) {
            if (!uses[k].taken || uses[k].relation == XP_GLOSS) continue;
            const char *name = f->names.item[uses[k].feature], *last = name + strlen(name);
            while (last > name && last[-1] != '_' && last[-1] != '-') last--;
            uses[i].barred = strcmp(last, word) == 0;
        }
    }
}

static uint8_t at_least(int value, int least) { return (uint8_t)(value > least ? value : least); }

static void set_values(xp_feature_use *uses, size_t n, uint32_t category_steps) {
    int place = 0; /* among the gloss words */
    for (size_t i = 0; i < n; i++) {
        xp_feature_use *u = &uses[i];
        if (!u->taken) continue;
        int steps = (int)u->steps;
        if (u->relation == XP_SUPER)
            u->value = 30;
        else if (u->relation == XP_IS_A)
            u->value = u->steps < category_steps ? at_least(26 - 3 * steps, 8) : at_least(20 - 2 * steps, 8);
        else if (u->relation == XP_GLOSS)
            u->value = at_least(16 - place++ - 2 * steps, 5);
        else
            u->value = at_least(20 - 2 * steps, 5);
    }
}

static void choose_all(const xp_features *f, const xp_concept *of, xp_feature_use *uses, size_t n) {
    uint32_t parts = 1u << XP_HAS_A | 1u << XP_IS_PART_OF, gloss = 1u << XP_GLOSS, all = UINT32_MAX;
    uses[0].taken = 1; /* the super-category */
    choose(f, uses, n, (choice){1u << XP_IS_A, 1, of->category_steps - 1, true, true, false, NEAR_IS_A});
    choose(f, uses, n, (choice){1u << XP_IS_A, 1, all, true, true, true, BROAD_IS_A});
    choose(f, uses, n, (choice){parts, 0, all, false, true, true, SHARED_PARTS});
    choose(f, uses, n, (choice){parts, 0, all, true, false, false, UNIQUE_PARTS});
    bar_repeated_words(f, uses, n);
    choose(f, uses, n, (choice){gloss, 0, 0, false, true, true, OWN_SHARED});
    choose(f, uses, n, (choice){gloss, 0, 0, true, false, false, OWN_UNIQUE});
    choose(f, uses, n, (choice){gloss, 1, all, false, true, true, ABOVE_SHARED});
    choose(f, uses, n, (choice){gloss, 1, all, true, false, false, ABOVE_UNIQUE});
    set_values(uses, n, of->category_steps);
}

explaint_status xp_wordnet_features(const xp_wordnet *w, const xp_concept *concepts, size_t n_concepts, xp_features *f,
                                    explaint_error *error) {
    *f = (xp_features){0};
    f->by_name = xp_index_create(16384);
    f->start = xp_calloc(n_concepts + 1, sizeof *f->start);
    bool ok = f->by_name != NULL && f->start != NULL;
    for (size_t i = 0; i < n_concepts && ok; i++) {
        gatherer g = {.wordnet = w, .of = &concepts[i], .f = f, .first = f->n_uses};
        ok = gather(&g);
        f->start[i + 1] = f->n_uses;
    }
    if (!ok) {
        xp_features_free(f);
        return xp_no_memory(error, "the features of the WordNet norms");
    }
    for (size_t i = 0; i < n_concepts; i++)
        choose_all(f, &concepts[i], f->uses + f->start[i], f->start[i + 1] - f->start[i]);
    return EXPLAINT_OK;
}

void xp_features_free(xp_features *f) {
    xp_strings_free(&f->names);
    xp_index_destroy(f->by_name);
    xp_free_all(f->n_concepts, f->uses, f->start);
    *f = (xp_features){0};
}
