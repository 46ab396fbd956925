/* Hidden token attribution beside torch's autograd in every family (tests/oracle/make_attribution_goldens.py), and its laws. */
#include "support/models.h"

#include <math.h>

#include "base/memory.h"
#include "flow/attribution.h"
#include "model/model.h"

enum { N = 7, MOST_LAYERS = 16 };

static const char *const models[] = {
    "albert-5",      "bert-gelu",      "deberta-v2-1343", "deberta-v2-3149", "distilbert-6", "electra-16", "gemma-1",
    "gemma2-4",      "gemma3_text-5",  "gpt2-14",         "gpt_neox-19",     "gpt_neox-52",  "llama-10",   "mistral-2",
    "modernbert-11", "mpnet-relative", "olmo2-11",        "opt-21",          "opt-35",       "phi-2",      "phi3-5",
    "qwen2-1",       "qwen3-4",        "roberta-1",       "smollm3-2",       "xlm-roberta-2"};
static const int32_t id[N] = {2, 5, 7, 11, 3, 8, 13};
static const explaint_ids text = {id, N};

static explaint_model *open_model(const char *name) {
    explaint_model *model = NULL;
    explaint_error error = {0};
    if (explaint_model_open(models_golden(name), NULL, &model, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_true(model->info.n_layers <= MOST_LAYERS);
    return model;
}

typedef struct outcome {
    double share[MOST_LAYERS * N * N], deviation[MOST_LAYERS * N];
} outcome;

static void attribute(const explaint_model *m, const explaint_ids *of, size_t probes, size_t held, unsigned threads,
                      uint64_t seed, outcome *to) {
    const xp_attribution_options options = {
        .probes = probes, .n_layers = m->info.n_layers, .held = held, .seed = seed, .threads = threads};
    explaint_error error = {0};
    memset(to, 0, sizeof *to);
    if (xp_attribution_of(m, of, &options, to->share, to->deviation, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
}

/* What a row has by itself as one matrix, and, where directions are too few for that, step by step. */
static void families_agree_with_autograd(void **state) {
    static outcome o;
    xp_bytes bytes = {0};
    xp_safetensors *file = NULL;
    explaint_error error = {0};
    char path[512];
    (void)state;
    snprintf(path, sizeof path, "%s/tests/golden/attribution.safetensors", EXPLAINT_SOURCE_DIR);
    assert_int_equal(xp_file_read(path, XP_LIMIT_TABLE, &bytes, &error), EXPLAINT_OK);
    assert_int_equal(xp_safetensors_open(path, bytes.data, bytes.size, &file, &error), EXPLAINT_OK);
    for (size_t k = 0; k < sizeof models / sizeof *models; k++) {
        explaint_model *m = open_model(models[k]);
        const xp_tensor *expected = xp_safetensors_find(file, models[k]);
        const size_t size = m->info.n_layers * N * N;
        assert_non_null(expected);
        assert_int_equal(expected->size, size * sizeof(double));
        for (size_t held = 0; held < 2; held++) {
            double worst = 0;
            attribute(m, &text, SIZE_MAX, held == 0 ? 1 : 1 << 20, 1, 1, &o);
            for (size_t i = 0; i < size; i++) {
                double share;
                memcpy(&share, expected->data + i * sizeof share, sizeof share);
                worst = fmax(worst, fabs(o.share[i] - share));
            }
            if (!(worst < 5e-6)) fail_msg("%s: %g", models[k], worst);
        }
        explaint_model_close(m);
    }
    xp_safetensors_close(file);
    xp_bytes_free(&bytes);
}

/* Directions drawn at random come near, as near as they say. Threads change no bit. */
static void an_estimate_says_how_far_it_is_off(void **state) {
    static const char *const names[] = {"bert-gelu", "llama-10", "electra-16", "gemma2-4"};
    static outcome exact, other;
    (void)state;
    for (size_t k = 0; k < 4; k++) {
        explaint_model *m = open_model(names[k]);
        const size_t all = xp_attribution_exact(m);
        size_t near = 0, rows = 0;
        attribute(m, &text, all, 1 << 20, 1, 1, &exact);
        attribute(m, &text, SIZE_MAX, 1 << 20, 3, 1, &other);
        assert_memory_equal(&exact, &other, sizeof exact);
        for (uint64_t seed = 1; seed <= 20; seed++) {
            attribute(m, &text, all / 2, 1 << 20, 2, seed, &other);
            for (size_t row = 0; row < m->info.n_layers * N; row++) {
                const double gap = fabs(exact.share[row * N + row % N] - other.share[row * N + row % N]);
                assert_true(exact.deviation[row] == 0 && other.deviation[row] < .2);
                if (m->info.causal && row % N == 0) continue; /* its own share is 1, always */
                near += gap < 2 * other.deviation[row];
                rows++;
            }
        }
        for (size_t i = 0; m->info.causal && i < m->info.n_layers * N * N; i++)
            assert_true(i % N <= i / N % N || (exact.share[i] == 0 && other.share[i] == 0));
        assert_true(near * 5 >= rows * 4);
        explaint_model_close(m);
    }
}

/* One word has no other; a word that the rest does not see in a decoder is the last row's alone. */
static void one_word_is_its_own(void **state) {
    static outcome o;
    const explaint_ids one = {id, 1};
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        explaint_model *m = open_model(k == 0 ? "bert-gelu" : "llama-10");
        attribute(m, &one, 4, 1 << 20, 1, 1, &o);
        for (size_t l = 0; l < m->info.n_layers; l++) assert_true(o.share[l] == 1 && o.deviation[l] == 0);
        const xp_attribution_says says = xp_attribution_describe(1, m->info.causal, o.share, o.deviation);
        assert_true(says.rows == (k == 0 ? 1 : 0) && (k == 1 || (says.own == 1 && says.not_largest == 0)));
        explaint_model_close(m);
    }
}

/* Without attention and feed-forward layer a row moves with its own word alone. */
static void rows_that_nothing_is_added_to(void **state) {
    static outcome o;
    (void)state;
    explaint_model *m = open_model("llama-10");
    for (size_t l = 0; l < m->info.n_layers; l++) {
        const xp_matrix *maps[] = {&m->layers[l].output, &m->layers[l].down};
        for (size_t k = 0; k < 2; k++) {
            size_t size = 0;
            assert_true(xp_panels_size(maps[k]->columns, maps[k]->rows, &size));
            memset((float *)(uintptr_t)maps[k]->panels, 0, size * sizeof(float));
        }
    }
    attribute(m, &text, SIZE_MAX, 1 << 20, 1, 1, &o);
    for (size_t i = 0; i < m->info.n_layers * N * N; i++) assert_true(o.share[i] == (i % N == i / N % N ? 1 : 0));
    explaint_model_close(m);
}

static void rows_are_described(void **state) {
    const double share[] = {.5, .25, .25, .25, .25, .5, .125, .125, .75}, deviation[] = {.1, .2, .3};
    (void)state;
    const xp_attribution_says all = xp_attribution_describe(3, false, share, deviation),
                              causal = xp_attribution_describe(3, true, share, deviation);
    assert_true(all.own == .5 && all.not_largest == 1. / 3 && fabs(all.deviation - .2) < 1e-15 && all.rows == 3);
    assert_true(causal.own == .5 && causal.not_largest == .5 && fabs(causal.deviation - .25) < 1e-15 &&
                causal.rows == 2);
}

static void memory_may_be_missing(void **state) {
    static outcome o;
    explaint_model *m = open_model("bert-gelu");
    const xp_attribution_options options = {.probes = 3, .n_layers = 1, .held = 1, .threads = 1};
    explaint_error error = {0};
    size_t n = 0;
    (void)state;
    for (explaint_status status = EXPLAINT_FAILED; status != EXPLAINT_OK;) {
        xp_fail_allocation(++n);
        status = xp_attribution_of(m, &text, &options, o.share, o.deviation, &error);
        xp_fail_allocation(0);
        if (status != EXPLAINT_OK) assert_non_null(strstr(error.message, "memory"));
    }
    assert_true(n > 20);
    explaint_model_close(m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_agree_with_autograd), cmocka_unit_test(an_estimate_says_how_far_it_is_off),
        cmocka_unit_test(one_word_is_its_own),          cmocka_unit_test(rows_that_nothing_is_added_to),
        cmocka_unit_test(rows_are_described),           cmocka_unit_test(memory_may_be_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
