/* Units as bytes: what goes in comes out, what is cut or of another kind is refused, and what version 0.1 wrote is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "support/matrix.h"
#include "units/columns.h"
#include "units/concepts.h"
#include "units/features.h"
#include "units/scores.h"
#include "units/tests.h"

enum { N = 7, FOLDS = 3, LEVELS = 2, EPOCHS = 4 };

/* Every shorter piece is refused. */
#define REFUSES_PIECES(BYTES, SIZE, UNPACK)                                                                            \
    for (size_t cut = 0; cut < (SIZE); cut++) {                                                                        \
        void *piece = malloc(cut + 1); /* of its own, so that a sanitizer sees who reads too far */                    \
        memcpy(piece, BYTES, cut);                                                                                     \
        assert_int_equal(UNPACK, EXPLAINT_INVALID);                                                                    \
        free(piece);                                                                                                   \
    }

static void columns(void **unused) {
    (void)unused;
    const xp_units_columns *all[] = {&xp_units_baselines, &xp_units_word_form, &xp_units_length, &xp_units_refits,
                                     &xp_units_lint};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
        const size_t count = xp_units_columns_size(all[k], N, FOLDS);
        double *value = nans(count), *back = nans(count);
        for (size_t i = 0; i + 1 < count; i++) value[i] = (double)i / 7; /* the last stays NaN */
        void *bytes = NULL;
        size_t size = 0;
        assert_true(xp_units_columns_pack(all[k], N, FOLDS, value, &bytes, &size));
        assert_int_equal(xp_units_columns_unpack(all[k], N, FOLDS, back, bytes, size), EXPLAINT_OK);
        assert_memory_equal(value, back, count * sizeof *value);
        assert_int_equal(xp_units_columns_unpack(all[k], N + 1, FOLDS, NULL, bytes, size), EXPLAINT_INVALID);
        for (size_t other = 0; other < sizeof all / sizeof *all; other++)
            assert_int_equal(xp_units_columns_unpack(all[other], N, FOLDS, NULL, bytes, size),
                             other == k ? EXPLAINT_OK : EXPLAINT_INVALID);
        REFUSES_PIECES(bytes, size, xp_units_columns_unpack(all[k], N, FOLDS, back, piece, cut))
        xp_free(bytes);
        free(value);
        free(back);
    }
}

static void tests_of_claims(void **unused) {
    (void)unused;
    const xp_units_arms two = {NULL}, flips = {"flips"}, spelling = {"spelling"};
    double left_out[N] = {.1, .2, NAN, .4}, back[N], t[3 * N], drawn[3][N];
    const xp_units_observed o = {
        .divisor = 2, .error = .25, .peer_divisor = 3, .t = {5, 6, 7}, .n = N, .left_out = left_out};
    xp_units_observed is = {.n = N, .left_out = back};
    void *bytes = NULL;
    size_t size = 0;
    assert_true(xp_units_observed_pack(&o, &flips, &bytes, &size));
    assert_int_equal(xp_units_observed_unpack(&is, &flips, bytes, size), EXPLAINT_OK);
    assert_true(is.divisor == 2 && is.error == .25 && is.peer_divisor == 3 && is.t[2] == 7);
    assert_memory_equal(left_out, back, sizeof back);
    assert_int_equal(xp_units_observed_unpack(&is, &spelling, bytes, size), EXPLAINT_INVALID); /* another third arm */
    assert_int_equal(xp_units_observed_unpack(&is, &two, bytes, size), EXPLAINT_INVALID);
    REFUSES_PIECES(bytes, size, xp_units_observed_unpack(&is, &flips, piece, cut))
    xp_free(bytes);
    for (size_t i = 0; i < 3 * N; i++) t[i] = (double)i;
    double *const into[] = {drawn[0], NULL, drawn[2]};
    assert_true(xp_units_drawn_pack(t, N, &spelling, &bytes, &size));
    assert_int_equal(xp_units_drawn_unpack(into, N, &spelling, bytes, size), EXPLAINT_OK);
    assert_true(drawn[0][3] == 3 && drawn[2][3] == 2 * N + 3);
    assert_int_equal(xp_units_drawn_unpack(into, N - 1, &spelling, bytes, size), EXPLAINT_INVALID);
    assert_int_equal(xp_units_drawn_unpack(into, N, &flips, bytes, size), EXPLAINT_INVALID);
    xp_free(bytes);
}

