/* Attention under audit: do the rows of a layer still stand for their tokens, and does the picture of its attention change when the
 * tokens are exchanged? (A whole program: docs/examples/attend.c.)
 *
 *     explaint_attend_options options = explaint_attend_defaults();
 *     explaint_attend_result *result = NULL;
 *     options.layers = "1-4";
 *     if (explaint_attend(model, tokenizer, texts, &options, &result, &error) != EXPLAINT_OK) return error.code;
 *     for (size_t i = 0; i < result->n_verdicts; i++) puts(result->verdicts[i].text);
 *     explaint_attend_free(result);
 *
 * Layers and heads count from 1. Layer l is the block that makes h^l from h^(l-1), and h^0 is the output of the embedding layer.
 * docs/attention.md defines every measure.
 */
#ifndef EXPLAINT_ATTEND_H
#define EXPLAINT_ATTEND_H

#include <stdio.h>

#include "explaint/infer.h"
#include "explaint/model.h"
#include "explaint/relate.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_attend_options {
    const char *
        measures; /* "continuity,attention,damage", or any of all, continuity, attention, damage, flow and names of measures */
    const char *damage;              /* "all" or names with commas */
    const char *g;                   /* "identity,linear", or any of identity, linear and mlp, with commas */
    const explaint_texts *fit_texts; /* that g is fitted on; NULL: the glosses that ship with the library */
    const char *attribution; /* "auto": exact or, where that is dear, by probes; "exact"; a number of probes: "16" */
    const char *layers;      /* "all", "last", or numbers from 0 and ranges with commas: "0-3,6" */
    const char *columns;     /* pieces that a rollout is followed from, "0,5-7"; NULL: rollout_column has no rows */
    const char *level;   /* what rows and columns of maps are: "piece", or "word": rows averaged, columns added up */
    const char *special; /* "in"; "out": maps and rows without those of special tokens */
    const char *head;    /* "3.7": may head 7 of layer 3 be read as a relation of tokens? NULL: none is asked about */
    const explaint_relation *relation; /* of explaint_relate, of this model and head: A4 is what it says; NULL: open */
    bool by_head;                      /* rows of each head as well */
    bool by_text;                      /* rows of each text with all measures; else with the main ones alone */
    size_t ranks;               /* rows that are compared with the whole vocabulary, drawn by the seed; 0: all. 128 */
    size_t truncate;            /* pieces of a text, at most; 0: a text longer than the model's positions is an error */
    double share;               /* A1 asks that so many rows stand for their tokens, .9 */
    uint64_t seed;              /* 1: permutations, noise, the split of the fitted maps, resamples */
    unsigned threads;           /* 0: all processors. Changes no result */
    bool keep_maps;             /* for explaint_attend_write_maps */
    const char *cache;          /* folder that linear maps g are kept in between runs; NULL: none. Changes no result */
    const char *const *command; /* what the user typed, without what changes no result; NULL-terminated; may be NULL */
    const explaint_progress *progress; /* NULL: none */
} explaint_attend_options;

EXPLAINT_API explaint_attend_options explaint_attend_defaults(void);
/* Reads a head as commands have it, "3.7", at *at, and then stands behind it: layer and head, from 1. false: it is none. */
EXPLAINT_API bool explaint_head_read(const char **at, size_t *layer, size_t *head);

/* One number. A qualifier that does not belong to the measure is NULL (or -1). */
typedef struct explaint_attend_row {
    int text, layer, head; /* -1: null: all texts, the whole model, the mean of heads */
    const char *measure;
    const char *g, *candidates, *reference, *distance, *hit, *rows;
    int standardised; /* 0, 1 */
    const char *model, *pairs, *damage;
    int undone; /* 0, 1 */
    const char *scope;
    int column;        /* of a rollout: the piece, or word, from 0 */
    const char *level; /* "word"; NULL: pieces */
    double value;
    size_t n; /* rows, texts or pairs behind it; 0: not said */
} explaint_attend_row;

