#include "attention/nearest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"

const char *const xp_distance_names[XP_N_DISTANCES] = {"cosine", "l2"};

static const double CONSTANT = 1e-12; /* deviation beside the mean: rounding of equal numbers */
static const double ROUNDING = 2e-6; /* of a product in fp32, beside the norms of both rows, or half of their squares */

size_t xp_nearest_tokens(size_t n, const int32_t *id, uint32_t *first, uint32_t *own) {
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < m && id[first[k]] != id[i]) k++;
        if (k == m) first[m++] = (uint32_t)i;
        own[i] = (uint32_t)k;
    }
    return m;
}

/* Larger is nearer: the cosine, or the distance with a minus sign. */
static double nearness(double product, double a, double b, xp_distance distance) {
    if (distance == XP_COSINE) return a > 0 && b > 0 ? product / a / b : product;
    const double square = a * a + b * b - 2 * product;
    return square > 0 ? -sqrt(square) : 0;
}

static bool belongs(const xp_candidates *c, size_t k, uint32_t token) {
    return c->token != NULL ? c->token[k] == token : k == token;
}

/* Of the nearest candidate of a token. */
static double nearest_of(const xp_candidates *c, const double *near, uint32_t token) {
    double best = -INFINITY;
    for (size_t k = 0; k < c->n; k++)
        if (belongs(c, k, token) && near[k] > best) best = near[k];
    return best;
}

static uint32_t rank_of(const xp_candidates *c, const double *near, double own) {
    uint32_t rank = 1;
    for (size_t k = 0; k < c->n; k++) rank += near[k] > own + XP_NEARER;
    return rank;
}

/* Where the first of a token's candidates stands that is as near as its nearest. */
static size_t first_near(const xp_candidates *c, const double *near, uint32_t token, double own) {
    size_t k = 0;
    while (k + 1 < c->n && !(belongs(c, k, token) && near[k] + XP_NEARER >= own)) k++;
    return c->place != NULL ? c->place[k] : k;
}

/* Of row i, by one distance. */
static void find(size_t i, size_t n, const xp_candidates *c, const double *near, const uint32_t *own,
                 const xp_found *found) {
    const double best = nearest_of(c, near, own[i]);
    const uint32_t rank = rank_of(c, near, best);
    found->rank[i] = rank;
    if (found->row != NULL) found->row[i] = rank == 1 && first_near(c, near, own[i], best) == i;
    if (found->next != NULL && i + 1 < n) found->next[i] = rank_of(c, near, nearest_of(c, near, own[i + 1])) == 1;
}

void xp_nearest(size_t n, size_t d, const double *rows, const xp_candidates *c, const uint32_t *own, double *scratch,
                const xp_found found[XP_N_DISTANCES]) {
    double *row_norm = scratch + n * c->n, *candidate_norm = row_norm + n, *near = candidate_norm + c->n;
    xp_gemm(false, true, n, c->n, d, 1, rows, d, c->row, d, 0, scratch, c->n);
    for (size_t i = 0; i < n; i++) row_norm[i] = xp_nrm2(d, rows + i * d);
    for (size_t k = 0; k < c->n; k++) candidate_norm[k] = xp_nrm2(d, c->row + k * d);
    for (size_t i = 0; i < n; i++)
        for (xp_distance distance = XP_COSINE; distance < XP_N_DISTANCES; distance++) {
            if (found[distance].rank == NULL) continue;
            for (size_t k = 0; k < c->n; k++)
                near[k] = nearness(scratch[i * c->n + k], row_norm[i], candidate_norm[k], distance);
            find(i, n, c, near, own, &found[distance]);
        }
}

enum { STRETCH = 512 }; /* candidates that are counted together */

/* How many are nearer for sure, and how many may be. */
typedef struct counts {
    uint32_t sure, possible;
} counts;

/* How many products times their factor are above the higher limit, and above the lower one. */
XP_CLONES static counts count_above(size_t n, const float *product, const double *factor, double low, double high) {
    counts c = {0};
    for (size_t k = 0; k < n; k++) {
        const double near = product[k] * factor[k];
        c.sure += near > high;
        c.possible += near > low;
    }
    return c;
}

