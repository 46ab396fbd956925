#include "attention/similarity.h"

#include <math.h>

#include "tensor/blas.h"
#include "tensor/lanes.h"
#include "tensor/loops.h"

#define ALWAYS static inline __attribute__((always_inline))

static const double CONSTANT = 1e-5; /* standard deviation beside the mean */
static const double EVEN = .95;      /* of the largest entropy */

/* Row i of the map belongs to piece order[i]. */
static void put_back(size_t n, const float *map, const uint32_t *order, double *to) {
    for (size_t i = 0; i < n; i++, map += n) {
        double *row = to + order[i] * n;
        for (size_t j = 0; j < n; j++) row[order[j]] = map[j];
    }
}

ALWAYS double total(size_t n, const double *x) {
    quad sum = {0};
    double rest = 0;
    size_t i = 0;
    for (; i + QUAD <= n; i += QUAD) sum += *quad_at(x + i);
    for (; i < n; i++) rest += x[i];
    return SUM_OF(sum) + rest;
}

XP_CLONES static double sum_of(size_t n, const double *x) { return total(n, x); }

/* Of row i what is kept, behind the rows before: to the front of the map where it is already there as doubles (map NULL). */
XP_CLONES static size_t leave_out(size_t n, const float *map, const uint8_t *special, double *to) {
    size_t kept = 0, first = n, last = 0;
    double *row = to;
    for (size_t i = 0; i < n; i++) {
        if (special[i]) continue;
        if (kept++ == 0) first = i;
        last = i;
    }
    const bool together = kept > 0 && last - first + 1 == kept; /* as in nearly every text */
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        if (special[i]) continue;
        if (together && map != NULL) {
            for (; k < kept; k++) row[k] = map[i * n + first + k];
        } else {
            for (size_t j = 0; j < n; j++)
                if (!special[j]) row[k++] = map != NULL ? map[i * n + j] : to[i * n + j];
        }
        const double sum = total(kept, row);
        for (k = 0; sum > 0 && k < kept; k++) row[k] /= sum;
        row += kept;
    }
    return kept;
}

size_t xp_similarity_scope(size_t n, const float *map, const uint32_t *order, const uint8_t *special, xp_scope scope,
                           double *to) {
    if (order != NULL) put_back(n, map, order, to);
    if (scope == XP_CONTENT) return leave_out(n, order != NULL ? NULL : map, special, to);
    for (size_t i = 0; order == NULL && i < n * n; i++) to[i] = map[i];
    return n;
}

/* Entries of a decoder's row i that count, from the first on. */
static size_t counted(size_t i) { return i > 0 ? i + 1 : 0; }

static size_t rows_counted(bool causal, size_t n) { return causal && n > 0 ? n - 1 : n; }

/* Where all entries count, they are one stretch; else each row is one. */
static size_t stretches(bool causal, size_t n) { return causal ? n : n > 0; }
static size_t stretch(bool causal, size_t n, size_t i) { return causal ? counted(i) : n * n; }

/* Sums about the mean of a: of a's squares; of b, its squares and its products with a. */
typedef struct sums {
    double aa, b, bb, ab;
} sums;

XP_CLONES static void add_up(size_t n, double mean, const double *a, const double *b, sums *to) {
    quad sum_aa = {0}, sum_b = {0}, sum_bb = {0}, sum_ab = {0};
    size_t i = 0;
    for (; i + QUAD <= n; i += QUAD) {
        const quad x = *quad_at(a + i) - mean, y = *quad_at(b + i) - mean;
        sum_aa += x * x;
        sum_b += y;
        sum_bb += y * y;
        sum_ab += x * y;
    }
    sums rest = {0};
    for (; i < n; i++) {
        const double x = a[i] - mean, y = b[i] - mean;
        rest = (sums){rest.aa + x * x, rest.b + y, rest.bb + y * y, rest.ab + x * y};
    }
    to->aa += SUM_OF(sum_aa) + rest.aa;
    to->b += SUM_OF(sum_b) + rest.b;
    to->bb += SUM_OF(sum_bb) + rest.bb;
    to->ab += SUM_OF(sum_ab) + rest.ab;
}

double xp_similarity_mean(bool causal, size_t n, const double *a) {
    size_t size = 0;
    double sum = 0;
    for (size_t i = 0; i < stretches(causal, n); i++) {
        size += stretch(causal, n, i);
        sum += sum_of(stretch(causal, n, i), a + i * n);
    }
    return size > 0 ? sum / (double)size : NAN;
}

