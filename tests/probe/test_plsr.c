/* Laws of the regression: a definition in plain loops, scores, full rank, order, scale, rotation, ties in every bit, tolerances. */
#include "probe/metrics.h"
#include "support/mappings.h"
#include "tensor/blas.h"

/* ---- the definition, dense: each weight by LAPACK, X deflated, prediction scaled back ---- */

/* prediction: n_test x m. Y's missing cells (NaN) are zero once scaled. */
static void definition(const double *x, size_t d, const double *y, size_t m, const xp_fold *fold, size_t components,
                       double *prediction) {
    const size_t n = fold->n_train, all = n + fold->n_test;
    double *xs = nans(all * d), *ys = nans(n * m), *mean = nans(m), *scale = nans(m), *cross = nans(d * m),
           *gram = nans(d * d), *w = nans(d), *t = nans(all), *p = nans(d), value;
    for (size_t j = 0; j < d; j++) {
        double mu = 0, squares = 0;
        for (size_t i = 0; i < n; i++) mu += x[fold->train[i] * d + j] / (double)n;
        for (size_t i = 0; i < n; i++) squares += pow(x[fold->train[i] * d + j] - mu, 2);
        double sd = squares > 1e-20 ? sqrt(squares / (double)(n - 1)) : 1;
        for (size_t i = 0; i < all; i++)
            xs[i * d + j] = (x[(i < n ? fold->train[i] : fold->test[i - n]) * d + j] - mu) / sd;
    }
    for (size_t j = 0; j < m; j++) {
        double seen = 0, squares = 0, low = HUGE_VAL, high = -HUGE_VAL;
        mean[j] = 0;
        for (size_t i = 0; i < n; i++) {
            double v = y[fold->train[i] * m + j];
            if (isnan(v)) continue;
            seen++;
            mean[j] += v;
            low = fmin(low, v);
            high = fmax(high, v);
        }
        bool constant = !(high > low);
        mean[j] = seen > 0 ? constant ? low : mean[j] / seen : 0;
        for (size_t i = 0; i < n; i++) {
            double v = y[fold->train[i] * m + j];
            ys[i * m + j] = isnan(v) ? 0 : v - mean[j];
            squares += ys[i * m + j] * ys[i * m + j];
        }
        scale[j] = constant ? 1 : sqrt(squares / (seen - 1));
        for (size_t i = 0; i < n; i++) ys[i * m + j] = constant ? 0 : ys[i * m + j] / scale[j];
        for (size_t i = 0; i < fold->n_test; i++) prediction[i * m + j] = mean[j];
    }
    for (size_t a = 0; a < components; a++) {
        xp_gemm(true, false, d, m, n, 1, xs, d, ys, m, 0, cross, m);
        xp_gram(false, d, m, cross, m, gram);
        assert_true(xp_eigen_symmetric(d, gram, 1, &value, w));
        xp_gemv(false, all, d, 1, xs, d, w, 0, t);
        double tt = xp_dot(n, t, t);
        xp_gemv(true, n, d, 1 / tt, xs, d, t, 0, p);
        for (size_t i = 0; i < all; i++) xp_axpy(d, -t[i], p, xs + i * d);
        for (size_t j = 0; j < m; j++) {
            double q = 0;
            for (size_t i = 0; i < n; i++) q += ys[i * m + j] * t[i] / tt;
            for (size_t i = 0; i < fold->n_test; i++) prediction[i * m + j] += t[n + i] * q * scale[j];
        }
    }
    double *owned[] = {xs, ys, mean, scale, cross, gram, w, t, p};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) free(owned[i]);
}

/* A dense input that knows something of the norms, as embeddings do. */
static double *embedding_of(const xp_csr *y, size_t d, double noise, uint32_t stream) {
    double *x = normals(y->n * d, stream);
    for (size_t i = 0; i < y->n * d; i++) x[i] *= noise;
    for (size_t i = 0; i < y->n; i++)
        for (size_t e = y->start[i]; e < y->start[i + 1]; e++) {
            xp_rng rng = test_rng(100000 + stream * 5000 + y->column[e]);
            for (size_t k = 0; k < d; k++) x[i * d + k] += xp_rng_normal(&rng);
        }
    return x;
}

