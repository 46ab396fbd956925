/* The JSON writer against the reader, and numbers that read back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_read.h"
#include "base/memory.h"

static uint64_t state = 0x1234;
static uint64_t draw(void) { /* splitmix64 */
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void check_number(double value) {
    char text[32], shorter[400];
    size_t length = xp_shortest_double(value, text);
    assert_int_equal(length, strlen(text));
    assert_true(length < 32);
    assert_true(strtod(text, NULL) == value);
    assert_null(strpbrk(text, "nNiIx,"));
    /* Shortest: no fewer significant digits read back. */
    size_t digits = 0;
    for (const char *p = text; *p != 0 && *p != 'e'; p++) digits += *p >= '0' && *p <= '9' && (digits > 0 || *p != '0');
    for (int fewer = 1; fewer < (int)digits && value != 0; fewer++) {
        snprintf(shorter, sizeof shorter, "%.*g", fewer, value);
        if (strtod(shorter, NULL) != value) continue;
        assert_true(strlen(shorter) >= length || strspn(text, "-0123456789") == length); /* 100 rather than 1e+02 */
        break;
    }
}

static void numbers_read_back(void **unused) {
    (void)unused;
    printf("seed 0x%llx\n", (unsigned long long)state);
    for (int i = 0; i < 60000; i++) {
        uint64_t bits = draw();
        if (i % 7 == 0) bits &= 0x800fffffffffffffu; /* subnormal */
        double value;
        memcpy(&value, &bits, sizeof value);
        if (isfinite(value)) check_number(value);
    }
    for (int i = 0; i < 20000; i++) check_number((double)(draw() % 100000) / 1000);
    static const struct {
        double value;
        const char *text;
    } known[] = {{0, "0"},
                 {-0.0, "0"},
                 {100, "100"},
                 {.1, "0.1"},
                 {1e-30, "1e-30"},
                 {5e-324, "5e-324"},
                 {.1 + .2, "0.30000000000000004"},
                 {1e22, "1e+22"},
                 {2526, "2526"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {-2.5, "-2.5"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        char text[32];
        xp_shortest_double(known[i].value, text);
        assert_string_equal(text, known[i].text);
    }
}

static void strings_are_valid_and_come_back(void **unused) {
    (void)unused;
    for (int i = 0; i < 20000; i++) {
        char value[40];
        size_t length = draw() % 39;
        bool utf8 = true;
        for (size_t k = 0; k < length; k++) value[k] = (char)(draw() % (i % 2 ? 127 : 255) + 1);
        value[length] = 0;
        for (size_t k = 0; k < length;) {
            size_t step = xp_utf8_length((const unsigned char *)value + k, (const unsigned char *)value + length);
            if (step == 0) utf8 = false;
            k += step > 0 ? step : 1;
        }
        xp_text text = {0};
        xp_json_quote(&text, value, length);
        explaint_error error = {0};
        xp_value *read = xp_value_parse(text.data, text.length, NULL, &error); /* the reader rejects what is no UTF-8 */
        assert_non_null(read);
        if (utf8)
            assert_string_equal(xp_value_string(read), value);
        else
            assert_non_null(strstr(xp_value_string(read), "\xef\xbf\xbd"));
        xp_value_free(read);
        xp_text_free(&text);
    }
}

static void utf8_is_strict(void **unused) {
    (void)unused;
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xe2\x82",
                                      "\xff"};
    static const char *const good[] = {
        "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(xp_utf8_length((const unsigned char *)bad[i], (const unsigned char *)bad[i] + strlen(bad[i])),
                         0);
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(
            xp_utf8_length((const unsigned char *)good[i], (const unsigned char *)good[i] + strlen(good[i])),
            strlen(good[i]));
}

static void layout(void **unused) {
    (void)unused;
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(&json, "a\t", "b");
    xp_json_string(&json, "absent", NULL);
    xp_json_number(&json, "absent", NAN);
    xp_json_number(&json, "absent", -INFINITY);
    xp_json_open(&json, "rows", '[', XP_JSON_BLOCK);
    for (int i = 0; i < 2; i++) {
        xp_json_open(&json, NULL, '{', XP_JSON_LINE);
        xp_json_integer(&json, "i", -i);
        xp_json_open(&json, "in", '[', XP_JSON_BLOCK);
        xp_json_null(&json, NULL);
        xp_json_number(&json, NULL, .5);
        xp_json_close(&json);
        xp_json_close(&json);
    }
    xp_json_close(&json);
    xp_json_open(&json, "none", '[', XP_JSON_BLOCK);
    xp_json_close(&json);
    xp_json_close(&json);
    assert_true(xp_json_end(&json));
    assert_string_equal(json.text.data, "{\n  \"a\\t\": \"b\",\n  \"rows\": [\n    {\"i\": 0, \"in\": [null, 0.5]},\n"
                                        "    {\"i\": -1, \"in\": [null, 0.5]}\n  ],\n  \"none\": []\n}\n");
    xp_json_free(&json);
}

static void misuse_is_noticed(void **unused) {
    (void)unused;
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_BLOCK);
    assert_false(xp_json_end(&json)); /* left open */
    xp_json_free(&json);
    xp_json_close(&json);
    assert_false(xp_json_end(&json)); /* closed too often */
    xp_json_free(&json);
    xp_json_open(&json, NULL, '[', XP_JSON_BLOCK);
    xp_json_size(&json, "key", 1); /* a key in a list */
    xp_json_close(&json);
    assert_false(xp_json_end(&json));
    xp_json_free(&json);
    for (int i = 0; i < XP_JSON_DEPTH + 1; i++) xp_json_open(&json, NULL, '[', XP_JSON_BLOCK);
    for (int i = 0; i < XP_JSON_DEPTH; i++) xp_json_close(&json);
    assert_false(xp_json_end(&json));
    xp_json_free(&json);
}

