/* Units of stored runs, read back (units/ says what each holds). They may be damaged, or made by another version, or not be there: *found says
 * whether one is whole, and only a ledger that cannot be read is an error. layer -1: the run has no layers. */
#ifndef XP_STORE_LEDGER_UNITS_H
#define XP_STORE_LEDGER_UNITS_H

#include "audit/permutation_tests.h"
#include "explaint/infer.h"
#include "explaint/ledger.h"
#include "units/concepts.h"
#include "units/features.h"
#include "units/scores.h"

/* Which run of which ledger (NULL: none, and nothing is found). */
typedef struct xp_ledger_place {
    explaint_ledger *ledger;
    long long run;
    int layer;
} xp_ledger_place;

/* The file; NULL: a scratch ledger. */
const char *xp_ledger_path(const explaint_ledger *ledger);

/* The layer that what depends on no vectors is stored with, the first of the rows; -1: the run has no layers. */
int xp_ledger_first_layer(const explaint_result *result);

/* The bytes under a key, "concepts"; *bytes NULL: not stored, else released by free(). */
explaint_status xp_ledger_bytes(const xp_ledger_place *at, const char *key, void **bytes, size_t *size,
                                explaint_error *error);
/* What becomes of bytes that were read (EXPLAINT_INVALID: damaged) after this status; they are released. */
explaint_status xp_ledger_unit_read(explaint_status read, void *bytes, explaint_status status, bool *found,
                                    explaint_error *error);

explaint_status xp_ledger_concepts(const xp_ledger_place *at, xp_concepts *concepts, bool *found,
                                   explaint_error *error);
explaint_status xp_ledger_features(const xp_ledger_place *at, xp_units_features *features, bool *found,
                                   explaint_error *error);
/* Of n concepts; metrics: as xp_units_scores_unpack. */
explaint_status xp_ledger_scores(const xp_ledger_place *at, const char *condition, const char *target, size_t n,
                                 unsigned wanted, xp_scores *scores, unsigned *metrics, bool *found,
                                 explaint_error *error);
/* seen->n and left_out are given. */
explaint_status xp_ledger_observed(const xp_ledger_place *at, xp_test_id id, xp_units_observed *seen, bool *found,
                                   explaint_error *error);
/* draw[k]: all permutations of what the test's arm k draws; NULL: not wanted. */
explaint_status xp_ledger_draws(const xp_ledger_place *at, xp_test_id id, size_t permutations,
                                double *const draw[XP_UNITS_ARMS], bool *found, explaint_error *error);

/* A list of explaint_stored_lists as CSV: nulls, concepts or neighbours. run: finished; its record. */
explaint_status xp_ledger_write_list(explaint_ledger *ledger, long long run, const explaint_record *record,
                                     const char *list, char decimal, FILE *out, explaint_error *error);
/* Is it one of these, and not one of a record? */
bool xp_ledger_is_list(const char *list);

#endif
