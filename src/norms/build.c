#include "norms/build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static explaint_status no_memory(explaint_error *error) { return xp_no_memory(error, "norms"); }

explaint_status xp_builder_begin(xp_builder *b, const char *path, explaint_error *error) {
    *b = (xp_builder){.path = path, .unit = "line"};
    b->norms = xp_calloc(1, sizeof *b->norms);
    if (b->norms != NULL && xp_names_begin(&b->concepts, &b->norms->concepts) &&
        xp_names_begin(&b->features, &b->norms->features))
        return EXPLAINT_OK;
    xp_builder_discard(b);
    return no_memory(error);
}

void xp_builder_discard(xp_builder *b) {
    explaint_norms_close(b->norms);
    xp_names_free(&b->concepts);
    xp_names_free(&b->features);
    xp_text_free(&b->room);
    xp_text_free(&b->unread);
    xp_free_all(b->cell, b->flags);
    *b = (xp_builder){0};
}

explaint_status xp_builder_concept(xp_builder *b, xp_view name, uint32_t *index, bool *is_new, explaint_error *error) {
    bool ignored;
    return xp_names_number(&b->concepts, name, index, is_new != NULL ? is_new : &ignored) ? EXPLAINT_OK
                                                                                          : no_memory(error);
}

explaint_status xp_builder_feature(xp_builder *b, xp_view name, uint32_t *index, bool *is_new, explaint_error *error) {
    bool ignored;
    return xp_names_number(&b->features, name, index, is_new != NULL ? is_new : &ignored) ? EXPLAINT_OK
                                                                                          : no_memory(error);
}

explaint_status xp_builder_category(xp_builder *b, xp_view cell, xp_view *name, explaint_error *error) {
    return xp_category(cell, &b->room, name, &b->no_category) ? EXPLAINT_OK : xp_no_memory(error, "categories");
}

explaint_status xp_builder_cell(xp_builder *b, uint32_t row, uint32_t column, double value, size_t line,
                                explaint_error *error) {
    xp_built_cell *place = xp_grow((void **)&b->cell, b->n_cells, &b->capacity, sizeof *place);
    if (place == NULL) return no_memory(error);
    *place = (xp_built_cell){row, column, line, value};
    b->n_cells++;
    return EXPLAINT_OK;
}

explaint_status xp_builder_missing(xp_builder *b, uint32_t row, uint32_t column, explaint_error *error) {
    return xp_builder_cell(b, row, column, (double)NAN, 0, error);
}

explaint_status xp_builder_flag(xp_builder *b, uint32_t column, unsigned flags, explaint_error *error) {
    if (column >= b->n_flags) {
        size_t count = 2 * ((size_t)column + 32);
        uint8_t *grown = xp_realloc(b->flags, count, 1);
        if (grown == NULL) return no_memory(error);
        memset(grown + b->n_flags, 0, count - b->n_flags);
        b->flags = grown;
        b->n_flags = count;
    }
    b->flags[column] = (uint8_t)(b->flags[column] | flags);
    return EXPLAINT_OK;
}

xp_strings *xp_builder_label(xp_builder *b, xp_view name) {
    explaint_norms *n = b->norms;
    if (n->label_names.count == XP_LABELS || !xp_strings_add(&n->label_names, name.data, name.length)) return NULL;
    return &n->label[n->label_names.count - 1];
}

/* ---- finishing ---- */

