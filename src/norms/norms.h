/* The concept-feature matrix inside. Rows are concepts, columns are features, in the order of first appearance. */
#ifndef XP_NORMS_NORMS_H
#define XP_NORMS_NORMS_H

#include "base/strings.h"
#include "explaint/norms.h"

struct explaint_norms {
    char *name, *path, *kind, *citation;
    char sha256[65];
    size_t n_concepts, n_features;
    xp_strings concepts, features; /* UTF-8, as in the file */
    /* CSR: the cells that are not zero, columns ascending within a row. */
    size_t *row_start; /* n_concepts + 1 */
    uint32_t *column;
    double *value;
    /* Missing cells (wide files, na = mask), CSR as well; NULL if there are none. */
    size_t *missing_start;
    uint32_t *missing_column;
    size_t n_missing;     /* missing cells of the file, whatever na made of them */
    uint8_t *taxonomic;   /* n_features: is a category (McRae BR_Label or WB_Label; WordNet is_a); NULL: not known */
    uint8_t *superordinate; /* n_features: may name a concept's category (McRae WB_Label superordinate); NULL: none */
    xp_strings category;  /* n_concepts labels ("" = none) where the file itself labels concepts; count 0: it does not */
    xp_strings notes;
};

/* Categories after methods 3.1: the file's own labels, else the superordinate with the highest value among those of at least 5
 * concepts (ties: the larger category, then first appearance). label[i] is -1 (none) or an index into names.
 * Returns false without memory. label has n_concepts entries. keep (may be NULL): count only concepts i with keep[i]. */
bool xp_norms_categories(const struct explaint_norms *norms, const uint8_t *keep, int *label, xp_strings *names);

/* The form under which a concept is looked up: sense tag stripped, underscores to spaces, "(to)" stripped, lower case (ASCII and UTF-8 as
 * far as the C library can). Appends to form. */
bool xp_concept_form(const char *concept_name, xp_text *form);

#endif
