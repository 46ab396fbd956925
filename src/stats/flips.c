#include "stats/flips.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "tensor/blas.h"

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

/* ---- one unit ---- */

typedef struct held_out {
    size_t n, size;
    uint32_t *row;    /* its concepts */
    double *weight;   /* size x n: M */
    double *relation; /* size x n: PL */
    double *within;   /* size x n: PLP */
    double *system, *right;
} held_out;

static void held_out_free(held_out *h) {
    xp_free(h->row);
    xp_free(h->weight);
    xp_free(h->relation);
    xp_free(h->within);
    xp_free(h->system);
    xp_free(h->right);
}

static bool held_out_alloc(held_out *h, size_t n, size_t most) {
    *h = (held_out){.n = n};
    h->row = xp_alloc(n, sizeof *h->row);
    h->weight = xp_alloc(most * n, sizeof *h->weight);
    h->relation = xp_alloc(most * n, sizeof *h->relation);
    h->within = xp_alloc(most * n, sizeof *h->within);
    h->system = xp_alloc(most * most, sizeof *h->system);
    h->right = xp_alloc(n * most, sizeof *h->right);
    return h->row && h->weight && h->relation && h->within && h->system && h->right;
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

/* P from the right. */
static void centre_columns(const held_out *h, const xp_blocks *cells, const uint32_t *cell_of) {
    for (size_t i = 0; i < h->size; i++) {
        double *row = h->within + i * h->n;
        memcpy(row, h->relation + i * h->n, h->n * sizeof *row);
        for (size_t c = 0; c < cells->n_blocks; c++) {
            double sum = 0;
            for (size_t k = cells->start[c]; k < cells->start[c + 1]; k++) sum += row[cells->member[k]];
            sum /= (double)(cells->start[c + 1] - cells->start[c]);
            for (size_t k = cells->start[c]; k < cells->start[c + 1]; k++) row[cells->member[k]] -= sum;
        }
        for (size_t j = 0; j < h->n; j++)
            if (cell_of[j] == UINT32_MAX) row[j] = 0;
    }
}

static void add_up(const held_out *h, xp_flips *flips, const uint32_t *of, size_t unit) {
    for (size_t i = 0; i < h->size; i++)
        for (size_t j = 0; j < h->n; j++) {
            const double weight = h->weight[i * h->n + j], within = h->within[i * h->n + j];
            flips->alone[unit] += weight * (h->relation[i * h->n + j] - within);
            if (of[j] == UINT32_MAX) continue; /* in no cell: within is 0 */
            const size_t high = of[j] > unit ? of[j] : unit, low = of[j] > unit ? unit : of[j];
            flips->pairs[high * (high + 1) / 2 + low] += weight * within;
        }
}

/* ---- all of them ---- */

typedef struct making {
    uint32_t *of, *cell_of;
    double *sum, *count;
    held_out unit;
} making;

static bool fill(xp_flips *flips, making *m, const double *s, const double *l, const xp_blocks *cells) {
    held_out *h = &m->unit;
    for (uint32_t u = 0; u < flips->n_units; u++) {
        h->size = 0;
        for (uint32_t i = 0; i < h->n; i++)
            if (m->of[i] == u) h->row[h->size++] = i;
        for (size_t i = 0; i < h->size; i++) memcpy(h->relation + i * h->n, l + h->row[i] * h->n, h->n * sizeof *l);
        if (!solve(h, s, m->of, u)) return false;
        centre_rows(h, m->cell_of, cells->n_blocks, m->sum, m->count, h->weight);
        centre_rows(h, m->cell_of, cells->n_blocks, m->sum, m->count, h->relation);
        centre_columns(h, cells, m->cell_of);
        add_up(h, flips, m->of, u);
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

bool xp_flips_create(xp_flips *flips, size_t n, const double *s, const double *l, const int *unit,
                     const xp_blocks *cells) {
    *flips = (xp_flips){0};
    making m = {.of = xp_alloc(n, sizeof *m.of),
                .cell_of = xp_alloc(n, sizeof *m.cell_of),
                .sum = xp_alloc(n, sizeof *m.sum),
                .count = xp_alloc(n + 1, sizeof *m.count)};
    bool ok = m.of && m.cell_of && m.sum && m.count;
    if (ok) ok = (flips->n_units = number_units(n, unit, cells, m.of)) != SIZE_MAX;
    for (size_t i = 0; ok && i < n; i++) m.cell_of[i] = UINT32_MAX;
    for (size_t c = 0; ok && c < cells->n_blocks; c++)
        for (size_t k = cells->start[c]; k < cells->start[c + 1]; k++) m.cell_of[cells->member[k]] = (uint32_t)c;
    if (ok) {
        flips->alone = xp_calloc(flips->n_units, sizeof *flips->alone);
        flips->pairs = xp_calloc(flips->n_units * (flips->n_units + 1) / 2, sizeof *flips->pairs);
        ok = flips->alone && flips->pairs && held_out_alloc(&m.unit, n, largest(n, m.of, flips->n_units, m.count)) &&
             fill(flips, &m, s, l, cells);
    }
    xp_free(m.of);
    xp_free(m.cell_of);
    xp_free(m.sum);
    xp_free(m.count);
    held_out_free(&m.unit);
    if (!ok) xp_flips_free(flips);
    return ok;
}

void xp_flips_free(xp_flips *flips) {
    xp_free(flips->alone);
    xp_free(flips->pairs);
    *flips = (xp_flips){0};
}

bool xp_flips_run(const xp_flips *flips, uint64_t seed, unsigned purpose, uint32_t first, size_t count, double *t) {
    double *sign = xp_alloc(flips->n_units + 1, sizeof *sign);
    for (size_t b = 0; sign != NULL && b < count; b++) {
        const uint32_t number = first + (uint32_t)b;
        xp_rng rng = xp_rng_begin(seed, purpose, number);
        const double *pair = flips->pairs;
        uint64_t bits = 0;
        t[b] = 0;
        for (size_t u = 0; u < flips->n_units; u++) {
            if (u % 64 == 0 && number > 0) bits = xp_rng_bits(&rng);
            sign[u] = bits >> (u % 64) & 1 ? -1 : 1;
            double sum = flips->alone[u];
            for (size_t v = 0; v <= u; v++) sum += (v < u ? sign[v] : sign[u]) * *pair++;
            t[b] += sign[u] * sum;
        }
    }
    xp_free(sign);
    return sign != NULL;
}
