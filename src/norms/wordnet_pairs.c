#include "norms/wordnet_pairs.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "norms/wordnet_concepts.h"
#include "norms/wordnet_morphy.h"

enum { NO_DEPTH = UINT8_MAX, MOST_TRIES = 400, LONGEST = 63 };

/* A word on the right of some pairs: it also serves as counterfactual of others, as often as it is true where that can be. */
typedef struct partner {
    const char *word;
    const xp_lemma *lemma;
    unsigned depth;
    size_t n_true, n_counter;
} partner;

typedef struct work {
    const xp_wordnet *w;
    size_t n;
    const char *const *left, *const *right;
    const xp_lemma **left_lemma, **right_lemma; /* n; NULL: no noun of WordNet */
    uint32_t *child, *first_child;              /* of a synset: n_synsets + 1 places into child */
    uint8_t *depth;                             /* n_synsets: steps to the nearest root */
    uint32_t *stamp;       /* n_synsets: number of the last pair, from 1, whose left has it above */
    uint8_t *known;        /* nouns: a word that people use: tagged in the concordances, or on the left of a pair */
    const xp_lemma **noun; /* plain nouns that are mostly used in their first sense, by its depth */
    size_t *first_noun;    /* NO_DEPTH + 1 places into noun */
    partner *partner;
    size_t n_partners;
    uint64_t seed;
} work;

/* ---- words ---- */

static const xp_lemma *lemma_of(const xp_wordnet *w, const char *word) {
    char key[LONGEST + 1], base[XP_MORPHY_MAX + 1];
    const size_t length = strlen(word);
    if (length == 0 || length > LONGEST) return NULL;
    for (size_t i = 0; i < length; i++) key[i] = word[i] == ' ' ? '_' : word[i];
    const xp_lemma *lemma = xp_wordnet_lemma(w, XP_NOUN, key, length);
    if (lemma == NULL && xp_wordnet_morphy(w, XP_NOUN, key, length, base))
        lemma = xp_wordnet_lemma(w, XP_NOUN, base, strlen(base));
    return lemma;
}

static bool plain(xp_view s) {
    for (size_t i = 0; i < s.length; i++)
        if (s.data[i] < 'a' || s.data[i] > 'z') return false;
    return s.length >= 3 && s.length <= LONGEST;
}

/* Spelled like this in its first sense, and no name. */
static bool is_common(const xp_wordnet *w, const xp_lemma *lemma) {
    const xp_synset *s = &w->synsets[w->senses[lemma->first_sense]];
    for (uint32_t i = 0; i < s->n_words; i++)
        if (xp_view_equal(w->words[s->first_word + i], lemma->name)) return true;
    return false;
}

static uint32_t first_sense(const work *k, const xp_lemma *lemma) { return k->w->senses[lemma->first_sense]; }

static size_t number_of(const work *k, const xp_lemma *lemma) { return (size_t)(lemma - k->w->lemmas[XP_NOUN]); }

/* ---- the hierarchy, downwards ---- */

static bool make_children(work *k) {
    const xp_wordnet *w = k->w;
    k->first_child = xp_calloc(w->n_synsets + 2, sizeof *k->first_child);
    k->child = xp_alloc(w->n_pointers, sizeof *k->child);
    if (k->first_child == NULL || k->child == NULL) return false;
    uint32_t *count = k->first_child + 2; /* ends as the places of the next synset */
    for (size_t s = 0; s < w->n_synsets; s++)
        for (uint32_t i = 0; i < w->synsets[s].n_pointers; i++) {
            const xp_pointer *p = &w->pointers[w->synsets[s].first_pointer + i];
            if (p->kind == XP_HYPERNYM) count[p->target]++;
        }
    for (size_t s = 2; s < w->n_synsets + 2; s++) k->first_child[s] += k->first_child[s - 1];
    for (size_t s = 0; s < w->n_synsets; s++)
        for (uint32_t i = 0; i < w->synsets[s].n_pointers; i++) {
            const xp_pointer *p = &w->pointers[w->synsets[s].first_pointer + i];
            if (p->kind == XP_HYPERNYM) k->child[k->first_child[p->target + 1]++] = (uint32_t)s;
        }
    return true;
}

