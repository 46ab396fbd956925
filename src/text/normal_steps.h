/* What normalizers do to characters and the marks behind them.
 *
 * Easy to get wrong:
 * - Marks are put in order with their places, so a mark may report the place of its neighbour. The oracle hands places out one after
 *   the other, in the new order, to what stands for a character of before; so does `take_places`.
 * - U+0130 becomes two characters in lower case and both have its place.
 */
#ifndef XP_TEXT_NORMAL_STEPS_H
#define XP_TEXT_NORMAL_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum xp_step {
    XP_STEP_CLEAN,      /* control characters go, white space becomes a space */
    XP_STEP_IDEOGRAPHS, /* spaces around each */
    XP_STEP_STRIP,      /* decomposed, put in order, without nonspacing marks */
    XP_STEP_LOWER,
    XP_STEP_NFD,
    XP_STEP_NFKD,
    XP_STEP_NFC,
    XP_STEP_NFKC,
    XP_STEP_ACCENTS, /* without marks of any kind */
    XP_STEP_NMT,     /* as CLEAN, with a list of its own */
    /* these take a text as a whole */
    XP_STEP_REPLACE,
    XP_STEP_PREPEND,
    XP_STEP_TRIM_LEFT,
    XP_STEP_TRIM_RIGHT,
    XP_STEP_PRECOMPILED,
    XP_STEP_BYTES
} xp_step;

typedef struct xp_item {
    uint32_t point, origin;
    int32_t change; /* 1: stands for no character of before; 0: for one; -n: for n + 1 */
    uint8_t order;
} xp_item;

/* Two lists of one capacity. */
typedef struct xp_normal_items {
    xp_item *item, *spare;
    size_t capacity;
} xp_normal_items;

/* Both lists hold n items then; what was in the first one stays. false without memory. */
bool xp_normal_items_room(xp_normal_items *items, size_t n);
void xp_normal_items_free(xp_normal_items *items);

/* A step before XP_STEP_REPLACE: n items of items->item become others, whose number is returned; SIZE_MAX without memory. */
size_t xp_normal_steps_take(xp_step kind, xp_normal_items *items, size_t n);
/* NMT's list: 0: it goes; else what it becomes. U+0000 stays. */
bool xp_normal_steps_nmt(uint32_t point, uint32_t *becomes);
/* The origins of `item` from those of the n characters that it was made of, by its changes. `before`: of what stands before them. */
void xp_normal_steps_place(xp_item *item, size_t made, const xp_item *from, size_t n, uint32_t before);

#endif
