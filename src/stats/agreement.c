#include "stats/agreement.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"
#include "tensor/lanes.h"

/* What a mean leaves of equal numbers, squared, as a share of theirs. */
static const double ROUNDING = 1e-24;

enum {
    ROWS = QUAD,  /* of a panel: they share the look-up of where a column is */
    TOGETHER = 16 /* permutations that go through a panel of weights while it is near */
};

/* ---- blocks ---- */

bool xp_blocks_centre(const xp_blocks *b, double *a, bool no_diagonal) {
    const size_t n = b->n;
    double *mean = xp_alloc(n, sizeof *mean);
    if (mean == NULL) return false;
    for (size_t c = 0; c < b->n_blocks; c++) {
        const double size = (double)(b->start[c + 1] - b->start[c]);
        memset(mean, 0, n * sizeof *mean);
        for (size_t k = b->start[c]; k < b->start[c + 1]; k++)
            for (size_t j = 0; j < n; j++) mean[j] += a[b->member[k] * n + j];
        for (size_t j = 0; j < n; j++) mean[j] /= size;
        for (size_t k = b->start[c]; k < b->start[c + 1]; k++)
            for (size_t j = 0; j < n; j++) a[b->member[k] * n + j] -= mean[j];
    }
    xp_free(mean);
    for (size_t i = 0; i < n; i++) {
        if (!b->movable[i]) memset(a + i * n, 0, n * sizeof *a);
        if (no_diagonal) a[i * n + i] = 0;
    }
    return true;
}

/* ---- making ---- */

bool xp_agreement_create(xp_agreement *g, size_t n, const double *l, const xp_blocks *blocks) {
    *g = (xp_agreement){.n = n, .m = blocks->n_movable, .l = l, .blocks = blocks};
    g->place = xp_calloc(n, sizeof *g->place);
    g->own = xp_alloc(g->m + 1, sizeof *g->own);
    g->panels = (g->m + ROWS - 1) / ROWS;
    if (g->place == NULL || g->own == NULL) {
        xp_agreement_free(g);
        return false;
    }
    g->own[0] = 0;
    for (size_t c = 0; c < blocks->n_blocks; c++) {
        const size_t size = blocks->start[c + 1] - blocks->start[c];
        for (size_t k = blocks->start[c]; k < blocks->start[c + 1]; k++) {
            g->place[blocks->member[k]] = (uint32_t)(k - blocks->start[c]);
            g->own[k + 1] = g->own[k] + size;
        }
    }
    return true;
}

/* Rows of the lower triangle: where there is a weight. */
typedef struct xp_few_pairs {
    size_t *start; /* m + 1 */
    uint32_t *column;
    double *value;
} few_pairs;

static void few_free(few_pairs *f) {
    if (f == NULL) return;
    xp_free_all(f->start, f->column, f->value, f);
}

void xp_agreement_free(xp_agreement *g) {
    xp_free_all(g->place, g->own);
    for (size_t w = 0; w < XP_AGREEMENT_WEIGHTS; w++) {
        xp_free(g->pairs[w]);
        few_free(g->few[w]);
        xp_free(g->fixed[w]);
    }
    *g = (xp_agreement){0};
}

/* What concept i of a block adds in the place of concept p: its own weight, and those with the concepts that never move. */
static bool work_out_fixed(const xp_agreement *g, const double *weight, double *out) {
    const xp_blocks *b = g->blocks;
    const size_t n = g->n, u = n - g->m;
    double *m = xp_alloc(g->m * u, sizeof *m), *l = xp_alloc(g->m * u, sizeof *l);
    const bool ok = m != NULL && l != NULL;
    for (size_t k = 0; ok && k < g->m; k++)
        for (size_t j = 0, at = k * u; j < n; j++) {
            if (b->movable[j]) continue;
            m[at] = weight[b->member[k] * n + j];
            l[at++] = g->l[b->member[k] * n + j];
        }
    for (size_t c = 0; ok && c < b->n_blocks; c++) {
        const size_t from = b->start[c], size = b->start[c + 1] - from;
        double *block = out + g->own[from];
        if (u > 0)
            xp_gemm(false, true, size, size, u, 1, m + from * u, u, l + from * u, u, 0, block, size);
        else
            memset(block, 0, size * size * sizeof *block);
        for (size_t i = 0; i < size; i++)
            for (size_t p = 0; p < size; p++) {
                const size_t own = b->member[from + i] * (n + 1), other = b->member[from + p] * (n + 1);
                block[i * size + p] += weight[own] * g->l[other];
            }
    }
    xp_free_all(m, l);
    return ok;
}

