#include "support/files.h"

#include "explaint/vectors.h"
#include "norms/vectors_table.h"

#define BYTES(text) (text), sizeof(text) - 1

static void known_by_content(void **state) {
    (void)state;
    assert_true(xp_vectors_is_table(BYTES("word,d0,d1\nrobin,1,2\n")));
    assert_true(xp_vectors_is_table(BYTES("robin,1,2\nnew york,1,2\n")));
    assert_true(xp_vectors_is_table(BYTES("robin, 1.5, 2\nowl, 3, 4\n")));
    assert_true(xp_vectors_is_table(BYTES("robin;1,5;2\nowl;3;4\n")));
    assert_true(xp_vectors_is_table(BYTES("\xef\xbb\xbfsep=;\nword;d0\n")));
    assert_true(xp_vectors_is_table(BYTES("word\tlayer\td1\td2\nnew york\t3\t1\t2\n")));
    assert_true(xp_vectors_is_table(BYTES("word,layer,d1,d2,d3,d4"))); /* the head ends there */
    assert_true(xp_vectors_is_table(BYTES("robin,0.25,0.5,-")));
    assert_true(xp_vectors_is_table(BYTES("\"V1\",\"V2\"\r\n\"robin\",1,2\r\n")));
    assert_false(xp_vectors_is_table(BYTES(", 0.1 0.2\nthe 0.3 0.4\n1,000 0.5 0.6\n")));
    assert_false(xp_vectors_is_table(BYTES("2 2\n, 0.1 0.2\n; 0.3 0.4\n")));
    assert_false(xp_vectors_is_table(BYTES("robin 1,5 2,5\nowl 3,5 4,5\n")));
    assert_false(xp_vectors_is_table(BYTES("robin\t1\t2\nowl\t3\t4\n")));
    assert_false(xp_vectors_is_table(BYTES("word d0 d1\nowl 3 4\n")));
    assert_false(xp_vectors_is_table(BYTES("no numbers, but a text\n")));
    assert_false(xp_vectors_is_table(BYTES("")));
}

/* What a file holds as "word 1 2|word 3 4", or the sentence about it. */
static const char *read_as_text(const char *content, const char *layer, size_t *n_notes) {
    static char text[1024];
    const char *path = files_text("v.csv", content);
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    explaint_vectors_options options = {.tensor = layer, .threads = 1};
    if (n_notes != NULL) *n_notes = 0;
    if (explaint_vectors_open(path, NULL, &options, &v, &error) != EXPLAINT_OK) {
        snprintf(text, sizeof text, "%s", error.message + strlen(path));
        return text;
    }
    size_t at = 0;
    for (size_t i = 0; i < explaint_vectors_n_kept(v); i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i > 0 ? "|" : "", explaint_vectors_word(v, i));
        for (size_t k = 0; k < explaint_vectors_width(v); k++)
            at += (size_t)snprintf(text + at, sizeof text - at, " %g", explaint_vectors_of_word(v, i)[k]);
    }
    if (n_notes != NULL) *n_notes = explaint_vectors_n_notes(v);
    explaint_vectors_close(v);
    return text;
}

