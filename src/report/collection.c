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

const char *xp_report_setting(const xp_report_run *run, const char *key) {
    return xp_report_or_empty(xp_value_string(xp_value_member(run->settings, key)));
}

const char *xp_report_input(const explaint_input *inputs, size_t n_inputs, const char *role) {
    for (size_t i = 0; i < n_inputs; i++)
        if (xp_report_is(inputs[i].role, role)) return xp_report_or_empty(inputs[i].name);
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

static bool grow(xp_collection *c) {
    if (c->n_runs < c->run_capacity) return true;
    size_t capacity = c->run_capacity > 0 ? 2 * c->run_capacity : 4;
    xp_report_run *run = xp_realloc(c->run, capacity, sizeof *run);
    if (run == NULL) return false;
    c->run = run;
    c->run_capacity = capacity;
    return true;
}

static explaint_status keep(xp_collection *c, const explaint_record *record, const char *place, const char *sha256,
                            explaint_error *error) {
    char *copy = grow(c) ? xp_strdup(place) : NULL;
    if (copy == NULL) return xp_no_memory(error, what);
    const explaint_result *result = (const explaint_result *)record;
    xp_report_run *run = &c->run[c->n_runs];
    *run = (xp_report_run){.result = result, .settings = xp_record_settings(record), .place = copy};
    run->mapping = xp_report_setting(run, "mapping");
    run->verdict_metric = xp_report_setting(run, "verdict_metric");
    memcpy(run->sha256, sha256, sizeof run->sha256);
    xp_value_size(xp_value_member(run->settings, "verdict_components"), &run->verdict_components);
    label(xp_collection_n_runs(c), run->label);
    return xp_collection_lines(c, c->n_runs++, error);
}

static explaint_status keep_attention(xp_collection *c, const explaint_record *record, const char *place,
                                      const char *sha256, explaint_error *error) {
    xp_report_attention *run = xp_grow((void **)&c->attention, c->n_attention, &c->attention_capacity, sizeof *run);
    char *copy = run != NULL ? xp_strdup(place) : NULL;
    if (copy == NULL) return xp_no_memory(error, what);
    *run = (xp_report_attention){.result = (const explaint_attend_result *)record, .place = copy};
    memcpy(run->sha256, sha256, sizeof run->sha256);
    label(xp_collection_n_runs(c), run->label);
    c->n_attention++;
    return EXPLAINT_OK;
}

static explaint_status keep_relation(xp_collection *c, const explaint_record *record, const char *place,
                                     const char *sha256, explaint_error *error) {
    xp_report_relation *run = xp_grow((void **)&c->relation, c->n_relations, &c->relation_capacity, sizeof *run);
    char *copy = run != NULL ? xp_strdup(place) : NULL;
    if (copy == NULL) return xp_no_memory(error, what);
    *run = (xp_report_relation){.result = (const explaint_relate_result *)record, .place = copy};
    memcpy(run->sha256, sha256, sizeof run->sha256);
    label(xp_collection_n_runs(c), run->label);
    c->n_relations++;
    return EXPLAINT_OK;
}

static explaint_status keep_comparison(xp_collection *c, const explaint_record *record, const char *place,
                                       explaint_error *error) {
    xp_report_comparison *kept =
        xp_grow((void **)&c->comparison, c->n_comparisons, &c->comparison_capacity, sizeof *kept);
    char *copy = kept != NULL ? xp_strdup(place) : NULL;
    if (copy == NULL) return xp_no_memory(error, what);
    *kept = (xp_report_comparison){(const explaint_comparison *)record, copy};
    c->n_comparisons++;
    return EXPLAINT_OK;
}

/* The label of the run with this document; NULL: there is none. */
static const char *find(const xp_collection *c, const char *sha256) {
    for (size_t i = 0; i < c->n_runs; i++)
        if (strcmp(c->run[i].sha256, sha256) == 0) return c->run[i].label;
    for (size_t i = 0; i < c->n_attention; i++)
        if (strcmp(c->attention[i].sha256, sha256) == 0) return c->attention[i].label;
    for (size_t i = 0; i < c->n_relations; i++)
        if (strcmp(c->relation[i].sha256, sha256) == 0) return c->relation[i].label;
    return NULL;
}

explaint_status xp_collection_document(xp_collection *c, const char *text, size_t length, const char *path,
                                       const char *place, explaint_error *error) {
    char sha256[XP_SHA256_TEXT];
    hash_of(text, length, sha256);
    const char *same = find(c, sha256);
    if (same != NULL)
        return xp_strings_addf(&c->notes, "%s: the same document is in %s; printed once.", same, place)
                   ? EXPLAINT_OK
                   : xp_no_memory(error, what);
    explaint_record *record = NULL;
    explaint_status status = explaint_record_read(text, length, path, &record, error);
    if (status != EXPLAINT_OK) return status;
    const bool is_infer = record->kind == &explaint_infer_kind, is_attend = record->kind == &explaint_attend_kind;
    const bool is_relate = record->kind == &explaint_relate_kind,
               is_comparison = record->kind == &explaint_compare_kind;
    if (is_attend || is_relate || (is_comparison && c->with_maps)) {
        status = is_attend   ? keep_attention(c, record, place, sha256, error)
                 : is_relate ? keep_relation(c, record, place, sha256, error)
                             : keep_comparison(c, record, place, error);
        if (status != EXPLAINT_OK) explaint_record_free(record);
        return status;
    }
    if (is_infer)
        status = keep(c, record, place, sha256, error);
    else if (!xp_strings_addf(
                 &c->notes,
                 is_comparison
                     ? "Left out: %s is a comparison, which a page (--output FILE.html) shows."
                     : "Left out: %s is not of 'explaint infer', 'explaint attend', 'explaint relate' or 'explaint "
                       "compare'.",
                 place))
        status = xp_no_memory(error, what);
    if (!is_infer || (status != EXPLAINT_OK && (c->n_runs == 0 || &c->run[c->n_runs - 1].result->record != record)))
        explaint_record_free(record);
    return status;
}

/* What the ledger keeps of a run of infer. */
static explaint_status read_units(xp_collection *c, size_t run, explaint_ledger *ledger, long long number,
                                  explaint_error *error) {
    if (!c->with_units) return EXPLAINT_OK;
    explaint_status status = xp_null_read(ledger, number, &c->run[run], error);
    return status == EXPLAINT_OK ? xp_predictions_read(ledger, number, &c->run[run], error) : status;
}

explaint_status xp_collection_result(xp_collection *c, const explaint_record *record, explaint_ledger *ledger,
                                     explaint_error *error) {
    static const char page[] = "kept in this page alone";
    xp_text text = {0}, place = {0};
    const char *path = ledger != NULL ? xp_ledger_path(ledger) : NULL;
    const size_t before = c->n_runs;
    if (path != NULL)
        xp_text_addf(&place, "run %ld of %s", explaint_ledger_run(ledger), path);
    else
        xp_text_adds(&place, page);
    explaint_status status = xp_record_document(record, &text, error);
    if (status == EXPLAINT_OK && place.failed) status = xp_no_memory(error, what);
    if (status == EXPLAINT_OK)
        status = xp_collection_document(c, text.data, text.length, path != NULL ? path : page, place.data, error);
    if (status == EXPLAINT_OK && ledger != NULL && c->n_runs > before)
        status = read_units(c, before, ledger, explaint_ledger_run(ledger), error);
    xp_text_free(&text);
    xp_text_free(&place);
    return status;
}

/* ---- files ---- */

typedef struct reading {
    xp_collection *collection;
    const char *path;
    bool chosen;       /* runs were named */
    long long *number; /* in the ledger, of each run of infer of the collection */
    size_t capacity;
} reading;

/* Remembers the number of a run that was added. */
static bool remember(reading *r, long long number) {
    const size_t n = r->collection->n_runs;
    if (n > r->capacity) {
        long long *grown = xp_realloc(r->number, 2 * n, sizeof *grown);
        if (grown == NULL) return false;
        r->number = grown;
        r->capacity = 2 * n;
    }
    if (n > 0) r->number[n - 1] = number;
    return true;
}

static explaint_status add_run(void *self, const xp_stored_run *stored, explaint_error *error) {
    reading *r = self;
    const size_t before = r->collection->n_runs;
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
    if (status == EXPLAINT_OK && r->collection->n_runs > before && !remember(r, stored->run))
        status = xp_no_memory(error, what);
    return status;
}

static explaint_status add_ledger(xp_collection *c, const char *path, explaint_error *error) {
    explaint_ledger *ledger = NULL;
    const size_t before = c->n_runs;
    reading r = {.collection = c, .path = path, .chosen = c->options->n_runs > 0};
    explaint_status status = explaint_ledger_open(path, false, &ledger, error);
    if (status == EXPLAINT_OK)
        status = xp_ledger_documents(ledger, c->options->runs, c->options->n_runs, add_run, &r, error);
    for (size_t i = before; status == EXPLAINT_OK && i < c->n_runs; i++)
        status = read_units(c, i, ledger, r.number[i], error);
    xp_free(r.number);
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

static explaint_status add_maps(xp_collection *c, const char *path, explaint_error *error) {
    if (!c->with_maps)
        return xp_strings_addf(&c->notes, "Left out: %s holds attention maps, which a page (--output FILE.html) shows.",
                               path)
                   ? EXPLAINT_OK
                   : xp_no_memory(error, what);
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
        explaint_record_free((explaint_record *)&c->run[i].result->record);
        xp_free(c->run[i].place);
        xp_null_free(&c->run[i]);
        xp_predictions_free(c->run[i].predictions);
    }
    for (size_t i = 0; i < c->n_attention; i++) {
        explaint_record_free((explaint_record *)&c->attention[i].result->record);
        xp_free(c->attention[i].place);
    }
    for (size_t i = 0; i < c->n_relations; i++) {
        explaint_record_free((explaint_record *)&c->relation[i].result->record);
        xp_free(c->relation[i].place);
    }
    for (size_t i = 0; i < c->n_comparisons; i++) {
        explaint_record_free((explaint_record *)&c->comparison[i].result->record);
        xp_free(c->comparison[i].place);
    }
    xp_free(c->comparison);
    for (size_t i = 0; i < c->n_maps; i++) xp_maps_free(&c->maps[i]);
    xp_free(c->maps);
    xp_free(c->run);
    xp_free(c->attention);
    xp_free(c->relation);
    xp_free(c->line);
    xp_strings_free(&c->norms);
    xp_strings_free(&c->notes);
    *c = (xp_collection){0};
}
