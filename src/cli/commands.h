/* The sub-commands, one file each. */
#ifndef XP_CLI_COMMANDS_H
#define XP_CLI_COMMANDS_H

#include "options.h"

extern const cli_command cli_adjust, cli_attend, cli_compare, cli_embed, cli_infer, cli_model, cli_norms, cli_relate,
    cli_report, cli_runs, cli_version;

#endif
