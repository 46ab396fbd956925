/* What is shown of a result: which layer and verdicts, which rows stand side by side. */
#include "report/figures.h"

#include <stdio.h>
#include <string.h>

bool xp_figure_hand(const xp_figure_sink *sink, const xp_report_run *run, const char *name, const char *title,
                    const char *caption, xp_figure_kind kind, const void *chart) {
    char id[96];
    snprintf(id, sizeof id, "%s-%s", run->label, name);
    return sink->take(sink->self, &(xp_figure){id, title, caption, kind, chart});
}

int xp_report_main_layer(const explaint_result *result) {
    int first = -1;
    for (size_t i = 0; i < result->n_verdicts; i++)
        if (result->verdicts[i].n_layers > 0) return result->verdicts[i].best_layer;
    for (size_t i = 0; i < result->n_rows && first < 0; i++) first = result->rows[i].layer;
    return first;
}

const explaint_verdict *xp_report_main_verdict(const explaint_result *result, const char *claim) {
    const explaint_verdict *first = NULL;
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        if (!xp_report_is(v->claim, claim)) continue;
        if (v->n_layers > 0 || v->layer < 0) return v;
        if (first == NULL) first = v;
    }
    return first;
}

/* Where several penalties stand side by side, rows name theirs, "ridge:10": the one that the verdict is about. */
static const char *mapping_of(const xp_report_run *run) {
    const explaint_verdict *verdict = xp_report_main_verdict(run->result, "mapping");
    return verdict != NULL && verdict->mapping != NULL ? verdict->mapping : NULL;
}

const explaint_row *xp_report_row(const xp_report_run *run, const char *condition, const char *target,
                                  const char *metric, int layer, size_t components) {
    const char *mapping = mapping_of(run);
    for (size_t i = 0; i < run->result->n_rows; i++) {
        const explaint_row *row = &run->result->rows[i];
        if (row->fold < 0 && (row->n_components == components || row->n_components == 0) &&
            (row->layer == layer || row->layer < 0) && xp_report_is(row->metric, metric) &&
            xp_report_is(row->condition, condition) && xp_report_is(row->target, target) &&
            (mapping == NULL || strchr(xp_report_or_empty(row->mapping), ':') == NULL ||
             xp_report_is(row->mapping, mapping)))
            return row;
    }
    return NULL;
}

size_t xp_report_pairs(const explaint_result *result, const explaint_row *pair[XP_REPORT_PAIRS]) {
    size_t n = 0;
    for (size_t i = 0; i < result->n_rows && n < XP_REPORT_PAIRS; i++) {
        const explaint_row *row = &result->rows[i];
        size_t k = n; /* rows of a condition stand together, and the last pair comes first */
        while (k > 0 && !(xp_report_is(pair[k - 1]->condition, row->condition) &&
                          xp_report_is(pair[k - 1]->target, row->target)))
            k--;
        if (k == 0) pair[n++] = row;
    }
    return n;
}
