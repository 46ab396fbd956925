/* Records inside the library: a struct is walked by its kind's fields (explaint/result.h). */
#ifndef XP_RESULT_RECORD_H
#define XP_RESULT_RECORD_H

#include "base/json_read.h"
#include "base/strings.h"
#include "explaint/result.h"

/* A table of fields, OF being the struct:
 *
 *     #define OF explaint_lint
 *     static const explaint_field lint[] = {XP_FIELD(TEXT, id, "what it is about"), XP_NAMED("text", TEXT, text, NULL)};
 *     #undef OF
 *     const explaint_kind explaint_lint_kind = XP_KIND("lint", "lint", explaint_lint, lint);
 *
 * More members of explaint_field may follow the help: .form = EXPLAINT_FIELD_NULL. */
#define XP_NAMED(NAME, TYPE, MEMBER, ...)                                                                              \
    { .name = (NAME), .type = EXPLAINT_FIELD_##TYPE, .offset = offsetof(OF, MEMBER), .help = __VA_ARGS__ }
#define XP_FIELD(TYPE, MEMBER, ...) XP_NAMED(#MEMBER, TYPE, MEMBER, __VA_ARGS__)
/* An array of structs of a KIND, how many they are in COUNT. */
#define XP_LIST(NAME, MEMBER, COUNT, KIND, ...)                                                                        \
    {                                                                                                                  \
        .name = (NAME), .type = EXPLAINT_FIELD_LIST, .offset = offsetof(OF, MEMBER), .count = offsetof(OF, COUNT),     \
        .of = &(KIND), .form = __VA_ARGS__                                                                             \
    }
/* What each document of a run begins with; FORM is that of its settings. */
#define XP_RUN_FIELDS(FORM)                                                                                            \
    XP_NAMED("explaint", TEXT, version, NULL), XP_FIELD(WORDS, command, NULL),                                         \
        XP_LIST("inputs", inputs, n_inputs, explaint_input_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED), {      \
        .name = "settings", .type = EXPLAINT_FIELD_MEMBERS, .offset = offsetof(OF, settings),                          \
        .count = offsetof(OF, n_settings), .of = &explaint_setting_kind, .form = (FORM)                                \
    }
/* What tells measures of attention apart, besides their place in the model. */
#define XP_MEASURE_FIELDS                                                                                              \
    XP_FIELD(TEXT, measure, NULL), XP_FIELD(TEXT, g, "the map from rows to tokens"), XP_FIELD(TEXT, candidates, NULL), \
        XP_FIELD(TEXT, reference, NULL), XP_FIELD(TEXT, distance, NULL), XP_FIELD(TEXT, hit, NULL),                    \
        XP_FIELD(TEXT, rows, NULL), XP_FIELD(FLAG, standardised, NULL), XP_FIELD(TEXT, model, NULL),                   \
        XP_FIELD(TEXT, pairs, NULL), XP_FIELD(TEXT, damage, NULL), XP_FIELD(FLAG, undone, NULL),                       \
        XP_FIELD(TEXT, scope, NULL), XP_FIELD(PLACE, column, "the piece or word that a rollout is followed from"),     \
        XP_FIELD(TEXT, level, "what rows of maps are: word; none: pieces")
/* A text for each of the reader's notes. */
#define XP_NOTES                                                                                                       \
    {                                                                                                                  \
        .name = "notes", .type = EXPLAINT_FIELD_TEXTS, .offset = offsetof(OF, notes), .count = offsetof(OF, n_notes),  \
        .form = EXPLAINT_FIELD_LINES                                                                                   \
    }
#define XP_KIND(NAME, TABLE, STRUCT, FIELDS)                                                                           \
    {                                                                                                                  \
        .name = (NAME), .table = (TABLE), .size = sizeof(STRUCT), .field = (FIELDS),                                   \
        .n_fields = sizeof(FIELDS) / sizeof(FIELDS)[0]                                                                 \
    }

/* ---- kinds of documents ---- */

/* All that explaint_record_read knows, by the words of their commands. */
extern const explaint_kind *const xp_record_kinds[];
extern const size_t xp_record_n_kinds;

/* What a run of infer, attend or relate says, whatever else; borrowed of its record. */
typedef struct xp_record_run {
    const char *version, *signature, *answer;
    const char *const *command;
    const explaint_input *inputs;
    size_t n_inputs;
    const explaint_setting *settings;
    size_t n_settings;
    const explaint_lint *lints;
    size_t n_lints, n_verdicts;
} xp_record_run;
/* false: the record is another. */
bool xp_record_of_run(const explaint_record *record, xp_record_run *run);

/* ---- walking ---- */

/* Makes every field of the struct say that there is none. */
void xp_record_clear(const explaint_kind *kind, void *record);

/* Adds to a list of lints, of which there are few. false: no memory. */
bool xp_record_add_lint(explaint_lint **list, size_t *n, const explaint_lint *lint);

static inline const void *xp_field_at(const explaint_field *field, const void *record) {
    return (const char *)record + field->offset;
}
/* How many elements a list has; of words, texts and members too. */
size_t xp_field_count(const explaint_field *field, const void *record);
/* Element i of a list of structs. */
const void *xp_field_item(const explaint_field *field, const void *record, size_t i);
/* Does it stand in one column of a table, or in two? 0: in none, it holds others. */
size_t xp_field_columns(const explaint_field *field);
/* The name of one of them, in text of 80 bytes. */
const char *xp_field_column(const explaint_field *field, size_t column, char *text);

/* Appends the value in a column as text, all its digits; nothing where there is none. */
void xp_field_text(xp_text *text, const explaint_field *field, size_t column, const void *record);
/* The text of this name; "" where there is none, or no such field. */
const char *xp_record_text(const explaint_kind *kind, const void *record, const char *name);

/* The settings of a record that was read, as JSON values. */
const xp_value *xp_record_settings(const explaint_record *record);

/* ---- writing ---- */

/* Appends the document. EXPLAINT_FAILED: no memory, or a setting that is no JSON. */
explaint_status xp_record_document(const explaint_record *record, xp_text *text, explaint_error *error);

/* Appends a cell of CSV, quoted where anything in it could be read as a separator; nothing of NULL. */
void xp_record_csv_cell(xp_text *text, const char *value, char separator);
/* explaint_record_write_csv with the number of the stored run as first column, run_id; 0: without. */
explaint_status xp_record_csv(const explaint_record *record, const char *list, char decimal, long long run_id,
                              FILE *out, explaint_error *error);

/* The identity of a run (explaint_ledger_begin), released by xp_free. false: no memory. */
bool xp_record_identity(const char *const *command, const explaint_input *input, size_t n_inputs,
                        const explaint_setting *setting, size_t n_settings, char **identity);

#endif
