/* A user's own numbers about every concept (frequency, length, concreteness), which the tests take off the norms. */
#ifndef XP_NORMS_COVARIATES_H
#define XP_NORMS_COVARIATES_H

#include "base/sha256.h"
#include "base/view.h"
#include "norms/norms.h"

enum { XP_MOST_COVARIATES = 100 };

/* given: bytes in memory (plain or gzip) in place of the file's; NULL: the file is read. `--covariates FILE`: a header with a column concept; every other column that has a name is a covariate, a number for each concept i with kept[i], and not the
 * same for all. How a cell names a concept: norms/concept_table.h. Concepts that the norms do not have are counted in a note.
 * value: n_concepts x names->count, allocated here (xp_free), row-major; each column runs from 0 to 1 over the kept concepts, which changes no
 * regression on it and keeps numbers of any size from overflowing; NaN for concepts that are not kept.
 * EXPLAINT_INVALID: text, a number that is not finite, a missing one, a constant column, a concept twice, columns without or with the same name. */
explaint_status xp_norms_read_covariates(const char *path, const xp_view *given, const struct explaint_norms *norms,
                                         const uint8_t *kept, double **value, xp_strings *names,
                                         char sha256[XP_SHA256_TEXT], xp_strings *notes, explaint_error *error);

#endif
