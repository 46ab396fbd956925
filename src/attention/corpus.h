/* Texts with what a model makes of them: ids, states of every layer, maps of every head; and what the
 * rows of these maps are (sides.h). */
#ifndef XP_ATTENTION_CORPUS_H
#define XP_ATTENTION_CORPUS_H

#include <stdbool.h>

#include "attention/damage.h"
#include "attention/sides.h"
#include "base/view.h"
#include "explaint/model.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"
#include "model/run.h"
#include "text/notes.h"

typedef struct xp_encoded_text { /* one text */
    size_t n;
    int32_t *id;           /* and the four that follow, in one block */
    uint32_t *begin, *end; /* bytes of the text */
    int32_t *word;         /* number of the word in the text; -1: added by the template */
    uint8_t *special;      /* of a decoder piece 0 as well, which every row sees */
    float *states;         /* (L + 1) x n x width; NULL: not asked for, or not run yet */
    xp_sides side;         /* what the rows of its maps are */
    float *maps;           /* L x heads x side.n x side.n */
} xp_encoded_text;

typedef struct xp_corpus {
    const explaint_model *model;
    size_t n_layers, n_heads, width;
    bool causal;                     /* a decoder's */
    size_t n_texts, n_rows, longest; /* pieces: of all texts, of one */
    size_t n_sides, most_sides;      /* rows of all maps, of one: no more than pieces */
    bool folds;                      /* maps of some texts are not read as they are made */
    xp_unknown unknown;
    size_t cut; /* texts that were longer than the model's positions, or than they were to be */
    xp_encoded_text *text;
} xp_corpus;

typedef struct xp_corpus_options {
    size_t truncate;   /* pieces of a text, at most; 0: a text longer than the model's positions is an error */
    size_t rows;       /* stop when so many pieces are there; 0: all texts */
    size_t first;      /* text to begin with */
    size_t most_texts; /* 0: all */
    size_t sides;      /* rows of the map: texts of more are cut, texts of fewer left out; 0: neither is */
    xp_sides_how read; /* what the rows of maps are */
    const explaint_texts *without; /* texts that are among these are left out; NULL: none */
} xp_corpus_options;

/* Pieces of texts; without a token: an error. Nothing is run yet. */
explaint_status xp_corpus_encode(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                 const explaint_texts *texts, const xp_corpus_options *options, xp_corpus *corpus,
                                 explaint_error *error);
/* States of all layers and, with `maps`, all maps of texts first .. first + n - 1. beside, watcher: who else looks at hidden states and rows of
 * attention, and at blocks, in the same run, text 0 being `first`; NULL: nobody. */
explaint_status xp_corpus_run(xp_corpus *corpus, const explaint_model *model, size_t first, size_t n, bool maps,
                              const explaint_observer *beside, const xp_run_watcher *watcher, unsigned threads,
                              explaint_error *error);
/* Forgets states and maps of these texts. */
void xp_corpus_forget(xp_corpus *corpus, size_t first, size_t n);
void xp_corpus_free(xp_corpus *corpus);
/* Its rows in another way than the corpus reads them. false: no memory. */
bool xp_corpus_sides(const xp_encoded_text *text, const char *spelled, const xp_sides_how *how, xp_sides *sides);
/* Pieces begin .. end - 1 of a text as it spells them, without blanks around them; nothing where the template added them. */
xp_view xp_corpus_spelled(const xp_encoded_text *text, const char *spelled, size_t begin, size_t end);
/* What row k of a text's map is in the table of words, without position: of several pieces their mean. scratch: width. */
void xp_corpus_word(const xp_corpus *corpus, size_t text, size_t k, double *row, double *scratch);

static inline const float *xp_corpus_states(const xp_corpus *c, size_t text, size_t layer) {
    return c->text[text].states + layer * c->text[text].n * c->width;
}
static inline const float *xp_corpus_map(const xp_corpus *c, size_t text, size_t layer,
                                         size_t head) { /* layer from 1 */
    const size_t n = c->text[text].side.n;
    return c->text[text].maps + ((layer - 1) * c->n_heads + head) * n * n;
}

#endif
