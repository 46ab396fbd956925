/* Values of the reference implementation that ship inside the library: data/reference-*.safetensors, made by
 * scripts/make-reference-values. */
#ifndef XP_INSPECT_STORED_H
#define XP_INSPECT_STORED_H

#include <stddef.h>

/* The i-th file; NULL behind the last. Borrowed for the life of the program. */
const unsigned char *xp_stored_values(size_t i, size_t *size);

#endif
