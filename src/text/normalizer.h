/* Text as the vocabulary has it, and for each byte of it where it came from.
 *
 * A normalizer is a list of steps, each over the whole text, as the oracle does them: what one leaves is what the next sees. Steps that
 * look at a character and the marks behind it (normal_steps.h) are done together, in one pass: ASCII goes through a table, everything
 * else in short runs, which end where no mark can reach over: before a starter that joins nothing. The others (Replace and the like)
 * take the text as a whole.
 *
 * Easy to get wrong:
 * - A removed character between a letter and a mark joins them; a run does not end there.
 * - Where composing is a step, a run begins with the ASCII letter before the mark.
 * - What is put in has the place of the character before it; at the beginning of a text it has none (XP_PLACED_NOWHERE).
 */
#ifndef XP_TEXT_NORMALIZER_H
#define XP_TEXT_NORMALIZER_H

#include "text/charsmap.h"
#include "text/normal_steps.h"
#include "text/pattern.h"
#include "text/placed.h"

#define XP_STEPS 64
#define XP_ASCII_REMOVED 0x80

typedef struct xp_normalizer_step {
    xp_step kind;
    xp_pattern *pattern; /* XP_STEP_REPLACE */
    char *content;       /* XP_STEP_REPLACE, XP_STEP_PREPEND */
    xp_charsmap *map;    /* XP_STEP_PRECOMPILED */
} xp_normalizer_step;

/* Steps that are done together. */
typedef struct xp_normalizer_stage {
    size_t first, end; /* of the steps */
    bool whole;        /* one step over the whole text */
    bool composes;
    uint16_t open;      /* characters with any of these flags never end a run */
    uint8_t ascii[128]; /* what becomes of each */
} xp_normalizer_stage;

typedef struct xp_normalizer {
    xp_normalizer_step step[XP_STEPS];
    xp_normalizer_stage stage[XP_STEPS];
    size_t n, n_stages;
} xp_normalizer;

/* false: there are XP_STEPS already. What the step holds is the normalizer's from then on. */
bool xp_normalizer_add(xp_normalizer *normalizer, xp_normalizer_step step);
/* Once the steps are there. */
void xp_normalizer_ready(xp_normalizer *normalizer);
void xp_normalizer_clear(xp_normalizer *normalizer);
/* Capitals become small: what is compared with its pieces may be compared so, too. */
bool xp_normalizer_lowers(const xp_normalizer *normalizer);
bool xp_normalizer_has(const xp_normalizer *normalizer, xp_step kind);

/* A normalized text, and what the steps work on. Zeroed once, used for any number of texts. */
typedef struct xp_normalized {
    xp_placed now, spare;
    xp_normal_items items;
    xp_pattern_scan scan;
} xp_normalized;

/* out->now becomes text[begin, end), which is UTF-8, normalized; origins count from text. Errors: EXPLAINT_INVALID where a regular
 * expression takes too many steps; EXPLAINT_FAILED without memory. */
explaint_status xp_normalizer_run(const xp_normalizer *normalizer, const char *text, size_t begin, size_t end,
                                  xp_normalized *out, explaint_error *error);
void xp_normalized_free(xp_normalized *normalized);

#endif
