/* Files that are there whole or not at all: written under a temporary name, fsync'd, renamed. And a result in the form that was asked for. */
#ifndef XP_CLI_PRODUCT_H
#define XP_CLI_PRODUCT_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "explaint/error.h"
#include "explaint/report.h"
#include "explaint/result.h"
#include "options.h"
#include "view.h"

typedef struct product {
    FILE *out;
    char *path, *temporary;
    bool guarded;     /* signals that end the program wait */
    sigset_t signals; /* the mask before */
} product;

/* Fills the error. Returns code. */
explaint_status product_fail(explaint_error *error, explaint_status code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Creates the temporary file beside `path`. */
explaint_status product_open(product *p, const char *path, explaint_error *error);
/* Prints the JSON document of a record. */
explaint_status product_print(const explaint_record *record, explaint_error *error);
/* Puts the name before the message if writing to `out` failed and the message names no file. Returns status. */
explaint_status product_named(explaint_status status, FILE *out, const char *name, explaint_error *error);
/* status OK: flushes, renames. Otherwise removes what was written and passes the status on. */
explaint_status product_close(product *p, explaint_status status, explaint_error *error);

/* 0, or 2 after one sentence: the file of the option has a suffix, and it is none of those that are written (".csv|.json"), or it
 * has none and needs one. What comes after the last dot of a name is a suffix if it has a letter. path may be NULL. */
int product_suffix(const cli_command *command, const char *option, const char *path, const char *known, bool needed);
/* The path ends with the suffix, in letters of any case. path may be NULL. */
bool product_ends(const char *path, const char *suffix);

/* What --output, --json, --csv and --quiet ask for: `wish` of a command's settings. A format that is asked for by name goes before the file's suffix,
 * and into the file alone. */
typedef struct product_wish {
    const char *output, *decimal; /* decimal: "." or "," */
    bool json, csv, quiet;
    bool force, open; /* a page that exists is replaced; it is shown in a browser */
} product_wish;
/* What is written: a record, and how it looks on the terminal. */
typedef struct product_content {
    const explaint_record *record;
    const char *list;        /* of the record, as CSV; NULL: its rows */
    explaint_ledger *ledger; /* that keeps it, for a page */
    const char *path;        /* of the ledger; NULL: it is of this run alone, or there is none */
    const char *maps;        /* file, for a page; NULL: none */
    bool predictions;        /* were written, or the maps */
    void (*view)(const void *self, const view_kept *kept, const term *t);
    const void *self;
} product_content;
/* 0, or 2 after one sentence: --json and --csv exclude each other, without them the file's suffix must be of a format, --decimal needs CSV, --open a
 * page, and a page that exists is not replaced unasked. pages: the command makes pages, an output may end in .html. */
int product_check(const cli_command *command, const product_wish *wish, bool pages);
/* A page is made to be sent and kept: EXPLAINT_USAGE if the file is there, a .html, and not to be replaced. path may be NULL. */
explaint_status product_keep_page(const char *path, bool force, explaint_error *error);
/* Opens it as the desktop does; nobody waits, and a page that cannot be shown was made all the same. */
void product_show(const char *path);
/* Is the product a page? */
bool product_is_page(const product_wish *wish);
explaint_status product_write(const product_wish *wish, const product_content *content, explaint_error *error);

#endif
