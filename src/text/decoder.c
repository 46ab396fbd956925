#include "text/decoder.h"

#include "base/memory.h"
#include "formats/encoding.h"
#include "text/byte_level.h"
#include "text/unicode.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD, for what is not UTF-8 */

bool xp_decoder_add(xp_decoder *decoder, xp_decode step) {
    if (decoder->n == XP_DECODES) {
        xp_pattern_free(step.pattern);
        xp_free(step.content);
        return false;
    }
    decoder->step[decoder->n++] = step;
    return true;
}

void xp_decoder_clear(xp_decoder *decoder) {
    for (size_t i = 0; i < decoder->n; i++) {
        xp_pattern_free(decoder->step[i].pattern);
        xp_free(decoder->step[i].content);
    }
    xp_free(decoder->not_known);
    *decoder = (xp_decoder){0};
}

/* ---- lists of pieces ---- */

static bool end_piece(xp_decoder_pieces *pieces) {
    size_t *end = xp_grow((void **)&pieces->end, pieces->n, &pieces->capacity, sizeof *end);
    if (end == NULL) return false;
    *end = pieces->text.length;
    pieces->n++;
    return !pieces->text.failed;
}

bool xp_decoder_pieces_add(xp_decoder_pieces *pieces, const char *text, size_t length) {
    xp_text_add(&pieces->text, text, length);
    return end_piece(pieces);
}

void xp_decoder_pieces_free(xp_decoder_pieces *pieces) {
    xp_text_free(&pieces->text);
    xp_free(pieces->end);
    *pieces = (xp_decoder_pieces){0};
}

static xp_view piece_of(const xp_decoder_pieces *pieces, size_t i) {
    const size_t begin = i > 0 ? pieces->end[i - 1] : 0;
    return (xp_view){pieces->end[i] > begin ? pieces->text.data + begin : "", pieces->end[i] - begin};
}

/* ---- bytes ---- */

/* Bytes of one character that is broken, at its begin: as many as could have begun one. */
static size_t broken_length(const unsigned char *at, size_t left) {
    const unsigned lead = at[0];
    const size_t wanted = lead >= 0xc2 && lead < 0xe0   ? 2
                          : lead >= 0xe0 && lead < 0xf0 ? 3
                          : lead >= 0xf0 && lead < 0xf5 ? 4
                                                        : 1;
    size_t n = 1;
    for (; n < wanted && n < left; n++) {
        unsigned low = 0x80, high = 0xbf;
        if (n == 1 && lead == 0xe0) low = 0xa0;
        if (n == 1 && lead == 0xed) high = 0x9f;
        if (n == 1 && lead == 0xf0) low = 0x90;
        if (n == 1 && lead == 0xf4) high = 0x8f;
        if (at[n] < low || at[n] > high) break;
    }
    return n;
}

static void add_lossy(const char *bytes, size_t n, xp_text *text) {
    while (n > 0) {
        const size_t good = xp_encoding_invalid(bytes, n);
        xp_text_add(text, bytes, good);
        bytes += good;
        n -= good;
        if (n == 0) break;
        xp_text_adds(text, REPLACEMENT);
        const size_t broken = broken_length((const unsigned char *)bytes, n);
        bytes += broken;
        n -= broken;
    }
}

static bool decode_bytes(const xp_decoder_pieces *from, xp_decoder_pieces *to) {
    xp_text bytes = {0};
    for (size_t i = 0; i < from->n; i++) {
        const xp_view piece = piece_of(from, i);
        bool all = true;
        for (size_t at = 0; at < piece.length; at += xp_unicode_step(piece.data[at]))
            all &= xp_byte_level_byte(xp_unicode_decode(piece.data + at)) >= 0;
        if (!all) xp_text_add(&bytes, piece.data, piece.length);
        for (size_t at = 0; all && at < piece.length; at += xp_unicode_step(piece.data[at])) {
            const char byte = (char)xp_byte_level_byte(xp_unicode_decode(piece.data + at));
            xp_text_add(&bytes, &byte, 1);
        }
    }
    if (bytes.length > 0) add_lossy(bytes.data, bytes.length, &to->text);
    const bool made = !bytes.failed;
    xp_text_free(&bytes);
    return made && end_piece(to);
}

