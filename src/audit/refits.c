#include "audit/refits.h"

#include "base/memory.h"
#include "base/rng.h"

bool xp_refits_prepare(xp_refits *r, const xp_permutation_test *test, const xp_mapping *mapping, xp_metric metric,
                       uint64_t seed) {
    r->test = test;
    const xp_inner_cv inner_cv = {.metric = metric, .seed = seed};
    r->problem = xp_problem_of(test->study, mapping, &inner_cv);
    r->problem.fold = test->fold;
    r->problem.n_folds = test->n_folds;
    r->problem.member = test->blocks.movable;
    r->problem.all_train = true;
    r->problem.inputs = &r->inputs;
    r->problem.rough = true;
    return xp_inputs_create(&r->inputs, &r->problem) && xp_inputs_keep(&r->inputs);
}

void xp_refits_release(xp_refits *r) { xp_inputs_free(&r->inputs); }

bool xp_refits_run(const xp_refits *r, uint32_t first, size_t count, double *out, explaint_error *error) {
    const size_t n = r->problem.n;
    const xp_inner_cv *inner_cv = &r->problem.inner_cv;
    uint32_t *order = xp_alloc(n, sizeof *order), *spare = xp_alloc(n, sizeof *spare);
    bool ok = order != NULL && spare != NULL;
    for (size_t b = 0; ok && b < count; b++) {
        xp_problem p = r->problem;
        p.number = first + (uint32_t)b;
        if (p.number > 0) {
            xp_blocks_permute(&r->test->blocks, inner_cv->seed, XP_RNG_PERMUTE + (unsigned)r->test->id, p.number, spare,
                              order);
            p.target.row = order;
        }
        ok = xp_evaluate_mean(&p, inner_cv->metric, &out[b], error);
    }
    xp_free_all(order, spare);
    return ok;
}
