#include "model/shards.h"

#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "model/gguf.h"

enum { MOST_SHARDS = 4096 };

/* How a folder may hold its tensors, the first that is there. */
static const struct form {
    const char *name;
    bool indexed, torch;
} forms[] = {{"model.safetensors", false, false},
             {"model.safetensors.index.json", true, false},
             {"pytorch_model.bin", false, true},
             {"pytorch_model.bin.index.json", true, true}};
enum { N_FORMS = sizeof forms / sizeof forms[0] };

static size_t shard_n(const xp_shard *s) {
    if (s->gguf != NULL) return s->gguf->n;
    return s->torch != NULL ? xp_torch_n(s->torch) : xp_safetensors_n(s->file);
}

static const xp_tensor *shard_tensor(const xp_shard *s, size_t i) {
    if (s->gguf != NULL) return &s->gguf->tensor[i];
    return s->torch != NULL ? xp_torch_tensor(s->torch, i) : xp_safetensors_tensor(s->file, i);
}

static explaint_status open_shard(const xp_source *source, const char *name, bool torch, xp_shards *s,
                                  explaint_error *error) {
    xp_shard *shard = &s->shard[s->n];
    *shard = (xp_shard){.name = xp_strdup(name)};
    s->n++;
    xp_text path = {0};
    xp_text_addf(&path, "%s/%s", source->folder, name);
    explaint_status status = EXPLAINT_OK;
    if (shard->name == NULL || path.failed) status = xp_no_memory(error, name);
    if (status == EXPLAINT_OK) status = xp_source_open(source, name, XP_LIMIT_ARRAY, &shard->bytes, error);
    if (status == EXPLAINT_OK && torch)
        status = xp_torch_open(path.data, shard->bytes.data, shard->bytes.size, &shard->torch, error);
    else if (status == EXPLAINT_OK)
        status = xp_safetensors_open(path.data, shard->bytes.data, shard->bytes.size, &shard->file, error);
    xp_text_free(&path);
    return status;
}

static bool is_plain_name(const char *name) {
    return name != NULL && name[0] != 0 && name[0] != '.' && strchr(name, '/') == NULL && strchr(name, '\\') == NULL &&
           strlen(name) <= 255;
}

/* Opens each different shard that the map names, in its order. */
static explaint_status open_named(const xp_source *source, const char *path, const xp_value *map, bool torch,
                                  xp_shards *s, explaint_error *error) {
    for (void *at = xp_value_first(map); at != NULL; at = xp_value_next(map, at)) {
        const char *name = xp_value_string(xp_value_at(at));
        size_t i = 0;
        if (!is_plain_name(name))
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "weight_map of tensor \"%.200s\": expected the name of a file in the model's folder, found "
                           "\"%.200s\"",
                           xp_value_key(at), name != NULL ? name : "no string");
        while (i < s->n && strcmp(s->shard[i].name, name) != 0) i++;
        if (i < s->n) continue;
        if (s->n == MOST_SHARDS)
            return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected at most %d shards", MOST_SHARDS);
        xp_shard *more = xp_realloc(s->shard, s->n + 1, sizeof *more);
        if (more == NULL) return xp_no_memory(error, path);
        s->shard = more;
        explaint_status status = open_shard(source, name, torch, s, error);
        if (status != EXPLAINT_OK) return status;
    }
    return EXPLAINT_OK;
}

/* The index and the shards must tell the same story. */
static explaint_status compare_index(const char *path, const xp_value *map, const xp_shards *s, explaint_error *error) {
    for (void *at = xp_value_first(map); at != NULL; at = xp_value_next(map, at)) {
        size_t number;
        const char *file = xp_value_string(xp_value_at(at));
        if (!xp_shards_find(s, xp_value_key(at), &number) || strcmp(s->shard[s->of[number]].name, file) != 0)
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "weight_map puts tensor \"%.200s\" into %.200s, which does not hold it", xp_value_key(at),
                           file);
    }
    for (size_t i = 0; i < s->n_tensors; i++)
        if (xp_value_member(map, s->tensor[i]->name) == NULL)
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "weight_map does not name tensor \"%.200s\", which %.200s holds", s->tensor[i]->name,
                           s->shard[s->of[i]].name);
    return EXPLAINT_OK;
}

/* Every tensor of every shard by its name. */
static explaint_status join(const xp_source *source, xp_shards *s, explaint_error *error) {
    size_t total = 0;
    for (size_t i = 0; i < s->n; i++) total += shard_n(&s->shard[i]);
    s->by_name = xp_index_create(total);
    s->tensor = xp_alloc(total, sizeof(void *));
    s->of = xp_alloc(total, sizeof *s->of);
    if (s->by_name == NULL || s->tensor == NULL || s->of == NULL)
        return xp_no_memory(error, "the names of the tensors");
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < shard_n(&s->shard[i]); k++) {
            const xp_tensor *tensor = shard_tensor(&s->shard[i], k);
            size_t stored;
            bool found;
            if (!xp_index_intern(s->by_name, tensor->name, strlen(tensor->name), s->n_tensors, &stored, &found))
                return xp_no_memory(error, "the names of the tensors");
            if (found)
                return xp_fail(error, EXPLAINT_INVALID, source->folder, 0,
                               "tensor \"%.200s\" stands in %.200s and again in %.200s", tensor->name,
                               s->shard[s->of[stored]].name, s->shard[i].name);
            s->tensor[s->n_tensors] = tensor;
            s->of[s->n_tensors++] = i;
        }
    return EXPLAINT_OK;
}

