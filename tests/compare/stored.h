/* Runs that are stored in a ledger of the test's own folder. */
#ifndef TEST_COMPARE_STORED_H
#define TEST_COMPARE_STORED_H

#include <sqlite3.h>

#include "audit/result.h"
#include "store/sample.h"
#include "support/study.h"

#include "store/ledger_file.h"

enum { B = 19 };

static inline explaint_infer_options options_of(size_t count) {
    static size_t counts[1];
    counts[0] = count;
    explaint_infer_options o = explaint_infer_defaults();
    o.components = counts;
    o.n_components = 1;
    o.conditions = "system,mean,shuffle,category-mean";
    o.folds = 4;
    o.permutations = B;
    o.refits = 1;
    o.bootstrap = 101;
    o.threads = 2;
    return o;
}

static inline world open_world(uint32_t stream, bool twins) {
    return world_open((world_settings){.n = 55,
                                       .m = 21,
                                       .d = 5,
                                       .categories = 5,
                                       .by_category = .5,
                                       .by_concept = .6,
                                       .twins = twins,
                                       .stream = stream});
}

/* Runs and stores; the result is the caller's. */
static inline explaint_result *stored(const char *path, explaint_plan *plan) {
    explaint_ledger *ledger = open_ledger(path);
    explaint_units units = {0};
    explaint_error error = {0};
    explaint_result *result = NULL;
    ok(explaint_ledger_begin(ledger, explaint_plan_identity(plan), false, &units, &error), &error);
    ok(explaint_plan_run(plan, &units, NULL, &result, &error), &error);
    ok(explaint_ledger_finish(ledger, &result->record, &error), &error);
    explaint_ledger_close(ledger);
    return result;
}

static inline explaint_plan *plan_of(const world *w, const explaint_vectors *vectors, const explaint_infer_options *o) {
    explaint_plan *plan = NULL;
    explaint_error error = {0};
    ok(explaint_infer_plan(w->norms, vectors, o, &plan, &error), &error);
    return plan;
}

static inline void store_run(const char *path, const world *w, const explaint_infer_options *o) {
    explaint_plan *plan = plan_of(w, w->vectors, o);
    explaint_result_free(stored(path, plan));
    explaint_plan_close(plan);
}

static inline void sql(const char *path, const char *statement) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, statement, NULL, NULL, NULL) != SQLITE_OK) fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* Vectors of the norms under noise. */
static inline explaint_vectors *noisy(const world *w, double noise, uint32_t stream, size_t leave_out) {
    xp_text text = {0};
    xp_rng rng = test_rng(stream);
    const size_t n = explaint_norms_n_concepts(w->norms), d = explaint_vectors_width(w->vectors);
    for (size_t i = 0; i < n; i++) {
        const double *x = explaint_vectors_of_concept(w->vectors, i);
        if (leave_out > 0 && i % leave_out == 1) continue;
        xp_text_adds(&text, explaint_norms_concept(w->norms, i));
        for (size_t k = 0; k < d; k++) xp_text_addf(&text, " %.5f", x[k] + noise * xp_rng_normal(&rng));
        xp_text_adds(&text, "\n");
    }
    explaint_vectors *made = NULL;
    explaint_error error = {0};
    ok(xp_vectors_read("noisy.txt", text.data, text.length, w->norms, NULL, &made, &error), &error);
    xp_text_free(&text);
    return made;
}

#endif
