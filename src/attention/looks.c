#include "attention/looks.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "attention/similarity.h"
#include "base/error.h"
#include "base/memory.h"
#include "units/attention.h"

/* In the order of xp_units_look_names. */
enum { ENTROPY, LARGEST, SELF, FIRST, PREVIOUS, NEXT, LAST_SPECIAL, SPECIAL, TOP, N_LOOKS };

/* Texts are run in portions of so many rows or a little more: what is done is kept, and scratch is small. */
enum { PORTION = 8192 };

struct xp_looks {
    xp_attend *a;
    xp_units_looks *text; /* of each text; sum is NULL before it is looked at */
    float **value;        /* of each text that runs: of one layer, head x look x row */
    uint32_t **special;   /* its special rows, and n at their end */
    xp_stored pieces;
    explaint_observer observer;
    /* of a portion that runs */
    size_t first;
    double done, all; /* rows of layers */
    bool stopped, no_memory;
    pthread_mutex_t lock;
};

static bool pack(const void *self, size_t i, void **bytes, size_t *size) {
    const xp_looks *l = self;
    return xp_units_looks_pack(&l->text[i], bytes, size);
}

static bool unpack(void *self, size_t i, const void *bytes, size_t size) {
    xp_looks *l = self;
    return xp_units_looks_unpack(&l->text[i], bytes, size);
}

/* It was made when the text ran. */
static bool made(void *self, size_t i, unsigned worker) {
    (void)self;
    (void)i;
    (void)worker;
    return true;
}

/* ---- a row ---- */

double xp_looks_top(size_t n, const float *row, size_t k) {
    enum { STEP = 32 };
    float most[XP_LOOKS_MOST] = {0}; /* ascending */
    for (size_t i = 0; i < n; i += STEP) {
        const size_t many = n - i < STEP ? n - i : STEP;
        int above = 0;
        if (many == STEP) /* of a long row nearly all steps have nothing: a loop that the compiler makes wide */
            for (size_t j = i; j < i + STEP; j++) above |= row[j] > most[0];
        if (many == STEP && !above) continue;
        for (size_t j = i; j < i + many; j++) {
            if (!(row[j] > most[0])) continue;
            size_t at = 0;
            for (; at + 1 < k && most[at + 1] < row[j]; at++) most[at] = most[at + 1];
            most[at] = row[j];
        }
    }
    double sum = 0;
    for (size_t i = 0; i < k; i++) sum += (double)most[i];
    return sum;
}

/* Entry j of a row of which only some columns are there. */
static float entry(const explaint_attention_rows *rows, const float *row, size_t j) {
    return j >= rows->from && j < rows->to ? row[j] : 0;
}

static bool look_at_rows(void *self, const explaint_attention_rows *rows) {
    const xp_looks *l = self;
    const uint32_t *special = l->special[l->first + rows->text];
    const size_t n = rows->n;
    float *value = l->value[l->first + rows->text] + (rows->head - 1) * N_LOOKS * n;
    if (!l->a->layer[rows->layer]) return true;
    for (size_t k = 0; k < rows->many; k++) {
        const size_t i = rows->first + k;
        const float *row = rows->row + k * n;
        double on_special = 0, on_last = 0;
        for (size_t s = 0; special[s] < n; s++) on_special += on_last = (double)entry(rows, row, special[s]);
        value[ENTROPY * n + i] = rows->entropy[k];
        value[LARGEST * n + i] = rows->largest[k];
        value[SELF * n + i] = entry(rows, row, i);
        value[FIRST * n + i] = entry(rows, row, 0);
        value[PREVIOUS * n + i] = i > 0 ? entry(rows, row, i - 1) : 0;
        value[NEXT * n + i] = entry(rows, row, i + 1);
        value[LAST_SPECIAL * n + i] = (float)on_last;
        value[SPECIAL * n + i] = (float)on_special;
        value[TOP * n + i] = (float)xp_looks_top(rows->to - rows->from, row + rows->from, XP_LOOKS_MOST);
    }
    return true;
}

