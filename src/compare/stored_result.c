/* Finding and reading an arm: its record, its settings, its layers. */
#include "compare/stored_result.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "formats/file.h"
#include "store/ledger_documents.h"

static const char what_for[] = "the comparison";

/* ---- its parts ---- */

const char *xp_stored_result_setting(const xp_stored_result *arm, const char *key) {
    return xp_stored_result_text(xp_value_string(xp_value_member(arm->settings, key)));
}

const explaint_verdict *xp_stored_result_verdict(const xp_stored_result *arm, const char *claim, int layer) {
    for (size_t i = 0; i < arm->result->n_verdicts; i++) {
        const explaint_verdict *v = &arm->result->verdicts[i];
        if (v->layer == layer && strcmp(xp_stored_result_text(v->claim), claim) == 0) return v;
    }
    return NULL;
}

const explaint_assumption *xp_stored_result_assumption(const explaint_verdict *verdict, const char *id) {
    for (size_t i = 0; i < verdict->n_assumptions; i++)
        if (strcmp(xp_stored_result_text(verdict->assumptions[i].id), id) == 0) return &verdict->assumptions[i];
    return NULL;
}

/* ---- rows by what they are about ---- */

static int by_subject(const explaint_row *a, int layer_a, const explaint_row *b, int layer_b) {
    int order = (layer_a > layer_b) - (layer_a < layer_b);
    if (order == 0) order = strcmp(xp_stored_result_text(a->condition), xp_stored_result_text(b->condition));
    if (order == 0) order = strcmp(xp_stored_result_text(a->target), xp_stored_result_text(b->target));
    return order != 0 ? order : strcmp(xp_stored_result_text(a->metric), xp_stored_result_text(b->metric));
}

static int by_place(const void *a, const void *b) {
    const explaint_row *const x = *(const explaint_row *const *)a, *const y = *(const explaint_row *const *)b;
    return by_subject(x, x->layer, y, y->layer);
}

static bool sort_rows(xp_stored_result *arm) {
    const size_t n = arm->result->n_rows;
    arm->pooled = xp_alloc(n, sizeof *arm->pooled);
    if (arm->pooled == NULL) return false;
    for (size_t i = 0; i < n; i++)
        if (arm->result->rows[i].fold < 0) arm->pooled[arm->n_pooled++] = &arm->result->rows[i];
    if (arm->n_pooled > 0) qsort(arm->pooled, arm->n_pooled, sizeof *arm->pooled, by_place);
    return true;
}

const explaint_row *const *xp_stored_result_rows_like(const xp_stored_result *arm, const explaint_row *row, int layer,
                                                      size_t *n) {
    size_t low = 0, high = arm->n_pooled;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const explaint_row *at = arm->pooled[middle];
        if (by_subject(at, at->layer, row, layer) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < arm->n_pooled; high++)
        if (by_subject(arm->pooled[high], arm->pooled[high]->layer, row, layer) != 0) break;
    *n = high - low;
    return arm->pooled + low;
}

/* ---- the record ---- */

/* A list of sizes. */
static bool read_sizes(const xp_value *list, size_t most, size_t **item, size_t *count) {
    const size_t n = xp_value_is_array(list) ? xp_value_count(list) : 0;
    *count = 0;
    *item = xp_alloc(n, sizeof **item);
    if (*item == NULL) return false;
    for (size_t i = 0; i < n; i++) {
        size_t value;
        if (xp_value_size(xp_value_item(list, i), &value) && value <= most) (*item)[(*count)++] = value;
    }
    return true;
}

/* The metrics that were asked for, and the verdict's. */
static unsigned read_metrics(const xp_stored_result *arm) {
    const char *names = xp_stored_result_setting(arm, "metrics"),
               *verdict = xp_stored_result_setting(arm, "verdict_metric");
    unsigned wanted = 0;
    xp_metric metric;
    for (const char *p = names;; p += strcspn(p, ",") + 1) {
        const size_t length = strcspn(p, ",");
        if (length == 3 && strncmp(p, "all", 3) == 0)
            wanted |= (1u << XP_N_METRICS) - 1;
        else if (xp_metric_find(p, length, &metric))
            wanted |= 1u << metric;
        if (p[length] == 0) break;
    }
    if (xp_metric_find(verdict, strlen(verdict), &metric)) wanted |= 1u << metric;
    return wanted;
}

