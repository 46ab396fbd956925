#include "stats/flips.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "probe/eigen.h"
#include "tensor/blas.h"

/* Relative residual of a principal component. */
static const double CONVERGED = 1e-9, ROUNDING = 1e-14;

/* ---- units ---- */

/* Which unit each concept is in, those that have a cell first, by their first cell; UINT32_MAX: in none of these. Returns how many; SIZE_MAX: no memory. */
static size_t number_units(size_t n, const int *unit, const xp_blocks *cells, uint32_t *of) {
    int top = -1;
    for (size_t i = 0; i < n; i++)
        if (unit[i] > top) top = unit[i];
    uint32_t *number = xp_alloc((size_t)(top + 1), sizeof *number);
    if (number == NULL) return SIZE_MAX;
    size_t count = 0;
    for (int u = 0; u <= top; u++) number[u] = UINT32_MAX;
    for (size_t c = 0; c < cells->n_blocks; c++) {
        const int u = unit[cells->member[cells->start[c]]];
        if (u >= 0 && number[u] == UINT32_MAX) number[u] = (uint32_t)count++;
    }
    for (size_t i = 0; i < n; i++) of[i] = unit[i] >= 0 ? number[unit[i]] : UINT32_MAX;
    xp_free(number);
    return count;
}

/* ---- the norms, in parts ---- */

/* What differs within cells and the rest of each row, features of a group side by side; then components are taken out of what differs. */
typedef struct parts {
    size_t n, m, start[XP_FLIP_GROUPS + 1]; /* group g has the columns start[g] .. start[g + 1] - 1 */
    double *within, *beyond;                /* n x m */
    size_t n_components;
    double *score, *score_beyond; /* XP_FLIP_COMPONENTS x n */
} parts;

static void parts_free(parts *p) { xp_free_all(p->within, p->beyond, p->score, p->score_beyond); }

/* mean: m. */
static void split(parts *p, const double *z, const xp_blocks *cells, double *mean) {
    const size_t n = p->n, m = p->m;
    for (size_t i = 0; i < n; i++)
        for (size_t g = 0; g < XP_FLIP_GROUPS; g++)
            for (size_t k = p->start[g]; k < p->start[g + 1]; k++)
                p->beyond[i * m + k] = z[i * m + g + XP_FLIP_GROUPS * (k - p->start[g])];
    for (size_t c = 0; c < cells->n_blocks; c++) {
        const size_t from = cells->start[c], to = cells->start[c + 1];
        memset(mean, 0, m * sizeof *mean);
        for (size_t k = from; k < to; k++) xp_axpy(m, 1 / (double)(to - from), p->beyond + cells->member[k] * m, mean);
        for (size_t k = from; k < to; k++) {
            double *within = p->within + cells->member[k] * m, *beyond = p->beyond + cells->member[k] * m;
            for (size_t j = 0; j < m; j++) within[j] = beyond[j] - mean[j];
            memcpy(beyond, mean, m * sizeof *mean);
        }
    }
}

typedef struct gram {
    const parts *p;
    double *feature; /* m */
} gram;

/* y = W W' x */
static void product(void *self, const double *x, double *y) {
    const gram *g = self;
    xp_gemv(true, g->p->n, g->p->m, 1, g->p->within, g->p->m, x, 0, g->feature);
    xp_gemv(false, g->p->n, g->p->m, 1, g->p->within, g->p->m, g->feature, 0, y);
}

/* The component along W'w becomes a part of its own. axis: m. */
static void take_component(parts *p, const double *w, double *axis) {
    const size_t n = p->n, m = p->m;
    double *score = p->score + p->n_components * n, *beyond = p->score_beyond + p->n_components * n;
    xp_gemv(true, n, m, 1, p->within, m, w, 0, axis);
    xp_scale(m, 1 / xp_nrm2(m, axis), axis);
    xp_gemv(false, n, m, 1, p->within, m, axis, 0, score);
    xp_gemv(false, n, m, 1, p->beyond, m, axis, 0, beyond);
    for (size_t i = 0; i < n; i++) xp_axpy(m, -score[i], axis, p->within + i * m);
    p->n_components++;
}

