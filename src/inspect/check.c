/* Is what we compute what the reference implementation computes? */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json_read.h"
#include "base/memory.h"
#include "explaint/inspect.h"
#include "explaint/version.h"
#include "formats/file.h"
#include "formats/safetensors.h"
#include "inspect/stored.h"

/* fp32 sums in another order differ by so much; a wrong formula by far more. */
static const double HIDDEN_BOUND = 5e-5, ATTENTION_BOUND = 2e-5;

/* One text of a file of values. */
typedef struct item {
    explaint_ids ids;
    int32_t *id;
    const xp_tensor *hidden, *columns, *rows;    /* NULL: not stored; all columns; all rows */
    const xp_tensor *attention, *attention_rows; /* the same */
} item;

typedef struct checking {
    const explaint_model_info *info;
    const char *path; /* of the file, for messages */
    xp_safetensors *file;
    size_t n;
    item *item;
    explaint_check_layer *worst; /* by text and layer: threads meet in none */
} checking;

typedef struct check { /* behind the public part */
    explaint_check view;
    explaint_check_layer *layer;
    xp_text reference, sentence;
} check;

/* ---- reading ---- */

static const xp_tensor *tensor_of(const checking *c, size_t i, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "%zu.%s", i, what);
    return xp_safetensors_find(c->file, name);
}

static int64_t integer_at(const xp_tensor *t, size_t i) {
    int64_t value;
    memcpy(&value, t->data + i * sizeof value, sizeof value);
    return value;
}

static double number_at(const xp_tensor *t, size_t i) {
    float value;
    memcpy(&value, t->data + i * sizeof value, sizeof value);
    return (double)value;
}

static explaint_status misshaped(const checking *c, const xp_tensor *t, const char *expected, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, c->path, 0, "tensor \"%.80s\": expected %s", t->name, expected);
}

/* Integers below `most`; NULL is all of them. */
static explaint_status check_list(const checking *c, const xp_tensor *t, size_t most, size_t *count,
                                  explaint_error *error) {
    char expected[80];
    *count = most;
    if (t == NULL) return EXPLAINT_OK;
    snprintf(expected, sizeof expected, "a list of I64 from 0 to %zu", most - 1);
    if (t->type != XP_I64 || t->n_dimensions != 1) return misshaped(c, t, expected, error);
    for (size_t i = 0; i < t->shape[0]; i++)
        if (integer_at(t, i) < 0 || (uint64_t)integer_at(t, i) >= most) return misshaped(c, t, expected, error);
    *count = t->shape[0];
    return EXPLAINT_OK;
}

static explaint_status check_values(const checking *c, const xp_tensor *t, size_t n_dimensions, const size_t *shape,
                                    explaint_error *error) {
    if (t == NULL) return EXPLAINT_OK;
    char expected[160];
    size_t at = (size_t)snprintf(expected, sizeof expected, "F32 of the shape");
    bool same = t->type == XP_F32 && t->n_dimensions == n_dimensions;
    for (size_t i = 0; i < n_dimensions; i++) {
        same = same && t->shape[i] == shape[i];
        at += (size_t)snprintf(expected + at, sizeof expected - at, "%s%zu", i > 0 ? " x " : " ", shape[i]);
    }
    return same ? EXPLAINT_OK : misshaped(c, t, expected, error);
}

