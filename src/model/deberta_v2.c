/* DeBERTa v2 and v3 (He et al. 2021, arXiv 2006.03654 and 2111.09543), as transformers' DebertaV2Model computes them: BERT, whose scores also
 * say how a piece goes with a distance.
 *
 *     score(i, j) = (q_i . k_j + q_i . Kr[t] + k_j . Qr[t]) / sqrt(head (1 + terms)),   t = span + bucket(i - j)
 *
 * Rows of distances (rel_embeddings, 2 span of them) become keys Kr and queries Qr by the layer's own maps (share_att_key) or by two more.
 * They depend on weights alone and are made when the model is opened.
 *
 * Easy to get wrong:
 * - The terms of pos_att_type count in the divisor even where relative_attention is off.
 * - Distances of up to half of position_buckets have a bucket each; those beyond grow up to max_relative_positions as a logarithm, which
 *   the reference takes in fp32, and t is cut to 0 .. 2 span - 1. max_relative_positions below 1 means max_position_embeddings.
 * - The norm of rows of distances is called encoder.LayerNorm; without norm_rel_ebd there is none.
 * - h^0 is behind embed_proj (which has no bias) and then the norm, which is as wide as the model.
 * - position_biased_input false: no table of positions, and a text may be as long as it likes.
 * - The convolution sees h^0 and is added behind the first block, with a norm of its own; h^1 is what comes out. It ends where a
 *   text ends. conv_act is tanh where nothing is said. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "model/conv.h"
#include "model/encoder.h"
#include "tensor/floats.h"

static const xp_weight_row rows[] = {
#define BLOCK(name) "encoder.layer.*." name
#define ROWS_OF_DISTANCE_MAP(needs, name, field)                                                                       \
    XP_ROW_IF(needs, BLOCK(name ".weight"), XP_WIDTH, XP_WIDTH, XP_MAP(field), XP_NORMAL),                             \
        XP_ROW_IF(needs, BLOCK(name ".bias"), XP_WIDTH, XP_NONE, XP_VECTOR(field##_bias), XP_ZEROS)
    XP_ROW("embeddings.word_embeddings.weight", XP_VOCABULARY, XP_WORD_WIDTH, XP_GLOBAL_TABLE(words),
           XP_NORMAL_BUT_PAD),
    XP_ROW_IF(XP_HAS_POSITIONS, "embeddings.position_embeddings.weight", XP_POSITIONS, XP_WORD_WIDTH,
              XP_GLOBAL(positions), XP_NORMAL),
    XP_ROW("embeddings.token_type_embeddings.weight", XP_TYPES, XP_WORD_WIDTH, XP_GLOBAL(types), XP_NORMAL),
    XP_ROW_IF(XP_HAS_WORD_MAP, "embeddings.embed_proj.weight", XP_WIDTH, XP_WORD_WIDTH, XP_GLOBAL_MAP(word_map),
              XP_NORMAL),
    XP_ROWS_OF_NORM("embeddings.LayerNorm", XP_WIDTH, XP_GLOBAL, embedding_norm),
    XP_ROW("encoder.rel_embeddings.weight", XP_DISTANCES, XP_WIDTH, XP_GLOBAL(distances), XP_NORMAL),
    XP_ROWS_OF_NORM_IF(XP_HAS_DISTANCE_NORM, 0, "encoder.LayerNorm", XP_WIDTH, XP_GLOBAL, distance_norm),
    XP_ROW_IF(XP_HAS_CONV, "encoder.conv.conv.weight", XP_WIDTH, XP_PATCH, XP_GLOBAL_MAP(conv), XP_NORMAL),
    XP_ROW_IF(XP_HAS_CONV, "encoder.conv.conv.bias", XP_WIDTH, XP_NONE, XP_GLOBAL(conv_bias), XP_ZEROS),
    XP_ROWS_OF_NORM_IF(XP_HAS_CONV, 0, "encoder.conv.LayerNorm", XP_WIDTH, XP_GLOBAL, conv_norm),
    XP_ROWS_OF_QKV(0, BLOCK("attention.self.query_proj"), BLOCK("attention.self.key_proj"),
                   BLOCK("attention.self.value_proj")),
    ROWS_OF_DISTANCE_MAP(XP_HAS_DISTANCE_KEY, "attention.self.pos_key_proj", distance_key),
    ROWS_OF_DISTANCE_MAP(XP_HAS_DISTANCE_QUERY, "attention.self.pos_query_proj", distance_query),
    XP_ROWS_OF_ENCODER_OUTPUT(BLOCK("attention.output.dense"), BLOCK("attention.output.LayerNorm")),
    XP_ROWS_OF_ENCODER_MLP(BLOCK("intermediate.dense"), BLOCK("output.dense"), BLOCK("output.LayerNorm")),
    {0}};

static const char *const ignored[] = {"embeddings.position_", "pooler.",          "cls.",        "lm_predictions.",
                                      "mask_predictions.",    "lm_head.",         "classifier.", "qa_outputs.",
                                      "legacy_predictions.",  "deberta.lm_head.", NULL};

/* ---- config ---- */

