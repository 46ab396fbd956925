/* Norms as tables: long (one row per pair) and wide (one row per concept). Which column is for what is decided before
 * (norms/roles.h); docs/formats.md says the same for people.
 *
 * Long: concept and feature, perhaps value (without one every pair is 1, or the count of its rows), relation (a feature is
 * taxonomic where it says taxonomic, superordinate, is_a or super; superordinate, that is, it may name a category, where it
 * says superordinate or super) and category (the concept's own). A zero says that the pair is absent. A missing value is an
 * error: a pair that was not asked is not in the file.
 *
 * Wide: concept, perhaps category, and a column of numbers for each feature. Marks for a missing value are missing cells. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "formats/number.h"
#include "norms/build.h"
#include "norms/header.h"
#include "norms/suspects.h"

size_t xp_table_column(const xp_csv *csv, const char *name) {
    for (size_t k = 0; k < csv->width; k++)
        if (xp_view_is_nocase(xp_view_trim(csv->header[k].text), name)) return k;
    return csv->width;
}

/* The header may name a column once only. */
static explaint_status check_once(const xp_csv *csv, size_t column, const char *name, explaint_error *error) {
    for (size_t k = column + 1; k < csv->width; k++)
        if (xp_view_is_nocase(xp_view_trim(csv->header[k].text), name))
            return xp_csv_fail(csv, &csv->header[k], error, "the header has two columns named \"%.*s\"",
                               XP_SHOW(csv->header[k].text));
    return EXPLAINT_OK;
}

explaint_status xp_column_needed(const xp_csv *csv, const char *name, const char *what, size_t *column,
                                 explaint_error *error) {
    *column = xp_table_column(csv, name);
    if (*column == csv->width)
        return xp_csv_fail(csv, &csv->header[0], error,
                           "expected a column \"%s\", as %s have, found none; a table of another layout names its "
                           "columns concept,feature,value",
                           name, what);
    return check_once(csv, *column, name, error);
}

explaint_status xp_survey_no_name(const xp_csv *csv, size_t column, explaint_error *error) {
    return xp_csv_fail(csv, &csv->cell[column], error, "expected a name in column \"%.*s\", found none",
                       XP_SHOW(csv->header[column].text));
}

