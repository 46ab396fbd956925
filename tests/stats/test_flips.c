/* Sign flips of units beside their definition, with the inverses written out. */
#include "stats/flips.h"

#include "support/statistics.h"
#include "tensor/blas.h"

enum { N = 34 };

static double *symmetric(uint32_t stream) {
    double *l = normals(N * N, stream);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < i; j++) l[i * N + j] = l[j * N + i];
    return l;
}

/* S = G (G + I)^-1 and the inverse H of G + I. */
static void smoother(const double *g, double *s, double *h) {
    double *system = nans(N * N);
    for (size_t i = 0; i < N * N; i++) {
        system[i] = g[i] + (i % (N + 1) == 0 ? 1 : 0);
        h[i] = i % (N + 1) == 0 ? 1 : 0;
    }
    assert_true(xp_solve_positive(N, system, N, h));
    for (size_t i = 0; i < N * N; i++) s[i] = (i % (N + 1) == 0 ? 1 : 0) - h[i];
    free(system);
}

/* The reader's weights for a unit from a fit without it: G[u,t] (G[t,t] + I)^-1. */
static void fit_without(const double *g, const int *unit, size_t i, double *weight) {
    uint32_t list[N];
    double system[N * N], right[N];
    size_t n = 0;
    for (uint32_t j = 0; j < N; j++)
        if (j != i && (unit[i] < 0 || unit[j] != unit[i])) list[n++] = j;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n; b++) system[a * n + b] = g[list[a] * N + list[b]] + (a == b);
        right[a] = g[i * N + list[a]];
    }
    assert_true(xp_solve_positive(n, system, 1, right));
    for (size_t j = 0; j < N; j++) weight[j] = 0;
    for (size_t a = 0; a < n; a++) weight[list[a]] = right[a];
}

static void flips_are_their_definition(void **state) {
    (void)state;
    enum { COUNT = 70, UNITS = 5 };
    int unit[N], cell[N];
    for (
        int i = 0; i < N;
        i++) { /* units 0 to 4 and concepts by themselves; two cells in some units; cells of one, and concepts in none */
        unit[i] = i % 7 < UNITS ? i % 7 : -1;
        cell[i] = unit[i] < 0 ? -1 : unit[i] == 2 ? 2 : 10 * unit[i] + (i < 17);
    }
    cell[0] = 99;
    xp_blocks cells;
    assert_true(xp_blocks_create(&cells, N, cell));
    double *z = normals(N * 6, 1), *g = nans(N * N), *s = nans(N * N), *h = nans(N * N), *l = symmetric(2),
           *p = nans(N * N), *a = nans(N * N), *m = nans(N * N), *pl = nans(N * N), *plp = nans(N * N), t[COUNT];
    xp_gram(false, N, 6, z, 6, g);
    smoother(g, s, h);
    for (size_t i = 0; i < N; i++) {
        fit_without(g, unit, i, a + i * N);
        double size = 0;
        for (size_t k = 0; k < N; k++) size += cells.movable[k] && cell[k] == cell[i];
        for (size_t j = 0; j < N; j++)
            p[i * N + j] = !cells.movable[i] ? 0 : (i == j) - (cell[j] == cell[i] ? 1 / size : 0);
    }
    xp_gemm(false, false, N, N, N, 1, p, N, a, N, 0, m, N);
    xp_gemm(false, false, N, N, N, 1, p, N, l, N, 0, pl, N);
    xp_gemm(false, false, N, N, N, 1, pl, N, p, N, 0, plp, N);
    xp_flips flips;
    assert_true(xp_flips_create(&flips, N, s, l, unit, &cells));
    assert_int_equal(flips.n_units, UNITS);
    assert_true(xp_flips_run(&flips, test_seed(), XP_RNG_UNIT_FLIPS, 0, COUNT, t));
    uint32_t number_of[UNITS]; /* units are numbered by their first cell */
    for (size_t c = 0, seen = 0; c < cells.n_blocks; c++) {
        bool known = false;
        for (size_t k = 0; k < c; k++)
            known = known || unit[cells.member[cells.start[k]]] == unit[cells.member[cells.start[c]]];
        if (!known) number_of[unit[cells.member[cells.start[c]]]] = (uint32_t)seen++;
    }
    for (uint32_t b = 0; b < COUNT; b++) {
        xp_rng rng = xp_rng_begin(test_seed(), XP_RNG_UNIT_FLIPS, b);
        const uint64_t bits = b > 0 ? xp_rng_bits(&rng) : 0;
        double sum = 0;
        for (size_t i = 0; i < N; i++) {
            if (!cells.movable[i]) continue;
            const double own = bits >> number_of[unit[i]] & 1 ? -1 : 1;
            for (size_t j = 0; j < N; j++) {
                const double other = cells.movable[j] && bits >> number_of[unit[j]] & 1 ? -1 : 1;
                sum +=
                    own * m[i * N + j] * (pl[i * N + j] - plp[i * N + j]) + own * other * m[i * N + j] * plp[i * N + j];
            }
        }
        assert_true(fabs(sum - t[b]) < 1e-11 * (1 + fabs(sum)));
    }
    double first;
    assert_true(xp_flips_run(&flips, test_seed(), XP_RNG_UNIT_FLIPS, 41, 1, &first));
    assert_memory_equal(&first, &t[41], sizeof first);
    xp_flips_free(&flips);
    xp_blocks_free(&cells);
    double *owned[] = {z, g, s, h, l, p, a, m, pl, plp};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(flips_are_their_definition)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
