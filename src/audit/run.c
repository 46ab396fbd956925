/* Runs the units of a plan on a few threads, layer after layer, reading and keeping what is stored. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "audit/plan.h"
#include "audit/result.h"
#include "base/memory.h"
#include "base/pool.h"

typedef struct run {
    xp_execution *execution; /* of the layer that runs */
    const explaint_units *store;
    const explaint_progress *progress;
    explaint_error *error;
    pthread_mutex_t lock; /* store, progress and what follows */
    const xp_unit **todo; /* the longest first, so that no thread is left alone with one at the end */
    size_t n_todo;
    xp_reader reader;   /* of the layer's tests, while they are prepared */
    double done, total; /* work, of all layers */
    bool stopped;
    explaint_status status;
    const char *what;
} run;

/* ---- what a layer holds ---- */

/* Matrices that are to be kept whole. Counts that a condition does not have cost nothing. */
static bool keep_predictions(xp_execution *e) {
    const xp_design_layer *layer = e->layer;
    const size_t rows = xp_mapping_n_levels(&layer->request->mapping) * layer->study.n;
    e->predictions = xp_calloc(xp_n_conditions, sizeof *e->predictions);
    for (size_t u = 0; e->predictions != NULL && u < layer->n_units; u++) {
        const xp_unit *unit = &layer->units[u];
        if (unit->kind != XP_UNIT_CONDITION || xp_conditions[unit->index].target == NULL) continue;
        const bool spelling = xp_conditions[unit->index].gold == XP_GOLD_WORD_FORM;
        size_t cells;
        if (xp_mul_overflows(rows, spelling ? XP_SPELLING : layer->study.m, &cells)) return false;
        e->predictions[unit->index] = xp_alloc(cells, sizeof(double));
        if (e->predictions[unit->index] == NULL) return false;
    }
    return e->predictions != NULL;
}

bool xp_execution_create(xp_execution *e, const xp_design_layer *layer) {
    *e = (xp_execution){.layer = layer, .output = xp_calloc(layer->n_units, sizeof *e->output)};
    return e->output != NULL && (!layer->request->options.keep_predictions || keep_predictions(e));
}

/* What units share. */
static void release(xp_execution *e) {
    for (size_t t = 0; t < XP_N_TESTS; t++) {
        xp_statistic_free(&e->statistic[t]);
        xp_refits_release(&e->refits[t]);
    }
    xp_inputs_free(&e->inputs);
    xp_relation_free(&e->relation);
}

void xp_execution_free(xp_execution *e) {
    release(e);
    for (size_t u = 0; e->output != NULL && u < e->layer->n_units; u++) xp_unit_output_clear(&e->output[u]);
    xp_free(e->output);
    for (size_t c = 0; e->predictions != NULL && c < xp_n_conditions; c++) xp_free(e->predictions[c]);
    xp_free(e->predictions);
    *e = (xp_execution){0};
}

/* ---- units ---- */

static bool report(run *r) {
    if (r->stopped || r->progress == NULL || r->progress->report == NULL) return !r->stopped;
    if (!r->progress->report(r->progress->self, r->what, r->done, r->total)) r->stopped = true;
    return !r->stopped;
}

static bool tick(void *self) {
    run *r = self;
    pthread_mutex_lock(&r->lock);
    bool on = report(r) && r->status == EXPLAINT_OK;
    pthread_mutex_unlock(&r->lock);
    return on;
}

static xp_unit_output *output_of(const xp_execution *e, const xp_unit *unit) {
    return &e->output[unit - e->layer->units];
}

static explaint_status keep(run *r, const xp_execution *e, const xp_unit *unit) {
    void *bytes = NULL;
    size_t size = 0;
    explaint_status status = xp_unit_pack(e->layer, unit, output_of(e, unit), &bytes, &size)
                                 ? r->store->keep(r->store->self, unit->key, bytes, size, r->error)
                                 : xp_no_memory(r->error, unit->key);
    xp_free(bytes);
    return status;
}

/* A unit that has run, or could not. false: no more are to run. */
static bool finish(run *r, const xp_execution *e, const xp_unit *unit, bool ok, const char *why) {
    pthread_mutex_lock(&r->lock);
    r->done += unit->work;
    r->what = unit->key;
    output_of(e, unit)->finished = ok;
    if (!ok && r->status == EXPLAINT_OK)
        r->status = xp_fail(r->error, EXPLAINT_FAILED, NULL, 0, "unit %s failed: %s", unit->key,
                            why[0] != 0 ? why : "not enough memory, or a value grew beyond what a number can hold");
    if (ok && r->status == EXPLAINT_OK && r->store != NULL && r->store->keep != NULL && !r->stopped)
        r->status = keep(r, e, unit);
    bool on = r->status == EXPLAINT_OK && !r->stopped;
    pthread_mutex_unlock(&r->lock);
    return on;
}

