#include "flow/attribution.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "model/check.h"
#include "model/run.h"
#include "model/tangent.h"
#include "tensor/floats.h"

static const char what[] = "the attribution of a text";

/* Directions of a tile, fewer where a text is long. Nothing depends on it. */
enum { TILE = 64, TILE_ROWS = 1024, LEAST_TILE = 8 };

typedef struct run {
    const explaint_model *model;
    const xp_attribution_options *options;
    const explaint_ids *text;
    size_t n, width, probes, many; /* pieces; directions of a piece and of a tile */
    bool exact, causal;
    float *rows, *maps, *context; /* of all layers, as blocks saw them */
    xp_tangent_embed embed;
    xp_tangent block; /* of the layer that the directions are in */
    xp_tangent_room *room;
    size_t first, last, most; /* pieces whose directions are on their way: first .. last - 1, at most `most` */
    float *moves;             /* of those: probes x rows x width, each n rows behind the one before */
    float *panels;            /* n matrices of rows by themselves */
    const float **map;        /* of each row; NULL: none */
    double *squares;          /* most x probes x n: squared length of how a row moves */
    double *variance;         /* layers x n x n: of c^2 */
    double *share;
    size_t layer;
    atomic_size_t done;
    double all; /* tiles of all groups and layers */
    bool stopped;
} run;

static size_t tile_of(size_t n, size_t probes) {
    size_t many = TILE_ROWS / n;
    many = many < LEAST_TILE ? LEAST_TILE : many > TILE ? TILE : many;
    return many < probes ? many : probes;
}

static size_t sources_at_once(const explaint_model *m, size_t n, size_t probes, size_t held) {
    const double one = (double)probes * (double)n * (double)m->config.width, most = (double)held / one;
    return most < 1 ? 1 : most < (double)n ? (size_t)most : n;
}

size_t xp_attribution_exact(const explaint_model *m) {
    return m->word_map.rows > 0 ? m->config.word_width : m->config.width;
}

/* ---- what blocks see ---- */

static bool keep_block(void *self, size_t text, const xp_model_block *b) {
    run *r = self;
    const xp_config *c = &r->model->config;
    const size_t n = r->n, d = c->width, maps = c->n_heads * n * n, context = n * c->n_heads * c->head;
    (void)text;
    if (b->layer >= r->options->n_layers) return true;
    memcpy(r->rows + b->layer * n * d, b->rows, n * d * sizeof *r->rows);
    memcpy(r->maps + b->layer * maps, b->maps, maps * sizeof *r->maps);
    memcpy(r->context + b->layer * context, b->context, context * sizeof *r->context);
    return true;
}

static double kept_floats(const explaint_model *m, size_t n) { /* of a layer */
    const xp_config *c = &m->config;
    return (double)n * (double)(c->width + c->n_heads * (n + c->head));
}

/* ---- directions ---- */

/* Orthonormal and uniform: normal numbers, each row without what it has of those before it (twice, for what rounding leaves). */
static void draw(const run *r, size_t source, double *to) {
    const size_t d = r->embed.word_width;
    xp_rng rng = xp_rng_begin(r->options->seed, XP_RNG_PROBES, r->options->stream);
    rng.index = (uint64_t)source << 40; /* far behind what the pieces before take */
    for (size_t k = 0; k < r->probes; k++) {
        double *row = to + k * d, square = 0;
        for (size_t e = 0; e < d; e++) row[e] = xp_rng_normal(&rng);
        for (size_t turn = 0; turn < 2; turn++)
            for (size_t before = 0; before < k; before++) {
                const double *other = to + before * d;
                double along = 0;
                for (size_t e = 0; e < d; e++) along += row[e] * other[e];
                for (size_t e = 0; e < d; e++) row[e] -= along * other[e];
            }
        for (size_t e = 0; e < d; e++) square += row[e] * row[e];
        for (size_t e = 0; e < d; e++) row[e] /= sqrt(square);
    }
}

static size_t first_row(const run *r, size_t source) { return r->causal ? source : 0; }
static float *moves_of(const run *r, size_t source) {
    return r->moves + (source - r->first) * r->probes * r->n * r->width;
}

