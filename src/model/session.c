#include "model/session.h"

#include <string.h>

#include "base/memory.h"
#include "model/check.h"
#include "model/family.h"
#include "tensor/floats.h"

/* Rows that are projected together: fewer, and weights are read for each text anew. */
enum { LEAST_ROOM = 128 };

struct xp_session {
    const explaint_model *model;
    /* The model, but for queries, keys and values of one layer, which are packed here where they stay in a file: experiments ask a layer
     * several times where damaged rows look, and widening it costs as much as the product with one text. */
    explaint_model near;
    float *panels; /* NULL: nothing stays in a file */
    size_t layer;  /* from 1; 0: none yet */
    size_t room;   /* rows of work */
    xp_model_work work;
    xp_span span;
    float *maps, *values; /* where the caller wants them */
};

static bool keep_maps(void *self, const xp_span *span, size_t layer, const float *maps) {
    xp_session *s = self;
    (void)layer;
    memcpy(s->maps, maps, s->model->config.n_heads * span->n * span->n * sizeof *maps);
    return true;
}

static bool keep_values(void *self, const xp_span *span, size_t layer, const float *values) {
    xp_session *s = self;
    (void)layer;
    memcpy(s->values, values, s->model->config.n_heads * span->n * s->model->config.head * sizeof *values);
    return true;
}

/* The layers of `near`, and room for what is packed. */
static bool make_near(xp_session *s) {
    const explaint_model *model = s->model;
    const xp_matrix *qkv = &model->layers[0].qkv;
    size_t size;
    s->near = *model;
    s->near.layers = xp_alloc(model->config.n_layers, sizeof *model->layers);
    if (s->near.layers == NULL) return false;
    memcpy(s->near.layers, model->layers, model->config.n_layers * sizeof *model->layers);
    if (qkv->panels != NULL) return true;
    if (xp_panels_size(qkv->columns, qkv->rows, &size)) s->panels = xp_floats_create(size);
    return s->panels != NULL;
}

/* Packs a layer unless it is the last one that was. */
static void go_near(xp_session *s, size_t layer) {
    if (s->panels == NULL || s->layer == layer) return;
    const xp_linear qkv = xp_matrix_linear(&s->model->layers[layer - 1].qkv, NULL);
    if (s->layer > 0) s->near.layers[s->layer - 1].qkv.panels = NULL;
    xp_linear_pack(&qkv, s->panels);
    s->near.layers[layer - 1].qkv.panels = s->panels;
    s->layer = layer;
}

explaint_status xp_session_create(const explaint_model *model, size_t longest, xp_session **session,
                                  explaint_error *error) {
    *session = NULL;
    xp_session *s = xp_calloc(1, sizeof *s);
    if (s == NULL) return xp_no_memory(error, "the states of a text");
    if (longest > model->info.n_positions && !model->info.open_ended) longest = model->info.n_positions;
    s->model = model;
    s->room = longest > LEAST_ROOM ? longest : LEAST_ROOM;
    explaint_status status = xp_work_create(model, s->room, longest, true, true, 1, &s->work, error);
    if (status == EXPLAINT_OK && !make_near(s)) status = xp_no_memory(error, "a layer");
    if (status != EXPLAINT_OK) {
        xp_session_destroy(s);
        return status;
    }
    s->work.self = s;
    s->work.spans = &s->span;
    s->work.n_spans = 1;
    *session = s;
    return EXPLAINT_OK;
}

void xp_session_destroy(xp_session *session) {
    if (session == NULL) return;
    xp_work_destroy(&session->work);
    xp_floats_destroy(session->panels);
    xp_free_all(session->near.layers, session);
}

void xp_model_word(const explaint_model *model, int32_t id, double *row) {
    xp_matrix_row_wide(&model->word_rows, (size_t)id, row);
}

explaint_status xp_session_embed(xp_session *session, const int32_t *id, size_t n, float *rows, explaint_error *error) {
    const explaint_ids text = {id, n};
    explaint_status status = xp_check_ids(session->model, &text, 0, error);
    if (status == EXPLAINT_OK) xp_family_embed(session->model, 0, id, n, session->work.narrow, rows);
    return status;
}

void xp_session_block(xp_session *session, size_t layer, size_t n, const float *rows, float *to, float *maps,
                      float *values) {
    const size_t size = n * session->model->config.width * sizeof *rows;
    xp_model_work *work = &session->work;
    session->span = (xp_span){.n = n};
    session->maps = maps;
    session->values = values;
    work->n_rows = n;
    work->given = NULL;
    work->attention = maps != NULL ? keep_maps : NULL;
    work->values = values != NULL ? keep_values : NULL;
    work->attention_only = to == NULL;
    memcpy(work->rows, rows, size);
    xp_work_place(session->model, work);
    go_near(session, layer);
    xp_family_block(&session->near, layer - 1, work);
    if (to != NULL) memcpy(to, work->rows, size);
}

size_t xp_session_projected(const xp_session *session) { return xp_work_projected(&session->model->config); }

void xp_session_project(xp_session *session, size_t layer, size_t n, const float *rows, float *to) {
    const size_t width = session->model->config.width, size = xp_session_projected(session);
    xp_model_work *work = &session->work;
    work->given = NULL;
    work->values = NULL;
    work->attention_only = true;
    go_near(session, layer);
    for (size_t first = 0; first < n; first += session->room) {
        work->n_rows = n - first < session->room ? n - first : session->room;
        session->span = (xp_span){.n = work->n_rows};
        memcpy(work->rows, rows + first * width, work->n_rows * width * sizeof *rows);
        work->projected = to + first * size;
        xp_family_block(&session->near, layer - 1, work);
    }
    work->projected = NULL;
}

void xp_session_look(xp_session *session, size_t layer, size_t n, const float *projected, float *maps) {
    xp_model_work *work = &session->work;
    session->span = (xp_span){.n = n};
    session->maps = maps;
    work->n_rows = n;
    work->given = projected;
    work->attention = keep_maps;
    work->values = NULL;
    work->attention_only = true;
    xp_work_place(session->model, work);
    xp_family_block(&session->near, layer - 1, work);
}
