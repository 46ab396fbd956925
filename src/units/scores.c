#include "units/scores.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "formats/safetensors.h"
#include "units/arrays.h"

static const char HOLDS[] = "scores of a condition";

/* ---- in memory ---- */

bool xp_scores_alloc(xp_scores *s, size_t n, size_t n_levels, size_t n_folds) {
    *s = (xp_scores){.n = n, .n_levels = n_levels, .n_folds = n_folds};
    s->score = xp_calloc(n_levels * n * XP_N_METRICS, sizeof *s->score);
    s->top = xp_alloc(n_levels * n * XP_TOP, sizeof *s->top);
    s->chosen = xp_calloc(n_folds, sizeof *s->chosen);
    s->note = xp_calloc(n_folds, sizeof *s->note);
    if (s->score == NULL || s->top == NULL || s->chosen == NULL || s->note == NULL) {
        xp_scores_free(s);
        return false;
    }
    for (size_t i = 0; i < n_levels * n * XP_TOP; i++) s->top[i] = -1;
    return true;
}

bool xp_scores_keep_losses(xp_scores *s, size_t n_epochs) {
    s->n_epochs = n_epochs;
    if (n_epochs == 0) return true;
    s->losses = xp_alloc(2 * n_epochs * s->n_folds, sizeof *s->losses);
    for (size_t i = 0; s->losses != NULL && i < 2 * n_epochs * s->n_folds; i++) s->losses[i] = NAN;
    return s->losses != NULL;
}

const char *const xp_units_spaces[] = {"prediction", "gold", "input"};

bool xp_scores_show(xp_scores *s, size_t level) {
    s->shown.level = level;
    s->shown.score = xp_alloc(s->n * XP_TOP, sizeof *s->shown.score);
    s->shown.hit = xp_calloc(s->n * XP_TOP, 1);
    for (size_t i = 0; s->shown.score != NULL && i < s->n * XP_TOP; i++) s->shown.score[i] = NAN;
    return s->shown.score != NULL && s->shown.hit != NULL;
}

bool xp_scores_show_neighbours(xp_scores *s, xp_space space) {
    uint32_t *nearest = s->shown.nearest[space] = xp_alloc(s->n * XP_TOP, sizeof *nearest);
    float *cosine = s->shown.cosine[space] = xp_alloc(s->n * XP_TOP, sizeof *cosine);
    for (size_t i = 0; nearest != NULL && cosine != NULL && i < s->n * XP_TOP; i++) {
        nearest[i] = UINT32_MAX;
        cosine[i] = NAN;
    }
    return nearest != NULL && cosine != NULL;
}

void xp_scores_free(xp_scores *s) {
    xp_free_all(s->shown.score, s->shown.hit);
    for (int space = 0; space < XP_N_SPACES; space++) {
        xp_free_all(s->shown.nearest[space], s->shown.cosine[space]);
    }
    xp_free_all(s->score, s->top, s->chosen, s->note, s->losses);
    *s = (xp_scores){0};
}

/* ---- as bytes ---- */

enum { MOST = XP_N_METRICS + 4 + 3 + 2 * XP_N_SPACES, NOTES = sizeof(xp_note) / sizeof(uint32_t) };

static const char *const nearest_names[] = {"nearest_prediction", "nearest_gold", "nearest_input"};
static const char *const cosine_names[] = {"cosine_prediction", "cosine_gold", "cosine_input"};

static size_t list_shown(const xp_scores *s, uint32_t *level, xp_units_array *array) {
    const xp_shown *shown = &s->shown;
    size_t count = 0;
    if (shown->score == NULL) return 0;
    array[count++] = (xp_units_array){"shown_level", "U32", 1, {1}, level};
    array[count++] = (xp_units_array){"strongest_scores", "F32", 2, {s->n, XP_TOP}, shown->score};
    for (int k = 0; k < XP_N_SPACES; k++) {
        if (shown->nearest[k] == NULL) continue;
        array[count++] = (xp_units_array){nearest_names[k], "U32", 2, {s->n, XP_TOP}, shown->nearest[k]};
        array[count++] = (xp_units_array){cosine_names[k], "F32", 2, {s->n, XP_TOP}, shown->cosine[k]};
    }
    array[count++] = (xp_units_array){"strongest_hits", "U8", 2, {s->n, XP_TOP}, shown->hit};
    return count;
}

