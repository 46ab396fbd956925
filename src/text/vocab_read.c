/* vocab.txt alone: a piece a line, its id the line's place. What else there is to know stands in a tokenizer_config.json, or is
 * taken from BERT's uncased models; a note says which. */
#include "base/json_read.h"
#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/number.h"
#include "text/tokenizer.h"

typedef enum role { UNKNOWN, CLS, SEP, PAD, MASK, N_ROLES } role;

static const char *const role_keys[N_ROLES] = {"unk_token", "cls_token", "sep_token", "pad_token", "mask_token"};
static const char *const bert_names[N_ROLES] = {"[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"};
static const char *const mpnet_names[N_ROLES] = {"[UNK]", "<s>", "</s>", "<pad>", "<mask>"};

typedef struct settings {
    xp_draft *draft;
    const xp_value *config; /* NULL: none */
    const char *config_path;
    bool lower, ideographs, strip;
    xp_view name[N_ROLES];
    xp_added token[N_ROLES];
} settings;

static explaint_status bad_config(const settings *s, const char *key, const char *expected) {
    xp_text text = {0};
    xp_value_text(xp_value_member(s->config, key), &text);
    xp_view shown = {text.data, text.length};
    explaint_status status = text.failed ? xp_no_memory(s->draft->error, "a message")
                                         : xp_fail(s->draft->error, EXPLAINT_INVALID, s->config_path, 0,
                                                   "expected %s for \"%s\", found %.*s", expected, key, XP_SHOW(shown));
    xp_text_free(&text);
    return status;
}

/* ---- the pieces ---- */

static explaint_status read_lines(xp_draft *draft, const char *bytes, size_t size) {
    size_t lines = 0, broken = xp_utf8_invalid(bytes, size);
    for (size_t i = 0; i < size; i++) lines += bytes[i] == '\n';
    draft->piece_capacity = lines + 1;
    draft->piece = xp_alloc(lines + 1, sizeof *draft->piece);
    if (draft->piece == NULL) return xp_no_memory(draft->error, "a vocabulary");
    size_t n = 0;
    for (const char *at = bytes, *end = bytes + size; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        const char *next = stop != NULL ? stop + 1 : end;
        size_t length = (size_t)((stop != NULL ? stop : end) - at);
        if (length > 0 && at[length - 1] == '\r') length--;
        if (broken < (size_t)(next - bytes))
            return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, n + 1, "expected UTF-8, found the byte 0x%02x",
                           (unsigned)(unsigned char)bytes[broken]);
        if (length == 0)
            return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, n + 1,
                           "expected a piece, found an empty line; the line's number gives the piece its id");
        if (memchr(at, 0, length) != NULL)
            return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, n + 1, "expected text, found a NUL byte");
        draft->piece[n++] = (xp_view){at, length};
        at = next;
    }
    draft->t->n_vocabulary = n;
    return EXPLAINT_OK;
}

/* ---- the settings ---- */

/* Only of tokenizers whose steps are those of BERT: another one over the same kind of file would be read wrongly. */
static explaint_status check_class(const settings *s, bool *mpnet) {
    static const char *const known[] = {"BertTokenizer",      "BertTokenizerFast",       "MPNetTokenizer",
                                        "MPNetTokenizerFast", "DistilBertTokenizer",     "DistilBertTokenizerFast",
                                        "ElectraTokenizer",   "ElectraTokenizerFast",    "MobileBertTokenizer",
                                        "LayoutLMTokenizer",  "MobileBertTokenizerFast", "PreTrainedTokenizerFast"};
    const xp_value *value = xp_value_member(s->config, "tokenizer_class");
    const char *name = xp_value_string(value);
    *mpnet = name != NULL && strncmp(name, "MPNet", 5) == 0;
    if (xp_value_is_null(value)) return EXPLAINT_OK;
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(name, known[i]) == 0) return EXPLAINT_OK;
    return bad_config(s, "tokenizer_class", "a tokenizer that works as BERT's does");
}

static explaint_status get_bool(const settings *s, const char *key, bool *truth) {
    const xp_value *value = xp_value_member(s->config, key);
    return xp_value_is_null(value) || xp_value_bool(value, truth) ? EXPLAINT_OK : bad_config(s, key, "true or false");
}

