/* The post_processor of a tokenizer.json: pieces before and behind a text, and places without white space. */
#include "text/part_read.h"
#include "text/tokenizer_read.h"

static const char template_part[] = "the post_processor TemplateProcessing";

static explaint_status add_special(xp_draft *draft, const char *part, xp_view name, const xp_value *id, bool after) {
    const explaint_tokenizer *t = draft->t;
    size_t place = 0;
    if (!xp_value_size(id, &place)) return xp_part_unexpected(draft, part, "id", "an id of 0 or more", id);
    if (place >= t->n_pieces)
        return XP_PART_REFUSE(draft, "%s gives \"%.*s\" the id %zu, beyond the %zu pieces", part, XP_SHOW(name), place,
                              t->n_pieces);
    return xp_draft_special(draft, (int32_t)place, after);
}

static explaint_status template_token(xp_draft *draft, const xp_value *template, const xp_value *token, bool after) {
    xp_view name = {0};
    explaint_status status = xp_part_string(draft, token, template_part, "id", &name);
    if (status != EXPLAINT_OK) return status;
    const xp_value *entry = xp_value_member(xp_value_member(template, "special_tokens"), name.data);
    const xp_value *ids = xp_value_member(entry, "ids");
    if (!xp_value_is_array(ids))
        return XP_PART_REFUSE(draft, "the template uses \"%.*s\", which its special_tokens do not explain",
                              XP_SHOW(name));
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(ids); i++)
        status = add_special(draft, template_part, name, xp_value_item(ids, i), after);
    return status;
}

/* {"SpecialToken": {"id": NAME, "type_id": 0}} or {"Sequence": {"id": "A", "type_id": 0}} */
static explaint_status template_piece(xp_draft *draft, const xp_value *template, const xp_value *piece, bool *after) {
    const xp_value *token = xp_value_member(piece, "SpecialToken"), *text = xp_value_member(piece, "Sequence");
    const xp_value *body = token != NULL ? token : text, *type = xp_value_member(body, "type_id");
    size_t type_id;
    if (body == NULL || xp_value_count(piece) != 1)
        return xp_part_unexpected(draft, template_part, "single", "a list of SpecialToken and Sequence", piece);
    if (!xp_value_size(type, &type_id) || type_id != 0)
        return xp_part_unexpected(draft, template_part, "type_id", "0 (other types of tokens are not implemented)",
                                  type);
    if (token != NULL) return template_token(draft, template, token, *after);
    const char *which = xp_value_string(xp_value_member(text, "id"));
    if (*after || which == NULL || strcmp(which, "A") != 0)
        return xp_part_unexpected(draft, template_part, "single", "the text once, as \"A\"",
                                  xp_value_member(template, "single"));
    *after = true;
    return EXPLAINT_OK;
}

static explaint_status template_processing(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    (void)kind;
    const xp_value *single = xp_value_member(value, "single");
    bool after = false;
    explaint_status status = EXPLAINT_OK;
    if (!xp_value_is_array(single)) status = xp_part_unexpected(draft, part, "single", "a list", single);
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(single); i++)
        status = template_piece(draft, value, xp_value_item(single, i), &after);
    if (status == EXPLAINT_OK && !after)
        status = xp_part_unexpected(draft, part, "single", "the text once, as \"A\"", single);
    return status;
}

/* ["</s>", 2]: the name and the id */
static explaint_status named_token(xp_draft *draft, const xp_value *value, const char *part, const char *key,
                                   bool after) {
    const xp_value *pair = xp_value_member(value, key);
    const char *name = xp_value_string(xp_value_item(pair, 0));
    if (name == NULL || xp_value_count(pair) != 2)
        return xp_part_unexpected(draft, part, key, "a name and an id", pair);
    return add_special(draft, part, (xp_view){name, strlen(name)}, xp_value_item(pair, 1), after);
}

static explaint_status bert_processing(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    (void)kind;
    explaint_status status = named_token(draft, value, part, "cls", false);
    return status == EXPLAINT_OK ? named_token(draft, value, part, "sep", true) : status;
}

static explaint_status read_trim(xp_draft *draft, const xp_value *value, const char *part) {
    xp_trim trim = {.behind = draft->t->n_before > 0 && draft->merged};
    bool trims = false;
    explaint_status status = xp_part_bool(draft, value, part, "trim_offsets", &trims);
    if (status == EXPLAINT_OK) status = xp_part_bool(draft, value, part, "add_prefix_space", &trim.prefix_space);
    return status == EXPLAINT_OK && trims ? xp_draft_trim(draft, trim) : status;
}

static explaint_status roberta_processing(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    (void)kind;
    explaint_status status = read_trim(draft, value, part);
    if (status == EXPLAINT_OK) status = named_token(draft, value, part, "cls", false);
    return status == EXPLAINT_OK ? named_token(draft, value, part, "sep", true) : status;
}

static explaint_status byte_level(xp_draft *draft, const xp_value *value, const char *part, int kind) {
    (void)kind;
    return read_trim(draft, value, part);
}

static const xp_part_entry entries[] = {
    {"TemplateProcessing", {"type", "single", "pair", "special_tokens"}, 0, template_processing},
    {"RobertaProcessing", {"type", "sep", "cls", "trim_offsets", "add_prefix_space"}, 0, roberta_processing},
    {"BertProcessing", {"type", "sep", "cls"}, 0, bert_processing},
    {"ByteLevel", {"type", "trim_offsets", "add_prefix_space", "use_regex"}, 0, byte_level}};

static explaint_status check(xp_draft *draft, const char *type) {
    if (strcmp(type, "ByteLevel") == 0) return EXPLAINT_OK;
    if (draft->templated)
        return XP_PART_REFUSE(draft, "a Sequence of more than one post_processor that adds pieces is not implemented");
    draft->templated = true;
    draft->merged = strcmp(type, "TemplateProcessing") != 0;
    return EXPLAINT_OK;
}

static const char *type_of(xp_draft *draft, const xp_value *value) {
    static const char *const pair[] = {"sep", "cls", NULL}, *const template[] = {"single", "special_tokens", NULL};
    const bool named = xp_value_member(value, "sep") != NULL;
    const char *bert = xp_value_member(value, "trim_offsets") != NULL ? "RobertaProcessing" : "BertProcessing";
    return xp_part_type(draft, value, "post_processor", named ? pair : template, named ? bert : "TemplateProcessing");
}

explaint_status xp_tokenizer_read_post_processor(xp_draft *draft, const xp_value *root) {
    static const xp_part_kind kind = {"post_processor", "processors", entries, sizeof entries / sizeof entries[0],
                                      type_of,          check};
    draft->templated = draft->merged = false;
    return xp_part_each(draft, root, &kind);
}
