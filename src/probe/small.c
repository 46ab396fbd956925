#include "probe/small.h"

#include <math.h>
#include <string.h>

#include "tensor/blas.h"

/* static: a clone's resolver would be exported */
XP_CLONES static void tridiagonalise(size_t k, const double *given, size_t ld, xp_tridiagonal *t) {
    double *h = t->reflector, x[XP_SMALL], p[XP_SMALL];
    t->k = k;
    for (size_t i = 0; i < k; i++) memcpy(h + i * k, given + i * ld, k * sizeof *h);
    for (size_t c = 0; c + 2 < k; c++) {
        double norm = 0, vv = 0, px = 0;
        for (size_t i = c + 1; i < k; i++) {
            x[i] = h[c * k + i];
            norm += x[i] * x[i];
        }
        norm = sqrt(norm);
        t->a[c] = h[c * k + c];
        t->b[c] = x[c + 1];
        t->tau[c] = 0;
        if (!(norm > 0)) continue;
        t->b[c] = x[c + 1] > 0 ? -norm : norm;
        x[c + 1] -= t->b[c];
        for (size_t i = c + 1; i < k; i++) vv += x[i] * x[i];
        t->tau[c] = 2 / vv;
        for (size_t i = c + 1; i < k; i++) p[i] = 0;
        for (size_t j = c + 1; j < k; j++) /* p = tau H x, then H -= x q' + q x' with q = p - (tau / 2) (p'x) x */
            for (size_t i = c + 1; i < k; i++) p[i] += x[j] * h[j * k + i];
        for (size_t i = c + 1; i < k; i++) {
            p[i] *= t->tau[c];
            px += p[i] * x[i];
        }
        for (size_t i = c + 1; i < k; i++) p[i] -= .5 * t->tau[c] * px * x[i];
        for (size_t i = c + 1; i < k; i++)
            for (size_t j = c + 1; j < k; j++) h[i * k + j] -= x[i] * p[j] + p[i] * x[j];
        for (size_t i = c + 1; i < k; i++) h[c * k + i] = x[i];
    }
    if (k > 1) {
        t->a[k - 2] = h[(k - 2) * k + k - 2];
        t->b[k - 2] = h[(k - 2) * k + k - 1];
    }
    t->a[k - 1] = h[(k - 1) * k + k - 1];
}

void xp_small_tridiagonal(size_t k, const double *h, size_t ld, xp_tridiagonal *t) { tridiagonalise(k, h, ld, t); }

/* y := Q y */
XP_CLONES static void turn_back(const xp_tridiagonal *t, double *y) {
    const size_t k = t->k;
    for (size_t c = k > 2 ? k - 2 : 0; c-- > 0;) {
        const double *x = t->reflector + c * k;
        double sum = 0;
        for (size_t i = c + 1; i < k; i++) sum += x[i] * y[i];
        sum *= t->tau[c];
        for (size_t i = c + 1; i < k; i++) y[i] -= sum * x[i];
    }
}

/* Are all eigenvalues below `high`? Then -p/p' at high, the step of Newton's method towards the largest. */
static bool above(const xp_tridiagonal *t, double high, double *step) {
    double pivot = t->a[0] - high, slope = -1, sum = 0; /* pivots of L D L' and their derivatives */
    for (size_t i = 0;; i++) {
        if (!(pivot < 0)) return false;
        double inverse = 1 / pivot;
        sum += slope * inverse;
        if (i + 1 == t->k) break;
        double ratio = t->b[i] * inverse;
        slope = -1 + ratio * ratio * slope;
        pivot = t->a[i + 1] - high - t->b[i] * ratio;
    }
    *step = 1 / sum;
    return true;
}

/* Newton's steps on the characteristic polynomial from above the spectrum, where they cannot pass the largest root. Where that is one of a
 * cluster they crawl (a factor of 1 - 1/m for m roots), and bisection goes on: the largest entry of the diagonal is a lower bound. */
static double largest(const xp_tridiagonal *t) {
    const size_t k = t->k;
    double high = -HUGE_VAL, low = -HUGE_VAL, step;
    for (size_t i = 0; i < k; i++) {
        double edge = t->a[i] + (i > 0 ? fabs(t->b[i - 1]) : 0) + (i + 1 < k ? fabs(t->b[i]) : 0);
        if (edge > high) high = edge;
        if (t->a[i] > low) low = t->a[i];
    }
    for (int round = 0; round < 40; round++) {
        if (!above(t, high, &step) || !(step > 1e-15 * fabs(high)))
            return high; /* rounding has reached the eigenvalue */
        high -= step;
    }
    for (int round = 0; round < 60 && high - low > 2e-16 * fabs(high); round++) {
        double middle = low + (high - low) / 2;
        if (above(t, middle, &step))
            high = middle;
        else
            low = middle;
    }
    return high;
}

