/* From an embedding to vectors under audit. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "embed/embedding.h"
#include "norms/vectors.h"

static const char *word_of(const void *self, size_t i) { return explaint_embedding_word(self, i); }

/* Of the rows and their words: whatever made them otherwise, the tokenizer's files too, shows here. */
static void hash(const explaint_embedding *e, size_t k, char text[XP_SHA256_TEXT]) {
    xp_sha256 all;
    xp_sha256_begin(&all);
    for (size_t i = 0; i < e->n_rows; i++) {
        const char *word = explaint_embedding_word(e, i);
        xp_sha256_add(&all, word, strlen(word) + 1);
    }
    xp_sha256_add(&all, explaint_embedding_matrix(e, k), e->n_rows * e->width * sizeof *e->values);
    xp_sha256_end(&all, text);
}

/* "embed_template", ...: beside the settings of a run. All files that mattered and the vectors' hash are two more. */
static bool settings_of(const explaint_embedding *e, size_t k, xp_strings *settings) {
    char vectors[XP_SHA256_TEXT];
    hash(e, k, vectors);
    bool ok = true;
    for (size_t i = 0; ok && i + 1 < e->settings.count; i += 2)
        ok = xp_strings_addf(settings, "embed_%s", e->settings.item[i]) &&
             xp_strings_addf(settings, "%s", e->settings.item[i + 1]);
    xp_text files = {0};
    xp_embedding_list_inputs(e, &files);
    ok = ok && !files.failed && xp_strings_addf(settings, "embed_inputs") &&
         xp_strings_addf(settings, "%s", files.data) && xp_strings_addf(settings, "embed_sha256") &&
         xp_strings_addf(settings, "\"%s\"", vectors);
    xp_text_free(&files);
    return ok;
}

explaint_status explaint_embedding_vectors(const explaint_embedding *e, size_t k, const explaint_norms *norms,
                                           explaint_vectors **vectors, explaint_error *error) {
    *vectors = NULL;
    if (e->of_texts)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected vectors of words, found vectors of texts");
    for (size_t i = 1; i < e->n_rows; i++)
        if (e->row[i].word == e->row[i - 1].word)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "expected one vector per word, found several prototypes of \"%s\"",
                           explaint_embedding_word(e, i));
    xp_strings settings = {0};
    explaint_status status = settings_of(e, k, &settings) ? EXPLAINT_OK : xp_no_memory(error, "word vectors");
    if (status == EXPLAINT_OK) {
        const xp_made_vectors made = {.name = e->model_name,
                                      .path = e->model_path,
                                      .sha256 = e->model_sha256,
                                      .n = e->n_rows,
                                      .width = e->width,
                                      .rows = explaint_embedding_matrix(e, k),
                                      .word = word_of,
                                      .self = e,
                                      .settings = &settings,
                                      .notes = &e->notes};
        status = xp_vectors_make(&made, norms, vectors, error);
    }
    xp_strings_free(&settings);
    return status;
}

explaint_status explaint_embedding_layers(const explaint_embedding *e, const explaint_norms *norms,
                                          explaint_layers *layers, explaint_error *error) {
    *layers = (explaint_layers){.layer = xp_calloc(e->n_layers, sizeof *layers->layer)};
    explaint_status status = layers->layer != NULL ? EXPLAINT_OK : xp_no_memory(error, "layers");
    for (size_t k = 0; status == EXPLAINT_OK && k < e->n_layers; k++) {
        explaint_vectors *vectors = NULL;
        status = explaint_embedding_vectors(e, k, norms, &vectors, error);
        if (status == EXPLAINT_OK)
            layers->layer[layers->n++] = (explaint_layer){(int)explaint_embedding_layer(e, k), vectors};
    }
    if (status != EXPLAINT_OK) explaint_layers_close(layers);
    return status;
}
