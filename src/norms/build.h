/* Building a norm set cell by cell: what every reader of a norms file ends in. */
#ifndef XP_NORMS_BUILD_H
#define XP_NORMS_BUILD_H

#include "base/view.h"
#include "formats/csv.h"
#include "norms/category.h"
#include "norms/names.h"
#include "norms/norms.h"
#include "norms/roles.h"

/* Notes of one kind that are written out; further ones are counted. */
#define XP_NOTES_SHOWN 20

typedef struct xp_built_cell {
    uint32_t row, column;
    size_t line;
    double value; /* NaN: missing */
} xp_built_cell;

typedef struct xp_builder {
    explaint_norms *norms;
    const char *path; /* for messages */
    const char *unit; /* "line", "row": what a cell's line counts */
    xp_names concepts, features;
    xp_no_category no_category;
    xp_text room; /* for names of categories */
    xp_built_cell *cell;
    size_t n_cells, capacity;
    uint8_t *flags; /* by feature: XP_TAXONOMIC | XP_SUPERORDINATE */
    size_t n_flags;
    /* of a table: borrowed */
    const xp_survey *survey;
    const xp_roles *roles;
    bool columns_chosen;   /* --columns */
    bool warns_of_repeats; /* a long table with values: many pairs that stand there twice are rather responses */
    /* a long table without values */
    bool counts_rows, has_people; /* a column says who, or when */
    size_t note_of_values;        /* which of the norms' notes says what pairs count */
    xp_text unread;               /* names of columns that may hold the values */
} xp_builder;

#define XP_TAXONOMIC 1
#define XP_SUPERORDINATE 2

/* path is borrowed; unit is "line" until a reader says otherwise. Nothing needs releasing after a failure. */
explaint_status xp_builder_begin(xp_builder *builder, const char *path, explaint_error *error);

/* The index of the name that a cell spells, which is added if it is new (*is_new, may be NULL). */
explaint_status xp_builder_concept(xp_builder *builder, xp_view name, uint32_t *index, bool *is_new,
                                   explaint_error *error);
explaint_status xp_builder_feature(xp_builder *builder, xp_view name, uint32_t *index, bool *is_new,
                                   explaint_error *error);

/* A cell. A zero is absent in the end and need not be added, but where a pair may stand twice. line is for notes. */
explaint_status xp_builder_cell(xp_builder *builder, uint32_t row, uint32_t column, double value, size_t line,
                                explaint_error *error);
explaint_status xp_builder_missing(xp_builder *builder, uint32_t row, uint32_t column, explaint_error *error);

/* Adds flags to a feature. */
explaint_status xp_builder_flag(xp_builder *builder, uint32_t column, unsigned flags, explaint_error *error);

/* The norms, complete but for name, kind, citation and sha256. Of a pair that stands there twice the larger value is
 * kept and noted; where rows count and are responses, their number is the value. Errors: no cell, every cell equal. Releases the builder in any case. */
explaint_status xp_builder_finish(xp_builder *builder, const explaint_norms_options *options, explaint_norms **norms,
                                  explaint_error *error);
void xp_builder_discard(xp_builder *builder);

/* The category that a cell names, "" for none; valid until the next one. */
explaint_status xp_builder_category(xp_builder *builder, xp_view cell, xp_view *name, explaint_error *error);

/* A list of labels that this function makes room for; NULL without memory, or if there are XP_LABELS already. */
xp_strings *xp_builder_label(xp_builder *builder, xp_view name);

/* ---- the readers of one kind each: from a table whose header was read into a builder ---- */

bool xp_mcrae_is(const xp_csv *csv, const xp_survey *survey);
explaint_status xp_mcrae_read(xp_csv *csv, xp_builder *builder, explaint_error *error);
extern const char xp_mcrae_citation[];

bool xp_buchanan_is(const xp_csv *csv, const xp_survey *survey);
explaint_status xp_buchanan_read(xp_csv *csv, xp_builder *builder, explaint_error *error);
extern const char xp_buchanan_citation[];

bool xp_binder_is(const xp_csv *csv, const xp_survey *survey);
explaint_status xp_binder_read(xp_csv *csv, xp_builder *builder, explaint_error *error);
extern const char xp_binder_citation[];

explaint_status xp_table_read_long(xp_csv *csv, xp_builder *builder, explaint_error *error);
explaint_status xp_table_read_wide(xp_csv *csv, xp_builder *builder, explaint_error *error);

/* An array with the names of its rows and columns in files of their own. */
explaint_status xp_norms_read_array(const void *bytes, size_t size, const explaint_norms_options *options,
                                    xp_builder *builder, explaint_error *error);

/* The column of this name (lower case; compared without case and outer blanks), or csv->width. */
size_t xp_table_column(const xp_csv *csv, const char *name);
/* The same for a column that must be there, once. what: "Buchanan's norms". */
explaint_status xp_column_needed(const xp_csv *csv, const char *name, const char *what, size_t *column,
                                 explaint_error *error);

explaint_status xp_survey_no_name(const xp_csv *csv, size_t column, explaint_error *error);

#endif
