#include "norms/vectors_array.h"

#include <math.h>

#include "base/memory.h"
#include "formats/npy.h"
#include "formats/npz.h"
#include "formats/safetensors.h"
#include "formats/wordlist.h"
#include "formats/zip.h"

bool xp_vectors_is_array(const xp_stream *stream) {
    const unsigned char *head;
    size_t size = xp_stream_head(stream, &head);
    return xp_npy_is(head, size) || xp_zip_is(head, size) || xp_safetensors_is(head, size);
}

/* Every value of the array is checked, wanted or not. */
static explaint_status check_finite(const double *values, size_t width, const char *path, xp_view word, size_t row,
                                    explaint_error *error) {
    for (size_t k = 0; k < width; k++) {
        if (isfinite(values[k])) continue;
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected finite numbers, found %s in row %zu (the word \"%.*s\"), column %zu, counted from 1",
                       isnan(values[k]) ? "NaN" : "infinity", row, XP_SHOW(word), k + 1);
    }
    return EXPLAINT_OK;
}

explaint_status xp_vectors_fit_words(xp_wordlist *words, size_t rows, const char *path, xp_strings *notes,
                                     explaint_error *error) {
    xp_wordlist_fit(words, rows);
    if (words->word == NULL || words->count != rows)
        return xp_fail(error, EXPLAINT_INVALID, words->path, 0,
                       "expected %zu words, one for each row of %.200s, found %zu", rows, path, words->count);
    return xp_wordlist_trim(words, words->path != NULL ? words->path : path, notes)
               ? EXPLAINT_OK
               : xp_no_memory(error, "a list of words");
}

explaint_status xp_vectors_keep_rows(const xp_array *array, const char *path, const xp_wordlist *words,
                                     xp_word_rows *kept, explaint_error *error) {
    kept->n_words = array->rows;
    kept->width = array->width;
    kept->unit = "row";
    kept->list = words->path;
    double *values = xp_alloc(array->width, sizeof *values);
    if (values == NULL) return xp_no_memory(error, "word vectors");
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; i < array->rows && status == EXPLAINT_OK; i++) {
        xp_view word = words->word[i];
        xp_array_row(array, i, values);
        status = check_finite(values, array->width, path, word, i + 1, error);
        xp_word_rows_show(kept, word);
        size_t number = xp_word_rows_number(kept, word);
        if (status == EXPLAINT_OK && number != XP_NOT_WANTED && !xp_word_rows_copy(kept, number, word, values, i + 1))
            status = xp_no_memory(error, "word vectors");
    }
    xp_free(values);
    if (status == EXPLAINT_OK && !xp_word_rows_end(kept)) status = xp_no_memory(error, "a note");
    kept->list = NULL; /* it is the caller's, and said what it had to */
    return status;
}

static explaint_status keep(const xp_array *array, const char *path, xp_wordlist *words, xp_word_rows *kept,
                            explaint_error *error) {
    explaint_status status = xp_vectors_fit_words(words, array->rows, path, &kept->notes, error);
    return status == EXPLAINT_OK ? xp_vectors_keep_rows(array, path, words, kept, error) : status;
}

/* ---- which array ---- */

static explaint_status no_tensors(const char *path, const char *tensor, explaint_error *error) {
    if (tensor == NULL) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_USAGE, path, 0,
                   "the name of a tensor (--tensor) goes with .npz and safetensors; this file holds one array");
}

static explaint_status need_words(const char *path, const char *what, explaint_error *error) {
    return xp_fail(error, EXPLAINT_USAGE, path, 0,
                   "%s does not name its rows; give the words, one a line (--words FILE)", what);
}

static explaint_status only_matrix(const xp_safetensors *file, const char *path, xp_array *array,
                                   explaint_error *error) {
    size_t count = 0;
    xp_text names = {0};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; i < xp_safetensors_n(file); i++) {
        const xp_tensor *t = xp_safetensors_tensor(file, i);
        xp_array one;
        if (!xp_tensor_matrix(t, &one)) continue;
        if (count++ == 0) *array = one;
        if (count <= 8) xp_text_addf(&names, "%s%.80s", count > 1 ? ", " : "", t->name);
    }
    if (names.failed)
        status = xp_no_memory(error, "names of tensors");
    else if (count == 0)
        status = xp_fail(error, EXPLAINT_INVALID, path, 0,
                         "expected a tensor of two dimensions (words x width), found none");
    else if (count > 1)
        status = xp_fail(error, EXPLAINT_USAGE, path, 0,
                         "the file holds %zu tensors of two dimensions: %.300s%s; choose one (--tensor NAME)", count,
                         names.data, count > 8 ? ", ..." : "");
    xp_text_free(&names);
    return status;
}

explaint_status xp_vectors_find_tensor(const xp_safetensors *file, const char *path, const char *tensor,
                                       xp_array *array, explaint_error *error) {
    if (tensor == NULL) return only_matrix(file, path, array, error);
    const xp_tensor *t = xp_safetensors_find(file, tensor);
    if (t == NULL)
        return xp_fail(error, EXPLAINT_USAGE, path, 0, "there is no tensor \"%.80s\" in the file (--tensor)", tensor);
    if (!xp_tensor_matrix(t, array))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected tensor \"%.80s\" to have two dimensions (words x width) of floating-point numbers or "
                       "integers, found %zu of type %s",
                       tensor, t->n_dimensions, t->dtype);
    return EXPLAINT_OK;
}

