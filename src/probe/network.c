#include "probe/network.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/floats.h"

/* The decays and the small number that everybody uses. */
static const double FIRST = .9, SECOND = .999, TINY = 1e-8;

enum { LANES_BACK = 16 }; /* partial sums of a single row's way back */

static size_t panels(size_t units) { return units / XP_PANEL + (units % XP_PANEL != 0); }
static size_t rounded(size_t n) { return panels(n) * XP_PANEL; }
static size_t hidden_stride(size_t h) { return rounded(h + 1); }

bool xp_network_alloc(xp_network *net, size_t d, size_t h, size_t m, size_t capacity) {
    enum { PARTS = 10 };
    const size_t wide = rounded(d + 1), deep = hidden_stride(h), outputs = rounded(m), lines = rounded(capacity);
    *net = (xp_network){.kernels = xp_kernels_find(NULL), .capacity = capacity};
    struct {
        float **at;
        size_t rows, width;
    } parts[PARTS] = {{&net->weight, 0, 0},
                      {&net->first, 0, 0},
                      {&net->second, 0, 0},
                      {&net->x, capacity, wide},
                      {&net->active, capacity, deep},
                      {&net->hidden, capacity, deep},
                      {&net->back, deep, lines},
                      {&net->error, lines, XP_PANEL},
                      {&net->turned, lines, XP_PANEL},
                      {&net->mask, capacity, XP_PANEL}};
    size_t total = 0, sizes[PARTS], layer[2];
    bool ok = net->kernels != NULL && !xp_mul_overflows(rounded(h), d + 1, &layer[0]) &&
              !xp_mul_overflows(outputs, h + 1, &layer[1]) && layer[0] < SIZE_MAX / 64 && layer[1] < SIZE_MAX / 64;
    for (size_t i = 0; ok && i < PARTS; i++) {
        ok = i < 3 || !xp_mul_overflows(parts[i].rows, parts[i].width, &sizes[i]);
        if (i < 3) sizes[i] = layer[0] + layer[1];
        ok = ok && sizes[i] < SIZE_MAX / 64 - total;
        total += ok ? sizes[i] : 0;
    }
    ok = ok && (net->arena = xp_floats_create(total)) != NULL;
    ok = ok && (net->at = xp_alloc(capacity, sizeof *net->at)) != NULL;
    ok = ok && (net->missing_at = xp_alloc(capacity, sizeof *net->missing_at)) != NULL;
    if (!ok) {
        xp_network_free(net);
        return false;
    }
    net->n_floats = total;
    float *at = net->arena;
    for (size_t i = 0; i < PARTS; at += sizes[i++]) *parts[i].at = at;
    return true;
}

void xp_network_free(xp_network *net) {
    xp_floats_destroy(net->arena);
    xp_free_all(net->at, net->missing_at);
    *net = (xp_network){0};
}

void xp_network_begin(xp_network *net, size_t d, size_t h, size_t m) {
    net->d = d;
    net->h = h;
    net->m = m;
    net->step = 0;
    net->n_first = rounded(h) * (d + 1);
    net->n_weights = net->n_first + rounded(m) * (h + 1);
    memset(net->weight, 0, net->n_weights * sizeof *net->weight);
    memset(net->first, 0, net->n_weights * sizeof *net->first);
    memset(net->second, 0, net->n_weights * sizeof *net->second);
}

/* ---- forward ---- */

/* c = a panel, in chains of XP_INNER. */
static void panel_product(const xp_network *net, size_t rows, size_t inner, const float *a, size_t lda,
                          const float *panel, float *c, size_t ldc) {
    for (size_t k = 0; k < inner; k += XP_INNER) {
        const size_t deep = inner - k < XP_INNER ? inner - k : XP_INNER;
        net->kernels->product(rows, deep, a + k, lda, panel + k * XP_PANEL, XP_PANEL, c, ldc, k > 0);
    }
}

/* Inputs of n rows to `active`, the states of the hidden units before any is dropped. */
static void activate(xp_network *net, size_t n, const float *x, size_t stride) {
    const size_t ld = hidden_stride(net->h);
    for (size_t p = 0; p < panels(net->h); p++) {
        float *to = net->active + p * XP_PANEL;
        panel_product(net, n, net->d + 1, x, stride, net->weight + p * XP_PANEL * (net->d + 1), to, ld);
        net->kernels->finish(n, XP_PANEL, to, ld, NULL, XP_TANH, NULL, 0);
    }
}

XP_CLONES static void multiply(size_t n, const float *restrict a, const float *restrict b, float *restrict c) {
    for (size_t i = 0; i < n; i++) c[i] = a[i] * b[i];
}

/* `hidden`: what the outputs see, with a 1 behind the last unit. */
static void drop(xp_network *net, size_t n, const float *mask) {
    const size_t h = net->h, ld = hidden_stride(h);
    for (size_t i = 0; i < n; i++) {
        float *to = net->hidden + i * ld;
        const float *from = net->active + i * ld;
        if (mask != NULL)
            multiply(h, from, mask + i * h, to);
        else
            memcpy(to, from, h * sizeof *to);
        to[h] = 1;
    }
}

