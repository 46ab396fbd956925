/* Bytes made smaller, as a browser's DecompressionStream("deflate") reads them (RFC 1950). */
#ifndef XP_FORMATS_DEFLATE_H
#define XP_FORMATS_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>

/* *out is released by xp_free. false: no memory. */
bool xp_deflate_pack(const void *bytes, size_t size, void **out, size_t *length);

#endif
