#include "attention/similarity.h"

#include <math.h>

#include "tensor/blas.h"
#include "tensor/lanes.h"
#include "tensor/loops.h"

static const double CONSTANT = 1e-5; /* standard deviation beside the mean */
static const double EVEN = .95;      /* of the largest entropy */

/* Row i of the map belongs to piece order[i]. */
static void put_back(size_t n, const float *map, const uint32_t *order, double *to) {
    for (size_t i = 0; i < n; i++, map += n) {
        double *row = to + order[i] * n;
        for (size_t j = 0; j < n; j++) row[order[j]] = map[j];
    }
}

/* What is kept moves to the front of the map. */
static size_t leave_out(size_t n, const uint8_t *special, double *map) {
    size_t kept = 0;
    double *to = map;
    for (size_t i = 0; i < n; i++) kept += !special[i];
    for (size_t i = 0; i < n; i++) {
        if (special[i]) continue;
        double sum = 0, *row = to;
        for (size_t j = 0; j < n; j++)
            if (!special[j]) sum += *to++ = map[i * n + j];
        for (size_t j = 0; sum > 0 && j < kept; j++) row[j] /= sum;
    }
    return kept;
}

size_t xp_similarity_scope(size_t n, const float *map, const uint32_t *order, const uint8_t *special, xp_scope scope,
                           double *to) {
    if (order != NULL)
        put_back(n, map, order, to);
    else
        for (size_t i = 0; i < n * n; i++) to[i] = map[i];
    return scope == XP_WHOLE ? n : leave_out(n, special, to);
}

/* Entries of a decoder's row i that count, from the first on. */
static size_t counted(size_t i) { return i > 0 ? i + 1 : 0; }

static size_t rows_counted(bool causal, size_t n) { return causal && n > 0 ? n - 1 : n; }

XP_CLONES static double sum_of(size_t n, const double *x) {
    quad sum = {0};
    double rest = 0;
    size_t i = 0;
    for (; i + QUAD <= n; i += QUAD) sum += *quad_at(x + i);
    for (; i < n; i++) rest += x[i];
    return SUM_OF(sum) + rest;
}

/* Sums of squares and products about the means. */
typedef struct moments {
    double mean_a, mean_b, aa, bb, ab;
} moments;

XP_CLONES static void add_squares(size_t n, const double *a, const double *b, moments *m) {
    quad aa = {0}, bb = {0}, ab = {0};
    size_t i = 0;
    for (; i + QUAD <= n; i += QUAD) {
        const quad x = *quad_at(a + i) - m->mean_a, y = *quad_at(b + i) - m->mean_b;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    m->aa += SUM_OF(aa);
    m->bb += SUM_OF(bb);
    m->ab += SUM_OF(ab);
    for (; i < n; i++) {
        const double x = a[i] - m->mean_a, y = b[i] - m->mean_b;
        m->aa += x * x;
        m->bb += y * y;
        m->ab += x * y;
    }
}

double xp_similarity_pearson(bool causal, size_t n, const double *a, const double *b) {
    /* Where all entries count, they are one stretch. */
    const size_t stretches = causal ? n : n > 0;
    size_t size = 0;
    moments m = {0};
    for (size_t i = 0; i < stretches; i++) {
        const size_t many = causal ? counted(i) : n * n;
        size += many;
        m.mean_a += sum_of(many, a + i * n);
        m.mean_b += sum_of(many, b + i * n);
    }
    if (size == 0) return NAN;
    m.mean_a /= (double)size;
    m.mean_b /= (double)size;
    for (size_t i = 0; i < stretches; i++) add_squares(causal ? counted(i) : n * n, a + i * n, b + i * n, &m);
    if (!(sqrt(m.aa / (double)size) > CONSTANT * m.mean_a) || !(sqrt(m.bb / (double)size) > CONSTANT * m.mean_b))
        return NAN;
    return m.ab / sqrt(m.aa) / sqrt(m.bb);
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

double xp_similarity_modal_share(bool causal, size_t n, const double *a) {
    size_t most = 0;
    for (size_t j = 0; j < n; j++) {
        size_t count = 0;
        for (size_t i = causal; i < n; i++) count += target(n, a + i * n) == j;
        if (count > most) most = count;
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
