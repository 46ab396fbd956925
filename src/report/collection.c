/* Reading ledgers and documents. A document is checked for what every report needs; what else is absent is a dash. */
#include "report/collection.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "formats/file.h"
#include "report/nulls.h"
#include "report/predictions.h"
#include "result/record.h"
#include "store/ledger_documents.h"
#include "store/ledger_units.h"

static const char what[] = "the report";

/* ---- members ---- */

/* A setting's text, "" where there is none. */
static const char *setting(const xp_report_run *run, const char *key) {
    return xp_report_or_empty(xp_value_string(xp_value_member(run->settings, key)));
}

const char *xp_report_input(const xp_report_run *run, const char *role) {
    for (size_t i = 0; i < run->says.n_inputs; i++)
        if (xp_report_is(run->says.inputs[i].role, role)) return xp_report_or_empty(run->says.inputs[i].name);
    return "";
}

const explaint_verdict *xp_report_verdict(const explaint_result *result, const char *claim, int layer) {
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *verdict = &result->verdicts[i];
        if (xp_report_is(verdict->claim, claim) && verdict->layer == layer) return verdict;
    }
    return NULL;
}

const explaint_assumption *xp_report_assumption(const explaint_verdict *verdict, const char *id) {
    for (size_t i = 0; verdict != NULL && i < verdict->n_assumptions; i++)
        if (xp_report_is(verdict->assumptions[i].id, id)) return &verdict->assumptions[i];
    return NULL;
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

static explaint_status noted(bool added, explaint_error *error) {
    return added ? EXPLAINT_OK : xp_no_memory(error, what);
}

/* Where a run of this kind goes: behind the others of its command. */
static xp_report_run *make_room(xp_collection *c, const explaint_kind *kind) {
    if (xp_grow((void **)&c->run, c->n_runs, &c->run_capacity, sizeof *c->run) == NULL) return NULL;
    const bool infer = kind == &explaint_infer_kind, attend = kind == &explaint_attend_kind;
    const size_t at = infer ? c->n_infer : attend ? c->n_infer + c->n_attention : c->n_runs;
    memmove(c->run + at + 1, c->run + at, (c->n_runs - at) * sizeof *c->run);
    ++*(infer ? &c->n_infer : attend ? &c->n_attention : &c->n_relations);
    return &c->run[at];
}

static explaint_status keep(xp_collection *c, explaint_record *record, const xp_record_run *says, const char *place,
                            const char *sha256, explaint_error *error) {
    const explaint_kind *kind = record->kind;
    char *copy = xp_strdup(place);
    xp_report_run *run = copy != NULL ? make_room(c, kind) : NULL;
    if (run == NULL) {
        xp_free(copy);
        explaint_record_free(record);
        return xp_no_memory(error, what);
    }
    *run = (xp_report_run){.record = record, .says = *says, .settings = xp_record_settings(record), .place = copy};
    memcpy(run->sha256, sha256, sizeof run->sha256);
    label(c->n_runs++, run->label);
    if (kind == &explaint_attend_kind) run->attention = (const explaint_attend_result *)record;
    if (kind == &explaint_relate_kind) run->relation = (const explaint_relate_result *)record;
    if (kind != &explaint_infer_kind) return EXPLAINT_OK;
    run->result = (const explaint_result *)record;
    run->mapping = setting(run, "mapping");
    run->verdict_metric = setting(run, "verdict_metric");
    xp_value_size(xp_value_member(run->settings, "verdict_components"), &run->verdict_components);
    return xp_collection_lines(c, c->n_infer - 1, error);
}

static explaint_status keep_comparison(xp_collection *c, explaint_record *record, const char *place,
                                       explaint_error *error) {
    xp_report_comparison *kept =
        xp_grow((void **)&c->comparison, c->n_comparisons, &c->comparison_capacity, sizeof *kept);
    char *copy = kept != NULL ? xp_strdup(place) : NULL;
    if (copy == NULL) {
        explaint_record_free(record);
        return xp_no_memory(error, what);
    }
    *kept = (xp_report_comparison){(const explaint_comparison *)record, copy};
    c->n_comparisons++;
    return EXPLAINT_OK;
}

/* Adds a document of `infer`, `attend` or `relate`, unless the same was added before; place is copied. */
static explaint_status add_document(xp_collection *c, const char *text, size_t length, const char *path,
                                    const char *place, explaint_error *error) {
    char sha256[XP_SHA256_TEXT];
    hash_of(text, length, sha256);
    for (size_t i = 0; i < c->n_runs; i++)
        if (strcmp(c->run[i].sha256, sha256) == 0)
            return noted(
                xp_strings_addf(&c->notes, "%s: the same document is in %s; printed once.", c->run[i].label, place),
                error);
    explaint_record *record = NULL;
    explaint_status status = explaint_record_read(text, length, path, &record, error);
    if (status != EXPLAINT_OK) return status;
    xp_record_run says;
    const bool is_comparison = record->kind == &explaint_compare_kind;
    if (xp_record_of_run(record, &says)) return keep(c, record, &says, place, sha256, error);
    if (is_comparison && c->with_maps) return keep_comparison(c, record, place, error);
    explaint_record_free(record);
    return noted(xp_strings_addf(
                     &c->notes,
                     is_comparison
                         ? "Left out: %s is a comparison, which a page (--output FILE.html) shows."
                         : "Left out: %s is not of 'explaint infer', 'explaint attend', 'explaint relate' or 'explaint "
                           "compare'.",
                     place),
                 error);
}

/* What the ledger keeps of a run of infer. */
static explaint_status read_units(const xp_collection *c, xp_report_run *run, explaint_ledger *ledger,
                                  explaint_error *error) {
    if (!c->with_units) return EXPLAINT_OK;
    explaint_status status = xp_null_read(ledger, run, error);
    return status == EXPLAINT_OK ? xp_predictions_read(ledger, run, error) : status;
}

explaint_status xp_collection_result(xp_collection *c, const explaint_record *record, explaint_ledger *ledger,
                                     explaint_error *error) {
    static const char page[] = "kept in this page alone";
    xp_text text = {0}, place = {0};
    const char *path = ledger != NULL ? xp_ledger_path(ledger) : NULL;
    const size_t before = c->n_infer;
    if (path != NULL)
        xp_text_addf(&place, "run %ld of %s", explaint_ledger_run(ledger), path);
    else
        xp_text_adds(&place, page);
    explaint_status status = xp_record_document(record, &text, error);
    if (status == EXPLAINT_OK && place.failed) status = xp_no_memory(error, what);
    if (status == EXPLAINT_OK)
        status = add_document(c, text.data, text.length, path != NULL ? path : page, place.data, error);
    if (status == EXPLAINT_OK && ledger != NULL && c->n_infer > before) {
        c->run[before].number = explaint_ledger_run(ledger);
        status = read_units(c, &c->run[before], ledger, error);
    }
    xp_text_free(&text);
    xp_text_free(&place);
    return status;
}

/* ---- files ---- */

typedef struct reading {
    xp_collection *collection;
    const char *path;
    bool chosen; /* runs were named */
} reading;

static explaint_status add_run(void *self, const xp_stored_run *stored, explaint_error *error) {
    const reading *r = self;
    xp_collection *c = r->collection;
    const size_t before = c->n_infer;
    if (!stored->finished && r->chosen) return xp_ledger_unfinished(r->path, stored->run, stored->units, error);
    xp_text place = {0};
    xp_text_addf(&place, "run %lld of %s", stored->run, r->path);
    explaint_status status = place.failed ? xp_no_memory(error, what) : EXPLAINT_OK;
    if (status == EXPLAINT_OK && stored->finished)
        status = add_document(c, stored->document, stored->length, r->path, place.data, error);
    else if (status == EXPLAINT_OK)
        status = noted(
            xp_strings_addf(&c->notes, "Left out: %s is not finished (%zu units stored).", place.data, stored->units),
            error);
    xp_text_free(&place);
    if (c->n_infer > before) c->run[before].number = stored->run;
    return status;
}

static explaint_status add_ledger(xp_collection *c, const char *path, explaint_error *error) {
    explaint_ledger *ledger = NULL;
    const size_t before = c->n_infer;
    reading r = {.collection = c, .path = path, .chosen = c->options->n_runs > 0};
    explaint_status status = explaint_ledger_open(path, false, &ledger, error);
    if (status == EXPLAINT_OK)
        status = xp_ledger_documents(ledger, c->options->runs, c->options->n_runs, add_run, &r, error);
    for (size_t i = before; status == EXPLAINT_OK && i < c->n_infer; i++)
        status = read_units(c, &c->run[i], ledger, error);
    explaint_ledger_close(ledger);
    return status;
}

static explaint_status add_json(xp_collection *c, xp_stream *stream, const char *path, explaint_error *error) {
    if (c->options->n_runs > 0)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "is a JSON document, which is one run: runs are chosen of a ledger; leave out --run");
    xp_bytes bytes = {0};
    explaint_status status = xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, error);
    if (status == EXPLAINT_OK) status = add_document(c, bytes.data, bytes.size, path, path, error);
    xp_bytes_free(&bytes);
    return status;
}