/* By metric numerators and denominators in turns: level x concept x 2. Notes: used, iterations, most, capped; x fold. */
static size_t list_arrays(const xp_scores *s, unsigned set, double *const metric[XP_N_METRICS], uint32_t *level,
                          xp_units_array array[MOST]) {
    size_t count = 0;
    for (int m = 0; m < XP_N_METRICS; m++)
        if (set >> m & 1)
            array[count++] =
                (xp_units_array){xp_metric_name((xp_metric)m), "F64", 3, {s->n_levels, s->n, 2}, metric[m]};
    array[count++] = (xp_units_array){"level", "F64", 1, {s->n_folds}, s->chosen};
    if (s->n_epochs > 0) array[count++] = (xp_units_array){"losses", "F64", 3, {s->n_folds, 2, s->n_epochs}, s->losses};
    array[count++] = (xp_units_array){"fit", "U32", 2, {s->n_folds, NOTES}, s->note};
    array[count++] = (xp_units_array){"strongest_features", "I32", 3, {s->n_levels, s->n, XP_TOP}, s->top};
    return count + list_shown(s, level, array + count);
}

/* Room for each metric of the set on its own, and each score moved: into these, or out of them. */
static double *apart(const xp_scores *s, unsigned set, double *metric[XP_N_METRICS]) {
    const size_t cells = 2 * s->n_levels * s->n;
    double *all = xp_alloc(XP_N_METRICS * cells, sizeof *all);
    for (size_t m = 0, k = 0; m < XP_N_METRICS; m++)
        metric[m] = all == NULL ? NULL : all + (set >> m & 1 ? k++ : 0) * cells;
    return all;
}

static void move(xp_scores *s, unsigned set, double *const metric[XP_N_METRICS], bool out) {
    for (size_t m = 0; m < XP_N_METRICS; m++)
        for (size_t i = 0; set >> m & 1 && i < s->n_levels * s->n; i++) {
            xp_score *score = &s->score[i * XP_N_METRICS + m];
            double *pair = metric[m] + 2 * i;
            if (out)
                memcpy(pair, score, sizeof *score);
            else
                memcpy(score, pair, sizeof *score);
        }
}

bool xp_units_scores_pack(const xp_scores *scores, unsigned wanted, void **bytes, size_t *size) {
    xp_units_array array[MOST];
    double *metric[XP_N_METRICS], *all = apart(scores, wanted, metric);
    xp_scores s = *scores;
    uint32_t level = (uint32_t)s.shown.level;
    if (all == NULL) return false;
    move(&s, wanted, metric, true);
    const bool ok = xp_units_pack(HOLDS, array, list_arrays(&s, wanted, metric, &level, array), bytes, size);
    xp_free(all);
    return ok;
}

/* Which of the wanted metrics are there, and of which shape the rest is. */
static bool look(const xp_safetensors *file, size_t n, unsigned wanted, xp_scores *shape, unsigned *all,
                 unsigned *found) {
    const xp_tensor *top = xp_safetensors_find(file, "strongest_features"), *level = xp_safetensors_find(file, "level"),
                    *losses = xp_safetensors_find(file, "losses");
    if (top == NULL || top->n_dimensions != 3 || top->shape[1] != n || level == NULL || level->n_dimensions != 1)
        return false;
    *shape = (xp_scores){.n = n, .n_levels = top->shape[0], .n_folds = level->shape[0]};
    if (losses != NULL && losses->n_dimensions == 3) shape->n_epochs = losses->shape[2];
    *all = 0;
    for (int m = 0; m < XP_N_METRICS; m++)
        if (xp_safetensors_find(file, xp_metric_name((xp_metric)m)) != NULL) *all |= 1u << m;
    *found = *all & wanted;
    return shape->n_levels > 0 && shape->n_levels <= 100000 && shape->n_folds <= 1000000 && shape->n_epochs <= 100000;
}

enum { FEATURES = 1u << XP_N_SPACES };

/* What is shown is optional. As a bit set: the spaces whose neighbours are there, and FEATURES. */
static unsigned look_for_shown(const xp_safetensors *file) {
    unsigned set = xp_safetensors_find(file, "strongest_scores") != NULL ? FEATURES : 0;
    for (int k = 0; set != 0 && k < XP_N_SPACES; k++)
        if (xp_safetensors_find(file, nearest_names[k]) != NULL) set |= 1u << k;
    return set;
}

static bool show(xp_scores *s, unsigned set) {
    bool ok = !(set & FEATURES) || xp_scores_show(s, 0);
    for (int k = 0; ok && k < XP_N_SPACES; k++)
        if (set >> k & 1) ok = xp_scores_show_neighbours(s, (xp_space)k);
    return ok;
}

static bool can_be_shown(const xp_scores *s) {
    bool ok = s->shown.level < s->n_levels;
    for (int k = 0; k < XP_N_SPACES; k++)
        for (size_t i = 0; s->shown.nearest[k] != NULL && i < s->n * XP_TOP; i++)
            ok = ok && (s->shown.nearest[k][i] < s->n || s->shown.nearest[k][i] == UINT32_MAX);
    for (size_t i = 0; s->shown.hit != NULL && i < s->n * XP_TOP; i++) ok = ok && s->shown.hit[i] <= 1;
    return ok;
}