static void concepts(void **unused) {
    (void)unused;
    uint32_t fold[] = {2, 0, 1}, twin[] = {0, UINT32_MAX, 0};
    int32_t label[] = {4, -1, 4};
    const char *name[] = {"a", "", "caf\xc3\xa9"};
    const xp_concepts c = {.n = 3, .fold = fold, .twin = twin, .label = label, .name = name};
    xp_concepts back;
    void *bytes = NULL;
    size_t size = 0;
    assert_true(xp_units_concepts_pack(&c, &bytes, &size));
    assert_int_equal(xp_units_concepts_unpack(bytes, size, &back), EXPLAINT_OK);
    assert_int_equal(back.n, 3);
    assert_true(back.fold[0] == 2 && back.twin[1] == UINT32_MAX && back.label[2] == 4);
    assert_string_equal(back.name[2], name[2]);
    xp_concepts_free(&back);
    REFUSES_PIECES(bytes, size, xp_units_concepts_unpack(piece, cut, &back))
    xp_free(bytes);
    twin[0] = 2; /* of a concept after it */
    assert_true(xp_units_concepts_pack(&c, &bytes, &size));
    assert_int_equal(xp_units_concepts_unpack(bytes, size, &back), EXPLAINT_INVALID);
    xp_free(bytes);
}

static void concepts_of_version_0_1(void **unused) {
    (void)unused;
    xp_concepts c;
    static const unsigned char two[] = {2,   0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0,   0, 0,   255, 255, 255,
                                        255, 3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 'a', 0, 'b', 'c', 0};
    assert_int_equal(xp_units_concepts_unpack(two, sizeof two, &c), EXPLAINT_OK);
    assert_int_equal(c.n, 2);
    assert_true(c.fold[0] == 1 && c.label[0] == -1 && c.twin[1] == 0 && c.label[1] == 7);
    assert_string_equal(c.name[1], "bc");
    xp_concepts_free(&c);
    for (size_t size = 0; size < sizeof two; size++)
        assert_int_equal(xp_units_concepts_unpack(two, size, &c), EXPLAINT_INVALID);
    unsigned char bytes[sizeof two];
    memcpy(bytes, two, sizeof two);
    bytes[sizeof two - 1] = 'd'; /* a name without its end */
    assert_int_equal(xp_units_concepts_unpack(bytes, sizeof bytes, &c), EXPLAINT_INVALID);
    memcpy(bytes, two, sizeof two);
    bytes[12] = 1; /* the first is the twin of one after it */
    assert_int_equal(xp_units_concepts_unpack(bytes, sizeof bytes, &c), EXPLAINT_INVALID);
    memset(bytes, 255, 8);
    assert_int_equal(xp_units_concepts_unpack(bytes, sizeof bytes, &c), EXPLAINT_INVALID);
}

static void fill(xp_scores *s) {
    for (size_t i = 0; i < LEVELS * N * XP_N_METRICS; i++) s->score[i] = (xp_score){(double)i, 1 + (double)i / 3};
    for (size_t i = 0; i < LEVELS * N * XP_TOP; i++) s->top[i] = (int)i % 5 - 1;
    for (size_t f = 0; f < FOLDS; f++) {
        s->chosen[f] = 10 + (double)f;
        s->note[f].used = (uint32_t)f + 1;
        s->note[f].nipals.capped = (uint32_t)f;
    }
}

static void scores(void **unused) {
    (void)unused;
    const unsigned kept = 1u << XP_F1_AT_10 | 1u << XP_R2 | 1u << XP_COSINE;
    xp_scores s, back;
    unsigned found;
    void *bytes = NULL;
    size_t size = 0;
    assert_true(xp_scores_alloc(&s, N, LEVELS, FOLDS) && xp_scores_keep_losses(&s, EPOCHS));
    fill(&s);
    assert_true(xp_units_scores_pack(&s, kept, &bytes, &size));
    assert_int_equal(xp_units_scores_unpack(bytes, size, N, 1u << XP_R2 | 1u << XP_MAP, &back, &found), EXPLAINT_OK);
    assert_int_equal(found, 1u << XP_R2); /* one that is wanted and is not there takes nothing from the others */
    for (size_t level = 0; level < LEVELS; level++)
        for (size_t i = 0; i < N; i++)
            assert_memory_equal(xp_score_at(&s, level, i) + XP_R2, xp_score_at(&back, level, i) + XP_R2,
                                sizeof(xp_score));
    assert_memory_equal(s.top, back.top, LEVELS * N * XP_TOP * sizeof *s.top);
    assert_memory_equal(s.note, back.note, FOLDS * sizeof *s.note);
    assert_memory_equal(s.losses, back.losses, 2 * EPOCHS * FOLDS * sizeof *s.losses);
    xp_scores_free(&back);
    assert_int_equal(xp_units_scores_unpack(bytes, size, N + 1, kept, &back, &found), EXPLAINT_INVALID);
    REFUSES_PIECES(bytes, size, xp_units_scores_unpack(piece, cut, N, kept, &back, &found))
    xp_free(bytes);
    xp_scores_free(&s);
}

