#include "base/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static atomic_size_t countdown; /* 0: off */
static atomic_size_t asked;     /* bytes */

void xp_fail_allocation(size_t n) { atomic_store(&countdown, n); }

size_t xp_memory_asked(void) { return atomic_load(&asked); }

static bool refused(size_t bytes) {
    atomic_fetch_add_explicit(&asked, bytes, memory_order_relaxed);
    size_t left = atomic_load_explicit(&countdown, memory_order_relaxed);
    while (left > 0)
        if (atomic_compare_exchange_weak(&countdown, &left, left - 1)) return left == 1;
    return false;
}

bool xp_enlarge(void **list, size_t *capacity, size_t size) {
    const size_t larger = *capacity > 0 ? 2 * *capacity : 64;
    void *grown = xp_realloc(*list, larger, size);
    if (grown == NULL) return false;
    *list = grown;
    *capacity = larger;
    return true;
}

bool xp_mul_overflows(size_t a, size_t b, size_t *product) {
    *product = a * b;
    return b != 0 && a > SIZE_MAX / b;
}

void *xp_alloc(size_t count, size_t size) {
    size_t bytes;
    if (xp_mul_overflows(count, size, &bytes) || refused(bytes)) return NULL;
    return malloc(bytes > 0 ? bytes : 1);
}

void *xp_calloc(size_t count, size_t size) {
    size_t bytes;
    if (xp_mul_overflows(count, size, &bytes) || refused(bytes)) return NULL;
    return calloc(bytes > 0 ? bytes : 1, 1);
}

void *xp_realloc(void *pointer, size_t count, size_t size) {
    size_t bytes;
    if (xp_mul_overflows(count, size, &bytes) || refused(bytes)) return NULL;
    return realloc(pointer, bytes > 0 ? bytes : 1);
}

char *xp_strndup(const char *text, size_t length) {
    char *copy = xp_alloc(length + 1, 1);
    if (copy == NULL) return NULL;
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

char *xp_strdup(const char *text) { return xp_strndup(text, strlen(text)); }

void xp_free(void *pointer) { free(pointer); }

void xp_free_list(void *const *pointer, size_t n) {
    for (size_t i = 0; i < n; i++) xp_free(pointer[i]);
}
