#include "audit/conditions.h"

#include <string.h>

#include "base/memory.h"
#include "base/rng.h"

/* The paper's order, each mean predictor under the condition whose target it shares. */
const xp_condition_spec xp_conditions[] = {
    {"system", "norms", XP_IN_VECTORS, XP_GOLD_NORMS, false, NULL},
    {"mean", "norms", XP_IN_NOTHING, XP_GOLD_NORMS, false, "system"},
    {"upper", "norms", XP_IN_NORMS, XP_GOLD_NORMS, false, NULL},
    {"shuffle", "shuffle", XP_IN_VECTORS, XP_GOLD_SHUFFLE, false, NULL},
    {"mean", "shuffle", XP_IN_NOTHING, XP_GOLD_SHUFFLE, false, "shuffle"},
    {"shuffle-rows", "shuffle-rows", XP_IN_VECTORS, XP_GOLD_SHUFFLE_ROWS, false, NULL},
    {"mean", "shuffle-rows", XP_IN_NOTHING, XP_GOLD_SHUFFLE_ROWS, false, "shuffle-rows"},
    {"shuffle-upper", "shuffle", XP_IN_NORMS, XP_GOLD_SHUFFLE, false, NULL},
    {"random", "random", XP_IN_VECTORS, XP_GOLD_RANDOM, false, NULL},
    {"mean", "random", XP_IN_NOTHING, XP_GOLD_RANDOM, false, "random"},
    {"word-form", "word-form", XP_IN_VECTORS, XP_GOLD_WORD_FORM, false, NULL},
    {"mean", "word-form", XP_IN_NOTHING, XP_GOLD_WORD_FORM, false, "word-form"},
    {"taxonomic-shuffle", "taxonomic-shuffle", XP_IN_VECTORS, XP_GOLD_TAXONOMIC_SHUFFLE, false, NULL},
    {"mean", "taxonomic-shuffle", XP_IN_NOTHING, XP_GOLD_TAXONOMIC_SHUFFLE, false, "taxonomic-shuffle"},
    {"taxonomic-drop", "taxonomic-drop", XP_IN_VECTORS, XP_GOLD_TAXONOMIC_DROP, false, NULL},
    {"mean", "taxonomic-drop", XP_IN_NOTHING, XP_GOLD_TAXONOMIC_DROP, false, "taxonomic-drop"},
    {"taxonomic-swap", "taxonomic-swap", XP_IN_VECTORS, XP_GOLD_TAXONOMIC_SWAP, false, NULL},
    {"mean", "taxonomic-swap", XP_IN_NOTHING, XP_GOLD_TAXONOMIC_SWAP, false, "taxonomic-swap"},
    {"taxonomic-swap", NULL, XP_IN_VECTORS, XP_GOLD_IN_CATEGORY, false, NULL},
    {"mean", NULL, XP_IN_NOTHING, XP_GOLD_IN_CATEGORY, false, "taxonomic-swap"},
    {"category-mean", "norms", XP_IN_LABEL, XP_GOLD_NORMS, false, NULL},
    {"category-mean", "taxonomic-drop", XP_IN_LABEL, XP_GOLD_TAXONOMIC_DROP, false, NULL},
    {"category-folds", "norms", XP_IN_VECTORS, XP_GOLD_NORMS, true, NULL},
    {"random-embedding", "norms", XP_IN_RANDOM, XP_GOLD_NORMS, false, NULL},
    {"word-form", "norms", XP_IN_SPELLING, XP_GOLD_NORMS, false, NULL},
};
const size_t xp_n_conditions = sizeof xp_conditions / sizeof *xp_conditions;

bool xp_condition_serves(const xp_condition_spec *spec, bool vectors) {
    if (vectors) return spec->input != XP_IN_SPELLING;
    const bool mean = spec->input == XP_IN_NOTHING;
    return !xp_condition_sees_vectors(spec) && (!mean || spec->gold == XP_GOLD_NORMS || spec->gold == XP_GOLD_SHUFFLE);
}

