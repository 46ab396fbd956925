#include "model/logits.h"

#include "base/memory.h"
#include "tensor/floats.h"

/* Width of what the output matrix takes. */
static size_t inner_of(const explaint_model *model) {
    return model->word_unmap != NULL ? model->config.word_width : model->config.width;
}

/* Logits, a panel of the matrix, rows of another width. */
explaint_status xp_logits_create(const explaint_model *model, xp_model_work *work, explaint_error *error) {
    const size_t inner = inner_of(model);
    size_t size;
    if (!xp_mul_overflows(XP_MAP_ROWS, model->config.vocabulary + inner, &size))
        work->logits = xp_floats_create(size + XP_PANEL * inner);
    return work->logits != NULL ? EXPLAINT_OK : xp_no_memory(error, "logits");
}

/* The matrix stays as it lies, since it may be the rows of words: a panel of it is packed and used for all rows. */
void xp_logits_make(const explaint_model *model, xp_model_work *work, size_t n, const float *rows) {
    const xp_config *c = &model->config;
    const size_t inner = inner_of(model), vocabulary = c->vocabulary;
    float *panel = work->logits + XP_MAP_ROWS * vocabulary, *mapped = panel + XP_PANEL * inner;
    const float cap = (float)c->logit_cap;
    if (model->word_unmap != NULL) {
        const xp_linear back = {c->width, inner, model->word_unmap, NULL};
        xp_linear_apply(model->kernels, &back, n, rows, c->width, XP_IDENTITY, NULL, 0, mapped, inner);
        rows = mapped;
    }
    for (size_t first = 0; first < vocabulary; first += XP_PANEL) {
        const size_t wide = vocabulary - first < XP_PANEL ? vocabulary - first : XP_PANEL;
        float *logits = work->logits + first;
        xp_panels_put(inner, 0, wide, model->output + first * inner, inner, panel);
        const xp_linear map = {inner, wide, panel, model->output_bias != NULL ? model->output_bias + first : NULL};
        xp_linear_apply(model->kernels, &map, n, rows, inner, XP_IDENTITY, NULL, 0, logits, vocabulary);
        if (cap > 0) {
            for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < wide; k++) logits[i * vocabulary + k] /= cap;
            model->kernels->finish(n, wide, logits, vocabulary, NULL, XP_TANH, NULL, 0);
            for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < wide; k++) logits[i * vocabulary + k] *= cap;
        }
    }
}
