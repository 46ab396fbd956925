/* Logistic regression over all heads, over single ones, and over what controls leave: everything that is fitted, each fit a task of its own. */
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "relate/plan.h"

typedef enum task_kind { ALL_HEADS, ONE_HEAD, REFIT } task_kind;

typedef struct task {
    task_kind kind;
    size_t set;
    xp_relate_source source;
    size_t number; /* of the chosen head, of the refit */
} task;

typedef struct work {
    xp_relate *r;
    task *task;
    size_t n_tasks, done;
    double **score[XP_N_SOURCES]; /* of each set: held-out scores of all heads together */
    double **refit;               /* of each set: accuracies */
    pthread_mutex_t lock;
    explaint_status status;
    bool stopped;
    explaint_error *error;
} work;

/* The columns of a task: of all chosen heads, or one; directions that no template carries are left out. */
static double *columns_of(const xp_relate *r, const task *t, size_t *d) {
    const xp_word_split *split = &r->split[t->set];
    if (t->source == XP_SOURCE_FORM) {
        double *x = xp_alloc(split->n, XP_FORM_COLUMNS * sizeof *x);
        *d = XP_FORM_COLUMNS;
        for (size_t i = 0; x != NULL && i < split->n; i++)
            memcpy(x + i * *d, r->form + split->row[i] * *d, *d * sizeof *x);
        return x;
    }
    const xp_between *looks = &r->looks[t->source];
    const size_t n_heads = t->kind == ONE_HEAD ? 1 : r->n_chosen, half = looks->n / XP_DIRECTIONS;
    const size_t *place = t->kind == ONE_HEAD ? &r->place[t->number] : r->place;
    double *x = xp_alloc(split->n, XP_DIRECTIONS * n_heads * sizeof *x);
    *d = 0;
    for (size_t direction = 0; direction < XP_DIRECTIONS; direction++) *d += looks->carried[direction] * n_heads;
    for (size_t i = 0; x != NULL && i < split->n; i++) {
        double *to = x + i * *d;
        for (size_t direction = 0; direction < XP_DIRECTIONS; direction++)
            for (size_t k = 0; looks->carried[direction] && k < n_heads; k++)
                *to++ = looks->value[split->row[i] * looks->n + direction * half + place[k]];
    }
    return x;
}

/* In each group of pairs either the true word is called true, or the counterfactual one. */
static bool permute_labels(const xp_relate *r, const task *t, uint8_t *label) {
    double *sign = xp_alloc(r->groups.n, sizeof *sign);
    if (sign == NULL) return false;
    xp_groups_signs(r->groups.n, r->options.seed, XP_RNG_PAIR_REFITS, (uint32_t)t->number, sign);
    for (size_t i = 0; i < r->split[t->set].n; i++) label[i] = (i % 2 == 0) == (sign[r->groups.of[i / 2]] > 0);
    xp_free(sign);
    return true;
}

static explaint_status do_task(work *w, const task *t, explaint_error *error) {
    const xp_relate *r = w->r;
    const xp_word_split *split = &r->split[t->set];
    size_t d;
    double *x = columns_of(r, t, &d), *score = xp_alloc(split->n, sizeof *score);
    uint8_t *label = xp_alloc(split->n, 1);
    explaint_status status =
        x != NULL && score != NULL && label != NULL ? EXPLAINT_OK : xp_no_memory(error, "classifiers");
    if (status == EXPLAINT_OK) memcpy(label, split->label, split->n);
    if (status == EXPLAINT_OK && t->kind == REFIT && !permute_labels(r, t, label))
        status = xp_no_memory(error, "classifiers");
    if (status == EXPLAINT_OK) status = xp_split_classify(split, x, d, label, score, error);
    if (status == EXPLAINT_OK) {
        const double accuracy = xp_split_accuracy(split->n, score, label);
        xp_set_scores *to = &r->score[t->set];
        if (t->kind == REFIT) w->refit[t->set][t->number] = accuracy;
        if (t->kind == ONE_HEAD) to->head_accuracy[t->source][t->number] = accuracy;
        if (t->kind == ALL_HEADS) {
            to->accuracy[t->source] = accuracy;
            memcpy(w->score[t->source][t->set], score, split->n * sizeof *score);
        }
    }
    xp_free_all(x, score, label);
    return status;
}

static bool run_task(void *self, size_t i, unsigned worker) {
    work *w = self;
    explaint_error error = {0};
    (void)worker;
    const explaint_status status = do_task(w, &w->task[i], &error);
    pthread_mutex_lock(&w->lock);
    w->done++;
    if (status != EXPLAINT_OK && w->status == EXPLAINT_OK) {
        w->status = status;
        if (w->error != NULL) *w->error = error;
    }
    const bool on = w->status == EXPLAINT_OK && !w->stopped;
    pthread_mutex_unlock(&w->lock);
    return on;
}

static bool tick(void *self) {
    work *w = self;
    pthread_mutex_lock(&w->lock);
    const double done = (double)w->done / (double)w->n_tasks;
    pthread_mutex_unlock(&w->lock);
    const bool on = xp_relate_report(w->r, done);
    pthread_mutex_lock(&w->lock);
    w->stopped = w->stopped || !on;
    pthread_mutex_unlock(&w->lock);
    return on;
}

