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

static explaint_status split(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_split step = {.kind = (xp_split_kind)kind};
    explaint_status status = get_behaviour(draft, value, part, true, &step.behaviour);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "invert", &step.invert);
    if (status == EXPLAINT_OK) status = xp_part_pattern(draft, value, part, &step.pattern);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status byte_level(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    bool prefix = false, trims, cuts = true;
    xp_split step = {.kind = (xp_split_kind)kind};
    explaint_status status = xp_part_bool(draft, value, part, "add_prefix_space", &prefix);
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

static explaint_status metaspace(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_split step = {.kind = (xp_split_kind)kind, .cuts = true};
    explaint_status status = xp_part_character(draft, value, part, "replacement", &step.point);
    if (status == EXPLAINT_OK) status = get_scheme(draft, value, part, &step.prefix);
    if (status == EXPLAINT_OK && !xp_value_is_null(xp_value_member(value, "split")))
        status = xp_part_bool(draft, value, part, "split", &step.cuts);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status punctuation(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_split step = {.kind = (xp_split_kind)kind, .behaviour = XP_ISOLATED};
    explaint_status status = get_behaviour(draft, value, part, false, &step.behaviour);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status digits(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    bool alone = false;
    explaint_status status = xp_part_bool(draft, value, part, "individual_digits", &alone);
    if (status != EXPLAINT_OK) return status;
    return add(draft, (xp_split){.kind = (xp_split_kind)kind, .behaviour = alone ? XP_ISOLATED : XP_CONTIGUOUS});
}

static explaint_status delimiter(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_split step = {.kind = (xp_split_kind)kind, .behaviour = XP_REMOVED};
    explaint_status status = xp_part_character(draft, value, part, "delimiter", &step.point);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status fixed_length(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_split step = {.kind = (xp_split_kind)kind, .behaviour = XP_ISOLATED, .length = 5};
    const xp_value *length = xp_value_member(value, "length");
    explaint_status status = EXPLAINT_OK;
    if (length != NULL) status = xp_part_size(draft, value, part, "length", &step.length);
    if (status == EXPLAINT_OK && step.length == 0)
        status = xp_part_unexpected(draft, part, "length", "1 or more", length);
    return status == EXPLAINT_OK ? add(draft, step) : status;
}

static explaint_status plain(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    (void)value, (void)part;
    return add(draft, (xp_split){.kind = (xp_split_kind)kind, .behaviour = XP_REMOVED});
}

static const xp_part_entry entries[] = {
    {"BertPreTokenizer", {"type"}, XP_SPLIT_BERT, plain},
    {"ByteLevel", {"type", "add_prefix_space", "trim_offsets", "use_regex"}, XP_SPLIT_BYTES, byte_level},
    {"Metaspace",
     {"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"},
     XP_SPLIT_METASPACE,
     metaspace},
    {"Split", {"type", "pattern", "behavior", "invert"}, XP_SPLIT_PATTERN, split},
    {"Whitespace", {"type"}, XP_SPLIT_WORDS, plain},
    {"WhitespaceSplit", {"type"}, XP_SPLIT_SPACES, plain},
    {"Punctuation", {"type", "behavior"}, XP_SPLIT_PUNCTUATION, punctuation},
    {"Digits", {"type", "individual_digits"}, XP_SPLIT_DIGITS, digits},
    {"CharDelimiterSplit", {"type", "delimiter"}, XP_SPLIT_DELIMITER, delimiter},
    {"FixedLength", {"type", "length"}, XP_SPLIT_LENGTH, fixed_length}};

explaint_status xp_tokenizer_read_pre_tokenizer(xp_draft *draft, const xp_value *root) {
    static const xp_part_kind kind = {
        "pre_tokenizer", "pretokenizers", entries, sizeof entries / sizeof entries[0], NULL, NULL};
    return xp_part_each(draft, root, &kind);
}
