/* Texts with what a model makes of them: ids, states of every layer, maps of every head. */
#ifndef XP_ATTENTION_CORPUS_H
#define XP_ATTENTION_CORPUS_H

#include <stdbool.h>

#include "attention/damage.h"
#include "explaint/model.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"

typedef struct xp_encoded_text { /* one text */
    size_t n;
    int32_t *id;           /* and the four that follow, in one block */
    uint32_t *begin, *end; /* bytes of the text */
    int32_t *word;         /* number of the word in the text; -1: added by the template */
    uint8_t *special;      /* of a decoder piece 0 as well, which every row sees */
    float *states;         /* (L + 1) x n x width; NULL: not asked for, or not run yet */
    float *maps;           /* L x heads x n x n */
} xp_encoded_text;

typedef struct xp_corpus {
    const explaint_model *model;
    size_t n_layers, n_heads, width;
    bool causal; /* a decoder's */
    size_t n_texts, n_rows, longest;
    size_t cut; /* texts that were longer than the model's positions, or than they were to be */
    xp_encoded_text *text;
} xp_corpus;

typedef struct xp_corpus_options {
    size_t truncate;   /* pieces of a text, at most; 0: a text longer than the model's positions is an error */
    size_t rows;       /* stop when so many pieces are there; 0: all texts */
    size_t first;      /* text to begin with */
    size_t most_texts; /* 0: all */
    size_t exactly;    /* texts of fewer pieces are left out; 0: none is */
    const explaint_texts *without; /* texts that are among these are left out; NULL: none */
} xp_corpus_options;

/* Pieces of texts; without a token: an error. Nothing is run yet. */
explaint_status xp_corpus_encode(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                 const explaint_texts *texts, const xp_corpus_options *options, xp_corpus *corpus,
                                 explaint_error *error);
/* States of all layers and, with `maps`, all maps of texts first .. first + n - 1. beside: who else looks at hidden states and rows of
 * attention in the same run, text 0 being `first`; NULL: nobody. */
explaint_status xp_corpus_run(xp_corpus *corpus, const explaint_model *model, size_t first, size_t n, bool maps,
                              const explaint_observer *beside, unsigned threads, explaint_error *error);
/* Forgets states and maps of these texts. */
void xp_corpus_forget(xp_corpus *corpus, size_t first, size_t n);
void xp_corpus_free(xp_corpus *corpus);

static inline const float *xp_corpus_states(const xp_corpus *c, size_t text, size_t layer) {
    return c->text[text].states + layer * c->text[text].n * c->width;
}
static inline const float *xp_corpus_map(const xp_corpus *c, size_t text, size_t layer,
                                         size_t head) { /* layer from 1 */
    const size_t n = c->text[text].n;
    return c->text[text].maps + ((layer - 1) * c->n_heads + head) * n * n;
}

#endif
