/* Many texts through a model: packed without padding into batches, a batch on one thread. */
#include <pthread.h>

#include "base/memory.h"
#include "base/pool.h"
#include "explaint/model.h"
#include "model/check.h"
#include "model/family.h"
#include "model/logits.h"
#include "model/run.h"

typedef struct batch {
    size_t first, n, n_rows, longest; /* texts, pieces, pieces of its longest text */
} batch;

/* A batch of fewer rows is done before threads of its own have started. */
enum { TEAM_ROWS = 256 };

typedef struct run {
    const explaint_model *model;
    const explaint_ids *texts;
    const explaint_observer *observer;
    const xp_run_watcher *watcher; /* NULL: none */
    batch *batch;
    size_t n_batches;
    xp_span *spans;      /* of all texts */
    xp_model_work *work; /* one a thread */
    /* of the threads */
    pthread_mutex_t lock;
    bool stopped;
    size_t broken_text, broken_layer; /* the first state that is no finite number; SIZE_MAX: none */
} run;

static void stop(run *r) {
    pthread_mutex_lock(&r->lock);
    r->stopped = true;
    pthread_mutex_unlock(&r->lock);
}

static bool show_attention(void *self, const xp_span *span, size_t layer, const float *maps) {
    run *r = self;
    if (r->observer->attention(r->observer->self, span->text, layer + 1, span->n, maps)) return true;
    stop(r);
    return false;
}

static bool show_rows(void *self, const explaint_attention_rows *rows) {
    run *r = self;
    if (r->observer->attention_rows(r->observer->self, rows)) return true;
    stop(r);
    return false;
}

static bool show_values(void *self, const xp_span *span, size_t layer, const float *values) {
    run *r = self;
    if (r->observer->values(r->observer->self, span->text, layer + 1, span->n, values)) return true;
    stop(r);
    return false;
}

static bool show_block(void *self, const xp_span *span, const xp_model_block *block) {
    run *r = self;
    if (r->watcher->block(r->watcher->self, span->text, block)) return true;
    stop(r);
    return false;
}

static bool show_hidden(run *r, const xp_model_work *work, size_t layer) {
    const size_t width = r->model->config.width;
    for (size_t s = 0; s < work->n_spans; s++) {
        const xp_span *span = &work->spans[s];
        const float *rows = work->rows + span->first * width;
        if (!xp_check_finite(span->n * width, rows)) {
            pthread_mutex_lock(&r->lock);
            if (span->text < r->broken_text) {
                r->broken_text = span->text;
                r->broken_layer = layer;
            }
            pthread_mutex_unlock(&r->lock);
            return false;
        }
        if (r->observer->hidden != NULL && !r->observer->hidden(r->observer->self, span->text, layer, span->n, rows)) {
            stop(r);
            return false;
        }
    }
    return true;
}

/* The last state of a text as it becomes words: rows behind the final norm, and logits, some rows at a time. */
static bool show_last(run *r, xp_model_work *work, const xp_span *span, const float *rows) {
    const explaint_observer *o = r->observer;
    const size_t width = r->model->config.width;
    if (o->normed != NULL && r->model->info.final_norm && !o->normed(o->self, span->text, span->n, rows)) return false;
    for (size_t first = 0; o->logits != NULL && first < span->n; first += XP_MAP_ROWS) {
        const size_t n = span->n - first < XP_MAP_ROWS ? span->n - first : XP_MAP_ROWS;
        xp_logits_make(r->model, work, n, rows + first * width);
        if (!o->logits(o->self, span->text, first, n, work->logits)) return false;
    }
    return true;
}

static bool show_ends(run *r, xp_model_work *work) {
    const explaint_model *model = r->model;
    const size_t width = model->config.width;
    const float *rows = work->rows;
    if (r->observer->normed == NULL && r->observer->logits == NULL) return true;
    if (model->info.final_norm) {
        xp_work_norm(model, &model->final_norm, work->n_rows, width, rows, width, work->sum, width);
        rows = work->sum;
    }
    for (size_t s = 0; s < work->n_spans; s++)
        if (!show_last(r, work, &work->spans[s], rows + work->spans[s].first * width)) {
            stop(r);
            return false;
        }
    return true;
}

static bool run_batch(void *self, size_t number, unsigned worker) {
    run *r = self;
    const batch *b = &r->batch[number];
    xp_model_work *work = &r->work[worker];
    work->n_rows = b->n_rows;
    work->n_spans = b->n;
    work->spans = r->spans + b->first;
    for (size_t s = 0; s < work->n_spans; s++) {
        const xp_span *span = &work->spans[s];
        xp_family_embed(r->model, 0, r->texts[span->text].id, span->n, work->narrow,
                        work->rows + span->first * r->model->config.width);
    }
    if (!show_hidden(r, work, 0)) return false;
    xp_work_place(r->model, work);
    for (size_t layer = 0; layer < r->model->config.n_layers; layer++)
        if (!xp_family_block(r->model, layer, work) || !show_hidden(r, work, layer + 1)) return false;
    return show_ends(r, work);
}