static explaint_status has_layer(const xp_stored_result *arm, explaint_error *error) {
    bool has = arm->only < 0;
    for (size_t i = 0; i < arm->n_layers; i++) has = has || arm->layer[i] == arm->only;
    if (!has && arm->n_layers == 0)
        return xp_fail(error, EXPLAINT_USAGE, arm->path, 0, "%s has no layers: leave out @%d", arm->place, arm->only);
    if (!has)
        return xp_fail(error, EXPLAINT_USAGE, arm->path, 0, "%s has no layer %d: its layers are %d to %d", arm->place,
                       arm->only, arm->layer[0], arm->layer[arm->n_layers - 1]);
    return EXPLAINT_OK;
}

/* Of a run of attend: the layers that it has rows of. */
static bool list_attended_layers(xp_stored_result *arm) {
    const explaint_attend_result *r = arm->attention;
    int most = -1;
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].layer > most && r->rows[i].layer <= 100000) most = r->rows[i].layer;
    bool *has = xp_calloc((size_t)(most + 1), sizeof *has);
    arm->layer = xp_alloc((size_t)(most + 1), sizeof *arm->layer);
    const bool ok = has != NULL && arm->layer != NULL;
    for (size_t i = 0; ok && i < r->n_rows; i++)
        if (r->rows[i].layer >= 0 && r->rows[i].layer <= most) has[r->rows[i].layer] = true;
    for (int l = 0; ok && l <= most; l++)
        if (has[l]) arm->layer[arm->n_layers++] = l;
    xp_free(has);
    return ok;
}

static explaint_status understand(xp_stored_result *arm, explaint_error *error) {
    arm->settings = xp_record_settings(arm->record);
    if (arm->result == NULL)
        return arm->attention == NULL || list_attended_layers(arm) ? has_layer(arm, error)
                                                                   : xp_no_memory(error, what_for);
    const explaint_result *r = arm->result;
    arm->wanted = read_metrics(arm);
    xp_value_size(xp_value_member(arm->settings, "verdict_components"), &arm->verdict_count);
    arm->verdict_mapping = r->n_verdicts > 0 ? xp_stored_result_text(r->verdicts[0].mapping) : "";
    size_t *layers = NULL, n_layers = 0;
    bool ok = read_sizes(xp_value_member(arm->settings, "n_components"), 100000, &arm->counts, &arm->n_counts) &&
              read_sizes(xp_value_member(arm->settings, "layers"), 100000, &layers, &n_layers);
    if (ok) ok = sort_rows(arm);
    if (ok) ok = (arm->layer = xp_alloc(n_layers, sizeof *arm->layer)) != NULL;
    for (size_t i = 0; ok && i < n_layers; i++) arm->layer[arm->n_layers++] = (int)layers[i];
    xp_free(layers);
    return ok ? has_layer(arm, error) : xp_no_memory(error, what_for);
}

static explaint_status parse(xp_stored_result *arm, const char *text, size_t length, explaint_error *error) {
    explaint_status status = explaint_record_read(text, length, arm->path, &arm->record, error);
    if (status != EXPLAINT_OK) return status;
    const explaint_kind *kind = arm->record->kind;
    if (kind == &explaint_infer_kind) arm->result = (const explaint_result *)arm->record;
    if (kind == &explaint_attend_kind) arm->attention = (const explaint_attend_result *)arm->record;
    if (kind == &explaint_relate_kind) arm->relation = (const explaint_relate_result *)arm->record;
    if (xp_record_of_run(arm->record, &arm->says)) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, arm->path, 0,
                   "is a result of 'explaint %s': only those of 'explaint infer', 'explaint attend' and 'explaint "
                   "relate' can be compared",
                   kind->name);
}

/* ---- where it is ---- */

static explaint_status take_run(void *self, const xp_stored_run *stored, explaint_error *error) {
    xp_stored_result *arm = self;
    if (arm->run > 0 && !stored->finished) return xp_ledger_unfinished(arm->path, stored->run, stored->units, error);
    if (!stored->finished) return EXPLAINT_OK;
    if (arm->record != NULL)
        return xp_fail(error, EXPLAINT_USAGE, arm->path, 0,
                       "the ledger holds several finished runs: name one, as in %s:%lld (explaint runs list)",
                       arm->path, stored->run);
    arm->run = stored->run;
    explaint_status status = parse(arm, stored->document, stored->length, error);
    if (status != EXPLAINT_OK) return status;
    xp_text place = {0};
    xp_text_addf(&place, "run %lld of %s", stored->run, arm->path);
    arm->place = place.data;
    return place.failed ? xp_no_memory(error, what_for) : EXPLAINT_OK;
}

