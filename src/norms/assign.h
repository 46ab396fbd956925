/* What a user says about concepts in a file of his own: categories and folds. How a cell names a concept: norms/concept_table.h.
 * given: bytes in memory (plain or gzip) in place of the file's; NULL: the file is read. */
#ifndef XP_NORMS_ASSIGN_H
#define XP_NORMS_ASSIGN_H

#include "base/sha256.h"
#include "base/view.h"
#include "norms/norms.h"

/* `--folds FILE`: a header with the columns concept and fold; every concept i with kept[i] exactly once, folds 0 ..
 * *k - 1, each with a kept concept, *k >= 2. Concepts that were dropped for want of a vector may be named; their
 * fold counts for nothing. fold has n_concepts entries, -1 for the dropped. */
explaint_status xp_norms_read_folds(const char *path, const xp_view *given, const struct explaint_norms *norms,
                                    const uint8_t *kept, int *fold, size_t *k, char sha256[XP_SHA256_TEXT],
                                    xp_strings *notes, explaint_error *error);

/* `--categories FILE`: a header with the columns concept and category, further ones are ignored; norms/category.h says what is
 * no category. label has n_concepts entries: -1 or an index into names (first appearance). Concepts that the norms
 * do not have are noted. */
explaint_status xp_norms_read_categories(const char *path, const xp_view *given, const struct explaint_norms *norms,
                                         int *label, xp_strings *names, char sha256[XP_SHA256_TEXT], xp_strings *notes,
                                         explaint_error *error);

#endif
