/* The work of a run in pieces that a ledger may hold (explaint_units), made on threads.
 *
 *     xp_stored p = {.stem = "layer", .n = layers, .self = &r, .make = look_at_layer, .pack = pack, .unpack = unpack};
 *     status = xp_stored_find(a, &p, error);       // what is stored is read back; p.n_missing
 *     status = xp_stored_make(a, &p, "token continuity", error);
 *     xp_stored_free(&p);
 */
#ifndef XP_ATTENTION_STORED_H
#define XP_ATTENTION_STORED_H

#include "attention/result.h"

typedef struct xp_stored {
    const char *stem;  /* of keys: "text" makes "text/0", "text/1", ... */
    size_t n, first;   /* pieces first .. n - 1 */
    const bool *asked; /* of each; NULL: all */
    bool alone;        /* neither read from a ledger nor kept in one */
    bool anew;         /* made though it is stored: of its making something else is wanted, too */
    void *self;
    bool (*make)(void *self, size_t i, unsigned worker); /* false: no memory */
    bool (*pack)(const void *self, size_t i, void **bytes, size_t *size);
    bool (*unpack)(void *self, size_t i, const void *bytes, size_t size); /* false: made again */
    /* found: */
    bool *missing; /* n, of those that are asked for */
    size_t n_missing;
} xp_stored;

explaint_status xp_stored_find(xp_attend *a, xp_stored *p, explaint_error *error);
/* Makes what is missing, and keeps it. what: for a sentence about memory. */
explaint_status xp_stored_make(xp_attend *a, xp_stored *p, const char *what, explaint_error *error);
void xp_stored_free(xp_stored *p);

#endif