static void follows_the_definition(void **state) {
    (void)state;
    static const struct {
        size_t n, d, m;
        double missing;
    } cases[] = {{41, 7, 23, 0}, {37, 61, 29, 0}, {53, 52, 3, 0}, {45, 13, 31, .1}, {31, 43, 17, .2}, {29, 5, 1, 0}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const size_t n = cases[c].n, d = cases[c].d, m = cases[c].m;
        xp_rng rng = test_rng((uint32_t)c);
        double *y = normals(n * m, 20 + (uint32_t)c), *x = normals(n * d, 40 + (uint32_t)c);
        size_t *start = calloc(n + 1, sizeof *start);
        uint32_t *column = counted(n * m);
        assert_non_null(start);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < d && k < m; k++) y[i * m + k] += 2 * x[i * d + k] + (k % 2 == 0 ? 3 : 0);
        for (size_t i = 0; i < n; i++) x[i * d] = .1; /* a constant input */
        double *sparse = nans(n * m);
        memcpy(sparse, y, n * m * sizeof *y);
        for (size_t i = 0; i < n; i++) {
            start[i + 1] = start[i];
            for (uint32_t j = 0; j < m; j++) {
                if (!(xp_rng_uniform(&rng) < cases[c].missing)) continue;
                y[i * m + j] = NAN;
                sparse[i * m + j] = 0;
                column[start[i + 1]++] = j;
            }
        }
        xp_csr csr = sparse_of(n, m, sparse);
        xp_target target = {.y = &csr};
        if (cases[c].missing > 0) {
            target.missing_start = start;
            target.missing_column = column;
        }
        split s = split_rows(n, 6, 1);
        const size_t most = d - 1 < 9 ? d - 1 : 9;
        fitted f = fit(RANK_SPACE, x, d, NULL, &target, &s.fold, most, 1e-11);
        assert_int_equal(f.path.used, most);
        double *expected = nans(s.fold.n_test * m);
        for (size_t a = 1; a <= most; a += 2) {
            definition(x, d, y, m, &s.fold, a, expected);
            double *found = predict(&f, &target, &s.fold, a), *turned = transposed(s.fold.n_test, m, expected);
            double off_by = difference(m * s.fold.n_test, found, turned);
            if (!(off_by < 1e-8)) fail_msg("case %zu, %zu components: differs by %g", c, a, off_by);
            free(found);
            free(turned);
        }
        fitted_free(&f);
        free(x);
        free(y);
        free(sparse);
        free(start);
        free(column);
        free(expected);
        split_free(&s);
        xp_csr_free(&csr);
    }
}

/* Where the targets are few their side is worked on. It gives what the other side gives, down to the last component and with missing cells. */
static void both_sides_agree(void **state) {
    (void)state;
    static const struct {
        size_t n, d, m, components;
        double zeros; /* share of cells */
    } cases[] = {
        {61, 97, 13, 40, 0}, {61, 29, 7, 29, 0}, {47, 83, 31, 30, .9}, {83, 41, 1, 12, 0}, {53, 90, 3, 52, .5}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const size_t n = cases[c].n, d = cases[c].d, m = cases[c].m;
        double *x = normals(n * d, 200 + (uint32_t)c), *y = normals(n * m, 210 + (uint32_t)c);
        xp_rng rng = test_rng(220 + (uint32_t)c);
        size_t *start = calloc(n + 1, sizeof *start);
        uint32_t *column = counted(n * m);
        assert_non_null(start);
        for (size_t i = 0; i < n; i++) {
            start[i + 1] = start[i];
            for (size_t j = 0; j < m; j++) {
                y[i * m + j] += x[i * d + j % d] + 2 * x[i * d + 3];
                bool missing = c % 2 == 0 && xp_rng_uniform(&rng) < .07;
                if (missing) column[start[i + 1]++] = (uint32_t)j;
                if (missing || xp_rng_uniform(&rng) < cases[c].zeros) y[i * m + j] = 0;
            }
        }
        xp_csr csr = sparse_of(n, m, y);
        xp_target target = {.y = &csr, .missing_start = start, .missing_column = column};
        split s = split_rows(n, 7, 3);
        fitted f = fit(RANK_SPACE, x, d, NULL, &target, &s.fold, cases[c].components, 1e-12),
               g = fit(INPUT_SIDE, x, d, NULL, &target, &s.fold, cases[c].components, 1e-12);
        const size_t rank = s.fold.n_train - 1 < d ? s.fold.n_train - 1 : d;
        assert_int_equal(f.path.used, cases[c].components < rank ? cases[c].components : rank);
        assert_int_equal(f.path.used, g.path.used);
        for (size_t a = 1; a <= f.path.used; a += 4) {
            double *p = predict(&f, &target, &s.fold, a), *q = predict(&g, &target, &s.fold, a);
            double off_by = difference(m * s.fold.n_test, p, q);
            if (!(off_by < 1e-8)) fail_msg("case %zu, %zu components: differs by %g", c, a, off_by);
            free(p);
            free(q);
        }
        fitted_free(&f);
        fitted_free(&g);
        free(x);
        free(y);
        free(start);
        free(column);
        split_free(&s);
        xp_csr_free(&csr);
    }
}

