/* Laws of continuity and damage: what undoing gives back, what damages keep, results that do not depend on threads, who
 * decides, and what is refused. */
#include "support/models.h"

#include <math.h>

#include "attention/damage.h"
#include "attention/experiment.h"
#include "attention/judge.h"
#include "base/memory.h"
#include "base/rng.h"
#include "draw/color.h"
#include "explaint/attend.h"
#include "formats/file.h"
#include "formats/safetensors.h"

enum { N = 9, D = 5, MOST = 1 << 22 };

static const char *golden(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/tests/golden/models/%s", EXPLAINT_SOURCE_DIR, name);
    return path;
}

/* Letters are words; the golden models have 31 pieces and more. */
static explaint_tokenizer *open_tokenizer(void) {
    char text[256] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    explaint_tokenizer *tokenizer = NULL;
    explaint_error error = {0};
    for (char c = 'a'; c <= 'z'; c++) {
        const char line[] = {c, '\n', 0};
        strcat(text, line);
    }
    if (explaint_tokenizer_open(files_text("vocab.txt", text), &tokenizer, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return tokenizer;
}

typedef struct audit {
    explaint_model *model;
    explaint_tokenizer *tokenizer;
    explaint_texts *texts;
} audit;

static audit open_audit(const char *model, const char *texts) {
    audit a = {0};
    explaint_error error = {0};
    if (explaint_model_open(golden(model), NULL, &a.model, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    a.tokenizer = open_tokenizer();
    if (explaint_texts_open(files_text("texts.txt", texts), &a.texts, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return a;
}

static void close_audit(audit *a) {
    explaint_model_close(a->model);
    explaint_tokenizer_close(a->tokenizer);
    explaint_texts_close(a->texts);
}

/* The small decoder of the tree, with its own tokenizer. */
static audit open_stories(const char *texts) {
    audit a = {0};
    explaint_error error = {0};
    if (explaint_model_open(EXPLAINT_SOURCE_DIR "/tests/data/models/stories260K", NULL, &a.model, &error) !=
            EXPLAINT_OK ||
        explaint_tokenizer_open(explaint_model_describe(a.model)->path, &a.tokenizer, &error) != EXPLAINT_OK ||
        explaint_texts_open(files_text("texts.txt", texts), &a.texts, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return a;
}

static explaint_attend_result *attend(const audit *a, explaint_attend_options o) {
    explaint_attend_result *result = NULL;
    explaint_error error = {0};
    if (explaint_attend(a->model, a->tokenizer, a->texts, &o, &result, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return result;
}

static const char few[] = "a b c d e f g\nh i j k l m\nq r s t a b c d\n";

/* ---- damage of rows ---- */

static float states[N * D], other[N * D], to[N * D];
static const uint8_t special[N] = {1, 0, 0, 0, 0, 0, 0, 0, 1};

static void fill(float *x, uint32_t stream) {
    xp_rng rng = xp_rng_begin(1, XP_RNG_TEST, stream);
    for (size_t i = 0; i < N * D; i++) x[i] = (float)xp_rng_normal(&rng);
}

static int ascending(const void *a, const void *b) {
    const float p = *(const float *)a, q = *(const float *)b;
    return p < q ? -1 : p > q;
}

static void damages_keep_what_they_promise(void **state) {
    (void)state;
    uint32_t places[N], order[N];
    fill(states, 1);
    fill(other, 2);
    const xp_rows rows = {N, states, special}, next = {N - 2, other, special};
    for (xp_damage damage = XP_DAMAGE_PERMUTE; damage <= XP_DAMAGE_REVERSE; damage++) {
        bool seen[N] = {0};
        size_t moved = 0;
        xp_damage_rows(damage, D, &rows, &next, 1, 3, places, order, to);
        for (size_t i = 0; i < N; i++) {
            assert_false(seen[order[i]]);
            seen[order[i]] = true;
            moved += order[i] != i;
            assert_memory_equal(to + i * D, states + order[i] * D, D * sizeof(float));
            if (damage != XP_DAMAGE_PERMUTE && special[i]) assert_int_equal(order[i], i);
        }
        assert_true(moved >= 4);
    }
    assert_int_equal(xp_damage_rows(XP_DAMAGE_NEXT_ROWS, D, &rows, &next, 1, 3, places, order, to), 2);
    assert_memory_equal(to, other, (N - 2) * D * sizeof(float));
    assert_memory_equal(to + (N - 2) * D, states + (N - 2) * D, 2 * D * sizeof(float));
    /* next has 1 special row and 6 others; this text has 7 to fill */
    assert_int_equal(xp_damage_rows(XP_DAMAGE_NEXT_CONTENT_ROWS, D, &rows, &next, 1, 3, places, order, to), 1);
    assert_memory_equal(to, states, D * sizeof(float));
    assert_memory_equal(to + D, other + D, 6 * D * sizeof(float));

    xp_damage_rows(XP_DAMAGE_GAUSSIAN, D, &rows, &next, 1, 3, places, order, to);
    for (size_t i = 0; i < N; i++) {
        double own = 0, drawn = 0, same = 0;
        for (size_t j = 0; j < D; j++) {
            own += states[i * D + j] * states[i * D + j];
            drawn += to[i * D + j] * to[i * D + j];
            same += states[i * D + j] * to[i * D + j];
        }
        assert_true(fabs(own - drawn) < 1e-5 * own);
        assert_true(fabs(same) < .999 * own);
    }
    xp_damage_rows(XP_DAMAGE_SHUFFLE_DIMENSIONS, D, &rows, &next, 1, 3, places, order, to);
    assert_memory_not_equal(to, states, sizeof to);
    for (size_t j = 0; j < D; j++) {
        float a[N], b[N];
        for (size_t i = 0; i < N; i++) {
            a[i] = states[i * D + j];
            b[i] = to[i * D + j];
        }
        qsort(a, N, sizeof *a, ascending);
        qsort(b, N, sizeof *b, ascending);
        assert_memory_equal(a, b, sizeof a);
    }
}

/* ---- a run ---- */

static const explaint_attend_row *find(const explaint_attend_result *r, const char *measure, int layer,
                                       const char *damage, int undone, const char *scope) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        if (row->text == -1 && row->layer == layer && strcmp(row->measure, measure) == 0 && row->undone == undone &&
            (damage == NULL || (row->damage != NULL && strcmp(row->damage, damage) == 0)) &&
            (scope == NULL || strcmp(row->scope, scope) == 0))
            return row;
    }
    fail_msg("no row %s of layer %d", measure, layer);
    return NULL;
}

static explaint_attend_options damage_alone(void) {
    explaint_attend_options o = explaint_attend_defaults();
    o.measures = "damage";
    o.damage = "permute,permute-content,reverse";
    return o;
}

/* Positions are added at the bottom: rows that are moved and moved back are the same rows. */
static void undoing_gives_the_map_back(void **state) {
    (void)state;
    static const char *const names[] = {"permute", "permute-content", "reverse"};
    audit a = open_audit("bert-gelu", few);
    explaint_attend_result *r = attend(&a, damage_alone());
    for (size_t k = 0; k < 3; k++)
        for (int content = 0; content < 2; content++) {
            const char *scope = content ? "content" : "whole";
            assert_true(fabs(find(r, "damage_pearson", 1, names[k], 1, scope)->value - 1) < 1e-4);
            assert_true(find(r, "damage_jsd", 1, names[k], 1, scope)->value < 1e-8);
            assert_true(find(r, "damage_pearson", 1, names[k], 0, scope)->value < .99);
        }
    explaint_attend_free(r);
    close_audit(&a);
}

/* A relative bias belongs to places, not to rows. */
static void undoing_does_not_give_a_relative_bias_back(void **state) {
    (void)state;
    audit a = open_audit("mpnet-relative", few);
    explaint_attend_result *r = attend(&a, damage_alone());
    assert_true(find(r, "damage_pearson", 1, "permute", 1, "whole")->value < .999);
    explaint_attend_free(r);
    close_audit(&a);
}

static char *json_of(explaint_attend_result *r) {
    explaint_error error = {0};
    char *text = calloc(1, MOST);
    FILE *file = fmemopen(text, MOST, "w");
    assert_non_null(file);
    assert_int_equal(explaint_record_write_json(&r->record, file, &error), EXPLAINT_OK);
    assert_int_equal(fclose(file), 0);
    explaint_attend_free(r);
    return text;
}

static char *document(const audit *a, unsigned threads) {
    explaint_attend_options o = explaint_attend_defaults();
    o.threads = threads;
    o.measures = "all";
    o.g = "identity,linear,mlp";
    o.by_head = o.by_text = true;
    return json_of(attend(a, o));
}

static void threads_change_no_byte(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", few);
    char *one = document(&a, 1), *three = document(&a, 3);
    assert_true(strlen(one) > 10000);
    assert_string_equal(one, three);
    free(one);
    free(three);
    close_audit(&a);
}

/* The document of a run with this folder; its sentence holds `said`. */
static char *with_cache(const audit *a, const char *folder, const char *layers, const char *said) {
    explaint_attend_options o = explaint_attend_defaults();
    explaint_attend_plan *plan = NULL;
    explaint_attend_result *result = NULL;
    explaint_error error = {0};
    o.measures = "identity_recovered";
    o.layers = layers;
    o.fit_texts = a->texts;
    o.cache = folder;
    explaint_texts *judged = NULL;
    if (explaint_texts_open(files_text("other.txt", "n o p q\nb a c\n"), &judged, &error) != EXPLAINT_OK ||
        explaint_attend_prepare(a->model, a->tokenizer, judged, &o, &plan, &error) != EXPLAINT_OK ||
        explaint_attend_plan_run(plan, NULL, &result, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    const char *kept = explaint_attend_plan_kept(plan);
    if (said == NULL ? kept != NULL : kept == NULL || strstr(kept, said) == NULL) fail_msg("said: %s", kept);
    char *text = json_of(result);
    explaint_attend_plan_close(plan);
    explaint_texts_close(judged);
    return text;
}

static char kept_file[300];

static int remember(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status, (void)at;
    if (type == FTW_F && strstr(path, "-1.safetensors") != NULL) snprintf(kept_file, sizeof kept_file, "%s", path);
    return 0;
}

/* A byte of the last quarter, which is a number of the shuffled map or of the checksum, is another one. */
static void damage_byte(const char *path) {
    FILE *file = fopen(path, "r+b");
    assert_true(file != NULL && fseek(file, 0, SEEK_END) == 0);
    const long place = ftell(file) * 3 / 4;
    assert_int_equal(fseek(file, place, SEEK_SET), 0);
    const int byte = fgetc(file);
    assert_true(byte != EOF && fseek(file, place, SEEK_SET) == 0 && fputc(byte ^ 1, file) != EOF && fclose(file) == 0);
}

static void cut(const char *path) { assert_int_equal(truncate(path, 100), 0); }
static void replace_by_folder(const char *path) { assert_true(unlink(path) == 0 && mkdir(path, 0700) == 0); }

static void linear_maps_are_kept(void **state) {
    (void)state;
    void (*const harm[])(const char *path) = {damage_byte, cut, replace_by_folder};
    audit a = open_audit("bert-gelu", few);
    char folder[200];
    snprintf(folder, sizeof folder, "%s", files_path("kept/here"));
    const char *const no_folder[] = {files_text("a-file", "a\n")};
    char *document_of[8] = {with_cache(&a, NULL, "1", NULL), with_cache(&a, folder, "1", "are kept in"),
                            with_cache(&a, folder, "1", "by an earlier run"),
                            with_cache(&a, no_folder[0], "1", "could not be kept")};
    assert_int_equal(nftw(folder, remember, 4, FTW_PHYS), 0);
    for (size_t i = 0; i < 3; i++) {
        harm[i](kept_file);
        document_of[4 + i] = with_cache(
            &a, folder, "1", i < 2 ? "could not be used: the linear map was fitted anew" : "could not be kept");
    }
    for (size_t i = 1; i < 7; i++) {
        assert_string_equal(document_of[i], document_of[0]);
        free(document_of[i]);
    }
    /* layers that are there and layers that are not */
    char *whole = with_cache(&a, NULL, "0-2", NULL);
    rmdir(kept_file);
    free(with_cache(&a, folder, "2", "are kept in"));
    char *some = with_cache(&a, folder, "0-2", "are kept in");
    assert_string_equal(some, whole);
    free(document_of[0]);
    free(whole);
    free(some);
    close_audit(&a);
}

/* All ranks and all but one: what is left of the sums is one rank. */
static void ranks_of_some_rows(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", few);
    explaint_attend_options o = explaint_attend_defaults();
    o.measures = "continuity";
    o.g = "identity";
    o.ranks = 0;
    explaint_attend_result *all = attend(&a, o);
    o.ranks = all->n_pieces - 1;
    explaint_attend_result *most = attend(&a, o);
    size_t n = 0;
    assert_int_equal(all->n_rows, most->n_rows);
    for (size_t i = 0; i < all->n_rows; i++) {
        const explaint_attend_row *x = &all->rows[i], *y = &most->rows[i];
        if (x->candidates == NULL || strcmp(x->candidates, "vocabulary") != 0) {
            assert_true(x->value == y->value && x->n == y->n);
        } else if (strcmp(x->measure, "own_rank_mean") == 0 && strcmp(x->rows, "all") == 0) {
            const double rank = x->value * (double)x->n - y->value * (double)y->n;
            assert_int_equal(y->n, o.ranks);
            assert_true(rank > 1 - 1e-9 && fabs(rank - round(rank)) < 1e-9);
            n++;
        }
    }
    assert_int_equal(n, 2 * (explaint_model_describe(a.model)->n_layers + 1));
    explaint_attend_free(all);
    explaint_attend_free(most);
    close_audit(&a);
}

static void few_texts_illustrate(void **state) {
    (void)state;
    char many[4096] = "";
    for (int i = 0; i < 30; i++) snprintf(many + strlen(many), 64, "%c b c d %c f g\n", 'a' + i % 26, 'z' - i % 7);
    explaint_attend_options o = explaint_attend_defaults();
    o.g = "identity";
    for (int enough = 0; enough < 2; enough++) {
        audit a = open_audit("bert-gelu", enough ? many : few);
        explaint_attend_result *r = attend(&a, o);
        assert_int_equal(r->judged_own, enough);
        assert_int_equal(r->n_judged, enough ? 30 : 60);
        assert_int_equal(r->n_layers, explaint_model_describe(a.model)->n_layers);
        assert_string_equal(r->layers[0].a1, "not testable"); /* no linear g */
        assert_true(r->n_verdicts >= 2);
        explaint_attend_free(r);
        close_audit(&a);
    }
}

static const explaint_attend_assumption *assumed(const explaint_attend_verdict *v, const char *id) {
    for (size_t k = 0; k < v->n_assumptions; k++)
        if (strcmp(v->assumptions[k].id, id) == 0) return &v->assumptions[k];
    fail_msg("no %s", id);
    return NULL;
}

static const explaint_lint *lint_of(const explaint_attend_result *r, const char *id) {
    for (size_t i = 0; i < r->n_lints; i++)
        if (strcmp(r->lints[i].id, id) == 0) return &r->lints[i];
    return NULL;
}

/* Maps of texts that are the same are the same, whatever makes them: one text 40 times, two of them 20 times each, a template; and beside these texts of
 * letters that differ. */
static void texts_that_are_alike_do_not_tell(void **state) {
    (void)state;
    static const char *const all[] = {"one", "two", "template", "different"};
    explaint_attend_options o = explaint_attend_defaults();
    o.g = "identity";
    o.damage = "permute-content";
    o.head = "2.1";
    for (size_t k = 0; k < 4; k++) {
        char many[4096] = "";
        xp_rng rng = xp_rng_begin(1, XP_RNG_TEST, (uint32_t)k);
        for (int i = 0; i < 40; i++) {
            char *at = many + strlen(many);
            for (int w = 0; w < 8; w++) at += sprintf(at, "%c ", 'a' + (int)xp_rng_below(&rng, 26));
            strcpy(at, "\n");
            if (k < 3)
                strcpy(at - 16, k == 2             ? "a b c d e f g x \n"
                                : i < 20 || k == 0 ? "a b c d e f g h \n"
                                                   : "i j k l m n o p \n");
            if (k == 2) at[-2] = (char)('a' + i % 26);
        }
        audit a = open_audit("bert-gelu", many);
        explaint_attend_result *r = attend(&a, o);
        const explaint_lint *lint = lint_of(r, "alike-texts");
        assert_int_equal(r->judged_own, 1);
        assert_true((lint != NULL) == (k < 3));
        if (lint != NULL) assert_string_equal(lint->level, "warning");
        for (size_t l = 0; l < r->n_layers; l++)
            if ((strcmp(r->layers[l].a3, "undecided") == 0) != (k < 3)) fail_msg("%s: %s", all[k], r->layers[l].a3);
        const explaint_attend_assumption *a3 = assumed(&r->verdicts[0], "A3");
        if (k < 3)
            assert_string_equal(a3->why, "40 of the 40 texts that decide have fewer than 10 others that share less "
                                         "than two thirds of their pieces with them and with each other.");
        assert_null(lint_of(r, "illustration"));
        assert_null(strstr(r->answer, "shipped"));
        explaint_attend_free(r);
        close_audit(&a);
    }
}

/* A reason names the rule that decided. */
static void a_picture_that_all_texts_have(void **state) {
    (void)state;
    const explaint_attend_layer survives = {.p = .001, .content_ci = {.95, .99}, .null_mean = .5, .null_ci = {.4, .6}},
                                same = {.p = 1, .content_ci = {.2, .3}, .null_mean = .97, .null_ci = {.95, .99}},
                                depends = {.p = 1, .content_ci = {.2, .3}, .null_mean = .3, .null_ci = {.2, .4}};
    assert_false(xp_judge_same_picture(&survives));
    assert_true(xp_judge_same_picture(&same));
    assert_false(xp_judge_same_picture(&depends));
}

/* What is said of the texts: whose decide and why, lines without a word, pieces without a meaning. */
static void texts_are_looked_at_first(void **state) {
    (void)state;
    char many[4096] = "";
    for (int i = 0; i < 35; i++)
        snprintf(many + strlen(many), 64, "%c %c %c c d f g\n\n", 'a' + i % 26, 'z' - i % 7, 'b' + i % 11);
    const struct {
        const char *texts, *illustration, *blank, *unknown, *level;
    } cases[] = {{few, "3 texts of sufficient length: fewer than 30 do not decide; ", NULL, NULL, NULL},
                 {"a b c d e f\n\n  \n", "1 text of sufficient length: fewer than 30 do not decide; ",
                  "2 of 3 lines are blank, and each counts as a text without a word: leave them out", NULL, NULL},
                 {many,
                  "35 of 70 texts have 6 pieces or more: where fewer than two of three have, they do not decide; ",
                  "35 of 70 lines are blank, and each counts as a text without a word: leave them out", NULL, NULL},
                 {"a b c d e f g h i j k\nl m ? n o p q r s t u\n", "2 texts ", NULL,
                  "1 of 22 pieces, in 1 of 2 texts, is unknown to the vocabulary: the model sees one and the same "
                  "piece in place "
                  "of each",
                  "note"},
                 {"a ? ?\n? b ?\n", "0 texts ", NULL,
                  "4 of 6 pieces, in 2 of 2 texts, are unknown to the vocabulary: the model sees one and the same "
                  "piece in place "
                  "of each",
                  "warning"}};
    explaint_attend_options o = explaint_attend_defaults();
    o.g = "identity";
    o.damage = "permute-content";
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        audit a = open_audit("bert-gelu", cases[k].texts);
        explaint_attend_result *r = attend(&a, o);
        const explaint_lint *illustration = lint_of(r, "illustration"), *blank = lint_of(r, "blank-texts"),
                            *unknown = lint_of(r, "unknown-pieces");
        assert_non_null(illustration);
        if (strncmp(illustration->text, cases[k].illustration, strlen(cases[k].illustration)) != 0)
            fail_msg("%s", illustration->text);
        assert_true((blank != NULL) == (cases[k].blank != NULL) && (unknown != NULL) == (cases[k].unknown != NULL));
        if (blank != NULL) assert_string_equal(blank->text, cases[k].blank);
        if (blank != NULL) assert_string_equal(blank->level, "warning");
        if (unknown != NULL) assert_string_equal(unknown->text, cases[k].unknown);
        if (unknown != NULL) assert_string_equal(unknown->level, cases[k].level);
        assert_non_null(strstr(r->answer, " Decided on 60 shipped texts, not on yours."));
        for (size_t v = 0; v < r->n_verdicts; v++)
            assert_non_null(strstr(r->verdicts[v].text, " Decided on 60 shipped texts, not on yours."));
        explaint_attend_free(r);
        close_audit(&a);
    }
}

/* Of 30 texts of one length, which decide as they are, what a head is judged by is what its rows say. */
static void a_head_is_judged_by_its_own_maps(void **state) {
    (void)state;
    char many[4096] = "";
    for (int i = 0; i < 30; i++) snprintf(many + strlen(many), 64, "%c b c d %c f g\n", 'a' + i % 26, 'z' - i % 7);
    audit a = open_audit("bert-gelu", many);
    explaint_attend_options o = explaint_attend_defaults();
    o.g = "identity";
    o.damage = "permute-content";
    o.by_head = true;
    o.head = "2.1";
    explaint_attend_result *r = attend(&a, o);
    assert_int_equal(r->n_heads, 1);
    const explaint_attend_head *h = &r->heads[0];
    assert_true(h->layer == 2 && h->head == 1);
    size_t found = 0;
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        if (row->text != -1 || row->layer != 2 || row->head != 1 || strcmp(row->measure, "damage_pearson") != 0 ||
            row->undone == 1)
            continue;
        assert_true(fabs(row->value - (strcmp(row->scope, "whole") == 0 ? h->whole : h->content)) < 1e-12);
        found++;
    }
    assert_int_equal(found, 2);
    const explaint_attend_verdict *v = &r->verdicts[r->n_verdicts - 1];
    assert_string_equal(v->claim, "head");
    assert_true(v->layers[0] == 2 && v->layers[1] == 2 && v->head == 1);
    assert_string_equal(assumed(v, "A1")->outcome, "not testable"); /* no linear g */
    assert_string_equal(assumed(v, "A2")->outcome, r->layers[1].a2);
    assert_string_equal(assumed(v, "A3")->outcome, h->a3);
    assert_string_equal(assumed(v, "A4")->outcome, "not testable");
    assert_string_equal(h->a4, "not testable");
    assert_string_equal(assumed(v, "sink")->outcome, h->sink);
    assert_true(strncmp(v->text, "Head 2.1 without special tokens: ", 33) == 0);
    assert_non_null(strstr(v->text, "; the whole picture: "));
    assert_true(strncmp(r->answer, v->answer, strlen(v->answer)) == 0);
    explaint_attend_free(r);
    o.measures = "damage"; /* nothing is decided */
    r = attend(&a, o);
    assert_true(r->n_heads == 0 && r->n_verdicts == 0);
    explaint_attend_free(r);
    close_audit(&a);
}

/* It stands beside what decides where it was asked for, with the smallest and the largest share of the layers. */
static void attribution_stands_beside_what_decides(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", few);
    explaint_attend_options o = explaint_attend_defaults();
    o.g = "identity";
    o.damage = "permute-content";
    o.layers = "2";
    for (int asked = 0; asked < 2; asked++) {
        o.measures = asked ? "continuity,damage,attribution_own_not_largest" : "continuity,damage";
        explaint_attend_result *r = attend(&a, o);
        char says[128] = "another token moves";
        for (size_t i = 0; i < r->n_rows; i++)
            if (r->rows[i].text == -1 && strcmp(r->rows[i].measure, "attribution_own_not_largest") == 0)
                snprintf(says, sizeof says,
                         "By attribution, on the texts given, another token moves %.2f of the rows more.",
                         r->rows[i].value);
        const char *why = assumed(&r->verdicts[0], "A2")->why;
        if ((strstr(why, says) != NULL) != asked) fail_msg("%d: %s", asked, why);
        explaint_attend_free(r);
    }
    close_audit(&a);
}

/* A text of 400 pieces in a model of width 64; nothing runs. */
static void what_takes_long_is_said_before(void **state) {
    (void)state;
    char text[1024] = "";
    explaint_error error = {0};
    for (int i = 0; i < 400; i++) strcat(text, "a ");
    for (int many = 0; many < 2; many++) {
        audit a = open_stories(many ? text : "a a a");
        explaint_attend_options o = explaint_attend_defaults();
        explaint_attend_plan *plan = NULL;
        o.measures = "attribution_own";
        o.attribution = "exact";
        if (explaint_attend_prepare(a.model, a.tokenizer, a.texts, &o, &plan, &error) != EXPLAINT_OK)
            fail_msg("%s", error.message);
        const char *cost = explaint_attend_plan_cost(plan);
        if (many != (cost != NULL && strstr(cost, "about 2 minutes of a processor (--attribution exact)") != NULL))
            fail_msg("%d: %s", many, cost != NULL ? cost : "nothing");
        explaint_attend_plan_close(plan);
        close_audit(&a);
    }
}

/* ---- continuity ---- */

static double share(const explaint_attend_result *r, const char *reference, const char *hit) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        if (row->text == -1 && row->layer == 0 && strcmp(row->measure, "identity_recovered") == 0 &&
            strcmp(row->reference, reference) == 0 && strcmp(row->hit, hit) == 0 && strcmp(row->rows, "all") == 0 &&
            strcmp(row->model, "trained") == 0 && strcmp(row->candidates, "sentence") == 0 &&
            strcmp(row->distance, "cosine") == 0 && row->standardised == 0)
            return row->value;
    }
    fail_msg("no row of %s by %s", reference, hit);
    return NAN;
}

/* A place is in h^0: each row of a token that stands twice is nearest to itself there. Of words there is one for both. */
static void a_token_that_stands_twice(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", "a b a b\nc d c e\n");
    explaint_attend_options o = explaint_attend_defaults();
    o.measures = "continuity";
    o.g = "identity";
    explaint_attend_result *r = attend(&a, o);
    assert_true(share(r, "h0", "id") == 1 && share(r, "h0", "row") == 1);
    assert_true(share(r, "word", "row") < 1);
    size_t anisotropy = 0, previous = 0, cka = 0;
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        anisotropy += row->text >= 0 && strcmp(row->measure, "anisotropy") == 0;
        previous += row->text >= 0 && strcmp(row->measure, "previous_layer_recovered") == 0;
        if (strcmp(row->measure, "cka_previous_layer") != 0) continue;
        assert_int_equal(row->n, strcmp(row->rows, "content") == 0 ? 8 : 12);
        cka++;
    }
    assert_int_equal(anisotropy, 3 * 2 * 2); /* layers, all rows and content, texts */
    assert_int_equal(previous, 2 * 2 * 2);
    assert_int_equal(cka, 2 * 2 * 2); /* layers from 1, all rows and content, raw and standardised */
    explaint_attend_free(r);
    close_audit(&a);
}

/* ---- refusals ---- */

static void refused(const audit *a, explaint_attend_options o, explaint_status code, const char *sentence) {
    explaint_attend_result *r = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_attend(a->model, a->tokenizer, a->texts, &o, &r, &error), code);
    assert_null(r);
    if (strstr(error.message, sentence) == NULL) fail_msg("no '%s' in '%s'", sentence, error.message);
}

static void what_does_not_exist_is_named(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", few);
    explaint_attend_options o = explaint_attend_defaults();
    o.measures = "all,speed";
    refused(&a, o, EXPLAINT_USAGE, "no measure is named 'speed'");
    o = explaint_attend_defaults();
    o.layers = "0-99";
    refused(&a, o, EXPLAINT_USAGE, "expected layers of 0 to 2");
    o.layers = "1-";
    refused(&a, o, EXPLAINT_USAGE, "'1-'");
    o = explaint_attend_defaults();
    o.head = "3.1";
    refused(&a, o, EXPLAINT_USAGE, "layers 1 to 2, found '3.1'");
    o.head = "2.0";
    refused(&a, o, EXPLAINT_USAGE, "as layer and head, '3.7', found '2.0'");
    o.head = "2.1";
    o.layers = "1";
    refused(&a, o, EXPLAINT_USAGE, "a head of layers 1, found '2.1'");
    o = explaint_attend_defaults();
    o.g = "cubic";
    refused(&a, o, EXPLAINT_USAGE, "cubic");
    o = explaint_attend_defaults();
    o.cache = "";
    refused(&a, o, EXPLAINT_USAGE, "a folder as cache");
    close_audit(&a);
    char longer[1024] = "a b c\n";
    for (int i = 0; i < 300; i++) strcat(longer, "a ");
    a = open_audit("bert-gelu", longer);
    refused(&a, explaint_attend_defaults(), EXPLAINT_INVALID, "texts.txt:2: expected at most");
    close_audit(&a);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", few);
    explaint_attend_options o = explaint_attend_defaults();
    o.threads = 1;
    o.measures = "all";
    bool done = false;
    for (size_t n = 1; !done; n += 1 + n / 8) {
        explaint_attend_result *r = NULL;
        explaint_error error = {0};
        xp_fail_allocation(n);
        const explaint_status status = explaint_attend(a.model, a.tokenizer, a.texts, &o, &r, &error);
        xp_fail_allocation(0);
        done = status == EXPLAINT_OK;
        if (!done) {
            assert_null(r);
            assert_int_equal(status, EXPLAINT_FAILED);
        }
        explaint_attend_free(r);
        assert_true(n < (size_t)1 << 24);
    }
    close_audit(&a);
}

/* Each entry of both maps has the colour of its value on one scale, beside its pieces; what is not there is refused. */
static void a_picture_of_a_head(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", "a b c\n");
    explaint_attend_options o = explaint_attend_defaults();
    o.keep_maps = true;
    o.damage = "permute,reverse";
    o.measures = "damage";
    explaint_attend_result *result = attend(&a, o);
    explaint_picture_options picture = {.text = 0, .layer = 2, .head = 1, .damage = "reverse"};
    explaint_error error = {0};
    char *drawn = NULL, tile[64];
    size_t size = 0;
    FILE *out = open_memstream(&drawn, &size);
    assert_non_null(out);
    assert_int_equal(explaint_attend_write_picture(result, &picture, out, &error), EXPLAINT_OK);
    fclose(out);
    const xp_attend *run = result->internals;
    const size_t n = run->texts.text[0].n, from = run->texts.n_heads * n * n; /* layer 2, head 1 */
    const float *maps[2] = {run->texts.text[0].maps + from,
                            run->experiment->maps + XP_DAMAGE_REVERSE * run->experiment->map_size + from};
    double most = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < n * n; i++) most = fmax(most, (double)maps[k][i]);
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < n * n; i++) {
            snprintf(tile, sizeof tile, " fill=\"#%06x\"",
                     xp_color_scale((double)lround(255 * sqrt((double)maps[k][i] / most)) / 255));
            assert_non_null(strstr(drawn, tile));
        }
    assert_non_null(strstr(drawn, ">[CLS]</text>"));
    assert_non_null(strstr(drawn, "rows reversed"));
    free(drawn);
    const explaint_picture_options none[] = {{.text = 1, .layer = 1, .damage = "permute"},
                                             {.layer = 0, .damage = "permute"},
                                             {.layer = 9, .damage = "permute"},
                                             {.layer = 1, .head = 99, .damage = "permute"},
                                             {.layer = 1, .damage = "gaussian"},
                                             {.layer = 1, .damage = "revers"}};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(explaint_attend_write_picture(result, &none[i], stdout, &error), EXPLAINT_USAGE);
    explaint_attend_free(result);
    close_audit(&a);
}

/* The maps of the audit's texts, cut to `truncate` pieces (0: whole), say these pieces (NULL: whatever) and words. Closes the audit. */
static void expect_words(audit *a, size_t truncate, const char *pieces, const char *words) {
    explaint_attend_options o = explaint_attend_defaults();
    explaint_error error = {0};
    xp_bytes bytes;
    xp_safetensors *file;
    o.keep_maps = true;
    o.truncate = truncate;
    o.damage = "permute";
    o.measures = "damage";
    explaint_attend_result *result = attend(a, o);
    const char *path = files_path("maps.safetensors");
    assert_int_equal(explaint_attend_write_maps(result, path, &error), EXPLAINT_OK);
    assert_int_equal(xp_file_read(path, XP_LIMIT_ARRAY, &bytes, &error), EXPLAINT_OK);
    assert_int_equal(xp_safetensors_open(path, bytes.data, bytes.size, &file, &error), EXPLAINT_OK);
    if (pieces != NULL) assert_string_equal(xp_safetensors_metadata(file, "pieces"), pieces);
    assert_string_equal(xp_safetensors_metadata(file, "words"), words);
    xp_safetensors_close(file);
    xp_bytes_free(&bytes);
    explaint_attend_free(result);
    close_audit(a);
}

/* Maps carry what their pieces and words are, as the text spells them. */
static void maps_say_pieces_and_words(void **state) {
    (void)state;
    audit a = open_audit("bert-gelu", "A ab. B\nb\n");
    explaint_error error = {0};
    explaint_tokenizer_close(a.tokenizer);
    const char *vocabulary = files_text("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n.\n");
    if (explaint_tokenizer_open(vocabulary, &a.tokenizer, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    expect_words(&a, 6, "[[\"[CLS]\", \"a\", \"a\", \"##b\", \".\", \"[SEP]\"], [\"[CLS]\", \"[UNK]\", \"[SEP]\"]]\n",
                 "[[[\"[CLS]\", 1], [\"A\", 1], [\"ab\", 2], [\".\", 1], [\"[SEP]\", 1]], [[\"[CLS]\", 1], "
                 "[\"b\", 1], [\"[SEP]\", 1]]]\n");
}

/* Where a tokenizer takes a whole text for one word, words are told by blanks. */
static void words_of_sentencepiece(void **state) {
    (void)state;
    audit a = open_stories("Lily had a red  ball.\n");
    expect_words(
        &a, 0, NULL,
        "[[[\"<s>\", 1], [\"Lily\", 1], [\"had\", 1], [\"a\", 1], [\"red\", 2], [\"\", 1], [\"ball.\", 3]]]\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_picture_of_a_head, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(maps_say_pieces_and_words, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(words_of_sentencepiece, files_setup, files_teardown),
        cmocka_unit_test(damages_keep_what_they_promise),
        cmocka_unit_test_setup_teardown(undoing_gives_the_map_back, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(undoing_does_not_give_a_relative_bias_back, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(threads_change_no_byte, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(linear_maps_are_kept, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(ranks_of_some_rows, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(few_texts_illustrate, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(texts_that_are_alike_do_not_tell, files_setup, files_teardown),
        cmocka_unit_test(a_picture_that_all_texts_have),
        cmocka_unit_test_setup_teardown(texts_are_looked_at_first, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(a_head_is_judged_by_its_own_maps, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(attribution_stands_beside_what_decides, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(what_takes_long_is_said_before, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(a_token_that_stands_twice, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(what_does_not_exist_is_named, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(every_allocation_may_fail, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
