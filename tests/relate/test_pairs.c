/* Pairs from tables, and right words that change places. */
#include "relate/pairs.h"

#include "base/memory.h"
#include "support/files.h"

static explaint_pairs *open_text(const char *text, uint64_t seed) {
    explaint_pairs *pairs = NULL;
    explaint_error error = {0};
    if (explaint_pairs_open(files_text("pairs.csv", text), seed, &pairs, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return pairs;
}

static void refuse(const char *text, const char *says) {
    explaint_pairs *pairs = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_pairs_open(files_text("pairs.csv", text), 1, &pairs, &error), EXPLAINT_INVALID);
    if (strstr(error.message, says) == NULL) fail_msg("'%s' does not say '%s'", error.message, says);
    assert_null(pairs);
}

static void columns_are_found_by_name(void **state) {
    (void)state;
    explaint_pairs *p =
        open_text("\xef\xbb\xbfothers;Right;Left\ntool; bird ;robin\n;bird;eagle\ntool;bird;robin\n", 1);
    assert_int_equal(explaint_pairs_n(p), 1);
    assert_int_equal(explaint_pairs_n_sets(p), 1);
    assert_string_equal(explaint_pairs_set(p, 0), "others");
    assert_string_equal(explaint_pairs_left(p, 0), "robin");
    assert_string_equal(explaint_pairs_right(p, 0), "bird");
    assert_string_equal(explaint_pairs_other(p, 0, 0), "tool");
    assert_int_equal(p->notes.count, 2); /* a pair twice, and one that lacks a counterfactual */
    explaint_pairs_close(p);
}

/* 30 words of 6 kinds, one of them of two: each kind is counterfactual as often as it is true, and never of a word that it is true of. */
static void right_words_change_places(void **state) {
    (void)state;
    char text[2048] = "left,right\n";
    for (int i = 0; i < 30; i++) sprintf(text + strlen(text), "w%d,k%d\n", i, i % 6);
    strcat(text, "w0,k3\n");
    explaint_pairs *a = open_text(text, 1), *again = open_text(text, 1), *other = open_text(text, 2);
    int n_true[6] = {0}, n_counter[6] = {0}, differs = 0;
    assert_int_equal(a->n, 31);
    for (size_t i = 0; i < a->n; i++) {
        const int left = atoi(a->left.item[i] + 1), right = atoi(a->right.item[i] + 1),
                  swapped = atoi(a->other[0].item[i] + 1);
        n_true[right]++;
        n_counter[swapped]++;
        assert_true(left == 0 ? swapped != 0 && swapped != 3 : swapped != left % 6);
        assert_string_equal(a->other[0].item[i], again->other[0].item[i]);
        differs += strcmp(a->other[0].item[i], other->other[0].item[i]) != 0;
    }
    for (int k = 0; k < 6; k++) assert_in_range(n_counter[k], n_true[k] - 1, n_true[k] + 1);
    assert_true(differs > 5);
    explaint_pairs_close(a);
    explaint_pairs_close(again);
    explaint_pairs_close(other);
}

static void what_is_no_list_of_pairs_is_refused(void **state) {
    (void)state;
    refuse("word,kind\nrobin,bird\n", "expected columns named left and right, found \"word\" and others");
    refuse("left,right,label\nrobin,bird,1\n", "every row is a true pair");
    refuse("left,right\nrobin,\n", "expected a word in column \"right\"");
    refuse("left,right\nrobin,robin\n", "beside itself");
    refuse("left,right,x\nrobin,bird,bird\n", "a word that takes the place of \"bird\", found \"bird\"");
    refuse("left,right,a,b,c,d,e\nrobin,bird,1,2,3,4,5\n", "at most 4 columns");
    refuse("left,right\n", "expected pairs, found none");
    refuse("left,right\nrobin,bird\neagle,bird\n", "can change places");
}

static void memory_may_be_missing(void **state) {
    (void)state;
    const char *path = files_text("pairs.csv", "left,right\nrobin,bird\nhammer,tool\nrose,flower\n");
    for (size_t n = 1;; n++) {
        explaint_pairs *pairs = NULL;
        explaint_error error = {0};
        xp_fail_allocation(n);
        const explaint_status status = explaint_pairs_open(path, 1, &pairs, &error);
        xp_fail_allocation(0);
        if (status == EXPLAINT_OK) {
            assert_true(n > 20);
            explaint_pairs_close(pairs);
            return;
        }
        assert_int_equal(status, EXPLAINT_FAILED);
        assert_null(pairs);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(right_words_change_places),
        cmocka_unit_test(what_is_no_list_of_pairs_is_refused),
        cmocka_unit_test(memory_may_be_missing),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
