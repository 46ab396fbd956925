/* tokenizer.json of Hugging Face's tokenizers. What would change a result and is not done here is refused by name. */
#include "text/tokenizer_read.h"

#include "base/memory.h"

#define REFUSE(draft, ...) xp_fail((draft)->error, EXPLAINT_INVALID, (draft)->path, 0, __VA_ARGS__)

/* ---- values ---- */

static explaint_status unexpected(xp_draft *draft, const char *part, const char *key, const char *expected,
                                  const xp_value *found) {
    return xp_tokenizer_unexpected(draft->path, part, key, expected, found, draft->error);
}

static explaint_status get_bool(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                                bool *truth) {
    const xp_value *value = xp_value_member(object, key);
    return xp_value_bool(value, truth) ? EXPLAINT_OK : unexpected(draft, part, key, "true or false", value);
}

static explaint_status get_string(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                                  xp_view *text) {
    const xp_value *value = xp_value_member(object, key);
    const char *string = xp_value_string(value);
    if (string == NULL) return unexpected(draft, part, key, "a string", value);
    *text = (xp_view){string, strlen(string)};
    return EXPLAINT_OK;
}

/* keys end with NULL */
static explaint_status only_keys(xp_draft *draft, const xp_value *object, const char *part, const char *const *keys) {
    for (void *at = xp_value_first(object); at != NULL; at = xp_value_next(object, at)) {
        const char *const *known = keys;
        while (*known != NULL && strcmp(*known, xp_value_key(at)) != 0) known++;
        xp_view key = {xp_value_key(at), strlen(xp_value_key(at))};
        if (*known == NULL) return REFUSE(draft, "the key \"%.*s\" of %s is not implemented", XP_SHOW(key), part);
    }
    return EXPLAINT_OK;
}

/* The name of a part of the pipeline; NULL: the refusal is in the error. Old files do not say it: then the part is what has
 * the keys `telling` (NULL: none), which ends with NULL. */
static const char *type_of(xp_draft *draft, const xp_value *part, const char *what, const char *const *telling,
                           const char *inferred) {
    const xp_value *value = xp_value_member(part, "type");
    const char *type = xp_value_string(value);
    bool has = value == NULL && telling != NULL;
    for (const char *const *key = telling; has && *key != NULL; key++) has = xp_value_member(part, *key) != NULL;
    if (has) return inferred;
    if (type == NULL) unexpected(draft, what, "type", "a name", value);
    return type;
}

static explaint_status not_implemented(xp_draft *draft, const char *what, const char *type, const char *known) {
    xp_view name = {type, strlen(type)};
    return REFUSE(draft, "the %s \"%.*s\" is not implemented; expected %s", what, XP_SHOW(name), known);
}

/* ---- normalizer, pre_tokenizer ---- */

static explaint_status bert_normalizer(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type",          "clean_text", "handle_chinese_chars",
                                       "strip_accents", "lowercase",  NULL};
    static const char part[] = "the normalizer BertNormalizer";
    xp_normalizer *n = &draft->t->normalizer;
    const xp_value *accents = xp_value_member(value, "strip_accents");
    bool clean, ideographs, lower, strip;
    explaint_status status = only_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = get_bool(draft, value, part, "clean_text", &clean);
    if (status == EXPLAINT_OK) status = get_bool(draft, value, part, "handle_chinese_chars", &ideographs);
    if (status == EXPLAINT_OK) status = get_bool(draft, value, part, "lowercase", &lower);
    if (status != EXPLAINT_OK) return status;
    strip = lower; /* where it is null, as in the original BERT */
    if (!xp_value_is_null(accents) && !xp_value_bool(accents, &strip))
        return unexpected(draft, part, "strip_accents", "true, false or null", accents);
    if (n->n + 4 > XP_STEPS) return REFUSE(draft, "the normalizer has more than %d steps", XP_STEPS);
    if (clean) n->step[n->n++] = XP_STEP_CLEAN;
    if (ideographs) n->step[n->n++] = XP_STEP_IDEOGRAPHS;
    if (strip) n->step[n->n++] = XP_STEP_STRIP;
    if (lower) n->step[n->n++] = XP_STEP_LOWER;
    return EXPLAINT_OK;
}