static explaint_status open_indexed(const xp_source *source, const struct form *form, xp_shards *s,
                                    explaint_error *error) {
    xp_text path = {0};
    xp_value *index = NULL;
    const xp_value *map = NULL;
    s->index_name = form->name;
    xp_text_addf(&path, "%s/%s", source->folder, form->name);
    explaint_status status = path.failed ? xp_no_memory(error, form->name) : EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = xp_source_open(source, form->name, XP_LIMIT_TABLE, &s->index, error);
    if (status == EXPLAINT_OK) {
        index = xp_value_parse(s->index.data, s->index.size, path.data, error);
        map = xp_value_member(index, "weight_map");
        if (index == NULL)
            status = error != NULL ? error->code : EXPLAINT_INVALID;
        else if (!xp_value_is_object(map) || xp_value_count(map) == 0)
            status = xp_fail(error, EXPLAINT_INVALID, path.data, 0,
                             "expected \"weight_map\": an object that gives each tensor the name of its file");
    }
    if (status == EXPLAINT_OK) status = open_named(source, path.data, map, form->torch, s, error);
    if (status == EXPLAINT_OK) status = join(source, s, error);
    if (status == EXPLAINT_OK) status = compare_index(path.data, map, s, error);
    xp_value_free(index);
    xp_text_free(&path);
    return status;
}

static explaint_status open_single(const xp_source *source, const struct form *form, xp_shards *s,
                                   explaint_error *error) {
    s->shard = xp_alloc(1, sizeof *s->shard);
    if (s->shard == NULL) return xp_no_memory(error, form->name);
    explaint_status status = open_shard(source, form->name, form->torch, s, error);
    return status == EXPLAINT_OK ? join(source, s, error) : status;
}

/* The bytes become the shard's, which hashes them and gives them back; the source keeps what points into them. */
static explaint_status open_gguf(const xp_source *source, xp_shards *s, explaint_error *error) {
    s->shard = xp_calloc(1, sizeof *s->shard);
    if (s->shard == NULL) return xp_no_memory(error, source->folder);
    s->n = 1;
    s->gguf = source->gguf;
    s->shard[0] = (xp_shard){.name = xp_strdup(""), .bytes = source->gguf->bytes, .gguf = source->gguf};
    source->gguf->bytes = (xp_bytes){0};
    return s->shard[0].name == NULL ? xp_no_memory(error, source->folder) : join(source, s, error);
}

/* What other programs make of a model, with the way out. */
static explaint_status refuse_folder(const xp_source *source, explaint_error *error) {
    static const char *const others[][2] = {
        {"tf_model.h5", "is TensorFlow's: save the model with transformers' save_pretrained"},
        {"flax_model.msgpack", "is Flax's: save the model with transformers' save_pretrained"},
        {"model.onnx", "is a program of ONNX: get the model that it was made from"}};
    const char *there[2] = {NULL, NULL};
    for (size_t i = 0; i < sizeof others / sizeof others[0] && there[0] == NULL; i++)
        if (xp_source_has(source, others[i][0])) memcpy(there, others[i], sizeof there);
    return xp_fail(error, EXPLAINT_INVALID, source->folder, 0,
                   "expected model.safetensors or pytorch_model.bin, or the .index.json of either, found none%s%s%s%s",
                   there[0] != NULL ? "; " : "", there[0] != NULL ? there[0] : "", there[0] != NULL ? " " : "",
                   there[0] != NULL ? there[1] : "");
}

explaint_status xp_shards_open(const xp_source *source, xp_shards *shards, explaint_error *error) {
    size_t i = 0;
    *shards = (xp_shards){0};
    if (source->gguf != NULL) {
        explaint_status status = open_gguf(source, shards, error);
        if (status != EXPLAINT_OK) xp_shards_close(shards);
        return status;
    }
    while (i < N_FORMS && !xp_source_has(source, forms[i].name)) i++;
    if (i == N_FORMS) return refuse_folder(source, error);
    explaint_status status = (forms[i].indexed ? open_indexed : open_single)(source, &forms[i], shards, error);
    if (status != EXPLAINT_OK) xp_shards_close(shards);
    return status;
}

void xp_shards_close(xp_shards *shards) {
    for (size_t i = 0; i < shards->n; i++) {
        xp_safetensors_close(shards->shard[i].file);
        xp_torch_close(shards->shard[i].torch);
        xp_bytes_free(&shards->shard[i].bytes);
        xp_free(shards->shard[i].name);
    }
    xp_bytes_free(&shards->index);
    xp_index_destroy(shards->by_name);
    xp_free_all(shards->tensor, shards->of, shards->shard);
    *shards = (xp_shards){0};
}

bool xp_shards_find(const xp_shards *shards, const char *name, size_t *number) {
    return xp_index_find(shards->by_name, name, strlen(name), number);
}
