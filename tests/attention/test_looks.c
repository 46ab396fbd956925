/* Where rows look: each number by its definition from whole maps, the same without maps, and memory that grows with the length of a text. */
#include "support/models.h"

#include <math.h>

#include "attention/flows.h"
#include "attention/looks.h"
#include "attention/result.h"
#include "base/memory.h"
#include "base/rng.h"
#include "explaint/attend.h"

typedef struct audit {
    explaint_model *model;
    explaint_tokenizer *tokenizer;
    explaint_texts *texts;
} audit;

static audit open_audit(const char *folder, const char *texts) {
    audit a = {.model = models_open(folder, NULL)};
    explaint_error error = {0};
    char vocabulary[256] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (char c = 'a'; c <= 'z'; c++) {
        const char line[] = {c, '\n', 0};
        strcat(vocabulary, line);
    }
    const bool own = strstr(folder, "stories260K") != NULL;
    if (explaint_tokenizer_open(own ? folder : files_text("vocab.txt", vocabulary), &a.tokenizer, &error) !=
            EXPLAINT_OK ||
        explaint_texts_open(files_text("texts.txt", texts), &a.texts, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return a;
}

static void close_audit(audit *a) {
    explaint_model_close(a->model);
    explaint_tokenizer_close(a->tokenizer);
    explaint_texts_close(a->texts);
}

static const char *stories(void) {
    static char path[512];
    snprintf(path, sizeof path, "%s/tests/data/models/stories260K", EXPLAINT_SOURCE_DIR);
    return path;
}

static explaint_attend_result *attend(const audit *a, explaint_attend_options o) {
    explaint_attend_result *result = NULL;
    explaint_error error = {0};
    if (explaint_attend(a->model, a->tokenizer, a->texts, &o, &result, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return result;
}

static explaint_attend_options looks_alone(void) {
    explaint_attend_options o = explaint_attend_defaults();
    o.measures = "attention";
    o.by_head = o.by_text = true;
    return o;
}

static int descending(const void *a, const void *b) {
    const float p = *(const float *)a, q = *(const float *)b;
    return p < q ? 1 : p > q ? -1 : 0;
}

/* Of row i of a map; NaN: it has none. */
static double of_row(const char *measure, const xp_encoded_text *t, const float *row, size_t i, bool causal) {
    const char *name = measure + strlen("attention_");
    const size_t n = t->n;
    double sum = 0;
    size_t last = n;
    if (strcmp(name, "self") == 0) return (double)row[i];
    if (strcmp(name, "first") == 0) return (double)row[0];
    if (strcmp(name, "previous") == 0) return i > 0 ? (double)row[i - 1] : NAN;
    if (strcmp(name, "next") == 0) return i + 1 < n && !causal ? (double)row[i + 1] : NAN;
    if (strcmp(name, "entropy") == 0) {
        for (size_t j = 0; j < n; j++) sum -= row[j] > 0 ? (double)row[j] * log((double)row[j]) : 0;
        return sum;
    }
    for (size_t j = 0; j < n; j++) {
        sum += t->special[j] ? (double)row[j] : 0;
        last = t->special[j] ? j : last;
    }
    if (strcmp(name, "special") == 0) return last < n ? sum : NAN;
    if (strcmp(name, "last_special") == 0) return last < n ? (double)row[last] : NAN;
    float sorted[512];
    memcpy(sorted, row, n * sizeof *row);
    qsort(sorted, n, sizeof *sorted, descending);
    sum = 0;
    for (size_t j = 0; j < n && j < (strcmp(name, "max") == 0 ? 1 : 10); j++) sum += (double)sorted[j];
    return sum;
}

/* The mean that a row of the result stands for. */
static double by_definition(const xp_corpus *c, const explaint_attend_row *row, size_t *n) {
    double sum = 0;
    *n = 0;
    for (size_t t = 0; t < c->n_texts; t++)
        for (size_t i = 0; i < c->text[t].n && (row->text < 0 || row->text == (int)t); i++) {
            if (strcmp(row->rows, "content") == 0 && c->text[t].special[i]) continue;
            double mean = 0, heads = 0;
            for (size_t h = 0; h < c->n_heads; h++) {
                if (row->head > 0 && row->head != (int)h + 1) continue;
                const float *map = xp_corpus_map(c, t, (size_t)row->layer, h);
                mean += of_row(row->measure, &c->text[t], map + i * c->text[t].n, i, c->causal);
                heads++;
            }
            if (isnan(mean)) continue;
            sum += mean / heads;
            ++*n;
        }
    return sum / (double)*n;
}

static void by_definition_of(const char *folder, const char *texts) {
    audit a = open_audit(folder, texts);
    explaint_attend_options o = looks_alone();
    o.damage = "permute";
    o.measures = "attention,damage_pearson";
    o.keep_maps = true;
    explaint_attend_result *with = attend(&a, o), *without = attend(&a, looks_alone());
    const xp_attend *run = with->internals;
    size_t found = 0;
    for (size_t i = 0; i < with->n_rows; i++) {
        const explaint_attend_row *row = &with->rows[i], *same = &without->rows[found];
        if (strncmp(row->measure, "attention_", 10) != 0) continue;
        size_t n;
        const double value = by_definition(&run->texts, row, &n);
        if (fabs(value - row->value) > 2e-6 || n != row->n)
            fail_msg("%s of text %d, layer %d, head %d, %s rows: %.9g of %zu, by definition %.9g of %zu", row->measure,
                     row->text, row->layer, row->head, row->rows, row->value, row->n, value, n);
        assert_memory_equal(&row->value, &same->value, sizeof row->value); /* whether maps are kept or not */
        assert_string_equal(row->measure, same->measure);
        found++;
    }
    const explaint_model_info *info = explaint_model_describe(a.model);
    const size_t looks = info->causal ? 8 : 9; /* decoders have no next piece */
    assert_int_equal(found, without->n_rows);
    assert_int_equal(found, 2 * looks * info->n_layers * (info->n_heads + 1) * (1 + explaint_texts_n(a.texts)));
    explaint_attend_free(with);
    explaint_attend_free(without);
    close_audit(&a);
}

static void numbers_by_definition(void **state) {
    (void)state;
    char story[4096] = "";
    by_definition_of(models_golden("bert-gelu"), "a b c d e f g\nh i j k l m\nq\n");
    by_definition_of(models_golden("mpnet-relative"), "a b c d e f g\nh i j k l m\n");
    for (int i = 0; i < 9; i++) strcat(story, "Once upon a time there was a little dog who had a big red ball. ");
    strcat(story, "\nThe dog ran.\n");
    by_definition_of(stories(), story);
}

static void ten_largest(void **state) {
    (void)state;
    float row[512], sorted[512];
    for (uint32_t turn = 0; turn < 60; turn++) {
        xp_rng rng = xp_rng_begin(5, XP_RNG_TEST, turn);
        const size_t n = 1 + xp_rng_below(&rng, 512);
        for (size_t i = 0; i < n; i++) /* ties, zeros, and runs that ascend */
            row[i] = turn % 3 == 0   ? (float)i
                     : turn % 3 == 1 ? (float)xp_rng_below(&rng, 5)
                                     : (float)xp_rng_uniform(&rng);
        memcpy(sorted, row, n * sizeof *row);
        qsort(sorted, n, sizeof *sorted, descending);
        for (size_t k = 1; k <= XP_LOOKS_MOST; k++) {
            double sum = 0;
            for (size_t i = 0; i < k && i < n; i++) sum += (double)sorted[i];
            assert_true(fabs(xp_looks_top(n, row, k) - sum) < 1e-9);
        }
    }
}

/* Between 128 and 256 pieces it grows by half of what it grows by between 256 and 512; with maps it would be a fourth. */
static void memory_grows_with_the_length_of(const char *measures, const char *columns) {
    char story[8192] = "";
    size_t asked[3];
    for (int i = 0; i < 90; i++) strcat(story, "Once upon a time there was a little dog who had a big red ball. ");
    audit a = open_audit(stories(), story);
    for (size_t k = 0; k < 3; k++) {
        explaint_attend_options o = looks_alone();
        o.measures = measures;
        o.columns = columns;
        o.truncate = (size_t)128 << k;
        o.threads = 1;
        const size_t before = xp_memory_asked();
        explaint_attend_result *r = attend(&a, o);
        asked[k] = xp_memory_asked() - before;
        assert_int_equal(r->n_pieces, o.truncate);
        explaint_attend_free(r);
    }
    const double growth = (double)(asked[2] - asked[1]) / (double)(asked[1] - asked[0]);
    if (growth > 2.2)
        fail_msg("%s of 128, 256 and 512 pieces asks for %zu, %zu and %zu bytes", measures, asked[0], asked[1],
                 asked[2]);
    close_audit(&a);
}

static void memory_grows_with_the_length(void **state) {
    (void)state;
    memory_grows_with_the_length_of("attention", NULL);
    memory_grows_with_the_length_of("rollout_first,rollout_uniform_first,rollout_column", "3,0,5-7,3");
}

/* Rollouts from chosen pieces beside those of all pieces, which --maps has of the last layer, and whether other measures need maps or not. */
static void columns_by_definition_of(const char *folder, const char *texts) {
    audit a = open_audit(folder, texts);
    const explaint_model_info *info = explaint_model_describe(a.model);
    explaint_attend_options o = looks_alone();
    o.measures = "rollout_first,rollout_column";
    o.columns = "0,2-3";
    o.threads = 3;
    explaint_attend_result *alone = attend(&a, o);
    o.measures = "rollout_first,rollout_own,rollout_column";
    o.keep_maps = true;
    o.threads = 1;
    explaint_attend_result *whole = attend(&a, o);
    const xp_attend *run = whole->internals;
    size_t found = 0;
    for (size_t i = 0; i < whole->n_rows; i++) {
        const explaint_attend_row *row = &whole->rows[i], *same = &alone->rows[found];
        const size_t j = row->column > 0 ? (size_t)row->column : 0;
        if (strcmp(row->measure, "rollout_own") == 0) continue;
        assert_string_equal(row->measure, same->measure);
        assert_true(row->layer == same->layer && row->text == same->text && row->column == same->column);
        assert_memory_equal(&row->value, &same->value, sizeof row->value);
        found++;
        if (row->layer < (int)info->n_layers || row->text < 0) continue;
        xp_flow_map map;
        const size_t n = run->texts.text[row->text].n, first = info->causal ? j : 0;
        double sum = 0;
        assert_true(xp_flows_map(run->flows, (size_t)row->text, 0, &map) && strcmp(map.name, "rollout") == 0);
        for (size_t k = first; k < n; k++) sum += map.map[k * n + j];
        assert_true(fabs(sum / (double)(n - first) - row->value) < 1e-14 && row->n == n - first);
    }
    size_t expected = 4; /* piece 0, and three columns where the text has them */
    for (size_t t = 0; t < run->texts.n_texts; t++) expected += run->texts.text[t].n < 4 ? run->texts.text[t].n : 4;
    assert_int_equal(found, alone->n_rows);
    assert_int_equal(found, info->n_layers * expected);
    explaint_attend_free(whole);
    explaint_attend_free(alone);
    close_audit(&a);
}

static void columns_by_definition(void **state) {
    (void)state;
    columns_by_definition_of(models_golden("bert-gelu"), "a b c d e f g\nh i j k l m\nq\n");
    columns_by_definition_of(stories(), "Once upon a time there was a little dog.\nThe\n");
}

static void refused(const char *measures, const char *columns, const char *why) {
    audit a = open_audit(models_golden("bert-gelu"), "a b c\n");
    explaint_attend_options o = looks_alone();
    explaint_attend_plan *plan = NULL;
    explaint_error error = {0};
    o.measures = measures;
    o.columns = columns;
    assert_int_equal(explaint_attend_prepare(a.model, a.tokenizer, a.texts, &o, &plan, &error), EXPLAINT_USAGE);
    if (strstr(error.message, why) == NULL) fail_msg("%s", error.message);
    close_audit(&a);
}

static void columns_are_refused(void **state) {
    (void)state;
    refused("rollout_column", "0,5", "pieces 0 to 4, those of the longest text, found 5");
    refused("rollout_column", "3-1", "found '3-1'");
    refused("rollout_column", NULL, "needs the pieces");
    refused("attention", "0", "rollout_column among the measures");
}

/* What --dry-run says: four times for twice the pieces where it says so (attribution: at most, since directions of only so many words are held at
 * once; maps without special tokens, too), else twice at most. */
static void memory_is_said_before(void **state) {
    (void)state;
    char story[8192] = "";
    double bytes[2][10];
    size_t n[2];
    for (int i = 0; i < 90; i++) strcat(story, "Once upon a time there was a little dog who had a big red ball. ");
    audit a = open_audit(stories(), story);
    for (size_t k = 0; k < 2; k++) {
        explaint_attend_options o = explaint_attend_defaults();
        explaint_attend_plan *plan = NULL;
        explaint_error error = {0};
        o.measures = "attention,damage,flow";
        o.truncate = (size_t)200 << k;
        o.damage = "permute";
        assert_int_equal(explaint_attend_prepare(a.model, a.tokenizer, a.texts, &o, &plan, &error), EXPLAINT_OK);
        const explaint_attend_memory *memory = explaint_attend_plan_memory(plan, &n[k]);
        const explaint_model_info *info = explaint_model_describe(a.model);
        for (size_t i = 0; i < n[k]; i++) {
            bytes[k][i] = memory[i].bytes;
            if (k > 0 && !memory[i].square) assert_true(bytes[1][i] <= 2 * bytes[0][i]);
            const bool most =
                strstr(memory[i].what, "attribution") != NULL || strstr(memory[i].what, "at most") != NULL;
            if (k > 0 && memory[i].square && most) assert_true(bytes[1][i] <= 4 * bytes[0][i]);
            if (k > 0 && memory[i].square && !most) assert_true(bytes[1][i] == 4 * bytes[0][i]);
        }
        const double maps = (double)(info->n_layers * info->n_heads * o.truncate * o.truncate) * sizeof(float);
        assert_string_equal(memory[4].what, "whole maps of all layers");
        assert_true(memory[4].square && memory[4].bytes >= maps && memory[4].bytes < 2 * maps);
        explaint_attend_plan_close(plan);
    }
    assert_int_equal(n[0], n[1]);
    assert_int_equal(n[0], 10);
    close_audit(&a);
}

static void threads_and_units_change_no_bit(void **state) {
    (void)state;
    char story[8192] = "";
    for (int i = 0; i < 70; i++)
        strcat(story, i % 9 == 8 ? "The dog ran.\n" : "Once upon a time there was a big red ball. ");
    audit a = open_audit(stories(), story);
    explaint_attend_options o = looks_alone();
    o.truncate = 512;
    o.threads = 1;
    explaint_attend_result *one = attend(&a, o);
    o.threads = 3;
    explaint_attend_result *three = attend(&a, o);
    assert_int_equal(one->n_rows, three->n_rows);
    for (size_t i = 0; i < one->n_rows; i++)
        assert_memory_equal(&one->rows[i].value, &three->rows[i].value, sizeof(double));
    explaint_attend_free(one);
    explaint_attend_free(three);
    close_audit(&a);
}

static bool stop_at_once(void *self, const char *what, double done, double total) {
    (void)what;
    (void)done;
    (void)total;
    return --*(int *)self > 0;
}

static void a_run_stops_between_layers(void **state) {
    (void)state;
    audit a = open_audit(stories(), "The dog ran to the cat.\n");
    int calls = 3;
    const explaint_progress progress = {&calls, stop_at_once};
    explaint_attend_options o = looks_alone();
    explaint_attend_result *r = NULL;
    explaint_error error = {0};
    o.progress = &progress;
    assert_int_equal(explaint_attend(a.model, a.tokenizer, a.texts, &o, &r, &error), EXPLAINT_INTERRUPTED);
    assert_null(r);
    close_audit(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_by_definition, files_setup, files_teardown),
        cmocka_unit_test(ten_largest),
        cmocka_unit_test_setup_teardown(memory_grows_with_the_length, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(columns_by_definition, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(columns_are_refused, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(memory_is_said_before, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(threads_and_units_change_no_bit, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(a_run_stops_between_layers, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
