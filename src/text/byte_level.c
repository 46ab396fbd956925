#include "text/byte_level.h"

#include "text/unicode.h"

const char xp_byte_level_words[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/* Bytes that Latin-1 prints stand for themselves; the 68 others, ascending, for U+0100 and on. */
static bool is_printed(uint32_t byte) { return (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte != 0xad); }

static uint32_t character(uint32_t byte) {
    if (is_printed(byte)) return byte;
    if (byte <= 0x20) return 0x100 + byte;
    return byte == 0xad ? 0x100 + 67 : 0x100 + 33 + (byte - 0x7f);
}

int xp_byte_level_byte(uint32_t point) {
    if (point < 0x100) return is_printed(point) ? (int)point : -1;
    if (point < 0x100 + 33) return (int)point - 0x100;
    if (point < 0x100 + 67) return (int)point - 0x100 - 33 + 0x7f;
    return point == 0x100 + 67 ? 0xad : -1;
}

bool xp_byte_level_write(const char *bytes, size_t n, const uint32_t *origin, xp_placed *out) {
    if (!xp_placed_room(out, 2 * n)) return false;
    for (size_t i = 0; i < n; i++) {
        const uint32_t point = character((unsigned char)bytes[i]);
        const size_t length = xp_unicode_encode(point, out->text + out->length);
        for (size_t k = 0; k < length; k++) out->origin[out->length++] = origin[i];
    }
    return true;
}
