#include "norms/assign.h"

#include <string.h>

#include "base/memory.h"
#include "formats/number.h"
#include "norms/category.h"
#include "norms/concept_table.h"

typedef xp_concept_table table;

/* ---- folds ---- */

static explaint_status fold_number(const table *t, size_t value, size_t *number, explaint_error *error) {
    xp_view text = t->csv.cell[value].text;
    if (xp_number_count(xp_view_trim(text), number) && *number < t->norms->n_concepts) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.cell[value].line,
                   "expected a fold, a whole number from 0 that is smaller than the number of concepts, found \"%.*s\"",
                   XP_SHOW(text));
}

static explaint_status check_folds(const table *t, const uint8_t *kept, const int *fold, size_t *k,
                                   explaint_error *error) {
    const struct explaint_norms *n = t->norms;
    size_t count = 0;
    for (size_t i = 0; i < n->n_concepts; i++) {
        if (kept[i] && fold[i] < 0)
            return xp_fail(error, EXPLAINT_INVALID, t->path, 0,
                           "expected a fold for every concept that has a vector, found none for \"%.100s\"",
                           n->concepts.item[i]);
        if (fold[i] >= 0 && (size_t)fold[i] + 1 > count) count = (size_t)fold[i] + 1;
    }
    if (count < 2)
        return xp_fail(error, EXPLAINT_INVALID, t->path, 0,
                       "expected at least 2 folds, found %zu: nothing would be left to fit on", count);
    uint8_t *used = xp_calloc(count, 1);
    if (used == NULL) return xp_no_memory(error, "folds");
    for (size_t i = 0; i < n->n_concepts; i++)
        if (fold[i] >= 0) used[fold[i]] = 1;
    size_t gap = 0;
    while (gap < count && used[gap]) gap++;
    xp_free(used);
    *k = count;
    if (gap == count) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, t->path, 0,
                   "expected folds from 0 to %zu without gaps, found no concept with a vector in fold %zu", count - 1,
                   gap);
}

static explaint_status read_folds(table *t, size_t value, const uint8_t *kept, int *fold, size_t *k,
                                  explaint_error *error) {
    for (size_t i = 0; i < t->norms->n_concepts; i++) fold[i] = -1;
    bool more;
    size_t concept = XP_UNKNOWN_CONCEPT, number;
    explaint_status status;
    while ((status = xp_concept_table_next(t, &more, &concept, error)) == EXPLAINT_OK && more) {
        xp_view name = t->csv.cell[t->concept].text;
        if (concept == XP_UNKNOWN_CONCEPT)
            return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.line,
                           "expected a concept of the norms, found \"%.*s\", which they do not have", XP_SHOW(name));
        if (t->line[concept] != 0)
            return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.line,
                           "the concept \"%.*s\" stands in line %zu and again in line %zu; keep one", XP_SHOW(name),
                           t->line[concept], t->csv.line);
        t->line[concept] = t->csv.line;
        status = fold_number(t, value, &number, error);
        if (status != EXPLAINT_OK) return status;
        if (kept[concept]) fold[concept] = (int)number;
    }
    return status != EXPLAINT_OK ? status : check_folds(t, kept, fold, k, error);
}

/* ---- categories ---- */

static const char other_names[] = "categories group groups class domain semantic_category semantic_domain kategorie "
                                  "kategorien gruppe klasse cat\xc3\xa9gorie categorie";