static explaint_status read_item(checking *c, size_t i, explaint_error *error) {
    const explaint_model_info *info = c->info;
    item *it = &c->item[i];
    const xp_tensor *ids = tensor_of(c, i, "ids");
    size_t n, rows = 0, columns = 0;
    explaint_status status = check_list(c, ids, info->vocabulary, &n, error);
    if (status != EXPLAINT_OK) return status;
    it->id = xp_alloc(n, sizeof *it->id);
    if (it->id == NULL) return xp_no_memory(error, "ids");
    for (size_t k = 0; k < n; k++) it->id[k] = (int32_t)integer_at(ids, k);
    it->ids = (explaint_ids){it->id, n};
    it->hidden = tensor_of(c, i, "hidden");
    it->columns = tensor_of(c, i, "hidden_columns");
    it->rows = tensor_of(c, i, "hidden_rows");
    if (it->hidden == NULL) {
        it->hidden = tensor_of(c, i, "hidden_states");
        it->columns = it->rows = NULL;
    }
    status = check_list(c, it->rows, n, &rows, error);
    if (status == EXPLAINT_OK) status = check_list(c, it->columns, info->width, &columns, error);
    if (status == EXPLAINT_OK)
        status = check_values(c, it->hidden, 3, (const size_t[]){info->n_layers + 1, rows, columns}, error);
    if (status != EXPLAINT_OK) return status;
    it->attention = tensor_of(c, i, "attention");
    it->attention_rows = tensor_of(c, i, "attention_rows");
    if (it->attention == NULL) {
        it->attention = tensor_of(c, i, "attentions");
        it->attention_rows = NULL;
    }
    status = check_list(c, it->attention_rows, n, &rows, error);
    if (status == EXPLAINT_OK)
        status = check_values(c, it->attention, 4, (const size_t[]){info->n_layers, info->n_heads, rows, n}, error);
    return status;
}

static explaint_status read_items(checking *c, explaint_error *error) {
    while (tensor_of(c, c->n, "ids") != NULL) c->n++;
    if (c->n == 0)
        return xp_fail(error, EXPLAINT_INVALID, c->path, 0,
                       "expected tensors \"0.ids\", \"0.hidden_states\" and so on, found no \"0.ids\"");
    c->item = xp_calloc(c->n, sizeof *c->item);
    c->worst = xp_calloc(c->n * (c->info->n_layers + 1), sizeof *c->worst);
    if (c->item == NULL || c->worst == NULL) return xp_no_memory(error, "stored values");
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < c->n; i++) status = read_item(c, i, error);
    return status;
}

/* ---- comparing ---- */

static size_t listed(const xp_tensor *list, size_t i) { return list == NULL ? i : (size_t)integer_at(list, i); }

static void keep_worst(double *worst, double off) { /* a NaN is the worst there is */
    if (!(off <= *worst)) *worst = isnan(off) ? HUGE_VAL : off;
}

/* rows: the reference's entry `layer` of the hidden states. */
static void see_state(const checking *c, size_t text, size_t layer, const float *rows) {
    const item *it = &c->item[text];
    if (it->hidden == NULL) return;
    const size_t n_rows = it->hidden->shape[1], n_columns = it->hidden->shape[2], width = c->info->width;
    double *worst = &c->worst[text * (c->info->n_layers + 1) + layer].hidden;
    for (size_t r = 0; r < n_rows; r++)
        for (size_t d = 0; d < n_columns; d++) {
            const float ours = rows[listed(it->rows, r) * width + listed(it->columns, d)];
            keep_worst(worst, fabs((double)ours - number_at(it->hidden, (layer * n_rows + r) * n_columns + d)));
        }
}

static bool see_hidden(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const checking *c = self;
    (void)n;
    if (layer < c->info->n_layers || !c->info->final_norm) see_state(c, text, layer, rows);
    return true;
}

/* The reference's last entry is behind the final norm. */
static bool see_normed(void *self, size_t text, size_t n, const float *rows) {
    const checking *c = self;
    (void)n;
    see_state(c, text, c->info->n_layers, rows);
    return true;
}

static bool see_attention(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const checking *c = self;
    const item *it = &c->item[text];
    if (it->attention == NULL) return true;
    const size_t n_rows = it->attention->shape[2], heads = c->info->n_heads;
    double *worst = &c->worst[text * (c->info->n_layers + 1) + layer].attention;
    for (size_t h = 0; h < heads; h++)
        for (size_t r = 0; r < n_rows; r++)
            for (size_t j = 0; j < n; j++) {
                const float ours = maps[(h * n + listed(it->attention_rows, r)) * n + j];
                const size_t at = (((layer - 1) * heads + h) * n_rows + r) * n + j;
                keep_worst(worst, fabs((double)ours - number_at(it->attention, at)));
            }
    return true;
}

