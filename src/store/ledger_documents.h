/* The documents of a ledger's runs, for who reads them again. */
#ifndef XP_STORE_LEDGER_DOCUMENTS_H
#define XP_STORE_LEDGER_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "explaint/ledger.h"

typedef struct xp_stored_run {
    long long run;
    bool finished;
    size_t units;         /* stored so far */
    const char *document; /* of a finished run; borrowed until the next */
    size_t length;
} xp_stored_run;

typedef explaint_status (*xp_run_fn)(void *self, const xp_stored_run *run, explaint_error *error);

/* Calls `each` for these runs in this order, or (n 0) for all from the oldest. EXPLAINT_USAGE: no such run;
 * EXPLAINT_INVALID: no runs at all, or a finished one without its document. A failure of `each` ends it. */
explaint_status xp_ledger_documents(explaint_ledger *ledger, const size_t *runs, size_t n, xp_run_fn each, void *self,
                                    explaint_error *error);

/* Always EXPLAINT_INVALID: the run, of the ledger in that file, has no results yet. */
explaint_status xp_ledger_unfinished(const char *path, long long run, size_t units, explaint_error *error);

/* A unit of a run: *bytes is NULL if it is not stored, else released by free(). */
explaint_status xp_ledger_unit(explaint_ledger *ledger, long long run, const char *key, void **bytes, size_t *size,
                               explaint_error *error);

#endif
