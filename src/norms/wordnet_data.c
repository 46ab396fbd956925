#include "norms/wordnet_data.h"

/* Defined in wordnet_blob.S. */
#define HIDDEN __attribute__((visibility("hidden")))
extern HIDDEN const unsigned char xp_wordnet_norms_gz[], xp_wordnet_norms_gz_end[];
extern HIDDEN const unsigned char xp_wordnet_vectors_gz[], xp_wordnet_vectors_gz_end[];

void xp_wordnet_norms(const unsigned char **bytes, size_t *size) {
    *bytes = xp_wordnet_norms_gz;
    *size = (size_t)(xp_wordnet_norms_gz_end - xp_wordnet_norms_gz);
}

void xp_wordnet_vectors(const unsigned char **bytes, size_t *size) {
    *bytes = xp_wordnet_vectors_gz;
    *size = (size_t)(xp_wordnet_vectors_gz_end - xp_wordnet_vectors_gz);
}
