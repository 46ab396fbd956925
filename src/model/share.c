/* Tasks of one text, shared by the processors of its team. */
#include <stdatomic.h>

#include "base/pool.h"
#include "model/work.h"

typedef struct sharing {
    bool (*task)(void *self, size_t i, unsigned worker);
    void *self;
    atomic_bool stopped; /* by a task */
} sharing;

static bool run_task(void *self, size_t i, unsigned worker) {
    sharing *s = self;
    if (s->task(s->self, i, worker)) return true;
    atomic_store(&s->stopped, true);
    return false;
}

bool xp_work_share(const xp_model_work *work, size_t n, bool (*task)(void *self, size_t i, unsigned worker),
                   void *self) {
    sharing s = {.task = task, .self = self};
    const xp_pool_job job = {.n_tasks = n, .run = run_task, .self = &s};
    if (work->team > 1 && n > 1 && (xp_pool_run(work->team, &job) || atomic_load(&s.stopped)))
        return !atomic_load(&s.stopped);
    bool on = true;
    for (size_t i = 0; i < n && on; i++) on = task(self, i, 0);
    return on;
}
