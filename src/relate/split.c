#include "relate/split.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "probe/logistic.h"
#include "relate/groups.h"
#include "relate/pairs.h"

static const double STRENGTH = 1; /* scikit-learn's own */

/* ---- folds of words ---- */

bool xp_split_folds_create(const explaint_pairs *pairs, const xp_sentences *s, size_t k, uint64_t seed,
                           xp_word_folds *f) {
    const size_t n = s->n_rows;
    xp_groups words = {0};
    const char **word = xp_alloc(2 * n, sizeof *word);
    *f = (xp_word_folds){.k = k, .left = xp_alloc(n, sizeof *f->left), .right = xp_alloc(n, sizeof *f->right)};
    bool ok = word != NULL && f->left != NULL && f->right != NULL;
    for (size_t row = 0; ok && row < n; row++) {
        const size_t pair = s->pair[row / s->n_variants];
        word[2 * row] = pairs->left.item[pair];
        word[2 * row + 1] = xp_sentences_right(pairs, pair, row % s->n_variants);
    }
    ok = ok && xp_groups_create(&words, word, 2 * n);
    uint32_t *order = ok ? xp_alloc(words.n, sizeof *order) : NULL;
    size_t *fold = ok ? xp_alloc(words.n, sizeof *fold) : NULL;
    ok = ok && order != NULL && fold != NULL;
    if (ok) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_PAIR_FOLDS, 0);
        for (size_t i = 0; i < words.n; i++) order[i] = (uint32_t)i;
        xp_rng_permutation(&rng, words.n, order);
        for (size_t i = 0; i < words.n; i++) fold[order[i]] = i % k;
        for (size_t row = 0; row < n; row++) {
            f->left[row] = fold[words.of[2 * row]];
            f->right[row] = fold[words.of[2 * row + 1]];
        }
        f->n_words = words.n;
    }
    xp_free_all(order, fold, word);
    xp_groups_free(&words);
    if (!ok) xp_split_folds_free(f);
    return ok;
}

void xp_split_folds_free(xp_word_folds *f) {
    xp_free_all(f->left, f->right);
    *f = (xp_word_folds){0};
}

/* ---- cells ---- */

static bool has(const xp_word_folds *f, size_t row, size_t fold) {
    return f->left[row] == fold || f->right[row] == fold;
}

static bool is_of(const xp_word_folds *f, size_t row, size_t a, size_t b) {
    return (f->left[row] == a && f->right[row] == b) || (f->left[row] == b && f->right[row] == a);
}

bool xp_split_create(const xp_sentences *s, const xp_word_folds *f, size_t set, xp_word_split *p) {
    const size_t n = 2 * s->n_pairs, cells = f->k * (f->k + 1) / 2;
    *p = (xp_word_split){.n = n,
                         .row = xp_alloc(n, sizeof *p->row),
                         .label = xp_alloc(n, 1),
                         .train = xp_alloc(cells * n, sizeof *p->train),
                         .test = xp_alloc(n, sizeof *p->test),
                         .train_start = xp_calloc(cells + 1, sizeof *p->train_start),
                         .test_start = xp_calloc(cells + 1, sizeof *p->test_start)};
    if (!p->row || !p->label || !p->train || !p->test || !p->train_start || !p->test_start) {
        xp_split_free(p);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        p->row[i] = i / 2 * s->n_variants + (i % 2 == 0 ? 0 : set);
        p->label[i] = i % 2 == 0;
    }
    size_t n_train = 0, n_test = 0;
    for (size_t a = 0; a < f->k; a++)
        for (size_t b = a; b < f->k; b++) {
            const size_t before = n_test;
            for (size_t i = 0; i < n; i++)
                if (is_of(f, p->row[i], a, b)) p->test[n_test++] = (uint32_t)i;
            if (n_test == before) continue;
            for (size_t i = 0; i < n; i++)
                if (!has(f, p->row[i], a) && !has(f, p->row[i], b)) p->train[n_train++] = (uint32_t)i;
            p->n_cells++;
            p->train_start[p->n_cells] = n_train;
            p->test_start[p->n_cells] = n_test;
        }
    return true;
}

void xp_split_free(xp_word_split *p) {
    xp_free_all(p->row, p->label, p->train, p->test, p->train_start, p->test_start);
    *p = (xp_word_split){0};
}

static size_t count_true(const xp_word_split *p, size_t cell, const uint8_t *label) {
    size_t n = 0;
    for (size_t i = p->train_start[cell]; i < p->train_start[cell + 1]; i++) n += label[p->train[i]];
    return n;
}

size_t xp_split_fewest(const xp_word_split *p) {
    size_t fewest = SIZE_MAX;
    for (size_t c = 0; c < p->n_cells; c++) {
        const size_t all = p->train_start[c + 1] - p->train_start[c], of_one = count_true(p, c, p->label);
        if (of_one < fewest) fewest = of_one;
        if (all - of_one < fewest) fewest = all - of_one;
    }
    return fewest;
}

explaint_status xp_split_classify(const xp_word_split *p, const double *x, size_t d, const uint8_t *label,
                                  double *score, explaint_error *error) {
    for (size_t c = 0; c < p->n_cells; c++) {
        const xp_fold fold = {.train = p->train + p->train_start[c],
                              .n_train = p->train_start[c + 1] - p->train_start[c],
                              .test = p->test + p->test_start[c],
                              .n_test = p->test_start[c + 1] - p->test_start[c]};
        const size_t of_one = count_true(p, c, label);
        xp_logistic fit = {0};
        if (of_one > 0 && of_one < fold.n_train) {
            explaint_status status = xp_logistic_fit(x, d, label, &fold, STRENGTH, &fit, error);
            if (status != EXPLAINT_OK) return status;
        }
        for (size_t i = 0; i < fold.n_test; i++)
            score[fold.test[i]] = fit.weight != NULL ? xp_logistic_score(&fit, x + fold.test[i] * d) : 0;
        xp_logistic_free(&fit);
    }
    return EXPLAINT_OK;
}

/* ---- scores ---- */

double xp_split_accuracy(size_t n, const double *score, const uint8_t *label) {
    double right = 0;
    for (size_t i = 0; i < n; i++) right += score[i] == 0 ? .5 : (score[i] > 0) == (label[i] != 0);
    return right / (double)n;
}

static int by_value(const void *a, const void *b, void *value) {
    const double *v = value;
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (v[i] != v[j]) return v[i] < v[j] ? -1 : 1;
    return (i > j) - (i < j);
}

void xp_split_ranks(size_t n, const double *value, uint32_t *order, double *rank) {
    for (size_t i = 0; i < n; i++) order[i] = (uint32_t)i;
    qsort_r(order, n, sizeof *order, by_value, (void *)(uintptr_t)value);
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && value[order[end]] == value[order[i]]) end++;
        for (size_t k = i; k < end; k++) rank[order[k]] = (double)(i + end + 1) / 2;
        i = end;
    }
}

bool xp_split_auc(size_t n, const double *score, const uint8_t *label, double *auc) {
    uint32_t *order = xp_alloc(n, sizeof *order);
    double *rank = xp_alloc(n, sizeof *rank), sum = 0, of_one = 0;
    const bool ok = order != NULL && rank != NULL;
    if (ok) {
        xp_split_ranks(n, score, order, rank);
        for (size_t i = 0; i < n; i++) {
            if (!label[i]) continue;
            sum += rank[i];
            of_one++;
        }
        *auc = (sum - of_one * (of_one + 1) / 2) / (of_one * ((double)n - of_one));
    }
    xp_free_all(order, rank);
    return ok;
}
