#include "norms/assign.h"

#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "formats/csv.h"
#include "formats/encoding.h"
#include "formats/file.h"
#include "formats/number.h"
#include "norms/build.h"

#define UNKNOWN SIZE_MAX
#define SEVERAL (SIZE_MAX - 1)

/* Concepts by one of their spellings. */
typedef struct spelled {
    xp_index *index; /* to the first one */
    xp_strings text; /* by concept: what it goes by */
    size_t *again;   /* by concept: the next one of the same text, UNKNOWN: there is none */
} spelled;

/* A file of two columns, open at its first row. */
typedef struct table {
    const struct explaint_norms *norms;
    const char *path;
    xp_bytes bytes;
    xp_csv csv;
    bool csv_open;
    size_t concept, value; /* columns */
    spelled name, form, key;
    xp_text cell, text; /* scratch */
    xp_no_category no_category;
    size_t n_capitals, capitals_line, capitals_concept; /* rows found by their key alone, and the first of them */
    size_t *line;                                       /* by concept: where it stands, 0: not yet */
} table;

static void spelled_free(spelled *s) {
    xp_index_destroy(s->index);
    xp_strings_free(&s->text);
    xp_free(s->again);
}

static void table_close(table *t) {
    if (t->csv_open) xp_csv_close(&t->csv);
    xp_bytes_free(&t->bytes);
    spelled_free(&t->name);
    spelled_free(&t->form);
    spelled_free(&t->key);
    xp_text_free(&t->cell);
    xp_text_free(&t->text);
    xp_free(t->line);
}

/* ---- which concept a cell names ---- */

static bool spelled_begin(spelled *s, size_t n) {
    s->index = xp_index_create(n);
    s->again = xp_alloc(n, sizeof *s->again);
    return s->index != NULL && s->again != NULL;
}

/* Concepts come in their order. */
static bool spelled_add(spelled *s, size_t concept, xp_view text) {
    size_t first;
    bool found;
    s->again[concept] = UNKNOWN;
    if (!xp_strings_add(&s->text, text.data, text.length) ||
        !xp_index_intern(s->index, s->text.item[concept], text.length, concept, &first, &found))
        return false;
    if (found && s->again[first] == UNKNOWN) s->again[first] = concept;
    return true;
}

static bool spelled_find(const spelled *s, xp_view text, size_t *concept) {
    return xp_index_find(s->index, text.data, text.length, concept);
}

/* Form and key of a name that a 0 follows; both lie in scratch. */
static bool spell(table *t, const char *name, char *room, size_t size, xp_view *form, xp_view *key) {
    t->text.length = 0;
    if (!xp_concept_form(name, &t->text)) return false;
    *form = (xp_view){t->text.data, t->text.length};
    size_t length = xp_name_key(*form, room, size);
    *key = length > 0 ? (xp_view){room, length} : *form;
    return true;
}

enum { KEY_ROOM = 512 };

static bool index_concepts(table *t) {
    const struct explaint_norms *n = t->norms;
    t->line = xp_calloc(n->n_concepts, sizeof *t->line);
    bool good = t->line != NULL && spelled_begin(&t->name, n->n_concepts) && spelled_begin(&t->form, n->n_concepts) &&
                spelled_begin(&t->key, n->n_concepts);
    for (size_t i = 0; i < n->n_concepts && good; i++) {
        const char *name = n->concepts.item[i];
        char room[KEY_ROOM];
        xp_view form, key;
        good = spell(t, name, room, sizeof room, &form, &key) &&
               spelled_add(&t->name, i, (xp_view){name, strlen(name)}) && spelled_add(&t->form, i, form) &&
               spelled_add(&t->key, i, key);
    }
    return good;
}

/* The concept that a cell names, UNKNOWN or SEVERAL (then *first and *second are two of them). */
static explaint_status find_concept(table *t, xp_view cell, size_t *concept, size_t *first, size_t *second,
                                    explaint_error *error) {
    xp_view name, form, key;
    unsigned changed;
    char room[KEY_ROOM];
    if (!xp_name(cell, &t->cell, &name, &changed)) return xp_no_memory(error, "a concept's name");
    if (spelled_find(&t->name, name, concept)) return EXPLAINT_OK;
    char *copy = xp_strndup(name.data, name.length);
    bool good = copy != NULL && spell(t, copy, room, sizeof room, &form, &key);
    xp_free(copy);
    if (!good) return xp_no_memory(error, "a concept's name");
    const spelled *by = &t->form;
    *concept = UNKNOWN;
    if (!spelled_find(by, form, first)) {
        by = &t->key;
        if (!spelled_find(by, key, first)) return EXPLAINT_OK;
        if (by->again[*first] == UNKNOWN && t->n_capitals++ == 0) {
            t->capitals_line = t->csv.line;
            t->capitals_concept = *first;
        }
    }
    *second = by->again[*first];
    *concept = *second == UNKNOWN ? *first : SEVERAL;
    return EXPLAINT_OK;
}

