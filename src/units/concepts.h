/* concepts: whose scores the other units of a run hold, so that a stored run can be paired with another. */
#ifndef XP_UNITS_CONCEPTS_H
#define XP_UNITS_CONCEPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct xp_concepts {
    size_t n;
    uint32_t *fold,
        *twin;      /* of each kept concept; of the first concept with an equal vector, UINT32_MAX: it is in no test */
    int32_t *label; /* category, -1: none */
    const char **name; /* into names */
    char *names;       /* with a zero after each */
} xp_concepts;

/* false: no memory. names need not be in one piece. */
bool xp_units_concepts_pack(const xp_concepts *concepts, void **bytes, size_t *size);
/* Bytes of version 0.1 too. EXPLAINT_INVALID: they are damaged; EXPLAINT_FAILED: no memory. */
explaint_status xp_units_concepts_unpack(const void *bytes, size_t size, xp_concepts *concepts);
void xp_concepts_free(xp_concepts *concepts);

#endif
