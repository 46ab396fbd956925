/* Figures of single heads: a tile for each, layers downwards. And of relate: all heads together beside the controls. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "explaint/visible.h"
#include "report/figures.h"
#include "report/relation.h"

enum { MOST = 1000 }; /* layers, heads: of a document that is no hostile one */

/* ---- a grid ---- */

typedef struct grid {
    size_t layers, heads;
    double *value; /* layers x heads; NaN: nothing is known of the head */
    bool *marked;
    xp_strings layer, head; /* "1", "2", ... */
} grid;

static void grid_free(grid *g) {
    xp_free_all(g->value, g->marked);
    xp_strings_free(&g->layer);
    xp_strings_free(&g->head);
    *g = (grid){0};
}

static bool grid_begin(grid *g, size_t layers, size_t heads) {
    *g = (grid){.layers = layers, .heads = heads};
    g->value = xp_alloc(layers * heads, sizeof *g->value);
    g->marked = xp_calloc(layers * heads, sizeof *g->marked);
    bool good = g->value != NULL && g->marked != NULL;
    for (size_t i = 0; good && i < layers * heads; i++) g->value[i] = NAN;
    for (size_t i = 0; good && i < layers; i++) good = xp_strings_addf(&g->layer, "%zu", i + 1);
    for (size_t i = 0; good && i < heads; i++) good = xp_strings_addf(&g->head, "%zu", i + 1);
    return good;
}

static bool hand(const grid *g, const xp_figure_sink *sink, const xp_report_run *run, const char *name,
                 const char *title, const char *caption, double low, double high) {
    const xp_chart_heat chart = {.title = title,
                                 .description = caption,
                                 .value = g->value,
                                 .rows = g->layers,
                                 .columns = g->heads,
                                 .row_label = (const char *const *)g->layer.item,
                                 .column_label = (const char *const *)g->head.item,
                                 .marked = g->marked,
                                 .low = low,
                                 .high = high};
    return xp_figure_hand(sink, run, name, title, caption, XP_FIGURE_HEAT, &chart);
}

/* ---- relate ---- */

static bool known(const explaint_relate_head *h) {
    return h->layer > 0 && h->head > 0 && h->layer <= MOST && h->head <= MOST;
}

bool xp_figure_relation_heads(const xp_report_run *run, const xp_figure_sink *sink) {
    const explaint_relate_result *r = run->relation;
    size_t layers = 0, most = 0;
    double high = .6;
    for (size_t i = 0; i < r->n_heads; i++) {
        if (!known(&r->heads[i])) continue;
        if (r->heads[i].layer > layers) layers = r->heads[i].layer;
        if (r->heads[i].head > most) most = r->heads[i].head;
        high = fmax(high, fmin(r->heads[i].auc, 1));
    }
    grid g;
    if (layers == 0) return true;
    bool good = grid_begin(&g, layers, most);
    for (size_t i = 0; good && i < r->n_heads; i++) {
        if (!known(&r->heads[i])) continue;
        const size_t at = (r->heads[i].layer - 1) * most + r->heads[i].head - 1;
        g.value[at] = r->heads[i].auc;
        g.marked[at] = xp_report_is(r->heads[i].outcome, "holds");
    }
    char caption[400];
    snprintf(caption, sizeof caption,
             "Layers downwards, heads to the right. The lighter, the more often a true pair has more attention than a "
             "counterfactual one (AUC against the set in which that is lowest; dark is half and less, grey was not "
             "asked). A disc marks what holds against every set and control: %zu of %zu heads.",
             xp_relation_holding(r), r->n_heads);
    good = good && hand(&g, sink, run, "heads", "Which heads show the relation?", caption, .5, high);
    grid_free(&g);
    return good;
}