/* Texts in their order, cut into batches of at most `most` rows (a longer text is a batch of its own). */
static void cut(run *r, size_t n_texts, size_t most) {
    batch *b = NULL;
    for (size_t t = 0; t < n_texts; t++) {
        const size_t n = r->texts[t].n;
        if (b == NULL || b->n_rows + n > most) {
            b = &r->batch[r->n_batches++];
            *b = (batch){.first = t};
        }
        r->spans[t] = (xp_span){.text = t, .first = b->n_rows, .n = n};
        b->n++;
        b->n_rows += n;
        if (n > b->longest) b->longest = n;
    }
}

/* Threads for each batch where `side_by_side` batches run. Relative positions have scratch for one. */
static unsigned team_of(const run *r, size_t n_rows, unsigned threads, unsigned side_by_side) {
    return n_rows / r->n_batches < TEAM_ROWS || r->model->family->relate != NULL ? 1 : threads / side_by_side;
}

/* threads: batches side by side; team: threads of each of them. */
static explaint_status create_work(run *r, unsigned threads, unsigned team, explaint_error *error) {
    size_t n_rows = 0, longest = 0;
    for (size_t i = 0; i < r->n_batches; i++) {
        if (r->batch[i].n_rows > n_rows) n_rows = r->batch[i].n_rows;
        if (r->batch[i].longest > longest) longest = r->batch[i].longest;
    }
    r->work = xp_calloc(threads, sizeof *r->work);
    if (r->work == NULL) return xp_no_memory(error, "the states of a text");
    for (unsigned w = 0; w < threads; w++) {
        explaint_status status =
            xp_work_create(r->model, n_rows, longest, r->observer->attention != NULL || r->watcher != NULL,
                           r->observer->values != NULL, team, &r->work[w], error);
        if (status != EXPLAINT_OK) return status;
        if (r->observer->logits != NULL) status = xp_logits_create(r->model, &r->work[w], error);
        if (status != EXPLAINT_OK) return status;
        r->work[w].self = r;
        r->work[w].attention = r->observer->attention != NULL ? show_attention : NULL;
        r->work[w].attention_rows = r->observer->attention_rows != NULL ? show_rows : NULL;
        r->work[w].values = r->observer->values != NULL ? show_values : NULL;
        r->work[w].block = r->watcher != NULL ? show_block : NULL;
    }
    return EXPLAINT_OK;
}

static explaint_status run_all(run *r, unsigned threads, explaint_error *error) {
    const xp_pool_job job = {.n_tasks = r->n_batches, .run = run_batch, .self = r};
    pthread_mutex_init(&r->lock, NULL);
    const bool ok = xp_pool_run(threads, &job);
    pthread_mutex_destroy(&r->lock);
    if (ok) return EXPLAINT_OK;
    if (r->broken_text != SIZE_MAX) return xp_check_refuse_state(r->model, r->broken_text, r->broken_layer, error);
    if (!r->stopped) return xp_no_thread(error);
    return xp_fail(error, EXPLAINT_FAILED, NULL, 0, "the observer stopped the run");
}

explaint_status explaint_model_run(const explaint_model *model, const explaint_ids *texts, size_t n_texts,
                                   const explaint_observer *observer, unsigned threads, explaint_error *error) {
    return xp_run_texts(model, texts, n_texts, observer, NULL, threads, error);
}

explaint_status xp_run_texts(const explaint_model *model, const explaint_ids *texts, size_t n_texts,
                             const explaint_observer *observer, const xp_run_watcher *watcher, unsigned threads,
                             explaint_error *error) {
    static const explaint_observer nobody = {0};
    run r = {.model = model,
             .texts = texts,
             .observer = observer != NULL ? observer : &nobody,
             .watcher = watcher,
             .broken_text = SIZE_MAX};
    size_t total = 0;
    explaint_status status = EXPLAINT_OK;
    if (r.observer->logits != NULL) status = xp_check_logits(model, error);
    if (status != EXPLAINT_OK) return status;
    for (size_t t = 0; t < n_texts; t++) {
        status = xp_check_ids(model, &texts[t], t, error);
        if (status != EXPLAINT_OK) return status;
        total += texts[t].n;
    }
    if (n_texts == 0) return EXPLAINT_OK;
    threads = xp_pool_threads(threads);
    r.batch = xp_alloc(n_texts, sizeof *r.batch);
    r.spans = xp_alloc(n_texts, sizeof *r.spans);
    if (r.batch == NULL || r.spans == NULL) {
        status = xp_no_memory(error, "the texts");
    } else { /* few rows are shared out evenly */
        const size_t share = (total + threads - 1) / threads, parts = (share + XP_BATCH_ROWS - 1) / XP_BATCH_ROWS;
        cut(&r, n_texts, (share + parts - 1) / parts);
        const unsigned all = threads;
        if (threads > r.n_batches) threads = (unsigned)r.n_batches;
        status = create_work(&r, threads, team_of(&r, total, all, threads), error);
    }
    if (status == EXPLAINT_OK) status = run_all(&r, threads, error);
    for (unsigned w = 0; r.work != NULL && w < threads; w++) xp_work_destroy(&r.work[w]);
    xp_free_all(r.work, r.spans, r.batch);
    return status;
}