/* Maps that are not read as they are made are folded as a whole, and their rows looked at then: */
static bool look_at_maps(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    xp_looks *l = self;
    const xp_sides *side = &l->a->texts.text[l->first + text].side;
    const size_t size = side->n;
    if (!l->a->layer[layer]) return true;
    float *map = xp_alloc(size + 2, size * sizeof *map);
    if (map == NULL) {
        pthread_mutex_lock(&l->lock);
        l->no_memory = true;
        pthread_mutex_unlock(&l->lock);
        return false;
    }
    float *entropy = map + size * size, *largest = entropy + size;
    for (size_t h = 0; h < l->a->texts.n_heads; h++) {
        xp_sides_fold(side, maps + h * n * n, NULL, map);
        for (size_t i = 0; i < size; i++) {
            double sum = 0;
            largest[i] = 0;
            for (size_t j = 0; j < size; j++) {
                const float weight = map[i * size + j];
                if (weight > 0) sum -= (double)weight * log((double)weight);
                largest[i] = fmaxf(largest[i], weight);
            }
            entropy[i] = (float)sum;
        }
        look_at_rows(l, &(explaint_attention_rows){.text = text,
                                                   .layer = layer,
                                                   .head = h + 1,
                                                   .n = size,
                                                   .many = size,
                                                   .to = size,
                                                   .row = map,
                                                   .entropy = entropy,
                                                   .largest = largest});
    }
    xp_free(map);
    return true;
}

/* ---- a layer of a text ---- */

/* Has row i this number at all? */
static bool has(const xp_corpus *corpus, const xp_sides *side, size_t look, size_t i) {
    if (look == PREVIOUS) return i > 0;
    if (look == NEXT) return i + 1 < side->n && !corpus->causal;
    return true;
}

static void add_up(xp_looks *l, size_t t, size_t layer) {
    const xp_corpus *corpus = &l->a->texts;
    const xp_sides *text = &corpus->text[t].side;
    const bool no_special = l->special[t][0] == text->n;
    xp_units_looks *to = &l->text[t];
    for (size_t look = 0; look < N_LOOKS; look++) {
        if (no_special && (look == SPECIAL || look == LAST_SPECIAL)) continue;
        double n[XP_UNITS_N_ROWS] = {0};
        for (size_t i = 0; i < text->n; i++) {
            n[XP_UNITS_ALL_ROWS] += has(corpus, text, look, i);
            n[XP_UNITS_CONTENT_ROWS] += has(corpus, text, look, i) && !text->special[i];
        }
        for (size_t h = 0; h < corpus->n_heads; h++) {
            const float *value = l->value[t] + (h * N_LOOKS + look) * text->n;
            double sum[XP_UNITS_N_ROWS] = {0};
            for (size_t i = 0; i < text->n; i++) {
                if (!has(corpus, text, look, i)) continue;
                sum[XP_UNITS_ALL_ROWS] += (double)value[i];
                if (!text->special[i]) sum[XP_UNITS_CONTENT_ROWS] += (double)value[i];
            }
            for (size_t r = 0; r < XP_UNITS_N_ROWS; r++) {
                to->n[r * N_LOOKS + look] = n[r];
                to->sum[xp_units_look(to, r, look, layer - 1, 0)] += sum[r] / (double)corpus->n_heads;
                if (to->n_heads > 1) to->sum[xp_units_look(to, r, look, layer - 1, h + 1)] = sum[r];
            }
        }
    }
}

static bool end_layer(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    xp_looks *l = self;
    (void)rows;
    if (layer > 0 && l->a->layer[layer]) add_up(l, l->first + text, layer);
    pthread_mutex_lock(&l->lock);
    l->done += (double)n;
    if (!l->stopped) l->stopped = !xp_attend_report(l->a, l->done / l->all);
    const bool on = !l->stopped;
    pthread_mutex_unlock(&l->lock);
    return on;
}

/* ---- texts ---- */

