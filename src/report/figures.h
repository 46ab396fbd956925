/* The figures of stored results, for a page and for files. Each is made and handed to a sink; what a result does not have makes no figure. */
#ifndef XP_REPORT_FIGURES_H
#define XP_REPORT_FIGURES_H

#include "draw/chart.h"
#include "report/collection.h"

typedef enum xp_figure_kind {
    XP_FIGURE_POINTS,
    XP_FIGURE_LINES,
    XP_FIGURE_HISTOGRAM,
    XP_FIGURE_HEAT,
    XP_FIGURE_GRAPH
} xp_figure_kind;

typedef struct xp_figure {
    const char *id;      /* "A-conditions": of letters, digits and hyphens */
    const char *title;   /* a few words */
    const char *caption; /* sentences: what is drawn, and how it is read */
    xp_figure_kind kind;
    const void *chart; /* of this kind; its width counts for nothing */
} xp_figure;

void xp_figure_draw(const xp_figure *figure, double width, bool file, xp_svg *svg);

typedef struct xp_figure_sink {
    void *self;
    bool (*take)(void *self, const xp_figure *figure); /* false: no memory */
} xp_figure_sink;

/* Hands one over, under the run's label and a name. */
bool xp_figure_hand(const xp_figure_sink *sink, const xp_report_run *run, const char *name, const char *title,
                    const char *caption, xp_figure_kind kind, const void *chart);

/* All figures of a run of infer, in the order of the page; or one of its parts. false: no memory. */
bool xp_figure_all(const xp_report_run *run, const xp_figure_sink *sink);
bool xp_figure_conditions(const xp_report_run *run, const xp_figure_sink *sink);
bool xp_figure_tests(const xp_report_run *run, const xp_figure_sink *sink);
bool xp_figure_nulls(const xp_report_run *run, const xp_figure_sink *sink); /* of a ledger alone */
bool xp_figure_comparisons(const xp_report_run *run, const xp_figure_sink *sink);
bool xp_figure_curves(const xp_report_run *run, const xp_figure_sink *sink);      /* over components, over layers */
bool xp_figure_predictions(const xp_report_run *run, const xp_figure_sink *sink); /* of a ledger alone */
/* Of a run of attend: what each layer was judged by. */
bool xp_figure_attention(const xp_report_run *run, const xp_figure_sink *sink);
/* Of a run of attend with rows of heads: a grid for each of some measures. */
bool xp_figure_by_head(const xp_report_run *run, const xp_figure_sink *sink);
/* Of a run of relate: all heads together beside the controls; and which heads hold. */
bool xp_figure_relation(const xp_report_run *run, const xp_figure_sink *sink);
bool xp_figure_relation_heads(const xp_report_run *run, const xp_figure_sink *sink);
/* Of several runs of attend: their layers in one figure. */
bool xp_figure_attention_runs(const xp_collection *c, const xp_figure_sink *sink);

/* ---- what a page shows of a result with several layers, mappings and counts (shown.c) ---- */

/* The layer that the verdicts are about, the best one of several; -1: there are none. */
int xp_report_main_layer(const explaint_result *result);
/* The verdict on a claim that is shown first; NULL: none. */
const explaint_verdict *xp_report_main_verdict(const explaint_result *result, const char *claim);
/* The score, over all folds, of the verdict's mapping with the verdict's components; NULL: there is none. */
const explaint_row *xp_report_row(const xp_report_run *run, const char *condition, const char *target,
                                  const char *metric, int layer, size_t components);

/* The conditions with their targets, each as its first row, in the order of the rows. Returns how many. */
enum { XP_REPORT_PAIRS = 64 };
size_t xp_report_pairs(const explaint_result *result, const explaint_row *pair[XP_REPORT_PAIRS]);

#endif
