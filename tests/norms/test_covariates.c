/* Numbers of a user's own about every concept: which columns, which concepts, and one sentence for what cannot be taken off. */
#include "support/files.h"

#include <math.h>

#include "base/memory.h"
#include "norms/covariates.h"

static explaint_norms *norms;
static const uint8_t kept[4] = {1, 1, 1, 0};

static int open_norms(void **state) {
    static const char text[] =
        "concept,feature,value\ndog,barks,3\nbat_(animal),flies,2\nLion,roars,4\ncar,has_wheels,1\n";
    explaint_error error = {0};
    return files_setup(state) || xp_norms_read("n.csv", text, sizeof text - 1, NULL, &norms, &error) != EXPLAINT_OK;
}

static int close_norms(void **state) {
    explaint_norms_close(norms);
    return files_teardown(state);
}

typedef struct outcome {
    explaint_status status;
    explaint_error error;
    double *value;
    xp_strings names, notes;
} outcome;

static outcome read_text(const char *text) {
    outcome o = {.status = EXPLAINT_OK};
    char sha256[XP_SHA256_TEXT];
    o.status = xp_norms_read_covariates("c.csv", &(xp_view){text, strlen(text)}, norms, kept, &o.value, &o.names,
                                        sha256, &o.notes, &o.error);
    assert_int_equal(o.status == EXPLAINT_OK, o.value != NULL);
    return o;
}

static void close_outcome(outcome *o) {
    xp_free(o->value);
    xp_strings_free(&o->names);
    xp_strings_free(&o->notes);
}

static void numbers_of_concepts(void **state) {
    (void)state;
    /* names as those of categories: the exact one, the form, other capitals; blanks outside; what is not kept needs no number */
    outcome o =
        read_text("concept\tlog frequency\tlength\nlion\t1.5\t4\n bat \t-2.5\t3\nunicorn\tx\t7\nDOG\t5.5\t1e300\n");
    if (o.status != EXPLAINT_OK) fail_msg("%s", o.error.message);
    assert_int_equal(o.names.count, 2);
    assert_string_equal(o.names.item[0], "log frequency");
    static const double expected[] = {1, 1, 0, 0, .5, 0};
    for (size_t e = 0; e < 6; e++) assert_true(fabs(o.value[e] - expected[e]) < 1e-15);
    assert_true(isnan(o.value[6]) && isnan(o.value[7]));
    assert_int_equal(o.notes.count, 2);
    assert_contains(o.notes.item[0],
                    "c.csv names 1 concept that the norms do not have, the first in line 4 (\"unicorn\")");
    assert_contains(o.notes.item[1], "2 concepts stand there with other capitals");
    close_outcome(&o);
}

static void other_habits(void **state) {
    (void)state;
    outcome o = read_text("concept;frequency\ndog;1,5\nbat;2,25\nlion;0,5\n"); /* decimals with a comma */
    assert_int_equal(o.status, EXPLAINT_OK);
    assert_true(fabs(o.value[0] - 1 / 1.75) < 1e-15 && o.value[2] == 0);
    close_outcome(&o);
    o = read_text(",concept,frequency\n0,dog,1\n1,bat,2\n2,lion,0\n"); /* an index, as pandas writes it */
    assert_int_equal(o.status, EXPLAINT_OK);
    assert_int_equal(o.names.count, 1);
    assert_contains(o.notes.item[0], "numbers the rows");
    close_outcome(&o);
    o = read_text("concept,big\ndog,-1.7e308\nbat,1.7e308\nlion,0\n"); /* no overflow */
    assert_int_equal(o.status, EXPLAINT_OK);
    assert_true(o.value[0] == 0 && o.value[1] == 1 && o.value[2] == .5);
    close_outcome(&o);
}

