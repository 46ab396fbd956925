/* Tests of single heads. Nothing is fitted to labels: of each head and direction the attention of all rows becomes ranks, what form explains of them is taken
 * off, and the true row of each pair less its counterfactual one is what is tested. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "relate/plan.h"
#include "tensor/blas.h"

/* Form has columns that say the same (one piece, its logarithm): this share of a column's own square keeps the regression solvable. */
static const double NEARLY = 1e-6;

/* Columns with mean 0 and length 1; a constant one is 0. z: n x XP_FORM_COLUMNS. */
static void standardise(size_t n, double *z) {
    for (size_t c = 0; c < XP_FORM_COLUMNS; c++) {
        double sum = 0, squares = 0, low = z[c], high = z[c];
        for (size_t i = 0; i < n; i++) {
            const double x = z[i * XP_FORM_COLUMNS + c];
            sum += x;
            low = fmin(low, x);
            high = fmax(high, x);
        }
        for (size_t i = 0; i < n; i++) {
            double *x = &z[i * XP_FORM_COLUMNS + c];
            *x = high > low ? *x - sum / (double)n : 0;
            squares += *x * *x;
        }
        for (size_t i = 0; squares > 0 && i < n; i++) z[i * XP_FORM_COLUMNS + c] /= sqrt(squares);
    }
}

/* rank: count x n, centred; takes off its regression on z. */
static bool take_off_form(size_t count, size_t n, const double *z, double *rank) {
    enum { C = XP_FORM_COLUMNS };
    double gram[C * C], *weight = xp_alloc(count, C * sizeof *weight);
    if (weight == NULL) return false;
    xp_gram(true, C, n, z, C, gram);
    for (size_t c = 0; c < C; c++) gram[c * C + c] += NEARLY;
    xp_gemm(false, false, count, C, n, 1, rank, n, z, C, 0, weight, C);
    const bool ok = xp_solve_positive(C, gram, count, weight);
    if (ok) xp_gemm(false, true, count, n, C, -1, weight, C, z, C, 1, rank, n);
    xp_free(weight);
    return ok;
}

/* Ranks over the set's rows as shares of n, centred: count x n. auc (may be NULL): count. */
static bool rank_all(const xp_word_split *split, const xp_between *looks, double *rank, double *auc) {
    const size_t n = split->n;
    uint32_t *order = xp_alloc(n, sizeof *order);
    double *value = xp_alloc(n, sizeof *value);
    const bool ok = order != NULL && value != NULL;
    for (size_t j = 0; ok && j < looks->n; j++) {
        double *own = rank + j * n, more = 0;
        for (size_t i = 0; i < n; i++) value[i] = looks->value[split->row[i] * looks->n + j];
        xp_split_ranks(n, value, order, own);
        for (size_t i = 0; i < n; i++) {
            own[i] = (own[i] - (double)(n + 1) / 2) / (double)n;
            more += split->label[i] ? own[i] : -own[i];
        }
        if (auc != NULL)
            auc[j] = .5 + more / ((double)n / 2); /* mean rank of true rows less that of others, as a share of n */
    }
    xp_free(order);
    xp_free(value);
    return ok;
}

/* True row less counterfactual one: count x pairs, into the front of rank. */
static void take_differences(size_t count, size_t n, double *rank) {
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < n / 2; i++) rank[j * (n / 2) + i] = rank[j * n + 2 * i] - rank[j * n + 2 * i + 1];
}

/* Only what was asked for is tested together: the others' gains are left as they are. */
static bool test(const xp_relate *r, const double *difference, xp_gain *gain) {
    const size_t all = r->looks[0].n, half = all / XP_DIRECTIONS, pairs = r->sentences.n_pairs;
    size_t *which = xp_alloc(all, sizeof *which), n = 0;
    double *asked = xp_alloc(all * pairs, sizeof *asked);
    xp_gain *found = xp_alloc(all, sizeof *found);
    bool ok = which != NULL && asked != NULL && found != NULL;
    for (size_t j = 0; ok && j < all; j++) {
        if (!xp_relate_asks(r, j / half, j % half)) continue;
        memcpy(asked + n * pairs, difference + j * pairs, pairs * sizeof *asked);
        which[n++] = j;
    }
    ok = ok && xp_gains_test(n, pairs, asked, &r->groups, r->options.permutations, r->options.seed, found);
    for (size_t k = 0; ok && k < n; k++) gain[which[k]] = found[k];
    xp_free(which);
    xp_free(asked);
    xp_free(found);
    return ok;
}

static bool test_set(xp_relate *r, size_t set) {
    const xp_word_split *split = &r->split[set];
    const size_t n = split->n, count = r->looks[0].n, pairs = r->sentences.n_pairs;
    xp_set_scores *to = &r->score[set];
    double *z = xp_alloc(n, XP_FORM_COLUMNS * sizeof *z), *rank[2] = {xp_alloc(count, n * sizeof *rank[0]), NULL};
    to->auc_of = xp_calloc(count, sizeof *to->auc_of);
    to->alone = xp_calloc(count, sizeof *to->alone);
    rank[1] = xp_alloc(count, n * sizeof *rank[1]);
    bool ok = z != NULL && rank[0] != NULL && rank[1] != NULL && to->auc_of != NULL && to->alone != NULL;
    if (ok) {
        for (size_t i = 0; i < n; i++)
            memcpy(z + i * XP_FORM_COLUMNS, r->form + split->row[i] * XP_FORM_COLUMNS, XP_FORM_COLUMNS * sizeof *z);
        standardise(n, z);
    }
    ok = ok && rank_all(split, &r->looks[XP_SOURCE_MODEL], rank[0], to->auc_of) && take_off_form(count, n, z, rank[0]);
    if (ok) take_differences(count, n, rank[0]);
    ok = ok && test(r, rank[0], to->alone);
    for (xp_relate_source k = XP_SOURCE_UNTRAINED; ok && k < XP_SOURCE_FORM; k++) {
        if (!xp_relate_has(r, k)) continue;
        to->over[k] = xp_calloc(count, sizeof *to->over[k]);
        ok = to->over[k] != NULL && rank_all(split, &r->looks[k], rank[1], NULL) && take_off_form(count, n, z, rank[1]);
        if (!ok) break;
        take_differences(count, n, rank[1]);
        for (size_t i = 0; i < count * pairs; i++) rank[1][i] = rank[0][i] - rank[1][i];
        ok = test(r, rank[1], to->over[k]);
    }
    xp_free(z);
    xp_free(rank[0]);
    xp_free(rank[1]);
    return ok;
}

explaint_status xp_relate_test_heads(xp_relate *r, explaint_error *error) {
    const size_t sets = r->sentences.n_variants - 1;
    for (size_t set = 0; set < sets; set++) {
        if (!xp_relate_report(r, (double)set / (double)sets))
            return xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all heads were tested");
        if (!test_set(r, set)) return xp_no_memory(error, "tests of heads");
    }
    return EXPLAINT_OK;
}