static float *output_panel(const xp_network *net, size_t p) {
    return net->weight + net->n_first + p * XP_PANEL * (net->h + 1);
}

static void outputs(xp_network *net, size_t n, size_t p) {
    panel_product(net, n, net->h + 1, net->hidden, hidden_stride(net->h), output_panel(net, p), net->error, XP_PANEL);
}

/* ---- errors ---- */

static size_t first_cells(xp_network *net, const xp_network_rows *rows, size_t n, const uint32_t *row) {
    const xp_target *target = rows->target;
    size_t missing = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t of = xp_target_row(target, rows->concept[row[i]]);
        net->at[i] = target->y->start[of];
        if (target->missing_start == NULL) continue;
        net->missing_at[i] = target->missing_start[of];
        missing += target->missing_start[of + 1] - target->missing_start[of];
    }
    return n * net->m - missing;
}

/* Outputs of panel p to errors: targets are subtracted, missing cells are 0. */
static void subtract(xp_network *net, const xp_network_rows *rows, size_t n, const uint32_t *row, size_t p) {
    const xp_target *target = rows->target;
    const uint32_t *column = target->y->column, begin = (uint32_t)(p * XP_PANEL), end = begin + XP_PANEL;
    for (size_t i = 0; i < n; i++) {
        const size_t of = xp_target_row(target, rows->concept[row[i]]), last = target->y->start[of + 1];
        float *error = net->error + i * XP_PANEL;
        size_t e = net->at[i];
        for (; e < last && column[e] < end; e++) error[column[e] - begin] -= (float)(target->y->value[e] / rows->unit);
        net->at[i] = e;
        if (target->missing_start == NULL) continue;
        for (e = net->missing_at[i]; e < target->missing_start[of + 1] && target->missing_column[e] < end; e++)
            error[target->missing_column[e] - begin] = 0;
        net->missing_at[i] = e;
    }
}

XP_CLONES static void add_squares(size_t n, const float *restrict error, float *restrict sum) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < XP_PANEL; j++) sum[j] += error[i * XP_PANEL + j] * error[i * XP_PANEL + j];
}

static double squares(size_t n, const float *error) {
    float sum[XP_PANEL] = {0};
    double all = 0;
    add_squares(n, error, sum);
    for (size_t j = 0; j < XP_PANEL; j++) all += (double)sum[j];
    return all;
}

XP_CLONES static void scale(size_t n, float a, float *x) {
    for (size_t i = 0; i < n; i++) x[i] *= a;
}

/* The mask of panel p, rows of 32, 0 behind the last output. */
static void mask_panel(xp_network *net, size_t n, size_t p, const float *mask) {
    const size_t begin = p * XP_PANEL, wide = net->m - begin < XP_PANEL ? net->m - begin : XP_PANEL;
    for (size_t i = 0; i < n; i++) {
        memcpy(net->mask + i * XP_PANEL, mask + i * net->m + begin, wide * sizeof *mask);
        memset(net->mask + i * XP_PANEL + wide, 0, (XP_PANEL - wide) * sizeof *mask);
    }
}

/* ---- back ---- */

XP_CLONES static void turn(const float *restrict from, float *restrict to) {
    for (size_t j = 0; j < XP_PANEL; j++)
        for (size_t i = 0; i < XP_PANEL; i++) to[j * XP_PANEL + i] = from[i * XP_PANEL + j];
}

/* back[k][i] += sum of weight[k][j] error[j], its terms in 16 partial sums: the way back of one row alone. */
XP_CLONES static void back_of_one(size_t h, const float *restrict weight, const float *restrict error,
                                  float *restrict back) {
    for (size_t k = 0; k < h; k++)
        for (size_t i = 0; i < LANES_BACK; i++)
            back[k * LANES_BACK + i] +=
                weight[k * XP_PANEL + i] * error[i] + weight[k * XP_PANEL + LANES_BACK + i] * error[LANES_BACK + i];
}

/* The errors of panel p through its weights to `back`: h x rows, or for one row h x 16 parts. */
static void flow_back(xp_network *net, size_t n, size_t p) {
    const size_t ld = rounded(n);
    if (n == 1) {
        back_of_one(net->h, output_panel(net, p), net->error, net->back);
        return;
    }
    memset(net->error + n * XP_PANEL, 0, (ld - n) * XP_PANEL * sizeof *net->error);
    for (size_t i = 0; i < ld; i += XP_PANEL) {
        turn(net->error + i * XP_PANEL, net->turned);
        net->kernels->product(net->h, XP_PANEL, output_panel(net, p), XP_PANEL, net->turned, XP_PANEL, net->back + i,
                              ld, p > 0);
    }
}

