/* Does a head show a relation between words? Pairs of your own beside counterfactual ones, as `explaint relate` asks it, head by head.
 *
 *     cc relate.c $(pkg-config --cflags --libs explaint) -o relate
 *     ./relate all-MiniLM-L6-v2 capitals.csv    # columns left and right
 */
#include <stdio.h>

#include <explaint/explaint.h>

static void print(const explaint_relate_result *result) {
    printf("%zu pairs with %zu different words on the right, %zu texts\n", result->n_pairs, result->n_groups,
           result->n_texts);
    for (size_t i = 0; i < result->n_verdicts; i++)
        printf("%s: %s\n", result->verdicts[i].claim, result->verdicts[i].verdict);
    for (size_t i = 0; i < result->n_heads; i++) {
        const explaint_relate_head *h = &result->heads[i];
        printf("  head %zu.%zu %s, accuracy %.2f at the least\n", h->layer, h->head, h->outcome, h->accuracy);
    }
    printf("%s\n", result->answer);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: relate MODEL PAIRS.csv\n");
        return EXPLAINT_USAGE;
    }
    explaint_error error = {0};
    explaint_pairs *pairs = NULL;
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_relate_result *result = NULL;
    explaint_relate_options options = explaint_relate_defaults();
    options.permutations = 999; /* the smallest p is .001, before it is adjusted over heads */

    explaint_status status = explaint_pairs_open(argv[2], options.seed, &pairs, &error);
    if (status == EXPLAINT_OK) status = explaint_model_open(argv[1], NULL, &model, &error);
    if (status == EXPLAINT_OK)
        status = explaint_tokenizer_open(explaint_model_describe(model)->path, &tokenizer, &error);
    if (status == EXPLAINT_OK) status = explaint_relate(model, tokenizer, pairs, &options, &result, &error);
    if (status == EXPLAINT_OK)
        print(result);
    else
        fprintf(stderr, "%s\n", error.message);
    explaint_relate_free(result);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    explaint_pairs_close(pairs);
    return (int)status;
}