static bool take_components(parts *p, double *axis) {
    const double all = xp_dot(p->n * p->m, p->within, p->within);
    double *w = xp_alloc(p->n, sizeof *w), *aw = xp_alloc(p->n, sizeof *aw), strength;
    xp_krylov krylov = {0};
    gram g = {p, axis};
    bool ok = w != NULL && aw != NULL && xp_krylov_alloc(&krylov, p->n);
    while (ok && all > 0 && p->n_components < XP_FLIP_COMPONENTS) {
        xp_krylov_begin(&krylov, p->n);
        ok = xp_krylov_top(&krylov, (xp_operator){.product = product, .self = &g}, CONVERGED, ROUNDING * all, &strength,
                           w, aw);
        if (!ok || (p->n_components > 0 && strength < all / XP_FLIP_COMPONENTS)) break;
        take_component(p, w, axis);
    }
    xp_krylov_free(&krylov);
    xp_free_all(w, aw);
    return ok;
}

static bool parts_create(parts *p, size_t n, size_t m, const double *z, const xp_blocks *cells) {
    *p = (parts){.n = n, .m = m};
    for (size_t g = 0; g < XP_FLIP_GROUPS; g++)
        p->start[g + 1] = p->start[g] + m / XP_FLIP_GROUPS + (g < m % XP_FLIP_GROUPS);
    p->within = xp_calloc(n * m, sizeof *p->within);
    p->beyond = xp_alloc(n * m, sizeof *p->beyond);
    p->score = xp_alloc(n * XP_FLIP_COMPONENTS, sizeof *p->score);
    p->score_beyond = xp_alloc(n * XP_FLIP_COMPONENTS, sizeof *p->score_beyond);
    double *column = xp_alloc(m, sizeof *column);
    bool ok = p->within && p->beyond && p->score && p->score_beyond && column;
    if (ok) split(p, z, cells, column);
    if (ok && m > 0) ok = take_components(p, column);
    xp_free(column);
    return ok;
}

/* ---- one unit ---- */

typedef struct held_out {
    size_t n, size;
    uint32_t *row;  /* its concepts */
    double *weight; /* size x n: M */
    double *within; /* size x m: its rows of W */
    double *read;   /* size x max(n, m): what the reader makes of the others' means; W_g W_g' */
    double *system, *right;
} held_out;

static void held_out_free(held_out *h) { xp_free_all(h->row, h->weight, h->within, h->read, h->system, h->right); }

static bool held_out_alloc(held_out *h, size_t n, size_t m, size_t most) {
    *h = (held_out){.n = n};
    h->row = xp_alloc(n, sizeof *h->row);
    h->weight = xp_alloc(most * n, sizeof *h->weight);
    h->within = xp_alloc(most * m, sizeof *h->within);
    h->read = xp_alloc(most * (n > m ? n : m), sizeof *h->read);
    h->system = xp_alloc(most * most, sizeof *h->system);
    h->right = xp_alloc(n * most, sizeof *h->right);
    return h->row && h->weight && h->within && h->read && h->system && h->right;
}

/* A of the unit's rows: the reader without the unit, by the block of I - S. */
static bool solve(held_out *h, const double *s, const uint32_t *of, uint32_t unit) {
    const size_t n = h->n, size = h->size;
    for (size_t a = 0; a < size; a++)
        for (size_t b = 0; b < size; b++) h->system[a * size + b] = (a == b ? 1 : 0) - s[h->row[a] * n + h->row[b]];
    for (size_t j = 0; j < n; j++)
        for (size_t a = 0; a < size; a++) h->right[j * size + a] = of[j] == unit ? 0 : s[h->row[a] * n + j];
    if (!xp_solve_positive(size, h->system, n, h->right)) return false;
    for (size_t a = 0; a < size; a++)
        for (size_t j = 0; j < n; j++) h->weight[a * n + j] = h->right[j * size + a];
    return true;
}