/* How many squared distances are below a limit, with so much of both squares added, and with so much taken away. */
XP_CLONES static counts count_below(size_t n, const float *product, const double *square, double own, double limit,
                                    double slack) {
    counts c = {0};
    for (size_t k = 0; k < n; k++) {
        const double size = own + square[k], twice = 2 * (double)product[k];
        c.sure += (1 + slack) * size - twice < limit;
        c.possible += (1 - slack) * size - twice < limit;
    }
    return c;
}

/* Products are in fp32, which cannot tell candidates apart that are nearly the same. Those whose place rounding may decide are
 * looked at once more, in fp64. */
static double exact_cosine(const xp_many *many, const double *row, size_t k) {
    many->row_of(many->self, k, many->scratch);
    return xp_dot(many->d, row, many->scratch) * many->inverse[k]; /* times the norm of the row */
}

static double exact_square(const xp_many *many, const double *row, size_t k) {
    double square = 0;
    many->row_of(many->self, k, many->scratch);
    for (size_t j = 0; j < many->d; j++) square += (row[j] - many->scratch[j]) * (row[j] - many->scratch[j]);
    return square;
}

static size_t stretch(const xp_many *many, size_t first) {
    return many->n - first < STRETCH ? many->n - first : STRETCH;
}

static uint32_t before_by_cosine(const xp_many *many, const float *product, const double *row, double norm,
                                 size_t own) {
    const double scale = norm > 0 ? norm : 1, slack = ROUNDING * scale;
    const double limit = exact_cosine(many, row, own) + XP_NEARER * scale;
    uint32_t before = 0;
    for (size_t first = 0; first < many->n; first += STRETCH) {
        const size_t n = stretch(many, first);
        const counts c = count_above(n, product + first, many->inverse + first, limit - slack, limit + slack);
        before += c.sure;
        for (size_t k = first; c.sure < c.possible && k < first + n; k++) {
            const double near = product[k] * many->inverse[k];
            if (near > limit - slack && !(near > limit + slack)) before += exact_cosine(many, row, k) > limit;
        }
    }
    return before;
}

static uint32_t before_by_distance(const xp_many *many, const float *product, const double *row, double norm,
                                   size_t own) {
    const double far = sqrt(exact_square(many, row, own)) - XP_NEARER, limit = far * far, square = norm * norm;
    uint32_t before = 0;
    if (!(far > 0)) return 0;
    for (size_t first = 0; first < many->n; first += STRETCH) {
        const size_t n = stretch(many, first);
        const counts c = count_below(n, product + first, many->square + first, square, limit, ROUNDING);
        before += c.sure;
        for (size_t k = first; c.sure < c.possible && k < first + n; k++) {
            const double size = square + many->square[k], twice = 2 * (double)product[k];
            if ((1 - ROUNDING) * size - twice < limit && !((1 + ROUNDING) * size - twice < limit))
                before += exact_square(many, row, k) < limit;
        }
    }
    return before;
}

void xp_nearest_of_many(const xp_many *many, const float *product, const double *row, xp_distance distance,
                        const size_t of[2], uint32_t before[2]) {
    const double norm = xp_nrm2(many->d, row);
    for (int i = 0; i < 2; i++)
        before[i] = distance == XP_COSINE ? before_by_cosine(many, product, row, norm, of[i])
                                          : before_by_distance(many, product, row, norm, of[i]);
}

void xp_nearest_moments(size_t n, size_t d, const double *rows, double *mean, double *deviation) {
    memset(mean, 0, d * sizeof *mean);
    memset(deviation, 0, d * sizeof *deviation);
    for (size_t i = 0; i < n; i++) xp_axpy(d, 1 / (double)n, rows + i * d, mean);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) deviation[j] += (rows[i * d + j] - mean[j]) * (rows[i * d + j] - mean[j]);
    for (size_t j = 0; j < d; j++) {
        deviation[j] = sqrt(deviation[j] / (double)n);
        if (!(deviation[j] > CONSTANT * fabs(mean[j]))) deviation[j] = 1;
    }
}

void xp_nearest_standardise(size_t n, size_t d, const double *mean, const double *deviation, double *rows) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) rows[i * d + j] = (rows[i * d + j] - mean[j]) / deviation[j];
}

