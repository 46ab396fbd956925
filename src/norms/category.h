/* Names of categories, and cells that say that there is none. */
#ifndef XP_NORMS_CATEGORY_H
#define XP_NORMS_CATEGORY_H

#include "base/name.h"

/* What was read as no category. */
typedef struct xp_no_category {
    size_t cells;   /* though something stands there */
    char first[16]; /* as it stands there */
    size_t names;   /* categories in the order of the rows, and whether a name came twice, or not in the first row */
    bool scattered;
} xp_no_category;

/* A mark in place of a value: in any case none, NA, N/A, #N/A, <NA>, NaN, NULL, missing, a dash or a full stop. */
bool xp_category_is_none(xp_view text);

/* The category that a cell names; empty if it says that there is none: nothing, or a mark (xp_category_is_none). name lies in the cell or in room. Counts in none (may be NULL). false without memory. */
bool xp_category(xp_view cell, xp_text *room, xp_view *name, xp_no_category *none);

/* Takes down a concept's category: its number by first appearance, -1: none. In the order of the file. */
void xp_category_count(xp_no_category *none, int number);

/* How many of the concepts have none: a note, and a warning where each name stands once with nothing down to the next, as
 * in merged cells. false without memory. */
bool xp_category_note_missing(const xp_no_category *none, size_t missing, size_t concepts, xp_strings *notes,
                              xp_strings *warnings);

/* The note of marks, if there are any. false without memory. */
bool xp_category_note(const xp_no_category *none, xp_strings *notes);

#endif
