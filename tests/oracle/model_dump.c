/* model_dump FOLDER THREADS [logits] < IDS: a line of ids is a text; writes for each text, in order: n (int32), hidden states
 * ((L+1) x n x width), of models with a final norm what it gives (n x width), with `logits` those (n x vocabulary), maps (L x heads x n x n) and values
 * (L x heads x n x head) as float32. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explaint/model.h"

enum { MOST_PIECES = 1 << 16, MOST_TEXTS = 1 << 12 };

typedef struct kept {
    float *hidden, *normed, *logits, *maps, *values;
} kept;

static const explaint_model_info *info;
static kept of[MOST_TEXTS];
static explaint_ids texts[MOST_TEXTS];

static bool hidden(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    (void)self;
    memcpy(of[text].hidden + layer * n * info->width, rows, n * info->width * sizeof *rows);
    return true;
}

static bool normed(void *self, size_t text, size_t n, const float *rows) {
    (void)self;
    memcpy(of[text].normed, rows, n * info->width * sizeof *rows);
    return true;
}

static bool logits(void *self, size_t text, size_t first, size_t n, const float *rows) {
    (void)self;
    memcpy(of[text].logits + first * info->vocabulary, rows, n * info->vocabulary * sizeof *rows);
    return true;
}

static bool attention(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const size_t size = info->n_heads * n * n;
    (void)self;
    memcpy(of[text].maps + (layer - 1) * size, maps, size * sizeof *maps);
    return true;
}

static bool values(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const size_t size = info->n_heads * n * info->head;
    (void)self;
    memcpy(of[text].values + (layer - 1) * size, rows, size * sizeof *rows);
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

int main(int argc, char **argv) {
    explaint_error error = {0};
    explaint_model *model = NULL;
    if (argc != 3 && argc != 4) return 2;
    explaint_model_options how = explaint_model_defaults();
    how.logits = argc == 4;
    explaint_status status = explaint_model_open(argv[1], &how, &model, &error);
    if (status == EXPLAINT_OK) {
        info = explaint_model_describe(model);
        const size_t n_texts = read_texts(), layers = info->n_layers;
        for (size_t t = 0; t < n_texts; t++) {
            const size_t n = texts[t].n;
            of[t] = (kept){.hidden = malloc((layers + 1) * n * info->width * sizeof(float)),
                           .normed = malloc(n * info->width * sizeof(float)),
                           .logits = malloc((how.logits ? n * info->vocabulary : 1) * sizeof(float)),
                           .maps = malloc(layers * info->n_heads * n * n * sizeof(float)),
                           .values = malloc(layers * info->n_heads * n * info->head * sizeof(float))};
            if (of[t].hidden == NULL || of[t].normed == NULL || of[t].logits == NULL || of[t].maps == NULL ||
                of[t].values == NULL)
                return 1;
        }
        const explaint_observer look = {.hidden = hidden,
                                        .normed = normed,
                                        .logits = how.logits ? logits : NULL,
                                        .attention = attention,
                                        .values = values};
        status = explaint_model_run(model, texts, n_texts, &look, (unsigned)atoi(argv[2]), &error);
        for (size_t t = 0; status == EXPLAINT_OK && t < n_texts; t++) {
            const size_t n = texts[t].n;
            const int32_t count = (int32_t)n;
            fwrite(&count, sizeof count, 1, stdout);
            fwrite(of[t].hidden, sizeof(float), (layers + 1) * n * info->width, stdout);
            if (info->final_norm) fwrite(of[t].normed, sizeof(float), n * info->width, stdout);
            if (how.logits) fwrite(of[t].logits, sizeof(float), n * info->vocabulary, stdout);
            fwrite(of[t].maps, sizeof(float), layers * info->n_heads * n * n, stdout);
            fwrite(of[t].values, sizeof(float), layers * info->n_heads * n * info->head, stdout);
        }
    }
    for (size_t t = 0; t < MOST_TEXTS; t++) {
        free(of[t].hidden);
        free(of[t].normed);
        free(of[t].logits);
        free(of[t].maps);
        free(of[t].values);
    }
    if (status != EXPLAINT_OK) fprintf(stderr, "%s\n", error.message);
    explaint_model_close(model);
    return (int)status;
}
