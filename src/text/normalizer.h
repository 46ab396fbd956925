/* BertNormalizer: text as the vocabulary has it, and for each byte of it where it came from.
 *
 * A normalizer is a list of steps, each over the whole text, as the oracle does them: what one leaves is what the next
 * sees. ASCII goes through a table. Everything else goes through the steps in short runs, which end where no combining mark
 * can reach over: before a starter.
 *
 * Easy to get wrong:
 * - A removed character between a letter and a mark joins them; a run does not end there.
 * - Marks are put in order with their places, so a mark may report the place of its neighbour. The oracle hands places out
 *   one after the other to what was decomposed, in the new order; so does `take_places`.
 * - U+0130 becomes two characters in lower case and both have its place.
 */
#ifndef XP_TEXT_NORMALIZER_H
#define XP_TEXT_NORMALIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum xp_step {
    XP_STEP_CLEAN,      /* control characters go, white space becomes a space */
    XP_STEP_IDEOGRAPHS, /* spaces around each */
    XP_STEP_STRIP,      /* decomposed, put in order, without nonspacing marks */
    XP_STEP_LOWER
} xp_step;

#define XP_STEPS 64
#define XP_ASCII_REMOVED 0x80

typedef struct xp_normalizer {
    uint8_t step[XP_STEPS];
    size_t n;
    uint8_t ascii[128]; /* what becomes of each; filled by xp_normalizer_ready */
} xp_normalizer;

/* Once the steps are there. */
void xp_normalizer_ready(xp_normalizer *normalizer);
/* Capitals become small: what is compared with its pieces may be compared so, too. */
bool xp_normalizer_lowers(const xp_normalizer *normalizer);

typedef struct xp_item {
    uint32_t point, origin;
    uint8_t order, joined; /* joined: came out of the one before it, shares its place */
} xp_item;

/* Text that grows, and what the steps work on. Zeroed once, used for any number of texts. */
typedef struct xp_normalized {
    char *text;
    uint32_t *origin; /* of each byte of text: where the character that it came from begins */
    size_t length, capacity;
    xp_item *item, *spare;
    size_t item_capacity;
} xp_normalized;

/* Of text[begin, end), which is UTF-8; origins count from text. false without memory. */
bool xp_normalizer_run(const xp_normalizer *normalizer, const char *text, size_t begin, size_t end, xp_normalized *out);
void xp_normalized_free(xp_normalized *normalized);

#endif
