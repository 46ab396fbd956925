#include "norms/vectors.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "base/view.h"
#include "formats/kinds.h"
#include "formats/word2vec.h"
#include "formats/wordtext.h"
#include "norms/match.h"
#include "norms/norms.h"
#include "norms/vectors_array.h"
#include "norms/vectors_table.h"
#include "norms/wordnet_data.h"

void explaint_vectors_close(explaint_vectors *v) {
    if (v == NULL) return;
    xp_free_all(v->name, v->path, v->tensor, (void *)v->row);
    xp_word_rows_free(&v->kept);
    xp_strings_free(&v->notes);
    xp_strings_free(&v->warnings);
    xp_strings_free(&v->duplicates);
    xp_strings_free(&v->settings);
    xp_free(v);
}

const char *explaint_vectors_name(const explaint_vectors *v) { return v->name; }
const char *explaint_vectors_path(const explaint_vectors *v) { return v->path; }
const char *explaint_vectors_sha256(const explaint_vectors *v) { return v->sha256.array; }
size_t explaint_vectors_n_words(const explaint_vectors *v) { return v->n_words; }
size_t explaint_vectors_width(const explaint_vectors *v) { return v->width; }
const double *explaint_vectors_of_concept(const explaint_vectors *v, size_t i) { return v->row[i]; }
size_t explaint_vectors_n_kept(const explaint_vectors *v) { return v->kept.all ? v->kept.n : 0; }
const char *explaint_vectors_word(const explaint_vectors *v, size_t i) { return v->kept.word[i].data; }
const double *explaint_vectors_of_word(const explaint_vectors *v, size_t i) { return v->kept.row[i]; }
size_t explaint_vectors_n_notes(const explaint_vectors *v) { return v->notes.count; }
const char *explaint_vectors_note(const explaint_vectors *v, size_t i) { return v->notes.item[i]; }

/* ---- matching ---- */

static explaint_status no_match(const explaint_vectors *v, size_t forms, const char *form, explaint_error *error) {
    const char *shown = v->kept.shown;
    const char *hint =
        strncmp(shown, "\"/c/", 4) == 0
            ? "these are names of ConceptNet; the English ones as words: sed -n 's|^/c/en/||p' FILE > NEW"
            : "are both of the same language?";
    return xp_fail(
        error, EXPLAINT_INVALID, v->path, 0,
        "no concept of the norms has a vector: none of %zu forms, such as \"%.80s\", is among the %zu words (%s%s), in "
        "capitals or not; %s",
        forms, form, v->n_words, shown, v->n_words > 3 ? ", ..." : "", hint);
}

static explaint_status match(explaint_vectors *v, const explaint_norms *norms, const xp_match *m,
                             explaint_error *error) {
    size_t matched = 0, forms = m->words.word.count;
    v->row = xp_alloc(v->n_concepts, sizeof *v->row);
    if (v->row == NULL || !xp_match_rows(m, norms, &v->kept, v->row, &matched))
        return xp_no_memory(error, "word vectors");
    if (matched == 0) return no_match(v, forms, forms > 0 ? m->words.word.item[0] : "", error);
    return EXPLAINT_OK;
}

/* ---- opening ---- */

static const char *const suffixes[] = {".txt", ".vec", ".npy", ".npz", ".bin", ".w2v", ".safetensors", ".csv", ".tsv"};

/* Such a file that is none of it was damaged; it is not text that needs no list of words. */
static bool is_named_as_array(const char *path) {
    static const char *const arrays[] = {".npy", ".npz", ".safetensors"};
    const size_t length = strlen(path);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        const size_t size = strlen(arrays[i]);
        if (length > size && strcmp(path + length - size, arrays[i]) == 0) return true;
    }
    return false;
}

static explaint_status read_kind(explaint_vectors *v, xp_stream *stream, const explaint_vectors_options *options,
                                 explaint_error *error) {
    const unsigned char *head;
    size_t size = xp_stream_head(stream, &head);
    explaint_status status = xp_kind_refuse(v->path, head, size, XP_READER_VECTORS, error);
    if (status != EXPLAINT_OK) return status;
    if (xp_vectors_is_array(stream))
        return xp_vectors_read_array(stream, options->words, options->tensor, &v->kept, &v->sha256, error);
    bool binary = xp_word2vec_is(head, size), table = !binary && xp_vectors_is_table(head, size);
    const char *kind = binary ? "word2vec's .bin" : table ? "CSV" : "text";
    if (options->words != NULL && is_named_as_array(v->path))
        return xp_fail(error, EXPLAINT_INVALID, v->path, 0,
                       "expected the array that the file's name promises, found %s; is the file damaged?",
                       binary ? kind : "something else");
    if (options->words != NULL)
        return xp_fail(error, EXPLAINT_USAGE, v->path, 0,
                       "a list of words (--words) goes with a .npy array; this file is %s and names its own", kind);
    if (table) return xp_vectors_read_table(stream, options->tensor, &v->kept, v->sha256.array, error);
    if (options->tensor != NULL)
        return xp_fail(error, EXPLAINT_USAGE, v->path, 0,
                       "the name of a tensor (--tensor) goes with .npz and safetensors; this file is %s", kind);
    xp_wordtext_options text = {.threads = xp_pool_threads(options->threads)};
    status = binary ? xp_word2vec_read(stream, &v->kept, error) : xp_wordtext_read(stream, &text, &v->kept, error);
    xp_stream_sha256(stream, v->sha256.array);
    return status;
}

