/* Easy to get wrong:
 * - "smollm" and its like cut every digit apart before GPT-2's pattern; transformers 5.24 leave that out when they read a GGUF.
 * - Pieces of the types control and user-defined are cut out of the text first, whole; only control pieces are special.
 * - SentencePiece has no list of merges: any two pieces that make a piece may be joined, the best score first, of equal scores the leftmost. The
 *   scores of Gemma's user-defined pieces say nothing: there the order of the pieces counts, and pieces of spaces are spelled with U+2581.
 * - The space before a text comes before each part behind a special piece as well, as in the normalizer "Prepend". */
#include "text/gguf.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/memory.h"
#include "formats/file.h"
#include "text/tokenizer_read.h"

#define SPACE "\xe2\x96\x81" /* U+2581 */

enum { NORMAL = 1, CONTROL = 3, USER_DEFINED = 4, BYTE = 6 }; /* types of pieces */

/* ---- named pre-tokenizers ---- */

static const char of_gpt2[] = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
static const char of_llama3[] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| "
                                "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
static const char of_qwen2[] = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| "
                               "?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
static const char of_gpt4o[] = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}"
                               "]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
                               "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}"
                               "]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
                               "\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
static const char of_tekken[] =
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+|"
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*|"
    "\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

typedef struct named {
    const char *name, *pattern;
    bool digits;        /* each one apart, before the pattern */
    bool nfc;           /* as tokenizer.json of these models has it; llama.cpp normalizes nothing */
    bool ignore_merges; /* a word that is a piece is that piece */
    bool bos;           /* where add_bos_token is not said */
} named;

static const named names[] = {
    {"gpt-2", of_gpt2, false, false, false, false},           {"phi-2", of_gpt2, false, false, false, false},
    {"smollm", of_gpt2, true, false, false, false},           {"starcoder", of_gpt2, true, false, false, false},
    {"refact", of_gpt2, true, false, false, false},           {"llama-bpe", of_llama3, false, false, true, true},
    {"llama3", of_llama3, false, false, true, true},          {"llama-v3", of_llama3, false, false, true, true},
    {"falcon3", of_llama3, false, false, true, true},         {"qwen2", of_qwen2, false, true, false, false},
    {"deepseek-r1-qwen", of_qwen2, false, true, false, true}, {"gpt-4o", of_gpt4o, false, false, false, false},
    {"tekken", of_tekken, false, false, true, true}};
enum { N_NAMES = sizeof names / sizeof names[0] };

/* ---- reading ---- */

typedef struct reader {
    const char *path;
    explaint_error *error;
    const xp_gguf *file;
    xp_draft *draft;
    size_t n;           /* pieces */
    double *type;       /* of each; NULL: not said, all are normal */
    const named *named; /* NULL: SentencePiece */
    bool gemma;
    xp_strings respelled;
} reader;

static explaint_status no_memory(const reader *r) { return xp_no_memory(r->error, "the tokenizer of a GGUF"); }

static explaint_status bad(const reader *r, const char *key, const char *what) {
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "key \"%s\" of the metadata: expected %s", key, what);
}

static bool is_said(const reader *r, const char *key, xp_view *text) {
    const xp_gguf_value *value = xp_gguf_find(r->file, key);
    return value != NULL && xp_gguf_value_string(value, text);
}

static explaint_status read_switch(const reader *r, const char *key, bool *truth) {
    const xp_gguf_value *value = xp_gguf_find(r->file, key);
    return value == NULL || xp_gguf_value_bool(value, truth) ? EXPLAINT_OK : bad(r, key, "a bool");
}

/* *id stays where the key is not there. */
static explaint_status read_id(const reader *r, const char *key, int32_t *id) {
    const xp_gguf_value *value = xp_gguf_find(r->file, key);
    size_t found;
    if (value == NULL) return EXPLAINT_OK;
    if (!xp_gguf_value_size(value, &found) || found >= r->n) return bad(r, key, "the number of a piece");
    *id = (int32_t)found;
    return EXPLAINT_OK;
}

