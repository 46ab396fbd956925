/* Python's pickle as data: what it would build, and nothing that it would run.
 *
 *     static const char *const globals[] = {"torch.FloatStorage", "torch._utils._rebuild_tensor_v2", NULL};
 *     xp_pickle *pickle;
 *     if (xp_pickle_read(path, bytes, size, globals, &pickle, error) != EXPLAINT_OK) return error->code;
 *     const xp_pickled *root = xp_pickle_root(pickle);
 *     xp_pickle_close(pickle);
 *
 * A pickle is a program for a small machine with a stack. Here the machine knows the instructions that numbers, texts, tuples,
 * lists and dictionaries need, and keeps a call as a value: which function, with which arguments. Whoever reads the values
 * decides what a call means. A name that is not on the caller's list, and any other instruction, is an error that says where.
 *
 * Memory is bounded by a multiple of the size, which is at most XP_PICKLE_LIMIT; nothing here recurses. A list or a dictionary may
 * hold itself, so a reader that recurses must count. */
#ifndef XP_FORMATS_PICKLE_H
#define XP_FORMATS_PICKLE_H

#include <stdint.h>

#include "base/error.h"
#include "base/view.h"

#define XP_PICKLE_LIMIT ((size_t)1 << 25) /* bytes: 100,000 tensors with names of 100 take 20 MB */

typedef enum xp_pickle_kind {
    XP_PICKLE_NONE,
    XP_PICKLE_BOOL,
    XP_PICKLE_INTEGER,
    XP_PICKLE_REAL,
    XP_PICKLE_TEXT,
    XP_PICKLE_BYTES, /* also an integer beyond 64 bits: its bytes, the lowest first */
    XP_PICKLE_TUPLE,
    XP_PICKLE_LIST,
    XP_PICKLE_DICT,   /* also an OrderedDict; what is set on one as an attribute is left out */
    XP_PICKLE_GLOBAL, /* one of the caller's names */
    XP_PICKLE_STORED, /* item[0] says what the pickler keeps elsewhere */
    XP_PICKLE_CALL    /* item[0] called with the tuple item[1] */
} xp_pickle_kind;

typedef struct xp_pickled xp_pickled;
struct xp_pickled {
    xp_pickle_kind kind;
    uint32_t count; /* items, keys and values of a dictionary in turns; bytes of a text */
    union {
        int64_t integer; /* of a BOOL, too */
        double real;
        const char *text;   /* in the pickle's bytes, not terminated; may be no UTF-8 */
        const char *global; /* the caller's */
        xp_pickled **item;
    } as;
};

typedef struct xp_pickle xp_pickle;

/* bytes are borrowed and outlive the pickle, which ends with its STOP: what follows is not looked at (xp_pickle_length). globals:
 * names with their module, NULL at the end. */
explaint_status xp_pickle_read(const char *path, const void *bytes, size_t size, const char *const *globals,
                               xp_pickle **pickle, explaint_error *error);
const xp_pickled *xp_pickle_root(const xp_pickle *pickle);
size_t xp_pickle_length(const xp_pickle *pickle); /* bytes, with the STOP */
/* Each STORED value once, in no order; false: `see` was. */
bool xp_pickle_each_stored(const xp_pickle *pickle, bool (*see)(void *self, const xp_pickled *value), void *self);
void xp_pickle_close(xp_pickle *pickle);

/* "a dictionary", for a sentence. */
const char *xp_pickled_name(const xp_pickled *value);
static inline xp_view xp_pickled_text(const xp_pickled *value) { return (xp_view){value->as.text, value->count}; }

#endif
