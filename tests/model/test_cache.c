/* Hugging Face's cache: where it is sought, which repository a name means, which snapshot is taken. The places are those of
 * huggingface_hub 2.4 (constants.HF_HUB_CACHE) under the same variables; a variable that is set to nothing is one that is not set. */
#include "model/cache.h"

#include "explaint/model.h"
#include "support/files.h"
#include "support/models.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define OTHER "89abcdef0123456789abcdef0123456789abcdef"

static const char *const variables[] = {"HF_HUB_CACHE",       "HUGGINGFACE_HUB_CACHE",      "HF_HOME", "XDG_CACHE_HOME",
                                        "TRANSFORMERS_CACHE", "SENTENCE_TRANSFORMERS_HOME", "ONE"};

/* Folders on the way, too. */
static void make(const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", files_folder, name);
    for (char *p = path + strlen(files_folder) + 1; *p != 0; p++)
        if (*p == '/') {
            *p = 0;
            mkdir(path, 0700);
            *p = '/';
        }
    mkdir(path, 0700);
}

/* NAME=VALUE, in whose value @ is the folder of the test. */
static void set(const char *setting) {
    char name[64], value[512];
    const char *equals = strchr(setting, '='), *at = strchr(equals, '@');
    snprintf(name, sizeof name, "%.*s", (int)(equals - setting), setting);
    if (at != NULL)
        snprintf(value, sizeof value, "%.*s%s%s", (int)(at - equals - 1), equals + 1, files_folder, at + 1);
    else
        snprintf(value, sizeof value, "%s", equals + 1);
    setenv(name, value, 1);
}

static int setup(void **state) {
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) unsetenv(variables[i]);
    const int code = files_setup(state);
    set("HOME=@");
    return code;
}

static void expect(const char *name, const char *folder, const char *as) {
    xp_strings strings = {0};
    xp_text found = {0};
    const char *under = NULL;
    explaint_error error = {0};
    if (xp_cache_find(name, &found, &strings, &under, &error) != EXPLAINT_OK) fail_msg("%s: %s", name, error.message);
    assert_string_equal(found.data + strlen(files_folder) + 1, folder);
    assert_string_equal(under, as);
    xp_text_free(&found);
    xp_strings_free(&strings);
}

static void refuse(const char *name, const char *part) {
    xp_strings strings = {0};
    xp_text found = {0};
    const char *under = NULL;
    explaint_error error = {0};
    assert_int_equal(xp_cache_find(name, &found, &strings, &under, &error), EXPLAINT_INVALID);
    assert_contains(error.message, part);
    xp_text_free(&found);
    xp_strings_free(&strings);
}

static void names(void **state) {
    (void)state;
    static const char *const good[] = {"bert-base-uncased", "org/name", "a", "A_b.c-9/x", "_x", "all-MiniLM-L6-v2"};
    static const char *const wrong[] = {"",   "/",  "a/", "/a",    "a/b/c", "a--b", "a..b", ".a",
                                        "a.", "-a", "a-", "a.git", "../a",  "a b",  "a/..", "b\xc3\xa9"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!xp_cache_is_name(good[i])) fail_msg("%s", good[i]);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (xp_cache_is_name(wrong[i])) fail_msg("%s", wrong[i]);
    char longest[98];
    memset(longest, 'a', 97);
    longest[97] = 0;
    assert_false(xp_cache_is_name(longest));
    assert_true(xp_cache_is_name(longest + 1));
}

