/* What an embedding says of itself. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "embed/embedding.h"
#include "explaint/version.h"
#include "result/record.h"

static const char *or_null(const char *text) { return text[0] != 0 ? text : NULL; }

/* false: errno says why. */
static bool hash_file(const char *path, char text[XP_SHA256_TEXT]) {
    unsigned char bytes[1 << 14];
    xp_sha256 hash;
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    xp_sha256_begin(&hash);
    for (size_t got; (got = fread(bytes, 1, sizeof bytes, file)) > 0;) xp_sha256_add(&hash, bytes, got);
    const int why = ferror(file) ? errno : 0;
    fclose(file);
    xp_sha256_end(&hash, text);
    errno = why;
    return why == 0;
}

explaint_status explaint_embedding_record(explaint_embedding *e, const char *const *command, const char *path,
                                          const explaint_record **record, explaint_error *error) {
    explaint_embed_result *r = &e->result;
    *record = NULL;
    if (path != NULL && !hash_file(path, e->vectors_sha256))
        return xp_fail(error, EXPLAINT_FAILED, path, 0, "cannot be read again for its SHA-256: %s", strerror(errno));
    r->vectors_sha256 = path != NULL ? e->vectors_sha256 : NULL;
    r->n_inputs = e->input_parts.count / 4;
    r->n_settings = e->settings.count / 2;
    r->n_dropped = e->dropped.count / 2;
    if (e->input == NULL) e->input = xp_calloc(r->n_inputs, sizeof *e->input);
    if (e->setting == NULL) e->setting = xp_alloc(r->n_settings, sizeof *e->setting);
    if (e->drop == NULL) e->drop = xp_calloc(r->n_dropped, sizeof *e->drop);
    if (e->input == NULL || e->setting == NULL || e->drop == NULL) return xp_no_memory(error, "an embedding");
    for (size_t i = 0; i < r->n_inputs; i++) {
        char **part = e->input_parts.item + 4 * i;
        e->input[i] = (explaint_input){
            .role = part[0], .name = or_null(part[1]), .path = or_null(part[2]), .sha256 = or_null(part[3])};
    }
    for (size_t i = 0; i < r->n_settings; i++)
        e->setting[i] = (explaint_setting){e->settings.item[2 * i], e->settings.item[2 * i + 1]};
    for (size_t i = 0; i < r->n_dropped; i++) {
        const char *what = e->dropped.item[2 * i];
        e->drop[i] = (explaint_embed_dropped){
            .word = e->of_texts ? NULL : what, .text = e->of_texts ? what : NULL, .why = e->dropped.item[2 * i + 1]};
    }
    r->record.kind = &explaint_embed_kind;
    r->version = explaint_version();
    r->command = command;
    r->inputs = e->input;
    r->settings = e->setting;
    r->n_texts = e->of_texts ? e->n_given : 0;
    r->n_words = e->of_texts ? 0 : e->n_given;
    r->n_rows = e->n_rows;
    r->width = e->width;
    r->layers = e->layer;
    r->n_layers = e->n_layers;
    r->several_pieces = e->of_texts ? -1 : (int)e->n_several;
    r->cut = e->n_cut;
    r->dropped = e->drop;
    r->notes = (const char *const *)e->notes.item;
    r->n_notes = e->notes.count;
    r->warnings = (const char *const *)e->warnings.item;
    r->n_warnings = e->warnings.count;
    *record = &r->record;
    return EXPLAINT_OK;
}

bool explaint_embed_result_is_in(const explaint_embed_result *result, const char *path) {
    char sha256[XP_SHA256_TEXT];
    return result->vectors_sha256 != NULL && hash_file(path, sha256) && strcmp(result->vectors_sha256, sha256) == 0;
}

explaint_status explaint_embed_identity(const explaint_model *model, const char *const *command,
                                        const explaint_input *inputs, size_t n_inputs, char **identity,
                                        explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(model);
    const size_t n = info->n_files + n_inputs;
    explaint_input *all = xp_calloc(n, sizeof *all);
    *identity = NULL;
    bool ok = all != NULL;
    for (size_t i = 0; ok && i < n; i++)
        all[i] = i < info->n_files ? (explaint_input){.role = "model",
                                                      .name = info->name,
                                                      .path = info->file[i].path,
                                                      .sha256 = info->file[i].sha256}
                                   : inputs[i - info->n_files];
    ok = ok && xp_record_identity(command, all, n, NULL, 0, identity);
    xp_free(all);
    return ok ? EXPLAINT_OK : xp_no_memory(error, "the identity of a run");
}