/* What flows back into panel p of the hidden units, before tanh: rows of 32, in `error`. */
static void hidden_errors(xp_network *net, size_t n, size_t p, const float *mask) {
    const size_t h = net->h, begin = p * XP_PANEL, wide = h - begin < XP_PANEL ? h - begin : XP_PANEL, ld = rounded(n);
    memset(net->error, 0, n * XP_PANEL * sizeof *net->error);
    for (size_t j = 0; j < wide; j++) {
        const float *back = net->back + (begin + j) * (n == 1 ? LANES_BACK : ld);
        float one[LANES_BACK];
        if (n == 1) { /* halves onto halves */
            memcpy(one, back, sizeof one);
            for (size_t half = LANES_BACK / 2; half > 0; half /= 2)
                for (size_t i = 0; i < half; i++) one[i] += one[i + half];
            back = one;
        }
        for (size_t i = 0; i < n; i++) {
            const float t = net->active[i * hidden_stride(h) + begin + j];
            const float kept = mask != NULL ? mask[i * h + begin + j] : 1;
            net->error[i * XP_PANEL + j] = back[i] * kept * (1 - t * t);
        }
    }
}

static void descend(xp_network *net, size_t panel, size_t rows, size_t n, const float *a, size_t lda,
                    const xp_adam *adam) {
    net->kernels->descend(rows, n, a, lda, net->error, adam, net->weight + panel, net->first + panel,
                          net->second + panel);
}

static xp_adam adam_of(xp_network *net, double learning_rate) {
    const double t = (double)++net->step;
    return (xp_adam){.take = (float)(1 - FIRST),
                     .keep = (float)SECOND,
                     .square = (float)(1 - SECOND),
                     .rate = (float)(learning_rate / (1 - pow(FIRST, t))),
                     .root = (float)(1 / sqrt(1 - pow(SECOND, t))),
                     .tiny = (float)TINY};
}

/* ---- rows ---- */

static void gather(xp_network *net, const xp_network_rows *rows, size_t n, const uint32_t *row) {
    for (size_t i = 0; i < n; i++)
        memcpy(net->x + i * rows->stride, rows->x + row[i] * rows->stride, (net->d + 1) * sizeof *net->x);
}

xp_network_loss xp_network_train(xp_network *net, const xp_network_rows *rows, size_t n, const uint32_t *row,
                                 const xp_network_step *step) {
    const xp_adam adam = adam_of(net, step->learning_rate);
    const size_t h = net->h, d = net->d, ld = hidden_stride(h);
    gather(net, rows, n, row);
    activate(net, n, net->x, rows->stride);
    drop(net, n, step->hidden_mask);
    xp_network_loss loss = {.cells = first_cells(net, rows, n, row)};
    const float factor = (float)(step->sum ? 2 : 2 / (double)(loss.cells > 0 ? loss.cells : 1));
    if (n == 1) memset(net->back, 0, h * LANES_BACK * sizeof *net->back);
    for (size_t p = 0; p < panels(net->m); p++) {
        outputs(net, n, p);
        if (step->output_mask != NULL) {
            mask_panel(net, n, p, step->output_mask);
            for (size_t i = 0; i < n * XP_PANEL; i++) net->error[i] *= net->mask[i];
        }
        subtract(net, rows, n, row, p);
        loss.squares += squares(n, net->error);
        scale(n * XP_PANEL, factor, net->error);
        if (step->output_mask != NULL)
            for (size_t i = 0; i < n * XP_PANEL; i++) net->error[i] *= net->mask[i];
        flow_back(net, n, p);
        descend(net, net->n_first + p * XP_PANEL * (h + 1), h + 1, n, net->hidden, ld, &adam);
    }
    for (size_t p = 0; p < panels(h); p++) {
        hidden_errors(net, n, p, step->hidden_mask);
        descend(net, p * XP_PANEL * (d + 1), d + 1, n, net->x, rows->stride, &adam);
    }
    return loss;
}

xp_network_loss xp_network_test(xp_network *net, const xp_network_rows *rows, size_t n, const uint32_t *row) {
    xp_network_loss loss = {0};
    for (size_t begin = 0; begin < n; begin += net->capacity) {
        const size_t many = n - begin < net->capacity ? n - begin : net->capacity;
        gather(net, rows, many, row + begin);
        activate(net, many, net->x, rows->stride);
        drop(net, many, NULL);
        loss.cells += first_cells(net, rows, many, row + begin);
        for (size_t p = 0; p < panels(net->m); p++) {
            outputs(net, many, p);
            subtract(net, rows, many, row + begin, p);
            loss.squares += squares(many, net->error);
        }
    }
    return loss;
}

void xp_network_predict(xp_network *net, const xp_network_rows *rows, size_t n, double *prediction) {
    for (size_t begin = 0; begin < n; begin += net->capacity) {
        const size_t many = n - begin < net->capacity ? n - begin : net->capacity;
        activate(net, many, rows->x + begin * rows->stride, rows->stride);
        drop(net, many, NULL);
        for (size_t p = 0; p < panels(net->m); p++) {
            outputs(net, many, p);
            for (size_t j = p * XP_PANEL; j < net->m && j < (p + 1) * XP_PANEL; j++)
                for (size_t i = 0; i < many; i++)
                    prediction[j * n + begin + i] = (double)net->error[i * XP_PANEL + j % XP_PANEL] * rows->unit;
        }
    }
}
