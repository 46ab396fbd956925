/* One tokenizer, four threads at once: each gets what one alone gets (and the thread sanitizer sees no race). */
#include "support/files.h"

#include <pthread.h>

#include "explaint/tokenizer.h"

enum { THREADS = 4, TEXTS = 200 };
static const char *const texts[] = {"un \xc3\xa9t\xc3\xa9 a.",
                                    ("\xe4\xb8\xad"
                                     "a \xc4\xb0"),
                                    "", "a\xcc\x81\xcc\xa3 [CLS] un"};
static explaint_tokenizer *tokenizer;
static explaint_encoding alone[4];

static void *encode(void *argument) {
    size_t differs = 0;
    (void)argument;
    for (size_t i = 0; i < TEXTS; i++) {
        const explaint_encoding *want = &alone[i % 4];
        explaint_encoding e = {0};
        if (explaint_tokenizer_encode(tokenizer, texts[i % 4], strlen(texts[i % 4]), NULL, &e, NULL) != EXPLAINT_OK ||
            e.n != want->n || memcmp(e.id, want->id, e.n * sizeof *e.id) != 0 ||
            memcmp(e.end, want->end, e.n * sizeof *e.end) != 0)
            differs++;
        explaint_encoding_free(&e);
    }
    return (void *)differs; /* NOLINT(performance-no-int-to-ptr): a count */
}

static void threads(void **state) {
    (void)state;
    explaint_error error = {0};
    pthread_t thread[THREADS];
    files_text("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nun\nete\n.\ni\n");
    assert_int_equal(explaint_tokenizer_open(files_folder, &tokenizer, &error), EXPLAINT_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(explaint_tokenizer_encode(tokenizer, texts[i], strlen(texts[i]), NULL, &alone[i], &error),
                         EXPLAINT_OK);
    assert_int_equal(alone[0].n, 6);
    for (size_t i = 0; i < THREADS; i++) assert_int_equal(pthread_create(&thread[i], NULL, encode, NULL), 0);
    for (size_t i = 0; i < THREADS; i++) {
        void *differs = NULL;
        assert_int_equal(pthread_join(thread[i], &differs), 0);
        assert_null(differs);
    }
    for (size_t i = 0; i < 4; i++) explaint_encoding_free(&alone[i]);
    explaint_tokenizer_close(tokenizer);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(threads, files_setup, files_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
