/* What did a change do to the scores? Two stored runs side by side, paired by concept.
 *
 *     cc compare.c $(pkg-config --cflags --libs explaint) -o compare
 *     ./compare results.db:1 results.db:2
 */
#include <math.h>
#include <stdio.h>

#include <explaint/explaint.h>

static void print(const explaint_comparison *c) {
    for (size_t i = 0; i < c->n_changes; i++) {
        const explaint_compared_change *change = &c->changes[i];
        printf("%s %s: %s, then %s\n", change->what, change->key,
               change->value[0] != NULL ? change->value[0] : "absent",
               change->value[1] != NULL ? change->value[1] : "absent");
    }
    for (size_t i = 0; i < c->n_rows; i++) {
        const explaint_compared_row *row = &c->rows[i];
        printf("%s %s: %.2f, then %.2f", row->condition, row->metric, row->value[0], row->value[1]);
        if (row->paired.paired) /* both runs have the score of every concept */
            printf("; %+.2f in %zu concepts, 95 %% from %+.2f to %+.2f", row->paired.difference, row->paired.n,
                   row->paired.ci[0], row->paired.ci[1]);
        printf("\n");
    }
    for (size_t i = 0; i < c->n_verdicts; i++)
        printf("%s: %s, then %s\n", c->verdicts[i].claim, c->verdicts[i].verdict[0], c->verdicts[i].verdict[1]);
    for (size_t i = 0; i < c->n_notes; i++) printf("note: %s\n", c->notes[i]);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: compare RUN RUN, each LEDGER:NUMBER or a JSON document of explaint infer\n");
        return EXPLAINT_USAGE;
    }
    explaint_error error = {0};
    explaint_comparison *comparison = NULL;
    const explaint_status status = explaint_compare(argv[1], argv[2], NULL, &comparison, &error);
    if (status == EXPLAINT_OK)
        print(comparison);
    else
        fprintf(stderr, "%s\n", error.message);
    explaint_comparison_free(comparison);
    return (int)status;
}
