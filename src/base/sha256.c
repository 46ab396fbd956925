#include "base/sha256.h"

#include <sha2.h>

_Static_assert(sizeof(SHA2_CTX) <= sizeof(xp_sha256), "libmd's context fits");
_Static_assert(_Alignof(SHA2_CTX) <= _Alignof(xp_sha256), "libmd's context is aligned");

void xp_sha256_begin(xp_sha256 *hash) { SHA256Init((SHA2_CTX *)(void *)hash); }

void xp_sha256_add(xp_sha256 *hash, const void *bytes, size_t size) {
    if (size > 0) SHA256Update((SHA2_CTX *)(void *)hash, bytes, size);
}

void xp_sha256_end(xp_sha256 *hash, char text[XP_SHA256_TEXT]) {
    static const char hex[] = "0123456789abcdef";
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Final(digest, (SHA2_CTX *)(void *)hash);
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
        text[2 * i] = hex[digest[i] >> 4];
        text[2 * i + 1] = hex[digest[i] & 15];
    }
    text[2 * SHA256_DIGEST_LENGTH] = 0;
}
