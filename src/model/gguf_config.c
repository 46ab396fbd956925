/* Metadata of a GGUF to the config.json that it was made from. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "formats/ggml.h"
#include "model/gguf.h"

static const xp_gguf_architecture architectures[] = {
    {"llama", "llama", XP_GGUF_IS_INTERLEAVED | XP_GGUF_HAS_BIAS_KEY},
    {"qwen2", "qwen2", 0},
    {"qwen3", "qwen3", XP_GGUF_HAS_BIAS_KEY},
    {"smollm3", "smollm3", XP_GGUF_IS_INTERLEAVED | XP_GGUF_HAS_BIAS_KEY},
    {"olmo2", "olmo2", XP_GGUF_IS_OLMO2 | XP_GGUF_HAS_BIAS_KEY},
    {"gemma", "gemma", XP_GGUF_IS_GEMMA},
    {"gemma2", "gemma2", XP_GGUF_IS_GEMMA | XP_GGUF_IS_GEMMA2},
    {"gemma3", "gemma3_text", XP_GGUF_IS_GEMMA | XP_GGUF_IS_GEMMA3},
    {"phi3", "phi3", XP_GGUF_IS_PHI3},
    {"gpt2", "gpt2", XP_GGUF_IS_GPT2},
};
enum { N_ARCHITECTURES = sizeof architectures / sizeof architectures[0], ALL = ~0, MOST_LAYERS = 1 << 10 };

/* What becomes of a key. */
typedef enum use {
    SIZE, /* a whole number; of a list that has one for each layer, all the same */
    NUMBER,
    PASSED, /* no state depends on it, or another function reads it */
    ZERO,   /* not implemented where it is not 0 */
    TRUTH   /* not implemented where it is false */
} use;

typedef struct key {
    const char *name, *folder; /* behind "ARCHITECTURE."; of config.json, NULL: the same as its own */
    use use;
    int is; /* bits of the architectures that have it */
} key;

enum { NOT_GPT2 = ALL & ~XP_GGUF_IS_GPT2, GEMMA23 = XP_GGUF_IS_GEMMA2 | XP_GGUF_IS_GEMMA3 };

static const key keys[] = {
    {"block_count", "num_hidden_layers", SIZE, ALL},
    {"embedding_length", "hidden_size", SIZE, ALL},
    {"feed_forward_length", "intermediate_size", SIZE, ALL},
    {"context_length", "max_position_embeddings", SIZE, ALL},
    {"attention.head_count", "num_attention_heads", SIZE, ALL},
    {"attention.head_count_kv", "num_key_value_heads", SIZE, ALL},
    {"attention.layer_norm_rms_epsilon", "rms_norm_eps", NUMBER, ALL},
    {"attention.layer_norm_epsilon", "layer_norm_epsilon", NUMBER, ALL},
    {"rope.freq_base", "rope_theta", NUMBER, ALL},
    {"rope.freq_base_swa", "rope_local_base_freq", NUMBER, XP_GGUF_IS_GEMMA3},
    {"attn_logit_softcapping", NULL, NUMBER, GEMMA23},
    {"final_logit_softcapping", NULL, NUMBER, GEMMA23},
    {"attention.sliding_window", NULL, PASSED, GEMMA23 | XP_GGUF_IS_PHI3},
    {"attention.sliding_window_pattern", NULL, PASSED, GEMMA23},
    {"attention.key_length", NULL, PASSED, ALL},
    {"attention.value_length", NULL, PASSED, ALL},
    {"rope.dimension_count", NULL, PASSED, ALL},
    {"rope.scaling.type", NULL, PASSED, ALL},
    {"rope.scaling.factor", NULL, PASSED, ALL},
    {"rope.scale_linear", NULL, PASSED, ALL},
    {"rope.scaling.attn_factor", NULL, PASSED, ALL},
    {"rope.scaling.original_context_length", NULL, PASSED, ALL},
    {"rope.scaling.yarn_beta_fast", NULL, PASSED, ALL},
    {"rope.scaling.yarn_beta_slow", NULL, PASSED, ALL},
    {"rope.scaling.finetuned", NULL, PASSED, ALL},
    {"vocab_size", NULL, PASSED, ALL}, /* the rows of token_embd.weight count */
    {"tensor_data_layout", NULL, PASSED, ALL},
    {"pooling_type", NULL, PASSED, ALL},
    {"attention.causal", NULL, TRUTH, ALL},
    {"expert_count", NULL, ZERO, ALL},
    {"expert_used_count", NULL, ZERO, ALL},
};
enum { N_KEYS = sizeof keys / sizeof keys[0] };

