#include "attention/stored.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"

#include <pthread.h>

static void name(const xp_stored *p, size_t i, char key[48]) { snprintf(key, 48, "%s/%zu", p->stem, i); }

explaint_status xp_stored_find(xp_attend *a, xp_stored *p, explaint_error *error) {
    const explaint_units *store = p->alone ? NULL : a->units;
    p->missing = xp_calloc(p->n + 1, sizeof *p->missing);
    if (p->missing == NULL) return xp_no_memory(error, "the units of the run");
    for (size_t i = p->first; i < p->n; i++) {
        char key[48];
        void *bytes = NULL;
        size_t size = 0;
        if (p->asked != NULL && !p->asked[i]) continue;
        name(p, i, key);
        if (store != NULL && store->find != NULL && !p->anew) {
            explaint_status status = store->find(store->self, key, &bytes, &size, error);
            if (status != EXPLAINT_OK) return status;
        }
        p->missing[i] = bytes == NULL || !p->unpack(p->self, i, bytes, size);
        p->n_missing += p->missing[i];
        free(bytes);
    }
    return EXPLAINT_OK;
}

/* ---- making ---- */

typedef struct making {
    xp_attend *a;
    xp_stored *p;
    const explaint_units *store;
    size_t *todo;
    pthread_mutex_t lock; /* store, progress and what follows */
    size_t done;
    bool stopped;
    explaint_status status;
    explaint_error *error;
    const char *what;
} making;

static bool make_one(void *self, size_t k, unsigned worker) {
    making *m = self;
    const size_t i = m->todo[k];
    char key[48];
    void *bytes = NULL;
    size_t size = 0;
    const bool keeps = m->store != NULL && m->store->keep != NULL;
    const bool ok = m->p->make(m->p->self, i, worker) && (!keeps || m->p->pack(m->p->self, i, &bytes, &size));
    name(m->p, i, key);
    pthread_mutex_lock(&m->lock);
    m->done++;
    if (!ok && m->status == EXPLAINT_OK) m->status = xp_no_memory(m->error, m->what);
    if (bytes != NULL && m->status == EXPLAINT_OK && !m->stopped)
        m->status = m->store->keep(m->store->self, key, bytes, size, m->error);
    const bool on = m->status == EXPLAINT_OK && !m->stopped;
    pthread_mutex_unlock(&m->lock);
    xp_free(bytes);
    return on;
}

static bool tick(void *self) {
    making *m = self;
    pthread_mutex_lock(&m->lock);
    if (!m->stopped) m->stopped = !xp_attend_report(m->a, (double)m->done / (double)m->p->n_missing);
    const bool on = m->status == EXPLAINT_OK && !m->stopped;
    pthread_mutex_unlock(&m->lock);
    return on;
}

explaint_status xp_stored_make(xp_attend *a, xp_stored *p, const char *what, explaint_error *error) {
    making m = {.a = a, .p = p, .store = p->alone ? NULL : a->units, .error = error, .what = what};
    if (p->n_missing == 0) return EXPLAINT_OK;
    if ((m.todo = xp_alloc(p->n_missing, sizeof *m.todo)) == NULL) return xp_no_memory(error, what);
    for (size_t i = p->first, n = 0; i < p->n; i++)
        if (p->missing[i]) m.todo[n++] = i;
    const xp_pool_job job = {.n_tasks = p->n_missing, .run = make_one, .tick = tick, .self = &m};
    pthread_mutex_init(&m.lock, NULL);
    const bool ok = xp_pool_run(a->threads, &job);
    pthread_mutex_destroy(&m.lock);
    xp_free(m.todo);
    if (m.status == EXPLAINT_OK && m.stopped)
        return xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all units were done");
    return m.status == EXPLAINT_OK && !ok ? xp_no_thread(error) : m.status;
}

void xp_stored_free(xp_stored *p) {
    xp_free(p->missing);
    p->missing = NULL;
}