/* What is shown is optional, and its places are believed in nothing. */
static void scores_that_are_shown(void **unused) {
    (void)unused;
    const unsigned kept = 1u << XP_F1_AT_10;
    xp_scores s, back;
    unsigned found;
    void *bytes = NULL;
    size_t size = 0;
    assert_true(xp_scores_alloc(&s, N, LEVELS, FOLDS) && xp_scores_show(&s, 1));
    assert_true(xp_scores_show_neighbours(&s, XP_SPACE_GOLD));
    fill(&s);
    for (size_t i = 0; i < N * XP_TOP; i++) {
        s.shown.score[i] = (float)i / 3;
        s.shown.hit[i] = i % 3 == 0;
        s.shown.nearest[XP_SPACE_GOLD][i] = i % 4 == 0 ? UINT32_MAX : (uint32_t)(i % N);
    }
    assert_true(xp_units_scores_pack(&s, kept, &bytes, &size));
    assert_int_equal(xp_units_scores_unpack(bytes, size, N, kept, &back, &found), EXPLAINT_OK);
    assert_int_equal(back.shown.level, 1);
    assert_memory_equal(s.shown.score, back.shown.score, N * XP_TOP * sizeof *s.shown.score);
    assert_memory_equal(s.shown.hit, back.shown.hit, N * XP_TOP);
    assert_memory_equal(s.shown.nearest[XP_SPACE_GOLD], back.shown.nearest[XP_SPACE_GOLD], N * XP_TOP * 4);
    assert_null(back.shown.nearest[XP_SPACE_INPUT]);
    xp_scores_free(&back);
    REFUSES_PIECES(bytes, size, xp_units_scores_unpack(piece, cut, N, kept, &back, &found))
    xp_free(bytes);
    for (int wrong = 0; wrong < 3; wrong++) {
        s.shown.level = wrong == 0 ? LEVELS : 0;
        s.shown.hit[5] = wrong == 1 ? 2 : 1;
        s.shown.nearest[XP_SPACE_GOLD][9] = wrong == 2 ? N : 0;
        assert_true(xp_units_scores_pack(&s, kept, &bytes, &size));
        assert_int_equal(xp_units_scores_unpack(bytes, size, N, kept, &back, &found), EXPLAINT_INVALID);
        xp_free(bytes);
    }
    xp_scores_free(&s);
}

static void features(void **unused) {
    (void)unused;
    size_t start[] = {0, 2, 2, 3};
    uint32_t column[] = {0, 3, 1};
    double value[] = {5, .25, 7};
    const char *name[] = {"is \"big\"", "", "caf\xc3\xa9", "a, b"};
    const xp_csr gold = {.n = 3, .m = 4, .start = start, .column = column, .value = value};
    xp_units_features back;
    void *bytes = NULL;
    size_t size = 0;
    assert_true(xp_units_features_pack(&gold, name, &bytes, &size));
    assert_int_equal(xp_units_features_unpack(bytes, size, &back), EXPLAINT_OK);
    assert_true(back.gold.n == 3 && back.gold.m == 4);
    assert_memory_equal(back.gold.start, start, sizeof start);
    assert_memory_equal(back.gold.column, column, sizeof column);
    assert_memory_equal(back.gold.value, value, sizeof value);
    for (size_t j = 0; j < 4; j++) assert_string_equal(back.name[j], name[j]);
    xp_units_features_free(&back);
    REFUSES_PIECES(bytes, size, xp_units_features_unpack(piece, cut, &back))
    xp_free(bytes);
    const uint32_t wrong[][2] = {{0, 4}, {3, 3}, {3, 0}}; /* no such feature; twice; in another order */
    for (size_t k = 0; k < 3; k++) {
        memcpy(column, wrong[k], sizeof wrong[k]);
        assert_true(xp_units_features_pack(&gold, name, &bytes, &size));
        assert_int_equal(xp_units_features_unpack(bytes, size, &back), EXPLAINT_INVALID);
        xp_free(bytes);
    }
}

int main(void) {
    const struct CMUnitTest all[] = {
        cmocka_unit_test(columns),  cmocka_unit_test(tests_of_claims),
        cmocka_unit_test(concepts), cmocka_unit_test(concepts_of_version_0_1),
        cmocka_unit_test(scores),   cmocka_unit_test(scores_that_are_shown),
        cmocka_unit_test(features),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
