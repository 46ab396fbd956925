/* Whole runs on a small model of random weights: any threads, a stop at any report, memory that is missing at any place. */
#include "explaint/explaint.h"

#include "base/memory.h"
#include "support/files.h"

#define MODEL EXPLAINT_SOURCE_DIR "/tests/golden/models/bert-gelu"

static explaint_model *model;
static explaint_tokenizer *tokenizer;
static explaint_pairs *pairs;

static int setup(void **state) {
    char vocabulary[2048] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nand\n.\nword\nkind\n",
         table[2048] = "left,right\n";
    explaint_error error = {0};
    if (files_setup(state) != 0) return 1;
    for (char c = 'a'; c <= 'j'; c++) sprintf(vocabulary + strlen(vocabulary), "##%c\n", c);
    for (int i = 20; i < 50; i++) sprintf(vocabulary + strlen(vocabulary), "x%d\n", i);
    for (int i = 0; i < 36; i++)
        sprintf(table + strlen(table), "word%c%c,kind%c%c\n", 'a' + i / 10, 'a' + i % 10, 'a' + i % 12 / 10,
                'a' + i % 12 % 10);
    const bool ok = explaint_model_open(MODEL, NULL, &model, &error) == EXPLAINT_OK &&
                    explaint_tokenizer_open(files_text("vocab.txt", vocabulary), &tokenizer, &error) == EXPLAINT_OK &&
                    explaint_pairs_open(files_text("pairs.csv", table), 1, &pairs, &error) == EXPLAINT_OK;
    if (!ok) print_error("%s\n", error.message);
    return !ok;
}

static int teardown(void **state) {
    explaint_pairs_close(pairs);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    return files_teardown(state);
}

static explaint_relate_options few(void) {
    explaint_relate_options o = explaint_relate_defaults();
    o.permutations = 99;
    o.refits = 2;
    o.heads = "1.1,2.3";
    o.threads = 1;
    return o;
}

/* ---- units in memory ---- */

typedef struct kept {
    char key[48];
    void *bytes;
    size_t size;
} kept;
static kept shelf[64];
static size_t n_kept, n_found;

static explaint_status find(void *self, const char *key, void **bytes, size_t *size, explaint_error *error) {
    (void)self, (void)error;
    *bytes = NULL;
    for (size_t i = 0; i < n_kept; i++) {
        if (strcmp(shelf[i].key, key) != 0) continue;
        *bytes = malloc(shelf[i].size);
        memcpy(*bytes, shelf[i].bytes, *size = shelf[i].size);
        n_found++;
        return EXPLAINT_OK;
    }
    return EXPLAINT_OK;
}

static explaint_status keep_unit(void *self, const char *key, const void *bytes, size_t size, explaint_error *error) {
    (void)self, (void)error;
    kept *to = &shelf[n_kept];
    for (size_t i = 0; i < n_kept; i++)
        if (strcmp(shelf[i].key, key) == 0) return EXPLAINT_OK;
    assert_true(n_kept++ < sizeof shelf / sizeof *shelf);
    snprintf(to->key, sizeof to->key, "%s", key);
    to->bytes = malloc(size);
    memcpy(to->bytes, bytes, to->size = size);
    return EXPLAINT_OK;
}

static void forget(void) {
    for (size_t i = 0; i < n_kept; i++) free(shelf[i].bytes);
    n_kept = n_found = 0;
}

static explaint_status relate_kept(const explaint_relate_options *o, explaint_relate_result **result,
                                   explaint_error *error) {
    const explaint_units units = {NULL, find, keep_unit};
    explaint_relate_plan *plan = NULL;
    *result = NULL;
    explaint_status status = explaint_relate_prepare(model, tokenizer, pairs, o, &plan, error);
    if (status == EXPLAINT_OK) {
        assert_int_equal(explaint_relate_plan_n_units(plan), 2 * 3); /* 144 texts by 64, and untrained */
        status = explaint_relate_plan_run(plan, &units, result, error);
    }
    explaint_relate_plan_close(plan);
    return status;
}

/* ---- the tests ---- */

static char *document(const explaint_relate_result *result) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(explaint_record_write_json(&result->record, out, NULL), EXPLAINT_OK);
    fclose(out);
    return text;
}