static const xp_config_key keys[] = {XP_KEYS_OF_MOST,
                                     {"layer_norm_eps", XP_KEY_NUMBER, XP_KEY(eps), 1},
                                     {"pad_token_id", XP_KEY_ID, XP_KEY(pad), 0},
                                     XP_KEY_OF_WORD_WIDTH,
                                     {"attention_head_size", XP_KEY_SIZE, XP_KEY(head), XP_MOST_WIDTH},
                                     {"position_biased_input", XP_KEY_FLAG, XP_HAS_POSITIONS, 0},
                                     {"conv_act", XP_KEY_ACTIVATION, XP_KEY(conv_activation), 0},
                                     {0}};

/* A whole number of `least` to `most`; an absent key leaves it. */
static explaint_status read_whole(const char *path, const xp_value *object, const char *key, double least, double most,
                                  const char *expected, double *number, explaint_error *error) {
    const xp_value *value = xp_value_member(object, key);
    double found;
    if (value == NULL) return EXPLAINT_OK;
    if (!xp_value_number(value, &found) || !(found >= least && found <= most) || found != floor(found))
        return xp_config_unexpected(path, object, key, expected, error);
    *number = found;
    return EXPLAINT_OK;
}

static explaint_status read_flag(const char *path, const xp_value *object, const char *key, bool *flag,
                                 explaint_error *error) {
    const xp_value *value = xp_value_member(object, key);
    if (xp_value_is_null(value) || xp_value_bool(value, flag)) return EXPLAINT_OK;
    return xp_config_unexpected(path, object, key, "true or false", error);
}

static bool read_term(const char *text, size_t length, xp_config *c) {
    while (length > 0 && *text == ' ') text++, length--;
    while (length > 0 && text[length - 1] == ' ') length--;
    const bool c2p = length == 3 && memcmp(text, "c2p", 3) == 0, p2c = length == 3 && memcmp(text, "p2c", 3) == 0;
    c->c2p |= c2p;
    c->p2c |= p2c;
    return c2p || p2c;
}

/* A list, or a string with bars. */
static explaint_status read_terms(const char *path, const xp_value *object, xp_config *c, explaint_error *error) {
    const xp_value *value = xp_value_member(object, "pos_att_type");
    const char *text = xp_value_string(value);
    bool good = text != NULL || xp_value_is_array(value) || xp_value_is_null(value);
    while (good && text != NULL) {
        const char *bar = strchr(text, '|');
        good = read_term(text, bar != NULL ? (size_t)(bar - text) : strlen(text), c);
        text = bar != NULL ? bar + 1 : NULL;
    }
    for (size_t i = 0; good && xp_value_is_array(value) && i < xp_value_count(value); i++) {
        const char *term = xp_value_string(xp_value_item(value, i));
        good = term != NULL && read_term(term, strlen(term), c);
    }
    return good ? EXPLAINT_OK : xp_config_unexpected(path, object, "pos_att_type", "c2p, p2c or both", error);
}

