#include "control/conditions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "tensor/blas.h"

void xp_gold_free(xp_gold *gold) {
    xp_csr_free(&gold->y);
    xp_free_all(gold->missing_start, gold->missing_column);
    *gold = (xp_gold){0};
}

/* A column as a list of cells (zeros left out), value NaN where the cell is missing. */
typedef struct cells {
    size_t *start; /* m + 1 */
    uint32_t *row;
    double *value;
} cells;

static void cells_free(cells *c) { xp_free_all(c->start, c->row, c->value); }

static bool by_column(const xp_gold *gold, cells *c) {
    const size_t n = gold->y.n, m = gold->y.m;
    size_t count = gold->y.start[n] + (gold->missing_start != NULL ? gold->missing_start[n] : 0);
    *c = (cells){.start = xp_calloc(m + 2, sizeof *c->start),
                 .row = xp_alloc(count, sizeof *c->row),
                 .value = xp_alloc(count, sizeof *c->value)};
    if (c->start == NULL || c->row == NULL || c->value == NULL) {
        cells_free(c);
        return false;
    }
    size_t *write = c->start + 1; /* write[j] ends as the start of column j + 1 */
    for (size_t e = 0; e < gold->y.start[n]; e++) write[gold->y.column[e] + 1]++;
    if (gold->missing_start != NULL)
        for (size_t e = 0; e < gold->missing_start[n]; e++) write[gold->missing_column[e] + 1]++;
    for (size_t j = 0; j < m; j++) write[j + 1] += write[j];
    for (size_t i = 0; i < n; i++) {
        for (size_t e = gold->y.start[i]; e < gold->y.start[i + 1]; e++) {
            size_t at = write[gold->y.column[e]]++;
            c->row[at] = (uint32_t)i;
            c->value[at] = gold->y.value[e];
        }
        if (gold->missing_start == NULL) continue;
        for (size_t e = gold->missing_start[i]; e < gold->missing_start[i + 1]; e++) {
            size_t at = write[gold->missing_column[e]]++;
            c->row[at] = (uint32_t)i;
            c->value[at] = NAN;
        }
    }
    return true;
}

/* Rows from columns: cells of ascending columns are dealt to their rows. */
static bool by_row(const cells *c, size_t n, size_t m, bool missing, xp_gold *gold) {
    *gold = (xp_gold){0};
    size_t count = c->start[m], holes = 0;
    for (size_t e = 0; e < count; e++) holes += isnan(c->value[e]) ? 1 : 0;
    if (!xp_csr_alloc(&gold->y, n, m, count - holes)) return false;
    if (missing) {
        gold->missing_start = xp_calloc(n + 1, sizeof *gold->missing_start);
        gold->missing_column = xp_alloc(holes, sizeof *gold->missing_column);
        if (gold->missing_start == NULL || gold->missing_column == NULL) {
            xp_gold_free(gold);
            return false;
        }
    }
    for (size_t e = 0; e < count; e++) (isnan(c->value[e]) ? gold->missing_start : gold->y.start)[c->row[e] + 1]++;
    for (size_t i = 0; i < n; i++) {
        gold->y.start[i + 1] += gold->y.start[i];
        if (missing) gold->missing_start[i + 1] += gold->missing_start[i];
    }
    for (size_t j = 0; j < m; j++)
        for (size_t e = c->start[j]; e < c->start[j + 1]; e++) {
            size_t i = c->row[e];
            if (isnan(c->value[e])) {
                gold->missing_column[gold->missing_start[i]++] = (uint32_t)j;
            } else {
                gold->y.column[gold->y.start[i]] = (uint32_t)j;
                gold->y.value[gold->y.start[i]++] = c->value[e];
            }
        }
    for (size_t i = n; i > 0; i--) {
        gold->y.start[i] = gold->y.start[i - 1];
        if (missing) gold->missing_start[i] = gold->missing_start[i - 1];
    }
    gold->y.start[0] = 0;
    if (missing) gold->missing_start[0] = 0;
    return true;
}

bool xp_control_shuffle_columns(const xp_gold *gold, const uint8_t *which, uint64_t seed, unsigned purpose,
                                uint32_t draw, xp_gold *shuffled) {
    const size_t n = gold->y.n, m = gold->y.m;
    cells c;
    if (!by_column(gold, &c)) return false;
    uint32_t *row = xp_alloc(n, sizeof *row);
    bool ok = row != NULL;
    for (size_t j = 0; ok && j < m; j++) {
        if (which != NULL && !which[j]) continue;
        xp_rng rng = xp_rng_begin(seed, purpose, (uint32_t)j);
        rng.index = (uint64_t)draw << 40;
        for (size_t i = 0; i < n; i++) row[i] = (uint32_t)i;
        for (size_t e = c.start[j], i = 0; e < c.start[j + 1];
             e++, i++) { /* the first steps of Fisher-Yates are enough */
            size_t k = i + xp_rng_below(&rng, n - i);
            uint32_t drawn = row[k];
            row[k] = row[i];
            row[i] = drawn;
            c.row[e] = drawn;
        }
    }
    ok = ok && by_row(&c, n, m, gold->missing_start != NULL, shuffled);
    xp_free(row);
    cells_free(&c);
    return ok;
}

