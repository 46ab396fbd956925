/* What the Gemmas have in common: norms that multiply by 1 + weight, words that are scaled. */
#ifndef XP_MODEL_GEMMA_H
#define XP_MODEL_GEMMA_H

#include "model/decoder.h"

#define XP_GEMMA_NORM(name, extent, place) XP_ROW_AS(XP_PLUS_ONE, 0, name, extent, XP_NONE, place, XP_ZEROS)

#define XP_ROWS_OF_GEMMA_WORDS                                                                                         \
    XP_ROW("embed_tokens.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),                 \
        XP_GEMMA_NORM("norm.weight", XP_WIDTH, XP_GLOBAL(final_norm.weight)), XP_ROW_OF_OUTPUT

/* Gemma 2 and 3: norms before attention and feed-forward layer, and on what each gives. */
#define XP_ROWS_OF_FOUR_GEMMA_NORMS                                                                                    \
    XP_GEMMA_NORM(XP_BLOCK("input_layernorm.weight"), XP_WIDTH, XP_VECTOR(input_norm.weight)),                         \
        XP_GEMMA_NORM(XP_BLOCK("post_attention_layernorm.weight"), XP_WIDTH, XP_VECTOR(attention_norm.weight)),        \
        XP_GEMMA_NORM(XP_BLOCK("pre_feedforward_layernorm.weight"), XP_WIDTH, XP_VECTOR(mlp_norm.weight)),             \
        XP_GEMMA_NORM(XP_BLOCK("post_feedforward_layernorm.weight"), XP_WIDTH, XP_VECTOR(output_norm.weight))

/* h^0 is the row of a word times the root of the width. */
void xp_gemma_scale_words(xp_config *config);

extern const char *const xp_gemma_refused[];

#endif
