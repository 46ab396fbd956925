/* Products with a matrix that is packed once: the weights of a model, the keys and values of a text; or with one that lies in another
 * form, of which a part is packed whenever it is needed.
 *
 *     float *panels = ...;                               // xp_panels_size(inner, columns) floats
 *     xp_panels_put(inner, 0, columns, weight, inner, panels);     // weight: columns x inner, as torch keeps it
 *     xp_linear linear = {.inner = inner, .columns = columns, .panels = panels, .bias = bias};
 *     xp_linear_apply(kernels, &linear, rows, x, inner, XP_GELU, NULL, 0, y, columns);
 *
 * Column j lies in panel j / 32 at place j % 32: panel[k * 32 + j % 32]; the last panel is filled with zeros. Where the numbers are the
 * same, so are all bits of the product. */
#ifndef XP_TENSOR_LINEAR_H
#define XP_TENSOR_LINEAR_H

#include "tensor/kernels.h"

enum {
    XP_READ = 256
}; /* numbers of a row that are read at once: whole blocks of every type of GGUF, and a few KB of a panel */

typedef struct xp_linear {
    size_t inner, columns;
    const float *panels; /* NULL: `read` */
    const float *bias;   /* NULL: none */
    /* Numbers k to k + many - 1 of n <= XP_PANEL rows of `weight` from row `first` on, rows of `to` ld apart; k is a multiple of XP_READ,
     * many at most XP_READ and less only at the end of the rows. */
    void (*read)(const void *weight, size_t first, size_t n, size_t k, size_t many, float *to, size_t ld);
    const void *weight;
} xp_linear;

/* Floats; false if that does not fit. */
bool xp_panels_size(size_t inner, size_t columns, size_t *size);

/* Columns first .. first + many - 1 from the rows of `weight` (many x inner). Other columns are left alone, and the
 * places behind the last column are the caller's to clear. */
void xp_panels_put(size_t inner, size_t first, size_t many, const float *weight, size_t ldw, float *panels);

/* Rows first .. first + many - 1 of panels of `deep` rows from those of b (many x columns), all columns; the rest of the last panel becomes
 * 0 there. */
void xp_panels_put_plain(size_t deep, size_t first, size_t many, size_t columns, const float *b, size_t ldb,
                         float *panels);

/* The panels of a matrix that is read. */
void xp_linear_pack(const xp_linear *linear, float *panels);

/* c = a B: rows x inner times inner x columns. deep: rows that the panels have, `inner` or more, where B is a part of their rows. */
void xp_product(const xp_kernels *kernels, size_t rows, size_t inner, const float *a, size_t lda, const float *panels,
                size_t deep, size_t columns, float *c, size_t ldc);

/* y = activation(x W' + bias) + residual; residual may be NULL; y overlaps nothing. */
void xp_linear_apply(const xp_kernels *kernels, const xp_linear *linear, size_t rows, const float *x, size_t ldx,
                     xp_activation activation, const float *residual, size_t ldr, float *y, size_t ldy);

#endif