void xp_control_shuffle_rows(size_t n, uint64_t seed, uint32_t *order) {
    xp_rng rng = xp_rng_begin(seed, XP_RNG_SHUFFLE_ROWS, 0);
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    xp_rng_permutation(&rng, n, order);
}

typedef struct drawn_cell {
    uint32_t column;
    double value;
} drawn_cell;

static int ascending(const void *a, const void *b) {
    uint32_t p = ((const drawn_cell *)a)->column, q = ((const drawn_cell *)b)->column;
    return p < q ? -1 : p > q;
}

bool xp_control_random_norms(const xp_gold *gold, bool dense, uint64_t seed, xp_gold *random) {
    const size_t n = gold->y.n, m = gold->y.m;
    *random = (xp_gold){0};
    if (dense) {
        double low = HUGE_VAL, high = -HUGE_VAL;
        size_t missing = gold->missing_start != NULL ? gold->missing_start[n] : 0;
        if (gold->y.start[n] + missing < n * m) low = high = 0;
        for (size_t e = 0; e < gold->y.start[n]; e++) {
            if (gold->y.value[e] < low) low = gold->y.value[e];
            if (gold->y.value[e] > high) high = gold->y.value[e];
        }
        if (!xp_csr_alloc(&random->y, n, m, n * m)) return false;
        for (size_t i = 0; i < n; i++) {
            xp_rng rng = xp_rng_begin(seed, XP_RNG_RANDOM, (uint32_t)i);
            for (size_t j = 0; j < m; j++) {
                random->y.column[i * m + j] = (uint32_t)j;
                random->y.value[i * m + j] = low + (high - low) * xp_rng_uniform(&rng);
            }
            random->y.start[i + 1] = (i + 1) * m;
        }
        return true;
    }
    uint32_t *column = xp_alloc(m, sizeof *column);
    drawn_cell *cell = xp_alloc(m, sizeof *cell);
    bool ok = column != NULL && cell != NULL && xp_csr_alloc(&random->y, n, m, gold->y.start[n]);
    for (size_t i = 0; ok && i < n; i++) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_RANDOM, (uint32_t)i);
        size_t from = gold->y.start[i], count = gold->y.start[i + 1] - from;
        for (size_t j = 0; j < m; j++) column[j] = (uint32_t)j;
        for (size_t k = 0; k < count; k++) {
            size_t at = k + xp_rng_below(&rng, m - k);
            uint32_t drawn = column[at];
            column[at] = column[k];
            column[k] = drawn;
            cell[k] = (drawn_cell){drawn, gold->y.value[from + k]};
        }
        qsort(cell, count, sizeof *cell,
              ascending); /* a value goes with its column: in the old order, first ones would stay in front */
        for (size_t k = 0; k < count; k++) {
            random->y.column[from + k] = cell[k].column;
            random->y.value[from + k] = cell[k].value;
        }
        random->y.start[i + 1] = from + count;
    }
    xp_free_all(cell, column);
    return ok;
}

static bool select_missing(const xp_gold *gold, const uint32_t *row, size_t n, const uint8_t *keep, xp_gold *to) {
    size_t count = 0, at = 0;
    for (size_t i = 0; i < n; i++) count += gold->missing_start[row[i] + 1] - gold->missing_start[row[i]];
    if (count == 0) return true;
    uint32_t *number = xp_alloc(gold->y.m, sizeof *number), next = 0;
    to->missing_start = xp_calloc(n + 1, sizeof *to->missing_start);
    to->missing_column = xp_alloc(count, sizeof *to->missing_column);
    bool ok = number != NULL && to->missing_start != NULL && to->missing_column != NULL;
    for (size_t j = 0; ok && j < gold->y.m; j++) number[j] = keep == NULL || keep[j] ? next++ : UINT32_MAX;
    for (size_t i = 0; ok && i < n; i++) {
        for (size_t e = gold->missing_start[row[i]]; e < gold->missing_start[row[i] + 1]; e++)
            if (number[gold->missing_column[e]] != UINT32_MAX)
                to->missing_column[at++] = number[gold->missing_column[e]];
        to->missing_start[i + 1] = at;
    }
    xp_free(number);
    return ok;
}

bool xp_gold_select(const xp_gold *gold, const uint32_t *row, size_t n, const uint8_t *keep, xp_gold *to) {
    *to = (xp_gold){0};
    bool ok = xp_csr_select(&gold->y, row, n, keep, &to->y) &&
              (gold->missing_start == NULL || select_missing(gold, row, n, keep, to));
    if (!ok) xp_gold_free(to);
    return ok;
}

