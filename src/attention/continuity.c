#include "attention/continuity_run.h"

#include <math.h>
#include <string.h>

#include "attention/cka.h"
#include "attention/nearest.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "model/session.h"
#include "tensor/blas.h"
#include "tensor/linear.h"
#include "units/attention.h"

static const char what[] = "token continuity";

/* Rows that pass the vocabulary together: all that are ranked by default, since the vocabulary comes from memory. */
enum { BLOCK = 128 };

/* All rows of all texts in one layer, and what they are compared with. */
typedef struct matrices {
    double *states, *standard, *mapped; /* n_rows x width */
    double *mean, *deviation;
} matrices;

typedef struct xp_continuity run;
typedef struct xp_continuity_variant variant;

static void gather(const run *r, const xp_corpus *c, size_t layer, double *rows) {
    for (size_t t = 0; t < c->n_texts; t++)
        xp_sides_mean(&c->text[t].side, r->width, xp_corpus_states(c, t, layer), rows + r->first_row[t] * r->width);
}

/* ---- what is asked ---- */

static void ask(run *r, variant v) {
    if (r->n_variants < XP_CONTINUITY_VARIANTS) r->variant[r->n_variants++] = v;
}

static void ask_all(run *r) {
    const xp_attend *a = r->a;
    for (xp_distance distance = XP_COSINE; distance < XP_N_DISTANCES; distance++) {
        for (int h0 = 0; h0 < 2; h0++)
            for (int standardised = 0; a->g[XP_G_IDENTITY] && standardised < 2; standardised++)
                ask(r, (variant){.h0 = h0, .standardised = standardised, .distance = distance});
        if (a->wants_random && a->g[XP_G_IDENTITY]) ask(r, (variant){.random = true, .distance = distance});
        for (xp_g g = XP_G_IDENTITY; g < XP_N_GS; g++) {
            if (!a->g[g]) continue;
            if (g != XP_G_IDENTITY) ask(r, (variant){.g = g, .distance = distance});
            if (g == XP_G_LINEAR) ask(r, (variant){.g = g, .distance = distance, .shuffled = true});
            if (a->read.level == XP_LEVEL_PIECE) ask(r, (variant){.g = g, .distance = distance, .vocabulary = true});
        }
    }
}

/* ---- a layer ---- */

static bool create_matrices(const run *r, matrices *m) {
    *m = (matrices){.states = xp_alloc(r->n_rows, r->width * sizeof(double)),
                    .standard = xp_alloc(r->n_rows, r->width * sizeof(double)),
                    .mapped = xp_alloc(r->n_rows, r->width * sizeof(double)),
                    .mean = xp_alloc(r->width, 2 * sizeof(double))};
    if (m->mean != NULL) m->deviation = m->mean + r->width;
    return m->states != NULL && m->standard != NULL && m->mapped != NULL && m->mean != NULL;
}

static void free_matrices(matrices *m) { xp_free_all(m->states, m->standard, m->mapped, m->mean); }

/* Both distances from the same products: variants[XP_N_DISTANCES] stand beside each other. */
static void by_sentence(const run *r, size_t layer, const size_t *variants, const double *rows, double *words,
                        double *scratch) {
    const variant *v = &r->variant[variants[XP_COSINE]];
    const xp_units_rows *made = &r->layer[layer];
    const size_t d = r->width;
    const double *reference = r->reference[v->random][v->h0][v->standardised];
    for (size_t t = 0; t < r->a->texts.n_texts; t++) {
        const size_t at = r->first_row[t], m = xp_continuity_candidates(r, v, t);
        xp_candidates c = {m, reference + at * d, r->own + at, NULL};
        if (!v->h0) {
            for (size_t k = 0; k < m; k++)
                memcpy(words + k * d, reference + (at + r->first[at + k]) * d, d * sizeof *words);
            c = (xp_candidates){m, words, NULL, r->first + at};
        }
        xp_found found[XP_N_DISTANCES];
        for (xp_distance k = XP_COSINE; k < XP_N_DISTANCES; k++) {
            const size_t to = variants[k] * r->n_rows + at;
            found[k] = (xp_found){made->rank + to, made->row + to, made->next + to};
        }
        xp_nearest(r->a->texts.text[t].side.n, d, rows + at * d, &c, r->own + at, scratch, found);
    }
}

