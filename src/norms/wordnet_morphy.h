/* WordNet's own lemmatisation, morphy(7WN): exception lists, then detachment rules, the result being a lemma of the
 * database. */
#ifndef XP_NORMS_WORDNET_MORPHY_H
#define XP_NORMS_WORDNET_MORPHY_H

#include "norms/wordnet_files.h"

/* The longest form that is lemmatised; longer ones have no base form. */
#define XP_MORPHY_MAX 63

/* The base form of a lower-case word in that part of speech: the exception list's, else the word itself if it is a lemma,
 * else the first detachment rule that leads to a lemma. false: none. base holds XP_MORPHY_MAX + 1 bytes. */
bool xp_wordnet_morphy(const xp_wordnet *wordnet, xp_wordnet_pos pos, const char *word, size_t length, char *base);

/* Is the word an inflected form of another lemma in that part of speech, whether or not it is a lemma itself? */
bool xp_wordnet_morphy_inflected(const xp_wordnet *wordnet, xp_wordnet_pos pos, const char *word, size_t length);

#endif