static void places(void **state) {
    (void)state;
    static const struct {
        const char *settings[3], *place;
    } all[] = {{{NULL}, ".cache/huggingface/hub"},
               {{"XDG_CACHE_HOME=@/xdg"}, "xdg/huggingface/hub"},
               {{"HF_HOME=@/hf", "XDG_CACHE_HOME=@/xdg"}, "hf/hub"},
               {{"HUGGINGFACE_HUB_CACHE=@/old", "HF_HOME=@/hf"}, "old"},
               {{"HF_HUB_CACHE=@/new", "HUGGINGFACE_HUB_CACHE=@/old"}, "new"},
               {{"HF_HUB_CACHE=~/new"}, "new"},
               {{"HF_HOME=$HOME/a"}, "a/hub"},
               {{"HF_HOME=${HOME}/a$ONE", "ONE=b"}, "ab/hub"},
               {{"HF_HOME=@/$NONE/${NONE}"}, "$NONE/${NONE}/hub"},
               {{"HF_HUB_CACHE=", "HF_HOME=@/hf"}, "hf/hub"},
               {{"TRANSFORMERS_CACHE=@/four"}, "four"},
               {{"SENTENCE_TRANSFORMERS_HOME=@/st", "TRANSFORMERS_CACHE=@/four"}, "st"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char path[400];
        for (size_t k = 0; k < sizeof variables / sizeof variables[0]; k++) unsetenv(variables[k]);
        for (size_t k = 0; k < 3 && all[i].settings[k] != NULL; k++) set(all[i].settings[k]);
        char name[32];
        snprintf(name, sizeof name, "org/m%zu", i);
        snprintf(path, sizeof path, "%s/models--org--m%zu/snapshots/" COMMIT, all[i].place, i);
        refuse(name, "there is neither such a folder nor models--org--m");
        make(path);
        expect(name, path, name);
    }
}

static void names_without_organisation(void **state) {
    (void)state;
    set("HF_HOME=@");
    make("hub/models--sentence-transformers--tiny/snapshots/" COMMIT);
    expect("tiny", "hub/models--sentence-transformers--tiny/snapshots/" COMMIT, "sentence-transformers/tiny");
    make("hub/models--tiny/snapshots/" OTHER);
    expect("tiny", "hub/models--tiny/snapshots/" OTHER, "tiny");
}

static void snapshots(void **state) {
    (void)state;
    set("HF_HOME=@");
    make("hub/models--o--m");
    refuse("o/m", "snapshots: expected a snapshot of the model, found none");
    make("hub/models--o--m/snapshots/" OTHER);
    expect("o/m", "hub/models--o--m/snapshots/" OTHER, "o/m");
    make("hub/models--o--m/snapshots/" COMMIT);
    refuse("o/m", "found 2: " COMMIT ", " OTHER "; give the folder");
    make("hub/models--o--m/refs");
    files_text("hub/models--o--m/refs/main", COMMIT "\n");
    expect("o/m", "hub/models--o--m/snapshots/" COMMIT, "o/m");
    files_text("hub/models--o--m/refs/main", "fedcba9876543210");
    refuse("o/m", "expected the snapshot that refs/main of the cache names");
    files_text("hub/models--o--m/refs/main", "../../../secrets");
    refuse("o/m", "expected the hexadecimal digits of a commit");
}

static void a_model_by_its_name(void **state) {
    (void)state;
    char target[600];
    explaint_error error = {0};
    explaint_model *model = NULL;
    set("HF_HOME=@");
    make("hub/models--tiny/snapshots");
    snprintf(target, sizeof target, "%s", models_golden("bert-gelu"));
    const char *path = files_path("hub/models--tiny/snapshots/" COMMIT);
    assert_int_equal(symlink(target, path), 0);
    if (explaint_model_open("tiny", NULL, &model, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_string_equal(explaint_model_describe(model)->name, "tiny");
    assert_string_equal(explaint_model_describe(model)->path, path);
    assert_string_equal(explaint_model_describe(model)->root, path);
    explaint_model_close(model);
    assert_int_equal(explaint_model_open("no where", NULL, &model, &error), EXPLAINT_INVALID);
    assert_contains(error.message, "found nothing there");
    assert_int_equal(explaint_model_open("", NULL, &model, &error), EXPLAINT_USAGE);
}

static void a_model_in_a_folder_of_its_own(void **state) {
    (void)state;
    char target[600];
    explaint_error error = {0};
    explaint_model *model = NULL;
    snprintf(target, sizeof target, "%s", models_golden("bert-gelu"));
    assert_int_equal(symlink(target, files_path("0_BERT")), 0);
    files_text("modules.json", "[{\"path\": \"0_BERT\", \"type\": \"sentence_transformers.models.Transformer\"}]");
    if (explaint_model_open(files_folder, NULL, &model, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_string_equal(explaint_model_describe(model)->path, files_path("0_BERT"));
    assert_string_equal(explaint_model_describe(model)->root, files_folder);
    explaint_model_close(model);
    files_text("modules.json", "[{\"path\": \"../0_BERT\", \"type\": \"sentence_transformers.models.Transformer\"}]");
    assert_int_equal(explaint_model_open(files_folder, NULL, &model, &error), EXPLAINT_INVALID);
    assert_contains(error.message,
                    "expected the \"path\" of a folder in the model's own in module 0, found \"../0_BERT\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names, setup, files_teardown),
        cmocka_unit_test_setup_teardown(places, setup, files_teardown),
        cmocka_unit_test_setup_teardown(names_without_organisation, setup, files_teardown),
        cmocka_unit_test_setup_teardown(snapshots, setup, files_teardown),
        cmocka_unit_test_setup_teardown(a_model_by_its_name, setup, files_teardown),
        cmocka_unit_test_setup_teardown(a_model_in_a_folder_of_its_own, setup, files_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
