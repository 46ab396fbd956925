/* What is done to the states that a layer gets, so that rows no longer stand for their tokens (docs/attention.md#damage). */
#ifndef XP_ATTENTION_DAMAGE_H
#define XP_ATTENTION_DAMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "explaint/catalogue.h"

#define XP_DAMAGE(IDENTIFIER, ...) XP_DAMAGE_##IDENTIFIER,
/* Never reorder: the random numbers depend on them. RANDOM_INIT is another model, no damage of rows. */
typedef enum xp_damage { EXPLAINT_DAMAGES(XP_DAMAGE) XP_N_DAMAGES } xp_damage;

extern const char *const xp_damage_names[XP_N_DAMAGES];

/* The states of a text before a layer, n x d; special: pieces that the template added. */
typedef struct xp_rows {
    size_t n;
    const float *row;
    const uint8_t *special;
} xp_rows;

bool xp_damage_can_be_undone(xp_damage damage); /* it only moves rows */

/* Where each row comes from, for damages that only move rows: to[i] = row[order[i]]. stream: the number of the text, so
 * that every layer gets the same order. scratch, order: n. */
void xp_damage_order(xp_damage damage, const xp_rows *rows, uint64_t seed, uint32_t stream, uint32_t *scratch,
                     uint32_t *order);

/* The damaged rows (n x d). next: the next text, for the damages that take rows from it; places that it has not keep their
 * own row. Returns how many rows are still where they were because the next text was too short. scratch, order: n. */
size_t xp_damage_rows(xp_damage damage, size_t d, const xp_rows *rows, const xp_rows *next, uint64_t seed,
                      uint32_t stream, uint32_t *scratch, uint32_t *order, float *to);

/* GAUSSIAN and SHUFFLE_DIMENSIONS do in every layer the same to a text: what they draw for it, to be kept from layer to layer. */
typedef struct xp_damage_drawn {
    float *noise; /* n x d, and the squared norm of each row of what was drawn in doubles: n */
    double *size;
    uint32_t *order; /* d x n: of each dimension, where its numbers come from */
} xp_damage_drawn;

void xp_damage_draw(xp_damage damage, size_t n, size_t d, uint64_t seed, uint32_t stream, const xp_damage_drawn *drawn);
/* What xp_damage_rows gives. */
void xp_damage_rows_drawn(xp_damage damage, size_t d, const xp_rows *rows, const xp_damage_drawn *drawn, float *to);

#endif
