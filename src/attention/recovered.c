#include "attention/recovered.h"

#include "attention/nearest.h"
#include "base/error.h"
#include "base/memory.h"
#include "model/session.h"

static const char what[] = "the rows that a linear map gives back";

/* Rows that pass the map together; a longer text alone. */
enum { ROWS = 512 };

typedef struct scratch {
    double *states, *mapped;       /* of several texts */
    double *candidates, *products; /* of the longest text */
    uint32_t *first, *own, *rank;
} scratch;

/* How many rows of a text, mapped, are nearest to their own word. */
static double hits_of(const xp_recovery *r, size_t t, const double *mapped, scratch *s) {
    const xp_corpus *c = r->corpus;
    const xp_sides *side = &c->text[t].side;
    const size_t n = side->n, d = c->width, m = xp_nearest_tokens(n, side->id, s->first, s->own);
    const xp_candidates candidates = {.n = m, .row = s->candidates};
    double hits = 0;
    for (size_t k = 0; k < m; k++) xp_corpus_word(c, t, s->first[k], s->candidates + k * d, s->candidates + m * d);
    xp_nearest(n, d, mapped, &candidates, s->own, s->products, (xp_found[XP_N_DISTANCES]){{.rank = s->rank}});
    for (size_t i = 0; i < n; i++) hits += s->rank[i] == 1;
    return hits;
}

static void look_at_texts(const xp_recovery *r, size_t layer, size_t first, size_t end, scratch *s) {
    const xp_corpus *c = r->corpus;
    const size_t d = c->width;
    size_t n = 0;
    for (size_t t = first; t < end; n += c->text[t++].side.n)
        xp_sides_mean(&c->text[t].side, d, xp_corpus_states(c, t, layer), s->states + n * d);
    for (int shuffled = 0; shuffled < 2; shuffled++) {
        const double *mapped = s->mapped;
        xp_linear_g_apply(r->linear, layer, shuffled, n, s->states, s->mapped);
        for (size_t t = first; t < end; mapped += c->text[t++].side.n * d)
            r->layer[layer].hits[(size_t)shuffled * c->n_texts + t] = hits_of(r, t, mapped, s);
    }
}

static bool look_at_layer(void *self, size_t layer, unsigned worker) {
    const xp_recovery *r = self;
    const xp_corpus *c = r->corpus;
    const size_t n = c->longest, d = c->width, room = n > ROWS ? n : ROWS;
    scratch s = {.states = xp_alloc(room, d * sizeof *s.states),
                 .mapped = xp_alloc(room, d * sizeof *s.mapped),
                 .candidates = xp_alloc(n + 1, d * sizeof *s.candidates),
                 .products = xp_alloc(n + 3, n * sizeof *s.products),
                 .first = xp_alloc(n, 3 * sizeof *s.first)};
    const bool ok =
        s.states != NULL && s.mapped != NULL && s.candidates != NULL && s.products != NULL && s.first != NULL;
    (void)worker;
    if (ok) {
        s.own = s.first + n;
        s.rank = s.own + n;
    }
    for (size_t first = 0, end; ok && first < c->n_texts; first = end) {
        size_t rows = 0;
        for (end = first; end < c->n_texts && rows + c->text[end].side.n <= room; end++) rows += c->text[end].side.n;
        look_at_texts(r, layer, first, end, &s);
    }
    xp_free_all(s.states, s.mapped, s.candidates, s.products, s.first);
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
    xp_free_all(r->layer, r->rows);
    xp_stored_free(&r->pieces);
    *r = (xp_recovery){0};
}