static bool note_capitals(const table *t, xp_strings *notes) {
    if (t->n_capitals == 0) return true;
    return xp_strings_addf(notes,
                           "%.200s: %zu concept%s there with other capitals than in the norms, the first in line %zu "
                           "(\"%.100s\")",
                           t->path, t->n_capitals, t->n_capitals == 1 ? " stands" : "s stand", t->capitals_line,
                           t->norms->concepts.item[t->capitals_concept]);
}

static explaint_status find_column(const table *t, const char *name, size_t *column, explaint_error *error) {
    *column = xp_table_column(&t->csv, name);
    if (*column < t->csv.width) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.header[0].line,
                   "expected a header with a column named \"%s\", found \"%.*s\" first", name,
                   XP_SHOW(t->csv.header[0].text));
}

static explaint_status table_open(table *t, xp_stream *stream, const char *value_column, char *sha256,
                                  xp_strings *notes, explaint_error *error) {
    xp_strings of_text = {0};
    explaint_status status = xp_stream_all(stream, XP_LIMIT_TABLE, &t->bytes, error);
    if (status != EXPLAINT_OK) return status;
    memcpy(sha256, t->bytes.sha256, XP_SHA256_TEXT);
    status = xp_decode_text(t->path, &t->bytes, &of_text, error);
    for (size_t i = 0; i < of_text.count && status == EXPLAINT_OK; i++)
        if (!xp_strings_addf(notes, "%.200s: %s", t->path, of_text.item[i])) status = xp_no_memory(error, "a note");
    xp_strings_free(&of_text);
    if (status == EXPLAINT_OK) status = xp_csv_open(&t->csv, t->path, t->bytes.data, t->bytes.size, error);
    t->csv_open = status == EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = find_column(t, "concept", &t->concept, error);
    if (status == EXPLAINT_OK) status = find_column(t, value_column, &t->value, error);
    if (status == EXPLAINT_OK && !index_concepts(t)) status = xp_no_memory(error, "concepts");
    return status;
}

/* The next row's concept (UNKNOWN: the norms do not have it). */
static explaint_status next_row(table *t, bool *more, size_t *concept, explaint_error *error) {
    explaint_status status = xp_csv_next(&t->csv, more, error);
    if (status != EXPLAINT_OK || !*more) return status;
    xp_view name = t->csv.cell[t->concept].text;
    if (xp_view_trim(name).length == 0)
        return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.line, "expected a concept, found an empty cell");
    size_t first = 0, second = 0;
    status = find_concept(t, name, concept, &first, &second, error);
    if (status == EXPLAINT_OK && *concept == SEVERAL)
        return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.line,
                       "\"%.*s\" may be \"%.100s\" or \"%.100s\"; write it as in the norms", XP_SHOW(name),
                       t->norms->concepts.item[first], t->norms->concepts.item[second]);
    return status;
}

/* ---- folds ---- */

static explaint_status fold_number(const table *t, size_t *number, explaint_error *error) {
    xp_view text = t->csv.cell[t->value].text;
    if (xp_number_count(xp_view_trim(text), number) && *number < t->norms->n_concepts) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.cell[t->value].line,
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

static explaint_status read_folds(table *t, const uint8_t *kept, int *fold, size_t *k, explaint_error *error) {
    for (size_t i = 0; i < t->norms->n_concepts; i++) fold[i] = -1;
    bool more;
    size_t concept = UNKNOWN, number;
    explaint_status status;
    while ((status = next_row(t, &more, &concept, error)) == EXPLAINT_OK && more) {
        xp_view name = t->csv.cell[t->concept].text;
        if (concept == UNKNOWN)
            return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.line,
                           "expected a concept of the norms, found \"%.*s\", which they do not have", XP_SHOW(name));
        if (t->line[concept] != 0)
            return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.line,
                           "the concept \"%.*s\" stands in line %zu and again in line %zu; keep one", XP_SHOW(name),
                           t->line[concept], t->csv.line);
        t->line[concept] = t->csv.line;
        status = fold_number(t, &number, error);
        if (status != EXPLAINT_OK) return status;
        if (kept[concept]) fold[concept] = (int)number;
    }
    return status != EXPLAINT_OK ? status : check_folds(t, kept, fold, k, error);
}

/* ---- categories ---- */

static explaint_status category_index(xp_index *index, xp_strings *names, xp_view name, int *number,
                                      explaint_error *error) {
    size_t stored;
    bool found = xp_index_find(index, name.data, name.length, &stored);
    if (!found) {
        stored = names->count;
        if (!xp_strings_add(names, name.data, name.length) ||
            !xp_index_intern(index, names->item[stored], name.length, stored, &stored, &found))
            return xp_no_memory(error, "categories");
    }
    *number = (int)stored;
    return EXPLAINT_OK;
}

