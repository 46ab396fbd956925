/* Laws of the markup: whatever a name holds, it stays within its cell and its group; numbers as papers print them. */
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/markup.h"

typedef void (*write_fn)(xp_markup *markup, const char *text);

static void is(bool latex, write_fn write, const char *text, const char *expected) {
    xp_markup markup = {.latex = latex};
    write(&markup, text);
    assert_false(markup.out.failed);
    assert_string_equal(markup.out.data, expected);
    xp_markup_free(&markup);
}

static void every_special_character_of_latex(void **unused) {
    (void)unused;
    is(true, xp_markup_text, "_&%$#{}~^\\|<>",
       "\\_\\&\\%\\$\\#\\{\\}\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\textbar{}\\textless{}"
       "\\textgreater{}");
    is(true, xp_markup_text, "a\nb\x1b", "a\\textbackslash{}x0ab\\textbackslash{}x1b");
    is(true, xp_markup_text, "caf\xc3\xa9 \xc5\x82", "caf\xc3\xa9 \xc5\x82");
    is(true, xp_markup_text, "\xce\xa9\xf0\x9f\x98\x80",
       "\\textless{}U+03A9\\textgreater{}\\textless{}U+1F600\\textgreater{}");
    is(true, xp_markup_text, "--- '' `", "-{}-{}- '{}' \\symbol{96}");
    is(true, xp_markup_text, "\xff", "\\textbackslash{}xff");
    is(true, xp_markup_sentence, "gain -0.5 [-.1, +.2] (p = .05), cross-2",
       "gain $-$0.5 [$-$.1, +.2] ($p$ = .05), cross-2");
    is(true, xp_markup_prose, "*two* of *p*", "\\emph{two} of $p$");
}

static void every_special_character_of_markdown(void **unused) {
    (void)unused;
    is(false, xp_markup_text, "a|b", "a\\|b");
    is(false, xp_markup_text, "*a* `b` <i> &amp; ~x~ #1 $x$ \\",
       "\\*a\\* \\`b\\` \\<i\\> \\&amp; \\~x\\~ \\#1 \\$x\\$ \\\\");
    is(false, xp_markup_text, "has_wings _a_ \xc3\xa9_b", "has_wings \\_a_ \xc3\xa9\\_b");
    is(false, xp_markup_text, "[a](b) [c]: [d][e]", "[a\\](b) [c\\]: [d\\][e]");
    is(false, xp_markup_text, "a\r\nb", "a\\\\x0d\\\\x0ab");
    is(false, xp_markup_text,
       "\xe2\x80\xae"
       "evil",
       "\\<U+202E\\>evil");
    is(false, xp_markup_code, "a_b | *c*\n", "a_b | *c*\\x0a");
    is(false, xp_markup_sentence, "gain -0.5, p < .001",
       "gain \xe2\x88\x92"
       "0.5, *p* \\< .001");
}

static void numbers_are_rounded_by_one_rule(void **unused) {
    (void)unused;
    static const struct {
        double value;
        const char *latex, *markdown;
    } cases[] = {{.2671, ".267", ".267"},
                 {-.0274, "$-$.027", "\xe2\x88\x92.027"},
                 {-.0004, ".000", ".000"},
                 {0, ".000", ".000"},
                 {1, "1.000", "1.000"},
                 {.9996, "1.000", "1.000"},
                 {-12.3456, "$-$12.346",
                  "\xe2\x88\x92"
                  "12.346"},
                 {1234567.89, "1.235$\\cdot 10^{6}$", "1.235e6"},
                 {-1e300, "$-$1.000$\\cdot 10^{300}$",
                  "\xe2\x88\x92"
                  "1.000e300"},
                 {NAN, "--", XP_DASH},
                 {INFINITY, "--", XP_DASH}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int latex = 0; latex < 2; latex++) {
            xp_markup markup = {.latex = latex == 1};
            xp_markup_number(&markup, cases[i].value);
            assert_string_equal(markup.out.data, latex == 1 ? cases[i].latex : cases[i].markdown);
            xp_markup_free(&markup);
        }
    }
    xp_markup markup = {.latex = false};
    xp_markup_p(&markup, .001);
    xp_markup_p(&markup, .0009);
    xp_markup_p(&markup, NAN);
    xp_markup_paper(&markup, .1);
    xp_markup_interval(&markup, (double[]){-.5, .25});
    assert_string_equal(markup.out.data, ".001\\< .001" XP_DASH ".10[\xe2\x88\x92.500, .250]");
    xp_markup_free(&markup);
}

