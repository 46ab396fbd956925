/* From an embedding to vectors under audit. */
#include <string.h>

#include "base/json.h"
#include "base/sha256.h"
#include "embed/embedding.h"
#include "norms/vectors.h"

static const char *word_of(const void *self, size_t i) { return explaint_embedding_word(self, i); }

/* "embed_template", ...: beside the settings of a run. All files that mattered are one more. */
static bool settings_of(const explaint_embedding *e, xp_strings *settings) {
    bool ok = true;
    for (size_t i = 0; ok && i + 1 < e->settings.count; i += 2)
        ok = xp_strings_addf(settings, "embed_%s", e->settings.item[i]) &&
             xp_strings_addf(settings, "%s", e->settings.item[i + 1]);
    xp_text files = {0};
    for (size_t i = 0; i < e->inputs.count; i++) xp_text_addf(&files, "%s%s", i > 0 ? ", " : "[", e->inputs.item[i]);
    xp_text_adds(&files, e->inputs.count > 0 ? "]" : "[]");
    ok =
        ok && !files.failed && xp_strings_addf(settings, "embed_inputs") && xp_strings_addf(settings, "%s", files.data);
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
                           "expected one vector a word, found several prototypes of \"%s\"",
                           explaint_embedding_word(e, i));
    xp_strings settings = {0};
    explaint_status status = settings_of(e, &settings) ? EXPLAINT_OK : xp_no_memory(error, "word vectors");
    if (status == EXPLAINT_OK) {
        const xp_made_vectors made = {.name = e->model_name,
                                      .path = e->model_path,
                                      .sha256 = e->model_sha256,
                                      .n = e->n_rows,
                                      .width = e->width,
                                      .rows = explaint_embedding_matrix(e, k),
                                      .word = word_of,
                                      .self = e,
                                      .settings = &settings};
        status = xp_vectors_make(&made, norms, vectors, error);
    }
    xp_strings_free(&settings);
    return status;
}
