/* The tests of several runs as families: all E1 are one, all E2 another. */
#include "explaint/adjust.h"

#include <math.h>
#include <string.h>

#include "base/choose.h"
#include "base/memory.h"
#include "compare/stored_result.h"
#include "explaint/version.h"
#include "result/answer.h"
#include "stats/adjust.h"
#include "stats/permute.h"

typedef struct adjustment {
    explaint_adjustment view; /* first: the public struct */
    xp_stored_result *arm;
    size_t n_sides;
    explaint_adjusted_test *test;
    size_t capacity;
    xp_strings command, notes;
    const char **words; /* command, NULL-terminated */
} adjustment;

/* A family while it is made. */
typedef struct family {
    size_t first, n; /* among the tests */
    size_t permutations;
    double *statistic; /* n x (1 + permutations) */
    size_t capacity;
    xp_concepts concepts; /* of its first test */
    const xp_stored_result *of;
} family;

/* The statistics of a test, for max-T. */
static explaint_status add_statistics(family *f, const xp_stored_result *arm, int layer,
                                      const explaint_assumption *assumption, explaint_adjusted_test *test,
                                      explaint_error *error) {
    bool found = false;
    const size_t permutations = assumption->permutations;
    if (assumption->statistic == NULL)
        return xp_fail(error, EXPLAINT_USAGE, arm->path, 0,
                       "%s of %s is a test of version 0.1, of a score and not of the statistic \"agreement\": max-T "
                       "takes tests of one statistic; adjust by bh, or run it again",
                       test->id, test->place);
    if (f->n == 0) f->permutations = permutations;
    if (permutations != f->permutations || permutations == 0 || permutations > 10000000)
        return xp_fail(
            error, EXPLAINT_USAGE, arm->path, 0,
            "max-T needs as many permutations in every run: found %zu in %s of %s, and %zu before; adjust by bh, "
            "or run it again with --permutations %zu",
            permutations, test->id, test->place, f->permutations, f->permutations);
    double *row = xp_grow((void **)&f->statistic, f->n, &f->capacity, (permutations + 1) * sizeof *row);
    if (row == NULL) return xp_no_memory(error, "the permutations");
    xp_concepts concepts;
    explaint_status status = xp_stored_result_concepts(arm, layer, &concepts, &found, error);
    if (status == EXPLAINT_OK && found)
        status = xp_stored_result_statistics(arm, layer, &concepts, assumption, permutations, row, &found, error);
    if (status == EXPLAINT_OK && !found)
        status =
            xp_fail(error, EXPLAINT_INVALID, arm->path, 0,
                    "%s holds no whole permutations of %s, which max-T needs: run it with --ledger FILE and name it "
                    "as FILE:RUN, or adjust by bh",
                    test->place, test->id);
    if (status != EXPLAINT_OK) {
        xp_concepts_free(&concepts);
        return status;
    }
    test->shares = f->n == 0 || xp_stored_result_shares_permutations(f->of, &f->concepts, arm, &concepts, test->id);
    if (f->n == 0) {
        f->concepts = concepts;
        f->of = arm;
    } else {
        xp_concepts_free(&concepts);
    }
    return EXPLAINT_OK;
}

static explaint_status add_test(adjustment *a, family *f, const xp_stored_result *arm, int layer, const char *id,
                                bool max_t, explaint_error *error) {
    const explaint_verdict *verdict = xp_stored_result_verdict(arm, "information", layer);
    const explaint_assumption *assumption = verdict != NULL ? xp_stored_result_assumption(verdict, id) : NULL;
    if (assumption == NULL || isnan(assumption->p)) return EXPLAINT_OK; /* not testable, or not tested */
    explaint_adjusted_test *test = xp_grow((void **)&a->test, a->view.n_tests, &a->capacity, sizeof *test);
    if (test == NULL) return xp_no_memory(error, "the tests");
    const explaint_row *row = arm->result->n_rows > 0 ? &arm->result->rows[0] : NULL;
    *test = (explaint_adjusted_test){.id = id,
                                     .place = arm->place,
                                     .norms = row != NULL ? xp_stored_result_text(row->norms) : "",
                                     .source = row != NULL ? xp_stored_result_text(row->source) : "",
                                     .mapping = xp_stored_result_setting(arm, "mapping"),
                                     .layer = layer,
                                     .n_components = verdict->n_components,
                                     .gain = assumption->gain,
                                     .p = assumption->p,
                                     .p_adjusted = NAN,
                                     .level = xp_permutation_test_level(xp_permutation_test_named(id))};
    a->view.n_tests++;
    explaint_status status = max_t ? add_statistics(f, arm, layer, assumption, test, error) : EXPLAINT_OK;
    f->n++;
    return status;
}

static bool finish(adjustment *a, const family *f, bool max_t) {
    if (f->n == 0) return true;
    double *p = xp_alloc(2 * f->n, sizeof *p);
    if (p == NULL) return false;
    for (size_t i = 0; i < f->n; i++) p[i] = a->test[f->first + i].p;
    bool ok = max_t ? xp_permute_max_t(f->n, f->permutations, f->statistic, p + f->n)
                    : xp_adjust_benjamini_hochberg(f->n, p, p + f->n);
    size_t strange = 0;
    for (size_t i = 0; ok && i < f->n; i++) {
        a->test[f->first + i].p_adjusted = p[f->n + i];
        strange += max_t && !a->test[f->first + i].shares;
    }
    if (ok && strange > 0)
        ok = xp_strings_addf(
            &a->notes,
            "%s: %zu of %zu tests have other permutations than the first one (other norms, concepts, twins, "
            "categories or seed). The largest of unrelated permutations is larger: p_adjusted errs to the large "
            "side.",
            a->test[f->first].id, strange, f->n);
    xp_free(p);
    return ok;
}