static void scores_are_orthogonal(void **state) {
    (void)state;
    xp_csr y = sparse_norms(131, 211, 9, 6, NULL, 60);
    const xp_target target = {.y = &y};
    split s = split_rows(131, 11, 2);
    static const size_t widths[] = {37, 201};
    for (size_t k = 0; k < 2; k++) {
        double *x = embedding_of(&y, widths[k], 1, 61);
        fitted f = fit(RANK_SPACE, x, widths[k], NULL, &target, &s.fold, 33, XP_PLSR_EXACT);
        assert_int_equal(f.path.used, 33);
        const size_t n = s.fold.n_train;
        for (size_t a = 0; a < 33; a++)
            for (size_t b = 0; b < a; b++) {
                const double *p = f.path.left + a * n, *q = f.path.left + b * n;
                double cosine = xp_dot(n, p, q) / sqrt(xp_dot(n, p, p) * xp_dot(n, q, q));
                if (!(fabs(cosine) < 1e-11))
                    fail_msg("width %zu: cosine of scores %zu and %zu is %g", widths[k], a, b, cosine);
            }
        fitted_free(&f);
        free(x);
    }
    split_free(&s);
    xp_csr_free(&y);
}

/* All components of an input narrower than the fold are ordinary least squares with an intercept. */
static void full_rank_is_least_squares(void **state) {
    (void)state;
    enum { N = 47, D = 6, M = 5 };
    double *x = normals(N * D, 70), *y = normals(N * M, 71);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < M; j++) y[i * M + j] += x[i * D + j % D] * 2 - x[i * D + 5] + 3;
    xp_csr csr = sparse_of(N, M, y);
    const xp_target target = {.y = &csr};
    split s = split_rows(N, 5, 0);
    fitted f = fit(RANK_SPACE, x, D, NULL, &target, &s.fold, D, XP_PLSR_EXACT);
    double *found = predict(&f, &target, &s.fold, D), *expected = nans(M * s.fold.n_test);
    double normal[(D + 1) * (D + 1)] = {0}, side[M * (D + 1)] = {0};
    for (size_t t = 0; t < s.fold.n_train; t++) {
        size_t i = s.fold.train[t];
        double row[D + 1];
        memcpy(row, x + i * D, D * sizeof *row);
        row[D] = 1;
        for (size_t a = 0; a <= D; a++) {
            for (size_t b = 0; b <= D; b++) normal[a * (D + 1) + b] += row[a] * row[b];
            for (size_t j = 0; j < M; j++) side[j * (D + 1) + a] += row[a] * y[i * M + j];
        }
    }
    assert_true(xp_solve_positive(D + 1, normal, M, side));
    for (size_t t = 0; t < s.fold.n_test; t++)
        for (size_t j = 0; j < M; j++) {
            expected[j * s.fold.n_test + t] = side[j * (D + 1) + D];
            for (size_t a = 0; a < D; a++)
                expected[j * s.fold.n_test + t] += side[j * (D + 1) + a] * x[s.fold.test[t] * D + a];
        }
    assert_close(M * s.fold.n_test, found, expected, 1e-10);
    fitted_free(&f);
    free(x);
    free(y);
    free(found);
    free(expected);
    split_free(&s);
    xp_csr_free(&csr);
}

