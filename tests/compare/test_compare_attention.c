/* Two runs of attend side by side: numbers recomputed from the two documents in plain loops, what is paired and what is not, refusals. */
#include "support/models.h"

#include <math.h>

#include "base/memory.h"
#include "explaint/attend.h"
#include "explaint/compare.h"
#include "explaint/ledger.h"

static const char vocabulary[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\nr\ns\nt\n";
static const char few[] = "a b c d e f g\nh i j k l m\nq r s t a b c d\na b c\nb d f h j l n p\n";
static const char others[] = "a b c d e f g\nh i j k l m\nq r s t a b c d\na b c\nb d f h j l n\n";

/* Runs a model on texts into LEDGER; with more options. */
static void attend(const char *model_name, const char *texts_name, const char *content, bool by_head, double share) {
    static const char *const command[] = {"attend", "--something", NULL};
    explaint_error error = {0};
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_texts *texts = NULL;
    explaint_attend_plan *plan = NULL;
    explaint_ledger *ledger = NULL;
    explaint_units units = {0};
    explaint_attend_result *result = NULL;
    explaint_attend_options o = explaint_attend_defaults();
    o.g = "identity";
    o.by_head = by_head;
    o.by_text = true;
    o.share = share;
    o.head = by_head ? "1.2" : NULL;
    o.command = command;
    if (explaint_model_open(models_golden(model_name), NULL, &model, &error) != EXPLAINT_OK ||
        explaint_tokenizer_open(files_text("vocab.txt", vocabulary), &tokenizer, &error) != EXPLAINT_OK ||
        explaint_texts_open(files_text(texts_name, content), &texts, &error) != EXPLAINT_OK ||
        explaint_attend_prepare(model, tokenizer, texts, &o, &plan, &error) != EXPLAINT_OK ||
        explaint_ledger_open(files_path("runs.db"), true, &ledger, &error) != EXPLAINT_OK ||
        explaint_ledger_begin(ledger, explaint_attend_plan_identity(plan), false, &units, &error) != EXPLAINT_OK ||
        explaint_attend_plan_run(plan, &units, &result, &error) != EXPLAINT_OK ||
        explaint_ledger_finish(ledger, &result->record, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    explaint_attend_free(result);
    explaint_ledger_close(ledger);
    explaint_attend_plan_close(plan);
    explaint_texts_close(texts);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
}

static int setup(void **state) {
    if (files_setup(state) != 0) return 1;
    attend("bert-gelu", "texts.txt", few, true, .9);      /* 1 */
    attend("mpnet-relative", "texts.txt", few, true, .9); /* 2 */
    attend("bert-gelu", "other.txt", others, false, .8);  /* 3 */
    return 0;
}

static const explaint_attend_result *run_of(long number, explaint_record **record) {
    explaint_ledger *ledger = NULL;
    explaint_error error = {0};
    if (explaint_ledger_open(files_path("runs.db"), false, &ledger, &error) != EXPLAINT_OK ||
        explaint_ledger_record(ledger, number, record, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    explaint_ledger_close(ledger);
    return (const explaint_attend_result *)*record;
}

static explaint_comparison *compare(const char *a, const char *b) {
    explaint_compare_options o = explaint_compare_defaults();
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    o.ledger = files_path("runs.db");
    if (explaint_compare(a, b, &o, &c, &error) != EXPLAINT_OK) fail_msg("%s and %s: %s", a, b, error.message);
    return c;
}

static bool equal(const char *a, const char *b) { return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0); }

/* The row that a measure of the comparison is about. */
static const explaint_attend_row *row_of(const explaint_attend_result *r, const explaint_compared_measure *m, int arm,
                                         int text) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        if (row->text == text && row->layer == m->layer[arm] && row->head == m->head &&
            equal(row->measure, m->measure) && equal(row->g, m->g) && equal(row->candidates, m->candidates) &&
            equal(row->reference, m->reference) && equal(row->distance, m->distance) && equal(row->hit, m->hit) &&
            equal(row->rows, m->rows) && row->standardised == m->standardised && equal(row->model, m->model) &&
            equal(row->pairs, m->pairs) && equal(row->damage, m->damage) && row->undone == m->undone &&
            equal(row->scope, m->scope))
            return row;
    }
    return NULL;
}

enum { TEXTS = 5 };

/* The share of all sign vectors that reach the observed sum. */
static double exact_p(const double d[TEXTS]) {
    double sum = 0;
    int reached = 0;
    for (int t = 0; t < TEXTS; t++) sum += d[t];
    for (int signs = 0; signs < 1 << TEXTS; signs++) {
        double flipped = 0;
        for (int t = 0; t < TEXTS; t++) flipped += signs >> t & 1 ? d[t] : -d[t];
        reached += fabs(flipped) >= fabs(sum) - 1e-12;
    }
    return (double)reached / (1 << TEXTS);
}

static void numbers_are_those_of_the_documents(void **state) {
    (void)state;
    explaint_record *records[2];
    const explaint_attend_result *const r[2] = {run_of(1, &records[0]), run_of(2, &records[1])};
    explaint_comparison *c = compare("1", "2");
    size_t paired = 0, judged = 0, heads = 0;
    assert_true(c->n_measures > 500);
    assert_int_equal(c->n_rows, 0);
    for (size_t i = 0; i < c->n_measures; i++) {
        const explaint_compared_measure *m = &c->measures[i];
        assert_true(fabs(m->paired.difference - (m->value[1] - m->value[0])) < 1e-12 || m->paired.paired);
        if (strncmp(m->measure, "judged_", 7) == 0) {
            judged++;
            continue;
        }
        heads += m->head >= 0;
        double value[2][TEXTS], weight[2][TEXTS], total[2] = {0, 0}, d[TEXTS];
        bool whole = true, any[TEXTS], some = false;
        for (int t = 0; t < TEXTS; t++) any[t] = true;
        for (int s = 0; s < 2; s++) {
            assert_true(row_of(r[s], m, s, -1)->value == m->value[s]);
            for (int t = 0; t < TEXTS; t++) {
                const explaint_attend_row *row = row_of(r[s], m, s, t);
                whole = whole && row != NULL;
                any[t] = any[t] && row != NULL && !isnan(row->value);
                if (row == NULL) continue;
                const bool shares =
                    strcmp(m->measure, "identity_recovered") == 0 || strcmp(m->measure, "chance") == 0 ||
                    strcmp(m->measure, "own_rank_mean") == 0 || strcmp(m->measure, "next_recovered") == 0 ||
                    strcmp(m->measure, "previous_layer_recovered") == 0 || strncmp(m->measure, "attention_", 10) == 0;
                value[s][t] = row->value;
                total[s] += weight[s][t] = shares ? (double)row->n : 1;
            }
        }
        for (int t = 0; t < TEXTS; t++) some = some || any[t];
        assert_int_equal(m->paired.paired, some);
        if (!whole) continue;
        paired++;
        double sum = 0;
        for (int t = 0; t < TEXTS; t++) {
            d[t] = TEXTS * (weight[1][t] * value[1][t] / total[1] - weight[0][t] * value[0][t] / total[0]);
            sum += d[t] / TEXTS;
        }
        assert_int_equal(m->paired.n, TEXTS);
        assert_true(fabs(sum - m->paired.difference) < 1e-12);
        /* All texts are in both: as stored, but for a median, and what all texts together have of pairs of rows in different texts. */
        if (strcmp(m->measure, "own_rank_median") != 0 && strcmp(m->measure, "anisotropy") != 0)
            for (int s = 0; s < 2; s++) assert_true(fabs(m->paired.value[s] - m->value[s]) < 1e-12);
        /* Ten entries are all of a short text: what differs there is rounding. */
        if (strcmp(m->measure, "attention_top10") != 0) assert_true(fabs(m->paired.p - exact_p(d)) < 1e-12);
        assert_true(m->paired.ci[0] <= m->paired.difference + 1e-12 && m->paired.difference <= m->paired.ci[1] + 1e-12);
        assert_true(isnan(m->p_adjusted) || m->p_adjusted >= m->paired.p);
    }
    assert_true(paired > 20 && judged > 4 && heads > 100);
    explaint_comparison_free(c);
    for (int s = 0; s < 2; s++) explaint_record_free(records[s]);
}

static const explaint_attend_verdict *verdict_on(const explaint_attend_result *r, const char *claim, int layer) {
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (equal(r->verdicts[i].claim, claim) && (size_t)layer >= r->verdicts[i].layers[0] &&
            (size_t)layer <= r->verdicts[i].layers[1])
            return &r->verdicts[i];
    return NULL;
}

static void verdicts_stand_layer_by_layer(void **state) {
    (void)state;
    explaint_record *records[2];
    const explaint_attend_result *const r[2] = {run_of(1, &records[0]), run_of(2, &records[1])};
    explaint_comparison *c = compare("1", "2");
    assert_int_equal(c->n_verdicts, 2 * r[0]->n_layers + 1); /* and that on head 1.2 */
    size_t heads = 0;
    for (size_t i = 0; i < c->n_verdicts; i++) {
        const explaint_compared_verdict *v = &c->verdicts[i];
        assert_true(v->layer[0] > 0 && v->layer[0] == v->layer[1]);
        for (int s = 0; s < 2; s++) {
            const explaint_attend_verdict *of = verdict_on(r[s], v->claim, v->layer[s]);
            assert_string_equal(of->verdict, v->verdict[s]);
            for (size_t k = 0; k < v->n_assumptions; k++)
                assert_string_equal(of->assumptions[k].outcome, v->assumptions[k].outcome[s]);
        }
        assert_int_equal(v->changed, strcmp(v->verdict[0], v->verdict[1]) != 0);
        assert_int_equal(v->n_assumptions, strcmp(v->claim, "tokens") == 0 ? 4 : v->head > 0 ? 6 : 1);
        assert_int_equal(v->head, strcmp(v->claim, "head") == 0 ? 2 : 0);
        heads += v->head > 0;
    }
    assert_int_equal(heads, 1);
    for (size_t i = heads = 0; i < c->n_measures; i++) {
        const explaint_compared_measure *m = &c->measures[i];
        if (m->head != 2 || strcmp(m->measure, "judged_content") != 0) continue;
        assert_true(m->layer[0] == 1 && m->value[0] == r[0]->heads[0].content && m->value[1] == r[1]->heads[0].content);
        heads++;
    }
    assert_int_equal(heads, 1);
    explaint_comparison_free(c);
    for (int s = 0; s < 2; s++) explaint_record_free(records[s]);
}

static void the_list_of_runs_names_the_head(void **state) {
    (void)state;
    explaint_ledger *ledger = NULL;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(explaint_ledger_open(files_path("runs.db"), false, &ledger, NULL), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_list(ledger, false, out, NULL), EXPLAINT_OK);
    fclose(out);
    explaint_ledger_close(ledger);
    if (strstr(text, "; head 1.2 ") == NULL || strstr(text, "tokens ") == NULL || strstr(text, " in 1") == NULL)
        fail_msg("%s", text);
    free(text);
}

static bool noted(const explaint_comparison *c, const char *part) {
    for (size_t i = 0; i < c->n_notes; i++)
        if (strstr(c->notes[i], part) != NULL) return true;
    return false;
}

static void a_run_beside_itself_and_others(void **state) {
    (void)state;
    explaint_comparison *c = compare("1", "1");
    assert_int_equal(c->n_changes, 0);
    for (size_t i = 0; i < c->n_measures; i++) {
        assert_true(c->measures[i].paired.difference == 0 || isnan(c->measures[i].paired.difference));
        assert_true(isnan(c->measures[i].p_adjusted));
    }
    for (size_t i = 0; i < c->n_verdicts; i++) assert_int_equal(c->verdicts[i].changed, 0);
    assert_true(noted(c, "Paired over 5 texts"));
    explaint_comparison_free(c);

    c = compare("1", "3"); /* other texts, another share, no heads */
    assert_int_equal(c->n_changes, 3);
    assert_string_equal(c->changes[0].key, "texts");
    assert_string_equal(c->changes[0].value[1], "\"other.txt\"");
    assert_string_equal(c->changes[1].key, "head");
    assert_string_equal(c->changes[2].key, "share");
    assert_true(noted(c, "The texts differ"));
    for (size_t i = 0; i < c->n_measures; i++) {
        assert_false(c->measures[i].paired.paired);
        assert_int_equal(c->measures[i].head, -1);
    }
    explaint_comparison_free(c);

    c = compare("1@1", "1@2");
    for (size_t i = 0; i < c->n_measures; i++) {
        assert_int_equal(c->measures[i].layer[0], 1);
        assert_int_equal(c->measures[i].layer[1], 2);
    }
    assert_string_equal(c->changes[0].key, "layer");
    assert_int_equal(c->n_verdicts, 2);
    explaint_comparison_free(c);
}

static void refused(const char *a, const char *b, explaint_status code, const char *part) {
    explaint_compare_options o = explaint_compare_defaults();
    explaint_comparison *c = NULL;
    explaint_error error = {0};
    o.ledger = files_path("runs.db");
    assert_int_equal(explaint_compare(a, b, &o, &c, &error), code);
    assert_null(c);
    if (strstr(error.message, part) == NULL) fail_msg("no '%s' in '%s'", part, error.message);
}

static void what_cannot_be_compared_is_refused(void **state) {
    (void)state;
    refused("1", "1@9", EXPLAINT_USAGE, "has no layer 9: its layers are 0 to 2");
    refused("1", "2@1", EXPLAINT_USAGE, "name the layer to compare");
    const char *infer = files_text("infer.json", "{\"explaint\": \"0.1.0\", \"command\": [\"infer\"], \"inputs\": [], "
                                                 "\"settings\": {}, \"rows\": [], \"verdicts\": []}");
    refused("1", infer, EXPLAINT_INVALID, "only two of one command can be compared");
    const char *twice = files_text(
        "twice.json", "{\"explaint\": \"0.1.0\", \"command\": [\"attend\"], \"inputs\": [], \"settings\": {}, "
                      "\"rows\": [{\"layer\": 1, \"measure\": \"chance\", \"value\": 1}, "
                      "{\"layer\": 1, \"measure\": \"chance\", \"value\": 2}], \"verdicts\": []}");
    refused(twice, twice, EXPLAINT_INVALID, "two rows of measure \"chance\" in layer 1");
    const char *none = files_text("none.json", "{\"explaint\": \"0.1.0\", \"command\": [\"attend\"], \"inputs\": [], "
                                               "\"settings\": {}, \"rows\": [], \"verdicts\": []}");
    explaint_comparison_free(compare(none, none));
    const char *damaged =
        files_text("damaged.json", "{\"explaint\": \"0.1.0\", \"command\": [\"attend\"], \"rows\": []}");
    refused(damaged, "1", EXPLAINT_INVALID, "is no document of 'explaint attend'");
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    bool done = false;
    for (size_t n = 1; !done; n += 1 + n / 16) {
        explaint_compare_options o = explaint_compare_defaults();
        explaint_comparison *c = NULL;
        explaint_error error = {0};
        o.ledger = files_path("runs.db");
        o.flips = 99;
        o.bootstrap = 100;
        xp_fail_allocation(n);
        const explaint_status status = explaint_compare("1@1", "2@2", &o, &c, &error);
        xp_fail_allocation(0);
        done = status == EXPLAINT_OK;
        if (!done) assert_int_equal(status, EXPLAINT_FAILED);
        explaint_comparison_free(c);
        assert_true(n < 10000000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_those_of_the_documents), cmocka_unit_test(verdicts_stand_layer_by_layer),
        cmocka_unit_test(the_list_of_runs_names_the_head),    cmocka_unit_test(a_run_beside_itself_and_others),
        cmocka_unit_test(what_cannot_be_compared_is_refused), cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