/* The numbers that one layer is judged by, from the texts that decide. A number that does not exist is NaN here and absent in JSON. */
typedef struct explaint_attend_layer {
    size_t layer;
    const char *a1, *a2, *a3, *sink;       /* "holds", "fails", "undecided", "not testable" */
    double recovered, recovered_ci[2];     /* A1: share of rows that a linear g gives back */
    double shuffled, shuffled_ci[2];       /* the same of g fitted on shuffled pairs */
    double own_largest, own_largest_ci[2]; /* A2: share of rows that no other piece gives as much to as the own one */
    double whole, whole_ci[2], content, content_ci[2]; /* r of the map with permuted content beside the intact one */
    double null_mean, null_ci[2], p; /* A3: r of other texts' maps, without special tokens; P(null >= r) */
} explaint_attend_layer;

/* The same of the maps of one head. Its rows are those of its layer, and so are A1 and A2. */
typedef struct explaint_attend_head {
    size_t layer, head;
    const char *a3, *a4, *sink; /* a4: "not testable" without a relation */
    double whole, whole_ci[2], content, content_ci[2], null_mean, null_ci[2], p;
} explaint_attend_head;

typedef struct explaint_attend_assumption {
    const char *id;      /* "A0", "A1", "A2", "A3", "A4", "sink" */
    const char *text;    /* what is assumed */
    const char *outcome; /* "holds", "fails", "undecided", "not testable" */
    const char *why;     /* the numbers, in one sentence */
} explaint_attend_assumption;

typedef struct explaint_attend_verdict {
    const char
        *claim; /* "tokens": entry (i, j) of the map tells of tokens i and j; "sink"; "head": a head may be read so */
    size_t layers[2];       /* the first and the last that it is about */
    size_t head;            /* of claim "head"; 0: the mean of heads */
    const char *verdict;    /* "supported", "not supported", "undecided" */
    const char *decided_by; /* id of the assumption that decided; "" if none stands out */
    const char *text;       /* one sentence */
    const explaint_attend_assumption *assumptions;
    size_t n_assumptions;
    const char *answer; /* what came out, in a sentence that needs no statistics */
} explaint_attend_verdict;

typedef struct explaint_attend_result {
    explaint_record record; /* explaint_attend_kind */
    const char *version;
    const char *const *command; /* NULL-terminated */
    const explaint_input *inputs;
    size_t n_inputs;
    const explaint_setting *settings;
    size_t n_settings;
    const explaint_attend_row *rows;
    size_t n_rows;
    const explaint_lint *lints;
    size_t n_lints;
    const explaint_attend_layer *layers; /* that were judged; none without a verdict */
    size_t n_layers;
    const explaint_attend_head *heads; /* that were asked about: one or none */
    size_t n_heads;
    const explaint_attend_verdict *verdicts; /* of ranges of layers with the same outcomes */
    size_t n_verdicts;
    const char *signature;
    size_t n_texts, n_pieces;
    const char *level;              /* "word": rows of maps are words; NULL: pieces */
    const char *special;            /* "out": they are not special tokens; NULL: these are in */
    size_t n_judged, judged_length; /* the texts that decide, all of this length: pieces, or words */
    int judged_own;                 /* they are the user's texts, not the shipped ones; -1: none is judged */
    const char *answer;             /* what came out of all verdicts, in plain words */
    void *internals;
} explaint_attend_result;

/* Errors: EXPLAINT_USAGE for a name or layer that does not exist; EXPLAINT_INVALID for a text without pieces or longer
 * than the model's positions, a tokenizer or relation of another model, and states that are not finite; EXPLAINT_INTERRUPTED. */
EXPLAINT_API explaint_status explaint_attend(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                             const explaint_texts *texts, const explaint_attend_options *options,
                                             explaint_attend_result **result, explaint_error *error);
EXPLAINT_API void explaint_attend_free(explaint_attend_result *result);