/* ---- invariance ---- */

static void row_order_does_not_matter(void **state) {
    (void)state;
    enum { N = 83, D = 17, M = 61 };
    xp_csr y = sparse_norms(N, M, 7, 5, NULL, 80);
    double *x = embedding_of(&y, D, 1, 81), *moved_x = nans(N * D);
    split s = split_rows(N, 7, 4);
    const xp_target target = {.y = &y};
    fitted f = fit(RANK_SPACE, x, D, NULL, &target, &s.fold, 9, 1e-11);
    double *expected = predict(&f, &target, &s.fold, 9);
    /* training rows in another order */
    split other = split_rows(N, 7, 4);
    xp_rng rng = test_rng(82);
    xp_rng_permutation(&rng, other.fold.n_train, other.train);
    fitted g = fit(RANK_SPACE, x, D, NULL, &target, &other.fold, 9, 1e-11);
    double *found = predict(&g, &target, &other.fold, 9);
    assert_close(M * s.fold.n_test, found, expected, 1e-9);
    fitted_free(&g);
    free(found);
    /* every concept under another number: results move along */
    uint32_t *to = counted(N), *row = counted(N);
    xp_rng_permutation(&rng, N, to);
    for (size_t i = 0; i < N; i++) {
        memcpy(moved_x + to[i] * D, x + i * D, D * sizeof *x);
        row[to[i]] = (uint32_t)i;
    }
    const xp_target moved = {.y = &y, .row = row};
    for (size_t i = 0; i < s.fold.n_train; i++) other.train[i] = to[s.train[i]];
    for (size_t i = 0; i < s.fold.n_test; i++) other.test[i] = to[s.test[i]];
    g = fit(RANK_SPACE, moved_x, D, NULL, &moved, &other.fold, 9, 1e-11);
    found = predict(&g, &moved, &other.fold, 9);
    assert_close(M * s.fold.n_test, found, expected, 1e-9);
    fitted_free(&g);
    fitted_free(&f);
    free(found);
    free(expected);
    free(to);
    free(row);
    free(x);
    free(moved_x);
    split_free(&s);
    split_free(&other);
    xp_csr_free(&y);
}

/* Units, signs and order of the inputs do not matter; the unit of a target carries over. */
static void units_do_not_matter(void **state) {
    (void)state;
    enum { N = 71, D = 13, M = 43 };
    xp_csr y = sparse_norms(N, M, 7, 5, NULL, 90);
    double *x = embedding_of(&y, D, 1, 91), *changed = nans(N * D), factor[M];
    split s = split_rows(N, 7, 4);
    const xp_target target = {.y = &y};
    fitted f = fit(RANK_SPACE, x, D, NULL, &target, &s.fold, 9, 1e-11);
    double *expected = predict(&f, &target, &s.fold, 9);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++)
            changed[i * D + (j * 5 + 2) % D] =
                (j % 2 == 0 ? -1 : 1) * pow(10, (double)j - 6) * x[i * D + j] + (double)j;
    fitted g = fit(RANK_SPACE, changed, D, NULL, &target, &s.fold, 9, 1e-11);
    double *found = predict(&g, &target, &s.fold, 9);
    assert_close(M * s.fold.n_test, found, expected, 1e-8);
    fitted_free(&g);
    free(found);
    for (size_t j = 0; j < M; j++) factor[j] = pow(1.7, (double)(j % 11) - 5);
    for (size_t e = 0; e < y.start[N]; e++) y.value[e] *= factor[y.column[e]];
    g = fit(RANK_SPACE, x, D, NULL, &target, &s.fold, 9, 1e-11);
    found = predict(&g, &target, &s.fold, 9);
    for (size_t j = 0; j < M; j++)
        for (size_t t = 0; t < s.fold.n_test; t++) found[j * s.fold.n_test + t] /= factor[j];
    assert_close(M * s.fold.n_test, found, expected, 1e-9);
    fitted_free(&f);
    fitted_free(&g);
    free(found);
    free(expected);
    free(x);
    free(changed);
    split_free(&s);
    xp_csr_free(&y);
}

