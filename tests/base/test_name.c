#include "support/files.h"

#include "base/name.h"

#define TEXT(s) ((xp_view){s, sizeof(s) - 1})

static void assert_view(xp_view view, const char *expected) {
    if (!xp_view_is(view, expected)) fail_msg("\"%.*s\" is not \"%s\"", (int)view.length, view.data, expected);
}

/* Unicode's White_Space (PropList.txt) and what has no width; each around a name, before and behind. */
static void blanks(void **state) {
    (void)state;
    static const char *const blank[] = {
        "\t",           "\n",           "\v",           "\f",           "\r",           " ",
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
        "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88",
        "\xe2\x80\x89", "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
        "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\x8b", "\xe2\x81\xa0", "\xe2\x80\x8e", "\xe2\x80\x8f",
        "\xc2\xad",     "\xe1\xa0\x8e", "\xe2\x80\xaa", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x81\xa9"};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++) {
        char text[64];
        int length = snprintf(text, sizeof text, "%s %s\xc3\xa4pfel%s%s", blank[i], blank[i], blank[i], blank[i]);
        assert_view(xp_view_trim((xp_view){text, (size_t)length}), "\xc3\xa4pfel");
        length = snprintf(text, sizeof text, "%s%s", blank[i], blank[i]);
        assert_int_equal(xp_view_trim((xp_view){text, (size_t)length}).length, 0);
    }
    static const char *const letters[] = {"\xe2\x80\x8c", "\xe2\x80\x8d", "\xe2\x80\x93", "\xc2\xa1", "\xc3\xa0",
                                          "\xe3\x80\x81", "\xef\xbb\xb0", "\xe2\x80\xb0", "_",        "\xa0",
                                          "\x1f",         "\xe2\x80",     "\xe2"};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        assert_view(xp_view_trim((xp_view){letters[i], strlen(letters[i])}), letters[i]);
}

typedef struct spelling {
    xp_view text;
    const char *name;
    unsigned changed;
} spelling;

static void names(void **state) {
    (void)state;
    static const spelling spellings[] = {
        {{"robin", 5}, "robin", 0},
        {{" robin\xc2\xa0", 8}, "robin", XP_NAME_BLANKS},
        {{"has  two\r\nwings", 15}, "has  two\r\nwings", 0},
        {{"ice\xc2\xa0"
          "cream",
          10},
         "ice cream",
         XP_NAME_BLANKS},
        {{"ice\xe2\x80\x8b"
          "berg\xc2\xad"
          "s",
          13},
         "icebergs",
         XP_NAME_BLANKS},
        {{"\xc3\xa4pfel", 6}, "\xc3\xa4pfel", 0},
        {{"a\xcc\x88pfel", 7}, "\xc3\xa4pfel", XP_NAME_FORM},
        {{"\xef\xbb\xbf"
          "a\xcc\x88pfel\xe3\x80\x80",
          13},
         "\xc3\xa4pfel",
         XP_NAME_BLANKS | XP_NAME_FORM},
        {{"a\xcc\x88\xc2\xa0x", 6}, "\xc3\xa4 x", XP_NAME_BLANKS | XP_NAME_FORM},
        {{"\xe2\x84\xab", 3}, "\xc3\x85", XP_NAME_FORM},                             /* ANGSTROM SIGN */
        {{"\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", 9}, "\xed\x95\x9c", XP_NAME_FORM}, /* Hangul */
        {{"q\xcc\x87\xcc\xa3", 5}, "q\xcc\xa3\xcc\x87", XP_NAME_FORM},               /* marks in another order */
        {{"\xe0\xa4\x95\xe0\xa4\xbc", 6}, "\xe0\xa4\x95\xe0\xa4\xbc", 0},            /* never composed */
        {{"\xef\xbc\xa1", 3}, "\xef\xbc\xa1", 0},                                    /* FULLWIDTH A is no A */
        {{"\xce\xa9\xd0\xb9\xe4\xb8\xad", 7}, "\xce\xa9\xd0\xb9\xe4\xb8\xad", 0},
        {{"", 0}, "", 0},
        {{" ", 1}, "", XP_NAME_BLANKS},
    };
    xp_text room = {0};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        xp_view name;
        unsigned changed;
        assert_true(xp_name(spellings[i].text, &room, &name, &changed));
        assert_view(name, spellings[i].name);
        assert_int_equal(changed, spellings[i].changed);
    }
    xp_text_free(&room);
}