/* Doubles before panel p, which has 4 (p + 1) columns of four rows each. */
static size_t panel_start(size_t p) { return p * (p + 1) / 2 * ROWS * ROWS; }

/* The lower triangle without the diagonal; above it, and in rows that there are not, 0. */
static double *pack_pairs(const xp_agreement *g, const double *weight) {
    const xp_blocks *b = g->blocks;
    double *pairs = xp_calloc(panel_start(g->panels), sizeof *pairs);
    for (size_t a = 0; pairs != NULL && a < g->m; a++) {
        double *at = pairs + panel_start(a / ROWS) + a % ROWS;
        const size_t i = b->member[a];
        for (size_t c = 0; c < a; c++) {
            const size_t j = b->member[c];
            at[c * ROWS] = weight[i * g->n + j] + weight[j * g->n + i];
        }
    }
    return pairs;
}

bool xp_agreement_add(xp_agreement *g, const double *weight) {
    const size_t n = g->n, m = g->m, w = g->n_weights;
    bool alone = m == n, ok = (g->pairs[w] = pack_pairs(g, weight)) != NULL;
    for (size_t i = 0; i < n; i++) alone = alone && weight[i * n + i] == 0;
    if (ok && !alone) {
        g->fixed[w] = xp_alloc(g->own[m], sizeof *g->fixed[w]);
        ok = g->fixed[w] != NULL && work_out_fixed(g, weight, g->fixed[w]);
    }
    if (ok) g->n_weights++;
    return ok;
}

/* ---- few weights ---- */

static few_pairs *list_pairs(const xp_agreement *g, const double *a) {
    const xp_blocks *b = g->blocks;
    few_pairs *f = xp_calloc(1, sizeof *f);
    bool ok = f != NULL && (f->start = xp_calloc(g->m + 1, sizeof *f->start)) != NULL;
    for (int pass = 0; ok && pass < 2; pass++) { /* count, then fill */
        size_t at = 0;
        for (size_t i = 0; i < g->m; i++) {
            for (size_t j = 0; j < i; j++) {
                const double weight = a[b->member[i] * g->n + b->member[j]] + a[b->member[j] * g->n + b->member[i]];
                if (weight == 0) continue;
                if (pass == 1) {
                    f->column[at] = (uint32_t)j;
                    f->value[at] = weight;
                }
                at++;
            }
            f->start[i + 1] = at;
        }
        if (pass == 1) break;
        f->column = xp_alloc(at, sizeof *f->column);
        f->value = xp_alloc(at, sizeof *f->value);
        ok = f->column != NULL && f->value != NULL;
    }
    if (ok) return f;
    few_free(f);
    return NULL;
}

/* The means of blocks: T = sum A_ij L[pi i, pi j] - sum_b sum_j mean_bj (sum of the block's rows of L)[pi j], which is linear in pi, since pi only exchanges
 * rows of a block; and the diagonal of CA is left out. By concept and member of its block, as work_out_fixed. */
static bool take_off_means(const xp_agreement *g, const double *a, double *fixed) {
    const xp_blocks *b = g->blocks;
    const size_t n = g->n;
    double *mean = xp_alloc(n, sizeof *mean), *sum = xp_alloc(n, sizeof *sum);
    const bool ok = mean != NULL && sum != NULL;
    for (size_t c = 0; ok && c < b->n_blocks; c++) {
        const size_t from = b->start[c], to = b->start[c + 1];
        memset(mean, 0, n * sizeof *mean);
        memset(sum, 0, n * sizeof *sum);
        for (size_t k = from; k < to; k++)
            for (size_t j = 0; j < n; j++) {
                mean[j] += a[b->member[k] * n + j] / (double)(to - from);
                sum[j] += g->l[b->member[k] * n + j];
            }
        for (size_t other = 0; other < b->n_blocks; other++)
            for (size_t k = b->start[other]; k < b->start[other + 1]; k++) {
                const uint32_t j = b->member[k];
                if (mean[j] == 0) continue;
                double *row = fixed + g->own[k];
                for (size_t p = b->start[other]; p < b->start[other + 1]; p++) {
                    row[p - b->start[other]] -= mean[j] * sum[b->member[p]];
                    if (other == c) row[p - b->start[c]] += mean[j] * g->l[b->member[p] * (n + 1)];
                }
            }
        for (size_t j = 0; j < n; j++) /* the fixed concepts' part is the same whatever pi: with the block's first */
            for (size_t p = from; !b->movable[j] && p < to; p++) fixed[g->own[from] + p - from] -= mean[j] * sum[j];
    }
    xp_free_all(mean, sum);
    return ok;
}

