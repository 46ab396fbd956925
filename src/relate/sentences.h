/* Sentences for pairs and their counterfactuals, in pieces, and where the two words stand. */
#ifndef XP_RELATE_SENTENCES_H
#define XP_RELATE_SENTENCES_H

#include "base/strings.h"
#include "explaint/relate.h"

typedef struct xp_sentence_text { /* of one row in one template */
    size_t n;
    int32_t *id;
    uint8_t *special;         /* of a decoder piece 0 as well, which every row sees */
    size_t left[2], right[2]; /* pieces: the first, and behind the last */
} xp_sentence_text;

/* Rows: of each pair that is kept the true one, then one for each set; texts: of each row one for each template. */
typedef struct xp_sentences {
    size_t n_pairs, n_variants, n_rows, n_templates, n_texts, longest;
    size_t *pair;     /* n_pairs: which of the list */
    bool *left_first; /* n_templates */
    xp_sentence_text *text;
    size_t n_unknown, first_unknown; /* pairs with a word that the tokenizer has no pieces for: left out */
    size_t n_mixed, first_mixed;     /* pairs whose words share a piece: left out */
} xp_sentences;

/* The right word of a row of a pair: variant 0 is the true one. */
const char *xp_sentences_right(const explaint_pairs *pairs, size_t pair, size_t variant);

/* templates NULL: those that ship. EXPLAINT_INVALID: a template without its places, or a text longer than the model's positions. */
explaint_status xp_sentences_create(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                    const explaint_pairs *pairs, const explaint_texts *templates, xp_sentences *s,
                                    explaint_error *error);
void xp_sentences_free(xp_sentences *s);

/* Of hypernymy, or of any pairs; n of them. */
const char *const *xp_sentences_templates(bool hypernymy, size_t *n);

/* What is known of a row without a model: numbers of pieces and where they stand, means over templates. form: n_rows x XP_FORM_COLUMNS. */
enum { XP_FORM_COLUMNS = 8 };
void xp_sentences_form(const xp_sentences *s, double *form);

#endif
