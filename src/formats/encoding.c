#include "formats/encoding.h"

#include <string.h>

#include "base/memory.h"
#include "formats/kinds.h"

static bool starts(const char *data, size_t size, const char *mark, size_t length) {
    return size >= length && memcmp(data, mark, length) == 0;
}

const char *xp_encoding_wide(const char *data, size_t size) {
    if (starts(data, size, "\xff\xfe\0\0", 4) || starts(data, size, "\0\0\xfe\xff", 4)) return "UTF-32";
    if (starts(data, size, "\xff\xfe", 2) || starts(data, size, "\xfe\xff", 2)) return "UTF-16";
    /* Without a mark: text in Latin letters has a NUL in every pair, on the same side. A third is enough to tell. */
    size_t n = size < 4096 ? size & ~(size_t)1 : 4096, even = 0, odd = 0;
    for (size_t i = 0; i < n; i += 2) {
        even += data[i] == 0;
        odd += data[i + 1] == 0;
    }
    if (n >= 8 && 6 * odd >= n && even == 0) return "UTF-16LE";
    if (n >= 8 && 6 * even >= n && odd == 0) return "UTF-16BE";
    return NULL;
}

explaint_status xp_encoding_refuse_wide(const char *path, const char *name, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "expected UTF-8 text, found %s; convert it: iconv -f %s -t UTF-8 FILE > NEW", name, name);
}

/* Length of the sequence at p (1 to 4), or 0 if it is none. */
static size_t sequence(const unsigned char *p, size_t left) {
    unsigned char c = p[0];
    size_t n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    if (n == 0 || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if ((c == 0xE0 && p[1] < 0xA0) || (c == 0xED && p[1] > 0x9F)) return 0; /* overlong; surrogates */
    if ((c == 0xF0 && p[1] < 0x90) || (c == 0xF4 && p[1] > 0x8F)) return 0; /* overlong; beyond U+10FFFF */
    return n;
}

size_t xp_encoding_invalid(const char *data, size_t size) {
    const unsigned char *p = (const unsigned char *)data;
    size_t i = 0;
    while (i < size) {
        uint64_t word; /* eight ASCII bytes at once */
        if (size - i >= 8) {
            memcpy(&word, p + i, 8);
            if ((word & UINT64_C(0x8080808080808080)) == 0) {
                i += 8;
                continue;
            }
        }
        size_t n = sequence(p + i, size - i);
        if (n == 0) return i;
        i += n;
    }
    return size;
}

size_t xp_encoding_put(uint32_t point, char out[4]) {
    size_t n = 0;
    if (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) return 0;
    if (point < 0x80) {
        out[n++] = (char)point;
        return n;
    }
    if (point >= 0x10000) out[n++] = (char)(0xF0 | point >> 18);
    if (point >= 0x800)
        out[n++] = (char)((point >= 0x10000 ? 0x80 : 0xE0) | (point >> 12 & (point >= 0x10000 ? 63 : 15)));
    out[n++] = (char)((point >= 0x800 ? 0x80 : 0xC0) | (point >> 6 & (point >= 0x800 ? 63 : 31)));
    out[n++] = (char)(0x80 | (point & 63));
    return n;
}

void xp_encoding_latin1(const char *data, size_t size, xp_text *text) {
    static const uint16_t windows[32] = {/* 0x80..0x9f; five are not assigned and stay */
                                         0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                         0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                         0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                         0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    size_t from = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)data[i];
        if (c < 0x80) continue;
        xp_text_add(text, data + from, i - from);
        from = i + 1;
        unsigned code = c < 0xA0 ? windows[c - 0x80] : c;
        char out[4];
        xp_text_add(text, out, xp_encoding_put(code, out));
    }
    xp_text_add(text, data + from, size - from);
}

static size_t line_of(const char *data, size_t at) {
    size_t line = 1;
    for (size_t i = 0; i < at; i++) line += data[i] == '\n' || (data[i] == '\r' && data[i + 1] != '\n');
    return line;
}

explaint_status xp_encoding_decode(const char *path, xp_bytes *bytes, xp_strings *notes, explaint_error *error) {
    const char *wide = xp_encoding_wide(bytes->data, bytes->size);
    if (wide != NULL) return xp_encoding_refuse_wide(path, wide, error);
    explaint_status status = xp_kind_refuse(path, bytes->data, bytes->size, XP_READER_TEXT, error);
    if (status != EXPLAINT_OK) return status;
    if (starts(bytes->data, bytes->size, "\xef\xbb\xbf", 3)) {
        bytes->size -= 3;
        memmove(bytes->data, bytes->data + 3, bytes->size + 1); /* with the final 0 */
        if (bytes->size == 0)
            return xp_fail(error, EXPLAINT_INVALID, path, 0, "the file is empty but for a byte order mark");
    }
    const char *nul = memchr(bytes->data, 0, bytes->size);
    if (nul != NULL)
        return xp_fail(error, EXPLAINT_INVALID, path, line_of(bytes->data, (size_t)(nul - bytes->data)),
                       "expected text, found a NUL byte: the file is binary or damaged");
    size_t at = xp_encoding_invalid(bytes->data, bytes->size);
    if (at == bytes->size) return EXPLAINT_OK;

    bool windows = false, mixed = false;
    for (size_t i = 0; i < at; i++) mixed |= (unsigned char)bytes->data[i] >= 0x80;
    for (size_t i = at; i < bytes->size; i++) windows |= (unsigned char)bytes->data[i] - 0x80u < 0x20u;
    xp_text text = {0};
    xp_encoding_latin1(bytes->data, bytes->size, &text);
    bool noted = xp_strings_addf(notes, "read as %s: byte 0x%02x in line %zu is not UTF-8%s",
                                 windows ? "Windows-1252" : "Latin-1", (unsigned)(unsigned char)bytes->data[at],
                                 line_of(bytes->data, at),
                                 mixed ? ", but what stands before it is: the file may be mixed or damaged" : "");
    if (text.failed || !noted) {
        xp_text_free(&text);
        return xp_no_memory(error, "a file's text");
    }
    xp_free(bytes->data);
    bytes->data = text.data;
    bytes->size = text.length;
    return EXPLAINT_OK;
}
