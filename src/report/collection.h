/* What a report is made of: stored runs, and from each the lines of its tables. */
#ifndef XP_REPORT_COLLECTION_H
#define XP_REPORT_COLLECTION_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/json_read.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "explaint/attend.h"
#include "explaint/compare.h"
#include "explaint/infer.h"
#include "explaint/ledger.h"
#include "explaint/relate.h"
#include "explaint/report.h"
#include "report/maps.h"
#include "report/paper.h"
#include "result/record.h"

typedef struct xp_estimate {
    bool exists, bounded; /* bounded: it has an interval */
    double value, ci[2];
    size_t undefined; /* concepts without a value, left out of the mean */
} xp_estimate;

/* A run: texts are of its document and live with it; "" where they are absent. */
typedef struct xp_report_run {
    explaint_record *record;                 /* read from the document */
    const explaint_result *result;           /* the record of infer; else NULL */
    const explaint_attend_result *attention; /* that of attend; else NULL */
    const explaint_relate_result *relation;  /* that of relate; else NULL */
    xp_record_run says;                      /* of all of them, as the next */
    const xp_value *settings;
    char *place;                 /* "run 3 of results.db", "result.json" */
    long long number;            /* in its ledger */
    char label[8];               /* A, B, ..., Z, AA */
    char sha256[XP_SHA256_TEXT]; /* of the document */
    /* of infer alone */
    const char *mapping, *verdict_metric;
    size_t verdict_components;         /* 0: none */
    struct xp_null_distribution *null; /* what its tests drew (nulls.h), if a page or figures are made of a ledger */
    size_t n_nulls, null_capacity;
    struct xp_predictions *predictions; /* of each concept (predictions.h), likewise; NULL: they are not stored */
} xp_report_run;

/* A document of compare. */
typedef struct xp_report_comparison {
    const explaint_comparison *result; /* its record */
    char *place;
} xp_report_comparison;

/* A line: one mapping with one count of components on one norm set, in one metric. */
typedef struct xp_line {
    size_t run;        /* index */
    size_t norms_rank; /* the paper's norms first, the others as they come */
    size_t metric_rank;
    size_t place; /* as they come */
    const char *norms, *metric, *source, *mapping;
    int layer;         /* -1: null */
    size_t components; /* 0: null */
    bool main;         /* the verdict's metric, or the paper's */
    xp_estimate cell[XP_COLUMNS];
} xp_line;

typedef struct xp_collection {
    const explaint_report_options *options;
    bool with_units;    /* read what tests drew and what was predicted, too */
    bool with_maps;     /* take files of maps, and comparisons */
    xp_report_run *run; /* those of infer, then of attend, then of relate */
    size_t n_runs, run_capacity;
    size_t n_infer, n_attention, n_relations; /* of them */
    xp_report_comparison *comparison;         /* which a page shows */
    size_t n_comparisons, comparison_capacity;
    xp_maps *maps; /* files of maps, which a page shows */
    size_t n_maps, maps_capacity;
    xp_line *line;
    size_t n_lines, line_capacity;
    xp_strings norms; /* that the paper does not have, as they came */
    xp_strings notes; /* what is left out or missing, in sentences */
} xp_collection;

/* Adds a ledger's finished runs or a JSON document. */
explaint_status xp_collection_add(xp_collection *c, const char *path, explaint_error *error);
/* Adds a result that is in memory, and what the ledger keeps of it as its current run; NULL: none does. */
explaint_status xp_collection_result(xp_collection *c, const explaint_record *record, explaint_ledger *ledger,
                                     explaint_error *error);
/* The lines of a run (lines.c). */
explaint_status xp_collection_lines(xp_collection *c, size_t run, explaint_error *error);
/* In the order of the tables. */
void xp_collection_sort(xp_collection *c);
void xp_collection_free(xp_collection *c);

/* A metric's name for people: "F1@10"; as it is, if unknown. */
const char *xp_report_metric_label(const char *metric);

/* What goes in and what is predicted: "vectors → norms"; its name, if it is unknown. */
const char *xp_report_condition_label(const char *condition);

/* "" for NULL. */
static inline const char *xp_report_or_empty(const char *text) { return text != NULL ? text : ""; }
/* Is a text of a document, NULL as "", this one? */
static inline bool xp_report_is(const char *text, const char *wanted) {
    return strcmp(xp_report_or_empty(text), xp_report_or_empty(wanted)) == 0;
}
/* The name of the first input in this role, "" where there is none. */
const char *xp_report_input(const xp_report_run *run, const char *role);
/* The verdict on a claim about a layer (-1: about vectors without layers, or all layers), and an assumption of a verdict; NULL: none. */
const explaint_verdict *xp_report_verdict(const explaint_result *result, const char *claim, int layer);
const explaint_assumption *xp_report_assumption(const explaint_verdict *verdict, const char *id);
/* The p of what an assumption gains, over layers adjusted. NaN: it has none, as W, whose p says whether there is a spelling to be beaten. */
static inline double xp_report_p_of_gain(const explaint_assumption *a) {
    return xp_report_is(a->id, "W") ? NAN : isfinite(a->p_adjusted) ? a->p_adjusted : a->p;
}

#endif
