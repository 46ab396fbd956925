/* Every outcome has a sentence, and no sentence has a word that needs statistics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "explaint/explaint.h"
#include "result/answer.h"

/* Of statistics, of this program's inside, and letters that stand for numbers. */
static const char *const jargon[] = {"permut",
                                     "null",
                                     "gain",
                                     "p",
                                     "z",
                                     "r",
                                     "sd",
                                     "mean",
                                     "interval",
                                     "bootstrap",
                                     "signific",
                                     "statistic",
                                     "test statistic",
                                     "agreement",
                                     "power",
                                     "margin",
                                     "level",
                                     "hypothes",
                                     "correlat",
                                     "confidence",
                                     "embedding",
                                     "ridge",
                                     "plsr",
                                     "knn",
                                     "bottleneck",
                                     "reader",
                                     "baseline",
                                     "cluster",
                                     "cell",
                                     "variance",
                                     "normal",
                                     "distribution",
                                     "chance",
                                     "95",
                                     "E1",
                                     "E2",
                                     "E3",
                                     "E4",
                                     "A0",
                                     "A1",
                                     "A2",
                                     "A3",
                                     "A4",
                                     "F1",
                                     "max-T",
                                     "adjusted",
                                     "assumption",
                                     "covariate",
                                     "sink"};

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

/* A short one as a whole word, a longer one as the beginning of a word. */
static bool holds_word(const char *text, const char *word) {
    const size_t length = strlen(word);
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        const bool begins = at == text || !is_letter(at[-1]);
        if (begins && (length > 3 || !is_letter(at[length]))) return true;
    }
    return false;
}

static void assert_plain(const char *sentence) {
    const size_t length = strlen(sentence);
    if (length < 20 || sentence[length - 1] != '.' || !(sentence[0] >= 'A' && sentence[0] <= 'Z') ||
        strchr(sentence, '{') != NULL || strchr(sentence, '(') != NULL)
        fail_msg("no plain sentence: '%s'", sentence);
    for (size_t i = 0; i < sizeof jargon / sizeof *jargon; i++)
        if (holds_word(sentence, jargon[i])) fail_msg("'%s' in '%s'", jargon[i], sentence);
}

static const char *const verdicts[] = {"supported", "not supported", "undecided"};
static const char *const of_information[] = {"E1", "E2", "E3", "E4", "E4-clusters", "W", ""};
static const char *const of_mapping[] = {"information", "mean", "knn", "bottleneck", ""};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static char *sentence_of(const explaint_verdict *v, const char *covariates) {
    xp_text text = {0};
    xp_answer_verdict(&text, v, covariates);
    assert_false(text.failed);
    assert_non_null(text.data);
    return text.data;
}

static void every_verdict_has_a_sentence(void **state) {
    (void)state;
    const explaint_assumption lost = {.id = "knn", .outcome = "fails"};
    for (size_t c = 0; c < 2; c++)
        for (size_t o = 0; o < COUNT(verdicts); o++)
            for (size_t d = 0; d < (c == 0 ? COUNT(of_information) : COUNT(of_mapping)); d++)
                for (int layer = -1; layer < 3; layer += 3)
                    for (size_t layers = 0; layers <= (c == 0 && layer < 0 ? 13 : 0); layers += 13) {
                        const explaint_verdict v = {.claim = c == 0 ? "information" : "mapping",
                                                    .verdict = verdicts[o],
                                                    .decided_by = c == 0 ? of_information[d] : of_mapping[d],
                                                    .assumptions = &lost,
                                                    .n_assumptions = 1,
                                                    .layer = layer,
                                                    .n_layers = layers,
                                                    .best_layer = layers > 0 ? 8 : -1};
                        char *plain = sentence_of(&v, NULL),
                             *aside = sentence_of(&v, c == 0 ? "[\"frequency\", \"word length\"]" : NULL);
                        assert_plain(plain);
                        assert_plain(aside);
                        if (c == 0) assert_non_null(strstr(aside, ", with frequency and word length set aside."));
                        if (layer >= 0) assert_non_null(strstr(plain, "layer 2"));
                        if (layers > 0) assert_non_null(strstr(plain, "of 13 layers"));
                        free(plain);
                        free(aside);
                    }
}