typedef struct writer {
    const char *path;
    explaint_error *error;
    const xp_gguf *file;
    const xp_gguf_architecture *a;
    xp_json json;
    size_t heads, width, layers, head, positions;
} writer;

/* ---- asking ---- */

static const xp_gguf_value *find(const writer *w, const char *name) {
    char whole[128];
    const int length = snprintf(whole, sizeof whole, "%s.%s", w->a->name, name);
    return length > 0 && (size_t)length < sizeof whole ? xp_gguf_find(w->file, whole) : NULL;
}

static explaint_status unexpected(const writer *w, const xp_gguf_value *value, const char *expected) {
    xp_text found = {0};
    xp_gguf_value_json(value, 4, 80, &found);
    return xp_text_fail(&found, "a key of a GGUF", w->error, EXPLAINT_INVALID, w->path, 0,
                        "key \"%.80s\" of the metadata: expected %s, found %.120s", value->key, expected, found.data);
}

/* A list with a number for each layer is as good as its number, where all are the same. */
static bool size_of(const xp_gguf_value *value, size_t *size) {
    double list[MOST_LAYERS];
    if (value->type != XP_GGUF_ARRAY) return xp_gguf_value_size(value, size);
    if (value->count == 0 || value->count > MOST_LAYERS || !xp_gguf_value_numbers(value, list)) return false;
    for (size_t i = 1; i < value->count; i++)
        if (list[i] != list[0]) return false;
    if (!(list[0] >= 0 && list[0] < 1e15) || list[0] != floor(list[0])) return false;
    *size = (size_t)list[0];
    return true;
}

static explaint_status need_size(const writer *w, const char *name, size_t *size) {
    const xp_gguf_value *value = find(w, name);
    if (value == NULL)
        return xp_fail(w->error, EXPLAINT_INVALID, w->path, 0, "expected the key \"%s.%s\" in the metadata, found none",
                       w->a->name, name);
    if (!size_of(value, size) || *size == 0) return unexpected(w, value, "a whole number above 0");
    return EXPLAINT_OK;
}

static explaint_status may_number(const writer *w, const char *name, double *number, bool *there) {
    const xp_gguf_value *value = find(w, name);
    *there = value != NULL;
    if (value != NULL && (!xp_gguf_value_number(value, number) || !isfinite(*number)))
        return unexpected(w, value, "a finite number");
    return EXPLAINT_OK;
}

/* ---- writing ---- */

/* As config.json of GPT-2 calls them. */
static const char *name_in_folder(const writer *w, const key *k) {
    static const char *const of_gpt2[][2] = {{"num_hidden_layers", "n_layer"},
                                             {"hidden_size", "n_embd"},
                                             {"intermediate_size", "n_inner"},
                                             {"max_position_embeddings", "n_positions"},
                                             {"num_attention_heads", "n_head"}};
    const char *name = k->folder != NULL ? k->folder : k->name;
    for (size_t i = 0; (w->a->is & XP_GGUF_IS_GPT2) != 0 && i < sizeof of_gpt2 / sizeof *of_gpt2; i++)
        if (strcmp(of_gpt2[i][0], name) == 0) return of_gpt2[i][1];
    return name;
}

