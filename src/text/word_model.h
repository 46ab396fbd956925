/* A model: a word to pieces of the vocabulary. One file a kind: wordpiece.c, bpe.c, unigram.c. */
#ifndef XP_TEXT_WORD_MODEL_H
#define XP_TEXT_WORD_MODEL_H

#include "base/error.h"
#include "base/view.h"
#include "text/trie.h"

/* A piece of a word: its bytes there, and a begin that is never behind the end. */
typedef struct xp_word_cut {
    int32_t id;
    uint32_t begin, end;
    bool
        literal; /* the piece's own text is that of the word, not that of the vocabulary (an unknown piece of Unigram) */
} xp_word_cut;

/* The pieces of a word, and what models work on. Zeroed once, used for any number of words. */
typedef struct xp_word_cuts {
    xp_word_cut *cut;
    size_t n, capacity;
    void *scratch[3]; /* of one model's */
    size_t scratch_capacity[3];
} xp_word_cuts;

bool xp_word_cuts_add(xp_word_cuts *cuts, xp_word_cut cut); /* false without memory */
/* scratch[i] with room for n items of that size; NULL without memory. What was in it stays. */
void *xp_word_cuts_scratch(xp_word_cuts *cuts, size_t i, size_t n, size_t size);
void xp_word_cuts_free(xp_word_cuts *cuts);

typedef struct xp_word_model {
    void *self;
    /* cuts: replaced. Errors: EXPLAINT_INVALID where the vocabulary has nothing for the word; EXPLAINT_FAILED. */
    explaint_status (*cut)(const void *self, xp_view word, xp_word_cuts *cuts, explaint_error *error);
    void (*free)(void *self);
} xp_word_model;

/* The ids of <0x00> to <0xFF>; -1: there is no such piece. */
void xp_word_model_bytes(const xp_trie *vocabulary, int32_t id[256]);

/* Each borrows the vocabulary, whose values are ids; false without memory. */

/* WordPiece: the longest piece that fits, again and again; prefix: of pieces that go on. unknown: for words that do not come out, or have
 * more characters than that. */
bool xp_wordpiece_create(const xp_trie *vocabulary, xp_view prefix, size_t max_characters, int32_t unknown,
                         xp_word_model *model);

/* BPE: characters, or bytes, that are joined in pairs, the pair of the lowest rank first, of those the leftmost. */
typedef struct xp_bpe_merge {
    int32_t left, right, made; /* ids */
    uint32_t rank;             /* merges of equal rank: the leftmost */
} xp_bpe_merge;

typedef struct xp_bpe_options {
    xp_view prefix, suffix; /* of characters that do not begin a word; of those that end it. Empty: none */
    int32_t unknown;        /* for characters without a piece; -1: they vanish. XP_BPE_MISSING: named, but no piece */
    bool fuse_unknown;      /* neighbours become one */
    bool byte_fallback;     /* a character without a piece: the pieces <0x00> to <0xFF> of its bytes */
    bool ignore_merges;     /* a word that is a piece is that piece */
} xp_bpe_options;
#define XP_BPE_MISSING (-2)

/* merges: of a pair that stands twice the last counts. The list is read, not kept. Limits: as the trie. */
bool xp_bpe_create(const xp_trie *vocabulary, const xp_bpe_merge *merges, size_t n, const xp_bpe_options *options,
                   xp_word_model *model);

/* Unigram: the pieces whose scores have the largest sum. score: of each id, n of them. unknown: for characters without a piece, -1:
 * there is none. */
bool xp_unigram_create(const xp_trie *vocabulary, const double *score, size_t n, int32_t unknown, bool byte_fallback,
                       xp_word_model *model);

#endif
