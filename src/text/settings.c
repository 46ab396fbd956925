#include "text/settings.h"

#include "formats/number.h"
#include "text/tokenizer_read.h"

const char *const xp_switch_keys[XP_SWITCHES] = {"do_lower_case", "strip_accents", "tokenize_chinese_chars"};
const char *const xp_role_keys[XP_ROLES] = {"bos_token", "eos_token", "unk_token", "sep_token",
                                            "pad_token", "cls_token", "mask_token"};
static const char *const bert_roles[XP_ROLES] = {NULL, NULL, "[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};
static const char *const mpnet_roles[XP_ROLES] = {"<s>", "</s>", "[UNK]", "</s>", "<pad>", "<s>", "<mask>"};

const char *xp_folder_file_name(xp_folder_file source) {
    static const char *const names[XP_FOLDER_FILES] = {"tokenizer.json",        "vocab.txt",
                                                       "tokenizer_config.json", "special_tokens_map.json",
                                                       "added_tokens.json",     "config.json"};
    return names[source];
}

static bool is_there(const xp_settings *s, xp_folder_file source) { return s->files->file[source].data != NULL; }

static explaint_status refuse(const xp_settings *s, xp_folder_file from, const char *key, const char *expected,
                              const xp_value *found) {
    return xp_tokenizer_unexpected(s->files->file[from].path, NULL, key, expected, found, s->error);
}

const xp_value *xp_setting(const xp_settings *s, const char *key, xp_folder_file *from) {
    const xp_value *value = s->listed ? NULL : xp_value_member(s->value[XP_SPECIAL_TOKENS_MAP], key);
    *from = value != NULL ? XP_SPECIAL_TOKENS_MAP : XP_TOKENIZER_CONFIG;
    return value != NULL ? value : xp_value_member(s->value[XP_TOKENIZER_CONFIG], key);
}

/* ---- the class ---- */

static const struct {
    const char *name; /* with or without Fast behind */
    xp_class class;
} classes[] = {{"BertTokenizer", XP_CLASS_BERT},        {"DistilBertTokenizer", XP_CLASS_BERT},
               {"ElectraTokenizer", XP_CLASS_BERT},     {"LayoutLMTokenizer", XP_CLASS_BERT},
               {"LxmertTokenizer", XP_CLASS_BERT},      {"MobileBertTokenizer", XP_CLASS_BERT},
               {"SqueezeBertTokenizer", XP_CLASS_BERT}, {"MPNetTokenizer", XP_CLASS_MPNET},
               {"PreTrainedTokenizer", XP_CLASS_FILE},  {"TokenizersBackend", XP_CLASS_FILE},
               {"PythonBackend", XP_CLASS_FILE}};

/* Of models whose tokenizer_config.json does not say it. */
static const struct {
    const char *type, *name;
} models[] = {{"bert", "BertTokenizer"},     {"distilbert", "BertTokenizer"},       {"electra", "BertTokenizer"},
              {"layoutlm", "BertTokenizer"}, {"lxmert", "LxmertTokenizer"},         {"megatron-bert", "BertTokenizer"},
              {"mpnet", "MPNetTokenizer"},   {"mobilebert", "MobileBertTokenizer"}, {"squeezebert", "BertTokenizer"}};

static bool names_class(const char *name, const char *class) {
    size_t n = strlen(class);
    return strncmp(name, class, n) == 0 && (name[n] == 0 || strcmp(name + n, "Fast") == 0);
}

static const char *usual_class(const xp_settings *s) {
    const char *type = xp_value_string(xp_value_member(s->value[XP_MODEL_CONFIG], "model_type"));
    for (size_t i = 0; type != NULL && i < sizeof models / sizeof models[0]; i++)
        if (strcmp(type, models[i].type) == 0) return models[i].name;
    if (is_there(s, XP_TOKENIZER_JSON)) return "PreTrainedTokenizerFast";
    return type == NULL ? "BertTokenizer" : NULL;
}

static explaint_status read_class(xp_settings *s) {
    xp_folder_file from = XP_TOKENIZER_CONFIG;
    const xp_value *value = xp_value_member(s->value[from], "tokenizer_class");
    if (xp_value_is_null(value)) {
        from = XP_MODEL_CONFIG;
        value = xp_value_member(s->value[from], "tokenizer_class");
    }
    s->class_name = xp_value_is_null(value) ? usual_class(s) : xp_value_string(value);
    for (size_t i = 0; s->class_name != NULL && i < sizeof classes / sizeof classes[0]; i++) {
        if (!names_class(s->class_name, classes[i].name)) continue;
        s->class = classes[i].class;
        return EXPLAINT_OK;
    }
    return refuse(s, from, "tokenizer_class",
                  "a tokenizer that works as BertTokenizer, MPNetTokenizer or PreTrainedTokenizerFast does", value);
}

/* ---- switches ---- */

static explaint_status read_switch(const xp_settings *s, const char *key, bool null, bool *on, bool *given,
                                   xp_folder_file *from) {
    const xp_value *value = xp_setting(s, key, from);
    *given = value != NULL && !(null && xp_value_is_null(value));
    if (!*given || xp_value_bool(value, on)) return EXPLAINT_OK;
    return refuse(s, *from, key, null ? "true, false or null" : "true or false", value);
}

static explaint_status read_switches(xp_settings *s) {
    explaint_status status = EXPLAINT_OK;
    bool given;
    xp_folder_file from;
    s->on[XP_LOWERS] = s->on[XP_IDEOGRAPHS_APART] = true;
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_SWITCHES; i++) {
        if (i == XP_STRIPS) s->on[i] = s->on[XP_LOWERS]; /* where it is null, as in the original BERT */
        status = read_switch(s, xp_switch_keys[i], i == XP_STRIPS, &s->on[i], &s->given[i], &s->given_by[i]);
    }
    if (status == EXPLAINT_OK)
        status = read_switch(s, "split_special_tokens", false, &s->splits_special, &given, &from);
    return status;
}