static explaint_status write_key(writer *w, const key *k, const xp_gguf_value *value) {
    size_t size;
    double number;
    bool truth;
    switch (k->use) {
    case SIZE:
        if (!size_of(value, &size)) return unexpected(w, value, "a whole number, the same for all layers");
        xp_json_size(&w->json, name_in_folder(w, k), size);
        break;
    case NUMBER:
        if (!xp_gguf_value_number(value, &number) || !isfinite(number)) return unexpected(w, value, "a finite number");
        xp_text text = {0};
        xp_gguf_value_json(value, 1, 0, &text); /* as short as its type allows: 1e-05 of an f32 */
        if (!text.failed) xp_json_raw(&w->json, name_in_folder(w, k), text.data);
        const bool failed = text.failed;
        xp_text_free(&text);
        if (failed) return xp_no_memory(w->error, "a key of a GGUF");
        break;
    case ZERO:
        if (!xp_gguf_value_size(value, &size) || size != 0)
            return unexpected(w, value, "0, since it is not implemented");
        break;
    case TRUTH:
        if (!xp_gguf_value_bool(value, &truth) || !truth)
            return unexpected(w, value, "true, since it is not implemented");
        break;
    case PASSED: break;
    }
    return EXPLAINT_OK;
}

/* Every key of the architecture; one that is not known may change a result. */
static explaint_status write_keys(writer *w) {
    const size_t length = strlen(w->a->name);
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; i < xp_gguf_n_values(w->file) && status == EXPLAINT_OK; i++) {
        const xp_gguf_value *value = xp_gguf_value_at(w->file, i);
        if (strncmp(value->key, w->a->name, length) != 0 || value->key[length] != '.') continue;
        size_t k = 0;
        while (k < N_KEYS && (strcmp(keys[k].name, value->key + length + 1) != 0 ||
                              (keys[k].is != ALL && ((unsigned)keys[k].is & w->a->is) == 0)))
            k++;
        status = k < N_KEYS ? write_key(w, &keys[k], value)
                            : unexpected(w, value, "no such key, since it may change a result and is not implemented");
    }
    return status;
}

/* The width of a head, which GGUF leaves out where it is width / heads, and families where it is what it mostly is. */
static explaint_status write_head(writer *w) {
    size_t value_length;
    explaint_status status = need_size(w, "attention.head_count", &w->heads);
    if (status == EXPLAINT_OK) status = need_size(w, "embedding_length", &w->width);
    if (status == EXPLAINT_OK) status = need_size(w, "block_count", &w->layers);
    if (status == EXPLAINT_OK) status = need_size(w, "context_length", &w->positions);
    if (status != EXPLAINT_OK) return status;
    w->head = w->width / w->heads;
    if (find(w, "attention.key_length") != NULL) status = need_size(w, "attention.key_length", &w->head);
    value_length = w->head;
    if (status == EXPLAINT_OK && find(w, "attention.value_length") != NULL)
        status = need_size(w, "attention.value_length", &value_length);
    if (status != EXPLAINT_OK) return status;
    if (w->head == 0 || value_length != w->head)
        return xp_fail(w->error, EXPLAINT_INVALID, w->path, 0,
                       "expected keys and values of one width above 0, found %zu and %zu", w->head, value_length);
    if ((w->a->is & XP_GGUF_IS_GPT2) == 0 && ((w->a->is & XP_GGUF_IS_PHI3) == 0 || w->head * w->heads != w->width))
        xp_json_size(&w->json, "head_dim", w->head);
    return EXPLAINT_OK;
}

/* Some of a head's dimensions do not turn. */
static explaint_status write_partial(writer *w) {
    size_t rotated = w->head;
    explaint_status status = EXPLAINT_OK;
    if (find(w, "rope.dimension_count") != NULL) status = need_size(w, "rope.dimension_count", &rotated);
    if (status != EXPLAINT_OK || rotated == w->head || (w->a->is & XP_GGUF_IS_GPT2) != 0) return status;
    if ((w->a->is & XP_GGUF_IS_PHI3) == 0 || rotated > w->head)
        return unexpected(w, find(w, "rope.dimension_count"), "the width of a head");
    xp_json_number(&w->json, "partial_rotary_factor", (double)rotated / (double)w->head);
    return EXPLAINT_OK;
}

