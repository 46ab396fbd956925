#include "model/session.h"

#include <string.h>

#include "base/memory.h"
#include "model/check.h"
#include "model/family.h"

struct xp_session {
    const explaint_model *model;
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

explaint_status xp_session_create(const explaint_model *model, size_t longest, xp_session **session,
                                  explaint_error *error) {
    *session = NULL;
    xp_session *s = xp_calloc(1, sizeof *s);
    if (s == NULL) return xp_no_memory(error, "the states of a text");
    if (longest > model->info.n_positions && !model->info.open_ended) longest = model->info.n_positions;
    s->model = model;
    explaint_status status = xp_work_create(model, longest, longest, true, true, &s->work, error);
    if (status != EXPLAINT_OK) {
        xp_free(s);
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
    xp_free(session);
}

void xp_model_word(const explaint_model *model, int32_t id, double *row) {
    xp_matrix_row_wide(&model->word_rows, (size_t)id, row);
}

explaint_status xp_session_embed(xp_session *session, const int32_t *id, size_t n, float *rows, explaint_error *error) {
    const explaint_ids text = {id, n};
    explaint_status status = xp_check_ids(session->model, &text, 0, error);
    if (status == EXPLAINT_OK) session->model->family->embed(session->model, 0, id, n, session->work.narrow, rows);
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
    work->attention = maps != NULL ? keep_maps : NULL;
    work->values = values != NULL ? keep_values : NULL;
    work->attention_only = to == NULL;
    memcpy(work->rows, rows, size);
    xp_work_place(session->model, work);
    session->model->family->block(session->model, layer - 1, work);
    if (to != NULL) memcpy(to, work->rows, size);
}
