/* explaint norms: what it takes and most of its actions (norms.c), what is in a file (norms_describe.c), what scores on norms are worth
 * (baseline.c). */
#ifndef XP_CLI_NORMS_H
#define XP_CLI_NORMS_H

#include "explaint/infer.h"
#include "explaint/norms.h"
#include "product.h"

typedef struct norms_settings {
    explaint_infer_options o;     /* of baseline */
    explaint_norms_options table; /* how norms are read */
    const char *norms, *vocabulary, *values, *claim;
    cli_folds folds;
    size_t threads;
    product_wish wish; /* output "-": standard output, unless it is given to baseline */
} norms_settings;

/* "norms baseline NORMS": exit code. */
int norms_baseline(const cli_command *command, const norms_settings *s, const char *norms);
/* "norms describe NORMS", once they are open: exit code. */
int norms_describe(const norms_settings *s, const explaint_norms *norms);

#endif
