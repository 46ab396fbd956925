#include "explaint/model.h"

#include <stdlib.h>

#include "base/memory.h"
#include "model/family.h"
#include "model/gguf.h"
#include "model/open.h"
#include "model/weights.h"
#include "tensor/floats.h"

#define CONFIG "config.json"

static explaint_status choose_kernels(explaint_model *model, const char *isa, explaint_error *error) {
    const char *from = "isa";
    if (isa == NULL) {
        isa = getenv("EXPLAINT_ISA");
        from = "EXPLAINT_ISA";
        if (isa != NULL && *isa == 0) isa = NULL;
    }
    model->kernels = xp_kernels_find(isa);
    if (model->kernels != NULL) {
        model->info.isa = model->kernels->name;
        return EXPLAINT_OK;
    }
    if (isa == NULL)
        return xp_fail(error, EXPLAINT_FAILED, NULL, 0,
                       "expected a processor with AVX2 and FMA, which models need, found one without");
    xp_text usable = {0};
    for (size_t i = 0; xp_kernels_list(i) != NULL; i++)
        if (xp_kernels_list(i)->usable())
            xp_text_addf(&usable, "%s%s", usable.length > 0 ? ", " : "", xp_kernels_list(i)->name);
    return xp_text_fail(&usable, "a name", error, EXPLAINT_USAGE, NULL, 0, "%s: expected one of %s, found \"%.40s\"",
                        from, usable.length > 0 ? usable.data : "none", isa);
}

static explaint_status read_config(explaint_model *model, const xp_source *source, explaint_error *error) {
    xp_bytes bytes = {0};
    xp_text path = {0};
    xp_text_addf(&path, source->gguf != NULL ? "%s" : "%s/" CONFIG, source->folder);
    explaint_status status = path.failed ? xp_no_memory(error, CONFIG) : EXPLAINT_OK;
    if (status == EXPLAINT_OK && !xp_source_has(source, CONFIG))
        status = xp_fail(error, EXPLAINT_INVALID, source->folder, 0,
                         "expected a folder with " CONFIG " and model.safetensors, found no " CONFIG);
    if (status == EXPLAINT_OK) status = xp_source_open(source, CONFIG, (size_t)1 << 24, &bytes, error);
    if (status == EXPLAINT_OK)
        status = xp_config_read(path.data, bytes.data, bytes.size, &model->config, &model->family, error);
    if (status == EXPLAINT_INVALID && source->gguf != NULL) xp_gguf_config_rename(path.data, source->gguf, error);
    if (status == EXPLAINT_OK) {
        xp_bytes_hash(&bytes);
        if (source->gguf == NULL && !xp_model_add_file(model, source, CONFIG, bytes.sha256, false))
            status = xp_no_memory(error, CONFIG);
    }
    xp_bytes_free(&bytes);
    xp_text_free(&path);
    return status;
}

/* Rows of words as the blocks see them, once. */
static explaint_status map_words(explaint_model *model, explaint_error *error) {
    const xp_config *c = &model->config;
    size_t size;
    if (model->output.rows == 0 && model->config.has & XP_IS_TIED && model->config.has & XP_WANTS_LOGITS)
        model->output = model->words;
    model->word_rows = model->words;
    if (model->word_map.rows == 0) return EXPLAINT_OK;
    if (xp_mul_overflows(c->vocabulary, c->width, &size)) return xp_no_memory(error, "rows of words");
    model->mapped_words = xp_floats_create(size);
    if (model->mapped_words == NULL) return xp_no_memory(error, "rows of words");
    const xp_linear map = xp_matrix_linear(&model->word_map, model->word_map_bias);
    xp_linear_apply(model->kernels, &map, c->vocabulary, model->words.floats, c->word_width, XP_IDENTITY, NULL, 0,
                    model->mapped_words, c->width);
    model->word_rows = (xp_matrix){.rows = c->vocabulary, .columns = c->width, .floats = model->mapped_words};
    model->info.memory += size * sizeof(float);
    return EXPLAINT_OK;
}

static void describe(explaint_model *model) {
    const xp_config *c = &model->config;
    explaint_model_info *info = &model->info;
    info->family = model->family->name;
    info->n_layers = c->n_layers;
    info->n_heads = c->n_heads;
    info->width = c->width;
    info->feed_forward = c->feed_forward;
    info->n_positions = c->n_positions - c->offset;
    info->vocabulary = c->vocabulary;
    info->n_key_heads = c->n_key_heads;
    info->head = c->head;
    info->causal = c->has & XP_IS_CAUSAL;
    info->open_ended = model->positions == NULL;
    info->final_norm = c->has & XP_HAS_FINAL_NORM;
    info->eps = c->eps;
    info->memory += sizeof *model + c->n_layers * sizeof *model->layers;
}