/* h^0: only the row of the piece moves. */
static bool begin_source(void *self, size_t i, unsigned worker) {
    const run *r = self;
    const size_t source = r->first + i, first = first_row(r, source), n = r->n - first, d = r->embed.word_width;
    float *words = xp_floats_create(r->probes * d), *to = moves_of(r, source);
    double *directions = r->exact ? NULL : xp_alloc(r->probes * d, sizeof *directions);
    const bool ok = words != NULL && (r->exact || directions != NULL);
    (void)worker;
    if (ok && !r->exact) draw(r, source, directions);
    for (size_t k = 0; ok && k < r->probes * d; k++) words[k] = r->exact ? k / d == k % d : (float)directions[k];
    if (ok) {
        memset(to, 0, r->probes * n * r->width * sizeof *to);
        xp_tangent_embed_push(&r->embed, source, r->probes, words, to + (source - first) * r->width, n * r->width);
    }
    xp_floats_destroy(words);
    xp_free(directions);
    return ok;
}

/* ---- a layer ---- */

static size_t tiles(const run *r) { return (r->probes + r->many - 1) / r->many; }

static bool make_map(void *self, size_t i, unsigned worker) {
    run *r = self;
    /* how many directions reach the row */
    const size_t sources = !r->causal     ? r->last - r->first
                           : i < r->first ? 0
                                          : (i < r->last ? i + 1 : r->last) - r->first;
    r->map[i] = NULL;
    if (!xp_tangent_map_pays(r->model, sources * r->probes)) return true;
    float *panels = r->panels + i * xp_tangent_map_size(r->model);
    xp_tangent_map(&r->block, i, r->many, panels, &r->room[worker]);
    r->map[i] = panels;
    return true;
}

static bool push_tile(void *self, size_t task, unsigned worker) {
    run *r = self;
    const size_t source = r->first + task / tiles(r), from = task % tiles(r) * r->many, d = r->width;
    const size_t left = r->probes - from;
    xp_tangent_tile tile = {.source = source,
                            .many = left < r->many ? left : r->many,
                            .first = first_row(r, source),
                            .n = r->n - first_row(r, source),
                            .alone = r->layer == 0};
    tile.rows = moves_of(r, source) + from * tile.n * d;
    xp_tangent_push(&r->block, r->map, &tile, &r->room[worker]);
    for (size_t k = 0; k < tile.many; k++)
        for (size_t i = 0; i < tile.n; i++) {
            const float *row = tile.rows + (k * tile.n + i) * d;
            double square = 0;
            for (size_t e = 0; e < d; e++) square += (double)row[e] * (double)row[e];
            r->squares[((source - r->first) * r->probes + from + k) * r->n + tile.first + i] = square;
        }
    atomic_fetch_add(&r->done, 1);
    return true;
}

static bool report(void *self) {
    run *r = self;
    if (r->options->progress == NULL) return true;
    r->stopped = !r->options->progress(r->options->self, (double)atomic_load(&r->done) / r->all);
    return !r->stopped;
}

/* c^2 and its variance: that of a sample of directions, of which there are no more than word_width. */
static void sum_up(const run *r) {
    const size_t n = r->n;
    const double all = (double)r->embed.word_width, m = (double)r->probes;
    for (size_t source = r->first; source < r->last; source++)
        for (size_t i = first_row(r, source); i < n; i++) {
            const double *square = r->squares + (source - r->first) * r->probes * n + i;
            const size_t at = (r->layer * n + i) * n + source;
            double mean = 0, spread = 0;
            for (size_t k = 0; k < r->probes; k++) mean += square[k * n] / m;
            for (size_t k = 0; !r->exact && k < r->probes; k++)
                spread += (square[k * n] - mean) * (square[k * n] - mean);
            r->share[at] = all * mean;
            r->variance[at] = r->exact ? 0 : all * all * spread / (m - 1) / m * (1 - m / all);
        }
}