/* Keys by which a folder brings another tokenizer than its files are. */
static explaint_status refuse_others(const xp_settings *s) {
    static const char *const keys[] = {"vocab", "merges", "tokenizer_object", "post_processor", "backend_tokenizer"};
    const xp_value *config = s->value[XP_TOKENIZER_CONFIG], *map = xp_value_member(config, "auto_map"),
                   *files = xp_value_member(config, "fast_tokenizer_files");
    const xp_folder_file from = XP_TOKENIZER_CONFIG;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (xp_value_member(config, keys[i]) != NULL)
            return refuse(s, from, keys[i], "no such key (it is not implemented)", xp_value_member(config, keys[i]));
    if (xp_value_is_array(map) || !xp_value_is_null(xp_value_member(map, "AutoTokenizer")))
        return refuse(s, from, "auto_map", "no tokenizer of the folder's own (its code is never run)", map);
    if (xp_value_count(xp_value_member(config, "init_inputs")) > 0)
        return refuse(s, from, "init_inputs", "an empty list", xp_value_member(config, "init_inputs"));
    for (size_t i = 0; i < xp_value_count(files); i++) {
        const char *name = xp_value_string(xp_value_item(files, i));
        if (name == NULL || strcmp(name, "tokenizer.json") != 0)
            return refuse(s, from, "fast_tokenizer_files", "tokenizer.json alone", files);
    }
    return EXPLAINT_OK;
}

/* ---- tokens ---- */

/* A name, or an object with content, lstrip, ... */
static explaint_status read_token(const xp_settings *s, xp_folder_file from, const char *key, const xp_value *value,
                                  xp_candidate *c) {
    const bool object = xp_value_is_object(value);
    const char *path = s->files->file[from].path,
               *text = xp_value_string(object ? xp_value_member(value, "content") : value);
    if (text == NULL || text[0] == 0) return refuse(s, from, key, "a token", value);
    c->content = (xp_view){text, strlen(text)};
    c->path = path;
    c->open = true;
    if (!object) {
        c->token.special = true;
        return EXPLAINT_OK;
    }
    explaint_status status = xp_tokenizer_read_switches(path, key, value, c, s->error);
    c->token.special |= from == XP_SPECIAL_TOKENS_MAP;
    return status;
}

