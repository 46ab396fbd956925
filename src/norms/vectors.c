#include "norms/vectors.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/view.h"
#include "formats/encoding.h"
#include "formats/npy.h"
#include "formats/number.h"
#include "formats/wordtext.h"
#include "norms/norms.h"
#include "norms/wordnet_data.h"

void explaint_vectors_close(explaint_vectors *v) {
    if (v == NULL) return;
    xp_free(v->name);
    xp_free(v->path);
    xp_free(v->row);
    xp_free(v->values);
    xp_strings_free(&v->notes);
    xp_strings_free(&v->duplicates);
    xp_free(v);
}

const char *explaint_vectors_name(const explaint_vectors *v) { return v->name; }
const char *explaint_vectors_path(const explaint_vectors *v) { return v->path; }
const char *explaint_vectors_sha256(const explaint_vectors *v) { return v->sha256; }
size_t explaint_vectors_n_words(const explaint_vectors *v) { return v->n_words; }
size_t explaint_vectors_width(const explaint_vectors *v) { return v->width; }
const double *explaint_vectors_of_concept(const explaint_vectors *v, size_t i) {
    return v->row[i] < 0 ? NULL : v->values + (size_t)v->row[i] * v->width;
}
size_t explaint_vectors_n_notes(const explaint_vectors *v) { return v->notes.count; }
const char *explaint_vectors_note(const explaint_vectors *v, size_t i) { return v->notes.item[i]; }

/* ---- the words that the norms ask for ---- */

#define NONE SIZE_MAX

typedef struct wanted {
    xp_strings word;
    xp_index *index;
    size_t *first, *second; /* by concept: its form; the form with underscores for blanks, or NONE */
} wanted;

static void wanted_free(wanted *w) {
    xp_strings_free(&w->word);
    xp_index_destroy(w->index);
    xp_free(w->first);
    xp_free(w->second);
}

static bool want(wanted *w, const xp_text *form, size_t *number) {
    bool found = xp_index_find(w->index, form->data, form->length, number);
    if (found) return true;
    *number = w->word.count;
    return xp_strings_add(&w->word, form->data, form->length) &&
           xp_index_intern(w->index, w->word.item[*number], form->length, *number, number, &found);
}

static bool wanted_make(wanted *w, const explaint_norms *norms) {
    size_t n = norms->n_concepts;
    w->index = xp_index_create(n);
    w->first = xp_alloc(n, sizeof *w->first);
    w->second = xp_alloc(n, sizeof *w->second);
    xp_text form = {0};
    bool good = w->index != NULL && w->first != NULL && w->second != NULL;
    for (size_t i = 0; i < n && good; i++) {
        form.length = 0;
        good = xp_concept_form(norms->concepts.item[i], &form) && want(w, &form, &w->first[i]);
        w->second[i] = NONE;
        if (!good || memchr(form.data, ' ', form.length) == NULL) continue;
        for (size_t k = 0; k < form.length; k++)
            if (form.data[k] == ' ') form.data[k] = '_';
        good = want(w, &form, &w->second[i]);
    }
    xp_text_free(&form);
    return good;
}

static size_t look_up(void *context, const char *word, size_t length) {
    size_t number;
    return xp_index_find(((const wanted *)context)->index, word, length, &number) ? number : XP_NOT_WANTED;
}

/* ---- matching ---- */

