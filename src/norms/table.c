/* Norms as tables: long (one row a pair) and wide (one row a concept). docs/formats.md says the same for people.
 *
 * Long: columns `concept` and `feature` in any place and any case, `value` or `prod_freq` (neither: every pair is
 * 1), and perhaps `relation` or `type` (a feature is taxonomic where it says taxonomic, superordinate, is_a or
 * super; superordinate, that is, it may name a category, where it says superordinate or super) and `category` (the
 * concept's own). Other columns are ignored and noted. A zero says that the pair is absent. A missing value is an
 * error: a pair that was not asked is not in the file.
 *
 * Wide: the first column names the concept, every other a feature, but for one named `category`. "", na and nan are
 * missing cells. */
#include <string.h>

#include "base/memory.h"
#include "formats/number.h"
#include "norms/build.h"

size_t xp_table_column(const xp_csv *csv, const char *name) {
    for (size_t k = 0; k < csv->width; k++)
        if (xp_view_is_nocase(xp_view_trim(csv->header[k].text), name)) return k;
    return csv->width;
}

explaint_status xp_column_needed(const xp_csv *csv, const char *name, const char *what, size_t *column,
                                 explaint_error *error) {
    *column = xp_table_column(csv, name);
    if (*column == csv->width)
        return xp_csv_fail(csv, &csv->header[0], error,
                           "expected a column \"%s\", as %s have, found none; a table of another layout names its "
                           "columns concept,feature,value",
                           name, what);
    for (size_t k = *column + 1; k < csv->width; k++)
        if (xp_view_is_nocase(xp_view_trim(csv->header[k].text), name))
            return xp_csv_fail(csv, &csv->header[k], error, "the header has two columns named \"%.*s\"",
                               XP_SHOW(csv->header[k].text));
    return EXPLAINT_OK;
}

bool xp_table_is_long(const xp_csv *csv) {
    return xp_table_column(csv, "concept") < csv->width && xp_table_column(csv, "feature") < csv->width;
}

bool xp_cell_missing(xp_view text) {
    return text.length == 0 || xp_view_is_nocase(text, "na") || xp_view_is_nocase(text, "nan");
}

explaint_status xp_cell_no_name(const xp_csv *csv, size_t column, explaint_error *error) {
    return xp_csv_fail(csv, &csv->cell[column], error, "expected a name in column \"%.*s\", found none",
                       XP_SHOW(csv->header[column].text));
}

static explaint_status number(const xp_csv *csv, size_t column, bool wide, double *value, explaint_error *error) {
    xp_view text = csv->cell[column].text;
    xp_number outcome = xp_number_read(xp_view_trim(text), value);
    if (outcome == XP_NUMBER_OK) return EXPLAINT_OK;
    const char *hint = "";
    if (outcome == XP_NUMBER_NONE && memchr(text.data, ',', text.length) != NULL)
        hint = "; decimals take a point, not a comma";
    else if (outcome == XP_NUMBER_NONE && wide)
        hint = "; a long table needs a header with columns named concept and feature";
    return xp_csv_fail(csv, &csv->cell[column], error,
                       "expected a finite number in column \"%.*s\", found \"%.*s\", which is %s%s",
                       XP_SHOW(csv->header[column].text), XP_SHOW(text),
                       xp_cell_missing(xp_view_trim(text)) ? "missing" : xp_number_says(outcome), hint);
}

explaint_status xp_cell_number(const xp_csv *csv, size_t column, double *value, explaint_error *error) {
    return number(csv, column, false, value, error);
}

/* ---- labels: a column `category` ---- */

typedef struct labels {
    xp_strings *list; /* of the norms; by concept */
    size_t column;    /* csv->width: there is none */
} labels;

/* The label of a concept; a long table repeats it, and it must be the same. */
static explaint_status label(const labels *l, const xp_csv *csv, xp_builder *b, uint32_t row, bool is_new,
                             explaint_error *error) {
    xp_view text;
    if (l->column == csv->width) return EXPLAINT_OK;
    explaint_status status = xp_builder_category(b, csv->cell[l->column].text, &text, error);
    if (status != EXPLAINT_OK) return status;
    if (is_new)
        return xp_strings_add(l->list, text.data, text.length) ? EXPLAINT_OK : xp_no_memory(error, "categories");
    if (xp_view_is(text, l->list->item[row])) return EXPLAINT_OK;
    return xp_csv_fail(csv, &csv->cell[l->column], error,
                       "expected the category \"%.80s\" as in the concept's first row, found \"%.*s\"",
                       l->list->item[row], XP_SHOW(csv->cell[l->column].text));
}

