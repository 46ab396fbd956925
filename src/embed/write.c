/* Vectors to files, and how they were made. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/output.h"
#include "embed/embedding.h"
#include "explaint/version.h"
#include "formats/tensors_out.h"

typedef enum kind { NPY, SAFETENSORS, CSV, N_KINDS } kind;
static const char *const suffixes[] = {".npy", ".safetensors", ".csv"};

static kind kind_of(const char *path) {
    const size_t length = strlen(path);
    for (size_t k = 0; k < N_KINDS; k++) {
        const size_t n = strlen(suffixes[k]);
        if (length > n && strcmp(path + length - n, suffixes[k]) == 0) return (kind)k;
    }
    return N_KINDS;
}

explaint_status explaint_embedding_check_path(const char *path, size_t n_layers, explaint_error *error) {
    const kind k = kind_of(path);
    if (k == N_KINDS)
        return xp_fail(error, EXPLAINT_USAGE, path, 0, "expected a name that ends in .npy, .safetensors or .csv");
    if (k == NPY && n_layers != 1)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "an .npy holds one layer, and there are %zu; write .safetensors, which holds all, or choose one",
                       n_layers);
    return EXPLAINT_OK;
}

static bool write_values(const explaint_embedding *e, FILE *file) {
    const size_t cells = e->n_layers * e->n_rows * e->width;
    return fwrite(e->values, sizeof *e->values, cells, file) == cells;
}

static bool write_safetensors(const explaint_embedding *e, FILE *file) {
    xp_tensors_out out = {0};
    const size_t shape[] = {e->n_rows, e->width};
    xp_tensors_out_note(&out, "explaint", explaint_version());
    for (size_t i = 0; i < e->settings.count; i += 2) {
        const char *value = e->settings.item[i + 1]; /* JSON; metadata are texts */
        if (out.notes.length > 0) xp_text_adds(&out.notes, ",");
        xp_json_quote(&out.notes, e->settings.item[i], strlen(e->settings.item[i]));
        xp_text_addf(&out.notes, *value == '"' ? ":%s" : ":\"%s\"", value);
    }
    xp_text inputs = {0};
    xp_embedding_list_inputs(e, &inputs);
    if (!inputs.failed) xp_tensors_out_note(&out, "inputs", inputs.data);
    out.failed = out.failed || inputs.failed;
    xp_text_free(&inputs);
    for (size_t k = 0; k < e->n_layers; k++) {
        char name[40];
        snprintf(name, sizeof name, "layer.%zu", e->layer[k]);
        xp_tensors_out_add(&out, name, "F32", 2, shape);
    }
    const bool good = xp_tensors_out_head(&out, file) && write_values(e, file);
    xp_tensors_out_free(&out);
    return good;
}

static void put_cell(const char *text, FILE *file) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (const char *p = text; *p != 0; p++) {
        if (*p == '"') fputc('"', file);
        fputc(*p, file);
    }
    fputc('"', file);
}

static bool write_csv(const explaint_embedding *e, FILE *file) {
    fprintf(file, "%s,layer", e->of_texts ? "text" : "word");
    for (size_t d = 1; d <= e->width; d++) fprintf(file, ",d%zu", d);
    fputs("\r\n", file);
    for (size_t k = 0; k < e->n_layers; k++)
        for (size_t i = 0; i < e->n_rows; i++) {
            const float *row = explaint_embedding_matrix(e, k) + i * e->width;
            if (e->of_texts)
                fprintf(file, "%zu", i);
            else
                put_cell(explaint_embedding_word(e, i), file);
            fprintf(file, ",%zu", e->layer[k]);
            for (size_t d = 0; d < e->width; d++) fprintf(file, ",%.9g", (double)row[d]); /* reads back as the same */
            fputs("\r\n", file);
        }
    return !ferror(file);
}

static explaint_status check_words(const explaint_embedding *e, const char *path, explaint_error *error) {
    for (size_t i = 0; i < e->n_rows; i++)
        if (strpbrk(explaint_embedding_word(e, i), "\r\n") != NULL || *explaint_embedding_word(e, i) == 0)
            return xp_fail(error, EXPLAINT_USAGE, path, 0,
                           "expected words that a line can hold, found one that is empty or breaks the line");
    return EXPLAINT_OK;
}

/* Both files or none: the words are renamed once the vectors are. */
static explaint_status write_both(const explaint_embedding *e, const char *path, const char *words_path,
                                  explaint_error *error) {
    xp_output vectors, words = {0};
    explaint_status status = xp_output_open(&vectors, path, error);
    if (status != EXPLAINT_OK) return status;
    if (words_path != NULL) status = xp_output_open(&words, words_path, error);
    if (status != EXPLAINT_OK) {
        xp_output_discard(&vectors);
        return status;
    }
    for (size_t i = 0; words_path != NULL && i < e->n_rows; i++)
        fprintf(words.file, "%s\n", explaint_embedding_word(e, i));
    const kind k = kind_of(path);
    const bool good = k == NPY   ? xp_npy_out_head(e->n_rows, e->width, vectors.file) && write_values(e, vectors.file)
                      : k == CSV ? write_csv(e, vectors.file)
                                 : write_safetensors(e, vectors.file);
    if (good || ferror(vectors.file)) {
        status = xp_output_commit(&vectors, error); /* says why a write failed */
    } else {
        xp_output_discard(&vectors);
        status = xp_no_memory(error, "vectors");
    }
    if (words_path == NULL) return status;
    if (status == EXPLAINT_OK) return xp_output_commit(&words, error);
    xp_output_discard(&words);
    return status;
}

explaint_status explaint_embedding_write(const explaint_embedding *e, const char *path, const char *words_path,
                                         explaint_error *error) {
    explaint_status status = explaint_embedding_check_path(path, e->n_layers, error);
    if (status != EXPLAINT_OK) return status;
    if (words_path != NULL && e->of_texts)
        return xp_fail(error, EXPLAINT_USAGE, words_path, 0, "a list of words belongs to words, not to texts");
    if (e->of_texts) return write_both(e, path, NULL, error);
    xp_text beside = {0};
    if (words_path == NULL) {
        xp_text_add(&beside, path, strlen(path) - strlen(suffixes[kind_of(path)]));
        xp_text_adds(&beside, ".words");
        words_path = beside.data;
    }
    if (beside.failed)
        status = xp_no_memory(error, path);
    else
        status = check_words(e, words_path, error);
    if (status == EXPLAINT_OK) status = write_both(e, path, words_path, error);
    xp_text_free(&beside);
    return status;
}
