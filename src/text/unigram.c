/* Unigram: the path with the largest sum of scores, found from left to right (Viterbi).
 *
 * Easy to get wrong:
 * - A character without a piece of its own costs the lowest score less 10, also where longer pieces begin with it.
 * - Of equal sums the one that is found first stays.
 * - Unknown neighbours become one; what they spell together may be a piece, and is that piece then. */
#include <math.h>

#include "base/memory.h"
#include "text/unicode.h"
#include "text/word_model.h"

#define UNKNOWN_COSTS 10.0

typedef struct unigram {
    const xp_trie *vocabulary;
    double *score, unknown_score;
    int32_t unknown, byte[256];
    bool byte_fallback;
} unigram;

/* The best way to a place in the word. */
typedef struct way {
    double sum;
    uint32_t from; /* UNREACHED: there is none */
    int32_t id;
} way;
#define UNREACHED UINT32_MAX

static void offer(way *to, double sum, size_t from, int32_t id) {
    if (to->from != UNREACHED && !(sum > to->sum)) return;
    *to = (way){sum, (uint32_t)from, id};
}

/* false: a character has no piece, and there is none for unknown ones. */
static bool find_ways(const unigram *m, xp_view word, way *ways, size_t *at_fault) {
    for (size_t i = 0; i <= word.length; i++) ways[i] = (way){0, UNREACHED, 0};
    for (size_t at = 0, length; at < word.length; at += length) {
        length = xp_unicode_step(word.data[at]);
        const double sum = ways[at].sum;
        bool alone = false;
        uint32_t node = 0;
        for (size_t i = at; i < word.length; i++) {
            node = xp_trie_step(m->vocabulary, node, (uint8_t)word.data[i]);
            if (node == XP_TRIE_NONE) break;
            const int32_t id = m->vocabulary->node[node].value;
            if (id < 0) continue;
            offer(&ways[i + 1], m->score[id] + sum, at, id);
            alone |= i + 1 - at == length;
        }
        if (alone) continue;
        way *to = &ways[at + length];
        const double costs = m->unknown_score + sum;
        if (m->unknown < 0 && (to->from == UNREACHED || costs > to->sum)) {
            *at_fault = at;
            return false;
        }
        offer(to, costs, at, m->unknown);
    }
    return true;
}

static bool add(const unigram *m, xp_view word, size_t begin, size_t end, xp_word_cuts *cuts, bool *known) {
    xp_word_cut made = {.begin = (uint32_t)begin, .end = (uint32_t)end};
    const xp_view text = {word.data + begin, end - begin};
    made.id = xp_trie_find(m->vocabulary, text);
    if (made.id >= 0) return xp_word_cuts_add(cuts, made);
    bool all = m->byte_fallback;
    for (size_t i = 0; all && i < text.length; i++) all = m->byte[(unsigned char)text.data[i]] >= 0;
    for (size_t i = text.length; all && i-- > 0;) { /* from the end: the list is turned round */
        made.id = m->byte[(unsigned char)text.data[i]];
        if (!xp_word_cuts_add(cuts, made)) return false;
    }
    if (all) return true;
    made.id = m->unknown;
    made.literal = true;
    *known = m->unknown >= 0;
    return xp_word_cuts_add(cuts, made);
}

static explaint_status cut(const void *self, xp_view word, xp_word_cuts *cuts, explaint_error *error) {
    const unigram *m = self;
    way *ways = xp_word_cuts_scratch(cuts, 0, word.length + 1, sizeof *ways);
    size_t at_fault = 0;
    bool made = ways != NULL, known = true;
    cuts->n = 0;
    if (!made) return xp_no_memory(error, "the pieces of a text");
    if (!find_ways(m, word, ways, &at_fault)) {
        const xp_view character = {word.data + at_fault, xp_unicode_step(word.data[at_fault])};
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                       "the tokenizer has no piece for \"%.*s\", and no unk_id for unknown ones", XP_SHOW(character));
    }
    for (size_t end = word.length; end > 0 && made;) {
        size_t begin = ways[end].from;
        if (ways[end].id == m->unknown && m->unknown >= 0)
            while (begin > 0 && ways[begin].id == m->unknown) begin = ways[begin].from;
        made = add(m, word, begin, end, cuts, &known);
        end = begin;
    }
    for (size_t i = 0; i < cuts->n / 2; i++) {
        const xp_word_cut kept = cuts->cut[i];
        cuts->cut[i] = cuts->cut[cuts->n - 1 - i];
        cuts->cut[cuts->n - 1 - i] = kept;
    }
    return made && known ? EXPLAINT_OK : xp_no_memory(error, "the pieces of a text");
}

static void free_unigram(void *self) {
    unigram *m = self;
    xp_free_all(m->score, m);
}

bool xp_unigram_create(const xp_trie *vocabulary, const double *score, size_t n, int32_t unknown, bool byte_fallback,
                       xp_word_model *model) {
    unigram *m = xp_calloc(1, sizeof *m);
    if (m == NULL) return false;
    m->vocabulary = vocabulary;
    m->unknown = unknown;
    m->byte_fallback = byte_fallback;
    m->score = xp_alloc(n, sizeof *m->score);
    if (m->score == NULL) {
        free_unigram(m);
        return false;
    }
    double lowest = (double)INFINITY;
    for (size_t i = 0; i < n; i++) {
        m->score[i] = score[i];
        if (score[i] < lowest) lowest = score[i];
    }
    m->unknown_score = lowest - UNKNOWN_COSTS;
    xp_word_model_bytes(vocabulary, m->byte);
    *model = (xp_word_model){m, cut, free_unigram};
    return true;
}
