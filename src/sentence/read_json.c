/* What all files of a folder of sentence-transformers share. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sentence/read.h"

explaint_status xp_read_json(xp_sentence_reader *r, const char *sub, const char *name, xp_value **value) {
    char sha256[XP_SHA256_TEXT];
    r->path.length = 0;
    *value = NULL;
    xp_text_addf(&r->path, "%s/%s%s%s", r->source->folder, sub, *sub != 0 ? "/" : "", name);
    if (r->path.failed) return xp_no_memory(r->error, name);
    const char *inside = r->path.data + strlen(r->source->folder) + 1;
    explaint_status status = xp_source_json(r->source, inside, (size_t)1 << 25, value, sha256, r->error);
    if (status != EXPLAINT_OK || *value == NULL) return status;
    if (!xp_value_is_object(*value))
        status = xp_fail(r->error, EXPLAINT_INVALID, r->path.data, 0, "expected an object of keys and values");
    else if (!xp_strings_add(&r->to->files, r->path.data, r->path.length) ||
             !xp_strings_add(&r->to->files, sha256, strlen(sha256)))
        status = xp_no_memory(r->error, name);
    if (status != EXPLAINT_OK) {
        xp_value_free(*value);
        *value = NULL;
    }
    return status;
}

explaint_status xp_read_config(xp_sentence_reader *r, const xp_module *module, xp_value **value) {
    const explaint_status status = xp_read_json(r, module->path, "config.json", value);
    if (status != EXPLAINT_OK || *value != NULL) return status;
    return xp_fail(r->error, EXPLAINT_INVALID, r->path.data, 0, XP_MODULES " names it, and it is not there");
}

explaint_status xp_read_names(const xp_sentence_reader *r, const xp_value *object) {
    static const char *const keys[] = {"module_input_name", "module_output_name"};
    for (size_t k = 0; k < 2; k++) {
        const xp_value *value = xp_value_member(object, keys[k]);
        const char *name = xp_value_string(value);
        if (value == NULL || (k == 1 && xp_value_is_null(value))) continue;
        if (name == NULL || strcmp(name, "sentence_embedding") != 0)
            return xp_read_refuse(r, keys[k], value, "\"sentence_embedding\"");
    }
    return EXPLAINT_OK;
}

explaint_status xp_read_refuse(const xp_sentence_reader *r, const char *key, const xp_value *value,
                               const char *expected) {
    xp_text text = {0};
    xp_value_show(value, &text);
    explaint_status status =
        text.failed ? xp_no_memory(r->error, key)
                    : xp_fail(r->error, EXPLAINT_INVALID, r->path.data, 0,
                              "expected %s for \"%.80s\", found %s; --pooling mean, cls or max leaves these files out",
                              expected, key, text.data);
    xp_text_free(&text);
    return status;
}

explaint_status xp_read_known(const xp_sentence_reader *r, const xp_value *object, const char *const *keys) {
    for (void *at = xp_value_first(object); at != NULL; at = xp_value_next(object, at)) {
        size_t k = 0;
        while (keys[k] != NULL && strcmp(keys[k], xp_value_key(at)) != 0) k++;
        if (keys[k] == NULL) return xp_read_refuse(r, xp_value_key(at), xp_value_at(at), "a key that is implemented");
    }
    return EXPLAINT_OK;
}

bool xp_read_truth(const xp_value *value) {
    double number;
    const char *text = xp_value_string(value);
    if (value == NULL || xp_value_is_off(value)) return false;
    if (xp_value_number(value, &number)) return number != 0;
    if (text != NULL) return *text != 0;
    return !(xp_value_is_object(value) || xp_value_is_array(value)) || xp_value_count(value) > 0;
}

xp_stage *xp_read_stage(xp_sentence *s) {
    xp_stage *more = xp_realloc(s->stage, s->n_stages + 1, sizeof *more);
    if (more == NULL) return NULL;
    s->stage = more;
    more[s->n_stages] = (xp_stage){0};
    return &more[s->n_stages++];
}