static uint8_t depth_of(work *k, uint32_t synset) {
    if (k->depth[synset] != NO_DEPTH) return k->depth[synset];
    xp_above above[XP_ABOVE_MAX] = {{0}};
    const size_t n = xp_wordnet_above(k->w, synset, above);
    uint32_t least = NO_DEPTH - 1;
    for (size_t i = 0; i < n; i++)
        if (xp_wordnet_is_root(k->w, above[i].synset) && above[i].steps < least) least = above[i].steps;
    return k->depth[synset] = (uint8_t)least;
}

/* ---- what is no relative of left ---- */

static void stamp_left(work *k, size_t pair) {
    const xp_lemma *left = k->left_lemma[pair];
    xp_above above[XP_ABOVE_MAX];
    for (uint32_t s = 0; s < left->n_senses; s++) {
        const size_t n = xp_wordnet_above(k->w, k->w->senses[left->first_sense + s], above);
        for (size_t i = 0; i < n; i++) k->stamp[above[i].synset] = (uint32_t)pair + 1;
    }
}

static bool is_sense(const work *k, const xp_lemma *lemma, uint32_t synset) {
    for (uint32_t s = 0; s < lemma->n_senses; s++)
        if (k->w->senses[lemma->first_sense + s] == synset) return true;
    return false;
}

/* No sense of the noun is above left, the same, or below it; and neither spells the other. */
static bool unrelated(const work *k, size_t pair, const xp_lemma *noun) {
    const xp_lemma *left = k->left_lemma[pair];
    xp_above above[XP_ABOVE_MAX];
    if (noun == k->right_lemma[pair] || xp_wordnet_spells(left->name, noun->name) ||
        xp_wordnet_spells(noun->name, left->name))
        return false;
    for (uint32_t s = 0; s < noun->n_senses; s++) {
        const uint32_t synset = k->w->senses[noun->first_sense + s];
        if (k->stamp[synset] == pair + 1) return false;
        const size_t n = xp_wordnet_above(k->w, synset, above);
        for (size_t i = 1; i < n; i++)
            if (is_sense(k, left, above[i].synset)) return false;
    }
    return true;
}

/* The sense of right that is above left by the fewest steps; else its first. *from: the sense of left below it; else its first. */
static uint32_t right_sense(const work *k, size_t pair, uint32_t *from, uint32_t *steps, bool *is_above) {
    const xp_lemma *left = k->left_lemma[pair], *right = k->right_lemma[pair];
    xp_above above[XP_ABOVE_MAX];
    uint32_t best = first_sense(k, right);
    *from = first_sense(k, left);
    *steps = UINT32_MAX;
    for (uint32_t s = 0; s < left->n_senses; s++) {
        const uint32_t sense = k->w->senses[left->first_sense + s];
        const size_t n = xp_wordnet_above(k->w, sense, above);
        for (size_t i = 1; i < n; i++)
            if (above[i].steps < *steps && is_sense(k, right, above[i].synset)) {
                best = above[i].synset;
                *from = sense;
                *steps = above[i].steps;
            }
    }
    *is_above = *steps != UINT32_MAX;
    return best;
}

static char *spelled(xp_view name) {
    char *text = xp_strndup(name.data, name.length);
    for (char *c = text; c != NULL && *c != 0; c++)
        if (*c == '_') *c = ' ';
    return text;
}

/* ---- as abstract as right ---- */

/* Of the words on the right of other pairs the one that is most short of being a counterfactual as often as it is true. */
static partner *owed(work *k, size_t pair, unsigned depth) {
    partner *best = NULL;
    for (size_t i = 0; i < k->n_partners; i++) {
        partner *p = &k->partner[i];
        if (p->lemma == NULL || p->depth != depth || p->n_counter >= p->n_true || !unrelated(k, pair, p->lemma))
            continue;
        if (best == NULL || p->n_true - p->n_counter > best->n_true - best->n_counter) best = p;
    }
    return best;
}

