/* Description length: how many bits per concept each code takes to say which features concepts have. */
#ifndef XP_AUDIT_LENGTH_H
#define XP_AUDIT_LENGTH_H

#include "audit/design.h"

enum { XP_LENGTH_BLOCKS = 6, XP_LENGTH_LEAST = 40 /* concepts: two in the first block */ };

/* Where a block ends, as a share of the concepts. */
double xp_length_share(size_t block);

/* bits: XP_N_CODES x n. false as xp_evaluate. */
bool xp_length_of_description(const xp_design_layer *layer, double *bits, explaint_error *error);

#endif
