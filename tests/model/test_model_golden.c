/* Hidden states and maps of every layer beside those of transformers: small models of odd sizes in the tree, MiniLM and MPNet
 * where scripts/get-models has put them (EXPLAINT_MODELS, else build/models). tests/oracle/make_models.py made the values. */
#include "support/models.h"

#include <dirent.h>
#include <math.h>

#include "explaint/score.h"
#include "formats/file.h"

static const double attention_bound = 2e-5;
static double hidden_bound = 5e-5;
static bool by_norm; /* the bound is that share of a row's norm: position 0 of a trained decoder is 2e4 long */

typedef struct golden {
    xp_bytes bytes;
    xp_safetensors *file;
} golden;

static const xp_tensor *tensor_of(const golden *g, size_t text, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "%zu.%s", text, what);
    return xp_safetensors_find(g->file, name);
}

static int64_t integer(const xp_tensor *t, size_t i) {
    int64_t x;
    memcpy(&x, t->data + i * sizeof x, sizeof x);
    return x;
}

static float number(const xp_tensor *t, size_t i) {
    float x;
    memcpy(&x, t->data + i * sizeof x, sizeof x);
    return x;
}

/* The reference's state of a layer, from 0: the last one is behind the final norm, where there is one. */
static const float *state_of(const models_kept *k, size_t text, size_t layer) {
    return layer == k->info->n_layers && k->info->final_norm ? k->normed[text]
                                                             : k->hidden[text] + layer * k->n[text] * k->info->width;
}

/* The last state of a decoder before its final norm. */
static void compare_raw(const golden *g, const models_kept *k, size_t text, const xp_tensor *rows) {
    const size_t n = k->n[text], w = k->info->width;
    const xp_tensor *raw = tensor_of(g, text, "raw");
    for (size_t r = 0, at = 0; raw != NULL && r < rows->shape[0]; r++)
        for (size_t j = 0; j < w; j++, at++) {
            const float ours = k->hidden[text][(k->info->n_layers * n + (size_t)integer(rows, r)) * w + j];
            assert_true(by_norm || fabs((double)ours - (double)number(raw, at)) <= hidden_bound);
        }
    assert_true(raw != NULL || !k->info->causal);
}

static void compare_text(const golden *g, const models_kept *k, size_t text, double *worst) {
    const size_t n = k->n[text], w = k->info->width, heads = k->info->n_heads;
    const xp_tensor *rows = tensor_of(g, text, "hidden_rows"), *hidden = tensor_of(g, text, "hidden"),
                    *norms = tensor_of(g, text, "norms"), *map_rows = tensor_of(g, text, "attention_rows"),
                    *maps = tensor_of(g, text, "attention");
    assert_int_equal(k->next[text], k->info->n_layers + 1);
    assert_int_equal(hidden->shape[0], k->info->n_layers + 1);
    for (size_t l = 0, at = 0; l < hidden->shape[0]; l++)
        for (size_t r = 0; r < rows->shape[0]; r++)
            for (size_t j = 0; j < w; j++, at++) {
                const float ours = state_of(k, text, l)[(size_t)integer(rows, r) * w + j];
                const double off = fabs((double)ours - (double)number(hidden, at));
                const size_t row = l * n + (size_t)integer(rows, r);
                if (!(off <= hidden_bound * (by_norm ? (double)number(norms, row) : 1)))
                    fail_msg("text %zu, layer %zu, row %zu: off by %g", text, l, r, off);
                if (off > worst[0]) worst[0] = off;
            }
    for (size_t l = 0; l < hidden->shape[0]; l++)
        for (size_t i = 0; i < n; i++) {
            double square = 0;
            for (size_t j = 0; j < w; j++) {
                const double x = (double)state_of(k, text, l)[i * w + j];
                square += x * x;
            }
            assert_true(fabs(sqrt(square) - (double)number(norms, l * n + i)) <= 1e-5 * sqrt(square));
        }
    compare_raw(g, k, text, rows);
    for (size_t l = 0, at = 0; l < k->info->n_layers; l++)
        for (size_t h = 0; h < heads; h++)
            for (size_t r = 0; r < map_rows->shape[0]; r++)
                for (size_t j = 0; j < n; j++, at++) {
                    const float ours = k->maps[text][((l * heads + h) * n + (size_t)integer(map_rows, r)) * n + j];
                    const double off = fabs((double)ours - (double)number(maps, at));
                    if (!(off <= attention_bound))
                        fail_msg("text %zu, layer %zu, head %zu, row %zu: off by %g", text, l + 1, h, r, off);
                    if (k->info->causal && (int64_t)j > integer(map_rows, r)) assert_true(ours == 0);
                    if (off > worst[1]) worst[1] = off;
                }
}

