/* The decoder of a tokenizer.json. One that is not known here is no fault of the file: it is refused where text is asked for. */
#include "base/memory.h"
#include "text/part_read.h"
#include "text/tokenizer_read.h"

/* Adds the step, where it could be read. */
static explaint_status end_step(xp_draft *draft, explaint_status status, xp_decode step) {
    if (status == EXPLAINT_OK)
        return xp_decoder_add(&draft->t->decoder, step)
                   ? status
                   : XP_PART_REFUSE(draft, "the decoder has more than %d steps", XP_DECODES);
    xp_pattern_free(step.pattern);
    xp_free(step.content);
    return status;
}

static explaint_status plain(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    (void)value, (void)part;
    return end_step(draft, EXPLAINT_OK, (xp_decode){.kind = (xp_decode_kind)kind});
}

static explaint_status strip(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_decode step = {.kind = (xp_decode_kind)kind};
    uint32_t point = 0;
    explaint_status status = xp_part_character(draft, value, part, "content", &point);
    if (status == EXPLAINT_OK) status = xp_part_size(draft, value, part, "start", &step.first);
    if (status == EXPLAINT_OK) status = xp_part_size(draft, value, part, "stop", &step.last);
    if (status == EXPLAINT_OK) status = xp_part_copy(draft, value, part, "content", &step.content);
    return end_step(draft, status, step);
}

static explaint_status metaspace(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    const char *scheme = xp_value_string(xp_value_member(value, "prepend_scheme"));
    xp_decode step = {.kind = (xp_decode_kind)kind,
                      .flag = !xp_value_is_off(xp_value_member(value, "add_prefix_space")) ||
                              xp_value_is_null(xp_value_member(value, "add_prefix_space"))};
    uint32_t point = 0;
    if (scheme != NULL) step.flag = strcmp(scheme, "never") != 0;
    explaint_status status = xp_part_character(draft, value, part, "replacement", &point);
    if (status == EXPLAINT_OK) status = xp_part_copy(draft, value, part, "replacement", &step.content);
    return end_step(draft, status, step);
}

static explaint_status wordpiece(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_decode step = {.kind = (xp_decode_kind)kind};
    explaint_status status = xp_part_bool(draft, value, part, "cleanup", &step.flag);
    if (status == EXPLAINT_OK) status = xp_part_copy(draft, value, part, "prefix", &step.content);
    return end_step(draft, status, step);
}

static explaint_status replace(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_decode step = {.kind = (xp_decode_kind)kind};
    explaint_status status = xp_part_pattern(draft, value, part, &step.pattern);
    if (status == EXPLAINT_OK) status = xp_part_copy(draft, value, part, "content", &step.content);
    return end_step(draft, status, step);
}

static explaint_status suffix(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    xp_decode step = {.kind = (xp_decode_kind)kind};
    const explaint_status status = xp_part_copy(draft, value, part, "suffix", &step.content);
    return end_step(draft, status, step);
}

static const xp_part_entry entries[] = {{"ByteLevel", {NULL}, XP_DECODE_BYTES, plain},
                                        {"ByteFallback", {NULL}, XP_DECODE_BYTE_FALLBACK, plain},
                                        {"Fuse", {NULL}, XP_DECODE_FUSE, plain},
                                        {"WordPiece", {NULL}, XP_DECODE_WORDPIECE, wordpiece},
                                        {"Metaspace", {NULL}, XP_DECODE_METASPACE, metaspace},
                                        {"Replace", {NULL}, XP_DECODE_REPLACE, replace},
                                        {"Strip", {NULL}, XP_DECODE_STRIP, strip},
                                        {"BPEDecoder", {NULL}, XP_DECODE_SUFFIX, suffix}};

explaint_status xp_tokenizer_read_decoder(xp_draft *draft, const xp_value *root) {
    static const xp_part_kind kind = {"decoder", "decoders", entries, sizeof entries / sizeof entries[0], NULL, NULL};
    explaint_error unseen = {0}, *error = draft->error;
    draft->error = &unseen;
    explaint_status status = xp_part_each(draft, root, &kind);
    draft->error = error;
    if (status == EXPLAINT_FAILED) {
        *error = unseen;
        return status;
    }
    if (status != EXPLAINT_OK) {
        xp_decoder_clear(&draft->t->decoder);
        draft->t->decoder.not_known = xp_strdup(unseen.message);
        if (draft->t->decoder.not_known == NULL) return xp_no_memory(error, "a tokenizer");
    }
    draft->t->decoder.present = !xp_value_is_null(xp_value_member(root, "decoder"));
    return EXPLAINT_OK;
}