static bool stands_first(const run *r, size_t row) {
    return r->first[r->first_row[r->text[row]] + r->own[row]] == r->place[row];
}

static void word_of(const void *model, size_t k, double *row) { xp_model_word(model, (int32_t)k, row); }

/* Both distances from the same products: the variants of one g stand beside each other. */
static bool by_vocabulary(run *r, size_t layer, const size_t variants[XP_N_DISTANCES], const double *rows) {
    const xp_kernels *kernels = xp_kernels_find(r->a->info->isa);
    const size_t d = r->width, vocabulary = r->a->info->vocabulary;
    double *word = xp_alloc(d, sizeof *word);
    float *block = xp_alloc(BLOCK, d * sizeof *block), *product = xp_alloc(BLOCK, vocabulary * sizeof *product);
    const xp_many many = {vocabulary, d, r->word_inverse, r->word_square, word_of, r->a->model, word};
    const bool ok = kernels != NULL && word != NULL && block != NULL && product != NULL;
    for (size_t first = 0; ok && first < r->n_asked; first += BLOCK) {
        const size_t n = r->n_asked - first < BLOCK ? r->n_asked - first : BLOCK;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++) block[i * d + j] = (float)rows[r->asked[first + i] * d + j];
        xp_product(kernels, n, d, block, d, r->panels, d, vocabulary, product, vocabulary);
        for (size_t i = 0; i < n; i++) {
            const size_t row = r->asked[first + i];
            const bool last = row + 1 == r->n_rows || r->text[row + 1] != r->text[row];
            const size_t of[2] = {(size_t)r->id[row], (size_t)r->id[last ? row : row + 1]};
            for (xp_distance k = XP_COSINE; k < XP_N_DISTANCES; k++) {
                const size_t at = variants[k] * r->n_rows + row;
                uint32_t before[2];
                xp_nearest_of_many(&many, product + i * vocabulary, rows + row * d, k, of, before);
                r->layer[layer].rank[at] = before[0] + 1;
                r->layer[layer].row[at] = before[0] == 0 && stands_first(r, row);
                r->layer[layer].next[at] = before[1] == 0;
            }
        }
    }
    xp_free_all(word, block, product);
    return ok;
}

/* The rows that a variant looks at, in m->states, m->standard or m->mapped. */
static const double *rows_of(const run *r, const variant *v, size_t layer, matrices *m) {
    if (v->random) {
        gather(r, &r->a->random_texts, layer, m->mapped);
        return m->mapped;
    }
    if (v->g == XP_G_IDENTITY) return v->standardised ? m->standard : m->states;
    if (v->g == XP_G_LINEAR)
        xp_linear_g_apply(r->linear, layer, v->shuffled, r->n_rows, m->states, m->mapped);
    else
        xp_mlp_g_apply(r->mlp, layer, r->n_rows, m->states, m->mapped);
    return m->mapped;
}

static bool nearest_before(const run *r, size_t layer, const double *states, const double *before, double *scratch) {
    const size_t d = r->width;
    uint32_t *self = xp_alloc(r->a->texts.longest, sizeof *self);
    if (self == NULL) return false;
    for (size_t i = 0; i < r->a->texts.longest; i++) self[i] = (uint32_t)i;
    for (size_t t = 0; t < r->a->texts.n_texts; t++) {
        const size_t at = r->first_row[t], n = r->a->texts.text[t].side.n;
        const xp_candidates rows = {.n = n, .row = before + at * d};
        uint32_t *cosine = r->layer[layer].previous + at, *l2 = cosine + r->n_rows;
        xp_nearest(n, d, states + at * d, &rows, self, scratch, (xp_found[]){{.rank = cosine}, {.rank = l2}});
    }
    xp_free(self);
    return true;
}

/* Cosines of pairs, of all rows or of content alone, and of those of each text; rows are packed into `to`. */
static bool pairs_of(const run *r, const double *rows, bool content, double *to, xp_pairs *pairs, double *of_text) {
    const size_t d = r->width;
    int32_t *id = xp_alloc(r->n_rows, sizeof *id);
    uint32_t *text = xp_alloc(r->n_rows, sizeof *text), *place = xp_alloc(r->n_rows, sizeof *place);
    size_t n = 0;
    bool ok = id != NULL && text != NULL && place != NULL;
    for (size_t i = 0; ok && i < r->n_rows; i++) {
        if (content && r->special[i]) continue;
        memcpy(to + n * d, rows + i * d, d * sizeof *to);
        id[n] = r->id[i];
        text[n] = r->text[i];
        place[n++] = r->place[i];
    }
    xp_nearest_unit_rows(n, d, to);
    ok = ok && xp_nearest_pair_cosines(n, d, to, id, text, place, pairs) &&
         xp_nearest_text_cosines(n, d, to, text, of_text);
    xp_free_all(id, text, place);
    return ok;
}

