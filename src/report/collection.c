/* Reading ledgers and documents. A document is checked for what every report needs; what else is absent is a dash. */
#include "report/collection.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "formats/file.h"
#include "store/ledger_documents.h"

static const char what[] = "the report";

/* ---- members ---- */

const char *xp_member_text(const xp_value *object, const char *key) {
    const char *text = xp_value_string(xp_value_member(object, key));
    return text != NULL ? text : "";
}

double xp_member_number(const xp_value *object, const char *key) {
    double number = NAN;
    return xp_value_number(xp_value_member(object, key), &number) ? number : NAN;
}

bool xp_member_interval(const xp_value *object, const char *key, double ci[2]) {
    const xp_value *list = xp_value_member(object, key);
    return xp_value_count(list) == 2 && xp_value_number(xp_value_item(list, 0), &ci[0]) &&
           xp_value_number(xp_value_item(list, 1), &ci[1]);
}

static const xp_value *find(const xp_value *list, const char *key, const char *wanted) {
    for (size_t i = 0; i < xp_value_count(list); i++)
        if (strcmp(xp_member_text(xp_value_item(list, i), key), wanted) == 0) return xp_value_item(list, i);
    return NULL;
}

size_t xp_layer_of(const xp_value *object) {
    size_t layer = SIZE_MAX;
    xp_value_size(xp_value_member(object, "layer"), &layer);
    return layer;
}

const xp_value *xp_verdict_on(const xp_value *document, const char *claim, size_t layer) {
    const xp_value *list = xp_value_member(document, "verdicts");
    for (size_t i = 0; i < xp_value_count(list); i++) {
        const xp_value *verdict = xp_value_item(list, i);
        if (strcmp(xp_member_text(verdict, "claim"), claim) == 0 && xp_layer_of(verdict) == layer) return verdict;
    }
    return NULL;
}

const xp_value *xp_assumption_of(const xp_value *verdict, const char *id) {
    return find(xp_value_member(verdict, "assumptions"), "id", id);
}

/* ---- documents ---- */

static void label(size_t index, char text[8]) { /* A ... Z, AA ... */
    char reversed[8];
    size_t n = 0;
    for (size_t rest = index + 1; rest > 0 && n < 7; rest = (rest - 1) / 26)
        reversed[n++] = (char)('A' + (rest - 1) % 26);
    for (size_t i = 0; i < n; i++) text[i] = reversed[n - 1 - i];
    text[n] = 0;
}

static void hash_of(const char *text, size_t length, char hex[XP_SHA256_TEXT]) {
    xp_sha256 hash;
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, text, length);
    xp_sha256_end(&hash, hex);
}

/* EXPLAINT_INVALID, and what is wrong, where the document is none of `infer`. */
static explaint_status check(const xp_value *document, const char *path, const char *place, explaint_error *error) {
    static const char *const lists[] = {"command", "inputs", "rows", "verdicts"};
    if (!xp_value_is_object(document) || xp_value_member(document, "explaint") == NULL)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "%s is no document of explaint: an object with the member \"explaint\" was expected", place);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!xp_value_is_array(xp_value_member(document, lists[i])))
            return xp_fail(
                error, EXPLAINT_INVALID, path, 0,
                "%s is no document of 'explaint infer': the list \"%s\" was expected, and is not there; make "
                "one with --json or --ledger",
                place, lists[i]);
    return EXPLAINT_OK;
}

static bool is_infer(const xp_value *document) {
    const char *command = xp_value_string(xp_value_item(xp_value_member(document, "command"), 0));
    return command == NULL || strcmp(command, "infer") == 0; /* the library's own runs have no command */
}

static bool grow(xp_collection *c) {
    if (c->n_runs < c->run_capacity) return true;
    size_t capacity = c->run_capacity > 0 ? 2 * c->run_capacity : 4;
    xp_report_run *run = xp_realloc(c->run, capacity, sizeof *run);
    if (run == NULL) return false;
    c->run = run;
    c->run_capacity = capacity;
    return true;
}

static explaint_status keep(xp_collection *c, xp_value *document, const char *place, const char *sha256,
                            explaint_error *error) {
    char *copy = grow(c) ? xp_strdup(place) : NULL;
    if (copy == NULL) {
        xp_value_free(document);
        return xp_no_memory(error, what);
    }
    const xp_value *settings = xp_value_member(document, "settings");
    xp_report_run *run = &c->run[c->n_runs];
    *run = (xp_report_run){.document = document,
                           .place = copy,
                           .version = xp_member_text(document, "explaint"),
                           .signature = xp_member_text(document, "signature"),
                           .mapping = xp_member_text(settings, "mapping"),
                           .verdict_metric = xp_member_text(settings, "verdict_metric")};
    memcpy(run->sha256, sha256, sizeof run->sha256);
    xp_value_size(xp_value_member(settings, "verdict_components"), &run->verdict_components);
    label(c->n_runs, run->label);
    return xp_collection_lines(c, c->n_runs++, error);
}

