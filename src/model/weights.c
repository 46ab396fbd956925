#include "model/weights.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "formats/ggml.h"
#include "model/check.h"
#include "model/gguf.h"
#include "model/shards.h"
#include "tensor/floats.h"
#include "tensor/normals.h"

enum { GLOBAL = -1 };

/* One tensor of this model. */
typedef struct weight {
    const xp_weight_row *row;
    int layer;            /* GLOBAL: none */
    size_t rows, columns; /* a vector: one row */
    size_t first, all; /* among those that lie together: its first row and how many there are; a vector's are numbers */
    float *to;
    const xp_tensor *tensor; /* NULL: random */
    const char *file;        /* of the tensor; "": the source itself */
    xp_layout layout;        /* the row's, but for a GGUF */
    bool looked_up;          /* drawn row by row, when somebody looks: it has no place */
} weight;

typedef struct loader {
    explaint_model *model;
    weight *weight;
    size_t n;
    xp_strings names;
    xp_shards shards;
    /* of the threads */
    pthread_mutex_t lock;
    size_t broken; /* the first weight with a value that is no finite number; n: none */
    size_t broken_row, broken_column;
    bool no_memory;
} loader;

static size_t extent(const xp_config *c, xp_extent what) {
    switch (what) {
    case XP_NONE: return 1;
    case XP_WIDTH: return c->width;
    case XP_WORD_WIDTH: return c->word_width;
    case XP_FEED_FORWARD: return c->feed_forward;
    case XP_GATE_AND_UP: return 2 * c->feed_forward;
    case XP_VOCABULARY: return c->vocabulary;
    case XP_POSITIONS: return c->n_positions;
    case XP_TYPES: return c->n_types;
    case XP_BUCKETS: return c->n_buckets;
    case XP_DISTANCES: return c->n_distances;
    case XP_PATCH: return c->width * c->kernel;
    case XP_HEADS: return c->n_heads;
    case XP_HEAD: return c->head;
    case XP_QUERIES: return c->n_heads * c->head;
    case XP_KEYS: return c->n_key_heads * c->head;
    case XP_QUERIES_AND_KEYS: return (c->n_heads + c->n_key_heads) * c->head;
    case XP_QKV: return (c->n_heads + 2 * c->n_key_heads) * c->head;
    }
    return 0;
}

static void *place_of(explaint_model *model, const weight *w) {
    char *base = w->layer == GLOBAL ? (char *)model : (char *)&model->layers[w->layer];
    return base + w->row->place;
}

/* Where the model has its pointer to the numbers. */
static const float **floats_of(explaint_model *model, const weight *w) {
    if (w->row->form == XP_AS_FLOATS) return place_of(model, w);
    xp_matrix *matrix = place_of(model, w);
    return w->row->form == XP_AS_MAP ? &matrix->panels : &matrix->floats;
}

/* Matrices of a GGUF are read where they lie: they take a quarter of the memory, and loading is hashing. */
static bool stays_in_file(const weight *w) {
    return w->row->form != XP_AS_FLOATS && w->tensor != NULL && w->tensor->blocks != NULL &&
           (w->layout == XP_AS_IT_IS || w->layout == XP_INTERLEAVED);
}

/* The name with the number of the layer for its star, or for two of them its group and its place there. */
static bool add_name(loader *l, const char *name, int layer) {
    const char *star = strchr(name, '*'), *second = star != NULL ? strchr(star + 1, '*') : NULL;
    const int inner = (int)l->model->config.n_inner;
    if (star == NULL) return xp_strings_addf(&l->names, "%s", name);
    if (second == NULL) return xp_strings_addf(&l->names, "%.*s%d%s", (int)(star - name), name, layer, star + 1);
    return xp_strings_addf(&l->names, "%.*s%d%.*s%d%s", (int)(star - name), name, layer / inner,
                           (int)(second - star - 1), star + 1, layer % inner, second + 1);
}

static bool add_weight(loader *l, const xp_weight_row *row, int layer) {
    const xp_config *c = &l->model->config;
    const bool vector = row->columns == XP_NONE;
    const size_t size = extent(c, row->rows);
    l->weight[l->n++] = (weight){.row = row,
                                 .layout = row->layout,
                                 .layer = layer,
                                 .rows = vector ? 1 : size,
                                 .columns = vector ? size : extent(c, row->columns),
                                 .first = row->before == XP_NONE ? 0 : extent(c, row->before),
                                 .all = row->together == XP_NONE ? size : extent(c, row->together)};
    return add_name(l, row->name, layer);
}

