/* What is to be said of texts before anybody believes a number of them.
 *
 *     xp_unknown u = {0};
 *     for (size_t i = 0; i < n; i++) xp_unknown_count(&u, tokenizer, &encoding[i]);
 *     xp_unknown_say(&u, &text);        // nothing where all pieces are known
 */
#ifndef XP_TEXT_NOTES_H
#define XP_TEXT_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strings.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"

/* Pieces that stand for what the vocabulary lacks, and the texts that have one. Special tokens count among neither. */
typedef struct xp_unknown {
    size_t n_texts, n_pieces, texts, pieces;
} xp_unknown;

void xp_unknown_count(xp_unknown *unknown, const explaint_tokenizer *tokenizer, const explaint_encoding *encoding);
bool xp_unknown_many(
    const xp_unknown *unknown); /* a tenth: what comes of the model is of little worth, and a note becomes a warning */
void xp_unknown_say(const xp_unknown *unknown, xp_text *text);

/* Texts without a word, which are texts all the same; nothing where there is none. */
void xp_blank_say(const explaint_texts *texts, xp_text *text);

#endif
