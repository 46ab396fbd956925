/* tokenizer.json of Hugging Face's tokenizers: what is no part of the pipeline, and the order of all. */
#include "text/tokenizer_read.h"

#include "base/memory.h"
#include "text/part_read.h"

/* ---- added tokens, notes ---- */

static explaint_status read_added(xp_draft *draft, const xp_value *token, xp_batch batch) {
    static const char *const keys[] = {"id",     "content",    "single_word", "lstrip",
                                       "rstrip", "normalized", "special",     NULL};
    static const char part[] = "an added token";
    xp_candidate c = {.path = draft->path, .batch = batch};
    if (!xp_value_is_object(token))
        return xp_part_unexpected(draft, "the file", "added_tokens", "a list of objects", token);
    explaint_status status = xp_part_keys(draft, token, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_string(draft, token, part, "content", &c.content);
    if (status == EXPLAINT_OK && !xp_value_size(xp_value_member(token, "id"), &c.id))
        status = xp_part_unexpected(draft, part, "id", "an id of 0 or more", xp_value_member(token, "id"));
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
    if (!xp_value_is_array(list)) return xp_part_unexpected(draft, "the file", "added_tokens", "a list", list);
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(list); i++)
        status = read_added(draft, xp_value_item(list, i), batch);
    return status;
}

/* What a training script left in the file: it is said, and not done, or every text would be cut or filled in silence. */
static explaint_status note_unapplied(xp_draft *draft, const xp_value *root, const char *key, const char *effect) {
    const xp_value *value = xp_value_member(root, key);
    if (xp_value_is_null(value)) return EXPLAINT_OK;
    xp_text text = {0};
    xp_value_show(value, &text);
    bool noted = !text.failed && xp_strings_addf(&draft->t->notes, "%s asks for %s %s, which is not applied: %s",
                                                 draft->path, key, text.data, effect);
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
    if (!xp_value_is_object(root)) return XP_PART_REFUSE(draft, "expected an object with the keys of a tokenizer.json");
    const xp_value *version = xp_value_member(root, "version");
    const char *number = xp_value_string(version);
    explaint_status status = xp_part_keys(draft, root, "the file", keys);
    if (status == EXPLAINT_OK && version != NULL && (number == NULL || strcmp(number, "1.0") != 0))
        status = xp_part_unexpected(draft, "the file", "version", "\"1.0\"", version);
    return status;
}

explaint_status xp_tokenizer_read_pipeline(xp_draft *draft, const xp_value *root) {
    explaint_status status = xp_tokenizer_read_normalizer(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_pre_tokenizer(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_post_processor(draft, root);
    return status == EXPLAINT_OK ? xp_tokenizer_read_decoder(draft, root) : status;
}

static explaint_status read_root(xp_draft *draft, const xp_value *root) {
    explaint_status status = xp_tokenizer_read_head(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_model(draft, root);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_added(draft, root, XP_FROM_FILE);
    if (status == EXPLAINT_OK) status = xp_draft_number(draft);
    if (status == EXPLAINT_OK) status = xp_tokenizer_read_pipeline(draft, root);
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