explaint_status xp_collection_document(xp_collection *c, const char *text, size_t length, const char *path,
                                       const char *place, explaint_error *error) {
    char sha256[XP_SHA256_TEXT];
    hash_of(text, length, sha256);
    for (size_t i = 0; i < c->n_runs; i++)
        if (strcmp(c->run[i].sha256, sha256) == 0)
            return xp_strings_addf(&c->notes, "%s: the same document is in %s; printed once.", c->run[i].label, place)
                       ? EXPLAINT_OK
                       : xp_no_memory(error, what);
    xp_value *document = xp_value_parse(text, length, path, error);
    if (document == NULL) return error != NULL ? error->code : EXPLAINT_INVALID;
    explaint_status status = check(document, path, place, error);
    if (status == EXPLAINT_OK && is_infer(document)) return keep(c, document, place, sha256, error);
    xp_value_free(document);
    if (status != EXPLAINT_OK) return status;
    return xp_strings_addf(&c->notes, "Left out: %s is not of 'explaint infer'.", place) ? EXPLAINT_OK
                                                                                         : xp_no_memory(error, what);
}

/* ---- files ---- */

typedef struct reading {
    xp_collection *collection;
    const char *path;
    bool chosen; /* runs were named */
} reading;

static explaint_status add_run(void *self, const xp_stored_run *stored, explaint_error *error) {
    const reading *r = self;
    if (!stored->finished && r->chosen)
        return xp_fail(error, EXPLAINT_INVALID, r->path, 0,
                       "run %lld is not finished (%zu units stored) and has no results; repeat its command with "
                       "--resume",
                       stored->run, stored->units);
    xp_text place = {0};
    xp_text_addf(&place, "run %lld of %s", stored->run, r->path);
    explaint_status status = place.failed ? xp_no_memory(error, what) : EXPLAINT_OK;
    if (status == EXPLAINT_OK && stored->finished)
        status = xp_collection_document(r->collection, stored->document, stored->length, r->path, place.data, error);
    else if (status == EXPLAINT_OK &&
             !xp_strings_addf(&r->collection->notes, "Left out: %s is not finished (%zu units stored).", place.data,
                              stored->units))
        status = xp_no_memory(error, what);
    xp_text_free(&place);
    return status;
}

static explaint_status add_ledger(xp_collection *c, const char *path, explaint_error *error) {
    explaint_ledger *ledger = NULL;
    reading r = {c, path, c->options->n_runs > 0};
    explaint_status status = explaint_ledger_open(path, false, &ledger, error);
    if (status == EXPLAINT_OK)
        status = xp_ledger_documents(ledger, c->options->runs, c->options->n_runs, add_run, &r, error);
    explaint_ledger_close(ledger);
    return status;
}

static explaint_status add_json(xp_collection *c, xp_stream *stream, const char *path, explaint_error *error) {
    if (c->options->n_runs > 0)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "is a JSON document, which is one run: runs are chosen of a ledger; leave out --run");
    xp_bytes bytes = {0};
    explaint_status status = xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_collection_document(c, bytes.data, bytes.size, path, path, error);
    xp_bytes_free(&bytes);
    return status;
}

explaint_status xp_collection_add(xp_collection *c, const char *path, explaint_error *error) {
    xp_stream *stream = NULL;
    const unsigned char *head = NULL;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status != EXPLAINT_OK) return status;
    size_t length = xp_stream_head(stream, &head), at = 0;
    bool ledger = length >= 6 && memcmp(head, "SQLite", 6) == 0;
    while (at < length && strchr(" \t\r\n", head[at]) != NULL && head[at] != 0) at++;
    bool json = at == length || head[at] == '{';
    if (json) status = add_json(c, stream, path, error);
    xp_stream_close(stream);
    if (ledger) return add_ledger(c, path, error);
    if (json) return status;
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "is neither a ledger (an SQLite database, of 'explaint infer --ledger') nor a JSON document (of "
                   "'explaint infer --json')");
}

void xp_collection_free(xp_collection *c) {
    for (size_t i = 0; i < c->n_runs; i++) {
        xp_value_free(c->run[i].document);
        xp_free(c->run[i].place);
    }
    xp_free(c->run);
    xp_free(c->line);
    xp_strings_free(&c->norms);
    xp_strings_free(&c->notes);
    *c = (xp_collection){0};
}