static bool run_unit(run *r, const xp_execution *e, const xp_unit *unit) {
    explaint_error error = {0};
    const bool ok = xp_unit_run(e, unit, output_of(e, unit), &error);
    return finish(r, e, unit, ok, error.message);
}

static bool one(void *self, size_t i, unsigned w) {
    run *r = self;
    (void)w;
    return run_unit(r, r->execution, r->todo[i]);
}

static int by_work(const void *a, const void *b) {
    const xp_unit *p = *(xp_unit *const *)a, *q = *(xp_unit *const *)b;
    if (p->work != q->work) return p->work > q->work ? -1 : 1;
    return p < q ? -1 : p > q;
}

/* What a store holds of a layer need not run (but conditions whose matrices are asked for). */
static explaint_status find_stored(run *r, xp_execution *e) {
    const xp_design_layer *layer = e->layer;
    for (size_t u = 0; r->store != NULL && r->store->find != NULL && u < layer->n_units; u++) {
        const xp_unit *unit = &layer->units[u];
        xp_unit_output *output = &e->output[u];
        if (unit->kind == XP_UNIT_CONDITION && layer->request->options.keep_predictions) continue;
        void *bytes = NULL;
        size_t size = 0;
        explaint_status status = r->store->find(r->store->self, unit->key, &bytes, &size, r->error);
        if (status != EXPLAINT_OK) return status;
        output->finished = bytes != NULL && xp_unit_unpack(layer, unit, output, bytes, size); /* damaged: again */
        if (output->finished) r->done += unit->work;
    }
    return EXPLAINT_OK;
}

static void list_todo(run *r) {
    const xp_design_layer *layer = r->execution->layer;
    r->n_todo = 0;
    for (size_t u = 0; u < layer->n_units; u++)
        if (!r->execution->output[u].finished) r->todo[r->n_todo++] = &layer->units[u];
    qsort(r->todo, r->n_todo, sizeof *r->todo, by_work);
}

/* ---- what units share ---- */

static bool runs(const xp_execution *e, xp_unit_kind kind, size_t index) {
    for (size_t u = 0; u < e->layer->n_units; u++) {
        const xp_unit *unit = &e->layer->units[u];
        if (unit->kind == kind && unit->index == index && !e->output[u].finished) return true;
    }
    return false;
}

static bool runs_test(const xp_execution *e, size_t t) {
    return runs(e, XP_UNIT_OBSERVED, t) || runs(e, XP_UNIT_PERMUTATIONS, t);
}

static bool relate(const xp_design_layer *layer, xp_relation *relation) {
    const xp_study *s = &layer->distinct;
    const xp_target target = xp_study_target(&s->gold, NULL);
    return xp_relation_create(relation, &target, s->dense, s->covariates, s->n_covariates);
}

/* What conditions on the same vectors and folds share, where it does not take much room. */
static bool keep_inputs(const run *r) {
    const xp_design_layer *layer = r->execution->layer;
    const double n = (double)layer->study.n, d = (double)layer->study.d;
    size_t sharing = 0;
    for (size_t i = 0; i < r->n_todo; i++)
        sharing +=
            r->todo[i]->kind == XP_UNIT_CONDITION && xp_condition_shares_input(&xp_conditions[r->todo[i]->index]);
    if (sharing < 2 || (double)layer->study.n_folds * n * (d < n ? d : n) * sizeof(double) > XP_INPUTS_KEEP)
        return true;
    const xp_problem p = xp_design_problem(layer, &layer->request->mapping);
    return xp_inputs_create(&r->execution->inputs, &p) && xp_inputs_keep(&r->execution->inputs);
}

/* Task i: a test; from XP_N_TESTS on, its refits; then conditions. */
static bool prepare_one(void *self, size_t i, unsigned w) {
    run *r = self;
    (void)w;
    xp_execution *e = r->execution;
    const xp_design_layer *layer = e->layer;
    const size_t t = i % XP_N_TESTS;
    if (i == 2 * XP_N_TESTS) return keep_inputs(r);
    if (i >= XP_N_TESTS)
        return !runs(e, XP_UNIT_EFFECT, t) ||
               xp_refits_prepare(&e->refits[t], &layer->test[t], &layer->request->test_mapping, layer->design->metric,
                                 layer->request->options.seed);
    return !runs_test(e, t) || xp_statistic_create(&e->statistic[t], &layer->test[t], &e->relation, &r->reader);
}

