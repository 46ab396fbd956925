#include "flow/zeroing.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/floats.h"

typedef struct run {
    xp_parts *p;
    xp_model_work work;   /* rows between the halves of a block, of several pieces at once */
    size_t most;          /* rows of it */
    float *beside, *less; /* n x width: the feed-forward layer of parallel blocks; what the value of a piece gave */
    double *intact;       /* n x width, of length 1 */
    size_t *row, *piece;  /* of each row of the work */
    double *map;
} run;

static void unit(size_t n, const float *x, double *to) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += (double)x[k] * (double)x[k];
    const double by = sum > 0 ? 1 / sqrt(sum) : 0;
    for (size_t k = 0; k < n; k++) to[k] = by * (double)x[k];
}

/* 1 - cos of a row and an intact one; twice that is the squared distance. */
static double turned(size_t n, const double *intact, const float *x) {
    double square = 0, sum = 0;
    for (size_t k = 0; k < n; k++) square += (double)x[k] * (double)x[k];
    const double by = square > 0 ? 1 / sqrt(square) : 0;
    for (size_t k = 0; k < n; k++) {
        const double gap = intact[k] - by * (double)x[k];
        sum += gap * gap;
    }
    return sum / 2;
}

/* The rows of the work to the end of the block. */
static void finish(run *r) {
    const xp_model_block *b = r->p->block;
    const size_t d = r->p->width;
    if (!xp_block_is_parallel(b->model)) {
        xp_block_finish(b->model, b->layer, &r->work);
        return;
    }
    for (size_t k = 0; k < r->work.n_rows; k++)
        for (size_t c = 0; c < d; c++) r->work.rows[k * d + c] += r->beside[r->row[k] * d + c];
}

static void look(run *r) {
    const size_t d = r->p->width;
    finish(r);
    for (size_t k = 0; k < r->work.n_rows; k++)
        r->map[r->row[k] * r->p->n + r->piece[k]] = turned(d, r->intact + r->row[k] * d, r->work.rows + k * d);
    r->work.n_rows = 0;
}

static void take(run *r, size_t row, size_t piece, const float *less) {
    xp_parts_without(r->p, row, less, r->work.rows + r->work.n_rows * r->p->width);
    r->row[r->work.n_rows] = row;
    r->piece[r->work.n_rows++] = piece;
}

static void make(run *r) {
    const size_t n = r->p->n, d = r->p->width;
    if (xp_block_is_parallel(r->p->block->model)) xp_block_beside(r->p->block, &r->work, r->beside);
    r->work.n_rows = 0;
    for (size_t i = 0; i < n; i++) take(r, i, 0, NULL);
    finish(r);
    for (size_t i = 0; i < n; i++) unit(d, r->work.rows + i * d, r->intact + i * d);
    r->work.n_rows = 0;
    memset(r->map, 0, n * n * sizeof *r->map);
    for (size_t t = 0; t < n; t++) {
        xp_parts_source(r->p, t, r->less);
        for (size_t i = r->p->causal ? t : 0; i < n; i++) {
            if (r->work.n_rows == r->most) look(r);
            take(r, i, t, r->less + i * d);
        }
    }
    look(r);
}

bool xp_zeroing_is_defined(const explaint_model *model, size_t layer) {
    return xp_block_is_parallel(model) || xp_block_can_finish(model, layer);
}

bool xp_zeroing_map(xp_parts *p, double *map) {
    const size_t n = p->n, d = p->width;
    run r = {.p = p, .most = n > XP_BATCH_ROWS ? n : XP_BATCH_ROWS, .map = map};
    bool ok = xp_work_create(p->block->model, r.most, 1, false, false, 1, &r.work, NULL) == EXPLAINT_OK;
    r.beside = xp_floats_create(2 * n * d);
    r.intact = xp_alloc(n, d * sizeof *r.intact);
    r.row = xp_alloc(r.most, 2 * sizeof *r.row);
    ok = ok && r.beside != NULL && r.intact != NULL && r.row != NULL;
    if (ok) {
        r.less = r.beside + n * d;
        r.piece = r.row + r.most;
        make(&r);
    }
    xp_work_destroy(&r.work);
    xp_floats_destroy(r.beside);
    xp_free_all(r.intact, r.row);
    return ok;
}

xp_zeroing xp_zeroing_describe(size_t n, bool causal, const double *map) {
    xp_zeroing z = {.own_share = 0};
    for (size_t i = 0; i < n; i++) {
        const size_t seen = causal ? i + 1 : n;
        double sum = 0, most = 0;
        for (size_t t = 0; t < seen; t++) {
            sum += map[i * n + t];
            most = fmax(most, map[i * n + t]);
        }
        z.own += map[i * n + i] / (double)n;
        z.largest += most / (double)n;
        if (sum > 0) z.own_share += map[i * n + i] / sum;
        z.zero_rows += !(sum > 0);
        if (seen == 1) continue;
        z.other += (sum - map[i * n + i]) / (double)(seen - 1);
        z.others++;
    }
    z.own_share = z.zero_rows < n ? z.own_share / (double)(n - z.zero_rows) : NAN;
    z.other = z.others > 0 ? z.other / (double)z.others : NAN;
    return z;
}
