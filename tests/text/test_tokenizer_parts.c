/* A tokenizer from its parts, without a file, as other formats will make one: SentencePiece's BPE, whose merges go by the scores of the
 * pieces that they make. */
#include "support/files.h"

#include "text/tokenizer.h"
#include "text/unicode.h"

static const struct {
    const char *piece;
    uint32_t rank; /* of the merge that makes it: the best score has 0; of equal scores the same */
} pieces[] = {{"<unk>", 0},
              {"\xe2\x96\x81", 0},
              {"a", 0},
              {"b", 0},
              {"c", 0},
              {"<0xC3>", 0},
              {"<0xA9>", 0},
              {"bc", 1},
              {"ab", 1},
              {"\xe2\x96\x81"
               "a",
               2}};
enum { N = sizeof pieces / sizeof pieces[0] };

static explaint_status fill(xp_draft *draft) {
    static const xp_bpe_merge merges[] = {{3, 4, 7, 1}, {2, 3, 8, 1}, {1, 2, 9, 2}};
    const xp_bpe_options options = {.unknown = 0, .fuse_unknown = true, .byte_fallback = true};
    explaint_tokenizer *t = draft->t;
    explaint_status status = xp_draft_pieces(draft, N);
    for (size_t i = 0; status == EXPLAINT_OK && i < N; i++)
        draft->piece[i] = (xp_view){pieces[i].piece, strlen(pieces[i].piece)};
    if (status == EXPLAINT_OK) status = xp_draft_vocabulary(draft);
    if (status != EXPLAINT_OK) return status;
    assert_true(xp_bpe_create(&t->vocabulary, merges, 3, &options, &t->model));
    assert_int_equal(
        xp_draft_add(
            draft, (xp_candidate){.content = {"<s>", 3}, .id = XP_ANY_ID, .path = "parts", .token = {.special = true}}),
        EXPLAINT_OK);
    assert_int_equal(xp_draft_number(draft), EXPLAINT_OK);
    assert_true(xp_splitter_add(&t->splitter,
                                (xp_split){.kind = XP_SPLIT_METASPACE, .point = 0x2581, .prefix = XP_PREFIX_FIRST}));
    assert_int_equal(xp_draft_special(draft, xp_draft_id(draft, (xp_view){"<s>", 3}), false), EXPLAINT_OK);
    return xp_draft_finish(draft);
}

static void by_score(void **state) {
    (void)state;
    xp_draft draft;
    explaint_error error = {0};
    explaint_tokenizer *t = NULL;
    explaint_encoding e = {0};
    assert_int_equal(xp_draft_begin(&draft, "parts", &error), EXPLAINT_OK);
    assert_int_equal(xp_draft_end(&draft, fill(&draft), &t), EXPLAINT_OK);
    const char text[] = "abc \xc3\xa9<s>?";
    const int32_t expected[] = {10, 1, 8, 4, 1, 5, 6, 10, 0}; /* of the equal ab and bc the left one; then ▁a is none */
    const uint32_t begin[] = {0, 0, 0, 2, 3, 4, 4, 6, 9}, end[] = {0, 1, 2, 3, 4, 6, 6, 9, 10};
    assert_int_equal(explaint_tokenizer_encode(t, text, sizeof text - 1, NULL, &e, &error), EXPLAINT_OK);
    assert_int_equal(e.n, 9);
    for (size_t i = 0; i < e.n; i++) {
        assert_int_equal(e.id[i], expected[i]);
        assert_int_equal(e.begin[i], begin[i]);
        assert_int_equal(e.end[i], end[i]);
    }
    explaint_encoding_free(&e);
    explaint_tokenizer_close(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_score)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