static void threads_change_nothing(void **state) {
    (void)state;
    char *text[2];
    for (unsigned k = 0; k < 2; k++) {
        explaint_relate_options o = few();
        explaint_relate_result *result = NULL;
        explaint_error error = {0};
        o.threads = 1 + 3 * k;
        if (explaint_relate(model, tokenizer, pairs, &o, &result, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(result->n_pairs, 36);
        assert_int_equal(result->n_groups, 12);
        assert_int_equal(result->n_heads, 2);
        assert_int_equal(result->n_texts, 36 * 2 * 2);
        text[k] = document(result);
        explaint_relate_free(result);
    }
    assert_string_equal(text[0], text[1]);
    free(text[0]);
    free(text[1]);
}

typedef struct stop {
    size_t left, reports;
} stop;

static bool report(void *self, const char *what, double done, double all) {
    stop *s = self;
    assert_non_null(what);
    assert_true(done >= 0 && done <= 1.001 * all);
    s->reports++;
    return s->left == 0 || --s->left > 0;
}

static void it_may_be_stopped_at_any_report(void **state) {
    (void)state;
    for (size_t at = 1;; at += 1 + at / 2) {
        stop s = {.left = at};
        const explaint_progress progress = {.self = &s, .report = report};
        explaint_relate_options o = few();
        explaint_relate_result *result = NULL;
        o.progress = &progress;
        const explaint_status status = explaint_relate(model, tokenizer, pairs, &o, &result, NULL);
        explaint_relate_free(result);
        if (status == EXPLAINT_OK) {
            assert_true(at > 4);
            return;
        }
        assert_int_equal(status, EXPLAINT_INTERRUPTED);
        assert_null(result);
    }
}

static void a_run_that_was_stopped_goes_on(void **state) {
    (void)state;
    explaint_relate_options o = few();
    explaint_relate_result *result = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_relate(model, tokenizer, pairs, &o, &result, &error), EXPLAINT_OK);
    char *whole = document(result);
    explaint_relate_free(result);
    for (size_t at = 1, last = 0; at < 9; at++) {
        stop s = {.left = at};
        const explaint_progress progress = {.self = &s, .report = report};
        forget();
        o.progress = &progress;
        if (relate_kept(&o, &result, &error) == EXPLAINT_OK) fail_msg("it was not stopped at report %zu", at);
        assert_true(n_kept >= last && n_kept <= 6);
        last = n_kept;
        if (at == 4) ((char *)shelf[1].bytes)[shelf[1].size - 1] = 0x7f; /* a share of 1e38: made again */
        if (at == 5) shelf[0].size -= 4;
        if (at == 6) { /* each of the other's texts */
            memcpy(shelf[0].key, "between/1", 10);
            memcpy(shelf[1].key, "between/0", 10);
        }
        o.progress = NULL;
        if (relate_kept(&o, &result, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        assert_int_equal(n_found, last);
        char *again = document(result);
        assert_string_equal(whole, again);
        explaint_relate_free(result);
        free(again);
        if (at == 8) assert_int_equal(last, 6);
    }
    forget();
    free(whole);
}

static void memory_may_be_missing_anywhere(void **state) {
    (void)state;
    const explaint_relate_options o = few();
    for (size_t n = 1;; n += 1 + n / 12) {
        explaint_relate_result *result = NULL;
        explaint_error error = {0};
        forget();
        xp_fail_allocation(n);
        const explaint_status status = relate_kept(&o, &result, &error);
        xp_fail_allocation(0);
        explaint_relate_free(result);
        if (status == EXPLAINT_OK) {
            print_message("more than %zu allocations\n", n);
            assert_true(n > 500);
            forget();
            return;
        }
        if (status != EXPLAINT_FAILED || strstr(error.message, "memory") == NULL) fail_msg("%zu: %s", n, error.message);
        assert_null(result);
    }
}

static void what_does_not_exist_is_named(void **state) {
    (void)state;
    static const char *const heads[] = {"3.1", "1.99", "1", "1.0", "0.1", "", "1.1,", "1.1;2.2", "a"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        explaint_relate_options o = few();
        explaint_relate_result *result = NULL;
        explaint_error error = {0};
        o.heads = heads[i];
        assert_int_equal(explaint_relate(model, tokenizer, pairs, &o, &result, &error), EXPLAINT_USAGE);
        assert_non_null(strstr(error.message, "expected heads"));
    }
}

/* ---- what attend takes over ---- */

static explaint_attend_result *attend_to(const explaint_relation *relation, const char *head, const char *measures,
                                         explaint_status expected, const char *says) {
    explaint_texts *texts = NULL;
    explaint_attend_options o = explaint_attend_defaults();
    explaint_attend_result *result = NULL;
    explaint_error error = {0};
    o.g = "identity";
    o.damage = "permute-content";
    o.layers = "1";
    o.measures = measures;
    o.head = head;
    o.relation = relation;
    assert_int_equal(explaint_texts_open(files_text("texts", "the word and the kind .\n"), &texts, &error),
                     EXPLAINT_OK);
    const explaint_status status = explaint_attend(model, tokenizer, texts, &o, &result, &error);
    explaint_texts_close(texts);
    if (status != expected || strstr(error.message, says) == NULL) fail_msg("%d: %s", (int)status, error.message);
    return result;
}

static explaint_relate_result *relate_heads(const char *heads) {
    explaint_relate_options o = few();
    explaint_relate_result *result = NULL;
    explaint_error error = {0};
    o.heads = heads;
    if (explaint_relate(model, tokenizer, pairs, &o, &result, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return result;
}

/* The document with another outcome of its one head. */
static const char *document_with(const char *text, const char *outcome) {
    const char *heads = strstr(text, "\"heads\": [\n"), *at = strstr(heads, "\"outcome\": \""),
               *end = strchr(at + 12, '"');
    char *other = malloc(strlen(text) + strlen(outcome) + 1);
    sprintf(other, "%.*s%s%s", (int)(at + 12 - text), text, outcome, end);
    const char *path = files_text("relation.json", other);
    free(other);
    return path;
}

static const explaint_attend_assumption *a4_of(const explaint_attend_result *r, const explaint_attend_verdict **v) {
    *v = &r->verdicts[r->n_verdicts - 1];
    assert_string_equal((*v)->claim, "head");
    for (size_t k = 0; k < (*v)->n_assumptions; k++)
        if (strcmp((*v)->assumptions[k].id, "A4") == 0) return &(*v)->assumptions[k];
    fail_msg("no A4");
    return NULL;
}

static void a_head_takes_over_what_was_found_of_it(void **state) {
    (void)state;
    static const char *const outcomes[] = {"holds", "fails", "undecided"};
    explaint_relate_result *found = relate_heads("1.1");
    char *text = document(found);
    explaint_relate_free(found);
    for (size_t i = 0; i < 3; i++) {
        explaint_relation *relation = NULL;
        const explaint_attend_verdict *v;
        const char *path = document_with(text, outcomes[i]);
        assert_int_equal(explaint_relation_open(path, &relation, NULL), EXPLAINT_OK);
        explaint_attend_result *r = attend_to(relation, "1.1", "continuity,damage", EXPLAINT_OK, "");
        const explaint_attend_assumption *a4 = a4_of(r, &v);
        assert_string_equal(a4->outcome, outcomes[i]);
        assert_string_equal(r->heads[0].a4, outcomes[i]);
        assert_non_null(strstr(a4->why, "36 pairs with 12 right words"));
        assert_non_null(strstr(a4->why, path));
        const explaint_input *input = NULL;
        for (size_t k = 0; k < r->n_inputs; k++)
            if (strcmp(r->inputs[k].role, "relation") == 0) input = &r->inputs[k];
        assert_non_null(input);
        assert_string_equal(input->sha256, relation->sha256);
        if (i == 1) assert_string_equal(v->verdict, "not supported"); /* whatever is open */
        explaint_relation_close(relation);
        assert_string_equal(a4->outcome, outcomes[i]); /* of the result, not of the relation */
        explaint_attend_free(r);
    }
    free(text);
}

static void a_relation_of_something_else_is_refused(void **state) {
    (void)state;
    explaint_relate_result *found = relate_heads("1.1");
    char *text = document(found);
    explaint_relation own = {.result = found, .place = "this run"}, *relation = NULL;
    explaint_error error = {0};
    explaint_attend_free(attend_to(&own, "1.1", "continuity,damage", EXPLAINT_OK, ""));
    attend_to(&own, NULL, "continuity,damage", EXPLAINT_USAGE, "a relation is asked about a head");
    attend_to(&own, "1.2", "continuity,damage", EXPLAINT_INVALID, "what came out for head 1.2");
    explaint_attend_result *r = attend_to(&own, "1.1", "damage", EXPLAINT_OK, ""); /* and said */
    size_t said = 0;
    for (size_t i = 0; i < r->n_lints; i++)
        said += strcmp(r->lints[i].id, "relation") == 0 && strstr(r->lints[i].text, "this run was not asked") != NULL;
    assert_int_equal(said, 1);
    explaint_attend_free(r);
    explaint_input input = found->inputs[1];
    assert_string_equal(input.role, "model");
    ((explaint_input *)(uintptr_t)found->inputs)[1].sha256 = "another";
    attend_to(&own, "1.1", "continuity,damage", EXPLAINT_INVALID, "found one about other weights");
    explaint_relate_free(found);
    assert_int_equal(explaint_relation_open(document_with(text, "perhaps"), &relation, &error), EXPLAINT_OK);
    attend_to(relation, "1.1", "continuity,damage", EXPLAINT_INVALID, "what came out for head 1.1");
    explaint_relation_close(relation);
    free(text);
}

static long keep(const char *path, const char *heads) {
    explaint_relate_options o = few();
    explaint_relate_plan *plan = NULL;
    explaint_relate_result *result = NULL;
    explaint_ledger *ledger = NULL;
    explaint_units units = {0};
    o.heads = heads;
    assert_int_equal(explaint_relate_prepare(model, tokenizer, pairs, &o, &plan, NULL), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_open(path, true, &ledger, NULL), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_begin(ledger, explaint_relate_plan_identity(plan), false, &units, NULL),
                     EXPLAINT_OK);
    assert_int_equal(explaint_relate_plan_run(plan, &units, &result, NULL), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_finish(ledger, &result->record, NULL), EXPLAINT_OK);
    assert_int_equal(explaint_ledger_n_units(ledger), explaint_relate_plan_n_units(plan));
    const long run = explaint_ledger_run(ledger);
    explaint_relate_plan_close(plan);
    explaint_relate_free(result);
    explaint_ledger_close(ledger);
    return run;
}

static void a_ledger_knows_of_a_head(void **state) {
    (void)state;
    const char *path = files_path("relations.db");
    explaint_relation *relation = NULL;
    explaint_model *other = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_relation_find(path, model, 1, 1, &relation, &error), EXPLAINT_OK); /* there is no file */
    assert_null(relation);
    assert_int_equal(keep(path, "1.1,2.3"), 1);
    assert_int_equal(keep(path, "1.1"), 2);
    static const struct {
        size_t layer, head;
        long run;
    } asked[] = {{1, 1, 2}, {2, 3, 1}, {2, 2, 0}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(explaint_relation_find(path, model, asked[i].layer, asked[i].head, &relation, &error),
                         EXPLAINT_OK);
        assert_int_equal(relation != NULL ? relation->run : 0, asked[i].run);
        if (asked[i].run == 1) assert_string_equal(strstr(relation->place, "run 1 of "), relation->place);
        explaint_relation_close(relation);
    }
    assert_int_equal(explaint_model_open(EXPLAINT_SOURCE_DIR "/tests/golden/models/bert-f16", NULL, &other, &error),
                     EXPLAINT_OK);
    assert_int_equal(explaint_relation_find(path, other, 1, 1, &relation, &error), EXPLAINT_OK);
    assert_null(relation);
    for (size_t n = 1; relation == NULL; n++) {
        xp_fail_allocation(n);
        const explaint_status status = explaint_relation_find(path, model, 2, 3, &relation, &error);
        xp_fail_allocation(0);
        assert_true(relation == NULL ? status == EXPLAINT_FAILED && strstr(error.message, "memory") != NULL
                                     : status == EXPLAINT_OK && n > 10);
    }
    explaint_relation_close(relation);
    explaint_model_close(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(it_may_be_stopped_at_any_report),
        cmocka_unit_test(a_run_that_was_stopped_goes_on),
        cmocka_unit_test(memory_may_be_missing_anywhere),
        cmocka_unit_test(what_does_not_exist_is_named),
        cmocka_unit_test(a_head_takes_over_what_was_found_of_it),
        cmocka_unit_test(a_relation_of_something_else_is_refused),
        cmocka_unit_test(a_ledger_knows_of_a_head),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
