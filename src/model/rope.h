/* Rotary positions (Su et al. 2021, arXiv 2104.09864): dimensions k and k + r/2 of a query or a key, k < r/2, are turned by
 * the angle (position) x inv_k, inv_k = theta^(-2k/r), and what was published since to stretch them over longer texts.
 *
 *     xp_rope *rope = NULL;
 *     status = xp_rope_read(path, xp_value_member(object, "rope_scaling"), &basis, &rope, error);
 *     xp_rope_turns(rope, n, 0, n, cosines, sines, ld); // of the n positions of a text
 *     xp_rope_rotate(rope, cosines, sines, head);     // of one piece: one head's query or key
 *
 * Everything is rounded to fp32 where the reference does: at position 8,000 the last bit of inv_k is 5e-4 of an angle. */
#ifndef XP_MODEL_ROPE_H
#define XP_MODEL_ROPE_H

#include "base/error.h"
#include "base/json_read.h"

typedef struct xp_rope xp_rope;

/* What is known where the parameters do not say it. */
typedef struct xp_rope_basis {
    double theta;
    double partial;        /* share of a head that turns */
    bool partial_counts;   /* false: the family turns whole heads, whatever a key says */
    size_t head;           /* width of a head */
    size_t n_positions;    /* max_position_embeddings */
    bool always_truncates; /* yarn, whatever "truncate" says */
    bool longrope_only;    /* the family knows no other stretching, and calls it su or yarn, too */
    size_t original; /* original_max_position_embeddings beside the parameters, which goes before theirs; 0: none */
} xp_rope_basis;

/* parameters: the object that names type, theta, share and the numbers of the type; NULL or null: nothing is stretched. */
explaint_status xp_rope_read(const char *path, const xp_value *parameters, const xp_rope_basis *basis, xp_rope **rope,
                             explaint_error *error);
void xp_rope_free(xp_rope *rope);

size_t xp_rope_pairs(const xp_rope *rope); /* k < pairs are turned with k + pairs */

/* Cosines and sines of `many` positions from `first` on of a text of n pieces, many x pairs each with rows `ld` apart. */
void xp_rope_turns(const xp_rope *rope, size_t n, size_t first, size_t many, float *cosines, float *sines, size_t ld);

/* Whether a position turns in a text of n pieces as in one of `other`: what stretches may depend on the length. */
bool xp_rope_is_same(const xp_rope *rope, size_t n, size_t other);

/* Turns one head of one piece in place. */
void xp_rope_rotate(const xp_rope *rope, const float *cosines, const float *sines, float *head);

#endif
