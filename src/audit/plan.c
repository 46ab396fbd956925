#include "audit/plan.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/pool.h"
#include "norms/norms.h"
#include "tensor/blas.h"

/* ---- making ---- */

/* usual_components: where none are asked for. */
static explaint_status design(struct explaint_plan *made, const explaint_norms *norms, const explaint_layer *layers,
                              size_t n_layers, bool by_layer, const explaint_infer_options *options,
                              size_t usual_components, explaint_error *error) {
    const explaint_status status = xp_request_read(&made->request, options, usual_components, error);
    if (status != EXPLAINT_OK) return status;
    return xp_design_make(&made->design, &made->request, norms, layers, n_layers, by_layer, error);
}

static explaint_status make(const explaint_norms *norms, const explaint_layer *layers, size_t n_layers, bool by_layer,
                            const explaint_infer_options *options, explaint_plan **plan, explaint_error *error) {
    struct explaint_plan *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "the plan");
    explaint_status status = design(made, norms, layers, n_layers, by_layer, options, norms->components, error);
    /* Small norms or narrow vectors have fewer components than is usual: known once they are matched. */
    const bool usual = options->n_components == 0 && !options->choose_components && layers[0].vectors != NULL;
    const size_t rank = usual && status == EXPLAINT_OK ? xp_design_rank(&made->design) : SIZE_MAX;
    if (rank < norms->components) {
        xp_design_free(&made->design);
        xp_request_free(&made->request);
        status = design(made, norms, layers, n_layers, by_layer, options, rank, error);
    }
    if (status == EXPLAINT_OK)
        *plan = made;
    else
        explaint_plan_close(made);
    return status;
}

explaint_status explaint_infer_plan(const explaint_norms *norms, const explaint_vectors *vectors,
                                    const explaint_infer_options *options, explaint_plan **plan,
                                    explaint_error *error) {
    *plan = NULL;
    xp_blas_single_thread();
    const explaint_infer_options defaults = explaint_infer_defaults();
    if (options == NULL) options = &defaults;
    xp_adjust adjust;
    const explaint_status status = xp_request_read_adjust(options, &adjust, error);
    if (status != EXPLAINT_OK) return status;
    if (strcmp(options->adjust, "default") != 0 && adjust != XP_ADJUST_NONE)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "adjust \"%s\" needs several layers, whose p-values it adjusts together: leave it out",
                       options->adjust);
    return make(norms, &(explaint_layer){-1, vectors}, 1, false, options, plan, error);
}

static explaint_status check_layers(const explaint_layer *layers, size_t n_layers,
                                    const explaint_infer_options *options, explaint_error *error) {
    if (n_layers == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at least one layer, found none");
    for (size_t i = 0; i < n_layers; i++)
        if (layers[i].number < 0 || layers[i].number > 100000 || (i > 0 && layers[i].number <= layers[i - 1].number))
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected layers from 0 to 100000 that ascend, found %d",
                           layers[i].number);
    if (options->keep_predictions)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "predictions are kept for one layer at a time; run the layer alone");
    return EXPLAINT_OK;
}

explaint_status explaint_infer_plan_layers(const explaint_norms *norms, const explaint_layer *layers, size_t n_layers,
                                           const explaint_infer_options *options, explaint_plan **plan,
                                           explaint_error *error) {
    *plan = NULL;
    xp_blas_single_thread();
    const explaint_infer_options defaults = explaint_infer_defaults();
    if (options == NULL) options = &defaults;
    const explaint_status status = check_layers(layers, n_layers, options, error);
    return status == EXPLAINT_OK ? make(norms, layers, n_layers, true, options, plan, error) : status;
}

void explaint_plan_close(explaint_plan *plan) {
    if (plan == NULL) return;
    for (size_t l = 0; plan->execution != NULL && l < plan->design.n_layers; l++)
        xp_execution_free(&plan->execution[l]);
    xp_free(plan->execution);
    xp_design_free(&plan->design);
    xp_request_free(&plan->request);
    xp_free(plan);
}

/* ---- what it says ---- */

const char *explaint_plan_identity(const explaint_plan *plan) { return plan->design.identity; }

size_t explaint_plan_n_units(const explaint_plan *plan) {
    size_t count = 0;
    for (size_t l = 0; l < plan->design.n_layers; l++) count += plan->design.layer[l].n_units;
    return count;
}