/* All tests of the catalogue that decide are known here: one that is new has to get its words. */
static void every_test_has_its_own_words(void **state) {
    (void)state;
    size_t n;
    const explaint_entry *test = explaint_catalogue("tests", &n);
    const explaint_verdict other = {
        .claim = "information", .verdict = "not supported", .decided_by = "", .layer = -1, .best_layer = -1};
    char *generic = sentence_of(&other, NULL);
    for (size_t i = 0; i < n; i++) {
        explaint_verdict v = other;
        v.decided_by = test[i].name;
        char *own = sentence_of(&v, NULL);
        assert_string_not_equal(own, generic);
        free(own);
    }
    free(generic);
}

static void a_mapping_names_all_that_it_does_not_beat(void **state) {
    (void)state;
    const explaint_assumption list[] = {{.id = "mean", .outcome = "holds"},
                                        {.id = "knn", .outcome = "fails"},
                                        {.id = "bottleneck", .outcome = "fails"},
                                        {.id = "reader", .outcome = "shown"}};
    explaint_verdict v = {.claim = "mapping",
                          .verdict = "not supported",
                          .decided_by = "bottleneck",
                          .assumptions = list,
                          .n_assumptions = 4,
                          .layer = -1,
                          .best_layer = -1};
    char *text = sentence_of(&v, NULL);
    assert_string_equal(text,
                        "This mapping adds nothing over copying neighbours or knowing which group of similar things "
                        "a word belongs to.");
    free(text);
    v.verdict = "supported";
    v.decided_by = "";
    text = sentence_of(&v, NULL);
    assert_string_equal(text, "This mapping does better than predicting the same for every word.");
    free(text);
}

static void every_verdict_of_attend_has_a_sentence(void **state) {
    (void)state;
    static const char *const claims[] = {"tokens", "sink", "head"}, *const ids[] = {"A0", "A1",   "A2", "A3",
                                                                                    "A4", "sink", ""};
    const explaint_attend_assumption sink = {.id = "sink", .outcome = "holds"};
    for (size_t c = 0; c < COUNT(claims); c++)
        for (size_t o = 0; o < COUNT(verdicts); o++)
            for (size_t d = 0; d < COUNT(ids); d++) {
                const bool head = strcmp(claims[c], "head") == 0;
                const explaint_attend_verdict v = {.claim = claims[c],
                                                   .layers = {3, head ? 3 : 5},
                                                   .head = head ? 7 : 0,
                                                   .verdict = verdicts[o],
                                                   .decided_by = ids[d],
                                                   .assumptions = &sink,
                                                   .n_assumptions = head};
                xp_text text = {0};
                xp_answer_attend_verdict(&text, &v);
                assert_plain(text.data);
                assert_non_null(strstr(text.data, head ? "head 3.7" : "layers 3 to 5"));
                if (head) assert_non_null(strstr(text.data, "the column of a special token"));
                xp_text_free(&text);
            }
}