bool xp_condition_shares_input(const xp_condition_spec *spec) {
    const bool all = spec->gold == XP_GOLD_NORMS || spec->gold == XP_GOLD_SHUFFLE ||
                     spec->gold == XP_GOLD_SHUFFLE_ROWS || spec->gold == XP_GOLD_RANDOM ||
                     spec->gold == XP_GOLD_TAXONOMIC_SHUFFLE;
    return all && spec->input == XP_IN_VECTORS && !spec->by_category;
}

bool xp_condition_keeps_features(const xp_condition_spec *spec) {
    return spec->target != NULL && spec->gold != XP_GOLD_RANDOM && spec->gold != XP_GOLD_WORD_FORM &&
           spec->gold != XP_GOLD_TAXONOMIC_DROP;
}

bool xp_condition_possible(const xp_study *study, const xp_condition_spec *spec, const char **why) {
    bool needs_taxonomy = spec->gold == XP_GOLD_TAXONOMIC_SHUFFLE || spec->gold == XP_GOLD_TAXONOMIC_DROP;
    if (needs_taxonomy && study->taxonomic == NULL) {
        *why = "the norms do not say which features are taxonomic";
        return false;
    }
    bool needs_categories = spec->gold == XP_GOLD_TAXONOMIC_SWAP || spec->gold == XP_GOLD_IN_CATEGORY;
    if (spec->input == XP_IN_LABEL && !study->has_labels) {
        *why = "the concepts have no categories of at least 5";
        return false;
    }
    if (needs_categories && study->n_large < 2) {
        *why = "the concepts have fewer than 2 categories of at least 5";
        return false;
    }
    if (spec->by_category && (!study->has_labels || study->n_categories < XP_LEAST_CATEGORIES)) {
        *why = "the concepts have fewer than 4 categories, or none of at least 5";
        return false;
    }
    if (needs_taxonomy && spec->gold == XP_GOLD_TAXONOMIC_DROP) {
        size_t left = 0;
        for (size_t j = 0; j < study->m; j++) left += !study->taxonomic[j];
        *why = "all features are taxonomic";
        return left > 0;
    }
    return true;
}

void xp_prepared_free(xp_prepared *p) {
    xp_gold_free(&p->gold);
    xp_free_all(p->order, p->fold, p->member, p->label, p->x);
    *p = (xp_prepared){0};
}

static bool word_form_gold(const xp_study *study, xp_gold *gold) {
    size_t nonzero = 0;
    for (size_t i = 0; i < study->n * XP_SPELLING; i++) nonzero += study->spelling[i] != 0;
    if (!xp_csr_alloc(&gold->y, study->n, XP_SPELLING, nonzero)) return false;
    size_t at = 0;
    for (size_t i = 0; i < study->n; i++) {
        for (uint32_t j = 0; j < XP_SPELLING; j++) {
            if (study->spelling[i * XP_SPELLING + j] == 0) continue;
            gold->y.column[at] = j;
            gold->y.value[at++] = study->spelling[i * XP_SPELLING + j];
        }
        gold->y.start[i + 1] = at;
    }
    return true;
}

static bool without_taxonomic(const xp_study *study, xp_gold *gold) {
    uint8_t *keep = xp_alloc(study->m, 1);
    if (keep == NULL) return false;
    for (size_t j = 0; j < study->m; j++) keep[j] = !study->taxonomic[j];
    bool ok = xp_control_select_columns(&study->gold, keep, gold);
    xp_free(keep);
    return ok;
}

/* Members: the concepts of categories of at least 5. For the swap also whose row each gets. */
static bool in_categories(const xp_study *study, bool swap, uint64_t seed, xp_prepared *p) {
    p->order = xp_alloc(study->n, sizeof *p->order);
    p->member = xp_calloc(study->n, 1);
    if (p->order == NULL || p->member == NULL) return false;
    if (!xp_control_swap_categories(study->label, study->n, study->n_labels, XP_LEAST_CATEGORY, seed, p->order))
        return false;
    for (uint32_t i = 0; i < study->n; i++) {
        p->member[i] = p->order[i] != UINT32_MAX;
        if (!p->member[i] || !swap) p->order[i] = i;
    }
    p->problem.member = p->member;
    p->problem.target = xp_study_target(&study->gold, p->order);
    return true;
}

