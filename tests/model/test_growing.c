/* A text that grows gives the logits that the whole text gives, bit for bit: for every family of decoders, with windows, stretched positions
 * that change with the length, soft caps and tables of positions; piece by piece and many at once, across every change of room. */
#include "support/models.h"

#include "base/rng.h"
#include "model/growing.h"

/* Those of the goldens that make logits. */
static const char *const decoders[] = {
    "gemma-1",   "gemma-2",  "gemma2-10", "gemma2-4", "gemma3_text-15", "gemma3_text-5",
    "gpt2-14",   "gpt2-17",  "llama-10",  "llama-4",  "gpt_neox-19",    "gpt_neox-52",
    "mistral-2", "olmo2-11", "olmo2-20",  "opt-21",   "opt-35",         "phi-2",
    "phi3-5",    "qwen2-1",  "qwen3-4",   "qwen3-9",  "smollm3-2",      "llama-gguf/model.gguf"};
enum { N_DECODERS = sizeof decoders / sizeof *decoders, LONGEST = 530 };

static const size_t lengths[] = {1,  2,  3,   4,   15,  16,  17,  18,  24,  25,  33,  47,  48,     49,
                                 95, 97, 130, 131, 255, 256, 257, 400, 401, 402, 512, 513, LONGEST};

typedef struct last {
    size_t n, vocabulary;
    float *logits; /* behind the last piece */
} last;

static bool keep_last(void *self, size_t text, size_t first, size_t n, const float *rows) {
    last *l = self;
    (void)text;
    if (first + n == l->n) memcpy(l->logits, rows + (n - 1) * l->vocabulary, l->vocabulary * sizeof *rows);
    return true;
}

static void compare(const explaint_model *model, xp_growing *growing, const int32_t *id, size_t n, last *whole,
                    const char *name) {
    explaint_error error = {0};
    const float *logits;
    const explaint_ids text = {id, n};
    const explaint_observer look = {.self = whole, .logits = keep_last};
    whole->n = n;
    if (explaint_model_run(model, &text, 1, &look, 1, &error) != EXPLAINT_OK ||
        xp_growing_read(growing, id, n, &logits, &error) != EXPLAINT_OK)
        fail_msg("%s: %s", name, error.message);
    if (memcmp(logits, whole->logits, whole->vocabulary * sizeof *logits) != 0) fail_msg("%s, %zu pieces", name, n);
}

static void as_whole_texts(void **state) {
    (void)state;
    for (size_t i = 0; i < N_DECODERS; i++) {
        const explaint_model_options how = {.logits = true};
        explaint_error error = {0};
        explaint_model *model = NULL;
        xp_growing *growing = NULL;
        int32_t id[LONGEST];
        if (explaint_model_open(models_golden(decoders[i]), &how, &model, &error) != EXPLAINT_OK)
            fail_msg("%s", error.message);
        const explaint_model_info *info = explaint_model_describe(model);
        xp_rng rng = xp_rng_begin(6, XP_RNG_TEST, (uint32_t)i);
        for (size_t k = 0; k < LONGEST; k++) id[k] = (int32_t)xp_rng_below(&rng, info->vocabulary);
        last whole = {.vocabulary = info->vocabulary, .logits = models_floats(info->vocabulary)};
        assert_int_equal(xp_growing_create(model, &growing, &error), EXPLAINT_OK);
        for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++)
            if (info->open_ended || lengths[k] <= info->n_positions)
                compare(model, growing, id, lengths[k], &whole, decoders[i]);
        compare(model, growing, id, 3, &whole, decoders[i]); /* from the beginning */
        compare(model, growing, id, 4, &whole, decoders[i]);
        xp_growing_destroy(growing);
        free(whole.logits);
        explaint_model_close(model);
    }
}

static void refusals(void **state) {
    (void)state;
    explaint_error error = {0};
    explaint_model *model = models_open(models_golden("llama-10"), NULL);
    xp_growing *growing = NULL;
    assert_int_equal(xp_growing_create(model, &growing, &error), EXPLAINT_USAGE);
    assert_null(growing);
    xp_growing_destroy(growing);
    explaint_model_close(model);
    const explaint_model_options how = {.logits = true};
    const float *logits;
    const int32_t id[] = {1, 1000000};
    assert_int_equal(explaint_model_open(models_golden("llama-10"), &how, &model, &error), EXPLAINT_OK);
    assert_int_equal(xp_growing_create(model, &growing, &error), EXPLAINT_OK);
    assert_int_equal(xp_growing_read(growing, id, 0, &logits, &error), EXPLAINT_INVALID);
    assert_int_equal(xp_growing_read(growing, id, 2, &logits, &error), EXPLAINT_INVALID);
    assert_int_equal(xp_growing_read(growing, id, 1, &logits, &error), EXPLAINT_OK);
    xp_growing_destroy(growing);
    explaint_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_whole_texts), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
