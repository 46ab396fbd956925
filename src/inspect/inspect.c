/* What a model's folder holds, and what it costs to run. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "explaint/version.h"
#include "inspect/inspection.h"
#include "model/modules.h"
#include "model/open.h"
#include "model/work.h"
#include "sentence/sentence.h"
#include "text/gguf.h"
#include "text/tokenizer.h"

void explaint_inspection_close(explaint_inspection *view) {
    if (view == NULL) return;
    xp_inspection *i = (xp_inspection *)(void *)view; /* its first member */
    xp_shards_close(&i->shards);
    explaint_model_close(i->model);
    xp_free(i->tensor);
    xp_strings_free(&i->notes);
    xp_strings_free(&i->sentence);
    xp_gguf_close(i->gguf);
    xp_bytes_free(&i->bytes);
    xp_strings_free(&i->words);
    xp_free_all(i->metadata, i);
}

static explaint_status list_tensors(xp_inspection *i, explaint_error *error) {
    const xp_source source = {.folder = i->view.model->path};
    explaint_status status = xp_shards_open(&source, &i->shards, error);
    if (status != EXPLAINT_OK) return status;
    const size_t n = i->shards.n_tensors;
    i->tensor = xp_alloc(n, sizeof *i->tensor);
    if (i->tensor == NULL) return xp_no_memory(error, "the names of the tensors");
    for (size_t k = 0; k < n; k++) {
        const xp_tensor *t = i->shards.tensor[k];
        i->tensor[k] = (explaint_model_tensor){.name = t->name,
                                               .dtype = t->dtype,
                                               .file = i->shards.shard[i->shards.of[k]].name,
                                               .n_dimensions = t->n_dimensions,
                                               .shape = t->shape,
                                               .bytes = t->size};
        i->view.stored += t->size;
    }
    i->view.n_tensors = n;
    i->view.tensor = i->tensor;
    return EXPLAINT_OK;
}

static explaint_status plan_memory(xp_inspection *i, explaint_error *error) {
    const size_t positions = i->view.model->n_positions;
    const size_t longest = positions < XP_BATCH_ROWS ? positions : XP_BATCH_ROWS;
    i->view.held = i->view.model->memory;
    if (!xp_work_size(i->model, XP_BATCH_ROWS, longest, false, false, 1, &i->view.a_thread) ||
        !xp_work_size(i->model, positions, positions, true, false, 1, &i->view.longest))
        return xp_fail(
            error, EXPLAINT_INVALID, i->view.model->path, 0,
            "expected the attention maps of a text of max_position_embeddings pieces, %zu, to fit an address",
            positions);
    i->view.a_thread *= sizeof(float);
    i->view.longest *= sizeof(float);
    return EXPLAINT_OK;
}

/* What sentence-transformers make of the folder, or why not. */
static bool add_sentence(xp_inspection *i, bool lowers) {
    explaint_error error = {0};
    xp_modules modules = {0};
    xp_sentence sentence = {0};
    explaint_status status = xp_modules_read(&(const xp_source){.folder = i->view.model->root}, &modules, &error);
    const bool there = modules.n > 0;
    xp_modules_free(&modules);
    if (status == EXPLAINT_OK && !there) return true;
    if (status == EXPLAINT_OK) status = xp_sentence_read(i->view.model, lowers, &sentence, &error);
    bool good = status != EXPLAINT_FAILED;
    if (status == EXPLAINT_OK)
        good = xp_sentence_describe(&sentence, &i->sentence);
    else if (good)
        good = xp_strings_addf(&i->notes, "no vectors of whole texts: %s", error.message);
    for (size_t k = 0; good && k < sentence.notes.count; k++)
        good = xp_strings_addf(&i->notes, "%s", sentence.notes.item[k]);
    xp_sentence_free(&sentence);
    return good;
}

