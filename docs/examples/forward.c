/* What happens inside of a model? Runs one text and looks at the states and the attention maps of every layer.
 *
 *     cc forward.c $(pkg-config --cflags --libs explaint) -lm -o forward
 *     ./forward all-MiniLM-L6-v2 "The robin sings."
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <explaint/explaint.h>

/* rows: n x width. */
static bool print_states(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const explaint_model_info *info = self;
    double sum = 0;
    (void)text;
    for (size_t i = 0; i < n * info->width; i++) sum += (double)rows[i] * (double)rows[i];
    printf("layer %zu: mean length of a state %.2f\n", layer, sqrt(sum / (double)n));
    return true; /* false would stop the run */
}

/* maps: heads x n x n, row i is where piece i looks. */
static bool print_map(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const explaint_model_info *info = self;
    double own = 0;
    (void)text, (void)layer;
    for (size_t h = 0; h < info->n_heads; h++)
        for (size_t i = 0; i < n; i++) own += (double)maps[(h * n + i) * n + i];
    printf("         pieces look at themselves with a weight of %.2f\n", own / (double)(info->n_heads * n));
    return true;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: forward MODEL TEXT\n");
        return EXPLAINT_USAGE;
    }
    explaint_error error = {0};
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_encoding e = {0};
    explaint_status status = explaint_model_open(argv[1], NULL, &model, &error);
    if (status == EXPLAINT_OK)
        status = explaint_tokenizer_open(explaint_model_describe(model)->path, &tokenizer, &error);
    if (status == EXPLAINT_OK)
        status = explaint_tokenizer_encode(tokenizer, argv[2], strlen(argv[2]), NULL, &e, &error);
    if (status == EXPLAINT_OK) {
        explaint_model_info info = *explaint_model_describe(model);
        const explaint_observer observer = {.self = &info, .hidden = print_states, .attention = print_map};
        const explaint_ids text = {e.id, e.n};
        status = explaint_model_run(model, &text, 1, &observer, 0, &error);
    }
    if (status != EXPLAINT_OK) fprintf(stderr, "%s\n", error.message);
    explaint_encoding_free(&e);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    return (int)status;
}
