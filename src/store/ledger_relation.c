/* What a ledger knows of a head: the newest run of relate about it. */
#include <errno.h>
#include <sys/stat.h>

#include "relate/kept.h"
#include "result/relate_head.h"
#include "store/ledger_private.h"

static const char doing[] = "looking for a relation";

/* The row that the statement stands on; *relation stays NULL if it is of another model. */
static explaint_status take(const explaint_ledger *ledger, sqlite3_stmt *s, const explaint_model_info *info,
                            explaint_relation **relation, explaint_error *error) {
    const char *text = (const char *)sqlite3_column_text(s, 1);
    if (text == NULL) return xp_no_memory(error, doing); /* the statement asks for texts alone */
    explaint_relation *found = NULL;
    const explaint_status status = xp_kept_create(text, (size_t)sqlite3_column_bytes(s, 1), ledger->path,
                                                  (long)sqlite3_column_int64(s, 0), &found, error);
    if (status == EXPLAINT_OK && xp_relate_head_same_model(found->result, info))
        *relation = found;
    else
        explaint_relation_close(found);
    return status;
}

static explaint_status find(explaint_ledger *ledger, const explaint_model_info *info, size_t layer, size_t head,
                            explaint_relation **relation, explaint_error *error) {
    bool has_heads = false;
    const explaint_status status = xp_ledger_has_column(ledger, "relate_head", "head", &has_heads, error);
    if (status != EXPLAINT_OK || !has_heads) return status;
    xp_query q =
        xp_query_begin(ledger,
                       "SELECT run_id, document FROM run WHERE state = 'finished' AND typeof(document) = 'text'"
                       " AND run_id IN (SELECT run_id FROM relate_head WHERE layer = ?1 AND head = ?2)"
                       " ORDER BY run_id DESC",
                       doing, error);
    xp_query_integer(&q, 1, (long long)layer);
    xp_query_integer(&q, 2, (long long)head);
    while (*relation == NULL && xp_query_next(&q)) q.status = take(ledger, q.statement, info, relation, error);
    const explaint_status end = xp_query_end(&q);
    if (end == EXPLAINT_OK) return end;
    explaint_relation_close(*relation);
    *relation = NULL;
    return end;
}

explaint_status explaint_relation_find(const char *path, const explaint_model *model, size_t layer, size_t head,
                                       explaint_relation **relation, explaint_error *error) {
    struct stat info;
    explaint_ledger *ledger = NULL;
    *relation = NULL;
    if (stat(path, &info) != 0 ? errno == ENOENT : S_ISREG(info.st_mode) && info.st_size == 0) return EXPLAINT_OK;
    explaint_status status = explaint_ledger_open(path, false, &ledger, error);
    if (status == EXPLAINT_OK) status = find(ledger, explaint_model_describe(model), layer, head, relation, error);
    explaint_ledger_close(ledger);
    return status;
}
