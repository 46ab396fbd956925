#include "base/sha256.h"

#include <nettle/sha2.h>

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(xp_sha256), "nettle's context fits");
_Static_assert(_Alignof(struct sha256_ctx) <= _Alignof(xp_sha256), "nettle's context is aligned");

static struct sha256_ctx *context(xp_sha256 *hash) { return (struct sha256_ctx *)(void *)hash; }

void xp_sha256_begin(xp_sha256 *hash) { sha256_init(context(hash)); }

void xp_sha256_add(xp_sha256 *hash, const void *bytes, size_t size) {
    if (size > 0) sha256_update(context(hash), size, bytes);
}

void xp_sha256_end(xp_sha256 *hash, char text[XP_SHA256_TEXT]) {
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_digest(context(hash), sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        text[2 * i] = hex[digest[i] >> 4];
        text[2 * i + 1] = hex[digest[i] & 15];
    }
    text[2 * sizeof digest] = 0;
}
