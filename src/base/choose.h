/* One of several names, as callers give them: "mask", "max-t". */
#ifndef XP_BASE_CHOOSE_H
#define XP_BASE_CHOOSE_H

#include <stddef.h>

#include "explaint/error.h"

/* *index: which of the n names is given; NULL is the first. EXPLAINT_USAGE for any other: "expected WHAT a, b or c, found ...". */
explaint_status xp_choose(const char *given, const char *const *names, size_t n, const char *what, size_t *index,
                          explaint_error *error);

#endif
