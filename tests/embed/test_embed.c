/* Vectors of words: bits that depend on the words alone, prototypes of planted clusters, options that exclude each other, and
 * every allocation that fails once. The numbers themselves: tests/oracle/check_embed.py. */
#include "support/models.h"

#include <math.h>

#include "base/memory.h"
#include "base/rng.h"
#include "embed/embedding.h"
#include "embed/prototypes.h"
#include "embed/transform.h"
#include "explaint/embed.h"
#include "explaint/inspect.h"
#include "explaint/ledger.h"

static explaint_model *model;
static explaint_tokenizer *tokenizer;
static const char *const words[] = {"dog", "cat", "catdog", "nothing", "DOG", "a b"};
enum { N_WORDS = 6, PIECES = 50 };

static int open_all(void **state) {
    char vocabulary[1024] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ndog\ncat\na\nb\n##dog\n";
    explaint_error error = {0};
    if (files_setup(state) != 0) return 1;
    for (size_t i = 10; i < PIECES; i++) snprintf(vocabulary + strlen(vocabulary), 16, "w%zu\n", i);
    model = models_open(models_golden("bert-gelu"), NULL);
    return explaint_tokenizer_open(files_text("vocab.txt", vocabulary), &tokenizer, &error) != EXPLAINT_OK;
}

static int close_all(void **state) {
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    return files_teardown(state);
}

