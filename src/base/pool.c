#include "base/pool.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

typedef struct pool {
    const xp_pool_job *job;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next, finished;
    unsigned running;
    bool stop;
} pool;

typedef struct worker {
    pool *pool;
    unsigned number;
    pthread_t thread;
} worker;

static void *work(void *argument) {
    worker *me = argument;
    pool *p = me->pool;
    pthread_mutex_lock(&p->lock);
    while (!p->stop && p->next < p->job->n_tasks) {
        size_t task = p->next++;
        pthread_mutex_unlock(&p->lock);
        bool ok = p->job->run(p->job->self, task, me->number);
        pthread_mutex_lock(&p->lock);
        p->finished++;
        if (!ok) p->stop = true;
        pthread_cond_signal(&p->changed);
    }
    p->running--;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

unsigned xp_pool_threads(unsigned asked) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned threads = asked > 0 ? asked : online > 0 ? (unsigned)online : 1;
    return threads < 256 ? threads : 256;
}

bool xp_pool_run(unsigned threads, const xp_pool_job *job) {
    pool p = {.job = job};
    worker workers[256];
    if (threads > 256) threads = 256;
    if (threads > job->n_tasks) threads = (unsigned)job->n_tasks;
    if (threads == 0) return true;
    pthread_mutex_init(&p.lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&p.changed, &clock);
    pthread_condattr_destroy(&clock);

    pthread_mutex_lock(&p.lock);
    unsigned started = 0;
    for (unsigned w = 0; w < threads; w++) {
        workers[w] = (worker){.pool = &p, .number = w};
        if (pthread_create(&workers[w].thread, NULL, work, &workers[w]) != 0) break;
        started++;
        p.running++;
    }
    while (p.running > 0) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 100000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&p.changed, &p.lock, &until);
        if (job->tick != NULL) {
            pthread_mutex_unlock(&p.lock);
            bool on = job->tick(job->self);
            pthread_mutex_lock(&p.lock);
            if (!on) p.stop = true;
        }
    }
    bool ok = started > 0 && !p.stop;
    pthread_mutex_unlock(&p.lock);
    for (unsigned w = 0; w < started; w++) pthread_join(workers[w].thread, NULL);
    pthread_cond_destroy(&p.changed);
    pthread_mutex_destroy(&p.lock);
    return ok;
}