explaint_status xp_looks_find(xp_attend *a, xp_looks **looks, explaint_error *error) {
    const size_t n = a->texts.n_texts;
    xp_looks *l = *looks = xp_calloc(1, sizeof *l);
    if (l == NULL) return xp_no_memory(error, "statistics of rows");
    l->a = a;
    l->text = xp_calloc(n, sizeof *l->text);
    l->value = xp_calloc(n, sizeof *l->value);
    l->special = xp_calloc(n, sizeof *l->special);
    if (l->text == NULL || l->value == NULL || l->special == NULL) return xp_no_memory(error, "statistics of rows");
    for (size_t t = 0; t < n; t++) {
        l->text[t] = (xp_units_looks){.text = t,
                                      .n_pieces = a->texts.text[t].n,
                                      .n_layers = a->info->n_layers,
                                      .n_heads = a->options.by_head ? a->info->n_heads + 1 : 1};
        if (!xp_units_looks_create(&l->text[t])) return xp_no_memory(error, "statistics of rows");
    }
    l->observer = (explaint_observer){.self = l, .attention_rows = look_at_rows, .hidden = end_layer};
    if (a->texts.folds) {
        l->observer.attention_rows = NULL;
        l->observer.attention = look_at_maps;
    }
    l->pieces = (xp_stored){.stem = "attention", .n = n, .self = l, .make = made, .pack = pack, .unpack = unpack};
    return xp_stored_find(a, &l->pieces, error);
}

static void forget(xp_looks *l, size_t t) {
    xp_free_all(l->value[t], l->special[t]);
    l->value[t] = NULL;
    l->special[t] = NULL;
}

static bool make_room(xp_looks *l, size_t t) {
    const xp_sides *text = &l->a->texts.text[t].side;
    size_t n = 0;
    l->value[t] = xp_alloc(l->a->texts.n_heads * N_LOOKS, text->n * sizeof *l->value[t]);
    l->special[t] = xp_alloc(text->n + 1, sizeof *l->special[t]);
    if (l->value[t] == NULL || l->special[t] == NULL) return false;
    for (size_t i = 0; i < text->n; i++)
        if (text->special[i]) l->special[t][n++] = (uint32_t)i;
    l->special[t][n] = (uint32_t)text->n;
    return true;
}

/* Room for texts first to first + n - 1, all of them missing. After it comes end_portion. */
static explaint_status begin_portion(xp_looks *l, size_t first, size_t n, explaint_error *error) {
    const xp_corpus *corpus = &l->a->texts;
    l->first = first;
    l->done = l->all = 0;
    pthread_mutex_init(&l->lock, NULL);
    for (size_t t = first; t < first + n; t++) {
        l->all += (double)(corpus->text[t].n * (corpus->n_layers + 1));
        if (!make_room(l, t)) return xp_no_memory(error, "statistics of rows");
    }
    return EXPLAINT_OK;
}

/* What was made is kept; status: of the run. */
static explaint_status end_portion(xp_looks *l, size_t n, explaint_status status, explaint_error *error) {
    xp_stored portion = l->pieces;
    pthread_mutex_destroy(&l->lock);
    for (size_t t = l->first; t < l->first + n; t++) forget(l, t);
    if (l->no_memory) return xp_no_memory(error, "statistics of rows");
    if (status != EXPLAINT_OK && l->stopped)
        return xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all units were done");
    portion.first = l->first;
    portion.n = l->first + n;
    portion.n_missing = n;
    return status == EXPLAINT_OK ? xp_stored_make(l->a, &portion, "statistics of rows", error) : status;
}

static explaint_status run_portion(const xp_looks *l, size_t n, explaint_error *error) {
    explaint_ids *ids = xp_alloc(n, sizeof *ids);
    if (ids == NULL) return xp_no_memory(error, "statistics of rows");
    for (size_t k = 0; k < n; k++) {
        const xp_encoded_text *text = &l->a->texts.text[l->first + k];
        ids[k] = (explaint_ids){text->id, text->n};
    }
    const explaint_status status = explaint_model_run(l->a->model, ids, n, &l->observer, l->a->threads, error);
    xp_free(ids);
    return status;
}

