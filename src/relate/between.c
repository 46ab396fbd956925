#include "relate/between.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attention/damage.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "model/session.h"
#include "units/between.h"

const char *const xp_between_directions[] = {"left-to-right", "right-to-left"};

typedef struct scratch { /* of a thread */
    xp_session *session;
    float *projected, *moved, *maps;
    uint32_t *places, *order;
} scratch;

typedef struct run {
    const explaint_model *model;
    const explaint_model_info *info;
    const xp_sentences *s;
    const xp_between *to[2]; /* intact, damaged; shape alone */
    float *value[2];         /* n_texts x draws x n */
    bool damages;
    float *states[XP_BETWEEN_BATCH]; /* of the batch: L x n x width, the rows before each layer */
    size_t first;                    /* text of the batch */
    uint64_t seed;
    scratch *scratch;
} run;

static float look(const float *map, size_t n, const size_t from[2], const size_t at[2]) {
    double sum = 0;
    for (size_t i = from[0]; i < from[1]; i++)
        for (size_t j = at[0]; j < at[1]; j++) sum += map[i * n + j];
    return (float)(sum / (double)(from[1] - from[0]));
}

/* maps: heads x n x n. layer from 0. */
static void read_maps(const run *r, bool damaged, size_t draw, size_t text, size_t layer, const float *maps) {
    const xp_sentence_text *t = &r->s->text[text];
    const xp_between *f = r->to[damaged];
    float *to = r->value[damaged] + (text * f->draws + draw) * f->n;
    for (size_t head = 0; head < f->n_heads; head++) {
        const float *map = maps + head * t->n * t->n;
        to[xp_between_place(f, XP_LEFT_TO_RIGHT, layer, head)] = look(map, t->n, t->left, t->right);
        to[xp_between_place(f, XP_RIGHT_TO_LEFT, layer, head)] = look(map, t->n, t->right, t->left);
    }
}

static bool on_maps(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const run *r = self;
    (void)n;
    read_maps(r, false, 0, r->first + text, layer - 1, maps);
    return true;
}

static bool on_states(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const run *r = self;
    const size_t size = n * r->info->width;
    if (layer < r->info->n_layers) memcpy(r->states[text] + layer * size, rows, size * sizeof *rows);
    return true;
}

/* What is projected is a row's own: it is made once, and rows take it along into each order. */
static bool damage_text(void *self, size_t k, unsigned worker) {
    const run *r = self;
    scratch *s = &r->scratch[worker];
    const size_t text = r->first + k, size = xp_session_projected(s->session);
    const xp_sentence_text *t = &r->s->text[text];
    const xp_rows rows = {t->n, s->projected, t->special};
    for (size_t layer = 0; layer < r->info->n_layers; layer++) {
        xp_session_project(s->session, layer + 1, t->n, r->states[k] + layer * t->n * r->info->width, s->projected);
        for (size_t draw = 0; draw < XP_DISORDERS; draw++) {
            xp_damage_rows(XP_DAMAGE_PERMUTE_CONTENT, size, &rows, NULL, r->seed,
                           (uint32_t)(draw * r->s->n_texts + text), s->places, s->order, s->moved);
            xp_session_look(s->session, layer + 1, t->n, s->moved, s->maps);
            read_maps(r, true, draw, text, layer, s->maps);
        }
    }
    return true;
}

static explaint_status run_batch(run *r, size_t n, unsigned threads, explaint_error *error) {
    explaint_ids ids[XP_BETWEEN_BATCH];
    const explaint_observer observer = {.self = r, .hidden = r->damages ? on_states : NULL, .attention = on_maps};
    for (size_t k = 0; k < n; k++) ids[k] = (explaint_ids){r->s->text[r->first + k].id, r->s->text[r->first + k].n};
    explaint_status status = explaint_model_run(r->model, ids, n, &observer, threads, error);
    const xp_pool_job job = {.n_tasks = n, .run = damage_text, .self = r};
    if (status == EXPLAINT_OK && r->damages && !xp_pool_run(threads, &job)) status = xp_no_thread(error);
    return status;
}

