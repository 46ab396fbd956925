/* explaint norms, in two files: what it takes and most of its actions (norms.c), and what scores on norms are worth (baseline.c). */
#ifndef XP_CLI_NORMS_H
#define XP_CLI_NORMS_H

#include "options.h"

typedef struct norms_settings {
    const char *output, *vocabulary, *na, *values, *pair_value, *concepts, *features, *columns, *drop_columns, *sheet;
    const char *categories, *metrics, *claim;
    cli_folds folds;
    uint64_t seed;
    size_t threads;
    bool json, csv, quiet;
} norms_settings;

/* "norms baseline NORMS": exit code. */
int norms_baseline(const cli_command *command, const norms_settings *s, const char *norms);

#endif
