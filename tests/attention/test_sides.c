/* What the rows of a map are: words by tokenizers that split texts and by those that do not, special tokens in and out, and maps folded by hand. */
#include "support/files.h"

#include <math.h>
#include <string.h>

#include "attention/sides.h"
#include "base/memory.h"

enum { MOST = 16 };

typedef struct text {
    const char *spelled;
    size_t n;
    int32_t word[MOST];
    uint32_t begin[MOST];
    uint8_t special[MOST];
} text;

static xp_sides sides_of(const text *t, const int32_t *id, xp_level level, bool out) {
    xp_sides s;
    assert_true(xp_sides_create(
        &(xp_sides_pieces){.n = t->n, .id = id, .word = t->word, .begin = t->begin, .special = t->special}, t->spelled,
        &(xp_sides_how){level, out}, &s));
    return s;
}

static const int32_t ids[MOST] = {101, 7, 8, 9, 7, 8, 102, 5, 6};

/* "dogs, dogs": the tokenizer says which pieces are one word. */
static const text split = {"dogs, dogs", 7, {-1, 0, 0, 1, 2, 2, -1}, {0, 0, 3, 4, 6, 9, 0}, {1, 0, 0, 0, 0, 0, 1}};

static void words_are_those_of_the_tokenizer(void **state) {
    (void)state;
    xp_sides s = sides_of(&split, ids, XP_LEVEL_WORD, false);
    static const uint32_t row[] = {0, 1, 1, 2, 3, 3, 4}, begin[] = {0, 1, 3, 4, 6}, end[] = {1, 3, 4, 6, 7};
    static const uint8_t special[] = {1, 0, 0, 0, 1};
    assert_int_equal(s.n, 5);
    assert_false(s.same);
    assert_false(s.lacks);
    assert_memory_equal(s.row, row, sizeof row);
    assert_memory_equal(s.begin, begin, sizeof begin);
    assert_memory_equal(s.end, end, sizeof end);
    assert_memory_equal(s.special, special, sizeof special);
    xp_sides_free(&s);
    s = sides_of(&split, ids, XP_LEVEL_WORD, true);
    static const uint32_t without[] = {XP_LEFT_OUT, 0, 0, 1, 2, 2, XP_LEFT_OUT};
    assert_int_equal(s.n, 3);
    assert_true(s.lacks);
    assert_memory_equal(s.row, without, sizeof without);
    xp_sides_free(&s);
    s = sides_of(&split, ids, XP_LEVEL_PIECE, false);
    assert_true(s.same);
    xp_sides_free(&s);
}

/* A tokenizer that calls all of a text one word: words begin behind blanks, whether the piece holds the blank or not, and whatever blank it is. */
static void words_begin_behind_blanks(void **state) {
    (void)state;
    /* blanks: a space within piece 3, one before piece 5, a no-break space, an ideographic space */
    static const text t = {
        "ab cd ef\xC2\xA0gh\xE3\x80\x80ij k", 9, {0, 0, 0, 0, 0, 0, 0, 0, 0}, {0, 1, 2, 4, 6, 10, 15, 16, 17}, {0}};
    xp_sides s = sides_of(&t, ids, XP_LEVEL_WORD, false);
    static const uint32_t begin[] = {0, 2, 4, 5, 6, 8};
    assert_int_equal(s.n, 6);
    assert_memory_equal(s.begin, begin, sizeof begin);
    xp_sides_free(&s);
}

/* What every row sees is a row of its own, also where it begins a word; so is a special token that a text spells. */
static void special_pieces_are_in_no_word(void **state) {
    (void)state;
    static const text t = {"gloomy[SEP]x", 5, {0, 0, 0, 0, 0}, {0, 1, 3, 6, 11}, {1, 0, 0, 1, 0}};
    xp_sides s = sides_of(&t, ids, XP_LEVEL_WORD, false);
    static const uint32_t begin[] = {0, 1, 3, 4};
    assert_int_equal(s.n, 4);
    assert_memory_equal(s.begin, begin, sizeof begin);
    xp_sides_free(&s);
}

/* Equal words have equal numbers, of two texts as well; a word of one piece keeps the piece's. */
static void equal_words_have_one_number(void **state) {
    (void)state;
    xp_sides a = sides_of(&split, ids, XP_LEVEL_WORD, false), b = sides_of(&split, ids, XP_LEVEL_WORD, false);
    static const int32_t other[] = {101, 7, 8, 9, 8, 7, 102};
    assert_true(xp_sides_number(2, (xp_sides *const[]){&a, &b}, (const int32_t *const[]){ids, other}, 1000));
    assert_int_equal(a.id[0], 101);
    assert_int_equal(a.id[2], 9);
    assert_int_equal(a.id[1], a.id[3]);
    assert_int_equal(b.id[1], a.id[1]);
    assert_int_not_equal(b.id[3], a.id[1]);
    assert_in_range(a.id[1], 1000, 1001);
    assert_in_range(b.id[3], 1000, 1001);
    xp_sides_free(&a);
    xp_sides_free(&b);
}

/* Rows 1 and 2 are a word, 0 is left out. */
static void maps_are_averaged_and_added_up(void **state) {
    (void)state;
    static const text t = {"ab", 4, {-1, 0, 0, 1}, {0, 0, 1, 2}, {1, 0, 0, 0}};
    static const double map[] = {.1, .2, .3, .4, .5, .1, .2, .2, .25, .25, .25, .25, 0, .6, .2, .2};
    float narrow[16], folded[9], undone[9], moved[16];
    double wide[9];
    static const uint32_t order[] = {0, 3, 1, 2}; /* the piece whose row stands there */
    for (size_t k = 0; k < 16; k++) narrow[k] = (float)map[k];
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) moved[i * 4 + j] = narrow[order[i] * 4 + order[j]];
    xp_sides s = sides_of(&t, ids, XP_LEVEL_WORD, false);
    xp_sides_fold_shares(&s, map, wide);
    static const double words[] = {.1, .5, .4, .375, .4, .225, 0, .8, .2};
    for (size_t k = 0; k < 9; k++) assert_true(fabs(wide[k] - words[k]) < 1e-15);
    xp_sides_fold(&s, narrow, NULL, folded);
    xp_sides_fold(&s, moved, order, undone);
    for (size_t k = 0; k < 9; k++) assert_true(fabs((double)folded[k] - words[k]) < 1e-7 && folded[k] == undone[k]);
    const float rows[] = {1, 2, 3, 4, 5, 6, 7, 8};
    double mean[6];
    xp_sides_mean(&s, 2, rows, mean);
    static const double means[] = {1, 2, 4, 5, 7, 8};
    assert_memory_equal(mean, means, sizeof means);
    xp_sides_free(&s);
    s = sides_of(&t, ids, XP_LEVEL_WORD, true);
    static const double left[] = {.4 / .625, .225 / .625, .8, .2}, sums[] = {.4, .225, .8, .2};
    xp_sides_fold_shares(&s, map, wide);
    for (size_t k = 0; k < 4; k++) assert_true(fabs(wide[k] - left[k]) < 1e-15);
    xp_sides_fold_sums(&s, map, wide);
    for (size_t k = 0; k < 4; k++) assert_true(fabs(wide[k] - sums[k]) < 1e-15);
    xp_sides_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_those_of_the_tokenizer), cmocka_unit_test(words_begin_behind_blanks),
        cmocka_unit_test(special_pieces_are_in_no_word), cmocka_unit_test(equal_words_have_one_number),
        cmocka_unit_test(maps_are_averaged_and_added_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
