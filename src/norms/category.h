/* Names of categories, and cells that say that there is none. */
#ifndef XP_NORMS_CATEGORY_H
#define XP_NORMS_CATEGORY_H

#include "base/name.h"

/* What was read as no category though something stands there. */
typedef struct xp_no_category {
    size_t cells;
    char first[16]; /* as it stands there */
} xp_no_category;

/* A mark in place of a value: in any case none, NA, N/A, #N/A, <NA>, NaN, NULL, missing, a dash or a full stop. */
bool xp_category_is_none(xp_view text);

/* The category that a cell names; empty if it says that there is none: nothing, or a mark (xp_category_is_none). name lies in the cell or in room. Counts in none (may be NULL). false without memory. */
bool xp_category(xp_view cell, xp_text *room, xp_view *name, xp_no_category *none);

/* The note, if there is anything to say. false without memory. */
bool xp_category_note(const xp_no_category *none, xp_strings *notes);

#endif
