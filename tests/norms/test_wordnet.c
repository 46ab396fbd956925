/* WordNet's files, its lemmatisation, and the norms made of them. The database: $WORDNET_DB or /usr/share/wordnet. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "../../fuzz/fuzz_wordnet.c" /* its corpus is replayed below */
#include "base/memory.h"
#include "explaint/norms.h"
#include "norms/wordnet_data.h"
#include "norms/wordnet_lists.h"
#include "support/wordnet.h"

#define VOCABULARY EXPLAINT_SOURCE_DIR "/data/vocabulary.txt.gz"

static const char *database(void) {
    const char *folder = getenv("WORDNET_DB");
    if (folder == NULL) folder = "/usr/share/wordnet";
    char path[4096];
    snprintf(path, sizeof path, "%s/data.noun", folder);
    return access(path, R_OK) == 0 ? folder : NULL;
}

/* Skips where the package wordnet-base is missing; continuous integration installs it. */
#define NEED_DATABASE(folder)                                                                                          \
    const char *folder = database();                                                                                   \
    if (folder == NULL) {                                                                                              \
        if (getenv("CI") != NULL) fail_msg("install the package wordnet-base");                                        \
        print_message("no WordNet database: install wordnet-base, or set WORDNET_DB\n");                               \
        skip();                                                                                                        \
    }

static char *slurp(const char *path, size_t *size) { /* plain or gzip, terminated */
    gzFile file = gzopen(path, "rb");
    if (file == NULL) return NULL;
    size_t capacity = (size_t)1 << 22;
    char *data = malloc(capacity);
    assert_non_null(data);
    int got = gzread(file, data, (unsigned)capacity - 1);
    assert_true(got >= 0 && (size_t)got < capacity - 1);
    data[got] = 0;
    *size = (size_t)got;
    gzclose(file);
    return data;
}

static char *inflate_all(const unsigned char *bytes, size_t n, size_t *size) {
    z_stream stream = {.next_in = (z_const Bytef *)bytes, .avail_in = (uInt)n};
    assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
    size_t capacity = (size_t)1 << 22;
    char *data = malloc(capacity);
    assert_non_null(data);
    stream.next_out = (Bytef *)data;
    stream.avail_out = (uInt)capacity - 1;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    *size = stream.total_out;
    data[*size] = 0;
    inflateEnd(&stream);
    return data;
}

static void remove_folder(const char *folder) {
    DIR *list = opendir(folder);
    if (list == NULL) return;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(list);
    rmdir(folder);
}

static size_t files_in(const char *folder) {
    size_t n = 0;
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) n += entry->d_name[0] != '.';
    closedir(list);
    return n;
}

/* ---- the real database ---- */

static void assert_base(const xp_wordnet *w, xp_wordnet_pos pos, const char *word, const char *expected) {
    char base[XP_MORPHY_MAX + 1] = "(none)";
    bool found = xp_wordnet_morphy(w, pos, word, strlen(word), base);
    assert_string_equal(found ? base : "(none)", expected);
}

