/* How alike are two texts? Embeds both with the mean of their last states, and takes the cosine.
 *
 *     cc embed.c $(pkg-config --cflags --libs explaint) -lm -o embed
 *     ./embed all-MiniLM-L6-v2 "A robin has wings." "Birds can fly."
 */
#include <math.h>
#include <stdio.h>

#include <explaint/explaint.h>

static double cosine(const float *x, const float *y, size_t width) {
    double xy = 0, xx = 0, yy = 0;
    for (size_t k = 0; k < width; k++) {
        xy += (double)x[k] * (double)y[k];
        xx += (double)x[k] * (double)x[k];
        yy += (double)y[k] * (double)y[k];
    }
    return xy / sqrt(xx * yy);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: embed MODEL TEXT TEXT\n");
        return EXPLAINT_USAGE;
    }
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_embedding *embedding = NULL;
    explaint_embed_options options = explaint_embed_defaults();
    options.pooling = "mean"; /* "folder": as sentence-transformers do with this folder */

    explaint_status status = explaint_texts_of((const char *const *)argv + 2, 2, &texts, &error);
    if (status == EXPLAINT_OK) status = explaint_model_open(argv[1], NULL, &model, &error);
    if (status == EXPLAINT_OK)
        status = explaint_tokenizer_open(explaint_model_describe(model)->path, &tokenizer, &error);
    if (status == EXPLAINT_OK) status = explaint_embed_texts(model, tokenizer, texts, &options, &embedding, &error);
    if (status == EXPLAINT_OK) {
        const size_t width = explaint_embedding_width(embedding);
        for (size_t k = 0; k < explaint_embedding_n_layers(embedding); k++) {
            const float *rows = explaint_embedding_matrix(embedding, k); /* two texts x width */
            printf("layer %zu: cosine %.3f\n", explaint_embedding_layer(embedding, k),
                   cosine(rows, rows + width, width));
        }
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    explaint_embedding_close(embedding);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    explaint_texts_close(texts);
    return (int)status;
}
