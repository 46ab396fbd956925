#include "text/word_model.h"

#include "base/memory.h"

bool xp_word_cuts_add(xp_word_cuts *cuts, xp_word_cut cut) {
    if (cuts->n == cuts->capacity) {
        const size_t capacity = 2 * cuts->n + 32;
        xp_word_cut *more = xp_realloc(cuts->cut, capacity, sizeof *more);
        if (more == NULL) return false;
        cuts->cut = more;
        cuts->capacity = capacity;
    }
    cuts->cut[cuts->n++] = cut;
    return true;
}

void *xp_word_cuts_scratch(xp_word_cuts *cuts, size_t i, size_t n, size_t size) {
    if (n <= cuts->scratch_capacity[i] && cuts->scratch[i] != NULL) return cuts->scratch[i];
    const size_t capacity = n + n / 2 + 64;
    void *more = xp_realloc(cuts->scratch[i], capacity, size);
    if (more == NULL) return NULL;
    cuts->scratch[i] = more;
    cuts->scratch_capacity[i] = capacity;
    return more;
}

void xp_word_cuts_free(xp_word_cuts *cuts) {
    xp_free(cuts->cut);
    for (size_t i = 0; i < sizeof cuts->scratch / sizeof cuts->scratch[0]; i++) xp_free(cuts->scratch[i]);
    *cuts = (xp_word_cuts){0};
}

void xp_word_model_bytes(const xp_trie *vocabulary, int32_t id[256]) {
    static const char digits[] = "0123456789ABCDEF";
    for (unsigned b = 0; b < 256; b++) {
        const char name[6] = {'<', '0', 'x', digits[b >> 4], digits[b & 15], '>'};
        id[b] = xp_trie_find(vocabulary, (xp_view){name, sizeof name});
    }
}