/* row_of: the row of each wanted word, or XP_NO_ROW. */
static explaint_status match(explaint_vectors *v, const wanted *w, const size_t *row_of, const explaint_norms *norms,
                             explaint_error *error) {
    size_t matched = 0, by_underscore = 0;
    v->n_concepts = norms->n_concepts;
    v->row = xp_alloc(v->n_concepts, sizeof *v->row);
    if (v->row == NULL) return xp_no_memory(error, "word vectors");
    for (size_t i = 0; i < v->n_concepts; i++) {
        size_t row = row_of[w->first[i]];
        if (row == XP_NO_ROW && w->second[i] != NONE) {
            row = row_of[w->second[i]];
            by_underscore += row != XP_NO_ROW;
        }
        v->row[i] = row == XP_NO_ROW ? -1 : (ptrdiff_t)row;
        matched += row != XP_NO_ROW;
    }
    if (matched == 0)
        return xp_fail(error, EXPLAINT_INVALID, v->path, 0,
                       "no concept of the norms has a vector: none of %zu forms, such as \"%.80s\", is among the %zu "
                       "words; are both of the same "
                       "language, and the words in lower case?",
                       w->word.count, w->word.count > 0 ? w->word.item[0] : "", v->n_words);
    if (by_underscore > 0 &&
        !xp_strings_addf(&v->notes, "%zu concept%s of several words matched with underscores for blanks", by_underscore,
                         by_underscore == 1 ? "" : "s"))
        return xp_no_memory(error, "a note");
    return EXPLAINT_OK;
}

/* ---- text ---- */

static explaint_status read_text(explaint_vectors *v, xp_stream *stream, const wanted *w, const explaint_norms *norms,
                                 explaint_error *error) {
    union {
        const wanted *in;
        void *out;
    } context = {.in = w};
    xp_wordtext_caller caller = {.n_wanted = w->word.count, .lookup = look_up, .context = context.out};
    xp_wordtext read;
    explaint_status status = xp_wordtext_read(stream, &caller, &read, error);
    if (status != EXPLAINT_OK) return status;
    v->n_words = read.n_words;
    v->width = read.width;
    v->n_rows = read.n_rows;
    v->values = read.values;
    v->notes = read.notes;
    v->duplicates = read.duplicates;
    memcpy(v->sha256, read.sha256, sizeof v->sha256);
    read.values = NULL;
    read.notes = read.duplicates = (xp_strings){0};
    status = match(v, w, read.row, norms, error);
    xp_wordtext_free(&read);
    return status;
}

/* ---- .npy and its words ---- */

typedef struct word_list {
    const char *path;
    xp_bytes bytes;
    xp_view *word;
    size_t count;
} word_list;

static void words_free(word_list *list) {
    xp_bytes_free(&list->bytes);
    xp_free(list->word);
}

static bool is_blank(const char *p, const char *end) {
    while (p < end && (*p == '\n' || *p == '\r')) p++;
    return p == end;
}

static explaint_status words_read(word_list *list, xp_strings *notes, explaint_error *error) {
    explaint_status status = xp_file_read(list->path, XP_LIMIT_TABLE, &list->bytes, error);
    if (status == EXPLAINT_OK) status = xp_decode_text(list->path, &list->bytes, notes, error);
    if (status != EXPLAINT_OK) return status;
    const char *p = list->bytes.data, *end = p + list->bytes.size;
    size_t lines = 1;
    for (const char *q = p; q < end; q++) lines += *q == '\n';
    list->word = xp_alloc(lines, sizeof *list->word);
    if (list->word == NULL) return xp_no_memory(error, "a list of words");
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        xp_view word = {p, (size_t)((stop != NULL ? stop : end) - p)};
        if (word.length > 0 && p[word.length - 1] == '\r') word.length--;
        if (word.length == 0 && is_blank(p, end)) break; /* empty lines at the end */
        if (word.length == 0)
            return xp_fail(error, EXPLAINT_INVALID, list->path, list->count + 1,
                           "expected a word in each line, found an empty line");
        list->word[list->count++] = word;
        p = stop != NULL ? stop + 1 : end;
    }
    return EXPLAINT_OK;
}

/* Every value of the array is checked, wanted or not. */
static explaint_status check_finite(const xp_npy *array, const char *path, const word_list *words,
                                    explaint_error *error) {
    for (size_t i = 0; i < array->rows; i++)
        for (size_t k = 0; k < array->width; k++) {
            double value = xp_npy_at(array, i, k);
            if (isfinite(value)) continue;
            return xp_fail(
                error, EXPLAINT_INVALID, path, 0,
                "expected finite numbers, found %s in row %zu (the word \"%.*s\"), column %zu, counted from 1",
                isnan(value) ? "NaN" : "infinity", i + 1, XP_SHOW(words->word[i]), k + 1);
        }
    return EXPLAINT_OK;
}

