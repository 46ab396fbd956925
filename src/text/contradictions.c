#include "text/contradictions.h"

#include "base/memory.h"
#include "text/tokenizer_read.h"

#define NOTE(draft, ...)                                                                                               \
    (xp_strings_addf(&(draft)->t->notes, __VA_ARGS__) ? EXPLAINT_OK : xp_no_memory((draft)->error, "a note"))

static const char *path_of(const xp_settings *s, xp_folder_file source) { return s->files->file[source].path; }

static const char *truth(bool is) { return is ? "true" : "false"; }

/* ---- tokenizer.json, beside a class that builds its own ---- */

/* "tokenizer.json asks for the KEY VALUE, which is not applied: BECAUSE" */
static explaint_status note_part(const xp_settings *s, xp_draft *draft, const char *key, const xp_value *value) {
    xp_text text = {0};
    xp_value_show(value, &text);
    explaint_status status =
        text.failed ? xp_no_memory(draft->error, "a note")
                    : NOTE(draft, "%s asks for the %s %s, which is not applied: %s in transformers 5 has its own",
                           path_of(s, XP_TOKENIZER_JSON), key, text.data, s->class_name);
    xp_text_free(&text);
    return status;
}

static explaint_status note_switches(const xp_settings *s, xp_draft *draft) {
    static const xp_step steps[XP_SWITCHES] = {XP_STEP_LOWER, XP_STEP_STRIP, XP_STEP_IDEOGRAPHS};
    static const char *const names[XP_SWITCHES] = {"lowercase", "strip_accents", "handle_chinese_chars"};
    const xp_normalizer *n = &draft->t->normalizer;
    explaint_status status = EXPLAINT_OK;
    const bool lower = xp_normalizer_has(n, XP_STEP_LOWER), follows = xp_normalizer_has(n, XP_STEP_STRIP) == lower;
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_SWITCHES; i++) {
        const bool asked = xp_normalizer_has(n, steps[i]);
        if (asked == s->on[i]) continue;
        if (i == XP_STRIPS && !s->given[i] && follows && lower != s->on[XP_LOWERS]) continue; /* goes with the case */
        status = NOTE(draft, "%s asks for %s %s, which is not applied: %s in transformers 5 goes by %s, %s (%s)",
                      path_of(s, XP_TOKENIZER_JSON), names[i], truth(asked), s->class_name, xp_switch_keys[i],
                      truth(s->on[i]), s->given[i] ? xp_folder_file_name(s->given_by[i]) : "by default");
    }
    return status;
}

/* Reads a part as if it counted: *works says whether it is implemented. */
static explaint_status try_part(xp_draft *draft, const xp_value *root,
                                explaint_status (*read)(xp_draft *, const xp_value *), bool *works) {
    explaint_error unseen = {0}, *error = draft->error;
    draft->error = &unseen;
    explaint_status status = read(draft, root);
    draft->error = error;
    *works = status == EXPLAINT_OK;
    if (status == EXPLAINT_INVALID) return EXPLAINT_OK;
    if (status != EXPLAINT_OK && error != NULL) *error = unseen;
    return status;
}

static explaint_status note_normalizer(const xp_settings *s, xp_draft *draft, const xp_value *root) {
    const xp_value *value = xp_value_member(root, "normalizer");
    bool works;
    explaint_status status = try_part(draft, root, xp_tokenizer_read_normalizer, &works);
    if (status != EXPLAINT_OK) return status;
    const xp_normalizer *n = &draft->t->normalizer;
    bool alike = works && xp_normalizer_has(n, XP_STEP_CLEAN); /* a BertNormalizer, and nothing else */
    for (size_t i = 0; i < n->n; i++) alike &= n->step[i].kind <= XP_STEP_LOWER;
    return alike ? note_switches(s, draft) : note_part(s, draft, "normalizer", value);
}