static void morphy_follows_wordnet(void **state) {
    (void)state;
    NEED_DATABASE(folder);
    xp_wordnet w;
    explaint_error error = {0};
    if (xp_wordnet_open(folder, NULL, &w, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(w.n_synsets, 82115); /* wnstats(7WN), version 3.0 */
    assert_int_equal(w.n_lemmas[XP_NOUN], 117798);
    assert_int_equal(w.n_lemmas[XP_VERB], 11529);
    assert_int_equal(w.n_lemmas[XP_ADJECTIVE], 21479);
    assert_int_equal(w.n_lemmas[XP_ADVERB], 4481);

    assert_base(&w, XP_NOUN, "mice", "mouse");       /* noun.exc */
    assert_base(&w, XP_NOUN, "feathers", "feather"); /* s */
    assert_base(&w, XP_NOUN, "churches", "church");  /* ches */
    assert_base(&w, XP_NOUN, "berries", "berry");    /* ies */
    assert_base(&w, XP_NOUN, "firemen", "fireman");  /* men */
    assert_base(&w, XP_NOUN, "boxesful", "boxful");
    assert_base(&w, XP_NOUN, "glass", "glass");
    assert_base(&w, XP_NOUN, "blorss", "(none)");
    assert_base(&w, XP_NOUN, "", "(none)");
    assert_base(&w, XP_VERB, "ran", "run");
    assert_base(&w, XP_VERB, "baking", "bake");
    assert_base(&w, XP_VERB, "carries", "carry");
    assert_base(&w, XP_ADJECTIVE, "greener", "green");
    assert_base(&w, XP_ADJECTIVE, "better", "good");

    char base[XP_MORPHY_MAX + 1];
    for (int pos = 0; pos < XP_N_POS; pos++) { /* laws: an exception leads to its base; any other lemma is its own */
        for (size_t i = 0; i < w.n_exceptions[pos]; i++) {
            const xp_exception *e = &w.exceptions[pos][i];
            assert_true(xp_wordnet_morphy(&w, (xp_wordnet_pos)pos, e->inflected.data, e->inflected.length, base));
            assert_memory_equal(base, e->base.data, e->base.length);
        }
        for (size_t i = 0; i < w.n_lemmas[pos]; i++) {
            xp_view name = w.lemmas[pos][i].name;
            size_t at;
            if (name.length > XP_MORPHY_MAX || xp_index_find(w.by_inflected[pos], name.data, name.length, &at))
                continue;
            assert_true(xp_wordnet_morphy(&w, (xp_wordnet_pos)pos, name.data, name.length, base));
            assert_int_equal(strlen(base), name.length);
            assert_memory_equal(base, name.data, name.length);
        }
    }
    for (uint32_t i = 0; i < w.n_synsets; i++) { /* law: nearest first, no synset twice, all chains end */
        xp_above above[XP_ABOVE_MAX];
        size_t n = xp_wordnet_above(&w, i, above);
        assert_true(n < XP_ABOVE_MAX);
        for (size_t k = 1; k < n; k++) assert_true(above[k].steps >= above[k - 1].steps && above[k].synset != i);
    }
    xp_wordnet_close(&w);
}

static void remade_norms_are_the_shipped_ones(void **state) {
    (void)state;
    NEED_DATABASE(folder);
    char work[] = "/tmp/explaint-wordnet-XXXXXX", output[64];
    assert_non_null(mkdtemp(work));
    snprintf(output, sizeof output, "%s/norms.csv", work);
    explaint_error error = {0};
    if (explaint_norms_from_wordnet(folder, VOCABULARY, output, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(files_in(work), 1);
    size_t n = 0, shipped;
    char *remade = slurp(output, &n);
    const xp_view packed = xp_wordnet_norms();
    char *text = inflate_all((const unsigned char *)packed.data, packed.length, &shipped);
    assert_int_equal(n, shipped);
    assert_memory_equal(remade, text, n);
    free(remade);
    free(text);
    remove_folder(work);
}

static void failing_allocations_on_the_real_database(void **state) {
    (void)state;
    NEED_DATABASE(folder);
    char work[] = "/tmp/explaint-wordnet-XXXXXX", output[64];
    assert_non_null(mkdtemp(work));
    snprintf(output, sizeof output, "%s/norms.csv", work);
    static const size_t at[] = {1, 2, 7, 40, 97, 130, 171, 300, 1001, 5003, 9001};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        explaint_error error = {0};
        xp_fail_allocation(at[i]);
        explaint_status status = explaint_norms_from_wordnet(folder, VOCABULARY, output, &error);
        xp_fail_allocation(0);
        assert_int_equal(status, EXPLAINT_FAILED);
        assert_non_null(strstr(error.message, "memory"));
        assert_int_equal(files_in(work), 0);
    }
    remove_folder(work);
}

/* ---- what ships ---- */

static void shipped_vectors_belong_to_the_shipped_norms(void **state) {
    (void)state;
    size_t n_norms, n_vectors, lines = 0, rows = 0;
    const xp_view packed_norms = xp_wordnet_norms(), packed_vectors = xp_wordnet_vectors();
    char *norms = inflate_all((const unsigned char *)packed_norms.data, packed_norms.length, &n_norms);
    char *vectors = inflate_all((const unsigned char *)packed_vectors.data, packed_vectors.length, &n_vectors);
    char *line = strchr(norms, '\n') + 1, last[64] = "";
    assert_int_equal(strncmp(norms, "concept,feature,value,relation\n", (size_t)(line - norms)), 0);
    const char *vector = vectors;
    for (char *next; *line != 0; line = next + 1) {
        next = strchr(line, '\n');
        char concept_name[64], feature[128], relation[16];
        int value;
        *next = 0;
        assert_int_equal(sscanf(line, "%63[^,],%127[^,],%d,%15s", concept_name, feature, &value, relation), 4);
        assert_true(value >= 5 && value <= 30);
        rows++;
        if (strcmp(concept_name, last) == 0) continue;
        assert_true(strcmp(concept_name, last) > 0);
        assert_string_equal(relation, "super"); /* the first feature, and the only one of that relation */
        assert_int_equal(value, 30);
        strcpy(last, concept_name);
        size_t length = strlen(concept_name); /* the next line of the vectors */
        assert_int_equal(strncmp(vector, concept_name, length), 0);
        vector += length;
        for (int i = 0; i < 100; i++) {
            char *end;
            assert_int_equal(*vector, ' ');
            strtod(vector, &end);
            assert_true(end > vector);
            vector = end;
        }
        assert_int_equal(*vector++, '\n');
        lines++;
    }
    assert_int_equal(*vector, 0);
    assert_int_equal(lines, 535); /* docs/norms.md */
    assert_int_equal(rows, 7215);
    free(norms);
    free(vectors);
}

static void lists_are_sorted(void **state) { /* or bsearch would not find their words */
    (void)state;
    static const char *const listed[] = {"about", "the", "yourself", "would", "large", "and"};
    static const bool expected[] = {true, true, false, true, false, true};
    for (size_t i = 0; i < sizeof listed / sizeof *listed; i++)
        assert_int_equal(xp_wordnet_is_stop_word((xp_view){listed[i], strlen(listed[i])}), expected[i]);
    assert_true(xp_wordnet_is_homograph((xp_view){"ani", 3}));
    assert_true(xp_wordnet_is_homograph((xp_view){"zaman", 5}));
    assert_false(xp_wordnet_is_homograph((xp_view){"robin", 5}));
}

static void features_do_not_spell_the_concept(void **state) {
    (void)state;
#define SPELLS(a, b) xp_wordnet_spells((xp_view){a, strlen(a)}, (xp_view){b, strlen(b)})
    assert_true(SPELLS("dog", "working_dog"));
    assert_true(SPELLS("dog", "Dogsled"));
    assert_true(SPELLS("blackbird", "bird"));
    assert_true(SPELLS("motorcycle", "self-propelled_motor"));
    assert_false(SPELLS("catapult", "cat")); /* three letters are too few */
    assert_false(SPELLS("owl", "bird_of_prey"));
}

/* ---- a small database, whole and broken ---- */

static void mini_create(mini *m) {
    *m = (mini){.folder = "/tmp/explaint-wordnet-XXXXXX"};
    assert_non_null(mkdtemp(m->folder));
    snprintf(m->output, sizeof m->output, "%s/norms.csv", m->folder);
    snprintf(m->vocabulary, sizeof m->vocabulary, "%s/vocabulary.txt", m->folder);
    mini_fill(m);
}

static void mini_remove(mini *m) {
    mini_clear(m);
    remove_folder(m->folder);
}

static void a_small_database_by_hand(void **state) {
    (void)state;
    mini m;
    mini_create(&m);
    mini_write(&m);
    explaint_error error = {0};
    if (explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    size_t n = 0;
    char *text = slurp(m.output, &n);
    assert_string_equal(text, "concept,feature,value,relation\n"
                              "eagle,is_a_bird,30,super\n"
                              "eagle,is_a_living_thing,16,is_a\n"
                              "eagle,has_a_feather,18,has_a\n"
                              "eagle,gloss_large,16,gloss\n"
                              "eagle,gloss_red,15,gloss\n"
                              "eagle,gloss_hunter,14,gloss\n"
                              "heron,is_a_bird,30,super\n"
                              "heron,is_a_living_thing,16,is_a\n"
                              "heron,has_a_feather,18,has_a\n"
                              "heron,gloss_wader,16,gloss\n"
                              "magpie,is_a_bird,30,super\n"
                              "magpie,is_a_living_thing,16,is_a\n"
                              "magpie,has_a_feather,18,has_a\n"
                              "magpie,gloss_black,16,gloss\n"
                              "osprey,is_a_bird,30,super\n"
                              "osprey,is_a_living_thing,16,is_a\n"
                              "osprey,has_a_feather,18,has_a\n"
                              "osprey,gloss_eat,16,gloss\n"
                              "osprey,gloss_fish,15,gloss\n"
                              "robin,is_a_bird,30,super\n"
                              "robin,is_a_living_thing,16,is_a\n"
                              "robin,has_a_feather,18,has_a\n"
                              "robin,gloss_red,16,gloss\n"
                              "robin,gloss_thrush,15,gloss\n"
                              "vulture,is_a_bird,30,super\n"
                              "vulture,is_a_living_thing,16,is_a\n"
                              "vulture,has_a_feather,18,has_a\n"
                              "vulture,gloss_head,16,gloss\n");
    free(text);
    mini_remove(&m);
}

/* The first occurrence of `from` in the file becomes `to`, of equal length where offsets matter. */
static void change(xp_text *file, const char *from, const char *to) {
    char *at = strstr(file->data, from);
    assert_non_null(at);
    xp_text changed = {0};
    xp_text_add(&changed, file->data, (size_t)(at - file->data));
    xp_text_adds(&changed, to);
    xp_text_adds(&changed, at + strlen(from));
    xp_text_free(file);
    *file = changed;
}

static void hostile_databases_are_refused(void **state) {
    (void)state;
    static const struct {
        size_t file;
        const char *from, *to, *place, *says;
    } cases[] = {
        {0, "00000031 05", "00000032 05", "data.noun:2:", "byte offset 00000031"},
        {0, "05 n 01 entity", "05 v 01 entity", "data.noun:2:", "synset type n"},
        {0, "n 01 entity", "n 00 entity", "data.noun:2:", "at least one word"},
        {0, "n 01 entity", "n ff entity", "data.noun:2:", "lexical identifier"},
        {0, "@ 00000031 n", "@ 00000039 n", "data.noun:3:", "where none begins"},
        {0, "entity 0 001 @", "entity 0 999 @", "data.noun:3:", "synset offset"},
        {0, "| that which is", "? that which is", "data.noun:2:", "'|' before the gloss"},
        {0, "n 0000 | a thing", "n 00x0 | a thing", "data.noun:3:", "four hexadecimal digits"},
        {1, "robin n 1 1 @ 1 0 0", "robin n 1 1 @ 1 0 9", "index.noun:8:", "offset of a synset"},
        {1, "robin n 1", "robin v 1", "index.noun:8:", "the part of speech n"},
        {1, "robin n 1", "robin n 0", "index.noun:8:", "at least one synset"},
        {1, "robin n 1", "robin n 999999999", "index.noun:8:", "a synset offset"},
        {1, "robin n 1 1 @", "robin n 1 99999 @", "index.noun:8:", "a pointer symbol"},
        {1, "eagle n", "robin n", "index.noun:9:", "every lemma once"},
        {1, "fish n 6", "fisk n 6", "", "sense 1 of the noun fish"},
        {2, "eat v 1 0 1 0", "eat v 1", "index.verb:1:", "a pointer symbol"},
        {5, "geese goose", "geese", "noun.exc:1:", "base form"},
        {9, "robin%1", "robin%7", "cntlist.rev:1:", "sense key"},
        {9, "1 5\n", "1 x\n", "cntlist.rev:1:", "a count"},
        {9, "1 5\n", "1 999999999\n", "cntlist.rev:1:", "at most a million"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mini m;
        mini_create(&m);
        change(&m.files[cases[i].file], cases[i].from, cases[i].to);
        mini_write(&m);
        explaint_error error = {0};
        assert_int_equal(explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error), EXPLAINT_INVALID);
        if (strstr(error.message, cases[i].place) == NULL || strstr(error.message, cases[i].says) == NULL)
            fail_msg("case %zu: %s", i, error.message);
        assert_int_equal(access(m.output, F_OK), -1);
        mini_remove(&m);
    }
}

static void truncated_anywhere(void **state) {
    (void)state;
    mini m;
    mini_create(&m);
    for (size_t i = 0; i < XP_WORDNET_FILES; i++)
        for (size_t keep = 0; keep < m.files[i].length; keep += 1 + keep / 97) {
            xp_view files[XP_WORDNET_FILES];
            for (size_t k = 0; k < XP_WORDNET_FILES; k++)
                files[k] = (xp_view){m.files[k].data, k == i ? keep : m.files[k].length};
            xp_wordnet w;
            explaint_error error = {0};
            if (xp_wordnet_open(NULL, files, &w, &error) == EXPLAINT_OK)
                xp_wordnet_close(&w);
            else
                assert_int_not_equal(error.message[0], 0);
        }
    mini_remove(&m);
}

static void missing_files_and_places(void **state) {
    (void)state;
    for (size_t i = 0; i < XP_WORDNET_FILES; i++) {
        mini m;
        mini_create(&m);
        mini_write(&m);
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", m.folder, xp_wordnet_file(i));
        unlink(path);
        explaint_error error = {0};
        assert_int_equal(explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error), EXPLAINT_INVALID);
        assert_non_null(strstr(error.message, xp_wordnet_file(i)));
        assert_non_null(strstr(error.message, "wordnet-base"));
        mini_remove(&m);
    }
    mini m;
    mini_create(&m);
    mini_write(&m);
    explaint_error error = {0};
    assert_int_equal(explaint_norms_from_wordnet(m.folder, "/nowhere/words", m.output, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "/nowhere/words"));
    assert_int_equal(explaint_norms_from_wordnet(m.folder, m.vocabulary, "/nowhere/norms.csv", &error),
                     EXPLAINT_FAILED);
    assert_non_null(strstr(error.message, "cannot be written"));
    put(m.folder, "vocabulary.txt", "\n\n", 2);
    assert_int_equal(explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error), EXPLAINT_INVALID);
    put(m.folder, "vocabulary.txt", "zebra\n", 6);
    assert_int_equal(explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "found none"));
    char endless[5000];
    memset(endless, 'a', sizeof endless);
    put(m.folder, "vocabulary.txt", endless, sizeof endless);
    assert_int_equal(explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error), EXPLAINT_INVALID);
    assert_non_null(strstr(error.message, "1024 bytes"));
    mini_remove(&m);
}

