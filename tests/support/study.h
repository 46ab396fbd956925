/* A small study from texts in memory: norms with categories, taxonomic features and concepts that share a vector; or dense norms with missing
 * cells. Effects: how much the vectors know. */
#ifndef XP_TESTS_SUPPORT_STUDY_H
#define XP_TESTS_SUPPORT_STUDY_H

#include "base/strings.h"
#include "explaint/infer.h"
#include "explaint/ledger.h"
#include "norms/norms.h"
#include "norms/vectors.h"
#include "support/matrix.h"

typedef struct world {
    explaint_norms *norms;
    explaint_vectors *vectors;
} world;

/* A word of letters, another for every i. */
static inline void world_word(size_t i, char word[16]) {
    static const char *const syllables[] = {"ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru"};
    snprintf(word, 16, "%s%s%s", syllables[i / 100 % 10], syllables[i / 10 % 10], syllables[i % 10]);
}

typedef struct world_settings {
    size_t n, m, d, categories;
    double by_category, by_concept; /* what vectors and norms share */
    double least;                   /* sparse: a feature is named from this strength on; 0: 1.3 */
    bool dense, missing, twins;
    uint32_t stream;
} world_settings;

static inline world world_open(world_settings w) {
    xp_rng rng = test_rng(w.stream);
    double *hidden = nans(w.n * 3), *loading = nans(w.m * 3), *axis = nans(w.d * 3), *group = nans(w.categories * 3);
    for (size_t k = 0; k < w.n * 3; k++) hidden[k] = xp_rng_normal(&rng);
    for (size_t k = 0; k < w.m * 3; k++) loading[k] = xp_rng_normal(&rng);
    for (size_t k = 0; k < w.d * 3; k++) axis[k] = xp_rng_normal(&rng);
    for (size_t k = 0; k < w.categories * 3; k++) group[k] = xp_rng_normal(&rng);
    uint32_t *number = counted(1000); /* words at random: spelling knows nothing of categories */
    xp_rng_permutation(&rng, 1000, number);
    xp_text norms = {0}, vectors = {0};
    char word[16];
    xp_text_adds(&norms, w.dense ? "concept" : "concept,feature,value,relation,category\n");
    for (size_t j = 0; w.dense && j < w.m; j++) xp_text_addf(&norms, ",f%zu", j);
    if (w.dense) xp_text_adds(&norms, "\n");
    for (size_t i = 0; i < w.n; i++) {
        size_t category = i % w.categories;
        world_word(number[i], word);
        xp_text_addf(&norms, w.dense ? "%s" : "%s,is_a_%zu,9,taxonomic,c%zu\n", word, category, category);
        for (size_t j = 0; j < w.m; j++) {
            double v = .6 * xp_rng_normal(&rng);
            for (size_t k = 0; k < 3; k++)
                v += loading[j * 3 + k] * (w.by_concept * hidden[i * 3 + k] + w.by_category * group[category * 3 + k]);
            if (w.dense && w.missing && xp_rng_uniform(&rng) < .08)
                xp_text_adds(&norms, ",na");
            else if (w.dense)
                xp_text_addf(&norms, ",%.4f", 3 + v);
            else if (v > (w.least > 0 ? w.least : 1.3))
                xp_text_addf(&norms, "%s,f%zu,%d,,c%zu\n", word, j, 5 + (int)(8 * v), category);
        }
        if (w.dense) xp_text_adds(&norms, "\n");
        xp_text_adds(&vectors, word);
        size_t source = w.twins && i % 11 == 10 ? i - 4 : i; /* a few share the vector of another */
        xp_rng own = test_rng(w.stream * 1000 + 500000 + (uint32_t)source);
        for (size_t k = 0; k < w.d; k++) {
            double v = .6 * xp_rng_normal(&own);
            for (size_t q = 0; q < 3; q++)
                v += axis[k * 3 + q] *
                     (w.by_concept * hidden[source * 3 + q] + w.by_category * group[source % w.categories * 3 + q]);
            xp_text_addf(&vectors, " %.5f", v);
        }
        xp_text_adds(&vectors, "\n");
    }
    world made = {NULL, NULL};
    explaint_error error = {0};
    explaint_norms_options options = {.na = w.missing ? "mask" : "zero"};
    if (xp_norms_read("norms.csv", norms.data, norms.length, &options, &made.norms, &error) != EXPLAINT_OK)
        fail_msg("%s", error.message);
    if (xp_vectors_read("vectors.txt", vectors.data, vectors.length, made.norms, NULL, &made.vectors, &error) !=
        EXPLAINT_OK)
        fail_msg("%s", error.message);
    xp_text_free(&norms);
    xp_text_free(&vectors);
    free(hidden);
    free(loading);
    free(axis);
    free(group);
    free(number);
    return made;
}

static inline void world_close(world *w) {
    explaint_vectors_close(w->vectors);
    explaint_norms_close(w->norms);
}

/* ---- a store in memory ---- */

typedef struct memory_store {
    size_t count, found, fail_at; /* fail_at: the keep that is refused, from 1; 0: none */
    struct {
        char key[96];
        void *bytes;
        size_t size;
    } unit[600];
} memory_store;

static inline explaint_status store_find(void *self, const char *key, void **bytes, size_t *size,
                                         explaint_error *error) {
    (void)error;
    memory_store *store = self;
    *bytes = NULL;
    for (size_t i = 0; i < store->count; i++) {
        if (strcmp(store->unit[i].key, key) != 0) continue;
        *bytes = malloc(store->unit[i].size + 1);
        assert_non_null(*bytes);
        memcpy(*bytes, store->unit[i].bytes, store->unit[i].size);
        *size = store->unit[i].size;
        store->found++;
    }
    return EXPLAINT_OK;
}

static inline explaint_status store_keep(void *self, const char *key, const void *bytes, size_t size,
                                         explaint_error *error) {
    memory_store *store = self;
    if (store->fail_at > 0 && store->count + 1 == store->fail_at) {
        error->code = EXPLAINT_FAILED;
        snprintf(error->message, sizeof error->message, "the disk is full");
        return EXPLAINT_FAILED;
    }
    for (size_t i = 0; i < store->count; i++)
        assert_string_not_equal(store->unit[i].key, key); /* nothing is kept twice */
    assert_true(store->count < 600);
    snprintf(store->unit[store->count].key, sizeof store->unit[0].key, "%s", key);
    store->unit[store->count].bytes = malloc(size + 1);
    assert_non_null(store->unit[store->count].bytes);
    memcpy(store->unit[store->count].bytes, bytes, size);
    store->unit[store->count++].size = size;
    return EXPLAINT_OK;
}

static inline void store_clear(memory_store *store) {
    for (size_t i = 0; i < store->count; i++) free(store->unit[i].bytes);
    memset(store, 0, sizeof *store);
}

static inline explaint_units store_units(memory_store *store) {
    return (explaint_units){.self = store, .find = store_find, .keep = store_keep};
}

/* The document of a result; to be freed. */
static inline char *json_of(const explaint_result *result) {
    char *text = NULL;
    size_t size = 0;
    explaint_error error = {0};
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    assert_int_equal(explaint_record_write_json(&result->record, out, &error), EXPLAINT_OK);
    fclose(out);
    assert_true(size > 1000);
    return text;
}

#endif
