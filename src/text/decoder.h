/* Pieces back to text: a list of steps over the list of pieces, each of which may join or change them. */
#ifndef XP_TEXT_DECODER_H
#define XP_TEXT_DECODER_H

#include "base/strings.h"
#include "text/pattern.h"

#define XP_DECODES 16

typedef enum xp_decode_kind {
    XP_DECODE_BYTES,         /* ByteLevel: one text of all */
    XP_DECODE_WORDPIECE,     /* a space before pieces without the prefix (content) */
    XP_DECODE_METASPACE,     /* the sign (content) becomes a space */
    XP_DECODE_REPLACE,       /* pattern by content */
    XP_DECODE_BYTE_FALLBACK, /* <0x41> becomes the byte */
    XP_DECODE_FUSE,          /* one text of all */
    XP_DECODE_STRIP,         /* up to first, last characters (content) of each piece's ends */
    XP_DECODE_SUFFIX         /* BPEDecoder: content becomes a space, in the last piece nothing */
} xp_decode_kind;

typedef struct xp_decode {
    xp_decode_kind kind;
    xp_pattern *pattern;
    char *content; /* owned; NULL where the kind has none */
    size_t first, last;
    bool flag; /* WORDPIECE: spaces before punctuation go; METASPACE: signs of the first piece go */
} xp_decode;

typedef struct xp_decoder {
    xp_decode step[XP_DECODES];
    size_t n;
    bool present;    /* else the pieces have spaces between them */
    char *not_known; /* why the file's decoder is not done here; NULL: it is */
} xp_decoder;

/* false: there are XP_DECODES already. What the step holds is the decoder's from then on. */
bool xp_decoder_add(xp_decoder *decoder, xp_decode step);
void xp_decoder_clear(xp_decoder *decoder);

/* Pieces, one behind the other. */
typedef struct xp_decoder_pieces {
    xp_text text;
    size_t *end;
    size_t n, capacity;
} xp_decoder_pieces;

bool xp_decoder_pieces_add(xp_decoder_pieces *pieces, const char *text, size_t length); /* false without memory */
void xp_decoder_pieces_free(xp_decoder_pieces *pieces);

/* Their text, appended. pieces are used up. Errors: EXPLAINT_INVALID for a decoder that is not known; EXPLAINT_FAILED. */
explaint_status xp_decoder_run(const xp_decoder *decoder, xp_decoder_pieces *pieces, xp_text *text,
                               explaint_error *error);

#endif
