/* Columns of a wide table that were read as features and look like none, rows that look like no concepts, and values that look like marks for a missing one.
 * Nothing is left out: a warning names them. docs/formats.md states the rules. */
#ifndef XP_NORMS_SUSPECTS_H
#define XP_NORMS_SUSPECTS_H

#include "norms/build.h"

/* Adds warnings about columns and values to the builder's norms; cells lie in the order of rows. */
explaint_status xp_suspects_warn(xp_builder *builder, bool columns, explaint_error *error);

/* ---- rows (suspect_rows.c) ---- */

/* Adds warnings about rows that sum others up, of tables that are not wide by their names alone. false without memory. */
bool xp_suspects_warn_of_rows(const xp_builder *builder, bool wide);

/* ---- values (outliers.c) ---- */

enum { XP_MARKS = 3 };

/* Values that stand far outside of all others, several times. */
typedef struct xp_marks {
    double value[XP_MARKS];
    size_t times[XP_MARKS], n;
    double least, most; /* of the other values */
} xp_marks;

bool xp_suspects_is_mark(const xp_marks *marks, double value);
/* 99, -999, 88, 77, 98, 97: what questionnaires write for "missing", "refused", "do not know". */
bool xp_suspects_is_customary(double value);

/* skip (may be NULL): features that are passed over. false without memory. */
bool xp_suspects_find_marks(const xp_builder *builder, const uint8_t *skip, xp_marks *marks);

#endif
