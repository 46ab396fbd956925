#include "flow/parts.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "tensor/floats.h"
#include "tensor/linear.h"

static size_t rounded(size_t n) { return (n + XP_PANEL - 1) / XP_PANEL * XP_PANEL; }

static bool is_rms(const xp_parts *p) { return p->block->model->config.has & XP_HAS_RMS_NORM; }

static double mean_of(size_t n, const float *x) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += (double)x[k];
    return sum / (double)n;
}

/* What the norm divides row x by, inverted. */
static double measure(const xp_parts *p, const float *x) {
    const double mean = is_rms(p) ? 0 : mean_of(p->width, x);
    double sum = 0;
    for (size_t k = 0; k < p->width; k++) sum += ((double)x[k] - mean) * ((double)x[k] - mean);
    return 1 / sqrt(sum / (double)p->width + p->block->model->config.eps);
}

/* The linear part of a norm. */
static void apply(const xp_parts *p, const xp_norm *norm, double by, const float *x, float *to) {
    const float mean = is_rms(p) ? 0 : (float)mean_of(p->width, x), factor = (float)by;
    for (size_t k = 0; k < p->width; k++) to[k] = (x[k] - mean) * factor;
    for (size_t k = 0; norm->weight != NULL && k < p->width; k++) to[k] *= norm->weight[k];
}

static void add(size_t n, const float *x, float *to) {
    for (size_t k = 0; x != NULL && k < n; k++) to[k] += x[k];
}

void xp_parts_inner(const xp_parts *p, size_t i, bool own, const float *x, float *to) {
    const xp_norm *norm = xp_block_inner(p->block);
    if (norm != NULL)
        apply(p, norm, p->inner[i], x, to);
    else if (to != x)
        memcpy(to, x, p->width * sizeof *to);
    if (own) add(p->width, p->block->rows + i * p->width, to);
}

void xp_parts_term(const xp_parts *p, size_t i, bool own, const float *x, float *to) {
    const xp_norm *norm = xp_block_after(p->block);
    xp_parts_inner(p, i, own, x, to);
    if (norm != NULL) apply(p, norm, p->after[i], to, to);
}

void xp_parts_rest(const xp_parts *p, size_t i, float *to) {
    const float *bias = xp_block_bias(p->block);
    const xp_norm *inner = xp_block_inner(p->block), *after = xp_block_after(p->block);
    memset(to, 0, p->width * sizeof *to);
    add(p->width, bias, to);
    if (inner != NULL) {
        apply(p, inner, p->inner[i], to, to);
        add(p->width, inner->bias, to);
    }
    if (after == NULL) return;
    apply(p, after, p->after[i], to, to);
    add(p->width, after->bias, to);
}

/* y_i without `less`, and what the norms multiply with there. */
static void settle(const xp_parts *p, size_t i, const float *less, float *to, double *inner_by, double *after_by) {
    const xp_norm *inner = xp_block_inner(p->block), *after = xp_block_after(p->block);
    const size_t at = i * p->width;
    memcpy(to, p->own + at, p->width * sizeof *to);
    add(p->width, p->others + at, to);
    for (size_t k = 0; less != NULL && k < p->width; k++) to[k] -= less[k];
    add(p->width, xp_block_bias(p->block), to);
    if (inner != NULL) {
        *inner_by = measure(p, to);
        apply(p, inner, *inner_by, to, to);
        add(p->width, inner->bias, to);
    }
    add(p->width, p->block->rows + at, to);
    if (after != NULL) {
        *after_by = measure(p, to);
        apply(p, after, *after_by, to, to);
        add(p->width, after->bias, to);
    }
}

void xp_parts_without(const xp_parts *p, size_t i, const float *less, float *to) {
    double inner, after;
    settle(p, i, less, to, &inner, &after);
}

/* What every head takes of the row itself and of the others, through the output map. context: scratch, n x queries. */
static void divide(xp_parts *p, float *context) {
    const xp_model_block *b = p->block;
    const xp_config *c = &b->model->config;
    const size_t n = p->n, queries = c->n_heads * c->head;
    for (size_t h = 0; h < c->n_heads; h++)
        for (size_t i = 0; i < n; i++) {
            const float a = b->maps[(h * n + i) * n + i], *value = xp_block_value(b, h, i);
            for (size_t k = 0; k < c->head; k++) context[i * queries + h * c->head + k] = a * value[k];
        }
    xp_block_output(b, p->output, n, context, p->own);
    for (size_t k = 0; k < n * queries; k++) context[k] = b->context[k] - context[k];
    for (size_t k = 0; c->has & XP_IS_CAUSAL && k < queries; k++) context[k] = 0; /* row 0 sees itself alone */
    xp_block_output(b, p->output, n, context, p->others);
}

bool xp_parts_create(const xp_model_block *b, xp_parts *p) {
    const xp_config *c = &b->model->config;
    const size_t width = c->width, n = b->n, queries = c->n_heads * c->head;
    const size_t sizes[] = {n * width,
                            n * width,
                            n * width,
                            XP_SOURCES * c->n_heads * width,
                            c->n_heads * rounded(width),
                            n * c->n_heads,
                            4 * n,
                            n * queries,
                            xp_block_room(b)};
    size_t total = 0, at[9];
    *p = (xp_parts){.block = b, .n = n, .width = width, .causal = c->has & XP_IS_CAUSAL, .source = SIZE_MAX};
    for (size_t i = 0; i < 9; i++) {
        at[i] = total;
        total += (sizes[i] + XP_LANES - 1) / XP_LANES * XP_LANES;
    }
    if ((p->arena = xp_floats_create(total)) == NULL) return false;
    p->own = p->arena + at[0];
    p->others = p->arena + at[1];
    p->y = p->arena + at[2];
    p->heads = p->arena + at[3];
    p->panels = p->arena + at[4];
    p->maps = p->arena + at[5];
    p->inner = (double *)(void *)(p->arena + at[6]);
    p->after = p->inner + n;
    p->output = xp_block_panels(b, p->arena + at[8]);
    divide(p, p->arena + at[7]);
    for (size_t i = 0; i < n; i++) settle(p, i, NULL, p->y + i * width, &p->inner[i], &p->after[i]);
    return true;
}

void xp_parts_free(xp_parts *p) {
    xp_floats_destroy(p->arena);
    *p = (xp_parts){0};
}

/* f_h of the sources around j. */
static const float *heads_of(xp_parts *p, size_t j) {
    const size_t heads = p->block->model->config.n_heads, size = heads * p->width;
    const size_t first = j / XP_SOURCES * XP_SOURCES;
    if (p->source != first) {
        const size_t many = p->n - first < XP_SOURCES ? p->n - first : XP_SOURCES;
        for (size_t h = 0; h < heads; h++)
            xp_block_head(p->block, p->output, h, first, many, p->heads + h * p->width, size);
        p->source = first;
    }
    return p->heads + (j - first) * size;
}

void xp_parts_source(xp_parts *p, size_t j, float *to) {
    const xp_kernels *kernels = p->block->model->kernels;
    const size_t n = p->n, heads = p->block->model->config.n_heads, first = p->causal ? j : 0;
    for (size_t i = first; i < n; i++)
        for (size_t h = 0; h < heads; h++) p->maps[i * heads + h] = p->block->maps[(h * n + i) * n + j];
    xp_panels_put_plain(heads, 0, heads, p->width, heads_of(p, j), p->width, p->panels);
    memset(to, 0, first * p->width * sizeof *to);
    xp_product(kernels, n - first, heads, p->maps + first * heads, heads, p->panels, heads, p->width,
               to + first * p->width, p->width);
}