static explaint_status note_post_processor(const xp_settings *s, xp_draft *draft, const xp_value *root) {
    explaint_tokenizer *t = draft->t;
    bool works;
    explaint_status status = try_part(draft, root, xp_tokenizer_read_post_processor, &works);
    const bool alike = works && t->n_before == 1 && t->n_after == 1 &&
                       t->before[0] == xp_draft_id(draft, s->role[XP_CLS].content) &&
                       t->after[0] == xp_draft_id(draft, s->role[XP_SEP].content);
    xp_free_all(t->before, t->after);
    t->before = t->after = NULL;
    t->n_before = t->n_after = 0;
    t->n_trims = 0;
    if (status != EXPLAINT_OK || alike) return status;
    return note_part(s, draft, "post_processor", xp_value_member(root, "post_processor"));
}

static explaint_status note_model(const xp_settings *s, xp_draft *draft, const xp_value *root) {
    const xp_value *model = xp_value_member(root, "model"),
                   *prefix = xp_value_member(model, "continuing_subword_prefix"),
                   *limit = xp_value_member(model, "max_input_chars_per_word"),
                   *unknown = xp_value_member(model, "unk_token");
    const char *text = xp_value_string(prefix), *name = xp_value_string(unknown);
    size_t most = 0;
    explaint_status status = EXPLAINT_OK;
    if (prefix != NULL && (text == NULL || strcmp(text, "##") != 0))
        status = note_part(s, draft, "continuing_subword_prefix", prefix);
    if (status == EXPLAINT_OK && limit != NULL && (!xp_value_size(limit, &most) || most != XP_USUAL_LIMIT))
        status = note_part(s, draft, "max_input_chars_per_word", limit);
    if (status == EXPLAINT_OK && unknown != NULL && (name == NULL || !xp_view_is(s->role[XP_UNK].content, name)))
        status = note_part(s, draft, "unk_token", unknown);
    return status;
}

explaint_status xp_contradictions_of_pipeline(const xp_settings *s, xp_draft *draft) {
    const xp_value *root = s->value[XP_TOKENIZER_JSON];
    bool works;
    explaint_status status = note_model(s, draft, root);
    if (status == EXPLAINT_OK) status = note_normalizer(s, draft, root);
    if (status == EXPLAINT_OK) status = try_part(draft, root, xp_tokenizer_read_pre_tokenizer, &works);
    if (status == EXPLAINT_OK) {
        const xp_splitter *splitter = &draft->t->splitter;
        works = works && splitter->n > 0;
        for (size_t i = 0; i < splitter->n; i++) works &= splitter->step[i].kind == XP_SPLIT_BERT;
        if (!works) status = note_part(s, draft, "pre_tokenizer", xp_value_member(root, "pre_tokenizer"));
    }
    xp_normalizer_clear(&draft->t->normalizer);
    xp_splitter_clear(&draft->t->splitter);
    return status == EXPLAINT_OK ? note_post_processor(s, draft, root) : status;
}

/* ---- tokenizer_config.json ---- */

/* Switches that tokenizer.json goes before. */
static explaint_status note_unused_switches(const xp_settings *s, xp_draft *draft) {
    static const xp_step steps[XP_SWITCHES] = {XP_STEP_LOWER, XP_STEP_STRIP, XP_STEP_IDEOGRAPHS};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_SWITCHES; i++) {
        if (!s->given[i] || s->on[i] == xp_normalizer_has(&draft->t->normalizer, steps[i])) continue;
        status = NOTE(draft, "%s asks for %s %s, which is not applied: %s goes by tokenizer.json",
                      path_of(s, s->given_by[i]), xp_switch_keys[i], truth(s->on[i]), s->class_name);
    }
    return status;
}

static explaint_status note_old_keys(const xp_settings *s, xp_draft *draft) {
    static const char *const keys[] = {"do_basic_tokenize", "never_split"};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < 2; i++) {
        xp_folder_file from;
        const xp_value *value = xp_setting(s, keys[i], &from);
        bool basic = true;
        xp_value_bool(value, &basic);
        if (i == 0 ? basic : xp_value_count(value) == 0) continue;
        status = NOTE(draft, "%s: %s is not applied, as transformers 5 does not know it", path_of(s, from), keys[i]);
    }
    return status;
}

