#include "audit/trials.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

/* Levels and detectable effects were set on worlds of known truth, before those that they are judged by were drawn (docs/truth.md). E3's is small: where
 * labels are wrong, coarse or absent it alone stands between a category and a supported claim. */
static const struct {
    const char *name, *key;
    double level, detects;
} trials[XP_N_TRIALS] = {[XP_E1] = {"E1", "E1", .05, 2.5},
                         [XP_E2] = {"E2", "E2", .02, 2.9},
                         [XP_E3] = {"E3", "E3", .005, 3.4},
                         [XP_E4] = {"E4", "E4", .02, 2.9},
                         [XP_HELD_OUT] = {"E4-clusters", "held-out", .02, 2.9}};

const char *xp_trial_name(xp_trial_id id) { return trials[id].name; }
const char *xp_trial_key(xp_trial_id id) { return trials[id].key; }
double xp_trial_level(xp_trial_id id) { return trials[id].level; }
double xp_trial_detects(xp_trial_id id) { return trials[id].detects; }

xp_trial_id xp_trial_named(const char *name) {
    int id = XP_E1;
    while (id < XP_N_TRIALS && strcmp(trials[id].name, name) != 0) id++;
    return (xp_trial_id)id;
}

bool xp_trial_create(xp_trial *trial, xp_trial_id id, const xp_study *study, const int *label, const uint32_t *fold,
                     size_t n_folds, const int *unit, const int *cell) {
    *trial = (xp_trial){.id = id, .study = study, .n_folds = n_folds};
    trial->fold = xp_alloc(study->n, sizeof *trial->fold);
    bool ok = trial->fold != NULL && xp_blocks_create(&trial->blocks, study->n, label);
    if (ok) memcpy(trial->fold, fold, study->n * sizeof *fold);
    if (ok && unit != NULL) {
        trial->unit = xp_alloc(study->n, sizeof *trial->unit);
        ok = trial->unit != NULL && xp_blocks_create(&trial->cells, study->n, cell);
        if (ok) memcpy(trial->unit, unit, study->n * sizeof *unit);
    }
    if (!ok) xp_trial_free(trial);
    return ok;
}

void xp_trial_release(xp_trial *trial) {
    xp_agreement_free(&trial->agreement);
    xp_flips_free(&trial->flips);
    xp_free(trial->left_out);
    trial->left_out = NULL;
}

void xp_trial_free(xp_trial *trial) {
    xp_trial_release(trial);
    xp_free(trial->fold);
    xp_free(trial->unit);
    xp_blocks_free(&trial->blocks);
    xp_blocks_free(&trial->cells);
    *trial = (xp_trial){0};
}

/* ---- weights, each made in a (n x n) and packed ---- */

static bool add_reader(xp_trial *trial, const double *l, const xp_reader *reader, double *a) {
    const size_t n = trial->study->n;
    bool ok = true;
    if (xp_trial_holds_out(trial->id)) {
        ok = xp_reader_held_out(reader, trial->fold, trial->n_folds, a);
    } else {
        ok = xp_reader_smooth(reader, a);
        if (ok) xp_reader_leave_one_out(n, a);
    }
    return ok && xp_blocks_centre(&trial->blocks, a, true) &&
           xp_agreement_observe(n, a, l, &trial->blocks, &trial->agreed, trial->left_out) &&
           xp_agreement_add(&trial->agreement, a);
}

static bool add_neighbours(xp_trial *trial, const double *l, double *a, double *spare) {
    const xp_study *s = trial->study;
    return xp_reader_neighbours(s->x, s->n, s->d, xp_trial_holds_out(trial->id) ? trial->fold : NULL, a) &&
           xp_agreement_add_few(&trial->agreement, a) && xp_blocks_centre(&trial->blocks, a, true) &&
           xp_agreement_observe(s->n, a, l, &trial->blocks, &trial->peer, spare);
}

static bool add_spelling(xp_trial *trial, double *a) {
    const xp_study *s = trial->study;
    xp_reader reader;
    if (!xp_reader_create(&reader, s->spelling, s->n, XP_SPELLING)) return false;
    bool ok = xp_reader_smooth(&reader, a);
    if (ok) xp_reader_leave_one_out(s->n, a);
    ok = ok && xp_blocks_centre(&trial->blocks, a, true) && xp_agreement_add(&trial->agreement, a);
    xp_reader_free(&reader);
    return ok;
}

static bool prepare(xp_trial *trial, const xp_relation *relation, const xp_reader *reader, bool all) {
    const double *l = relation->l;
    const size_t n = trial->study->n;
    size_t cells;
    if (xp_mul_overflows(n, n, &cells)) return false;
    double *a = xp_alloc(cells, sizeof *a), *spare = xp_alloc(n, sizeof *spare);
    trial->left_out = xp_alloc(n, sizeof *trial->left_out);
    bool ok = a != NULL && spare != NULL && trial->left_out != NULL &&
              xp_agreement_create(&trial->agreement, n, l, &trial->blocks) && add_reader(trial, l, reader, a);
    if (ok && all) ok = add_neighbours(trial, l, a, spare);
    if (ok && all && trial->id == XP_E1) ok = add_spelling(trial, a);
    if (ok && all && trial->unit != NULL)
        ok = xp_reader_smooth(reader, a) &&
             xp_flips_create(&trial->flips, n, a, relation->m, relation->z, trial->unit, &trial->cells);
    xp_free(a);
    xp_free(spare);
    if (!ok) xp_trial_release(trial);
    return ok;
}

bool xp_trial_prepare(xp_trial *trial, const xp_relation *relation, const xp_reader *reader) {
    return prepare(trial, relation, reader, true);
}

bool xp_trial_prepare_reader(xp_trial *trial, const xp_relation *relation, const xp_reader *reader) {
    return prepare(trial, relation, reader, false);
}

/* ---- numbers ---- */

bool xp_trial_observe(const xp_trial *trial, uint64_t seed, size_t n_study, const uint32_t *concept_of,
                      xp_units_observed *out) {
    const xp_study *s = trial->study;
    out->divisor = trial->agreed.divisor;
    out->error = trial->agreed.error;
    out->peer_divisor = trial->peer.divisor;
    out->n = n_study;
    size_t at = 0; /* both lists ascend */
    for (size_t i = 0; i < n_study; i++) {
        const bool tested = at < s->n && s->concept_of[at] == concept_of[i];
        out->left_out[i] = tested ? trial->left_out[at++] : NAN;
    }
    return xp_trial_permute(trial, seed, 0, 1, out->t);
}

bool xp_trial_permute(const xp_trial *trial, uint64_t seed, uint32_t first, size_t count, double *out) {
    const unsigned id = (unsigned)trial->id;
    return xp_agreement_run(&trial->agreement, seed, XP_RNG_PERMUTE + id, first, count, out) &&
           (trial->unit == NULL ||
            xp_flips_run(&trial->flips, seed, XP_RNG_UNIT_FLIPS + id, first, count, out + XP_BY_FLIPS * count));
}
