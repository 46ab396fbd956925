/* The lists behind the WordNet norms. docs/norms.md explains them. */
#ifndef XP_NORMS_WORDNET_LISTS_H
#define XP_NORMS_WORDNET_LISTS_H

#include "norms/wordnet_files.h"

typedef struct xp_wordnet_category {
    const char *lemma;
    uint32_t sense; /* from 1 */
} xp_wordnet_category;

#define XP_WORDNET_CATEGORIES 57
extern const xp_wordnet_category xp_wordnet_categories[XP_WORDNET_CATEGORIES];

bool xp_wordnet_is_stop_word(xp_slice word);
bool xp_wordnet_is_homograph(xp_slice word);

#endif
