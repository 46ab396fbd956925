#include "formats/deflate.h"

#include <limits.h>
#include <zlib.h>

#include "base/memory.h"

bool xp_deflate_pack(const void *bytes, size_t size, void **out, size_t *length) {
    *out = NULL;
    if (size > ULONG_MAX / 2) return false;
    uLongf room = compressBound((uLong)size);
    *out = xp_alloc(room, 1);
    if (*out == NULL) return false;
    if (compress2(*out, &room, bytes, (uLong)size, 6) != Z_OK) { /* only without memory: there is room */
        xp_free(*out);
        *out = NULL;
        return false;
    }
    *length = room;
    return true;
}