static explaint_status read_normalizer(xp_draft *draft, const xp_value *value) {
    static const char *const telling[] = {"clean_text", "handle_chinese_chars", "lowercase", NULL};
    static const char what[] = "normalizer";
    const char *type = type_of(draft, value, what, telling, "BertNormalizer");
    if (type == NULL) return draft->error->code;
    return strcmp(type, "BertNormalizer") == 0 ? bert_normalizer(draft, value)
                                               : not_implemented(draft, what, type, "BertNormalizer");
}

static explaint_status read_pre_tokenizer(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type", NULL};
    static const char what[] = "pre_tokenizer";
    const char *type = type_of(draft, value, what, NULL, NULL);
    if (type == NULL) return draft->error->code;
    if (strcmp(type, "BertPreTokenizer") != 0) return not_implemented(draft, what, type, "BertPreTokenizer");
    draft->t->splits = true; /* twice is the same as once */
    return only_keys(draft, value, "the pre_tokenizer BertPreTokenizer", keys);
}

/* ---- post_processor ---- */

static explaint_status add_special(xp_draft *draft, const char *part, xp_view name, const xp_value *id, bool after) {
    const explaint_tokenizer *t = draft->t;
    size_t place = 0;
    if (!xp_value_size(id, &place)) return unexpected(draft, part, "id", "an id of 0 or more", id);
    if (place >= t->n_pieces)
        return REFUSE(draft, "%s gives \"%.*s\" the id %zu, beyond the %zu pieces", part, XP_SHOW(name), place,
                      t->n_pieces);
    return xp_draft_special(draft, (int32_t)place, after);
}

static explaint_status template_token(xp_draft *draft, const xp_value *template, const xp_value *token, bool after) {
    static const char part[] = "the post_processor TemplateProcessing";
    xp_view name = {0};
    explaint_status status = get_string(draft, token, part, "id", &name);
    if (status != EXPLAINT_OK) return status;
    const xp_value *entry = xp_value_member(xp_value_member(template, "special_tokens"), name.data);
    const xp_value *ids = xp_value_member(entry, "ids");
    if (!xp_value_is_array(ids))
        return REFUSE(draft, "the template uses \"%.*s\", which its special_tokens do not explain", XP_SHOW(name));
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(ids); i++)
        status = add_special(draft, part, name, xp_value_item(ids, i), after);
    return status;
}

/* {"SpecialToken": {"id": NAME, "type_id": 0}} or {"Sequence": {"id": "A", "type_id": 0}} */
static explaint_status template_piece(xp_draft *draft, const xp_value *template, const xp_value *piece, bool *after) {
    static const char part[] = "the post_processor TemplateProcessing";
    const xp_value *token = xp_value_member(piece, "SpecialToken"), *text = xp_value_member(piece, "Sequence");
    const xp_value *body = token != NULL ? token : text, *type = xp_value_member(body, "type_id");
    size_t type_id;
    if (body == NULL || xp_value_count(piece) != 1)
        return unexpected(draft, part, "single", "a list of SpecialToken and Sequence", piece);
    if (!xp_value_size(type, &type_id) || type_id != 0)
        return unexpected(draft, part, "type_id", "0 (other types of tokens are not implemented)", type);
    if (token != NULL) return template_token(draft, template, token, *after);
    const char *which = xp_value_string(xp_value_member(text, "id"));
    if (*after || which == NULL || strcmp(which, "A") != 0)
        return unexpected(draft, part, "single", "the text once, as \"A\"", xp_value_member(template, "single"));
    *after = true;
    return EXPLAINT_OK;
}

static explaint_status template_processing(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type", "single", "pair", "special_tokens", NULL};
    static const char part[] = "the post_processor TemplateProcessing";
    const xp_value *single = xp_value_member(value, "single");
    bool after = false;
    explaint_status status = only_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK && !xp_value_is_array(single))
        status = unexpected(draft, part, "single", "a list", single);
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(single); i++)
        status = template_piece(draft, value, xp_value_item(single, i), &after);
    if (status == EXPLAINT_OK && !after) status = unexpected(draft, part, "single", "the text once, as \"A\"", single);
    return status;
}

/* ["</s>", 2]: the name and the id */
static explaint_status named_token(xp_draft *draft, const xp_value *value, const char *part, const char *key,
                                   bool after) {
    const xp_value *pair = xp_value_member(value, key);
    const char *name = xp_value_string(xp_value_item(pair, 0));
    if (name == NULL || xp_value_count(pair) != 2) return unexpected(draft, part, key, "a name and an id", pair);
    return add_special(draft, part, (xp_view){name, strlen(name)}, xp_value_item(pair, 1), after);
}

