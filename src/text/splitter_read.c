/* The pre_tokenizer of a tokenizer.json. */
#include "text/byte_level.h"
#include "text/part_read.h"
#include "text/tokenizer_read.h"

static explaint_status add(xp_draft *draft, xp_split step) {
    return xp_splitter_add(&draft->t->splitter, step)
               ? EXPLAINT_OK
               : XP_PART_REFUSE(draft, "the pre_tokenizer has more than %d steps", XP_SPLITS);
}

/* Absent: as it was, where that is allowed. */
static explaint_status get_behaviour(xp_draft *draft, const xp_value *value, const char *part, bool must,
                                     xp_behaviour *behaviour) {
    static const char *const names[] = {"Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"};
    const xp_value *said = xp_value_member(value, "behavior");
    const char *name = xp_value_string(said);
    if (said == NULL && !must) return EXPLAINT_OK;
    for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            *behaviour = (xp_behaviour)i;
            return EXPLAINT_OK;
        }
    return xp_part_unexpected(draft, part, "behavior",
                              "Removed, Isolated, Contiguous, MergedWithPrevious or MergedWithNext", said);
}

static explaint_status split(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type", "pattern", "behavior", "invert", NULL};
    static const char part[] = "the pre_tokenizer Split";
    xp_split step = {.kind = XP_SPLIT_PATTERN};
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = get_behaviour(draft, value, part, true, &step.behaviour);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "invert", &step.invert);
    if (status == EXPLAINT_OK) status = xp_part_pattern(draft, value, part, &step.pattern);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status byte_level(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type", "add_prefix_space", "trim_offsets", "use_regex", NULL};
    static const char part[] = "the pre_tokenizer ByteLevel";
    bool prefix = false, trims, cuts = true;
    xp_split step = {.kind = XP_SPLIT_BYTES};
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "add_prefix_space", &prefix);
    if (status == EXPLAINT_OK)
        status = xp_part_bool(draft, value, part, "trim_offsets", &trims); /* of the decoder's kind */
    if (status == EXPLAINT_OK) status = xp_part_bool_or(draft, value, part, "use_regex", &cuts);
    if (status == EXPLAINT_OK && cuts) {
        const xp_view words = {xp_byte_level_words, strlen(xp_byte_level_words)};
        status = xp_pattern_create(words, true, draft->path, part, &step.pattern, draft->error);
    }
    step.prefix = prefix ? XP_PREFIX_ALWAYS : XP_PREFIX_NEVER;
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status get_scheme(xp_draft *draft, const xp_value *value, const char *part, xp_prefix *prefix) {
    static const char *const names[] = {"never", "first", "always"};
    const xp_value *scheme = xp_value_member(value, "prepend_scheme"),
                   *old = xp_value_member(value, "add_prefix_space");
    const char *name = xp_value_string(scheme);
    bool before = true;
    size_t i = 2;
    if (scheme != NULL)
        for (i = 0; i < 3 && (name == NULL || strcmp(name, names[i]) != 0);) i++;
    if (i == 3) return xp_part_unexpected(draft, part, "prepend_scheme", "always, first or never", scheme);
    if (!xp_value_is_null(old) && !xp_value_bool(old, &before))
        return xp_part_unexpected(draft, part, "add_prefix_space", "true, false or null", old);
    if (!before && i != XP_PREFIX_NEVER) /* as the oracle has it, also where prepend_scheme is not said */
        return xp_part_unexpected(draft, part, "prepend_scheme", "never, as add_prefix_space is false", scheme);
    *prefix = (xp_prefix)i;
    return EXPLAINT_OK;
}

