/* Units that are columns of numbers, each with its name: what concepts score under several baselines, the bits of several codes, refits. */
#ifndef XP_UNITS_COLUMNS_H
#define XP_UNITS_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct xp_units_columns {
    const char *holds; /* what they are of, in a few words: bytes that say something else are another unit */
    size_t n_columns;
    const char *const *name; /* n_columns */
    size_t n_by_fold;        /* the last so many have a number for each fold, the others for each row */
} xp_units_columns;

/* baselines: the score of each distinct concept under the mapping and what it is compared with; then, by fold, the level that the mapping chose and
 * kNN's k. A score that does not exist is NaN. */
typedef enum xp_units_baseline {
    XP_BASELINE_SYSTEM,
    XP_BASELINE_MEAN,
    XP_BASELINE_KNN,
    XP_BASELINE_BOTTLENECK,
    XP_BASELINE_LABEL,
    XP_BASELINE_READER, /* what the reader of the tests recovers: decides nothing */
    XP_N_BASELINES,
    XP_BASELINE_SYSTEM_LEVEL = XP_N_BASELINES,
    XP_BASELINE_KNN_LEVEL
} xp_units_baseline;
extern const xp_units_columns xp_units_baselines;

/* word-form: the score of each distinct concept by the reader of the vectors, by a reader of the spelling. */
enum { XP_WORD_FORM_READER, XP_WORD_FORM_SPELLING };
extern const xp_units_columns xp_units_word_form;

/* description-length: bits of each concept. */
typedef enum xp_code { XP_CODE_SYSTEM, XP_CODE_MEAN, XP_CODE_UNIFORM, XP_N_CODES } xp_code;
extern const xp_units_columns xp_units_length;

/* effect/E3/0: the mean score of each refit. lint: of each draw, the mapping's score on shuffled features less the mean predictor's. */
extern const xp_units_columns xp_units_refits, xp_units_lint;

/* Numbers in a unit of n rows and n_folds folds. */
size_t xp_units_columns_size(const xp_units_columns *columns, size_t n, size_t n_folds);
/* values: column after column. false: no memory. */
bool xp_units_columns_pack(const xp_units_columns *columns, size_t n, size_t n_folds, const double *values,
                           void **bytes, size_t *size);
/* values NULL: only looked at. EXPLAINT_INVALID: they are no such unit of this size; EXPLAINT_FAILED: no memory. */
explaint_status xp_units_columns_unpack(const xp_units_columns *columns, size_t n, size_t n_folds, double *values,
                                        const void *bytes, size_t size);

#endif
