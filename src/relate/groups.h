/* Which texts of a list are the same, and signs for whole groups of them: pairs with the same right word are one sample of a test, not many. */
#ifndef XP_RELATE_GROUPS_H
#define XP_RELATE_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct xp_groups {
    size_t n;      /* groups, in the order of their first text */
    size_t *of;    /* of each text */
    size_t *first; /* n: its first text */
    size_t *size;  /* n */
} xp_groups;

/* false: no memory; then nothing needs freeing. Texts are borrowed while it is made. */
bool xp_groups_create(xp_groups *groups, const char *const *text, size_t count);
void xp_groups_free(xp_groups *groups);

/* n signs, 1 or -1, of a draw. 64 to a random number, the lowest bit first. */
void xp_groups_signs(size_t n, uint64_t seed, unsigned purpose, uint32_t draw, double *sign);

#endif