bool xp_control_select_columns(const xp_gold *gold, const uint8_t *keep, xp_gold *selected) {
    const size_t n = gold->y.n;
    uint32_t *row = xp_alloc(n, sizeof *row);
    if (row == NULL) return false;
    for (size_t i = 0; i < n; i++) row[i] = (uint32_t)i;
    bool ok = xp_gold_select(gold, row, n, keep, selected);
    xp_free(row);
    return ok;
}

/* ---- categories exchanged ---- */

typedef struct category {
    uint32_t size;
    int label;
} category;

static int by_size(const void *p, const void *q) {
    const category *a = p, *b = q;
    if (a->size != b->size) return a->size > b->size ? -1 : 1;
    return a->label < b->label ? -1 : a->label > b->label;
}

bool xp_control_swap_categories(const int *label, size_t n, size_t n_labels, size_t least, uint64_t seed,
                                uint32_t *order) {
    enum { BLOCK = 4 }; /* categories of similar size that exchange their concepts */
    category *list = xp_calloc(n_labels, sizeof *list);
    uint32_t *mapped = xp_alloc(n_labels, sizeof *mapped), *member = xp_alloc(n, sizeof *member);
    bool ok = list != NULL && mapped != NULL && member != NULL;
    size_t count = 0;
    if (ok) {
        for (size_t c = 0; c < n_labels; c++) list[c].label = (int)c;
        for (size_t i = 0; i < n; i++)
            if (label[i] >= 0) list[label[i]].size++;
        qsort(list, n_labels, sizeof *list, by_size);
        while (count < n_labels && list[count].size >= least) count++;
        ok = count >= 2;
    }
    xp_rng rng = xp_rng_begin(seed, XP_RNG_TAXONOMIC_SWAP, 0);
    for (size_t i = 0; i < n; i++) order[i] = UINT32_MAX;
    for (size_t from = 0; ok && from < count;) {
        size_t to = from + BLOCK <= count && count - (from + BLOCK) != 1 ? from + BLOCK : count;
        uint32_t ring[BLOCK + 1];
        for (size_t k = from; k < to; k++) ring[k - from] = (uint32_t)k;
        xp_rng_permutation(&rng, to - from, ring);
        for (size_t k = 0; k < to - from; k++) /* one step along a random ring: nobody stays */
            mapped[list[ring[k]].label] = (uint32_t)list[ring[(k + 1) % (to - from)]].label;
        from = to;
    }
    for (size_t c = 0; ok && c < count; c++) {
        size_t members = 0, used = 0;
        for (size_t i = 0; i < n; i++)
            if (label[i] == (int)mapped[list[c].label]) member[members++] = (uint32_t)i;
        xp_rng_permutation(&rng, members, member);
        for (size_t i = 0; i < n && members > 0; i++)
            if (label[i] == list[c].label) order[i] = member[used++ % members];
    }
    xp_free_all(list, mapped, member);
    return ok;
}

bool xp_control_random_embedding(const double *x, size_t n, size_t d, uint64_t seed, double *random) {
    /* Rows g X_c / sqrt(n - 1), g standard normal in n dimensions, have covariance X_c'X_c / (n - 1): no decomposition is needed. */
    double *centred = xp_alloc(n * d, sizeof *centred), *mean = xp_calloc(d, sizeof *mean);
    double *g = xp_alloc(n * n, sizeof *g);
    bool ok = centred != NULL && mean != NULL && g != NULL;
    if (ok) {
        for (size_t i = 0; i < n; i++) xp_axpy(d, 1 / (double)n, x + i * d, mean);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++) centred[i * d + j] = x[i * d + j] - mean[j];
        for (size_t i = 0; i < n; i++) {
            xp_rng rng = xp_rng_begin(seed, XP_RNG_EMBEDDING, (uint32_t)i);
            for (size_t k = 0; k < n; k++) g[i * n + k] = xp_rng_normal(&rng);
            memcpy(random + i * d, mean, d * sizeof *mean);
        }
        xp_gemm(false, false, n, d, n, 1 / sqrt((double)(n > 1 ? n - 1 : 1)), g, n, centred, d, 1, random, d);
    }
    xp_free_all(centred, mean, g);
    return ok;
}

void xp_control_spelling(const char *form, double *row) {
    memset(row, 0, XP_SPELLING * sizeof *row);
    int first = -1, last = -1;
    for (const unsigned char *p = (const unsigned char *)form; *p != 0; p++) {
        if ((*p & 0xC0) == 0x80) continue; /* a later byte of a character */
        row[0]++;
        last = *p >= 'a' && *p <= 'z' ? *p - 'a' : -1;
        if (row[0] == 1) first = last;
        if (last >= 0) row[1 + last]++;
    }
    if (first >= 0) row[27 + first] = 1;
    if (last >= 0) row[53 + last] = 1;
}
