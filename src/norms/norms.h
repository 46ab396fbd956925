/* The concept-feature matrix inside. Rows are concepts, columns are features, in the order of first appearance. */
#ifndef XP_NORMS_NORMS_H
#define XP_NORMS_NORMS_H

#include "base/strings.h"
#include "explaint/norms.h"

/* What a missing cell becomes, and what a pair of several sources (Buchanan's); in the order of their names. */
typedef enum xp_na { XP_NA_ZERO, XP_NA_DROP_FEATURES, XP_NA_MASK } xp_na;
typedef enum xp_pair_value { XP_PAIR_LAST, XP_PAIR_SUM, XP_PAIR_MAX } xp_pair_value;
extern const char *const xp_na_names[3], *const xp_pair_value_names[3];

enum { XP_LEAST_CATEGORY = 5 }; /* a category of fewer concepts is none (docs/methods.md#categories) */

enum { XP_LABELS = 4 };

struct explaint_norms {
    char *name, *path, *kind, *citation;
    char sha256[65];
    size_t n_concepts, n_features;
    xp_strings concepts, features; /* UTF-8: names (base/name.h) */
    /* CSR: the cells that are not zero, columns ascending within a row. */
    size_t *row_start; /* n_concepts + 1 */
    uint32_t *column;
    double *value;
    /* Missing cells (wide files, na = mask or drop-features), CSR as well; NULL if there are none. */
    size_t *missing_start;
    uint32_t *missing_column;
    size_t n_missing;       /* missing cells of the file, whatever na made of them */
    bool binary;            /* every positive value was made 1 */
    xp_na na;               /* drop-features: the missing cells are listed, too; see xp_norms_dropped_features */
    uint8_t *taxonomic;     /* n_features: is a category (McRae BR_Label or WB_Label; WordNet is_a); NULL: not known */
    uint8_t *superordinate; /* n_features: may name a concept's category (McRae WB_Label superordinate); NULL: none */
    xp_strings category; /* n_concepts labels ("" = none) where the file itself labels concepts; count 0: it does not */
    xp_strings label_names;                        /* what else the file says of concepts: at most XP_LABELS names */
    xp_strings label[XP_LABELS];                   /* n_concepts each */
    xp_pair_value pair_value;                      /* Buchanan's */
    size_t components;                             /* of PLSR, where none is asked for */
    char concepts_sha256[65], features_sha256[65]; /* of the lists of names of an .npy; "" if there is none */
    char *columns, *drop_columns, *sheet;          /* what was asked for of a table, or NULL */
    xp_strings notes, warnings;
    /* Worked out once, so that getters and the summary cannot fail. */
    xp_strings derived; /* names of the categories after docs/methods.md#categories over all concepts */
    int *derived_label; /* n_concepts: index into derived, or -1 */
    uint8_t *seen;      /* n_features: concepts that have it, 2 for more */
    size_t sense_tags, distinct_forms, several_words;
};

/* Categories after docs/methods.md#categories: the file's own labels, else the superordinate with the highest value among those of
 * at least 5 concepts (without superordinates: the taxonomic feature; ties: the larger category, then first
 * appearance); of those, categories that fewer than 5 concepts got are none. label[i] is -1 (none) or an index into
 * names. Returns false without memory. label has n_concepts entries. keep (may be NULL): count only concepts i with
 * keep[i]. */
bool xp_norms_categories(const struct explaint_norms *norms, const uint8_t *keep, int *label, xp_strings *names);

/* The form under which a concept is looked up, and shown to a model: sense tag stripped, underscores to spaces, "(to)"
 * stripped, capitals as they are. Blanks are trimmed and closed up. Appends to form. false without memory. Where no word has
 * this form its lower case is next (xp_name_lower), and then a word of other capitals (norms/match.h). */
bool xp_concept_form(const char *concept_name, xp_text *form);

/* Where the sense tag of bat_(animal) or "bat (animal)" begins (its underscore or blank); the length of the name if
 * it has none. */
size_t xp_concept_sense_tag(const char *concept_name);

/* na = drop-features: which features have a missing cell among the kept concepts cannot be known before the vectors
 * are, so the reader keeps every feature and this fills drop (n_features) with 1 for those. keep may be NULL: all
 * concepts. Without missing cells, or for another na, drop is all 0. */
void xp_norms_dropped_features(const struct explaint_norms *norms, const uint8_t *keep, uint8_t *drop);

/* Norms from bytes in memory (plain or gzip), which need not outlive the call: files that ship inside of the
 * library, and tests. display_path stands in messages and for explaint_norms_path. explaint_norms_open is this after
 * reading the file. */
explaint_status xp_norms_read(const char *display_path, const void *bytes, size_t size,
                              const explaint_norms_options *options, explaint_norms **norms, explaint_error *error);

/* A file's name in results: the path without its folder, ".gz" and one of the suffixes ("glove.6B.100d.txt.gz" becomes
 * "glove.6B.100d"). Owned by the caller; NULL without memory. */
char *xp_norms_name_of_file(const char *path, const char *const *suffixes, size_t count);

#endif
