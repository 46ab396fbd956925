/* What `relate` keeps in a ledger: between/3 says how much the words of a pair look at each other in the fourth 64 texts, and where rows were damaged as
 * well; untrained/3 is the same of the model with weights drawn at random. The bytes (units/arrays.h) name the texts. */
#ifndef XP_UNITS_BETWEEN_H
#define XP_UNITS_BETWEEN_H

#include <stdbool.h>
#include <stddef.h>

typedef struct xp_units_between {
    size_t first, n_texts; /* texts first .. first + n_texts - 1 */
    size_t n;              /* numbers of a text: directions x layers x heads */
    size_t draws;          /* orders of damaged rows */
    float *value;          /* n_texts x n, borrowed: sums of rows of a map, from 0 to 1 */
    float *damaged;        /* n_texts x draws x n, likewise; NULL: none were */
} xp_units_between;

/* false: no memory. Bytes are released by xp_free. */
bool xp_units_between_pack(const xp_units_between *b, void **bytes, size_t *size);
/* Into value and damaged. false: they are those of other texts, or hold what cannot be. */
bool xp_units_between_unpack(xp_units_between *b, const void *bytes, size_t size);

#endif