/* P from the left: the mean of its cell is taken off each row, rows in no cell become 0. */
static void centre_rows(const held_out *h, const uint32_t *cell_of, size_t n_cells, double *sum, double *count,
                        double *a) {
    const size_t n = h->n;
    for (size_t c = 0; c < n_cells; c++) count[c] = 0;
    for (size_t i = 0; i < h->size; i++)
        if (cell_of[h->row[i]] != UINT32_MAX) count[cell_of[h->row[i]]]++;
    for (size_t i = 0; i < h->size; i++) {
        const uint32_t cell = cell_of[h->row[i]];
        if (cell == UINT32_MAX) {
            memset(a + i * n, 0, n * sizeof *a);
            continue;
        }
        bool first = true;
        for (size_t k = 0; k < i; k++) first = first && cell_of[h->row[k]] != cell;
        if (!first) continue; /* the cell is done */
        memset(sum, 0, n * sizeof *sum);
        for (size_t k = i; k < h->size; k++)
            for (size_t j = 0; cell_of[h->row[k]] == cell && j < n; j++) sum[j] += a[k * n + j];
        for (size_t k = i; k < h->size; k++)
            for (size_t j = 0; cell_of[h->row[k]] == cell && j < n; j++) a[k * n + j] -= sum[j] / count[cell];
    }
}

/* R of the unit: components, then groups. */
static void add_alone(held_out *h, const parts *p, double *alone) {
    for (size_t c = 0; c < p->n_components; c++)
        for (size_t i = 0; i < h->size; i++)
            alone[c] += p->score[c * h->n + h->row[i]] * xp_dot(h->n, h->weight + i * h->n, p->score_beyond + c * h->n);
    if (p->m == 0) return;
    xp_gemm(false, false, h->size, p->m, h->n, 1, h->weight, h->n, p->beyond, p->m, 0, h->read, p->m);
    for (size_t i = 0; i < h->size; i++)
        for (size_t g = 0; g < XP_FLIP_GROUPS; g++)
            alone[XP_FLIP_COMPONENTS + g] += xp_dot(p->start[g + 1] - p->start[g], h->within + i * p->m + p->start[g],
                                                    h->read + i * p->m + p->start[g]);
}

/* D of the unit with all others, in one part: relation holds what its rows share with all rows. */
static void add_pairs(const held_out *h, size_t part, const double *relation, xp_flips *flips, const uint32_t *of,
                      size_t unit) {
    for (size_t i = 0; i < h->size; i++)
        for (size_t j = 0; j < h->n; j++) {
            if (of[j] == UINT32_MAX || of[j] == unit) continue; /* in no cell: W is 0; the reader's weight is 0 */
            const size_t high = of[j] > unit ? of[j] : unit, low = of[j] > unit ? unit : of[j];
            flips->pairs[(high * (high - 1) / 2 + low) * XP_FLIP_PARTS + part] +=
                h->weight[i * h->n + j] * relation[i * h->n + j];
        }
}

static void add_up(held_out *h, const parts *p, xp_flips *flips, const uint32_t *of, size_t unit) {
    add_alone(h, p, flips->alone + unit * XP_FLIP_PARTS);
    for (size_t c = 0; c < p->n_components; c++) {
        const double *score = p->score + c * h->n;
        for (size_t i = 0; i < h->size; i++)
            for (size_t j = 0; j < h->n; j++) h->read[i * h->n + j] = score[h->row[i]] * score[j];
        add_pairs(h, c, h->read, flips, of, unit);
    }
    for (size_t g = 0; g < XP_FLIP_GROUPS; g++) {
        const size_t from = p->start[g], size = p->start[g + 1] - from;
        if (size == 0) continue;
        xp_gemm(false, true, h->size, h->n, size, 1, h->within + from, p->m, p->within + from, p->m, 0, h->read, h->n);
        add_pairs(h, XP_FLIP_COMPONENTS + g, h->read, flips, of, unit);
    }
}

/* ---- all of them ---- */

typedef struct making {
    uint32_t *of, *cell_of;
    double *sum, *count;
    parts parts;
    held_out unit;
} making;

static bool fill(xp_flips *flips, making *m, const double *s, size_t n_cells) {
    held_out *h = &m->unit;
    const size_t width = m->parts.m;
    for (uint32_t u = 0; u < flips->n_units; u++) {
        h->size = 0;
        for (uint32_t i = 0; i < h->n; i++)
            if (m->of[i] == u) h->row[h->size++] = i;
        for (size_t i = 0; i < h->size; i++)
            memcpy(h->within + i * width, m->parts.within + h->row[i] * width, width * sizeof *h->within);
        if (!solve(h, s, m->of, u)) return false;
        centre_rows(h, m->cell_of, n_cells, m->sum, m->count, h->weight);
        add_up(h, &m->parts, flips, m->of, u);
    }
    return true;
}

