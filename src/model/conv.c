#include "model/conv.h"

/* What the convolution sees of piece i: of every column its neighbours from left to right, zeros beyond the text. */
static void put_patch(const xp_config *c, const float *text, size_t n, size_t i, float *to) {
    const size_t before = c->kernel / 2;
    for (size_t k = 0; k < c->kernel; k++) {
        const bool inside = i + k >= before && i + k - before < n;
        const float *row = inside ? text + (i + k - before) * c->width : NULL;
        for (size_t d = 0; d < c->width; d++) to[d * c->kernel + k] = inside ? row[d] : 0;
    }
}

size_t xp_conv_room(const xp_config *c) { return XP_MAP_ROWS * c->width * c->kernel; }

void xp_conv_apply(const explaint_model *model, const float *bias, xp_activation activation, size_t n,
                   const float *rows, float *patches, float *to) {
    const xp_config *c = &model->config;
    const size_t inner = c->width * c->kernel;
    const xp_linear conv = xp_matrix_linear(&model->conv, bias);
    for (size_t first = 0; first < n; first += XP_MAP_ROWS) {
        const size_t many = n - first < XP_MAP_ROWS ? n - first : XP_MAP_ROWS;
        for (size_t i = 0; i < many; i++) put_patch(c, rows, n, first + i, patches + i * inner);
        xp_linear_apply(model->kernels, &conv, many, patches, inner, activation, NULL, 0, to + first * c->width,
                        c->width);
    }
}
