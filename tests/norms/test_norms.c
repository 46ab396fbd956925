#include "support/files.h"

#include <math.h>

#include "norms/norms.h"
#include "support/norms.h"

static explaint_norms *open_text(const char *text, const char *na, bool binary) {
    explaint_norms_options options = {.na = na, .binary = binary};
    explaint_norms *norms = NULL;
    explaint_error error = {0};
    if (xp_norms_read("folder/some.v2.csv", text, strlen(text), &options, &norms, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    return norms;
}

/* The cell by names; 0 if it is absent. */
static double cell(const explaint_norms *n, const char *concept_name, const char *feature) {
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

static void long_tables(void **state) {
    (void)state;
    explaint_norms *n = open_text("Feature;Concept;Prod_Freq;source\nbarks;dog;3.5;x\n\"says "
                                  "\"\"hi;\"\"\";parrot;2;x\nbarks;dog;4;y\nbarks;parrot;0;y\n",
                                  0, false);
    assert_string_equal(explaint_norms_kind(n), "long");
    assert_string_equal(explaint_norms_name(n), "some.v2");
    assert_string_equal(explaint_norms_path(n), "folder/some.v2.csv");
    assert_int_equal(strlen(explaint_norms_sha256(n)), 64);
    assert_int_equal(explaint_norms_n_concepts(n), 2);
    assert_int_equal(explaint_norms_n_features(n), 2);
    assert_int_equal(explaint_norms_n_pairs(n), 2);
    assert_true(cell(n, "dog", "barks") == 4);
    assert_true(cell(n, "parrot", "says \"hi;\"") == 2);
    assert_true(
        has_note(n, "the pair \"dog\", \"barks\" stands in line 4 with 4 and in line 2 with 3.5; the larger is kept"));
    assert_true(has_note(n, "separated by semicolons"));
    assert_true(has_note(n, "columns not read: source"));
    explaint_norms_close(n);

    n = open_text("concept,feature\ndog,barks\ncat,purrs\n", 0, false);
    assert_true(cell(n, "cat", "purrs") == 1);
    assert_true(has_note(n, "every pair counts 1"));
    explaint_norms_close(n);
}

static void relations_and_categories(void **state) {
    (void)state;
    explaint_norms *n = open_text("concept,feature,value,Relation,category\na,x,1,IS_A,one\na,y,2,super,one\nb,z,3,"
                                  "part_of,None\nb,t,1,taxonomic,\n",
                                  0, false);
    static const uint8_t taxonomic[4] = {1, 1, 0, 1}, superordinate[4] = {0, 1, 0, 0};
    assert_memory_equal(n->taxonomic, taxonomic, 4);
    assert_memory_equal(n->superordinate, superordinate, 4);
    assert_string_equal(explaint_norms_category(n, 0), "one");
    assert_true(has_note(n, "the column \"category\" is read as"));
    assert_null(explaint_norms_category(n, 1));
    explaint_norms_close(n);
    n = open_text("concept,feature,value\na,x,1\nb,z,3\n", 0, false);
    assert_null(n->taxonomic);
    assert_null(explaint_norms_category(n, 0));
    explaint_norms_close(n);
    n = open_text("concept,feature,value,type\na,x,1,sound\nb,z,3,colour\n", 0, false); /* another kind of type */
    assert_null(n->taxonomic);
    assert_null(n->superordinate);
    explaint_norms_close(n);
    const char *text =
        "concept,feature,value,relation\na,x,1,is_a\nb,x,1,is_a\nc,x,1,is_a\nd,x,1,is_a\ne,x,1,is_a\nf,y,2,\n";
    n = open_text(text, 0, false); /* no superordinates: the taxonomic features name the categories */
    assert_null(n->superordinate);
    assert_string_equal(explaint_norms_category(n, 4), "x");
    assert_null(explaint_norms_category(n, 5));
    explaint_norms_close(n);
}

/* Twelve concepts: six are animals, five of them birds as well; two more have a rarer superordinate. */
static void derived_categories(void **state) {
    (void)state;
    char text[4096] = "concept,feature,value,relation\n";
    size_t at = strlen(text);
    for (int i = 0; i < 12; i++) {
        if (i < 6) at += (size_t)sprintf(text + at, "c%d,animal,%d,super\n", i, i == 0 ? 9 : 4);
        if (i < 5) at += (size_t)sprintf(text + at, "c%d,bird,%d,super\n", i, i == 1 ? 4 : 5);
        if (i >= 10) at += (size_t)sprintf(text + at, "c%d,vehicle,20,super\n", i);
        at += (size_t)sprintf(text + at, "c%d,red,30,\n", i);
    }
    explaint_norms *n = open_text(text, 0, false);
    /* c0: animal 9 > bird 5. c1: equal, the larger one. c2..c4: bird 5 > animal 4. c5: animal. Each has 3 members:
     * none. */
    for (size_t i = 0; i < 12; i++) assert_null(explaint_norms_category(n, i));
    explaint_norms_close(n);

    at = strlen(strcpy(text, "concept,feature,value,relation\n"));
    for (int i = 0; i < 12; i++) {
        at += (size_t)sprintf(text + at, "c%d,%s,5,super\n", i, i < 6 ? "animal" : "tool");
        if (i == 11)
            at += (size_t)sprintf(text + at, "c%d,animal,5,super\n", i); /* a tie of both: first appearance is animal */
    }
    n = open_text(text, 0, false);
    int label[12];
    xp_strings names = {0};
    assert_true(xp_norms_categories(n, NULL, label, &names));
    assert_int_equal(names.count, 2);
    assert_int_equal(label[11], 0); /* animal has 7 concepts, tool 6 */
    assert_int_equal(label[10], 1);
    xp_strings_free(&names);
    uint8_t keep[12] = {0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}; /* four animals are left, five tools */
    assert_true(xp_norms_categories(n, keep, label, &names));
    assert_int_equal(names.count, 1);
    assert_int_equal(label[0], -1);
    assert_int_equal(label[2], -1);
    assert_int_equal(label[6], 0);
    assert_int_equal(label[11], -1);
    xp_strings_free(&names);
    explaint_norms_summary s;
    explaint_norms_summarise(n, &s);
    assert_int_equal(s.n_categories, 2);
    assert_int_equal(s.in_category, 12);
    explaint_norms_close(n);
}

static void spellings_of_names(void **state) {
    (void)state;
    /* U+00A0 behind robin, a tab before, the line end of a spreadsheet's cell; K\u00e4fer composed and not; Polish and polish. */
    explaint_norms *n = open_text("concept,feature,value\nrobin\xc2\xa0,has_wings,1\n\trobin,has_wings ,4\n"
                                  "\"robin\n\",\xef\xbb\xbfsings,3\nKa\xcc\x88"
                                  "fer,sings,2\nK\xc3\xa4"
                                  "fer,small,2\nPolish,kind,1\npolish,shines,1\n bat_(animal),kind,1\n",
                                  0, false);
    assert_int_equal(n->n_concepts, 5);
    assert_int_equal(n->n_features, 5);
    assert_string_equal(n->concepts.item[0], "robin");
    assert_string_equal(n->concepts.item[1], "K\xc3\xa4"
                                             "fer");
    assert_string_equal(n->features.item[0], "has_wings");
    assert_true(cell(n, "robin", "has_wings") == 4 && cell(n, "robin", "sings") == 3);
    assert_true(cell(n, n->concepts.item[1], "small") == 2 && cell(n, "polish", "shines") == 1);
    assert_true(has_note(n, "\"robin\", \"has_wings\" stands in line 3 with 4 and in line 2 with 1; the larger"));
    assert_int_equal(explaint_norms_n_warnings(n), 2);
    assert_contains(explaint_norms_warning(n, 0), "2 concepts stand there in several spellings that differ only in "
                                                  "blanks");
    assert_contains(explaint_norms_warning(n, 0), "Unicode form, such as \"robin\"");
    assert_contains(explaint_norms_warning(n, 1), "2 features stand there in several spellings that differ only in "
                                                  "blanks");
    assert_true(has_note(n, "1 concept is read without the blanks around or inside of them, such as \"bat_(animal)"));
    explaint_norms_close(n);
}

static void names_that_look_alike(void **state) {
    (void)state;
    explaint_norms *n =
        open_text("concept,feature,value,category\na,has wings,1,bird\na,Has_Wings,2,bird\nb,has  wings,3,Bird\n"
                  "b,has-wings,4,Bird\nc,\xc3\x84,1,x\nc,\xc3\xa4,1,x\n",
                  0, false);
    assert_int_equal(n->n_features, 6);
    assert_int_equal(explaint_norms_n_warnings(n), 2);
    assert_contains(explaint_norms_warning(n, 0),
                    "3 features differ from another one in capitals, blanks or underscores "
                    "alone, such as \"has wings\" and \"Has_Wings\"");
    assert_contains(explaint_norms_warning(n, 1), "1 category differs from another one in capitals");
    explaint_norms_close(n);
}

/* What R, pandas, SQL and spreadsheets write where there is no category, also in rows of one concept beside each other. */
static void no_category(void **state) {
    (void)state;
    explaint_norms *n =
        open_text("concept,feature,value,category\na,x,1,NA\na,y,1,n/a\nb,x,1,#N/A\nb,z,1, \nc,z,1,NaN\n"
                  "d,x,1,NULL\ne,x,1,None \nf,x,1,-\ng,x,1,\xe2\x80\x93\nh,x,1,Ka\xcc\x88"
                  "fer\xc2\xa0\nh,y,1,K\xc3\xa4"
                  "fer\ni,x,1,nap\n",
                  0, false);
    for (size_t i = 0; i < 7; i++) assert_string_equal(n->category.item[i], "");
    assert_string_equal(n->category.item[7], "K\xc3\xa4"
                                             "fer");
    assert_string_equal(n->category.item[8], "nap");
    assert_true(has_note(n, "8 cells hold a mark such as \"NA\" in place of a category: no category"));
    explaint_norms_close(n);
    n = open_text("concept,category,f,g\na,<NA>,1,0\nb,x,0,1\n", 0, false);
    assert_string_equal(n->category.item[0], "");
    assert_true(has_note(n, "1 cell holds a mark such as \"<NA>\""));
    explaint_norms_close(n);
}

static void spellings_that_stand_once(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"word,f,g\nrobin,1,0\nrobin\xe3\x80\x80,0,1\n", "line 2 and again in line 3 (the spellings differ in blanks"},
        {"word,f,f \nrobin,1,0\n", "heads two columns, the second is column 3 (the spellings differ in blanks"},
        {"word,f,g\nK\xc3\xa4"
         "fer,1,0\nKa\xcc\x88"
         "fer,0,1\n",
         "(the spellings differ in their Unicode form"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        explaint_norms *n = NULL;
        explaint_error error = {0};
        assert_int_equal(xp_norms_read("n.csv", cases[i][0], strlen(cases[i][0]), NULL, &n, &error), EXPLAINT_INVALID);
        assert_contains(error.message, cases[i][1]);
    }
}

static const char wide[] =
    "word\tf1\tf2\tf3\tcategory\ndog\t1\tna\t0\tx\ncat\t\t-2.5\t0\tx\nbat_(animal)\t3\t1\tNaN\tnone\n";

static void wide_tables(void **state) {
    (void)state;
    explaint_norms *n = open_text(wide, "zero", false);
    assert_string_equal(explaint_norms_kind(n), "wide");
    assert_int_equal(explaint_norms_n_features(n), 3);
    assert_int_equal(explaint_norms_n_pairs(n), 4);
    assert_true(cell(n, "cat", "f2") == -2.5);
    assert_null(n->missing_start);
    assert_int_equal(n->n_missing, 3);
    assert_string_equal(explaint_norms_category(n, 1), "x");
    assert_true(has_note(n, "1 concept carries a sense tag, such as \"bat_(animal)\""));
    uint8_t drop[3];
    xp_norms_dropped_features(n, NULL, drop);
    assert_int_equal(drop[0] + drop[1] + drop[2], 0);
    explaint_norms_close(n);

    n = open_text(wide, "mask", false);
    static const size_t start[] = {0, 1, 2, 3};
    static const uint32_t column[] = {1, 0, 2};
    assert_memory_equal(n->missing_start, start, sizeof start);
    assert_memory_equal(n->missing_column, column, sizeof column);
    assert_true(explaint_norms_value(n, 0, 0) == 1 && isnan(explaint_norms_value(n, 0, 1)) &&
                explaint_norms_value(n, 0, 2) == 0);
    assert_true(isnan(explaint_norms_value(n, 1, 0)) && explaint_norms_value(n, 1, 1) == -2.5 &&
                isnan(explaint_norms_value(n, 2, 2)));
    explaint_norms_close(n);

    n = open_text(wide, "drop-features", false);
    uint8_t keep[3] = {1, 0, 1};
    xp_norms_dropped_features(n, keep, drop);
    assert_int_equal(drop[0], 0); /* missing for cat only, which is not kept */
    assert_int_equal(drop[1], 1);
    assert_int_equal(drop[2], 1);
    explaint_norms_close(n);

    n = open_text(wide, "zero", true);
    assert_true(cell(n, "cat", "f2") == 0); /* not positive */
    assert_true(cell(n, "bat_(animal)", "f1") == 1);
    explaint_norms_close(n);
}

static void summary_numbers(void **state) {
    (void)state;
    explaint_norms *n = open_text("concept,feature,value\na,x,2\na,y,7\nb,x,1\nc,x,0\n", 0, false);
    explaint_norms_summary s;
    explaint_norms_summarise(n, &s);
    assert_int_equal(s.n_concepts, 3);
    assert_int_equal(s.n_pairs, 3);
    assert_int_equal(s.singletons, 1);
    assert_true(s.value_min == 1 && s.value_max == 7);
    assert_true(s.zero_share == 0.5);
    assert_true(s.features_per_concept == 1);
    /* k = min(10, 2) = 2; a: best 2*2/4 = 1, chance 2*2*2/2/4 = 1; b: best 2*1/3, chance 2*2*1/2/3; c has none. */
    assert_float_equal(s.ceiling, (1 + 2.0 / 3) / 2, 1e-15);
    assert_float_equal(s.chance, (1 + 2.0 / 3) / 2, 1e-15);
    explaint_norms_close(n);
}

static void forms(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"bat_(animal)", "bat"},
        {"bat (animal)", "bat"},
        {"Polar_Bear", "Polar Bear"},
        {"listened (to)", "listened"},
        {"(to) run", "run"},
        {" a  b_", "a b"},
        {"(to)", "(to)"},
        {"(animal)", "(animal)"},
        {"\xc3\x84PFEL", "\xc3\x84PFEL"},
        {"f(x)", "f(x)"},
        {"x_()", "x ()"},
        {"used_(verb)", "used"},
        {"listened (to) (verb)", "listened"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        xp_text form = {0};
        assert_true(xp_concept_form(cases[i][0], &form));
        assert_string_equal(form.data, cases[i][1]);
        xp_text_free(&form);
    }
}

static void sense_tags(void **state) {
    (void)state;
    assert_int_equal(xp_concept_sense_tag("bat_(animal)"), 3);
    assert_int_equal(xp_concept_sense_tag("bat (animal)"), 3);
    static const char *const none[] = {"bat", "listened (to)", "(to)", "(animal)", "f(x)", "x_()", ""};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(xp_concept_sense_tag(none[i]), strlen(none[i]));
}

/* What is written is read back to the last bit, names with every kind of character included. */
static void round_trip(void **state) {
    (void)state;
    const char *text = "word,\"a,b\",\"say "
                       "\"\"x\"\"\",\"line\nbreak\",never\n\"do\"\"g\",0.1,1e-300,-12345.678,0\ncat,0."
                       "30000000000000004,0,7,0\nnothing,0,0,0,0\n";
    explaint_norms *n = open_text(text, 0, false), *again = NULL;
    explaint_error error = {0};
    const char *path = files_path("out.csv");
    assert_int_equal(explaint_norms_write_csv(n, path, &error), EXPLAINT_OK);
    assert_int_equal(explaint_norms_open(path, NULL, &again, &error), EXPLAINT_OK);
    assert_int_equal(again->n_concepts, n->n_concepts);
    assert_int_equal(again->n_features, n->n_features);
    for (size_t i = 0; i < n->n_concepts; i++) {
        assert_string_equal(explaint_norms_concept(n, i), explaint_norms_concept(again, i));
        for (size_t j = 0; j < n->n_features; j++)
            assert_true(cell(n, explaint_norms_concept(n, i), explaint_norms_feature(n, j)) ==
                        cell(again, explaint_norms_concept(n, i), explaint_norms_feature(n, j)));
    }
    char *first = files_slurp(path, NULL);
    assert_int_equal(explaint_norms_write_csv(again, path, &error), EXPLAINT_OK);
    char *second = files_slurp(path, NULL);
    assert_string_equal(first, second);
    free(first);
    free(second);
    if (access("/dev/full", W_OK) == 0) {
        assert_int_equal(explaint_norms_write_csv(n, "/dev/full", &error), EXPLAINT_FAILED);
        assert_contains(error.message, "No space left");
    }
    explaint_norms_close(n);
    explaint_norms_close(again);
}

/* Flags, labels, order: what controls and draws depend on. */
static void round_trip_of_flags(void **state) {
    (void)state;
    static const struct {
        const char *text, *header;
    } cases[] = {
        {"concept,feature,value\ndog,barks,1\ncat,purrs,2\n", "concept,feature,value\n"},
        {"concept,feature,relation\ndog,b,is_a\ndog,\"a,\",super\ncat,a,\ncat,b,\ncat,c,has_a\n",
         "concept,feature,value,relation\ndog,b,1,taxonomic\n"},
        {"concept,feature,type\ndog,a,taxonomic\ncat,b,\n", "concept,feature,value,relation\ndog,a,1,taxonomic\n"},
        /* labels with a comma, with none; features that the first concepts do not have, in between and at the end */
        {"word,category,a,b,c,d\nx,\"p,q\",0,0,3,0\ny,,1,0,0,0\nz,none,0,0,0,0\n",
         "concept,feature,value,category\nx,a,0,\"p,q\"\nx,b,0,\"p,q\"\nx,c,3,\"p,q\"\ny,a,1,\nz,a,0,\nx,d,0,\"p,"
         "q\"\n"},
        {"concept,feature,relation,category\ndog,a,super,animal\ndog,b,,animal\ncat,c,,\n",
         "concept,feature,value,relation,category\ndog,a,1,superordinate,animal\ndog,b,1,,animal\ncat,c,1,,\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        explaint_norms *n = open_text(cases[i].text, 0, false);
        assert_round_trip(n, cases[i].header);
        explaint_norms_close(n);
    }
    explaint_norms *n = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_norms_open("wordnet", NULL, &n, &error), EXPLAINT_OK);
    assert_round_trip(n, "concept,feature,value,relation\n");
    explaint_norms_close(n);
}

/* Long CSV has no missing cells: they are zero, or their features are not written, or nothing is. */
static void missing_cells_are_not_written(void **state) {
    (void)state;
    const char *text = "word,a,b,c\nx,NA,2,0\ny,1,0,5\n", *path = files_path("missing.csv");
    explaint_error error = {0};
    explaint_norms *n = open_text(text, "mask", false);
    assert_int_equal(explaint_norms_write_csv(n, path, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "missing cells (1)");
    assert_int_equal(access(path, F_OK), -1);
    explaint_norms_close(n);
    n = open_text(text, "drop-features", false);
    assert_int_equal(explaint_norms_write_csv(n, path, &error), EXPLAINT_OK);
    char *written = files_slurp(path, NULL);
    assert_string_equal(written, "concept,feature,value\nx,b,2\ny,c,5\n");
    free(written);
    explaint_norms_close(n);
    n = open_text("word,a,b\nx,NA,2\ny,1,\n", "drop-features", false);
    assert_int_equal(explaint_norms_write_csv(n, path, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "every feature has a missing cell");
    explaint_norms_close(n);
}

static void folders(void **state) {
    (void)state;
    explaint_norms *n = NULL;
    explaint_error error = {0};
    assert_int_equal(explaint_norms_open(files_folder, NULL, &n, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "CONCS_FEATS_concstats_brm.txt");
    files_text("CONCS_FEATS_concstats_brm.txt", "Concept\tFeature\tWB_Label\tBR_Label\tProd_Freq\tSum\r\ndog\ta_"
                                                "pet\tsuperordinate\ttaxonomic\t5\t\r\ndog\tbarks\t\t\t6\t1\r\n");
    assert_int_equal(explaint_norms_open(files_folder, NULL, &n, &error), EXPLAINT_OK);
    assert_string_equal(explaint_norms_kind(n), "mcrae");
    assert_string_equal(explaint_norms_name(n), "mcrae");
    assert_contains(explaint_norms_citation(n), "McRae");
    assert_int_equal(n->superordinate[0], 1);
    assert_int_equal(n->taxonomic[1], 0);
    explaint_norms_close(n);
    assert_int_equal(explaint_norms_open(files_path("none.csv"), NULL, &n, &error), EXPLAINT_INVALID);
    assert_null(n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_tables),
        cmocka_unit_test(relations_and_categories),
        cmocka_unit_test(derived_categories),
        cmocka_unit_test(wide_tables),
        cmocka_unit_test(spellings_of_names),
        cmocka_unit_test(names_that_look_alike),
        cmocka_unit_test(no_category),
        cmocka_unit_test(spellings_that_stand_once),
        cmocka_unit_test(summary_numbers),
        cmocka_unit_test(forms),
        cmocka_unit_test(sense_tags),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(round_trip_of_flags),
        cmocka_unit_test(missing_cells_are_not_written),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