static explaint_status metaspace(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type",    "replacement", "add_prefix_space", "prepend_scheme", "split",
                                       "str_rep", NULL};
    static const char part[] = "the pre_tokenizer Metaspace";
    xp_split step = {.kind = XP_SPLIT_METASPACE, .cuts = true};
    explaint_status status = xp_part_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_character(draft, value, part, "replacement", &step.point);
    if (status == EXPLAINT_OK) status = get_scheme(draft, value, part, &step.prefix);
    if (status == EXPLAINT_OK && !xp_value_is_null(xp_value_member(value, "split")))
        status = xp_part_bool(draft, value, part, "split", &step.cuts);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status by_characters(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const punctuation[] = {"type", "behavior", NULL},
                             *const digits[] = {"type", "individual_digits", NULL},
                             *const delimiter[] = {"type", "delimiter", NULL},
                             *const fixed[] = {"type", "length", NULL};
    xp_split step = {.kind = XP_SPLIT_PUNCTUATION, .behaviour = XP_ISOLATED, .length = 5};
    explaint_status status;
    if (strcmp(type, "Punctuation") == 0) {
        status = xp_part_keys(draft, value, "the pre_tokenizer Punctuation", punctuation);
        if (status == EXPLAINT_OK)
            status = get_behaviour(draft, value, "the pre_tokenizer Punctuation", false, &step.behaviour);
    } else if (strcmp(type, "Digits") == 0) {
        bool alone = false;
        step.kind = XP_SPLIT_DIGITS;
        status = xp_part_keys(draft, value, "the pre_tokenizer Digits", digits);
        if (status == EXPLAINT_OK)
            status = xp_part_bool(draft, value, "the pre_tokenizer Digits", "individual_digits", &alone);
        if (!alone) step.behaviour = XP_CONTIGUOUS;
    } else if (strcmp(type, "CharDelimiterSplit") == 0) {
        step.kind = XP_SPLIT_DELIMITER;
        step.behaviour = XP_REMOVED;
        status = xp_part_keys(draft, value, "the pre_tokenizer CharDelimiterSplit", delimiter);
        if (status == EXPLAINT_OK)
            status = xp_part_character(draft, value, "the pre_tokenizer CharDelimiterSplit", "delimiter", &step.point);
    } else {
        step.kind = XP_SPLIT_LENGTH;
        status = xp_part_keys(draft, value, "the pre_tokenizer FixedLength", fixed);
        if (status == EXPLAINT_OK && xp_value_member(value, "length") != NULL)
            status = xp_part_size(draft, value, "the pre_tokenizer FixedLength", "length", &step.length);
        if (status == EXPLAINT_OK && step.length == 0)
            status = xp_part_unexpected(draft, "the pre_tokenizer FixedLength", "length", "1 or more",
                                        xp_value_member(value, "length"));
    }
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static const struct {
    const char *name;
    xp_split_kind kind;
} plain[] = {{"BertPreTokenizer", XP_SPLIT_BERT}, {"Whitespace", XP_SPLIT_WORDS}, {"WhitespaceSplit", XP_SPLIT_SPACES}};

static explaint_status read_pre_tokenizer(xp_draft *draft, const char *type, const xp_value *value) {
    static const char *const keys[] = {"type", NULL}, *const others[] = {"Punctuation", "Digits", "CharDelimiterSplit",
                                                                         "FixedLength"};
    if (strcmp(type, "Split") == 0) return split(draft, value);
    if (strcmp(type, "ByteLevel") == 0) return byte_level(draft, value);
    if (strcmp(type, "Metaspace") == 0) return metaspace(draft, value);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(type, others[i]) == 0) return by_characters(draft, type, value);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(type, plain[i].name) != 0) continue;
        explaint_status status = xp_part_keys(draft, value, "a pre_tokenizer without settings", keys);
        return status == EXPLAINT_OK ? add(draft, (xp_split){.kind = plain[i].kind, .behaviour = XP_REMOVED}) : status;
    }
    return xp_part_not_implemented(
        draft, "pre_tokenizer", type,
        "BertPreTokenizer, ByteLevel, Metaspace, Split, Whitespace, WhitespaceSplit, Punctuation, "
        "Digits, CharDelimiterSplit, FixedLength or a Sequence of these");
}

static const char *type_of(xp_draft *draft, const xp_value *value) {
    return xp_part_type(draft, value, "pre_tokenizer", NULL, NULL);
}

explaint_status xp_tokenizer_read_pre_tokenizer(xp_draft *draft, const xp_value *root) {
    static const xp_part_kind kind = {"pre_tokenizer", "pretokenizers", type_of, read_pre_tokenizer};
    return xp_part_each(draft, root, &kind);
}
