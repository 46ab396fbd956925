/* Runs the units of a plan on a few threads, reading and keeping what is stored. */
#include <pthread.h>
#include <stdlib.h>

#include "audit/plan.h"
#include "audit/result.h"
#include "base/memory.h"
#include "base/pool.h"
#include "probe/relation.h"

typedef struct run {
    struct explaint_plan *plan; /* the part that runs */
    const explaint_units *store;
    const explaint_progress *progress;
    explaint_error *error;
    pthread_mutex_t lock; /* store, progress and what follows */
    xp_unit **todo;       /* the longest first, so that no thread is left alone with one at the end */
    size_t n_todo;
    xp_reader reader;   /* of the part's tests, while they are prepared */
    double done, total; /* work, of all parts */
    bool stopped;
    explaint_status status;
    const char *what;
} run;

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

static explaint_status keep(run *r, const xp_unit *unit) {
    void *bytes = NULL;
    size_t size = 0;
    explaint_status status = xp_unit_pack(r->plan, unit, &bytes, &size)
                                 ? r->store->keep(r->store->self, unit->key, bytes, size, r->error)
                                 : xp_no_memory(r->error, unit->key);
    xp_free(bytes);
    return status;
}

static bool one(void *self, size_t i, unsigned w) {
    run *r = self;
    struct explaint_plan *plan = r->plan;
    xp_unit *unit = r->todo[i];
    double *predictions = unit->kind == XP_UNIT_CONDITION ? plan->predictions[unit->index] : NULL;
    explaint_error error = {0};
    bool ok = xp_unit_run(plan, unit, predictions, &error);
    (void)w;
    pthread_mutex_lock(&r->lock);
    r->done += unit->work;
    r->what = unit->key;
    unit->finished = ok;
    if (!ok && r->status == EXPLAINT_OK)
        r->status = xp_fail(r->error, EXPLAINT_FAILED, NULL, 0, "unit %s failed: %s", unit->key,
                            error.message[0] != 0 ? error.message
                                                  : "not enough memory, or a value grew beyond what a number can hold");
    if (ok && r->status == EXPLAINT_OK && r->store != NULL && r->store->keep != NULL && !r->stopped)
        r->status = keep(r, unit);
    bool on = r->status == EXPLAINT_OK && !r->stopped;
    pthread_mutex_unlock(&r->lock);
    return on;
}

/* Matrices that are to be kept whole. Counts that a condition does not have cost nothing. */
static bool keep_predictions(struct explaint_plan *plan) {
    for (size_t u = 0; u < plan->n_units; u++) {
        const xp_unit *unit = &plan->units[u];
        if (unit->kind != XP_UNIT_CONDITION || xp_conditions[unit->index].target == NULL) continue;
        xp_gold_kind gold = xp_conditions[unit->index].gold;
        size_t m = gold == XP_GOLD_WORD_FORM ? XP_SPELLING : plan->study.m, cells;
        if (xp_mul_overflows(xp_mapping_n_levels(&plan->mapping) * plan->study.n, m, &cells)) return false;
        if (plan->predictions[unit->index] == NULL) plan->predictions[unit->index] = xp_alloc(cells, sizeof(double));
        if (plan->predictions[unit->index] == NULL) return false;
    }
    return true;
}

static int by_work(const void *a, const void *b) {
    const xp_unit *p = *(xp_unit *const *)a, *q = *(xp_unit *const *)b;
    if (p->work != q->work) return p->work > q->work ? -1 : 1;
    return p < q ? -1 : p > q;
}

/* Which units of a part have to run: all that no store holds (and conditions whose matrices are asked for). */
static explaint_status find_stored(run *r) {
    struct explaint_plan *plan = r->plan;
    r->n_todo = 0;
    for (size_t u = 0; u < plan->n_units; u++) {
        xp_unit *unit = &plan->units[u];
        xp_unit_clear(unit);
        unit->finished = false;
        bool whole = unit->kind == XP_UNIT_CONDITION && plan->options.keep_predictions;
        if (r->store != NULL && r->store->find != NULL && !whole) {
            void *bytes = NULL;
            size_t size = 0;
            explaint_status status = r->store->find(r->store->self, unit->key, &bytes, &size, r->error);
            if (status != EXPLAINT_OK) return status;
            unit->finished = bytes != NULL && xp_unit_unpack(plan, unit, bytes, size); /* damaged: made again */
        }
        if (unit->finished)
            r->done += unit->work;
        else
            r->todo[r->n_todo++] = unit; // NOLINT(clang-analyzer-core.NullDereference): allocated by the caller
    }
    qsort(r->todo, r->n_todo, sizeof *r->todo, by_work);
    return EXPLAINT_OK;
}

/* ---- what units share ---- */

static bool runs(const run *r, xp_unit_kind kind, size_t index) {
    for (size_t i = 0; i < r->n_todo; i++) {
        if (r->todo[i]->kind == kind && r->todo[i]->index == index) return true;
    }
    return false;
}