static explaint_status read_distances(const char *path, const xp_value *object, xp_config *c, explaint_error *error) {
    double buckets = -1, farthest = -1;
    explaint_status status = read_whole(path, object, "max_relative_positions", -XP_MOST_ROWS, XP_MOST_ROWS / 2,
                                        "a whole number of at most 8388608", &farthest, error);
    if (status == EXPLAINT_OK)
        status = read_whole(path, object, "position_buckets", -XP_MOST_ROWS, XP_MOST_ROWS / 2,
                            "a whole number of at most 8388608", &buckets, error);
    if (status != EXPLAINT_OK) return status;
    if (farthest < 1) farthest = (double)c->n_positions;
    if (buckets > 0 && (fmod(buckets, 2) != 0 || farthest - 1 <= buckets / 2))
        return xp_fail(
            error, EXPLAINT_INVALID, path, 0,
            "expected \"position_buckets\" to be an even number below twice the largest distance of %.0f, or "
            "-1, found %.0f",
            farthest - 1, buckets);
    c->n_log = buckets > 0 ? (size_t)buckets : 0;
    c->farthest = (size_t)farthest;
    c->n_distances = 2 * (buckets > 0 ? c->n_log : c->farthest);
    return EXPLAINT_OK;
}

static explaint_status read_relative(const char *path, const xp_value *object, xp_config *c, explaint_error *error) {
    const char *norm = xp_value_string(xp_value_member(object, "norm_rel_ebd"));
    bool relative = false, shared = false;
    explaint_status status = read_terms(path, object, c, error);
    c->scale = 1 / sqrt((double)c->head * (1 + c->c2p + c->p2c));
    if (status == EXPLAINT_OK) status = read_flag(path, object, "relative_attention", &relative, error);
    if (status == EXPLAINT_OK) status = read_flag(path, object, "share_att_key", &shared, error);
    if (status != EXPLAINT_OK) return status;
    if (norm != NULL && strcmp(norm, "layer_norm") == 0)
        c->has |= XP_HAS_DISTANCE_NORM;
    else if (xp_value_member(object, "norm_rel_ebd") != NULL && (norm == NULL || strcmp(norm, "none") != 0))
        return xp_config_unexpected(path, object, "norm_rel_ebd", "none or layer_norm", error);
    c->c2p &= relative;
    c->p2c &= relative;
    if (c->c2p && !shared) c->has |= XP_HAS_DISTANCE_KEY;
    if (c->p2c && !shared) c->has |= XP_HAS_DISTANCE_QUERY;
    return relative ? read_distances(path, object, c, error) : EXPLAINT_OK;
}

static explaint_status configure(const char *path, const xp_value *object, xp_config *c, explaint_error *error) {
    double types = 0, kernel = 0, groups = 1;
    explaint_status status =
        read_whole(path, object, "type_vocab_size", 0, XP_MOST_ROWS, "a whole number of 0 to 16777216", &types, error);
    if (status == EXPLAINT_OK)
        status =
            read_whole(path, object, "conv_kernel_size", 0, 1 << 10, "a whole number of 0 to 1024", &kernel, error);
    if (status == EXPLAINT_OK && kernel > 0 && fmod(kernel, 2) == 0)
        status = xp_config_unexpected(path, object, "conv_kernel_size", "an odd number, or 0", error);
    if (status == EXPLAINT_OK)
        status = read_whole(path, object, "conv_groups", 1, 1, "1, which is what is implemented", &groups, error);
    if (status == EXPLAINT_OK && c->n_heads * c->head != c->width)
        status = xp_config_unexpected(path, object, "attention_head_size", "hidden_size / num_attention_heads", error);
    c->n_types = (size_t)types;
    c->kernel = (size_t)kernel;
    if (kernel > 0) c->has |= XP_HAS_CONV;
    if (c->word_width == 0) c->word_width = c->width;
    xp_encoder_map_words(c);
    return status == EXPLAINT_OK ? read_relative(path, object, c, error) : status;
}

/* ---- distances ---- */

static size_t span_of(const xp_config *c) { return c->n_distances / 2; }

/* How many rows of distances from the middle one; fp32, as in the reference, which decides where a bucket ends on a whole number. */
static size_t bucket_of(const xp_config *c, size_t far) {
    const size_t middle = c->n_log / 2;
    if (c->n_log == 0 || far <= middle) return far;
    const float here = (float)log((double)((float)far / (float)middle));
    const float all = (float)log((double)(float)((double)(c->farthest - 1) / (double)middle));
    return (size_t)ceilf(here / all * (float)(middle - 1)) + middle;
}