static bool add_tokenizer(xp_inspection *i) {
    explaint_error error = {0};
    explaint_tokenizer *tokenizer = NULL;
    const char *path = i->view.model->path;
    const explaint_status status = i->gguf != NULL ? xp_gguf_tokenizer_read(path, i->gguf, &tokenizer, &error)
                                                   : explaint_tokenizer_open(path, &tokenizer, &error);
    if (status == EXPLAINT_FAILED) return false;
    if (status != EXPLAINT_OK) return xp_strings_addf(&i->notes, "no tokenizer: %s", error.message);
    i->view.n_pieces = explaint_tokenizer_n_pieces(tokenizer);
    bool good = true;
    for (size_t k = 0; good && k < explaint_tokenizer_n_notes(tokenizer); k++)
        good = xp_strings_addf(&i->notes, "%s", explaint_tokenizer_note(tokenizer, k));
    if (good && i->view.n_pieces > i->view.model->vocabulary)
        good = xp_strings_addf(&i->notes,
                               "the tokenizer has %zu pieces, the model %zu rows of words: texts with one of "
                               "the others are refused",
                               i->view.n_pieces, i->view.model->vocabulary);
    good = good && add_sentence(i, xp_normalizer_lowers(&tokenizer->normalizer));
    explaint_tokenizer_close(tokenizer);
    return good;
}

static explaint_status inspect_folder(const char *path, xp_inspection *i, explaint_error *error) {
    explaint_status status = explaint_model_open(path, NULL, &i->model, error);
    if (status == EXPLAINT_OK) {
        i->view.model = explaint_model_describe(i->model);
        status = list_tensors(i, error);
    }
    if (status == EXPLAINT_OK) status = plan_memory(i, error);
    if (status == EXPLAINT_OK && !add_tokenizer(i)) status = xp_no_memory(error, "notes");
    return status;
}

/* What the file holds is shown whether or not it can be run. */
static explaint_status inspect_gguf(const char *path, xp_inspection *i, explaint_error *error) {
    explaint_error inner = {0};
    xp_bytes bytes = {0};
    xp_strings strings = {0};
    explaint_status status = xp_inspect_gguf(path, i, error);
    if (status == EXPLAINT_OK) status = xp_file_map(path, XP_LIMIT_ARRAY, &bytes, error);
    if (status != EXPLAINT_OK) return status;
    if (!xp_strings_addf(&strings, "%s", path) || !xp_strings_addf(&strings, "%s", i->info.name)) {
        xp_bytes_free(&bytes);
        xp_strings_free(&strings);
        return xp_no_memory(error, path);
    }
    const xp_place place = {
        .folder = strings.item[0], .root = strings.item[0], .name = strings.item[1], .is_gguf = true};
    status = xp_model_open_gguf(&place, bytes, &strings, NULL, &i->model, &inner);
    xp_strings_free(&strings);
    if (status == EXPLAINT_OK) {
        i->view.model = explaint_model_describe(i->model);
        status = plan_memory(i, error);
        return status == EXPLAINT_OK && !add_tokenizer(i) ? xp_no_memory(error, "notes") : status;
    }
    if (status == EXPLAINT_INVALID && xp_strings_addf(&i->notes, "cannot be run: %s", inner.message))
        return EXPLAINT_OK;
    if (error != NULL) *error = inner;
    return status == EXPLAINT_INVALID ? xp_no_memory(error, "notes") : status;
}

explaint_status explaint_model_inspect(const char *path, explaint_inspection **result, explaint_error *error) {
    *result = NULL;
    xp_inspection *i = xp_calloc(1, sizeof *i);
    if (i == NULL) return xp_no_memory(error, "a model");
    bool is_gguf;
    explaint_status status = xp_gguf_is_file(path, &is_gguf, error);
    if (status == EXPLAINT_OK) status = (is_gguf ? inspect_gguf : inspect_folder)(path, i, error);
    if (status != EXPLAINT_OK) {
        explaint_inspection_close(&i->view);
        return status;
    }
    i->view.n_notes = i->notes.count;
    i->view.note = (const char *const *)i->notes.item;
    i->view.n_sentence = i->sentence.count;
    i->view.sentence = (const char *const *)i->sentence.item;
    *result = &i->view;
    return EXPLAINT_OK;
}

