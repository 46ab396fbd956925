#include "store/ledger_units.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/strings.h"
#include "store/ledger_documents.h"
#include "units/tests.h"

static const char what_for[] = "the stored units";

int xp_ledger_first_layer(const explaint_result *r) {
    int first = -1;
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].layer >= 0 && (first < 0 || r->rows[i].layer < first)) first = r->rows[i].layer;
    return first;
}

explaint_status xp_ledger_bytes(const xp_ledger_place *at, const char *key, void **bytes, size_t *size,
                                explaint_error *error) {
    *bytes = NULL;
    *size = 0;
    if (at->ledger == NULL) return EXPLAINT_OK;
    xp_text whole = {0};
    if (at->layer >= 0) xp_text_addf(&whole, "layer-%d/", at->layer);
    xp_text_adds(&whole, key);
    explaint_status status = whole.failed ? xp_no_memory(error, what_for)
                                          : xp_ledger_unit(at->ledger, at->run, whole.data, bytes, size, error);
    xp_text_free(&whole);
    return status;
}

/* Releases the key. */
static explaint_status bytes_of(const xp_ledger_place *at, xp_text *key, void **bytes, size_t *size,
                                explaint_error *error) {
    *bytes = NULL;
    explaint_status status =
        key->failed ? xp_no_memory(error, what_for) : xp_ledger_bytes(at, key->data, bytes, size, error);
    xp_text_free(key);
    return status;
}

explaint_status xp_ledger_unit_read(explaint_status read, void *bytes, explaint_status status, bool *found,
                                    explaint_error *error) {
    free(bytes);
    *found = status == EXPLAINT_OK && read == EXPLAINT_OK;
    return status == EXPLAINT_OK && read == EXPLAINT_FAILED ? xp_no_memory(error, what_for) : status;
}

explaint_status xp_ledger_concepts(const xp_ledger_place *at, xp_concepts *concepts, bool *found,
                                   explaint_error *error) {
    void *bytes;
    size_t size;
    *concepts = (xp_concepts){0};
    explaint_status status = xp_ledger_bytes(at, "concepts", &bytes, &size, error);
    return xp_ledger_unit_read(bytes != NULL ? xp_units_concepts_unpack(bytes, size, concepts) : EXPLAINT_INVALID,
                               bytes, status, found, error);
}

explaint_status xp_ledger_features(const xp_ledger_place *at, xp_units_features *features, bool *found,
                                   explaint_error *error) {
    void *bytes;
    size_t size;
    *features = (xp_units_features){0};
    explaint_status status = xp_ledger_bytes(at, "features", &bytes, &size, error);
    return xp_ledger_unit_read(bytes != NULL ? xp_units_features_unpack(bytes, size, features) : EXPLAINT_INVALID,
                               bytes, status, found, error);
}

explaint_status xp_ledger_scores(const xp_ledger_place *at, const char *condition, const char *target, size_t n,
                                 unsigned wanted, xp_scores *scores, unsigned *metrics, bool *found,
                                 explaint_error *error) {
    void *bytes;
    size_t size;
    *scores = (xp_scores){0};
    *metrics = 0;
    xp_text key = {0};
    xp_text_addf(&key, "condition/%s/%s", condition, target);
    explaint_status status = bytes_of(at, &key, &bytes, &size, error);
    return xp_ledger_unit_read(bytes != NULL ? xp_units_scores_unpack(bytes, size, n, wanted, scores, metrics)
                                             : EXPLAINT_INVALID,
                               bytes, status, found, error);
}

explaint_status xp_ledger_observed(const xp_ledger_place *at, xp_test_id id, xp_units_observed *seen, bool *found,
                                   explaint_error *error) {
    const xp_units_arms arms = xp_permutation_test_arms(id);
    void *bytes;
    size_t size;
    xp_text key = {0};
    xp_text_addf(&key, "test/%s/observed", xp_permutation_test_key(id));
    explaint_status status = bytes_of(at, &key, &bytes, &size, error);
    return xp_ledger_unit_read(bytes != NULL ? xp_units_observed_unpack(seen, &arms, bytes, size) : EXPLAINT_INVALID,
                               bytes, status, found, error);
}

explaint_status xp_ledger_draws(const xp_ledger_place *at, xp_test_id id, size_t permutations,
                                double *const draw[XP_UNITS_ARMS], bool *found, explaint_error *error) {
    const xp_units_arms arms = xp_permutation_test_arms(id);
    explaint_status status = EXPLAINT_OK;
    *found = true;
    for (size_t first = 1; status == EXPLAINT_OK && *found && first <= permutations; first += XP_BLOCK) {
        const size_t left = permutations - first + 1, block = left < XP_BLOCK ? left : XP_BLOCK;
        double *t[XP_UNITS_ARMS];
        void *bytes;
        size_t size;
        for (int k = 0; k < XP_UNITS_ARMS; k++) t[k] = draw[k] != NULL ? draw[k] + first - 1 : NULL;
        xp_text key = {0};
        xp_text_addf(&key, "test/%s/%zu", xp_permutation_test_key(id), first);
        status = bytes_of(at, &key, &bytes, &size, error);
        status =
            xp_ledger_unit_read(bytes != NULL ? xp_units_drawn_unpack(t, block, &arms, bytes, size) : EXPLAINT_INVALID,
                                bytes, status, found, error);
    }
    return status;
}
