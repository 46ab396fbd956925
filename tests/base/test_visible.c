/* What a terminal is given of a text from a file, beside the JSON writer's reading of UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/json.h"
#include "explaint/visible.h"

static void becomes(const char *text, const char *expected) {
    char out[400];
    explaint_visible_text(text, out, sizeof out);
    assert_string_equal(out, expected);
    explaint_visible_text(expected, out, sizeof out); /* what is visible stays */
    assert_string_equal(out, expected);
}

static void invisible_characters_are_escaped(void **unused) {
    (void)unused;
    becomes("", "");
    becomes("plain \\ \xc3\xa4 \xe6\xbc\xa2 \xf0\x9f\x98\x80 \xd7\xa9 \xc2\xa0.",
            "plain \\ \xc3\xa4 \xe6\xbc\xa2 \xf0\x9f\x98\x80 \xd7\xa9 \xc2\xa0.");
    becomes("\x1b[31m\t\x7f\n", "\\x1b[31m\\x09\\x7f\\x0a");
    becomes("\xc2\x85\xc2\x9b", "\\u0085\\u009b");
    becomes("a\xe2\x80\x8f\xe2\x80\xae\xe2\x81\xa6z", "a\\u200f\\u202e\\u2066z");
    becomes("\xe2\x80\x8b\xe2\x80\x8d\xe2\x81\xa0\xef\xbb\xbf\xc2\xad\xd8\x9c",
            "\\u200b\\u200d\\u2060\\ufeff\\u00ad\\u061c");
    becomes("\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
    becomes("\xf3\xa0\x81\x81\xef\xb8\x8f", "\\U000e0041\\ufe0f");
    becomes("\xd9\xa0\xd8\x80", "\xd9\xa0\xd8\x80"); /* an Arabic sign that is seen, of the same category */
}

static void what_is_no_utf8_is_escaped(void **unused) {
    (void)unused;
    becomes("\xff\x80", "\\xff\\x80");
    becomes("\xc3", "\\xc3");
    becomes("\xe2\x80", "\\xe2\\x80");
    becomes("\xc0\xaf\xe0\x80\xaf", "\\xc0\\xaf\\xe0\\x80\\xaf"); /* more bytes than needed */
    becomes("\xed\xa0\x80", "\\xed\\xa0\\x80");                   /* half of a pair */
    becomes("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
}

/* Every beginning of two bytes with some ends: the same bytes are one character as for the JSON writer. */
static void utf8_is_what_the_json_writer_takes_it_for(void **unused) {
    (void)unused;
    static const unsigned char ends[][3] = {{0, 0, 0}, {0x80, 0, 0}, {0x80, 0x80, 0}, {0xbf, 0xbf, 0}, {0x41, 0x80, 0}};
    for (unsigned a = 1; a < 256; a++)
        for (unsigned b = 0; b < 256; b++)
            for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
                const unsigned char text[6] = {(unsigned char)a, (unsigned char)b, ends[i][0], ends[i][1], ends[i][2]};
                char shown[EXPLAINT_VISIBLE];
                const size_t length = xp_utf8_length(text, text + strlen((const char *)text));
                assert_int_equal(explaint_visible((const char *)text, shown), length > 0 ? length : 1);
                assert_true(strlen(shown) < EXPLAINT_VISIBLE);
                if (length == 0) assert_int_equal(shown[0], '\\');
            }
}

static void no_character_is_cut(void **unused) {
    (void)unused;
    char out[64];
    for (size_t size = 1; size < 24; size++) {
        memset(out, 'x', sizeof out);
        explaint_visible_text("a\xe6\xbc\xa2\xe2\x80\xae\xc3\xa4", out, size);
        const size_t length = strlen(out), whole[] = {0, 1, 4, 10, 12};
        bool found = false;
        for (size_t i = 0; i < 5; i++) found |= whole[i] == length && length < size;
        assert_true(found);
    }
}

static void errors_are_visible(void **unused) {
    (void)unused;
    explaint_error error = {0};
    xp_fail(&error, EXPLAINT_INVALID, "a\xe2\x80\xae.csv", 3, "found '%s'", "\xf3\xa0\x81\x81\xfe");
    assert_string_equal(error.message, "a\\u202e.csv:3: found '\\U000e0041\\xfe'");
    assert_string_equal(error.file, "a\\u202e.csv");
    char long_text[3000];
    for (size_t shift = 0; shift < 4; shift++) { /* a text that is cut ends with a whole character */
        memset(long_text, 'x', sizeof long_text);
        for (size_t i = shift; i + 4 < sizeof long_text; i += 4) memcpy(long_text + i, "\xf0\x9f\x98\x80", 4);
        long_text[sizeof long_text - 1] = 0;
        xp_fail(&error, EXPLAINT_INVALID, long_text, 0, "found '%s'", long_text);
        assert_null(strchr(error.message, '\\'));
        assert_null(strchr(error.file, '\\'));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(invisible_characters_are_escaped),
        cmocka_unit_test(what_is_no_utf8_is_escaped),
        cmocka_unit_test(utf8_is_what_the_json_writer_takes_it_for),
        cmocka_unit_test(no_character_is_cut),
        cmocka_unit_test(errors_are_visible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