/* transformers compares names with those of added_tokens.json while the objects of tokenizer_config.json are none yet. */
static bool declares(xp_folder_file from, const xp_value *value) {
    return from == XP_SPECIAL_TOKENS_MAP || !xp_value_is_object(value);
}

static explaint_status read_role(xp_settings *s, xp_role role) {
    const char *const *usual = s->class == XP_CLASS_BERT ? bert_roles : mpnet_roles;
    const char *name = s->class != XP_CLASS_FILE ? usual[role] : NULL;
    xp_candidate *c = &s->role[role];
    *c = (xp_candidate){.id = XP_ANY_ID, .batch = XP_ROLE, .role = true, .open = true, .token.special = true};
    const xp_value *value = xp_setting(s, xp_role_keys[role], &s->role_by[role]);
    if (xp_value_is_null(value)) {
        if (value != NULL && s->class != XP_CLASS_FILE && (role == XP_UNK || role == XP_CLS || role == XP_SEP))
            return refuse(s, s->role_by[role], xp_role_keys[role], "a token", value);
        if (value == NULL && name != NULL) {
            c->content = (xp_view){name, strlen(name)};
            c->token.lstrip = s->class == XP_CLASS_MPNET && role == XP_MASK;
        }
        s->role_by[role] = XP_FOLDER_FILES;
        return EXPLAINT_OK;
    }
    c->declared = declares(s->role_by[role], value);
    c->token = (xp_added){.lstrip = s->class == XP_CLASS_MPNET && role == XP_MASK && !xp_value_is_object(value)};
    return read_token(s, s->role_by[role], xp_role_keys[role], value, c);
}

/* transformers writes the two names into a template, where blanks, colons and dollars mean something. */
static explaint_status check_template(const xp_settings *s) {
    for (int i = 0; i < 2 && s->class == XP_CLASS_BERT; i++) {
        const xp_role role = i == 0 ? XP_CLS : XP_SEP;
        const xp_view name = s->role[role].content;
        bool plain = name.data[0] != '$' && memchr(name.data, ':', name.length) == NULL;
        for (size_t k = 0; plain && k < name.length; k++) plain = (unsigned char)name.data[k] > ' ';
        xp_folder_file from;
        const xp_value *value = xp_setting(s, xp_role_keys[role], &from);
        if (!plain) return refuse(s, from, xp_role_keys[role], "a name without blanks, colons and dollars", value);
    }
    return EXPLAINT_OK;
}

/* ---- the files ---- */

static explaint_status parse(xp_settings *s, xp_folder_file source) {
    const char *path = s->files->file[source].path;
    if (source == XP_VOCAB_TXT || !is_there(s, source)) return EXPLAINT_OK;
    s->value[source] = xp_value_parse(s->files->file[source].data, s->files->file[source].size, path, s->error);
    if (s->value[source] == NULL) return s->error->code;
    if (xp_value_is_object(s->value[source])) return EXPLAINT_OK;
    return xp_fail(s->error, EXPLAINT_INVALID, path, 0, "expected an object, as every %s has",
                   xp_folder_file_name(source));
}

explaint_status xp_settings_read(xp_settings *s, const xp_folder_files *files, explaint_error *error) {
    *s = (xp_settings){.files = files, .error = error};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_FOLDER_FILES; i++) status = parse(s, (xp_folder_file)i);
    s->listed = xp_value_member(s->value[XP_TOKENIZER_CONFIG], "added_tokens_decoder") != NULL;
    if (status == EXPLAINT_OK && xp_tokenizer_is_alone(s->value[XP_TOKENIZER_JSON])) {
        s->class = XP_CLASS_ALONE;
        return status;
    }
    if (status == EXPLAINT_OK) status = read_class(s);
    if (status == EXPLAINT_OK) status = refuse_others(s);
    if (status == EXPLAINT_OK) status = read_switches(s);
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_ROLES; i++) status = read_role(s, (xp_role)i);
    return status == EXPLAINT_OK ? check_template(s) : status;
}