const char *explaint_plan_unit(const explaint_plan *plan, size_t i) {
    const xp_design_layer *layer = plan->design.layer;
    while (i >= layer->n_units) i -= layer++->n_units;
    return layer->units[i].key;
}

const char *explaint_plan_covariate(const explaint_plan *plan, size_t i) {
    const xp_strings *names = &plan->design.layer[0].notes.covariates;
    return i < names->count ? names->item[i] : NULL;
}

/* The relation, the packed weights of each test, two square matrices of each that is being made; the input sides of refits, of the lint and of
 * conditions. */
static double tests_memory(const xp_design_layer *layer, double threads, double r) {
    const xp_design *d = layer->design;
    const double n = (double)layer->distinct.n, folds = (double)layer->study.n_folds;
    double doubles = d->permutations > 0 ? n * n * (1 + 2 * threads) : 0;
    doubles += 2 * folds * (n * r + r * r);
    for (size_t t = 0; t < XP_N_TESTS; t++) {
        if (!layer->has_test[t]) continue;
        const double m = (double)layer->test[t].blocks.n_movable;
        doubles += m * m / 2 * (double)xp_permutation_test_n_draws((xp_test_id)t);
        if (d->refits == 0) continue;
        doubles += folds * (n * r + r * r);
        if (d->request->mapping.choose) doubles += 2 * fmin(XP_INPUTS_KEEP / 8, folds * XP_INNER_FOLDS * n * r);
    }
    return 8 * doubles;
}

static double layer_memory(const xp_design_layer *layer) {
    const xp_study *s = &layer->study;
    const xp_request *request = layer->request;
    const xp_mapping *mapping = &request->mapping;
    const double threads = xp_pool_threads(request->options.threads), n = (double)s->n, m = (double)s->m,
                 d = (double)s->d, r = d < n ? d : n, most = xp_design_most_components(request),
                 levels = (double)xp_mapping_n_levels(mapping),
                 scores = (levels * n * (XP_N_METRICS * 16 + 40) + n * XP_TOP * (5 + 8 * XP_N_SPACES)) * 24;
    double unit = 2 * n * m + (m + n) * r + n * n * 3 + 2 * n * d + most * n * (double)s->n_folds; /* doubles */
    if (mapping->choose) unit += n * m / 5 + (m + n) * r + 2 * n * n + 2 * n * d; /* an inner fit beside it */
    if (mapping->mapper->fit_memory != NULL) unit += mapping->mapper->fit_memory(&mapping->settings, n, d, m);
    const double kept = request->options.keep_predictions ? 24 * levels * n * m * 8 : 0;
    return threads * unit * 8 + scores + kept + tests_memory(layer, threads, r) + 3e7;
}

/* Weights of the tests that layers draw together, one test at a time. */
static double together_memory(const xp_design *d) {
    double most = 0;
    for (size_t t = 0; t < XP_N_TESTS && d->n_layers > 1; t++) {
        const double bytes = xp_execution_weights(&d->layer[0], t, d->n_layers);
        if (bytes <= XP_TOGETHER_KEEP) most = fmax(most, bytes);
    }
    return most;
}

/* One layer runs at a time; what all hold is small beside it. */
double explaint_plan_memory(const explaint_plan *plan) {
    double others = together_memory(&plan->design), largest = 0;
    for (size_t l = 0; l < plan->design.n_layers; l++) {
        const xp_design_layer *layer = &plan->design.layer[l];
        if (l > 0) others += 2 * (double)layer->study.n * (double)layer->study.d * 8;
        largest = fmax(largest, layer_memory(layer));
    }
    return others + largest;
}

/* The estimated work at a third of the rate of a matrix product, from a short measurement. */
double explaint_plan_seconds(const explaint_plan *plan) {
    enum { N = 256 };
    double work = 0, *a = xp_calloc(3 * N * N, sizeof *a);
    if (a == NULL) return 0;
    struct timespec from, to;
    xp_gemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < 4; i++) xp_gemm(false, false, N, N, N, 1, a, N, a + N * N, N, 0, a + 2 * N * N, N);
    clock_gettime(CLOCK_MONOTONIC, &to);
    xp_free(a);
    double seconds = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
    double rate = 4 * 2.0 * N * N * N / (seconds > 0 ? seconds : 1e-9);
    for (size_t l = 0; l < plan->design.n_layers; l++)
        for (size_t i = 0; i < plan->design.layer[l].n_units; i++) work += plan->design.layer[l].units[i].work;
    return 3 * work / rate / xp_pool_threads(plan->request.options.threads);
}
