#include "tensor/linear.h"

#include <string.h>

#include "base/memory.h"

bool xp_panels_size(size_t inner, size_t columns, size_t *size) {
    const size_t n_panels = columns / XP_PANEL + (columns % XP_PANEL != 0);
    size_t panel;
    return !xp_mul_overflows(inner, XP_PANEL, &panel) && !xp_mul_overflows(panel, n_panels, size);
}

/* Four floats, not aligned. */
typedef float four __attribute__((vector_size(16), aligned(4), may_alias));
#if defined(__clang__)
#define MIX(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
typedef int places __attribute__((vector_size(16)));
#define MIX(a, b, i, j, k, l) __builtin_shuffle(a, b, (places){i, j, k, l})
#endif

/* Four numbers of four rows, turned. */
static void turn(const float *from, size_t ldw, float *to) {
    const four a = *(const four *)from, b = *(const four *)(from + ldw), c = *(const four *)(from + 2 * ldw),
               d = *(const four *)(from + 3 * ldw);
    const four ab = MIX(a, b, 0, 4, 1, 5), cd = MIX(c, d, 0, 4, 1, 5), ba = MIX(a, b, 2, 6, 3, 7),
               dc = MIX(c, d, 2, 6, 3, 7);
    *(four *)to = MIX(ab, cd, 0, 1, 4, 5);
    *(four *)(to + XP_PANEL) = MIX(ab, cd, 2, 3, 6, 7);
    *(four *)(to + 2 * XP_PANEL) = MIX(ba, dc, 0, 1, 4, 5);
    *(four *)(to + 3 * XP_PANEL) = MIX(ba, dc, 2, 3, 6, 7);
}

/* `deep` numbers of `wide` rows. */
static void turn_rows(size_t deep, size_t wide, const float *from, size_t ldw, float *to) {
    size_t c = 0;
    for (; c + 4 <= wide; c += 4) {
        size_t k = 0;
        for (; k + 4 <= deep; k += 4) turn(from + c * ldw + k, ldw, to + k * XP_PANEL + c);
        for (; k < deep; k++)
            for (size_t r = c; r < c + 4; r++) to[k * XP_PANEL + r] = from[r * ldw + k];
    }
    for (; c < wide; c++)
        for (size_t k = 0; k < deep; k++) to[k * XP_PANEL + c] = from[c * ldw + k];
}

void xp_panels_put(size_t inner, size_t first, size_t many, const float *weight, size_t ldw, float *panels) {
    enum { DEPTH = 16 }; /* a line of the cache on the side that is read */
    for (size_t j = 0; j < many;) {
        const size_t at = (first + j) % XP_PANEL, left = XP_PANEL - at, wide = many - j < left ? many - j : left;
        float *panel = panels + (first + j) / XP_PANEL * XP_PANEL * inner + at;
        for (size_t k = 0; k < inner; k += DEPTH)
            turn_rows(inner - k < DEPTH ? inner - k : DEPTH, wide, weight + j * ldw + k, ldw, panel + k * XP_PANEL);
        j += wide;
    }
}

void xp_panels_put_plain(size_t deep, size_t first, size_t many, size_t columns, const float *b, size_t ldb,
                         float *panels) {
    for (size_t j = 0; j < columns; j += XP_PANEL) {
        const size_t wide = columns - j < XP_PANEL ? columns - j : XP_PANEL;
        float *to = panels + j * deep + first * XP_PANEL;
        for (size_t k = 0; k < many; k++, to += XP_PANEL) {
            memcpy(to, b + k * ldb + j, wide * sizeof *b);
            memset(to + wide, 0, (XP_PANEL - wide) * sizeof *b);
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
    const xp_linear plain = {.inner = inner, .columns = columns, .panels = panels};
    multiply(kernels, &plain, deep, rows, a, lda, XP_IDENTITY, NULL, 0, c, ldc);
}

/* Numbers k to k + many - 1 of `wide` rows, as a panel. */
static void read_panel(const xp_linear *linear, size_t first, size_t wide, size_t k, size_t many, float *panel) {
    enum { APART = XP_READ + 16 }; /* rows that are a power of two apart share the same few places of the cache */
    float rows[XP_PANEL * APART];
    if (wide < XP_PANEL) memset(panel, 0, many * XP_PANEL * sizeof *panel);
    for (size_t done = 0; done < many; done += XP_READ) {
        const size_t part = many - done < XP_READ ? many - done : XP_READ;
        linear->read(linear->weight, first, wide, k + done, part, rows, APART);
        xp_panels_put(part, 0, wide, rows, APART, panel + done * XP_PANEL);
    }
}

void xp_linear_pack(const xp_linear *linear, float *panels) {
    for (size_t j = 0; j < linear->columns; j += XP_PANEL)
        read_panel(linear, j, linear->columns - j < XP_PANEL ? linear->columns - j : XP_PANEL, 0, linear->inner,
                   panels + j * linear->inner);
}

/* As multiply, in the same order for each output: chains of XP_INNER, one after another. What was read serves all rows. */
static void multiply_read(const xp_kernels *kernels, const xp_linear *linear, size_t rows, const float *x, size_t ldx,
                          xp_activation activation, const float *residual, size_t ldr, float *y, size_t ldy) {
    enum { DEEP = 2 * XP_INNER }; /* 96 KB: whole chains that are whole reads */
    _Static_assert(DEEP % XP_READ == 0, "a part of a panel is read from where a block begins");
    _Alignas(64) float panel[DEEP * XP_PANEL];
    for (size_t j = 0; j < linear->columns; j += XP_PANEL) {
        const size_t wide = linear->columns - j < XP_PANEL ? linear->columns - j : XP_PANEL;
        for (size_t k = 0; k < linear->inner; k += XP_INNER) {
            const size_t at = k % DEEP, left = linear->inner - k;
            if (at == 0) read_panel(linear, j, wide, k, left < DEEP ? left : DEEP, panel);
            kernels->product(rows, left < XP_INNER ? left : XP_INNER, x + k, ldx, panel + at * XP_PANEL, wide, y + j,
                             ldy, k > 0);
        }
        if (linear->bias != NULL || activation != XP_IDENTITY || residual != NULL)
            kernels->finish(rows, wide, y + j, ldy, linear->bias != NULL ? linear->bias + j : NULL, activation,
                            residual != NULL ? residual + j : NULL, ldr);
    }
}

void xp_linear_apply(const xp_kernels *kernels, const xp_linear *linear, size_t rows, const float *x, size_t ldx,
                     xp_activation activation, const float *residual, size_t ldr, float *y, size_t ldy) {
    if (linear->panels != NULL)
        multiply(kernels, linear, linear->inner, rows, x, ldx, activation, residual, ldr, y, ldy);
    else
        multiply_read(kernels, linear, rows, x, ldx, activation, residual, ldr, y, ldy);
}
