/* What stands in the files of a folder of sentence-transformers.
 *
 * Easy to get wrong: the list of modules.json is the order, not its "idx"; special tokens are pooled with the others; the prompt comes
 * before the text is cut; vectors are shortened (truncate_dim) after they were scaled, and not scaled again. */
#include "sentence/read.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define CONFIG "config_sentence_transformers.json"

/* ---- modules.json ---- */

static explaint_status refuse_module(const xp_modules *m, size_t i, const char *why, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, m->file, 0,
                   "expected a Transformer, then Pooling, then Dense and Normalize, which are implemented, found "
                   "\"%.120s\" %s; --pooling mean, cls or max leaves modules out",
                   m->module[i].type, why);
}

static explaint_status read_module(xp_sentence_reader *r, const xp_modules *m, size_t i, size_t *width) {
    const xp_module *module = &m->module[i];
    const xp_sentence *s = r->to;
    switch (module->kind) {
    case XP_MODULE_TRANSFORMER:
        return i == 0 ? xp_read_transformer(r, module) : refuse_module(m, i, "behind another module", r->error);
    case XP_MODULE_POOLING:
        if (s->n_poolings > 0) return refuse_module(m, i, "twice", r->error);
        *width = s->states;
        explaint_status status = xp_read_pooling(r, module);
        *width *= s->n_poolings;
        return status;
    case XP_MODULE_DENSE:
        return s->n_poolings > 0 ? xp_read_dense(r, module, width) : refuse_module(m, i, "before Pooling", r->error);
    case XP_MODULE_DROPOUT: /* of training alone */
        return s->n_poolings > 0 ? EXPLAINT_OK : refuse_module(m, i, "before Pooling", r->error);
    case XP_MODULE_NORMALIZE: return xp_read_normalize(r, module);
    default: return refuse_module(m, i, "", r->error);
    }
}

/* The model that was opened must be the one of the first module. */
static explaint_status check_place(const xp_sentence_reader *r, const xp_modules *m) {
    const size_t root = strlen(r->model->root);
    const char *path = m->module[0].path, *opened = r->model->path + root + (r->model->path[root] == '/');
    return m->module[0].kind != XP_MODULE_TRANSFORMER || strcmp(path, opened) == 0
               ? EXPLAINT_OK
               : xp_fail(r->error, EXPLAINT_INVALID, m->file, 0,
                         "expected the Transformer where the folder's config.json is, found the path \"%.200s\"", path);
}

static explaint_status read_modules(xp_sentence_reader *r, const xp_modules *m) {
    xp_sentence *s = r->to;
    size_t width = 0;
    explaint_status status = EXPLAINT_OK;
    if (m->n == 0)
        return xp_fail(r->error, EXPLAINT_INVALID, m->file, 0,
                       "expected the pooling of texts there, found no such file; give --pooling mean, cls or max");
    if (!xp_strings_add(&s->files, m->file, strlen(m->file)) ||
        !xp_strings_add(&s->files, m->sha256, strlen(m->sha256)))
        return xp_no_memory(r->error, XP_MODULES);
    if (m->module[0].kind != XP_MODULE_TRANSFORMER) return refuse_module(m, 0, "first", r->error);
    status = check_place(r, m);
    for (size_t i = 0; status == EXPLAINT_OK && i < m->n; i++) {
        status = read_module(r, m, i, &width);
        if (2 * width > s->room) s->room = 2 * width;
    }
    s->width = width;
    if (status == EXPLAINT_OK && s->n_poolings == 0)
        status = xp_fail(r->error, EXPLAINT_INVALID, m->file, 0,
                         "expected a module of the type Pooling, found none; give --pooling mean, cls or max");
    return status;
}

/* ---- Normalize ---- */

/* Its file is often not there. Before Pooling there is no vector yet, and nothing is done. */
explaint_status xp_read_normalize(xp_sentence_reader *r, const xp_module *module) {
    xp_value *object = NULL;
    explaint_status status = xp_read_json(r, module->path, "config.json", &object);
    if (status == EXPLAINT_OK) status = xp_read_names(r, object);
    xp_value_free(object);
    if (status == EXPLAINT_OK && r->to->n_poolings > 0 && xp_read_stage(r->to) == NULL)
        status = xp_no_memory(r->error, "Normalize");
    return status;
}

/* ---- config_sentence_transformers.json ---- */

static explaint_status read_type(const xp_sentence_reader *r, const xp_value *config) {
    const xp_value *type = xp_value_member(config, "model_type");
    const char *name = xp_value_string(type);
    return type == NULL || (name != NULL && strcmp(name, "SentenceTransformer") == 0)
               ? EXPLAINT_OK
               : xp_read_refuse(r, "model_type", type, "\"SentenceTransformer\"");
}

static explaint_status read_shortening(const xp_sentence_reader *r, const xp_value *config) {
    const xp_value *value = xp_value_member(config, "truncate_dim");
    size_t most;
    if (xp_value_is_null(value)) return EXPLAINT_OK;
    if (!xp_value_size(value, &most) || most == 0) return xp_read_refuse(r, "truncate_dim", value, "a count from 1");
    if (most < r->to->width) r->to->width = most;
    return EXPLAINT_OK;
}

