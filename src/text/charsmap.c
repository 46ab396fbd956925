#include "text/charsmap.h"

#include <stdint.h>

#include "base/memory.h"
#include "formats/encoding.h"

struct xp_charsmap {
    uint32_t *unit;
    size_t n_units;
    char *replacement; /* all of them */
    size_t size;
};

static uint32_t little(const char *at) {
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static explaint_status refuse(const char *path, const char *why, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, path, 0, "the precompiled_charsmap of the normalizer Precompiled %s", why);
}

explaint_status xp_charsmap_create(const char *bytes, size_t size, const char *path, xp_charsmap **map,
                                   explaint_error *error) {
    if (size < 8) return refuse(path, "is too short for one", error);
    const size_t n = little(bytes) / 4;
    if (n == 0 || n > (size - 4) / 4) return refuse(path, "is shorter than it says", error);
    const char *replacement = bytes + 4 + 4 * n;
    const size_t left = size - 4 - 4 * n;
    if (xp_encoding_invalid(replacement, left) < left)
        return refuse(path, "has replacements that are not UTF-8", error);
    xp_charsmap *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "a normalizer");
    made->unit = xp_alloc(n, sizeof *made->unit);
    made->replacement = xp_strndup(replacement, left); /* with zeros inside */
    made->n_units = n;
    made->size = left;
    if (made->unit == NULL || made->replacement == NULL) {
        xp_charsmap_free(made);
        return xp_no_memory(error, "a normalizer");
    }
    for (size_t i = 0; i < n; i++) made->unit[i] = little(bytes + 4 + 4 * i);
    *map = made;
    return EXPLAINT_OK;
}

static int value_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

explaint_status xp_charsmap_decode(xp_view base64, const char *path, xp_charsmap **map, explaint_error *error) {
    size_t length = base64.length, made = 0;
    bool good = length % 4 == 0;
    for (int i = 0; i < 2 && length > 0 && base64.data[length - 1] == '='; i++) length--;
    char *bytes = xp_alloc(base64.length, 1);
    if (bytes == NULL) return xp_no_memory(error, "a normalizer");
    uint32_t bits = 0;
    for (size_t i = 0; i < length && good; i++) {
        const int value = value_of(base64.data[i]);
        good = value >= 0;
        bits = (bits << 6 | ((uint32_t)value & 63)) & 0xffffff;
        if (i % 4 > 0) bytes[made++] = (char)(bits >> (6 - 2 * (i % 4)) & 0xff);
    }
    explaint_status status =
        good ? xp_charsmap_create(bytes, made, path, map, error) : refuse(path, "is no base64", error);
    xp_free(bytes);
    return status;
}

void xp_charsmap_free(xp_charsmap *map) {
    if (map == NULL) return;
    xp_free_all(map->unit, map->replacement, map);
}

/* darts-clone: where a unit's children lie, relative to it by exclusive or */
static size_t offset(uint32_t unit) { return (size_t)(unit >> 10) << ((unit & 1u << 9) >> 6); }
static bool has_leaf(uint32_t unit) { return (unit >> 8 & 1) != 0; }
static uint32_t label(uint32_t unit) { return unit & (1u << 31 | 0xff); }

bool xp_charsmap_find(const xp_charsmap *map, const char *text, size_t length, xp_view *replacement) {
    size_t at = offset(map->unit[0]);
    for (size_t i = 0; i < length && text[i] != 0; i++) {
        const uint32_t byte = (unsigned char)text[i];
        at ^= byte;
        if (at >= map->n_units || label(map->unit[at]) != byte) return false;
        const uint32_t unit = map->unit[at];
        at ^= offset(unit);
        if (!has_leaf(unit)) continue;
        const size_t place = at < map->n_units ? map->unit[at] & ((1u << 31) - 1) : SIZE_MAX;
        if (place > map->size) return false; /* a hostile map */
        const bool inside = place < map->size && ((unsigned char)map->replacement[place] & 0xc0) == 0x80;
        *replacement = (xp_view){map->replacement + place, strlen(map->replacement + place)};
        return !inside;
    }
    return false;
}
