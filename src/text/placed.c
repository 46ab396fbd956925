#include "text/placed.h"

#include <string.h>

#include "base/memory.h"

bool xp_placed_room(xp_placed *placed, size_t more) {
    if (placed->capacity - placed->length >= more && placed->capacity > 0) return true;
    const size_t capacity = placed->length + more + (placed->length + more) / 2 + 16;
    char *text = xp_realloc(placed->text, capacity, 1);
    if (text == NULL) return false;
    placed->text = text;
    uint32_t *origin = xp_realloc(placed->origin, capacity, sizeof *origin);
    if (origin == NULL) return false;
    placed->origin = origin;
    placed->capacity = capacity;
    return true;
}

bool xp_placed_add(xp_placed *placed, const char *bytes, size_t n, uint32_t origin) {
    if (!xp_placed_room(placed, n)) return false;
    for (size_t i = 0; i < n; i++) {
        placed->text[placed->length] = bytes[i];
        placed->origin[placed->length++] = origin;
    }
    return true;
}

bool xp_placed_copy(xp_placed *placed, const char *bytes, size_t n, const uint32_t *origin, size_t from) {
    if (!xp_placed_room(placed, n)) return false;
    if (n == 0) return true;
    uint32_t *to = placed->origin + placed->length;
    memcpy(placed->text + placed->length, bytes, n);
    if (origin != NULL) {
        memcpy(to, origin, n * sizeof *to);
    } else {
        uint32_t character = 0;
        for (size_t i = 0; i < n; i++) {
            if (((unsigned char)bytes[i] & 0xc0) != 0x80) character = (uint32_t)(from + i);
            to[i] = character;
        }
    }
    placed->length += n;
    return true;
}

void xp_placed_swap(xp_placed *a, xp_placed *b) {
    const xp_placed kept = *a;
    *a = *b;
    *b = kept;
}

void xp_placed_free(xp_placed *placed) {
    xp_free_all(placed->text, placed->origin);
    *placed = (xp_placed){0};
}