static bool prepare(run *r, unsigned threads) {
    const xp_study *s = &r->execution->layer->distinct;
    bool any = false, ok = true;
    for (size_t t = 0; t < XP_N_TESTS; t++) any = any || runs_test(r->execution, t);
    if (any)
        ok = relate(r->execution->layer, &r->execution->relation) && xp_reader_create(&r->reader, s->x, s->n, s->d);
    const xp_pool_job job = {.n_tasks = 2 * XP_N_TESTS + 1, .run = prepare_one, .self = r};
    ok = ok && xp_pool_run(threads, &job);
    xp_reader_free(&r->reader);
    return ok;
}

/* ---- tests that layers share ---- */

/* Layers whose test exchanges the same rows: they look up the same numbers of the same relation, and do so together. */
typedef struct together {
    run *run;
    size_t test;
    xp_execution **member;
    size_t n;
    xp_relation relation;
} together;

enum { LEAST_TOGETHER = 2 };

static bool same_rows(const xp_design_layer *a, const xp_design_layer *b, size_t t) {
    const xp_blocks *p = &a->test[t].blocks, *q = &b->test[t].blocks;
    return a->has_test[t] && b->has_test[t] && p->n == q->n && p->n_blocks == q->n_blocks &&
           p->n_movable == q->n_movable &&
           memcmp(a->distinct.concept_of, b->distinct.concept_of, p->n * sizeof *a->distinct.concept_of) == 0 &&
           memcmp(p->member, q->member, p->n_movable * sizeof *p->member) == 0 &&
           memcmp(p->start, q->start, (p->n_blocks + 1) * sizeof *p->start) == 0;
}

/* What is observed; its permutations follow it in the list. */
static const xp_unit *observed_unit(const xp_design_layer *layer, size_t t) {
    size_t u = 0;
    while (layer->units[u].kind != XP_UNIT_OBSERVED || layer->units[u].index != t) u++;
    return &layer->units[u];
}

static bool prepare_member(void *self, size_t i, unsigned w) {
    const together *all = self;
    xp_execution *e = all->member[i];
    const xp_study *s = &e->layer->distinct;
    xp_reader reader = {0};
    (void)w;
    const bool ok = xp_reader_create(&reader, s->x, s->n, s->d) &&
                    xp_statistic_create(&e->statistic[all->test], &e->layer->test[all->test], &all->relation, &reader);
    xp_reader_free(&reader);
    if (!ok) return false;
    const xp_unit *unit = observed_unit(e->layer, all->test);
    return output_of(e, unit)->finished || run_unit(all->run, e, unit);
}

/* Block i of permutations, of the members that have not got it. */
static bool run_together(void *self, size_t i, unsigned w) {
    const together *all = self;
    const uint64_t seed = all->member[0]->layer->request->options.seed;
    const xp_statistic **statistic = xp_alloc(all->n, sizeof *statistic);
    double **out = xp_alloc(all->n, sizeof *out);
    const xp_unit *unit = NULL;
    size_t n = 0;
    (void)w;
    bool ok = statistic != NULL && out != NULL;
    for (size_t k = 0; ok && k < all->n; k++) {
        const xp_execution *e = all->member[k];
        unit = observed_unit(e->layer, all->test) + 1 + i;
        xp_unit_output *output = output_of(e, unit);
        if (output->finished) continue;
        output->value = xp_alloc(xp_permutation_test_n_draws((xp_test_id)all->test) * unit->count, sizeof(double));
        ok = output->value != NULL;
        statistic[n] = &e->statistic[all->test];
        out[n++] = output->value;
    }
    ok = ok && (n == 0 || xp_statistic_permute_together(statistic, n, seed, unit->first, unit->count, out));
    xp_free_all(statistic, out);
    for (size_t k = 0; k < all->n; k++) {
        const xp_execution *e = all->member[k];
        unit = observed_unit(e->layer, all->test) + 1 + i;
        if (!output_of(e, unit)->finished && !finish(all->run, e, unit, ok, "")) return false;
    }
    return true;
}

static bool tick_together(void *self) { return tick(((together *)self)->run); }

