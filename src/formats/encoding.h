/* What encoding a text is in. Everything behind the readers is UTF-8 without byte order mark and without NUL. */
#ifndef XP_FORMATS_ENCODING_H
#define XP_FORMATS_ENCODING_H

#include "base/strings.h"
#include "formats/file.h"

/* "UTF-16", "UTF-16LE", "UTF-16BE" or "UTF-32" (iconv's names) by byte order mark or by NULs at every other byte;
 * NULL: none. */
const char *xp_encoding_wide(const char *data, size_t size);

/* EXPLAINT_INVALID with the command that converts the file. */
explaint_status xp_encoding_refuse_wide(const char *path, const char *name, explaint_error *error);

/* Where the first byte that is no UTF-8 (RFC 3629: no surrogates, no overlong forms) stands; size if there is none. */
size_t xp_encoding_invalid(const char *data, size_t size);

/* A code point as UTF-8; how many bytes, 0: it is none (a surrogate, or beyond U+10FFFF). */
size_t xp_encoding_put(uint32_t point, char out[4]);

/* Appends to text. Bytes 0x80 to 0x9f are read as Windows-1252, which has quotes and dashes where Latin-1 has control
 * characters that no file means. */
void xp_encoding_latin1(const char *data, size_t size, xp_text *text);

/* A whole text file: strips the mark, refuses UTF-16 and NUL bytes, converts Latin-1. notes says what was done. */
explaint_status xp_encoding_decode(const char *path, xp_bytes *bytes, xp_strings *notes, explaint_error *error);

#endif
