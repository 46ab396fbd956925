/* A few threads over many independent tasks. One file, plain pthreads, so that a thread checker means what it says. */
#ifndef XP_BASE_POOL_H
#define XP_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct xp_pool_job {
    size_t n_tasks;
    /* Runs task i as worker w (0 .. threads-1, for scratch). Returns false to give up: no further task starts. */
    bool (*run)(void *self, size_t i, unsigned w);
    /* Called by the waiting thread after each finished task and every tenth of a second; false gives up. May be NULL. */
    bool (*tick)(void *self);
    void *self;
} xp_pool_job;

unsigned xp_pool_threads(unsigned asked); /* asked, or all processors for 0; at most 256 */

/* Tasks start in order. Returns false if any task or tick returned false, or no thread could be started. */
bool xp_pool_run(unsigned threads, const xp_pool_job *job);

#endif
