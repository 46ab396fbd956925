/* A file of a user's own with one row per concept: categories, folds, covariates.
 *
 *     xp_concept_table t = {.norms = norms, .path = path, .given = NULL};
 *     status = xp_concept_table_open(&t, sha256, notes, error);               // t.csv is open, t.concept the column that names concepts
 *     while ((status = xp_concept_table_next(&t, &more, &concept, error)) == EXPLAINT_OK && more) ... t.csv.cell[...]
 *     xp_concept_table_note(&t, notes);
 *     xp_concept_table_close(&t);                                             // after a failure, too
 *
 * A cell names the concept of that name; if there is none, the only one of the form under which it would be looked up among
 * vectors (sense tag stripped); if there is none, the only one whose form differs in capitals alone, which is noted. */
#ifndef XP_NORMS_CONCEPT_TABLE_H
#define XP_NORMS_CONCEPT_TABLE_H

#include "base/name.h"
#include "base/sha256.h"
#include "formats/csv.h"
#include "formats/file.h"
#include "norms/build.h"
#include "norms/norms.h"

#define XP_UNKNOWN_CONCEPT SIZE_MAX

/* Concepts by one of their spellings. */
typedef struct xp_spelled {
    xp_index *index; /* to the first one */
    xp_strings text; /* by concept: what it goes by */
    size_t *again;   /* by concept: the next one of the same text, XP_UNKNOWN_CONCEPT: there is none */
} xp_spelled;

typedef struct xp_concept_table {
    const struct explaint_norms *norms;
    const char *path;
    const xp_view *given; /* bytes (plain or gzip) in place of the file's; NULL: the file is read */
    xp_bytes bytes;
    xp_csv csv;
    bool csv_open;
    size_t concept; /* column */
    size_t *line;   /* by concept: where it stands, for the caller; 0: not yet */
    /* inside */
    xp_spelled name, form, key;
    xp_text cell, text;
    size_t n_capitals, capitals_line, capitals_concept; /* rows found by their key alone, and the first of them */
} xp_concept_table;

explaint_status xp_concept_table_open(xp_concept_table *table, char *sha256, xp_strings *notes, explaint_error *error);
void xp_concept_table_close(xp_concept_table *table);
/* EXPLAINT_INVALID: the header has none of that name. Where it has none, `others` (may be NULL) has further names, with blanks
 * between, of which a column that is taken is noted. */
explaint_status xp_concept_table_column(const xp_concept_table *table, const char *name, const char *others,
                                        size_t *column, xp_strings *notes, explaint_error *error);
/* The next row's concept; XP_UNKNOWN_CONCEPT: the norms do not have it. */
explaint_status xp_concept_table_next(xp_concept_table *table, bool *more, size_t *concept, explaint_error *error);
/* The note on concepts found by other capitals, if there are any. false without memory. */
bool xp_concept_table_note(const xp_concept_table *table, xp_strings *notes);

#endif
