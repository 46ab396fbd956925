/* What is said: the record that a command makes. One table of fields for each kind of record drives its JSON, its CSV and its SQL, and reads
 * it back.
 *
 *     explaint_record *record = NULL;
 *     if (explaint_record_read(text, strlen(text), "result.json", &record, &error) != EXPLAINT_OK) return error.code;
 *     if (record->kind == &explaint_infer_kind) puts(((const explaint_result *)record)->signature);
 *     if (explaint_record_write_csv(record, "verdicts/assumptions", '.', stdout, &error) != EXPLAINT_OK) puts(error.message);
 *     explaint_record_free(record);
 *
 * infer, attend, embed, compare, adjust and model check each make a record: a struct that begins with its kind. The kind lists its fields,
 * with their names in JSON, their types, and where they lie in the struct. A field that is added to such a list is in every form of the
 * record. Numbers keep all their digits; what does not exist is left out.
 */
#ifndef EXPLAINT_RESULT_H
#define EXPLAINT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- fields ---- */

/* How a field lies in its struct, and which value says that there is none. */
typedef enum explaint_field_type {
    EXPLAINT_FIELD_TEXT,     /* const char *; NULL */
    EXPLAINT_FIELD_PLACE,    /* int; negative */
    EXPLAINT_FIELD_COUNT,    /* size_t; 0 */
    EXPLAINT_FIELD_SIZE,     /* size_t; always there */
    EXPLAINT_FIELD_NUMBER,   /* double; NaN */
    EXPLAINT_FIELD_INTERVAL, /* double[2]; NaN. Two columns of a table */
    EXPLAINT_FIELD_PAIR,     /* size_t[2]; both 0. Two columns of a table */
    EXPLAINT_FIELD_FLAG,     /* int: 0 or 1; negative */
    EXPLAINT_FIELD_JSON,     /* const char *, a value as JSON text; NULL */
    EXPLAINT_FIELD_WORDS,    /* const char *const *, NULL-terminated: a list of texts; NULL: an empty one */
    EXPLAINT_FIELD_TEXTS,    /* const char *const *, and how many */
    EXPLAINT_FIELD_NUMBERS,  /* const double *, and how many; NULL */
    EXPLAINT_FIELD_SIZES,    /* const size_t *, and how many */
    EXPLAINT_FIELD_OBJECT,   /* a struct in its place */
    EXPLAINT_FIELD_LIST,     /* an array of structs, and how many */
    EXPLAINT_FIELD_MEMBERS   /* an array of structs of a key (a text) and a value, and how many: an object */
} explaint_field_type;

enum {
    EXPLAINT_FIELD_NULL = 1,   /* none is null in JSON; other fields are left out */
    EXPLAINT_FIELD_LINES = 2,  /* its elements stand on lines of their own */
    EXPLAINT_FIELD_IF_ANY = 4, /* an empty list is left out, and an object whose first text is none */
    EXPLAINT_FIELD_NEEDED = 8  /* a document without it is none of this kind */
};

struct explaint_kind;

typedef struct explaint_field {
    const char *name; /* in JSON, CSV and SQL */
    explaint_field_type type;
    size_t offset;                  /* in the struct */
    const char *help;               /* what it is, in a few words; NULL: its name says it */
    unsigned form;                  /* EXPLAINT_FIELD_NULL, ... */
    size_t count;                   /* of a list: where its size_t lies */
    const struct explaint_kind *of; /* of an object and a list: its kind */
    const char *const *columns;     /* of an interval or pair: its two columns; NULL: NAME_low and NAME_high */
} explaint_field;

typedef struct explaint_kind {
    const char *name;  /* of a document: the command, "infer"; of others: what one is, "row" */
    const char *table; /* of a ledger that holds them; NULL: none does */
    size_t size;       /* of the struct */
    const explaint_field *field;
    size_t n_fields;
} explaint_kind;

/* ---- records ---- */

/* What every record begins with. */
typedef struct explaint_record {
    const explaint_kind *kind;
} explaint_record;

/* One JSON document. EXPLAINT_FAILED where a write fails. */
EXPLAINT_API explaint_status explaint_record_write_json(const explaint_record *record, FILE *out,
                                                        explaint_error *error);
/* CSV (RFC 4180) of one of its lists, a line for each element: "rows" (list NULL), "verdicts/assumptions" with what is around them.
 * decimal: '.'; or ',', as spreadsheets of many countries have it, and then fields are separated by semicolons. EXPLAINT_USAGE: it has no such list. */
EXPLAINT_API explaint_status explaint_record_write_csv(const explaint_record *record, const char *list, char decimal,
                                                       FILE *out, explaint_error *error);

/* Reads a document. Its command tells which kind it is ("infer" if it has none). Errors name `file`, which may be NULL. EXPLAINT_INVALID: it is
 * no JSON, or no document of explaint. Unknown members are passed over; members that are missing or of another type do not exist. */
EXPLAINT_API explaint_status explaint_record_read(const char *text, size_t length, const char *file,
                                                  explaint_record **record, explaint_error *error);
/* Of one that was read. */
EXPLAINT_API void explaint_record_free(explaint_record *record);

/* What came out, in plain words that need no statistics: the record's own field "answer", whose sentences stand in one place for every view, report and
 * page. "": it has none. Verdicts have one each. Where a document that is read has none, being older, it is put there. */
EXPLAINT_API const char *explaint_record_answer(const explaint_record *record);

/* The field of a kind, NULL: it has none of this name. */
EXPLAINT_API const explaint_field *explaint_kind_field(const explaint_kind *kind, const char *name);

/* ---- what several kinds are made of; every pointer belongs to the record ---- */

typedef struct explaint_input {
    const char *role, *name, *path, *sha256; /* role: norms embeddings folds categories covariates model texts ... */
    size_t shape[2];                         /* rows, columns; 0, 0: none */
    size_t nonzero;                          /* norms: pairs; else 0 */
} explaint_input;

typedef struct explaint_setting {
    const char *key;
    const char *json; /* the value as JSON text */
} explaint_setting;

typedef struct explaint_dropped {
    const char *concept_name, *why;
} explaint_dropped;

typedef struct explaint_lint {
    const char *id, *level, *text; /* level: note, warning */
} explaint_lint;

EXPLAINT_API extern const explaint_kind explaint_input_kind, explaint_setting_kind, explaint_dropped_kind,
    explaint_lint_kind;

#ifdef __cplusplus
}
#endif
#endif
