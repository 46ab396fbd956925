/* SHA-256 of bytes as they come: the identity of an input file in every result. Adapter of nettle, which takes
 * the processor's instructions for it where there are some. */
#ifndef XP_BASE_SHA256_H
#define XP_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define XP_SHA256_TEXT 65 /* 64 hex digits and the end */

typedef struct xp_sha256 {
    uint64_t opaque[32]; /* nettle's context; sha256.c checks that it fits */
} xp_sha256;

void xp_sha256_begin(xp_sha256 *hash);
void xp_sha256_add(xp_sha256 *hash, const void *bytes, size_t size);
void xp_sha256_end(xp_sha256 *hash, char text[XP_SHA256_TEXT]);

#endif