static void counts_as_they_stand(void **state) {
    (void)state;
    xp_text norms_text = {0}, text = {0};
    uint8_t all[20];
    memset(all, 1, sizeof all);
    xp_text_adds(&norms_text, "concept,feature,value\n");
    xp_text_adds(&text, "concept,count,log count\n");
    for (int i = 0; i < 20; i++) {
        xp_text_addf(&norms_text, "w%d,f%d,1\n", i, i % 3);
        xp_text_addf(&text, "w%d,%d,%d\n", i, i == 7 ? 100000 : i, i == 7 ? 5 : i % 3);
    }
    explaint_norms *many = NULL;
    explaint_error error = {0};
    char sha256[XP_SHA256_TEXT];
    double *value = NULL;
    xp_strings names = {0}, notes = {0};
    assert_int_equal(xp_norms_read("n.csv", norms_text.data, norms_text.length, NULL, &many, &error), EXPLAINT_OK);
    assert_int_equal(xp_norms_read_covariates("c.csv", &(xp_view){text.data, text.length}, many, all, &value, &names,
                                              sha256, &notes, &error),
                     EXPLAINT_OK);
    assert_int_equal(notes.count, 1);
    assert_contains(notes.item[0],
                    "the covariate \"count\" is taken off as it stands, and its largest value is 20 times");
    xp_free(value);
    xp_strings_free(&names);
    xp_strings_free(&notes);
    xp_text_free(&norms_text);
    xp_text_free(&text);
    explaint_norms_close(many);
}

static void refusals(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"who,frequency\ndog,1\n", "c.csv:1: expected a header with a column named \"concept\""},
        {"concept\ndog\n", "expected a column of numbers beside"},
        {"concept,pos\ndog,noun\nbat,noun\nlion,noun\n", "c.csv:1: the column \"pos\" holds text"},
        {"concept,rare\ndog,yes\nbat,no\nlion,no\n", "c.csv:1: the column \"rare\" holds text"},
        {"concept,length\ndog,3\nbat,3\nlion,3\ncar,4\n",
         "c.csv:1: the column \"length\" has the same number for every"},
        {"concept,a,a\ndog,1,2\nbat,2,1\nlion,3,3\n", "c.csv:1: the column \"a\" stands there twice"},
        {"concept,a,\ndog,1,2\nbat,2,1\nlion,3,3\n", "c.csv:1: column 3 has no name"},
        {"concept,a\ndog,1\nbat,inf\nlion,3\n", "c.csv:3: "},
        {"concept,a\ndog,1\nbat,2\nlion,three\n", "c.csv:4: "},
        {"concept,a\ndog,1\nbat,2\nlion,3\ndog,1\n", "the concept \"dog\" stands in line 2 and again in line 5"},
        {"concept,a\ndog,1\ncar,2\n",
         "found no \"a\" for \"bat_(animal)\", nor all numbers of 1 more concept: complete"},
        {"concept,a,b\ndog,1,2\nbat,2,1\nlion,3,NA\n", "c.csv:4: expected numbers for every concept that has a vector, "
                                                       "found no \"b\" for \"Lion\": complete"},
        {"concept,a\ndog,NaN\nbat,2\nlion,3\n", "c.csv:2: expected numbers"},
        {"concept,a\n,1\nbat,2\nlion,3\n", "c.csv:2: expected a concept, found an empty cell"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        outcome o = read_text(cases[i].text);
        if (o.status != EXPLAINT_INVALID) fail_msg("%s: status %d", cases[i].text, (int)o.status);
        assert_contains(o.error.message, cases[i].says);
        close_outcome(&o);
    }
    xp_text wide = {0};
    xp_text_adds(&wide, "concept");
    for (int c = 0; c <= XP_MOST_COVARIATES; c++) xp_text_addf(&wide, ",c%d", c);
    for (int i = 0; i < 2; i++) {
        xp_text_adds(&wide, i == 0 ? "\ndog" : "\nbat");
        for (int c = 0; c <= XP_MOST_COVARIATES; c++) xp_text_addf(&wide, ",%d", i);
    }
    outcome o = read_text(wide.data);
    assert_int_equal(o.status, EXPLAINT_INVALID);
    assert_contains(o.error.message, "at most 100 columns of numbers");
    close_outcome(&o);
    xp_text_free(&wide);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_of_concepts), cmocka_unit_test(other_habits),
                                       cmocka_unit_test(counts_as_they_stand), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, open_norms, close_norms);
}