static explaint_status add_maps(xp_collection *c, const char *path, explaint_error *error) {
    if (!c->with_maps)
        return noted(xp_strings_addf(&c->notes,
                                     "Left out: %s holds attention maps, which a page (--output FILE.html) shows.",
                                     path),
                     error);
    xp_maps *maps = xp_grow((void **)&c->maps, c->n_maps, &c->maps_capacity, sizeof *maps);
    if (maps == NULL) return xp_no_memory(error, what);
    c->n_maps++;
    return xp_maps_open(path, maps, error);
}

explaint_status xp_collection_add(xp_collection *c, const char *path, explaint_error *error) {
    xp_stream *stream = NULL;
    const unsigned char *head = NULL;
    explaint_status status = xp_stream_open(path, &stream, error);
    if (status != EXPLAINT_OK) return status;
    size_t length = xp_stream_head(stream, &head), at = 0;
    const bool maps = xp_safetensors_is(head, length);
    bool ledger = length >= 6 && memcmp(head, "SQLite", 6) == 0;
    while (at < length && strchr(" \t\r\n", head[at]) != NULL && head[at] != 0) at++;
    bool json = !maps && (at == length || head[at] == '{');
    if (json) status = add_json(c, stream, path, error);
    xp_stream_close(stream);
    if (ledger) return add_ledger(c, path, error);
    if (maps) return add_maps(c, path, error);
    if (json) return status;
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "is neither a ledger (an SQLite database, of 'explaint infer --ledger') nor a JSON document (of "
                   "'explaint infer --json')");
}

void xp_collection_free(xp_collection *c) {
    for (size_t i = 0; i < c->n_runs; i++) {
        explaint_record_free(c->run[i].record);
        xp_free(c->run[i].place);
        xp_null_free(&c->run[i]);
        xp_predictions_free(c->run[i].predictions);
    }
    for (size_t i = 0; i < c->n_comparisons; i++) {
        explaint_record_free((explaint_record *)&c->comparison[i].result->record);
        xp_free(c->comparison[i].place);
    }
    xp_free(c->comparison);
    for (size_t i = 0; i < c->n_maps; i++) xp_maps_free(&c->maps[i]);
    xp_free_all(c->maps, c->run, c->line);
    xp_strings_free(&c->norms);
    xp_strings_free(&c->notes);
    *c = (xp_collection){0};
}