/* Reads LaTeX back: only macros that the markup may write, groups balanced, no special character on its own. */
static void check_latex(const char *text) {
    static const char *const macros[] = {
        "textbackslash", "textasciitilde", "textasciicircum", "textbar", "textless", "textgreater", "symbol",
        "allowbreak",    "dots",           "times",           "rho",     "geq",      "leq"};
    int depth = 0, math = 0;
    for (const char *at = text; *at != 0; at++) {
        if (*at == '\\' && isalpha((unsigned char)at[1])) {
            size_t length = 1, known = 0;
            while (isalpha((unsigned char)at[length])) length++;
            for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
                known += strlen(macros[i]) == length - 1 && strncmp(macros[i], at + 1, length - 1) == 0;
            if (known != 1) fail_msg("an unknown macro at \"%.20s\" in \"%s\"", at, text);
            at += length - 1;
        } else if (*at == '\\') {
            assert_non_null(strchr("_&%$#{}", at[1]));
            at++;
        } else {
            depth += (*at == '{') - (*at == '}');
            math += *at == '$';
            assert_true(depth >= 0);
            if (*at != '~' && strchr("_&%#^|<>\"`\n\r", *at) != NULL) fail_msg("'%c' alone in \"%s\"", *at, text);
        }
    }
    assert_int_equal(depth, 0);
    assert_int_equal(math % 2, 0);
}

/* In Markdown a pipe ends a cell, a newline a row, a backtick begins code. */
static void check_markdown(const char *text) {
    for (const char *at = text; *at != 0; at++) {
        if (*at == '\\') {
            assert_true(ispunct((unsigned char)at[1]));
            at++;
        } else if (strchr("|`<>&#$~\n\r", *at) != NULL) {
            fail_msg("'%c' alone in \"%s\"", *at, text);
        }
    }
}

static void random_texts_stay_in_their_place(void **unused) {
    (void)unused;
    static const char *const alphabet[] = {"_",
                                           "&",
                                           "%",
                                           "$",
                                           "#",
                                           "{",
                                           "}",
                                           "~",
                                           "^",
                                           "\\",
                                           "|",
                                           "\n",
                                           "`",
                                           "*",
                                           "[",
                                           "]",
                                           "(",
                                           ")",
                                           "<",
                                           ">",
                                           "-",
                                           "'",
                                           "\"",
                                           " ",
                                           "a",
                                           "p = ",
                                           "1",
                                           ".",
                                           "\x1b",
                                           "!",
                                           "?",
                                           ",",
                                           ":",
                                           "/",
                                           "=",
                                           "\xc3\xa9",
                                           "\xe4\xb8\xad",
                                           "\xff",
                                           "\xc3",
                                           "\xc2\x85",
                                           "-0.5",
                                           "\t"};
    srand(1);
    for (int trial = 0; trial < 20000; trial++) {
        char text[256] = "";
        for (int n = rand() % 20; n >= 0; n--)
            strcat(text, alphabet[(size_t)rand() % (sizeof alphabet / sizeof *alphabet)]);
        static const write_fn writers[] = {xp_markup_text, xp_markup_name, xp_markup_code, xp_markup_sentence};
        for (size_t w = 0; w < 4; w++) {
            for (int latex = 0; latex < 2; latex++) {
                xp_markup markup = {.latex = latex == 1};
                writers[w](&markup, text);
                assert_false(markup.out.failed);
                if (latex == 1)
                    check_latex(markup.out.data);
                else if (writers[w] != xp_markup_code)
                    check_markdown(markup.out.data);
                else
                    assert_null(strpbrk(markup.out.data, "\n\r\x1b"));
                xp_markup_free(&markup);
            }
        }
    }
}

/* Lines break between words, and never before one that would be markup there. */
static void paragraphs_break_where_it_is_safe(void **unused) {
    (void)unused;
    static const char *const words[] = {"gain", "-", "1.", "+", "---", "===", "#", "(see", "*so*", "10", "\\|", "a"};
    srand(2);
    for (int trial = 0; trial < 2000; trial++) {
        xp_markup text = {.latex = false}, markup = {.latex = false};
        xp_text plain = {0};
        for (int n = 0; n < 80; n++) {
            const char *word = words[(size_t)rand() % (sizeof words / sizeof *words)];
            xp_text_addf(&text.out, "%s%s", n > 0 ? " " : "", word);
            xp_text_addf(&plain, "%s%s", n > 0 ? " " : "", word);
        }
        xp_markup_paragraph(&markup, &text);
        assert_string_equal(markup.out.data + markup.out.length - 2, "\n\n");
        for (char *at = markup.out.data; *at != 0; at++) {
            if (*at != '\n' || at[1] == '\n' || at[1] == 0) continue;
            assert_true(isalpha((unsigned char)at[1]) || at[1] == '(' || at[1] == '*');
            *at = ' ';
        }
        assert_memory_equal(markup.out.data, plain.data, plain.length);
        xp_markup_free(&markup);
        xp_text_free(&plain);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_special_character_of_latex),  cmocka_unit_test(every_special_character_of_markdown),
        cmocka_unit_test(numbers_are_rounded_by_one_rule),   cmocka_unit_test(random_texts_stay_in_their_place),
        cmocka_unit_test(paragraphs_break_where_it_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