static explaint_status bert_processing(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type", "sep", "cls", NULL};
    static const char part[] = "the post_processor BertProcessing";
    explaint_status status = only_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = named_token(draft, value, part, "cls", false);
    return status == EXPLAINT_OK ? named_token(draft, value, part, "sep", true) : status;
}

static explaint_status roberta_processing(xp_draft *draft, const xp_value *value) {
    static const char *const keys[] = {"type", "sep", "cls", "trim_offsets", "add_prefix_space", NULL};
    static const char part[] = "the post_processor RobertaProcessing";
    explaint_status status = only_keys(draft, value, part, keys);
    if (status == EXPLAINT_OK) status = named_token(draft, value, part, "cls", false);
    if (status == EXPLAINT_OK) status = named_token(draft, value, part, "sep", true);
    if (status == EXPLAINT_OK) status = get_bool(draft, value, part, "trim_offsets", &draft->t->trims);
    return status == EXPLAINT_OK ? get_bool(draft, value, part, "add_prefix_space", &draft->t->prefix_space) : status;
}

static explaint_status read_post_processor(xp_draft *draft, const xp_value *value) {
    static const char *const pair[] = {"sep", "cls", NULL}, *const template[] = {"single", "special_tokens", NULL};
    static const char what[] = "post_processor";
    const bool named = xp_value_member(value, "sep") != NULL;
    const char *bert = xp_value_member(value, "trim_offsets") != NULL ? "RobertaProcessing" : "BertProcessing";
    if (draft->t->n_before + draft->t->n_after > 0)
        return REFUSE(draft, "a Sequence of more than one post_processor is not implemented");
    const char *type = type_of(draft, value, what, named ? pair : template, named ? bert : "TemplateProcessing");
    if (type == NULL) return draft->error->code;
    if (strcmp(type, "TemplateProcessing") == 0) return template_processing(draft, value);
    if (strcmp(type, "RobertaProcessing") == 0) return roberta_processing(draft, value);
    if (strcmp(type, "BertProcessing") == 0) return bert_processing(draft, value);
    return not_implemented(draft, what, type, "TemplateProcessing, RobertaProcessing or BertProcessing");
}

/* ---- any part, alone or in a Sequence ---- */

typedef explaint_status (*reader)(xp_draft *draft, const xp_value *value);

static explaint_status read_part(xp_draft *draft, const xp_value *root, const char *key, const char *list_key,
                                 reader read) {
    const xp_value *value = xp_value_member(root, key);
    const char *type = xp_value_string(xp_value_member(value, "type"));
    if (xp_value_is_null(value)) return EXPLAINT_OK;
    if (!xp_value_is_object(value)) return unexpected(draft, "the file", key, "an object or null", value);
    if (type == NULL || strcmp(type, "Sequence") != 0) return read(draft, value);
    const xp_value *list = xp_value_member(value, list_key);
    if (!xp_value_is_array(list)) return unexpected(draft, "a Sequence", list_key, "a list", list);
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(list); i++)
        status = read(draft, xp_value_item(list, i));
    return status;
}

/* ---- model ---- */

static explaint_status read_pieces(xp_draft *draft, const xp_value *vocab) {
    if (!xp_value_is_object(vocab)) return unexpected(draft, "the model", "vocab", "pieces with their ids", vocab);
    size_t n = xp_value_count(vocab), id;
    draft->piece = xp_calloc(n, sizeof *draft->piece);
    if (draft->piece == NULL) return xp_no_memory(draft->error, "a vocabulary");
    draft->piece_capacity = draft->t->n_vocabulary = draft->n_distinct = n;
    for (void *at = xp_value_first(vocab); at != NULL; at = xp_value_next(vocab, at)) {
        xp_view piece = {xp_value_key(at), strlen(xp_value_key(at))};
        if (!xp_value_size(xp_value_at(at), &id))
            return unexpected(draft, "the vocabulary", piece.data, "an id of 0 or more", xp_value_at(at));
        if (id >= n)
            return REFUSE(draft, "the piece \"%.*s\" has the id %zu; expected 0 to %zu, as there are %zu pieces",
                          XP_SHOW(piece), id, n - 1, n);
        if (draft->piece[id].data != NULL)
            return REFUSE(draft, "the pieces \"%.*s\" and \"%.*s\" have the same id, %zu", XP_SHOW(draft->piece[id]),
                          XP_SHOW(piece), id);
        draft->piece[id] = piece;
    }
    return EXPLAINT_OK;
}

