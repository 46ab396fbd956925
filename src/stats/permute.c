#include "stats/permute.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

bool xp_blocks_create(xp_blocks *b, size_t n, const int *label) {
    int top = -1;
    for (size_t i = 0; i < n; i++)
        if (label[i] > top) top = label[i];
    size_t labels = (size_t)top + 1; /* top is -1 at least */
    *b = (xp_blocks){.n = n};
    size_t *size = xp_calloc(labels + 1, sizeof *size);
    b->member = xp_alloc(n, sizeof *b->member);
    b->start = xp_calloc(labels + 1, sizeof *b->start);
    b->movable = xp_calloc(n, 1);
    bool ok = size != NULL && b->member != NULL && b->start != NULL && b->movable != NULL;
    for (size_t i = 0; ok && i < n; i++)
        if (label[i] >= 0) size[label[i]]++;
    for (size_t c = 0; ok && c < labels; c++) {
        if (size[c] < 2) continue;
        for (size_t i = 0; i < n; i++)
            if (label[i] == (int)c) {
                b->member[b->n_movable++] = (uint32_t)i;
                b->movable[i] = 1;
            }
        b->start[++b->n_blocks] = b->n_movable;
    }
    xp_free(size);
    if (!ok) xp_blocks_free(b);
    return ok;
}

void xp_blocks_free(xp_blocks *b) {
    xp_free_all(b->member, b->start, b->movable);
    *b = (xp_blocks){0};
}

void xp_blocks_permute(const xp_blocks *b, uint64_t seed, unsigned purpose, uint32_t number, uint32_t *scratch,
                       uint32_t *order) {
    xp_rng rng = xp_rng_begin(seed, purpose, number);
    for (size_t i = 0; i < b->n; i++) order[i] = (uint32_t)i;
    memcpy(scratch, b->member, b->n_movable * sizeof *scratch);
    for (size_t c = 0; c < b->n_blocks; c++)
        xp_rng_permutation(&rng, b->start[c + 1] - b->start[c], scratch + b->start[c]);
    for (size_t k = 0; k < b->n_movable; k++) order[b->member[k]] = scratch[k];
}

double xp_permute_mean(const double *value, size_t n) {
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(value[i])) continue;
        sum += value[i];
        count++;
    }
    return count > 0 ? sum / count : NAN;
}

void xp_permute_summarise(double observed, const double *null, size_t count, xp_test_result *r) {
    double sum = 0, squares = 0, reached = 0, size = (double)count, largest = fabs(observed);
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(null[i]));
    for (size_t i = 0; i < count; i++) {
        sum += null[i];
        reached += null[i] >= observed - 1e-12 * largest;
    }
    double mean = sum / size;
    for (size_t i = 0; i < count; i++) squares += (null[i] - mean) * (null[i] - mean);
    *r = (xp_test_result){.observed = observed, .null_mean = mean, .permutations = count};
    r->null_sd = count > 1 ? sqrt(squares / (size - 1)) : NAN;
    r->gain = observed - mean;
    r->p = (1 + reached) / (1 + size);
    r->p_error = sqrt(r->p * (1 - r->p) / size);
}

bool xp_permute_max_t(size_t n_tests, size_t permutations, const double *statistic, double *p_adjusted) {
    const size_t columns = permutations + 1;
    double *largest = xp_alloc(columns, sizeof *largest), *own = xp_alloc(n_tests, sizeof *own);
    bool ok = largest != NULL && own != NULL;
    for (size_t b = 0; ok && b < columns; b++) largest[b] = -HUGE_VAL;
    for (size_t t = 0; ok && t < n_tests; t++) {
        const double *row = statistic + t * columns;
        double sum = 0, squares = 0;
        for (size_t b = 0; b < columns; b++) sum += row[b];
        const double mean = sum / (double)columns;
        for (size_t b = 0; b < columns; b++) squares += (row[b] - mean) * (row[b] - mean);
        const double sd = sqrt(squares / (double)columns);
        own[t] = -HUGE_VAL; /* nothing varies: reached by every column */
        if (!(sd > 0)) continue;
        own[t] = (row[0] - mean) / sd;
        for (size_t b = 0; b < columns; b++) largest[b] = fmax(largest[b], (row[b] - mean) / sd);
    }
    for (size_t t = 0; ok && t < n_tests; t++) {
        size_t reached = 0;
        for (size_t b = 0; b < columns; b++) reached += largest[b] >= own[t];
        p_adjusted[t] = (double)reached / (double)columns;
    }
    xp_free_all(largest, own);
    return ok;
}
