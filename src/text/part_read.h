/* What the readers of a tokenizer.json's parts share: values of a key, and refusals that name the part. part: "the normalizer Replace";
 * NULL: none. All fail with EXPLAINT_INVALID. */
#ifndef XP_TEXT_PART_READ_H
#define XP_TEXT_PART_READ_H

#include "text/tokenizer.h"

#define XP_PART_REFUSE(draft, ...) xp_fail((draft)->error, EXPLAINT_INVALID, (draft)->path, 0, __VA_ARGS__)

/* "PATH: expected EXPECTED for "KEY" of PART, found ..." */
explaint_status xp_part_unexpected(xp_draft *draft, const char *part, const char *key, const char *expected,
                                   const xp_value *found);
/* "the WHAT "TYPE" is not implemented; expected KNOWN" */
explaint_status xp_part_not_implemented(xp_draft *draft, const char *what, const char *type, const char *known);
explaint_status xp_part_bool(xp_draft *draft, const xp_value *object, const char *part, const char *key, bool *truth);
/* Absent: as it was. */
explaint_status xp_part_bool_or(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                                bool *truth);
explaint_status xp_part_size(xp_draft *draft, const xp_value *object, const char *part, const char *key, size_t *size);
explaint_status xp_part_string(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                               xp_view *text);
/* A string that is copied. */
explaint_status xp_part_copy(xp_draft *draft, const xp_value *object, const char *part, const char *key, char **text);
/* A string of one character. */
explaint_status xp_part_character(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                                  uint32_t *point);
/* {"String": "..."} or {"Regex": "..."} */
explaint_status xp_part_pattern(xp_draft *draft, const xp_value *object, const char *part, xp_pattern **pattern);
/* keys: all that there may be, ending with NULL. */
explaint_status xp_part_keys(xp_draft *draft, const xp_value *object, const char *part, const char *const *keys);
/* The name of a part of the pipeline; NULL: the refusal is in the error. Old files do not say it: then the part is what has the keys
 * `telling` (NULL: none), which ends with NULL. */
const char *xp_part_type(xp_draft *draft, const xp_value *part, const char *what, const char *const *telling,
                         const char *inferred);

/* A type of part, as a table of them has it. */
typedef struct xp_part_entry {
    const char *name;
    const char *keys[8]; /* all that there may be; none: any */
    int kind;            /* for the reader */
    explaint_status (*read)(xp_draft *draft, const xp_value *value, const char *part, int kind);
} xp_part_entry;

typedef struct xp_part_kind {
    const char *what, *list; /* "normalizer", and the key of a Sequence of them */
    const xp_part_entry *entry;
    size_t n_entries;
    const char *(*type_of)(xp_draft *draft, const xp_value *value); /* NULL: every file says it */
    explaint_status (*check)(xp_draft *draft, const char *type);    /* before the entry is looked for; NULL: nothing */
} xp_part_kind;
/* A part of the root, each of its Sequence where it is one; null: nothing. */
explaint_status xp_part_each(xp_draft *draft, const xp_value *root, const xp_part_kind *kind);

#endif
