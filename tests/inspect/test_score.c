/* How much a decoder expects texts, beside the logits that a dump of the same texts has. */
#include "support/models.h"

#include <math.h>

#include "explaint/inspect.h"
#include "explaint/score.h"
#include "formats/file.h"

static explaint_error error;
static explaint_model *model;
static explaint_tokenizer *tokenizer;
static explaint_texts *texts;

/* A Llama of 31 words, of which a tokenizer knows seven; the last text is longer than the 24 positions of training. */
static int open_all(void **state) {
    files_setup(state);
    const explaint_model_options how = {.logits = true};
    files_text("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nsun\nsea\n##s\n");
    files_text("texts.txt",
               "sun sea\nseas\nsea sea sea sea sea sea sea sea sea sea sea sea sea sea sea sea sea sea sea sea sea "
               "sea sea sea suns sun\n");
    char path[600];
    snprintf(path, sizeof path, "%s/vocab.txt", files_folder);
    assert_int_equal(explaint_model_open(models_golden("llama-10"), &how, &model, &error), EXPLAINT_OK);
    assert_int_equal(explaint_tokenizer_open(path, &tokenizer, &error), EXPLAINT_OK);
    snprintf(path, sizeof path, "%s/texts.txt", files_folder);
    assert_int_equal(explaint_texts_open(path, &texts, &error), EXPLAINT_OK);
    return 0;
}

static int close_all(void **state) {
    explaint_texts_close(texts);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    return files_teardown(state);
}

static const xp_tensor *tensor_of(const xp_safetensors *file, size_t text, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "%zu.%s", text, what);
    const xp_tensor *t = xp_safetensors_find(file, name);
    assert_non_null(t);
    return t;
}

/* ln P of the ids after the first, in plain loops. */
static double log_prob_of(const xp_tensor *ids, const xp_tensor *logits) {
    const size_t n = logits->shape[0], v = logits->shape[1];
    double total = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        double sum = 0, own = NAN;
        int64_t next;
        memcpy(&next, ids->data + (i + 1) * sizeof next, sizeof next);
        for (size_t k = 0; k < v; k++) {
            float x;
            memcpy(&x, logits->data + (i * v + k) * sizeof x, sizeof x);
            sum += exp((double)x);
            if (k == (size_t)next) own = (double)x;
        }
        total += own - log(sum);
    }
    return total;
}

static void scores_are_those_of_dumped_logits(void **state) {
    (void)state;
    explaint_scores *one = NULL, *two = NULL;
    assert_int_equal(explaint_model_score(model, tokenizer, texts, 1, &one, &error), EXPLAINT_OK);
    assert_int_equal(explaint_model_score(model, tokenizer, texts, 2, &two, &error), EXPLAINT_OK);
    assert_int_equal(one->n_rows, 3);
    assert_memory_equal(one->rows, two->rows, 3 * sizeof *one->rows);
    assert_contains(one->notes[0], "1 of 3 texts are longer than 24 tokens");

    char path[600];
    size_t n_longer = 0;
    explaint_dump_options how = explaint_dump_defaults();
    how.logits = true;
    how.n_longer = &n_longer;
    snprintf(path, sizeof path, "%s/dump.safetensors", files_folder);
    assert_int_equal(explaint_model_dump(model, tokenizer, texts, &how, path, &error), EXPLAINT_OK);
    assert_int_equal(n_longer, 1);
    xp_bytes bytes = {0};
    xp_safetensors *file = NULL;
    assert_int_equal(xp_file_read(path, XP_LIMIT_TABLE, &bytes, &error), EXPLAINT_OK);
    assert_int_equal(xp_safetensors_open(path, bytes.data, bytes.size, &file, &error), EXPLAINT_OK);
    double sum = 0;
    size_t tokens = 0;
    for (size_t t = 0; t < 3; t++) {
        const xp_tensor *logits = tensor_of(file, t, "logits");
        const double want = log_prob_of(tensor_of(file, t, "ids"), logits);
        const explaint_text_score *row = &one->rows[t];
        assert_int_equal(row->tokens, logits->shape[0]);
        assert_int_equal(logits->shape[1], 31);
        assert_int_equal(tensor_of(file, t, "hidden_last_raw")->shape[0], row->tokens);
        assert_true(fabs(row->log_prob - want) < 1e-9 * fabs(want));
        assert_true(fabs(row->perplexity - exp(-want / (double)(row->tokens - 1))) < 1e-9 * row->perplexity);
        sum += row->log_prob;
        tokens += row->tokens;
    }
    assert_true(one->log_prob == sum && one->tokens == tokens);
    assert_true(fabs(one->perplexity - exp(-sum / (double)(tokens - 3))) < 1e-9 * one->perplexity);
    xp_safetensors_close(file);
    xp_bytes_free(&bytes);
    explaint_scores_close(one);
    explaint_scores_close(two);
}

static void texts_end_with_the_positions_where_they_are_cut(void **state) {
    (void)state;
    char path[600];
    size_t n_cut = 0, n_longer = 0;
    explaint_dump_options how = explaint_dump_defaults();
    how.truncate = true;
    how.n_cut = &n_cut;
    how.n_longer = &n_longer;
    snprintf(path, sizeof path, "%s/cut.safetensors", files_folder);
    assert_int_equal(explaint_model_dump(model, tokenizer, texts, &how, path, &error), EXPLAINT_OK);
    assert_int_equal(n_cut, 1);
    assert_int_equal(n_longer, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(scores_are_those_of_dumped_logits),
                                       cmocka_unit_test(texts_end_with_the_positions_where_they_are_cut)};
    return cmocka_run_group_tests(tests, open_all, close_all);
}
