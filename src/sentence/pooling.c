/* 1_Pooling/config.json: which pieces, and how. */
#include <string.h>

#include "sentence/read.h"

const char *const xp_pooling_names[XP_N_POOLINGS] = {"cls",          "max",      "mean", "mean_sqrt_len_tokens",
                                                     "weightedmean", "lasttoken"};

static const char *const switches[XP_N_POOLINGS] = {
    "pooling_mode_cls_token",           "pooling_mode_max_tokens",
    "pooling_mode_mean_tokens",         "pooling_mode_mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"};

/* sentence-transformers refuses keys that it does not know, too. */
static const char *const known[] = {"embedding_dimension",
                                    "word_embedding_dimension",
                                    "pooling_mode",
                                    "include_prompt",
                                    "pooling_mode_cls_token",
                                    "pooling_mode_max_tokens",
                                    "pooling_mode_mean_tokens",
                                    "pooling_mode_mean_sqrt_len_tokens",
                                    "pooling_mode_weightedmean_tokens",
                                    "pooling_mode_lasttoken",
                                    NULL};

static explaint_status add_mode(const xp_sentence_reader *r, const xp_value *all, const xp_value *mode) {
    const char *name = xp_value_string(mode);
    size_t k = 0;
    while (name != NULL && k < XP_N_POOLINGS && strcmp(name, xp_pooling_names[k]) != 0) k++;
    if (name == NULL || k == XP_N_POOLINGS)
        return xp_read_refuse(r, "pooling_mode", all,
                              "cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken, or a list of them");
    if (r->to->n_poolings == XP_MOST_POOLINGS) return xp_read_refuse(r, "pooling_mode", all, "at most 16 of them");
    r->to->pooling[r->to->n_poolings++] = (xp_pooling)k;
    return EXPLAINT_OK;
}

/* One name or a list of them; without it the older switches; without those, or with all of them off, the mean. */
static explaint_status read_modes(const xp_sentence_reader *r, const xp_value *object) {
    const xp_value *modes = xp_value_member(object, "pooling_mode");
    xp_sentence *s = r->to;
    if (modes != NULL && !(xp_value_is_array(modes) && xp_value_count(modes) > 0)) return add_mode(r, modes, modes);
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && modes != NULL && i < xp_value_count(modes); i++)
        status = add_mode(r, modes, xp_value_item(modes, i));
    for (size_t k = 0; modes == NULL && k < XP_N_POOLINGS; k++)
        if (xp_read_truth(xp_value_member(object, switches[k]))) s->pooling[s->n_poolings++] = (xp_pooling)k;
    if (s->n_poolings == 0) s->pooling[s->n_poolings++] = XP_POOLING_MEAN;
    return status;
}

static explaint_status read_width(const xp_sentence_reader *r, const xp_value *object) {
    const char *key = "embedding_dimension";
    size_t width;
    if (xp_value_member(object, key) == NULL) key = "word_embedding_dimension";
    const xp_value *value = xp_value_member(object, key);
    if (xp_value_size(value, &width) && width == r->to->states) return EXPLAINT_OK;
    return xp_read_refuse(r, key, value, "the width of the model");
}

explaint_status xp_read_pooling(xp_sentence_reader *r, const xp_module *module) {
    xp_value *object = NULL;
    explaint_status status = xp_read_config(r, module, &object);
    if (status == EXPLAINT_OK) status = xp_read_known(r, object, known);
    if (status == EXPLAINT_OK) status = read_width(r, object);
    if (status == EXPLAINT_OK) status = read_modes(r, object);
    const xp_value *prompt = xp_value_member(object, "include_prompt");
    r->to->prompt_counts = prompt == NULL || xp_read_truth(prompt);
    xp_value_free(object);
    return status;
}
