/* stats_dump WHAT ARGUMENT... < NUMBERS: the statistics of src/stats on numbers from stdin, one result per line, for comparison with
 * SciPy (check_stats.py). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stats/adjust.h"
#include "stats/bootstrap.h"
#include "stats/codelength.h"
#include "stats/difference.h"
#include "stats/paired.h"
#include "stats/permute.h"

enum { MOST = 1 << 16 };
static double x[MOST], y[MOST];
static int label[MOST];
static uint8_t positive[MOST];

static size_t read_numbers(void) {
    size_t n = 0;
    while (n < MOST && scanf("%lf", &x[n]) == 1) n++;
    return n;
}

static void print(size_t n, const double *value) {
    for (size_t i = 0; i < n; i++) printf("%.17g\n", value[i]);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    const size_t a = argc > 2 ? strtoul(argv[2], NULL, 10) : 0, b = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    size_t n = read_numbers();
    if (strcmp(what, "bh") == 0) {
        if (!xp_adjust_benjamini_hochberg(n, x, y)) return 1;
        print(n, y);
    } else if (strcmp(what, "maxt") == 0) { /* tests permutations */
        if (!xp_permute_max_t(a, b, x, y)) return 1;
        print(a, y);
    } else if (strcmp(what, "flips") == 0) { /* draws seed */
        xp_paired r;
        if (!xp_paired_sign_flips(x, n, a, b, &r)) return 1;
        printf("%.17g\n%.17g\n%d\n", r.mean, r.p, r.exact);
    } else if (strcmp(what, "student") == 0) { /* t, degrees of freedom, t ... */
        for (size_t i = 0; 2 * i + 1 < n; i++) printf("%.17g\n", xp_difference_student_p(x[2 * i], x[2 * i + 1]));
    } else if (strcmp(what, "difference") == 0) { /* draws; pseudo-values of both, then draws of both */
        const size_t half = (n - 2 * a) / 2;
        const double *const pseudo[2] = {x, x + half}, *const null = x + 2 * half;
        xp_difference d;
        xp_difference_of(half, pseudo, xp_difference_null_variance(a, null + a, null), .0004, &d);
        printf("%.17g\n%.17g\n%.17g\n%.17g\n%.17g\n%zu\n", d.difference, d.error, d.ci[0], d.ci[1], d.p, d.n);
    } else if (strcmp(what, "clusters") == 0) { /* resamples seed; value, label, value, label ... */
        xp_bootstrap boot;
        for (size_t i = 0; 2 * i + 1 < n; i++) {
            y[i] = 1;
            label[i] = (int)x[2 * i + 1];
            x[i] = x[2 * i];
        }
        double interval[2];
        if (!xp_bootstrap_create_clusters(&boot, n / 2, label, a, b) || !xp_bootstrap_ratio(&boot, x, y, interval))
            return 1;
        print(2, interval);
        xp_bootstrap_free(&boot);
    } else if (strcmp(what, "platt") == 0) { /* score, 0 or 1, score ... */
        for (size_t i = 0; 2 * i + 1 < n; i++) {
            positive[i] = x[2 * i + 1] > 0;
            x[i] = x[2 * i];
        }
        xp_platt fit = xp_platt_fit(n / 2, x, positive);
        double bits = 0;
        for (size_t i = 0; i < n / 2; i++) bits += xp_platt_bits(&fit, x[i], positive[i]);
        printf("%.17g\n%.17g\n%.17g\n", fit.slope, fit.offset, bits);
    } else {
        return 2;
    }
    return 0;
}