static void columns(void **state) {
    (void)state;
    static const struct {
        const char *content, *read;
        size_t notes; /* of columns that are left out, and of rows */
    } cases[] = {
        {"word,d0,d1\nrobin,1,2\nowl,3,4\n", "robin 1 2|owl 3 4", 0},
        {"robin,1,2\nowl,3,4\n", "robin 1 2|owl 3 4", 0},
        {",0,1\nrobin,1,2\nowl,3,4\n", "robin 1 2|owl 3 4", 0},
        {"word,0,1\na,0,1\nb,1,2\nc,2,3\n", "a 0 1|b 1 2|c 2 3", 0},
        {"word,1,2\nb,7,8\n", "b 7 8", 0},
        {"robin,1,2\nb,7,8\n", "robin 1 2|b 7 8", 0}, /* a word that no column is called by */
        {",word,d0,d1\n0,robin,1,2\n1,owl,3,4\n", "robin 1 2|owl 3 4", 1},
        {"0,robin,1,2\n1,owl,3,4\n", "robin 1 2|owl 3 4", 1},
        {"id,word,pos,freq,x1,x2,x3\n7,robin,n,50,1,2,3\n9,owl,n,20,3,4,5\n", "robin 1 2 3|owl 3 4 5", 1},
        {"word,valence,arousal\nrobin,1,2\nowl,3,4\n", "robin 1 2|owl 3 4", 0},
        {"x1,x2,word\n1,2,robin\n3,4,owl\n", "robin 1 2|owl 3 4", 0},
        {"text,layer,d1,d2\n0,5,1,2\n1,5,3,4\n", "0 1 2|1 3 4", 0},
        {"word;d0;d1\nrobin;1,5;2\nowl;3;-4,25\n", "robin 1.5 2|owl 3 -4.25", 0},
        {"word,d0,d1\n\"a, b\",\"1,5\",2\n\"c \"\"d\"\"\",3,4\n", "a, b 1.5 2|c \"d\" 3 4", 0},
        {"word,d0,d1\n robin , 1 , 2 \nowl,3,4\n", "robin 1 2|owl 3 4", 0},
        {"word,d0,d1\n ,1,2\nowl,3,4\n", "owl 3 4", 1},
        {"word\tlayer\td1\td2\nnew york\t3\t1\t2\nowl\t3\t3\t4\n", "new york 1 2|owl 3 4", 0},
        {"word,d0,d1\nrobin,1,\nowl,3,4\n", ":2: expected a finite number for the word \"robin\", found an empty cell",
         0},
        {"word,d0,d1\nrobin,1,2\nowl,3,x\nb,1,2\n",
         ":3: expected a finite number for the word \"owl\", found \"x\", which is not a number", 0},
        {"word,d0,d1\nrobin,1,nan\nowl,3,4\n",
         ":2: expected a finite number for the word \"robin\", found \"nan\", which is NaN", 0},
        {"word,vector\nrobin,\"[1, 2]\"\nowl,\"[3, 4]\"\n",
         ":1: expected each number in a cell of its own, found a list of them in one; in Python, where t is the table: "
         "pandas.DataFrame([json.loads(v) for v in t[\"vector\"]], index=t[\"word\"]).to_csv(...)",
         0},
        {"concept,feature,value\nrobin,flies,2\nowl,sings,3\n",
         ":1: expected word vectors, found the columns concept and feature: these are norms (--norms)", 0},
        {"0.5,0.25,1\n0.5,0.75,2\n",
         ":1: expected a column of words, found numbers alone; where the words are in another file, save the numbers "
         "as .npy "
         "(numpy.save) and name both (--words FILE)",
         0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t notes;
        assert_string_equal(read_as_text(cases[i].content, NULL, &notes), cases[i].read);
        assert_int_equal(notes, cases[i].notes);
    }
}

static void layers(void **state) {
    (void)state;
    static const char table[] = "word,layer,d1,d2\r\na,0,1,2\r\nb,0,3,4\r\na,12,5,6\r\nb,12,7,8\r\n";
    assert_string_equal(read_as_text(table, "layer.12", NULL), "a 5 6|b 7 8");
    assert_string_equal(read_as_text(table, "0", NULL), "a 1 2|b 3 4");
    assert_string_equal(read_as_text(table, NULL, NULL),
                        ":4: the table holds several layers, such as 0 and 12; choose one (--tensor layer.0)");
    assert_string_equal(read_as_text(table, "1", NULL), ": no row has the layer \"1\" (--tensor)");
    assert_string_equal(
        read_as_text("word,d1,d2\na,1,2\n", "1", NULL),
        ": the name of a layer (--tensor) goes with a table that has a column \"layer\"; this one has none");
}

/* A note names what is left out. */
static void left_out(void **state) {
    (void)state;
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    const char *path = files_text("v.csv", "word,pos,freq,x1,x2,x3\nrobin,n,50,1,2,3\n,n,1,1,1,1\nowl,n,20,3,4,5\n");
    if (explaint_vectors_open(path, NULL, NULL, &v, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(explaint_vectors_n_notes(v), 2);
    assert_string_equal(explaint_vectors_note(v, 0),
                        "2 columns are no number of the vectors and are left out: \"pos\", \"freq\"");
    assert_string_equal(explaint_vectors_note(v, 1), "1 row has no word and is passed over, the first in line 3");
    assert_string_equal(explaint_vectors_name(v), "v");
    explaint_vectors_close(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_by_content),
        cmocka_unit_test_setup_teardown(columns, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(layers, files_setup, files_teardown),
        cmocka_unit_test_setup_teardown(left_out, files_setup, files_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
