#include "model/config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/family.h"

/* What stands at the key, for a sentence. */
explaint_status xp_config_unexpected(const char *path, const xp_value *object, const char *key, const char *expected,
                                     explaint_error *error) {
    xp_text text = {0};
    xp_value_show(xp_value_member(object, key), &text);
    return xp_text_fail(&text, path, error, EXPLAINT_INVALID, path, 0, "expected \"%s\" to be %s, found %s", key,
                        expected, text.data);
}

explaint_status xp_config_string(const char *path, const xp_value *object, const char *key, const char *expected,
                                 explaint_error *error) {
    const xp_value *value = xp_value_member(object, key);
    const char *text = xp_value_string(value);
    char sentence[128];
    if (value == NULL || (text != NULL && strcmp(text, expected) == 0)) return EXPLAINT_OK;
    snprintf(sentence, sizeof sentence, "\"%s\", which is what is implemented", expected);
    return xp_config_unexpected(path, object, key, sentence, error);
}

static explaint_status read_size(const char *path, const xp_value *object, const xp_config_key *key, size_t *size,
                                 explaint_error *error) {
    char sentence[64];
    double found; /* where any number of the text is past 63 bits, all are read as doubles */
    if (!xp_value_number(xp_value_member(object, key->name), &found) || !(found >= 1) || found > (double)key->most ||
        found != floor(found)) {
        snprintf(sentence, sizeof sentence, "a whole number of 1 to %zu", key->most);
        return xp_config_unexpected(path, object, key->name, sentence, error);
    }
    *size = (size_t)found;
    return EXPLAINT_OK;
}

static explaint_status read_number(const char *path, const xp_value *object, const xp_config_key *key, double *number,
                                   explaint_error *error) {
    char sentence[64];
    double found;
    if (!xp_value_number(xp_value_member(object, key->name), &found) || !(found > 0) || found > (double)key->most) {
        snprintf(sentence, sizeof sentence, "a number above 0 and at most %zu", key->most);
        return xp_config_unexpected(path, object, key->name, sentence, error);
    }
    *number = found;
    return EXPLAINT_OK;
}

static explaint_status read_flag(const char *path, const xp_value *object, const xp_config_key *key, unsigned *has,
                                 explaint_error *error) {
    const xp_value *value = xp_value_member(object, key->name);
    bool truth = false;
    if (!xp_value_is_null(value) && !xp_value_bool(value, &truth))
        return xp_config_unexpected(path, object, key->name, "true or false", error);
    *has = truth ? *has | (unsigned)key->place : *has & ~(unsigned)key->place;
    return EXPLAINT_OK;
}

static explaint_status read_activation(const char *path, const xp_value *object, const char *key,
                                       xp_activation *activation, explaint_error *error) {
    static const struct {
        const char *name;
        xp_activation activation;
    } known[] = {{"gelu", XP_GELU},        {"gelu_new", XP_GELU_TANH},  {"gelu_pytorch_tanh", XP_GELU_TANH},
                 {"relu", XP_RELU},        {"silu", XP_SILU},           {"swish", XP_SILU},
                 {"gelu_python", XP_GELU}, {"gelu_fast", XP_GELU_TANH}, {"tanh", XP_TANH}};
    const char *name = xp_value_string(xp_value_member(object, key));
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i].name) == 0) {
            *activation = known[i].activation;
            return EXPLAINT_OK;
        }
    return xp_config_unexpected(path, object, key, "gelu, gelu_new, gelu_pytorch_tanh, relu, silu or tanh", error);
}