/* The long ones first. */
static bool list_tasks(work *w) {
    const xp_relate *r = w->r;
    const size_t sets = r->sentences.n_variants - 1;
    w->task = xp_alloc(sets * (XP_N_SOURCES + r->options.refits + XP_N_MAPS * r->n_chosen), sizeof *w->task);
    if (w->task == NULL) return false;
    for (size_t set = 0; set < sets; set++) {
        for (xp_relate_source k = XP_SOURCE_MODEL; k < XP_N_SOURCES; k++)
            if (xp_relate_has(r, k)) w->task[w->n_tasks++] = (task){ALL_HEADS, set, k, 0};
        for (size_t b = 0; b < r->options.refits; b++) w->task[w->n_tasks++] = (task){REFIT, set, XP_SOURCE_MODEL, b};
    }
    for (size_t set = 0; set < sets; set++)
        for (xp_relate_source k = XP_SOURCE_MODEL; k < XP_SOURCE_FORM; k++)
            for (size_t h = 0; h < r->n_chosen && xp_relate_has(r, k); h++)
                w->task[w->n_tasks++] = (task){ONE_HEAD, set, k, h};
    return true;
}

static bool create(work *w) {
    const xp_relate *r = w->r;
    const size_t sets = r->sentences.n_variants - 1;
    bool ok = (w->refit = xp_calloc(sets, sizeof *w->refit)) != NULL;
    for (xp_relate_source k = XP_SOURCE_MODEL; ok && k < XP_N_SOURCES; k++)
        ok = (w->score[k] = xp_calloc(sets, sizeof *w->score[k])) != NULL;
    for (size_t set = 0; ok && set < sets; set++) {
        ok = (w->refit[set] = xp_alloc(r->options.refits, sizeof **w->refit)) != NULL;
        for (xp_relate_source k = XP_SOURCE_MODEL; ok && k < XP_N_SOURCES; k++)
            ok = (w->score[k][set] = xp_calloc(r->split[set].n, sizeof **w->score[k])) != NULL;
        for (xp_relate_source k = XP_SOURCE_MODEL; ok && k < XP_SOURCE_FORM; k++)
            ok = (r->score[set].head_accuracy[k] = xp_calloc(r->n_chosen, sizeof(double))) != NULL;
    }
    return ok && list_tasks(w);
}

static void release(work *w) {
    const size_t sets = w->r->sentences.n_variants - 1;
    for (xp_relate_source k = XP_SOURCE_MODEL; k < XP_N_SOURCES; k++) {
        for (size_t set = 0; w->score[k] != NULL && set < sets; set++) xp_free(w->score[k][set]);
        xp_free(w->score[k]);
    }
    for (size_t set = 0; w->refit != NULL && set < sets; set++) xp_free(w->refit[set]);
    xp_free_all(w->refit, w->task);
}

/* ---- what the fits say ---- */

/* Of a pair: the share of its two rows that are on their side of 0. */
static double hits(const double *score, size_t pair) {
    const double *s = score + 2 * pair;
    return ((s[0] > 0) + (s[1] < 0) + .5 * ((s[0] == 0) + (s[1] == 0))) / 2;
}

static bool compare(work *w, size_t set) {
    xp_relate *r = w->r;
    xp_set_scores *to = &r->score[set];
    const size_t n = r->sentences.n_pairs;
    double *difference = xp_alloc(n, sizeof *difference);
    bool ok = difference != NULL;
    for (xp_relate_source k = XP_SOURCE_MODEL; ok && k < XP_N_SOURCES; k++) {
        if (!xp_relate_has(r, k)) continue;
        ok = xp_split_auc(r->split[set].n, w->score[k][set], r->split[set].label, &to->auc[k]);
        if (k == XP_SOURCE_MODEL || !ok) continue;
        for (size_t i = 0; i < n; i++)
            difference[i] = hits(w->score[XP_SOURCE_MODEL][set], i) - hits(w->score[k][set], i);
        ok = xp_gains_test(1, n, difference, &r->groups, r->options.permutations, r->options.seed, &to->gain[k]);
    }
    xp_free(difference);
    return ok;
}

static void summarise_refits(const work *w, size_t set) {
    xp_set_scores *to = &w->r->score[set];
    const size_t n = w->r->options.refits;
    double sum = 0, squares = 0, reached = 0;
    for (size_t b = 0; b < n; b++) {
        sum += w->refit[set][b];
        reached += w->refit[set][b] >= to->accuracy[XP_SOURCE_MODEL];
    }
    to->permuted_mean = n > 0 ? sum / (double)n : NAN;
    for (size_t b = 0; b < n; b++) {
        const double away = w->refit[set][b] - to->permuted_mean;
        squares += away * away;
    }
    to->permuted_sd = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    to->permuted_p = n > 0 ? (1 + reached) / (1 + (double)n) : NAN;
}

explaint_status xp_relate_classify(xp_relate *r, explaint_error *error) {
    work w = {.r = r, .error = error};
    explaint_status status = create(&w) ? EXPLAINT_OK : xp_no_memory(error, "classifiers");
    if (status == EXPLAINT_OK) {
        const xp_pool_job job = {.n_tasks = w.n_tasks, .run = run_task, .tick = tick, .self = &w};
        pthread_mutex_init(&w.lock, NULL);
        const bool ok = xp_pool_run(r->threads, &job);
        pthread_mutex_destroy(&w.lock);
        status = w.status;
        if (status == EXPLAINT_OK && w.stopped)
            status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all classifiers were fitted");
        if (status == EXPLAINT_OK && !ok) status = xp_no_thread(error);
    }
    for (size_t set = 0; set + 1 < r->sentences.n_variants && status == EXPLAINT_OK; set++) {
        summarise_refits(&w, set);
        if (!compare(&w, set)) status = xp_no_memory(error, "classifiers");
    }
    release(&w);
    return status;
}
