/* Status codes and the error a caller owns.
 *
 *     explaint_error error = {0};
 *     explaint_norms *norms = NULL;
 *     if (explaint_norms_open("norms.csv", NULL, &norms, &error) != EXPLAINT_OK) {
 *         fprintf(stderr, "%s\n", error.message);
 *         return error.code;
 *     }
 *
 * No function of the library prints, exits or aborts. Every function that can fail returns a status and
 * fills the error it was given: one sentence that says what was expected, what was found, where, and what to do.
 */
#ifndef EXPLAINT_ERROR_H
#define EXPLAINT_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define EXPLAINT_API __attribute__((visibility("default")))
#else
#define EXPLAINT_API
#endif

/* The values are the exit codes of the program. */
typedef enum explaint_status {
    EXPLAINT_OK = 0,
    EXPLAINT_FAILED = 1,      /* failed while running: no memory, a full disk, a write refused */
    EXPLAINT_USAGE = 2,       /* an option or argument out of its range */
    EXPLAINT_INVALID = 3,     /* input that cannot be read or is not valid */
    EXPLAINT_DIFFERS = 4,     /* a self-check differs from its stored values */
    EXPLAINT_BELOW = 5,       /* the verdict is below what was asked for */
    EXPLAINT_INTERRUPTED = 75 /* stopped after at least one unit was stored: can be resumed */
} explaint_status;

/* Owned by the caller, who zeroes it once. Filled only when a function fails. */
typedef struct explaint_error {
    explaint_status code;
    size_t line;    /* 1-based line of the file, 0 where there is none */
    char file[512]; /* "" where no file is at fault; as explaint_visible_text shows it, cut at the front if longer */
    char message[1024]; /* UTF-8, one line, names file and line */
} explaint_error;

#ifdef __cplusplus
}
#endif
#endif
