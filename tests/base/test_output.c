#include "support/files.h"

#include <errno.h>
#include <fcntl.h>

#include "base/output.h"
#include "base/sha256.h"

static void sha256_of_known_texts(void **state) {
    (void)state; /* FIPS 180-4, examples */
    char text[XP_SHA256_TEXT];
    xp_sha256 hash;
    xp_sha256_begin(&hash);
    xp_sha256_end(&hash, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, "ab", 2);
    xp_sha256_add(&hash, "c", 1);
    xp_sha256_end(&hash, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static size_t files_in_folder(void) {
    size_t count = 0;
    char command[128];
    snprintf(command, sizeof command, "ls %s | wc -l", files_folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fscanf(pipe, "%zu", &count), 1);
    pclose(pipe);
    return count;
}

static void replaces_the_whole_file(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_output out;
    const char *path = files_text("a.csv", "old");
    assert_int_equal(xp_output_open(&out, path, &error), EXPLAINT_OK);
    fputs("new", out.file);
    fflush(out.file);
    char *still = files_slurp(path, NULL);
    assert_string_equal(still, "old");
    free(still);
    assert_int_equal(xp_output_commit(&out, &error), EXPLAINT_OK);
    char *now = files_slurp(path, NULL);
    assert_string_equal(now, "new");
    free(now);
    assert_int_equal(files_in_folder(), 1);
}

static void discard_leaves_the_old_file(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_output out;
    const char *path = files_text("b.csv", "old");
    size_t before = files_in_folder();
    assert_int_equal(xp_output_open(&out, path, &error), EXPLAINT_OK);
    fputs("new", out.file);
    xp_output_discard(&out);
    char *still = files_slurp(path, NULL);
    assert_string_equal(still, "old");
    free(still);
    assert_int_equal(files_in_folder(), before);
}

static void follows_a_link(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_output out;
    const char *target = files_text("target.csv", "old"), *link = files_path("link.csv");
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(xp_output_open(&out, link, &error), EXPLAINT_OK);
    fputs("new", out.file);
    assert_int_equal(xp_output_commit(&out, &error), EXPLAINT_OK);
    struct stat status;
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    char *now = files_slurp(target, NULL);
    assert_string_equal(now, "new");
    free(now);
}

static void a_stale_temporary_does_not_stand_in_the_way(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_output out;
    char stale[64];
    snprintf(stale, sizeof stale, "c.csv.tmp.%ld", (long)getpid());
    files_text(stale, "left over");
    assert_int_equal(xp_output_open(&out, files_path("c.csv"), &error), EXPLAINT_OK);
    fputs("c", out.file);
    assert_int_equal(xp_output_commit(&out, &error), EXPLAINT_OK);
    char *now = files_slurp(files_path("c.csv"), NULL);
    assert_string_equal(now, "c");
    free(now);
}

static void says_why_it_cannot(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_output out;
    assert_int_equal(xp_output_open(&out, files_folder, &error), EXPLAINT_FAILED);
    assert_contains(error.message, "found a folder");
    assert_int_equal(xp_output_open(&out, files_path("none/such/file.csv"), &error), EXPLAINT_FAILED);
    assert_contains(error.message, "cannot be written");
}

static void a_full_disk_is_noticed(void **state) {
    (void)state;
    explaint_error error = {0};
    xp_output out;
    if (access("/dev/full", W_OK) != 0) skip();
    assert_int_equal(xp_output_open(&out, "/dev/full", &error), EXPLAINT_OK);
    for (int i = 0; i < 100000; i++) fputs("row\n", out.file);
    assert_int_equal(xp_output_commit(&out, &error), EXPLAINT_FAILED);
    assert_contains(error.message, "No space left");
    struct stat status;
    assert_int_equal(stat("/dev/full", &status), 0);
    assert_true(S_ISCHR(status.st_mode)); /* not renamed over */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_texts),
        cmocka_unit_test(replaces_the_whole_file),
        cmocka_unit_test(discard_leaves_the_old_file),
        cmocka_unit_test(follows_a_link),
        cmocka_unit_test(a_stale_temporary_does_not_stand_in_the_way),
        cmocka_unit_test(says_why_it_cannot),
        cmocka_unit_test(a_full_disk_is_noticed),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