/* ---- the three formats ---- */

explaint_status xp_vectors_read_list(xp_wordlist *list, const char *path, xp_strings *notes, xp_hashes *hashes,
                                     explaint_error *error) {
    explaint_status status = xp_wordlist_read(list, path, notes, error);
    if (status == EXPLAINT_OK) memcpy(hashes->words, list->bytes.sha256, sizeof hashes->words);
    return status;
}

explaint_status xp_vectors_own_words(const xp_safetensors *file, const char *path, xp_wordlist *list,
                                     explaint_error *error) {
    const char *json = xp_safetensors_metadata(file, "words");
    return json != NULL ? xp_wordlist_json(list, json, path, error) : EXPLAINT_OK;
}

static explaint_status read_npy(const char *path, const xp_bytes *bytes, const char *words, const char *tensor,
                                xp_word_rows *kept, xp_hashes *hashes, explaint_error *error) {
    xp_wordlist list = {0};
    xp_array array = {0};
    explaint_status status = no_tensors(path, tensor, error);
    if (status == EXPLAINT_OK) status = xp_npy_open(&array, path, bytes->data, bytes->size, error);
    if (status == EXPLAINT_OK && words == NULL) status = need_words(path, "a .npy array", error);
    if (status == EXPLAINT_OK) status = xp_vectors_read_list(&list, words, &kept->notes, hashes, error);
    if (status == EXPLAINT_OK) status = keep(&array, path, &list, kept, error);
    xp_wordlist_free(&list);
    return status;
}

/* Of an .npz with one array per word. */
static explaint_status read_rows(xp_npz *npz, const char *path, const char *words, xp_array *array, xp_wordlist *list,
                                 explaint_error *error) {
    if (words != NULL)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "every array of the file is the vector of one word, its name; a list of words (--words) has no "
                       "place here");
    return xp_npz_rows(npz, array, list, error);
}

static explaint_status read_npz(const char *path, const xp_bytes *bytes, const char *words, const char *tensor,
                                xp_word_rows *kept, xp_hashes *hashes, explaint_error *error) {
    xp_wordlist list = {0};
    xp_array array = {0};
    xp_npz *npz;
    explaint_status status = xp_npz_open(path, bytes->data, bytes->size, &npz, error);
    bool rows = status == EXPLAINT_OK && tensor == NULL && xp_npz_is_words(npz);
    if (rows) status = read_rows(npz, path, words, &array, &list, error);
    if (status == EXPLAINT_OK && !rows) status = xp_npz_matrix(npz, tensor, &array, error);
    if (status == EXPLAINT_OK && !rows)
        status = words != NULL ? xp_vectors_read_list(&list, words, &kept->notes, hashes, error)
                               : xp_npz_words(npz, &list, error);
    if (status == EXPLAINT_OK && list.word == NULL) status = need_words(path, "an .npz without a list of words", error);
    if (status == EXPLAINT_OK) status = keep(&array, path, &list, kept, error);
    xp_wordlist_free(&list);
    xp_npz_close(npz);
    return status;
}

static explaint_status read_safetensors(const char *path, const xp_bytes *bytes, const char *words, const char *tensor,
                                        xp_word_rows *kept, xp_hashes *hashes, explaint_error *error) {
    xp_wordlist list = {0};
    xp_array array = {0};
    xp_safetensors *file;
    explaint_status status = xp_safetensors_open(path, bytes->data, bytes->size, &file, error);
    if (status == EXPLAINT_OK) status = xp_vectors_find_tensor(file, path, tensor, &array, error);
    if (status == EXPLAINT_OK)
        status = words != NULL ? xp_vectors_read_list(&list, words, &kept->notes, hashes, error)
                               : xp_vectors_own_words(file, path, &list, error);
    if (status == EXPLAINT_OK && list.word == NULL)
        status = need_words(path, "a safetensors file without a list of words", error);
    if (status == EXPLAINT_OK) status = keep(&array, path, &list, kept, error);
    xp_wordlist_free(&list);
    xp_safetensors_close(file);
    return status;
}

explaint_status xp_vectors_read_array(xp_stream *stream, const char *words, const char *tensor, xp_word_rows *kept,
                                      xp_hashes *hashes, explaint_error *error) {
    const unsigned char *head;
    size_t size = xp_stream_head(stream, &head);
    const char *path = xp_stream_path(stream);
    bool npy = xp_npy_is(head, size), zip = xp_zip_is(head, size);
    xp_bytes bytes = {0};
    explaint_status status = xp_stream_map(stream, XP_LIMIT_ARRAY, &bytes, error);
    if (status == EXPLAINT_OK)
        status = (npy ? read_npy : zip ? read_npz : read_safetensors)(path, &bytes, words, tensor, kept, hashes, error);
    memcpy(hashes->array, bytes.sha256, sizeof hashes->array);
    xp_bytes_free(&bytes);
    return status;
}
