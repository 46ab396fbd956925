#include "stats/codelength.h"

#include <math.h>

/* ln(1 + exp(f)) without overflow. */
static double softplus(double f) { return f > 0 ? f + log1p(exp(-f)) : log1p(exp(f)); }

/* Scores are standardised for the fit, so that its steps do not depend on their scale. */
typedef struct problem {
    size_t n;
    const double *score;
    const uint8_t *positive;
    double centre, scale, target[2]; /* of the negative ones, of the positive ones */
} problem;

static double loss(const problem *p, double slope, double offset) {
    double sum = 0;
    for (size_t i = 0; i < p->n; i++) {
        double f = slope * (p->score[i] - p->centre) / p->scale + offset;
        sum += softplus(f) - p->target[p->positive[i] != 0] * f;
    }
    return sum;
}

/* Gradient and Hessian of the loss: g0, g1, h00, h01, h11 (0: slope, 1: offset). */
static void slopes(const problem *p, double slope, double offset, double d[5]) {
    for (int k = 0; k < 5; k++) d[k] = 0;
    for (size_t i = 0; i < p->n; i++) {
        double z = (p->score[i] - p->centre) / p->scale, probability = 1 / (1 + exp(-(slope * z + offset)));
        double rest = probability - p->target[p->positive[i] != 0], weight = probability * (1 - probability);
        d[0] += rest * z;
        d[1] += rest;
        d[2] += weight * z * z;
        d[3] += weight * z;
        d[4] += weight;
    }
}

static void standardise(problem *p) {
    double sum = 0, squares = 0, low = p->score[0], high = p->score[0];
    for (size_t i = 0; i < p->n; i++) {
        sum += p->score[i];
        low = fmin(low, p->score[i]);
        high = fmax(high, p->score[i]);
    }
    p->centre = sum / (double)p->n;
    for (size_t i = 0; i < p->n; i++) squares += (p->score[i] - p->centre) * (p->score[i] - p->centre);
    p->scale = high > low ? sqrt(squares / (double)p->n) : 1; /* constant: by its ends, not by rounding */
    if (!(high > low)) p->centre = low;
}

xp_platt xp_platt_fit(size_t n, const double *score, const uint8_t *positive) {
    if (n == 0) return (xp_platt){0, 0};
    double ones = 0;
    for (size_t i = 0; i < n; i++) ones += positive[i] != 0;
    const double zeros = (double)n - ones;
    problem p = {
        .n = n, .score = score, .positive = positive, .scale = 1, .target = {1 / (zeros + 2), (ones + 1) / (ones + 2)}};
    standardise(&p);
    double slope = 0, offset = log((ones + 1) / (zeros + 1)), now = loss(&p, slope, offset);
    for (int round = 0; round < 100; round++) {
        double d[5];
        slopes(&p, slope, offset, d);
        const double h00 = d[2] + 1e-12, h11 = d[4] + 1e-12, determinant = h00 * h11 - d[3] * d[3];
        const double a = -(h11 * d[0] - d[3] * d[1]) / determinant, b = -(h00 * d[1] - d[3] * d[0]) / determinant;
        const double decrement = -(d[0] * a + d[1] * b);
        if (!(decrement > 1e-12)) break; /* nats: nothing is left to gain */
        double step = 1, next = now;
        for (; step > 1e-10; step /= 2) {
            next = loss(&p, slope + step * a, offset + step * b);
            if (next <= now - 1e-4 * step * decrement) break;
        }
        if (!(next < now)) break;
        slope += step * a;
        offset += step * b;
        now = next;
    }
    return (xp_platt){slope / p.scale, offset - slope * p.centre / p.scale};
}

double xp_platt_bits(const xp_platt *platt, double score, int positive) {
    const double f = platt->slope * score + platt->offset;
    return softplus(positive ? -f : f) / log(2);
}
