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

static void assert_as_strtod(const char *text) {
    double value, expected = strtod(text, NULL);
    if (parse(text, &value) != XP_NUMBER_OK) fail_msg("%s is refused", text);
    if (memcmp(&value, &expected, sizeof value) != 0) fail_msg("%s: %a, expected %a", text, value, expected);
}

/* Decimals exactly between two doubles, and one off in the last digit: integers of 54 to 64 bits, quarters and eighths
 * of smaller ones, and multiples of a power of ten that needs all bits of its power of five. */
static void halves(void **state) {
    (void)state;
    uint64_t seed = 99;
    char text[64];
    for (int i = 0; i < 100000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t odd54 = UINT64_C(1) << 53 | seed >> 11 | 1; /* a half lies at its last bit */
        int shift = (int)(seed % 10), point = (int)(seed >> 8 & 3), off = (int)((seed >> 16) % 3) - 1;
        snprintf(text, sizeof text, "%llu", (unsigned long long)((odd54 << shift) + (uint64_t)off));
        assert_as_strtod(text);
        static const unsigned fives[] = {1, 5, 25, 125}; /* odd54 / 2^point = odd54 * 5^point / 10^point */
        uint64_t digits = odd54 * fives[point] + (uint64_t)off;
        snprintf(text, sizeof text, "-%llue-%d", (unsigned long long)digits, point);
        assert_as_strtod(text);
        uint64_t five = 1;
        int e = 1 + (int)((seed >> 20) % 22);
        for (int k = 0; k < e; k++) five *= 5;
        uint64_t near = odd54 / five, small = near | 1; /* small * 5^e has about 54 bits */
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)small, e);
        assert_as_strtod(text);
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)(seed >> (seed % 60)),
                 (int)((seed >> 30) % 62) - 31);
        assert_as_strtod(text);
    }
    static const char *const known[] = {"9007199254740993",
                                        "9007199254740993.0",
                                        "9007199254740995",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "9999999999999999999",
                                        "9999999999999999999e27",
                                        "9999999999999999999e-27",
                                        "1e27",
                                        "1e-27",
                                        "1e28",
                                        "1e-28",
                                        "0e99",
                                        "0.0000000000000000000000000000000000000000001",
                                        "123456789012345678901234567890",
                                        "1.00000000000000011102230246251565",
                                        "1.00000000000000011102230246251566",
                                        "5e-324",
                                        "2.4703282292062327208e-324",
                                        "1.7976931348623158e308",
                                        "8.5e22",
                                        "8.5e23"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) assert_as_strtod(known[i]);
}

/* A row is read as its fields are, one by one: whatever their form, and wherever one of them is no number. */
static void rows(void **state) {
    (void)state;
    static const char *const odd[] = {"nan", "-inf", "1e999", "x", "1,5", "--1", ".", "1e", "0x1", "+", "1.2.3", "-"};
    uint64_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        char text[1024 + XP_NUMBER_PAD] = "";
        double one[20], all[20];
        size_t at = 0, n = 1 + (size_t)(seed >> 33) % 20, good = 0;
        bool stopped = false;
        for (size_t k = 0; k < n; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            char field[64];
            double x = (double)(int64_t)seed / (seed & 64 ? 1e19 : 3e9);
            unsigned form = (unsigned)(seed >> 20) % 400;
            if (form < 12)
                snprintf(field, sizeof field, "%s", odd[form]);
            else if (form < 60)
                snprintf(field, sizeof field, "%+.*f", (int)(form % 25), x);
            else if (form < 200)
                snprintf(field, sizeof field, "%.*g", 1 + (int)(form % 22), x);
            else if (form < 230)
                snprintf(field, sizeof field, "%.*E", (int)(form % 22), x * 1e-20);
            else
                snprintf(field, sizeof field, "%.*f", (int)(form % 10), x);
            stopped |= xp_number_read((xp_view){field, strlen(field)}, &one[k]) != XP_NUMBER_OK;
            good += !stopped;
            at += (size_t)sprintf(text + at, "%s%s", field, seed & 128 ? "  " : seed & 256 ? "\t" : " ");
        }
        if (seed & 512) at--;
        xp_view rest = {text, at};
        assert_int_equal(xp_number_row(&rest, n, all), good);
        assert_memory_equal(one, all, good * sizeof *one);
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
        cmocka_unit_test(grammar),   cmocka_unit_test(correct_to_the_last_bit),
        cmocka_unit_test(halves),    cmocka_unit_test(rows),
        cmocka_unit_test(no_locale), cmocka_unit_test(counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