static explaint_status open_ledger(xp_stored_result *arm, explaint_error *error) {
    explaint_status status = explaint_ledger_open(arm->path, false, &arm->ledger, error);
    const size_t run = (size_t)arm->run;
    if (status == EXPLAINT_OK)
        status = xp_ledger_documents(arm->ledger, &run, arm->run > 0 ? 1 : 0, take_run, arm, error);
    if (status == EXPLAINT_OK && arm->record == NULL)
        status = xp_fail(error, EXPLAINT_INVALID, arm->path, 0,
                         "the ledger holds no finished run; repeat its command with --resume");
    return status;
}

static explaint_status open_file(xp_stored_result *arm, explaint_error *error) {
    xp_stream *stream = NULL;
    const unsigned char *head = NULL;
    explaint_status status = xp_stream_open(arm->path, &stream, error);
    if (status != EXPLAINT_OK) return status;
    const bool ledger = xp_stream_head(stream, &head) >= 6 && memcmp(head, "SQLite", 6) == 0;
    if (!ledger && arm->run > 0)
        status = xp_fail(error, EXPLAINT_USAGE, arm->path, 0,
                         "is no ledger, and only those have runs to be numbered: leave out :%lld", arm->run);
    if (status == EXPLAINT_OK && !ledger) {
        xp_bytes bytes = {0};
        status = xp_stream_all(stream, XP_LIMIT_TABLE, &bytes, error);
        if (status == EXPLAINT_OK) status = parse(arm, bytes.data, bytes.size, error);
        xp_bytes_free(&bytes);
        arm->place = xp_strdup(arm->path);
        if (status == EXPLAINT_OK && arm->place == NULL) status = xp_no_memory(error, what_for);
    }
    xp_stream_close(stream);
    return status == EXPLAINT_OK && ledger ? open_ledger(arm, error) : status;
}

/* Where the digits at the end of text begin; its end if there are none, or more than a number has. */
static size_t digits_at_end(const char *text, size_t length) {
    size_t at = length;
    while (at > 0 && isdigit((unsigned char)text[at - 1])) at--;
    return length - at > 9 ? length : at;
}

/* "results.db:3@8" in its parts, unless a file has just that name. */
static explaint_status take_apart(const char *what, const char *ledger, xp_stored_result *arm, explaint_error *error) {
    size_t length = strlen(what), at = digits_at_end(what, length);
    arm->only = -1;
    if (access(what, F_OK) != 0 && at < length && at > 1 && what[at - 1] == '@') {
        arm->only = (int)strtol(what + at, NULL, 10);
        length = at - 1;
    }
    at = digits_at_end(what, length);
    const bool number = at == 0 && length > 0;
    if (number && ledger == NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "run %.*s of which ledger? Give --ledger FILE, or FILE:%.*s",
                       (int)length, what, (int)length, what);
    arm->path = number ? xp_strdup(ledger) : xp_strndup(what, length);
    if (arm->path == NULL) return xp_no_memory(error, what_for);
    if (number || (at < length && at > 1 && what[at - 1] == ':' && access(arm->path, F_OK) != 0)) {
        arm->run = strtol(what + at, NULL, 10);
        if (!number) arm->path[at - 1] = 0;
        if (arm->run == 0)
            return xp_fail(error, EXPLAINT_USAGE, arm->path, 0, "runs are numbered from 1; see: explaint runs list");
    }
    return EXPLAINT_OK;
}

explaint_status xp_stored_result_open(const char *what, const char *ledger, xp_stored_result *arm,
                                      explaint_error *error) {
    *arm = (xp_stored_result){.only = -1};
    explaint_status status = take_apart(what, ledger, arm, error);
    if (status == EXPLAINT_OK) status = open_file(arm, error);
    if (status == EXPLAINT_OK) status = understand(arm, error);
    bool found = false;
    if (status == EXPLAINT_OK && arm->result != NULL)
        status = xp_stored_result_concepts(arm, arm->n_layers > 0 ? arm->layer[0] : -1, &arm->concepts, &found, error);
    if (status != EXPLAINT_OK) xp_stored_result_close(arm);
    return status;
}

void xp_stored_result_close(xp_stored_result *arm) {
    explaint_record_free(arm->record);
    explaint_ledger_close(arm->ledger);
    xp_concepts_free(&arm->concepts);
    xp_free_all(arm->place, arm->path, arm->layer, arm->counts, arm->pooled);
    *arm = (xp_stored_result){.only = -1};
}
