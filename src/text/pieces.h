/* Many texts to pieces, on threads.
 *
 *     xp_pieces pieces = {0};
 *     const xp_piece_options options = {.most = info->n_positions, .path = "texts.txt", .by_line = true};
 *     if (xp_pieces_of(tokenizer, text, n, &options, &pieces, error) != EXPLAINT_OK) return error->code;
 *     ... pieces.encoding[i] ...
 *     xp_pieces_free(&pieces); */
#ifndef XP_TEXT_PIECES_H
#define XP_TEXT_PIECES_H

#include "base/view.h"
#include "explaint/tokenizer.h"

typedef struct xp_piece_options {
    size_t most;            /* pieces that a text may have: the positions of the model */
    bool truncate;          /* longer texts are cut, and counted; else refused */
    bool no_special_tokens; /* as explaint_encode_options */
    unsigned threads;       /* 0: all processors */
    const char *path;       /* of the texts, for messages; NULL: they have no file */
    bool by_line;           /* text i stands in line i + 1 */
    const size_t *number;   /* number of each text in its file, from 0; NULL: i */
} xp_piece_options;

typedef struct xp_pieces {
    size_t n;
    explaint_encoding *encoding;
    size_t n_cut; /* texts */
} xp_pieces;

/* Errors: EXPLAINT_INVALID for a text without any piece, or of more than options->most. */
explaint_status xp_pieces_of(const explaint_tokenizer *tokenizer, const xp_view *text, size_t n,
                             const xp_piece_options *options, xp_pieces *pieces, explaint_error *error);
void xp_pieces_free(xp_pieces *pieces);

#endif