explaint_model_options explaint_model_defaults(void) { return (explaint_model_options){0}; }

explaint_status xp_model_open(const xp_source *source, const char *root, const char *name, xp_strings *strings,
                              const explaint_model_options *options, explaint_model **model, explaint_error *error) {
    const explaint_model_options defaults = explaint_model_defaults();
    if (options == NULL) options = &defaults;
    explaint_model *m = xp_calloc(1, sizeof *m);
    if (m == NULL) return xp_no_memory(error, "a model");
    m->strings = *strings;
    *strings = (xp_strings){0};
    m->info.name = name;
    m->info.path = source->folder;
    m->info.root = root;
    m->info.random_init = options->random_init;
    m->info.seed = options->random_init ? options->seed : 0;
    explaint_status status = choose_kernels(m, options->isa, error);
    if (status == EXPLAINT_OK) status = read_config(m, source, error);
    if (status == EXPLAINT_OK && options->logits) {
        m->config.has |= XP_WANTS_LOGITS;
        if (!(m->config.has & XP_IS_CAUSAL))
            status = xp_fail(error, EXPLAINT_INVALID, source->folder, 0,
                             "expected a decoder, which says what comes next, found %s, which is an encoder",
                             m->family->name);
    }
    if (status == EXPLAINT_OK) {
        m->layers = xp_calloc(m->config.n_layers, sizeof *m->layers);
        if (m->layers == NULL) status = xp_no_memory(error, "the layers");
    }
    if (status == EXPLAINT_OK) status = xp_weights_load(m, source, options->threads, error);
    if (status == EXPLAINT_OK && m->family->derive != NULL) status = m->family->derive(m, options->threads, error);
    if (status == EXPLAINT_OK) status = map_words(m, error);
    if (status == EXPLAINT_OK && options->logits && m->output.rows == 0)
        status =
            xp_fail(error, EXPLAINT_INVALID, source->folder, 0,
                    "expected a tensor \"lm_head.weight\", which makes logits of states, since \"tie_word_embeddings\" "
                    "is not true, found none: this is a model without its head");
    if (status != EXPLAINT_OK) {
        explaint_model_close(m);
        return status;
    }
    describe(m);
    *model = m;
    return EXPLAINT_OK;
}

explaint_status xp_model_open_gguf(const xp_place *place, xp_bytes bytes, xp_strings *strings,
                                   const explaint_model_options *options, explaint_model **model,
                                   explaint_error *error) {
    xp_gguf_model gguf;
    explaint_status status = xp_gguf_model_read(place->folder, bytes, &gguf, error);
    if (status != EXPLAINT_OK) return status;
    const xp_source source = xp_gguf_model_source(place->folder, &gguf);
    status = xp_model_open(&source, place->root, place->name, strings, options, model, error);
    xp_gguf_model_close(&gguf);
    return status;
}

/* transformers would add its weights to the model's. */
static explaint_status refuse_adapter(const xp_source *source, explaint_error *error) {
    static const char name[] = "adapter_config.json";
    return !xp_source_has(source, name)
               ? EXPLAINT_OK
               : xp_fail(error, EXPLAINT_INVALID, source->folder, 0,
                         "expected a whole model, found %s of an adapter (PEFT), which is not implemented; merge it "
                         "into the model first (merge_and_unload)",
                         name);
}

explaint_status explaint_model_open(const char *path, const explaint_model_options *options, explaint_model **model,
                                    explaint_error *error) {
    xp_strings strings = {0};
    xp_place place = {0};
    *model = NULL;
    explaint_status status = xp_source_find(path, &strings, &place, error);
    if (status == EXPLAINT_OK && place.is_gguf) {
        xp_bytes bytes = {0};
        status = xp_file_map(place.folder, XP_LIMIT_ARRAY, &bytes, error);
        if (status == EXPLAINT_OK) status = xp_model_open_gguf(&place, bytes, &strings, options, model, error);
    } else if (status == EXPLAINT_OK) {
        const xp_source source = {.folder = place.folder};
        status = refuse_adapter(&source, error);
        if (status == EXPLAINT_OK)
            status = xp_model_open(&source, place.root, place.name, &strings, options, model, error);
    }
    xp_strings_free(&strings);
    return status;
}

void explaint_model_close(explaint_model *model) {
    if (model == NULL) return;
    xp_floats_destroy(model->arena);
    xp_bytes_free(&model->in_file);
    xp_floats_destroy(model->derived);
    xp_floats_destroy(model->mapped_words);
    xp_config_free(&model->config);
    xp_free_all(model->layers, model->buckets_of, model->files);
    xp_strings_free(&model->strings);
    xp_free(model);
}

const explaint_model_info *explaint_model_describe(const explaint_model *model) { return &model->info; }