/* Keeps the wanted rows; row_of has an entry for each wanted word. */
static explaint_status take_rows(explaint_vectors *v, const xp_npy *array, const word_list *words, const wanted *w,
                                 size_t *row_of, size_t *line_of, explaint_error *error) {
    size_t again = 0;
    for (size_t i = 0; i < array->rows; i++) {
        xp_view word = words->word[i];
        size_t number;
        if (!xp_index_find(w->index, word.data, word.length, &number)) continue;
        if (row_of[number] != XP_NO_ROW) {
            if (again++ < XP_DUPLICATES_SHOWN &&
                !xp_strings_addf(
                    &v->duplicates,
                    "the word \"%.*s\" stands in line %zu of %.200s and again in line %zu; the first is kept",
                    XP_SHOW(word), line_of[number], words->path, i + 1))
                return xp_no_memory(error, "a note");
            continue;
        }
        double *to = v->values + v->n_rows * v->width;
        bool zero = true;
        for (size_t k = 0; k < v->width; k++) {
            to[k] = xp_npy_at(array, i, k);
            zero &= to[k] == 0;
        }
        if (zero && !xp_strings_addf(&v->notes, "the vector of \"%.*s\" in row %zu is zero in every place",
                                     XP_SHOW(word), i + 1))
            return xp_no_memory(error, "a note");
        row_of[number] = v->n_rows++;
        line_of[number] = i + 1;
    }
    if (again > XP_DUPLICATES_SHOWN &&
        !xp_strings_addf(&v->duplicates, "%zu more lines of %.200s hold a word again; the first is kept",
                         again - XP_DUPLICATES_SHOWN, words->path))
        return xp_no_memory(error, "a note");
    return EXPLAINT_OK;
}

static explaint_status read_array(explaint_vectors *v, const xp_npy *array, const word_list *words, const wanted *w,
                                  const explaint_norms *norms, explaint_error *error) {
    if (words->count != array->rows)
        return xp_fail(error, EXPLAINT_INVALID, words->path, 0,
                       "expected %zu words, one for each row of %.200s, found %zu", array->rows, v->path, words->count);
    explaint_status status = check_finite(array, v->path, words, error);
    if (status != EXPLAINT_OK) return status;
    size_t n = w->word.count, cells, rows = n < array->rows ? n : array->rows;
    v->n_words = array->rows;
    v->width = array->width;
    size_t *row_of = xp_alloc(n, sizeof *row_of), *line_of = xp_calloc(n, sizeof *line_of);
    v->values = xp_mul_overflows(rows, v->width, &cells) ? NULL : xp_alloc(cells, sizeof *v->values);
    if (row_of == NULL || line_of == NULL || v->values == NULL) {
        status = xp_no_memory(error, "word vectors");
    } else {
        for (size_t i = 0; i < n; i++) row_of[i] = XP_NO_ROW;
        status = take_rows(v, array, words, w, row_of, line_of, error);
        if (status == EXPLAINT_OK) status = match(v, w, row_of, norms, error);
    }
    xp_free(row_of);
    xp_free(line_of);
    return status;
}