/* ---- batches that a ledger holds ---- */

static xp_units_between unit_of(const run *r, size_t n_texts, char key[48], const char *stem) {
    const size_t n = r->to[0]->n;
    snprintf(key, 48, "%s/%zu", stem, r->first / XP_BETWEEN_BATCH);
    return (xp_units_between){.first = r->first,
                              .n_texts = n_texts,
                              .n = n,
                              .value = r->value[0] + r->first * n,
                              .draws = XP_DISORDERS,
                              .damaged = r->damages ? r->value[1] + r->first * XP_DISORDERS * n : NULL};
}

static explaint_status find(const run *r, size_t n_texts, const xp_between_watch *watch, bool *found,
                            explaint_error *error) {
    char key[48];
    void *bytes = NULL;
    size_t size = 0;
    *found = false;
    if (watch->units == NULL || watch->units->find == NULL) return EXPLAINT_OK;
    xp_units_between unit = unit_of(r, n_texts, key, watch->stem);
    const explaint_status status = watch->units->find(watch->units->self, key, &bytes, &size, error);
    *found = status == EXPLAINT_OK && bytes != NULL && xp_units_between_unpack(&unit, bytes, size);
    free(bytes);
    return status;
}

static explaint_status keep(const run *r, size_t n_texts, const xp_between_watch *watch, explaint_error *error) {
    char key[48];
    void *bytes = NULL;
    size_t size = 0;
    if (watch->units == NULL || watch->units->keep == NULL) return EXPLAINT_OK;
    const xp_units_between unit = unit_of(r, n_texts, key, watch->stem);
    if (!xp_units_between_pack(&unit, &bytes, &size)) return xp_no_memory(error, "the attention of pairs");
    const explaint_status status = watch->units->keep(watch->units->self, key, bytes, size, error);
    xp_free(bytes);
    return status;
}

static explaint_status look_at_batch(run *r, size_t n_texts, const xp_between_watch *watch, unsigned threads,
                                     explaint_error *error) {
    bool found;
    explaint_status status = find(r, n_texts, watch, &found, error);
    if (status != EXPLAINT_OK || found) return status;
    status = run_batch(r, n_texts, threads, error);
    return status == EXPLAINT_OK ? keep(r, n_texts, watch, error) : status;
}

/* ---- all of them ---- */

static bool create_scratch(run *r, unsigned threads, explaint_status *status, explaint_error *error) {
    const size_t longest = r->s->longest, width = r->info->width;
    *status = EXPLAINT_OK;
    if (!r->damages) return true;
    bool ok = (r->scratch = xp_calloc(threads, sizeof *r->scratch)) != NULL;
    for (size_t k = 0; ok && k < XP_BETWEEN_BATCH; k++)
        ok = (r->states[k] = xp_alloc(r->info->n_layers * longest, width * sizeof *r->states[k])) != NULL;
    for (unsigned w = 0; ok && w < threads; w++) {
        scratch *s = &r->scratch[w];
        if ((*status = xp_session_create(r->model, longest, &s->session, error)) != EXPLAINT_OK) return true;
        const size_t size = xp_session_projected(s->session);
        s->projected = xp_alloc(longest, size * sizeof *s->projected);
        s->moved = xp_alloc(longest, size * sizeof *s->moved);
        s->maps = xp_alloc(r->info->n_heads * longest, longest * sizeof *s->maps);
        s->places = xp_alloc(longest, sizeof *s->places);
        s->order = xp_alloc(longest, sizeof *s->order);
        ok = s->projected != NULL && s->moved != NULL && s->maps != NULL && s->places != NULL && s->order != NULL;
    }
    return ok;
}