/* ---- files beside added_tokens_decoder ---- */

static explaint_status note_not_added(const xp_settings *s, xp_draft *draft, xp_folder_file from, const char *content,
                                      bool *noted) {
    const xp_view name = {content, strlen(content)};
    *noted = !xp_draft_adds(draft, name);
    if (!*noted) return EXPLAINT_OK;
    return NOTE(draft, "%s adds \"%.*s\", which is no token of its own here: added_tokens_decoder of %s goes before it",
                path_of(s, from), XP_SHOW(name), xp_folder_file_name(XP_TOKENIZER_CONFIG));
}

/* The first token of each file that is not there shows what happens. */
static explaint_status note_lists(const xp_settings *s, xp_draft *draft) {
    const xp_value *json = xp_value_member(s->value[XP_TOKENIZER_JSON], "added_tokens"),
                   *old = s->value[XP_ADDED_TOKENS];
    explaint_status status = EXPLAINT_OK;
    bool noted = false;
    for (size_t i = 0; status == EXPLAINT_OK && !noted && i < xp_value_count(json); i++) {
        const char *content = xp_value_string(xp_value_member(xp_value_item(json, i), "content"));
        if (content != NULL) status = note_not_added(s, draft, XP_TOKENIZER_JSON, content, &noted);
    }
    noted = false;
    for (void *at = xp_value_first(old); status == EXPLAINT_OK && !noted && at != NULL; at = xp_value_next(old, at))
        status = note_not_added(s, draft, XP_ADDED_TOKENS, xp_value_key(at), &noted);
    return status;
}

static explaint_status note_map(const xp_settings *s, xp_draft *draft) {
    const xp_value *map = s->value[XP_SPECIAL_TOKENS_MAP];
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_ROLES; i++) {
        const xp_value *value = xp_value_member(map, xp_role_keys[i]);
        const char *name = xp_value_string(xp_value_is_object(value) ? xp_value_member(value, "content") : value);
        if (name == NULL || xp_view_is(s->role[i].content, name)) continue;
        const xp_view shown = {name, strlen(name)};
        status = NOTE(draft,
                      "%s has the %s \"%.*s\", which is not applied: beside added_tokens_decoder of %s the file "
                      "is not looked at",
                      path_of(s, XP_SPECIAL_TOKENS_MAP), xp_role_keys[i], XP_SHOW(shown),
                      xp_folder_file_name(XP_TOKENIZER_CONFIG));
    }
    return status;
}

/* ---- vocab.txt ---- */

static explaint_status note_alone(const xp_settings *s, xp_draft *draft) {
    xp_text text = {0};
    xp_text_addf(&text, "%s is all there is of the tokenizer; read as %s's, with", draft->path,
                 s->class == XP_CLASS_MPNET ? "MPNet" : "BERT");
    static const xp_switch order[XP_SWITCHES] = {XP_LOWERS, XP_STRIPS, XP_IDEOGRAPHS_APART};
    for (size_t i = 0; i < XP_SWITCHES; i++)
        xp_text_addf(&text, "%s %s %s (%s)", i > 0 ? "," : "", xp_switch_keys[order[i]], truth(s->on[order[i]]),
                     s->given[order[i]] ? xp_folder_file_name(s->given_by[order[i]]) : "by default");
    bool noted = !text.failed && xp_strings_add(&draft->t->notes, text.data, text.length);
    xp_text_free(&text);
    return noted ? EXPLAINT_OK : xp_no_memory(draft->error, "a note");
}

