/* The objective is ours, the search for its minimum libLBFGS's. The minimum is unique, and only how near the search comes depends on the library:
 * what it leaves of the gradient is checked here, whatever it says. */
#include "probe/logistic.h"

#include <lbfgs.h>
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"

/* What may be left of the gradient, as a share of the weights' length where that is above 1. The curvature is at least 1 in every direction of w and at most
 * strength x rows x columns / 4, which is reached where all columns are alike; there rounding leaves more, and means less. */
static const double NEAR = 1e-6, OF_CURVATURE = 1e-9;
static const double AIM = 1e-10; /* where rounding allows it */

typedef struct problem {
    size_t n, d;
    const double *z;    /* n x d, standardised */
    const double *sign; /* n */
    double strength;
    double *margin;   /* n: scratch */
    double reference; /* taken off the objective */
} problem;

/* log(1 + exp(-m)), without overflow. */
static double loss(double m) { return m > 0 ? log1p(exp(-m)) : log1p(exp(m)) - m; }

static double logistic(double m) { return m > 0 ? 1 / (1 + exp(-m)) : exp(m) / (1 + exp(m)); }

/* x: w, then b. Near the minimum the objective changes by less than it is rounded to: sums are compensated, and the second search asks how far
 * it is above what the first one came to. */
static double evaluate(const problem *p, const double *x, double *gradient) {
    double sum = xp_dot(p->d, x, x) / (2 * p->strength), lost = 0, slope = 0;
    xp_gemv(false, p->n, p->d, 1, p->z, p->d, x, 0, p->margin);
    for (size_t i = 0; i < p->n; i++) {
        const double m = p->sign[i] * (p->margin[i] + x[p->d]), term = loss(m) - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
        p->margin[i] = -p->strength * p->sign[i] * logistic(-m);
        slope += p->margin[i];
    }
    memcpy(gradient, x, p->d * sizeof *gradient);
    xp_gemv(true, p->n, p->d, 1, p->z, p->d, p->margin, 1, gradient);
    gradient[p->d] = slope;
    return p->strength * ((sum - p->reference) - lost);
}

static lbfgsfloatval_t ask(void *self, const lbfgsfloatval_t *x, lbfgsfloatval_t *gradient, int n,
                           lbfgsfloatval_t step) {
    (void)n, (void)step;
    return evaluate(self, x, gradient);
}

/* *left: the length of the gradient at what was found. false: no memory. */
static bool search(problem *p, double *weight, double *intercept, double *left) {
    lbfgs_parameter_t how;
    lbfgs_parameter_init(&how);
    how.epsilon = AIM;
    how.m = 10;
    how.max_linesearch = 60;
    const int n = (int)(p->d + 1);
    double *x = lbfgs_malloc(n), *gradient = xp_alloc(p->d + 1, sizeof *gradient); /* aligned as the library wants it */
    bool ok = x != NULL && gradient != NULL;
    if (ok) {
        memset(x, 0, (p->d + 1) * sizeof *x);
        *left = HUGE_VAL;
    }
    for (int round = 0; ok && round < 2 && *left > 10 * AIM; round++) {
        ok = lbfgs(n, x, NULL, ask, NULL, p, &how) != LBFGSERR_OUTOFMEMORY;
        p->reference += evaluate(p, x, gradient) / p->strength;
        *left = xp_nrm2(p->d + 1, gradient) / fmax(1, xp_nrm2(p->d + 1, x));
    }
    if (ok) {
        memcpy(weight, x, p->d * sizeof *weight);
        *intercept = x[p->d];
    }
    xp_free(gradient);
    lbfgs_free(x);
    return ok;
}

/* Mean and scale of a column's training rows; a constant one (max == min, not by its variance) has scale 1. */
static void standardise(const double *x, size_t d, const xp_fold *fold, size_t j, double *mean, double *scale) {
    double sum = 0, squares = 0, low = x[fold->train[0] * d + j], high = low;
    for (size_t i = 0; i < fold->n_train; i++) {
        const double value = x[fold->train[i] * d + j];
        sum += value;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    *mean = sum / (double)fold->n_train;
    *scale = 1;
    if (!(high > low)) {
        *mean = low;
        return;
    }
    for (size_t i = 0; i < fold->n_train; i++) {
        const double value = x[fold->train[i] * d + j] - *mean;
        squares += value * value;
    }
    const double sd = sqrt(squares / (double)(fold->n_train - 1));
    if (sd > 0) *scale = sd;
}

static bool all_finite(const double *x, size_t d, const xp_fold *fold) {
    for (size_t i = 0; i < fold->n_train; i++)
        for (size_t j = 0; j < d; j++)
            if (!isfinite(x[fold->train[i] * d + j])) return false;
    return true;
}

explaint_status xp_logistic_fit(const double *x, size_t d, const uint8_t *label, const xp_fold *fold, double strength,
                                xp_logistic *fit, explaint_error *error) {
    const size_t n = fold->n_train;
    if (n == 0 || d > 1 << 24 || !all_finite(x, d, fold))
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                       "expected finite numbers to fit a logistic regression to, found others");
    double *z = xp_alloc(n * d, sizeof *z), *sign = xp_alloc(2 * n, sizeof *sign), left = HUGE_VAL;
    *fit = (xp_logistic){.d = d, .weight = xp_alloc(3 * d, sizeof *fit->weight)};
    bool ok = z != NULL && sign != NULL && fit->weight != NULL;
    if (ok) {
        fit->mean = fit->weight + d;
        fit->scale = fit->mean + d;
        for (size_t j = 0; j < d; j++) standardise(x, d, fold, j, &fit->mean[j], &fit->scale[j]);
        for (size_t i = 0; i < n; i++) {
            sign[i] = label[fold->train[i]] ? 1 : -1;
            for (size_t j = 0; j < d; j++) z[i * d + j] = (x[fold->train[i] * d + j] - fit->mean[j]) / fit->scale[j];
        }
        problem p = {n, d, z, sign, strength, sign + n, 0};
        ok = search(&p, fit->weight, &fit->intercept, &left);
    }
    xp_free_all(z, sign);
    if (ok && left <= NEAR + OF_CURVATURE * strength * (double)(n * d)) return EXPLAINT_OK;
    xp_logistic_free(fit);
    if (!ok) return xp_no_memory(error, "a logistic regression");
    return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                   "expected a logistic regression to come to its minimum, found a gradient of %g left", left);
}

void xp_logistic_free(xp_logistic *fit) {
    xp_free(fit->weight);
    *fit = (xp_logistic){0};
}

double xp_logistic_score(const xp_logistic *fit, const double *row) {
    double sum = 0;
    for (size_t j = 0; j < fit->d; j++) sum += fit->weight[j] * ((row[j] - fit->mean[j]) / fit->scale[j]);
    return sum + fit->intercept;
}

double xp_logistic_probability(const xp_logistic *fit, const double *row) {
    return logistic(xp_logistic_score(fit, row));
}
