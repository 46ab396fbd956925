/* Which nouns become concepts of the WordNet norms (docs/norms.md, "Concepts"). */
#ifndef XP_NORMS_WORDNET_CONCEPTS_H
#define XP_NORMS_WORDNET_CONCEPTS_H

#include "norms/wordnet_files.h"

/* A synset and those above it, nearest first: `steps` along hypernym pointers. WordNet 3.0 has at most 35 together. */
#define XP_ABOVE_MAX 128
typedef struct xp_above {
    uint32_t synset, steps;
} xp_above;

/* Breadth first, pointers in the file's order, the synset itself first with 0 steps. Returns how many; more than
 * XP_ABOVE_MAX are cut off (a damaged file: the norms still end). */
size_t xp_wordnet_above(const xp_wordnet *wordnet, uint32_t synset, xp_above above[XP_ABOVE_MAX]);

bool xp_wordnet_is_root(const xp_wordnet *wordnet, uint32_t synset); /* nothing is above it */

/* The words that have a vector, most frequent first. */
typedef struct xp_vocabulary {
    xp_text text; /* the words, one after the other */
    xp_index *rank;
    size_t count;
} xp_vocabulary;

#define XP_VOCABULARY_WORDS 60000 /* as many are read */

/* One word per line, plain or gzip; what follows a space in a line is ignored, so a file of vectors serves as well. */
explaint_status xp_vocabulary_open(const char *path, xp_vocabulary *vocabulary, explaint_error *error);
void xp_vocabulary_close(xp_vocabulary *vocabulary);

typedef struct xp_concept {
    xp_view name;
    uint32_t synset;
    uint32_t category; /* number of xp_wordnet_category */
    uint32_t category_synset;
    uint32_t category_steps; /* from the concept up to it */
    uint32_t rank;           /* in the vocabulary, from 0 */
} xp_concept;

/* The concepts in alphabetical order; *concepts is released by xp_free. */
explaint_status xp_wordnet_concepts(const xp_wordnet *wordnet, const xp_vocabulary *vocabulary, const char *folder,
                                    xp_concept **concepts, size_t *count, explaint_error *error);

/* Does a part of the (underscored or hyphenated) term spell the concept, or the other way round? Parts of less than
 * three letters never do; the concept holds a part only if that has four letters or more. */
bool xp_wordnet_spells(xp_view concept_name, xp_view term);

#endif
