/* Counter-based randomness: value = f(seed, purpose, stream, index), Philox4x32-10 (Salmon et al. 2011).
 *
 * A stream never depends on which thread reads it or on what was drawn before elsewhere, so that thread count, sharding and
 * resuming never change a result. `stream` is the number of the permutation, fold or resample. */
#ifndef XP_BASE_RNG_H
#define XP_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef enum xp_purpose { /* never renumber: results depend on them */
                          XP_RNG_FOLDS = 1,
                          XP_RNG_SHUFFLE = 2,
                          XP_RNG_SHUFFLE_ROWS = 3,
                          XP_RNG_RANDOM = 4,
                          XP_RNG_TAXONOMIC_SHUFFLE = 5,
                          XP_RNG_TAXONOMIC_SWAP = 6,
                          XP_RNG_EMBEDDING = 7,
                          XP_RNG_INNER_SPLIT = 8,
                          XP_RNG_BOOTSTRAP = 9,
                          XP_RNG_PERMUTE = 10, /* + 0..: one for each permutation test */
                          XP_RNG_LINT_SHUFFLE = 32,
                          XP_RNG_EIGEN = 33,
                          XP_RNG_MODEL =
                              35, /* weights; stream: number of the tensor (tensor/normals.h); 34 was the same */
                          XP_RNG_CONTEXTS = 40,     /* which occurrences of a word; stream: of the word */
                          XP_RNG_PROTOTYPES = 41,   /* starts of k-means; stream: of the word */
                          XP_RNG_DAMAGE = 50,       /* + 0..: one for each damage; stream: number of the text */
                          XP_RNG_NULL_MAPS = 60,    /* which other text's map; stream: number of the draw */
                          XP_RNG_FIT_SPLIT = 61,    /* which texts choose the penalty */
                          XP_RNG_FIT_PAIRS = 62,    /* tokens shuffled over rows */
                          XP_RNG_MLP = 63,          /* stream: number of the layer, or of epoch and chunk */
                          XP_RNG_RANKED_ROWS = 64,  /* rows that are compared with the whole vocabulary */
                          XP_RNG_FFNN_WEIGHTS = 70, /* ffnn, stream: of the fit; initial weights */
                          XP_RNG_FFNN_ORDER = 71,   /* development concepts, order in each epoch */
                          XP_RNG_FFNN_DROP = 72,    /* which units are dropped */
                          XP_RNG_CLUSTERS = 80,     /* bootstrap of whole clusters; stream: number of the resample */
                          XP_RNG_SIGN_FLIPS = 81,   /* stream: number of the draw */
                          XP_RNG_ONLINE = 82,       /* the order of concepts in the online code */
                          XP_RNG_UNIT_FLIPS =
                              90, /* + 0..: one for each permutation test; signs of its units; stream: of the draw */
                          XP_RNG_PARTS = 110,        /* parts of the norms; stream: of the part */
                          XP_RNG_PART_VECTORS = 111, /* vectors made for them; stream: of the part */
                          XP_RNG_PAIRS = 130,        /* counterfactual words; stream: of the pair */
                          XP_RNG_PAIR_ORDER = 131,   /* which pairs, of more than are asked for */
                          XP_RNG_PAIR_FOLDS = 132,   /* folds of words */
                          XP_RNG_PAIR_FLIPS =
                              133, /* which word of a pair is called the true one; stream: of the draw */
                          XP_RNG_PAIR_REFITS =
                              134, /* the same, where a classifier is fitted anew; stream: of the refit */
                          XP_RNG_PROBES =
                              140, /* directions in which words move; stream: of the text, index: of the piece */
                          XP_RNG_TEST = 1000
} xp_purpose;

typedef struct xp_rng {
    uint64_t seed, index;
    uint32_t purpose, stream;
    uint32_t block[4];
    unsigned left; /* unread words of block */
} xp_rng;

xp_rng xp_rng_begin(uint64_t seed, unsigned purpose, uint32_t stream);
void xp_rng_words(const xp_rng *rng, uint64_t index, uint32_t to[4]); /* a block, wherever rng is */
uint64_t xp_rng_bits(xp_rng *rng);
double xp_rng_uniform(xp_rng *rng);                             /* [0, 1), 53 bits */
size_t xp_rng_below(xp_rng *rng, size_t n);                     /* 0 .. n-1, unbiased; n > 0 */
double xp_rng_normal(xp_rng *rng);                              /* Box-Muller, one value per pair */
void xp_rng_permutation(xp_rng *rng, size_t n, uint32_t *item); /* shuffles item in place (Fisher-Yates) */

#endif