/* The tensor of a name; a norm's is also known by its old name. */
static bool find_tensor(const loader *l, const char *prefix, const char *name, size_t *number) {
    if (name[0] == '/') return xp_shards_find(&l->shards, name + 1, number);
    static const char *const old[][2] = {{"LayerNorm.weight", "LayerNorm.gamma"}, {"LayerNorm.bias", "LayerNorm.beta"}};
    char text[256];
    if ((size_t)snprintf(text, sizeof text, "%s%s", prefix, name) >= sizeof text) return false;
    if (xp_shards_find(&l->shards, text, number)) return true;
    for (size_t i = 0; i < 2; i++) {
        char *tail = strstr(text, old[i][0]);
        if (tail == NULL) continue;
        snprintf(tail, sizeof text - (size_t)(tail - text), "%s", old[i][1]);
        return xp_shards_find(&l->shards, text, number);
    }
    return false;
}

/* Whether this model has the tensor of a row in a layer. */
static bool is_there(const loader *l, const xp_weight_row *row, int layer) {
    const unsigned needs = row->needs & ~(unsigned)XP_IF_THERE;
    size_t number;
    if ((strchr(row->name, '*') == NULL) != (layer == GLOBAL) || extent(&l->model->config, row->rows) == 0)
        return false;
    if ((l->model->config.has & needs) != needs || (needs & XP_HAS_NO_FIRST_NORM && layer == 0)) return false;
    return !(row->needs & XP_IF_THERE) || find_tensor(l, "", row->name, &number);
}

/* All tensors that the config asks for: those of the whole model, then layer after layer. The order is the stream of random
 * weights and never changes. */
static bool list_weights(loader *l) {
    size_t n_rows = 0;
    const xp_weight_row *rows = l->model->family->rows;
    while (rows[n_rows].name != NULL) n_rows++;
    const size_t n_layers = xp_config_stored_layers(&l->model->config);
    l->weight = xp_calloc(n_rows * (n_layers + 1), sizeof *l->weight);
    if (l->weight == NULL) return false;
    for (int layer = GLOBAL; layer < (int)n_layers; layer++)
        for (size_t i = 0; i < n_rows; i++)
            if (is_there(l, &rows[i], layer) && !add_weight(l, &rows[i], layer)) return false;
    return true;
}

/* "30522 x 384" */
static void shape_text(const xp_tensor *tensor, xp_text *text) {
    for (size_t i = 0; i < tensor->n_dimensions; i++) xp_text_addf(text, "%s%zu", i > 0 ? " x " : "", tensor->shape[i]);
    if (tensor->n_dimensions == 0) xp_text_adds(text, "a single number");
}

/* The shape of the tensor in its file; how many dimensions it has. */
static size_t stored_shape(const xp_config *c, const weight *w, size_t shape[3]) {
    const bool vector = w->row->columns == XP_NONE, transposed = w->layout == XP_TRANSPOSED;
    shape[0] = transposed || vector ? w->columns : w->rows;
    shape[1] = transposed ? w->rows : w->columns;
    if (w->row->columns != XP_PATCH) return vector ? 1 : 2;
    shape[1] = c->width;
    shape[2] = c->kernel;
    return 3;
}

static void expected_shape(const xp_config *c, const weight *w, char text[96]) {
    size_t shape[3];
    const size_t n = stored_shape(c, w, shape);
    for (size_t i = 0, at = 0; i < n; i++)
        at += (size_t)snprintf(text + at, 96 - at, "%s%zu", i > 0 ? " x " : "", shape[i]);
}

static void file_path(const char *folder, const char *file, char path[512]) {
    snprintf(path, 512, "%.400s%s%.100s", folder, *file != 0 ? "/" : "", file);
}

static explaint_status check_tensor(const xp_config *c, const weight *w, const char *path, explaint_error *error) {
    const xp_tensor *t = w->tensor;
    char expected[96];
    size_t shape[3];
    expected_shape(c, w, expected);
    const size_t n = stored_shape(c, w, shape);
    if (t->n_dimensions != n || memcmp(t->shape, shape, n * sizeof *shape) != 0) {
        xp_text found = {0};
        shape_text(t, &found);
        return xp_text_fail(&found, "a shape", error, EXPLAINT_INVALID, path, 0,
                            "tensor \"%.200s\": expected the shape %s, as config.json says, found %.200s", t->name,
                            expected, found.data);
    }
    const bool widens =
        t->blocks != NULL ? t->blocks->widen != NULL : t->type == XP_F32 || t->type == XP_F16 || t->type == XP_BF16;
    if (!widens)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "tensor \"%.200s\": expected F32, F16 or BF16, found %.20s",
                       t->name, t->dtype);
    return EXPLAINT_OK;
}