bool xp_looks_all_missing(const xp_looks *l) { return l->pieces.n_missing == l->a->texts.n_texts; }

explaint_status xp_looks_begin(xp_looks *l, double share, const explaint_observer **beside, explaint_error *error) {
    *beside = &l->observer;
    xp_attend_stage(l->a, "statistics of rows", share);
    return begin_portion(l, 0, l->a->texts.n_texts, error);
}

explaint_status xp_looks_end(xp_looks *l, explaint_status status, explaint_error *error) {
    return end_portion(l, l->a->texts.n_texts, status, error);
}

explaint_status xp_looks_make(xp_looks *l, double share, explaint_error *error) {
    const xp_corpus *corpus = &l->a->texts;
    explaint_status status = EXPLAINT_OK;
    size_t missing = 0;
    for (size_t t = 0; t < corpus->n_texts; t++)
        if (l->pieces.missing[t]) missing += corpus->text[t].n;
    for (size_t t = 0, n; t < corpus->n_texts && status == EXPLAINT_OK; t += n) {
        size_t rows = 0;
        for (n = 0; t + n < corpus->n_texts && l->pieces.missing[t + n] && rows < PORTION; n++)
            rows += corpus->text[t + n].n;
        if (n == 0) {
            n = 1;
            continue;
        }
        xp_attend_stage(l->a, "statistics of rows", share * (double)rows / (double)missing);
        status = begin_portion(l, t, n, error);
        if (status == EXPLAINT_OK) status = run_portion(l, n, error);
        status = end_portion(l, n, status, error);
    }
    return status;
}

/* ---- the result ---- */

static void add(const xp_looks *l, size_t rows, size_t look, size_t layer, size_t head) {
    const xp_corpus *corpus = &l->a->texts;
    double sum = 0, n = 0;
    explaint_attend_row row = {.text = -1,
                               .layer = (int)layer,
                               .head = head == 0 ? -1 : (int)head,
                               .measure = xp_units_look_names[look],
                               .rows = xp_units_rows_names[rows],
                               .scope = l->a->read.without_special ? xp_units_scopes[XP_CONTENT] : NULL,
                               .standardised = -1,
                               .undone = -1,
                               .column = -1};
    for (size_t t = 0; t < corpus->n_texts; t++) {
        sum += l->text[t].sum[xp_units_look(&l->text[t], rows, look, layer - 1, head)];
        n += l->text[t].n[rows * N_LOOKS + look];
    }
    row.value = n > 0 ? sum / n : NAN;
    row.n = (size_t)n;
    xp_attend_add(l->a, &row);
    for (size_t t = 0; l->a->options.by_text && t < corpus->n_texts; t++) {
        n = l->text[t].n[rows * N_LOOKS + look];
        row.text = (int)t;
        row.value = n > 0 ? l->text[t].sum[xp_units_look(&l->text[t], rows, look, layer - 1, head)] / n : NAN;
        row.n = (size_t)n;
        xp_attend_add(l->a, &row);
    }
}

void xp_looks_rows(xp_looks *l) {
    const size_t n_heads = l->a->options.by_head ? l->a->info->n_heads + 1 : 1;
    for (size_t layer = 1; layer <= l->a->info->n_layers; layer++)
        for (size_t look = 0; l->a->layer[layer] && look < N_LOOKS; look++)
            for (size_t rows = l->a->read.without_special;
                 rows < XP_UNITS_N_ROWS && xp_attend_wants(l->a, "attention", xp_units_look_names[look]); rows++)
                for (size_t head = 0; head < n_heads; head++) add(l, rows, look, layer, head);
}

void xp_looks_free(xp_looks *l) {
    if (l == NULL) return;
    for (size_t t = 0; l->text != NULL && t < l->a->texts.n_texts; t++) xp_free(l->text[t].sum);
    xp_stored_free(&l->pieces);
    xp_free_all(l->text, l->value, l->special, l);
}
