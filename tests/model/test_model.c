/* Laws of the forward pass: bits that depend on the ids alone, maps that are distributions, sessions that give what a run
 * gives, random models, and what is refused when a model runs. */
#include "support/models.h"
#include "support/tiny_model.h"

#include <math.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/rng.h"
#include "model/model.h"
#include "model/session.h"
#include "tensor/kernels.h"

static const char *const goldens[] = {"bert-gelu", "bert-bf16-shards", "mpnet-relative",  "llama-10",       "llama-14",
                                      "olmo2-11",  "gemma3_text-5",    "gpt_neox-19",     "phi-3",          "gpt2-14",
                                      "opt-35",    "opt-21",           "deberta-v2-1343", "deberta-v2-3149"};
/* The piece whose row begins as zeros; SIZE_MAX: none, or (OPT's words of another width) rows that are mapped. */
static const size_t pads[] = {0,        0,        1,        SIZE_MAX, SIZE_MAX, 1,        0,
                              SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, 0};
enum { N_GOLDENS = sizeof goldens / sizeof goldens[0], N_TEXTS = 23, N_IDS = 29 /* that all of them have */ };

static int32_t ids[N_TEXTS][24];
static explaint_ids texts[N_TEXTS];

static int draw_texts(void **state) {
    (void)state;
    xp_rng rng = xp_rng_begin(3, XP_RNG_TEST, 1);
    for (size_t t = 0; t < N_TEXTS; t++) {
        texts[t] = (explaint_ids){ids[t], 1 + xp_rng_below(&rng, 24)};
        for (size_t i = 0; i < texts[t].n; i++) ids[t][i] = (int32_t)xp_rng_below(&rng, N_IDS);
    }
    return files_setup(state);
}

