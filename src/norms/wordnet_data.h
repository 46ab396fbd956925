/* The norms and vectors that ship inside the library: gzip of data/wordnet-norms.csv.gz (long CSV,
 * concept,feature,value,relation) and data/wordnet-glove.100d.txt.gz (GloVe text: a word and 100 numbers in each line, in
 * the order of the norms' concepts). scripts/make-wordnet-norms remakes them; docs/norms.md describes them. */
#ifndef XP_NORMS_WORDNET_DATA_H
#define XP_NORMS_WORDNET_DATA_H

#include "base/view.h"

/* Borrowed for the life of the program. */
xp_view xp_wordnet_norms(void);
xp_view xp_wordnet_vectors(void);

#endif
