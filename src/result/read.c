/* A JSON document back as a record. Texts are borrowed from the parsed document, which the record keeps. */
#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "explaint/relate.h"
#include "result/answer.h"
#include "result/record.h"

/* What stands before a record that was read. */
typedef struct owner {
    xp_value *document;
    xp_strings texts; /* values as JSON text */
    void **list;
    size_t n_lists, capacity;
    bool failed; /* without memory */
    max_align_t record[];
} owner;

static owner *owner_of(const explaint_record *record) { return (owner *)((char *)record - offsetof(owner, record)); }

const xp_value *xp_record_settings(const explaint_record *record) {
    return xp_value_member(owner_of(record)->document, "settings");
}

static void *room(owner *o, size_t count, size_t size) {
    void **slot = xp_grow((void **)&o->list, o->n_lists, &o->capacity, sizeof *slot);
    void *list = slot != NULL ? xp_calloc(count > 0 ? count : 1, size) : NULL;
    if (list == NULL) {
        o->failed = true;
        return NULL;
    }
    o->list[o->n_lists++] = list;
    return list;
}

static const char *json_text(owner *o, const xp_value *value) {
    xp_text text = {0};
    xp_value_text(value, &text);
    return xp_strings_keep_text(&o->texts, &o->failed, &text);
}

static int place(const xp_value *value) {
    size_t number;
    return xp_value_size(value, &number) && number <= INT_MAX ? (int)number : -1;
}

static void read_fields(owner *o, const explaint_kind *kind, const xp_value *value, void *record);

static void read_members(owner *o, const explaint_field *field, const xp_value *value, void *record) {
    if (!xp_value_is_object(value) || field->of != &explaint_setting_kind) return;
    explaint_setting *setting = room(o, xp_value_count(value), sizeof *setting);
    size_t n = 0;
    for (void *at = xp_value_first(value); setting != NULL && at != NULL; at = xp_value_next(value, at))
        setting[n++] = (explaint_setting){xp_value_key(at), json_text(o, xp_value_at(at))};
    *(explaint_setting **)((char *)record + field->offset) = setting;
    *(size_t *)((char *)record + field->count) = n;
}

static void read_list(owner *o, const explaint_field *field, const xp_value *value, void *record) {
    if (!xp_value_is_array(value)) return;
    const size_t n = xp_value_count(value);
    const size_t size = field->type == EXPLAINT_FIELD_LIST      ? field->of->size
                        : field->type == EXPLAINT_FIELD_NUMBERS ? sizeof(double)
                        : field->type == EXPLAINT_FIELD_SIZES   ? sizeof(size_t)
                                                                : sizeof(char *);
    char *list = room(o, n + 1, size); /* one more: words end with NULL */
    size_t kept = 0;
    for (size_t i = 0; list != NULL && i < n; i++) {
        const xp_value *item = xp_value_item(value, i);
        void *at = list + kept * size;
        bool is = true;
        if (field->type == EXPLAINT_FIELD_LIST)
            read_fields(o, field->of, item, at);
        else if (field->type == EXPLAINT_FIELD_NUMBERS)
            is = xp_value_number(item, at);
        else if (field->type == EXPLAINT_FIELD_SIZES)
            is = xp_value_size(item, at);
        else
            is = (*(const char **)at = xp_value_string(item)) != NULL;
        kept += is;
    }
    *(void **)((char *)record + field->offset) = list;
    if (field->type != EXPLAINT_FIELD_WORDS) *(size_t *)((char *)record + field->count) = list != NULL ? kept : 0;
}

static void read_field(owner *o, const explaint_field *field, const xp_value *value, void *record) {
    void *at = (char *)record + field->offset;
    switch (field->type) {
    case EXPLAINT_FIELD_TEXT: *(const char **)at = xp_value_string(value); break;
    case EXPLAINT_FIELD_PLACE: *(int *)at = place(value); break;
    case EXPLAINT_FIELD_COUNT:
    case EXPLAINT_FIELD_SIZE: xp_value_size(value, at); break;
    case EXPLAINT_FIELD_NUMBER: xp_value_number(value, at); break;
    case EXPLAINT_FIELD_INTERVAL: {
        double pair[2];
        if (xp_value_number(xp_value_item(value, 0), &pair[0]) && xp_value_number(xp_value_item(value, 1), &pair[1]))
            memcpy(at, pair, sizeof pair);
        break;
    }
    case EXPLAINT_FIELD_PAIR:
        for (size_t i = 0; i < 2; i++) xp_value_size(xp_value_item(value, i), (size_t *)at + i);
        break;
    case EXPLAINT_FIELD_FLAG: {
        bool truth;
        if (xp_value_bool(value, &truth)) *(int *)at = truth;
        break;
    }
    case EXPLAINT_FIELD_JSON: *(const char **)at = value != NULL ? json_text(o, value) : NULL; break;
    case EXPLAINT_FIELD_OBJECT: break; /* in read_fields */
    case EXPLAINT_FIELD_MEMBERS: read_members(o, field, value, record); break;
    case EXPLAINT_FIELD_WORDS:
    case EXPLAINT_FIELD_TEXTS:
    case EXPLAINT_FIELD_NUMBERS:
    case EXPLAINT_FIELD_SIZES:
    case EXPLAINT_FIELD_LIST: read_list(o, field, value, record); break;
    }
}

