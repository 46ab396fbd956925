#include "audit/permutation_tests.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

/* Levels and detectable effects were set on worlds of known truth, before those that they are judged by were drawn (docs/truth.md). E3's is small: where
 * labels are wrong, coarse or absent it alone stands between a category and a supported claim. */
static const struct {
    const char *name, *key;
    double level, detects;
} tests[XP_N_TESTS] = {[XP_E1] = {"E1", "E1", .05, 2.5},
                       [XP_E2] = {"E2", "E2", .02, 2.9},
                       [XP_E3] = {"E3", "E3", .005, 3.4},
                       [XP_E4] = {"E4", "E4", .012, 3.1},
                       [XP_HELD_OUT] = {"E4-clusters", "held-out", .03, 2.7}};

const char *xp_permutation_test_name(xp_test_id id) { return tests[id].name; }
const char *xp_permutation_test_key(xp_test_id id) { return tests[id].key; }
double xp_permutation_test_level(xp_test_id id) { return tests[id].level; }
double xp_permutation_test_detects(xp_test_id id) { return tests[id].detects; }

xp_test_id xp_permutation_test_named(const char *name) {
    int id = XP_E1;
    while (id < XP_N_TESTS && strcmp(tests[id].name, name) != 0) id++;
    return (xp_test_id)id;
}

bool xp_permutation_test_create(xp_permutation_test *test, xp_test_id id, const xp_study *study, const int *label,
                                const uint32_t *fold, size_t n_folds, const int *unit, const int *cell) {
    *test = (xp_permutation_test){.id = id, .study = study, .n_folds = n_folds};
    test->fold = xp_alloc(study->n, sizeof *test->fold);
    bool ok = test->fold != NULL && xp_blocks_create(&test->blocks, study->n, label);
    if (ok) memcpy(test->fold, fold, study->n * sizeof *fold);
    if (ok && unit != NULL) {
        test->unit = xp_alloc(study->n, sizeof *test->unit);
        ok = test->unit != NULL && xp_blocks_create(&test->cells, study->n, cell);
        if (ok) memcpy(test->unit, unit, study->n * sizeof *unit);
    }
    if (!ok) xp_permutation_test_free(test);
    return ok;
}

void xp_permutation_test_free(xp_permutation_test *test) {
    xp_free_all(test->fold, test->unit);
    xp_blocks_free(&test->blocks);
    xp_blocks_free(&test->cells);
    *test = (xp_permutation_test){0};
}

/* ---- weights, each made in a (n x n) and packed ---- */

/* NULL: every concept is predicted from all others. */
static const uint32_t *held_out(const xp_permutation_test *test) {
    return xp_permutation_test_holds_out(test->id) ? test->fold : NULL;
}

static bool add_reader(xp_statistic *s, const double *l, const xp_reader *reader, double *a) {
    return xp_reader_others(reader, held_out(s->test), s->test->n_folds, a) &&
           xp_blocks_centre(&s->test->blocks, a, true) &&
           xp_agreement_observe(s->test->study->n, a, l, &s->test->blocks, &s->agreed, s->left_out) &&
           xp_agreement_add(&s->agreement, a);
}

static bool add_neighbours(xp_statistic *s, const double *l, double *a, double *spare) {
    const xp_study *study = s->test->study;
    return xp_reader_neighbours(study->x, study->n, study->d, held_out(s->test), a) &&
           xp_agreement_add_few(&s->agreement, a) && xp_blocks_centre(&s->test->blocks, a, true) &&
           xp_agreement_observe(study->n, a, l, &s->test->blocks, &s->peer, spare);
}

static bool add_spelling(xp_statistic *s, double *a) {
    const xp_study *study = s->test->study;
    xp_reader reader;
    if (!xp_reader_create(&reader, study->spelling, study->n, XP_SPELLING)) return false;
    const bool ok = xp_reader_others(&reader, NULL, 0, a) && xp_blocks_centre(&s->test->blocks, a, true) &&
                    xp_agreement_add(&s->agreement, a);
    xp_reader_free(&reader);
    return ok;
}

static bool create(xp_statistic *s, const xp_permutation_test *test, const xp_relation *relation,
                   const xp_reader *reader, bool all) {
    const double *l = relation->l;
    const size_t n = test->study->n;
    size_t cells;
    *s = (xp_statistic){.test = test};
    if (xp_mul_overflows(n, n, &cells)) return false;
    double *a = xp_alloc(cells, sizeof *a), *spare = xp_alloc(n, sizeof *spare);
    s->left_out = xp_alloc(n, sizeof *s->left_out);
    bool ok = a != NULL && spare != NULL && s->left_out != NULL &&
              xp_agreement_create(&s->agreement, n, l, &test->blocks) && add_reader(s, l, reader, a);
    if (ok && all) ok = add_neighbours(s, l, a, spare);
    if (ok && all && test->id == XP_E1) ok = add_spelling(s, a);
    if (ok && all && test->unit != NULL)
        ok = xp_reader_smooth(reader, a) &&
             xp_flips_create(&s->flips, n, a, relation->m, relation->z, test->unit, &test->cells);
    xp_free_all(a, spare);
    if (!ok) xp_statistic_free(s);
    return ok;
}

bool xp_statistic_create(xp_statistic *s, const xp_permutation_test *test, const xp_relation *relation,
                         const xp_reader *reader) {
    return create(s, test, relation, reader, true);
}

bool xp_statistic_create_reader(xp_statistic *s, const xp_permutation_test *test, const xp_relation *relation,
                                const xp_reader *reader) {
    return create(s, test, relation, reader, false);
}

void xp_statistic_free(xp_statistic *s) {
    xp_agreement_free(&s->agreement);
    xp_flips_free(&s->flips);
    xp_free(s->left_out);
    *s = (xp_statistic){0};
}

/* ---- numbers ---- */

bool xp_statistic_observe(const xp_statistic *s, uint64_t seed, size_t n_study, const uint32_t *concept_of,
                          xp_units_observed *out) {
    const xp_study *study = s->test->study;
    out->divisor = s->agreed.divisor;
    out->error = s->agreed.error;
    out->peer_divisor = s->peer.divisor;
    out->n = n_study;
    size_t at = 0; /* both lists ascend */
    for (size_t i = 0; i < n_study; i++) {
        const bool tested = at < study->n && study->concept_of[at] == concept_of[i];
        out->left_out[i] = tested ? s->left_out[at++] : NAN;
    }
    return xp_statistic_permute(s, seed, 0, 1, out->t);
}

bool xp_statistic_permute_together(const xp_statistic *const *s, size_t n, uint64_t seed, uint32_t first, size_t count,
                                   double *const *out) {
    const unsigned id = (unsigned)s[0]->test->id;
    const xp_agreement **agreement = xp_alloc(n, sizeof *agreement);
    for (size_t k = 0; agreement != NULL && k < n; k++) agreement[k] = &s[k]->agreement;
    bool ok =
        agreement != NULL && xp_agreement_run_together(agreement, n, seed, XP_RNG_PERMUTE + id, first, count, out);
    for (size_t k = 0; ok && k < n; k++)
        if (s[k]->test->unit != NULL)
            ok = xp_flips_run(&s[k]->flips, seed, XP_RNG_UNIT_FLIPS + id, first, count, out[k] + XP_BY_FLIPS * count);
    xp_free(agreement);
    return ok;
}

bool xp_statistic_permute(const xp_statistic *s, uint64_t seed, uint32_t first, size_t count, double *out) {
    return xp_statistic_permute_together(&s, 1, seed, first, count, &out);
}
