/* Two runs of relate side by side: what is matched, what moved, and what is said where the two are not about the same pairs. */
#include "support/files.h"

#include <math.h>

#include "base/memory.h"
#include "explaint/compare.h"
#include "explaint/relate.h"

#define GOLDEN EXPLAINT_SOURCE_DIR "/tests/report/golden/relation.json"

static char document[65536];

static int setup(void **state) {
    FILE *in = fopen(GOLDEN, "r");
    const size_t n = in != NULL ? fread(document, 1, sizeof document - 1, in) : 0;
    document[n] = 0;
    return in == NULL || fclose(in) != 0 || n == 0 || files_setup(state) != 0;
}

/* The document with `from` replaced once, as a file. */
static const char *with(const char *name, const char *from, const char *to) {
    static char other[sizeof document + 4096];
    const char *at = strstr(document, from);
    assert_non_null(at);
    snprintf(other, sizeof other, "%.*s%s%s", (int)(at - document), document, to, at + strlen(from));
    return files_text(name, other);
}

static explaint_comparison *compare(const char *a, const char *b) {
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    if (explaint_compare(a, b, NULL, &c, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return c;
}

static void refused(const char *a, const char *b, explaint_status code, const char *says) {
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_compare(a, b, NULL, &c, &error), code);
    assert_null(c);
    if (strstr(error.message, says) == NULL) fail_msg("%s", error.message);
}

static const explaint_compared_verdict *verdict(const explaint_comparison *c, const char *claim, size_t head) {
    for (size_t i = 0; i < c->n_verdicts; i++)
        if (strcmp(c->verdicts[i].claim, claim) == 0 && c->verdicts[i].head == head) return &c->verdicts[i];
    fail_msg("no verdict on %s %zu", claim, head);
    return NULL;
}

static bool notes(const explaint_comparison *c, const char *says) {
    for (size_t i = 0; i < c->n_notes; i++)
        if (strstr(c->notes[i], says) != NULL) return true;
    return false;
}

static void a_run_beside_itself(void **state) {
    (void)state;
    explaint_comparison *c = compare(GOLDEN, GOLDEN);
    explaint_relation *relation = NULL;
    assert_int_equal(explaint_relation_open(GOLDEN, &relation, NULL), EXPLAINT_OK);
    const explaint_relate_result *r = relation->result;
    assert_int_equal(c->n_measures, r->n_rows + 4 * r->n_heads); /* and four numbers of each head */
    assert_int_equal(c->n_verdicts, 2 + r->n_heads);
    assert_true(strncmp(c->answer, "Nothing changed", 15) == 0);
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_compared_measure *m = &c->measures[i];
        assert_true(m->value[0] == r->rows[i].value && m->value[1] == m->value[0]); /* in their order */
        assert_true(m->layer[0] == r->rows[i].layer && m->head == r->rows[i].head && !m->paired.paired);
        assert_string_equal(m->counterfactuals, r->rows[i].counterfactuals);
    }
    assert_true(notes(c, "No difference is tested") && !notes(c, "The pairs are not the same"));
    explaint_relation_close(relation);
    explaint_comparison_free(c);
}

static void what_moved(void **state) {
    (void)state;
    const char *moved = with("moved.json", "\"outcome\": \"holds\", \"direction\": \"right-to-left\", \"auc\": 0.712",
                             "\"outcome\": \"undecided\", \"direction\": \"right-to-left\", \"auc\": 0.6");
    explaint_comparison *c = compare(GOLDEN, moved);
    const explaint_compared_verdict *head = verdict(c, "head", 4), *model = verdict(c, "model", 0);
    assert_true(head->changed == 1 && head->layer[0] == 5);
    assert_string_equal(head->verdict[0], "supported");
    assert_string_equal(head->verdict[1], "undecided");
    assert_string_equal(verdict(c, "heads", 0)->verdict[0], "supported");
    assert_true(model->n_assumptions > 0 && strchr(model->assumptions[0].id, ',') != NULL);
    assert_true(fabs(model->assumptions[0].paired.difference) < 1e-12);
    size_t found = 0;
    for (size_t i = 0; i < c->n_measures; i++) {
        const explaint_compared_measure *m = &c->measures[i];
        if (strcmp(m->measure, "judged_auc") != 0 || m->head != 4) continue;
        assert_true(m->layer[0] == 5 && fabs(m->paired.difference + .112) < 1e-12);
        found++;
    }
    assert_int_equal(found, 1);
    assert_string_equal(c->answer, "The verdict on head 5.4 went from supported to undecided.");
    explaint_comparison_free(c);
}

static void what_they_are_about_may_differ(void **state) {
    (void)state;
    explaint_comparison *c = compare(
        GOLDEN, with("pairs.json", "\"pairs\": [],", "\"pairs\": [{\"left\": \"robin\", \"right\": \"bird\"}],"));
    assert_true(notes(c, "The pairs are not the same"));
    explaint_comparison_free(c);
    c = compare(with("fewer.json", "\"heads\": [\n    {\"layer\": 1", "\"heads\": [\n    {\"layer\": 9"), GOLDEN);
    assert_int_equal(c->n_verdicts, 2 + 2); /* the heads of both */
    explaint_comparison_free(c);
    c = compare(GOLDEN, with("model.json", "\"sha256\": \"aa\"", "\"sha256\": \"ab\""));
    assert_int_equal(c->n_changes, 1);
    assert_string_equal(c->changes[0].key, "model");
    explaint_comparison_free(c);
}

static void what_cannot_be_compared(void **state) {
    (void)state;
    static const char attend[] =
        "{\"explaint\": \"0.1.0\", \"command\": [\"attend\"], \"inputs\": [], \"settings\": {}, "
        "\"rows\": [], \"verdicts\": []}";
    refused(GOLDEN, files_text("attend.json", attend), EXPLAINT_INVALID, "only two of one command can be compared");
    refused(GOLDEN "@3", GOLDEN, EXPLAINT_USAGE, "has no layers: leave out @3");
    char row[512] = "", twice[1024];
    const char *first = strstr(document, "    {\"counterfactuals\"");
    snprintf(row, sizeof row, "%.*s", (int)(strchr(first, '\n') + 1 - first), first);
    snprintf(twice, sizeof twice, "%s%s", row, row);
    refused(GOLDEN, with("twice.json", row, twice), EXPLAINT_INVALID, "has two rows of measure \"accuracy\"");
}

static void without_memory(void **state) {
    (void)state;
    for (size_t n = 1;; n++) {
        explaint_comparison *c = NULL;
        explaint_error error = {0};
        xp_fail_allocation(n);
        const explaint_status status = explaint_compare(GOLDEN, GOLDEN, NULL, &c, &error);
        xp_fail_allocation(0);
        explaint_comparison_free(c);
        if (status == EXPLAINT_OK) {
            assert_true(n > 20);
            return;
        }
        if (status != EXPLAINT_FAILED || strstr(error.message, "memory") == NULL) fail_msg("%zu: %s", n, error.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_beside_itself),
        cmocka_unit_test(what_moved),
        cmocka_unit_test(what_they_are_about_may_differ),
        cmocka_unit_test(what_cannot_be_compared),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
