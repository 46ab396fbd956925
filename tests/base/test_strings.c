/* Lists, growing texts, the shortest decimal of a double, and the map from strings to indices. */
#include "base/strings.h"
#include "base/view.h"
#include "support/matrix.h"

static void lists_copy(void **state) {
    (void)state;
    xp_strings list = {0};
    char text[] = "abcdef";
    for (size_t i = 0; i < 101; i++) {
        text[0] = (char)('a' + i % 26);
        assert_true(xp_strings_add(&list, text, i % 7));
    }
    assert_true(xp_strings_addf(&list, "%zu of %s", (size_t)7, "x"));
    assert_int_equal(list.count, 102);
    assert_string_equal(list.item[9], "jb");
    assert_string_equal(list.item[7], "");
    assert_string_equal(list.item[101], "7 of x");
    char path[5001] = ""; /* a sentence is never cut, perhaps inside a character */
    while (strlen(path) < 5000) strcat(path, "\xc3\xa9");
    assert_true(xp_strings_addf(&list, "%s: is read", path));
    assert_int_equal(strlen(list.item[list.count - 1]), 5000 + strlen(": is read"));
    xp_fail_allocation(1);
    assert_false(xp_strings_add(&list, "y", 1));
    assert_int_equal(list.count, 103); /* nothing half added */
    xp_fail_allocation(0);
    xp_strings_free(&list);
    assert_int_equal(list.count, 0);
}

static void text_grows(void **state) {
    (void)state;
    xp_text text = {0};
    char long_one[1500];
    memset(long_one, 'z', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = 0;
    xp_text_addf(&text, "%d:%s", 5, long_one); /* longer than what formatting has on the stack */
    xp_text_adds(&text, "end");
    assert_false(text.failed);
    assert_int_equal(text.length, 2 + 1499 + 3);
    assert_int_equal(strlen(text.data), text.length);
    assert_string_equal(text.data + 1501, "end");
    xp_text_free(&text);
    for (size_t n = 1; n <= 2; n++) { /* a failure sticks, what was there stays terminated */
        xp_text_adds(&text, "a");
        xp_fail_allocation(n);
        xp_text_addf(&text, "%s", long_one);
        xp_fail_allocation(0);
        assert_true(text.failed);
        xp_text_adds(&text, "more");
        assert_string_equal(text.data, "a");
        xp_text_free(&text);
        assert_false(text.failed);
    }
}

/* The definition: the fewest digits that read back. */
static int fewest_digits(double value) {
    char text[32];
    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) return digits;
    }
    return 17;
}

static void reads_back_and_is_shortest(double value) {
    char shortest[32], expected[32];
    memset(shortest, '#', sizeof shortest);
    size_t length = xp_shortest_double(value, shortest);
    assert_int_equal(strlen(shortest), length);
    double back = strtod(shortest, NULL);
    if (!(back == value)) fail_msg("%s is not %a", shortest, value);
    snprintf(expected, sizeof expected, "%.*g", fewest_digits(value), value);
    if (value != 0 && length > strlen(expected)) fail_msg("%s is longer than %s", shortest, expected);
}

static void shortest_double(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *text;
    } known[] = {{.1, "0.1"},
                 {5, "5"},
                 {1e-30, "1e-30"},
                 {0, "0"},
                 {-0., "0"},
                 {1. / 3, "0.3333333333333333"},
                 {-2.5, "-2.5"},
                 {5e-324, "5e-324"},
                 {1e22, "1e+22"},
                 {.1 + .2, "0.30000000000000004"},
                 {1e15, "1e+15"},
                 {123456789, "123456789"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {2.2250738585072014e-308, "2.2250738585072014e-308"}};
    char text[32];
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        xp_shortest_double(known[i].value, text);
        assert_string_equal(text, known[i].text);
    }
    xp_rng rng = test_rng(1);
    for (int i = 0; i < 20001; i++) {
        uint64_t bits = xp_rng_bits(&rng);
        double value;
        memcpy(&value, &bits, sizeof value); /* every exponent, also subnormal */
        if (i % 5 == 0) bits &= 0x800fffffffffffffu;
        if (i % 5 == 0) memcpy(&value, &bits, sizeof value);
        if (i % 5 == 1) value = (double)xp_rng_below(&rng, 100000) / 1000;
        if (isfinite(value)) reads_back_and_is_shortest(value);
    }
}