static bool list_buckets(explaint_model *model) {
    const xp_config *c = &model->config;
    size_t last = 0; /* the first distance whose row is that of all beyond */
    while (bucket_of(c, last) < span_of(c) && last < 2 * c->farthest) last++;
    model->buckets_of = xp_alloc(last + 1, sizeof *model->buckets_of);
    if (model->buckets_of == NULL) return false;
    for (size_t far = 0; far <= last; far++) model->buckets_of[far] = bucket_of(c, far);
    model->n_near = last + 1;
    model->info.memory += model->n_near * sizeof *model->buckets_of;
    return true;
}

/* The row of a distance: how far to the right of the other piece this one stands. */
static inline size_t row_of(const explaint_model *model, ptrdiff_t distance) {
    const size_t span = span_of(&model->config), far = (size_t)(distance < 0 ? -distance : distance);
    const size_t bucket = model->buckets_of[far < model->n_near ? far : model->n_near - 1];
    if (distance < 0) return bucket < span ? span - bucket : 0;
    return bucket < span ? span + bucket : 2 * span - 1;
}

typedef struct derivation {
    explaint_model *model;
    const float *rows; /* behind their norm */
    size_t panels;     /* floats of one head */
    float *made;       /* n_threads x n_distances x 2 width: queries and keys */
} derivation;

/* A head after another, from rows of keys or queries. */
static void pack(const derivation *d, const float *from, size_t stride, float *to) {
    const xp_config *c = &d->model->config;
    const size_t full = c->n_distances / XP_PANEL * XP_PANEL * c->head;
    for (size_t h = 0; h < c->n_heads; h++, to += d->panels) {
        memset(to + full, 0, (d->panels - full) * sizeof *to);
        xp_panels_put(c->head, 0, c->n_distances, from + h * c->head, stride, to);
    }
}

static void make(const derivation *d, const xp_matrix *map, const float *bias, size_t columns, float *to) {
    const xp_config *c = &d->model->config;
    xp_linear linear = xp_matrix_linear(map, bias);
    linear.columns = columns; /* of query, key and value the first two */
    xp_linear_apply(d->model->kernels, &linear, c->n_distances, d->rows, c->width, XP_IDENTITY, NULL, 0, to,
                    2 * c->width);
}

/* Keys and queries of distances in a layer. */
static bool derive_layer(void *self, size_t i, unsigned worker) {
    const derivation *d = self;
    const xp_config *c = &d->model->config;
    xp_layer *layer = &d->model->layers[i];
    const size_t all = c->n_heads * d->panels;
    float *of_queries = d->made + worker * c->n_distances * 2 * c->width, *of_keys = of_queries + c->width;
    float *to = d->model->derived + i * (c->c2p + c->p2c) * all;
    if ((c->c2p && layer->distance_key.rows == 0) || (c->p2c && layer->distance_query.rows == 0))
        make(d, &layer->qkv, layer->qkv_bias, 2 * c->width, of_queries);
    if (layer->distance_query.rows > 0)
        make(d, &layer->distance_query, layer->distance_query_bias, c->width, of_queries);
    if (layer->distance_key.rows > 0) make(d, &layer->distance_key, layer->distance_key_bias, c->width, of_keys);
    if (c->c2p) {
        pack(d, of_keys, 2 * c->width, to);
        layer->distance_keys = to;
        to += all;
    }
    if (c->p2c) {
        pack(d, of_queries, 2 * c->width, to);
        layer->distance_queries = to;
    }
    return true;
}

static explaint_status derive(explaint_model *model, unsigned threads, explaint_error *error) {
    const xp_config *c = &model->config;
    derivation d = {.model = model, .rows = model->distances};
    size_t size, heads;
    if (!c->c2p && !c->p2c) return EXPLAINT_OK;
    threads = xp_pool_threads(threads);
    if (threads > c->n_layers) threads = (unsigned)c->n_layers;
    if (!xp_panels_size(c->head, c->n_distances, &d.panels) || !list_buckets(model) ||
        xp_mul_overflows(c->n_heads, d.panels, &heads) || xp_mul_overflows(c->n_distances, c->width, &size) ||
        xp_mul_overflows(size, 2 * threads + 1, &size))
        return xp_no_memory(error, "relative positions");
    explaint_status status = xp_model_derive(model, c->n_layers * (c->c2p + c->p2c), heads, error);
    if (status != EXPLAINT_OK) return status;
    float *rows_and_made = xp_floats_create(size);
    if (rows_and_made == NULL) return xp_no_memory(error, "relative positions");
    d.made = rows_and_made + c->n_distances * c->width;
    if (c->has & XP_HAS_DISTANCE_NORM) {
        xp_work_norm(model, &model->distance_norm, c->n_distances, c->width, model->distances, c->width, rows_and_made,
                     c->width);
        d.rows = rows_and_made;
    }
    const xp_pool_job job = {.n_tasks = c->n_layers, .run = derive_layer, .self = &d};
    const bool ok = xp_pool_run(threads, &job);
    xp_floats_destroy(rows_and_made);
    return ok ? EXPLAINT_OK : xp_no_thread(error);
}