static explaint_status pass_layer(run *r, explaint_error *error) {
    const xp_config *c = &r->model->config;
    const size_t n = r->n, l = r->layer;
    const xp_tangent_point point = {.model = r->model,
                                    .layer = l,
                                    .n = n,
                                    .rows = r->rows + l * n * c->width,
                                    .maps = r->maps + l * c->n_heads * n * n,
                                    .context = r->context + l * n * c->n_heads * c->head};
    const xp_pool_job maps = {.n_tasks = n, .run = make_map, .tick = report, .self = r};
    const xp_pool_job push = {.n_tasks = (r->last - r->first) * tiles(r), .run = push_tile, .tick = report, .self = r};
    if (!xp_tangent_create(&point, &r->block)) return xp_no_memory(error, what);
    const bool ok = xp_pool_run(r->options->threads, &maps) && xp_pool_run(r->options->threads, &push);
    if (ok) sum_up(r);
    xp_tangent_free(&r->block);
    if (ok) return EXPLAINT_OK;
    return r->stopped ? xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped before all units were done")
                      : xp_no_thread(error);
}

static explaint_status pass_group(run *r, explaint_error *error) {
    const xp_pool_job begin = {.n_tasks = r->last - r->first, .run = begin_source, .self = r};
    if (!xp_pool_run(r->options->threads, &begin)) return xp_no_memory(error, what);
    explaint_status status = EXPLAINT_OK;
    for (r->layer = 0; status == EXPLAINT_OK && r->layer < r->options->n_layers; r->layer++)
        status = pass_layer(r, error);
    return status;
}

/* ---- shares ---- */

/* A share p = c_i / s, s the sum of all, moves by (1 - p) / s with c_i and by -p / s with another. */
static double deviation_of(size_t n, size_t own, const double *share, double sum, const double *variance) {
    double all = 0;
    for (size_t j = 0; j < n; j++) {
        const double c = share[j] * sum, by = ((double)(j == own) - share[own]) / sum;
        if (c > 0) all += by * by * variance[j] / (4 * c * c); /* of c: that of c^2 by (2 c)^2 */
    }
    return sqrt(all);
}

static void normalise(const run *r, double *deviation) {
    const size_t n = r->n;
    for (size_t row = 0; row < r->options->n_layers * n; row++) {
        double *share = r->share + row * n, sum = 0;
        for (size_t j = 0; j < n; j++) sum += share[j] = sqrt(share[j]);
        for (size_t j = 0; sum > 0 && j < n; j++) share[j] /= sum;
        deviation[row] = sum > 0 ? deviation_of(n, row % n, share, sum, r->variance + row * n) : 0;
    }
}

xp_attribution_says xp_attribution_describe(size_t n, bool causal, const double *share, const double *deviation) {
    xp_attribution_says says = {0};
    for (size_t i = causal ? 1 : 0; i < n; i++) {
        const double *row = share + i * n;
        bool largest = true;
        for (size_t j = 0; j < n; j++) largest = largest && row[j] <= row[i];
        says.own += row[i];
        says.not_largest += !largest;
        if (deviation != NULL) says.deviation += deviation[i];
        says.rows++;
    }
    says.own /= (double)says.rows;
    says.not_largest /= (double)says.rows;
    says.deviation /= (double)says.rows;
    return says;
}

/* ---- all of it ---- */

static bool create(run *r) {
    const xp_config *c = &r->model->config;
    const size_t n = r->n, layers = r->options->n_layers, context = n * c->n_heads * c->head;
    const bool maps = xp_tangent_map_pays(r->model, r->most * r->probes);
    r->rows = xp_floats_create(layers * n * r->width);
    r->maps = xp_floats_create(layers * c->n_heads * n * n);
    r->context = xp_floats_create(layers * context);
    r->moves = xp_floats_create(r->most * r->probes * n * r->width);
    r->panels = xp_floats_create(maps ? n * xp_tangent_map_size(r->model) : 1);
    r->map = xp_calloc(n, sizeof *r->map);
    r->squares = xp_alloc(r->most * r->probes, n * sizeof *r->squares);
    r->variance = xp_calloc(layers * n, n * sizeof *r->variance);
    r->room = xp_calloc(r->options->threads, sizeof *r->room);
    if (r->rows == NULL || r->maps == NULL || r->context == NULL || r->moves == NULL || r->panels == NULL ||
        r->map == NULL || r->squares == NULL || r->variance == NULL || r->room == NULL)
        return false;
    for (unsigned w = 0; w < r->options->threads; w++)
        if (!xp_tangent_room_create(r->model, n, r->many, &r->room[w])) return false;
    return xp_tangent_embed_create(r->model, r->text, &r->embed);
}

