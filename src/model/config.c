#include "model/config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/family.h"

/* Far above every model there is, far below what overflows. */
enum { MOST_LAYERS = 1 << 10, MOST_HEADS = 1 << 12, MOST_WIDTH = 1 << 17 };

/* What stands at the key, for a sentence. */
static explaint_status unexpected(const char *path, const xp_value *object, const char *key, const char *expected,
                                  explaint_error *error) {
    xp_text text = {0};
    xp_value_text(xp_value_member(object, key), &text);
    if (text.failed) return xp_no_memory(error, path);
    explaint_status status =
        xp_fail(error, EXPLAINT_INVALID, path, 0, "expected \"%s\" to be %s, found %.200s", key, expected, text.data);
    xp_text_free(&text);
    return status;
}

explaint_status xp_config_string(const char *path, const xp_value *object, const char *key, const char *expected,
                                 explaint_error *error) {
    const xp_value *value = xp_value_member(object, key);
    const char *text = xp_value_string(value);
    char sentence[128];
    if (value == NULL || (text != NULL && strcmp(text, expected) == 0)) return EXPLAINT_OK;
    snprintf(sentence, sizeof sentence, "\"%s\", which is what is implemented", expected);
    return unexpected(path, object, key, sentence, error);
}

explaint_status xp_config_size(const char *path, const xp_value *object, const char *key, size_t most, size_t *size,
                               explaint_error *error) {
    const xp_value *value = xp_value_member(object, key);
    char sentence[64];
    double found; /* where any number of the text is past 63 bits, all are read as doubles */
    if (value == NULL) return EXPLAINT_OK;
    if (!xp_value_number(value, &found) || !(found >= 1) || found > (double)most || found != floor(found)) {
        snprintf(sentence, sizeof sentence, "a whole number of 1 to %zu", most);
        return unexpected(path, object, key, sentence, error);
    }
    *size = (size_t)found;
    return EXPLAINT_OK;
}

static explaint_status read_number(const char *path, const xp_value *object, const char *key, double most,
                                   double *number, explaint_error *error) {
    double found;
    if (xp_value_member(object, key) == NULL) return EXPLAINT_OK;
    if (!xp_value_number(xp_value_member(object, key), &found) || !(found > 0) || found > most)
        return unexpected(path, object, key, "a number above 0 and at most 1", error);
    *number = found;
    return EXPLAINT_OK;
}

static explaint_status read_activation(const char *path, const xp_value *object, xp_activation *activation,
                                       explaint_error *error) {
    static const struct {
        const char *name;
        xp_activation activation;
    } known[] = {{"gelu", XP_GELU}, {"gelu_new", XP_GELU_TANH}, {"gelu_pytorch_tanh", XP_GELU_TANH}, {"relu", XP_RELU}};
    const xp_value *value = xp_value_member(object, "hidden_act");
    const char *name = xp_value_string(value);
    if (value == NULL) return EXPLAINT_OK;
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i].name) == 0) {
            *activation = known[i].activation;
            return EXPLAINT_OK;
        }
    return unexpected(path, object, "hidden_act", "gelu, gelu_new, gelu_pytorch_tanh or relu", error);
}

/* Keys that would change the result and must be off: absent, null, false, or empty. */
static explaint_status refuse_what_is_on(const char *path, const xp_value *object, explaint_error *error) {
    static const char *const keys[] = {"is_decoder", "add_cross_attention", "pruned_heads", "quantization_config",
                                       "auto_map"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const xp_value *value = xp_value_member(object, keys[i]);
        const bool empty = (xp_value_is_object(value) || xp_value_is_array(value)) && xp_value_count(value) == 0;
        if (value != NULL && !empty && !xp_value_is_off(value))
            return unexpected(path, object, keys[i], "absent or false, since it is not implemented", error);
    }
    return EXPLAINT_OK;
}

static explaint_status read_common(const char *path, const xp_value *object, xp_config *c, explaint_error *error) {
    const struct {
        const char *key;
        size_t most, *size;
    } sizes[] = {{"num_hidden_layers", MOST_LAYERS, &c->n_layers},
                 {"num_attention_heads", MOST_HEADS, &c->n_heads},
                 {"hidden_size", MOST_WIDTH, &c->width},
                 {"intermediate_size", MOST_WIDTH, &c->feed_forward},
                 {"max_position_embeddings", XP_MOST_ROWS, &c->n_positions},
                 {"vocab_size", XP_MOST_ROWS, &c->vocabulary}};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < sizeof sizes / sizeof sizes[0]; i++)
        status = xp_config_size(path, object, sizes[i].key, sizes[i].most, sizes[i].size, error);
    if (status == EXPLAINT_OK) status = read_number(path, object, "layer_norm_eps", 1, &c->eps, error);
    if (status == EXPLAINT_OK) status = read_number(path, object, "initializer_range", 1, &c->initializer_range, error);
    if (status == EXPLAINT_OK) status = read_activation(path, object, &c->activation, error);
    if (status == EXPLAINT_OK) status = refuse_what_is_on(path, object, error);
    if (status == EXPLAINT_OK && c->width % c->n_heads != 0)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected num_attention_heads to divide hidden_size, found %zu heads and a width of %zu",
                       c->n_heads, c->width);
    return status;
}

static explaint_status find_family(const char *path, const xp_value *object, const xp_family **family,
                                   explaint_error *error) {
    const char *type = xp_value_string(xp_value_member(object, "model_type"));
    for (size_t i = 0; (*family = xp_family_list(i)) != NULL; i++)
        if (type != NULL && strcmp(type, (*family)->name) == 0) return EXPLAINT_OK;
    xp_text there = {0};
    for (size_t i = 0; xp_family_list(i) != NULL; i++)
        xp_text_addf(&there, "%s%s", i > 0 ? ", " : "", xp_family_list(i)->name);
    xp_text found = {0};
    xp_value_text(xp_value_member(object, "model_type"), &found);
    explaint_status status =
        there.failed || found.failed
            ? xp_no_memory(error, path)
            : xp_fail(error, EXPLAINT_INVALID, path, 0,
                      "expected \"model_type\" to be one of the families that are implemented (%s), found %.80s; "
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
    if (status == EXPLAINT_OK) {
        *config = (*family)->defaults;
        status = read_common(path, object, config, error);
    }
    if (status == EXPLAINT_OK) status = (*family)->configure(path, object, config, error);
    xp_value_free(object);
    return status;
}