static void run_members(together *all, size_t n_blocks, unsigned threads) {
    run *r = all->run;
    const xp_pool_job make = {.n_tasks = all->n, .run = prepare_member, .tick = tick_together, .self = all},
                      draw = {.n_tasks = n_blocks, .run = run_together, .tick = tick_together, .self = all};
    const bool made = relate(all->member[0]->layer, &all->relation) && xp_pool_run(threads, &make);
    if (!made && r->status == EXPLAINT_OK && !r->stopped) r->status = xp_no_memory(r->error, "the tests");
    if (made && !xp_pool_run(threads, &draw) && r->status == EXPLAINT_OK && !r->stopped)
        r->status = xp_no_thread(r->error);
    for (size_t k = 0; k < all->n; k++) xp_statistic_free(&all->member[k]->statistic[all->test]);
    xp_relation_free(&all->relation);
}

/* One test, of all layers that exchange the rows of the first. */
static void run_shared_test(run *r, const xp_design *d, xp_execution *layers, size_t t, unsigned threads) {
    together all = {.run = r, .test = t, .member = xp_alloc(d->n_layers, sizeof *all.member)};
    if (all.member == NULL) {
        r->status = xp_no_memory(r->error, "the tests");
        return;
    }
    for (size_t l = 0; l < d->n_layers; l++)
        if (same_rows(&d->layer[0], &d->layer[l], t) && runs_test(&layers[l], t)) all.member[all.n++] = &layers[l];
    if (all.n >= LEAST_TOGETHER && xp_execution_weights(&d->layer[0], t, all.n) <= XP_TOGETHER_KEEP)
        run_members(&all, (d->permutations + XP_BLOCK - 1) / XP_BLOCK, threads);
    xp_free(all.member);
}

/* ---- layers ---- */

/* One layer, and what it held beside its units' bytes is given back. */
static void run_layer(run *r, xp_execution *execution, unsigned threads) {
    r->execution = execution;
    r->todo = xp_alloc(execution->layer->n_units, sizeof *r->todo);
    if (r->todo == NULL) {
        r->status = xp_no_memory(r->error, "the run");
        return;
    }
    list_todo(r);
    if (!prepare(r, threads)) r->status = xp_no_memory(r->error, "the tests");
    if (r->status == EXPLAINT_OK && r->n_todo > 0) {
        xp_pool_job job = {.n_tasks = r->n_todo, .run = one, .tick = tick, .self = r};
        if (!xp_pool_run(threads, &job) && r->status == EXPLAINT_OK && !r->stopped) r->status = xp_no_thread(r->error);
    }
    release(execution);
    xp_free(r->todo);
}

/* Nothing is left of a run before. */
static explaint_status begin(explaint_plan *plan, run *r) {
    const xp_design *d = &plan->design;
    bool ok = plan->execution != NULL || (plan->execution = xp_calloc(d->n_layers, sizeof *plan->execution)) != NULL;
    for (size_t l = 0; ok && l < d->n_layers; l++) {
        xp_execution_free(&plan->execution[l]);
        ok = xp_execution_create(&plan->execution[l], &d->layer[l]);
        for (size_t u = 0; u < d->layer[l].n_units; u++) r->total += d->layer[l].units[u].work;
    }
    return ok ? EXPLAINT_OK : xp_no_memory(r->error, "the run");
}

explaint_status explaint_plan_run(explaint_plan *plan, const explaint_units *units, const explaint_progress *progress,
                                  explaint_result **result, explaint_error *error) {
    *result = NULL;
    const unsigned threads = xp_pool_threads(plan->request.options.threads);
    run r = {.store = units, .progress = progress, .error = error, .what = ""};
    pthread_mutex_init(&r.lock, NULL);
    const size_t n_layers = plan->design.n_layers;
    r.status = begin(plan, &r);
    for (size_t l = 0; l < n_layers && r.status == EXPLAINT_OK; l++) r.status = find_stored(&r, &plan->execution[l]);
    for (size_t t = 0; t < XP_N_TESTS && r.status == EXPLAINT_OK && !r.stopped; t++)
        run_shared_test(&r, &plan->design, plan->execution, t, threads);
    for (size_t l = 0; l < n_layers && r.status == EXPLAINT_OK && !r.stopped; l++)
        run_layer(&r, &plan->execution[l], threads);
    if (r.status == EXPLAINT_OK && r.stopped)
        r.status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all units were done");
    if (r.status == EXPLAINT_OK) {
        r.what = "done";
        report(&r);
        r.status = xp_result_create(&plan->design, plan->execution, result, error);
    }
    pthread_mutex_destroy(&r.lock);
    return r.status;
}