/* All heads together and the controls, set by set. */
bool xp_figure_relation(const xp_report_run *run, const xp_figure_sink *sink) {
    static const size_t series[XP_RELATION_CONTROLS] = {0, 5, 5, 1, 2};
    const char *set[XP_RELATION_SETS];
    const size_t n_sets = xp_relation_sets(run->relation, set);
    xp_chart_row row[XP_RELATION_SETS * XP_RELATION_CONTROLS];
    xp_strings names = {0};
    size_t n = 0;
    bool good = true;
    for (size_t i = 0; i < n_sets; i++)
        for (size_t k = 0; good && k < XP_RELATION_CONTROLS; k++) {
            const double value = xp_relation_value(run->relation, set[i], "accuracy", xp_relation_control[k].name);
            if (!isfinite(value)) continue;
            char name[41]; /* cut between characters */
            explaint_visible_text(set[i], name, sizeof name);
            good = xp_strings_addf(&names, "%s: %s", name, xp_relation_control[k].label);
            row[n++] = (xp_chart_row){.value = value,
                                      .ci = {NAN, NAN},
                                      .stroke = NAN,
                                      .range = {NAN, NAN},
                                      .series = series[k],
                                      .hollow = k > 0};
        }
    for (size_t i = 0; good && i < n; i++) row[i].label = names.item[i];
    static const char title[] = "Do all heads together tell true pairs from others?";
    static const char caption[] =
        "Share of pairs that a classifier of all heads tells rightly, on words that it has not seen, against each set "
        "of counterfactuals. Hollow marks are what can be had without the relation: from the form of the words alone, "
        "with "
        "true and counterfactual words exchanged, from an untrained model, and with words in disorder.";
    const xp_chart_points chart = {.title = title,
                                   .description = caption,
                                   .axis = "share told rightly",
                                   .row = row,
                                   .n = n,
                                   .decimals = 3,
                                   .line = .5,
                                   .line_label = "guessing"};
    if (good && n > 0) good = xp_figure_hand(sink, run, "together", title, caption, XP_FIGURE_POINTS, &chart);
    xp_strings_free(&names);
    return good;
}

/* ---- attend --by-head ---- */

/* What is drawn of it, and whether of the maps without special tokens. */
static const struct {
    const char *measure, *damage, *scope, *rows, *title, *caption;
    bool share; /* from 0 to 1 */
} measures[] = {
    {"attention_previous", NULL, NULL, "content", "To the piece before",
     "Mean share that a row gives to the piece before it", true},
    {"attention_self", NULL, NULL, "content", "To itself", "Mean share that a row gives to its own piece", true},
    {"attention_special", NULL, NULL, "content", "To special tokens", "Mean share that a row gives to special tokens",
     true},
    {"attention_first", NULL, NULL, "content", "To the first piece", "Mean share that a row gives to the first piece",
     true},
    {"attention_entropy", NULL, NULL, "content", "Entropy of a row", "Mean entropy of a row, in nats", false},
    {"damage_pearson", "permute-content", "content", NULL, "With the words exchanged",
     "Correlation of the map of exchanged words with the intact one, without special tokens: the darker, the more the "
     "head depends on the words",
     true},
};
enum { N_MEASURES = sizeof measures / sizeof *measures };

static bool is_of(const explaint_attend_row *row, size_t k) {
    return row->head >= 0 && row->text < 0 && row->layer > 0 && row->layer <= MOST && row->head > 0 &&
           row->head <= MOST && xp_report_is(row->measure, measures[k].measure) &&
           xp_report_is(row->damage, measures[k].damage) &&
           (measures[k].scope == NULL || xp_report_is(row->scope, measures[k].scope)) &&
           xp_report_is(row->rows, measures[k].rows) && row->undone < 1;
}

static bool by_head(const xp_report_run *run, size_t k, const xp_figure_sink *sink) {
    const explaint_attend_result *r = run->attention;
    size_t layers = 0, most = 0;
    double high = measures[k].share ? 1 : 0;
    for (size_t i = 0; i < r->n_rows; i++)
        if (is_of(&r->rows[i], k)) {
            if ((size_t)r->rows[i].layer > layers) layers = (size_t)r->rows[i].layer;
            if ((size_t)r->rows[i].head > most) most = (size_t)r->rows[i].head;
            high = fmax(high, r->rows[i].value);
        }
    grid g;
    if (layers == 0) return true;
    bool good = grid_begin(&g, layers, most);
    for (size_t i = 0; good && i < r->n_rows; i++)
        if (is_of(&r->rows[i], k))
            g.value[(size_t)(r->rows[i].layer - 1) * most + (size_t)r->rows[i].head - 1] = r->rows[i].value;
    char name[64], caption[300];
    snprintf(name, sizeof name, "heads-%s", measures[k].measure);
    for (char *at = name; *at != 0; at++)
        if (*at == '_') *at = '-';
    snprintf(caption, sizeof caption, "%s. Layers downwards, heads to the right.", measures[k].caption);
    good = good && hand(&g, sink, run, name, measures[k].title, caption, 0, high > 0 ? high : 1);
    grid_free(&g);
    return good;
}

bool xp_figure_by_head(const xp_report_run *run, const xp_figure_sink *sink) {
    bool good = true;
    for (size_t k = 0; good && k < N_MEASURES; k++) good = by_head(run, k, sink);
    return good;
}