static bool prepare_target(const xp_study *study, const xp_condition_spec *spec, uint64_t seed, xp_prepared *p) {
    bool own = true, ok = true;
    switch (spec->gold) {
    case XP_GOLD_NORMS: own = false; break;
    case XP_GOLD_SHUFFLE: ok = xp_control_shuffle_columns(&study->gold, NULL, seed, XP_RNG_SHUFFLE, 0, &p->gold); break;
    case XP_GOLD_SHUFFLE_ROWS:
        p->order = xp_alloc(study->n, sizeof *p->order);
        if (p->order == NULL) return false;
        xp_control_shuffle_rows(study->n, seed, p->order);
        p->problem.target.row = p->order;
        own = false;
        break;
    case XP_GOLD_RANDOM: ok = xp_control_random_norms(&study->gold, study->dense, seed, &p->gold); break;
    case XP_GOLD_WORD_FORM: ok = word_form_gold(study, &p->gold); break;
    case XP_GOLD_TAXONOMIC_SHUFFLE:
        ok = xp_control_shuffle_columns(&study->gold, study->taxonomic, seed, XP_RNG_TAXONOMIC_SHUFFLE, 0, &p->gold);
        break;
    case XP_GOLD_TAXONOMIC_DROP: ok = without_taxonomic(study, &p->gold); break;
    case XP_GOLD_TAXONOMIC_SWAP:
    case XP_GOLD_IN_CATEGORY:
        ok = in_categories(study, spec->gold == XP_GOLD_TAXONOMIC_SWAP, seed, p);
        own = false;
        break;
    }
    if (ok && own) p->problem.target = xp_study_target(&p->gold, NULL);
    return ok;
}

static bool prepare_folds(const xp_study *study, xp_prepared *p) {
    p->fold = xp_alloc(study->n, sizeof *p->fold);
    if (p->fold == NULL) return false;
    p->problem.n_folds = xp_study_category_folds(study->label, study->n, study->n_labels, study->n_folds, p->fold);
    p->problem.fold = p->fold;
    return p->problem.n_folds > 0;
}

static bool prepare_label(const xp_study *study, xp_prepared *p) {
    p->label = xp_alloc(study->n, sizeof *p->label);
    p->member = xp_calloc(study->n, 1);
    if (p->label == NULL || p->member == NULL) return false;
    xp_study_categories_of_size(study->label, study->n, study->n_labels, 1, p->label);
    for (size_t i = 0; i < study->n; i++) p->member[i] = p->label[i] >= 0;
    p->problem.label = p->label;
    p->problem.member = p->member;
    p->problem.mapping = (xp_mapping){.mapper = &xp_label_mean_mapper};
    p->problem.all_train = true;
    return true;
}

bool xp_condition_prepare(const xp_study *study, const xp_condition_spec *spec, const xp_mapping *mapping,
                          const xp_inner_cv *inner_cv, xp_prepared *p) {
    const uint64_t seed = inner_cv->seed;
    *p = (xp_prepared){.problem = xp_problem_of(study, mapping, inner_cv)};
    bool ok = prepare_target(study, spec, seed, p);
    if (ok && spec->by_category) ok = prepare_folds(study, p);
    switch (spec->input) {
    case XP_IN_VECTORS:
    case XP_IN_SPELLING: break; /* the study has it as x */
    case XP_IN_NORMS:
        p->problem.x = NULL;
        p->problem.itself = true;
        break;
    case XP_IN_NOTHING:
        p->problem.x = NULL;
        p->problem.mapping = (xp_mapping){.mapper = &xp_mean_mapper};
        break;
    case XP_IN_LABEL:
        p->problem.x = NULL;
        ok = ok && prepare_label(study, p);
        break;
    case XP_IN_RANDOM:
        p->x = xp_alloc(study->n * study->d, sizeof *p->x);
        ok = ok && p->x != NULL && xp_control_random_embedding(study->x, study->n, study->d, seed, p->x);
        p->problem.x = p->x;
        break;
    }
    if (!ok) xp_prepared_free(p);
    return ok;
}