bool xp_agreement_add_few(xp_agreement *g, const double *a) {
    const size_t w = g->n_weights;
    g->few[w] = list_pairs(g, a);
    g->fixed[w] = xp_alloc(g->own[g->m], sizeof *g->fixed[w]);
    const bool ok = g->few[w] != NULL && g->fixed[w] != NULL && work_out_fixed(g, a, g->fixed[w]) &&
                    take_off_means(g, a, g->fixed[w]);
    if (ok) g->n_weights++;
    return ok;
}

/* ---- the hot loop ---- */

/* Columns (a multiple of 4) of four rows of L, looked up once and multiplied by one or two panels of weights; in four chains each, the same for every
 * width of register. */
static inline __attribute__((always_inline)) void weigh(size_t columns, const double *const *row, const uint32_t *index,
                                                        size_t n_weights, const double *const *weight, double *sum) {
    const double *r0 = row[0], *r1 = row[1], *r2 = row[2], *r3 = row[3];
    quad chain[2][4] = {{{0}}};
    for (size_t j = 0; j < columns; j += 4)
        for (size_t k = 0; k < 4; k++) {
            const uint32_t at = index[j + k];
            const quad l = {r0[at], r1[at], r2[at], r3[at]};
            for (size_t w = 0; w < n_weights; w++) chain[w][k] += l * *quad_at(weight[w] + (j + k) * ROWS);
        }
    for (size_t w = 0; w < n_weights; w++) sum[w] = SUM_OF((chain[w][0] + chain[w][1]) + (chain[w][2] + chain[w][3]));
}

static XP_CLONES void weigh_one(size_t columns, const double *const *row, const uint32_t *index,
                                const double *const *weight, double *sum) {
    weigh(columns, row, index, 1, weight, sum);
}

static XP_CLONES void weigh_two(size_t columns, const double *const *row, const uint32_t *index,
                                const double *const *weight, double *sum) {
    weigh(columns, row, index, 2, weight, sum);
}

/* The same of many panels of weights: the four rows are looked up into `found` (4 x columns), and read from there by two weights at a time. */
static XP_CLONES void weigh_many(size_t columns, const double *const *row, const uint32_t *index, size_t n_weights,
                                 const double *const *weight, double *found, double *sum) {
    const double *r0 = row[0], *r1 = row[1], *r2 = row[2], *r3 = row[3];
    for (size_t j = 0; j < columns; j++) {
        const uint32_t at = index[j];
        const quad l = {r0[at], r1[at], r2[at], r3[at]};
        *(quad *)(found + j * ROWS) = l;
    }
    for (size_t w = 0; w < n_weights; w += 2) {
        const double *one = weight[w], *two = weight[w + 1 < n_weights ? w + 1 : w];
        quad chain[2][4] = {{{0}}};
        for (size_t j = 0; j < columns; j += 4)
            for (size_t k = 0; k < 4; k++) {
                const quad l = *quad_at(found + (j + k) * ROWS);
                chain[0][k] += l * *quad_at(one + (j + k) * ROWS);
                chain[1][k] += l * *quad_at(two + (j + k) * ROWS);
            }
        for (size_t o = 0; o < 2 && w + o < n_weights; o++)
            sum[w + o] = SUM_OF((chain[o][0] + chain[o][1]) + (chain[o][2] + chain[o][3]));
    }
}

static double weigh_few(const few_pairs *f, size_t a, const double *row, const uint32_t *index) {
    double sum[2] = {0, 0};
    size_t e = f->start[a];
    for (; e + 2 <= f->start[a + 1]; e += 2) {
        sum[0] += f->value[e] * row[index[f->column[e]]];
        sum[1] += f->value[e + 1] * row[index[f->column[e + 1]]];
    }
    if (e < f->start[a + 1]) sum[0] += f->value[e] * row[index[f->column[e]]];
    return sum[0] + sum[1];
}

typedef struct scratch {
    uint32_t *index;         /* TOGETHER x 4 panels: which concept stands in whose place; behind the last one any */
    uint32_t *order, *spare; /* n */
    double *found;           /* 4 x the columns of the last panel */
} scratch;

