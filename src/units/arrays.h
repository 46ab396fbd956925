/* The bytes of a unit: named arrays and a sentence that says what they hold, as safetensors, so that every reader of that format can look
 * into a ledger.
 *
 *     const xp_units_array all[] = {{"rank", "U32", 2, {variants, rows}, rank}, {"cka", "F64", 1, {1}, &cka}};
 *     ok = xp_units_pack("continuity of layer 3", all, 2, &bytes, &size);      // bytes: released by xp_free
 *     ok = xp_units_unpack("continuity of layer 3", all, 2, bytes, size);      // into rank and cka
 *
 * Stored bytes are believed in nothing: another sentence, name, type or shape is another unit. */
#ifndef XP_UNITS_ARRAYS_H
#define XP_UNITS_ARRAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { XP_UNITS_DIMENSIONS = 5 };

typedef struct xp_units_array {
    const char *name,
        *dtype; /* "F64", then "F32", "U32" and "I32", then "U8": the numbers lie at multiples of their size */
    size_t n_dimensions, shape[XP_UNITS_DIMENSIONS];
    void *values; /* written by xp_units_unpack, where it may be NULL: only looked at; else read */
} xp_units_array;

/* Bytes of its values, which are in memory: the product fits. */
size_t xp_units_array_bytes(const xp_units_array *array);

/* false: no memory. */
bool xp_units_pack(const char *holds, const xp_units_array *array, size_t n, void **bytes, size_t *size);
/* EXPLAINT_INVALID: they are not these arrays; EXPLAINT_FAILED: no memory. Values are then as before. */
explaint_status xp_units_read(const char *holds, const xp_units_array *array, size_t n, const void *bytes, size_t size);
/* The same, for who makes a unit anew in both cases: false. */
bool xp_units_unpack(const char *holds, const xp_units_array *array, size_t n, const void *bytes, size_t size);

#endif
