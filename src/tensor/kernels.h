/* Kernels of the fp32 forward pass, one set for each instruction set, the same bits from all of them.
 *
 *     const xp_kernels *kernels = xp_kernels_find(NULL);          // the widest set of this processor
 *     kernels->product(rows, inner, a, lda, panel, 32, c, ldc, false);
 *
 * What makes the bits equal: every sum over an inner size is a chain of fused multiply-adds in ascending order, one
 * chain for each output element (XP_INNER long, chains added in order by the caller); sums over a row (norm, softmax) use 16
 * partial sums, element i in sum i % 16, however wide the registers are, and the 16 are folded in halves; exp, erf and
 * tanh are SLEEF's `finz_` functions, which are bit-identical for AVX-512, AVX2 and scalar FMA. So an element depends on
 * its row of A and its column of B alone: not on the rows beside it, nor on how rows are cut into tiles. */
#ifndef XP_TENSOR_KERNELS_H
#define XP_TENSOR_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    XP_PANEL = 32,  /* columns of B that lie together: panel[k * 32 + j] */
    XP_INNER = 384, /* length of one chain of additions: 48 KB of a panel, 18 KB of twelve rows */
    XP_LANES = 16   /* partial sums of a row */
};

typedef enum xp_activation { XP_IDENTITY, XP_GELU, XP_GELU_TANH, XP_RELU, XP_TANH, XP_SILU } xp_activation;

/* A step of Adam (Kingma & Ba 2015), written as torch does: first += take (g - first), second = keep second + square g g,
 * weight -= rate first / (root sqrt(second) + tiny). With decays f and s, take = 1 - f, keep = s, square = 1 - s (each
 * rounded by itself: 1 - .999f is .0010000467), and after t steps rate = (learning rate) / (1 - f^t), root =
 * 1 / sqrt(1 - s^t). */
typedef struct xp_adam {
    float take, keep, square, rate, root, tiny;
} xp_adam;

/* What a softmax knows of its row without another pass: with x the scores less their largest, and Z the sum of exp(x), the
 * entropy is log Z - sum(exp(x) x) / Z, two terms that are never negative, and the largest share is 1 / Z. */
typedef struct xp_focus {
    float entropy; /* in nats */
    float largest;
} xp_focus;

typedef struct xp_kernels {
    const char *name;
    bool (*usable)(void); /* by this processor */
    /* c = a panel, or c += a panel with `add`; a is rows x inner, the panel inner x 32 (zeros behind `columns`),
     * inner <= XP_INNER; c is rows x columns, columns <= 32. */
    void (*product)(size_t rows, size_t inner, const float *a, size_t lda, const float *panel, size_t columns, float *c,
                    size_t ldc, bool add);
    /* c = a'b, or c += a'b with `add`, of two panels (inner x 32, inner <= XP_INNER): 32 x 32. */
    void (*cross)(size_t inner, const float *a, const float *b, float *c, size_t ldc, bool add);
    /* A step of Adam on rows x 32 weights, with the gradient a'B: a is inner x rows, the panel inner x 32; one chain,
     * however long. The gradient is never stored. */
    void (*descend)(size_t rows, size_t inner, const float *a, size_t lda, const float *panel, const xp_adam *adam,
                    float *weight, float *first, float *second);
    /* c = activation(c + bias) + residual on rows x columns; bias and residual may be NULL. */
    void (*finish)(size_t rows, size_t columns, float *c, size_t ldc, const float *bias, xp_activation activation,
                   const float *residual, size_t ldr);
    /* row = softmax(row * scale + bias); bias and focus may be NULL. */
    void (*softmax)(size_t n, float *row, float scale, const float *bias, xp_focus *focus);
    /* y = (x - mean) / sqrt(variance + eps) * weight + bias; the variance divides by n; weight and bias may be NULL. y may be x. */
    void (*normalise)(size_t n, const float *x, float eps, const float *weight, const float *bias, float *y);
    /* y = x / sqrt(mean of squares + eps) * weight; weight may be NULL. y may be x. */
    void (*normalise_rms)(size_t n, const float *x, float eps, const float *weight, float *y);
} xp_kernels;

/* By name ("avx512", "avx2", "scalar"; NULL: the widest). NULL: unknown, or not usable by this processor. */
const xp_kernels *xp_kernels_find(const char *name);

/* The i-th set, usable or not; NULL behind the last. */
const xp_kernels *xp_kernels_list(size_t i);

#endif