/* A number, or a word of truth where the column holds those. */
static explaint_status value_of(const xp_csv *csv, const xp_survey *survey, size_t column, double *value,
                                explaint_error *error) {
    if (survey->column[column].content == XP_TRUTHS && xp_survey_truth(xp_view_trim(csv->cell[column].text), value))
        return EXPLAINT_OK;
    return xp_survey_number(csv, column, value, error);
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

/* ---- long ---- */

static unsigned flags_of(xp_view relation) {
    relation = xp_view_trim(relation);
    if (xp_view_is_nocase(relation, "superordinate") || xp_view_is_nocase(relation, "super"))
        return XP_TAXONOMIC | XP_SUPERORDINATE;
    if (xp_view_is_nocase(relation, "taxonomic") || xp_view_is_nocase(relation, "is_a")) return XP_TAXONOMIC;
    return 0;
}

static explaint_status begin_long(xp_csv *csv, xp_builder *b, const xp_roles *at, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    if (!b->columns_chosen) {
        status = check_once(csv, at->concept, "concept", error);
        if (status == EXPLAINT_OK) status = check_once(csv, at->feature, "feature", error);
    }
    uint8_t *used = xp_calloc(csv->width, 1);
    if (status == EXPLAINT_OK && used == NULL) status = xp_no_memory(error, "norms");
    if (status == EXPLAINT_OK && at->value < csv->width) used[at->value] = 1;
    if (status == EXPLAINT_OK) status = xp_survey_decimals(b->survey, csv, used, &b->norms->warnings, error);
    xp_free(used);
    if (status == EXPLAINT_OK && !xp_roles_note(at, csv, b->survey, &b->norms->notes, &b->norms->warnings))
        status = xp_no_memory(error, "a note");
    b->warns_of_repeats = at->value < csv->width;
    if (status == EXPLAINT_OK && at->value == csv->width) {
        b->counts_rows = true;
        if (!xp_roles_unread(at, csv, b->survey, &b->unread)) return xp_no_memory(error, "names of columns");
        b->note_of_values = b->norms->notes.count;
        if (!xp_strings_addf(&b->norms->notes, "there is no column \"value\": every pair counts 1"))
            return xp_no_memory(error, "a note");
        for (size_t k = 0; k < csv->width; k++)
            b->has_people = b->has_people || (at->use[k] == XP_USE_IGNORED && xp_header_of_people(csv->header[k].text));
    }
    return status;
}

explaint_status xp_table_read_long(xp_csv *csv, xp_builder *b, explaint_error *error) {
    const xp_roles *at = b->roles;
    explaint_status status = begin_long(csv, b, at, error);
    labels l = {&b->norms->category, at->category};
    bool more;
    while (status == EXPLAINT_OK && (status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more) {
        xp_view concept = csv->cell[at->concept].text, feature = csv->cell[at->feature].text;
        double value = 1;
        if (xp_view_trim(concept).length == 0) return xp_survey_no_name(csv, at->concept, error);
        if (xp_view_trim(feature).length == 0) return xp_survey_no_name(csv, at->feature, error);
        if (at->value < csv->width) status = value_of(csv, b->survey, at->value, &value, error);
        uint32_t row, column;
        bool is_new;
        if (status != EXPLAINT_OK || (status = xp_builder_concept(b, concept, &row, &is_new, error)) != EXPLAINT_OK ||
            (status = label(&l, csv, b, row, is_new, error)) != EXPLAINT_OK ||
            (status = xp_builder_feature(b, feature, &column, NULL, error)) != EXPLAINT_OK)
            return status;
        if (at->relation < csv->width)
            status = xp_builder_flag(b, column, flags_of(csv->cell[at->relation].text), error);
        if (status == EXPLAINT_OK) status = xp_builder_cell(b, row, column, value, csv->line, error);
    }
    return status == EXPLAINT_OK ? xp_suspects_warn(b, false, error) : status;
}

/* ---- wide ---- */

/* Why a table has no feature: it is no wide one, or all of its columns hold text. */
static explaint_status no_feature(const xp_csv *csv, const xp_roles *at, explaint_error *error) {
    size_t words = csv->width;
    for (size_t k = csv->width; k-- > 0;)
        if (at->use[k] == XP_USE_WORDS) words = k;
    if (csv->width == 1)
        return xp_csv_fail(
            csv, &csv->header[0], error,
            "expected columns concept,feature,value or a concept and one column per feature, separated by "
            "commas, tabs or "
            "semicolons; found one column, \"%.*s\"",
            XP_SHOW(csv->header[0].text));
    if (xp_csv_has_title(csv))
        return xp_csv_fail(
            csv, &csv->header[0], error,
            "expected a header, found one name, \"%.*s\", which looks like a title: if it is one, remove "
            "that line, so that the file begins with the names of columns",
            XP_SHOW(csv->header[at->concept].text));
    if (words == csv->width)
        return xp_csv_fail(csv, &csv->header[0], error,
                           "expected a column of numbers for each feature, found none beside the concepts (\"%.*s\")",
                           XP_SHOW(csv->header[at->concept].text));
    return xp_csv_fail(csv, &csv->header[words], error,
                       "expected a column of numbers for each feature, found text, as in column \"%.*s\"; a long table "
                       "needs columns named concept and feature, or --columns concept=NAME,feature=NAME",
                       XP_SHOW(csv->header[words].text));
}

/* Names of features that are numbers, and not 0, 1, 2 or the like, are rather the first row of a table without a header. */
static explaint_status check_names(const xp_csv *csv, const xp_roles *at, explaint_error *error) {
    size_t features = 0, counted = 0, first = csv->width;
    double value, last = -1;
    for (size_t k = 0; k < csv->width; k++) {
        xp_view name = xp_view_trim(csv->header[k].text);
        if (at->use[k] != XP_USE_FEATURE || name.length == 0) continue;
        if (xp_number_read(name, &value) != XP_NUMBER_OK) return EXPLAINT_OK;
        if (features++ == 0) first = k;
        counted += value == floor(value) && value > last;
        last = value;
    }
    if (features == 0 || (counted == features && (features > 1 || last <= 1))) return EXPLAINT_OK;
    return xp_csv_fail(
        csv, &csv->header[first], error,
        "expected names of features in the first line, found numbers, such as \"%.*s\": the header seems to be "
        "missing; add a first line that names the columns",
        XP_SHOW(csv->header[first].text));
}

static explaint_status wide_header(xp_csv *csv, xp_builder *b, const xp_roles *at, explaint_error *error) {
    uint8_t *used = xp_calloc(csv->width, 1);
    explaint_status status = used != NULL ? check_names(csv, at, error) : xp_no_memory(error, "norms");
    for (size_t k = 0; k < csv->width && status == EXPLAINT_OK; k++) {
        xp_view name = csv->header[k].text;
        uint32_t column;
        bool is_new;
        if (at->use[k] != XP_USE_FEATURE || xp_view_trim(name).length == 0) continue;
        used[k] = 1;
        status = xp_builder_feature(b, name, &column, &is_new, error);
        if (status == EXPLAINT_OK && !is_new)
            status = xp_csv_fail(csv, &csv->header[k], error,
                                 "the feature \"%.*s\" heads two columns, the second is column %zu%s; rename one",
                                 XP_SHOW(name), k + 1, xp_names_differ(&b->features, column));
    }
    if (status == EXPLAINT_OK) status = xp_survey_decimals(b->survey, csv, used, &b->norms->warnings, error);
    xp_free(used);
    if (status != EXPLAINT_OK) return status;
    if (b->norms->features.count == 0) return no_feature(csv, at, error);
    return xp_roles_note(at, csv, b->survey, &b->norms->notes, &b->norms->warnings) ? EXPLAINT_OK
                                                                                    : xp_no_memory(error, "a note");
}

/* Line of each concept, for the message about its second row. */
typedef struct seen_lines {
    size_t *line;
    size_t capacity;
} seen_lines;

/* Of a concept that stands there twice. A table with a column of text beside it is rather a long one. */
static explaint_status concept_again(const xp_csv *csv, const xp_builder *b, uint32_t row, size_t line,
                                     explaint_error *error) {
    const xp_roles *at = b->roles;
    size_t words = 0;
    while (words < csv->width && at->use[words] != XP_USE_WORDS) words++;
    if (words < csv->width)
        return xp_csv_fail(
            csv, NULL, error,
            "the concept \"%.*s\" stands in %s %zu and again in %s %zu%s; if this is a long table, one "
            "row a pair: --columns concept=\"%.*s\",feature=\"%.*s\"; if another column holds the concepts: "
            "--columns concept=NAME",
            XP_SHOW(csv->cell[at->concept].text), xp_csv_unit(csv), line, xp_csv_unit(csv), csv->line,
            xp_names_differ(&b->concepts, row), XP_SHOW(csv->header[at->concept].text),
            XP_SHOW(csv->header[words].text));
    return xp_csv_fail(
        csv, NULL, error,
        "the concept \"%.*s\" stands in %s %zu and again in %s %zu%s; keep one row, or tell them apart by a "
        "sense tag, bat_(animal)",
        XP_SHOW(csv->cell[at->concept].text), xp_csv_unit(csv), line, xp_csv_unit(csv), csv->line,
        xp_names_differ(&b->concepts, row));
}

static explaint_status wide_cell(const xp_csv *csv, xp_builder *b, size_t k, uint32_t row, uint32_t column,
                                 explaint_error *error) {
    double value;
    if (xp_survey_missing(xp_view_trim(csv->cell[k].text))) return xp_builder_missing(b, row, column, error);
    explaint_status status = value_of(csv, b->survey, k, &value, error);
    return status == EXPLAINT_OK && value != 0 ? xp_builder_cell(b, row, column, value, csv->line, error) : status;
}

static explaint_status wide_row(const xp_csv *csv, xp_builder *b, const labels *l, seen_lines *seen,
                                explaint_error *error) {
    const xp_roles *at = b->roles;
    xp_view concept = csv->cell[at->concept].text;
    if (xp_view_trim(concept).length == 0) return xp_survey_no_name(csv, at->concept, error);
    uint32_t row;
    bool is_new;
    explaint_status status = xp_builder_concept(b, concept, &row, &is_new, error);
    if (status != EXPLAINT_OK) return status;
    if (!is_new) return concept_again(csv, b, row, row < seen->capacity ? seen->line[row] : 0, error);
    if (row >= seen->capacity) {
        size_t capacity = 2 * ((size_t)row + 32), *grown = xp_realloc(seen->line, capacity, sizeof *grown);
        if (grown == NULL) return xp_no_memory(error, "norms");
        seen->line = grown;
        seen->capacity = capacity;
    }
    seen->line[row] = csv->line;
    status = label(l, csv, b, row, true, error);
    uint32_t column = 0;
    for (size_t k = 0; k < csv->width && status == EXPLAINT_OK; k++) {
        if (at->use[k] != XP_USE_FEATURE) continue;
        if (xp_view_trim(csv->header[k].text).length > 0)
            status = wide_cell(csv, b, k, row, column++, error);
        else if (xp_view_trim(csv->cell[k].text).length > 0)
            return xp_csv_fail(csv, &csv->header[k], error,
                               "expected the name of a feature as header of column %zu, found none above \"%.*s\" (%s "
                               "%zu)",
                               k + 1, XP_SHOW(csv->cell[k].text), xp_csv_unit(csv), csv->line);
    }
    return status;
}

explaint_status xp_table_read_wide(xp_csv *csv, xp_builder *b, explaint_error *error) {
    labels l = {&b->norms->category, b->roles->category};
    explaint_status status = wide_header(csv, b, b->roles, error);
    seen_lines seen = {0};
    bool more;
    while (status == EXPLAINT_OK && (status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more)
        status = wide_row(csv, b, &l, &seen, error);
    xp_free(seen.line);
    return status == EXPLAINT_OK ? xp_suspects_warn(b, true, error) : status;
}
