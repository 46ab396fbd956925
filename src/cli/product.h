/* A file that is there whole or not at all: written under a temporary name, fsync'd, renamed. */
#ifndef XP_CLI_PRODUCT_H
#define XP_CLI_PRODUCT_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "explaint/error.h"

typedef struct product {
    FILE *out;
    char *path, *temporary;
    bool guarded;     /* signals that end the program wait */
    sigset_t signals; /* the mask before */
} product;

/* Creates the temporary file beside `path`. */
explaint_status product_open(product *p, const char *path, explaint_error *error);
/* Puts the name before the message if writing to `out` failed and the message names no file. Returns status. */
explaint_status product_named(explaint_status status, FILE *out, const char *name, explaint_error *error);
/* status OK: flushes, renames. Otherwise removes what was written and passes the status on. */
explaint_status product_close(product *p, explaint_status status, explaint_error *error);

#endif
