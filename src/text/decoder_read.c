/* The decoder of a tokenizer.json. One that is not known here is no fault of the file: it is refused where text is asked for. */
#include "base/memory.h"
#include "text/part_read.h"
#include "text/tokenizer_read.h"

static explaint_status read_strip(xp_draft *draft, const xp_value *value, xp_decode *step) {
    static const char part[] = "the decoder Strip";
    uint32_t point = 0;
    step->kind = XP_DECODE_STRIP;
    explaint_status status = xp_part_character(draft, value, part, "content", &point);
    if (status == EXPLAINT_OK) status = xp_part_size(draft, value, part, "start", &step->first);
    if (status == EXPLAINT_OK) status = xp_part_size(draft, value, part, "stop", &step->last);
    return status == EXPLAINT_OK ? xp_part_copy(draft, value, part, "content", &step->content) : status;
}

static explaint_status read_metaspace(xp_draft *draft, const xp_value *value, xp_decode *step) {
    static const char part[] = "the decoder Metaspace";
    const char *scheme = xp_value_string(xp_value_member(value, "prepend_scheme"));
    uint32_t point = 0;
    step->kind = XP_DECODE_METASPACE;
    step->flag = !xp_value_is_off(xp_value_member(value, "add_prefix_space")) ||
                 xp_value_is_null(xp_value_member(value, "add_prefix_space"));
    if (scheme != NULL) step->flag = strcmp(scheme, "never") != 0;
    explaint_status status = xp_part_character(draft, value, part, "replacement", &point);
    return status == EXPLAINT_OK ? xp_part_copy(draft, value, part, "replacement", &step->content) : status;
}

static explaint_status read_wordpiece(xp_draft *draft, const xp_value *value, xp_decode *step) {
    static const char part[] = "the decoder WordPiece";
    step->kind = XP_DECODE_WORDPIECE;
    explaint_status status = xp_part_bool(draft, value, part, "cleanup", &step->flag);
    return status == EXPLAINT_OK ? xp_part_copy(draft, value, part, "prefix", &step->content) : status;
}

static explaint_status read_replace(xp_draft *draft, const xp_value *value, xp_decode *step) {
    static const char part[] = "the decoder Replace";
    step->kind = XP_DECODE_REPLACE;
    explaint_status status = xp_part_pattern(draft, value, part, &step->pattern);
    return status == EXPLAINT_OK ? xp_part_copy(draft, value, part, "content", &step->content) : status;
}

static explaint_status read_suffix(xp_draft *draft, const xp_value *value, xp_decode *step) {
    step->kind = XP_DECODE_SUFFIX;
    return xp_part_copy(draft, value, "the decoder BPEDecoder", "suffix", &step->content);
}

static const struct {
    const char *name;
    xp_decode_kind kind;
    explaint_status (*read)(xp_draft *draft, const xp_value *value, xp_decode *step); /* NULL: there is nothing more */
} readers[] = {{"ByteLevel", XP_DECODE_BYTES, NULL},
               {"ByteFallback", XP_DECODE_BYTE_FALLBACK, NULL},
               {"Fuse", XP_DECODE_FUSE, NULL},
               {"WordPiece", XP_DECODE_WORDPIECE, read_wordpiece},
               {"Metaspace", XP_DECODE_METASPACE, read_metaspace},
               {"Replace", XP_DECODE_REPLACE, read_replace},
               {"Strip", XP_DECODE_STRIP, read_strip},
               {"BPEDecoder", XP_DECODE_SUFFIX, read_suffix}};

static explaint_status read_decoder(xp_draft *draft, const char *type, const xp_value *value) {
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (strcmp(type, readers[i].name) != 0) continue;
        xp_decode step = {.kind = readers[i].kind};
        explaint_status status = readers[i].read != NULL ? readers[i].read(draft, value, &step) : EXPLAINT_OK;
        if (status == EXPLAINT_OK)
            return xp_decoder_add(&draft->t->decoder, step)
                       ? status
                       : XP_PART_REFUSE(draft, "the decoder has more than %d steps", XP_DECODES);
        xp_pattern_free(step.pattern);
        xp_free(step.content);
        return status;
    }
    return xp_part_not_implemented(
        draft, "decoder", type,
        "ByteLevel, ByteFallback, Fuse, WordPiece, Metaspace, Replace, Strip, BPEDecoder or a "
        "Sequence of these");
}

static const char *type_of(xp_draft *draft, const xp_value *value) {
    return xp_part_type(draft, value, "decoder", NULL, NULL);
}

explaint_status xp_tokenizer_read_decoder(xp_draft *draft, const xp_value *root) {
    static const xp_part_kind kind = {"decoder", "decoders", type_of, read_decoder};
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
