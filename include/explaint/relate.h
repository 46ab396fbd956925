/* Is a relation of words read from attention? Pairs such as robin and bird stand in sentences beside counterfactual ones, and what a head says of
 * them is compared with what can be had without the relation (docs/relations.md).
 *
 *     explaint_pairs *pairs = NULL;
 *     explaint_relate_result *result = NULL;
 *     if (explaint_pairs_open("pairs.csv", 1, &pairs, &error) != EXPLAINT_OK ||
 *         explaint_relate(model, tokenizer, pairs, NULL, &result, &error) != EXPLAINT_OK) return error.code;
 *     puts(result->answer);
 *     explaint_relate_free(result);
 *     explaint_pairs_close(pairs);
 *
 * Layers and heads count from 1. docs/methods.md#relations defines every number.
 */
#ifndef EXPLAINT_RELATE_H
#define EXPLAINT_RELATE_H

#include "explaint/infer.h"
#include "explaint/model.h"
#include "explaint/norms.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- pairs ---- */

/* Pairs of words, and for each of them words that take the place of the right one: one of each set of counterfactuals. They never change after
 * they were opened, and threads may share them. */
typedef struct explaint_pairs explaint_pairs;

/* A table (CSV, TSV) with the columns left and right; each further column is a set of counterfactuals, named by it. Without one the set is "swapped": right
 * words change places, so that each is counterfactual about as often as it is true. Pairs that lack a counterfactual are left out, with a note. Errors:
 * EXPLAINT_INVALID with file and line. */
EXPLAINT_API explaint_status explaint_pairs_open(const char *path, uint64_t seed, explaint_pairs **pairs,
                                                 explaint_error *error);

/* Concepts of the norms with their superordinates ("robin", "bird"), and two sets from the database of WordNet 3.0 in `wordnet` (a folder): "abstraction", a
 * noun at the depth of right that is above no sense of left, and "similarity", a sister of left. most: so many pairs, drawn by the seed; 0: all.
 * EXPLAINT_INVALID: the norms have no superordinates, or the database cannot be read. */
EXPLAINT_API explaint_status explaint_pairs_hypernymy(const explaint_norms *norms, const char *wordnet, size_t most,
                                                      uint64_t seed, explaint_pairs **pairs, explaint_error *error);
EXPLAINT_API void explaint_pairs_close(explaint_pairs *pairs);

EXPLAINT_API size_t explaint_pairs_n(const explaint_pairs *pairs);
EXPLAINT_API size_t explaint_pairs_n_sets(const explaint_pairs *pairs);
/* Borrowed; i < n, set < n_sets. */
EXPLAINT_API const char *explaint_pairs_left(const explaint_pairs *pairs, size_t i);
EXPLAINT_API const char *explaint_pairs_right(const explaint_pairs *pairs, size_t i);
EXPLAINT_API const char *explaint_pairs_set(const explaint_pairs *pairs, size_t set);
EXPLAINT_API const char *explaint_pairs_other(const explaint_pairs *pairs, size_t set, size_t i);

/* ---- the audit ---- */

typedef struct explaint_relate_options {
    const explaint_texts *templates; /* sentences with {left} and {right}, once each; NULL: those that ship */
    const char *heads;               /* "all", or "3.7,4.1": layer and head */
    size_t folds;                    /* of words, 5; no word of a test pair is in a training pair */
    size_t permutations;             /* of each test, 9,999 */
    size_t refits;                   /* classifiers fitted to permuted labels, 99 */
    uint64_t seed;                   /* 1 */
    unsigned threads;                /* 0: all processors. Changes no result */
    const char *const *command; /* what the user typed, without what changes no result; NULL-terminated; may be NULL */
    const explaint_progress *progress; /* NULL: none */
} explaint_relate_options;

EXPLAINT_API explaint_relate_options explaint_relate_defaults(void);

/* One number. */
typedef struct explaint_relate_row {
    const char *counterfactuals; /* the set that true pairs are told from */
    int layer, head;             /* -1: null: all heads together */
    const char *direction; /* "left-to-right": the left word looks at the right one; "right-to-left"; NULL: both */
    const char *measure;   /* "accuracy", "auc", "gain", "p", "p_adjusted" */
    const char *control;   /* "form", "permuted", "untrained", "damaged"; NULL: the model itself */
    double value;
} explaint_relate_row;

/* What came out for one head, over all sets and controls: the worst of them decides. */
typedef struct explaint_relate_head {
    size_t layer, head;
    const char *outcome;    /* "holds", "fails", "undecided" */
    const char *direction;  /* in which it comes out best */
    double auc, accuracy;   /* the lowest of all sets */
    double p, p_adjusted;   /* the largest of all sets and controls; adjusted over all of them, heads and directions */
    const char *decided_by; /* "similarity, damaged" */
} explaint_relate_head;

typedef struct explaint_relate_assumption {
    const char *id; /* "A4" */
    const char *counterfactuals, *control;
    const char *outcome;
    double gain, upper, p; /* upper: of the gain, one-sided 95 % */
    const char *why;       /* the numbers, in one sentence */
} explaint_relate_assumption;

