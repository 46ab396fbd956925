#include "attention/recovered.h"

#include "attention/nearest.h"
#include "base/error.h"
#include "base/memory.h"
#include "model/session.h"

static const char what[] = "the rows that a linear map gives back";

typedef struct scratch { /* of the longest text */
    double *states, *mapped, *candidates, *products;
    uint32_t *first, *own, *rank;
} scratch;

static void look_at_text(const xp_recovery *r, size_t layer, size_t t, scratch *s) {
    const xp_corpus *c = r->corpus;
    const xp_sides *side = &c->text[t].side;
    const size_t n = side->n, d = c->width, m = xp_nearest_tokens(n, side->id, s->first, s->own);
    for (size_t k = 0; k < m; k++) xp_corpus_word(c, t, s->first[k], s->candidates + k * d, s->mapped);
    xp_sides_mean(side, d, xp_corpus_states(c, t, layer), s->states);
    const xp_candidates candidates = {.n = m, .row = s->candidates};
    for (int shuffled = 0; shuffled < 2; shuffled++) {
        xp_linear_g_apply(r->linear, layer, shuffled, n, s->states, s->mapped);
        xp_nearest(n, d, s->mapped, &candidates, s->own, XP_COSINE, s->products, &(xp_found){.rank = s->rank});
        double *hits = &r->layer[layer].hits[(size_t)shuffled * c->n_texts + t];
        *hits = 0;
        for (size_t i = 0; i < n; i++) *hits += s->rank[i] == 1;
    }
}

static bool look_at_layer(void *self, size_t layer, unsigned worker) {
    const xp_recovery *r = self;
    const size_t n = r->corpus->longest, d = r->corpus->width;
    double *rows = xp_alloc(n, 3 * d * sizeof *rows), *products = xp_alloc(n + 2, n * sizeof *products);
    uint32_t *first = xp_alloc(n, 3 * sizeof *first);
    const bool ok = rows != NULL && products != NULL && first != NULL;
    (void)worker;
    if (ok) {
        scratch s = {rows, rows + n * d, rows + 2 * n * d, products, first, first + n, first + 2 * n};
        for (size_t t = 0; t < r->corpus->n_texts; t++) look_at_text(r, layer, t, &s);
    }
    xp_free(rows);
    xp_free(products);
    xp_free(first);
    return ok;
}

static bool pack(const void *self, size_t layer, void **bytes, size_t *size) {
    return xp_units_hits_pack(&((const xp_recovery *)self)->layer[layer], bytes, size);
}

static bool unpack(void *self, size_t layer, const void *bytes, size_t size) {
    xp_recovery *r = self;
    return xp_units_hits_unpack(&r->layer[layer], r->rows, bytes, size);
}

explaint_status xp_recovery_find(xp_attend *a, const xp_corpus *corpus, xp_recovery *r, explaint_error *error) {
    const size_t n = corpus->n_texts;
    *r = (xp_recovery){.corpus = corpus};
    r->layer = xp_calloc(corpus->n_layers + 1, sizeof *r->layer);
    r->rows = xp_alloc(n, sizeof *r->rows);
    if (r->layer == NULL || r->rows == NULL) return xp_no_memory(error, what);
    for (size_t t = 0; t < n; t++) r->rows[t] = (double)corpus->text[t].side.n;
    for (size_t l = 1; l <= corpus->n_layers; l++) {
        if (!a->layer[l]) continue;
        r->layer[l] = (xp_units_hits){l, n, xp_calloc(n, 2 * sizeof(double))};
        if (r->layer[l].hits == NULL) return xp_no_memory(error, what);
    }
    r->pieces = (xp_stored){.stem = "recovered",
                            .n = corpus->n_layers + 1,
                            .first = 1,
                            .asked = a->layer,
                            .self = r,
                            .make = look_at_layer,
                            .pack = pack,
                            .unpack = unpack};
    return xp_stored_find(a, &r->pieces, error);
}

explaint_status xp_recovery_make(xp_attend *a, const xp_linear_g *linear, xp_recovery *r, explaint_error *error) {
    r->linear = linear;
    return xp_stored_make(a, &r->pieces, what, error);
}

void xp_recovery_free(xp_recovery *r) {
    for (size_t l = 0; r->layer != NULL && l <= r->corpus->n_layers; l++) xp_free(r->layer[l].hits);
    xp_free(r->layer);
    xp_free(r->rows);
    xp_stored_free(&r->pieces);
    *r = (xp_recovery){0};
}