static void circles_end(void **state) {
    (void)state;
    mini m;
    mini_create(&m);
    change(&m.files[0], "001 @ 00000031 n", "001 @ 00000075 n"); /* physical_entity above itself */
    mini_write(&m);
    explaint_error error = {0};
    explaint_status status = explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error);
    assert_true(status == EXPLAINT_OK || error.message[0] != 0);
    mini_remove(&m);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    mini m;
    mini_create(&m);
    mini_write(&m);
    size_t before = files_in(m.folder), n = 1;
    for (;; n++) {
        explaint_error error = {0};
        xp_fail_allocation(n);
        explaint_status status = explaint_norms_from_wordnet(m.folder, m.vocabulary, m.output, &error);
        xp_fail_allocation(0);
        if (status == EXPLAINT_OK) break;
        assert_int_equal(status, EXPLAINT_FAILED);
        assert_non_null(strstr(error.message, "memory"));
        assert_int_equal(files_in(m.folder), before);
    }
    assert_true(n > 50);
    mini_remove(&m);
}

static void fuzz_corpus(void **state) {
    (void)state;
    const char *folder = EXPLAINT_SOURCE_DIR "/fuzz/corpus/wordnet";
    DIR *list = opendir(folder);
    assert_non_null(list);
    size_t n = 0;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        if (entry->d_name[0] == '.') continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        size_t size = 0;
        char *data = slurp(path, &size);
        assert_non_null(data);
        LLVMFuzzerTestOneInput((const uint8_t *)data, size);
        free(data);
        n++;
    }
    closedir(list);
    assert_true(n >= 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(morphy_follows_wordnet),
        cmocka_unit_test(remade_norms_are_the_shipped_ones),
        cmocka_unit_test(failing_allocations_on_the_real_database),
        cmocka_unit_test(shipped_vectors_belong_to_the_shipped_norms),
        cmocka_unit_test(lists_are_sorted),
        cmocka_unit_test(features_do_not_spell_the_concept),
        cmocka_unit_test(a_small_database_by_hand),
        cmocka_unit_test(hostile_databases_are_refused),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(missing_files_and_places),
        cmocka_unit_test(circles_end),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(fuzz_corpus),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