/* A name, or an object with content, lstrip, ... */
static explaint_status get_token(const settings *s, const char *key, const xp_value *value, xp_view *name,
                                 xp_added *token) {
    const xp_value *content = xp_value_is_object(value) ? xp_value_member(value, "content") : value;
    const char *text = xp_value_string(content);
    if (text == NULL || text[0] == 0) return bad_config(s, key, "the name of a token");
    *name = (xp_view){text, strlen(text)};
    if (!xp_value_is_object(value)) return EXPLAINT_OK;
    struct {
        const char *key;
        bool *truth;
    } switches[] = {{"lstrip", &token->lstrip},
                    {"rstrip", &token->rstrip},
                    {"single_word", &token->single_word},
                    {"normalized", &token->normalized},
                    {"special", &token->special}};
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        const xp_value *v = xp_value_member(value, switches[i].key);
        if (v != NULL && !xp_value_bool(v, switches[i].truth)) return bad_config(s, key, "true or false in the token");
    }
    return EXPLAINT_OK;
}

static explaint_status read_settings(settings *s) {
    const xp_value *split = xp_value_member(s->config, "never_split");
    const xp_value *more = xp_value_member(s->config, "additional_special_tokens");
    bool basic = true, mpnet = false;
    s->lower = s->ideographs = true;
    explaint_status status = check_class(s, &mpnet);
    if (status == EXPLAINT_OK) status = get_bool(s, "do_lower_case", &s->lower);
    s->strip = s->lower;
    if (status == EXPLAINT_OK) status = get_bool(s, "strip_accents", &s->strip);
    if (status == EXPLAINT_OK) status = get_bool(s, "tokenize_chinese_chars", &s->ideographs);
    if (status == EXPLAINT_OK) status = get_bool(s, "do_basic_tokenize", &basic);
    if (status == EXPLAINT_OK && !basic) status = bad_config(s, "do_basic_tokenize", "true (false is not implemented)");
    if (status == EXPLAINT_OK && !xp_value_is_null(split) && xp_value_count(split) > 0)
        status = bad_config(s, "never_split", "null (a list is not implemented)");
    if (status == EXPLAINT_OK && xp_value_count(more) > 0 &&
        xp_value_is_null(xp_value_member(s->config, "added_tokens_decoder")))
        status = bad_config(s, "additional_special_tokens", "none without added_tokens_decoder, which says their ids");
    for (size_t r = 0; status == EXPLAINT_OK && r < N_ROLES; r++) {
        const xp_value *value = xp_value_member(s->config, role_keys[r]);
        const char *name = mpnet ? mpnet_names[r] : bert_names[r];
        s->name[r] = (xp_view){name, strlen(name)};
        s->token[r] = (xp_added){.special = true, .lstrip = mpnet && r == MASK};
        if (!xp_value_is_null(value)) status = get_token(s, role_keys[r], value, &s->name[r], &s->token[r]);
        s->token[r].special = true;
    }
    return status;
}

static void set_steps(const settings *s) {
    xp_normalizer *n = &s->draft->t->normalizer;
    n->step[n->n++] = XP_STEP_CLEAN;
    if (s->ideographs) n->step[n->n++] = XP_STEP_IDEOGRAPHS;
    if (s->strip) n->step[n->n++] = XP_STEP_STRIP;
    if (s->lower) n->step[n->n++] = XP_STEP_LOWER;
    s->draft->t->splits = true;
}

/* ---- added tokens and template ---- */

/* {"0": {"content": "[PAD]", ...}, ...}: all added tokens, the special ones too */
static explaint_status add_listed(const settings *s, const xp_value *list) {
    explaint_status status = EXPLAINT_OK;
    if (!xp_value_is_object(list)) return bad_config(s, "added_tokens_decoder", "an object");
    for (void *at = xp_value_first(list); status == EXPLAINT_OK && at != NULL; at = xp_value_next(list, at)) {
        xp_view key = {xp_value_key(at), strlen(xp_value_key(at))}, name;
        xp_added token = {.normalized = true};
        size_t id;
        if (!xp_number_count(key, &id)) return bad_config(s, "added_tokens_decoder", "ids of tokens");
        status = get_token(s, "added_tokens_decoder", xp_value_at(at), &name, &token);
        if (status == EXPLAINT_OK) status = xp_draft_add(s->draft, name, id, token);
    }
    return status;
}