static void draw(const xp_agreement *g, uint64_t seed, unsigned purpose, uint32_t number, scratch *s, uint32_t *index) {
    if (number == 0) {
        memcpy(index, g->blocks->member, g->m * sizeof *index);
        return;
    }
    xp_blocks_permute(g->blocks, seed, purpose, number, s->spare, s->order);
    for (size_t a = 0; a < g->m; a++) index[a] = s->order[g->blocks->member[a]];
}

/* Weights that see the same permutations, and where their sums go. */
typedef struct weighed {
    const double *pairs; /* NULL: few */
    const few_pairs *few;
    const double *fixed;
    double *t;
    size_t same; /* which one has the same weights (spelling, in every layer) and is worked out: mostly itself */
} weighed;

typedef struct sweep {
    const xp_agreement *g; /* the first: all have its L and blocks */
    weighed *all;          /* n, those with pairs in front */
    size_t n, n_dense;
    const double **weight; /* n_dense: at a panel */
    double *part;          /* n_dense */
} sweep;

static bool equal_weights(const xp_agreement *g, const weighed *a, const weighed *b) {
    return memcmp(a->pairs, b->pairs, panel_start(g->panels) * sizeof *a->pairs) == 0 &&
           (a->fixed == NULL) == (b->fixed == NULL) &&
           (a->fixed == NULL || memcmp(a->fixed, b->fixed, g->own[g->m] * sizeof *a->fixed) == 0);
}

/* What is worked out stands first, pairs before few. Equal weights of one place in their agreements are worked out once. */
static bool begin_pass(const xp_agreement *const *g, size_t n, size_t count, double *const *t, sweep *pass) {
    *pass = (sweep){.g = g[0], .all = xp_alloc(n * XP_AGREEMENT_WEIGHTS, sizeof *pass->all)};
    if (pass->all == NULL) return false;
    for (int dense = 1; dense >= 0; dense--)
        for (size_t w = 0; w < g[0]->n_weights; w++)
            for (size_t k = 0, first = pass->n; k < n; k++) {
                if ((g[k]->pairs[w] != NULL) != dense) continue;
                weighed *one = &pass->all[pass->n];
                *one = (weighed){g[k]->pairs[w], g[k]->few[w], g[k]->fixed[w], t[k] + w * count, pass->n};
                if (dense && pass->n > first && equal_weights(g[0], one, &pass->all[first])) one->same = first;
                pass->n++;
                pass->n_dense += (size_t)dense;
            }
    pass->weight = xp_alloc(pass->n_dense, sizeof *pass->weight);
    pass->part = xp_alloc(pass->n_dense, sizeof *pass->part);
    return pass->weight != NULL && pass->part != NULL;
}

static void end_pass(sweep *pass) { xp_free_all(pass->all, pass->weight, pass->part); }

/* What panel p adds to the sums of permutation b. */
static void add_panel(const sweep *pass, size_t p, const uint32_t *index, size_t b, double *found) {
    const xp_agreement *g = pass->g;
    const double *row[ROWS];
    size_t many = 0;
    for (size_t r = 0; r < ROWS; r++) row[r] = g->l + index[p * ROWS + r] * g->n;
    for (size_t i = 0; i < pass->n_dense; i++)
        if (pass->all[i].same == i) pass->weight[many++] = pass->all[i].pairs + panel_start(p);
    if (many > 2)
        weigh_many((p + 1) * ROWS, row, index, many, pass->weight, found, pass->part);
    else if (many > 0)
        (many == 2 ? weigh_two : weigh_one)((p + 1) * ROWS, row, index, pass->weight, pass->part);
    many = 0;
    for (size_t i = 0; i < pass->n; i++) {
        const weighed *w = &pass->all[i];
        if (w->same != i) continue;
        double t = w->t[b]; /* not summed in memory, where each sum would wait for the one before */
        if (w->pairs != NULL) t += pass->part[many++];
        for (size_t a = p * ROWS; a < g->m && a < (p + 1) * ROWS; a++) {
            if (w->few != NULL) t += weigh_few(w->few, a, row[a % ROWS], index);
            if (w->fixed != NULL) t += w->fixed[g->own[a] + g->place[index[a]]];
        }
        w->t[b] = t;
    }
}

