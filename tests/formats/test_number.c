#include "support/files.h"

#include <locale.h>
#include <math.h>

#include "formats/number.h"

static xp_number parse(const char *text, double *value) { return xp_number_read((xp_view){text, strlen(text)}, value); }

static void grammar(void **state) {
    (void)state;
    static const char *const good[] = {
        "0",   "-0",    "1",    "+1",       "1.",     ".5",     "-.5",
        "1e5", "1E+05", "1e-5", "00012.50", "5e-324", "1e-400", "1.7976931348623157e308"};
    static const char *const bad[] = {"",      "-",   "+",     ".",  "e5",  "1e",    "1e+",   " 1",      "1 ",
                                      "0x1p3", "1,5", "1_000", "1f", "--1", "1.2.3", "1e5.0", "\xd9\xa1"};
    double value;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(parse(good[i], &value), XP_NUMBER_OK);
        assert_true(value == strtod(good[i], NULL));
        assert_int_equal(signbit(value) != 0, signbit(strtod(good[i], NULL)) != 0);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_int_equal(parse(bad[i], &value), XP_NUMBER_NONE);
    assert_int_equal(parse("nan", &value), XP_NUMBER_NAN);
    assert_int_equal(parse("-NaN", &value), XP_NUMBER_NAN);
    assert_int_equal(parse("inf", &value), XP_NUMBER_INFINITE);
    assert_int_equal(parse("-Infinity", &value), XP_NUMBER_INFINITE);
    assert_int_equal(parse("1e309", &value), XP_NUMBER_INFINITE);
    assert_int_equal(xp_number_read((xp_view){"12x", 2}, &value), XP_NUMBER_OK); /* a view ends where it ends */
    assert_true(value == 12);
}

/* The fast path against strtod, which glibc rounds correctly: doubles of every size, with every number of digits. */
static void correct_to_the_last_bit(void **state) {
    (void)state;
    uint64_t seed = 20240501;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < 300000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = seed ^ (seed >> 29);
        double x;
        if (i % 3 == 0) {
            memcpy(&x, &bits, sizeof x);
            if (!isfinite(x)) continue;
        } else {
            x = (double)(int64_t)(bits >> 20) / (i % 3 == 1 ? 1e6 : 1e13);
        }
        char text[64];
        snprintf(text, sizeof text, i % 2 != 0 ? "%.*g" : "%.*e", 1 + (int)(bits % 20), x);
        double value, expected = strtod(text, NULL);
        xp_number outcome = parse(text, &value);
        if (isinf(expected)) {
            assert_int_equal(outcome, XP_NUMBER_INFINITE);
        } else {
            assert_int_equal(outcome, XP_NUMBER_OK);
            if (memcmp(&value, &expected, sizeof value) != 0) fail_msg("%s", text);
        }
    }
}

static void no_locale(void **state) {
    (void)state;
    double value;
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL) skip();
    assert_int_equal(parse("0.12345678901234567890", &value), XP_NUMBER_OK);
    assert_true(value > 0.12 && value < 0.13);
    setlocale(LC_NUMERIC, "C");
}

static void counts(void **state) {
    (void)state;
    size_t value;
    assert_true(xp_number_count((xp_view){"400000", 6}, &value));
    assert_int_equal(value, 400000);
    assert_false(xp_number_count((xp_view){"", 0}, &value));
    assert_false(xp_number_count((xp_view){"-1", 2}, &value));
    assert_false(xp_number_count((xp_view){"1.0", 3}, &value));
    assert_false(xp_number_count((xp_view){"9999999999999999999", 19}, &value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grammar),
        cmocka_unit_test(correct_to_the_last_bit),
        cmocka_unit_test(no_locale),
        cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
