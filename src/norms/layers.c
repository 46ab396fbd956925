/* Several arrays of one file, each the vectors of a layer. */
#include <string.h>

#include "base/memory.h"
#include "formats/kinds.h"
#include "formats/npz.h"
#include "formats/safetensors.h"
#include "formats/zip.h"
#include "norms/layer_names.h"
#include "norms/vectors.h"

/* An .npz or safetensors, and what was chosen in it. */
typedef struct source {
    const char *path;
    xp_bytes bytes;
    xp_npz *npz;
    xp_safetensors *tensors;
    xp_wordlist words;
    xp_hashes hashes;
    xp_strings chosen; /* names of arrays */
    xp_strings notes;
} source;

static void source_free(source *s) {
    xp_wordlist_free(&s->words);
    xp_npz_close(s->npz);
    xp_safetensors_close(s->tensors);
    xp_bytes_free(&s->bytes);
    xp_strings_free(&s->chosen);
    xp_strings_free(&s->notes);
}

static explaint_status open_source(source *s, xp_stream *stream, explaint_error *error) {
    const unsigned char *head;
    const size_t size = xp_stream_head(stream, &head);
    explaint_status status = xp_kind_refuse(s->path, head, size, XP_READER_VECTORS, error);
    const bool zip = xp_zip_is(head, size);
    if (status == EXPLAINT_OK && !zip && !xp_safetensors_is(head, size))
        return xp_fail(error, EXPLAINT_USAGE, s->path, 0,
                       "several tensors at once (--tensor all, or a list) are read from .npz and safetensors; this "
                       "file is neither");
    if (status == EXPLAINT_OK) status = xp_stream_map(stream, XP_LIMIT_ARRAY, &s->bytes, error);
    if (status != EXPLAINT_OK) return status;
    memcpy(s->hashes.array, s->bytes.sha256, sizeof s->hashes.array);
    return zip ? xp_npz_open(s->path, s->bytes.data, s->bytes.size, &s->npz, error)
               : xp_safetensors_open(s->path, s->bytes.data, s->bytes.size, &s->tensors, error);
}

/* ---- which arrays ---- */

static size_t count_arrays(const source *s) { return s->npz != NULL ? xp_npz_n(s->npz) : xp_safetensors_n(s->tensors); }

static xp_view name_of(const source *s, size_t i) {
    if (s->npz != NULL) return xp_npz_name(s->npz, i);
    const char *name = xp_safetensors_tensor(s->tensors, i)->name;
    return (xp_view){name, strlen(name)};
}

static bool is_matrix(const source *s, size_t i) {
    xp_array array;
    return s->npz != NULL ? xp_npz_is_matrix(s->npz, i)
                          : xp_tensor_matrix(xp_safetensors_tensor(s->tensors, i), &array);
}

static bool is_word_list(const source *s, size_t i) { return s->npz != NULL && xp_npz_is_text(s->npz, i); }

static explaint_status choose_all(source *s, explaint_error *error) {
    xp_text left = {0};
    size_t n_left = 0;
    bool good = true;
    for (size_t i = 0; good && i < count_arrays(s); i++) {
        const xp_view name = name_of(s, i);
        if (is_matrix(s, i))
            good = xp_strings_add(&s->chosen, name.data, name.length);
        else if (!is_word_list(s, i) && n_left++ < 8)
            xp_text_addf(&left, "%s%.*s", left.length > 0 ? ", " : "", XP_SHOW(name));
    }
    if (good && left.length > 0)
        good = xp_strings_addf(&s->notes,
                               "%zu array%s of the file %s no layer, since %s not two dimensions of numbers: %s%s",
                               n_left, n_left == 1 ? "" : "s", n_left == 1 ? "is" : "are",
                               n_left == 1 ? "it has" : "they have", left.data, n_left > 8 ? ", ..." : "");
    good = good && !left.failed;
    xp_text_free(&left);
    if (!good) return xp_no_memory(error, "names of tensors");
    if (s->chosen.count > 0) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, s->path, 0,
                   "expected arrays of two dimensions (words x width), one for each layer, found none");
}

static explaint_status choose_one(source *s, xp_view name, explaint_error *error) {
    if (name.length == 0)
        return xp_fail(error, EXPLAINT_USAGE, s->path, 0,
                       "--tensor: expected names of tensors with commas between them, found an empty one");
    for (size_t i = 0; i < s->chosen.count; i++)
        if (xp_view_is(name, s->chosen.item[i]))
            return xp_fail(error, EXPLAINT_USAGE, s->path, 0, "--tensor: \"%.*s\" is named twice", XP_SHOW(name));
    return xp_strings_add(&s->chosen, name.data, name.length) ? EXPLAINT_OK : xp_no_memory(error, "names of tensors");
}

static explaint_status choose(source *s, const char *list, explaint_error *error) {
    if (strcmp(list, "all") == 0) return choose_all(s, error);
    explaint_status status = EXPLAINT_OK;
    for (const char *at = list; status == EXPLAINT_OK && at != NULL;) {
        const char *comma = strchr(at, ',');
        const size_t length = comma != NULL ? (size_t)(comma - at) : strlen(at);
        status = choose_one(s, xp_view_trim((xp_view){at, length}), error);
        at = comma != NULL ? comma + 1 : NULL;
    }
    return status;
}

