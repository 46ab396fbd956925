/* A config.json as the family that it names reads it. */
#include <string.h>

#include "model/config.h"
#include "model/family.h"

/* Sizes of heads, which follow from others where nothing is said. */
static explaint_status settle_heads(const char *path, xp_config *c, explaint_error *error) {
    if (c->n_key_heads == 0) c->n_key_heads = c->n_heads;
    if (c->head == 0 && c->width % c->n_heads != 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected num_attention_heads to divide hidden_size, found %zu heads and a width of %zu",
                       c->n_heads, c->width);
    if (c->head == 0) c->head = c->width / c->n_heads;
    if (c->n_heads % c->n_key_heads != 0 || c->n_heads * c->head > XP_MOST_WIDTH)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected num_key_value_heads to divide num_attention_heads, and all heads to be at most %d "
                       "wide together, found %zu and %zu heads of a width of %zu",
                       XP_MOST_WIDTH, c->n_key_heads, c->n_heads, c->head);
    return EXPLAINT_OK;
}

static explaint_status check_windows(const char *path, const xp_config *c, explaint_error *error) {
    for (size_t i = 0; c->window == 0 && i < c->n_layers; i++)
        if (c->layer[i] & XP_LAYER_SLIDES)
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "expected \"sliding_window\" to be a whole number above 0, since layer %zu slides, found "
                           "none",
                           i + 1);
    return EXPLAINT_OK;
}

static explaint_status read_all(const char *path, const xp_value *object, const xp_family *family, xp_config *config,
                                explaint_error *error) {
    static const char *const not_implemented[] = {"add_cross_attention", "pruned_heads", "quantization_config",
                                                  "per_layer_config", NULL};
    *config = family->defaults;
    config->initializer_range = .02; /* of all families */
    xp_config_ends(object, &config->ends);
    explaint_status status = xp_config_keys(path, object, family->keys, config, error);
    if (status == EXPLAINT_OK) status = xp_config_off(path, object, not_implemented, error);
    if (status == EXPLAINT_OK && family->refused != NULL) status = xp_config_off(path, object, family->refused, error);
    if (status == EXPLAINT_OK) status = settle_heads(path, config, error);
    if (status == EXPLAINT_OK && family->configure != NULL) status = family->configure(path, object, config, error);
    if (status == EXPLAINT_OK) status = check_windows(path, config, error);
    if (status != EXPLAINT_OK) xp_config_free(config);
    return status;
}

static explaint_status find_family(const char *path, const xp_value *object, const xp_family **family,
                                   explaint_error *error) {
    const char *type = xp_value_string(xp_value_member(object, "model_type"));
    for (size_t i = 0; (*family = xp_family_list(i)) != NULL; i++)
        if (type != NULL && strcmp(type, (*family)->name) == 0) return EXPLAINT_OK;
    if (xp_value_is_object(xp_value_member(object, "text_config")))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected a model of text, found one of text and more, whose model of text is described in "
                       "\"text_config\"; save that by itself: AutoModelForImageTextToText.from_pretrained(DIR).model"
                       ".language_model.save_pretrained(NEW) in Python, and the tokenizer's files beside it");
    xp_text there = {0};
    for (size_t i = 0; xp_family_list(i) != NULL; i++)
        xp_text_addf(&there, "%s%s", i > 0 ? ", " : "", xp_family_list(i)->name);
    xp_text found = {0};
    xp_value_show(xp_value_member(object, "model_type"), &found);
    explaint_status status =
        there.failed || found.failed
            ? xp_no_memory(error, path)
            : xp_fail(error, EXPLAINT_INVALID, path, 0,
                      "expected \"model_type\" to be one of the families that are implemented (%s), found %s; "
                      "docs/export.py writes what any model of transformers makes of words as a file for --embeddings "
                      "with --tensor all",
                      there.data, found.data);
    xp_text_free(&there);
    xp_text_free(&found);
    return status;
}

explaint_status xp_config_read(const char *path, const char *text, size_t length, xp_config *config,
                               const xp_family **family, explaint_error *error) {
    xp_value *object = xp_value_parse(text, length, path, error);
    if (object == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    explaint_status status = EXPLAINT_OK;
    if (!xp_value_is_object(object))
        status = xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a JSON object with the keys of a model");
    if (status == EXPLAINT_OK) status = find_family(path, object, family, error);
    if (status == EXPLAINT_OK) status = read_all(path, object, *family, config, error);
    xp_value_free(object);
    return status;
}
