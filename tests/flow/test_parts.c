/* What pieces give to a row, in every family: their terms and the biases add up to the row between the halves of a block, and that row gives the
 * layer's. */
#include "support/models.h"

#include <math.h>

#include "flow/mixing.h"
#include "flow/parts.h"
#include "model/run.h"

enum { N = 11, MOST = 1 << 16 };

static const char *const models[] = {"albert-5",        "bert-gelu",
                                     "deberta-v2-1343", "deberta-v2-3149",
                                     "distilbert-6",    "electra-16",
                                     "gemma-1",         "gemma2-4",
                                     "gemma3_text-5",   "gpt2-14",
                                     "gpt_neox-19",     "gpt_neox-52",
                                     "llama-10",        "llama-gguf/model.gguf",
                                     "mistral-2",       "modernbert-11",
                                     "mpnet-relative",  "olmo2-11",
                                     "opt-21",          "opt-35",
                                     "phi-2",           "phi3-5",
                                     "qwen2-1",         "qwen3-4",
                                     "roberta-1",       "smollm3-2",
                                     "xlm-roberta-2"};

typedef struct look {
    const explaint_model *model;
    xp_model_work work; /* for the second half */
    float y[MOST], x[MOST];
    double worst; /* of the sums, of the rows behind the second half: beside the largest number */
    double finished;
    size_t after, inner; /* layers with such norms */
    double mixing[XP_N_MIXINGS];
} look;

static double largest(size_t n, const float *x) {
    double most = 0;
    for (size_t k = 0; k < n; k++) most = fmax(most, fabs((double)x[k]));
    return most;
}

static bool add_up(void *self, size_t text, const xp_model_block *block) {
    look *l = self;
    xp_parts p;
    const size_t n = block->n, d = block->model->config.width;
    float *sum = calloc(n * d, sizeof *sum), *terms = calloc(n * d, sizeof *terms);
    size_t rows[XP_N_MIXINGS];
    (void)text;
    assert_true(xp_parts_create(block, &p));
    for (size_t i = 0; i < n; i++) xp_parts_rest(&p, i, sum + i * d);
    for (size_t j = 0; j < n; j++) {
        xp_parts_source(&p, j, terms);
        for (size_t i = 0; i < n; i++) {
            xp_parts_term(&p, i, i == j, terms + i * d, terms + i * d);
            for (size_t k = 0; k < d; k++) sum[i * d + k] += terms[i * d + k];
        }
    }
    for (size_t k = 0; k < n * d; k++) sum[k] -= p.y[k];
    l->worst = fmax(l->worst, largest(n * d, sum) / largest(n * d, p.y));
    l->after += xp_block_after(block) != NULL;
    l->inner += xp_block_inner(block) != NULL;
    xp_mixing_of(&p, l->mixing, rows);
    assert_int_equal(rows[XP_MIXING_ATTN_W], block->model->info.causal ? n - 1 : n);
    memcpy(l->y, p.y, n * d * sizeof *l->y);
    memcpy(l->x, block->rows, n * d * sizeof *l->x);
    xp_parts_free(&p);
    free(sum);
    free(terms);
    return true;
}

/* The feed-forward layer of parallel blocks sees a norm of x. */
static void beside(look *l, size_t layer, size_t n) {
    const explaint_model *m = l->model;
    const size_t d = m->config.width;
    const xp_norm *norm = m->config.has & XP_HAS_ONE_NORM ? &m->layers[layer].input_norm : &m->layers[layer].mlp_norm;
    float *normed = calloc(n * d, sizeof *normed);
    xp_work_norm(m, norm, n, d, l->x, d, normed, d);
    xp_work_up(m, &m->layers[layer], &l->work, normed);
    memcpy(l->work.rows, l->y, n * d * sizeof *l->y);
    xp_work_down(m, &m->layers[layer], &l->work, true);
    memcpy(l->work.rows, l->work.sum, n * d * sizeof *l->y);
    free(normed);
}

static bool compare(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    look *l = self;
    const size_t d = l->model->config.width;
    (void)text;
    if (layer == 0) return true;
    l->work.n_rows = n;
    memcpy(l->work.rows, l->y, n * d * sizeof *l->y);
    if (layer == 1 && l->model->conv.rows > 0) return true; /* a convolution is added */
    if (xp_block_is_parallel(l->model))
        beside(l, layer - 1, n);
    else
        xp_block_finish(l->model, layer - 1, &l->work);
    for (size_t k = 0; k < n * d; k++) l->work.rows[k] -= rows[k];
    l->finished = fmax(l->finished, largest(n * d, l->work.rows) / largest(n * d, rows));
    return true;
}

static void terms_add_up(void **state) {
    (void)state;
    static look l;
    const int32_t id[N] = {2, 5, 7, 5, 11, 3, 8, 13, 17, 4, 6};
    const explaint_ids text = {id, N};
    for (size_t k = 0; k < sizeof models / sizeof *models; k++) {
        explaint_model *model = NULL;
        explaint_error error = {0};
        if (explaint_model_open(models_golden(models[k]), NULL, &model, &error) != EXPLAINT_OK)
            fail_msg("%s", error.message);
        l.worst = l.finished = 0;
        l.after = l.inner = 0;
        l.model = model;
        assert_int_equal(xp_work_create(model, N, 1, false, false, 1, &l.work, &error), EXPLAINT_OK);
        const explaint_observer observer = {.self = &l, .hidden = compare};
        const xp_run_watcher watcher = {.self = &l, .block = add_up};
        if (xp_run_texts(model, &text, 1, &observer, &watcher, 1, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        if (!(l.worst < 1e-5) || !(l.finished < 1e-5))
            fail_msg("%s: sums differ by %g, layers by %g", models[k], l.worst, l.finished);
        const bool behind = !(model->config.has & (XP_HAS_PRE_NORM | XP_HAS_POST_NORM));
        assert_int_equal(l.after, behind ? model->info.n_layers : 0);
        assert_int_equal(l.inner, model->config.has & XP_HAS_POST_NORM ? model->info.n_layers : 0);
        assert_true(isnan(l.mixing[XP_MIXING_ATTNRESLN_N]) == !behind);
        for (xp_mixing m = 0; m < XP_MIXING_ATTNRESLN_N; m++) assert_true(l.mixing[m] > 0 && l.mixing[m] < 1);
        xp_work_destroy(&l.work);
        explaint_model_close(model);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(terms_add_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