double xp_small_top(const xp_tridiagonal *t, double *y) {
    const size_t k = t->k;
    double pivot[XP_SMALL], ratio[XP_SMALL];
    const double top = largest(t), shift = top + 4e-16 * fabs(top) + 1e-300, least = 1e-17 * fabs(top) + 1e-300;
    for (size_t i = 0; i < k; i++) { /* T - shift is negative definite: its factors need no pivoting */
        pivot[i] = t->a[i] - shift - (i > 0 ? t->b[i - 1] * ratio[i - 1] : 0);
        if (!(fabs(pivot[i]) > least)) pivot[i] = -least;
        if (i + 1 < k) ratio[i] = t->b[i] / pivot[i];
        y[i] = 1;
    }
    for (int round = 0; round < 3; round++) { /* inverse iteration */
        double high = 0, squares = 0;
        for (size_t i = 1; i < k; i++) y[i] -= ratio[i - 1] * y[i - 1];
        for (size_t i = k; i-- > 0;) {
            y[i] = y[i] / pivot[i] - (i + 1 < k ? ratio[i] * y[i + 1] : 0);
            if (fabs(y[i]) > high) high = fabs(y[i]);
        }
        for (size_t i = 0; i < k; i++) {
            y[i] /= high;
            squares += y[i] * y[i];
        }
        for (size_t i = 0; i < k; i++) y[i] /= sqrt(squares);
    }
    turn_back(t, y);
    return top;
}

/* Implicit QL with Wilkinson's shift (Bowdler, Martin, Reinsch & Wilkinson 1968): z (k x k, rows) collects the rotations. */
XP_CLONES static bool ql(size_t k, double *a, double *b, double *z) {
    b[k - 1] = 0;
    double least = 0; /* what rounding left of a graded matrix is no coupling: below it the iteration need not end */
    for (size_t i = 0; i < k; i++) least = fmax(least, fmax(fabs(a[i]), fabs(b[i])));
    least *= 1e-17;
    for (size_t low = 0; low < k; low++) {
        for (int round = 0;; round++) {
            size_t high = low;
            while (high + 1 < k && fabs(b[high]) > least + 2.3e-16 * (fabs(a[high]) + fabs(a[high + 1]))) high++;
            if (high == low) break;
            if (round == 60) return false;
            double g = (a[low + 1] - a[low]) / (2 * b[low]), r = sqrt(g * g + 1);
            g = a[high] - a[low] + b[low] / (g + (g < 0 ? -r : r));
            double s = 1, c = 1, p = 0;
            bool split = false;
            for (size_t i = high; i-- > low;) {
                double f = s * b[i], h = c * b[i];
                r = sqrt(f * f + g * g);
                b[i + 1] = r;
                if (!(r > 0)) { /* the matrix falls apart here */
                    a[i + 1] -= p;
                    b[high] = 0;
                    split = true;
                    break;
                }
                s = f / r;
                c = g / r;
                g = a[i + 1] - p;
                r = (a[i] - g) * s + 2 * c * h;
                p = s * r;
                a[i + 1] = g + p;
                g = c * r - h;
                double *restrict upper = z + (i + 1) * k, *restrict lower = z + i * k;
                for (size_t j = 0; j < k; j++) {
                    double u = upper[j], v = lower[j];
                    upper[j] = s * v + c * u;
                    lower[j] = c * v - s * u;
                }
            }
            if (split) continue;
            a[low] -= p;
            b[low] = g;
            b[high] = 0;
        }
    }
    return true;
}

bool xp_small_best(const xp_tridiagonal *t, size_t count, double *value, double *y) {
    const size_t k = t->k;
    double a[XP_SMALL], b[XP_SMALL], z[XP_SMALL * XP_SMALL];
    memcpy(a, t->a, k * sizeof *a);
    memcpy(b, t->b, (k - 1) * sizeof *b);
    memset(z, 0, k * k * sizeof *z);
    for (size_t i = 0; i < k; i++) z[i * k + i] = 1;
    if (!ql(k, a, b, z)) return false;
    for (size_t i = 0; i < count; i++) {
        size_t best = 0;
        for (size_t j = 1; j < k; j++)
            if (a[j] > a[best]) best = j;
        value[i] = a[best];
        memcpy(y + i * k, z + best * k, k * sizeof *z);
        turn_back(t, y + i * k);
        a[best] = -HUGE_VAL;
    }
    return true;
}