/* A list of numbers, one for each piece; NULL: there is none. */
static explaint_status read_list(const reader *r, const char *key, double **list) {
    const xp_gguf_value *value = xp_gguf_find(r->file, key);
    *list = NULL;
    if (value == NULL) return EXPLAINT_OK;
    if (value->count != r->n) return bad(r, key, "a number for each piece");
    *list = xp_alloc(r->n, sizeof **list);
    if (*list == NULL) return no_memory(r);
    if (xp_gguf_value_numbers(value, *list)) return EXPLAINT_OK;
    xp_free(*list);
    *list = NULL;
    return bad(r, key, "a number for each piece");
}

static bool has_type(const reader *r, size_t id, int type) {
    return r->type == NULL ? type == NORMAL : r->type[id] >= type && r->type[id] <= type;
}

/* ---- pieces ---- */

/* Gemma's pieces of two spaces and more are spelled with spaces in the file. */
static bool respell(reader *r, xp_view *piece) {
    for (size_t i = 0; i < piece->length; i++)
        if (piece->data[i] != ' ') return true;
    if (!r->gemma || piece->length < 2) return true;
    xp_text text = {0};
    for (size_t i = 0; i < piece->length; i++) xp_text_adds(&text, SPACE);
    const bool kept = !text.failed && xp_strings_add(&r->respelled, text.data, text.length);
    xp_text_free(&text);
    if (kept) *piece = (xp_view){r->respelled.item[r->respelled.count - 1], strlen(SPACE) * piece->length};
    return kept;
}

static explaint_status read_pieces(reader *r) {
    static const char key[] = "tokenizer.ggml.tokens";
    const xp_gguf_value *value = xp_gguf_find(r->file, key);
    if (value == NULL || value->type != XP_GGUF_ARRAY || value->item != XP_GGUF_STRING || value->count == 0 ||
        value->count > INT32_MAX / 2)
        return bad(r, key, "a list of pieces");
    r->n = value->count;
    explaint_status status = xp_draft_pieces(r->draft, r->n);
    if (status != EXPLAINT_OK) return status;
    (void)xp_gguf_value_strings(value, r->draft->piece);
    xp_index *index = xp_index_create(r->n);
    bool good = index != NULL, found = false;
    for (size_t i = 0, stored; good && status == EXPLAINT_OK && i < r->n; i++) {
        xp_view *piece = &r->draft->piece[i];
        good = respell(r, piece) && xp_index_intern(index, piece->data, piece->length, i, &stored, &found);
        if (good && (found || piece->length == 0))
            status = xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                             "the pieces of the metadata: expected different texts, found \"%.*s\" as number %zu%s",
                             XP_SHOW(*piece), i, piece->length == 0 ? "" : " and before that");
    }
    xp_index_destroy(index);
    if (!good) return no_memory(r);
    if (status == EXPLAINT_OK) status = read_list(r, "tokenizer.ggml.token_type", &r->type);
    return status == EXPLAINT_OK ? xp_draft_vocabulary(r->draft) : status;
}

/* ---- merges ---- */

typedef struct merges {
    xp_bpe_merge *merge;
    size_t n, capacity;
} merges;

static bool add_merge(merges *m, xp_bpe_merge merge) {
    xp_bpe_merge *place = xp_grow((void **)&m->merge, m->n, &m->capacity, sizeof *place);
    if (place == NULL) return false;
    *place = merge;
    m->n++;
    return true;
}

/* "a b", the first one first. */
static explaint_status listed_merges(const reader *r, merges *m) {
    static const char key[] = "tokenizer.ggml.merges";
    const xp_gguf_value *value = xp_gguf_find(r->file, key);
    const xp_trie *vocabulary = &r->draft->t->vocabulary;
    if (value == NULL || value->type != XP_GGUF_ARRAY || value->item != XP_GGUF_STRING || value->count > UINT32_MAX / 2)
        return bad(r, key, "a list of pairs of pieces");
    xp_view *pair = xp_alloc(value->count, sizeof *pair);
    if (pair == NULL) return no_memory(r);
    (void)xp_gguf_value_strings(value, pair);
    xp_text joined = {0};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < value->count; i++) {
        const char *space = pair[i].length > 0 ? memchr(pair[i].data, ' ', pair[i].length) : NULL;
        const xp_view left = {pair[i].data, space != NULL ? (size_t)(space - pair[i].data) : 0},
                      right = {space != NULL ? space + 1 : "", space != NULL ? pair[i].length - left.length - 1 : 0};
        joined.length = 0;
        xp_text_add(&joined, left.data, left.length);
        xp_text_add(&joined, right.data, right.length);
        const xp_bpe_merge merge = {.left = xp_trie_find(vocabulary, left),
                                    .right = xp_trie_find(vocabulary, right),
                                    .made = xp_trie_find(vocabulary, (xp_view){joined.data, joined.length}),
                                    .rank = (uint32_t)i};
        if (joined.failed || !add_merge(m, merge))
            status = no_memory(r);
        else if (merge.left < 0 || merge.right < 0 || merge.made < 0)
            status = xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                             "merge %zu of the metadata: expected two pieces that make a third, found \"%.*s\"", i,
                             XP_SHOW(pair[i]));
    }
    xp_text_free(&joined);
    xp_free(pair);
    return status;
}

