/* Every allocation of every reader fails once: a code, no leak (under ASan), nothing half made. */
#include "support/files.h"

#include "base/memory.h"
#include "norms/assign.h"
#include "norms/covariates.h"
#include "norms/vectors.h"

static const char long_text[] = "concept,feature,value,relation,category,more\ndog,is_animal,3,super,animal,\nbat_("
                                "animal),is_animal,3,super,animal,\n"
                                "dog,barks,2,,animal,\ndog,barks,1,,animal,\nNew York,is \xe9,4,,none,\n";
static const char wide_text[] = "word;f1;f2;f3;category\ndog;1;na;2;x\ncat;3;4;;y\n";
static const char columns_text[] =
    ";word;kind;a.mean;a.SD;id;letters;likes;f\n0;dog;thing;1,5;0,5;7;3;yes;1\n1;mule;thing;2,5;"
    "0,7;9;4;no;-99\n2;horse;thing;3,5;0,1;11;5;yes;2\n3;cow;thing;0,5;0,2;12;3;no;-99\n4;"
    "heron;thing;0,5;0,2;13;5;no;3\n5;cat;thing;1;0,3;20;3;no;1\n6;hen;thing;1;0,3;21;3;no;0\n7;"
    "duck;thing;1;0,3;22;4;no;1\n";
static const char responses_text[] = "who,cue,feature,n,pct\n1,dog,barks,2,20\n2,dog,barks,3,30\n3,cat,purrs,2,20\n";
static const char mcrae_text[] = "Concept\tFeature\tWB_Label\tBR_Label\tProd_Freq\r\ndog\ta_"
                                 "pet\tsuperordinate\ttaxonomic\t5\r\ndog\tbarks\t\t\t6\r\n";
static const char vector_text[] = "dog 1 2\ncaf\xe9 1 2\ndog 3 4\nbat 0 0\nnew_york 1 1\n";

static explaint_norms *norms;
static unsigned char packed[1024], array[256];
static size_t packed_size, array_size;

static char many_rows[3 << 20];
static size_t many_size;

static int prepare(void **state) {
    explaint_error error = {0};
    for (size_t i = 0; many_size + 64 < sizeof many_rows; i++)
        many_size += (size_t)snprintf(many_rows + many_size, 64, "w%zu 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n", i);
    packed_size = files_gzip(long_text, sizeof long_text - 1, packed, sizeof packed);
    memcpy(array, "\x93NUMPY\1", 8);
    array[8] =
        (unsigned char)snprintf((char *)array + 10, 100, "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 2), }");
    memset(array + 10 + array[8], 0, 6);
    array_size = 16u + array[8];
    return files_setup(state) ||
           xp_norms_read("n.csv", long_text, sizeof long_text - 1, NULL, &norms, &error) != EXPLAINT_OK;
}

static int clean_up(void **state) {
    explaint_norms_close(norms);
    return files_teardown(state);
}

typedef explaint_status (*attempt)(explaint_error *error);

static explaint_status read_norms(const void *bytes, size_t size, const char *na, explaint_error *error) {
    explaint_norms *n = NULL;
    explaint_norms_options options = {.na = na};
    explaint_status status = xp_norms_read("n.csv", bytes, size, &options, &n, error);
    assert_int_equal(n != NULL, status == EXPLAINT_OK);
    explaint_norms_close(n);
    return status;
}

static explaint_status try_long(explaint_error *error) {
    return read_norms(long_text, sizeof long_text - 1, "zero", error);
}
static explaint_status try_gzip(explaint_error *error) { return read_norms(packed, packed_size, "zero", error); }
static explaint_status try_wide(explaint_error *error) {
    return read_norms(wide_text, sizeof wide_text - 1, "mask", error);
}
static explaint_status read_columns(const char *text, const char *columns, const char *drop, explaint_error *error) {
    explaint_norms *n = NULL;
    explaint_norms_options options = {.columns = columns, .drop_columns = drop};
    explaint_status status = xp_norms_read("n.csv", text, strlen(text), &options, &n, error);
    assert_int_equal(n != NULL, status == EXPLAINT_OK);
    explaint_norms_close(n);
    return status;
}
static explaint_status try_columns(explaint_error *error) { return read_columns(columns_text, NULL, NULL, error); }
static explaint_status try_chosen(explaint_error *error) {
    return read_columns(columns_text, "concept=Word", "*.SD,LETTERS,i?", error);
}
static explaint_status try_values(explaint_error *error) { return read_columns(responses_text, NULL, NULL, error); }
static explaint_status try_responses(explaint_error *error) {
    return read_columns(responses_text, "concept=cue", "n,pct", error);
}
static explaint_status try_mcrae(explaint_error *error) {
    return read_norms(mcrae_text, sizeof mcrae_text - 1, "zero", error);
}

