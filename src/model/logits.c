#include "model/logits.h"

#include "base/memory.h"
#include "tensor/floats.h"

/* Width of what the output matrix takes. */
static size_t inner_of(const explaint_model *model) {
    return model->word_unmap.rows > 0 ? model->config.word_width : model->config.width;
}

/* Logits, rows of another width. */
explaint_status xp_logits_create(const explaint_model *model, xp_model_work *work, explaint_error *error) {
    size_t size;
    if (!xp_mul_overflows(XP_MAP_ROWS, model->config.vocabulary + inner_of(model), &size))
        work->logits = xp_floats_create(size);
    return work->logits != NULL ? EXPLAINT_OK : xp_no_memory(error, "logits");
}

/* cap * tanh(logit / cap) */
static void cap_row(const explaint_model *model, float *row) {
    const size_t n = model->config.vocabulary;
    const float cap = (float)model->config.logit_cap;
    for (size_t k = 0; k < n; k++) row[k] /= cap;
    model->kernels->finish(1, n, row, n, NULL, XP_TANH, NULL, 0);
    for (size_t k = 0; k < n; k++) row[k] *= cap;
}

/* The matrix stays as it lies, since it may be the rows of words. */
void xp_logits_make(const explaint_model *model, xp_model_work *work, size_t n, const float *rows) {
    const xp_config *c = &model->config;
    const size_t inner = inner_of(model), vocabulary = c->vocabulary;
    float *mapped = work->logits + XP_MAP_ROWS * vocabulary;
    if (model->word_unmap.rows > 0) {
        const xp_linear back = xp_matrix_linear(&model->word_unmap, NULL);
        xp_linear_apply(model->kernels, &back, n, rows, c->width, XP_IDENTITY, NULL, 0, mapped, inner);
        rows = mapped;
    }
    const xp_linear map = xp_matrix_linear(&model->output, model->output_bias);
    xp_linear_apply(model->kernels, &map, n, rows, inner, XP_IDENTITY, NULL, 0, work->logits, vocabulary);
    for (size_t i = 0; c->logit_cap > 0 && i < n; i++) cap_row(model, work->logits + i * vocabulary);
}
