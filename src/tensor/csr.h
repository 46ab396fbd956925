/* Sparse matrices: rows compressed, columns ascending within a row. */
#ifndef XP_TENSOR_CSR_H
#define XP_TENSOR_CSR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xp_csr {
    size_t n, m;      /* rows, columns */
    size_t *start;    /* n + 1 */
    uint32_t *column; /* start[n] */
    double *value;    /* start[n]; never 0 */
} xp_csr;

bool xp_csr_alloc(xp_csr *csr, size_t n, size_t m, size_t nonzero); /* start is zeroed; false without memory */
void xp_csr_free(xp_csr *csr);
/* Keeps the given rows (in this order) and, of m columns, those with keep[j] (NULL: all), renumbered. */
bool xp_csr_select(const xp_csr *from, const uint32_t *row, size_t n_rows, const uint8_t *keep, xp_csr *to);
/* Row i as a dense row of m. */
void xp_csr_row(const xp_csr *csr, size_t i, double *dense);

#endif