static explaint_status read_npy(explaint_vectors *v, xp_stream *stream, const wanted *w, const explaint_norms *norms,
                                const char *words_path, explaint_error *error) {
    if (words_path == NULL)
        return xp_fail(error, EXPLAINT_USAGE, v->path, 0,
                       "a .npy array does not name its rows; give the words, one a line (--words FILE)");
    word_list words = {.path = words_path};
    xp_bytes bytes = {0};
    xp_npy array;
    explaint_status status = xp_stream_all(stream, XP_LIMIT_ARRAY, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_npy_open(&array, v->path, bytes.data, bytes.size, error);
    if (status == EXPLAINT_OK) status = words_read(&words, &v->notes, error);
    if (status == EXPLAINT_OK) status = read_array(v, &array, &words, w, norms, error);
    if (status == EXPLAINT_OK) memcpy(v->sha256, bytes.sha256, sizeof v->sha256);
    words_free(&words);
    xp_bytes_free(&bytes);
    return status;
}

/* ---- opening ---- */

static const char *const suffixes[] = {".txt", ".vec", ".npy", ".w2v"};

static explaint_status read_kind(explaint_vectors *v, xp_stream *stream, const wanted *w, const explaint_norms *norms,
                                 const explaint_vectors_options *options, explaint_error *error) {
    const unsigned char *head;
    size_t size = xp_stream_head(stream, &head);
    if (xp_npy_is(head, size)) return read_npy(v, stream, w, norms, options->words, error);
    if (size >= 4 && memcmp(head, "PK\3\4", 4) == 0)
        return xp_fail(error, EXPLAINT_INVALID, v->path, 0,
                       "expected word vectors, found a zip archive; unpack it (unzip) and name the file inside of it");
    if (size >= 9 && head[8] == '{' && head[7] == 0 && head[6] == 0)
        return xp_fail(error, EXPLAINT_INVALID, v->path, 0,
                       "expected word vectors as text or .npy, found safetensors, which are not read here yet");
    if (options->words != NULL)
        return xp_fail(error, EXPLAINT_USAGE, v->path, 0,
                       "a list of words (--words) goes with a .npy array; this file is text and names its own");
    return read_text(v, stream, w, norms, error);
}

static explaint_status read_stream(const char *path, xp_stream *stream, const explaint_norms *norms,
                                   const explaint_vectors_options *options, explaint_vectors **vectors,
                                   explaint_error *error) {
    static const explaint_vectors_options defaults = {0};
    if (options == NULL) options = &defaults;
    explaint_vectors *v = xp_calloc(1, sizeof *v);
    wanted w = {0};
    explaint_status status = EXPLAINT_OK;
    if (v != NULL) {
        v->path = xp_strdup(path);
        v->name = options->name != NULL ? xp_strdup(options->name)
                                        : xp_name_of_file(path, suffixes, sizeof suffixes / sizeof *suffixes);
    }
    if (v == NULL || v->path == NULL || v->name == NULL || !wanted_make(&w, norms))
        status = xp_no_memory(error, "word vectors");
    else
        status = read_kind(v, stream, &w, norms, options, error);
    wanted_free(&w);
    if (status == EXPLAINT_OK)
        *vectors = v;
    else
        explaint_vectors_close(v);
    return status;
}

explaint_status xp_vectors_read(const char *display_path, const void *bytes, size_t size, const explaint_norms *norms,
                                const explaint_vectors_options *options, explaint_vectors **vectors,
                                explaint_error *error) {
    *vectors = NULL;
    xp_stream *stream;
    explaint_status status = xp_stream_open_memory(display_path, bytes, size, &stream, error);
    if (status == EXPLAINT_OK) status = read_stream(display_path, stream, norms, options, vectors, error);
    xp_stream_close(stream);
    return status;
}

explaint_status explaint_vectors_open(const char *path, const explaint_norms *norms,
                                      const explaint_vectors_options *options, explaint_vectors **vectors,
                                      explaint_error *error) {
    *vectors = NULL;
    if (strcmp(path, "wordnet") == 0) {
        const unsigned char *bytes;
        size_t size;
        xp_wordnet_vectors(&bytes, &size);
        return xp_vectors_read(path, bytes, size, norms, options, vectors, error);
    }
    xp_stream *stream;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status == EXPLAINT_OK) status = read_stream(path, stream, norms, options, vectors, error);
    xp_stream_close(stream);
    return status;
}