static void run_all(const explaint_model *model, const explaint_ids *some, size_t n, unsigned threads, unsigned what,
                    models_kept *kept) {
    explaint_error error = {0};
    if (models_run(model, some, n, threads, what, kept, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
}

static void same_text(const models_kept *a, size_t i, const models_kept *b, size_t k, unsigned what) {
    const size_t n = a->n[i], w = a->info->width, layers = a->info->n_layers;
    assert_int_equal(n, b->n[k]);
    assert_memory_equal(a->hidden[i], b->hidden[k], (layers + 1) * n * w * sizeof(float));
    if (a->info->final_norm) assert_memory_equal(a->normed[i], b->normed[k], n * w * sizeof(float));
    if (what & MODELS_MAPS)
        assert_memory_equal(a->maps[i], b->maps[k], layers * a->info->n_heads * n * n * sizeof(float));
    if (what & MODELS_ROWS) {
        assert_memory_equal(a->rows[i], b->rows[k], layers * a->info->n_heads * n * n * sizeof(float));
        assert_memory_equal(a->focus[i], b->focus[k], 2 * layers * a->info->n_heads * n * sizeof(float));
    }
    if (what & MODELS_VALUES)
        assert_memory_equal(a->values[i], b->values[k], layers * a->info->n_heads * n * a->info->head * sizeof(float));
}

static void neighbours_threads_and_wishes_change_no_bit(void **state) {
    (void)state;
    for (size_t g = 0; g < N_GOLDENS; g++) {
        explaint_model *model = models_open(models_golden(goldens[g]), NULL);
        models_kept all, other, one;
        run_all(model, texts, N_TEXTS, 1, MODELS_MAPS | MODELS_VALUES, &all);
        run_all(model, texts, N_TEXTS, 3, MODELS_MAPS | MODELS_VALUES, &other);
        for (size_t t = 0; t < N_TEXTS; t++) same_text(&all, t, &other, t, MODELS_MAPS | MODELS_VALUES);
        models_forget(&other);
        run_all(model, texts, N_TEXTS, 2, 0, &other); /* maps are not kept: another way through the scratch */
        for (size_t t = 0; t < N_TEXTS; t++) {
            same_text(&all, t, &other, t, 0);
            run_all(model, &texts[t], 1, 1, MODELS_MAPS, &one);
            same_text(&all, t, &one, 0, MODELS_MAPS);
            models_forget(&one);
        }
        models_forget(&other);
        models_forget(&all);
        explaint_model_close(model);
    }
}

/* Rows that are streamed are those of the maps that are kept, with and without maps beside them; entropy and largest entry are theirs. */
static void rows_are_those_of_maps(const explaint_model *model, const explaint_ids *some, size_t n_texts) {
    models_kept both, rows;
    run_all(model, some, n_texts, 1, MODELS_MAPS | MODELS_ROWS, &both);
    run_all(model, some, n_texts, 3, MODELS_ROWS, &rows);
    for (size_t t = 0; t < n_texts; t++) {
        const size_t n = some[t].n, n_rows = both.info->n_layers * both.info->n_heads * n;
        same_text(&both, t, &rows, t, MODELS_ROWS);
        assert_memory_equal(both.maps[t], rows.rows[t], n_rows * n * sizeof(float));
        for (size_t i = 0; i < n_rows; i++) {
            double entropy = 0;
            float largest = 0;
            for (size_t j = 0; j < n; j++) {
                const float x = rows.rows[t][i * n + j];
                entropy -= x > 0 ? (double)x * log((double)x) : 0;
                largest = x > largest ? x : largest;
            }
            assert_true(fabs(entropy - (double)rows.focus[t][2 * i]) < 1e-5);
            assert_memory_equal(&largest, &rows.focus[t][2 * i + 1], sizeof largest);
        }
    }
    models_forget(&rows);
    run_all(model, some, 1, 3, MODELS_ROWS | MODELS_MAPS, &rows); /* a long text alone has all threads */
    same_text(&both, 0, &rows, 0, MODELS_ROWS | MODELS_MAPS);
    models_forget(&rows);
    run_all(model, some, 1, 2, MODELS_ROWS, &rows);
    same_text(&both, 0, &rows, 0, MODELS_ROWS);
    models_forget(&both);
    models_forget(&rows);
}

static void rows_without_maps(void **state) {
    (void)state;
    static const char *const sliding[] = {"mistral-2", "gemma2-4", "gemma3_text-5", "modernbert-11", "mpnet-relative"};
    enum { LONG = 512 };
    int32_t id[LONG];
    xp_rng rng = xp_rng_begin(3, XP_RNG_TEST, 2);
    for (size_t i = 0; i < LONG; i++) id[i] = (int32_t)xp_rng_below(&rng, N_IDS);
    for (size_t g = 0; g < sizeof sliding / sizeof *sliding + 2; g++) {
        char path[512];
        snprintf(path, sizeof path, "%s/tests/data/models/stories260K", EXPLAINT_SOURCE_DIR);
        explaint_model *model = models_open(g == 0   ? path
                                            : g == 1 ? models_golden("bert-gelu")
                                                     : models_golden(sliding[g - 2]),
                                            NULL);
        const size_t most = explaint_model_describe(model)->n_positions;
        const explaint_ids some[] = {
            {id, most < LONG ? most : LONG}, {id + 7, 5}, {id, 1}, {id + 3, most < 97 ? most : 97}};
        rows_are_those_of_maps(model, some, 4);
        explaint_model_close(model);
    }
}

static void instruction_sets_change_no_bit(void **state) {
    (void)state;
    for (size_t g = 0; g < N_GOLDENS; g++) {
        models_kept want, got;
        explaint_model *scalar = models_open(models_golden(goldens[g]), "scalar");
        run_all(scalar, texts, N_TEXTS, 1, MODELS_MAPS | MODELS_VALUES, &want);
        for (size_t i = 0; xp_kernels_list(i) != NULL; i++) {
            if (!xp_kernels_list(i)->usable()) continue;
            explaint_model *model = models_open(models_golden(goldens[g]), xp_kernels_list(i)->name);
            assert_string_equal(explaint_model_describe(model)->isa, xp_kernels_list(i)->name);
            run_all(model, texts, N_TEXTS, 2, MODELS_MAPS | MODELS_VALUES, &got);
            for (size_t t = 0; t < N_TEXTS; t++) same_text(&want, t, &got, t, MODELS_MAPS | MODELS_VALUES);
            models_forget(&got);
            explaint_model_close(model);
        }
        models_forget(&want);
        explaint_model_close(scalar);
    }
}

static void rows_of_maps_sum_to_one(void **state) {
    (void)state;
    for (size_t g = 0; g < N_GOLDENS; g++) {
        explaint_model *model = models_open(models_golden(goldens[g]), NULL);
        models_kept k;
        run_all(model, texts, N_TEXTS, 2, MODELS_MAPS, &k);
        for (size_t t = 0; t < N_TEXTS; t++)
            for (size_t row = 0; row < k.info->n_layers * k.info->n_heads * k.n[t]; row++) {
                double sum = 0;
                for (size_t j = 0; j < k.n[t]; j++) {
                    const float x = k.maps[t][row * k.n[t] + j];
                    assert_true(x >= 0);
                    sum += (double)x;
                }
                assert_true(fabs(sum - 1) < 1e-6);
            }
        models_forget(&k);
        explaint_model_close(model);
    }
}

/* Rows that were projected once and then turned round look where turned rows look, bit for bit. */
static void looks_like_a_block(xp_session *session, size_t layer, size_t n, size_t width, size_t area,
                               const float *rows) {
    const size_t size = xp_session_projected(session);
    float *turned = models_floats(n * width), *projected = models_floats(4 * n * size),
          *placed = models_floats(n * size), *maps = models_floats(area), *expected = models_floats(area);
    for (size_t i = 0; i < n; i++) memcpy(turned + i * width, rows + (n - 1 - i) * width, width * sizeof *rows);
    xp_session_block(session, layer, n, turned, NULL, expected, NULL);
    for (size_t k = 0; k < 2; k++) { /* together with others, in other places */
        float *many = models_floats(4 * n * width);
        for (size_t b = 0; b < 4; b++)
            memcpy(many + b * n * width, b == 3 * k ? rows : turned, n * width * sizeof *rows);
        xp_session_project(session, layer, 4 * n, many, projected);
        for (size_t i = 0; i < n; i++)
            memcpy(placed + i * size, projected + (3 * k * n + n - 1 - i) * size, size * sizeof *placed);
        xp_session_look(session, layer, n, placed, maps);
        assert_memory_equal(maps, expected, area * sizeof *maps);
        free(many);
    }
    float *const made[] = {turned, projected, placed, maps, expected};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) free(made[i]);
}

static void sessions_give_what_a_run_gives(void **state) {
    (void)state;
    for (size_t g = 0; g <= N_GOLDENS; g++) { /* and one that stays in its file */
        const char *name = g < N_GOLDENS ? goldens[g] : "llama-gguf/model.gguf";
        explaint_model *model = models_open(models_golden(name), NULL);
        explaint_error error = {0};
        models_kept k;
        run_all(model, texts, N_TEXTS, 1, MODELS_MAPS | MODELS_VALUES, &k);
        xp_session *session;
        assert_int_equal(xp_session_create(model, 24, &session, &error), EXPLAINT_OK);
        for (size_t t = 0; t < N_TEXTS; t++) {
            const size_t n = texts[t].n, size = n * k.info->width, area = k.info->n_heads * n * n,
                         split = k.info->n_heads * n * k.info->head;
            float *rows = models_floats(size), *maps = models_floats(area), *only = models_floats(area),
                  *values = models_floats(split);
            assert_int_equal(xp_session_embed(session, ids[t], n, rows, &error), EXPLAINT_OK);
            assert_memory_equal(rows, k.hidden[t], size * sizeof *rows);
            for (size_t l = 1; l <= k.info->n_layers; l++) {
                looks_like_a_block(session, l, n, k.info->width, area, rows);
                xp_session_block(session, l, n, rows, NULL, only, NULL);
                xp_session_block(session, l, n, rows, rows, maps, values);
                assert_memory_equal(only, maps, area * sizeof *maps);
                assert_memory_equal(maps, k.maps[t] + (l - 1) * area, area * sizeof *maps);
                assert_memory_equal(values, k.values[t] + (l - 1) * split, split * sizeof *values);
                assert_memory_equal(rows, k.hidden[t] + l * size, size * sizeof *rows);
            }
            free(rows);
            free(maps);
            free(only);
            free(values);
        }
        const int32_t wrong = 1000;
        float row[64];
        assert_int_equal(xp_session_embed(session, &wrong, 1, row, &error), EXPLAINT_INVALID);
        xp_session_destroy(session);
        models_forget(&k);
        explaint_model_close(model);
    }
}

/* Where positions are added at the bottom a block knows no order: its output moves with its input. */
static void reversed_rows_reverse_the_output(void **state) {
    (void)state;
    enum { N = 9 };
    explaint_model *model = models_open(models_golden("bert-gelu"), NULL);
    const explaint_model_info *info = explaint_model_describe(model);
    explaint_error error = {0};
    xp_session *session;
    const size_t w = info->width;
    const int32_t id[N] = {3, 1, 4, 1, 5, 9, 2, 6, 5};
    float *in = models_floats(N * w), *turned = models_floats(N * w), *out = models_floats(N * w),
          *back = models_floats(N * w), *maps = models_floats(info->n_heads * N * N),
          *other = models_floats(info->n_heads * N * N);
    assert_int_equal(xp_session_create(model, N, &session, &error), EXPLAINT_OK);
    assert_int_equal(xp_session_embed(session, id, N, in, &error), EXPLAINT_OK);
    for (size_t i = 0; i < N; i++) memcpy(turned + i * w, in + (N - 1 - i) * w, w * sizeof *in);
    xp_session_block(session, 2, N, in, out, maps, NULL);
    xp_session_block(session, 2, N, turned, back, other, NULL);
    double moved = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < w; j++) {
            assert_true(fabs((double)(out[i * w + j] - back[(N - 1 - i) * w + j])) < 1e-5);
            moved = fmax(moved, fabs((double)(out[i * w + j] - back[i * w + j])));
        }
    assert_true(moved > .1);
    for (size_t h = 0; h < info->n_heads; h++)
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++)
                assert_true(fabs((double)(maps[(h * N + i) * N + j] - other[(h * N + N - 1 - i) * N + N - 1 - j])) <
                            1e-6);
    float *const made[] = {in, turned, out, back, maps, other};
    for (size_t i = 0; i < 6; i++) free(made[i]);
    xp_session_destroy(session);
    explaint_model_close(model);
}