static explaint_status read(const void *bytes, size_t size, size_t n, unsigned wanted, xp_scores *s, unsigned *found) {
    xp_safetensors *file = NULL;
    xp_scores shape = {0};
    unsigned all = 0;
    explaint_status status = xp_safetensors_open("a unit", bytes, size, &file, NULL);
    if (status == EXPLAINT_OK && !look(file, n, wanted, &shape, &all, found)) status = EXPLAINT_INVALID;
    const unsigned shown = status == EXPLAINT_OK ? look_for_shown(file) : 0;
    xp_safetensors_close(file);
    if (status != EXPLAINT_OK) return status;
    if (!xp_scores_alloc(s, n, shape.n_levels, shape.n_folds) || !xp_scores_keep_losses(s, shape.n_epochs) ||
        !show(s, shown))
        return EXPLAINT_FAILED;
    uint32_t level = 0;
    double *metric[XP_N_METRICS], *room = apart(s, all, metric);
    if (room == NULL) return EXPLAINT_FAILED;
    xp_units_array array[MOST];
    status = xp_units_read(HOLDS, array, list_arrays(s, all, metric, &level, array), bytes, size);
    if (status == EXPLAINT_OK) move(s, *found, metric, false);
    xp_free(room);
    s->shown.level = level;
    return status == EXPLAINT_OK && !can_be_shown(s) ? EXPLAINT_INVALID : status;
}

/* ---- as version 0.1 has them ---- */

/* Its metrics: all of today's, in this order. A metric that is new is none of them. */
enum {
    BEFORE = (1u << XP_F1_AT_10) | (1u << XP_SPEARMAN) | (1u << XP_NA_AT_10_RETRIEVAL) | (1u << XP_NA_AT_10_GOLD) |
             (1u << XP_NA_AT_10_INPUT) | (1u << XP_PRECISION_AT_R) | (1u << XP_MAP) | (1u << XP_R2) | (1u << XP_MSE) |
             (1u << XP_COSINE)
};

static size_t size_before(size_t n, const uint64_t head[3], unsigned set) {
    size_t metrics = 0;
    for (unsigned rest = set; rest != 0; rest &= rest - 1) metrics++;
    return head[0] * n * (metrics * sizeof(xp_score) + XP_TOP * sizeof(int32_t)) +
           head[1] * (sizeof(double) + sizeof(xp_note) + 2 * head[2] * sizeof(double)) + 3 * sizeof(uint64_t);
}

static explaint_status read_before(const unsigned char *at, size_t size, size_t n, unsigned wanted, xp_scores *s,
                                   unsigned *found) {
    uint64_t head[3]; /* levels, folds, epochs */
    *found = wanted & BEFORE;
    if (size < sizeof head) return EXPLAINT_INVALID;
    memcpy(head, at, sizeof head);
    at += sizeof head;
    if (head[0] == 0 || head[0] > 100000 || head[1] > 1000000 || head[2] > 100000 ||
        size != size_before(n, head, *found))
        return EXPLAINT_INVALID;
    if (!xp_scores_alloc(s, n, head[0], head[1]) || !xp_scores_keep_losses(s, head[2])) return EXPLAINT_FAILED;
    for (size_t r = 0; r < s->n_levels * n; r++)
        for (int metric = 0; metric < XP_N_METRICS; metric++) {
            if (!(*found >> metric & 1)) continue;
            memcpy(&s->score[r * XP_N_METRICS + (size_t)metric], at, sizeof(xp_score));
            at += sizeof(xp_score);
        }
    memcpy(s->top, at, s->n_levels * n * XP_TOP * sizeof *s->top);
    at += s->n_levels * n * XP_TOP * sizeof *s->top;
    memcpy(s->chosen, at, s->n_folds * sizeof *s->chosen);
    at += s->n_folds * sizeof *s->chosen;
    memcpy(s->note, at, s->n_folds * sizeof *s->note);
    at += s->n_folds * sizeof *s->note;
    if (s->losses != NULL) memcpy(s->losses, at, 2 * s->n_epochs * s->n_folds * sizeof *s->losses);
    return EXPLAINT_OK;
}

explaint_status xp_units_scores_unpack(const void *bytes, size_t size, size_t n, unsigned wanted, xp_scores *s,
                                       unsigned *found) {
    *s = (xp_scores){0};
    explaint_status status = xp_safetensors_is(bytes, size) ? read(bytes, size, n, wanted, s, found)
                                                            : read_before(bytes, size, n, wanted, s, found);
    if (status != EXPLAINT_OK) xp_scores_free(s);
    return status;
}