static explaint_status try_vectors(explaint_error *error) {
    explaint_vectors *v = NULL;
    explaint_status status = xp_vectors_read("v.txt", vector_text, sizeof vector_text - 1, norms, NULL, &v, error);
    assert_int_equal(v != NULL, status == EXPLAINT_OK);
    explaint_vectors_close(v);
    return status;
}

static explaint_status try_array(explaint_error *error) {
    explaint_vectors *v = NULL;
    explaint_vectors_options options = {.words = files_text("words.txt", "dog\ndog\nbat\n")};
    explaint_status status = xp_vectors_read("v.npy", array, array_size, norms, &options, &v, error);
    assert_int_equal(v != NULL, status == EXPLAINT_OK);
    explaint_vectors_close(v);
    return status;
}

static explaint_status read_vectors(const char *path, const void *bytes, size_t size, const explaint_norms *of,
                                    const explaint_vectors_options *options, explaint_error *error) {
    explaint_vectors *v = NULL;
    explaint_status status = xp_vectors_read(path, bytes, size, of, options, &v, error);
    assert_int_equal(v != NULL, status == EXPLAINT_OK);
    explaint_vectors_close(v);
    return status;
}

/* Every word kept, in blocks on threads. */
static explaint_status try_all_words(explaint_error *error) {
    explaint_vectors_options options = {.threads = 2};
    return read_vectors("v.txt", many_rows, many_size, NULL, &options, error);
}

static const char binary_text[] = "3 1\ndog \0\0\x80?\ncaf\xe9 \0\0\0\0\ndog \0\0\0@\n";

static explaint_status try_word2vec(explaint_error *error) {
    return read_vectors("v.bin", binary_text, sizeof binary_text - 1, norms, NULL, error);
}
static explaint_status try_all_word2vec(explaint_error *error) {
    return read_vectors("v.bin", binary_text, sizeof binary_text - 1, NULL, NULL, error);
}

static explaint_status try_safetensors(explaint_error *error) {
    static const char header[] = "{\"v\":{\"dtype\":\"F16\",\"shape\":[3,2],\"data_offsets\":[0,12]}}";
    char file[8 + sizeof header + 12] = {(char)(sizeof header - 1)};
    memcpy(file + 8, header, sizeof header - 1);
    explaint_vectors_options options = {.words = files_text("words.txt", "dog\ndog\nbat\n"), .tensor = "v"};
    return read_vectors("v.safetensors", file, 8 + sizeof header - 1 + 12, norms, &options, error);
}

static explaint_status try_npz(explaint_error *error) {
    char path[512];
    snprintf(path, sizeof path, "%s/fuzz/corpus/npz/deflated", EXPLAINT_SOURCE_DIR);
    explaint_vectors *v = NULL;
    explaint_status status = explaint_vectors_open(path, norms, NULL, &v, error);
    assert_int_equal(v != NULL, status == EXPLAINT_OK);
    explaint_vectors_close(v);
    return status;
}

static explaint_status try_folds(explaint_error *error) {
    static const char text[] = "concept,fold\ndog,0\nBAT,1\nNew York,0\n";
    static const uint8_t kept[3] = {1, 1, 1};
    char sha256[XP_SHA256_TEXT];
    int fold[3];
    size_t k;
    xp_strings notes = {0};
    explaint_status status =
        xp_norms_read_folds("f.csv", &(xp_view){text, sizeof text - 1}, norms, kept, fold, &k, sha256, &notes, error);
    xp_strings_free(&notes);
    return status;
}

static explaint_status try_covariates(explaint_error *error) {
    static const char text[] = ",concept,frequency,length\n1,dog,1e6,3\n2,unicorn,0,7\n3,BAT,2,3\n4,New York,3,4\n";
    static const uint8_t all[3] = {1, 1, 1};
    char sha256[XP_SHA256_TEXT];
    double *value = NULL;
    xp_strings names = {0}, notes = {0};
    explaint_status status = xp_norms_read_covariates("c.csv", &(xp_view){text, sizeof text - 1}, norms, all, &value,
                                                      &names, sha256, &notes, error);
    xp_free(value);
    xp_strings_free(&names);
    xp_strings_free(&notes);
    return status;
}