/* What a decoder makes of the beginning of a text does not depend on what follows, bit for bit; nothing to the right is seen. */
static void sees_what_stands_before(const char *name) {
    enum { N = 61, HEAD = 50 };
    explaint_model *model = models_open(models_golden(name), NULL);
    int32_t id[N];
    for (size_t i = 0; i < N; i++) id[i] = (int32_t)(i * 7 % N_IDS);
    models_kept whole, cut;
    run_all(model, &(explaint_ids){id, N}, 1, 1, MODELS_MAPS | MODELS_VALUES, &whole);
    run_all(model, &(explaint_ids){id, HEAD}, 1, 1, MODELS_MAPS | MODELS_VALUES, &cut);
    const size_t w = whole.info->width, heads = whole.info->n_heads, n_layers = whole.info->n_layers;
    for (size_t l = 0; l <= n_layers; l++)
        assert_memory_equal(whole.hidden[0] + l * N * w, cut.hidden[0] + l * HEAD * w, HEAD * w * sizeof(float));
    for (size_t h = 0; h < n_layers * heads; h++)
        for (size_t i = 0; i < HEAD; i++)
            assert_memory_equal(whole.maps[0] + (h * N + i) * N, cut.maps[0] + (h * HEAD + i) * HEAD,
                                HEAD * sizeof(float));
    for (size_t row = 0; row < n_layers * heads * N; row++)
        for (size_t j = row % N + 1; j < N; j++) assert_true(whole.maps[0][row * N + j] == 0);
    models_forget(&whole);
    models_forget(&cut);
    explaint_model_close(model);
}