/* ---- pairs of rows: sums over groups, no pair is looked at ---- */

typedef struct keyed {
    uint64_t key;
    uint32_t row;
} keyed;

static int by_key(const void *a, const void *b) {
    const keyed *p = a, *q = b;
    if (p->key != q->key) return p->key < q->key ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

typedef struct pair_sum {
    double cosines, count; /* over ordered pairs of rows with equal keys, a row with itself among them */
} pair_sum;

/* The cosines of all pairs in a group add up to the squared norm of the group's sum. */
static pair_sum equal_keys(size_t n, size_t d, const double *unit, keyed *item, double *sum) {
    pair_sum all = {0};
    qsort(item, n, sizeof *item, by_key);
    for (size_t i = 0, end; i < n; i = end) {
        memset(sum, 0, d * sizeof *sum);
        for (end = i; end < n && item[end].key == item[i].key; end++) xp_axpy(d, 1, unit + item[end].row * d, sum);
        all.cosines += xp_dot(d, sum, sum);
        all.count += (double)(end - i) * (double)(end - i);
    }
    return all;
}

static pair_sum minus(pair_sum a, pair_sum b) { return (pair_sum){a.cosines - b.cosines, a.count - b.count}; }
static double mean_of(pair_sum a) { return a.count > .5 ? a.cosines / a.count : NAN; }

void xp_nearest_unit_rows(size_t n, size_t d, double *rows) {
    for (size_t i = 0; i < n; i++) {
        const double norm = xp_nrm2(d, rows + i * d);
        if (norm > 0) xp_scale(d, 1 / norm, rows + i * d);
    }
}

/* Has the length 1, not 0. */
static bool is_unit(size_t d, const double *row) { return xp_dot(d, row, row) > .5; }

bool xp_nearest_pair_cosines(size_t n, size_t d, const double *unit, const int32_t *id, const uint32_t *text,
                             const uint32_t *place, xp_pairs *pairs) {
    enum { ALL, TEXT, TOKEN, PLACE, TOKEN_TEXT, TOKEN_PLACE, N_KEYS };
    double *sum = xp_alloc(d, sizeof *sum);
    keyed *item = xp_alloc(n, sizeof *item);
    const bool ok = sum != NULL && item != NULL;
    if (ok) {
        pair_sum of[N_KEYS], self = {0, (double)n};
        for (size_t i = 0; i < n; i++) self.cosines += is_unit(d, unit + i * d);
        for (int k = 0; k < N_KEYS; k++) {
            for (size_t i = 0; i < n; i++) {
                const uint64_t token = (uint64_t)(uint32_t)id[i] << 32;
                const uint64_t key[N_KEYS] = {0, text[i], token, place[i], token | text[i], token | place[i]};
                item[i] = (keyed){key[k], (uint32_t)i};
            }
            of[k] = equal_keys(n, d, unit, item, sum);
        }
        pairs->all = mean_of(minus(of[ALL], self));
        pairs->random = mean_of(minus(of[ALL], of[TEXT]));
        /* one text and one place: the row itself, which was taken away twice */
        pair_sum token = minus(minus(of[TOKEN], of[TOKEN_TEXT]), minus(of[TOKEN_PLACE], self));
        pairs->same_token = mean_of(token);
        pairs->same_position = mean_of(minus(of[PLACE], of[TOKEN_PLACE]));
    }
    xp_free_all(sum, item);
    return ok;
}

bool xp_nearest_text_cosines(size_t n, size_t d, const double *unit, const uint32_t *text, double *value) {
    double *sum = xp_alloc(d, sizeof *sum);
    for (size_t i = 0, end; sum != NULL && i < n; i = end) {
        double self = 0;
        memset(sum, 0, d * sizeof *sum);
        for (end = i; end < n && text[end] == text[i]; end++) {
            xp_axpy(d, 1, unit + end * d, sum);
            self += is_unit(d, unit + end * d);
        }
        const double count = (double)(end - i);
        value[text[i]] = count > 1 ? (xp_dot(d, sum, sum) - self) / (count * (count - 1)) : NAN;
    }
    xp_free(sum);
    return sum != NULL;
}
