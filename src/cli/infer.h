/* explaint infer, in two files: what it takes (infer_options.c) and what it does (infer.c). */
#ifndef XP_CLI_INFER_H
#define XP_CLI_INFER_H

#include "explaint/explaint.h"
#include "product.h"

typedef struct infer_settings {
    explaint_infer_options o;
    explaint_norms_options table;
    explaint_vectors_options vectors;
    explaint_embed_options embed;
    const char *norms, *values, *embeddings, *model, *fail_on, *predictions, *ledger;
    cli_layers layers;
    cli_counts components;
    cli_folds folds;
    size_t threads;
    bool resume, dry_run;
    product_wish wish;
} infer_settings;

int infer_run(const cli_command *command, void *settings, char **arguments, size_t n_arguments);
/* The same run kept in its ledger, and no view of it; *run: its number there. Units that are stored are not run again if the settings resume. */
int infer_keep(const cli_command *command, const infer_settings *s, char **arguments, size_t n_arguments, long *run);

#endif
