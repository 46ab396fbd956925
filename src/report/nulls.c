#include "report/nulls.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "report/figures.h"
#include "store/ledger_units.h"

static const char what[] = "the report";

enum { MOST = 10000000 }; /* permutations; more were asked for by nobody, but a damaged document may say so */

/* What is drawn must be what the document says of it. */
static bool agrees(const explaint_assumption *a, const double *r, size_t n) {
    double mean = 0;
    for (size_t b = 0; b < n; b++) mean += r[b] / (double)n;
    return isfinite(mean) && fabs(mean - a->null_mean) <= 1e-6 * (1 + fabs(a->null_mean));
}

static explaint_status one(const xp_ledger_place *at, xp_test_id id, const explaint_assumption *a, xp_report_run *run,
                           explaint_error *error) {
    xp_units_observed seen = {.n = run->result->n_concepts};
    bool found = false;
    explaint_status status = xp_ledger_observed(at, id, &seen, &found, error);
    if (status != EXPLAINT_OK || !found || !(seen.divisor > 0)) return status;
    double *r = xp_alloc(a->permutations, sizeof *r);
    if (r == NULL) return xp_no_memory(error, what);
    double *const draw[XP_UNITS_ARMS] = {[XP_BY_READER] = r};
    status = xp_ledger_draws(at, id, a->permutations, draw, &found, error);
    for (size_t b = 0; status == EXPLAINT_OK && found && b < a->permutations; b++) r[b] /= seen.divisor;
    xp_null_distribution *null = NULL;
    if (status == EXPLAINT_OK && found && agrees(a, r, a->permutations)) {
        null = xp_grow((void **)&run->null, run->n_nulls, &run->null_capacity, sizeof *null);
        if (null == NULL) status = xp_no_memory(error, what);
    }
    if (null == NULL) {
        xp_free(r);
        return status;
    }
    *null = (xp_null_distribution){a->id, r, a->permutations};
    run->n_nulls++;
    return EXPLAINT_OK;
}

explaint_status xp_null_read(explaint_ledger *ledger, xp_report_run *run, explaint_error *error) {
    const explaint_verdict *v = xp_report_main_verdict(run->result, "information");
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; v != NULL && status == EXPLAINT_OK && i < v->n_assumptions; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        const xp_ledger_place at = {ledger, run->number, v->n_layers > 0 ? v->best_layer : v->layer};
        const xp_test_id id = xp_permutation_test_named(xp_report_or_empty(a->id));
        if (id < XP_N_TESTS && a->statistic != NULL && a->permutations > 0 && a->permutations <= MOST)
            status = one(&at, id, a, run, error);
    }
    return status;
}

const xp_null_distribution *xp_null_find(const xp_report_run *run, const char *id) {
    for (size_t i = 0; i < run->n_nulls; i++)
        if (strcmp(xp_report_or_empty(run->null[i].id), id) == 0) return &run->null[i];
    return NULL;
}

void xp_null_free(xp_report_run *run) {
    for (size_t i = 0; i < run->n_nulls; i++) xp_free(run->null[i].r);
    xp_free(run->null);
    run->null = NULL;
    run->n_nulls = 0;
}
