/* The normalizer of a tokenizer.json. */
#include "base/memory.h"
#include "text/part_read.h"
#include "text/tokenizer_read.h"

static explaint_status add(xp_draft *draft, xp_normalizer_step step) {
    return xp_normalizer_add(&draft->t->normalizer, step)
               ? EXPLAINT_OK
               : XP_PART_REFUSE(draft, "the normalizer has more than %d steps", XP_STEPS);
}

static explaint_status add_kind(xp_draft *draft, xp_step kind) {
    return add(draft, (xp_normalizer_step){.kind = kind});
}

static explaint_status plain(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    (void)value, (void)part;
    return add_kind(draft, (xp_step)kind);
}

static explaint_status bert_normalizer(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    const xp_value *accents = xp_value_member(value, "strip_accents");
    bool clean, ideographs, lower, strip;
    (void)kind;
    explaint_status status = xp_part_bool(draft, value, part, "clean_text", &clean);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "handle_chinese_chars", &ideographs);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "lowercase", &lower);
    if (status != EXPLAINT_OK) return status;
    strip = lower; /* where it is null, as in the original BERT */
    if (!xp_value_is_null(accents) && !xp_value_bool(accents, &strip))
        return xp_part_unexpected(draft, part, "strip_accents", "true, false or null", accents);
    if (clean) status = add_kind(draft, XP_STEP_CLEAN);
    if (status == EXPLAINT_OK && ideographs) status = add_kind(draft, XP_STEP_IDEOGRAPHS);
    if (status == EXPLAINT_OK && strip) status = add_kind(draft, XP_STEP_STRIP);
    return status == EXPLAINT_OK && lower ? add_kind(draft, XP_STEP_LOWER) : status;
}

static explaint_status replace(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_normalizer_step step = {.kind = (xp_step)kind};
    explaint_status status = xp_part_pattern(draft, value, part, &step.pattern);
    if (status == EXPLAINT_OK) status = xp_part_copy(draft, value, part, "content", &step.content);
    if (status == EXPLAINT_OK) return add(draft, step);
    xp_pattern_free(step.pattern);
    return status;
}

static explaint_status prepend(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_normalizer_step step = {.kind = (xp_step)kind};
    explaint_status status = xp_part_copy(draft, value, part, "prepend", &step.content);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status strip(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    bool left = false, right = false;
    (void)kind;
    explaint_status status = xp_part_bool(draft, value, part, "strip_left", &left);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "strip_right", &right);
    if (status == EXPLAINT_OK && left) status = add_kind(draft, XP_STEP_TRIM_LEFT);
    return status == EXPLAINT_OK && right ? add_kind(draft, XP_STEP_TRIM_RIGHT) : status;
}

static explaint_status precompiled(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_normalizer_step step = {.kind = (xp_step)kind};
    xp_view base64 = {0};
    explaint_status status = xp_part_string(draft, value, part, "precompiled_charsmap", &base64);
    if (status == EXPLAINT_OK) status = xp_charsmap_decode(base64, draft->path, &step.map, draft->error);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static const xp_part_entry entries[] = {
    {"BertNormalizer",
     {"type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"},
     XP_STEP_CLEAN,
     bert_normalizer},
    {"NFC", {"type"}, XP_STEP_NFC, plain},
    {"NFD", {"type"}, XP_STEP_NFD, plain},
    {"NFKC", {"type"}, XP_STEP_NFKC, plain},
    {"NFKD", {"type"}, XP_STEP_NFKD, plain},
    {"Lowercase", {"type"}, XP_STEP_LOWER, plain},
    {"StripAccents", {"type"}, XP_STEP_ACCENTS, plain},
    {"Nmt", {"type"}, XP_STEP_NMT, plain},
    {"Strip", {"type", "strip_left", "strip_right"}, XP_STEP_TRIM_LEFT, strip},
    {"Replace", {"type", "pattern", "content"}, XP_STEP_REPLACE, replace},
    {"Prepend", {"type", "prepend"}, XP_STEP_PREPEND, prepend},
    {"Precompiled", {"type", "precompiled_charsmap"}, XP_STEP_PRECOMPILED, precompiled},
    {"ByteLevel", {"type"}, XP_STEP_BYTES, plain}};

static const char *type_of(xp_draft *draft, const xp_value *value) {
    static const char *const telling[] = {"clean_text", "handle_chinese_chars", "lowercase", NULL};
    return xp_part_type(draft, value, "normalizer", telling, "BertNormalizer");
}

explaint_status xp_tokenizer_read_normalizer(xp_draft *draft, const xp_value *root) {
    static const xp_part_kind kind = {"normalizer", "normalizers", entries, sizeof entries / sizeof entries[0],
                                      type_of,      NULL};
    return xp_part_each(draft, root, &kind);
}
