/* Two runs of `explaint infer`, `explaint attend` or `explaint relate`, side by side: what a change did to scores and verdicts (docs/compare.md; a whole program:
 * docs/examples/compare.c).
 *
 *     explaint_comparison *c = NULL;
 *     if (explaint_compare("results.db:1", "results.db:2", NULL, &c, &error) != EXPLAINT_OK) return error.code;
 *     for (size_t i = 0; i < c->n_rows; i++)
 *         if (c->rows[i].paired.paired) printf("%s %+.3f\n", c->rows[i].condition, c->rows[i].paired.difference);
 *     explaint_comparison_free(c);
 *
 * A ledger holds the score of every single concept. Two runs in ledgers are therefore compared concept by concept, with intervals and
 * p; a document holds only means, and their difference has neither. Every difference is B - A. A number that does not exist is NaN here
 * and absent in JSON.
 */
#ifndef EXPLAINT_COMPARE_H
#define EXPLAINT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "explaint/error.h"
#include "explaint/result.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_compare_options {
    const char *ledger;         /* where runs are that are given by their number alone; NULL: none */
    size_t flips;               /* sign vectors drawn, 9999 */
    size_t bootstrap;           /* resamples of an interval, 2000 */
    uint64_t seed;              /* 1 */
    const char *const *command; /* what the user typed; NULL-terminated; may be NULL */
} explaint_compare_options;

EXPLAINT_API explaint_compare_options explaint_compare_defaults(void);

typedef struct explaint_compared_arm {
    const char *place; /* "run 3 of results.db", "result.json" */
    const char *source, *mapping, *signature;
    bool has_scores; /* of single concepts */
} explaint_compared_arm;

/* A setting, input or version that is not the same. */
typedef struct explaint_compared_change {
    const char *what;     /* "setting", "input", "version" */
    const char *key;      /* of a setting; role of an input */
    const char *value[2]; /* JSON text; NULL: absent */
} explaint_compared_change;

typedef struct explaint_paired {
    double difference;        /* B - A; if paired, over the concepts that both have */
    bool paired;              /* both runs have scores of concepts; else the fields below do not exist */
    size_t n;                 /* concepts; 0: not paired */
    double value[2];          /* over these concepts */
    double ci[2], p, p_error; /* 95 %; two-sided: by sign flips, of E1 to E4 by Student's t */
} explaint_paired;

typedef struct explaint_compared_row {
    const char *condition, *target, *metric;
    const char *mapping[2]; /* with its penalty where a run has several */
    int layer[2];           /* -1: null */
    size_t n_components[2]; /* 0: null */
    double value[2];        /* as stored */
    explaint_paired paired;
    double p_adjusted; /* Benjamini-Hochberg over those rows of the comparison whose scores are not all equal */
} explaint_compared_row;

typedef struct explaint_compared_assumption {
    const char *id, *outcome[2]; /* id: of relate set and control, "similarity, damaged" */
    double gain[2], mde[2];
    double r[2];            /* of E1 to E4: agreement of the vectors with the norms, of which gain is beyond chance */
    explaint_paired paired; /* of the gain */
    int changed;            /* are the outcomes not the same? */
} explaint_compared_assumption;

typedef struct explaint_compared_verdict {
    const char *claim, *verdict[2], *decided_by[2];
    const char *answer; /* of information: whether the vectors of one agree better with the norms; NULL: not tested */
    int layer[2];
    size_t head; /* of claim "head", of the layer; 0: none */
    const explaint_compared_assumption *assumptions;
    size_t n_assumptions;
    int changed; /* are the verdicts not the same? */
} explaint_compared_verdict;

/* Of two runs of attend: what explaint_attend_row says of all texts, on either arm. paired: over the texts of both. "judged_recovered" and its
 * like are the numbers of explaint_attend_layer and explaint_attend_head. Of two runs of relate: what explaint_relate_row says, never paired;
 * "judged_auc" and its like are those of explaint_relate_head. */
typedef struct explaint_compared_measure {
    int layer[2], head; /* head: -1: null */
    const char *measure, *g, *candidates, *reference, *distance, *hit, *rows;
    int standardised; /* 0, 1; -1: none */
    const char *model, *pairs, *damage;
    int undone; /* 0, 1; -1: none */
    const char *scope;
    int column;                                        /* -1: none */
    const char *level;                                 /* "word"; NULL: pieces */
    const char *counterfactuals, *direction, *control; /* of relate */
    double value[2];                                   /* as stored */
    explaint_paired paired;
    double p_adjusted; /* as of rows */
} explaint_compared_measure;

typedef struct explaint_comparison {
    explaint_record record; /* explaint_compare_kind */
    const char *version;
    explaint_compared_arm arm[2];
    const explaint_compared_change *changes;
    size_t n_changes;
    const char *const *notes; /* sentences: what is not compared, and why; what to keep in mind */
    size_t n_notes;
    const explaint_compared_row *rows; /* in A's order, layer by layer */
    size_t n_rows;
    const explaint_compared_measure
        *measures; /* of attend and relate, which have no rows of the kind above; in A's order, layer by layer */
    size_t n_measures;
    const explaint_compared_verdict
        *verdicts; /* of attend: one for each layer and claim; of relate one more for each head */
    size_t n_verdicts;
    const char *verdict_metric;
    size_t verdict_components[2]; /* 0: none, or chosen by fold */
    const char *const *command;
    const char *answer; /* what the change did, in plain words */
    void *internals;
} explaint_comparison;

/* a and b are each FILE.json (a document of infer, attend or relate), LEDGER:RUN, a ledger with one finished run, or RUN of options->ledger; "@8" at the end
 * names a layer. options NULL: the defaults. Errors: EXPLAINT_USAGE (there is no such run or layer, or a layer must be named),
 * EXPLAINT_INVALID (a file that is no result or a damaged one, results on different norms or of different commands), EXPLAINT_FAILED. */
EXPLAINT_API explaint_status explaint_compare(const char *a, const char *b, const explaint_compare_options *options,
                                              explaint_comparison **comparison, explaint_error *error);
EXPLAINT_API void explaint_comparison_free(explaint_comparison *comparison);

/* The record of a comparison, and what it is made of (explaint/result.h). */
EXPLAINT_API extern const explaint_kind explaint_compare_kind, explaint_compared_row_kind,
    explaint_compared_measure_kind;

#ifdef __cplusplus
}
#endif
#endif