/* Before tokenizers 0.9 files did not say the type; a model is then the first of those that the library tries whose keys are
 * all there. */
static explaint_status check_type(xp_draft *draft, const xp_value *model, bool all) {
    static const char *const keys[] = {"unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"};
    const xp_value *value = xp_value_member(model, "type");
    const char *type = xp_value_string(value);
    if (value != NULL && type == NULL) return unexpected(draft, "the model", "type", "a name", value);
    if (type != NULL)
        return strcmp(type, "WordPiece") == 0 ? EXPLAINT_OK : not_implemented(draft, "model", type, "WordPiece");
    if (xp_value_member(model, "merges") != NULL)
        return REFUSE(draft, "the model has no \"type\", and \"merges\" as BPE has, which is not implemented; expected "
                             "WordPiece");
    for (size_t i = 0; i < 4 && all; i++)
        if (xp_value_member(model, keys[i]) == NULL)
            return REFUSE(draft,
                          "the model has no \"type\" and no \"%s\", as WordLevel or Unigram have, which are not "
                          "implemented; expected WordPiece",
                          keys[i]);
    return EXPLAINT_OK;
}

explaint_status xp_tokenizer_read_pieces(xp_draft *draft, const xp_value *root) {
    const xp_value *model = xp_value_member(root, "model");
    if (!xp_value_is_object(model)) return unexpected(draft, "the file", "model", "an object", model);
    explaint_status status = check_type(draft, model, false);
    return status == EXPLAINT_OK ? read_pieces(draft, xp_value_member(model, "vocab")) : status;
}

explaint_status xp_tokenizer_read_model(xp_draft *draft, const xp_value *root) {
    static const char *const keys[] = {"type",  "unk_token", "continuing_subword_prefix", "max_input_chars_per_word",
                                       "vocab", NULL};
    static const char part[] = "the model WordPiece";
    const xp_value *model = xp_value_member(root, "model");
    if (!xp_value_is_object(model)) return unexpected(draft, "the file", "model", "an object", model);
    const xp_value *limit = xp_value_member(model, "max_input_chars_per_word");
    xp_view unknown = {0}, prefix = {0};
    explaint_status status = check_type(draft, model, true);
    if (status == EXPLAINT_OK) status = only_keys(draft, model, part, keys);
    if (status == EXPLAINT_OK) status = get_string(draft, model, part, "unk_token", &unknown);
    if (status == EXPLAINT_OK) status = get_string(draft, model, part, "continuing_subword_prefix", &prefix);
    if (status == EXPLAINT_OK && !xp_value_size(limit, &draft->t->max_characters))
        status = unexpected(draft, part, "max_input_chars_per_word", "a number of characters", limit);
    if (status == EXPLAINT_OK) status = read_pieces(draft, xp_value_member(model, "vocab"));
    return status == EXPLAINT_OK ? xp_draft_vocabulary(draft, prefix, unknown) : status;
}

/* ---- added tokens, notes ---- */

static explaint_status read_added(xp_draft *draft, const xp_value *token, xp_batch batch) {
    static const char *const keys[] = {"id",     "content",    "single_word", "lstrip",
                                       "rstrip", "normalized", "special",     NULL};
    static const char part[] = "an added token";
    xp_candidate c = {.path = draft->path, .batch = batch};
    if (!xp_value_is_object(token)) return unexpected(draft, "the file", "added_tokens", "a list of objects", token);
    explaint_status status = only_keys(draft, token, part, keys);
    if (status == EXPLAINT_OK) status = get_string(draft, token, part, "content", &c.content);
    if (status == EXPLAINT_OK && !xp_value_size(xp_value_member(token, "id"), &c.id))
        status = unexpected(draft, part, "id", "an id of 0 or more", xp_value_member(token, "id"));
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_switches(draft->path, part, token, &c, draft->error);
    return status == EXPLAINT_OK ? xp_draft_add(draft, c) : status;
}