static explaint_status add_roles(const settings *s) {
    explaint_status status = EXPLAINT_OK;
    for (size_t r = 0; status == EXPLAINT_OK && r < N_ROLES; r++) {
        int32_t id = xp_trie_find(&s->draft->t->vocabulary, s->name[r]);
        bool again = false; /* two roles may share a token */
        for (size_t i = 0; i < s->draft->t->n_added; i++) again |= s->draft->t->added[i].id == id;
        if (id >= 0 && !again) status = xp_draft_add(s->draft, s->name[r], (size_t)id, s->token[r]);
    }
    return status;
}

static explaint_status set_template(const settings *s) {
    explaint_tokenizer *t = s->draft->t;
    for (size_t r = CLS; r <= SEP; r++) {
        int32_t id = xp_trie_find(&t->vocabulary, s->name[r]);
        if (id < 0)
            return xp_fail(s->draft->error, EXPLAINT_INVALID, s->draft->path, 0,
                           "expected the piece \"%.*s\", which begins or ends each text, in the vocabulary",
                           XP_SHOW(s->name[r]));
        int32_t *one = xp_alloc(1, sizeof *one);
        if (one == NULL) return xp_no_memory(s->draft->error, "a tokenizer");
        *one = id;
        *(r == CLS ? &t->before : &t->after) = one;
    }
    t->n_before = t->n_after = 1;
    return EXPLAINT_OK;
}

static explaint_status note_settings(const settings *s) {
    static const char *const keys[] = {"do_lower_case", "strip_accents", "tokenize_chinese_chars"};
    const bool value[] = {s->lower, s->strip, s->ideographs};
    xp_text text = {0};
    xp_text_addf(&text, "%s is all there is of the tokenizer; read as BERT's, with", s->draft->path);
    for (size_t i = 0; i < 3; i++)
        xp_text_addf(&text, "%s %s %s (%s)", i > 0 ? "," : "", keys[i], value[i] ? "true" : "false",
                     xp_value_is_null(xp_value_member(s->config, keys[i])) ? "by default" : "tokenizer_config.json");
    bool noted = !text.failed && xp_strings_add(&s->draft->t->notes, text.data, text.length);
    xp_text_free(&text);
    return noted ? EXPLAINT_OK : xp_no_memory(s->draft->error, "a note");
}

static explaint_status fill(settings *s, const char *bytes, size_t size) {
    xp_draft *draft = s->draft;
    const xp_value *list = xp_value_member(s->config, "added_tokens_decoder");
    explaint_status status = read_lines(draft, bytes, size);
    if (status == EXPLAINT_OK) status = read_settings(s);
    draft->t->max_characters = 100; /* as every published BERT has it */
    if (status == EXPLAINT_OK) set_steps(s);
    if (status == EXPLAINT_OK) status = xp_draft_vocabulary(draft, (xp_view){"##", 2}, s->name[UNKNOWN]);
    if (status == EXPLAINT_OK) status = xp_value_is_null(list) ? add_roles(s) : add_listed(s, list);
    if (status == EXPLAINT_OK) status = set_template(s);
    if (status == EXPLAINT_OK) status = note_settings(s);
    return status == EXPLAINT_OK ? xp_draft_finish(draft) : status;
}

explaint_status xp_vocab_read(const char *path, const char *bytes, size_t size, const char *config_path,
                              const char *config, size_t config_size, explaint_tokenizer **tokenizer,
                              explaint_error *error) {
    xp_draft draft;
    xp_value *value = NULL;
    *tokenizer = NULL;
    explaint_status status = xp_draft_begin(&draft, path, error);
    if (status != EXPLAINT_OK) return status;
    if (config != NULL) value = xp_value_parse(config, config_size, config_path, error);
    if (config != NULL && value == NULL) status = error->code;
    if (value != NULL && !xp_value_is_object(value))
        status = xp_fail(error, EXPLAINT_INVALID, config_path, 0, "expected an object with settings");
    settings s = {.draft = &draft, .config = value, .config_path = config_path};
    if (status == EXPLAINT_OK) status = fill(&s, bytes, size);
    status = xp_draft_end(&draft, status, tokenizer);
    xp_value_free(value);
    return status;
}