/* The same in pieces that a ledger keeps (explaint/ledger.h), so that a run which was stopped goes on where it was:
 *
 *     explaint_attend_prepare(model, tokenizer, texts, &options, &plan, &error);
 *     explaint_ledger_begin(ledger, explaint_attend_plan_identity(plan), true, &units, &error);
 *     explaint_attend_plan_run(plan, &units, &result, &error);
 *     explaint_ledger_finish(ledger, &result->record, &error);
 *
 * A unit is where the rows of a text look, what damage does to its maps, or the rows of a layer. Model, tokenizer, texts and options outlive the plan, which runs once;
 * its result may outlive it. Errors as above. */
typedef struct explaint_attend_plan explaint_attend_plan;

EXPLAINT_API explaint_status explaint_attend_prepare(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                     const explaint_texts *texts,
                                                     const explaint_attend_options *options,
                                                     explaint_attend_plan **plan, explaint_error *error);
EXPLAINT_API void explaint_attend_plan_close(explaint_attend_plan *plan);
/* One JSON object (inputs, settings, command, version): two plans with equal identity give equal bytes. Borrowed. */
EXPLAINT_API const char *explaint_attend_plan_identity(const explaint_attend_plan *plan);
EXPLAINT_API size_t explaint_attend_plan_n_units(const explaint_attend_plan *plan);

/* What a run holds at once, part by part. Together it is an upper bound but for what the result itself takes. */
typedef struct explaint_attend_memory {
    const char *what, *measures; /* "whole maps of all layers", and of which measures: "damage" */
    double bytes;
    int square; /* 1: it grows with the square of a text's length; 0: with its length, or not at all */
} explaint_attend_memory;

EXPLAINT_API const explaint_attend_memory *explaint_attend_plan_memory(const explaint_attend_plan *plan, size_t *n);
/* What will take more than a minute of a processor, attribution, in a sentence; NULL: nothing that is known to. */
EXPLAINT_API const char *explaint_attend_plan_cost(const explaint_attend_plan *plan);
/* Does what is not stored yet. units may be NULL. */
EXPLAINT_API explaint_status explaint_attend_plan_run(explaint_attend_plan *plan, const explaint_units *units,
                                                      explaint_attend_result **result, explaint_error *error);

/* After a run: whether linear maps were read from the folder `cache`, or written, or why not, in a sentence; NULL: nothing to say. */
EXPLAINT_API const char *explaint_attend_plan_kept(const explaint_attend_plan *plan);

/* The record of a run, and what it is made of (explaint/result.h). */
EXPLAINT_API extern const explaint_kind explaint_attend_kind, explaint_attend_row_kind, explaint_attend_layer_kind,
    explaint_attend_head_kind, explaint_attend_verdict_kind;

/* safetensors: "i.attention" of text i (layers x heads x n x n) and, for each damage, "i.DAMAGE"; "i.ids"; __metadata__ has the model's
 * name and, as JSON, a list for each text: pieces, special (true or false) and words ([["dogs", 2], ...]: each with the number of its pieces). Needs
 * keep_maps; the plan's tokenizer and texts are there still. */
EXPLAINT_API explaint_status explaint_attend_write_maps(const explaint_attend_result *result, const char *path,
                                                        explaint_error *error);

/* A head as a picture (SVG): the intact map beside a damaged one on one scale. */
typedef struct explaint_picture_options {
    size_t text;        /* from 0 */
    size_t layer, head; /* from 1; head 0: the mean of heads */
    const char *damage; /* "permute", ... */
} explaint_picture_options;

EXPLAINT_API explaint_picture_options
explaint_picture_defaults(void); /* the first text, layer 1, mean of heads, "permute" */

/* Needs keep_maps; the plan's tokenizer and texts are there still. options NULL: the defaults. EXPLAINT_USAGE: there is no such text, layer, head or damage. */
EXPLAINT_API explaint_status explaint_attend_write_picture(const explaint_attend_result *result,
                                                           const explaint_picture_options *options, FILE *out,
                                                           explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif
