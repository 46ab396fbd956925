/* explaint version: what a bug report needs. */
#include <stdio.h>

#include "commands.h"
#include "document.h"
#include "explaint/version.h"
#include "product.h"
#include "shared.h"

typedef struct settings {
    bool json;
} settings;

typedef struct about {
    explaint_record record;
    const char *version, *build, *blas, *cpu;
} about;

static const explaint_field fields[] = {
    DOCUMENT_FIELD(about, TEXT, "explaint", version),
    DOCUMENT_FIELD(about, TEXT, "build", build),
    DOCUMENT_FIELD(about, TEXT, "blas", blas),
    DOCUMENT_FIELD(about, TEXT, "cpu", cpu),
};
static const explaint_kind kind = DOCUMENT_KIND("version", about, fields);

static const cli_option options[] = {
    {.group = "Options", FLAG("json", json, "one JSON document"), .often = true},
};

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    if (n_arguments > 0) return cli_unexpected(command, arguments[0]);
    const about a = {{&kind}, explaint_version(), explaint_build(), explaint_blas(), explaint_cpu()};
    explaint_error error = {0};
    explaint_status status = EXPLAINT_OK;
    if (s->json)
        status = product_print(&a.record, &error);
    else
        printf("explaint %s\nbuild    %s\nBLAS     %s\nCPU      %s\n", a.version, a.build, a.blas, a.cpu);
    return cli_outcome(&error, status);
}

static const char *const example[] = {"explaint version", "version, build, BLAS core and CPU features", NULL};

const cli_command cli_version = {
    .name = "version",
    .summary = "version, build, CPU features, BLAS core",
    .usage = "[--json]",
    .description = "Prints the version and what the program was built with.",
    CLI_OPTIONS,
    .example = example,
    .run = run,
};