static size_t largest(size_t n, const uint32_t *of, size_t n_units, double *count) {
    double most = 1;
    for (size_t u = 0; u < n_units; u++) count[u] = 0;
    for (size_t i = 0; i < n; i++)
        if (of[i] != UINT32_MAX && ++count[of[i]] > most) most = count[of[i]];
    return (size_t)most;
}

bool xp_flips_create(xp_flips *flips, size_t n, const double *s, size_t m, const double *z, const int *unit,
                     const xp_blocks *cells) {
    *flips = (xp_flips){0};
    making make = {.of = xp_alloc(n, sizeof *make.of),
                   .cell_of = xp_alloc(n, sizeof *make.cell_of),
                   .sum = xp_alloc(n, sizeof *make.sum),
                   .count = xp_alloc(n + 1, sizeof *make.count)};
    bool ok = make.of && make.cell_of && make.sum && make.count;
    if (ok) ok = (flips->n_units = number_units(n, unit, cells, make.of)) != SIZE_MAX;
    for (size_t i = 0; ok && i < n; i++) make.cell_of[i] = UINT32_MAX;
    for (size_t c = 0; ok && c < cells->n_blocks; c++)
        for (size_t k = cells->start[c]; k < cells->start[c + 1]; k++) make.cell_of[cells->member[k]] = (uint32_t)c;
    if (ok) {
        const size_t k = flips->n_units;
        flips->alone = xp_calloc(k * XP_FLIP_PARTS, sizeof *flips->alone);
        flips->pairs = xp_calloc(k > 0 ? k * (k - 1) / 2 * XP_FLIP_PARTS : 0, sizeof *flips->pairs);
        ok = flips->alone && flips->pairs && parts_create(&make.parts, n, m, z, cells) &&
             held_out_alloc(&make.unit, n, m, largest(n, make.of, k, make.count)) &&
             fill(flips, &make, s, cells->n_blocks);
    }
    xp_free_all(make.of, make.cell_of, make.sum, make.count);
    parts_free(&make.parts);
    held_out_free(&make.unit);
    if (!ok) xp_flips_free(flips);
    return ok;
}

void xp_flips_free(xp_flips *flips) {
    xp_free_all(flips->alone, flips->pairs);
    *flips = (xp_flips){0};
}

/* ---- signs ---- */

/* T of one vector of signs, k x XP_FLIP_PARTS. */
static XP_CLONES double weigh(size_t k, const double *restrict alone, const double *restrict pair,
                              const double *restrict sign) {
    double sum[XP_FLIP_PARTS] = {0}, row[XP_FLIP_PARTS];
    for (size_t u = 0; u < k; u++) {
        for (size_t g = 0; g < XP_FLIP_PARTS; g++) row[g] = alone[u * XP_FLIP_PARTS + g];
        for (size_t v = 0; v < u; v++, pair += XP_FLIP_PARTS)
            for (size_t g = 0; g < XP_FLIP_PARTS; g++) row[g] += sign[v * XP_FLIP_PARTS + g] * pair[g];
        for (size_t g = 0; g < XP_FLIP_PARTS; g++) sum[g] += sign[u * XP_FLIP_PARTS + g] * row[g];
    }
    for (size_t half = XP_FLIP_PARTS / 2; half > 0; half /= 2)
        for (size_t g = 0; g < half; g++) sum[g] += sum[g + half];
    return sum[0];
}

bool xp_flips_run(const xp_flips *flips, uint64_t seed, unsigned purpose, uint32_t first, size_t count, double *t) {
    const size_t signs = flips->n_units * XP_FLIP_PARTS;
    double *sign = xp_alloc(signs, sizeof *sign);
    for (size_t b = 0; sign != NULL && b < count; b++) {
        const uint32_t number = first + (uint32_t)b;
        xp_rng rng = xp_rng_begin(seed, purpose, number);
        uint64_t bits = 0;
        for (size_t k = 0; k < signs; k++) {
            if (k % 64 == 0 && number > 0) bits = xp_rng_bits(&rng);
            sign[k] = bits >> (k % 64) & 1 ? -1 : 1;
        }
        t[b] = weigh(flips->n_units, flips->alone, flips->pairs, sign);
    }
    xp_free(sign);
    return sign != NULL;
}
