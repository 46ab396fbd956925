/* Text in the making, and for each of its bytes where in the given text the character stands that it came from. */
#ifndef XP_TEXT_PLACED_H
#define XP_TEXT_PLACED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xp_placed {
    char *text;
    uint32_t *origin; /* of each byte of text: the first byte of the character that it came from */
    size_t length, capacity;
} xp_placed;

/* Added to an origin: nothing stands there. What is put in before a text has no extent. */
#define XP_PLACED_NOWHERE 0x80000000u

/* Room for so many more bytes. false without memory. */
bool xp_placed_room(xp_placed *placed, size_t more);
/* Bytes that all came from one character. false without memory. */
bool xp_placed_add(xp_placed *placed, const char *bytes, size_t n, uint32_t origin);
/* A piece of text that brings its origins; NULL: it is a part of the given text, and begins there at byte `from`. */
bool xp_placed_copy(xp_placed *placed, const char *bytes, size_t n, const uint32_t *origin, size_t from);
void xp_placed_swap(xp_placed *a, xp_placed *b);
void xp_placed_free(xp_placed *placed);

#endif
