#include "norms/wordnet_data.h"

/* Defined in wordnet_blob.S. */
#define HIDDEN __attribute__((visibility("hidden")))
extern HIDDEN const char xp_wordnet_norms_gz[], xp_wordnet_norms_gz_end[];
extern HIDDEN const char xp_wordnet_vectors_gz[], xp_wordnet_vectors_gz_end[];

xp_view xp_wordnet_norms(void) {
    return (xp_view){xp_wordnet_norms_gz, (size_t)(xp_wordnet_norms_gz_end - xp_wordnet_norms_gz)};
}

xp_view xp_wordnet_vectors(void) {
    return (xp_view){xp_wordnet_vectors_gz, (size_t)(xp_wordnet_vectors_gz_end - xp_wordnet_vectors_gz)};
}
