#include "report/nulls.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/permutation_tests.h"
#include "audit/plan.h"
#include "base/memory.h"
#include "report/figures.h"
#include "store/ledger_documents.h"

static const char what[] = "the report";

enum { MOST = 10000000 }; /* permutations; more were asked for by nobody, but a damaged document may say so */

typedef struct place {
    explaint_ledger *ledger;
    long long number;
    int layer; /* -1: the run has none */
    xp_test_id id;
} place;

/* A unit of the test: test/E1/observed, test/E1/251. *bytes NULL: it is not there. */
static explaint_status unit(const place *at, size_t first, void **bytes, size_t *size, explaint_error *error) {
    xp_text key = {0};
    *bytes = NULL;
    if (at->layer >= 0) xp_text_addf(&key, "layer-%d/", at->layer);
    xp_text_addf(&key, "test/%s/", xp_permutation_test_key(at->id));
    if (first == 0)
        xp_text_adds(&key, "observed");
    else
        xp_text_addf(&key, "%zu", first);
    explaint_status status =
        key.failed ? xp_no_memory(error, what) : xp_ledger_unit(at->ledger, at->number, key.data, bytes, size, error);
    xp_text_free(&key);
    return status;
}

/* What T is divided by to be r; 0: it is not there. */
static explaint_status divisor(const place *at, size_t n_concepts, double *by, explaint_error *error) {
    const xp_units_arms arms = xp_permutation_test_arms(at->id);
    xp_units_observed seen = {.n = n_concepts};
    void *bytes;
    size_t size;
    *by = 0;
    explaint_status status = unit(at, 0, &bytes, &size, error);
    if (bytes != NULL) {
        const explaint_status read = xp_units_observed_unpack(&seen, &arms, bytes, size);
        if (read == EXPLAINT_FAILED && status == EXPLAINT_OK) status = xp_no_memory(error, what);
        if (read == EXPLAINT_OK) *by = seen.divisor;
    }
    free(bytes);
    return status;
}

static explaint_status draws(const place *at, size_t n, double *t, bool *found, explaint_error *error) {
    const xp_units_arms arms = xp_permutation_test_arms(at->id);
    explaint_status status = EXPLAINT_OK;
    *found = true;
    for (size_t first = 1; status == EXPLAINT_OK && *found && first <= n; first += XP_BLOCK) {
        const size_t left = n - first + 1, block = left < XP_BLOCK ? left : XP_BLOCK;
        double *into[XP_UNITS_ARMS] = {NULL};
        void *bytes;
        size_t size;
        into[XP_BY_READER] = t + first - 1;
        status = unit(at, first, &bytes, &size, error);
        const explaint_status read =
            bytes != NULL ? xp_units_drawn_unpack(into, block, &arms, bytes, size) : EXPLAINT_INVALID;
        if (read == EXPLAINT_FAILED && status == EXPLAINT_OK) status = xp_no_memory(error, what);
        *found = read == EXPLAINT_OK;
        free(bytes);
    }
    return status;
}

/* What is drawn must be what the document says of it. */
static bool agrees(const explaint_assumption *a, const double *r, size_t n) {
    double mean = 0;
    for (size_t b = 0; b < n; b++) mean += r[b] / (double)n;
    return isfinite(mean) && fabs(mean - a->null_mean) <= 1e-6 * (1 + fabs(a->null_mean));
}

static explaint_status one(const place *at, const explaint_assumption *a, xp_report_run *run, explaint_error *error) {
    double by = 0;
    bool found = false;
    explaint_status status = divisor(at, run->result->n_concepts, &by, error);
    if (status != EXPLAINT_OK || !(by > 0)) return status;
    double *r = xp_alloc(a->permutations, sizeof *r);
    if (r == NULL) return xp_no_memory(error, what);
    status = draws(at, a->permutations, r, &found, error);
    for (size_t b = 0; found && b < a->permutations; b++) r[b] /= by;
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

explaint_status xp_null_read(explaint_ledger *ledger, long long number, xp_report_run *run, explaint_error *error) {
    const explaint_verdict *v = xp_report_main_verdict(run->result, "information");
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; v != NULL && status == EXPLAINT_OK && i < v->n_assumptions; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        const place at = {ledger, number, v->n_layers > 0 ? v->best_layer : v->layer,
                          xp_permutation_test_named(xp_report_or_empty(a->id))};
        if (at.id < XP_N_TESTS && a->statistic != NULL && a->permutations > 0 && a->permutations <= MOST)
            status = one(&at, a, run, error);
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
