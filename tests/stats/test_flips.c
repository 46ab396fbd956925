/* Sign flips of units beside their definition, with the inverses written out. */
#include "stats/flips.h"

#include "support/statistics.h"
#include "tensor/blas.h"

enum { N = 34, M = 101 };

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

/* A part of the rows: what it holds of what differs within cells, and of the rest. */
typedef struct part {
    size_t place;            /* of its signs */
    double *within, *beyond; /* N x M */
} part;

/* Components by LAPACK, then groups; count at most XP_FLIP_PARTS. */
static size_t parts_of(const double *w, const double *beyond, part *list) {
    double *cross = nans(M * M), *value = nans(M), *axis = nans(M * M), *rest = nans(N * M), all = 0;
    size_t count = 0;
    xp_gram(true, M, N, w, M, cross);
    for (size_t j = 0; j < M; j++) all += cross[j * (M + 1)];
    assert_true(xp_eigen_symmetric(M, cross, M, value, axis));
    memcpy(rest, w, N * M * sizeof *rest);
    for (size_t c = 0; c < M && (c == 0 || value[M - 1 - c] >= all / 16); c++, count++) {
        const double *v = axis + (M - 1 - c) * M;
        list[count] = (part){c, nans(N * M), nans(N * M)};
        for (size_t i = 0; i < N; i++) {
            const double own = xp_dot(M, w + i * M, v), other = xp_dot(M, beyond + i * M, v);
            for (size_t j = 0; j < M; j++) {
                list[count].within[i * M + j] = own * v[j];
                list[count].beyond[i * M + j] = other * v[j];
                rest[i * M + j] -= own * v[j];
            }
        }
    }
    for (size_t g = 0; g < XP_FLIP_GROUPS; g++, count++) {
        list[count] = (part){XP_FLIP_COMPONENTS + g, nans(N * M), nans(N * M)};
        for (size_t e = 0; e < N * M; e++) {
            list[count].within[e] = e % M % XP_FLIP_GROUPS == g ? rest[e] : 0;
            list[count].beyond[e] = beyond[e];
        }
    }
    double *owned[] = {cross, value, axis, rest};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
    return count;
}

static void flips_are_their_definition(void **state) {
    (void)state;
    enum { COUNT = 70, UNITS = 5 };
    int unit[N], cell[N];
    for (int i = 0; i < N; i++) {
        /* units 0 to 4 and concepts by themselves; two cells in some units; cells of one, and concepts in none */
        unit[i] = i % 7 < UNITS ? i % 7 : -1;
        cell[i] = unit[i] < 0 ? -1 : unit[i] == 2 ? 2 : 10 * unit[i] + (i < 17);
    }
    cell[0] = 99;
    xp_blocks cells;
    assert_true(xp_blocks_create(&cells, N, cell));
    double *v = normals(N * 6, 1), *g = nans(N * N), *s = nans(N * N), *h = nans(N * N), *z = normals(N * M, 2),
           *p = nans(N * N), *a = nans(N * N), *m = nans(N * N), *w = nans(N * M), *beyond = nans(N * M), t[COUNT];
    for (size_t i = 0; i < N; i++) { /* two dimensions that many features share */
        const double first = z[i * M], second = z[i * M + 1];
        for (size_t j = 0; j < M; j++) z[i * M + j] += (j % 3 != 0) * first - (j % 4 == 1) * 2 * second;
    }
    xp_gram(false, N, 6, v, 6, g);
    smoother(g, s, h);
    for (size_t i = 0; i < N; i++) {
        fit_without(g, unit, i, a + i * N);
        double size = 0;
        for (size_t k = 0; k < N; k++) size += cells.movable[k] && cell[k] == cell[i];
        for (size_t j = 0; j < N; j++)
            p[i * N + j] = !cells.movable[i] ? 0 : (i == j) - (cell[j] == cell[i] ? 1 / size : 0);
    }
    xp_gemm(false, false, N, N, N, 1, p, N, a, N, 0, m, N);
    xp_gemm(false, false, N, M, N, 1, p, N, z, M, 0, w, M);
    for (size_t e = 0; e < N * M; e++) beyond[e] = z[e] - w[e];
    part list[XP_FLIP_PARTS];
    const size_t parts = parts_of(w, beyond, list);
    assert_true(parts > XP_FLIP_GROUPS + 1 && parts < XP_FLIP_PARTS);
    xp_flips flips;
    assert_true(xp_flips_create(&flips, N, s, M, z, unit, &cells));
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
        double sign[UNITS][XP_FLIP_PARTS], sum = 0; /* a number of 64 bits a unit */
        for (size_t u = 0; u < UNITS; u++) {
            const uint64_t bits = b > 0 ? xp_rng_bits(&rng) : 0;
            for (size_t k = 0; k < XP_FLIP_PARTS; k++) sign[u][k] = bits >> k & 1 ? -1 : 1;
        }
        for (size_t k = 0; k < parts; k++)
            for (size_t i = 0; i < N; i++) {
                if (!cells.movable[i]) continue;
                const double own = sign[number_of[unit[i]]][list[k].place];
                for (size_t j = 0; j < N; j++) {
                    const double *row = list[k].within + i * M,
                                 other = cells.movable[j] ? sign[number_of[unit[j]]][list[k].place] : 0;
                    sum += own * m[i * N + j] *
                           (xp_dot(M, row, list[k].beyond + j * M) + other * xp_dot(M, row, list[k].within + j * M));
                }
            }
        assert_true(fabs(sum - t[b]) < 1e-8 * (1 + fabs(sum)));
    }
    double first;
    assert_true(xp_flips_run(&flips, test_seed(), XP_RNG_UNIT_FLIPS, 41, 1, &first));
    assert_memory_equal(&first, &t[41], sizeof first);
    xp_flips_free(&flips);
    xp_blocks_free(&cells);
    for (size_t k = 0; k < parts; k++) {
        free(list[k].within);
        free(list[k].beyond);
    }
    double *owned[] = {v, g, s, h, z, p, a, m, w, beyond};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

/* Norms that say nothing, and cells of which every concept is alike: T is 0 and stays 0. */
static void nothing_to_flip(void **state) {
    (void)state;
    int unit[N];
    for (int i = 0; i < N; i++) unit[i] = i % 5;
    xp_blocks cells;
    assert_true(xp_blocks_create(&cells, N, unit));
    double *s = nans(N * N), z[N], t[3];
    for (size_t e = 0; e < N * N; e++) s[e] = .01;
    for (size_t i = 0; i < N; i++) z[i] = (double)(i % 5);
    for (size_t m = 0; m < 2; m++) {
        xp_flips flips;
        assert_true(xp_flips_create(&flips, N, s, m, z, unit, &cells));
        assert_true(xp_flips_run(&flips, 1, XP_RNG_UNIT_FLIPS, 0, 3, t));
        for (size_t b = 0; b < 3; b++) assert_true(fabs(t[b]) < 1e-12);
        xp_flips_free(&flips);
    }
    xp_blocks_free(&cells);
    free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(flips_are_their_definition), cmocka_unit_test(nothing_to_flip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