/* By row and column; within a pair the larger value first, then the earlier line. */
static int compare(const void *left, const void *right) {
    const xp_built_cell *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    if (a->column != b->column) return a->column < b->column ? -1 : 1;
    if (a->value != b->value && a->value == a->value) return a->value > b->value ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static bool same_pair(const xp_built_cell *a, const xp_built_cell *b) {
    return a->row == b->row && a->column == b->column;
}

enum { RESPONSES = 10 }; /* repeats are many from one row of so many on */

/* Keeps the first cell of each pair and notes the others; then drops the zeros, which had to be there for the notes. */
static bool drop_duplicates(xp_builder *b) {
    explaint_norms *n = b->norms;
    size_t kept = 0, noted = 0;
    for (size_t i = 0; i < b->n_cells; i++) {
        if (kept == 0 || !same_pair(&b->cell[kept - 1], &b->cell[i])) {
            b->cell[kept++] = b->cell[i];
            continue;
        }
        const xp_built_cell *larger = &b->cell[kept - 1], *other = &b->cell[i];
        if (noted++ >= XP_NOTES_SHOWN) continue;
        char a[32], c[32];
        xp_shortest_double(larger->value, a);
        xp_shortest_double(other->value, c);
        if (!xp_strings_addf(
                &n->notes, "the pair \"%.100s\", \"%.100s\" stands in %s %zu with %s and in %s %zu with %s; %s is kept",
                n->concepts.item[larger->row], n->features.item[larger->column], b->unit, larger->line, a, b->unit,
                other->line, c, larger->value == other->value ? "one" : "the larger"))
            return false;
    }
    const size_t rows = b->n_cells;
    b->n_cells = 0;
    for (size_t i = 0; i < kept; i++)
        if (b->cell[i].value != 0) b->cell[b->n_cells++] = b->cell[i];
    if (b->warns_of_repeats && noted > 2 && noted * RESPONSES >= rows &&
        !xp_strings_addf(
            &n->warnings,
            "%zu of %zu rows repeat a pair of concept and feature, of which the row with the largest value "
            "counts; if each row is a response, leave out the column of values (--drop-columns), and rows are "
            "counted",
            noted, rows))
        return false;
    return noted <= XP_NOTES_SHOWN ||
           xp_strings_addf(&n->notes, "%zu more pairs stand there twice; the larger value is kept",
                           noted - XP_NOTES_SHOWN);
}

/* Rows that repeat a pair are responses, if they are many or somebody is named beside them: the pair counts their number. A
 * few of them are rather a fault of the table. */
static bool count_rows(xp_builder *b) {
    xp_strings *notes = &b->norms->notes;
    size_t pairs = 0, most = 0, times = 0;
    for (size_t i = 0; i < b->n_cells; i++) {
        times = i > 0 && same_pair(&b->cell[i - 1], &b->cell[i]) ? times + 1 : 1;
        pairs += times == 1;
        if (times > most) most = times;
    }
    const size_t repeats = b->n_cells - pairs;
    if (repeats == 0) return true;
    if (!b->has_people && RESPONSES * repeats < b->n_cells)
        return xp_strings_addf(
            &b->norms->warnings,
            "%zu of %zu rows repeat a pair of concept and feature and are dropped, since there is no "
            "column \"value\" and they are few; if each row is a response, count them in such a column",
            repeats, b->n_cells);
    size_t kept = 0;
    for (size_t i = 0; i < b->n_cells; i++) {
        if (kept > 0 && same_pair(&b->cell[kept - 1], &b->cell[i]))
            b->cell[kept - 1].value++;
        else
            b->cell[kept++] = b->cell[i];
    }
    const size_t rows = b->n_cells;
    b->n_cells = kept;
    if (!xp_strings_addf(
            notes,
            "there is no column \"value\": a pair of concept and feature counts as many rows as it has, from 1 "
            "to %zu (%zu rows, %zu pairs)",
            most, rows, pairs))
        return false;
    char *text = notes->item[--notes->count]; /* in place of the note that every pair counts 1 */
    xp_free(notes->item[b->note_of_values]);
    notes->item[b->note_of_values] = text;
    return true;
}

static void make_binary(xp_builder *b) {
    size_t kept = 0;
    for (size_t i = 0; i < b->n_cells; i++) {
        xp_built_cell cell = b->cell[i];
        bool missing = cell.value != cell.value;
        if (!missing && cell.value < 0) continue; /* not positive: absent */
        if (!missing) cell.value = 1;
        b->cell[kept++] = cell;
    }
    b->n_cells = kept;
}

/* Norms without variation cannot be predicted, nor can their prediction be scored. */
static explaint_status check_variation(const xp_builder *b, bool binary, explaint_error *error) {
    size_t cells = b->norms->n_concepts * b->norms->n_features, present = 0, first = b->n_cells, missing = 0;
    for (size_t i = 0; i < b->n_cells; i++) {
        if (b->cell[i].value != b->cell[i].value) {
            missing++;
            continue;
        }
        present++;
        if (first == b->n_cells) first = i;
        if (b->cell[i].value != b->cell[first].value) return EXPLAINT_OK;
    }
    const size_t zeros = cells - present - (b->norms->na == XP_NA_ZERO ? 0 : missing);
    if (present > 0 && zeros > 0) return EXPLAINT_OK;
    if (b->norms->n_concepts == 0)
        return xp_fail(error, EXPLAINT_INVALID, b->path, 0, "expected rows after the header, found none");
    char value[32] = "0";
    if (present > 0) xp_shortest_double(b->cell[first].value, value);
    if (present == 0 && missing == cells)
        return xp_fail(error, EXPLAINT_INVALID, b->path, 0, "every value is missing: there is nothing to predict");
    if (b->unread.length > 0)
        return xp_fail(
            error, EXPLAINT_INVALID, b->path, 0,
            "expected a column of values, found none by its name, and without one every pair counts the same; "
            "name it with --columns value=NAME: numbers stand in %s",
            b->unread.data);
    if (missing > 0)
        return xp_fail(
            error, EXPLAINT_INVALID, b->path, 0,
            "all values but those missing are equal (%s)%s: norms without variation hold nothing to predict; "
            "if an empty cell means 0: --na zero",
            value, binary ? " once they are made binary" : "");
    return xp_fail(error, EXPLAINT_INVALID, b->path, 0,
                   "all values are equal (%s)%s: norms without variation hold nothing to predict", value,
                   binary ? " once they are made binary" : "");
}

/* cell[from..] whose value is missing, or is not, into CSR. */
static bool to_rows(const xp_builder *b, bool missing, size_t **start, uint32_t **column, double **value,
                    size_t *count) {
    size_t rows = b->norms->n_concepts, at = 0, row = 0;
    *count = 0;
    for (size_t i = 0; i < b->n_cells; i++) *count += (b->cell[i].value != b->cell[i].value) == missing;
    *start = xp_alloc(rows + 1, sizeof **start);
    *column = xp_alloc(*count, sizeof **column);
    if (value != NULL) *value = xp_alloc(*count, sizeof **value);
    if (*start == NULL || *column == NULL || (value != NULL && *value == NULL)) return false;
    (*start)[0] = 0;
    for (size_t i = 0; i < b->n_cells; i++) {
        const xp_built_cell *cell = &b->cell[i];
        if ((cell->value != cell->value) != missing) continue;
        while (row < cell->row) (*start)[++row] = at;
        (*column)[at] = cell->column;
        if (value != NULL) (*value)[at] = cell->value;
        at++;
    }
    while (row < rows) (*start)[++row] = at;
    return true;
}

/* One flag of every feature, or NULL if none has it: not known (a column `type` may mean anything). */
static bool fill_flag(const xp_builder *b, unsigned flag, uint8_t **to) {
    size_t n = b->norms->n_features < b->n_flags ? b->norms->n_features : b->n_flags, count = 0;
    for (size_t j = 0; j < n; j++) count += (b->flags[j] & flag) != 0;
    if (count == 0) return true;
    *to = xp_calloc(b->norms->n_features, 1);
    for (size_t j = 0; j < n && *to != NULL; j++) (*to)[j] = (b->flags[j] & flag) != 0;
    return *to != NULL;
}

static bool note_tags(explaint_norms *n, size_t first) {
    if (n->sense_tags == 0) return true;
    return xp_strings_addf(&n->notes, "%zu concept%s a sense tag, such as \"%.100s\"; vectors are looked up without it",
                           n->sense_tags, n->sense_tags == 1 ? " carries" : "s carry", n->concepts.item[first]);
}

static bool count_forms(explaint_norms *n) {
    xp_strings forms = {0};
    xp_index *index = xp_index_create(n->n_concepts);
    xp_text form = {0};
    size_t first = 0;
    bool good = index != NULL;
    for (size_t i = 0; i < n->n_concepts && good; i++) {
        const char *name = n->concepts.item[i];
        bool tagged = name[xp_concept_sense_tag(name)] != 0, found = false;
        if (tagged && n->sense_tags++ == 0) first = i;
        form.length = 0;
        size_t stored;
        good = xp_concept_form(name, &form) && xp_strings_add(&forms, form.data, form.length) &&
               xp_index_intern(index, forms.item[i], form.length, i, &stored, &found);
        if (!good) break;
        n->distinct_forms += !found;
        n->several_words += memchr(form.data, ' ', form.length) != NULL;
    }
    xp_text_free(&form);
    xp_strings_free(&forms);
    xp_index_destroy(index);
    return good && note_tags(n, first);
}

/* Of the file's own categories: who has none. */
static bool note_without(explaint_norms *n) {
    xp_no_category none = {0};
    size_t missing = 0;
    if (n->category.count == 0) return true;
    for (size_t i = 0; i < n->n_concepts; i++) {
        xp_category_count(&none, n->derived_label[i]);
        missing += n->derived_label[i] < 0;
    }
    return xp_category_note_missing(&none, missing, n->n_concepts, &n->notes, &n->warnings);
}

static bool derive(explaint_norms *n) {
    n->derived_label = xp_alloc(n->n_concepts, sizeof *n->derived_label);
    n->seen = xp_calloc(n->n_features, 1);
    if (n->derived_label == NULL || n->seen == NULL || !xp_norms_categories(n, NULL, n->derived_label, &n->derived))
        return false;
    if (!note_without(n)) return false;
    if (n->category.count > 0 &&
        !xp_names_note_alike(&n->derived, "category differs", "categories differ", &n->warnings))
        return false;
    for (size_t p = 0; p < n->row_start[n->n_concepts]; p++)
        if (n->seen[n->column[p]] < 2) n->seen[n->column[p]]++;
    return count_forms(n);
}

static bool note_names(xp_builder *b) {
    explaint_norms *n = b->norms;
    return xp_names_note(&b->concepts, "concept", &n->notes, &n->warnings) &&
           xp_names_note(&b->features, "feature", &n->notes, &n->warnings) &&
           xp_category_note(&b->no_category, &n->notes) &&
           xp_names_note_alike(&n->features, "feature differs", "features differ", &n->warnings);
}

static explaint_status finish(xp_builder *b, const explaint_norms_options *options, explaint_error *error) {
    explaint_norms *n = b->norms;
    n->n_concepts = n->concepts.count;
    n->n_features = n->features.count;
    n->binary = options->binary;
    if (b->n_cells > 0) qsort(b->cell, b->n_cells, sizeof *b->cell, compare);
    if (!note_names(b) || (b->counts_rows && !count_rows(b)) || !drop_duplicates(b)) return no_memory(error);
    explaint_status status = check_variation(b, false, error);
    if (status != EXPLAINT_OK) return status;
    if (options->binary) {
        make_binary(b);
        status = check_variation(b, true, error);
        if (status != EXPLAINT_OK) return status;
    }
    size_t pairs;
    if (!to_rows(b, false, &n->row_start, &n->column, &n->value, &pairs) ||
        !to_rows(b, true, &n->missing_start, &n->missing_column, NULL, &n->n_missing))
        return no_memory(error);
    if (n->n_missing == 0 || n->na == XP_NA_ZERO) {
        xp_free_all(n->missing_start, n->missing_column);
        n->missing_start = NULL;
        n->missing_column = NULL;
    }
    return fill_flag(b, XP_TAXONOMIC, &n->taxonomic) && fill_flag(b, XP_SUPERORDINATE, &n->superordinate) && derive(n)
               ? EXPLAINT_OK
               : no_memory(error);
}

explaint_status xp_builder_finish(xp_builder *b, const explaint_norms_options *options, explaint_norms **norms,
                                  explaint_error *error) {
    explaint_status status = finish(b, options, error);
    if (status == EXPLAINT_OK) {
        *norms = b->norms;
        b->norms = NULL;
    }
    xp_builder_discard(b);
    return status;
}
