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

static explaint_status bert_normalizer(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const keys[] = {"type",          "clean_text", "handle_chinese_chars",
                                       "strip_accents", "lowercase",  NULL};
    static const char part[] = "the normalizer BertNormalizer";
    const xp_value *accents = xp_value_member(value, "strip_accents");
    bool clean, ideographs, lower, strip;
    (void)type;
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "clean_text", &clean);
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

static explaint_status replace(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const keys[] = {"type", "pattern", "content", NULL};
    static const char part[] = "the normalizer Replace";
    xp_normalizer_step step = {.kind = XP_STEP_REPLACE};
    (void)type;
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_pattern(draft, value, part, &step.pattern);
    if (status == EXPLAINT_OK) status = xp_part_copy(draft, value, part, "content", &step.content);
    if (status == EXPLAINT_OK) return add(draft, step);
    xp_pattern_free(step.pattern);
    return status;
}

static explaint_status prepend(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const keys[] = {"type", "prepend", NULL};
    static const char part[] = "the normalizer Prepend";
    xp_normalizer_step step = {.kind = XP_STEP_PREPEND};
    (void)type;
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_copy(draft, value, part, "prepend", &step.content);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status strip(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const keys[] = {"type", "strip_left", "strip_right", NULL};
    static const char part[] = "the normalizer Strip";
    bool left = false, right = false;
    (void)type;
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "strip_left", &left);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "strip_right", &right);
    if (status == EXPLAINT_OK && left) status = add_kind(draft, XP_STEP_TRIM_LEFT);
    return status == EXPLAINT_OK && right ? add_kind(draft, XP_STEP_TRIM_RIGHT) : status;
}

static explaint_status precompiled(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const keys[] = {"type", "precompiled_charsmap", NULL};
    static const char part[] = "the normalizer Precompiled";
    xp_normalizer_step step = {.kind = XP_STEP_PRECOMPILED};
    xp_view base64 = {0};
    (void)type;
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_string(draft, value, part, "precompiled_charsmap", &base64);
    if (status == EXPLAINT_OK) status = xp_charsmap_decode(base64, draft->path, &step.map, draft->error);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static const struct {
    const char *name;
    xp_step kind;
} plain[] = {{"NFC", XP_STEP_NFC},   {"NFD", XP_STEP_NFD},         {"NFKC", XP_STEP_NFKC},
             {"NFKD", XP_STEP_NFKD}, {"Lowercase", XP_STEP_LOWER}, {"StripAccents", XP_STEP_ACCENTS},
             {"Nmt", XP_STEP_NMT},   {"ByteLevel", XP_STEP_BYTES}};

static const struct {
    const char *name;
    xp_part_reader read;
} readers[] = {{"BertNormalizer", bert_normalizer},
               {"Replace", replace},
               {"Prepend", prepend},
               {"Strip", strip},
               {"Precompiled", precompiled}};

static explaint_status read_normalizer(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const keys[] = {"type", NULL};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (strcmp(type, readers[i].name) == 0) return readers[i].read(draft, type, value);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(type, plain[i].name) != 0) continue;
        explaint_status status = xp_part_keys(draft, value, "a normalizer without settings", keys);
        return status == EXPLAINT_OK ? add_kind(draft, plain[i].kind) : status;
    }
    return xp_part_not_implemented(
        draft, "normalizer", type,
        "BertNormalizer, NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Nmt, Strip, Replace, "
        "Prepend, Precompiled, ByteLevel or a Sequence of these");
}

static const char *type_of(xp_draft *draft, const xp_value *value) {
    static const char *const telling[] = {"clean_text", "handle_chinese_chars", "lowercase", NULL};
    return xp_part_type(draft, value, "normalizer", telling, "BertNormalizer");
}

explaint_status xp_tokenizer_read_normalizer(xp_draft *draft, const xp_value *root) {
    static const xp_part_kind kind = {"normalizer", "normalizers", type_of, read_normalizer};
    return xp_part_each(draft, root, &kind);
}
