/* What is in a ledger that somebody handed you? Lists its runs; then the files and verdicts of the newest.
 *
 *     cc ledger.c $(pkg-config --cflags --libs explaint) -o ledger
 *     ./ledger results.db
 */
#include <stdio.h>

#include <explaint/explaint.h>

static void print(const explaint_result *result) {
    for (size_t i = 0; i < result->n_inputs; i++)
        printf("%s %s, SHA-256 %.8s...\n", result->inputs[i].role, result->inputs[i].name, result->inputs[i].sha256);
    for (size_t i = 0; i < result->n_verdicts; i++)
        printf("%s: %s, decided by %s\n", result->verdicts[i].claim, result->verdicts[i].verdict,
               result->verdicts[i].decided_by);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: ledger LEDGER\n");
        return EXPLAINT_USAGE;
    }
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    explaint_record *record = NULL;
    explaint_status status = explaint_ledger_open(argv[1], false, &ledger, &error); /* false: do not make one */
    if (status == EXPLAINT_OK) status = explaint_ledger_list(ledger, false, stdout, &error);
    if (status == EXPLAINT_OK) status = explaint_ledger_record(ledger, 0, &record, &error); /* 0: the newest */
    if (status == EXPLAINT_OK && record->kind == &explaint_infer_kind) print((const explaint_result *)record);
    if (status != EXPLAINT_OK) fprintf(stderr, "%s\n", error.message);
    explaint_record_free(record);
    explaint_ledger_close(ledger);
    return (int)status;
}
