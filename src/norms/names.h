/* The names of the concepts or of the features in norms. Each is kept once, however often and in whatever spelling it stands in the file
 * (base/name.h). */
#ifndef XP_NORMS_NAMES_H
#define XP_NORMS_NAMES_H

#include "base/name.h"

typedef struct xp_names {
    xp_strings *list; /* of the norms: the names, by number */
    xp_index *index, *odd_index;
    xp_strings odd;     /* spellings that are not the name itself */
    uint8_t *spellings; /* by number: the name itself, XP_NAME_BLANKS, XP_NAME_FORM, several */
    size_t capacity;
    xp_text room;
} xp_names;

/* list is borrowed. All of these are false without memory. */
bool xp_names_begin(xp_names *names, xp_strings *list);
void xp_names_free(xp_names *names);

/* The number of the name that a cell spells, which is added if it is new. */
bool xp_names_number(xp_names *names, xp_view cell, uint32_t *number, bool *is_new);

/* For the sentence about a name that may stand there once only: in what its spellings differ, or "". */
const char *xp_names_differ(const xp_names *names, uint32_t number);

/* earlier[i]: the first name of a list that name i looks like, that is, differs from in capitals, blanks or underscores alone, as
 * "Bat (animal)" from bat_(animal); SIZE_MAX: none. false without memory. */
bool xp_names_alike(const xp_strings *list, size_t *earlier);

/* Says how many names of a list look like an earlier one: they stay different, and may be meant to be one.
 * one, many: "feature differs", "features differ". false without memory. */
bool xp_names_note_alike(const xp_strings *list, const char *one, const char *many, xp_strings *to);

/* What was made of spellings. what: "concept". */
bool xp_names_note(const xp_names *names, const char *what, xp_strings *notes, xp_strings *warnings);

#endif