/* Whether the name begins as the pattern says, in which a star is a number. */
static bool begins(const char *name, const char *pattern) {
    for (; *pattern != 0; pattern++) {
        if (*pattern != '*') {
            if (*name++ != *pattern) return false;
            continue;
        }
        const size_t digits = strspn(name, "0123456789");
        if (digits == 0) return false;
        name += digits;
    }
    return true;
}

static bool is_ignored(const xp_family *family, const char *name) {
    const size_t length = strlen(family->prefix);
    if (strncmp(name, family->prefix, length) == 0) name += length;
    for (size_t i = 0; family->ignored[i] != NULL; i++)
        if (begins(name, family->ignored[i])) return true;
    return false;
}

static xp_layout layout_in_gguf(const xp_weight_row *row, xp_gguf_reading reading) {
    switch (reading) {
    case XP_GGUF_INTERLEAVED: return XP_INTERLEAVED;
    case XP_GGUF_DONE: return XP_AS_IT_IS;
    case XP_GGUF_AS_IT_IS: break;
    }
    return row->layout;
}

/* Every weight has its tensor, and every tensor has a weight or is known not to matter. */
static explaint_status match_tensors(loader *l, const char *folder, explaint_error *error) {
    const xp_family *family = l->model->family;
    const char *prefix = family->prefix;
    size_t number;
    if (!find_tensor(l, prefix, l->names.item[0], &number)) prefix = "";
    unsigned char *used = xp_calloc(l->shards.n_tensors, 1);
    if (used == NULL) return xp_no_memory(error, "the names of the tensors");
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < l->n; i++) {
        weight *w = &l->weight[i];
        if (!find_tensor(l, prefix, l->names.item[i], &number)) {
            char expected[96];
            expected_shape(&l->model->config, w, expected);
            status = xp_fail(error, EXPLAINT_INVALID, folder, 0,
                             "expected a tensor \"%s%s\" of the shape %s, found none of that name", prefix,
                             l->names.item[i], expected);
            break;
        }
        used[number] = 1;
        w->tensor = l->shards.tensor[number];
        w->file = l->shards.shard[l->shards.of[number]].name;
        if (l->shards.gguf != NULL) w->layout = layout_in_gguf(w->row, l->shards.gguf->reading[number]);
        char path[512];
        file_path(folder, w->file, path);
        status = check_tensor(&l->model->config, w, path, error);
    }
    for (size_t i = 0; status == EXPLAINT_OK && i < l->shards.n_tensors; i++)
        if (!used[i] && !is_ignored(family, l->shards.tensor[i]->name)) {
            xp_text found = {0};
            shape_text(l->shards.tensor[i], &found);
            status = xp_text_fail(&found, "a shape", error, EXPLAINT_INVALID, folder, 0,
                                  "found a tensor \"%.200s\" (%.100s) that a %s of this config.json does not have",
                                  l->shards.tensor[i]->name, found.data, family->name);
        }
    xp_free(used);
    return status;
}

/* Floats that the weight's buffer takes: 0 for those that lie in the buffer of another. false: too many. */
static bool buffer_size(const weight *w, size_t *size) {
    *size = 0;
    if (w->first > 0 || w->looked_up || stays_in_file(w)) return true;
    if (w->row->form == XP_AS_MAP) {
        if (!xp_panels_size(w->columns, w->all, size)) return false;
    } else if (xp_mul_overflows(w->all, w->row->columns == XP_NONE ? 1 : w->columns, size)) {
        return false;
    }
    *size += (XP_LANES - *size % XP_LANES) % XP_LANES;
    return *size < (size_t)1 << 40;
}

static void place_in_file(const explaint_model *model, const weight *w, xp_matrix *matrix) {
    matrix->part[matrix->n_parts++] = (xp_matrix_part){.rows = w->rows,
                                                       .data = w->tensor->data,
                                                       .type = w->tensor->blocks,
                                                       .head = w->layout == XP_INTERLEAVED ? model->config.head : 0};
}

static double deviation_of(const xp_config *c, const weight *w) {
    return w->row->init == XP_NORMAL_BY_DEPTH ? c->initializer_range / sqrt(2 * (double)c->n_layers)
                                              : c->initializer_range;
}