/* Rows of all texts beside one another, and those of the layer before. */
static bool compare_rows(const run *r, size_t layer, matrices *m, double *scratch) {
    const size_t d = r->width;
    const xp_units_rows *made = &r->layer[layer];
    double cka[2][2];
    bool ok = true;
    for (int standardised = 0; standardised < 2; standardised++)
        for (int content = 0; content < 2; content++)
            ok = ok && pairs_of(r, standardised ? m->standard : m->states, content, m->mapped,
                                xp_continuity_pairs(made, standardised, content),
                                xp_continuity_anisotropy(made, standardised, content));
    if (!ok || layer == 0) return ok;
    gather(r, &r->a->texts, layer - 1, m->mapped);
    ok = nearest_before(r, layer, m->states, m->mapped, scratch);
    ok = ok && xp_cka(r->n_rows, d, m->states, m->mapped, r->special, cka);
    for (int k = 0; ok && k < 4; k++) *xp_continuity_cka(made, k / 2, k % 2) = cka[k / 2][k % 2];
    return ok;
}

/* Do they ask about the same rows? */
static bool of_same_rows(const variant *a, const variant *b) {
    return a->g == b->g && a->random == b->random && a->shuffled == b->shuffled && a->standardised == b->standardised;
}

/* The same question with the other distance. */
static size_t partner_of(const run *r, size_t k) {
    for (size_t other = 0; other < r->n_variants; other++) {
        const variant *a = &r->variant[k], *b = &r->variant[other];
        if (of_same_rows(a, b) && a->vocabulary == b->vocabulary && a->h0 == b->h0 && a->distance != b->distance)
            return other;
    }
    return k;
}

static bool look_at_layer(void *self, size_t layer, unsigned worker) {
    run *r = self;
    const size_t d = r->width, longest = r->a->texts.longest;
    matrices m = {0};
    double *scratch = xp_alloc(longest + 3, (longest + d) * sizeof *scratch);
    double *words = xp_alloc(longest, d * sizeof *words);
    (void)worker;
    bool ok = create_matrices(r, &m) && scratch != NULL && words != NULL;
    if (ok) {
        gather(r, &r->a->texts, layer, m.states);
        memcpy(m.standard, m.states, r->n_rows * d * sizeof *m.standard);
        xp_nearest_moments(r->n_rows, d, m.states, m.mean, m.deviation);
        xp_nearest_standardise(r->n_rows, d, m.mean, m.deviation, m.standard);
        ok = compare_rows(r, layer, &m, scratch);
    }
    bool asked[XP_CONTINUITY_VARIANTS] = {false};
    for (size_t first = 0; ok && first < r->n_variants; first++) {
        if (asked[first]) continue;
        const double *rows = rows_of(r, &r->variant[first], layer, &m);
        for (size_t k = first; ok && k < r->n_variants; k++) {
            const variant *v = &r->variant[k];
            const size_t both[XP_N_DISTANCES] = {k, partner_of(r, k)};
            if (!of_same_rows(v, &r->variant[first])) continue;
            asked[k] = true;
            if (v->distance != XP_COSINE) continue; /* l2 goes with it */
            if (v->vocabulary)
                ok = by_vocabulary(r, layer, both, rows);
            else
                by_sentence(r, layer, both, rows, words, scratch);
        }
    }
    free_matrices(&m);
    xp_free_all(scratch, words);
    return ok;
}

/* ---- all of it ---- */

