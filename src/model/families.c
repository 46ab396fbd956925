/* The families that are implemented, in the catalogue's order. */
#include "model/family.h"

const xp_family *xp_family_list(size_t i) {
#define FAMILY(IDENTIFIER, ...) &xp_family_##IDENTIFIER,
    static const xp_family *const families[] = {EXPLAINT_FAMILIES(FAMILY)};
#undef FAMILY
    return i < sizeof families / sizeof families[0] ? families[i] : NULL;
}
