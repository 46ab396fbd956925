#include "model/check.h"

#include <stdint.h>
#include <string.h>

#include "model/model.h"

explaint_status xp_check_ids(const explaint_model *model, const explaint_ids *text, size_t number,
                             explaint_error *error) {
    const explaint_model_info *info = &model->info;
    if (text->n == 0)
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0, "text %zu, counted from 0: expected pieces, found none",
                       number);
    if (text->n > info->n_positions && !info->open_ended)
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                       "text %zu, counted from 0: expected at most %zu pieces, the positions of %s, found %zu; cut it",
                       number, info->n_positions, info->name, text->n);
    for (size_t i = 0; i < text->n; i++)
        if (text->id[i] < 0 || (size_t)text->id[i] >= info->vocabulary)
            return xp_fail(
                error, EXPLAINT_INVALID, NULL, 0,
                "text %zu, piece %zu, counted from 0: expected an id of 0 to %zu, found %ld; is the tokenizer "
                "this model's?",
                number, i, info->vocabulary - 1, (long)text->id[i]);
    return EXPLAINT_OK;
}

explaint_status xp_check_logits(const explaint_model *model, explaint_error *error) {
    return model->output.rows > 0 ? EXPLAINT_OK
                                  : xp_fail(error, EXPLAINT_USAGE, model->info.path, 0,
                                            "expected a model that was opened with its logits, found one without");
}

/* Exponents of ones only, asked without a largest number: the narrowest registers have none of integers. */
bool xp_check_finite(size_t n, const float *x) {
    const uint32_t exponent = 0x7f800000;
    uint32_t broken = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        broken |= (bits & exponent) == exponent;
    }
    return broken == 0;
}

explaint_status xp_check_refuse_state(const explaint_model *model, size_t text, size_t layer, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, model->info.path, 0,
                   "text %zu, counted from 0: expected finite numbers in layer %zu, found NaN or infinity: the weights "
                   "are too large for fp32",
                   text, layer);
}