/* Of the rows of distances only the panels that a text of this length meets are multiplied. */
static void relate(const explaint_model *model, size_t number, const xp_score_block *block, xp_model_work *work) {
    const xp_config *c = &model->config;
    const xp_layer *layer = &model->layers[number];
    if (layer->distance_keys == NULL && layer->distance_queries == NULL) return;
    const size_t n = block->span->n, stride = 3 * c->width, far = n - 1;
    const size_t from = row_of(model, -(ptrdiff_t)far) / XP_PANEL * XP_PANEL,
                 wide = row_of(model, (ptrdiff_t)far) + 1 - from;
    const float *query = work->qkv + block->span->first * stride + block->head * c->head, *key = query + c->width;
    const size_t panels =
        block->head * ((c->n_distances + XP_PANEL - 1) / XP_PANEL * XP_PANEL) * c->head + from * c->head;
    float *of_queries = work->related, *of_keys = work->related + XP_MAP_ROWS * wide;
    if (layer->distance_keys != NULL)
        xp_product(model->kernels, block->n, c->head, query + block->first * stride, stride,
                   layer->distance_keys + panels, c->head, wide, of_queries, wide);
    if (layer->distance_queries != NULL && block->first == 0)
        xp_product(model->kernels, n, c->head, key, stride, layer->distance_queries + panels, c->head, wide, of_keys,
                   wide);
    for (size_t i = 0; i < block->n; i++) {
        float *scores = block->scores + i * n;
        const ptrdiff_t here = (ptrdiff_t)(block->first + i);
        for (size_t j = block->from; j < block->to; j++) {
            const size_t row = row_of(model, here - (ptrdiff_t)j) - from;
            if (layer->distance_keys != NULL) scores[j] += of_queries[i * wide + row];
            if (layer->distance_queries != NULL) scores[j] += of_keys[j * wide + row];
        }
    }
}

/* ---- the blocks ---- */

/* The convolution of the rows, into work->blurred. */
static void convolve(const explaint_model *model, xp_model_work *work) {
    const size_t width = model->config.width;
    for (size_t s = 0; s < work->n_spans; s++) {
        const xp_span *span = &work->spans[s];
        xp_conv_apply(model, model->conv_bias, model->config.conv_activation, span->n, work->rows + span->first * width,
                      work->patches, work->blurred + span->first * width);
    }
}

static bool run_block(const explaint_model *model, size_t number, xp_model_work *work) {
    const size_t width = model->config.width;
    const bool convolves = number == 0 && model->conv.rows > 0 && !work->attention_only;
    if (convolves) convolve(model, work);
    if (!xp_work_post_norm_block(model, number, work)) return false;
    if (!convolves) return true;
    for (size_t i = 0; i < work->n_rows * width; i++) work->rows[i] += work->blurred[i];
    xp_work_norm(model, &model->conv_norm, work->n_rows, width, work->rows, width, work->rows, width);
    return true;
}

const xp_family xp_family_deberta_v2 = {.name = "deberta-v2",
                                        .prefix = "deberta.",
                                        .defaults = {.n_layers = 24,
                                                     .n_heads = 24,
                                                     .width = 1536,
                                                     .feed_forward = 6144,
                                                     .vocabulary = 128100,
                                                     .n_positions = 512,
                                                     .pad = 0,
                                                     .eps = 1e-7,
                                                     .activation = XP_GELU,
                                                     .conv_activation = XP_TANH,
                                                     .has = XP_HAS_POSITIONS},
                                        .keys = keys,
                                        .refused = xp_encoder_refused,
                                        .configure = configure,
                                        .rows = rows,
                                        .ignored = ignored,
                                        .derive = derive,
                                        .maps_words_first = true,
                                        .relate = relate,
                                        .block = run_block};