bool xp_agreement_run_together(const xp_agreement *const *agreement, size_t n, uint64_t seed, unsigned purpose,
                               uint32_t first, size_t count, double *const *t) {
    const xp_agreement *g = agreement[0];
    const size_t length = g->panels * ROWS;
    sweep pass;
    scratch s = {.index = xp_calloc(TOGETHER * length, sizeof *s.index),
                 .order = xp_alloc(g->n, sizeof *s.order),
                 .spare = xp_alloc(g->n, sizeof *s.spare),
                 .found = xp_alloc(ROWS * length, sizeof *s.found)};
    const bool ok = begin_pass(agreement, n, count, t, &pass) && s.index && s.order && s.spare && s.found;
    for (size_t i = 0; ok && i < pass.n; i++) memset(pass.all[i].t, 0, count * sizeof(double));
    for (size_t done = 0; ok && done < count; done += TOGETHER) {
        const size_t now = count - done < TOGETHER ? count - done : TOGETHER;
        for (size_t b = 0; b < now; b++) draw(g, seed, purpose, first + (uint32_t)(done + b), &s, s.index + b * length);
        for (size_t p = 0; p < g->panels; p++)
            for (size_t b = 0; b < now; b++) add_panel(&pass, p, s.index + b * length, done + b, s.found);
    }
    for (size_t i = 0; ok && i < pass.n; i++)
        if (pass.all[i].same != i) memcpy(pass.all[i].t, pass.all[pass.all[i].same].t, count * sizeof(double));
    end_pass(&pass);
    xp_free_all(s.index, s.order, s.spare, s.found);
    return ok;
}

bool xp_agreement_run(const xp_agreement *g, uint64_t seed, unsigned purpose, uint32_t first, size_t count, double *t) {
    return xp_agreement_run_together(&g, 1, seed, purpose, first, count, &t);
}

/* ---- as observed ---- */

/* Sums over pairs, and what each concept's row and column have in them. */
typedef struct sums {
    double all[3];   /* of M L, M^2, (CL)^2 */
    double whole;    /* of L^2 */
    double *part[3]; /* n each */
} sums;

static void count_pair(sums *s, size_t i, size_t j, int which, double value) {
    s->all[which] += value;
    s->part[which][i] += value;
    if (i != j) s->part[which][j] += value;
}

static void count_row(sums *s, size_t n, size_t i, const double *m, const double *l, const double *mean) {
    for (size_t j = 0; j < n; j++) {
        const double cl = l[i * n + j] - mean[j];
        count_pair(s, i, j, 0, m[i * n + j] * l[i * n + j]);
        count_pair(s, i, j, 1, m[i * n + j] * m[i * n + j]);
        if (i == j) continue;
        count_pair(s, i, j, 2, cl * cl);
        s->whole += l[i * n + j] * l[i * n + j];
    }
}

static void jackknife(const sums *s, const xp_blocks *b, xp_agreed *agreed, double *left_out) {
    const double count = (double)b->n_movable;
    double mean = 0, squares = 0;
    for (size_t i = 0; i < b->n; i++) {
        left_out[i] = NAN;
        if (!b->movable[i]) continue;
        const double size = (s->all[1] - s->part[1][i]) * (s->all[2] - s->part[2][i]);
        left_out[i] = size > 0 ? (s->all[0] - s->part[0][i]) / sqrt(size) : 0;
        mean += left_out[i] / count;
    }
    for (size_t i = 0; i < b->n; i++)
        if (b->movable[i]) squares += (left_out[i] - mean) * (left_out[i] - mean);
    agreed->error = sqrt((count - 1) / count * squares);
}

bool xp_agreement_observe(size_t n, const double *m, const double *l, const xp_blocks *b, xp_agreed *agreed,
                          double *left_out) {
    double *part = xp_calloc(3 * n, sizeof *part), *mean = xp_alloc(n, sizeof *mean);
    sums s = {.part = {part, part + n, part + 2 * n}};
    const bool ok = part != NULL && mean != NULL;
    for (size_t c = 0; ok && c < b->n_blocks; c++) {
        memset(mean, 0, n * sizeof *mean);
        for (size_t k = b->start[c]; k < b->start[c + 1]; k++)
            for (size_t j = 0; j < n; j++) mean[j] += l[b->member[k] * n + j];
        for (size_t j = 0; j < n; j++) mean[j] /= (double)(b->start[c + 1] - b->start[c]);
        for (size_t k = b->start[c]; k < b->start[c + 1]; k++) count_row(&s, n, b->member[k], m, l, mean);
    }
    if (ok) {
        if (!(s.all[2] > ROUNDING * s.whole)) s.all[2] = 0; /* the concepts of each block are alike */
        *agreed = (xp_agreed){.t = s.all[0], .divisor = sqrt(s.all[1] * s.all[2])};
        jackknife(&s, b, agreed, left_out);
    }
    xp_free_all(part, mean);
    return ok;
}