/* The nodes right below the root that the synset lies under: physical entity, abstraction. */
static bool same_branch(work *k, uint32_t a, uint32_t b) {
    xp_above of_a[XP_ABOVE_MAX], of_b[XP_ABOVE_MAX];
    const size_t n_a = xp_wordnet_above(k->w, a, of_a), n_b = xp_wordnet_above(k->w, b, of_b);
    for (size_t i = 0; i < n_a; i++)
        for (size_t j = 0; j < n_b; j++)
            if (of_a[i].synset == of_b[j].synset && depth_of(k, of_a[i].synset) == 1) return true;
    return false;
}

static const xp_lemma *drawn(work *k, size_t pair, uint32_t right, xp_rng *rng) {
    const unsigned depth = depth_of(k, right);
    const size_t from = k->first_noun[depth], n = k->first_noun[depth + 1] - from;
    for (size_t i = 0; n > 0 && i < MOST_TRIES; i++) {
        const xp_lemma *noun = k->noun[from + xp_rng_below(rng, n)];
        if (same_branch(k, first_sense(k, noun), right) && unrelated(k, pair, noun)) return noun;
    }
    return NULL;
}

/* ---- sisters of left ---- */

/* A known noun below one of the nodes above left, nearest node first, up to right; of equally near ones one is drawn. */
static const xp_lemma *sister(const work *k, size_t pair, uint32_t from, uint32_t steps, xp_rng *rng) {
    static const uint32_t UP = 3; /* where WordNet does not have right above left */
    xp_above above[XP_ABOVE_MAX];
    const size_t n = xp_wordnet_above(k->w, from, above);
    const uint32_t most = steps == UINT32_MAX ? UP : steps;
    const xp_lemma *kept = NULL, *rare = NULL;
    size_t n_kept = 0, n_rare = 0;
    for (size_t i = 1; i < n && above[i].steps <= most; i++) {
        if (kept != NULL && above[i].steps > above[i - 1].steps) break;
        const uint32_t node = above[i].synset;
        for (uint32_t c = k->first_child[node]; c < k->first_child[node + 1]; c++) {
            const xp_synset *s = &k->w->synsets[k->child[c]];
            if (k->stamp[k->child[c]] == pair + 1) continue;
            for (uint32_t word = 0; word < s->n_words; word++) {
                const xp_view name = k->w->words[s->first_word + word];
                const xp_lemma *noun = plain(name) ? xp_wordnet_lemma(k->w, XP_NOUN, name.data, name.length) : NULL;
                if (noun == NULL || first_sense(k, noun) != k->child[c] || !unrelated(k, pair, noun)) continue;
                const bool known = k->known[number_of(k, noun)] != 0;
                size_t *count = known ? &n_kept : &n_rare; /* one of n, each with the same chance */
                if (xp_rng_below(rng, ++*count) == 0) *(known ? &kept : &rare) = noun;
            }
        }
    }
    return kept != NULL ? kept : rare;
}

/* ---- all of it ---- */

static bool find_words(work *k) {
    k->left_lemma = xp_calloc(k->n, sizeof *k->left_lemma);
    k->right_lemma = xp_calloc(k->n, sizeof *k->right_lemma);
    k->known = xp_calloc(k->w->n_lemmas[XP_NOUN], 1);
    if (k->left_lemma == NULL || k->right_lemma == NULL || k->known == NULL) return false;
    for (size_t i = 0; i < k->w->n_lemmas[XP_NOUN]; i++) k->known[i] = k->w->lemmas[XP_NOUN][i].tagged_first > 0;
    for (size_t i = 0; i < k->n; i++) {
        k->left_lemma[i] = lemma_of(k->w, k->left[i]);
        k->right_lemma[i] = lemma_of(k->w, k->right[i]);
        if (k->left_lemma[i] != NULL) k->known[number_of(k, k->left_lemma[i])] = 1;
    }
    return true;
}

