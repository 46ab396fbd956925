/* Tensors of a GGUF under the names of Hugging Face. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/ggml.h"
#include "model/gguf.h"

/* A star is the number of the layer. What stands behind a name, "weight" or "bias", is the same in both. */
typedef struct name_row {
    const char *gguf, *folder;
} name_row;

static const name_row llama[] = {{"token_embd", "model.embed_tokens"},
                                 {"output_norm", "model.norm"},
                                 {"output", "lm_head"},
                                 {"blk.*.attn_norm", "model.layers.*.input_layernorm"},
                                 {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"},
                                 {"blk.*.attn_k", "model.layers.*.self_attn.k_proj"},
                                 {"blk.*.attn_v", "model.layers.*.self_attn.v_proj"},
                                 {"blk.*.attn_qkv", "model.layers.*.self_attn.qkv_proj"},
                                 {"blk.*.attn_output", "model.layers.*.self_attn.o_proj"},
                                 {"blk.*.attn_q_norm", "model.layers.*.self_attn.q_norm"},
                                 {"blk.*.attn_k_norm", "model.layers.*.self_attn.k_norm"},
                                 {"blk.*.ffn_norm", "model.layers.*.post_attention_layernorm"},
                                 {"blk.*.ffn_gate", "model.layers.*.mlp.gate_proj"},
                                 {"blk.*.ffn_up", "model.layers.*.mlp.up_proj"},
                                 {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"},
                                 {NULL, NULL}};

/* Before those of Llama. */
static const name_row phi3[] = {{"blk.*.ffn_up", "model.layers.*.mlp.gate_up_proj"}, {NULL, NULL}};
/* Gemma 2 and 3, and OLMo 2, which has no norms before. */
static const name_row norms_behind[] = {{"blk.*.ffn_norm", "model.layers.*.pre_feedforward_layernorm"},
                                        {"blk.*.post_attention_norm", "model.layers.*.post_attention_layernorm"},
                                        {"blk.*.post_ffw_norm", "model.layers.*.post_feedforward_layernorm"},
                                        {NULL, NULL}};

static const name_row gpt2[] = {{"token_embd", "transformer.wte"},
                                {"position_embd", "transformer.wpe"},
                                {"output_norm", "transformer.ln_f"},
                                {"output", "lm_head"},
                                {"blk.*.attn_norm", "transformer.h.*.ln_1"},
                                {"blk.*.attn_qkv", "transformer.h.*.attn.c_attn"},
                                {"blk.*.attn_output", "transformer.h.*.attn.c_proj"},
                                {"blk.*.ffn_norm", "transformer.h.*.ln_2"},
                                {"blk.*.ffn_up", "transformer.h.*.mlp.c_fc"},
                                {"blk.*.ffn_down", "transformer.h.*.mlp.c_proj"},
                                {NULL, NULL}};

/* Tensors that the config speaks of. */
static const char *const in_config[] = {"rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight"};

/* Does the name say what the pattern says, and then a point? *number: the digits at the star; *tail: behind the point. */
static bool matches(const char *name, const char *pattern, xp_view *number, const char **tail) {
    for (; *pattern != 0; pattern++) {
        if (*pattern != '*') {
            if (*name++ != *pattern) return false;
            continue;
        }
        *number = (xp_view){name, strspn(name, "0123456789")};
        if (number->length == 0) return false;
        name += number->length;
    }
    *tail = name + 1;
    return *name == '.' && strchr(*tail, '.') == NULL;
}

static bool translate(const name_row *rows, const char *name, xp_strings *names, bool *found) {
    xp_view number = {"", 0};
    const char *tail;
    for (*found = false; rows->gguf != NULL; rows++) {
        if (!matches(name, rows->gguf, &number, &tail)) continue;
        const char *star = strchr(rows->folder, '*');
        *found = true;
        if (star == NULL) return xp_strings_addf(names, "%s.%s", rows->folder, tail);
        return xp_strings_addf(names, "%.*s%.*s%s.%s", (int)(star - rows->folder), rows->folder, (int)number.length,
                               number.data, star + 1, tail);
    }
    return true;
}

static bool ends(const char *name, const char *tail) {
    const size_t length = strlen(name), of = strlen(tail);
    return length >= of && strcmp(name + length - of, tail) == 0;
}

static xp_gguf_reading reading_of(const xp_gguf_architecture *a, const char *name) {
    const bool attention = strstr(name, ".attn_q.") != NULL || strstr(name, ".attn_k.") != NULL;
    if ((a->is & XP_GGUF_IS_INTERLEAVED) != 0 && attention) return XP_GGUF_INTERLEAVED;
    if ((a->is & XP_GGUF_IS_GEMMA) != 0 && ends(name, "norm.weight")) return XP_GGUF_DONE;
    if ((a->is & XP_GGUF_IS_GPT2) != 0 && strncmp(name, "blk.", 4) == 0 && ends(name, ".weight") &&
        !ends(name, "norm.weight"))
        return XP_GGUF_DONE;
    return XP_GGUF_AS_IT_IS;
}

static explaint_status check(const char *path, const xp_gguf_model *m, const xp_tensor *t, xp_gguf_reading reading,
                             explaint_error *error) {
    const size_t rows = t->n_dimensions > 0 ? t->shape[0] : 1;
    if (t->blocks->widen == NULL)
        return xp_fail(
            error, EXPLAINT_INVALID, path, 0,
            "tensor \"%.80s\": its numbers have type %s, which is not implemented; convert the model to another type "
            "(llama-quantize), such as Q8_0",
            t->name, t->dtype);
    if (reading == XP_GGUF_INTERLEAVED && (rows % m->head != 0 || m->head % 2 != 0))
        return xp_fail(
            error, EXPLAINT_INVALID, path, 0,
            "tensor \"%.80s\": expected rows of whole heads of an even width, found %zu rows and a width of %zu",
            t->name, rows, m->head);
    if (t->n_dimensions < 2 && reading == XP_GGUF_INTERLEAVED && t->blocks->block > 1)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "tensor \"%.80s\": expected F32, F16 or BF16 of a bias, found %s", t->name, t->dtype);
    return EXPLAINT_OK;
}

static bool is_in_config(const char *name) {
    for (size_t i = 0; i < sizeof in_config / sizeof *in_config; i++)
        if (strcmp(name, in_config[i]) == 0) return true;
    return false;
}

static explaint_status add_tensor(const char *path, const xp_gguf_architecture *a, const xp_tensor *t, xp_gguf_model *m,
                                  explaint_error *error) {
    const unsigned behind = XP_GGUF_IS_GEMMA2 | XP_GGUF_IS_GEMMA3 | XP_GGUF_IS_OLMO2;
    const name_row *own = (a->is & behind) != 0 ? norms_behind : (a->is & XP_GGUF_IS_PHI3) != 0 ? phi3 : NULL;
    const xp_gguf_reading reading = reading_of(a, t->name);
    bool found = false, good = true;
    explaint_status status = check(path, m, t, reading, error);
    if (status != EXPLAINT_OK) return status;
    if (own != NULL) good = translate(own, t->name, &m->names, &found);
    if (good && !found) good = translate((a->is & XP_GGUF_IS_GPT2) != 0 ? gpt2 : llama, t->name, &m->names, &found);
    if (!good) return xp_no_memory(error, "the names of the tensors");
    if (!found)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "found a tensor \"%.80s\" that a model of the architecture %s does not have", t->name, a->name);
    m->tensor[m->n] = *t;
    m->tensor[m->n].name = m->names.item[m->names.count - 1];
    m->reading[m->n++] = reading;
    return EXPLAINT_OK;
}

explaint_status xp_gguf_names_read(const char *path, const xp_gguf_architecture *architecture, xp_gguf_model *m,
                                   explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    m->tensor = xp_alloc(xp_gguf_n(m->file), sizeof *m->tensor);
    m->reading = xp_alloc(xp_gguf_n(m->file), sizeof *m->reading);
    if (m->tensor == NULL || m->reading == NULL) return xp_no_memory(error, "the names of the tensors");
    for (size_t i = 0; i < xp_gguf_n(m->file) && status == EXPLAINT_OK; i++) {
        const xp_tensor *t = xp_gguf_tensor(m->file, i);
        if (!is_in_config(t->name)) status = add_tensor(path, architecture, t, m, error);
    }
    return status;
}
