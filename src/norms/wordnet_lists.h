/* The lists behind the WordNet norms. docs/norms.md explains them. */
#ifndef XP_NORMS_WORDNET_LISTS_H
#define XP_NORMS_WORDNET_LISTS_H

#include "norms/wordnet_files.h"

#define XP_WORDNET_CATEGORIES 57
/* The noun of super-category i, and which sense of it, from 1. */
uint32_t xp_wordnet_category(size_t i, xp_view *lemma);

bool xp_wordnet_is_stop_word(xp_view word);
bool xp_wordnet_is_homograph(xp_view word);

#endif
