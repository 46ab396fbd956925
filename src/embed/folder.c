/* How a folder of sentence-transformers makes one vector of a text.
 *
 * Easy to get wrong: special tokens are pooled with the others; the vector is scaled to length 1 only where modules.json
 * has a Normalize; max_seq_length (128 in many) is below the positions, and texts are cut there by the original. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json_read.h"
#include "embed/embedding.h"
#include "formats/file.h"

#define PREFIX "sentence_transformers."

/* NULL and OK where the file is not there. */
static explaint_status read_json(const char *folder, const char *name, xp_text *path, xp_value **value,
                                 explaint_error *error) {
    xp_bytes bytes = {0};
    *value = NULL;
    path->length = 0;
    xp_text_addf(path, "%s/%s", folder, name);
    if (path->failed) return xp_no_memory(error, name);
    if (access(path->data, F_OK) != 0) return EXPLAINT_OK;
    explaint_status status = xp_file_read(path->data, (size_t)1 << 24, &bytes, error);
    if (status == EXPLAINT_OK) {
        *value = xp_value_parse(bytes.data, bytes.size, path->data, error);
        if (*value == NULL) status = error != NULL ? error->code : EXPLAINT_INVALID;
    }
    xp_bytes_free(&bytes);
    return status;
}

static explaint_status read_modes(const char *path, const xp_value *object, xp_pool_how *how, explaint_error *error) {
    static const struct {
        const char *key;
        xp_pool_how how;
    } known[] = {{"pooling_mode_mean_tokens", XP_POOL_MEAN},
                 {"pooling_mode_cls_token", XP_POOL_FIRST},
                 {"pooling_mode_max_tokens", XP_POOL_MAX}};
    static const char mode[] = "pooling_mode_";
    size_t n = 0;
    for (void *at = xp_value_first(object); at != NULL; at = xp_value_next(object, at)) {
        const char *key = xp_value_key(at);
        if (strncmp(key, mode, sizeof mode - 1) != 0 || xp_value_is_off(xp_value_at(at))) continue;
        size_t k = 0;
        while (k < 3 && strcmp(key, known[k].key) != 0) k++;
        if (k == 3)
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "expected pooling by mean, cls or max, found \"%.80s\", which is not implemented; "
                           "--pooling overrides it",
                           key);
        *how = known[k].how;
        n++;
    }
    if (n != 1)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected one way of pooling, found %zu; --pooling mean, cls or max overrides it", n);
    return EXPLAINT_OK;
}

/* modules: the path of modules.json, which gives the name. */
static explaint_status read_pooling(const char *folder, const char *name, const char *modules, xp_pool_how *how,
                                    explaint_error *error) {
    xp_text file = {0}, path = {0};
    xp_value *object = NULL;
    if (strchr(name, '/') != NULL || strcmp(name, "..") == 0)
        return xp_fail(error, EXPLAINT_INVALID, modules, 0,
                       "expected the name of a folder in the model's own, found \"%.80s\"", name);
    xp_text_addf(&file, "%s/config.json", name);
    explaint_status status =
        file.failed ? xp_no_memory(error, name) : read_json(folder, file.data, &path, &object, error);
    if (status == EXPLAINT_OK && object == NULL)
        status = xp_fail(error, EXPLAINT_INVALID, path.data, 0, "modules.json names it, and it is not there");
    if (status == EXPLAINT_OK) status = read_modes(path.data, object, how, error);
    xp_value_free(object);
    xp_text_free(&file);
    xp_text_free(&path);
    return status;
}

static explaint_status read_modules(const char *folder, xp_text *path, xp_pool_how *how, bool *unit,
                                    explaint_error *error) {
    xp_value *list = NULL;
    bool pooled = false;
    explaint_status status = read_json(folder, "modules.json", path, &list, error);
    if (status == EXPLAINT_OK && list == NULL)
        return xp_fail(error, EXPLAINT_INVALID, path->data, 0,
                       "expected the pooling of texts there, found no such file; give --pooling mean, cls or max");
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(list); i++) {
        const xp_value *module = xp_value_item(list, i);
        const char *type = xp_value_string(xp_value_member(module, "type")),
                   *name = xp_value_string(xp_value_member(module, "path")),
                   *dot = type != NULL ? strrchr(type, '.') : NULL, *last = dot != NULL ? dot + 1 : type;
        if (last == NULL || strncmp(type, PREFIX, sizeof PREFIX - 1) != 0) last = "";
        if (strcmp(last, "Pooling") == 0 && name != NULL) {
            status = read_pooling(folder, name, path->data, how, error);
            pooled = true;
        } else if (strcmp(last, "Normalize") == 0) {
            *unit = true;
        } else if (strcmp(last, "Transformer") != 0) {
            status = xp_fail(error, EXPLAINT_INVALID, path->data, 0,
                             "expected modules of the types Transformer, Pooling and Normalize, found \"%.80s\", which "
                             "is not implemented; --pooling mean, cls or max leaves modules out",
                             type != NULL ? type : "none");
        }
    }
    if (status == EXPLAINT_OK && !pooled)
        status = xp_fail(error, EXPLAINT_INVALID, path->data, 0,
                         "expected a module of the type Pooling, found none; give --pooling mean, cls or max");
    xp_value_free(list);
    return status;
}

static explaint_status read_transformer(const char *folder, xp_text *path, bool lowers, size_t *longest,
                                        explaint_error *error) {
    xp_value *object = NULL;
    explaint_status status = read_json(folder, "sentence_bert_config.json", path, &object, error);
    *longest = 0;
    if (object != NULL) xp_value_size(xp_value_member(object, "max_seq_length"), longest);
    const xp_value *lower = xp_value_member(object, "do_lower_case");
    if (status == EXPLAINT_OK && lower != NULL && !xp_value_is_off(lower) && !lowers)
        status = xp_fail(error, EXPLAINT_INVALID, path->data, 0,
                         "expected \"do_lower_case\" to be false where the tokenizer keeps capitals, found true, which "
                         "is not implemented; lower the texts, and give --pooling");
    xp_value_free(object);
    return status;
}

explaint_status xp_folder_pooling(const char *folder, bool lowers, xp_pool_how *how, bool *unit, size_t *longest,
                                  explaint_error *error) {
    xp_text path = {0};
    explaint_status status = read_modules(folder, &path, how, unit, error);
    if (status == EXPLAINT_OK) status = read_transformer(folder, &path, lowers, longest, error);
    xp_text_free(&path);
    return status;
}
