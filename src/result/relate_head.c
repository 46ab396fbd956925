#include "result/relate_head.h"

#include <string.h>

#include "result/answer.h"

static bool has_file(const explaint_relate_result *result, const char *sha256) {
    for (size_t i = 0; i < result->n_inputs; i++)
        if (xp_answer_is(result->inputs[i].role, "model") && xp_answer_is(result->inputs[i].sha256, sha256))
            return true;
    return false;
}

bool xp_relate_head_same_model(const explaint_relate_result *result, const explaint_model_info *info) {
    bool same = info->n_files > 0;
    for (size_t i = 0; same && i < info->n_files; i++) same = has_file(result, info->file[i].sha256);
    return same;
}

const explaint_relate_head *xp_relate_head_find(const explaint_relate_result *result, size_t layer, size_t head) {
    const explaint_relate_head *found = NULL;
    size_t n = 0;
    for (size_t i = 0; i < result->n_heads; i++) {
        if (result->heads[i].layer != layer || result->heads[i].head != head) continue;
        found = &result->heads[i];
        n++;
    }
    const bool said = n == 1 && (xp_answer_is(found->outcome, "holds") || xp_answer_is(found->outcome, "fails") ||
                                 xp_answer_is(found->outcome, "undecided"));
    return said ? found : NULL;
}
