/* What units fit: a layer's vectors, norms and folds. */
#include "audit/design.h"

xp_inner_cv xp_design_inner_cv(const xp_design_layer *layer) {
    return (xp_inner_cv){.metric = layer->design->metric,
                         .seed = layer->request->options.seed,
                         .twin = layer->request->options.group_identical ? layer->study.twin : NULL};
}

size_t xp_design_rank(const xp_design *design) {
    const xp_study *study = &design->layer[0].study; /* all layers have these concepts and folds */
    size_t held_out = 0, width = SIZE_MAX;
    for (size_t l = 0; l < design->n_layers; l++)
        if (design->layer[l].study.d < width) width = design->layer[l].study.d;
    for (size_t f = 0; f < study->n_folds; f++) {
        size_t size = 0;
        for (size_t i = 0; i < study->n; i++) size += study->fold[i] == f;
        if (size > held_out) held_out = size;
    }
    const size_t trained = study->n - held_out;
    const size_t rank = width < trained ? width : trained - (trained > 0);
    return rank > 0 ? rank : 1;
}

xp_problem xp_design_problem(const xp_design_layer *layer, const xp_mapping *mapping) {
    const xp_inner_cv inner_cv = xp_design_inner_cv(layer);
    return xp_problem_of(&layer->study, mapping, &inner_cv);
}
