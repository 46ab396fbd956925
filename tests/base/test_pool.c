/* A few threads over many tasks: each runs once, giving up starts no more, and a thread checker has something to see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/pool.h"

enum { TASKS = 2001 };

typedef struct tally {
    int ran[TASKS];        /* written by the task alone: a second run, or a race, is a fault */
    size_t by_worker[256]; /* written by the worker alone, without a lock */
    size_t last[256];
    bool ascends, within;
    unsigned threads;
    size_t give_up_at, ticks, stop_after; /* 0: never */
} tally;

static void pause_for(long nanoseconds) { nanosleep(&(struct timespec){.tv_nsec = nanoseconds}, NULL); }

static bool count_task(void *self, size_t i, unsigned w) {
    tally *t = self;
    if (w >= t->threads || i >= TASKS) return false;
    t->ran[i]++;
    if (t->by_worker[w] > 0 && i <= t->last[w]) return false; /* tasks start in order */
    t->last[w] = i;
    t->by_worker[w]++;
    if (t->give_up_at > 0) pause_for(200000);
    return t->give_up_at == 0 || i + 1 != t->give_up_at;
}

static bool count_tick(void *self) {
    tally *t = self;
    t->ticks++;
    return t->stop_after == 0 || t->ticks < t->stop_after;
}

static void each_task_runs_once(void **state) {
    (void)state;
    static const unsigned threads[] = {1, 2, 3, 7, 64};
    for (size_t k = 0; k < sizeof threads / sizeof *threads; k++) {
        static tally t;
        t = (tally){.threads = threads[k]};
        const xp_pool_job job = {.n_tasks = TASKS, .run = count_task, .tick = count_tick, .self = &t};
        assert_true(xp_pool_run(threads[k], &job));
        size_t sum = 0;
        for (size_t i = 0; i < TASKS; i++) assert_int_equal(t.ran[i], 1);
        for (unsigned w = 0; w < threads[k]; w++) sum += t.by_worker[w];
        assert_int_equal(sum, TASKS);
        assert_true(t.ticks > 0);
    }
}

static void no_tasks_and_fewer_tasks_than_threads(void **state) {
    (void)state;
    static tally t;
    t = (tally){.threads = 2};
    xp_pool_job job = {.n_tasks = 0, .run = count_task, .self = &t};
    assert_true(xp_pool_run(5, &job));
    job.n_tasks = 2; /* so workers 2, 3, 4 never exist */
    assert_true(xp_pool_run(5, &job));
    assert_int_equal(t.ran[0], 1);
    assert_int_equal(t.ran[1], 1);
    assert_int_equal(t.ran[2], 0);
}

static void giving_up_starts_no_more(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        static tally t;
        t = (tally){.threads = threads, .give_up_at = 50};
        const xp_pool_job job = {.n_tasks = TASKS, .run = count_task, .self = &t};
        assert_false(xp_pool_run(threads, &job));
        for (size_t i = 0; i < 50; i++) assert_int_equal(t.ran[i], 1);
        size_t after = 0;
        for (size_t i = 50; i < TASKS; i++) after += (size_t)t.ran[i];
        if (threads == 1) assert_int_equal(after, 0);
        assert_true(after < 50); /* those that were under way, and a few that were quick */
    }
}

static bool slow(void *self, size_t i, unsigned w) {
    (void)w;
    tally *t = self;
    t->ran[i]++;
    pause_for(1000000);
    return true;
}

static void tick_false_stops(void **state) {
    (void)state;
    static tally t;
    t = (tally){.threads = 2, .stop_after = 3};
    const xp_pool_job job = {.n_tasks = TASKS, .run = slow, .tick = count_tick, .self = &t};
    assert_false(xp_pool_run(2, &job));
    size_t ran = 0;
    for (size_t i = 0; i < TASKS; i++) ran += (size_t)t.ran[i];
    assert_true(ran >= 1 && ran < TASKS / 2);
}

static bool one_long(void *self, size_t i, unsigned w) {
    (void)self, (void)i, (void)w;
    pause_for(350000000);
    return true;
}

static void ticks_while_a_task_runs(void **state) {
    (void)state;
    static tally t;
    t = (tally){0};
    const xp_pool_job job = {.n_tasks = 1, .run = one_long, .tick = count_tick, .self = &t};
    assert_true(xp_pool_run(1, &job));
    assert_true(t.ticks >= 3); /* every tenth of a second, and at the end */
}

static void thread_counts(void **state) {
    (void)state;
    assert_int_equal(xp_pool_threads(3), 3);
    assert_true(xp_pool_threads(0) >= 1);
    assert_int_equal(xp_pool_threads(100000), 256);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_runs_once),      cmocka_unit_test(no_tasks_and_fewer_tasks_than_threads),
        cmocka_unit_test(giving_up_starts_no_more), cmocka_unit_test(tick_false_stops),
        cmocka_unit_test(ticks_while_a_task_runs),  cmocka_unit_test(thread_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