/* A hostile name: marks out of order without end. It stays as it is, at once. */
static void many_marks(void **state) {
    (void)state;
    enum { MARKS = 1 << 20 };
    char *text = malloc(1 + 4 * MARKS), key[64];
    text[0] = 'a';
    for (size_t i = 0; i < MARKS; i++) memcpy(text + 1 + 4 * i, "\xcc\x87\xcc\xa3", 4);
    xp_text room = {0};
    xp_view name;
    unsigned changed;
    assert_true(xp_name((xp_view){text, 1 + 4 * MARKS}, &room, &name, &changed));
    assert_ptr_equal(name.data, text);
    assert_int_equal(changed, 0);
    assert_int_equal(xp_name_key((xp_view){text, 41}, key, sizeof key), 41);
    assert_int_equal(xp_name_key((xp_view){text, 64}, key, sizeof key), 0);
    xp_text_free(&room);
    free(text);
}

/* Name, lower case, key: as Python's str.lower, but for a final sigma and I WITH DOT, and NFC of str.casefold. */
static void capitals(void **state) {
    (void)state;
    static const char *const cases[][3] = {
        {"Hund", "hund", "hund"},
        {"STRASSE", "strasse", "strasse"},
        {"Stra\xc3\x9f"
         "e",
         "stra\xc3\x9f"
         "e",
         "strasse"},
        {"\xe1\xba\x9e", "\xc3\x9f", "ss"},
        {"\xc3\x84PFEL", "\xc3\xa4pfel", "\xc3\xa4pfel"},
        {"\xce\x9f\xce\x94\xce\x9f\xce\xa3", "\xce\xbf\xce\xb4\xce\xbf\xcf\x83", "\xce\xbf\xce\xb4\xce\xbf\xcf\x83"},
        {"\xce\xbf\xce\xb4\xce\xbf\xcf\x82", "\xce\xbf\xce\xb4\xce\xbf\xcf\x82", "\xce\xbf\xce\xb4\xce\xbf\xcf\x83"},
        {"\xd0\x81\xd0\x96", "\xd1\x91\xd0\xb6", "\xd1\x91\xd0\xb6"},
        {"\xc4\xb0stanbul", "istanbul", "i\xcc\x87stanbul"},
        {"I\xc5\x9eIK", "i\xc5\x9fik", "i\xc5\x9fik"},
        {"\xc4\xb1\xc5\x9f\xc4\xb1k", "\xc4\xb1\xc5\x9f\xc4\xb1k", "\xc4\xb1\xc5\x9f\xc4\xb1k"},
        {"\xef\xac\x81sch", "\xef\xac\x81sch", "fisch"},
        {"\xe2\x84\xaa", "k", "k"},
        {"\xf0\x90\x90\x80", "\xf0\x90\x90\xa8", "\xf0\x90\x90\xa8"},
        {"a\xcc\x88", "a\xcc\x88", "\xc3\xa4"},
        {"route 66!", "route 66!", "route 66!"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        xp_view text = {cases[i][0], strlen(cases[i][0])};
        xp_text lower = {0};
        char key[64];
        assert_true(xp_name_lower(text, &lower));
        assert_string_equal(lower.data, cases[i][1]);
        assert_view((xp_view){key, xp_name_key(text, key, sizeof key)}, cases[i][2]);
        xp_text_free(&lower);
    }
}

static void room_for_forms(void **state) {
    (void)state;
    char out[8];
    assert_int_equal(xp_name_key(TEXT("abcdefgh"), out, 8), 8);
    assert_int_equal(xp_name_key(TEXT("abcdefghi"), out, 8), 0);
    assert_int_equal(xp_name_key(TEXT(""), out, 8), 0);
    assert_int_equal(xp_name_key(TEXT("caf\xe9"), out, 8), 0); /* no UTF-8 */
    assert_int_equal(xp_name_composed(TEXT("a\xcc\x88"), out, 8), 2);
    assert_view((xp_view){out, 2}, "\xc3\xa4");
    assert_int_equal(xp_name_composed(TEXT("abcdefghi"), out, 8), 0);
    assert_int_equal(xp_name_composed(TEXT("caf\xe9"), out, 8), 0);
    assert_int_equal(xp_name_composed(TEXT(" x"), out, 8), 2); /* words may begin with a blank */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(blanks), cmocka_unit_test(names), cmocka_unit_test(many_marks),
                                       cmocka_unit_test(capitals), cmocka_unit_test(room_for_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