/* That nobody asked is one thing, that it could not be told another. */
static void what_was_not_asked_is_not_undecided(void **state) {
    (void)state;
    static const struct {
        const char *id, *outcome, *says;
    } cases[] = {{"A4", "not testable", "Not yet: head 3.7"},
                 {"A4", "undecided", "It could not be told whether head 3.7"},
                 {"A3", "not testable", "Nothing can be read from head 3.7"},
                 {"A3", "undecided", "It could not be told whether head 3.7"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const explaint_attend_assumption one = {.id = cases[i].id, .outcome = cases[i].outcome};
        const explaint_attend_verdict v = {.claim = "head",
                                           .layers = {3, 3},
                                           .head = 7,
                                           .verdict = "undecided",
                                           .decided_by = cases[i].id,
                                           .assumptions = &one,
                                           .n_assumptions = 1};
        xp_text text = {0};
        xp_answer_attend_verdict(&text, &v);
        assert_plain(text.data);
        assert_ptr_equal(strstr(text.data, cases[i].says), text.data);
        xp_text_free(&text);
    }
}

/* ---- documents ---- */

static const char *answer_of(explaint_record *record, xp_strings *texts) {
    assert_true(xp_answer_record(record, texts));
    return explaint_record_answer(record);
}

static void a_document_says_both_claims(void **state) {
    (void)state;
    xp_strings texts = {0};
    const explaint_assumption knn = {.id = "knn", .outcome = "fails"};
    explaint_verdict both[] = {{.claim = "information", .verdict = "supported", .decided_by = "E3", .layer = -1},
                               {.claim = "mapping",
                                .verdict = "not supported",
                                .decided_by = "knn",
                                .assumptions = &knn,
                                .n_assumptions = 1,
                                .layer = -1}};
    explaint_result r = {.record = {&explaint_infer_kind}, .verdicts = both, .n_verdicts = 2};
    assert_string_equal(
        answer_of(&r.record, &texts),
        "These vectors know more about these properties than which group of about twelve similar things a "
        "word belongs to. This mapping adds nothing over copying neighbours.");
    assert_string_equal(both[1].answer, "This mapping adds nothing over copying neighbours.");
    r = (explaint_result){.record = {&explaint_infer_kind}};
    assert_plain(answer_of(&r.record, &texts));
    xp_strings_free(&texts);
}

static void layers_are_summed_up(void **state) {
    (void)state;
    xp_strings texts = {0};
    explaint_verdict list[9] = {{.claim = "information",
                                 .verdict = "supported",
                                 .decided_by = "E3",
                                 .layer = -1,
                                 .n_layers = 4,
                                 .best_layer = 2}};
    for (int l = 0; l < 4; l++) {
        list[1 + 2 * l] =
            (explaint_verdict){.claim = "information", .verdict = "supported", .decided_by = "E3", .layer = l};
        list[2 + 2 * l] = (explaint_verdict){
            .claim = "mapping", .verdict = l == 1 ? "not supported" : "supported", .decided_by = "knn", .layer = l};
    }
    explaint_result r = {.record = {&explaint_infer_kind}, .verdicts = list, .n_verdicts = 9};
    const char *text = answer_of(&r.record, &texts);
    assert_plain(text);
    assert_non_null(strstr(text, "In at least one of 4 layers, most clearly in layer 2, these vectors know more"));
    assert_non_null(strstr(text, "In layers 0 and 2 to 3, each by itself, this mapping adds"));
    r.verdicts++; /* without the verdict on all */
    r.n_verdicts--;
    r.answer = NULL;
    text = answer_of(&r.record, &texts);
    assert_plain(text);
    assert_non_null(strstr(text, "In layers 0 to 3, each by itself, these vectors know more"));
    xp_strings_free(&texts);
}

static void attention_is_summed_up(void **state) {
    (void)state;
    xp_strings texts = {0};
    explaint_attend_verdict list[] = {
        {.claim = "tokens", .layers = {1, 2}, .verdict = "supported", .decided_by = ""},
        {.claim = "tokens", .layers = {3, 3}, .verdict = "not supported", .decided_by = "A1"},
        {.claim = "tokens", .layers = {4, 4}, .verdict = "supported", .decided_by = ""},
        {.claim = "tokens", .layers = {5, 3}, .verdict = "supported", .decided_by = ""}, /* of a damaged document */
        {.claim = "sink", .layers = {1, 1}, .verdict = "not supported", .decided_by = "sink"},
        {.claim = "sink", .layers = {2, 4}, .verdict = "supported", .decided_by = "sink"}};
    explaint_attend_result r = {.record = {&explaint_attend_kind}, .verdicts = list, .n_verdicts = 6};
    const char *text = answer_of(&r.record, &texts);
    assert_plain(text);
    assert_non_null(strstr(text, "In layers 1 to 2 and 4 the picture is about these words"));
    assert_non_null(strstr(text, "In layer 3 a row of the picture no longer"));
    assert_non_null(
        strstr(text, "Look past the special tokens, such as the mark of a sentence's end, in layers 2 to 4"));
    assert_null(strstr(text, "no special token"));
    r = (explaint_attend_result){
        .record = {&explaint_attend_kind},
        .verdicts =
            &(explaint_attend_verdict){.claim = "tokens", .layers = {1, 2}, .verdict = "supported", .decided_by = ""},
        .n_verdicts = 1,
        .n_judged = 60};
    for (r.judged_own = 0; r.judged_own < 2;
         r.judged_own++) { /* whose texts decided is said where they were not those given */
        r.answer = NULL;
        text = answer_of(&r.record, &texts);
        assert_plain(text);
        assert_int_equal(strstr(text, " Decided on 60 shipped texts, not on yours.") != NULL, r.judged_own == 0);
    }
    r = (explaint_attend_result){.record = {&explaint_attend_kind}};
    assert_plain(answer_of(&r.record, &texts));
    xp_strings_free(&texts);
}

static void relations_are_summed_up(void **state) {
    (void)state;
    static const char *const claims[] = {"heads", "model"};
    static const char *const decided[] = {
        "similarity, damaged", "my words, form", "a, untrained", "a, permuted", "", "odd"};
    explaint_relate_head heads[9];
    xp_strings texts = {0};
    for (size_t i = 0; i < COUNT(heads); i++)
        heads[i] = (explaint_relate_head){.layer = 3, .head = i + 1, .outcome = i == 4 ? "fails" : "holds"};
    for (size_t n = 0; n <= COUNT(heads); n++)
        for (size_t c = 0; c < 2; c++)
            for (size_t o = 0; o < COUNT(verdicts); o++)
                for (size_t d = 0; d < COUNT(decided); d++) {
                    explaint_relate_verdict v = {.claim = claims[c], .verdict = verdicts[o], .decided_by = decided[d]};
                    explaint_relate_result r = {.record = {&explaint_relate_kind},
                                                .heads = heads,
                                                .n_heads = n,
                                                .verdicts = &v,
                                                .n_verdicts = 1};
                    assert_plain(answer_of(&r.record, &texts));
                    assert_string_equal(r.answer, v.answer);
                }
    explaint_relate_verdict v = {.claim = "heads", .verdict = "supported"};
    explaint_relate_result r = {
        .record = {&explaint_relate_kind}, .heads = heads, .n_heads = 3, .verdicts = &v, .n_verdicts = 1};
    assert_non_null(strstr(answer_of(&r.record, &texts), "Heads 3.1, 3.2 and 3.3 may be read"));
    v = (explaint_relate_verdict){.claim = "heads", .verdict = "supported"};
    r = (explaint_relate_result){
        .record = {&explaint_relate_kind}, .heads = heads, .n_heads = 9, .verdicts = &v, .n_verdicts = 1};
    assert_non_null(strstr(answer_of(&r.record, &texts), "Heads 3.1, 3.2, 3.3, 3.4, 3.6 and 3 others may be read"));
    xp_strings_free(&texts);
}

/* ---- two runs, several runs ---- */

static void comparisons_say_more_less_or_nothing(void **state) {
    (void)state;
    static const struct {
        double low, high;
        const char *vectors;
    } cases[] = {{.1, .2, "The vectors of B know more about these properties than those of A."},
                 {-.2, -.1, "The vectors of B know less about these properties than those of A."},
                 {-.1, .1, "No difference was found in what the vectors of A and B know about these properties."}};
    xp_strings texts = {0};
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int changed = 0; changed < 2; changed++) {
            const double difference = changed ? .001 : .1;
            const explaint_compared_assumption e1 = {
                .id = "E1",
                .gain = {.1, .2},
                .paired = {difference, true, 9, {0, 0}, {cases[i].low, cases[i].high}, .01, 0}};
            const explaint_compared_verdict v = {.claim = "information",
                                                 .verdict = {"undecided", changed ? "supported" : "undecided"},
                                                 .layer = {-1, -1},
                                                 .assumptions = &e1,
                                                 .n_assumptions = 1,
                                                 .changed = changed};
            const explaint_compared_row row = {.condition = "system",
                                               .target = "norms",
                                               .metric = "f1_at_10",
                                               .layer = {-1, -1},
                                               .value = {.1, .2},
                                               .paired = {.1, i < 2, 9, {0, 0}, {.05, .1}, .01, 0}};
            explaint_comparison c = {.record = {&explaint_compare_kind},
                                     .rows = &row,
                                     .n_rows = 1,
                                     .verdicts = &v,
                                     .n_verdicts = 1,
                                     .verdict_metric = "f1_at_10"};
            const char *text = answer_of(&c.record, &texts);
            assert_plain(text);
            assert_ptr_equal(strstr(text, cases[i].vectors), text);
            assert_int_equal(strstr(text, "too small to matter") != NULL, changed && i < 2);
            assert_non_null(strstr(text, changed ? "The verdict on information went from undecided to supported."
                                                 : "The verdict is the same."));
            assert_non_null(strstr(text, i < 2 ? "B predicts them better than A." : "was not tested"));
        }
    const explaint_compared_row same = {.condition = "system", .value = {.5, .5}};
    explaint_comparison c = {.record = {&explaint_compare_kind}, .rows = &same, .n_rows = 1};
    assert_string_equal(answer_of(&c.record, &texts),
                        "Nothing changed: A and B have the same numbers and the same verdicts.");
    xp_strings_free(&texts);
}

