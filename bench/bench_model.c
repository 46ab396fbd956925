/* bench_model FOLDER ROUNDS THREADS < IDS: a line of ids is a text. Prints JSON: the load, the best run with all states and maps
 * kept, and the products of the model's shapes as a share of the multiply-add limit, measured beside each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explaint/model.h"
#include "limits.h"
#include "tensor/floats.h"
#include "tensor/linear.h"

enum { MOST_TEXTS = 256, MOST_PIECES = 1 << 16 };

typedef struct kept {
    float *hidden, *maps;
} kept;

static const explaint_model_info *info;
static kept of[MOST_TEXTS];
static explaint_ids texts[MOST_TEXTS];

static bool hidden(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    (void)self;
    memcpy(of[text].hidden + layer * n * info->width, rows, n * info->width * sizeof *rows);
    return true;
}

static bool attention(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const size_t size = info->n_heads * n * n;
    (void)self;
    memcpy(of[text].maps + (layer - 1) * size, maps, size * sizeof *maps);
    return true;
}

static size_t read_texts(void) {
    static int32_t ids[MOST_PIECES];
    static char line[1 << 16];
    size_t n_texts = 0, used = 0;
    while (n_texts < MOST_TEXTS && fgets(line, sizeof line, stdin) != NULL) {
        texts[n_texts].id = ids + used;
        char *at = line, *end;
        for (long id; id = strtol(at, &end, 10), end != at && used < MOST_PIECES; at = end) ids[used++] = (int32_t)id;
        texts[n_texts].n = (size_t)(ids + used - texts[n_texts].id);
        n_texts++;
    }
    return n_texts;
}

static explaint_status run(const explaint_model *model, size_t n_texts, unsigned threads, bool keep, int rounds,
                           double *best, double *used, explaint_error *error) {
    const explaint_observer look = {.hidden = keep ? hidden : NULL, .attention = keep ? attention : NULL};
    explaint_status status = EXPLAINT_OK;
    *best = *used = 1e9;
    for (int i = 0; i < rounds && status == EXPLAINT_OK; i++) {
        const double t = seconds(), cpu = processor_seconds();
        status = explaint_model_run(model, texts, n_texts, &look, threads, error);
        if (processor_seconds() - cpu < *used) *used = processor_seconds() - cpu;
        if (seconds() - t < *best) *best = seconds() - t;
    }
    return status;
}

/* Flops a second on one thread at the best of some rounds, beside the limit at the best of the same rounds. */
static void product(const char *name, size_t rows, size_t inner, size_t columns, xp_activation activation) {
    size_t size;
    const xp_kernels *kernels = xp_kernels_find(getenv("EXPLAINT_ISA"));
    if (kernels == NULL || !xp_panels_size(inner, columns, &size)) return;
    float *panels = xp_floats_create(size), *x = xp_floats_create(rows * inner), *y = xp_floats_create(rows * columns),
          *bias = xp_floats_create(columns);
    if (panels == NULL || x == NULL || y == NULL || bias == NULL) return;
    for (size_t i = 0; i < size; i++) panels[i] = 1e-3f * (float)(i % 97) - .05f;
    for (size_t i = 0; i < rows * inner; i++) x[i] = 1e-3f * (float)(i % 89) - .04f;
    for (size_t i = 0; i < columns; i++) bias[i] = .1f;
    const xp_linear linear = {.inner = inner, .columns = columns, .panels = panels, .bias = bias};
    const double flops = 2. * (double)rows * (double)inner * (double)columns;
    double best = 1e9, limit = 0;
    for (int i = 0; i < 40; i++) {
        double t = processor_seconds();
        xp_linear_apply(kernels, &linear, rows, x, inner, activation, NULL, 0, y, columns);
        t = processor_seconds() - t;
        if (t < best) best = t;
        if (i % 4 == 0) {
            const double rate = 2 * measure_fma();
            if (rate > limit) limit = rate;
        }
    }
    printf(
        ", {\"product\": \"%s\", \"rows\": %zu, \"inner\": %zu, \"columns\": %zu, \"gflops\": %.1f, \"share\": %.3f}",
        name, rows, inner, columns, flops / best * 1e-9, flops / best / limit);
    xp_floats_destroy(panels);
    xp_floats_destroy(x);
    xp_floats_destroy(y);
    xp_floats_destroy(bias);
}

int main(int argc, char **argv) {
    explaint_error error = {0};
    explaint_model *model = NULL;
    if (argc != 4) return 2;
    const int rounds = atoi(argv[2]);
    const unsigned threads = (unsigned)atoi(argv[3]);
    double load = 1e9, best, bare, used, used_bare;
    for (int i = 0; i < 3; i++) {
        explaint_model_close(model);
        const explaint_model_options options = {.threads = threads};
        const double t = seconds();
        if (explaint_model_open(argv[1], &options, &model, &error) != EXPLAINT_OK) {
            fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        if (seconds() - t < load) load = seconds() - t;
    }
    info = explaint_model_describe(model);
    const size_t n_texts = read_texts(), w = info->width, wide = info->feed_forward;
    size_t pieces = 0;
    for (size_t t = 0; t < n_texts; t++) {
        const size_t n = texts[t].n;
        pieces += n;
        of[t].hidden = calloc((info->n_layers + 1) * n * w, sizeof(float));
        of[t].maps = calloc(info->n_layers * info->n_heads * n * n, sizeof(float));
        if (of[t].hidden == NULL || of[t].maps == NULL) return 1;
    }
    if (run(model, n_texts, threads, true, rounds, &best, &used, &error) != EXPLAINT_OK ||
        run(model, n_texts, threads, false, rounds, &bare, &used_bare, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    double limit = 0;
    for (int i = 0; i < 10; i++) {
        const double rate = 2 * measure_fma();
        if (rate > limit) limit = rate;
    }
    const double flops = 2. * (double)pieces * (double)info->n_layers * (double)(4 * w * w + 2 * w * wide);
    printf("[{\"isa\": \"%s\", \"texts\": %zu, \"pieces\": %zu, \"load\": %.4f, \"kept\": %.5f, \"bare\": %.5f, "
           "\"kept_cpu\": %.5f, \"bare_cpu\": %.5f, "
           "\"limit\": %.1f, \"floor\": %.5f, \"share\": %.3f, \"share_cpu\": %.3f}",
           info->isa, n_texts, pieces, load, best, bare, used, used_bare, limit * 1e-9, flops / limit / threads,
           flops / limit / threads / best, flops / limit / used);
    if (rounds > 1) {
        static const size_t rows[] = {16, 40, 128};
        for (size_t i = 0; i < 3; i++) {
            product("qkv", rows[i], w, 3 * w, XP_IDENTITY);
            product("output", rows[i], w, w, XP_IDENTITY);
            product("up", rows[i], w, wide, XP_IDENTITY);
            product("up with gelu", rows[i], w, wide, XP_GELU);
            product("down", rows[i], wide, w, XP_IDENTITY);
        }
    }
    printf("]\n");
    for (size_t t = 0; t < n_texts; t++) {
        free(of[t].hidden);
        free(of[t].maps);
    }
    explaint_model_close(model);
    return 0;
}
