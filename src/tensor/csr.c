#include "tensor/csr.h"

#include <string.h>

#include "base/memory.h"

bool xp_csr_alloc(xp_csr *csr, size_t n, size_t m, size_t nonzero) {
    *csr = (xp_csr){.n = n, .m = m};
    csr->start = xp_calloc(n + 1, sizeof *csr->start);
    csr->column = xp_alloc(nonzero, sizeof *csr->column);
    csr->value = xp_alloc(nonzero, sizeof *csr->value);
    if (csr->start != NULL && csr->column != NULL && csr->value != NULL) return true;
    xp_csr_free(csr);
    return false;
}

void xp_csr_free(xp_csr *csr) {
    xp_free_all(csr->start, csr->column, csr->value);
    *csr = (xp_csr){0};
}

bool xp_csr_select(const xp_csr *from, const uint32_t *row, size_t n_rows, const uint8_t *keep, xp_csr *to) {
    uint32_t *renumbered = xp_alloc(from->m, sizeof *renumbered);
    if (renumbered == NULL) return false;
    uint32_t m = 0;
    for (size_t j = 0; j < from->m; j++) renumbered[j] = keep == NULL || keep[j] ? m++ : UINT32_MAX;
    size_t nonzero = 0;
    for (size_t i = 0; i < n_rows; i++) nonzero += from->start[row[i] + 1] - from->start[row[i]];
    if (!xp_csr_alloc(to, n_rows, m, nonzero)) {
        xp_free(renumbered);
        return false;
    }
    size_t at = 0;
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t e = from->start[row[i]]; e < from->start[row[i] + 1]; e++) {
            uint32_t j = renumbered[from->column[e]];
            if (j == UINT32_MAX) continue;
            to->column[at] = j;
            to->value[at++] = from->value[e];
        }
        to->start[i + 1] = at;
    }
    xp_free(renumbered);
    return true;
}

void xp_csr_row(const xp_csr *csr, size_t i, double *dense) {
    memset(dense, 0, csr->m * sizeof *dense);
    for (size_t e = csr->start[i]; e < csr->start[i + 1]; e++) dense[csr->column[e]] = csr->value[e];
}
