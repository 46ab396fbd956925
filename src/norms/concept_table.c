#include "norms/concept_table.h"

#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "norms/build.h"
#include "norms/header.h"

#define UNKNOWN XP_UNKNOWN_CONCEPT
#define SEVERAL (SIZE_MAX - 1)

typedef xp_spelled spelled;
typedef xp_concept_table table;

static void spelled_free(spelled *s) {
    xp_index_destroy(s->index);
    xp_strings_free(&s->text);
    xp_free(s->again);
}

void xp_concept_table_close(table *t) {
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

bool xp_concept_table_note(const table *t, xp_strings *notes) {
    if (t->n_capitals == 0) return true;
    return xp_strings_addf(notes,
                           "%.200s: %zu concept%s there with other capitals than in the norms, the first in line %zu "
                           "(\"%.100s\")",
                           t->path, t->n_capitals, t->n_capitals == 1 ? " stands" : "s stand", t->capitals_line,
                           t->norms->concepts.item[t->capitals_concept]);
}

static explaint_status no_column(const table *t, const char *name, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, t->path, t->csv.header[0].line,
                   "expected a header with a column named \"%s\", found \"%.*s\" first", name,
                   XP_SHOW(t->csv.header[0].text));
}

/* A column of another name is taken for one that is missing. */
static explaint_status take_other(const table *t, size_t column, const char *as, xp_strings *notes,
                                  explaint_error *error) {
    return xp_strings_addf(notes, "%.200s: the column \"%.*s\" is read as the %s", t->path,
                           XP_SHOW(t->csv.header[column].text), as)
               ? EXPLAINT_OK
               : xp_no_memory(error, "a note");
}

explaint_status xp_concept_table_column(const table *t, const char *name, const char *others, size_t *column,
                                        xp_strings *notes, explaint_error *error) {
    *column = xp_table_column(&t->csv, name);
    if (*column < t->csv.width) return EXPLAINT_OK;
    for (size_t k = 0; k < t->csv.width && others != NULL; k++) {
        char key[XP_HEADER_KEY];
        xp_header_key(t->csv.header[k].text, key);
        if (xp_header_place(others, key, strlen(key)) == SIZE_MAX) continue;
        *column = k;
        return take_other(t, k, name, notes, error);
    }
    return no_column(t, name, error);
}

/* As in norms, a column may be called word, item or the like. */
static explaint_status find_concepts(table *t, xp_strings *notes, explaint_error *error) {
    t->concept = xp_table_column(&t->csv, "concept");
    if (t->concept < t->csv.width) return EXPLAINT_OK;
    t->concept = xp_roles_concepts_by_name(&t->csv);
    return t->concept < t->csv.width ? take_other(t, t->concept, "concepts", notes, error)
                                     : no_column(t, "concept", error);
}

explaint_status xp_concept_table_open(table *t, char *sha256, xp_strings *notes, explaint_error *error) {
    xp_strings of_text = {0};
    xp_stream *stream;
    explaint_status status = xp_stream_open_given(t->path, t->given, &stream, error);
    if (status == EXPLAINT_OK) status = xp_stream_all(stream, XP_LIMIT_TABLE, &t->bytes, error);
    xp_stream_close(stream);
    if (status != EXPLAINT_OK) return status;
    memcpy(sha256, t->bytes.sha256, XP_SHA256_TEXT);
    status = xp_encoding_decode(t->path, &t->bytes, &of_text, error);
    for (size_t i = 0; i < of_text.count && status == EXPLAINT_OK; i++)
        if (!xp_strings_addf(notes, "%.200s: %s", t->path, of_text.item[i])) status = xp_no_memory(error, "a note");
    xp_strings_free(&of_text);
    if (status == EXPLAINT_OK) status = xp_csv_open(&t->csv, t->path, t->bytes.data, t->bytes.size, error);
    t->csv_open = status == EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = find_concepts(t, notes, error);
    if (status == EXPLAINT_OK && !index_concepts(t)) status = xp_no_memory(error, "concepts");
    return status;
}

explaint_status xp_concept_table_next(table *t, bool *more, size_t *concept, explaint_error *error) {
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
