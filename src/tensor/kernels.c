#include "tensor/kernels.h"

#include <string.h>

#include "tensor/kernels_isa.h"

static const xp_kernels *const sets[] = {
#if defined(__x86_64__)
    &xp_kernels_avx512, &xp_kernels_avx2,
#elif defined(__aarch64__)
    &xp_kernels_neon,
#endif
    &xp_kernels_scalar};

const xp_kernels *xp_kernels_list(size_t i) { return i < sizeof sets / sizeof sets[0] ? sets[i] : NULL; }

const xp_kernels *xp_kernels_find(const char *name) {
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if ((name == NULL || strcmp(name, sets[i]->name) == 0) && sets[i]->usable()) return sets[i];
    return NULL;
}
