/* I tried several runs and want to report the best. What is its p, now that I looked at all of them?
 *
 *     cc adjust.c $(pkg-config --cflags --libs explaint) -o adjust
 *     ./adjust results.db 1 2
 */
#include <stdio.h>

#include <explaint/explaint.h>

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: adjust LEDGER RUN...\n");
        return EXPLAINT_USAGE;
    }
    explaint_error error = {0};
    explaint_adjustment *adjusted = NULL;
    explaint_adjust_options options =
        explaint_adjust_defaults(); /* by max-T, from the permutations that the ledger keeps */
    options.ledger = argv[1];
    const explaint_status status =
        explaint_adjust((const char *const *)argv + 2, (size_t)argc - 2, &options, &adjusted, &error);
    if (status == EXPLAINT_OK) {
        for (size_t i = 0; i < adjusted->n_tests; i++) {
            const explaint_adjusted_test *t = &adjusted->tests[i];
            printf("%-3s %s, %s: gain %+.2f, p %.3f, adjusted %.3f\n", t->id, t->place, t->mapping, t->gain, t->p,
                   t->p_adjusted);
        }
    } else {
        fprintf(stderr, "%s\n", error.message);
    }
    explaint_adjustment_free(adjusted);
    return (int)status;
}
