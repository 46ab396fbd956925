/* Maps as bytes within the page, as its script reads them (web/maps.js).
 *
 * An entry is a byte: its square root in 255 steps, so that small shares are told apart and a value is off by at most .004. Special tokens may take nearly all
 * of a row; what is left is what a map without them shows, and then its square roots are doubled, as often as the row says. A block is an element
 * with as many whole maps of one text and kind as make a quarter of a megabyte, one at least, deflated and in base64: what is looked at is read, and nothing
 * else. A head is n x n entries, and a byte for each row: how often the square roots in columns of other than special tokens were doubled. A text of more than
 * XP_BLOCKS_SMALL pieces has its intact heads in small as well, each dot the largest entry below it. */
#ifndef XP_REPORT_BLOCKS_H
#define XP_REPORT_BLOCKS_H

#include "report/maps.h"

enum { XP_BLOCKS_SMALL = 44 };

typedef struct xp_blocks_kept {
    size_t n_texts;  /* from the first: those whose intact map is there */
    size_t left_out; /* damaged and flow maps of these texts that are not */
} xp_blocks_kept;

/* Maps of a block of this text, at most: it has fewer of a kind that has fewer. */
size_t xp_blocks_heads(const xp_maps *maps, size_t text);

/* Writes elements with the ids maps-NUMBER-TEXT-KIND-BLOCK and maps-NUMBER-TEXT-small, at most `most` bytes of them: the first text with its flow and its first
 * damage, which may take more, then the intact maps of the others, their flow, then a damage of all texts after the other. false: no memory. */
bool xp_blocks_write(const xp_maps *maps, size_t number, size_t most, xp_text *out, xp_blocks_kept *blocks);

#endif
