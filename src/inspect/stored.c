#include "inspect/stored.h"

/* Defined in stored_blob.S. */
#define HIDDEN __attribute__((visibility("hidden")))
extern HIDDEN const unsigned char xp_stored_minilm[], xp_stored_minilm_end[];
extern HIDDEN const unsigned char xp_stored_mpnet[], xp_stored_mpnet_end[];

const unsigned char *xp_stored_values(size_t i, size_t *size) {
    if (i > 1) return NULL;
    *size =
        i == 0 ? (size_t)(xp_stored_minilm_end - xp_stored_minilm) : (size_t)(xp_stored_mpnet_end - xp_stored_mpnet);
    return i == 0 ? xp_stored_minilm : xp_stored_mpnet;
}