/* Where the words come from: fills v->kept. */
typedef explaint_status (*fill)(explaint_vectors *v, const void *from, explaint_error *error);

static explaint_status keep_words(explaint_vectors *v, const explaint_norms *norms, fill fill_kept, const void *from,
                                  explaint_error *error) {
    xp_match m = {0};
    explaint_status status = EXPLAINT_OK;
    if (norms != NULL) v->n_concepts = norms->n_concepts;
    if ((norms != NULL && !xp_match_begin(&m, norms)) || !xp_word_rows_begin(&v->kept, norms != NULL ? &m.words : NULL))
        status = xp_no_memory(error, "word vectors");
    if (status == EXPLAINT_OK) status = fill_kept(v, from, error);
    if (status == EXPLAINT_OK) {
        v->n_words = v->kept.n_words;
        v->width = v->kept.width;
        if (norms != NULL) status = match(v, norms, &m, error);
        v->notes = v->kept.notes;
        v->duplicates = v->kept.duplicates;
        v->kept.notes = v->kept.duplicates = (xp_strings){0};
    }
    v->kept.wanted = NULL;
    xp_match_free(&m);
    return status;
}

typedef struct file {
    xp_stream *stream;
    const explaint_vectors_options *options;
} file;

static explaint_status from_file(explaint_vectors *v, const void *from, explaint_error *error) {
    const file *f = from;
    return read_kind(v, f->stream, f->options, error);
}

/* name, tensor: NULL for none. NULL without memory. */
static explaint_vectors *create(const char *path, const char *name, const char *tensor) {
    explaint_vectors *v = xp_calloc(1, sizeof *v);
    if (v == NULL) return NULL;
    v->path = xp_strdup(path);
    v->name =
        name != NULL ? xp_strdup(name) : xp_norms_name_of_file(path, suffixes, sizeof suffixes / sizeof *suffixes);
    if (tensor != NULL) v->tensor = xp_strdup(tensor);
    if (v->path != NULL && v->name != NULL && (tensor == NULL || v->tensor != NULL)) return v;
    explaint_vectors_close(v);
    return NULL;
}

explaint_vectors_options explaint_vectors_defaults(void) { return (explaint_vectors_options){0}; }

/* What was read, to the caller. */
static explaint_status hand_over(explaint_vectors *v, explaint_status status, explaint_vectors **vectors) {
    *vectors = status == EXPLAINT_OK ? v : NULL;
    if (status != EXPLAINT_OK) explaint_vectors_close(v);
    return status;
}

static explaint_status read_given(const char *path, const xp_view *given, const explaint_norms *norms,
                                  const explaint_vectors_options *options, explaint_vectors **vectors,
                                  explaint_error *error);

static size_t count_matched(const explaint_vectors *v) {
    size_t matched = 0;
    for (size_t i = 0; v->row != NULL && i < v->n_concepts; i++) matched += v->row[i] != NULL;
    return matched;
}

/* Where few concepts have a vector, or none, the features may be the words: the file is read once more for them. */
static explaint_status look_for_turned(explaint_vectors *v, const char *path, const xp_view *given,
                                       const explaint_norms *norms, const explaint_vectors_options *options,
                                       explaint_status status, explaint_error *error) {
    const size_t n = norms->n_concepts, m = norms->n_features, matched = count_matched(v);
    const explaint_norms turned = {.n_concepts = m, .concepts = norms->features};
    explaint_vectors *other = NULL;
    explaint_error own = {0};
    if (status != EXPLAINT_OK && status != EXPLAINT_INVALID) return status;
    if (v->row == NULL || m <= n || 10 * matched >= 8 * n || strcmp(norms->kind, "wide") != 0) return status;
    if (read_given(path, given, &turned, options, &other, &own) != EXPLAINT_OK) return status;
    const size_t words = count_matched(other);
    size_t first = 0;
    while (first < m && other->row[first] == NULL) first++;
    explaint_vectors_close(other);
    if (10 * words < (matched == 0 ? 5 : 9) * m) return status;
    const char *feature = norms->features.item[first];
    if (matched == 0)
        return xp_fail(
            error, EXPLAINT_INVALID, v->path, 0,
            "no concept of the norms has a vector, such as \"%.80s\", but %zu of their %zu features have, such "
            "as \"%.80s\": the table of norms looks transposed; write a row for each concept and a column for "
            "each feature",
            norms->concepts.item[0], words, m, feature);
    return xp_strings_addf(
               &v->warnings,
               "%zu of %zu concepts have a vector, and %zu of %zu features have, such as \"%.80s\": the table "
               "of norms looks transposed; it has a row for each concept and a column for each feature",
               matched, n, words, m, feature)
               ? status
               : xp_no_memory(error, "a warning");
}

