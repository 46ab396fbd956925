/* May a picture of attention be read as a relation between words? The verdict of `explaint attend`, layer by layer.
 *
 *     cc attend.c $(pkg-config --cflags --libs explaint) -o attend
 *     ./attend all-MiniLM-L6-v2 "The robin sings in the old tree." "A hammer has a handle."
 */
#include <stdio.h>

#include <explaint/explaint.h>

static void print(const explaint_attend_result *result) {
    printf("%zu texts, %zu pieces; %zu %s texts decide\n", result->n_texts, result->n_pieces, result->n_judged,
           result->judged_own ? "of these" : "shipped");
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_attend_verdict *v = &result->verdicts[i];
        printf("layers %zu to %zu, %s: %s\n", v->layers[0], v->layers[1], v->claim, v->verdict);
        for (size_t k = 0; k < v->n_assumptions; k++)
            printf("  %-4s %s\n", v->assumptions[k].id, v->assumptions[k].outcome);
    }
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: attend MODEL TEXT...\n");
        return EXPLAINT_USAGE;
    }
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_attend_result *result = NULL;
    explaint_attend_options options = explaint_attend_defaults();
    options.truncate = 24; /* pieces of a text, at most */

    explaint_status status = explaint_texts_of((const char *const *)argv + 2, (size_t)argc - 2, &texts, &error);
    if (status == EXPLAINT_OK) status = explaint_model_open(argv[1], NULL, &model, &error);
    if (status == EXPLAINT_OK)
        status = explaint_tokenizer_open(explaint_model_describe(model)->path, &tokenizer, &error);
    if (status == EXPLAINT_OK) status = explaint_attend(model, tokenizer, texts, &options, &result, &error);
    if (status == EXPLAINT_OK)
        print(result);
    else
        fprintf(stderr, "%s\n", error.message);
    explaint_attend_free(result);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    explaint_texts_close(texts);
    return (int)status;
}
