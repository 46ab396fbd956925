/* explaint version: what a bug report needs. */
#include <stdio.h>

#include "commands.h"
#include "explaint/version.h"

typedef struct settings {
    bool json;
} settings;

static const cli_option options[] = {
    {.group = "Options",
     .name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, json),
     .often = true,
     .help = "one JSON document"},
};

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    if (n_arguments > 0) return cli_usage_error(command, "unexpected argument '%s'", arguments[0]);
    const char *form = s->json ? "{\"explaint\": \"%s\", \"build\": \"%s\", \"blas\": \"%s\", \"cpu\": \"%s\"}\n"
                               : "explaint %s\nbuild    %s\nBLAS     %s\nCPU      %s\n";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    printf(form, explaint_version(), explaint_build(), explaint_blas(), explaint_cpu());
#pragma GCC diagnostic pop
    return 0;
}

static const char *const example[] = {"explaint version", "version, build, BLAS core and CPU features", NULL};

const cli_command cli_version = {
    .name = "version",
    .summary = "version, build, CPU features, BLAS core",
    .usage = "[--json]",
    .description = "Prints the version and what the program was built with.",
    .options = options,
    .n_options = CLI_N_OPTIONS(options),
    .example = example,
    .settings_size = sizeof(settings),
    .run = run,
};
