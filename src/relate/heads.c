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
static bool rank_all(const xp_word_split *split, const xp_between *looks, size_t draw, double *rank, double *auc) {
    const size_t n = split->n;
    const double *from = looks->value + draw * looks->n_rows * looks->n;
    uint32_t *order = xp_alloc(n, sizeof *order);
    double *value = xp_alloc(n, sizeof *value);
    const bool ok = order != NULL && value != NULL;
    for (size_t j = 0; ok && j < looks->n; j++) {
        double *own = rank + j * n, more = 0;
        for (size_t i = 0; i < n; i++) value[i] = from[split->row[i] * looks->n + j];
        xp_split_ranks(n, value, order, own);
        for (size_t i = 0; i < n; i++) {
            own[i] = (own[i] - (double)(n + 1) / 2) / (double)n;
            more += split->label[i] ? own[i] : -own[i];
        }
        if (auc != NULL)
            auc[j] = .5 + more / ((double)n / 2); /* mean rank of true rows less that of others, as a share of n */
    }
    xp_free_all(order, value);
    return ok;
}

/* What one set needs: form of its rows, room for ranks, and of each source what true rows have more than counterfactual ones. */
typedef struct differences {
    size_t n, count; /* rows of the set; directions x layers x heads */
    double *form, *rank;
    double *of[XP_N_MAPS]; /* count x pairs */
} differences;

static bool create_differences(const xp_relate *r, size_t set, differences *d) {
    *d = (differences){.n = r->split[set].n, .count = r->looks[0].n};
    d->form = xp_alloc(d->n, XP_FORM_COLUMNS * sizeof *d->form);
    d->rank = xp_alloc(d->count, d->n * sizeof *d->rank);
    bool ok = d->form != NULL && d->rank != NULL;
    for (xp_relate_source k = XP_SOURCE_MODEL; ok && k < XP_SOURCE_FORM; k++)
        ok = (d->of[k] = xp_calloc(d->count, d->n / 2 * sizeof *d->of[k])) != NULL;
    for (size_t i = 0; ok && i < d->n; i++)
        memcpy(d->form + i * XP_FORM_COLUMNS, r->form + r->split[set].row[i] * XP_FORM_COLUMNS,
               XP_FORM_COLUMNS * sizeof *d->form);
    if (ok) standardise(d->n, d->form);
    return ok;
}

static void free_differences(differences *d) {
    xp_free_all(d->form, d->rank);
    for (size_t k = 0; k < XP_N_MAPS; k++) xp_free(d->of[k]);
}

/* True row less counterfactual one, the mean over draws. */
static bool take_differences(const xp_relate *r, size_t set, xp_relate_source k, double *auc, differences *d) {
    const xp_between *looks = &r->looks[k];
    const size_t pairs = d->n / 2;
    for (size_t draw = 0; draw < looks->draws; draw++) {
        if (!rank_all(&r->split[set], looks, draw, d->rank, auc)) return false;
        if (!take_off_form(d->count, d->n, d->form, d->rank)) return false;
        for (size_t i = 0; i < d->count * pairs; i++)
            d->of[k][i] += (d->rank[2 * i] - d->rank[2 * i + 1]) / (double)looks->draws;
    }
    return true;
}

/* Heads of an untrained layer differ by their random numbers alone: each gets the mean of all of them, which has less chance in it than any one. */
static void share_layer(const xp_between *looks, size_t pairs, double *difference) {
    for (size_t layer = 0; layer < looks->n; layer += looks->n_heads)
        for (size_t i = 0; i < pairs; i++) {
            double *own = difference + layer * pairs + i, sum = 0;
            for (size_t h = 0; h < looks->n_heads; h++) sum += own[h * pairs];
            for (size_t h = 0; h < looks->n_heads; h++) own[h * pairs] = sum / (double)looks->n_heads;
        }
}

/* ---- all sets and comparisons in one family ---- */

typedef struct family {
    size_t n, pairs;
    double *difference;  /* n x pairs */
    xp_gain **to, *gain; /* n: where it is kept; what was found */
} family;

/* Of heads that were asked for; other (may be NULL): what is taken off. */
static void add_tests(const xp_relate *r, const double *own, const double *other, xp_gain *to, family *f) {
    const size_t all = r->looks[0].n, half = all / XP_DIRECTIONS;
    for (size_t j = 0; j < all; j++) {
        if (!xp_relate_asks(r, j / half, j % half)) continue;
        double *difference = f->difference + f->n * f->pairs;
        for (size_t i = 0; i < f->pairs; i++)
            difference[i] = own[j * f->pairs + i] - (other != NULL ? other[j * f->pairs + i] : 0);
        f->to[f->n++] = &to[j];
    }
}

static bool add_set(xp_relate *r, size_t set, family *f) {
    const size_t count = r->looks[0].n;
    xp_set_scores *to = &r->score[set];
    differences d;
    to->auc_of = xp_calloc(count, sizeof *to->auc_of);
    to->alone = xp_calloc(count, sizeof *to->alone);
    bool ok = create_differences(r, set, &d) && to->auc_of != NULL && to->alone != NULL &&
              take_differences(r, set, XP_SOURCE_MODEL, to->auc_of, &d);
    if (ok) add_tests(r, d.of[XP_SOURCE_MODEL], NULL, to->alone, f);
    for (xp_relate_source k = XP_SOURCE_UNTRAINED; ok && k < XP_SOURCE_FORM; k++) {
        if (!xp_relate_has(r, k)) continue;
        to->over[k] = xp_calloc(count, sizeof *to->over[k]);
        ok = to->over[k] != NULL && take_differences(r, set, k, NULL, &d);
        if (!ok) break;
        if (k == XP_SOURCE_UNTRAINED) share_layer(&r->looks[k], f->pairs, d.of[k]);
        add_tests(r, d.of[XP_SOURCE_MODEL], d.of[k], to->over[k], f);
    }
    free_differences(&d);
    return ok;
}

explaint_status xp_relate_test_heads(xp_relate *r, explaint_error *error) {
    const size_t sets = r->sentences.n_variants - 1, most = sets * XP_N_MAPS * XP_DIRECTIONS * r->n_chosen;
    family f = {.pairs = r->sentences.n_pairs};
    f.difference = xp_alloc(most, f.pairs * sizeof *f.difference);
    f.to = xp_alloc(most, sizeof *f.to);
    f.gain = xp_alloc(most, sizeof *f.gain);
    bool ok = f.difference != NULL && f.to != NULL && f.gain != NULL, stopped = false;
    for (size_t set = 0; ok && set < sets; set++) {
        stopped = stopped || !xp_relate_report(r, (double)set / (double)(sets + 1));
        ok = !stopped && add_set(r, set, &f);
    }
    ok = ok && xp_gains_test(f.n, f.pairs, f.difference, &r->groups, r->options.permutations, r->options.seed, f.gain);
    for (size_t k = 0; ok && k < f.n; k++) *f.to[k] = f.gain[k];
    xp_free_all(f.difference, f.to, f.gain);
    if (stopped) return xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all heads were tested");
    return ok ? EXPLAINT_OK : xp_no_memory(error, "tests of heads");
}