typedef struct scored {
    double score;
    int32_t id;
} scored;

static int by_score(const void *a, const void *b) {
    const scored *x = a, *y = b;
    if (x->score < y->score || x->score > y->score) return x->score > y->score ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Every way to make the piece of two others. */
static bool add_ways(const reader *r, int32_t id, uint32_t rank, merges *m) {
    const xp_view piece = r->draft->piece[id];
    const xp_trie *vocabulary = &r->draft->t->vocabulary;
    for (size_t at = 1; at < piece.length; at++) {
        if (((unsigned char)piece.data[at] & 0xc0) == 0x80) continue; /* inside of a character */
        const int32_t left = xp_trie_find(vocabulary, (xp_view){piece.data, at});
        const int32_t right = left < 0 ? -1 : xp_trie_find(vocabulary, (xp_view){piece.data + at, piece.length - at});
        if (right >= 0 && !add_merge(m, (xp_bpe_merge){left, right, id, rank})) return false;
    }
    return true;
}

static explaint_status implied_merges(const reader *r, merges *m) {
    double *score;
    explaint_status status = read_list(r, "tokenizer.ggml.scores", &score);
    if (status == EXPLAINT_OK && score == NULL) status = bad(r, "tokenizer.ggml.scores", "a number for each piece");
    if (status != EXPLAINT_OK) return status;
    scored *order = xp_alloc(r->n, sizeof *order);
    if (order == NULL) status = no_memory(r);
    size_t n = 0;
    for (size_t i = 0; status == EXPLAINT_OK && i < r->n; i++) {
        if (!(score[i] - score[i] == 0)) status = bad(r, "tokenizer.ggml.scores", "finite numbers");
        if (has_type(r, i, NORMAL) || has_type(r, i, USER_DEFINED))
            order[n++] = (scored){r->gemma ? -(double)i : score[i], (int32_t)i};
    }
    if (status == EXPLAINT_OK && n > 1) qsort(order, n, sizeof *order, by_score);
    uint32_t rank = 0;
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) {
        if (i > 0 && order[i].score < order[i - 1].score) rank++;
        if (!add_ways(r, order[i].id, rank, m)) status = no_memory(r);
    }
    xp_free_all(order, score);
    return status;
}

static explaint_status make_model(const reader *r) {
    merges m = {0};
    int32_t unknown = -1;
    bool bytes = false;
    for (size_t i = 0; i < r->n && !bytes; i++) bytes = has_type(r, i, BYTE);
    explaint_status status = r->named != NULL ? listed_merges(r, &m) : implied_merges(r, &m);
    if (status == EXPLAINT_OK && r->named == NULL) status = read_id(r, "tokenizer.ggml.unknown_token_id", &unknown);
    const xp_bpe_options options = {.unknown = unknown,
                                    .fuse_unknown = r->named == NULL,
                                    .byte_fallback = bytes && r->named == NULL,
                                    .ignore_merges = r->named != NULL && r->named->ignore_merges};
    r->draft->t->unknown = unknown;
    if (status == EXPLAINT_OK && !xp_bpe_create(&r->draft->t->vocabulary, m.merge, m.n, &options, &r->draft->t->model))
        status = no_memory(r);
    xp_free(m.merge);
    return status;
}

