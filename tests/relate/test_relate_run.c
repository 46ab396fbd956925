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

static void memory_may_be_missing_anywhere(void **state) {
    (void)state;
    const explaint_relate_options o = few();
    for (size_t n = 1;; n += 1 + n / 12) {
        explaint_relate_result *result = NULL;
        explaint_error error = {0};
        xp_fail_allocation(n);
        const explaint_status status = explaint_relate(model, tokenizer, pairs, &o, &result, &error);
        xp_fail_allocation(0);
        explaint_relate_free(result);
        if (status == EXPLAINT_OK) {
            print_message("more than %zu allocations\n", n);
            assert_true(n > 500);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(it_may_be_stopped_at_any_report),
        cmocka_unit_test(memory_may_be_missing_anywhere),
        cmocka_unit_test(what_does_not_exist_is_named),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
