/* What a hypernymy pair is compared with (docs/methods.md#pairs): for robin and bird, a noun as abstract as bird that a robin is not, and a sister of
 * robin in bird's place.
 *
 *     xp_counterpart *found = NULL;
 *     if (xp_wordnet_pairs(&wordnet, n, left, right, seed, &found, error) != EXPLAINT_OK) return error->code;
 *     if (found[0].why == NULL) printf("%s, %s\n", found[0].abstraction, found[0].similarity);    // "tool", "thrush"
 *     xp_wordnet_pairs_free(found, n);
 */
#ifndef XP_NORMS_WORDNET_PAIRS_H
#define XP_NORMS_WORDNET_PAIRS_H

#include "norms/wordnet_files.h"

typedef struct xp_counterpart {
    char *abstraction; /* owned, with spaces */
    char *similarity;  /* likewise */
    const char *why;   /* static: why there is none; then both are NULL */
    bool above;        /* WordNet has right above left, too */
} xp_counterpart;

/* Of n pairs of words in lower case, spaces between the words of a term. None of the words that are given is an ancestor of left in any of its senses, or
 * has left above it. Depends on the list, its order and the seed. EXPLAINT_FAILED: no memory. */
explaint_status xp_wordnet_pairs(const xp_wordnet *wordnet, size_t n, const char *const *left, const char *const *right,
                                 uint64_t seed, xp_counterpart **found, explaint_error *error);
void xp_wordnet_pairs_free(xp_counterpart *found, size_t n);

#endif