void xp_settings_free(xp_settings *s) {
    for (size_t i = 0; i < XP_FOLDER_FILES; i++) xp_value_free(s->value[i]);
}

/* ---- adding ---- */

static explaint_status add_listed(const xp_settings *s, xp_draft *draft) {
    static const char key[] = "added_tokens_decoder";
    const xp_value *list = xp_value_member(s->value[XP_TOKENIZER_CONFIG], key);
    explaint_status status = EXPLAINT_OK;
    if (!xp_value_is_object(list)) return refuse(s, XP_TOKENIZER_CONFIG, key, "an object", list);
    for (void *at = xp_value_first(list); status == EXPLAINT_OK && at != NULL; at = xp_value_next(list, at)) {
        const xp_view id = {xp_value_key(at), strlen(xp_value_key(at))};
        xp_candidate c = {.batch = XP_LISTED};
        if (!xp_number_count(id, &c.id) || !xp_value_is_object(xp_value_at(at)))
            return refuse(s, XP_TOKENIZER_CONFIG, key, "objects by their ids", list);
        status = read_token(s, XP_TOKENIZER_CONFIG, key, xp_value_at(at), &c);
        if (status == EXPLAINT_OK) status = xp_draft_add(draft, c);
    }
    return status;
}

/* {"[E1]": 30522, ...} */
static explaint_status add_from_added_tokens(const xp_settings *s, xp_draft *draft) {
    const xp_value *list = s->value[XP_ADDED_TOKENS];
    explaint_status status = EXPLAINT_OK;
    for (void *at = xp_value_first(list); status == EXPLAINT_OK && at != NULL; at = xp_value_next(list, at)) {
        const char *name = xp_value_key(at);
        xp_candidate c = {.batch = XP_LISTED,
                          .unsaid = true,
                          .content = {name, strlen(name)},
                          .path = s->files->file[XP_ADDED_TOKENS].path};
        if (!xp_value_size(xp_value_at(at), &c.id))
            return refuse(s, XP_ADDED_TOKENS, name, "an id of 0 or more", xp_value_at(at));
        status = xp_draft_add(draft, c);
    }
    return status;
}

/* Special tokens without a role, or with one of the model's own (as image_token). */
static explaint_status add_one(const xp_settings *s, xp_draft *draft, xp_folder_file from, const char *key,
                               const xp_value *value, bool role, bool declared) {
    xp_candidate c = {.id = XP_ANY_ID, .batch = XP_ROLE, .role = role, .declared = declared && declares(from, value)};
    explaint_status status = read_token(s, from, key, value, &c);
    return status == EXPLAINT_OK ? xp_draft_add(draft, c) : status;
}

static bool is_role(const char *key) {
    size_t i = 0;
    while (i < XP_ROLES && strcmp(key, xp_role_keys[i]) != 0) i++;
    return i < XP_ROLES;
}

static bool ends_with_token(const char *key) {
    size_t n = strlen(key);
    return n >= 6 && strcmp(key + n - 6, "_token") == 0 && !is_role(key);
}

static bool is_typed(const xp_value *value) {
    const char *type = xp_value_string(xp_value_member(value, "__type"));
    return type != NULL && strcmp(type, "AddedToken") == 0;
}

static explaint_status add_named(const xp_settings *s, xp_draft *draft, xp_folder_file from, const xp_value *object,
                                 size_t *n) {
    explaint_status status = EXPLAINT_OK;
    for (void *at = xp_value_first(object); status == EXPLAINT_OK && at != NULL; at = xp_value_next(object, at)) {
        if (is_role(xp_value_key(at)))
            return refuse(s, from, xp_value_key(at), "that role as a key of the file itself", object);
        status = add_one(s, draft, from, xp_value_key(at), xp_value_at(at), true, false);
        ++*n;
    }
    return status;
}

