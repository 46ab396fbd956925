/* features: what the features of a run are called, and which concepts have them, so that hits and misses can be shown without the norms. */
#ifndef XP_UNITS_FEATURES_H
#define XP_UNITS_FEATURES_H

#include <stddef.h>

#include "base/error.h"
#include "tensor/csr.h"

typedef struct xp_units_features {
    xp_csr gold;       /* kept concepts x kept features */
    const char **name; /* gold.m, into names */
    char *names;       /* with a zero after each */
} xp_units_features;

/* name: gold->m, not in one piece. false: no memory. */
bool xp_units_features_pack(const xp_csr *gold, const char *const *name, void **bytes, size_t *size);
/* EXPLAINT_INVALID: they are damaged; EXPLAINT_FAILED: no memory. */
explaint_status xp_units_features_unpack(const void *bytes, size_t size, xp_units_features *features);
void xp_units_features_free(xp_units_features *features);

#endif