typedef struct scoring {
    const golden *golden;
    const explaint_ids *texts;
    size_t vocabulary;
    double worst; /* read after the run: one thread */
} scoring;

/* Log-probabilities of the tokens that follow. */
static bool compare_logits(void *self, size_t text, size_t first, size_t n, const float *rows) {
    scoring *s = self;
    const xp_tensor *want = tensor_of(s->golden, text, "log_probs");
    for (size_t i = 0; i < n && first + i + 1 < s->texts[text].n; i++) {
        const float *row = rows + i * s->vocabulary;
        double sum = 0;
        for (size_t k = 0; k < s->vocabulary; k++) sum += exp((double)row[k]);
        const double ours = (double)row[s->texts[text].id[first + i + 1]] - log(sum);
        s->worst = fmax(s->worst, fabs(ours - (double)number(want, first + i)));
    }
    return true;
}

static double score(const golden *g, const explaint_ids *texts, size_t n_texts, const char *folder) {
    explaint_model_options how = explaint_model_defaults();
    explaint_model *model = NULL;
    explaint_error error = {0};
    if (tensor_of(g, 1, "log_probs") == NULL) return 0;
    how.logits = true;
    if (explaint_model_open(folder, &how, &model, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    scoring s = {g, texts, explaint_model_describe(model)->vocabulary, 0};
    const explaint_observer watch = {.self = &s, .logits = compare_logits};
    assert_int_equal(explaint_model_run(model, texts, n_texts, &watch, 1, &error), EXPLAINT_OK);
    explaint_model_close(model);
    assert_true(s.worst <= 1e-4);
    return s.worst;
}

static void compare(const char *name, const char *folder) {
    char path[600];
    golden g = {0};
    explaint_error error = {0};
    snprintf(path, sizeof path, "%s/expected.safetensors", models_golden(name));
    assert_int_equal(xp_file_read(path, XP_LIMIT_TABLE, &g.bytes, &error), EXPLAINT_OK);
    assert_int_equal(xp_safetensors_open(path, g.bytes.data, g.bytes.size, &g.file, &error), EXPLAINT_OK);
    explaint_ids texts[MODELS_MOST_TEXTS];
    int32_t ids[MODELS_MOST_TEXTS][512];
    size_t n_texts = 0;
    for (const xp_tensor *t; (t = tensor_of(&g, n_texts, "ids")) != NULL; n_texts++) {
        texts[n_texts] = (explaint_ids){ids[n_texts], t->shape[0]};
        for (size_t i = 0; i < t->shape[0]; i++) ids[n_texts][i] = (int32_t)integer(t, i);
    }
    assert_true(n_texts > 1);
    explaint_model *model = models_open(folder, NULL);
    models_kept kept;
    double worst[2] = {0};
    assert_int_equal(models_run(model, texts, n_texts, 2, MODELS_MAPS, &kept, &error), EXPLAINT_OK);
    for (size_t t = 0; t < n_texts; t++) compare_text(&g, &kept, t, worst);
    print_message("%s: hidden %.1e, attention %.1e, log-probabilities %.1e\n", name, worst[0], worst[1],
                  score(&g, texts, n_texts, folder));
    models_forget(&kept);
    explaint_model_close(model);
    xp_safetensors_close(g.file);
    xp_bytes_free(&g.bytes);
}

static int is_small(const struct dirent *entry) {
    char path[600];
    snprintf(path, sizeof path, "%s/config.json", models_golden(entry->d_name));
    return entry->d_name[0] != '.' && access(path, F_OK) == 0;
}

/* All folders that have their model with them. */
static void small_models(void **state) {
    (void)state;
    struct dirent **entry;
    const int n = scandir(models_golden(""), &entry, is_small, alphasort);
    assert_true(n >= 35);
    for (int i = 0; i < n; i++) {
        char folder[512];
        snprintf(folder, sizeof folder, "%s", models_golden(entry[i]->d_name));
        compare(entry[i]->d_name, folder);
        free(entry[i]);
    }
    free(entry);
}

/* A trained model that is in the tree (tests/data/models/README.md); its last states are 40 wide. */
static void stories(void **state) {
    (void)state;
    hidden_bound = 2e-4;
    compare("stories260K", EXPLAINT_SOURCE_DIR "/tests/data/models/stories260K");
    hidden_bound = 5e-5;
}

/* What it writes, token by token, as transformers' generate does. */
static void stories_go_on(void **state) {
    (void)state;
    char path[600];
    xp_bytes bytes = {0};
    golden g = {0};
    explaint_error error = {0};
    explaint_model_options how = explaint_model_defaults();
    explaint_model *model = NULL;
    int32_t made[60];
    const int32_t start = 1;
    size_t n = 0;
    snprintf(path, sizeof path, "%s/expected.safetensors", models_golden("stories260K"));
    assert_int_equal(xp_file_read(path, XP_LIMIT_TABLE, &bytes, &error), EXPLAINT_OK);
    assert_int_equal(xp_safetensors_open(path, bytes.data, bytes.size, &g.file, &error), EXPLAINT_OK);
    const xp_tensor *greedy = xp_safetensors_find(g.file, "greedy");
    how.logits = true;
    assert_int_equal(explaint_model_open(EXPLAINT_SOURCE_DIR "/tests/data/models/stories260K", &how, &model, &error),
                     EXPLAINT_OK);
    assert_int_equal(explaint_model_generate(model, &start, 1, 60, made, &n, &error), EXPLAINT_OK);
    assert_int_equal(n, greedy->shape[0] - 1);
    for (size_t i = 0; i < n; i++) assert_int_equal(made[i], integer(greedy, i + 1));
    assert_int_equal(explaint_model_generate(model, &start, 1, 0, made, &n, &error), EXPLAINT_OK);
    assert_int_equal(n, 0);
    explaint_model_close(model);
    xp_safetensors_close(g.file);
    xp_bytes_free(&bytes);
}

static void small_gguf(void **state) {
    (void)state;
    compare("llama-gguf", EXPLAINT_SOURCE_DIR "/tests/golden/models/llama-gguf/model.gguf");
}

/* file: of the folder; NULL: the folder itself. */
static void real_model(const char *name, const char *file) {
    const char *models = getenv("EXPLAINT_MODELS");
    char folder[512];
    if (models != NULL && *models != 0)
        snprintf(folder, sizeof folder, "%s/%s%s%s", models, name, file != NULL ? "/" : "", file != NULL ? file : "");
    else
        snprintf(folder, sizeof folder, "%s/build/models/%s%s%s", EXPLAINT_SOURCE_DIR, name, file != NULL ? "/" : "",
                 file != NULL ? file : "");
    if (access(folder, F_OK) != 0) {
        print_message("skipped: there is no %s; scripts/get-models gets it\n", folder);
        skip();
    }
    compare(name, folder);
}

static void minilm(void **state) {
    (void)state;
    real_model("all-MiniLM-L6-v2", NULL);
}

static void mpnet(void **state) {
    (void)state;
    real_model("all-mpnet-base-v2", NULL);
}

static void smollm2(void **state) {
    (void)state;
    hidden_bound = 1e-4;
    by_norm = true;
    real_model("SmolLM2-135M-Instruct", "SmolLM2-135M-Instruct.Q4_1.gguf");
    hidden_bound = 5e-5;
    by_norm = false;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(small_models),  cmocka_unit_test(stories),
                                       cmocka_unit_test(stories_go_on), cmocka_unit_test(small_gguf),
                                       cmocka_unit_test(minilm),        cmocka_unit_test(mpnet),
                                       cmocka_unit_test(smollm2)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