static bool make_references(run *r) {
    const xp_attend *a = r->a;
    const size_t d = r->width, size = r->n_rows * d;
    double *moments = xp_alloc(d, 2 * sizeof *moments);
    bool ok = moments != NULL;
    for (int random = 0; random < 2 && ok; random++) {
        if (random && !a->wants_random) continue;
        for (int h0 = 0; h0 < 2 && ok; h0++) {
            double *raw = xp_alloc(r->n_rows, d * sizeof *raw), *standard = xp_alloc(r->n_rows, d * sizeof *standard);
            r->reference[random][h0][0] = raw;
            r->reference[random][h0][1] = standard;
            ok = raw != NULL && standard != NULL;
            for (size_t i = 0; ok && !h0 && i < r->n_rows; i++)
                xp_corpus_word(random ? &a->random_texts : &a->texts, r->text[i], r->place[i], raw + i * d, moments);
            if (!ok) break;
            if (h0) gather(r, random ? &a->random_texts : &a->texts, 0, raw);
            memcpy(standard, raw, size * sizeof *raw);
            xp_nearest_moments(r->n_rows, d, raw, moments, moments + d);
            xp_nearest_standardise(r->n_rows, d, moments, moments + d, standard);
        }
    }
    xp_free(moments);
    return ok;
}

static bool make_vocabulary(run *r) {
    const explaint_model *model = r->a->model;
    const size_t d = r->width, n = r->a->info->vocabulary;
    size_t size = 0;
    if (!xp_panels_size(d, n, &size)) return false;
    r->panels = xp_calloc(size, sizeof *r->panels);
    r->word_square = xp_alloc(n, sizeof *r->word_square);
    r->word_inverse = xp_alloc(n, sizeof *r->word_inverse);
    double *word = xp_alloc(d, sizeof *word);
    float *rows = xp_alloc(XP_PANEL, d * sizeof *rows);
    const bool ok =
        r->panels != NULL && r->word_square != NULL && r->word_inverse != NULL && word != NULL && rows != NULL;
    for (size_t k = 0, in_panel = 0; ok && k < n; k++) {
        xp_model_word(model, (int32_t)k, word);
        double square = 0;
        for (size_t j = 0; j < d; j++) {
            square += word[j] * word[j];
            rows[in_panel * d + j] = (float)word[j]; /* as it was */
        }
        r->word_square[k] = square;
        r->word_inverse[k] = square > 0 ? 1 / sqrt(square) : 1;
        if (++in_panel < XP_PANEL && k + 1 < n) continue;
        xp_panels_put(d, k + 1 - in_panel, in_panel, rows, d, r->panels);
        in_panel = 0;
    }
    xp_free_all(word, rows);
    return ok;
}

/* A row among the whole vocabulary costs more than its pass through a layer: some are drawn, each set equally likely. */
static void draw_ranked(run *r) {
    const size_t wanted = r->a->options.ranks, n = r->n_rows;
    xp_rng rng = xp_rng_begin(r->a->options.seed, XP_RNG_RANKED_ROWS, 0);
    for (size_t i = 0; i < n; i++) r->asked[i] = (uint32_t)i;
    const size_t most = wanted > 0 && wanted < n ? wanted : n;
    for (size_t k = 0; k < most; k++) {
        const size_t other = most < n ? k + xp_rng_below(&rng, n - k) : k;
        const uint32_t drawn = r->asked[other];
        r->asked[other] = r->asked[k];
        r->ranked[drawn] = 1;
    }
    for (size_t i = 0; i < n; i++)
        if (r->ranked[i]) r->asked[r->n_asked++] = (uint32_t)i;
}

static bool create_rows(run *r) {
    const xp_corpus *c = &r->a->texts;
    const size_t n = r->n_rows;
    r->id = xp_alloc(n, sizeof *r->id);
    r->text = xp_alloc(n, sizeof *r->text);
    r->place = xp_alloc(n, sizeof *r->place);
    r->first = xp_alloc(n, sizeof *r->first);
    r->own = xp_alloc(n, sizeof *r->own);
    r->special = xp_alloc(n, 1);
    r->ranked = xp_calloc(n, 1);
    r->asked = xp_alloc(n, sizeof *r->asked);
    r->first_row = xp_alloc(c->n_texts, sizeof *r->first_row);
    r->n_tokens = xp_alloc(c->n_texts, sizeof *r->n_tokens);
    if (r->id == NULL || r->text == NULL || r->place == NULL || r->first == NULL || r->own == NULL ||
        r->special == NULL || r->ranked == NULL || r->asked == NULL || r->first_row == NULL || r->n_tokens == NULL)
        return false;
    size_t row = 0;
    for (size_t t = 0; t < c->n_texts; t++) {
        const xp_sides *side = &c->text[t].side;
        r->first_row[t] = row;
        r->n_tokens[t] = xp_nearest_tokens(side->n, side->id, r->first + row, r->own + row);
        for (size_t i = 0; i < side->n; i++, row++) {
            r->id[row] = side->id[i];
            r->text[row] = (uint32_t)t;
            r->place[row] = (uint32_t)i;
            r->special[row] = side->special[i];
        }
    }
    draw_ranked(r);
    return true;
}

