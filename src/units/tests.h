/* What a test of a claim computes: test/E3/observed, then test/E3/1, test/E3/251, ..., its permutations. (docs/methods.md#information)
 *
 * A test draws the statistic of several arms under the same permutations: the reader of the vectors, copied neighbours, and of some a third. */
#ifndef XP_UNITS_TESTS_H
#define XP_UNITS_TESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
    XP_UNITS_ARMS = 3,
    XP_BLOCK = 250 /* permutations of a unit */
};

/* "reader", "neighbours", and the third's name, NULL: there is none. */
typedef struct xp_units_arms {
    const char *third; /* "spelling", "flips" */
} xp_units_arms;

static inline size_t xp_units_n_arms(const xp_units_arms *arms) { return arms->third != NULL ? 3 : 2; }

typedef struct xp_units_observed {
    double divisor;      /* T / divisor is r; 0: nothing varies */
    double error;        /* standard error of r: jackknife over the concepts that can move */
    double peer_divisor; /* of copied neighbours */
    double t[XP_UNITS_ARMS];
    size_t n;
    double *left_out; /* n: r without that concept, NaN for those that are not in the test; NULL: not read */
} xp_units_observed;

/* false: no memory. Bytes are released by xp_free, as in all units. */
bool xp_units_observed_pack(const xp_units_observed *observed, const xp_units_arms *arms, void **bytes, size_t *size);
/* n and left_out are given. EXPLAINT_INVALID: they are no such unit of n concepts; EXPLAINT_FAILED: no memory. */
explaint_status xp_units_observed_unpack(xp_units_observed *observed, const xp_units_arms *arms, const void *bytes,
                                         size_t size);

/* t: arms x count. */
bool xp_units_drawn_pack(const double *t, size_t count, const xp_units_arms *arms, void **bytes, size_t *size);
/* t[k] (each count; NULL: not read) of arm k. EXPLAINT_INVALID: they are no such unit of `count` permutations; EXPLAINT_FAILED: no memory. */
explaint_status xp_units_drawn_unpack(double *const t[XP_UNITS_ARMS], size_t count, const xp_units_arms *arms,
                                      const void *bytes, size_t size);

#endif