static explaint_status write_window(writer *w) {
    const xp_gguf_value *value = find(w, "attention.sliding_window"),
                        *pattern = find(w, "attention.sliding_window_pattern");
    size_t size = 0;
    if (value != NULL && !size_of(value, &size)) return unexpected(w, value, "a whole number");
    if (size > 0)
        xp_json_size(&w->json, "sliding_window", size);
    else if (value != NULL)
        xp_json_null(&w->json, "sliding_window");
    size = (w->a->is & XP_GGUF_IS_GEMMA3) != 0 ? 6 : 2;
    if (pattern != NULL &&
        (!xp_gguf_value_size(pattern, &size) || size != ((w->a->is & XP_GGUF_IS_GEMMA3) != 0 ? 6 : 2)))
        return unexpected(w, pattern, (w->a->is & XP_GGUF_IS_GEMMA3) != 0 ? "6" : "2");
    return EXPLAINT_OK;
}

/* The largest Gemma scales scores by width / heads, the others by the width of a head; the file does not say which it is. */
static void write_gemma(writer *w) {
    const size_t largest = (w->a->is & XP_GGUF_IS_GEMMA3) != 0 ? 62 : 46; /* layers */
    xp_json_string(&w->json, "hidden_activation", "gelu_pytorch_tanh");
    if ((w->a->is & GEMMA23) != 0)
        xp_json_size(&w->json, "query_pre_attn_scalar", w->layers == largest ? w->width / w->heads : w->head);
    if ((w->a->is & XP_GGUF_IS_GEMMA3) != 0 && find(w, "rope.freq_base_swa") == NULL)
        xp_json_number(&w->json, "rope_local_base_freq", 1e4);
}

/* ---- rotary positions ---- */

static explaint_status write_list(writer *w, const char *name, const xp_tensor *t) {
    const bool vector =
        t->n_dimensions == 1 && t->blocks->block == 1 && t->blocks->widen != NULL && t->shape[0] <= w->head;
    if (!vector)
        return xp_fail(w->error, EXPLAINT_INVALID, w->path, 0,
                       "tensor \"%.80s\": expected a list of at most %zu numbers", t->name, w->head);
    xp_json_open(&w->json, name, '[', XP_JSON_LINE);
    for (size_t i = 0; i < t->shape[0]; i++) {
        float number;
        xp_ggml_widen(t->blocks, t->data + i * t->blocks->bytes, 1, &number);
        if (!isfinite(number)) number = 0; /* which the family refuses */
        xp_json_number(&w->json, NULL, (double)number);
    }
    xp_json_close(&w->json);
    return EXPLAINT_OK;
}

/* Each pair's frequency has its own divisor: `usual` ones, and others for texts beyond the positions of training. */
static explaint_status write_divisors(writer *w, const xp_tensor *usual, const xp_tensor *longer, double attention,
                                      bool has_attention) {
    xp_json_string(&w->json, "rope_type", "longrope");
    explaint_status status = write_list(w, "short_factor", usual);
    if (status == EXPLAINT_OK) status = write_list(w, "long_factor", longer);
    if (has_attention) xp_json_number(&w->json, "attention_factor", attention);
    return status;
}

static explaint_status write_stretch(writer *w, const char *type, double factor, bool has_factor) {
    static const char *const more[][2] = {{"rope.scaling.yarn_beta_fast", "beta_fast"},
                                          {"rope.scaling.yarn_beta_slow", "beta_slow"}};
    double number;
    bool there;
    explaint_status status = EXPLAINT_OK;
    if (!has_factor)
        return xp_fail(w->error, EXPLAINT_INVALID, w->path, 0,
                       "expected the key \"%s.rope.scaling.factor\" in the metadata, found none", w->a->name);
    xp_json_string(&w->json, "rope_type", type);
    xp_json_number(&w->json, "factor", factor);
    if (strcmp(type, "yarn") != 0) return EXPLAINT_OK;
    for (size_t i = 0; i < 2 && status == EXPLAINT_OK; i++) {
        status = may_number(w, more[i][0], &number, &there);
        if (status == EXPLAINT_OK && there) xp_json_number(&w->json, more[i][1], number);
    }
    if (status == EXPLAINT_OK) status = may_number(w, "rope.scaling.attn_factor", &number, &there);
    /* llama.cpp multiplies it with what transformers take where nothing is said */
    if (status == EXPLAINT_OK && there && number != 1 && factor > 1)
        xp_json_number(&w->json, "attention_factor", number * (.1 * log(factor) + 1));
    return status;
}