static int digit_of(char c) {
    const char lower = xp_lower_ascii(c);
    return c >= '0' && c <= '9' ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* -1: the piece is none of <0x00> to <0xFF>. "+F" is a number to the oracle, too. */
static int byte_of(xp_view piece) {
    if (piece.length != 6 || memcmp(piece.data, "<0x", 3) != 0 || piece.data[5] != '>') return -1;
    const int low = digit_of(piece.data[4]), high = piece.data[3] == '+' ? 0 : digit_of(piece.data[3]);
    return low < 0 || high < 0 ? -1 : 16 * high + low;
}

static bool flush_bytes(xp_text *bytes, xp_decoder_pieces *to) {
    bool made = !bytes->failed;
    if (bytes->length > 0 && xp_encoding_invalid(bytes->data, bytes->length) == bytes->length)
        made &= xp_decoder_pieces_add(to, bytes->data, bytes->length);
    else
        for (size_t i = 0; i < bytes->length; i++) made &= xp_decoder_pieces_add(to, REPLACEMENT, 3);
    bytes->length = 0;
    return made;
}

static bool decode_fallback(const xp_decoder_pieces *from, xp_decoder_pieces *to) {
    xp_text bytes = {0};
    bool made = true;
    for (size_t i = 0; made && i < from->n; i++) {
        const xp_view piece = piece_of(from, i);
        const int value = byte_of(piece);
        const char byte = (char)value;
        if (value >= 0)
            xp_text_add(&bytes, &byte, 1);
        else
            made = flush_bytes(&bytes, to) && xp_decoder_pieces_add(to, piece.data, piece.length);
    }
    made = made && flush_bytes(&bytes, to);
    xp_text_free(&bytes);
    return made;
}

/* ---- pieces one by one ---- */

/* Everywhere in text[from, end): in place, as the replacement is never longer. */
static void shorten(xp_text *text, size_t from, const char *old, const char *new) {
    const size_t length = strlen(old), other = strlen(new);
    size_t made = from;
    for (size_t at = from; at < text->length;) {
        if (text->length - at >= length && memcmp(text->data + at, old, length) == 0) {
            memcpy(text->data + made, new, other);
            made += other;
            at += length;
        } else {
            text->data[made++] = text->data[at++];
        }
    }
    text->length = made;
    if (text->data != NULL) text->data[made] = 0;
}

static void add_wordpiece(const xp_decode *step, xp_view piece, bool first, xp_text *text) {
    static const char *const tidy[][2] = {{" .", "."},   {" ?", "?"},     {" !", "!"},    {" ,", ","},
                                          {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},  {" do not", " don't"},
                                          {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"}};
    const size_t from = text->length, length = strlen(step->content);
    const bool goes_on = piece.length >= length && memcmp(piece.data, step->content, length) == 0;
    if (!first && !goes_on) xp_text_adds(text, " ");
    const size_t skip = !first && goes_on ? length : 0;
    xp_text_add(text, piece.data + skip, piece.length - skip);
    for (size_t i = 0; step->flag && !text->failed && i < sizeof tidy / sizeof tidy[0]; i++)
        shorten(text, from, tidy[i][0], tidy[i][1]);
}

static void add_replaced(xp_view piece, const char *old, const char *new, xp_text *text) {
    const size_t length = strlen(old);
    for (const char *at = piece.data, *end = piece.data + piece.length; at < end;) {
        const char *found = length > 0 ? memmem(at, (size_t)(end - at), old, length) : NULL;
        xp_text_add(text, at, (size_t)((found != NULL ? found : end) - at));
        if (found != NULL) xp_text_adds(text, new);
        at = found != NULL ? found + length : end;
    }
}

static void add_stripped(const xp_decode *step, xp_view piece, xp_text *text) {
    const size_t length = strlen(step->content);
    size_t begin = 0, end = piece.length;
    for (size_t i = 0;
         i < step->first && end - begin >= length && memcmp(piece.data + begin, step->content, length) == 0; i++)
        begin += length;
    for (size_t i = 0;
         i < step->last && end - begin >= length && memcmp(piece.data + end - length, step->content, length) == 0; i++)
        end -= length;
    xp_text_add(text, piece.data + begin, end - begin);
}

static explaint_status add_matches(const xp_decode *step, xp_view piece, xp_pattern_scan *scan, xp_text *text,
                                   explaint_error *error) {
    xp_view match;
    bool found = true;
    const char *taken = piece.data;
    if (piece.length == 0) return EXPLAINT_OK;
    explaint_status status = xp_pattern_begin(scan, piece.data, piece.length, error);
    while (status == EXPLAINT_OK) {
        status = xp_pattern_next(step->pattern, scan, &match, &found, error);
        if (status != EXPLAINT_OK || !found) break;
        xp_text_add(text, taken, (size_t)(match.data - taken));
        xp_text_adds(text, step->content);
        taken = match.data + match.length;
    }
    xp_text_add(text, taken, (size_t)(piece.data + piece.length - taken));
    return status;
}

static explaint_status add_piece(const xp_decode *step, const xp_decoder_pieces *from, size_t i, xp_pattern_scan *scan,
                                 xp_text *text, explaint_error *error) {
    const xp_view piece = piece_of(from, i);
    switch (step->kind) {
    case XP_DECODE_WORDPIECE: add_wordpiece(step, piece, i == 0, text); break;
    case XP_DECODE_METASPACE: add_replaced(piece, step->content, i == 0 && step->flag ? "" : " ", text); break;
    case XP_DECODE_SUFFIX: add_replaced(piece, step->content, i + 1 == from->n ? "" : " ", text); break;
    case XP_DECODE_STRIP: add_stripped(step, piece, text); break;
    case XP_DECODE_REPLACE: return add_matches(step, piece, scan, text, error);
    default: xp_text_add(text, piece.data, piece.length);
    }
    return EXPLAINT_OK;
}

static explaint_status take_step(const xp_decode *step, const xp_decoder_pieces *from, xp_decoder_pieces *to,
                                 explaint_error *error) {
    xp_pattern_scan scan = {0};
    explaint_status status = EXPLAINT_OK;
    bool made = true;
    if (step->kind == XP_DECODE_BYTES) {
        made = decode_bytes(from, to);
    } else if (step->kind == XP_DECODE_BYTE_FALLBACK) {
        made = decode_fallback(from, to);
    } else {
        for (size_t i = 0; status == EXPLAINT_OK && made && i < from->n; i++) {
            status = add_piece(step, from, i, &scan, &to->text, error);
            if (step->kind != XP_DECODE_FUSE) made = end_piece(to);
        }
        if (step->kind == XP_DECODE_FUSE) made = end_piece(to);
    }
    xp_pattern_end(&scan);
    return status == EXPLAINT_OK && !made ? xp_no_memory(error, "a text") : status;
}

explaint_status xp_decoder_run(const xp_decoder *decoder, xp_decoder_pieces *pieces, xp_text *text,
                               explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    if (decoder->not_known != NULL) return xp_fail(error, EXPLAINT_INVALID, NULL, 0, "%s", decoder->not_known);
    for (size_t s = 0; status == EXPLAINT_OK && s < decoder->n; s++) {
        xp_decoder_pieces made = {0};
        status = take_step(&decoder->step[s], pieces, &made, error);
        xp_decoder_pieces_free(pieces);
        *pieces = made;
    }
    for (size_t i = 0; status == EXPLAINT_OK && i < pieces->n; i++) {
        const xp_view piece = piece_of(pieces, i);
        if (i > 0 && !decoder->present) xp_text_adds(text, " ");
        xp_text_add(text, piece.data, piece.length);
    }
    return status == EXPLAINT_OK && (text->failed || pieces->text.failed) ? xp_no_memory(error, "a text") : status;
}
