/* What each column of a table is for: concepts, features, values, or nothing. By --columns and --drop-columns first, then by
 * the header, then by what the columns hold. docs/formats.md says the same for people. */
#ifndef XP_NORMS_ROLES_H
#define XP_NORMS_ROLES_H

#include "base/strings.h"
#include "explaint/norms.h"
#include "norms/survey.h"

typedef enum xp_use {
    XP_USE_FEATURE, /* of a wide table */
    XP_USE_ROLE,    /* one of the five below */
    XP_USE_DROPPED, /* --drop-columns */
    XP_USE_INDEX,   /* numbers the rows, in front of the concepts */
    XP_USE_WORDS,   /* of a wide table: holds text */
    XP_USE_NOTHING, /* of a wide table: without a name, or pandas' Unnamed: 3, and empty */
    XP_USE_IGNORED  /* of a long table */
} xp_use;

typedef struct xp_roles {
    bool is_long;
    size_t concept, feature, value, relation, category; /* columns; csv->width: none */
    bool value_by_name;                                 /* neither asked for nor called value or prod_freq */
    uint8_t *use;                                       /* xp_use, by column */
} xp_roles;

/* Errors: EXPLAINT_USAGE for a choice that is no role=NAME, that names no column, or more than one. */
explaint_status xp_roles_find(xp_roles *roles, const xp_csv *csv, const xp_survey *survey,
                              const explaint_norms_options *options, explaint_error *error);
void xp_roles_free(xp_roles *roles);

/* What was decided that is not said by the header itself. false without memory. */
bool xp_roles_note(const xp_roles *roles, const xp_csv *csv, const xp_survey *survey, xp_strings *notes,
                   xp_strings *warnings);

/* The column that is called as those of concepts are (concept, word, item, ...), whatever it holds; csv->width: there is none. */
size_t xp_roles_concepts_by_name(const xp_csv *csv);

/* Appends the names of columns of numbers in a long table without values, "mean", "sd": one of them may hold these. false
 * without memory. */
bool xp_roles_unread(const xp_roles *roles, const xp_csv *csv, const xp_survey *survey, xp_text *list);

#endif
