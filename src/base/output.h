/* Writing a product: whole or not at all.
 *
 *     xp_output out;
 *     if (xp_output_open(&out, path, error) != EXPLAINT_OK) return error->code;
 *     fprintf(out.file, ...);
 *     return xp_output_commit(&out, error);     // or xp_output_discard(&out)
 *
 * The bytes go to "PATH.tmp.PID", which is fsync'd and renamed to PATH: a reader never sees half a file, and a failure
 * leaves the old one. A symbolic link is followed, so that its target is replaced and not the link. "-" is stdout, and
 * what is no regular file (a pipe, /dev/full) is written directly: it cannot be renamed over. */
#ifndef XP_BASE_OUTPUT_H
#define XP_BASE_OUTPUT_H

#include <stdio.h>

#include "base/error.h"
#include "base/strings.h"

typedef struct xp_output {
    FILE *file;
    char *path;      /* as given, for messages */
    char *target;    /* what is replaced; NULL: written directly */
    char *temporary; /* NULL: written directly */
} xp_output;

/* EXPLAINT_FAILED if the file cannot be created. Nothing needs releasing after a failure. */
explaint_status xp_output_open(xp_output *output, const char *path, explaint_error *error);

/* Finishes the file, or removes it and says why (EXPLAINT_FAILED: a full disk, a write refused). Releases output. */
explaint_status xp_output_commit(xp_output *output, explaint_error *error);

/* Removes what was written. Releases output. */
void xp_output_discard(xp_output *output);

/* Writes and flushes all of a text that was built in memory; what: "the JSON document". EXPLAINT_FAILED with the reason, also
 * where the text ran out of memory. */
explaint_status xp_write_text(const xp_text *text, const char *what, FILE *out, explaint_error *error);

#endif