/* What conditions on the same vectors and folds share, where it does not take much room. */
static bool keep_inputs(const run *r) {
    struct explaint_plan *plan = r->plan;
    const double n = (double)plan->study.n, d = (double)plan->study.d;
    size_t sharing = 0;
    for (size_t i = 0; i < r->n_todo; i++)
        sharing +=
            r->todo[i]->kind == XP_UNIT_CONDITION && xp_condition_shares_input(&xp_conditions[r->todo[i]->index]);
    if (sharing < 2 || (double)plan->study.n_folds * n * (d < n ? d : n) * sizeof(double) > XP_INPUTS_KEEP) return true;
    const xp_problem p = xp_plan_problem(plan, &plan->mapping);
    return xp_inputs_create(&plan->inputs, &p) && xp_inputs_keep(&plan->inputs);
}

/* Task i: a test; from XP_N_TESTS on, its refits; then conditions. */
static bool prepare_one(void *self, size_t i, unsigned w) {
    run *r = self;
    (void)w;
    struct explaint_plan *plan = r->plan;
    const size_t t = i % XP_N_TESTS;
    if (i == 2 * XP_N_TESTS) return keep_inputs(r);
    if (i >= XP_N_TESTS)
        return !runs(r, XP_UNIT_EFFECT, t) || xp_refits_prepare(&plan->refits[t], &plan->test[t], &plan->test_mapping,
                                                                plan->metric, plan->options.seed);
    return (!runs(r, XP_UNIT_OBSERVED, t) && !runs(r, XP_UNIT_PERMUTATIONS, t)) ||
           xp_permutation_test_prepare(&plan->test[t], &plan->relation, &r->reader);
}

static bool prepare_tests(run *r, unsigned threads) {
    struct explaint_plan *plan = r->plan;
    const xp_study *s = &plan->distinct;
    const xp_target target = xp_study_target(&s->gold, NULL);
    bool any = false, ok = true;
    for (size_t t = 0; t < XP_N_TESTS; t++)
        any = any || runs(r, XP_UNIT_OBSERVED, t) || runs(r, XP_UNIT_PERMUTATIONS, t);
    if (any) {
        ok = xp_relation_create(&plan->relation, &target, s->dense, s->covariates, s->n_covariates) &&
             xp_reader_create(&r->reader, s->x, s->n, s->d);
    }
    const xp_pool_job job = {.n_tasks = 2 * XP_N_TESTS + 1, .run = prepare_one, .self = r};
    ok = ok && xp_pool_run(threads, &job);
    xp_reader_free(&r->reader);
    return ok;
}

static void release_tests(struct explaint_plan *plan) {
    for (size_t t = 0; t < XP_N_TESTS; t++) {
        xp_permutation_test_release(&plan->test[t]);
        xp_refits_release(&plan->refits[t]);
    }
    xp_inputs_free(&plan->inputs);
    xp_relation_free(&plan->relation);
}

/* One part, and what it held beside its units' bytes is given back. */
static explaint_status run_part(run *r, struct explaint_plan *part, unsigned threads) {
    r->plan = part;
    r->todo = xp_alloc(part->n_units, sizeof *r->todo);
    if (r->todo == NULL || (part->options.keep_predictions && !keep_predictions(part)))
        r->status = xp_no_memory(r->error, "the run");
    if (r->status == EXPLAINT_OK) r->status = find_stored(r);
    if (r->status == EXPLAINT_OK && !prepare_tests(r, threads)) r->status = xp_no_memory(r->error, "the tests");
    if (r->status == EXPLAINT_OK && r->n_todo > 0) {
        xp_pool_job job = {.n_tasks = r->n_todo, .run = one, .tick = tick, .self = r};
        if (!xp_pool_run(threads, &job) && r->status == EXPLAINT_OK && !r->stopped) r->status = xp_no_thread(r->error);
    }
    release_tests(part);
    xp_free(r->todo);
    return r->status;
}

explaint_status explaint_plan_run(explaint_plan *plan, const explaint_units *units, const explaint_progress *progress,
                                  explaint_result **result, explaint_error *error) {
    *result = NULL;
    const unsigned threads = xp_pool_threads(plan->options.threads);
    const size_t n_parts = xp_plan_n_parts(plan);
    run r = {.store = units, .progress = progress, .error = error, .what = ""};
    pthread_mutex_init(&r.lock, NULL);
    for (size_t p = 0; p < n_parts; p++)
        for (size_t u = 0; u < xp_plan_part(plan, p)->n_units; u++) r.total += xp_plan_part(plan, p)->units[u].work;
    for (size_t p = 0; p < n_parts && r.status == EXPLAINT_OK && !r.stopped; p++)
        run_part(&r, xp_plan_part(plan, p), threads);
    if (r.status == EXPLAINT_OK && r.stopped)
        r.status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all units were done");
    if (r.status == EXPLAINT_OK) {
        r.what = "done";
        report(&r);
        r.status = plan->n_parts > 0 ? xp_layers_result(plan, result, error) : xp_result_create(plan, result, error);
    }
    pthread_mutex_destroy(&r.lock);
    return r.status;
}
