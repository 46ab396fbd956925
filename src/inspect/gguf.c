/* What a GGUF says of itself: its metadata, its tensors, and the model they belong to, whether or not it can be run. */
#include <string.h>

#include "base/memory.h"
#include "formats/ggml.h"
#include "inspect/inspection.h"
#include "model/gguf.h"

enum { ITEMS = 4 }; /* shown of an array */

/* ---- metadata ---- */

static bool add_value(xp_inspection *i, const xp_gguf_value *v, explaint_model_value *to) {
    xp_text json = {0};
    bool failed = false;
    xp_gguf_value_json(v, ITEMS, SIZE_MAX, &json);
    *to = (explaint_model_value){.key = v->key,
                                 .type = xp_gguf_type_name(v->item),
                                 .is_list = v->type == XP_GGUF_ARRAY,
                                 .n_items = v->count,
                                 .json = xp_strings_keep_text(&i->words, &failed, &json)};
    return !failed;
}

static bool list_metadata(xp_inspection *i) {
    const size_t n = xp_gguf_n_values(i->gguf);
    i->metadata = xp_alloc(n, sizeof *i->metadata);
    bool good = i->metadata != NULL;
    for (size_t k = 0; good && k < n; k++) good = add_value(i, xp_gguf_value_at(i->gguf, k), &i->metadata[k]);
    i->view.metadata = i->metadata;
    i->view.n_metadata = n;
    return good;
}

/* ---- tensors ---- */

static bool list_tensors(xp_inspection *i) {
    const size_t n = xp_gguf_n(i->gguf);
    i->tensor = xp_alloc(n, sizeof *i->tensor);
    if (i->tensor == NULL) return false;
    for (size_t k = 0; k < n; k++) {
        const xp_tensor *t = xp_gguf_tensor(i->gguf, k);
        i->tensor[k] = (explaint_model_tensor){.name = t->name,
                                               .dtype = t->dtype,
                                               .file = i->info.name,
                                               .n_dimensions = t->n_dimensions,
                                               .shape = t->shape,
                                               .bytes = t->size};
        i->view.stored += t->size;
        i->info.parameters += t->size / t->blocks->bytes * t->blocks->block;
    }
    i->view.n_tensors = n;
    i->view.tensor = i->tensor;
    return true;
}

static bool count_types(xp_inspection *i) {
    xp_text text = {0};
    bool failed = false;
    xp_gguf_count_types(i->gguf, &text);
    i->info.dtype = xp_strings_keep_text(&i->words, &failed, &text);
    return !failed;
}

/* ---- the model ---- */

static const xp_gguf_value *find(const xp_inspection *i, const char *key) {
    char whole[160];
    const int length = snprintf(whole, sizeof whole, "%.80s.%s", i->info.family, key);
    return length > 0 ? xp_gguf_find(i->gguf, whole) : NULL;
}

static size_t find_size(const xp_inspection *i, const char *key) {
    size_t size = 0;
    const xp_gguf_value *value = find(i, key);
    return value != NULL && xp_gguf_value_size(value, &size) ? size : 0;
}

/* What the metadata say; 0 where they are silent. */
static bool describe(xp_inspection *i, const char *path) {
    explaint_model_info *m = &i->info;
    xp_view text = {"unknown", 7};
    const char *last = strrchr(path, '/');
    const xp_gguf_value *value = xp_gguf_find(i->gguf, "general.architecture");
    if (value != NULL) (void)xp_gguf_value_string(value, &text);
    if (!xp_strings_add(&i->words, text.data, text.length)) return false;
    m->family = i->words.item[i->words.count - 1];
    if (!xp_strings_addf(&i->words, "%s", last != NULL ? last + 1 : path)) return false;
    m->name = i->words.item[i->words.count - 1];
    if (!xp_strings_addf(&i->words, "%s", path)) return false;
    m->path = m->root = i->words.item[i->words.count - 1];
    m->n_layers = find_size(i, "block_count");
    m->n_heads = find_size(i, "attention.head_count");
    m->width = find_size(i, "embedding_length");
    m->feed_forward = find_size(i, "feed_forward_length");
    m->n_positions = find_size(i, "context_length");
    value = find(i, "attention.layer_norm_rms_epsilon");
    if (value == NULL) value = find(i, "attention.layer_norm_epsilon");
    if (value != NULL) (void)xp_gguf_value_number(value, &m->eps);
    value = xp_gguf_find(i->gguf, "tokenizer.ggml.tokens");
    if (value != NULL) m->vocabulary = value->count;
    i->file = (explaint_model_file){m->path, i->bytes.sha256, true};
    m->file = &i->file;
    m->n_files = 1;
    i->view.model = m;
    return true;
}

explaint_status xp_inspect_gguf(const char *path, xp_inspection *i, explaint_error *error) {
    explaint_status status = xp_file_map(path, XP_LIMIT_ARRAY, &i->bytes, error);
    if (status == EXPLAINT_OK) status = xp_gguf_open(path, i->bytes.data, i->bytes.size, &i->gguf, error);
    if (status != EXPLAINT_OK) return status;
    xp_bytes_hash(&i->bytes);
    if (!describe(i, path) || !list_metadata(i) || !list_tensors(i) || !count_types(i))
        return xp_no_memory(error, "what a GGUF holds");
    return EXPLAINT_OK;
}