static explaint_status categorise(table *t, xp_index *index, int *label, xp_strings *names, xp_strings *notes,
                                  explaint_error *error) {
    const struct explaint_norms *n = t->norms;
    for (size_t i = 0; i < n->n_concepts; i++) label[i] = -1;
    size_t unknown = 0, known = 0, concept = UNKNOWN;
    bool more;
    explaint_status status;
    while ((status = next_row(t, &more, &concept, error)) == EXPLAINT_OK && more) {
        xp_view name;
        if (!xp_category(t->csv.cell[t->value].text, &t->cell, &name, &t->no_category))
            return xp_no_memory(error, "categories");
        if (concept == UNKNOWN) {
            if (unknown++ < XP_NOTES_SHOWN &&
                !xp_strings_addf(notes, "the categories name \"%.*s\" in line %zu, which the norms do not have",
                                 XP_SHOW(t->csv.cell[t->concept].text), t->csv.line))
                return xp_no_memory(error, "a note");
            continue;
        }
        int number = -1;
        if (name.length > 0) status = category_index(index, names, name, &number, error);
        if (status != EXPLAINT_OK) return status;
        if (t->line[concept] != 0 && number != label[concept])
            return xp_fail(
                error, EXPLAINT_INVALID, t->path, t->csv.line,
                "the concept \"%.100s\" has the category \"%.80s\" in line %zu and \"%.*s\" in line %zu; keep one",
                n->concepts.item[concept], label[concept] < 0 ? "none" : names->item[label[concept]], t->line[concept],
                XP_SHOW(name), t->csv.line);
        if (t->line[concept] == 0) t->line[concept] = t->csv.line;
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
    return EXPLAINT_OK;
}

/* ---- from a stream ---- */

static explaint_status folds_of(const char *path, xp_stream *stream, const struct explaint_norms *norms,
                                const uint8_t *kept, int *fold, size_t *k, char *sha256, xp_strings *notes,
                                explaint_error *error) {
    table t = {.norms = norms, .path = path};
    explaint_status status = table_open(&t, stream, "fold", sha256, notes, error);
    if (status == EXPLAINT_OK) status = read_folds(&t, kept, fold, k, error);
    if (status == EXPLAINT_OK && !note_capitals(&t, notes)) status = xp_no_memory(error, "a note");
    table_close(&t);
    return status;
}

static explaint_status categories_of(const char *path, xp_stream *stream, const struct explaint_norms *norms,
                                     int *label, xp_strings *names, char *sha256, xp_strings *notes,
                                     explaint_error *error) {
    table t = {.norms = norms, .path = path};
    explaint_status status = table_open(&t, stream, "category", sha256, notes, error);
    xp_index *index = xp_index_create(64);
    if (status == EXPLAINT_OK && index == NULL) status = xp_no_memory(error, "categories");
    if (status == EXPLAINT_OK) status = categorise(&t, index, label, names, notes, error);
    if (status == EXPLAINT_OK && (!note_capitals(&t, notes) || !xp_category_note(&t.no_category, notes) ||
                                  !xp_names_note_alike(names, "category differs", "categories differ", notes)))
        status = xp_no_memory(error, "a note");
    xp_index_destroy(index);
    table_close(&t);
    return status;
}

explaint_status xp_read_folds(const char *path, const struct explaint_norms *norms, const uint8_t *kept, int *fold,
                              size_t *k, char sha256[XP_SHA256_TEXT], xp_strings *notes, explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status == EXPLAINT_OK) status = folds_of(path, stream, norms, kept, fold, k, sha256, notes, error);
    xp_stream_close(stream);
    return status;
}

explaint_status xp_folds_from(const char *display_path, const void *bytes, size_t size,
                              const struct explaint_norms *norms, const uint8_t *kept, int *fold, size_t *k,
                              char sha256[XP_SHA256_TEXT], xp_strings *notes, explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open_memory(display_path, bytes, size, &stream, error);
    if (status == EXPLAINT_OK) status = folds_of(display_path, stream, norms, kept, fold, k, sha256, notes, error);
    xp_stream_close(stream);
    return status;
}

explaint_status xp_read_categories(const char *path, const struct explaint_norms *norms, int *label, xp_strings *names,
                                   char sha256[XP_SHA256_TEXT], xp_strings *notes, explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status == EXPLAINT_OK) status = categories_of(path, stream, norms, label, names, sha256, notes, error);
    xp_stream_close(stream);
    return status;
}

explaint_status xp_categories_from(const char *display_path, const void *bytes, size_t size,
                                   const struct explaint_norms *norms, int *label, xp_strings *names,
                                   char sha256[XP_SHA256_TEXT], xp_strings *notes, explaint_error *error) {
    xp_stream *stream;
    explaint_status status = xp_stream_open_memory(display_path, bytes, size, &stream, error);
    if (status == EXPLAINT_OK) status = categories_of(display_path, stream, norms, label, names, sha256, notes, error);
    xp_stream_close(stream);
    return status;
}