/* ---- reading ---- */

static explaint_status read_array(source *s, const char *name, xp_array *array, explaint_error *error) {
    return s->npz != NULL ? xp_npz_matrix(s->npz, name, array, error)
                          : xp_vectors_find_tensor(s->tensors, s->path, name, array, error);
}

static explaint_status read_words(source *s, const char *words, explaint_error *error) {
    if (words != NULL) return xp_vectors_read_list(&s->words, words, &s->notes, &s->hashes, error);
    explaint_status status = s->npz != NULL ? xp_npz_words(s->npz, &s->words, error)
                                            : xp_vectors_own_words(s->tensors, s->path, &s->words, error);
    if (status == EXPLAINT_OK && s->words.word == NULL)
        status = xp_fail(error, EXPLAINT_USAGE, s->path, 0,
                         "the file does not name its rows; give the words, one a line (--words FILE)");
    return status;
}

/* Layers are compared with each other: a difference that comes from their making would be taken for one of the model's. */
static explaint_status check_alike(const source *s, const xp_array *first, const xp_array *array, size_t i,
                                   explaint_error *error) {
    const char *a = s->chosen.item[0], *b = s->chosen.item[i];
    if (array->rows != first->rows || array->width != first->width)
        return xp_fail(
            error, EXPLAINT_INVALID, s->path, 0,
            "expected layers of one shape, found %zu x %zu in \"%.80s\" and %zu x %zu in \"%.80s\"; choose those "
            "that belong together (--tensor LIST)",
            first->rows, first->width, a, array->rows, array->width, b);
    if (array->type != first->type)
        return xp_fail(
            error, EXPLAINT_INVALID, s->path, 0,
            "expected layers of one type of numbers, found %s in \"%.80s\" and %s in \"%.80s\"; choose those "
            "that belong together (--tensor LIST)",
            xp_type_name(first->type), a, xp_type_name(array->type), b);
    return EXPLAINT_OK;
}

/* Names that tell no layer: their numbers are said. */
static bool note_numbers(source *s) {
    xp_text text = {0};
    for (size_t i = 0; i < s->chosen.count && i < 24; i++)
        xp_text_addf(&text, "%s%zu %.40s", i > 0 ? ", " : "", i, s->chosen.item[i]);
    const bool good = !text.failed && xp_strings_addf(&s->notes,
                                                      "the names of the tensors tell no layers; they are numbered in "
                                                      "their order: %s%s",
                                                      text.data, s->chosen.count > 24 ? ", ..." : "");
    xp_text_free(&text);
    return good;
}

static explaint_status read_layers(source *s, const explaint_norms *norms, const explaint_vectors_options *options,
                                   explaint_layers *layers, explaint_error *error) {
    const size_t n = s->chosen.count;
    int *number = xp_alloc(n, sizeof *number);
    explaint_layer *layer = layers->layer = xp_calloc(n, sizeof *layers->layer);
    if (number == NULL || layer == NULL || (!xp_layer_numbers(s->chosen.item, n, number) && !note_numbers(s))) {
        xp_free(number);
        return xp_no_memory(error, "layers");
    }
    xp_array first = {0}, array;
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) {
        explaint_vectors *vectors = NULL;
        const xp_array_vectors from = {.path = s->path,
                                       .tensor = s->chosen.item[i],
                                       .array = &array,
                                       .words = &s->words,
                                       .hashes = &s->hashes,
                                       .notes = &s->notes};
        status = read_array(s, s->chosen.item[i], &array, error);
        if (status == EXPLAINT_OK && i == 0) {
            first = array;
            status = xp_vectors_fit_words(&s->words, array.rows, s->path, &s->notes, error);
        }
        if (status == EXPLAINT_OK) status = check_alike(s, &first, &array, i, error);
        if (status == EXPLAINT_OK) status = xp_vectors_of_array(&from, norms, options->name, &vectors, error);
        if (status == EXPLAINT_OK) layer[layers->n++] = (explaint_layer){number[i], vectors};
    }
    xp_free(number);
    return status;
}

explaint_status explaint_layers_open(const char *path, const explaint_norms *norms,
                                     const explaint_vectors_options *options, explaint_layers *layers,
                                     explaint_error *error) {
    source s = {.path = path};
    xp_stream *stream = NULL;
    *layers = (explaint_layers){0};
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status == EXPLAINT_OK) status = open_source(&s, stream, error);
    xp_stream_close(stream);
    if (status == EXPLAINT_OK) status = choose(&s, options->tensor, error);
    if (status == EXPLAINT_OK) status = read_words(&s, options->words, error);
    if (status == EXPLAINT_OK) status = read_layers(&s, norms, options, layers, error);
    source_free(&s);
    if (status != EXPLAINT_OK) explaint_layers_close(layers);
    return status;
}

void explaint_layers_close(explaint_layers *layers) {
    for (size_t i = 0; i < layers->n; i++) explaint_vectors_close((explaint_vectors *)layers->layer[i].vectors);
    xp_free(layers->layer);
    *layers = (explaint_layers){0};
}
