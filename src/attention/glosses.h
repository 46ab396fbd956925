/* The texts that ship inside the library: 4,000 definitions and examples of WordNet 3.0 in a fixed random order
 * (data/wordnet-glosses.txt.gz; scripts/make-wordnet-glosses remakes them). */
#ifndef XP_ATTENTION_GLOSSES_H
#define XP_ATTENTION_GLOSSES_H

#include "explaint/texts.h"

explaint_status xp_glosses_open(explaint_texts **texts, explaint_error *error);

#endif