typedef struct explaint_relate_verdict {
    const char *claim;      /* "heads": one head alone tells the relation; "model": all heads together do */
    const char *verdict;    /* "supported", "not supported", "undecided" */
    const char *decided_by; /* "similarity, damaged"; "" if none stands out */
    const char *text;       /* one sentence */
    const explaint_relate_assumption *assumptions; /* of "model"; of "heads" none */
    size_t n_assumptions;
    const char *answer; /* what came out, in a sentence that needs no statistics */
} explaint_relate_verdict;

typedef struct explaint_relate_pair {
    const char *left, *right;
    const char *counterfactuals; /* the set; NULL: a true pair */
    size_t left_fold, right_fold;
} explaint_relate_pair;

typedef struct explaint_relate_result {
    explaint_record record; /* explaint_relate_kind */
    const char *version;
    const char *const *command; /* NULL-terminated */
    const explaint_input *inputs;
    size_t n_inputs;
    const explaint_setting *settings;
    size_t n_settings;
    const char *answer; /* what came out of all verdicts, in plain words */
    size_t n_pairs;     /* true ones */
    size_t n_groups;    /* of pairs with the same right word: what the tests permute */
    size_t n_texts;
    const explaint_relate_row *rows;
    size_t n_rows;
    const explaint_lint *lints;
    size_t n_lints;
    const explaint_relate_head *heads;
    size_t n_heads;
    const explaint_relate_verdict *verdicts;
    size_t n_verdicts;
    const explaint_relate_pair *pairs; /* that were looked at: each true one, then its counterfactuals */
    size_t n_listed;
    const char *signature;
    void *internals;
} explaint_relate_result;

/* Errors: EXPLAINT_USAGE for a head that does not exist; EXPLAINT_INVALID for a template without its places, too few pairs, and words that cannot be
 * split into folds; EXPLAINT_INTERRUPTED. */
EXPLAINT_API explaint_status explaint_relate(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                             const explaint_pairs *pairs, const explaint_relate_options *options,
                                             explaint_relate_result **result, explaint_error *error);
EXPLAINT_API void explaint_relate_free(explaint_relate_result *result);

/* The same in pieces that a ledger keeps (explaint/ledger.h), so that a run which was stopped goes on where it was, as explaint_attend_prepare has it. A
 * unit is what attention says of 64 sentences; tests and classifiers are made again. Model, tokenizer, pairs and options outlive the plan, which
 * runs once; its result may outlive it. Errors as above. */
typedef struct explaint_relate_plan explaint_relate_plan;

EXPLAINT_API explaint_status explaint_relate_prepare(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                     const explaint_pairs *pairs,
                                                     const explaint_relate_options *options,
                                                     explaint_relate_plan **plan, explaint_error *error);
EXPLAINT_API void explaint_relate_plan_close(explaint_relate_plan *plan);
/* One JSON object (inputs, settings, command, version): two plans with equal identity give equal bytes. Borrowed. */
EXPLAINT_API const char *explaint_relate_plan_identity(const explaint_relate_plan *plan);
EXPLAINT_API size_t explaint_relate_plan_n_units(const explaint_relate_plan *plan);
/* Does what is not stored yet. units may be NULL. */
EXPLAINT_API explaint_status explaint_relate_plan_run(explaint_relate_plan *plan, const explaint_units *units,
                                                      explaint_relate_result **result, explaint_error *error);

/* A result that was kept, for who asks about a head of the same model (explaint/attend.h). A result of one's own needs place and sha256 alone beside it. */
typedef struct explaint_relation {
    const explaint_relate_result *result;
    const char *place;  /* "relation.json", "run 3 of results.db" */
    const char *path;   /* of the file */
    const char *sha256; /* of the document */
    long run;           /* of a ledger; 0: a document */
} explaint_relation;

/* A document, as `explaint relate --json` prints it. EXPLAINT_INVALID: it cannot be read, or is of another command. */
EXPLAINT_API explaint_status explaint_relation_open(const char *path, explaint_relation **relation,
                                                    explaint_error *error);
/* The newest finished run of a ledger that asked about this head of this model (layer and head from 1). *relation NULL: there is none, nor need there be a
 * file. Errors as those of explaint_ledger_open. */
EXPLAINT_API explaint_status explaint_relation_find(const char *ledger, const explaint_model *model, size_t layer,
                                                    size_t head, explaint_relation **relation, explaint_error *error);
EXPLAINT_API void explaint_relation_close(explaint_relation *relation);

/* safetensors: "features", "untrained", "damaged" and, of rows in other orders, "damaged.2" and so on (pairs as listed x directions x layers x
 * heads, F64), "form" (pairs x columns), and "places" of the texts (text x [first piece of left, behind its last, the same of right]). The plan's
 * model is not needed. */
EXPLAINT_API explaint_status explaint_relate_write_features(const explaint_relate_result *result, const char *path,
                                                            explaint_error *error);

/* The record of a run, and what it is made of (explaint/result.h). */
EXPLAINT_API extern const explaint_kind explaint_relate_kind, explaint_relate_row_kind, explaint_relate_head_kind,
    explaint_relate_verdict_kind;

#ifdef __cplusplus
}
#endif
#endif