/* Into a struct that is cleared here, but for those in place. */
static void fill(owner *o, const explaint_kind *kind, const xp_value *value, void *record) {
    for (size_t i = 0; i < kind->n_fields; i++) {
        const explaint_field *field = &kind->field[i];
        const xp_value *member = xp_value_member(value, field->name);
        if (field->type == EXPLAINT_FIELD_OBJECT)
            fill(o, field->of, member, (char *)record + field->offset);
        else
            read_field(o, field, member, record);
    }
}

static void read_fields(owner *o, const explaint_kind *kind, const xp_value *value, void *record) {
    xp_record_clear(kind, record);
    fill(o, kind, value, record);
}

/* The kind whose words begin the command; of a document without one infer: the library's own runs have none. */
static const explaint_kind *kind_of(const xp_value *document) {
    const xp_value *command = xp_value_member(document, "command");
    if (xp_value_count(command) == 0) return xp_record_kinds[0];
    for (size_t k = 0; k < xp_record_n_kinds; k++) {
        const char *rest = xp_record_kinds[k]->name;
        size_t i = 0;
        for (; *rest != 0; i++) {
            const char *word = xp_value_string(xp_value_item(command, i));
            const size_t length = strcspn(rest, " ");
            if (word == NULL || strlen(word) != length || memcmp(word, rest, length) != 0) break;
            rest += length + (rest[length] != 0);
        }
        if (*rest == 0) return xp_record_kinds[k];
    }
    return NULL;
}

static explaint_status check(const explaint_kind *kind, const xp_value *document, const char *file,
                             explaint_error *error) {
    for (size_t i = 0; i < kind->n_fields; i++) {
        const explaint_field *field = &kind->field[i];
        const xp_value *member = xp_value_member(document, field->name);
        if (!(field->form & EXPLAINT_FIELD_NEEDED)) continue;
        if (field->type == EXPLAINT_FIELD_MEMBERS ? xp_value_is_object(member) : xp_value_is_array(member)) continue;
        return xp_fail(error, EXPLAINT_INVALID, file, 0,
                       "is no document of 'explaint %s': the %s \"%s\" was expected, and is not there; make one with "
                       "--json or --ledger",
                       kind->name, field->type == EXPLAINT_FIELD_MEMBERS ? "object" : "list", field->name);
    }
    return EXPLAINT_OK;
}

explaint_status explaint_record_read(const char *text, size_t length, const char *file, explaint_record **record,
                                     explaint_error *error) {
    *record = NULL;
    xp_value *document = xp_value_parse(text, length, file, error);
    if (document == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    const explaint_kind *kind = kind_of(document);
    explaint_status status = EXPLAINT_OK;
    if (!xp_value_is_object(document) || xp_value_member(document, "explaint") == NULL)
        status = xp_fail(error, EXPLAINT_INVALID, file, 0,
                         "is no document of explaint: an object with the member \"explaint\" was expected");
    else if (kind == NULL)
        status = xp_fail(error, EXPLAINT_INVALID, file, 0,
                         "is no document of explaint that holds results: expected one of 'explaint infer --json' or of "
                         "another command that says what came out");
    if (status == EXPLAINT_OK) status = check(kind, document, file, error);
    owner *o = status == EXPLAINT_OK ? xp_calloc(1, sizeof *o + kind->size) : NULL;
    if (o == NULL) {
        xp_value_free(document);
        return status == EXPLAINT_OK ? xp_no_memory(error, "the document") : status;
    }
    o->document = document;
    explaint_record *made = (explaint_record *)o->record;
    read_fields(o, kind, document, made);
    made->kind = kind;
    xp_record_run run;
    if (o->failed || (xp_record_of_run(made, &run) && !xp_answer_record(made, &o->texts))) {
        explaint_record_free(made);
        return xp_no_memory(error, "the document");
    }
    *record = made;
    return EXPLAINT_OK;
}

void explaint_record_free(explaint_record *record) {
    if (record == NULL) return;
    owner *o = owner_of(record);
    for (size_t i = 0; i < o->n_lists; i++) xp_free(o->list[i]);
    xp_free(o->list);
    xp_strings_free(&o->texts);
    xp_value_free(o->document);
    xp_free(o);
}
