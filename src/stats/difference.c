#include "stats/difference.h"

#include <math.h>

/* ---- Student's t ---- */

/* The continued fraction of the incomplete beta function (Abramowitz & Stegun 26.5.8) by Lentz's method; x below (a + 1) / (a + b + 2). */
static double beta_fraction(double x, double a, double b) {
    const double tiny = 1e-300;
    double c = 1, d = 1 - (a + b) * x / (a + 1), value;
    value = d = 1 / (fabs(d) < tiny ? tiny : d);
    for (int k = 1; k < 10000; k++) {
        const double at = a + 2 * k;
        const double step[2] = {k * (b - k) * x / ((at - 1) * at), -(a + k) * (a + b + k) * x / (at * (at + 1))};
        double change = 1;
        for (int half = 0; half < 2; half++) {
            d = 1 + step[half] * d;
            c = 1 + step[half] / c;
            d = 1 / (fabs(d) < tiny ? tiny : d);
            if (fabs(c) < tiny) c = tiny;
            change = c * d;
            value *= change;
        }
        if (fabs(change - 1) < 1e-15) break;
    }
    return value;
}

/* p = I_x(f / 2, 1 / 2), x = f / (f + t^2). */
double xp_difference_student_p(double t, double f) {
    if (isnan(t)) return NAN;
    if (isinf(t)) return 0;
    const double x = f / (f + t * t), y = t * t / (f + t * t), a = f / 2, b = .5;
    if (y == 0) return 1;
    const double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(x, a, b) / a : 1 - front * beta_fraction(y, b, a) / b;
}

/* The t that p falls to: 95 % of the distribution are nearer to 0. */
static double student_bound(double p, double freedom) {
    double low = 0, high = 2;
    while (xp_difference_student_p(high, freedom) > p && high < 1e6) high *= 2;
    for (int k = 0; k < 100; k++) {
        const double middle = (low + high) / 2;
        if (xp_difference_student_p(middle, freedom) > p)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* ---- the difference ---- */

static double mean_of(size_t n, const double *value, size_t *count) {
    double sum = 0;
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(value[i])) continue;
        sum += value[i];
        ++*count;
    }
    return *count > 0 ? sum / (double)*count : NAN;
}

double xp_difference_null_variance(size_t draws, const double *null, const double *less) {
    double mean = 0, squares = 0;
    for (size_t b = 0; b < draws; b++) mean += (null[b] - (less != NULL ? less[b] : 0)) / (double)draws;
    for (size_t b = 0; b < draws; b++) {
        const double off = null[b] - (less != NULL ? less[b] : 0) - mean;
        squares += off * off;
    }
    return draws > 1 ? squares / (double)(draws - 1) : 0;
}

void xp_difference_of(size_t n, const double *const pseudo[2], double of_pairs, double of_draws, xp_difference *r) {
    size_t count[2];
    double squares = 0;
    *r = (xp_difference){.p = NAN, .error = NAN, .ci = {NAN, NAN}};
    for (int k = 0; k < 2; k++) r->value[k] = mean_of(n, pseudo[k], &count[k]);
    r->difference = r->value[1] - r->value[0];
    if (count[0] == 0 || count[1] == 0) return;
    for (size_t i = 0; i < n; i++) {
        double d = 0;
        for (int k = 0; k < 2; k++)
            if (!isnan(pseudo[k][i])) d += (k == 1 ? 1 : -1) * (pseudo[k][i] - r->value[k]) / (double)count[k];
        squares += d * d;
        r->n += !isnan(pseudo[0][i]) || !isnan(pseudo[1][i]);
    }
    if (r->n < 2) return;
    const double freedom = (double)r->n - 1;
    const double twice = squares * (double)r->n / freedom;
    r->error = sqrt(fmax(twice - of_pairs, fmin(of_pairs, twice)) + of_draws);
    r->p = r->difference == 0 ? 1 : xp_difference_student_p(r->difference / r->error, freedom);
    const double half = student_bound(.05, freedom) * r->error;
    r->ci[0] = r->difference - half;
    r->ci[1] = r->difference + half;
}
