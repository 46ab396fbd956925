/* How a decoder goes on with a text, for the eye: the token that it expects most, again and again. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "explaint/score.h"
#include "model/growing.h"
#include "model/source.h"

enum { MOST_ENDS = 64 };

typedef struct ends {
    size_t n;
    size_t id[MOST_ENDS];
} ends;

/* eos_token_id: a number, a list of them, or nothing. */
static bool read_ends(const xp_value *object, ends *to) {
    const xp_value *value = xp_value_member(object, "eos_token_id");
    size_t id;
    if (xp_value_size(value, &id)) to->id[to->n++] = id;
    for (size_t i = 0; xp_value_is_array(value) && i < xp_value_count(value) && to->n < MOST_ENDS; i++)
        if (xp_value_size(xp_value_item(value, i), &id)) to->id[to->n++] = id;
    return !xp_value_is_null(value);
}

static explaint_status find_ends(const char *folder, ends *to, explaint_error *error) {
    static const char *const files[] = {"generation_config.json", "config.json"};
    const xp_source source = {.folder = folder};
    explaint_status status = EXPLAINT_OK;
    bool found = false;
    for (size_t i = 0; status == EXPLAINT_OK && !found && i < 2; i++) {
        char sha256[XP_SHA256_TEXT];
        xp_value *value = NULL;
        status = xp_source_json(&source, files[i], (size_t)1 << 24, &value, sha256, error);
        if (status == EXPLAINT_OK) found = read_ends(value, to);
        xp_value_free(value);
    }
    return status;
}

static bool is_end(const ends *e, int32_t id) {
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
    ends stops = {0};
    xp_growing *growing = NULL;
    *n_made = 0;
    int32_t *text = xp_alloc(n + most, sizeof *text);
    if (text == NULL) return xp_no_memory(error, "the tokens of a text");
    if (n > 0) memcpy(text, id, n * sizeof *text);
    explaint_status status = find_ends(info->path, &stops, error);
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