/* White training rows stay white when turned, so that scaling does nothing to them: then a rotation is invisible. */
static void rotation_of_white_inputs(void **state) {
    (void)state;
    enum { N = 67, D = 11, M = 41 };
    xp_csr y = sparse_norms(N, M, 7, 5, NULL, 95);
    double *x = embedding_of(&y, D, 1, 96), mean[D] = {0}, gram[D * D], value[D], axis[D * D], *white = nans(N * D),
           *turned = nans(N * D);
    split s = split_at(57, N);
    for (size_t i = 0; i < 57; i++)
        for (size_t j = 0; j < D; j++) mean[j] += x[i * D + j] / 57;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++) x[i * D + j] -= mean[j];
    xp_gram(true, D, 57, x, D, gram);
    assert_true(xp_eigen_symmetric(D, gram, D, value, axis));
    for (size_t i = 0; i < N; i++)
        for (size_t a = 0; a < D; a++) white[i * D + a] = xp_dot(D, x + i * D, axis + a * D) / sqrt(value[a]);
    xp_gemm(false, false, N, D, D, 1, white, D, axis, D, 0, turned, D); /* axis is orthogonal: a rotation */
    const xp_target target = {.y = &y};
    fitted f = fit(RANK_SPACE, white, D, NULL, &target, &s.fold, 7, 1e-11),
           g = fit(RANK_SPACE, turned, D, NULL, &target, &s.fold, 7, 1e-11);
    double *expected = predict(&f, &target, &s.fold, 7), *found = predict(&g, &target, &s.fold, 7);
    assert_close(M * s.fold.n_test, found, expected, 1e-8);
    fitted_free(&f);
    fitted_free(&g);
    free(expected);
    free(found);
    free(x);
    free(white);
    free(turned);
    split_free(&s);
    xp_csr_free(&y);
}

/* ---- ties ---- */

/* Columns that are equal in training get predictions equal in every bit, wherever they stand and however many rows are held out; a
 * proportional column is another one. */
static void equal_columns_tie_in_every_bit(void **state) {
    (void)state;
    enum { N = 61, D = 9, M = 37 };
    static const size_t from[] = {0, 5, 11, 20}, to[] = {36, 6, 31, 19}, threefold[] = {33, 34, 12, 1};
    xp_csr made = sparse_norms(N, M, 9, 4, NULL, 100);
    double *dense = dense_of(&made), *x = embedding_of(&made, D, 1, 101);
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < 4; k++) {
            dense[i * M + from[k]] = i % (3 + k) == 0 ? (double)(1 + i % 7) : 0;
            dense[i * M + to[k]] = dense[i * M + from[k]];
            dense[i * M + threefold[k]] = 3 * dense[i * M + from[k]];
        }
    xp_csr y = sparse_of(N, M, dense);
    const xp_target target = {.y = &y};
    for (size_t held_out = 1; held_out <= 19; held_out++) {
        split s = split_at(N - held_out, N);
        fitted fits[] = {fit(RANK_SPACE, x, D, NULL, &target, &s.fold, 7, XP_PLSR_EXACT),
                         fit(PCA, NULL, 0, NULL, &target, &s.fold, 7, 0),
                         fit(MATRIX_FREE, NULL, 0, NULL, &target, &s.fold, 7, XP_PLSR_EXACT)};
        for (size_t q = 0; q < 3; q++) {
            double *p = predict(&fits[q], &target, &s.fold, 7);
            for (size_t k = 0; k < 4; k++) {
                const double *a = p + from[k] * held_out, *b = p + to[k] * held_out, *c = p + threefold[k] * held_out;
                assert_memory_equal(a, b, held_out * sizeof *a);
                for (size_t t = 0; t < held_out; t++) {
                    assert_true(a[t] != c[t]);
                    assert_true(fabs(c[t] - 3 * a[t]) < 1e-9 * (1 + fabs(c[t])));
                }
            }
            free(p);
            fitted_free(&fits[q]);
        }
        split_free(&s);
    }
    free(dense);
    free(x);
    xp_csr_free(&y);
    xp_csr_free(&made);
}

