/* What Hugging Face's tokenizers think of a code point, and UTF-8.
 *
 * Model vocabularies were cut by programs whose tables came from different versions of Unicode: control characters and
 * punctuation from one of 2016, white space and lower case from today's, decompositions from a third. To get the same pieces
 * the tables are those, taken code point by code point from the pinned oracle (scripts/make-unicode-tables), and nothing here
 * may be "corrected" to a newer standard. tests/oracle/check_tokenizer.py asks the oracle again about each of them.
 */
#ifndef XP_TEXT_UNICODE_H
#define XP_TEXT_UNICODE_H

#include <stddef.h>
#include <stdint.h>

enum {
    XP_UNICODE_REMOVED = 1,      /* clean_text drops it: control, format, private, unassigned; U+0000, U+FFFD */
    XP_UNICODE_BLANK = 2,        /* clean_text makes it a space */
    XP_UNICODE_IDEOGRAPH = 4,    /* handle_chinese_chars puts spaces around it */
    XP_UNICODE_MARK = 8,         /* strip_accents drops it: Mn */
    XP_UNICODE_SPACE = 16,       /* separates words; also what lstrip and rstrip take */
    XP_UNICODE_PUNCTUATION = 32, /* is a word of its own */
    XP_UNICODE_WORD = 64,        /* \w of regular expressions, for single_word */
    XP_UNICODE_DECOMPOSED = 128, /* has a canonical decomposition (Hangul syllables are not marked) */
    XP_UNICODE_LOWERED = 256,    /* has another lower case */
    XP_UNICODE_JOINS = 512,      /* NFC may make one character of it and the one before it */
    XP_UNICODE_NUMERIC = 1024,   /* is a digit to Digits: all of N */
    XP_UNICODE_COMBINING = 2048, /* StripAccents drops it: all of M */
    XP_UNICODE_COMPATIBLE = 4096 /* its compatibility decomposition is not the canonical one */
};

typedef struct xp_unicode {
    uint16_t flags;
    uint8_t order; /* place of the canonical combining class among the classes; 0: a starter */
} xp_unicode;

xp_unicode xp_unicode_of(uint32_t point);

/* The full canonical decomposition (the point itself if there is none); returns how many. */
#define XP_PARTS 4
size_t xp_unicode_decompose(uint32_t point, uint32_t parts[XP_PARTS]);

/* The same for the compatibility decomposition. */
#define XP_COMPATIBLE_PARTS 18
size_t xp_unicode_decompose_compatible(uint32_t point, uint32_t parts[XP_COMPATIBLE_PARTS]);

/* What NFC makes of two characters; 0: they stay two. */
uint32_t xp_unicode_compose(uint32_t first, uint32_t second);

/* Where the grapheme cluster ends that begins at byte `at`. */
size_t xp_unicode_cluster_end(const char *text, size_t length, size_t at);

/* An older character of the same length, category and, where there is one, script where the character is younger than Unicode 13; else
 * itself. */
uint32_t xp_unicode_stand_in(uint32_t point);

/* Lower case without context (a final sigma is an ordinary one); U+0130 has two points, all others one. */
size_t xp_unicode_lower(uint32_t point, uint32_t parts[XP_PARTS]);

/* Of text that is known to be UTF-8. */
static inline size_t xp_unicode_step(char lead) {
    unsigned char c = (unsigned char)lead;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static inline uint32_t xp_unicode_decode(const char *at) {
    const unsigned char *p = (const unsigned char *)at;
    if (p[0] < 0x80) return p[0];
    if (p[0] < 0xe0) return (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
    if (p[0] < 0xf0) return (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return (p[0] & 0x07u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu);
}

/* Writes up to 4 bytes, returns how many. */
size_t xp_unicode_encode(uint32_t point, char *out);

/* How many code points lie in a text. */
size_t xp_unicode_count(const char *text, size_t length);

#endif
