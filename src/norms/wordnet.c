/* Norms of concrete nouns, made from WordNet: from database and vocabulary to a file. The rule is in
 * wordnet_concepts.c and wordnet_features.c, its lists in wordnet_lists.c, its words in docs/norms.md. */
#include <stdio.h>

#include "base/memory.h"
#include "base/output.h"
#include "norms/norms.h"
#include "norms/wordnet_features.h"

static void write_rows(const xp_concept *concepts, size_t n, const xp_features *f, xp_text *out) {
    static const char *const relations[] = {"super", "is_a", "has_a", "part_of", "gloss"};
    xp_text_adds(out, "concept,feature,value,relation\n");
    for (size_t i = 0; i < n; i++)
        for (size_t k = f->start[i]; k < f->start[i + 1]; k++) {
            const xp_feature_use *u = &f->uses[k];
            if (!u->taken) continue;
            xp_text_add(out, concepts[i].name.data, concepts[i].name.length);
            xp_text_addf(out, ",%s,%u,%s\n", f->names.item[u->feature], u->value, relations[u->relation]);
        }
}

static explaint_status write_file(const char *path, const xp_text *text, explaint_error *error) {
    xp_output output;
    explaint_status status = xp_output_open(&output, path, error);
    if (status != EXPLAINT_OK) return status;
    fwrite(text->data, 1, text->length, output.file); /* a write that failed shows when the file is finished */
    return xp_output_commit(&output, error);
}

explaint_status explaint_norms_from_wordnet(const char *folder, const char *vocabulary_path, const char *output,
                                            explaint_error *error) {
    xp_vocabulary vocabulary;
    explaint_status status = xp_vocabulary_open(vocabulary_path, &vocabulary, error);
    if (status != EXPLAINT_OK) return status;
    xp_wordnet wordnet;
    status = xp_wordnet_open(folder, NULL, &wordnet, error);
    if (status != EXPLAINT_OK) {
        xp_vocabulary_close(&vocabulary);
        return status;
    }
    xp_concept *concepts = NULL;
    size_t n = 0;
    xp_features features = {0};
    status = xp_wordnet_concepts(&wordnet, &vocabulary, folder, &concepts, &n, error);
    if (status == EXPLAINT_OK) status = xp_wordnet_features(&wordnet, concepts, n, &features, error);
    if (status == EXPLAINT_OK) {
        xp_text text = {0};
        write_rows(concepts, n, &features, &text);
        status = text.failed ? xp_no_memory(error, "the WordNet norms") : write_file(output, &text, error);
        xp_text_free(&text);
    }
    xp_features_free(&features);
    xp_free(concepts);
    xp_wordnet_close(&wordnet);
    xp_vocabulary_close(&vocabulary);
    return status;
}
