/* Feature norms: which people said what of which concept. A matrix of concepts and features with its labels (a whole program:
 * docs/examples/norms.c).
 *
 *     explaint_norms *norms = NULL;
 *     if (explaint_norms_open("norms.csv", NULL, &norms, &error) != EXPLAINT_OK) return error.code;
 *     for (size_t j = 0; j < explaint_norms_n_features(norms); j++)
 *         printf("%s %s: %g\n", explaint_norms_concept(norms, 0), explaint_norms_feature(norms, j), explaint_norms_value(norms, 0, j));
 *     explaint_norms_close(norms);
 *
 * Norms never change after they were opened, and threads may share them.
 */
#ifndef EXPLAINT_NORMS_H
#define EXPLAINT_NORMS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_norms explaint_norms;

typedef struct explaint_norms_options {
    bool binary;    /* every positive value becomes 1 */
    const char *na; /* missing cells of wide norms (docs/methods.md#missing-cells): "zero", "drop-features" or "mask" */
    const char *name; /* name in results; NULL: from the kind or the file's name */
    /* Buchanan's norms, of a pair of several sources (docs/methods.md#norms): "last", "sum" or "max". */
    const char *pair_value;
    const char *concepts;     /* .npy: the rows, one concept per line; needed there, and nowhere else */
    const char *features;     /* .npy: the columns, one feature per line; NULL: f0, f1, ... */
    const char *columns;      /* of long and wide tables: "concept=NAME,feature=NAME,..."; NULL: by their names */
    const char *drop_columns; /* names and patterns with * and ?, with commas between; NULL: none */
    const char *sheet;        /* of a workbook: name, or number from 1; NULL: the one that looks like norms */
} explaint_norms_options;

EXPLAINT_API explaint_norms_options explaint_norms_defaults(void); /* na "zero", pair_value "last" */

/* Opens norms. A path leads to McRae's folder as its publisher has it, or to its CONCS_FEATS_concstats_brm.txt; to Buchanan's CSV; to
 * Binder's .xlsx, or a table made of it; to a long table (a header with concept,feature[,value][,relation][,category]) or a wide one (the
 * first column is the concept, each other column a feature), as CSV, TSV or .xlsx; or to an .npy, with options->concepts. Each may be
 * gzipped (docs/formats.md#norms). The name "wordnet" opens the norms that ship inside the library. options NULL: the defaults.
 * Errors: EXPLAINT_INVALID with file and place; EXPLAINT_USAGE for an option that these norms do not take;
 * EXPLAINT_FAILED without memory. */
EXPLAINT_API explaint_status explaint_norms_open(const char *path, const explaint_norms_options *options,
                                                 explaint_norms **norms, explaint_error *error);
EXPLAINT_API void explaint_norms_close(explaint_norms *norms);

EXPLAINT_API const char *explaint_norms_name(const explaint_norms *norms);
EXPLAINT_API const char *explaint_norms_path(const explaint_norms *norms);
/* "mcrae", "buchanan", "binder", "long", "wide", "npy", "wordnet" */
EXPLAINT_API const char *explaint_norms_kind(const explaint_norms *norms);
EXPLAINT_API const char *explaint_norms_sha256(const explaint_norms *norms); /* 64 hex digits of the file's bytes */
EXPLAINT_API const char *explaint_norms_citation(const explaint_norms *norms);
EXPLAINT_API size_t explaint_norms_n_concepts(const explaint_norms *norms);
EXPLAINT_API size_t explaint_norms_n_features(const explaint_norms *norms);
EXPLAINT_API size_t explaint_norms_n_pairs(const explaint_norms *norms); /* cells that are not zero */
/* Borrowed strings (UTF-8, composed, without outer white space). i < n_concepts, j < n_features. */
EXPLAINT_API const char *explaint_norms_concept(const explaint_norms *norms, size_t i);
EXPLAINT_API const char *explaint_norms_feature(const explaint_norms *norms, size_t j);
/* The value of feature j for concept i: 0 if it is not there, NaN for a missing cell unless na is "zero". */
EXPLAINT_API double explaint_norms_value(const explaint_norms *norms, size_t i, size_t j);
/* Component count of PLSR for these norms where none is asked for: 25; Buchanan 75, Binder 22 (docs/methods.md#measured). */
EXPLAINT_API size_t explaint_norms_components(const explaint_norms *norms);
/* What the reader met, and what it decided: pairs that stand there twice, sense tags, another encoding. */
EXPLAINT_API size_t explaint_norms_n_notes(const explaint_norms *norms);
EXPLAINT_API const char *explaint_norms_note(const explaint_norms *norms, size_t i);
/* What may be wrong with the file although it was read, such as names in several spellings that were taken for one. */
EXPLAINT_API size_t explaint_norms_n_warnings(const explaint_norms *norms);
EXPLAINT_API const char *explaint_norms_warning(const explaint_norms *norms, size_t i);

/* Numbers of `explaint norms describe`. */
typedef struct explaint_norms_summary {
    size_t n_concepts, n_features, n_pairs;
    size_t singletons;     /* features of exactly one concept */
    size_t missing;        /* missing cells */
    size_t sense_tags;     /* concepts with a sense tag, bat_(animal) */
    size_t distinct_forms; /* concepts that differ once the tag is gone */
    size_t several_words;  /* concepts of more than one token */
    size_t taxonomic_features;
    size_t n_categories; /* categories with at least 5 concepts */
    size_t in_category;  /* concepts in one of them */
    double zero_share;   /* share of zero cells */
    double features_per_concept;
    double ceiling;              /* mean over concepts of the best possible F1@10 */
    double chance;               /* expected F1@10 of ten random features */
    double value_min, value_max; /* of the cells that are not zero */
} explaint_norms_summary;
EXPLAINT_API void explaint_norms_summarise(const explaint_norms *norms, explaint_norms_summary *summary);

/* The concept's category (docs/methods.md#categories), or NULL (borrowed). */
EXPLAINT_API const char *explaint_norms_category(const explaint_norms *norms, size_t i);

/* What else the file says of each concept, for people to see: Buchanan's pos_cue, Binder's WC, Type and Category. No
 * result depends on it. k < n_labels; "" where the file says nothing (borrowed). */
EXPLAINT_API size_t explaint_norms_n_labels(const explaint_norms *norms);
EXPLAINT_API const char *explaint_norms_label_name(const explaint_norms *norms, size_t k);
EXPLAINT_API const char *explaint_norms_label(const explaint_norms *norms, size_t k, size_t i);

/* Writes long CSV: concept,feature,value; a column `relation` where features are known to be taxonomic or
 * superordinate, and `category` where the file labels concepts. Values with all their digits: what is written reads
 * back as the same norms in the same order. The file is written under a temporary name and renamed; "-" is stdout.
 * EXPLAINT_INVALID if cells are missing and were opened with EXPLAINT_NA_MASK. */
EXPLAINT_API explaint_status explaint_norms_write_csv(const explaint_norms *norms, const char *path,
                                                      explaint_error *error);

/* Builds norms of concrete nouns from the WordNet 3.0 database files in `folder` (data.noun, index.noun, noun.exc
 * and their kin) and writes them as long CSV to `output`; `vocabulary` (one word per line, most frequent first) says which
 * words have a vector. docs/norms.md states the rule. */
EXPLAINT_API explaint_status explaint_norms_from_wordnet(const char *folder, const char *vocabulary, const char *output,
                                                         explaint_error *error);

#ifdef __cplusplus
}
#endif
#endif
