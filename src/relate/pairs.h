/* Pairs with their counterfactuals, inside. */
#ifndef XP_RELATE_PAIRS_H
#define XP_RELATE_PAIRS_H

#include "base/strings.h"
#include "explaint/relate.h"

enum { XP_PAIRS_SETS = 4 }; /* at most */

struct explaint_pairs {
    char *name; /* "hypernymy", or the file's */
    bool hypernymy;
    size_t n, n_sets;
    xp_strings left, right, set, other[XP_PAIRS_SETS];
    xp_strings notes;
    xp_strings inputs; /* role, name, path and hash in turns */
};

#endif
