/* Do word vectors know the properties of things? The audit of `explaint infer`, with few permutations so that it ends soon.
 *
 *     cc infer.c $(pkg-config --cflags --libs explaint) -lm -o infer
 *     ./infer                          the norms and vectors that ship inside
 *     ./infer norms.csv vectors.txt    files of yours
 */
#include <math.h>
#include <stdio.h>

#include <explaint/explaint.h>

static void print(const explaint_result *result) {
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (row->fold == -1) printf("%-8s on %-8s %s %.2f\n", row->condition, row->target, row->metric, row->value);
    }
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        printf("%s: %s\n", v->claim, v->verdict);
        for (size_t k = 0; k < v->n_assumptions; k++) {
            const explaint_assumption *a = &v->assumptions[k];
            printf("  %-11s %s", a->id, a->outcome);
            if (!isnan(a->gain)) printf(", gain %+.2f", a->gain); /* a number that does not exist is NaN */
            printf("\n");
        }
    }
}

int main(int argc, char **argv) {
    explaint_error error = {0};
    explaint_norms *norms = NULL;
    explaint_vectors *vectors = NULL;
    explaint_plan *plan = NULL;
    explaint_result *result = NULL;

    explaint_infer_options options = explaint_infer_defaults();
    options.conditions = "system,mean,shuffle";
    options.metrics = "f1_at_10";
    options.permutations = 199; /* left out: 9,999 */
    options.refits = 0;
    options.bootstrap = 200;

    explaint_status status = explaint_norms_open(argc > 1 ? argv[1] : "wordnet", NULL, &norms, &error);
    if (status == EXPLAINT_OK)
        status = explaint_vectors_open(argc > 2 ? argv[2] : "wordnet", norms, NULL, &vectors, &error);
    if (status == EXPLAINT_OK) status = explaint_infer_plan(norms, vectors, &options, &plan, &error);
    if (status == EXPLAINT_OK) status = explaint_plan_run(plan, NULL, NULL, &result, &error);
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
