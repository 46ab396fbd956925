/* What the WordNet norms say of a concept (docs/norms.md, "Features"). */
#ifndef XP_NORMS_WORDNET_FEATURES_H
#define XP_NORMS_WORDNET_FEATURES_H

#include "norms/wordnet_concepts.h"

typedef enum xp_wordnet_relation { XP_SUPER, XP_IS_A, XP_HAS_A, XP_IS_PART_OF, XP_GLOSS } xp_wordnet_relation;

typedef struct xp_feature_use { /* a feature that a concept has, or may get */
    uint32_t feature;           /* index into names */
    uint32_t steps;             /* along hypernym pointers to the synset that says so */
    uint8_t relation;           /* xp_wordnet_relation */
    uint8_t taken;              /* made it into the norms */
    uint8_t barred;             /* a gloss word that another feature says already */
    uint8_t value;              /* 5..30 once taken */
} xp_feature_use;

typedef struct xp_features {
    xp_strings names; /* is_a_bird, has_a_beak, part_of_hand, gloss_red */
    xp_index *by_name;
    uint32_t *n_concepts; /* a feature: how many concepts may get it */
    size_t n_concepts_capacity;
    xp_feature_use *uses;
    size_t n_uses, use_capacity;
    size_t *start; /* uses of concept i: start[i] .. start[i + 1], in the order of the output */
} xp_features;

explaint_status xp_wordnet_features(const xp_wordnet *wordnet, const xp_concept *concepts, size_t n_concepts,
                                    xp_features *features, explaint_error *error);
void xp_features_free(xp_features *features);

#endif