static explaint_texts *texts_of(const char *text) {
    explaint_error error = {0};
    explaint_texts *texts = NULL;
    if (explaint_texts_open(files_text("texts.txt", text), &texts, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return texts;
}

static explaint_embedding *embed(size_t n, const explaint_embed_options *o) {
    explaint_error error = {0};
    explaint_embedding *e = NULL;
    if (explaint_embed_words(model, tokenizer, words, n, o, &e, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return e;
}

static void same_row(const explaint_embedding *a, size_t i, const explaint_embedding *b, size_t k) {
    const size_t width = explaint_embedding_width(a);
    for (size_t l = 0; l < explaint_embedding_n_layers(a); l++)
        assert_memory_equal(explaint_embedding_matrix(a, l) + i * width, explaint_embedding_matrix(b, l) + k * width,
                            width * sizeof(float));
}

static void other_words_and_threads_change_no_bit(void **state) {
    (void)state;
    explaint_texts *contexts = texts_of("a dog, a cat\nDog dog cat\ncatdog a\nthe cat\ndog dog a b\nbig dog\n");
    const explaint_embed_options all[] = {{.pattern = "a {}."},
                                          {.contexts = contexts},
                                          {.contexts = contexts, .max_contexts = 2, .seed = 5},
                                          {.contexts = contexts, .prototypes = 2, .seed = 5}};
    for (size_t o = 0; o < sizeof all / sizeof all[0]; o++) {
        explaint_embed_options one = all[o], three = all[o];
        one.threads = 1;
        three.threads = 3;
        explaint_embedding *a = embed(N_WORDS, &one), *b = embed(N_WORDS, &three), *c = embed(1, &three);
        assert_int_equal(explaint_embedding_n_rows(a), explaint_embedding_n_rows(b));
        for (size_t i = 0; i < explaint_embedding_n_rows(a); i++) {
            assert_string_equal(explaint_embedding_word(a, i), explaint_embedding_word(b, i));
            same_row(a, i, b, i);
        }
        for (size_t i = 0; i < explaint_embedding_n_rows(c); i++) {
            assert_string_equal(explaint_embedding_word(c, i), "dog");
            same_row(c, i, a, i);
        }
        explaint_embedding_close(a);
        explaint_embedding_close(b);
        explaint_embedding_close(c);
    }
    explaint_texts_close(contexts);
}

static void rows_know_their_pieces_and_contexts(void **state) {
    (void)state;
    explaint_texts *contexts = texts_of("a dog, a cat\nDog dog cat\ncatdog a\nhotdog, dogs, dog_s\n");
    const explaint_embed_options o = {.contexts = contexts, .prototypes = 2};
    explaint_embedding *e = embed(N_WORDS, &o);
    static const struct {
        const char *word;
        size_t n_pieces, n_contexts;
    } want[] = {{"dog", 1, 3},    {"dog", 1, 3}, {"cat", 1, 2}, {"cat", 1, 2},
                {"catdog", 2, 1}, {"DOG", 1, 3}, {"DOG", 1, 3}};
    const char *why = NULL;
    assert_int_equal(explaint_embedding_n_rows(e), 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(explaint_embedding_word(e, i), want[i].word);
        assert_int_equal(explaint_embedding_n_pieces(e, i), want[i].n_pieces);
        assert_int_equal(explaint_embedding_n_contexts(e, i), want[i].n_contexts);
    }
    assert_int_equal(explaint_embedding_n_dropped(e), 2);
    assert_string_equal(explaint_embedding_dropped(e, 0, &why), "nothing");
    assert_string_equal(why, "stands in no context");
    assert_string_equal(explaint_embedding_dropped(e, 1, &why), "a b");
    explaint_embedding_close(e);
    explaint_texts_close(contexts);
}

/* With pieces in a text that is cut, and the word behind the cut. */
static void texts_are_looked_at_first(void **state) {
    (void)state;
    static const struct {
        const char *texts, *warnings[3], *note;
    } cases[] = {
        {"dog cat\n", {NULL}, NULL},
        {"dog cat\n\n", {"1 of 2 lines is blank, and each counts as a text without a word: leave it out"}, NULL},
        {"dog mouse\n \n",
         {"1 of 2 lines is blank, and each counts as a text without a word: leave it out",
          "1 of 2 pieces, in 1 of 2 texts, is unknown to the vocabulary: the model sees one and the same piece in "
          "place "
          "of each"},
         NULL},
        {"dog cat dog cat dog cat dog cat dog cat a mouse\n",
         {NULL},
         "1 of 12 pieces, in 1 of 1 texts, is unknown to the vocabulary: the model sees one and the same piece in "
         "place "
         "of each"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        explaint_texts *texts = texts_of(cases[k].texts);
        explaint_embed_options o = explaint_embed_defaults();
        explaint_error error = {0};
        explaint_embedding *e = NULL;
        const explaint_record *record = NULL;
        o.pooling = "mean";
        if (explaint_embed_texts(model, tokenizer, texts, &o, &e, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        size_t n = 0, noted = 0;
        for (; cases[k].warnings[n] != NULL; n++)
            assert_string_equal(explaint_embedding_warning(e, n), cases[k].warnings[n]);
        assert_int_equal(explaint_embedding_n_warnings(e), n);
        for (size_t i = 0; i < explaint_embedding_n_notes(e); i++)
            noted += strstr(explaint_embedding_note(e, i), "unknown") != NULL &&
                     strcmp(explaint_embedding_note(e, i), cases[k].note) == 0;
        assert_int_equal(noted, cases[k].note != NULL);
        assert_int_equal(explaint_embedding_record(e, (const char *[]){"embed", NULL}, NULL, &record, &error),
                         EXPLAINT_OK);
        assert_int_equal(((const explaint_embed_result *)record)->n_warnings, n);
        explaint_embedding_close(e);
        explaint_texts_close(texts);
    }
}

static void words_behind_the_cut_have_no_vector(void **state) {
    (void)state;
    explaint_texts *contexts = texts_of("a a a a a a a a a a a a a a a a a a a a a a a a a a dog\ncat\n");
    const explaint_embed_options o = {.contexts = contexts, .truncate = true};
    explaint_embedding *e = embed(2, &o);
    const char *why = NULL;
    assert_int_equal(explaint_embedding_n_rows(e), 1);
    assert_string_equal(explaint_embedding_dropped(e, 0, &why), "dog");
    assert_string_equal(why, "stands in no context before the cut");
    explaint_embedding_close(e);
    explaint_texts_close(contexts);
}

static void options_that_exclude_each_other_are_refused(void **state) {
    (void)state;
    explaint_texts *texts = texts_of("a dog\n");
    static const size_t twice[] = {1, 1}, three[] = {3};
    const explaint_embed_options bad[] = {{.pattern = "a"},
                                          {.pattern = "{} {}"},
                                          {.pattern = "{}", .contexts = texts},
                                          {.prototypes = 2},
                                          {.layers = twice, .n_layers = 2},
                                          {.layers = three, .n_layers = 1},
                                          {.layers = three},
                                          {.pieces = "last", .special_tokens = "pooled"},
                                          {.pieces = "middle"},
                                          {.special_tokens = "all"},
                                          {.fit_words = words, .n_fit_words = 2},
                                          {.remove_top = N_WORDS}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        explaint_error error = {0};
        explaint_embedding *e = NULL;
        assert_int_equal(explaint_embed_words(model, tokenizer, words, N_WORDS, &bad[i], &e, &error), EXPLAINT_USAGE);
        assert_null(e);
        assert_true(error.message[0] != 0);
    }
    explaint_error error = {0};
    explaint_embedding *e = NULL;
    const explaint_embed_options pattern = {.pattern = "{}"};
    assert_int_equal(explaint_embed_words(model, tokenizer, words, 0, NULL, &e, &error), EXPLAINT_USAGE);
    assert_int_equal(explaint_embed_texts(model, tokenizer, texts, &pattern, &e, &error), EXPLAINT_USAGE);
    assert_int_equal(explaint_embed_texts(model, tokenizer, texts, NULL, &e, &error),
                     EXPLAINT_INVALID); /* no modules.json */
    explaint_texts_close(texts);
}

/* ---- prototypes ---- */

typedef struct points {
    size_t width;
    const float *x;
} points;

static const float *point(const void *self, size_t i) {
    const points *p = self;
    return p->x + i * p->width;
}

static void planted_clusters_are_found(void **state) {
    (void)state;
    enum { N = 61, WIDTH = 7, K = 3 };
    float x[N * WIDTH], centre[K * WIDTH];
    for (uint64_t seed = 0; seed < 20; seed++) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_TEST, 2);
        double want[K][WIDTH] = {{0}};
        size_t size[K] = {31, 20, 10}, at = 0;
        for (size_t c = 0; c < K; c++)
            for (size_t i = 0; i < size[c]; i++, at++)
                for (size_t d = 0; d < WIDTH; d++) { /* far from 0, which must not matter */
                    x[at * WIDTH + d] = (float)(500 + (d == c ? 8 : 0) + xp_rng_normal(&rng));
                    want[c][d] += (double)x[at * WIDTH + d] / (double)size[c];
                }
        const points p = {WIDTH, x};
        assert_int_equal(xp_prototypes(N, WIDTH, point, &p, K, seed, 3, centre), K);
        for (size_t c = 0; c < K; c++)
            for (size_t d = 0; d < WIDTH; d++) assert_true(fabs((double)centre[c * WIDTH + d] - want[c][d]) < 1e-3);
    }
}

static void equal_points_have_one_centre(void **state) {
    (void)state;
    const float x[] = {2, 3, 2, 3, 2, 3, 2, 3, 9, 9};
    float centre[8];
    const points p = {2, x};
    assert_int_equal(xp_prototypes(5, 2, point, &p, 4, 1, 1, centre), 4);
    static const float want[] = {2, 3, 9, 9, 2, 3, 2, 3};
    assert_memory_equal(centre, want, sizeof want);
    assert_int_equal(xp_prototypes(2, 2, point, &p, 4, 1, 1, centre), 2); /* not more than there are points */
}

/* ---- standardisation, components ---- */

static void constant_dimensions_become_zero(void **state) {
    (void)state;
    float x[] = {.1f, 1, .1f, 2, .1f, 6}, other[] = {7, 3};
    xp_transform t;
    assert_true(xp_transform_fit(&t, 3, 2, x, true, 0));
    assert_int_equal(t.n_constant, 1);
    xp_transform_apply(&t, 3, x);
    xp_transform_apply(&t, 1, other);
    assert_true(x[0] == 0 && x[2] == 0 && x[4] == 0 && other[0] == 0 && other[1] == 0);
    assert_true(fabs((double)(x[1] + x[3] + x[5])) < 1e-6 &&
                fabs((double)(x[1] * x[1] + x[3] * x[3] + x[5] * x[5]) - 3) < 1e-5);
    xp_transform_free(&t);
}

/* ---- every allocation fails once ---- */

typedef explaint_status (*attempt)(explaint_error *error);
static explaint_texts *held;

static explaint_status finish(explaint_status status, explaint_embedding *e, const char *path, explaint_error *error) {
    assert_int_equal(e != NULL, status == EXPLAINT_OK);
    if (status == EXPLAINT_OK) status = explaint_embedding_write(e, path, NULL, error);
    explaint_embedding_close(e);
    return status;
}

static explaint_status try_pattern(explaint_error *error) {
    explaint_embedding *e = NULL;
    const explaint_embed_options o = {
        .pattern = "a {}", .threads = 1, .standardise = true, .remove_top = 1, .fit_words = words, .n_fit_words = 3};
    explaint_status status = explaint_embed_words(model, tokenizer, words, N_WORDS, &o, &e, error);
    return finish(status, e, files_path("o.safetensors"), error);
}

static explaint_status write_json(explaint_embedding *e, FILE *out, explaint_error *error) {
    const explaint_record *record = NULL;
    explaint_status status = explaint_embedding_record(e, NULL, NULL, &record, error);
    return status == EXPLAINT_OK ? explaint_record_write_json(record, out, error) : status;
}

static explaint_record *stored_run(explaint_ledger *ledger, long run) {
    explaint_record *record = NULL;
    explaint_error error = {0};
    if (explaint_ledger_record(ledger, run, &record, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return record;
}

/* What was asked, dropped and noted is in the ledger; the vectors are in their file, which the record knows by its hash. */
static void a_run_is_kept(void **state) {
    (void)state;
    static const char *const command[] = {"embed", "--words", "w", NULL};
    const explaint_embed_options o = {.pattern = "a {}", .threads = 1};
    const explaint_input input = {.role = "words", .name = "w", .path = "w", .sha256 = "aa"};
    const char *path = files_path("kept.npy");
    explaint_embedding *e = NULL;
    explaint_ledger *ledger = NULL;
    explaint_units units;
    explaint_error error = {0};
    const explaint_record *record = NULL;
    char *identity = NULL, *other = NULL;
    const size_t layer = 1;
    explaint_embed_options one = o;
    one.layers = &layer;
    one.n_layers = 1;
    assert_int_equal(explaint_embed_identity(model, command, &input, 1, &identity, &error), EXPLAINT_OK);
    assert_int_equal(explaint_embed_identity(model, command, NULL, 0, &other, &error), EXPLAINT_OK);
    assert_string_not_equal(identity, other);
    if (explaint_embed_words(model, tokenizer, words, N_WORDS, &one, &e, &error) != EXPLAINT_OK ||
        explaint_embedding_write(e, path, NULL, &error) != EXPLAINT_OK ||
        explaint_embedding_record(e, command, path, &record, &error) != EXPLAINT_OK ||
        explaint_ledger_open(files_path("kept.db"), true, &ledger, &error) != EXPLAINT_OK ||
        explaint_ledger_begin(ledger, identity, true, &units, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    explaint_record *none = NULL;
    assert_int_equal(explaint_ledger_record(ledger, explaint_ledger_run(ledger), &none, &error), EXPLAINT_INVALID);
    if (explaint_ledger_finish(ledger, record, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    const long run = explaint_ledger_run(ledger);
    if (explaint_ledger_begin(ledger, identity, true, &units, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(explaint_ledger_run(ledger), run);

    explaint_record *again = stored_run(ledger, run);
    const explaint_embed_result *r = (const explaint_embed_result *)again;
    assert_ptr_equal(again->kind, &explaint_embed_kind);
    assert_int_equal(r->n_rows, ((const explaint_embed_result *)record)->n_rows);
    assert_int_equal(r->n_dropped, ((const explaint_embed_result *)record)->n_dropped);
    assert_true(explaint_embed_result_is_in(r, path));
    assert_false(explaint_embed_result_is_in(r, files_path("none.npy")));
    assert_false(explaint_embed_result_is_in(r, files_text("other.npy", "x")));
    explaint_record_free(again);
    assert_int_equal(explaint_embedding_record(e, command, files_path("none.npy"), &record, &error), EXPLAINT_FAILED);
    assert_non_null(strstr(error.message, "none.npy"));
    free(identity);
    free(other);
    explaint_ledger_close(ledger);
    explaint_embedding_close(e);
}

static explaint_status try_contexts(explaint_error *error) {
    explaint_embedding *e = NULL;
    const explaint_embed_options o = {.contexts = held, .threads = 1, .prototypes = 2, .max_contexts = 3};
    explaint_status status = explaint_embed_words(model, tokenizer, words, N_WORDS, &o, &e, error);
    if (status == EXPLAINT_OK) {
        FILE *out = fopen(files_path("o.json"), "w");
        assert_non_null(out);
        status = write_json(e, out, error);
        fclose(out);
        if (status != EXPLAINT_OK) {
            explaint_embedding_close(e);
            return status;
        }
    }
    return finish(status, e, files_path("o.csv"), error);
}

static explaint_status try_texts(explaint_error *error) {
    static const size_t last[] = {2};
    explaint_texts *texts = NULL;
    explaint_embedding *e = NULL;
    const explaint_embed_options o = {.pooling = "max", .threads = 1, .layers = last, .n_layers = 1};
    explaint_status status = explaint_texts_open(files_path("held.txt"), &texts, error);
    if (status == EXPLAINT_OK) status = explaint_embed_texts(model, tokenizer, texts, &o, &e, error);
    explaint_texts_close(texts);
    return finish(status, e, files_path("o.npy"), error);
}

static explaint_status try_dump(explaint_error *error) {
    const explaint_dump_options o = {.threads = 1};
    return explaint_model_dump(model, tokenizer, held, &o, files_path("d.safetensors"), error);
}

static explaint_status try_check(explaint_error *error) {
    char path[600];
    explaint_check *check = NULL;
    snprintf(path, sizeof path, "%s/expected.safetensors", models_golden("bert-gelu"));
    explaint_status status = explaint_model_check(model, tokenizer, path, 1, &check, error);
    assert_int_equal(check != NULL, status == EXPLAINT_OK);
    if (check != NULL) assert_int_equal(check->outcome, EXPLAINT_CHECK_YES);
    explaint_check_close(check);
    return status;
}

static explaint_status try_inspect(explaint_error *error) {
    explaint_inspection *inspection = NULL;
    explaint_status status = explaint_model_inspect(models_golden("bert-gelu"), &inspection, error);
    assert_int_equal(inspection != NULL, status == EXPLAINT_OK);
    explaint_inspection_close(inspection);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const attempt attempts[] = {try_pattern, try_contexts, try_texts, try_dump, try_check, try_inspect};
    files_text("held.txt", "a dog, a cat\nDog dog cat\ncatdog a dog\n");
    explaint_error error = {0};
    assert_int_equal(explaint_texts_open(files_path("held.txt"), &held, &error), EXPLAINT_OK);
    for (size_t a = 0; a < sizeof attempts / sizeof attempts[0]; a++) {
        size_t n = 0;
        for (explaint_status status = EXPLAINT_FAILED; status != EXPLAINT_OK;) {
            error = (explaint_error){0};
            xp_fail_allocation(++n);
            status = attempts[a](&error);
            xp_fail_allocation(0);
            if (status != EXPLAINT_OK && (error.code != status || error.message[0] == 0))
                fail_msg("attempt %zu, allocation %zu: code %d, \"%s\"", a, n, (int)status, error.message);
            if (n > 100000) fail_msg("attempt %zu does not end: %s", a, error.message);
        }
        assert_true(n > 15);
    }
    explaint_texts_close(held);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_words_and_threads_change_no_bit),
        cmocka_unit_test(rows_know_their_pieces_and_contexts),
        cmocka_unit_test(texts_are_looked_at_first),
        cmocka_unit_test(words_behind_the_cut_have_no_vector),
        cmocka_unit_test(options_that_exclude_each_other_are_refused),
        cmocka_unit_test(planted_clusters_are_found),
        cmocka_unit_test(equal_points_have_one_centre),
        cmocka_unit_test(constant_dimensions_become_zero),
        cmocka_unit_test(a_run_is_kept),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