/* Means of two maps of shares are nearly the same, so that one pass about one of them loses nothing. */
double xp_similarity_pearson(bool causal, size_t n, const double *a, double mean, const double *b) {
    sums s = {0};
    double size = 0;
    if (isnan(mean)) return NAN;
    for (size_t i = 0; i < stretches(causal, n); i++) {
        size += (double)stretch(causal, n, i);
        add_up(stretch(causal, n, i), mean, a + i * n, b + i * n, &s);
    }
    const double far = s.b / size, bb = s.bb - far * s.b; /* of the means; about b's own */
    if (!(sqrt(s.aa / size) > CONSTANT * mean) || !(bb > 0) || !(sqrt(bb / size) > CONSTANT * (mean + far))) return NAN;
    return s.ab / sqrt(s.aa) / sqrt(bb);
}

double xp_similarity_entropy(size_t n, const double *a) { return xp_entropy_of_mean(n * n, a, a); }

double xp_similarity_jsd(bool causal, size_t n, const double *a, double entropy_a, const double *b, double entropy_b) {
    if (rows_counted(causal, n) == 0) return NAN;
    const double mean = xp_entropy_of_mean(n * n, a, b); /* a decoder's row 0 has no entropy */
    const double divergence = (mean - (entropy_a + entropy_b) / 2) / (double)rows_counted(causal, n);
    return divergence > 0 ? divergence : 0; /* below: rounding */
}

static size_t target(size_t n, const double *row) {
    size_t best = 0;
    double most = n > 0 ? row[0] : 0;
    for (size_t j = 1; j < n; j++)
        if (row[j] > most) {
            most = row[j];
            best = j;
        }
    return best;
}

double xp_similarity_same_target(bool causal, size_t n, const double *a, const double *b) {
    size_t same = 0;
    for (size_t i = causal; i < n; i++) same += target(n, a + i * n) == target(n, b + i * n);
    return rows_counted(causal, n) > 0 ? (double)same / (double)rows_counted(causal, n) : NAN;
}

double xp_similarity_modal_share(bool causal, size_t n, const double *a, uint32_t *votes) {
    uint32_t most = 0;
    for (size_t j = 0; j < n; j++) votes[j] = 0;
    for (size_t i = causal; i < n; i++) {
        const uint32_t votes_of = ++votes[target(n, a + i * n)];
        if (votes_of > most) most = votes_of;
    }
    return rows_counted(causal, n) > 0 ? (double)most / (double)rows_counted(causal, n) : NAN;
}

void xp_similarity_uniform(size_t n, float *map) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) map[i * n + j] = j <= i ? 1 / (float)(i + 1) : 0;
}

/* The mean entropy of a row of a uniform map. */
static double most_entropy(bool causal, size_t n) {
    double sum = 0;
    if (!causal) return log((double)n);
    for (size_t i = 1; i < n; i++) sum += log((double)(i + 1));
    return sum / (double)(n - 1);
}

xp_pattern xp_similarity_pattern(bool causal, size_t n, const double *a, double entropy, const uint8_t *special) {
    double mass[XP_UNIFORM] = {0};
    const double rows = (double)rows_counted(causal, n);
    if (n < 2) return XP_DIAGONAL;
    if (entropy / rows >= EVEN * most_entropy(causal, n)) return XP_UNIFORM;
    for (size_t i = causal; i < n; i++) {
        mass[XP_DIAGONAL] += a[i * n + i] / rows;
        if (i > 0) mass[XP_PREVIOUS] += a[i * n + i - 1] / (double)(n - 1);
        if (i + 1 < n) mass[XP_NEXT] += a[i * n + i + 1] / (double)(n - 1);
    }
    for (size_t j = 0; j < n; j++) {
        double column = 0;
        for (size_t i = causal; i < n; i++) column += a[i * n + j];
        column /= rows;
        if (special != NULL && special[j])
            mass[XP_SPECIAL] += column;
        else if (column > mass[XP_VERTICAL])
            mass[XP_VERTICAL] = column;
    }
    xp_pattern best = XP_DIAGONAL;
    for (xp_pattern p = XP_PREVIOUS; p < XP_UNIFORM; p++)
        if (mass[p] > mass[best]) best = p;
    return best;
}