static bool create_layers(run *r) {
    for (size_t k = 0; k < r->n_variants; k++) {
        const variant *v = &r->variant[k];
        if (!xp_strings_addf(&r->ways, "%s, %s, %s, %s%s%s%s", xp_g_names[v->g],
                             v->vocabulary ? "vocabulary" : "sentence", v->h0 ? "h0" : "word",
                             xp_distance_names[v->distance], v->standardised ? ", standardised" : "",
                             v->random ? ", random weights" : "", v->shuffled ? ", shuffled pairs" : ""))
            return false;
    }
    r->layer = xp_calloc(xp_continuity_layers(r), sizeof *r->layer);
    for (size_t l = 0; r->layer != NULL && l < xp_continuity_layers(r); l++) {
        r->layer[l] = (xp_units_rows){.layer = l,
                                      .variant = (const char *const *)r->ways.item,
                                      .n_variants = r->n_variants,
                                      .n_rows = r->n_rows,
                                      .n_texts = r->a->texts.n_texts};
        if (r->a->layer[l] && !xp_units_rows_create(&r->layer[l])) return false;
    }
    return r->layer != NULL;
}

void xp_continuity_free(run *r) {
    if (r == NULL) return;
    for (size_t l = 0; r->layer != NULL && l < xp_continuity_layers(r); l++) xp_free(r->layer[l].cosine);
    xp_free(r->layer);
    xp_strings_free(&r->ways);
    xp_stored_free(&r->pieces);
    xp_free_all(r->id, r->text, r->place, r->first, r->own, r->special, r->ranked, r->asked, r->first_row, r->n_tokens);
    for (int k = 0; k < 8; k++) xp_free(r->reference[k >> 2][k >> 1 & 1][k & 1]);
    xp_free_all(r->panels, r->word_square, r->word_inverse, r);
}

static bool pack(const void *self, size_t layer, void **bytes, size_t *size) {
    return xp_units_rows_pack(&((const run *)self)->layer[layer], bytes, size);
}

static bool unpack(void *self, size_t layer, const void *bytes, size_t size) {
    const run *r = self;
    bool ok = xp_units_rows_unpack(&r->layer[layer], bytes, size);
    for (size_t k = 0; ok && k < r->n_variants; k++)
        for (size_t i = 0; ok && i < r->n_rows; i++)
            ok = (r->layer[layer].rank[k * r->n_rows + i] > 0) == xp_continuity_asks(r, &r->variant[k], i);
    return ok;
}

explaint_status xp_continuity_find(xp_attend *a, xp_continuity **c, explaint_error *error) {
    run *r = *c = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, what);
    r->a = a;
    r->n_rows = a->texts.n_sides;
    r->width = a->texts.width;
    ask_all(r);
    if (!create_rows(r) || !create_layers(r)) return xp_no_memory(error, what);
    r->pieces = (xp_stored){.stem = "layer",
                            .n = xp_continuity_layers(r),
                            .asked = a->layer,
                            .self = r,
                            .make = look_at_layer,
                            .pack = pack,
                            .unpack = unpack};
    return xp_stored_find(a, &r->pieces, error);
}

const bool *xp_continuity_missing(const xp_continuity *c, size_t *n) {
    *n = c->pieces.n_missing;
    return c->pieces.missing;
}

explaint_status xp_continuity_make(xp_continuity *c, const xp_linear_g *linear, const xp_mlp_g *mlp,
                                   explaint_error *error) {
    if (c->pieces.n_missing == 0) return EXPLAINT_OK;
    c->linear = linear;
    c->mlp = mlp;
    xp_blas_single_thread();
    if (!make_references(c) || (c->a->read.level == XP_LEVEL_PIECE && !make_vocabulary(c)))
        return xp_no_memory(error, what);
    return xp_stored_make(c->a, &c->pieces, what, error);
}
