/* Filling the caller's error: one sentence, one place. */
#ifndef XP_BASE_ERROR_H
#define XP_BASE_ERROR_H

#include "explaint/error.h"

#if defined(__GNUC__)
#define XP_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define XP_PRINTF(at, first)
#endif

/* Fills `error` (may be NULL) and returns `code`, so that a failing function ends in `return xp_fail(...)`.
 * file may be NULL; line 0 means none. The message becomes "file:line: text" (or "file: text", or "text"); what
 * explaint/visible.h calls invisible is escaped. */
explaint_status xp_fail(explaint_error *error, explaint_status code, const char *file, size_t line, const char *format,
                        ...) XP_PRINTF(5, 6);

/* "not enough memory for <what>": EXPLAINT_FAILED. */
explaint_status xp_no_memory(explaint_error *error, const char *what);
/* What a pool without a thread says: EXPLAINT_FAILED. */
explaint_status xp_no_thread(explaint_error *error);

#endif