static explaint_status read_given(const char *path, const xp_view *given, const explaint_norms *norms,
                                  const explaint_vectors_options *options, explaint_vectors **vectors,
                                  explaint_error *error) {
    const explaint_vectors_options defaults = explaint_vectors_defaults();
    file f = {.options = options != NULL ? options : &defaults};
    explaint_vectors *v = NULL;
    *vectors = NULL;
    explaint_status status = xp_stream_open_given(path, given, &f.stream, error);
    if (status != EXPLAINT_OK) return status;
    v = create(path, f.options->name, f.options->tensor);
    status = v != NULL ? keep_words(v, norms, from_file, &f, error) : xp_no_memory(error, "word vectors");
    xp_stream_close(f.stream);
    if (v != NULL && norms != NULL && norms->n_features > 0)
        status = look_for_turned(v, path, given, norms, f.options, status, error);
    return hand_over(v, status, vectors);
}

static explaint_status from_array(explaint_vectors *v, const void *given, explaint_error *error) {
    const xp_array_vectors *from = given;
    for (size_t i = 0; i < from->notes->count; i++)
        if (!xp_strings_addf(&v->kept.notes, "%s", from->notes->item[i])) return xp_no_memory(error, "a note");
    v->sha256 = *from->hashes;
    return xp_vectors_keep_rows(from->array, v->path, from->words, &v->kept, error);
}

explaint_status xp_vectors_of_array(const xp_array_vectors *from, const explaint_norms *norms, const char *name,
                                    explaint_vectors **vectors, explaint_error *error) {
    explaint_vectors *v = create(from->path, name, from->tensor);
    return hand_over(v, v != NULL ? keep_words(v, norms, from_array, from, error) : xp_no_memory(error, "word vectors"),
                     vectors);
}

explaint_status xp_vectors_read(const char *display_path, const void *bytes, size_t size, const explaint_norms *norms,
                                const explaint_vectors_options *options, explaint_vectors **vectors,
                                explaint_error *error) {
    return read_given(display_path, &(xp_view){bytes, size}, norms, options, vectors, error);
}

explaint_status explaint_vectors_open(const char *path, const explaint_norms *norms,
                                      const explaint_vectors_options *options, explaint_vectors **vectors,
                                      explaint_error *error) {
    const xp_view shipped = xp_wordnet_vectors();
    return read_given(path, strcmp(path, "wordnet") == 0 ? &shipped : NULL, norms, options, vectors, error);
}

/* ---- made by a model ---- */

static explaint_status from_rows(explaint_vectors *v, const void *from, explaint_error *error) {
    const xp_made_vectors *made = from;
    double *row = xp_alloc(made->width, sizeof *row);
    bool ok = row != NULL;
    v->kept.n_words = made->n;
    v->kept.width = made->width;
    v->kept.unit = "row";
    for (size_t i = 0; ok && i < made->n; i++) {
        const char *word = made->word(made->self, i);
        const xp_view view = {word, strlen(word)};
        const size_t number = xp_word_rows_number(&v->kept, view);
        if (number == XP_NOT_WANTED) continue;
        for (size_t k = 0; k < made->width; k++) row[k] = (double)made->rows[i * made->width + k];
        ok = xp_word_rows_copy(&v->kept, number, view, row, i + 1);
    }
    for (size_t i = 0; ok && made->notes != NULL && i < made->notes->count; i++)
        ok = xp_strings_addf(&v->kept.notes, "%s", made->notes->item[i]);
    xp_free(row);
    return ok && xp_word_rows_end(&v->kept) ? EXPLAINT_OK : xp_no_memory(error, "word vectors");
}

explaint_status xp_vectors_make(const xp_made_vectors *made, const explaint_norms *norms, explaint_vectors **vectors,
                                explaint_error *error) {
    explaint_vectors *v = xp_calloc(1, sizeof *v);
    bool ok = v != NULL && (v->name = xp_strdup(made->name)) != NULL && (v->path = xp_strdup(made->path)) != NULL;
    for (size_t i = 0; ok && made->settings != NULL && i < made->settings->count; i++)
        ok = xp_strings_addf(&v->settings, "%s", made->settings->item[i]);
    explaint_status status = ok ? EXPLAINT_OK : xp_no_memory(error, "word vectors");
    if (ok) {
        v->of_model = true;
        snprintf(v->sha256.array, sizeof v->sha256.array, "%s", made->sha256);
        status = keep_words(v, norms, from_rows, made, error);
    }
    return hand_over(v, status, vectors);
}