static void reader_is_strict(void **unused) {
    (void)unused;
    explaint_error error = {0};
    static const char *const bad[] = {"",
                                      "{",
                                      "{\"a\":1,\"a\":2}",
                                      "[1,]",
                                      "nan",
                                      "\"\xff\"",
                                      "{} {}",
                                      "1e999",
                                      "[\"\\ud800\"]",
                                      "\xff\xfe[",
                                      "\xfe\xff",
                                      "\xef\xbb\xbf",
                                      "\xef\xbb\xbf\xef\xbb\xbf[]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        error = (explaint_error){0};
        assert_null(xp_value_parse(bad[i], strlen(bad[i]), "x.json", &error));
        assert_int_equal(error.code, EXPLAINT_INVALID);
        assert_non_null(strstr(error.message, "x.json"));
    }
    xp_value *marked = xp_value_parse("\xef\xbb\xbf[]", 5, NULL, &error); /* a byte order mark is passed over */
    assert_true(xp_value_is_array(marked));
    xp_value_free(marked);
    const char *text = "{\"b\": 18446744073709551615, \"a\": [1, \"x\", -1]}";
    xp_value *value = xp_value_parse(text, strlen(text), NULL, &error);
    assert_non_null(value);
    void *at = xp_value_first(value);
    assert_string_equal(xp_value_key(at), "b"); /* in the order of the text */
    assert_string_equal(xp_value_key(xp_value_next(value, at)), "a");
    const xp_value *list = xp_value_member(value, "a");
    size_t size = 0;
    assert_true(xp_value_is_array(list) && xp_value_count(list) == 3);
    assert_false(xp_value_size(xp_value_item(list, 1), &size) || xp_value_size(xp_value_item(list, 9), &size));
    assert_true(xp_value_size(xp_value_item(list, 0), &size)); /* a double here, for the integer past 63 bits */
    assert_int_equal(size, 1);
    assert_false(xp_value_size(xp_value_item(list, 2), &size) || xp_value_size(xp_value_member(value, "b"), &size));
    double number = 0;
    assert_true(xp_value_number(xp_value_item(list, 2), &number) && number == -1);
    assert_false(xp_value_number(xp_value_item(list, 1), &number) || xp_value_number(NULL, &number));
    assert_null(xp_value_string(xp_value_item(list, 0)));
    assert_string_equal(xp_value_string(xp_value_item(list, 1)), "x");
    assert_true(xp_value_equal(list, list) && !xp_value_equal(list, NULL) && xp_value_equal(NULL, NULL));
    assert_false(xp_value_is_object(NULL) || xp_value_is_array(NULL));
    assert_null(xp_value_first(list));
    assert_null(xp_value_member(list, "a"));
    assert_int_equal(xp_value_count(NULL), 0);
    xp_text printed = {0};
    xp_value_text(list, &printed);
    xp_value_text(NULL, &printed);
    assert_string_equal(printed.data, "[1, \"x\", -1]absent");
    xp_text_free(&printed);
    const char *mixed = "{\"a\":[1,\"x\",-1],\"b\":18446744073709551615.0}";
    xp_value *other = xp_value_parse(mixed, strlen(mixed), NULL, &error);
    assert_true(xp_value_equal(value, other)); /* numbers, not their types */
    assert_false(xp_value_equal(value, list) || xp_value_equal(list, xp_value_item(list, 0)));
    xp_value_text(other, &printed);
    assert_string_equal(printed.data, "{\"a\": [1, \"x\", -1], \"b\": 1.8446744073709552e+19}");
    xp_text_free(&printed);
    xp_value_free(other);
    xp_value_free(value);
    xp_value_free(NULL);
}

/* In a sentence a long value is cut between characters, and says so. */
static void values_are_shown(void **unused) {
    (void)unused;
    char long_text[300] = "[\"a";
    for (size_t i = 3; i < 283; i += 2)
        memcpy(&long_text[i], "\xc3\xa9", 3); /* e with an accent: byte 200 is its second one */
    strcat(long_text, "\"]");
    const struct {
        const char *json, *end;
        size_t length;
    } cases[] = {{"[1, 2.5, null]", "[1, 2.5, null]", 14}, {long_text, "\xc3\xa9...", 202}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        explaint_error error = {0};
        xp_text shown = {0};
        xp_value *value = xp_value_parse(cases[i].json, strlen(cases[i].json), NULL, &error);
        xp_value_show(value, &shown);
        assert_int_equal(shown.length, cases[i].length);
        assert_string_equal(shown.data + shown.length - strlen(cases[i].end), cases[i].end);
        xp_text_free(&shown);
        xp_value_free(value);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_read_back), cmocka_unit_test(strings_are_valid_and_come_back),
        cmocka_unit_test(utf8_is_strict),    cmocka_unit_test(layout),
        cmocka_unit_test(misuse_is_noticed), cmocka_unit_test(reader_is_strict),
        cmocka_unit_test(values_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