static void what_follows_is_not_seen(void **state) {
    (void)state;
    sees_what_stands_before("llama-10");
    sees_what_stands_before("gemma3_text-5"); /* a layer slides */
}

static explaint_model *open_random(const char *name, uint64_t seed, unsigned threads) {
    const explaint_model_options options = {.random_init = true, .seed = seed, .threads = threads};
    explaint_error error = {0};
    explaint_model *model;
    if (explaint_model_open(models_golden(name), &options, &model, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return model;
}

static void random_models(void **state) {
    (void)state;
    for (size_t g = 0; g < N_GOLDENS; g++) {
        explaint_model *a = open_random(goldens[g], 1, 1), *b = open_random(goldens[g], 1, 3),
                       *c = open_random(goldens[g], 2, 2);
        models_kept x, y, z;
        run_all(a, texts, 4, 1, MODELS_MAPS, &x);
        run_all(b, texts, 4, 1, MODELS_MAPS, &y);
        run_all(c, texts, 4, 1, MODELS_MAPS, &z);
        for (size_t t = 0; t < 4; t++) {
            same_text(&x, t, &y, t, MODELS_MAPS);
            assert_memory_not_equal(x.hidden[t], z.hidden[t], x.n[t] * x.info->width * sizeof(float));
        }
        const size_t w = x.info->width, pad = pads[g];
        double sum = 0, square = 0, count = 0, *word = malloc(w * sizeof *word);
        assert_non_null(word);
        for (size_t id = 0; a->mapped_words == NULL && id < x.info->vocabulary; id++) {
            xp_model_word(a, (int32_t)id, word);
            for (size_t k = 0; k < w; k++) {
                const double v = word[k];
                if (id == pad) {
                    assert_true(v == 0);
                    continue;
                }
                sum += v;
                square += v * v;
                count++;
            }
        }
        free(word);
        if (count > 0)
            assert_true(fabs(sqrt(square / count) - .02) <
                        4 * .02 / sqrt(2 * count)); /* the config's initializer_range */
        if (count > 0) assert_true(fabs(sum / count) < 4 * .02 / sqrt(count));
        assert_string_equal(x.info->dtype, "random");
        assert_int_equal(x.info->n_files, 1);
        models_forget(&x);
        models_forget(&y);
        models_forget(&z);
        explaint_model_close(a);
        explaint_model_close(b);
        explaint_model_close(c);
    }
}

static void what_a_model_says_of_itself(void **state) {
    (void)state;
    explaint_model *model = models_open(models_golden("bert-bf16-shards"), NULL);
    const explaint_model_info *i = explaint_model_describe(model);
    assert_string_equal(i->family, "bert");
    assert_string_equal(i->name, "bert-bf16-shards");
    assert_string_equal(i->dtype, "BF16");
    assert_int_equal(i->n_layers, 3);
    assert_int_equal(i->n_heads, 3);
    assert_int_equal(i->width, 33);
    assert_int_equal(i->feed_forward, 16);
    assert_int_equal(i->n_positions, 70);
    assert_int_equal(i->vocabulary, 40);
    assert_true(i->eps > 9.99e-4 && i->eps < 1.01e-3);
    /* words, positions, one segment, norm; in a layer four maps and biases, two norms, the feed-forward layer */
    assert_int_equal(i->parameters, (40 + 70 + 1 + 2) * 33 + 3 * (4 * 33 * 34 + 4 * 33 + 33 * 16 * 2 + 16 + 33));
    assert_int_equal(i->n_files, 5); /* config, index, three shards */
    for (size_t f = 0; f < i->n_files; f++) assert_int_equal(strlen(i->file[f].sha256), 64);
    assert_contains(i->file[0].path, "/config.json");
    assert_contains(i->file[1].path, "/model.safetensors.index.json");
    explaint_model_close(model);
    model = models_open(models_golden("mpnet-relative"), NULL);
    assert_int_equal(explaint_model_describe(model)->n_positions, 300); /* positions begin at 2 */
    explaint_model_close(model);
}

static void texts_that_do_not_fit(void **state) {
    (void)state;
    explaint_model *model = models_open(models_golden("bert-gelu"), NULL);
    static const int32_t low[] = {1, -1}, high[] = {50}, many[25] = {0};
    const struct {
        explaint_ids text;
        const char *part;
    } cases[] = {{{NULL, 0}, "text 1, counted from 0: expected pieces, found none"},
                 {{low, 2}, "text 1, piece 1, counted from 0: expected an id of 0 to 49, found -1"},
                 {{high, 1}, "expected an id of 0 to 49, found 50"},
                 {{many, 25}, "expected at most 24 pieces, the positions of bert-gelu, found 25; cut it"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const explaint_ids two[] = {{many, 24}, cases[i].text};
        explaint_error error = {0};
        assert_int_equal(explaint_model_run(model, two, 2, NULL, 1, &error), EXPLAINT_INVALID);
        assert_contains(error.message, cases[i].part);
    }
    assert_int_equal(explaint_model_run(model, NULL, 0, NULL, 1, NULL), EXPLAINT_OK);
    explaint_model_close(model);
    model = models_open(models_golden("llama-10"), NULL); /* no table of positions: no end */
    assert_true(explaint_model_describe(model)->open_ended && explaint_model_describe(model)->n_positions < 200);
    static const int32_t longer[200] = {1, 2, 3};
    assert_int_equal(explaint_model_run(model, &(explaint_ids){longer, 200}, 1, NULL, 1, NULL), EXPLAINT_OK);
    explaint_model_close(model);
}

static bool refuse_logits(void *self, size_t text, size_t first, size_t n, const float *rows) {
    (void)self, (void)text, (void)first, (void)n, (void)rows;
    return false;
}

static void logits_have_to_be_asked_for(void **state) {
    (void)state;
    const explaint_model_options how = {.logits = true};
    const explaint_observer watch = {.logits = refuse_logits};
    explaint_error error = {0};
    explaint_model *model = models_open(models_golden("opt-21"), NULL), *other = NULL;
    assert_int_equal(explaint_model_run(model, texts, 1, &watch, 1, &error), EXPLAINT_USAGE);
    assert_contains(error.message, "expected a model that was opened with its logits");
    explaint_model_close(model);
    assert_int_equal(explaint_model_open(models_golden("bert-gelu"), &how, &other, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "expected a decoder, which says what comes next, found bert");
    assert_int_equal(explaint_model_open(models_golden("llama-5"), &how, &other, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "expected a tensor \"lm_head.weight\", which makes logits of states");
    assert_int_equal(explaint_model_open(models_golden("llama-10"), &how, &other, &error), EXPLAINT_OK);
    assert_int_equal(explaint_model_run(other, texts, 3, &watch, 1, &error), EXPLAINT_FAILED);
    assert_contains(error.message, "the observer stopped the run");
    explaint_model_close(other);
}

static bool refuse_hidden(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    (void)self, (void)text, (void)n, (void)rows;
    return layer < 1;
}

static bool refuse_maps(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    (void)self, (void)text, (void)n, (void)maps;
    return layer < 2;
}

static void observers_stop_a_run(void **state) {
    (void)state;
    explaint_model *model = models_open(models_golden("bert-gelu"), NULL);
    const explaint_observer stops[] = {{.hidden = refuse_hidden}, {.attention = refuse_maps}, {.values = refuse_maps}};
    for (size_t i = 0; i < 3; i++) {
        explaint_error error = {0};
        assert_int_equal(explaint_model_run(model, texts, N_TEXTS, &stops[i], 2, &error), EXPLAINT_FAILED);
        assert_contains(error.message, "the observer stopped the run");
    }
    explaint_model_close(model);
}

static void states_that_overflow(void **state) {
    (void)state;
    tiny_model tiny = tiny_create();
    tiny_find(&tiny, "encoder.layer.0.intermediate.dense.bias")->first = 3e38f;
    tiny_find(&tiny, "encoder.layer.0.output.dense.weight")->first = 3e38f;
    explaint_model *model = models_open(tiny_write(&tiny), NULL);
    explaint_error error = {0};
    assert_int_equal(explaint_model_run(model, (explaint_ids[]){{(int32_t[]){1, 2}, 2}}, 1, NULL, 1, &error),
                     EXPLAINT_INVALID);
    assert_contains(error.message, "text 0, counted from 0: expected finite numbers in layer 1, found NaN or infinity");
    explaint_model_close(model);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    for (size_t g = 0; g < N_GOLDENS; g++) {
        explaint_error error = {0};
        explaint_status status = EXPLAINT_FAILED;
        size_t n = 1;
        for (; status != EXPLAINT_OK; n++) {
            const explaint_model_options options = {.threads = 1};
            explaint_model *model = NULL;
            xp_session *session = NULL;
            xp_fail_allocation(n);
            status = explaint_model_open(models_golden(goldens[g]), &options, &model, &error);
            if (status == EXPLAINT_OK) status = explaint_model_run(model, texts, 3, NULL, 1, &error);
            if (status == EXPLAINT_OK) status = xp_session_create(model, 9, &session, &error);
            xp_fail_allocation(0);
            if (status != EXPLAINT_OK && status != EXPLAINT_FAILED) fail_msg("%zu: %s", n, error.message);
            xp_session_destroy(session);
            explaint_model_close(model);
        }
        if (n < 60) fail_msg("%s: only %zu allocations", goldens[g], n);
    }
}

static void instruction_sets_by_name(void **state) {
    (void)state;
    explaint_error error = {0};
    explaint_model *model = NULL;
    const explaint_model_options options = {.isa = "mmx"};
    assert_int_equal(explaint_model_open(models_golden("bert-gelu"), &options, &model, &error), EXPLAINT_USAGE);
    assert_contains(error.message, "scalar, found \"mmx\"");
    setenv("EXPLAINT_ISA", "scalar", 1);
    model = models_open(models_golden("bert-gelu"), NULL);
    assert_string_equal(explaint_model_describe(model)->isa, "scalar");
    explaint_model_close(model);
    unsetenv("EXPLAINT_ISA");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(neighbours_threads_and_wishes_change_no_bit),
                                       cmocka_unit_test(rows_without_maps),
                                       cmocka_unit_test(instruction_sets_change_no_bit),
                                       cmocka_unit_test(rows_of_maps_sum_to_one),
                                       cmocka_unit_test(sessions_give_what_a_run_gives),
                                       cmocka_unit_test(reversed_rows_reverse_the_output),
                                       cmocka_unit_test(what_follows_is_not_seen),
                                       cmocka_unit_test(random_models),
                                       cmocka_unit_test(what_a_model_says_of_itself),
                                       cmocka_unit_test(texts_that_do_not_fit),
                                       cmocka_unit_test(logits_have_to_be_asked_for),
                                       cmocka_unit_test(observers_stop_a_run),
                                       cmocka_unit_test(states_that_overflow),
                                       cmocka_unit_test(every_allocation_may_fail),
                                       cmocka_unit_test(instruction_sets_by_name)};
    return cmocka_run_group_tests(tests, draw_texts, files_teardown);
}
