/* What a run is, as JSON, and how two of them differ. */
#include <string.h>

#include "base/json_read.h"
#include "store/ledger_private.h"

enum { SAID_AT_MOST = 4 }; /* differences named before "and more": an error is one line */

xp_value *xp_ledger_identity_parse(const char *text, const char *file, explaint_error *error) {
    explaint_error why = {0};
    xp_value *identity = xp_value_parse(text, strlen(text), NULL, &why);
    if (identity == NULL && why.code != EXPLAINT_INVALID) {
        if (error != NULL) *error = why;
        return NULL;
    }
    const xp_value *command = xp_value_member(identity, "command");
    if (xp_value_is_object(identity) && xp_value_string(xp_value_member(identity, "explaint")) != NULL &&
        xp_value_is_array(command) && xp_value_is_array(xp_value_member(identity, "inputs")) &&
        xp_value_is_object(xp_value_member(identity, "settings")))
        return identity;
    xp_value_free(identity);
    xp_fail(
        error, EXPLAINT_INVALID, file, 0,
        "the identity of a run should be a JSON object of explaint, command, inputs and settings, found \"%.80s\"%s",
        text, file != NULL ? "; the ledger is damaged, restore a copy or begin a new one" : "");
    return NULL;
}

const char *xp_ledger_identity_command(const xp_value *identity) {
    const char *name = xp_value_string(xp_value_item(xp_value_member(identity, "command"), 0));
    return name != NULL ? name : "";
}

/* Begins the next difference; false once enough were said. */
static bool next(xp_text *text, size_t *said) {
    if (*said > SAID_AT_MOST) return false;
    if (*said > 0) xp_text_adds(text, "; ");
    if (++*said > SAID_AT_MOST) {
        xp_text_adds(text, "and more");
        return false;
    }
    return true;
}

static const char *or_none(const char *text) { return text != NULL ? text : "none"; }

/* The i-th input of a role: folds and norms come once, but nothing forbids two of one role. */
static const xp_value *input_of(const xp_value *inputs, const char *role, size_t skip) {
    for (size_t i = 0; i < xp_value_count(inputs); i++) {
        const xp_value *input = xp_value_item(inputs, i);
        const char *its = xp_value_string(xp_value_member(input, "role"));
        if (its != NULL && strcmp(its, role) == 0 && skip-- == 0) return input;
    }
    return NULL;
}

static void compare_inputs(const xp_value *stored, const xp_value *wanted, xp_text *text, size_t *said) {
    for (size_t i = 0; i < xp_value_count(wanted); i++) {
        const xp_value *input = xp_value_item(wanted, i);
        const char *role = or_none(xp_value_string(xp_value_member(input, "role")));
        size_t before = 0;
        for (size_t j = 0; j < i; j++) {
            const char *its = xp_value_string(xp_value_member(xp_value_item(wanted, j), "role"));
            if (its != NULL && strcmp(its, role) == 0) before++;
        }
        const xp_value *old = input_of(stored, role, before);
        if (old == NULL) {
            if (next(text, said)) xp_text_addf(text, "%s was not given, now it is", role);
            continue;
        }
        static const char *const keys[] = {"sha256", "name", "shape"}; /* the path may differ: the content counts */
        for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
            const xp_value *was = xp_value_member(old, keys[k]), *is = xp_value_member(input, keys[k]);
            if (xp_value_equal(was, is)) continue;
            if (!next(text, said)) return;
            xp_text_addf(text, "%s had %s ", role, keys[k]);
            xp_value_text(was, text);
            xp_text_adds(text, ", now ");
            xp_value_text(is, text);
            break; /* another content has another shape: once is enough */
        }
    }
    for (size_t i = 0; i < xp_value_count(stored); i++) {
        const char *role = xp_value_string(xp_value_member(xp_value_item(stored, i), "role"));
        if (role != NULL && input_of(wanted, role, 0) == NULL && next(text, said))
            xp_text_addf(text, "%s was given, now it is not", role);
    }
}

static void compare_settings(const xp_value *stored, const xp_value *wanted, xp_text *text, size_t *said) {
    for (void *at = xp_value_first(wanted); at != NULL; at = xp_value_next(wanted, at)) {
        const xp_value *was = xp_value_member(stored, xp_value_key(at));
        if (xp_value_equal(was, xp_value_at(at))) continue;
        if (!next(text, said)) return;
        xp_text_addf(text, "setting %s was ", xp_value_key(at));
        xp_value_text(was, text);
        xp_text_adds(text, ", now ");
        xp_value_text(xp_value_at(at), text);
    }
    for (void *at = xp_value_first(stored); at != NULL; at = xp_value_next(stored, at)) {
        if (xp_value_member(wanted, xp_value_key(at)) != NULL) continue;
        if (!next(text, said)) return;
        xp_text_addf(text, "setting %s was ", xp_value_key(at));
        xp_value_text(xp_value_at(at), text);
        xp_text_adds(text, ", now absent");
    }
}

void xp_ledger_identity_difference(const xp_value *stored, const xp_value *wanted, xp_text *text) {
    size_t said = 0;
    const xp_value *was = xp_value_member(stored, "explaint"), *is = xp_value_member(wanted, "explaint");
    if (!xp_value_equal(was, is) && next(text, &said))
        xp_text_addf(text, "version was %s, now %s", or_none(xp_value_string(was)), or_none(xp_value_string(is)));
    compare_inputs(xp_value_member(stored, "inputs"), xp_value_member(wanted, "inputs"), text, &said);
    compare_settings(xp_value_member(stored, "settings"), xp_value_member(wanted, "settings"), text, &said);
    if (said == 0) xp_text_adds(text, "the command line or a path is written differently");
}