static explaint_status write_rope(writer *w) {
    const xp_tensor *freqs = xp_gguf_find_tensor(w->file, "rope_freqs.weight"),
                    *usual = xp_gguf_find_tensor(w->file, "rope_factors_short.weight"),
                    *longer = xp_gguf_find_tensor(w->file, "rope_factors_long.weight");
    const xp_gguf_value *value = find(w, "rope.scaling.type");
    xp_view type = {"none", 4};
    double factor = 1, original = 0, attention = 1;
    bool has_factor, has_original, has_attention, old;
    if (value != NULL && !xp_gguf_value_string(value, &type)) return unexpected(w, value, "a string");
    explaint_status status = may_number(w, "rope.scaling.factor", &factor, &has_factor);
    if (status == EXPLAINT_OK && !has_factor) {
        status = may_number(w, "rope.scale_linear", &factor, &old);
        has_factor = old;
        if (old && value == NULL) type = (xp_view){"linear", 6};
    }
    if (status == EXPLAINT_OK) status = may_number(w, "rope.scaling.original_context_length", &original, &has_original);
    if (status == EXPLAINT_OK) status = may_number(w, "rope.scaling.attn_factor", &attention, &has_attention);
    const bool divided = freqs != NULL || usual != NULL || longer != NULL;
    if (status != EXPLAINT_OK || (!divided && xp_view_is(type, "none"))) return status;
    if (divided && !xp_view_is(type, "none") && !xp_view_is(type, "longrope"))
        return unexpected(w, value, "none or longrope beside tensors of divisors");
    if (freqs == NULL && (usual == NULL) != (longer == NULL))
        return xp_fail(w->error, EXPLAINT_INVALID, w->path, 0,
                       "expected rope_factors_short.weight and rope_factors_long.weight, found one of them");
    xp_json_open(&w->json, "rope_scaling", '{', XP_JSON_BLOCK);
    if (has_original) xp_json_number(&w->json, "original_max_position_embeddings", original);
    if (usual != NULL && longer != NULL)
        status = write_divisors(w, usual, longer, attention, has_attention);
    else if (freqs != NULL)
        status = write_divisors(w, freqs, freqs, 1, true);
    else if (xp_view_is(type, "linear") || xp_view_is(type, "yarn"))
        status = write_stretch(w, xp_view_is(type, "yarn") ? "yarn" : "linear", factor, has_factor);
    else
        status = unexpected(w, value, "none, linear, yarn or, with its tensors, longrope");
    xp_json_close(&w->json);
    return status;
}

/* ---- all of it ---- */

static explaint_status write_words(writer *w) {
    const xp_tensor *words = xp_gguf_find_tensor(w->file, "token_embd.weight");
    if (words == NULL || words->n_dimensions != 2)
        return xp_fail(w->error, EXPLAINT_INVALID, w->path, 0,
                       "expected a tensor \"token_embd.weight\" of two dimensions, found none; is it a vocabulary or "
                       "an adapter alone?");
    xp_json_size(&w->json, "vocab_size", words->shape[0]);
    xp_json_raw(&w->json, "tie_word_embeddings",
                xp_gguf_find_tensor(w->file, "output.weight") == NULL ? "true" : "false");
    if ((w->a->is & XP_GGUF_HAS_BIAS_KEY) != 0)
        xp_json_raw(&w->json, "attention_bias",
                    xp_gguf_find_tensor(w->file, "blk.0.attn_q.bias") != NULL ? "true" : "false");
    if ((w->a->is & XP_GGUF_IS_INTERLEAVED) != 0) /* Llama's own block */
        xp_json_raw(&w->json, "mlp_bias",
                    xp_gguf_find_tensor(w->file, "blk.0.ffn_down.bias") != NULL ? "true" : "false");
    return EXPLAINT_OK;
}