static explaint_status read_key(const char *path, const xp_value *object, const xp_config_key *key, xp_config *config,
                                explaint_error *error) {
    void *place = (char *)config + key->place;
    const bool null = xp_value_is_null(xp_value_member(object, key->name));
    switch (key->kind) {
    case XP_KEY_SIZE_OR_NULL:
        if (null) return *(size_t *)place = 0, EXPLAINT_OK; /* fall through */
    case XP_KEY_SIZE: return read_size(path, object, key, place, error);
    case XP_KEY_NUMBER_OR_NULL:
        if (null) return *(double *)place = 0, EXPLAINT_OK; /* fall through */
    case XP_KEY_NUMBER: return read_number(path, object, key, place, error);
    case XP_KEY_FLAG: return read_flag(path, object, key, &config->has, error);
    case XP_KEY_ACTIVATION: return read_activation(path, object, key->name, place, error);
    case XP_KEY_ID:
        if (!xp_value_size(xp_value_member(object, key->name), place)) *(size_t *)place = XP_NO_PAD;
        return EXPLAINT_OK;
    }
    return EXPLAINT_OK;
}

explaint_status xp_config_keys(const char *path, const xp_value *object, const xp_config_key *keys, xp_config *config,
                               explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && keys[i].name != NULL; i++)
        if (xp_value_member(object, keys[i].name) != NULL) status = read_key(path, object, &keys[i], config, error);
    return status;
}

explaint_status xp_config_off(const char *path, const xp_value *object, const char *const *keys,
                              explaint_error *error) {
    for (size_t i = 0; keys[i] != NULL; i++) {
        const xp_value *value = xp_value_member(object, keys[i]);
        const bool empty = (xp_value_is_object(value) || xp_value_is_array(value)) && xp_value_count(value) == 0;
        if (value != NULL && !empty && !xp_value_is_off(value))
            return xp_config_unexpected(path, object, keys[i], "absent or false, since it is not implemented", error);
    }
    return EXPLAINT_OK;
}

explaint_status xp_config_layer_types(const char *path, const xp_value *object, xp_config *config, bool *found,
                                      explaint_error *error) {
    const xp_value *list = xp_value_member(object, "layer_types");
    char sentence[128];
    *found = !xp_value_is_null(list);
    for (size_t i = 0; *found && i < config->n_layers; i++) {
        const char *type = xp_value_string(xp_value_item(list, i));
        const bool slides = type != NULL && strcmp(type, "sliding_attention") == 0;
        if (xp_value_count(list) != config->n_layers || type == NULL ||
            (!slides && strcmp(type, "full_attention") != 0)) {
            snprintf(sentence, sizeof sentence, "a list of %zu times full_attention or sliding_attention",
                     config->n_layers);
            return xp_config_unexpected(path, object, "layer_types", sentence, error);
        }
        config->layer[i] = (unsigned char)((config->layer[i] & ~XP_LAYER_SLIDES) | (slides ? XP_LAYER_SLIDES : 0));
    }
    return EXPLAINT_OK;
}

const xp_rope *xp_config_rope(const xp_config *config, size_t layer) {
    if (config->layer[layer] & XP_LAYER_HAS_NO_ROPE) return NULL;
    return config->layer[layer] & XP_LAYER_SLIDES && config->sliding_rope != NULL ? config->sliding_rope : config->rope;
}

size_t xp_config_stored_layers(const xp_config *config) {
    return config->n_groups > 0 ? config->n_groups * config->n_inner : config->n_layers;
}

/* The quotient is a floating-point number, as in the reference. */
size_t xp_config_stored_layer(const xp_config *config, size_t i) {
    if (config->n_groups == 0) return i;
    const double many = (double)(config->n_layers / config->n_inner) / (double)config->n_groups;
    return (size_t)((double)(i / config->n_inner) / many) * config->n_inner + i % config->n_inner;
}

void xp_config_free(xp_config *config) {
    xp_rope_free(config->rope);
    xp_rope_free(config->sliding_rope);
    config->rope = config->sliding_rope = NULL;
}

bool xp_config_ends(const xp_value *object, xp_ends *ends) {
    const xp_value *value = xp_value_member(object, "eos_token_id");
    *ends = (xp_ends){0};
    if (xp_value_size(value, &ends->id[0])) ends->n = 1;
    for (size_t i = 0; xp_value_is_array(value) && i < xp_value_count(value) && ends->n < XP_MOST_ENDS; i++)
        ends->n += xp_value_size(xp_value_item(value, i), &ends->id[ends->n]);
    return !xp_value_is_null(value);
}