static explaint_status make_family(adjustment *a, const char *id, bool max_t, explaint_error *error) {
    family f = {.first = a->view.n_tests};
    explaint_status status = EXPLAINT_OK;
    for (size_t s = 0; status == EXPLAINT_OK && s < a->n_sides; s++) {
        const xp_stored_result *arm = &a->arm[s];
        if (arm->n_layers == 0 || arm->only >= 0) status = add_test(a, &f, arm, arm->only, id, max_t, error);
        for (size_t l = 0; status == EXPLAINT_OK && arm->only < 0 && l < arm->n_layers; l++)
            status = add_test(a, &f, arm, arm->layer[l], id, max_t, error);
    }
    if (status == EXPLAINT_OK && !finish(a, &f, max_t)) status = xp_no_memory(error, "the tests");
    xp_concepts_free(&f.concepts);
    xp_free(f.statistic);
    return status;
}

static explaint_status open_sides(adjustment *a, const char *const *results, size_t n, const char *ledger,
                                  explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (; status == EXPLAINT_OK && a->n_sides < n; a->n_sides += status == EXPLAINT_OK) {
        xp_stored_result *arm = &a->arm[a->n_sides];
        status = xp_stored_result_open(results[a->n_sides], ledger, arm, error);
        if (status == EXPLAINT_OK && arm->result == NULL) {
            status = xp_fail(error, EXPLAINT_INVALID, arm->path, 0,
                             "is a result of 'explaint %s': only tests of 'explaint infer' are adjusted together",
                             arm->record->kind->name);
            xp_stored_result_close(arm);
        }
        for (size_t s = 0; status == EXPLAINT_OK && s < a->n_sides; s++)
            if (strcmp(a->arm[s].place, arm->place) == 0 &&
                (arm->only == a->arm[s].only || arm->only < 0 || a->arm[s].only < 0)) {
                status = xp_fail(error, EXPLAINT_USAGE, arm->path, 0,
                                 "%s is given twice: a test counts once in its family", arm->place);
                xp_stored_result_close(arm);
            }
    }
    return status;
}

enum { MAX_T, BH };
static const char *const methods[] = {[MAX_T] = "max-t", [BH] = "bh"};

explaint_adjust_options explaint_adjust_defaults(void) { return (explaint_adjust_options){.method = methods[MAX_T]}; }

explaint_status explaint_adjust(const char *const *results, size_t n, const explaint_adjust_options *options,
                                explaint_adjustment **adjusted, explaint_error *error) {
    const explaint_adjust_options defaults = explaint_adjust_defaults();
    *adjusted = NULL;
    if (options == NULL) options = &defaults;
    size_t method = 0;
    explaint_status status = xp_choose(options->method, methods, 2, "method", &method, error);
    if (status != EXPLAINT_OK) return status;
    if (n == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected results to adjust together, found none");
    adjustment *a = xp_calloc(1, sizeof *a);
    if (a == NULL) return xp_no_memory(error, "the tests");
    a->view.internals = a;
    a->view.record.kind = &explaint_adjust_kind;
    a->view.version = EXPLAINT_VERSION;
    a->arm = xp_calloc(n, sizeof *a->arm);
    status = a->arm != NULL ? open_sides(a, results, n, options->ledger, error) : xp_no_memory(error, "the tests");
    for (int id = XP_E1; status == EXPLAINT_OK && id < XP_N_TESTS; id++)
        status = make_family(a, xp_permutation_test_name((xp_test_id)id), method == MAX_T, error);
    if (status == EXPLAINT_OK && a->view.n_tests == 0)
        status = xp_fail(error, EXPLAINT_INVALID, a->arm[0].path, 0,
                         "expected tests of the claim 'information', found none: was it run with --permutations 0?");
    if (status == EXPLAINT_OK && (a->words = xp_strings_words(&a->command, options->command)) == NULL)
        status = xp_no_memory(error, "the tests");
    a->view.method = methods[method];
    a->view.tests = a->test;
    a->view.notes = (const char *const *)a->notes.item;
    a->view.n_notes = a->notes.count;
    a->view.command = a->words;
    if (status == EXPLAINT_OK && !xp_answer_record(&a->view.record, &a->command))
        status = xp_no_memory(error, "the tests");
    if (status == EXPLAINT_OK)
        *adjusted = &a->view;
    else
        explaint_adjustment_free(&a->view);
    return status;
}

void explaint_adjustment_free(explaint_adjustment *adjusted) {
    if (adjusted == NULL || adjusted->internals == NULL) return;
    adjustment *a = adjusted->internals;
    for (size_t s = 0; s < a->n_sides; s++) xp_stored_result_close(&a->arm[s]);
    xp_free_all(a->arm, a->test, a->words);
    xp_strings_free(&a->command);
    xp_strings_free(&a->notes);
    xp_free(a);
}