static void free_scratch(run *r, unsigned threads) {
    for (size_t k = 0; k < XP_BETWEEN_BATCH; k++) xp_free(r->states[k]);
    for (unsigned w = 0; r->scratch != NULL && w < threads; w++) {
        scratch *s = &r->scratch[w];
        xp_session_destroy(s->session);
        xp_free_all(s->projected, s->moved, s->maps, s->places, s->order);
    }
    xp_free_all(r->scratch, r->value[0], r->value[1]);
}

/* Of a decoder a piece sees those before it. */
static bool carries(const run *r, size_t template, size_t direction) {
    return !r->info->causal || r->s->left_first[template] == (direction == XP_RIGHT_TO_LEFT);
}

/* One draw. */
static void average(const run *r, size_t draw, const float *value, xp_between *f) {
    const size_t half = f->n / XP_DIRECTIONS;
    for (size_t direction = 0; direction < XP_DIRECTIONS; direction++) {
        size_t n = 0;
        for (size_t k = 0; k < r->s->n_templates; k++) n += carries(r, k, direction);
        f->carried[direction] = n > 0;
        for (size_t row = 0; n > 0 && row < f->n_rows; row++)
            for (size_t k = 0; k < r->s->n_templates; k++) {
                if (!carries(r, k, direction)) continue;
                const size_t text = row * r->s->n_templates + k;
                const float *from = value + (text * f->draws + draw) * f->n + direction * half;
                double *to = f->value + (draw * f->n_rows + row) * f->n + direction * half;
                for (size_t j = 0; j < half; j++) to[j] += from[j] / (double)n;
            }
    }
}

static bool create(const run *r, size_t draws, xp_between *f) {
    *f = (xp_between){
        .n_rows = r->s->n_rows, .n_layers = r->info->n_layers, .n_heads = r->info->n_heads, .draws = draws};
    f->n = XP_DIRECTIONS * f->n_layers * f->n_heads;
    f->value = xp_calloc(draws * f->n_rows, f->n * sizeof *f->value);
    return f->value != NULL;
}

explaint_status xp_between_create(const explaint_model *model, const xp_sentences *s, uint64_t seed, unsigned threads,
                                  const xp_between_watch *watch, xp_between *features, xp_between *damaged,
                                  explaint_error *error) {
    run r = {.model = model, .info = explaint_model_describe(model), .s = s, .seed = seed, .damages = damaged != NULL};
    r.to[0] = features;
    r.to[1] = damaged;
    explaint_status status = EXPLAINT_OK;
    bool ok = create(&r, 1, features);
    if (damaged != NULL) ok = create(&r, XP_DISORDERS, damaged) && ok;
    for (int k = 0; ok && k <= r.damages; k++)
        ok = (r.value[k] = xp_alloc(r.to[k]->draws * s->n_texts, features->n * sizeof *r.value[k])) != NULL;
    ok = ok && create_scratch(&r, threads, &status, error);
    if (!ok) status = xp_no_memory(error, "the attention of pairs");
    for (r.first = 0; r.first < s->n_texts && status == EXPLAINT_OK; r.first += XP_BETWEEN_BATCH) {
        const size_t left = s->n_texts - r.first;
        if (!watch->report(watch->self, (double)r.first / (double)s->n_texts))
            status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all sentences were read");
        if (status == EXPLAINT_OK)
            status = look_at_batch(&r, left < XP_BETWEEN_BATCH ? left : XP_BETWEEN_BATCH, watch, threads, error);
    }
    if (status == EXPLAINT_OK) average(&r, 0, r.value[0], features);
    for (size_t draw = 0; status == EXPLAINT_OK && damaged != NULL && draw < XP_DISORDERS; draw++)
        average(&r, draw, r.value[1], damaged);
    free_scratch(&r, threads);
    if (status != EXPLAINT_OK) {
        xp_between_free(features);
        if (damaged != NULL) xp_between_free(damaged);
    }
    return status;
}

void xp_between_free(xp_between *f) {
    xp_free(f->value);
    *f = (xp_between){0};
}