static xp_rng stream_of(const loader *l, size_t i) {
    return xp_rng_begin(l->model->info.seed, XP_RNG_MODEL, (uint32_t)i);
}

static void place_drawn(const loader *l, size_t i, xp_matrix *matrix) {
    const weight *w = &l->weight[i];
    const xp_config *c = &l->model->config;
    matrix->draws = true;
    matrix->stream = stream_of(l, i);
    matrix->deviation = deviation_of(c, w);
    matrix->zeros = w->row->init == XP_NORMAL_BUT_PAD ? c->pad : SIZE_MAX;
}

static explaint_status place_weights(loader *l, explaint_error *error) {
    explaint_model *model = l->model;
    size_t total = 0, size;
    for (size_t i = 0; i < l->n; i++) {
        weight *w = &l->weight[i];
        /* Words that are mapped all at once are needed at once. */
        w->looked_up = w->tensor == NULL && w->row->form == XP_AS_TABLE && !(model->config.has & XP_HAS_WORD_MAP);
        if (!buffer_size(w, &size) || total + size >= (size_t)1 << 42) return xp_no_memory(error, "the weights");
        total += size;
        if (stays_in_file(w)) model->info.in_file += w->tensor->size;
        model->info.parameters += w->rows * w->columns;
    }
    model->arena = xp_floats_create(total);
    if (model->arena == NULL) return xp_no_memory(error, "the weights");
    model->info.memory += total * sizeof(float) + model->info.in_file;
    float *at = model->arena;
    for (size_t i = 0; i < l->n; i++) {
        weight *w = &l->weight[i];
        if (w->row->form != XP_AS_FLOATS) {
            xp_matrix *matrix = place_of(model, w);
            matrix->rows += w->rows;
            matrix->columns = w->columns;
            if (stays_in_file(w)) {
                place_in_file(model, w, matrix);
                continue;
            }
            if (w->looked_up) {
                place_drawn(l, i, matrix);
                continue;
            }
        }
        const float **floats = floats_of(model, w);
        buffer_size(w, &size);
        if (w->first == 0) *floats = at;
        w->to = model->arena + (*floats - model->arena); /* a part begins where the first part does */
        at += size;
    }
    /* From the last on: a layer takes the weights of one that is not behind it. */
    for (size_t i = model->config.n_layers; i-- > 0;)
        model->layers[i] = model->layers[xp_config_stored_layer(&model->config, i)];
    return EXPLAINT_OK;
}

static void convert(const xp_tensor *tensor, size_t first, size_t count, float *to) {
    if (tensor->blocks != NULL) {
        const xp_ggml *type = tensor->blocks; /* rows are whole blocks */
        xp_ggml_widen(type, tensor->data + first / type->block * type->bytes, count / type->block, to);
        return;
    }
    xp_type_floats(tensor->type, tensor->data + first * xp_type_size(tensor->type), count, to);
}

/* As transformers draw weights before training: normal with the config's deviation, biases 0, norms 1 and 0. */
static void draw(const loader *l, size_t i, size_t row, float *to) {
    const weight *w = &l->weight[i];
    const xp_config *c = &l->model->config;
    if (w->row->init == XP_ZEROS || w->row->init == XP_ONES || (w->row->init == XP_NORMAL_BUT_PAD && row == c->pad)) {
        for (size_t k = 0; k < w->columns; k++) to[k] = w->row->init == XP_ONES ? 1.f : 0.f;
        return;
    }
    const xp_rng rng = stream_of(l, i);
    xp_normals(&rng, (uint64_t)row * w->columns, w->columns, deviation_of(c, w), to);
}

/* Row (of a vector: number) `row` of query, key and value one after another, in a tensor that is sorted by head. */
static size_t by_head(const xp_config *c, size_t row) {
    const size_t all = c->n_heads * c->head, part = row / all, head = row % all / c->head;
    return (head * 3 + part) * c->head + row % c->head;
}

/* Where a row (a vector's number) stands in a tensor of such a layout. */
static size_t sorted_row(const xp_config *c, xp_layout layout, size_t row) {
    return layout == XP_BY_HEAD ? by_head(c, row) : xp_gguf_interleaved(row, c->head);
}

