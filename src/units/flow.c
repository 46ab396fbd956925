#include "units/flow.h"

#include <math.h>

#include "base/memory.h"
#include "base/strings.h"
#include "units/arrays.h"

const char *const xp_units_flows[XP_N_FLOWS] = {"rollout_own",
                                                "rollout_entropy",
                                                "rollout_first",
                                                "rollout_uniform_first",
                                                "flow_own",
                                                "mixing_attn_w",
                                                "mixing_attn_n",
                                                "mixing_attnres_n",
                                                "mixing_attnresln_n",
                                                "alti_own",
                                                "alti_entropy",
                                                "alti_product_own",
                                                "alti_product_entropy",
                                                "alti_product_own_largest",
                                                "alti_unit_rows",
                                                "value_zeroing_own",
                                                "value_zeroing_other",
                                                "value_zeroing_own_normalised",
                                                "value_zeroing_max",
                                                "value_zeroing_zero_rows",
                                                "effective_rank_min",
                                                "effective_rank_max",
                                                "effective_removed",
                                                "attribution_own",
                                                "attribution_own_not_largest",
                                                "attribution_error"};

const xp_flow_joining xp_units_flow_joinings[XP_N_FLOWS] = {[XP_FLOW_ALTI_UNIT_ROWS] = XP_FLOW_SUM,
                                                            [XP_FLOW_ZEROING_ZERO_ROWS] = XP_FLOW_SUM,
                                                            [XP_FLOW_EFFECTIVE_RANK_MIN] = XP_FLOW_LEAST,
                                                            [XP_FLOW_EFFECTIVE_RANK_MAX] = XP_FLOW_MOST};

static size_t size_of(const xp_units_flow *f) { return (XP_N_FLOWS + f->n_columns) * f->n_layers; }

bool xp_units_flow_create(xp_units_flow *f) {
    if ((f->mean = xp_alloc(size_of(f), 2 * sizeof *f->mean)) == NULL) return false;
    f->rows = f->mean + size_of(f);
    for (size_t i = 0; i < size_of(f); i++) {
        f->mean[i] = NAN;
        f->rows[i] = 0;
    }
    return true;
}

static bool describe(const xp_units_flow *f, xp_text *holds) {
    xp_text_addf(holds, "flow of text %zu of %zu pieces; layers from 1; measures: ", f->text, f->n_pieces);
    for (xp_flow m = 0; m < XP_N_FLOWS; m++) xp_text_addf(holds, "%s%s", m > 0 ? "; " : "", xp_units_flows[m]);
    for (size_t k = 0; k < f->n_columns; k++) xp_text_addf(holds, "; rollout of piece %zu", f->column[k]);
    return !holds->failed;
}

bool xp_units_flow_pack(const xp_units_flow *f, void **bytes, size_t *size) {
    const xp_units_array all[] = {{"mean", "F64", 2, {XP_N_FLOWS + f->n_columns, f->n_layers}, f->mean},
                                  {"rows", "F64", 2, {XP_N_FLOWS + f->n_columns, f->n_layers}, f->rows}};
    xp_text holds = {0};
    const bool ok = describe(f, &holds) && xp_units_pack(holds.data, all, 2, bytes, size);
    xp_text_free(&holds);
    return ok;
}

bool xp_units_flow_unpack(xp_units_flow *f, const void *bytes, size_t size) {
    const xp_units_array all[] = {{"mean", "F64", 2, {XP_N_FLOWS + f->n_columns, f->n_layers}, f->mean},
                                  {"rows", "F64", 2, {XP_N_FLOWS + f->n_columns, f->n_layers}, f->rows}};
    xp_text holds = {0};
    bool ok = describe(f, &holds) && xp_units_unpack(holds.data, all, 2, bytes, size);
    xp_text_free(&holds);
    for (size_t i = 0; ok && i < size_of(f); i++)
        ok = f->rows[i] >= 0 && f->rows[i] <= (double)f->n_pieces && isnan(f->mean[i]) == !(f->rows[i] > 0) &&
             !isinf(f->mean[i]);
    return ok;
}