static bool note_category(xp_builder *b) {
    return xp_strings_addf(&b->norms->notes, "the column \"category\" is read as the concepts' categories");
}

/* ---- long ---- */

static unsigned flags_of(xp_view relation) {
    relation = xp_view_trim(relation);
    if (xp_view_is_nocase(relation, "superordinate") || xp_view_is_nocase(relation, "super"))
        return XP_TAXONOMIC | XP_SUPERORDINATE;
    if (xp_view_is_nocase(relation, "taxonomic") || xp_view_is_nocase(relation, "is_a")) return XP_TAXONOMIC;
    return 0;
}

typedef struct columns {
    size_t concept, feature, value, relation, category;
} columns;

static explaint_status find_columns(const xp_csv *csv, xp_builder *b, columns *at, explaint_error *error) {
    at->concept = xp_table_column(csv, "concept");
    at->feature = xp_table_column(csv, "feature");
    at->value = xp_table_column(csv, "value");
    if (at->value == csv->width) at->value = xp_table_column(csv, "prod_freq");
    at->relation = xp_table_column(csv, "relation");
    if (at->relation == csv->width) at->relation = xp_table_column(csv, "type");
    at->category = xp_table_column(csv, "category");
    xp_text ignored = {0};
    for (size_t k = 0; k < csv->width; k++) {
        xp_view name = csv->header[k].text;
        if (k == at->concept || k == at->feature || k == at->value || k == at->relation || k == at->category) continue;
        if (xp_view_is_nocase(xp_view_trim(name), "concept") || xp_view_is_nocase(xp_view_trim(name), "feature")) {
            xp_text_free(&ignored);
            return xp_csv_fail(csv, &csv->header[k], error, "the header has two columns named \"%.*s\"", XP_SHOW(name));
        }
        if (ignored.length > 400) continue; /* enough to see which */
        xp_text_addf(&ignored, "%s%.*s", ignored.length > 0 ? ", " : "", XP_SHOW(name));
    }
    bool good = !ignored.failed &&
                (ignored.length == 0 || xp_strings_addf(&b->norms->notes, "columns not read: %s", ignored.data));
    if (good && at->category < csv->width) good = note_category(b);
    if (good && at->value == csv->width)
        good = xp_strings_addf(&b->norms->notes, "there is no column \"value\": every pair counts 1");
    xp_text_free(&ignored);
    return good ? EXPLAINT_OK : xp_no_memory(error, "a note");
}

