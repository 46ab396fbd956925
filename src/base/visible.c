#include "explaint/visible.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Beyond ASCII: what Unicode 15 calls a control or format character, or default-ignorable, or a line or paragraph separator;
 * without the Arabic, Syriac and Kaithi signs over the letters after them, which are format characters and seen. */
static const struct {
    uint32_t first, last;
} invisible[] = {
    {0x80, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},     {0x115f, 0x1160},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_invisible(uint32_t code) {
    for (size_t i = 0; i < sizeof invisible / sizeof *invisible; i++)
        if (code >= invisible[i].first && code <= invisible[i].last) return true;
    return false;
}

/* Bytes of the UTF-8 character at p, which ends with a 0, and its code point; 0: no UTF-8. */
static size_t decode(const unsigned char *p, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = p[0] < 0x80 ? 1 : p[0] < 0xc0 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf8 ? 4 : 0;
    if (length < 2) {
        *code = p[0];
        return length;
    }
    *code = p[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        *code = *code << 6 | (p[i] & 0x3fu);
    }
    const bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < least[length] || surrogate || *code > 0x10ffff ? 0 : length;
}

size_t explaint_visible(const char *text, char shown[EXPLAINT_VISIBLE]) {
    uint32_t code;
    const unsigned char *p = (const unsigned char *)text;
    const size_t length = decode(p, &code);
    if (length == 0 || code < 0x20 || code == 0x7f) {
        snprintf(shown, EXPLAINT_VISIBLE, "\\x%02x", (unsigned)*p);
        return 1;
    }
    if (is_invisible(code)) {
        snprintf(shown, EXPLAINT_VISIBLE, code < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)code);
    } else {
        memcpy(shown, text, length);
        shown[length] = 0;
    }
    return length;
}

void explaint_visible_text(const char *text, char *out, size_t size) {
    char shown[EXPLAINT_VISIBLE];
    size_t at = 0;
    while (*text != 0) {
        text += explaint_visible(text, shown);
        const size_t length = strlen(shown);
        if (at + length + 1 > size) break;
        memcpy(out + at, shown, length);
        at += length;
    }
    out[at] = 0;
}
