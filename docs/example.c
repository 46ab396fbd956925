/* The library in sixty lines: are the shipped vectors' scores on the shipped norms worth a claim?
 *
 *     cc docs/example.c $(pkg-config --cflags --libs explaint) -o example && ./example
 */
#include <stdio.h>

#include <explaint/explaint.h>

static bool report(void *self, const char *what, double done, double total) {
    (void)self;
    if (done >= total) fprintf(stderr, "%s: done\n", what);
    return true; /* false would stop the run */
}

static void print(const explaint_result *result) {
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (row->fold == -1) printf("%-14s on %-14s %s = %.3f\n", row->condition, row->target, row->metric, row->value);
    }
    for (size_t i = 0; i < result->n_verdicts; i++)
        printf("%s: %s. %s\n", result->verdicts[i].claim, result->verdicts[i].verdict, result->verdicts[i].text);
}

int main(void) {
    explaint_error error = {0};
    explaint_norms *norms = NULL;
    explaint_vectors *vectors = NULL;
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;

    const size_t counts[] = {5, 25};
    explaint_infer_options options = explaint_infer_defaults();
    options.components = counts;
    options.n_components = 2;
    options.conditions = "system,mean,upper,shuffle";
    options.metrics = "f1_at_10";
    options.permutations = 19; /* left out: 9,999 */
    options.bootstrap = 200;
    const explaint_progress progress = {.report = report};

    explaint_status status = explaint_norms_open("wordnet", NULL, &norms, &error);
    if (status == EXPLAINT_OK) status = explaint_vectors_open("wordnet", norms, NULL, &vectors, &error);
    if (status == EXPLAINT_OK) status = explaint_infer_plan(norms, vectors, &options, &plan, &error);
    if (status == EXPLAINT_OK) status = explaint_plan_run(plan, NULL, &progress, &result, &error);
    if (status == EXPLAINT_OK)
        print(result);
    else
        fprintf(stderr, "%s\n", error.message);

    explaint_result_free(result);
    explaint_plan_close(plan);
    explaint_vectors_close(vectors);
    explaint_norms_close(norms);
    return (int)status;
}
