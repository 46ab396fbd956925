#include "embed/prototypes.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "tensor/blas.h"

/* k-means from ten starts, the best kept; a start is settled after some ten rounds. */
enum { STARTS = 10, ROUNDS = 300 };

/* All is worked out from the products of the points (G = XX'), so a round costs n^2 and not n k width:
 * |x_i - c|^2 = G_ii - 2 S_ic / |c| + T_c / |c|^2, with S_ic = sum of G_ij over j in c, T_c = sum of S_ic over i in c. */
typedef struct kmeans {
    size_t n, k;
    const double *g;
    double *s;    /* n x k */
    double *near; /* n: squared distance to the nearest seed */
    size_t *size; /* k */
    uint32_t *label, *best;
    xp_rng rng;
} kmeans;

static double apart(const kmeans *m, size_t i, size_t j) {
    double d = m->g[i * m->n + i] + m->g[j * m->n + j] - 2 * m->g[i * m->n + j];
    return d > 0 ? d : 0;
}

/* k-means++ (Arthur & Vassilvitskii 2007): each seed with a chance by its squared distance to the nearest one before. */
static void seed_clusters(kmeans *m) {
    size_t seed = xp_rng_below(&m->rng, m->n);
    for (size_t i = 0; i < m->n; i++) {
        m->near[i] = apart(m, i, seed);
        m->label[i] = 0;
    }
    for (size_t c = 1; c < m->k; c++) {
        double total = 0, sum = 0;
        for (size_t i = 0; i < m->n; i++) total += m->near[i];
        const double at = xp_rng_uniform(&m->rng) * total;
        seed = m->n;
        for (size_t i = 0; i < m->n && seed == m->n; i++) {
            sum += m->near[i];
            if (m->near[i] > 0 && sum > at) seed = i;
        }
        if (seed == m->n) return; /* all points stand on seeds */
        for (size_t i = 0; i < m->n; i++) {
            const double d = apart(m, i, seed);
            if (d < m->near[i]) {
                m->near[i] = d;
                m->label[i] = (uint32_t)c;
            }
        }
    }
}

static void sum_up(kmeans *m) {
    memset(m->size, 0, m->k * sizeof *m->size);
    memset(m->s, 0, m->n * m->k * sizeof *m->s);
    for (size_t j = 0; j < m->n; j++) m->size[m->label[j]]++;
    for (size_t i = 0; i < m->n; i++)
        for (size_t j = 0; j < m->n; j++) m->s[i * m->k + m->label[j]] += m->g[i * m->n + j];
}

/* One round; the sum of squared distances, and whether a label changed. */
static double move(kmeans *m, double *t, bool *changed) {
    double total = 0;
    sum_up(m);
    for (size_t c = 0; c < m->k; c++) t[c] = 0;
    for (size_t i = 0; i < m->n; i++) t[m->label[i]] += m->s[i * m->k + m->label[i]];
    *changed = false;
    for (size_t i = 0; i < m->n; i++) {
        size_t best = m->label[i];
        double least = 0;
        for (size_t step = 0; step <= m->k; step++) { /* the old cluster first: it wins ties */
            const size_t c = step == 0 ? m->label[i] : step - 1;
            const double size = (double)m->size[c];
            if (m->size[c] == 0) continue;
            const double d = m->g[i * m->n + i] - 2 * m->s[i * m->k + c] / size + t[c] / (size * size);
            if (step == 0 || d < least) {
                least = d;
                best = c;
            }
        }
        *changed = *changed || best != m->label[i];
        m->label[i] = (uint32_t)best;
        total += least;
    }
    return total;
}

static void best_of_starts(kmeans *m, double *t) {
    double least = 0;
    for (size_t start = 0; start < STARTS; start++) {
        double total = 0;
        bool changed = true;
        seed_clusters(m);
        for (size_t round = 0; changed && round < ROUNDS; round++) total = move(m, t, &changed);
        if (start > 0 && !(total < least)) continue;
        least = total;
        memcpy(m->best, m->label, m->n * sizeof *m->best);
    }
}

/* The next cluster by size that is not taken; k: none is left. */
static size_t next_largest(const kmeans *m, const bool *taken) {
    size_t found = m->k;
    for (size_t i = 0; i < m->n; i++) { /* in the order of first points */
        const size_t c = m->best[i];
        if (!taken[c] && (found == m->k || m->size[c] > m->size[found])) found = c;
    }
    return found;
}

static void write_centres(const kmeans *m, size_t width, const float *(*row)(const void *, size_t), const void *self,
                          bool *taken, double *sum, float *centre) {
    memset(m->size, 0, m->k * sizeof *m->size);
    for (size_t i = 0; i < m->n; i++) m->size[m->best[i]]++;
    for (size_t rank = 0; rank < m->k; rank++) {
        const size_t c = next_largest(m, taken);
        if (c == m->k) {
            memcpy(centre + rank * width, centre, width * sizeof *centre);
            continue;
        }
        taken[c] = true;
        memset(sum, 0, width * sizeof *sum);
        for (size_t i = 0; i < m->n; i++)
            for (size_t d = 0; m->best[i] == c && d < width; d++) sum[d] += (double)row(self, i)[d];
        for (size_t d = 0; d < width; d++) centre[rank * width + d] = (float)(sum[d] / (double)m->size[c]);
    }
}

size_t xp_prototypes(size_t n, size_t width, const float *(*row)(const void *self, size_t i), const void *self,
                     size_t k, uint64_t seed, uint32_t stream, float *centre) {
    size_t cells, products;
    if (k > n) k = n;
    kmeans m = {.n = n, .k = k, .rng = xp_rng_begin(seed, XP_RNG_PROTOTYPES, stream)};
    if (xp_mul_overflows(n, width, &cells) || xp_mul_overflows(n, n, &products)) return 0;
    double *x = xp_alloc(cells, sizeof *x), *g = xp_alloc(products, sizeof *g), *t = xp_alloc(k, sizeof *t);
    bool *taken = xp_calloc(k, sizeof *taken);
    m.g = g;
    m.s = xp_alloc(n * k, sizeof *m.s);
    m.near = xp_alloc(n, sizeof *m.near);
    m.size = xp_alloc(k, sizeof *m.size);
    m.label = xp_alloc(n, sizeof *m.label);
    m.best = xp_alloc(n, sizeof *m.best);
    const bool good = x != NULL && g != NULL && t != NULL && taken != NULL && m.s != NULL && m.near != NULL &&
                      m.size != NULL && m.label != NULL && m.best != NULL;
    if (good) {
        /* distances from large coordinates lose digits: the points are centred */
        for (size_t i = 0; i < n; i++)
            for (size_t d = 0; d < width; d++) x[i * width + d] = (double)row(self, i)[d];
        for (size_t d = 0; d < width; d++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++) sum += x[i * width + d];
            for (size_t i = 0; i < n; i++) x[i * width + d] -= sum / (double)n;
        }
        xp_gram(false, n, width, x, width, g);
        best_of_starts(&m, t);
        write_centres(&m, width, row, self, taken, x, centre);
    }
    xp_free_all(x, g, t, taken, m.s, m.near, m.size, m.label, m.best);
    return good ? k : 0;
}