/* `count` rows of the tensor from `row` on, as the model has them. */
static void read_rows(const loader *l, const weight *w, size_t row, size_t count, float *to) {
    const xp_config *c = &l->model->config;
    switch (w->layout) {
    case XP_AS_IT_IS:
    case XP_PLUS_ONE: convert(w->tensor, row * w->columns, count * w->columns, to); break;
    case XP_TRANSPOSED:
        for (size_t k = 0; k < w->columns; k++) {
            float column[XP_PANEL]; /* maps are read by panels */
            convert(w->tensor, k * w->rows + row, count, column);
            for (size_t r = 0; r < count; r++) to[r * w->columns + k] = column[r];
        }
        break;
    case XP_BY_HEAD:
    case XP_INTERLEAVED:
        if (w->row->columns == XP_NONE)
            for (size_t k = 0; k < w->columns; k++) convert(w->tensor, sorted_row(c, w->layout, k), 1, to + k);
        else
            for (size_t r = 0; r < count; r++)
                convert(w->tensor, sorted_row(c, w->layout, row + r) * w->columns, w->columns, to + r * w->columns);
    }
}

/* Where that is in the file. */
static void stored_place(const loader *l, const weight *w, size_t *row, size_t *column) {
    const size_t at[2] = {*row, *column};
    size_t *const sorted = w->row->columns == XP_NONE ? column : row;
    if (w->layout == XP_BY_HEAD || w->layout == XP_INTERLEAVED)
        *sorted = sorted_row(&l->model->config, w->layout, *sorted);
    if (w->layout == XP_TRANSPOSED) {
        *row = at[1];
        *column = at[0];
    }
}

static void fetch(loader *l, size_t i, size_t row, size_t count, float *to) {
    const weight *w = &l->weight[i];
    if (w->tensor == NULL)
        for (size_t r = 0; r < count; r++) draw(l, i, row + r, to + r * w->columns);
    else
        read_rows(l, w, row, count, to);
    const bool finite = xp_check_finite(count * w->columns, to);
    for (size_t k = 0; finite && w->layout == XP_PLUS_ONE && k < count * w->columns; k++) to[k] += 1;
    if (finite) return;
    size_t bad = 0;
    while (isfinite(to[bad])) bad++;
    pthread_mutex_lock(&l->lock);
    if (i < l->broken || (i == l->broken && row < l->broken_row)) {
        l->broken = i;
        l->broken_row = row + bad / w->columns;
        l->broken_column = bad % w->columns;
    }
    pthread_mutex_unlock(&l->lock);
}

/* Rows of a map on their way into panels, or of what stays in the file, which must be finite too. */
static bool load_matrix(loader *l, size_t i) {
    const weight *w = &l->weight[i];
    const size_t all = w->all, panel = XP_PANEL * w->columns;
    float *rows = xp_alloc(XP_PANEL, w->columns * sizeof *rows);
    if (rows == NULL) return false;
    if (w->to != NULL && w->first + w->rows == all && all % XP_PANEL != 0) /* places behind the last column */
        for (size_t k = 0; k < w->columns; k++)
            memset(w->to + all / XP_PANEL * panel + k * XP_PANEL + all % XP_PANEL, 0,
                   (XP_PANEL - all % XP_PANEL) * sizeof *rows);
    for (size_t r = 0; r < w->rows; r += XP_PANEL) {
        const size_t many = w->rows - r < XP_PANEL ? w->rows - r : XP_PANEL;
        fetch(l, i, r, many, rows);
        if (w->to != NULL) xp_panels_put(w->columns, w->first + r, many, rows, w->columns, w->to);
    }
    xp_free(rows);
    return true;
}

/* Tasks: the files to hash, the longest work there is, then the weights. */
static bool load_one(void *self, size_t task, unsigned worker) {
    loader *l = self;
    (void)worker;
    if (task < l->shards.n) {
        xp_bytes_hash(&l->shards.shard[task].bytes);
        return true;
    }
    const size_t i = task - l->shards.n;
    const weight *w = &l->weight[i];
    if (w->looked_up) return true;
    if (w->row->form != XP_AS_MAP && w->to != NULL) {
        fetch(l, i, 0, w->rows, w->to + w->first);
    } else if (!load_matrix(l, i)) {
        pthread_mutex_lock(&l->lock);
        l->no_memory = true;
        pthread_mutex_unlock(&l->lock);
        return false;
    }
    return true;
}