/* Keys of the file that end with _token: objects, or names. Those of `before` go before it. */
static explaint_status add_keys(const xp_settings *s, xp_draft *draft, xp_folder_file from, bool objects,
                                const xp_value *before, size_t *n) {
    const xp_value *file = s->value[from];
    explaint_status status = EXPLAINT_OK;
    for (void *at = xp_value_first(file); status == EXPLAINT_OK && at != NULL; at = xp_value_next(file, at)) {
        const xp_value *value = xp_value_at(at);
        const char *key = xp_value_key(at);
        bool wanted = objects ? xp_value_is_object(value) && (from == XP_SPECIAL_TOKENS_MAP || is_typed(value))
                              : xp_value_string(value) != NULL;
        if (!wanted || !ends_with_token(key) || xp_value_member(before, key) != NULL) continue;
        status = add_one(s, draft, from, key, value, true, false);
        ++*n;
    }
    return status;
}

static explaint_status add_list(const xp_settings *s, xp_draft *draft, xp_folder_file from, const char *key,
                                const xp_value *list, bool declared) {
    explaint_status status = EXPLAINT_OK;
    size_t n = 0;
    if (xp_value_is_null(list)) return status;
    if (xp_value_is_object(list)) return add_named(s, draft, from, list, &n);
    if (!xp_value_is_array(list)) return refuse(s, from, key, "a list of tokens", list);
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(list); i++)
        status = add_one(s, draft, from, key, xp_value_item(list, i), false, declared);
    return status;
}

/* The lists of both files, and who wins: extra_special_tokens is the new name of additional_special_tokens. */
static explaint_status add_extra(const xp_settings *s, xp_draft *draft) {
    static const char new[] = "extra_special_tokens", old[] = "additional_special_tokens";
    const xp_value *config = s->value[XP_TOKENIZER_CONFIG], *map = s->listed ? NULL : s->value[XP_SPECIAL_TOKENS_MAP],
                   *list = xp_value_member(config, new), *older = xp_value_member(config, old);
    const char *key = new;
    if (older != NULL && xp_value_count(list) == 0) {
        list = older;
        key = old;
    }
    const xp_value *more = xp_value_member(map, new), *late = xp_value_member(map, old);
    explaint_status status = EXPLAINT_OK;
    if (more == NULL || xp_value_is_array(more) || xp_value_is_object(list))
        status = add_list(s, draft, XP_TOKENIZER_CONFIG, key, list, true);
    if (status == EXPLAINT_OK) status = add_list(s, draft, XP_SPECIAL_TOKENS_MAP, new, more, true);
    const bool open = more == NULL && (list == NULL || xp_value_is_object(list));
    return status == EXPLAINT_OK && open ? add_list(s, draft, XP_SPECIAL_TOKENS_MAP, old, late, false) : status;
}

explaint_status xp_settings_add(const xp_settings *s, xp_draft *draft) {
    const xp_value *config = s->value[XP_TOKENIZER_CONFIG];
    size_t n_auto = 0, n_own = 0;
    draft->splits_special = s->splits_special;
    explaint_status status = s->listed ? add_listed(s, draft) : add_from_added_tokens(s, draft);
    for (size_t i = 0; status == EXPLAINT_OK && i < XP_ROLES; i++)
        if (s->role[i].content.length > 0) status = xp_draft_add(draft, s->role[i]);
    if (status == EXPLAINT_OK) status = add_keys(s, draft, XP_TOKENIZER_CONFIG, true, NULL, &n_auto);
    for (int objects = 1; objects >= 0 && status == EXPLAINT_OK && !s->listed; objects--)
        status = add_keys(s, draft, XP_SPECIAL_TOKENS_MAP, objects == 1, config, &n_auto);
    if (status == EXPLAINT_OK) status = add_keys(s, draft, XP_TOKENIZER_CONFIG, false, NULL, &n_own);
    if (status == EXPLAINT_OK && n_own == 0 && !xp_value_is_object(xp_value_member(config, "extra_special_tokens")))
        status =
            add_named(s, draft, XP_TOKENIZER_CONFIG, xp_value_member(config, "model_specific_special_tokens"), &n_own);
    return status == EXPLAINT_OK ? add_extra(s, draft) : status;
}