/* The ids of the stored texts, made again by the tokenizer. */
static explaint_status compare_ids(const checking *c, const explaint_tokenizer *tokenizer, explaint_check *view,
                                   explaint_error *error) {
    const char *json = xp_safetensors_metadata(c->file, "texts");
    if (tokenizer == NULL || json == NULL) return EXPLAINT_OK;
    xp_value *texts = xp_value_parse(json, strlen(json), c->path, error);
    if (texts == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < c->n && i < xp_value_count(texts); i++) {
        const char *text = xp_value_string(xp_value_item(texts, i));
        explaint_encoding e = {0};
        if (text == NULL) continue;
        status = explaint_tokenizer_encode(tokenizer, text, strlen(text), NULL, &e, error);
        if (status == EXPLAINT_OK) {
            view->n_ids++;
            view->n_other_ids += e.n != c->item[i].ids.n || memcmp(e.id, c->item[i].id, e.n * sizeof *e.id) != 0;
        }
        explaint_encoding_free(&e);
    }
    xp_value_free(texts);
    return status;
}

static explaint_status compare(checking *c, const explaint_model *model, const explaint_tokenizer *tokenizer,
                               unsigned threads, check *to, explaint_error *error) {
    const size_t n_layers = c->info->n_layers + 1;
    explaint_check *view = &to->view;
    view->n_ids = view->n_other_ids = 0;
    explaint_status status = read_items(c, error);
    if (status == EXPLAINT_OK) status = compare_ids(c, tokenizer, view, error);
    explaint_ids *ids = xp_alloc(c->n, sizeof *ids);
    to->layer = xp_calloc(n_layers, sizeof *to->layer);
    if (status == EXPLAINT_OK && (ids == NULL || to->layer == NULL)) status = xp_no_memory(error, "stored values");
    if (status == EXPLAINT_OK) {
        for (size_t i = 0; i < c->n; i++) ids[i] = c->item[i].ids;
        const explaint_observer watch = {
            .self = c, .hidden = see_hidden, .normed = see_normed, .attention = see_attention};
        status = explaint_model_run(model, ids, c->n, &watch, threads, error);
    }
    xp_free(ids);
    if (status != EXPLAINT_OK) return status;
    bool good = view->n_other_ids == 0;
    for (size_t l = 0; l < n_layers; l++) {
        for (size_t i = 0; i < c->n; i++) {
            keep_worst(&to->layer[l].hidden, c->worst[i * n_layers + l].hidden);
            keep_worst(&to->layer[l].attention, c->worst[i * n_layers + l].attention);
        }
        good = good && to->layer[l].hidden <= HIDDEN_BOUND && to->layer[l].attention <= ATTENTION_BOUND;
        to->layer[l].layer = l;
    }
    to->layer[0].attention = NAN;
    view->layer = to->layer;
    view->n_layers = n_layers;
    view->n_texts = c->n;
    view->hidden_bound = HIDDEN_BOUND;
    view->attention_bound = ATTENTION_BOUND;
    view->outcome = good ? EXPLAINT_CHECK_YES : EXPLAINT_CHECK_DIFFERS;
    view->stamp = good ? "yes" : "differs";
    return EXPLAINT_OK;
}

/* ---- which values ---- */

static bool has_weights(const explaint_model_info *info, const char *sha256) {
    for (size_t i = 0; sha256 != NULL && i < info->n_files && !info->random_init; i++)
        if (strcmp(info->file[i].sha256, sha256) == 0) return true;
    return false;
}

