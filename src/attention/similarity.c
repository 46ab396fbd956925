#include "attention/similarity.h"

#include <math.h>

static const double CONSTANT = 1e-5; /* standard deviation beside the mean */
static const double EVEN = .95;      /* of the largest entropy */

/* Pieces are few hundreds and fit an array of places made on the way: row i of the result is piece number `i` in scope. */
size_t xp_similarity_scope(size_t n, const float *map, const uint32_t *order, const uint8_t *special, xp_scope scope,
                           double *to) {
    size_t kept = 0, rank_i = 0;
    for (size_t i = 0; i < n; i++) kept += scope == XP_WHOLE || !special[i];
    /* Walk over the places of the map; those of undone maps are written where their piece stands. */
    for (size_t i = 0; i < n; i++) {
        if (scope == XP_CONTENT && special[i]) continue;
        size_t source = i;
        if (order != NULL)
            for (source = 0; order[source] != i;) source++;
        double sum = 0, *row = to + rank_i * kept;
        size_t rank_j = 0;
        for (size_t j = 0; j < n; j++) {
            const size_t piece = order != NULL ? order[j] : j; /* whose column is the map's column j */
            if (scope == XP_CONTENT && special[piece]) continue;
            size_t at = rank_j++;
            if (order != NULL) {
                at = piece;
                if (scope == XP_CONTENT)
                    for (size_t k = 0; k < piece; k++) at -= special[k];
            }
            row[at] = map[source * n + j];
            sum += row[at];
        }
        if (scope == XP_CONTENT && sum > 0)
            for (size_t j = 0; j < kept; j++) row[j] /= sum;
        rank_i++;
    }
    return kept;
}

/* Entries of row i that count, from the first on. */
static size_t counted(bool causal, size_t n, size_t i) { return !causal ? n : i > 0 ? i + 1 : 0; }

static size_t rows_counted(bool causal, size_t n) { return causal && n > 0 ? n - 1 : n; }

double xp_similarity_pearson(bool causal, size_t n, const double *a, const double *b) {
    size_t size = 0;
    double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t many = counted(causal, n, i);
        size += many;
        for (size_t j = 0; j < many; j++) {
            mean_a += a[i * n + j];
            mean_b += b[i * n + j];
        }
    }
    if (size == 0) return NAN;
    mean_a /= (double)size;
    mean_b /= (double)size;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < counted(causal, n, i); j++) {
            const double x = a[i * n + j] - mean_a, y = b[i * n + j] - mean_b;
            aa += x * x;
            bb += y * y;
            ab += x * y;
        }
    if (!(sqrt(aa / (double)size) > CONSTANT * mean_a) || !(sqrt(bb / (double)size) > CONSTANT * mean_b)) return NAN;
    return ab / sqrt(aa) / sqrt(bb);
}

double xp_similarity_entropy(size_t n, const double *a) {
    double sum = 0;
    for (size_t i = 0; i < n * n; i++)
        if (a[i] > 0) sum -= a[i] * log(a[i]);
    return sum;
}

double xp_similarity_jsd(bool causal, size_t n, const double *a, double entropy_a, const double *b, double entropy_b) {
    double sum = 0;
    if (rows_counted(causal, n) == 0) return NAN;
    for (size_t i = 0; i < n * n; i++) { /* a decoder's row 0 has no entropy */
        const double mean = (a[i] + b[i]) / 2;
        if (mean > 0) sum -= mean * log(mean);
    }
    const double divergence = (sum - (entropy_a + entropy_b) / 2) / (double)rows_counted(causal, n);
    return divergence > 0 ? divergence : 0; /* below: rounding */
}

static size_t target(size_t n, const double *row) {
    size_t best = 0;
    for (size_t j = 1; j < n; j++)
        if (row[j] > row[best]) best = j;
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
        for (size_t i = causal; i < n; i++) column += a[i * n + j] / rows;
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
