/* What decoders have in common: rows of words, blocks that add to the rows, names of tensors, rotary positions. */
#ifndef XP_MODEL_DECODER_H
#define XP_MODEL_DECODER_H

#include "model/family.h"

/* Rows of words, scaled where the family says so, and those of positions where it has them. */
void xp_decoder_embed(const explaint_model *model, size_t past, const int32_t *id, size_t n, float *rows);

/* rows += attention, rows += feed-forward layer, with norms before each or on what each gives, or both, or both from the
 * same rows at once, as xp_config.has says. */
bool xp_decoder_block(const explaint_model *model, size_t number, xp_model_work *work);
/* Its second half, from the rows that attention was added to; not of parallel blocks. */
void xp_decoder_rest(const explaint_model *model, size_t number, xp_model_work *work);

/* "rope_scaling" or "rope_parameters". */
explaint_status xp_decoder_configure(const char *path, const xp_value *object, xp_config *config,
                                     explaint_error *error);

/* The same for layers that slide and turn in their own way: "rope_parameters" by kind of layer, or "rope_scaling", which is about the
 * others and, with `both`, about these too. */
explaint_status xp_decoder_configure_two_ropes(const char *path, const xp_value *object, bool both, xp_config *config,
                                               explaint_error *error);

/* The same for Qwen: "use_sliding_window", "max_window_layers", "layer_types". */
explaint_status xp_decoder_configure_qwen(const char *path, const xp_value *object, xp_config *config,
                                          explaint_error *error);
/* All layers slide, or none. */
void xp_decoder_slide(xp_config *config, bool slides);

extern const char *const xp_decoder_ignored[];

/* ---- rows of tables of tensors, named as Llama's are ---- */

#define XP_BLOCK(name) "layers.*." name

#define XP_ROWS_OF_WORDS                                                                                               \
    XP_ROW("embed_tokens.weight", XP_VOCABULARY, XP_WIDTH, XP_GLOBAL_TABLE(words), XP_NORMAL_BUT_PAD),                 \
        XP_ROW("norm.weight", XP_WIDTH, XP_NONE, XP_GLOBAL(final_norm.weight), XP_ONES), XP_ROW_OF_OUTPUT

#define XP_ROWS_OF_DECODER_QKV                                                                                         \
    XP_ROWS_OF_QKV(XP_HAS_QKV_BIAS, XP_BLOCK("self_attn.q_proj"), XP_BLOCK("self_attn.k_proj"),                        \
                   XP_BLOCK("self_attn.v_proj"))

#define XP_ROWS_OF_ATTENTION                                                                                           \
    XP_ROWS_OF_DECODER_QKV,                                                                                            \
        XP_ROWS_OF_MAP(XP_HAS_OUTPUT_BIAS, XP_BLOCK("self_attn.o_proj"), XP_WIDTH, XP_QUERIES, output)

#define XP_ROWS_OF_QK_NORMS(query, key)                                                                                \
    XP_ROW(XP_BLOCK("self_attn.q_norm.weight"), query, XP_NONE, XP_VECTOR(query_norm.weight), XP_ONES),                \
        XP_ROW(XP_BLOCK("self_attn.k_norm.weight"), key, XP_NONE, XP_VECTOR(key_norm.weight), XP_ONES)

#define XP_ROWS_OF_GATED_MLP                                                                                           \
    XP_ROWS_OF_MAP_PART(XP_HAS_MLP_BIAS, XP_BLOCK("mlp.gate_proj"), XP_FEED_FORWARD, XP_WIDTH, up, XP_NONE,            \
                        XP_GATE_AND_UP),                                                                               \
        XP_ROWS_OF_MAP_PART(XP_HAS_MLP_BIAS, XP_BLOCK("mlp.up_proj"), XP_FEED_FORWARD, XP_WIDTH, up, XP_FEED_FORWARD,  \
                            XP_GATE_AND_UP),                                                                           \
        XP_ROWS_OF_MAP(XP_HAS_MLP_BIAS, XP_BLOCK("mlp.down_proj"), XP_WIDTH, XP_FEED_FORWARD, down)

/* Everything, with a norm before each half. */
#define XP_ROWS_OF_LLAMA                                                                                               \
    XP_ROWS_OF_WORDS,                                                                                                  \
        XP_ROW(XP_BLOCK("input_layernorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(input_norm.weight), XP_ONES),          \
        XP_ROWS_OF_ATTENTION,                                                                                          \
        XP_ROW(XP_BLOCK("post_attention_layernorm.weight"), XP_WIDTH, XP_NONE, XP_VECTOR(mlp_norm.weight), XP_ONES),   \
        XP_ROWS_OF_GATED_MLP

/* What Llama and its like have. */
#define XP_HAS_WHAT_LLAMA_HAS (XP_HAS_PRE_NORM | XP_HAS_FINAL_NORM | XP_HAS_RMS_NORM | XP_HAS_GATE | XP_IS_CAUSAL)

#endif