/* The same fit twice, and after another fit with the same scratch, is the same in every bit. */
static void scratch_has_no_memory(void **state) {
    (void)state;
    enum { N = 59, D = 71, M = 47 };
    xp_csr y = sparse_norms(N, M, 7, 4, NULL, 110);
    double *x = embedding_of(&y, D, 1, 111);
    split s = split_rows(N, 5, 2), other = split_rows(N, 3, 1);
    const xp_target target = {.y = &y};
    xp_plsr plsr;
    xp_plsr_input input, smaller;
    xp_columns columns = columns_of(&target, &s.fold), others = columns_of(&target, &other.fold);
    xp_path path, scratch;
    assert_true(xp_plsr_input_create(&input, x, D, M, &s.fold) && xp_plsr_input_create(&smaller, x, D, M, &other.fold));
    assert_true(xp_plsr_alloc(&plsr, N, input.r, M, 11));
    assert_true(xp_path_alloc(&path, s.fold.n_train, s.fold.n_test, 11) && xp_path_alloc(&scratch, N, N, 11));
    double *first = nans(11 * s.fold.n_train);
    for (int round = 0; round < 3; round++) {
        assert_true(xp_plsr_fit(&plsr, &input, &target, &s.fold, &columns, 11, XP_PLSR_EXACT, &path));
        if (round == 0) memcpy(first, path.left, 11 * s.fold.n_train * sizeof *first);
        assert_memory_equal(first, path.left, 11 * s.fold.n_train * sizeof *first);
        assert_true(xp_plsr_fit(&plsr, &smaller, &target, &other.fold, &others, 7, XP_PLSR_EXACT, &scratch));
    }
    xp_plsr_free(&plsr);
    xp_plsr_input_free(&input);
    xp_plsr_input_free(&smaller);
    xp_columns_free(&columns);
    xp_columns_free(&others);
    xp_path_free(&path);
    xp_path_free(&scratch);
    free(first);
    free(x);
    split_free(&s);
    split_free(&other);
    xp_csr_free(&y);
}

/* ---- ends ---- */

static void rank_and_emptiness(void **state) {
    (void)state;
    enum { N = 23, D = 31, M = 7 };
    double *left = normals(N * 2, 140), *right = normals(2 * D, 141), *x = nans(N * D), *y = normals(N * M, 142);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++) x[i * D + j] = left[i * 2] * right[j] + left[i * 2 + 1] * right[D + j];
    xp_csr csr = sparse_of(N, M, y);
    const xp_target target = {.y = &csr};
    split s = split_rows(N, 5, 0);
    fitted f = fit(RANK_SPACE, x, D, NULL, &target, &s.fold, 9, XP_PLSR_EXACT);
    assert_int_equal(f.path.used, 2);
    double *two = predict(&f, &target, &s.fold, 2), *nine = predict(&f, &target, &s.fold, 9);
    assert_memory_equal(two, nine, M * s.fold.n_test * sizeof *two);
    fitted_free(&f);
    free(two);
    free(nine);
    for (size_t i = 0; i < N * D; i++) x[i] = 4; /* inputs that say nothing: the mean is predicted */
    f = fit(RANK_SPACE, x, D, NULL, &target, &s.fold, 9, XP_PLSR_EXACT);
    assert_int_equal(f.path.used, 0);
    two = predict(&f, &target, &s.fold, 9);
    for (size_t j = 0; j < M; j++)
        for (size_t t = 0; t < s.fold.n_test; t++) assert_true(two[j * s.fold.n_test + t] == f.columns.mean[j]);
    fitted_free(&f);
    free(two);
    free(left);
    free(right);
    free(x);
    free(y);
    split_free(&s);
    xp_csr_free(&csr);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_definition),    cmocka_unit_test(both_sides_agree),
        cmocka_unit_test(scores_are_orthogonal),     cmocka_unit_test(full_rank_is_least_squares),
        cmocka_unit_test(row_order_does_not_matter), cmocka_unit_test(units_do_not_matter),
        cmocka_unit_test(rotation_of_white_inputs),  cmocka_unit_test(equal_columns_tie_in_every_bit),
        cmocka_unit_test(scratch_has_no_memory),     cmocka_unit_test(rank_and_emptiness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