/* "query" and "document" are always there, and empty unless the file says otherwise. */
static explaint_status read_prompt(const xp_sentence_reader *r, const xp_value *config) {
    const xp_value *name = xp_value_member(config, "default_prompt_name"),
                   *prompts = xp_value_member(config, "prompts");
    const char *key = xp_value_string(name);
    if (prompts != NULL && !xp_value_is_object(prompts))
        return xp_read_refuse(r, "prompts", prompts, "names with their texts");
    if (xp_value_is_null(name)) return EXPLAINT_OK;
    const xp_value *prompt = key != NULL ? xp_value_member(prompts, key) : NULL;
    const char *text = xp_value_string(prompt);
    const bool empty = key != NULL && (prompt != NULL ? xp_value_is_null(prompt)
                                                      : strcmp(key, "query") == 0 || strcmp(key, "document") == 0);
    if (text == NULL && !empty)
        return xp_read_refuse(r, "default_prompt_name", name, "the name of a text in \"prompts\"");
    if (empty || *text == 0) return EXPLAINT_OK;
    r->to->prompt = xp_strdup(text);
    r->to->prompt_name = xp_strdup(key);
    return r->to->prompt != NULL && r->to->prompt_name != NULL ? EXPLAINT_OK : xp_no_memory(r->error, "a prompt");
}

static explaint_status read_config(xp_sentence_reader *r) {
    xp_value *config = NULL;
    explaint_status status = xp_read_json(r, "", CONFIG, &config);
    if (status == EXPLAINT_OK) status = read_type(r, config);
    if (status == EXPLAINT_OK) status = read_shortening(r, config);
    if (status == EXPLAINT_OK) status = read_prompt(r, config);
    xp_value_free(config);
    return status;
}

explaint_status xp_sentence_prompt(const explaint_model_info *model, char **prompt, explaint_error *wrong,
                                   explaint_error *error) {
    const xp_source source = {.folder = model->root};
    xp_sentence sentence = {0};
    xp_sentence_reader r = {.source = &source, .model = model, .to = &sentence, .error = wrong};
    char sha256[XP_SHA256_TEXT];
    xp_value *config = NULL;
    *prompt = NULL;
    wrong->code = EXPLAINT_OK;
    if (!xp_source_has(&source, XP_MODULES)) return EXPLAINT_OK; /* without it the file is not read */
    xp_text_addf(&r.path, "%s/" CONFIG, model->root);
    explaint_status status = r.path.failed ? xp_no_memory(wrong, CONFIG)
                                           : xp_source_json(&source, CONFIG, (size_t)1 << 25, &config, sha256, wrong);
    if (status == EXPLAINT_OK) status = read_prompt(&r, config);
    const bool unread = status == EXPLAINT_FAILED || (status != EXPLAINT_OK && sha256[0] == 0);
    if (unread && error != NULL) *error = *wrong;
    *prompt = sentence.prompt;
    sentence.prompt = NULL;
    xp_value_free(config);
    xp_text_free(&r.path);
    xp_sentence_free(&sentence);
    return unread ? status : EXPLAINT_OK;
}

/* ---- all of it ---- */

explaint_status xp_sentence_read_from(const xp_source *source, const explaint_model_info *model, bool lowers,
                                      xp_sentence *sentence, explaint_error *error) {
    xp_sentence_reader r = {.source = source, .model = model, .lowers = lowers, .to = sentence, .error = error};
    xp_modules modules = {0};
    *sentence = (xp_sentence){.prompt_counts = true, .states = model->width};
    explaint_status status = xp_modules_read(source, &modules, error);
    if (status == EXPLAINT_OK) status = read_modules(&r, &modules);
    if (status == EXPLAINT_OK) status = read_config(&r);
    xp_modules_free(&modules);
    xp_text_free(&r.path);
    if (status != EXPLAINT_OK) xp_sentence_free(sentence);
    return status;
}

explaint_status xp_sentence_read(const explaint_model_info *model, bool lowers, xp_sentence *sentence,
                                 explaint_error *error) {
    const xp_source source = {.folder = model->root};
    return xp_sentence_read_from(&source, model, lowers, sentence, error);
}

void xp_sentence_plain(const explaint_model_info *model, xp_pooling pooling, xp_sentence *sentence) {
    *sentence = (xp_sentence){.prompt_counts = true,
                              .n_poolings = 1,
                              .pooling = {pooling},
                              .states = model->width,
                              .width = model->width,
                              .room = 2 * model->width};
}

void xp_sentence_free(xp_sentence *s) {
    for (size_t k = 0; k < s->n_stages; k++) {
        xp_free_all(s->stage[k].weight, s->stage[k].bias);
    }
    xp_free_all(s->stage, s->prompt, s->prompt_name, s->most_from);
    xp_strings_free(&s->files);
    xp_strings_free(&s->notes);
    *s = (xp_sentence){0};
}