static explaint_status fill(loader *l, const char *folder, unsigned threads, explaint_error *error) {
    l->broken = l->n;
    pthread_mutex_init(&l->lock, NULL);
    const xp_pool_job job = {.n_tasks = l->shards.n + l->n, .run = load_one, .self = l};
    const bool ok = xp_pool_run(xp_pool_threads(threads), &job);
    pthread_mutex_destroy(&l->lock);
    if (!ok) return l->no_memory ? xp_no_memory(error, "the weights") : xp_no_thread(error);
    if (l->broken < l->n) {
        const weight *w = &l->weight[l->broken];
        char path[512], at[64];
        stored_place(l, w, &l->broken_row, &l->broken_column);
        file_path(folder, w->file, path);
        if (w->row->columns == XP_NONE)
            snprintf(at, sizeof at, "place %zu", l->broken_column);
        else
            snprintf(at, sizeof at, "row %zu, column %zu", l->broken_row, l->broken_column);
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "tensor \"%.200s\": expected finite numbers, found NaN or infinity at %s, counted from 0",
                       w->tensor->name, at);
    }
    return EXPLAINT_OK;
}

/* NULL: without memory. */
static const char *dtype_of(loader *l) {
    const char *first = NULL;
    if (l->weight[0].tensor == NULL) return "random";
    if (l->shards.gguf != NULL) {
        xp_text types = {0};
        xp_strings *strings = &l->model->strings;
        xp_gguf_count_types(l->shards.gguf->file, &types);
        const bool kept = !types.failed && xp_strings_add(strings, types.data, types.length);
        xp_text_free(&types);
        return kept ? strings->item[strings->count - 1] : NULL;
    }
    for (size_t i = 0; i < l->n; i++) {
        const xp_type type = l->weight[i].tensor->type;
        const char *name = type == XP_F32 ? "F32" : type == XP_F16 ? "F16" : "BF16";
        if (first != NULL && first != name) return "mixed";
        first = name;
    }
    return first;
}

bool xp_model_add_file(explaint_model *model, const xp_source *source, const char *name, const char *sha256,
                       bool weights) {
    explaint_model_file *more = xp_realloc(model->files, model->info.n_files + 1, sizeof *more);
    if (more == NULL) return false;
    model->files = more;
    model->info.file = more;
    if (!xp_strings_addf(&model->strings, "%s%s%s", source->folder, *name != 0 ? "/" : "", name)) return false;
    const char *path = model->strings.item[model->strings.count - 1];
    if (!xp_strings_add(&model->strings, sha256, strlen(sha256))) return false;
    more[model->info.n_files++] = (explaint_model_file){path, model->strings.item[model->strings.count - 1], weights};
    return true;
}

static explaint_status list_files(loader *l, const xp_source *source, explaint_error *error) {
    bool ok = true;
    if (l->shards.index.data != NULL) {
        xp_bytes_hash(&l->shards.index);
        ok = xp_model_add_file(l->model, source, l->shards.index_name, l->shards.index.sha256, false);
    }
    for (size_t i = 0; ok && i < l->shards.n; i++)
        ok = xp_model_add_file(l->model, source, l->shards.shard[i].name, l->shards.shard[i].bytes.sha256, true);
    return ok ? EXPLAINT_OK : xp_no_memory(error, "the list of files");
}

explaint_status xp_weights_load(explaint_model *model, const xp_source *source, unsigned threads,
                                explaint_error *error) {
    loader l = {.model = model};
    explaint_status status = EXPLAINT_OK;
    if (!model->info.random_init) status = xp_shards_open(source, &l.shards, error);
    if (status == EXPLAINT_OK && !list_weights(&l)) status = xp_no_memory(error, "the list of weights");
    if (status == EXPLAINT_OK && !model->info.random_init) status = match_tensors(&l, source->folder, error);
    if (status == EXPLAINT_OK) status = place_weights(&l, error);
    if (status == EXPLAINT_OK) status = fill(&l, source->folder, threads, error);
    if (status == EXPLAINT_OK) status = list_files(&l, source, error);
    if (status == EXPLAINT_OK && (model->info.dtype = dtype_of(&l)) == NULL)
        status = xp_no_memory(error, "the types of the tensors");
    if (model->info.in_file > 0) { /* also after a failure: the model is closed as a whole */
        model->in_file = l.shards.shard[0].bytes;
        l.shards.shard[0].bytes = (xp_bytes){0};
    }
    xp_shards_close(&l.shards);
    xp_strings_free(&l.names);
    xp_free(l.weight);
    return status;
}

explaint_status xp_model_derive(explaint_model *model, size_t rows, size_t columns, explaint_error *error) {
    size_t size;
    if (!xp_mul_overflows(rows, columns, &size)) model->derived = xp_floats_create(size);
    if (model->derived == NULL) return xp_no_memory(error, "relative positions");
    model->info.memory += size * sizeof(float);
    return EXPLAINT_OK;
}