static void tries_are_counted(void **state) {
    (void)state;
    xp_strings texts = {0};
    static const struct {
        double p[2];
        const char *text;
    } cases[] = {{{.01, .9}, "Once all 2 tries are counted, 1 still holds in every test."},
                 {{.01, .02}, "Once all 2 tries are counted, every one still holds in every test."},
                 {{.2, .9}, "Once all 2 tries are counted, none holds in every test."}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const explaint_adjusted_test list[] = {
            {.id = "E1", .place = "run 1", .layer = -1, .p_adjusted = .01, .level = .05},
            {.id = "E1", .place = "run 2", .layer = -1, .p_adjusted = .01, .level = .05},
            {.id = "E4", .place = "run 1", .layer = -1, .p_adjusted = cases[i].p[0], .level = .02},
            {.id = "E4", .place = "run 2", .layer = -1, .p_adjusted = cases[i].p[1], .level = .02}};
        explaint_adjustment a = {.record = {&explaint_adjust_kind}, .tests = list, .n_tests = 4};
        assert_string_equal(answer_of(&a.record, &texts), cases[i].text);
        assert_plain(a.answer);
    }
    xp_strings_free(&texts);
}

/* A document of before has none: it is put there. One that has an answer keeps it. */
static void older_documents_get_theirs(void **state) {
    (void)state;
    static const char head[] = "{\"explaint\": \"0.1.0\", \"command\": [\"infer\"], \"inputs\": [], \"rows\": [], ";
    static const char tail[] = "\"verdicts\": [{\"claim\": \"information\", \"verdict\": \"not supported\", "
                               "\"decided_by\": \"E2\", \"assumptions\": []}]}";
    for (int has = 0; has < 2; has++) {
        char document[512];
        explaint_error error = {0};
        explaint_record *record = NULL;
        snprintf(document, sizeof document, "%s%s%s", head, has ? "\"answer\": \"Its own.\", " : "", tail);
        assert_int_equal(explaint_record_read(document, strlen(document), NULL, &record, &error), EXPLAINT_OK);
        assert_string_equal(explaint_record_answer(record),
                            has ? "Its own."
                                : "These vectors know next to nothing about these properties beyond the category of a "
                                  "word.");
        explaint_record_free(record);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_verdict_has_a_sentence),
        cmocka_unit_test(every_test_has_its_own_words),
        cmocka_unit_test(a_mapping_names_all_that_it_does_not_beat),
        cmocka_unit_test(every_verdict_of_attend_has_a_sentence),
        cmocka_unit_test(what_was_not_asked_is_not_undecided),
        cmocka_unit_test(a_document_says_both_claims),
        cmocka_unit_test(layers_are_summed_up),
        cmocka_unit_test(attention_is_summed_up),
        cmocka_unit_test(relations_are_summed_up),
        cmocka_unit_test(comparisons_say_more_less_or_nothing),
        cmocka_unit_test(tries_are_counted),
        cmocka_unit_test(older_documents_get_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