/* What ends a text: the end of a text and, of models that talk, of a turn and of a message. */
static explaint_status write_ends(writer *w) {
    static const char *const names[] = {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id",
                                        "tokenizer.ggml.eom_token_id"};
    explaint_status status = EXPLAINT_OK;
    xp_json_open(&w->json, "eos_token_id", '[', XP_JSON_LINE);
    for (size_t i = 0; i < sizeof names / sizeof *names && status == EXPLAINT_OK; i++) {
        const xp_gguf_value *value = xp_gguf_find(w->file, names[i]);
        size_t id;
        if (value == NULL) continue;
        if (!xp_gguf_value_size(value, &id)) status = unexpected(w, value, "the id of a piece");
        if (status == EXPLAINT_OK) xp_json_size(&w->json, NULL, id);
    }
    xp_json_close(&w->json);
    return status;
}

explaint_status xp_gguf_config_write(const char *path, const xp_gguf_architecture *a, xp_gguf_model *m,
                                     explaint_error *error) {
    writer w = {.path = path, .error = error, .file = m->file, .a = a};
    xp_json_open(&w.json, NULL, '{', XP_JSON_BLOCK);
    xp_json_string(&w.json, "model_type", a->model_type);
    explaint_status status = write_head(&w);
    if (status == EXPLAINT_OK) status = write_keys(&w);
    if (status == EXPLAINT_OK) status = write_partial(&w);
    if (status == EXPLAINT_OK) status = write_window(&w);
    if (status == EXPLAINT_OK) status = write_rope(&w);
    if (status == EXPLAINT_OK) status = write_words(&w);
    if (status == EXPLAINT_OK) status = write_ends(&w);
    if (status == EXPLAINT_OK && (a->is & XP_GGUF_IS_GEMMA) != 0) write_gemma(&w);
    xp_json_close(&w.json);
    if (status == EXPLAINT_OK && !xp_json_end(&w.json)) status = xp_no_memory(error, "the metadata of a GGUF");
    if (status == EXPLAINT_OK) {
        m->config = w.json.text;
        m->head = w.head;
    } else {
        xp_json_free(&w.json);
    }
    return status;
}

static bool in_name(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; }

/* The name, wherever it stands by itself. */
static void rename_in(char *message, size_t size, const char *name, const char *new_name) {
    char whole[sizeof((explaint_error *)0)->message];
    const size_t length = strlen(name);
    for (char *at = message; (at = strstr(at, name)) != NULL; at += 1) {
        if ((at > message && in_name(at[-1])) || in_name(at[length])) continue;
        snprintf(whole, sizeof whole, "%.*s%s%s", (int)(at - message), message, new_name, at + length);
        snprintf(message, size, "%s", whole);
        at += strlen(new_name) > length ? strlen(new_name) - length : 0;
    }
}

void xp_gguf_config_rename(const char *path, const xp_gguf_model *m, explaint_error *error) {
    writer w = {.path = path, .file = m->file};
    if (error == NULL || xp_gguf_architecture_find(path, m->file, &w.a, NULL) != EXPLAINT_OK) return;
    for (size_t k = 0; k < N_KEYS; k++) {
        const xp_gguf_value *value = keys[k].use == SIZE || keys[k].use == NUMBER ? find(&w, keys[k].name) : NULL;
        if (value != NULL) rename_in(error->message, sizeof error->message, name_in_folder(&w, &keys[k]), value->key);
    }
}

explaint_status xp_gguf_architecture_find(const char *path, const xp_gguf *file, const xp_gguf_architecture **found,
                                          explaint_error *error) {
    const xp_gguf_value *value = xp_gguf_find(file, "general.architecture");
    xp_view name = {"none", 4};
    if (value != NULL && !xp_gguf_value_string(value, &name)) name = (xp_view){"no string", 9};
    for (size_t i = 0; i < N_ARCHITECTURES; i++)
        if (xp_view_is(name, architectures[i].name)) {
            *found = &architectures[i];
            return EXPLAINT_OK;
        }
    xp_text known = {0};
    for (size_t i = 0; i < N_ARCHITECTURES; i++) xp_text_addf(&known, "%s%s", i > 0 ? ", " : "", architectures[i].name);
    return xp_text_fail(
        &known, "a key of a GGUF", error, EXPLAINT_INVALID, path, 0,
        "expected \"general.architecture\" to be one of those that are implemented (%s), found \"%.*s\"", known.data,
        XP_SHOW(name));
}