static explaint_status categorise(table *t, size_t value, xp_no_category *none, xp_index *index, int *label,
                                  xp_strings *names, xp_strings *notes, explaint_error *error) {
    const struct explaint_norms *n = t->norms;
    for (size_t i = 0; i < n->n_concepts; i++) label[i] = -1;
    size_t unknown = 0, known = 0, concept = XP_UNKNOWN_CONCEPT;
    bool more;
    explaint_status status;
    while ((status = xp_concept_table_next(t, &more, &concept, error)) == EXPLAINT_OK && more) {
        xp_view name;
        if (!xp_category(t->csv.cell[value].text, &t->cell, &name, none)) return xp_no_memory(error, "categories");
        if (concept == XP_UNKNOWN_CONCEPT) {
            if (unknown++ < XP_NOTES_SHOWN &&
                !xp_strings_addf(notes, "the categories name \"%.*s\" in line %zu, which the norms do not have",
                                 XP_SHOW(t->csv.cell[t->concept].text), t->csv.line))
                return xp_no_memory(error, "a note");
            continue;
        }
        size_t stored = 0;
        if (name.length > 0 && !xp_index_number(index, names, name.data, name.length, &stored))
            return xp_no_memory(error, "categories");
        const int number = name.length > 0 ? (int)stored : -1;
        if (t->line[concept] != 0 && number != label[concept])
            return xp_fail(
                error, EXPLAINT_INVALID, t->path, t->csv.line,
                "the concept \"%.100s\" has the category \"%.80s\" in line %zu and \"%.*s\" in line %zu; keep one",
                n->concepts.item[concept], label[concept] < 0 ? "none" : names->item[label[concept]], t->line[concept],
                XP_SHOW(name), t->csv.line);
        if (t->line[concept] == 0) {
            t->line[concept] = t->csv.line;
            xp_category_count(none, number);
        }
        label[concept] = number;
        known++;
    }
    if (status != EXPLAINT_OK) return status;
    if (known == 0)
        return xp_fail(error, EXPLAINT_INVALID, t->path, 0,
                       "expected categories of the norms' concepts, found none of them");
    if (unknown > XP_NOTES_SHOWN &&
        !xp_strings_addf(notes, "the categories name %zu more concepts that the norms do not have",
                         unknown - XP_NOTES_SHOWN))
        return xp_no_memory(error, "a note");
    size_t missing = 0;
    for (size_t i = 0; i < n->n_concepts; i++) missing += label[i] < 0;
    return xp_category_note_missing(none, missing, n->n_concepts, notes, notes) ? EXPLAINT_OK
                                                                                : xp_no_memory(error, "a note");
}

/* ---- from a file ---- */

explaint_status xp_norms_read_folds(const char *path, const xp_view *given, const struct explaint_norms *norms,
                                    const uint8_t *kept, int *fold, size_t *k, char sha256[XP_SHA256_TEXT],
                                    xp_strings *notes, explaint_error *error) {
    table t = {.norms = norms, .path = path, .given = given};
    size_t value = 0;
    explaint_status status = xp_concept_table_open(&t, sha256, notes, error);
    if (status == EXPLAINT_OK) status = xp_concept_table_column(&t, "fold", NULL, &value, notes, error);
    if (status == EXPLAINT_OK) status = read_folds(&t, value, kept, fold, k, error);
    if (status == EXPLAINT_OK && !xp_concept_table_note(&t, notes)) status = xp_no_memory(error, "a note");
    xp_concept_table_close(&t);
    return status;
}

explaint_status xp_norms_read_categories(const char *path, const xp_view *given, const struct explaint_norms *norms,
                                         int *label, xp_strings *names, char sha256[XP_SHA256_TEXT], xp_strings *notes,
                                         explaint_error *error) {
    table t = {.norms = norms, .path = path, .given = given};
    xp_no_category none = {0};
    size_t value = 0;
    explaint_status status = xp_concept_table_open(&t, sha256, notes, error);
    if (status == EXPLAINT_OK) status = xp_concept_table_column(&t, "category", other_names, &value, notes, error);
    xp_index *index = xp_index_create(64);
    if (status == EXPLAINT_OK && index == NULL) status = xp_no_memory(error, "categories");
    if (status == EXPLAINT_OK) status = categorise(&t, value, &none, index, label, names, notes, error);
    if (status == EXPLAINT_OK && (!xp_concept_table_note(&t, notes) || !xp_category_note(&none, notes) ||
                                  !xp_names_note_alike(names, "category differs", "categories differ", notes)))
        status = xp_no_memory(error, "a note");
    xp_index_destroy(index);
    xp_concept_table_close(&t);
    return status;
}
