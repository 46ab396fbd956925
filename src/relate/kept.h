/* A result of relate that was kept: a document, or the run of a ledger. */
#ifndef XP_RELATE_KEPT_H
#define XP_RELATE_KEPT_H

#include "explaint/relate.h"

/* text: a document of a file, or (run > 0) of this run of a ledger; EXPLAINT_INVALID if it is none of relate. Released by explaint_relation_close. */
explaint_status xp_kept_create(const char *text, size_t length, const char *path, long run,
                               explaint_relation **relation, explaint_error *error);

#endif