static explaint_status try_categories(explaint_error *error) {
    static const char text[] = "concept,category\ndog,animal\xe9\nunicorn,x\nBAT,bird\n";
    char sha256[XP_SHA256_TEXT];
    int label[3];
    xp_strings names = {0}, notes = {0};
    explaint_status status = xp_norms_read_categories("c.csv", &(xp_view){text, sizeof text - 1}, norms, label, &names,
                                                      sha256, &notes, error);
    xp_strings_free(&names);
    xp_strings_free(&notes);
    return status;
}

/* Names in several spellings, words in others, a list with blanks. */
static explaint_status try_spellings(explaint_error *error) {
    static const char text[] = "concept,feature,value,category\nK\xc3\xa4"
                               "fer,a,1,NA\nKa\xcc\x88"
                               "fer\xc2\xa0,a ,2,-\nDog,a,1,x\ndog,A,1,X\nice\xe2\x80\x8b_cream,b,1,X\n";
    static const char folds[] = "concept,fold\nK\xc3\x84"
                                "FER,0\nDog,0\ndog,1\nice cream ,1\n";
    static const uint8_t kept[4] = {1, 1, 1, 1};
    char sha256[XP_SHA256_TEXT];
    int fold[4];
    size_t k;
    xp_strings notes = {0};
    explaint_norms *n = NULL;
    explaint_vectors_options options = {.words = files_text("words.txt", "k\xc3\xa4"
                                                                         "fer \n\xc2\xa0"
                                                                         "DOG\nIce_cream\n")};
    explaint_status status = xp_norms_read("n.csv", text, sizeof text - 1, NULL, &n, error);
    if (status == EXPLAINT_OK) status = read_vectors("v.npy", array, array_size, n, &options, error);
    if (status == EXPLAINT_OK)
        status =
            xp_norms_read_folds("f.csv", &(xp_view){folds, sizeof folds - 1}, n, kept, fold, &k, sha256, &notes, error);
    xp_strings_free(&notes);
    explaint_norms_close(n);
    return status;
}

static explaint_status try_write(explaint_error *error) {
    const char *path = files_path("out.csv");
    explaint_status status = explaint_norms_write_csv(norms, path, error);
    assert_int_equal(access(path, F_OK) == 0, status == EXPLAINT_OK);
    unlink(path);
    return status;
}

static explaint_status try_open(explaint_error *error) {
    explaint_norms *n = NULL;
    files_text("CONCS_FEATS_concstats_brm.txt", mcrae_text);
    explaint_status status = explaint_norms_open(files_folder, NULL, &n, error);
    explaint_norms_close(n);
    return status;
}

static void every_allocation(void **state) {
    (void)state;
    static const struct {
        const char *name;
        attempt run;
    } attempts[] = {{"long", try_long},
                    {"gzip", try_gzip},
                    {"wide", try_wide},
                    {"columns", try_columns},
                    {"columns chosen", try_chosen},
                    {"values", try_values},
                    {"responses", try_responses},
                    {"mcrae", try_mcrae},
                    {"spellings", try_spellings},
                    {"vectors", try_vectors},
                    {"array", try_array},
                    {"all words", try_all_words},
                    {"word2vec", try_word2vec},
                    {"all word2vec", try_all_word2vec},
                    {"safetensors", try_safetensors},
                    {"npz", try_npz},
                    {"folds", try_folds},
                    {"categories", try_categories},
                    {"covariates", try_covariates},
                    {"write", try_write},
                    {"folder", try_open}};
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        explaint_status status = EXPLAINT_FAILED;
        size_t n = 0;
        while (status != EXPLAINT_OK) {
            explaint_error error = {0};
            xp_fail_allocation(++n);
            status = attempts[i].run(&error);
            xp_fail_allocation(0);
            if (status == EXPLAINT_OK) break;
            if (status != EXPLAINT_FAILED) fail_msg("%s, allocation %zu: %s", attempts[i].name, n, error.message);
            assert_contains(error.message, "not enough memory for");
            assert_true(n < 10000);
        }
        print_message("%s: %zu allocations\n", attempts[i].name, n - 1);
        assert_true(n > 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation)};
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
