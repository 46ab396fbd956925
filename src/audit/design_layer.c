/* What units fit: a layer's vectors, norms and folds. */
#include "audit/design.h"

xp_inner_cv xp_design_inner_cv(const xp_design_layer *layer) {
    return (xp_inner_cv){.metric = layer->design->metric,
                         .seed = layer->request->options.seed,
                         .twin = layer->request->options.group_identical ? layer->study.twin : NULL};
}

xp_problem xp_design_problem(const xp_design_layer *layer, const xp_mapping *mapping) {
    const xp_inner_cv inner_cv = xp_design_inner_cv(layer);
    return xp_problem_of(&layer->study, mapping, &inner_cv);
}