static explaint_status find_stored(checking *c, check *to, explaint_error *error) {
    const unsigned char *bytes;
    size_t size;
    for (size_t i = 0; (bytes = xp_stored_values(i, &size)) != NULL; i++) {
        explaint_status status = xp_safetensors_open("stored values", bytes, size, &c->file, error);
        if (status != EXPLAINT_OK) return status;
        if (has_weights(c->info, xp_safetensors_metadata(c->file, "weights"))) {
            const char *made_by = xp_safetensors_metadata(c->file, "made_by");
            xp_text_adds(&to->reference, made_by != NULL ? made_by : "stored values");
            return to->reference.failed ? xp_no_memory(error, "stored values") : EXPLAINT_OK;
        }
        xp_safetensors_close(c->file);
        c->file = NULL;
    }
    return EXPLAINT_OK;
}

static bool put_into_words(check *c) {
    const explaint_check *v = &c->view;
    double hidden = 0, attention = 0;
    for (size_t l = 0; l < v->n_layers; l++) {
        keep_worst(&hidden, v->layer[l].hidden);
        if (l > 0) keep_worst(&attention, v->layer[l].attention);
    }
    if (v->outcome == EXPLAINT_CHECK_NO)
        xp_text_adds(&c->sentence, "model check: there are no stored values for these weights, so nothing says that "
                                   "they are run as the reference runs them");
    else
        xp_text_addf(&c->sentence, "model check: states within %.1e and maps within %.1e of %s on %zu texts%s", hidden,
                     attention, v->reference, v->n_texts,
                     v->outcome == EXPLAINT_CHECK_YES ? "" : ": this is not what the reference computes");
    if (v->n_other_ids > 0)
        xp_text_addf(&c->sentence, "; the tokenizer gives other ids for %d of %d", v->n_other_ids, v->n_ids);
    c->view.sentence = c->sentence.data;
    return !c->sentence.failed;
}

explaint_status explaint_model_check(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const char *reference, unsigned threads, explaint_check **result,
                                     explaint_error *error) {
    checking c = {.info = explaint_model_describe(model), .path = reference != NULL ? reference : "stored values"};
    xp_bytes bytes = {0};
    *result = NULL;
    check *to = xp_calloc(1, sizeof *to);
    if (to == NULL) return xp_no_memory(error, "stored values");
    to->view = (explaint_check){.record = {&explaint_check_kind},
                                .version = explaint_version(),
                                .model = c.info->name,
                                .stamp = "no",
                                .n_ids = -1,
                                .n_other_ids = -1,
                                .hidden_bound = NAN,
                                .attention_bound = NAN};
    explaint_status status;
    if (reference == NULL) {
        status = find_stored(&c, to, error);
    } else {
        xp_text_adds(&to->reference, reference);
        status = to->reference.failed ? xp_no_memory(error, reference)
                                      : xp_file_read(reference, XP_LIMIT_ARRAY, &bytes, error);
        if (status == EXPLAINT_OK) status = xp_safetensors_open(reference, bytes.data, bytes.size, &c.file, error);
    }
    if (status == EXPLAINT_OK && c.file != NULL) status = compare(&c, model, tokenizer, threads, to, error);
    to->view.reference = to->reference.data;
    if (status == EXPLAINT_OK && !put_into_words(to)) status = xp_no_memory(error, "stored values");
    for (size_t i = 0; c.item != NULL && i < c.n; i++) xp_free(c.item[i].id);
    xp_free_all(c.item, c.worst);
    xp_safetensors_close(c.file);
    xp_bytes_free(&bytes);
    if (status == EXPLAINT_OK)
        *result = &to->view;
    else
        explaint_check_close(&to->view);
    return status;
}

void explaint_check_close(explaint_check *view) {
    if (view == NULL) return;
    check *c = (check *)(void *)view; /* its first member */
    xp_free(c->layer);
    xp_text_free(&c->reference);
    xp_text_free(&c->sentence);
    xp_free(c);
}