static explaint_status add_tokens(const reader *r) {
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < r->n; i++) {
        const xp_view piece = r->draft->piece[i];
        const bool spaces = r->gemma && piece.length > 3 && memcmp(piece.data, SPACE SPACE, 6) == 0;
        if (!has_type(r, i, CONTROL) && (spaces || !has_type(r, i, USER_DEFINED))) continue;
        status = xp_draft_add(r->draft, (xp_candidate){.content = piece,
                                                       .id = i,
                                                       .path = r->path,
                                                       .batch = XP_FROM_FILE,
                                                       .token = {.special = has_type(r, i, CONTROL)}});
    }
    return status == EXPLAINT_OK ? xp_draft_number(r->draft) : status;
}

/* ---- what goes before and behind, as a tokenizer.json says it ---- */

static void write_step(xp_json *json, const char *type, const char *pattern, bool regex, const char *content) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_string(json, "type", type);
    if (pattern != NULL) {
        xp_json_open(json, "pattern", '{', XP_JSON_LINE);
        xp_json_string(json, regex ? "Regex" : "String", pattern);
        xp_json_close(json);
    }
    if (content != NULL) xp_json_string(json, strcmp(type, "Prepend") == 0 ? "prepend" : "content", content);
}

static void write_byte_level(const named *n, xp_json *json) {
    if (n->nfc) xp_json_raw(json, "normalizer", "{\"type\": \"NFC\"}");
    xp_json_open(json, "pre_tokenizer", '{', XP_JSON_BLOCK);
    xp_json_string(json, "type", "Sequence");
    xp_json_open(json, "pretokenizers", '[', XP_JSON_BLOCK);
    if (n->digits) xp_json_raw(json, NULL, "{\"type\": \"Digits\", \"individual_digits\": true}");
    write_step(json, "Split", n->pattern, true, NULL);
    xp_json_string(json, "behavior", "Isolated");
    xp_json_raw(json, "invert", "false");
    xp_json_close(json);
    xp_json_raw(json, NULL,
                "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": false}");
    xp_json_close(json);
    xp_json_close(json);
    xp_json_raw(json, "decoder",
                "{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": true}");
}

static void write_sentence_piece(bool prefix, xp_json *json) {
    xp_json_open(json, "normalizer", '{', XP_JSON_BLOCK);
    xp_json_string(json, "type", "Sequence");
    xp_json_open(json, "normalizers", '[', XP_JSON_BLOCK);
    if (prefix) {
        write_step(json, "Prepend", NULL, false, SPACE);
        xp_json_close(json);
    }
    write_step(json, "Replace", " ", false, SPACE);
    xp_json_close(json);
    xp_json_close(json);
    xp_json_close(json);
    xp_json_open(json, "decoder", '{', XP_JSON_BLOCK);
    xp_json_string(json, "type", "Sequence");
    xp_json_open(json, "decoders", '[', XP_JSON_BLOCK);
    write_step(json, "Replace", SPACE, false, " ");
    xp_json_close(json);
    xp_json_raw(json, NULL, "{\"type\": \"ByteFallback\"}");
    xp_json_raw(json, NULL, "{\"type\": \"Fuse\"}");
    if (prefix) xp_json_raw(json, NULL, "{\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}");
    xp_json_close(json);
    xp_json_close(json);
}

static explaint_status make_pipeline(const reader *r) {
    xp_json json = {0};
    bool prefix = true;
    explaint_status status = read_switch(r, "tokenizer.ggml.add_space_prefix", &prefix);
    if (status != EXPLAINT_OK) return status;
    xp_json_open(&json, NULL, '{', XP_JSON_BLOCK);
    if (r->named != NULL)
        write_byte_level(r->named, &json);
    else
        write_sentence_piece(prefix, &json);
    xp_json_close(&json);
    xp_value *root = NULL;
    if (!xp_json_end(&json))
        status = no_memory(r);
    else if ((root = xp_value_parse(json.text.data, json.text.length, r->path, r->error)) == NULL)
        status = r->error->code;
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_pipeline(r->draft, root);
    xp_value_free(root);
    xp_json_free(&json);
    return status;
}

