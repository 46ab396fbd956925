#include "model/matrix.h"

#include <string.h>

#include "model/gguf.h"
#include "tensor/normals.h"

/* Numbers k to k + many - 1 of row `row`; k and many are whole blocks. */
static void read_row(const xp_matrix *m, size_t row, size_t k, size_t many, float *to) {
    if (m->floats != NULL) {
        memcpy(to, m->floats + row * m->columns + k, many * sizeof *to);
        return;
    }
    if (m->draws) {
        if (row == m->zeros)
            memset(to, 0, many * sizeof *to);
        else
            xp_normals(&m->stream, (uint64_t)row * m->columns + k, many, m->deviation, to);
        return;
    }
    const xp_matrix_part *part = m->part;
    for (; row >= part->rows; part++) row -= part->rows;
    const size_t stored = part->head > 0 ? xp_gguf_interleaved(row, part->head) : row, block = part->type->block;
    const size_t first = stored * (m->columns / block) + k / block;
    xp_ggml_widen(part->type, part->data + first * part->type->bytes, many / block, to);
}

static void read_rows(const void *weight, size_t first, size_t n, size_t k, size_t many, float *to, size_t ld) {
    for (size_t i = 0; i < n; i++) read_row(weight, first + i, k, many, to + i * ld);
}

xp_linear xp_matrix_linear(const xp_matrix *m, const float *bias) {
    return (xp_linear){
        .inner = m->columns, .columns = m->rows, .panels = m->panels, .bias = bias, .read = read_rows, .weight = m};
}

void xp_matrix_row(const xp_matrix *m, size_t row, float *to) { read_row(m, row, 0, m->columns, to); }

void xp_matrix_row_wide(const xp_matrix *m, size_t row, double *to) {
    float part[XP_READ];
    for (size_t k = 0; k < m->columns; k += XP_READ) {
        const size_t many = m->columns - k < XP_READ ? m->columns - k : XP_READ;
        read_row(m, row, k, many, part);
        for (size_t i = 0; i < many; i++) to[k + i] = (double)part[i];
    }
}