explaint_status xp_table_read_long(xp_csv *csv, xp_builder *b, explaint_error *error) {
    columns at;
    explaint_status status = find_columns(csv, b, &at, error);
    labels l = {&b->norms->category, at.category};
    bool more;
    while (status == EXPLAINT_OK && (status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more) {
        xp_view concept = csv->cell[at.concept].text, feature = csv->cell[at.feature].text;
        double value = 1;
        if (xp_view_trim(concept).length == 0) return xp_cell_no_name(csv, at.concept, error);
        if (xp_view_trim(feature).length == 0) return xp_cell_no_name(csv, at.feature, error);
        if (at.value < csv->width) status = number(csv, at.value, false, &value, error);
        uint32_t row, column;
        bool is_new;
        if (status != EXPLAINT_OK || (status = xp_builder_concept(b, concept, &row, &is_new, error)) != EXPLAINT_OK ||
            (status = label(&l, csv, b, row, is_new, error)) != EXPLAINT_OK ||
            (status = xp_builder_feature(b, feature, &column, NULL, error)) != EXPLAINT_OK)
            return status;
        if (at.relation < csv->width) status = xp_builder_flag(b, column, flags_of(csv->cell[at.relation].text), error);
        if (status == EXPLAINT_OK) status = xp_builder_cell(b, row, column, value, csv->line, error);
    }
    return status;
}

/* ---- wide ---- */

/* A column without a header holds nothing (spreadsheets leave such columns between parts of a table, and at their end). */
static bool unnamed(const xp_csv *csv, size_t k) { return xp_view_trim(csv->header[k].text).length == 0; }

static explaint_status wide_header(const xp_csv *csv, xp_builder *b, size_t category, explaint_error *error) {
    for (size_t k = 1; k < csv->width; k++) {
        if (k == category || unnamed(csv, k)) continue;
        xp_view name = csv->header[k].text;
        uint32_t column;
        bool is_new;
        explaint_status status = xp_builder_feature(b, name, &column, &is_new, error);
        if (status != EXPLAINT_OK) return status;
        if (!is_new)
            return xp_csv_fail(csv, &csv->header[k], error,
                               "the feature \"%.*s\" heads two columns, the second is column %zu%s; rename one",
                               XP_SHOW(name), k + 1, xp_names_differ(&b->features, column));
    }
    if (b->norms->features.count > 0) return EXPLAINT_OK;
    return xp_csv_fail(
        csv, &csv->header[0], error,
        "expected columns concept,feature,value or a concept and one column a feature, separated by commas, tabs or "
        "semicolons; found one column, \"%.*s\"",
        XP_SHOW(csv->header[0].text));
}

/* Line of each concept, for the message about its second row. */
typedef struct seen_lines {
    size_t *line;
    size_t capacity;
} seen_lines;

static explaint_status wide_row(const xp_csv *csv, xp_builder *b, const labels *l, seen_lines *seen,
                                explaint_error *error) {
    xp_view concept = csv->cell[0].text;
    if (xp_view_trim(concept).length == 0) return xp_cell_no_name(csv, 0, error);
    uint32_t row;
    bool is_new;
    explaint_status status = xp_builder_concept(b, concept, &row, &is_new, error);
    if (status != EXPLAINT_OK) return status;
    if (!is_new)
        return xp_csv_fail(csv, NULL, error,
                           "the concept \"%.*s\" stands in %s %zu and again in %s %zu%s; keep one row, or tell them "
                           "apart by a sense tag, bat_(animal)",
                           XP_SHOW(concept), xp_csv_unit(csv), row < seen->capacity ? seen->line[row] : 0,
                           xp_csv_unit(csv), csv->line, xp_names_differ(&b->concepts, row));
    if (row >= seen->capacity) {
        size_t capacity = 2 * ((size_t)row + 32), *grown = xp_realloc(seen->line, capacity, sizeof *grown);
        if (grown == NULL) return xp_no_memory(error, "norms");
        seen->line = grown;
        seen->capacity = capacity;
    }
    seen->line[row] = csv->line;
    status = label(l, csv, b, row, true, error);
    uint32_t column = 0;
    for (size_t k = 1; k < csv->width && status == EXPLAINT_OK; k++) {
        if (k == l->column) continue;
        if (unnamed(csv, k)) {
            if (xp_view_trim(csv->cell[k].text).length == 0) continue;
            return xp_csv_fail(csv, &csv->header[k], error,
                               "expected the name of a feature as header of column %zu, found none above \"%.*s\" (%s "
                               "%zu)",
                               k + 1, XP_SHOW(csv->cell[k].text), xp_csv_unit(csv), csv->line);
        }
        double value;
        if (xp_cell_missing(xp_view_trim(csv->cell[k].text)))
            status = xp_builder_missing(b, row, column, error);
        else if ((status = number(csv, k, true, &value, error)) == EXPLAINT_OK && value != 0)
            status = xp_builder_cell(b, row, column, value, csv->line, error);
        column++;
    }
    return status;
}

explaint_status xp_table_read_wide(xp_csv *csv, xp_builder *b, explaint_error *error) {
    labels l = {&b->norms->category, xp_table_column(csv, "category")};
    if (l.column == 0) l.column = csv->width; /* the concepts of these norms are categories */
    explaint_status status = wide_header(csv, b, l.column, error);
    if (status == EXPLAINT_OK && l.column < csv->width && !note_category(b)) status = xp_no_memory(error, "a note");
    seen_lines seen = {0};
    bool more;
    while (status == EXPLAINT_OK && (status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more)
        status = wide_row(csv, b, &l, &seen, error);
    xp_free(seen.line);
    return status;
}