static explaint_status make_template(const reader *r) {
    bool before = r->named == NULL || r->named->bos, after = false;
    int32_t bos = -1, eos = -1;
    explaint_status status = read_switch(r, "tokenizer.ggml.add_bos_token", &before);
    if (status == EXPLAINT_OK) status = read_switch(r, "tokenizer.ggml.add_eos_token", &after);
    if (status == EXPLAINT_OK) status = read_id(r, "tokenizer.ggml.bos_token_id", &bos);
    if (status == EXPLAINT_OK) status = read_id(r, "tokenizer.ggml.eos_token_id", &eos);
    if (status == EXPLAINT_OK && before && bos < 0)
        status = bad(r, "tokenizer.ggml.bos_token_id", "the piece before each text");
    if (status == EXPLAINT_OK && after && eos < 0)
        status = bad(r, "tokenizer.ggml.eos_token_id", "the piece behind each text");
    if (status == EXPLAINT_OK && before) status = xp_draft_special(r->draft, bos, false);
    if (status == EXPLAINT_OK && after) status = xp_draft_special(r->draft, eos, true);
    return status;
}

/* ---- all of it ---- */

static explaint_status find_name(reader *r) {
    xp_view pre = {"none", 4};
    (void)is_said(r, "tokenizer.ggml.pre", &pre);
    for (size_t i = 0; i < N_NAMES && r->named == NULL; i++)
        if (xp_view_is(pre, names[i].name)) r->named = &names[i];
    if (r->named != NULL) return EXPLAINT_OK;
    xp_text known = {0};
    for (size_t i = 0; i < N_NAMES; i++) xp_text_addf(&known, "%s%s", i > 0 ? ", " : "", names[i].name);
    return xp_text_fail(&known, "the tokenizer of a GGUF", r->error, EXPLAINT_INVALID, r->path, 0,
                        "expected \"tokenizer.ggml.pre\" to be one of those that are implemented (%s), found \"%.*s\"",
                        known.data, XP_SHOW(pre));
}

static explaint_status find_kind(reader *r) {
    xp_view kind = {"none", 4}, architecture = {"", 0};
    (void)is_said(r, "tokenizer.ggml.model", &kind);
    (void)is_said(r, "general.architecture", &architecture);
    r->gemma = architecture.length >= 5 && memcmp(architecture.data, "gemma", 5) == 0;
    if (xp_view_is(kind, "gpt2")) return find_name(r);
    if (xp_view_is(kind, "llama")) return EXPLAINT_OK;
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                   "expected \"tokenizer.ggml.model\" to be gpt2 or llama, which are implemented, found \"%.*s\"",
                   XP_SHOW(kind));
}

explaint_status xp_gguf_tokenizer_read(const char *path, const xp_gguf *file, explaint_tokenizer **tokenizer,
                                       explaint_error *error) {
    explaint_error unseen = {0};
    xp_draft draft;
    if (error == NULL) error = &unseen;
    *tokenizer = NULL;
    explaint_status status = xp_draft_begin(&draft, path, error);
    if (status != EXPLAINT_OK) return status;
    reader r = {.path = path, .error = error, .file = file, .draft = &draft};
    status = find_kind(&r);
    if (status == EXPLAINT_OK) status = read_pieces(&r);
    if (status == EXPLAINT_OK) status = make_model(&r);
    if (status == EXPLAINT_OK) status = add_tokens(&r);
    if (status == EXPLAINT_OK) status = make_pipeline(&r);
    if (status == EXPLAINT_OK) status = make_template(&r);
    if (status == EXPLAINT_OK) status = xp_draft_finish(&draft);
    if (status == EXPLAINT_OK && xp_gguf_find(file, "tokenizer.chat_template") != NULL &&
        !xp_draft_note_chat(&draft, "the metadata"))
        status = no_memory(&r);
    xp_free(r.type);
    status = xp_draft_end(&draft, status, tokenizer);
    xp_strings_free(&r.respelled);
    return status;
}

explaint_status xp_gguf_tokenizer_open(const char *path, explaint_tokenizer **tokenizer, explaint_error *error) {
    xp_bytes bytes = {0};
    xp_gguf *file = NULL;
    *tokenizer = NULL;
    explaint_status status = xp_file_map(path, XP_LIMIT_ARRAY, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_gguf_open(path, bytes.data, bytes.size, &file, error);
    if (status == EXPLAINT_OK) status = xp_gguf_tokenizer_read(path, file, tokenizer, error);
    xp_gguf_close(file);
    xp_bytes_free(&bytes);
    return status;
}
