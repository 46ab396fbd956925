#include "tensor/floats.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "base/memory.h"

enum { LINE = 64, HUGE_PAGE = 2 << 20 };

/* What lies before the first float: where the allocation began. */
float *xp_floats_create(size_t count) {
    if (count > SIZE_MAX / sizeof(float) - 2 * HUGE_PAGE) return NULL;
    const size_t size = count * sizeof(float), border = size >= HUGE_PAGE ? HUGE_PAGE : LINE;
    unsigned char *base = xp_alloc(size + border + LINE, 1);
    if (base == NULL) return NULL;
    uintptr_t first = ((uintptr_t)base + LINE + border - 1) / border * border;
    unsigned char *at = base + (first - (uintptr_t)base);
    /* A first touch of 466 MB in pages of 4 KB takes 1.25 s in a virtual machine. A refusal costs only time. */
    if (border == HUGE_PAGE) madvise(at, size, MADV_HUGEPAGE);
    memcpy(at - sizeof base, &base, sizeof base);
    return (float *)(void *)at;
}

void xp_floats_destroy(float *floats) {
    unsigned char *base;
    if (floats == NULL) return;
    memcpy(&base, (unsigned char *)floats - sizeof base, sizeof base);
    xp_free(base);
}
