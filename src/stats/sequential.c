#include "stats/sequential.h"

#include <math.h>

#include "base/memory.h"

void xp_sequential_bounds_free(xp_sequential_bounds *b) {
    xp_free(b->lower);
    xp_free(b->upper);
    *b = (xp_sequential_bounds){0};
}

/* The count under p = alpha among tests that still go on: mass[s - low] for s = low .. high. */
typedef struct walk {
    double *mass;
    int64_t low, high;
} walk;

/* One more permutation. */
static void step_on(walk *w, double alpha) {
    for (int64_t k = ++w->high - w->low; k >= 0; k--) {
        double stays = k < w->high - w->low ? w->mass[k] * (1 - alpha) : 0;
        double reaches = k > 0 ? w->mass[k - 1] * alpha : 0;
        w->mass[k] = stays + reaches;
    }
}

/* Takes off as much at each end as may be spent by now; what was spent is kept by side. */
static void look(walk *w, double spent[2], double allowed, int64_t *lower, int64_t *upper) {
    int64_t low = w->low, high = w->high;
    while (low <= high && spent[0] + w->mass[low - w->low] <= allowed) spent[0] += w->mass[low++ - w->low];
    while (high >= low && spent[1] + w->mass[high - w->low] <= allowed) spent[1] += w->mass[high-- - w->low];
    *lower = low - 1;
    *upper = high + 1;
    for (int64_t s = low; s <= high; s++) w->mass[s - low] = w->mass[s - w->low];
    w->low = low;
    w->high = high;
}

bool xp_sequential_bounds_create(xp_sequential_bounds *b, double alpha, double risk, double half, size_t step,
                                 size_t most) {
    *b = (xp_sequential_bounds){.step = step, .most = most, .n_looks = (most + step - 1) / step};
    b->lower = xp_alloc(b->n_looks, sizeof *b->lower);
    b->upper = xp_alloc(b->n_looks, sizeof *b->upper);
    walk w = {.mass = xp_alloc(most + 1, sizeof *w.mass)};
    bool ok = b->lower != NULL && b->upper != NULL && w.mass != NULL;
    double spent[2] = {0, 0};
    if (ok) w.mass[0] = 1;
    for (size_t n = 1, at = 0; ok && n <= most; n++) {
        step_on(&w, alpha);
        if (n % step != 0 && n != most) continue;
        look(&w, spent, risk * (double)n / ((double)n + half), &b->lower[at], &b->upper[at]);
        at++;
    }
    xp_free(w.mass);
    if (!ok) xp_sequential_bounds_free(b);
    return ok;
}

xp_sequential_side xp_sequential_look(const xp_sequential_bounds *b, size_t permutations, size_t reached) {
    const size_t at = (permutations + b->step - 1) / b->step - 1;
    if ((int64_t)reached <= b->lower[at]) return XP_BELOW_ALPHA;
    return (int64_t)reached >= b->upper[at] ? XP_ABOVE_ALPHA : XP_GO_ON;
}

/* The p between `inside` and `outside` where the density crosses the edge, by halving. */
static double crossing(double n, double s, double constant, double inside, double outside) {
    for (int i = 0; i < 200 && inside != outside; i++) {
        double p = (inside + outside) / 2;
        if (p == inside || p == outside) break;
        double height = constant + (s > 0 ? s * log(p) : 0) + (n > s ? (n - s) * log1p(-p) : 0);
        if (height > 0)
            inside = p;
        else
            outside = p;
    }
    return inside;
}

void xp_sequential_interval(size_t permutations, size_t reached, double level, double interval[2]) {
    const double n = (double)permutations, s = (double)reached;
    const double constant =
        log(n + 1) + lgamma(n + 1) - lgamma(s + 1) - lgamma(n - s + 1) - log(1 - level); /* > 0 at p = s / n */
    interval[0] = reached == 0 ? 0 : crossing(n, s, constant, s / n, 0);
    interval[1] = reached == permutations ? 1 : crossing(n, s, constant, s / n, 1);
}