static void destroy(run *r) {
    for (unsigned w = 0; r->room != NULL && w < r->options->threads; w++) xp_tangent_room_free(&r->room[w]);
    xp_tangent_embed_free(&r->embed);
    xp_free_all(r->room, r->variance, r->squares, r->map);
    xp_floats_destroy(r->panels);
    xp_floats_destroy(r->moves);
    xp_floats_destroy(r->context);
    xp_floats_destroy(r->maps);
    xp_floats_destroy(r->rows);
}

explaint_status xp_attribution_of(const explaint_model *model, const explaint_ids *text,
                                  const xp_attribution_options *options, double *share, double *deviation,
                                  explaint_error *error) {
    const size_t exact = xp_attribution_exact(model), n = text->n;
    explaint_status status = xp_check_ids(model, text, 0, error);
    if (status != EXPLAINT_OK) return status;
    run r = {.model = model,
             .options = options,
             .text = text,
             .n = n,
             .width = model->config.width,
             .probes = options->probes < exact ? options->probes : exact,
             .exact = options->probes >= exact,
             .causal = model->config.has & XP_IS_CAUSAL,
             .share = share};
    r.many = tile_of(n, r.probes);
    r.most = sources_at_once(model, n, r.probes, options->held);
    r.all = (double)options->n_layers * (double)n * (double)tiles(&r);
    memset(share, 0, options->n_layers * n * n * sizeof *share);
    const xp_run_watcher watcher = {&r, keep_block};
    status = create(&r) ? EXPLAINT_OK : xp_no_memory(error, what);
    if (status == EXPLAINT_OK) status = xp_run_texts(model, text, 1, NULL, &watcher, options->threads, error);
    for (r.first = 0; status == EXPLAINT_OK && r.first < n; r.first = r.last) {
        r.last = n - r.first < r.most ? n : r.first + r.most;
        status = pass_group(&r, error);
    }
    if (status == EXPLAINT_OK) normalise(&r, deviation);
    destroy(&r);
    return status;
}

/* ---- before a run ---- */

double xp_attribution_work(const explaint_model *m, size_t n, size_t n_layers, size_t probes) {
    const size_t exact = xp_attribution_exact(m),
                 group = sources_at_once(m, n, probes < exact ? probes : exact, XP_ATTRIBUTION_HELD);
    const double half = m->config.has & XP_IS_CAUSAL ? .5 : 1, rows = (double)n;
    const double directions = half * rows * (double)(probes < exact ? probes : exact);
    const bool mapped = xp_tangent_map_pays(m, (size_t)((double)group * directions / rows));
    const double groups = ceil(rows / (double)group);
    return (double)n_layers * rows *
           (directions * xp_tangent_work(m, n, mapped) + (mapped ? groups * xp_tangent_map_work(m) : 0));
}

double xp_attribution_memory(const explaint_model *m, size_t n, size_t n_layers, size_t probes, unsigned threads) {
    const size_t exact = xp_attribution_exact(m);
    if (probes > exact) probes = exact;
    const double group = (double)sources_at_once(m, n, probes, XP_ATTRIBUTION_HELD), rows = (double)n,
                 d = (double)m->config.width;
    const double moves = group * (double)probes * rows * (d + 2); /* and squares */
    const double maps =
        xp_tangent_map_pays(m, (size_t)(group * (double)probes)) ? rows * (double)xp_tangent_map_size(m) : 0;
    const double room = (double)threads * (double)xp_tangent_room_size(m, n, tile_of(n, probes));
    return sizeof(float) * (moves + maps + room + (double)n_layers * kept_floats(m, n));
}
