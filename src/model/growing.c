#include "model/growing.h"

#include "base/memory.h"
#include "model/check.h"
#include "model/family.h"
#include "model/logits.h"
#include "tensor/floats.h"

enum { LEAST_ROOM = 256 };

struct xp_growing {
    const explaint_model *model;
    xp_model_work work;
    xp_span span;
    xp_past past;
};

explaint_status xp_growing_create(const explaint_model *model, xp_growing **growing, explaint_error *error) {
    *growing = NULL;
    explaint_status status = xp_check_logits(model, error);
    if (status != EXPLAINT_OK) return status;
    xp_growing *g = *growing = xp_calloc(1, sizeof *g);
    if (g == NULL) return xp_no_memory(error, "a text that grows");
    g->model = model;
    return EXPLAINT_OK;
}

static void forget(xp_growing *g) {
    xp_work_destroy(&g->work);
    xp_floats_destroy(g->past.keys);
    xp_floats_destroy(g->past.values);
    g->past = (xp_past){0};
}

void xp_growing_destroy(xp_growing *g) {
    if (g == NULL) return;
    forget(g);
    xp_free(g);
}

/* Room for twice the text, so that what is read anew is never more than was read before. */
static explaint_status make_room(xp_growing *g, size_t n, explaint_error *error) {
    const xp_config *c = &g->model->config;
    size_t room, heads, keys, values;
    forget(g);
    if (xp_mul_overflows(n < LEAST_ROOM / 2 ? LEAST_ROOM / 2 : n, 2, &room) ||
        xp_mul_overflows(c->n_layers, c->n_key_heads, &heads) ||
        xp_mul_overflows(heads, xp_work_past_keys(c, room), &keys) ||
        xp_mul_overflows(heads, xp_work_past_values(c, room), &values))
        return xp_no_memory(error, "the keys and values of a text");
    explaint_status status = xp_work_create(g->model, XP_BATCH_ROWS, room, false, false, 1, &g->work, error);
    if (status == EXPLAINT_OK) status = xp_logits_create(g->model, &g->work, error);
    if (status != EXPLAINT_OK) return status;
    g->past = (xp_past){.room = room, .keys = xp_floats_create(keys), .values = xp_floats_create(values)};
    if (g->past.keys == NULL || g->past.values == NULL) return xp_no_memory(error, "the keys and values of a text");
    g->work.past = &g->past;
    g->work.spans = &g->span;
    g->work.n_spans = 1;
    return EXPLAINT_OK;
}

/* Whether the keys are still those of the same pieces in a text of n. */
static bool is_still_true(const xp_growing *g, size_t n) {
    const xp_config *c = &g->model->config;
    return (c->rope == NULL || xp_rope_is_same(c->rope, n, g->past.all)) &&
           (c->sliding_rope == NULL || xp_rope_is_same(c->sliding_rope, n, g->past.all));
}

/* Some more pieces of the text through all layers. */
static explaint_status read_some(xp_growing *g, const int32_t *id, size_t many, explaint_error *error) {
    const explaint_model *model = g->model;
    xp_model_work *work = &g->work;
    g->span = (xp_span){.n = many};
    work->n_rows = many;
    xp_family_embed(model, g->past.n, id, many, work->narrow, work->rows);
    xp_work_place(model, work);
    for (size_t layer = 0; layer <= model->config.n_layers; layer++) {
        if (!xp_check_finite(many * model->config.width, work->rows))
            return xp_check_refuse_state(model, 0, layer, error);
        if (layer < model->config.n_layers) xp_family_block(model, layer, work);
    }
    g->past.n += many;
    return EXPLAINT_OK;
}

explaint_status xp_growing_read(xp_growing *g, const int32_t *id, size_t n, const float **logits,
                                explaint_error *error) {
    const explaint_model *model = g->model;
    const explaint_ids text = {id, n};
    const size_t width = model->config.width;
    explaint_status status = xp_check_ids(model, &text, 0, error);
    if (status == EXPLAINT_OK && n > g->past.room) status = make_room(g, n, error);
    if (status != EXPLAINT_OK) return status;
    if (g->past.n >= n || !is_still_true(g, n)) g->past.n = 0;
    g->past.all = n;
    size_t many = 0;
    while (status == EXPLAINT_OK && g->past.n < n) {
        many = n - g->past.n < XP_BATCH_ROWS ? n - g->past.n : XP_BATCH_ROWS;
        status = read_some(g, id + g->past.n, many, error);
    }
    if (status != EXPLAINT_OK) return status;
    const float *last = g->work.rows + (many - 1) * width;
    if (model->info.final_norm) {
        xp_work_norm(model, &model->final_norm, 1, width, last, width, g->work.sum, width);
        last = g->work.sum;
    }
    xp_logits_make(model, &g->work, 1, last);
    *logits = g->work.logits;
    return EXPLAINT_OK;
}
