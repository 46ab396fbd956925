/* Models of a test: their goldens, and a way to keep everything that a run shows. */
#ifndef XP_TESTS_SUPPORT_MODELS_H
#define XP_TESTS_SUPPORT_MODELS_H

#include "support/files.h"

#include "explaint/model.h"
#include "formats/safetensors.h"

enum { MODELS_MOST_TEXTS = 32 };

typedef struct models_kept {
    const explaint_model_info *info;
    float *hidden[MODELS_MOST_TEXTS], *normed[MODELS_MOST_TEXTS], *maps[MODELS_MOST_TEXTS], *values[MODELS_MOST_TEXTS];
    float *rows[MODELS_MOST_TEXTS],
        *focus[MODELS_MOST_TEXTS]; /* maps put together from rows; entropies, then largest entries */
    size_t n[MODELS_MOST_TEXTS], next[MODELS_MOST_TEXTS]; /* next: the layer that is to come */
    size_t n_texts;
} models_kept;

static inline float *models_floats(size_t n) { /* as NaN, so that what is not written is seen */
    float *x = malloc((n + 1) * sizeof *x);
    assert_non_null(x);
    memset(x, 0xff, (n + 1) * sizeof *x);
    return x;
}

static inline bool models_hidden(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    models_kept *k = self;
    if (k->n[text] != n || k->next[text] != layer)
        abort(); /* not on the test's thread: cmocka's asserts are not for us */
    k->next[text]++;
    memcpy(k->hidden[text] + layer * n * k->info->width, rows, n * k->info->width * sizeof *rows);
    return true;
}

static inline bool models_normed(void *self, size_t text, size_t n, const float *rows) {
    models_kept *k = self;
    if (k->n[text] != n || k->next[text] != k->info->n_layers + 1) abort(); /* after all layers */
    memcpy(k->normed[text], rows, n * k->info->width * sizeof *rows);
    return true;
}

static inline bool models_attention(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    models_kept *k = self;
    const size_t size = k->info->n_heads * n * n;
    if (k->n[text] != n || k->next[text] != layer) abort();
    memcpy(k->maps[text] + (layer - 1) * size, maps, size * sizeof *maps);
    return true;
}

static inline bool models_values(void *self, size_t text, size_t layer, size_t n, const float *values) {
    models_kept *k = self;
    const size_t size = k->info->n_heads * n * k->info->head;
    if (k->n[text] != n || k->next[text] != layer) abort();
    memcpy(k->values[text] + (layer - 1) * size, values, size * sizeof *values);
    return true;
}

static inline bool models_rows(void *self, const explaint_attention_rows *rows) {
    models_kept *k = self;
    const size_t n = rows->n, at = (rows->layer - 1) * k->info->n_heads + rows->head - 1;
    if (k->n[rows->text] != n || k->next[rows->text] != rows->layer || rows->first + rows->many > n) abort();
    for (size_t i = 0; i < rows->many; i++) {
        float *row = k->rows[rows->text] + (at * n + rows->first + i) * n;
        memset(row, 0, n * sizeof *row);
        memcpy(row + rows->from, rows->row + i * n + rows->from, (rows->to - rows->from) * sizeof *row);
        k->focus[rows->text][2 * (at * n + rows->first + i)] = rows->entropy[i];
        k->focus[rows->text][2 * (at * n + rows->first + i) + 1] = rows->largest[i];
    }
    return true;
}

enum { MODELS_MAPS = 1, MODELS_VALUES = 2, MODELS_ROWS = 4 };

static inline explaint_status models_run(const explaint_model *model, const explaint_ids *texts, size_t n_texts,
                                         unsigned threads, unsigned what, models_kept *k, explaint_error *error) {
    *k = (models_kept){.info = explaint_model_describe(model), .n_texts = n_texts};
    assert_true(n_texts <= MODELS_MOST_TEXTS);
    for (size_t t = 0; t < n_texts; t++) {
        const size_t n = k->n[t] = texts[t].n, layers = k->info->n_layers;
        k->hidden[t] = models_floats((layers + 1) * n * k->info->width);
        k->maps[t] = models_floats(layers * k->info->n_heads * n * n);
        k->rows[t] = models_floats(layers * k->info->n_heads * n * n);
        k->focus[t] = models_floats(2 * layers * k->info->n_heads * n);
        k->normed[t] = models_floats(n * k->info->width);
        k->values[t] = models_floats(layers * k->info->n_heads * n * k->info->head);
    }
    const explaint_observer look = {.self = k,
                                    .hidden = models_hidden,
                                    .normed = models_normed,
                                    .attention = what & MODELS_MAPS ? models_attention : NULL,
                                    .attention_rows = what & MODELS_ROWS ? models_rows : NULL,
                                    .values = what & MODELS_VALUES ? models_values : NULL};
    return explaint_model_run(model, texts, n_texts, &look, threads, error);
}

static inline void models_forget(models_kept *k) {
    for (size_t t = 0; t < k->n_texts; t++) {
        free(k->hidden[t]);
        free(k->normed[t]);
        free(k->maps[t]);
        free(k->rows[t]);
        free(k->focus[t]);
        free(k->values[t]);
    }
}

static inline explaint_model *models_open(const char *folder, const char *isa) {
    const explaint_model_options options = {.isa = isa};
    explaint_error error = {0};
    explaint_model *model = NULL;
    if (explaint_model_open(folder, &options, &model, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return model;
}

static inline const char *models_golden(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/models/%s", EXPLAINT_SOURCE_DIR, name);
    return path;
}

#endif