static bool find_nouns(work *k) {
    const xp_wordnet *w = k->w;
    k->depth = xp_alloc(w->n_synsets, 1);
    k->stamp = xp_calloc(w->n_synsets, sizeof *k->stamp);
    k->noun = xp_alloc(w->n_lemmas[XP_NOUN], sizeof *k->noun);
    k->first_noun = xp_calloc(NO_DEPTH + 2, sizeof *k->first_noun);
    if (k->depth == NULL || k->stamp == NULL || k->noun == NULL || k->first_noun == NULL) return false;
    memset(k->depth, NO_DEPTH, w->n_synsets);
    size_t count = 0;
    for (unsigned depth = 0; depth <= NO_DEPTH; depth++) {
        k->first_noun[depth] = count;
        if (depth > 24) continue; /* WordNet 3.0 ends at 18 */
        for (size_t i = 0; i < w->n_lemmas[XP_NOUN]; i++) {
            const xp_lemma *noun = &w->lemmas[XP_NOUN][i];
            if (noun->tagged_first > 0 && 2 * (uint64_t)noun->tagged_first > noun->tagged && plain(noun->name) &&
                is_common(w, noun) && depth_of(k, first_sense(k, noun)) == depth)
                k->noun[count++] = noun;
        }
    }
    k->first_noun[NO_DEPTH + 1] = count;
    return true;
}

static bool find_partners(work *k) {
    xp_index *index = xp_index_create(k->n);
    k->partner = xp_calloc(k->n, sizeof *k->partner);
    bool ok = index != NULL && k->partner != NULL;
    for (size_t i = 0; ok && i < k->n; i++) {
        bool found;
        size_t at;
        ok = xp_index_intern(index, k->right[i], strlen(k->right[i]), k->n_partners, &at, &found);
        if (!ok) break;
        k->n_partners += !found;
        partner *p = &k->partner[at];
        p->word = k->right[i];
        p->n_true++;
        if (p->lemma != NULL || k->left_lemma[i] == NULL || k->right_lemma[i] == NULL) continue;
        uint32_t from, steps;
        bool above;
        p->lemma = k->right_lemma[i];
        p->depth = depth_of(k, right_sense(k, i, &from, &steps, &above));
    }
    xp_index_destroy(index);
    return ok;
}

static bool find_counterpart(work *k, size_t pair, xp_counterpart *found) {
    if (k->left_lemma[pair] == NULL || k->right_lemma[pair] == NULL) {
        found->why = k->left_lemma[pair] == NULL ? "the left word is no noun of WordNet"
                                                 : "the right word is no noun of WordNet";
        return true;
    }
    uint32_t from, steps;
    xp_rng rng = xp_rng_begin(k->seed, XP_RNG_PAIRS, (uint32_t)pair);
    const uint32_t right = right_sense(k, pair, &from, &steps, &found->above);
    stamp_left(k, pair);
    const xp_lemma *like_left = sister(k, pair, from, steps, &rng);
    partner *like_right = owed(k, pair, depth_of(k, right));
    const xp_lemma *noun = like_right == NULL ? drawn(k, pair, right, &rng) : NULL;
    if (like_left == NULL || (like_right == NULL && noun == NULL)) {
        found->why = like_left == NULL ? "WordNet has no sister of the left word"
                                       : "WordNet has no other noun as abstract as the right word";
        return true;
    }
    if (like_right != NULL) like_right->n_counter++;
    found->similarity = spelled(like_left->name);
    found->abstraction = like_right != NULL ? xp_strdup(like_right->word) : spelled(noun->name);
    return found->similarity != NULL && found->abstraction != NULL;
}

explaint_status xp_wordnet_pairs(const xp_wordnet *w, size_t n, const char *const *left, const char *const *right,
                                 uint64_t seed, xp_counterpart **found, explaint_error *error) {
    work k = {.w = w, .n = n, .left = left, .right = right, .seed = seed};
    *found = xp_calloc(n + 1, sizeof **found);
    bool ok = *found != NULL && find_words(&k) && find_nouns(&k) && make_children(&k) && find_partners(&k);
    for (size_t i = 0; ok && i < n; i++) ok = find_counterpart(&k, i, &(*found)[i]);
    xp_free_all(k.left_lemma, k.right_lemma, k.known, k.depth, k.stamp, k.noun, k.first_noun, k.child, k.first_child,
                k.partner);
    if (ok) return EXPLAINT_OK;
    xp_wordnet_pairs_free(*found, n);
    *found = NULL;
    return xp_no_memory(error, "counterfactual pairs");
}

void xp_wordnet_pairs_free(xp_counterpart *found, size_t n) {
    for (size_t i = 0; found != NULL && i < n; i++) {
        xp_free_all(found[i].abstraction, found[i].similarity);
    }
    xp_free(found);
}
