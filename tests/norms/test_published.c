/* Norms as their publishers lay them out, invented: Buchanan's rows, Binder's sheet, and arrays with lists of names. */
#include "support/files.h"

#include "base/memory.h"
#include "norms/norms.h"
#include "support/norms.h"

static explaint_norms *open_text(const char *text, const explaint_norms_options *options) {
    explaint_norms *n = NULL;
    explaint_error error = {0};
    if (xp_norms_read("n.csv", text, strlen(text), options, &n, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    return n;
}

static void refused_as(const char *text, const explaint_norms_options *options, explaint_status code,
                       const char *part) {
    explaint_norms *n = NULL;
    explaint_error error = {0};
    assert_int_equal(xp_norms_read("n.csv", text, strlen(text), options, &n, &error), code);
    assert_null(n);
    assert_contains(error.message, part);
}

static void refused(const char *text, const char *part) { refused_as(text, NULL, EXPLAINT_INVALID, part); }

static double value_at(const explaint_norms *n, const char *concept_name, const char *feature) {
    for (size_t i = 0; i < n->n_concepts; i++)
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++)
            if (strcmp(n->concepts.item[i], concept_name) == 0 && strcmp(n->features.item[n->column[p]], feature) == 0)
                return n->value[p];
    return 0;
}

static bool has_note(const explaint_norms *n, const char *part) {
    for (size_t i = 0; i < explaint_norms_n_notes(n); i++)
        if (strstr(explaint_norms_note(n, i), part) != NULL) return true;
    return false;
}

/* ---- Buchanan ---- */

#define BUCHANAN "where,cue,feature,translated,normalized_translated,pos_cue,FSG\n"

static const char buchanan[] = BUCHANAN "b,dog,barks,bark,30,noun,NA\n"
                                        "b,dog,barking,bark,30,noun,0.1\n" /* a raw form: the same share again */
                                        "m,dog,barks,bark,12.5,noun,NA\n"
                                        "m,dog,barked,bark,12.5,noun,NA\n"
                                        "v,dog,bark,bark,20,noun,NA\n"
                                        "b,dog,NA,NA,5,noun,NA\n"
                                        "b,NA,na,bark,7,NA,NA\n"
                                        "b,run,legs,leg,NA,verb,NA\n"
                                        "m,run,legs,leg,4,verb,NA\n"
                                        "b,run,fast,fast,NA,verb,NA\n"
                                        "b,run,fasts,fast,9,verb,NA\n"; /* contradicts the row before */

static void buchanan_pairs(void **state) {
    (void)state;
    static const struct {
        const char *how;
        double bark;
        const char *note;
    } ways[] = {
        {"last", 20, "the last row counts"}, {"sum", 62.5, "they are added up"}, {"max", 30, "the largest counts"}};
    for (size_t k = 0; k < 3; k++) {
        explaint_norms_options options = {.pair_value = ways[k].how};
        explaint_norms *n = open_text(buchanan, &options);
        assert_string_equal(explaint_norms_kind(n), "buchanan");
        assert_string_equal(explaint_norms_name(n), "buchanan");
        assert_contains(explaint_norms_citation(n), "Buchanan");
        assert_int_equal(explaint_norms_components(n), 75);
        assert_int_equal(n->n_concepts, 3);
        assert_int_equal(n->n_features, 4);
        assert_true(value_at(n, "dog", "bark") == ways[k].bark);
        assert_true(value_at(n, "dog", "NA") == 5 && value_at(n, "NA", "bark") == 7);
        assert_true(value_at(n, "run", "leg") == 4);
        assert_int_equal(n->n_missing, 1); /* run, fast */
        assert_int_equal(explaint_norms_n_labels(n), 1);
        assert_string_equal(explaint_norms_label_name(n, 0), "pos_cue");
        assert_string_equal(explaint_norms_label(n, 0, 0), "noun");
        assert_string_equal(explaint_norms_label(n, 0, 1), "");
        assert_null(explaint_norms_category(n, 0));
        assert_true(has_note(n, "2 pairs of cue and root come from more than one source (2 cues)"));
        assert_true(has_note(n, ways[k].note));
        assert_true(has_note(n, "1 pair has no share (NA)"));
        assert_true(has_note(n, "1 row has another normalized_translated"));
        explaint_norms_close(n);
    }
}

static void buchanan_refused(void **state) {
    (void)state;
    refused("cue,translated,normalized_translated\na,b,1\n", "expected a column \"where\", as Buchanan's norms have");
    refused("where,cue,translated\nb,a,c\n", "expected a column \"normalized_translated\"");
    refused("where,cue,cue,translated,normalized_translated\nb,a,a,c,1\n", "two columns named \"cue\"");
    refused(BUCHANAN "b,dog,x,bark,many,noun,NA\n",
            "n.csv:2: expected a finite number in column \"normalized_translated\"");
    refused(BUCHANAN "b,dog,x,bark,-1,noun,NA\n", "which is negative");
    refused(BUCHANAN "b,,x,bark,1,noun,NA\n", "expected a name in column \"cue\"");
    refused(BUCHANAN "b,dog,x, ,1,noun,NA\n", "expected a name in column \"translated\"");
    refused(BUCHANAN "b,dog,x,bark,NA,noun,NA\n", "every value is missing");
    explaint_norms_options options = {.pair_value = "max"};
    refused_as("concept,feature,value\na,b,1\nc,d,2\n", &options, EXPLAINT_USAGE, "--pair-value is about");
    options = (explaint_norms_options){.na = "drop"};
    refused_as(buchanan, &options, EXPLAINT_USAGE, "expected na zero, drop-features or mask, found \"drop\"");
    options = (explaint_norms_options){.concepts = "c.txt"};
    refused_as(buchanan, &options, EXPLAINT_USAGE, "name the rows and columns of an .npy array");
}

/* ---- Binder ---- */

static const char attributes[] =
    "Vision\tBright\tDark\tColor\tPattern\tLarge\tSmall\tMotion\tBiomotion\tFast\tSlow\tShape\tComplexity\tFace\tBody\t"
    "Touch\t"
    "Temperature\tTexture\tWeight\tPain\tAudition\tLoud\tLow\tHigh\tSound\tMusic\tSpeech\tTaste\tSmell\tHead\tUpperLimb"
    "\t"
    "LowerLimb\tPractice\tLandmark\tPath\tScene\tNear\tToward\tAway\tNumber\tTime\tDuration\tLong\tShort\tCaused\t"
    "Consequential\tSocial\tHuman\tCommunication\tSelf\tCognition\tBenefit\tHarm\tPleasant\tUnpleasant\tHappy\tSad\tAng"
    "ry\t"
    "Disgusted\tFearful\tSurprised\tDrive\tNeeds\tAttention\tArousal";

/* No, Word, WC, 65 ratings, a column without a header, LEN, Super Category. */
static void binder_row(char *text, const char *word, const char *word_class, const char *rating, const char *category) {
    sprintf(text + strlen(text), "7\t%s\t%s", word, word_class);
    for (int j = 0; j < 64; j++) sprintf(text + strlen(text), "\t%d.5", j % 6);
    sprintf(text + strlen(text), "\t%s\t\t4\t%s\n", rating, category);
}

static void binder_begin(char *text) { sprintf(text, "No\tWord\tWC\t%s\t\tLEN\tSuper Category\n", attributes); }

static void binder_sheet(void **state) {
    (void)state;
    char text[8192];
    binder_begin(text);
    binder_row(text, "used", "2", "na", "physical action");
    binder_row(text, "dog", "1", "0", "animal");
    binder_row(text, "used", "3", "2", "none");
    binder_row(text, "listened (to)", "2", "6.5", "");
    explaint_norms *n = open_text(text, NULL);
    assert_string_equal(explaint_norms_kind(n), "binder");
    assert_string_equal(explaint_norms_name(n), "binder");
    assert_int_equal(explaint_norms_components(n), 22);
    assert_int_equal(n->n_features, 65);
    assert_string_equal(explaint_norms_concept(n, 0), "used_(verb)");
    assert_string_equal(explaint_norms_concept(n, 2), "used_(adjective)");
    assert_string_equal(explaint_norms_concept(n, 3), "listened (to)");
    assert_string_equal(explaint_norms_feature(n, 64), "Arousal");
    assert_int_equal(n->n_missing, 1);
    assert_string_equal(n->category.item[0], "physical action");
    assert_string_equal(n->category.item[2], "");
    assert_string_equal(explaint_norms_label_name(n, 0), "WC");
    assert_string_equal(explaint_norms_label(n, 0, 1), "noun");
    assert_true(has_note(n, "columns not read, no attributes: No, LEN"));
    assert_true(has_note(n, "1 rating lies outside of 0 to 6"));
    assert_true(has_note(n, "2 rows share their word"));
    explaint_norms_summary s;
    explaint_norms_summarise(n, &s);
    assert_int_equal(s.distinct_forms, 3);
    assert_int_equal(s.sense_tags, 2);
    explaint_norms_close(n);
}

static void binder_refused(void **state) {
    (void)state;
    char text[8192];
    binder_begin(text);
    binder_row(text, "used", "2", "1", "");
    binder_row(text, "used", "2", "3", "");
    refused(text, "n.csv:3: the word \"used\" stands in line 2 and again in line 3 with the same word class");
    binder_begin(text);
    binder_row(text, "used", "2", "12%", "");
    refused(text, "expected a finite number in column \"Arousal\", found \"12%\", which is not a number; write the "
                  "number without");
    binder_begin(text);
    binder_row(text, "", "2", "1", "");
    refused(text, "expected a name in column \"Word\"");
    binder_begin(text);
    memcpy(strstr(text, "Arousal"), "Excited", 7);
    refused(text, "expected a column \"arousal\", as Binder's norms have");
    binder_begin(text);
    memcpy(strstr(text, "Arousal"), "Vision ", 7);
    refused(text, "two columns named \"Vision \"");
}

/* ---- arrays ---- */

static unsigned char array[4096];
static size_t array_size;

static void make_array(const char *type, const char *shape, const void *numbers, size_t size) {
    memcpy(array, "\x93NUMPY\1", 8);
    int length =
        snprintf((char *)array + 10, 200, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    array[8] = (unsigned char)length;
    array[9] = 0;
    memcpy(array + 10 + length, numbers, size);
    array_size = 10 + (size_t)length + size;
}

static explaint_status open_array(const explaint_norms_options *options, explaint_norms **n, explaint_error *error) {
    *n = NULL;
    return xp_norms_read("n.npy", array, array_size, options, n, error);
}

static void arrays(void **state) {
    (void)state;
    const double nan = strtod("nan", NULL), f8[6] = {1, 0, nan, -2.5, 3, 4};
    const int64_t i8[6] = {1, 0, 0, 7, 3, 4};
    explaint_norms_options options = {.concepts = files_text("c.txt", "dog\r\nbat (animal)\r\n\r\n"),
                                      .features = files_text("f.txt", "a,b\nc\nd")};
    explaint_norms *n;
    explaint_error error = {0};
    make_array("<f8", "(2, 3)", f8, sizeof f8);
    if (open_array(&options, &n, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_string_equal(explaint_norms_kind(n), "npy");
    assert_string_equal(explaint_norms_name(n), "n");
    assert_int_equal(explaint_norms_components(n), 25);
    assert_int_equal(n->n_missing, 1);
    assert_true(value_at(n, "dog", "a,b") == 1 && value_at(n, "bat (animal)", "a,b") == -2.5);
    assert_true(value_at(n, "bat (animal)", "d") == 4);
    assert_int_equal(strlen(n->concepts_sha256), 64);
    assert_int_equal(strlen(n->features_sha256), 64);
    explaint_norms_close(n);
    make_array("<i8", "(2, 3)", i8, sizeof i8);
    options.features = NULL;
    assert_int_equal(open_array(&options, &n, &error), EXPLAINT_OK);
    assert_true(value_at(n, "bat (animal)", "f0") == 7 && value_at(n, "bat (animal)", "f2") == 4);
    assert_string_equal(n->features_sha256, "");
    explaint_norms_close(n);
}

static void arrays_refused(void **state) {
    (void)state;
    const double f8[4] = {1, 2, 3, strtod("inf", NULL)};
    const struct {
        const char *concepts, *features, *part;
    } cases[] = {{NULL, NULL, "give the concepts, one a line (--concepts FILE)"},
                 {"dog\n", NULL, "expected 2 concepts, one for each row of n.npy, found 1"},
                 {"a\nb\nc\n", NULL, "expected 2 concepts, one for each row of n.npy, found 3"},
                 {"a\nb\n", "x\ny\nz\n", "expected 2 features, one for each column of n.npy, found 3"},
                 {"a\na\n", NULL, "c.txt:2: the concept \"a\" stands in line 1 and again in line 2"},
                 {"a\n\nb\n", NULL, "c.txt:2: expected a concept in each line, found an empty line"},
                 {"a\nb\n", "x\nx\n", "f.txt:2: the feature \"x\" stands"},
                 {"a\nb\n", NULL, "found infinity in row 2 (\"b\"), column 2 (\"f1\")"}};
    make_array("<f8", "(2, 2)", f8, sizeof f8);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        explaint_norms_options options = {
            .concepts = cases[i].concepts != NULL ? files_text("c.txt", cases[i].concepts) : NULL,
            .features = cases[i].features != NULL ? files_text("f.txt", cases[i].features) : NULL};
        explaint_norms *n;
        explaint_error error = {0};
        assert_int_equal(open_array(&options, &n, &error),
                         cases[i].concepts == NULL ? EXPLAINT_USAGE : EXPLAINT_INVALID);
        assert_null(n);
        assert_contains(error.message, cases[i].part);
    }
}

/* ---- folders, old workbooks, and every allocation ---- */

static void folders(void **state) {
    (void)state;
    explaint_norms *n = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_norms_open(files_folder, NULL, &n, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "WordSet1_Ratings.xlsx");
    files_text("buchanan2019_final_words_2017.csv", buchanan);
    if (explaint_norms_open(files_folder, NULL, &n, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_string_equal(explaint_norms_kind(n), "buchanan");
    explaint_norms_close(n);
    refused("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old", "an old workbook (.xls), or one with a password; save it as .xlsx");
}

static void every_allocation(void **state) {
    (void)state;
    char sheet[8192];
    binder_begin(sheet);
    binder_row(sheet, "used", "2", "na", "physical action");
    binder_row(sheet, "used", "3", "2", "none");
    const double f8[2] = {1, 2};
    make_array("<f8", "(1, 2)", f8, sizeof f8);
    const struct {
        const void *bytes;
        size_t size;
        explaint_norms_options options;
    } files[] = {
        {buchanan, sizeof buchanan - 1, {0}},
        {sheet, strlen(sheet), {0}},
        {array, array_size, {.concepts = files_text("one.txt", "dog\n"), .features = files_text("two.txt", "a\nb\n")}}};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        explaint_status status = EXPLAINT_FAILED;
        for (size_t at = 1; status != EXPLAINT_OK; at++) {
            explaint_norms *n = NULL;
            explaint_error error = {0};
            xp_fail_allocation(at);
            status = xp_norms_read("n.csv", files[k].bytes, files[k].size, &files[k].options, &n, &error);
            xp_fail_allocation(0);
            assert_int_equal(n != NULL, status == EXPLAINT_OK);
            if (status != EXPLAINT_OK) assert_contains(error.message, "not enough memory for");
            explaint_norms_close(n);
            assert_true(at < 10000);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buchanan_pairs), cmocka_unit_test(buchanan_refused), cmocka_unit_test(binder_sheet),
        cmocka_unit_test(binder_refused), cmocka_unit_test(arrays),           cmocka_unit_test(arrays_refused),
        cmocka_unit_test(folders),        cmocka_unit_test(every_allocation),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