static void index_interns(void **state) {
    (void)state;
    enum { KEYS = 10007 };
    static char key[KEYS][16];
    xp_index *index = xp_index_create(3); /* grows */
    assert_non_null(index);
    size_t stored = SIZE_MAX;
    bool found = true;
    for (size_t i = 0; i < KEYS; i++) {
        snprintf(key[i], sizeof key[i], "k%zu", i * 7919 % 100003);
        assert_true(xp_index_intern(index, key[i], strlen(key[i]), i, &stored, &found));
        assert_false(found);
        assert_int_equal(stored, i);
    }
    for (size_t i = 0; i < KEYS; i++) {
        char same[16];
        memcpy(same, key[i], sizeof same); /* by bytes, not by address */
        assert_true(xp_index_intern(index, same, strlen(same), 1, &stored, &found));
        assert_true(found);
        assert_int_equal(stored, i);
        assert_true(xp_index_find(index, same, strlen(same), &stored));
        assert_int_equal(stored, i);
    }
    assert_false(xp_index_find(index, "absent", 6, &stored));
    xp_index_destroy(index);
    xp_index_destroy(NULL);
}

static void index_keys_are_bytes(void **state) {
    (void)state;
    static const char bytes[] = "a\0b";
    xp_index *index = xp_index_create(0);
    size_t stored;
    bool found;
    for (size_t length = 0; length <= 3; length++) { /* "", a, a\0, a\0b: prefixes of each other */
        assert_true(xp_index_intern(index, bytes, length, 10 + length, &stored, &found));
        assert_false(found);
    }
    for (size_t length = 0; length <= 3; length++) {
        assert_true(xp_index_find(index, bytes, length, &stored));
        assert_int_equal(stored, 10 + length);
    }
    assert_false(xp_index_find(index, "a\0c", 3, &stored));
    xp_index_destroy(index);
}

static void index_without_memory(void **state) {
    (void)state;
    static const char keys[] = "abcdefghijklmnopqrstuvwxyz";
    size_t stored;
    bool found;
    for (size_t n = 1; n <= 2; n++) {
        xp_fail_allocation(n);
        assert_null(xp_index_create(1));
        xp_fail_allocation(0);
    }
    xp_index *index = xp_index_create(1);
    size_t held = 0;
    xp_fail_allocation(1);
    while (held < 26 && xp_index_intern(index, keys + held, 1, held, &stored, &found)) held++;
    xp_fail_allocation(0);
    assert_true(held > 1 && held < 26); /* it had to grow and could not */
    for (size_t i = 0; i < held; i++) assert_true(xp_index_find(index, keys + i, 1, &stored) && stored == i);
    assert_true(xp_index_intern(index, keys + held, 1, held, &stored, &found) && !found);
    xp_index_destroy(index);
}

static void views(void **state) {
    (void)state;
    const xp_view view = {" \tBR_Label \t", 12};
    assert_true(xp_view_is(xp_view_trim(view), "BR_Label"));
    assert_true(xp_view_is_nocase(xp_view_trim(view), "br_label"));
    assert_false(xp_view_is(view, "BR_Label"));
    assert_false(xp_view_is_nocase(xp_view_trim(view), "br_labels"));
    char cell[200];
    memset(cell, 'x', sizeof cell);
    cell[79] = '\xc3', cell[80] = '\xa9'; /* an e with an accent over the border of what is shown */
    assert_int_equal(xp_view_shown((xp_view){cell, sizeof cell}), 79);
    assert_int_equal(xp_view_shown((xp_view){cell, 80}), 80);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_copy),    cmocka_unit_test(text_grows),           cmocka_unit_test(shortest_double),
        cmocka_unit_test(index_interns), cmocka_unit_test(index_keys_are_bytes), cmocka_unit_test(index_without_memory),
        cmocka_unit_test(views),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
