#include "tensor/linear.h"

#include <string.h>

#include "base/memory.h"

bool xp_panels_size(size_t inner, size_t columns, size_t *size) {
    const size_t n_panels = columns / XP_PANEL + (columns % XP_PANEL != 0);
    size_t panel;
    return !xp_mul_overflows(inner, XP_PANEL, &panel) && !xp_mul_overflows(panel, n_panels, size);
}

void xp_panels_put(size_t inner, size_t first, size_t many, const float *weight, size_t ldw, float *panels) {
    enum { DEPTH = 16 }; /* a line of the cache on the side that is read */
    for (size_t j = 0; j < many;) {
        const size_t at = (first + j) % XP_PANEL, left = XP_PANEL - at, wide = many - j < left ? many - j : left;
        float *panel = panels + (first + j) / XP_PANEL * XP_PANEL * inner + at;
        const float *from = weight + j * ldw;
        for (size_t k = 0; k < inner; k += DEPTH) {
            const size_t deep = inner - k < DEPTH ? inner - k : DEPTH;
            for (size_t i = 0; i < deep; i++)
                for (size_t c = 0; c < wide; c++) panel[(k + i) * XP_PANEL + c] = from[c * ldw + k + i];
        }
        j += wide;
    }
}

void xp_panels_put_plain(size_t inner, size_t columns, const float *b, size_t ldb, float *panels) {
    for (size_t j = 0; j < columns; j += XP_PANEL) {
        const size_t wide = columns - j < XP_PANEL ? columns - j : XP_PANEL;
        for (size_t k = 0; k < inner; k++, panels += XP_PANEL) {
            memcpy(panels, b + k * ldb + j, wide * sizeof *b);
            memset(panels + wide, 0, (XP_PANEL - wide) * sizeof *b);
        }
    }
}

/* A panel's part of one chain stays in the second cache while all rows pass. */
static void multiply(const xp_kernels *kernels, const xp_linear *linear, size_t deep, size_t rows, const float *x,
                     size_t ldx, xp_activation activation, const float *residual, size_t ldr, float *y, size_t ldy) {
    const size_t inner = linear->inner;
    for (size_t k = 0; k < inner; k += XP_INNER) {
        const size_t many = inner - k < XP_INNER ? inner - k : XP_INNER;
        for (size_t j = 0; j < linear->columns; j += XP_PANEL) {
            const size_t wide = linear->columns - j < XP_PANEL ? linear->columns - j : XP_PANEL;
            kernels->product(rows, many, x + k, ldx, linear->panels + j * deep + k * XP_PANEL, wide, y + j, ldy, k > 0);
            if (k + many < inner || (linear->bias == NULL && activation == XP_IDENTITY && residual == NULL)) continue;
            kernels->finish(rows, wide, y + j, ldy, linear->bias != NULL ? linear->bias + j : NULL, activation,
                            residual != NULL ? residual + j : NULL, ldr);
        }
    }
}

void xp_product(const xp_kernels *kernels, size_t rows, size_t inner, const float *a, size_t lda, const float *panels,
                size_t deep, size_t columns, float *c, size_t ldc) {
    const xp_linear plain = {inner, columns, panels, NULL};
    multiply(kernels, &plain, deep, rows, a, lda, XP_IDENTITY, NULL, 0, c, ldc);
}

void xp_linear_apply(const xp_kernels *kernels, const xp_linear *linear, size_t rows, const float *x, size_t ldx,
                     xp_activation activation, const float *residual, size_t ldr, float *y, size_t ldy) {
    multiply(kernels, linear, linear->inner, rows, x, ldx, activation, residual, ldr, y, ldy);
}