static void write_model(xp_json *json, const explaint_model_info *m) {
    xp_json_open(json, "model", '{', XP_JSON_BLOCK);
    xp_json_string(json, "name", m->name);
    xp_json_string(json, "path", m->path);
    xp_json_string(json, "family", m->family);
    xp_json_size(json, "layers", m->n_layers);
    xp_json_size(json, "heads", m->n_heads);
    if (m->n_key_heads > 0) xp_json_size(json, "key_heads", m->n_key_heads);
    xp_json_size(json, "width", m->width);
    if (m->head > 0) xp_json_size(json, "head", m->head);
    xp_json_size(json, "feed_forward", m->feed_forward);
    xp_json_size(json, "positions", m->n_positions);
    xp_json_size(json, "vocabulary", m->vocabulary);
    xp_json_number(json, "eps", m->eps);
    xp_json_string(json, "dtype", m->dtype);
    xp_json_size(json, "parameters", m->parameters);
    xp_json_close(json);
}

static void write_metadata(xp_json *json, const explaint_inspection *v) {
    if (v->n_metadata == 0) return;
    xp_json_open(json, "metadata", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < v->n_metadata; i++) {
        const explaint_model_value *x = &v->metadata[i];
        xp_json_open(json, NULL, '{', XP_JSON_LINE);
        xp_json_string(json, "key", x->key);
        xp_json_string(json, "type", x->type);
        if (x->is_list) xp_json_size(json, "items", x->n_items);
        xp_json_raw(json, x->is_list ? "first" : "value", x->json);
        xp_json_close(json);
    }
    xp_json_close(json);
}

explaint_status explaint_inspection_write_json(const explaint_inspection *v, const char *const *command, FILE *out,
                                               explaint_error *error) {
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(&json, "explaint", explaint_version());
    xp_json_open(&json, "command", '[', XP_JSON_LINE);
    for (size_t i = 0; command != NULL && command[i] != NULL; i++) xp_json_string(&json, NULL, command[i]);
    xp_json_close(&json);
    write_model(&json, v->model);
    xp_json_open(&json, "files", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < v->model->n_files; i++) {
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_string(&json, "path", v->model->file[i].path);
        xp_json_string(&json, "sha256", v->model->file[i].sha256);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_open(&json, "memory", '{', XP_JSON_LINE);
    xp_json_size(&json, "stored", v->stored);
    xp_json_size(&json, "held", v->held);
    if (v->model->in_file > 0) xp_json_size(&json, "held_as_in_file", v->model->in_file);
    xp_json_size(&json, "a_thread", v->a_thread);
    xp_json_size(&json, "longest_text", v->longest);
    xp_json_close(&json);
    if (v->n_pieces > 0) xp_json_size(&json, "tokenizer_pieces", v->n_pieces);
    if (v->n_sentence > 0) {
        xp_json_open(&json, "sentence_vectors", '[', XP_JSON_BLOCK);
        for (size_t i = 0; i < v->n_sentence; i++) xp_json_string(&json, NULL, v->sentence[i]);
        xp_json_close(&json);
    }
    write_metadata(&json, v);
    xp_json_open(&json, "tensors", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < v->n_tensors; i++) {
        const explaint_model_tensor *t = &v->tensor[i];
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_string(&json, "name", t->name);
        xp_json_string(&json, "dtype", t->dtype);
        xp_json_open(&json, "shape", '[', XP_JSON_LINE);
        for (size_t k = 0; k < t->n_dimensions; k++) xp_json_size(&json, NULL, t->shape[k]);
        xp_json_close(&json);
        xp_json_string(&json, "file", t->file);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_open(&json, "notes", '[', XP_JSON_BLOCK);
    for (size_t i = 0; i < v->n_notes; i++) xp_json_string(&json, NULL, v->note[i]);
    xp_json_close(&json);
    xp_json_close(&json);
    return xp_json_write(&json, out, error);
}
