#include "relate/kept.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "formats/file.h"

typedef struct kept {
    explaint_relation view; /* first: it is what callers hold */
    explaint_record *record;
    char *place, *path;
    char sha256[XP_SHA256_TEXT];
} kept;

static char *say_place(const char *path, long run) {
    xp_text text = {0};
    if (run > 0) xp_text_addf(&text, "run %ld of ", run);
    xp_text_adds(&text, path);
    if (!text.failed) return text.data;
    xp_text_free(&text);
    return NULL;
}

static explaint_status fill(kept *k, const char *text, size_t length, explaint_error *error) {
    explaint_status status = explaint_record_read(text, length, k->path, &k->record, error);
    if (status != EXPLAINT_OK) return status;
    if (k->record->kind != &explaint_relate_kind)
        return xp_fail(error, EXPLAINT_INVALID, k->path, 0,
                       "expected a document of 'explaint relate --json', found one of 'explaint %s'",
                       k->record->kind->name);
    xp_sha256 hash;
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, text, length);
    xp_sha256_end(&hash, k->sha256);
    return EXPLAINT_OK;
}

explaint_status xp_kept_create(const char *text, size_t length, const char *path, long run,
                               explaint_relation **relation, explaint_error *error) {
    *relation = NULL;
    kept *k = xp_calloc(1, sizeof *k);
    if (k == NULL) return xp_no_memory(error, "the relation");
    k->path = xp_strdup(path);
    k->place = say_place(path, run);
    explaint_status status =
        k->path != NULL && k->place != NULL ? fill(k, text, length, error) : xp_no_memory(error, "the relation");
    k->view = (explaint_relation){.result = (const explaint_relate_result *)k->record,
                                  .place = k->place,
                                  .path = k->path,
                                  .sha256 = k->sha256,
                                  .run = run};
    if (status == EXPLAINT_OK)
        *relation = &k->view;
    else
        explaint_relation_close(&k->view);
    return status;
}

explaint_status explaint_relation_open(const char *path, explaint_relation **relation, explaint_error *error) {
    xp_bytes bytes = {0};
    *relation = NULL;
    explaint_status status = xp_file_read(path, XP_LIMIT_TABLE, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_kept_create(bytes.data, bytes.size, path, 0, relation, error);
    xp_bytes_free(&bytes);
    return status;
}

void explaint_relation_close(explaint_relation *relation) {
    kept *k = (kept *)relation;
    if (k == NULL) return;
    explaint_record_free(k->record);
    xp_free_all(k->place, k->path, k);
}
