/* How a decoder goes on with a text, for the eye: the token that it expects most, again and again. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explaint/score.h"
#include "model/growing.h"
#include "model/model.h"
#include "model/source.h"

/* generation_config.json goes before config.json, which the model has read. */
static explaint_status find_ends(const explaint_model *model, xp_ends *to, explaint_error *error) {
    const xp_source source = {.folder = model->info.path};
    char sha256[XP_SHA256_TEXT];
    xp_value *value = NULL;
    explaint_status status = xp_source_json(&source, "generation_config.json", (size_t)1 << 24, &value, sha256, error);
    if (status == EXPLAINT_OK && !xp_config_ends(value, to)) *to = model->config.ends;
    xp_value_free(value);
    return status;
}

static bool is_end(const xp_ends *e, int32_t id) {
    for (size_t i = 0; i < e->n; i++)
        if (e->id[i] == (size_t)id) return true;
    return false;
}

static int32_t most_expected(size_t n, const float *logits) {
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        if (logits[k] > logits[best]) best = k;
    return (int32_t)best;
}

explaint_status explaint_model_generate(const explaint_model *model, const int32_t *id, size_t n, size_t most,
                                        int32_t *made, size_t *n_made, explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(model);
    xp_ends stops = {0};
    xp_growing *growing = NULL;
    *n_made = 0;
    int32_t *text = xp_alloc(n + most, sizeof *text);
    if (text == NULL) return xp_no_memory(error, "the tokens of a text");
    if (n > 0) memcpy(text, id, n * sizeof *text);
    explaint_status status = find_ends(model, &stops, error);
    if (status == EXPLAINT_OK) status = xp_growing_create(model, &growing, error);
    while (status == EXPLAINT_OK && *n_made < most && (info->open_ended || n + *n_made <= info->n_positions)) {
        const float *logits;
        status = xp_growing_read(growing, text, n + *n_made, &logits, error);
        if (status != EXPLAINT_OK) break;
        const int32_t next = most_expected(info->vocabulary, logits);
        text[n + *n_made] = made[*n_made] = next;
        ++*n_made;
        if (is_end(&stops, next)) break;
    }
    xp_growing_destroy(growing);
    xp_free(text);
    return status;
}
