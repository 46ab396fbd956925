/* Allocation with checked sizes, and a hook that lets a test make the n-th allocation fail. */
#ifndef XP_BASE_MEMORY_H
#define XP_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* count * size bytes, or NULL (also when the product overflows). xp_alloc does not clear, xp_calloc does. A count
 * of 0 gives a pointer that may be freed. Everything is released by xp_free. */
void *xp_alloc(size_t count, size_t size);
void *xp_calloc(size_t count, size_t size);
void *xp_realloc(void *pointer, size_t count, size_t size);
char *xp_strdup(const char *text);
char *xp_strndup(const char *text, size_t length);
void xp_free(void *pointer);
/* Releases each of the pointers. */
#define xp_free_all(...)                                                                                               \
    xp_free_list((void *const[]){__VA_ARGS__}, sizeof((void *const[]){__VA_ARGS__}) / sizeof(void *))
void xp_free_list(void *const *pointer, size_t n);

/* Twice the room for items of this size, or that for the first. false without memory: the list as it was. */
bool xp_enlarge(void **list, size_t *capacity, size_t size);
/* Room for item `count` of a list that grows: a pointer to it, not cleared; NULL without memory, the list as it was. */
static inline void *xp_grow(void **list, size_t count, size_t *capacity, size_t size) {
    return count < *capacity || xp_enlarge(list, capacity, size) ? (char *)*list + count * size : NULL;
}

/* true if a * b does not fit; the product otherwise. */
bool xp_mul_overflows(size_t a, size_t b, size_t *product);

/* Tests only: from now on the n-th allocation (1 = the next) returns NULL; 0 switches it off. */
void xp_fail_allocation(size_t n);
/* Tests only: bytes that were ever asked for, given back or not, of which no more are held at once. */
size_t xp_memory_asked(void);

#endif