explaint_status xp_tokenizer_read_switches(const char *path, const char *part, const xp_value *object,
                                           xp_candidate *candidate, explaint_error *error) {
    struct {
        const char *key;
        bool *truth;
    } switches[] = {{"single_word", &candidate->token.single_word},
                    {"lstrip", &candidate->token.lstrip},
                    {"rstrip", &candidate->token.rstrip},
                    {"special", &candidate->token.special},
                    {"normalized", &candidate->token.normalized}};
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        const xp_value *value = xp_value_member(object, switches[i].key);
        if (value != NULL && !xp_value_bool(value, switches[i].truth))
            return xp_tokenizer_unexpected(path, part, switches[i].key, "true or false", value, error);
    }
    candidate->open = xp_value_member(object, "normalized") == NULL;
    return EXPLAINT_OK;
}

explaint_status xp_tokenizer_read_added(xp_draft *draft, const xp_value *root, xp_batch batch) {
    const xp_value *list = xp_value_member(root, "added_tokens");
    explaint_status status = EXPLAINT_OK;
    if (xp_value_is_null(list)) return status;
    if (!xp_value_is_array(list)) return unexpected(draft, "the file", "added_tokens", "a list", list);
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(list); i++)
        status = read_added(draft, xp_value_item(list, i), batch);
    return status;
}

/* What a training script left in the file: it is said, and not done, or every text would be cut or filled in silence. */
static explaint_status note_unapplied(xp_draft *draft, const xp_value *root, const char *key, const char *effect) {
    const xp_value *value = xp_value_member(root, key);
    if (xp_value_is_null(value)) return EXPLAINT_OK;
    xp_text text = {0};
    xp_value_text(value, &text);
    xp_view shown = {text.data, text.length};
    bool noted = !text.failed && xp_strings_addf(&draft->t->notes, "%s asks for %s %.*s, which is not applied: %s",
                                                 draft->path, key, XP_SHOW(shown), effect);
    xp_text_free(&text);
    return noted ? EXPLAINT_OK : xp_no_memory(draft->error, "a note");
}

explaint_status xp_tokenizer_read_unapplied(xp_draft *draft, const xp_value *root) {
    explaint_status status = note_unapplied(draft, root, "truncation", "texts are cut only where that is asked for");
    return status == EXPLAINT_OK ? note_unapplied(draft, root, "padding", "texts are never filled up") : status;
}

/* ---- the whole ---- */

explaint_status xp_tokenizer_read_head(xp_draft *draft, const xp_value *root) {
    static const char *const keys[] = {"version",       "truncation",     "padding", "added_tokens", "normalizer",
                                       "pre_tokenizer", "post_processor", "decoder", "model",        NULL};
    if (!xp_value_is_object(root)) return REFUSE(draft, "expected an object with the keys of a tokenizer.json");
    const xp_value *version = xp_value_member(root, "version");
    const char *number = xp_value_string(version);
    explaint_status status = only_keys(draft, root, "the file", keys);
    if (status == EXPLAINT_OK && version != NULL && (number == NULL || strcmp(number, "1.0") != 0))
        status = unexpected(draft, "the file", "version", "\"1.0\"", version);
    return status;
}

explaint_status xp_tokenizer_read_normalizer(xp_draft *draft, const xp_value *root) {
    return read_part(draft, root, "normalizer", "normalizers", read_normalizer);
}

explaint_status xp_tokenizer_read_pre_tokenizer(xp_draft *draft, const xp_value *root) {
    return read_part(draft, root, "pre_tokenizer", "pretokenizers", read_pre_tokenizer);
}

explaint_status xp_tokenizer_read_post_processor(xp_draft *draft, const xp_value *root) {
    return read_part(draft, root, "post_processor", "processors", read_post_processor);
}

static explaint_status read_root(xp_draft *draft, const xp_value *root) {
    explaint_status status = xp_tokenizer_read_head(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_model(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_added(draft, root, XP_FROM_FILE);
    if (status == EXPLAINT_OK) status = xp_draft_number(draft);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_normalizer(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_pre_tokenizer(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_post_processor(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_unapplied(draft, root);
    return status == EXPLAINT_OK ? xp_draft_finish(draft) : status;
}

explaint_status xp_tokenizer_read(const char *path, const char *bytes, size_t size, explaint_tokenizer **tokenizer,
                                  explaint_error *error) {
    xp_draft draft;
    *tokenizer = NULL;
    explaint_status status = xp_draft_begin(&draft, path, error);
    if (status != EXPLAINT_OK) return status;
    xp_value *root = xp_value_parse(bytes, size, path, error);
    status = root != NULL ? read_root(&draft, root) : error->code;
    status = xp_draft_end(&draft, status, tokenizer);
    xp_value_free(root);
    return status;
}
