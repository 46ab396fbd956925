#include "text/part_read.h"

#include <stdio.h>

#include "base/memory.h"
#include "text/unicode.h"

#define DEEPEST 8 /* Sequences in Sequences */

explaint_status xp_part_unexpected(xp_draft *draft, const char *part, const char *key, const char *expected,
                                   const xp_value *found) {
    return xp_tokenizer_unexpected(draft->path, part, key, expected, found, draft->error);
}

explaint_status xp_part_not_implemented(xp_draft *draft, const char *what, const char *type, const char *known) {
    xp_view name = {type, strlen(type)};
    return XP_PART_REFUSE(draft, "the %s \"%.*s\" is not implemented; expected %s", what, XP_SHOW(name), known);
}

explaint_status xp_part_bool(xp_draft *draft, const xp_value *object, const char *part, const char *key, bool *truth) {
    const xp_value *value = xp_value_member(object, key);
    return xp_value_bool(value, truth) ? EXPLAINT_OK : xp_part_unexpected(draft, part, key, "true or false", value);
}

explaint_status xp_part_bool_or(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                                bool *truth) {
    return xp_value_member(object, key) == NULL ? EXPLAINT_OK : xp_part_bool(draft, object, part, key, truth);
}

explaint_status xp_part_size(xp_draft *draft, const xp_value *object, const char *part, const char *key, size_t *size) {
    const xp_value *value = xp_value_member(object, key);
    return xp_value_size(value, size) ? EXPLAINT_OK
                                      : xp_part_unexpected(draft, part, key, "a number of characters", value);
}

explaint_status xp_part_string(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                               xp_view *text) {
    const xp_value *value = xp_value_member(object, key);
    const char *string = xp_value_string(value);
    if (string == NULL) return xp_part_unexpected(draft, part, key, "a string", value);
    *text = (xp_view){string, strlen(string)};
    return EXPLAINT_OK;
}

explaint_status xp_part_copy(xp_draft *draft, const xp_value *object, const char *part, const char *key, char **text) {
    xp_view view = {0};
    explaint_status status = xp_part_string(draft, object, part, key, &view);
    if (status != EXPLAINT_OK) return status;
    *text = xp_strndup(view.data, view.length);
    return *text != NULL ? EXPLAINT_OK : xp_no_memory(draft->error, "a tokenizer");
}

explaint_status xp_part_character(xp_draft *draft, const xp_value *object, const char *part, const char *key,
                                  uint32_t *point) {
    xp_view view = {0};
    explaint_status status = xp_part_string(draft, object, part, key, &view);
    if (status != EXPLAINT_OK) return status;
    if (view.length == 0 || xp_unicode_step(view.data[0]) != view.length)
        return xp_part_unexpected(draft, part, key, "one character", xp_value_member(object, key));
    *point = xp_unicode_decode(view.data);
    return EXPLAINT_OK;
}

explaint_status xp_part_pattern(xp_draft *draft, const xp_value *object, const char *part, xp_pattern **pattern) {
    const xp_value *value = xp_value_member(object, "pattern");
    const char *string = xp_value_string(xp_value_member(value, "String")),
               *regex = xp_value_string(xp_value_member(value, "Regex")), *text = string != NULL ? string : regex;
    if (text == NULL || xp_value_count(value) != 1)
        return xp_part_unexpected(draft, part, "pattern", "an object with \"String\" or \"Regex\"", value);
    return xp_pattern_create((xp_view){text, strlen(text)}, regex != NULL, draft->path, part, pattern, draft->error);
}

explaint_status xp_part_keys(xp_draft *draft, const xp_value *object, const char *part, const char *const *keys) {
    for (void *at = xp_value_first(object); at != NULL; at = xp_value_next(object, at)) {
        const char *const *known = keys;
        while (*known != NULL && strcmp(*known, xp_value_key(at)) != 0) known++;
        xp_view key = {xp_value_key(at), strlen(xp_value_key(at))};
        if (*known == NULL)
            return XP_PART_REFUSE(draft, "the key \"%.*s\" of %s is not implemented", XP_SHOW(key), part);
    }
    return EXPLAINT_OK;
}

const char *xp_part_type(xp_draft *draft, const xp_value *part, const char *what, const char *const *telling,
                         const char *inferred) {
    const xp_value *value = xp_value_member(part, "type");
    const char *type = xp_value_string(value);
    bool has = value == NULL && telling != NULL;
    for (const char *const *key = telling; has && *key != NULL; key++) has = xp_value_member(part, *key) != NULL;
    if (has) return inferred;
    if (type == NULL) xp_part_unexpected(draft, what, "type", "a name", value);
    return type;
}

static explaint_status refuse_type(xp_draft *draft, const char *type, const xp_part_kind *kind) {
    xp_text known = {0};
    for (size_t i = 0; i < kind->n_entries; i++) xp_text_addf(&known, "%s%s", i > 0 ? ", " : "", kind->entry[i].name);
    xp_text_adds(&known, " or a Sequence of these");
    explaint_status status = known.failed ? xp_no_memory(draft->error, "a message")
                                          : xp_part_not_implemented(draft, kind->what, type, known.data);
    xp_text_free(&known);
    return status;
}

static explaint_status read_type(xp_draft *draft, const char *type, const xp_value *value, const xp_part_kind *kind) {
    char part[80];
    size_t i = 0;
    explaint_status status = kind->check != NULL ? kind->check(draft, type) : EXPLAINT_OK;
    if (status != EXPLAINT_OK) return status;
    while (i < kind->n_entries && strcmp(type, kind->entry[i].name) != 0) i++;
    if (i == kind->n_entries) return refuse_type(draft, type, kind);
    const xp_part_entry *entry = &kind->entry[i];
    if (entry->keys[0] != NULL && entry->keys[1] == NULL)
        snprintf(part, sizeof part, "a %s without settings", kind->what);
    else
        snprintf(part, sizeof part, "the %s %s", kind->what, type);
    if (entry->keys[0] != NULL) status = xp_part_keys(draft, value, part, entry->keys);
    return status == EXPLAINT_OK ? entry->read(draft, value, part, entry->kind) : status;
}

static explaint_status read_one(xp_draft *draft, const xp_value *value, const xp_part_kind *kind, size_t depth) {
    const char *type = xp_value_string(xp_value_member(value, "type"));
    if (!xp_value_is_object(value))
        return xp_part_unexpected(draft, "the file", kind->what, "an object or null", value);
    if (type == NULL || strcmp(type, "Sequence") != 0) {
        type = kind->type_of != NULL ? kind->type_of(draft, value) : xp_part_type(draft, value, kind->what, NULL, NULL);
        return type != NULL ? read_type(draft, type, value, kind) : draft->error->code;
    }
    if (depth == DEEPEST)
        return XP_PART_REFUSE(draft, "the %s has a Sequence inside of %d others; expected less", kind->what, DEEPEST);
    const xp_value *list = xp_value_member(value, kind->list);
    if (!xp_value_is_array(list)) return xp_part_unexpected(draft, "a Sequence", kind->list, "a list", list);
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(list); i++)
        status = read_one(draft, xp_value_item(list, i), kind, depth + 1);
    return status;
}

explaint_status xp_part_each(xp_draft *draft, const xp_value *root, const xp_part_kind *kind) {
    const xp_value *value = xp_value_member(root, kind->what);
    return xp_value_is_null(value) ? EXPLAINT_OK : read_one(draft, value, kind, 0);
}