/* Beside a tokenizer.json: the first line that says something else. */
static explaint_status note_vocabulary(const xp_settings *s, xp_draft *draft) {
    const char *at = s->files->file[XP_VOCAB_TXT].data;
    const char *end = at + s->files->file[XP_VOCAB_TXT].size;
    const explaint_tokenizer *t = draft->t;
    xp_view line;
    for (size_t i = 0; xp_view_line(&at, end, &line); i++) {
        while (line.length > 0 && (line.data[line.length - 1] == '\r' || line.data[line.length - 1] == ' '))
            line.length--;
        const char *piece = i < t->n_pieces ? t->piece[i] : "";
        if (line.length == 0 || xp_view_is(line, piece)) continue;
        const xp_view other = {piece, strlen(piece)};
        return NOTE(draft,
                    "%s is not looked at beside tokenizer.json, which has \"%.*s\" where its line %zu has "
                    "\"%.*s\"",
                    path_of(s, XP_VOCAB_TXT), XP_SHOW(other), i + 1, XP_SHOW(line));
    }
    return EXPLAINT_OK;
}

/* ---- beside a tokenizer.json that decides alone ---- */

static explaint_status note_missing(const xp_settings *s, xp_draft *draft, xp_folder_file from, const char *content,
                                    bool *noted) {
    const xp_view name = {content, content != NULL ? strlen(content) : 0};
    *noted = content != NULL && xp_draft_id(draft, name) < 0;
    return *noted ? NOTE(draft,
                         "%s adds \"%.*s\", which is no token here: tokenizer.json, which decides, does not have it",
                         path_of(s, from), XP_SHOW(name))
                  : EXPLAINT_OK;
}

/* Whether a piece is put before a text, or behind it. */
static explaint_status note_ends(const xp_settings *s, xp_draft *draft) {
    static const char *const keys[] = {"add_bos_token", "add_eos_token"};
    const xp_value *config = s->value[XP_TOKENIZER_CONFIG];
    const bool is[] = {draft->t->n_before > 0, draft->t->n_after > 0};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < 2; i++) {
        bool asked;
        if (!xp_value_bool(xp_value_member(config, keys[i]), &asked) || asked == is[i]) continue;
        status = NOTE(draft, "%s asks for %s %s, which is not applied: tokenizer.json decides",
                      path_of(s, XP_TOKENIZER_CONFIG), keys[i], truth(asked));
    }
    return status;
}

/* The first token of each file that is not there shows what happens. */
static explaint_status note_beside_alone(const xp_settings *s, xp_draft *draft) {
    const xp_value *list = xp_value_member(s->value[XP_TOKENIZER_CONFIG], "added_tokens_decoder"),
                   *old = s->value[XP_ADDED_TOKENS];
    explaint_status status = EXPLAINT_OK;
    bool noted = false;
    for (void *at = xp_value_first(list); status == EXPLAINT_OK && !noted && at != NULL; at = xp_value_next(list, at))
        status = note_missing(s, draft, XP_TOKENIZER_CONFIG,
                              xp_value_string(xp_value_member(xp_value_at(at), "content")), &noted);
    noted = false;
    for (void *at = xp_value_first(old); status == EXPLAINT_OK && !noted && at != NULL; at = xp_value_next(old, at))
        status = note_missing(s, draft, XP_ADDED_TOKENS, xp_value_key(at), &noted);
    return status == EXPLAINT_OK ? note_ends(s, draft) : status;
}

explaint_status xp_contradictions_of_files(const xp_settings *s, xp_draft *draft) {
    if (s->class == XP_CLASS_ALONE) return note_beside_alone(s, draft);
    const bool json = s->value[XP_TOKENIZER_JSON] != NULL;
    explaint_status status = EXPLAINT_OK;
    if (!json) status = note_alone(s, draft);
    if (status == EXPLAINT_OK && json && s->files->file[XP_VOCAB_TXT].data != NULL) status = note_vocabulary(s, draft);
    if (status == EXPLAINT_OK && s->class == XP_CLASS_FILE) status = note_unused_switches(s, draft);
    if (status == EXPLAINT_OK) status = note_old_keys(s, draft);
    if (status == EXPLAINT_OK && s->listed) status = note_lists(s, draft);
    return status == EXPLAINT_OK && s->listed ? note_map(s, draft) : status;
}
