/* Large arrays of floats: aligned to a line of the cache, in huge pages where the system has them. */
#ifndef XP_TENSOR_FLOATS_H
#define XP_TENSOR_FLOATS_H

#include <stddef.h>

float *xp_floats_create(size_t count); /* not cleared; NULL without memory */
void xp_floats_destroy(float *floats); /* may be NULL */

#endif
