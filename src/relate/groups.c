#include "relate/groups.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/strings.h"

bool xp_groups_create(xp_groups *g, const char *const *text, size_t count) {
    xp_index *index = xp_index_create(count);
    *g = (xp_groups){.of = xp_calloc(count, sizeof *g->of),
                     .first = xp_calloc(count, sizeof *g->first),
                     .size = xp_calloc(count, sizeof *g->size)};
    bool ok = index != NULL && g->of != NULL && g->first != NULL && g->size != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        bool found;
        ok = xp_index_intern(index, text[i], strlen(text[i]), g->n, &g->of[i], &found);
        if (ok && !found) g->first[g->n++] = i;
        if (ok) g->size[g->of[i]]++;
    }
    xp_index_destroy(index);
    if (!ok) xp_groups_free(g);
    return ok;
}

void xp_groups_free(xp_groups *g) {
    xp_free_all(g->of, g->first, g->size);
    *g = (xp_groups){0};
}

void xp_groups_signs(size_t n, uint64_t seed, unsigned purpose, uint32_t draw, double *sign) {
    xp_rng rng = xp_rng_begin(seed, purpose, draw);
    uint64_t bits = 0;
    for (size_t i = 0; i < n; i++) {
        if (i % 64 == 0) bits = xp_rng_bits(&rng);
        sign[i] = bits & 1 ? 1 : -1;
        bits >>= 1;
    }
}
