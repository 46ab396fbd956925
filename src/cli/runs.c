/* explaint runs: what a ledger holds. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "explaint/ledger.h"
#include "product.h"
#include "shared.h"

typedef struct settings {
    const char *ledger, *output;
    bool json, csv;
} settings;

static const cli_option options[] = {
    {.group = "Options", OPTION_LEDGER("the ledger"), .often = true},
    {.name = "output",
     .kind = CLI_FILE,
     .offset = offsetof(settings, output),
     .value = "FILE",
     .fallback = "stdout",
     .often = true,
     .help = "write to FILE"},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, json),
     .often = true,
     .help = "list, export: JSON (export's default)"},
    {.name = "csv",
     .kind = CLI_FLAG,
     .offset = offsetof(settings, csv),
     .often = true,
     .help = "export: CSV, one line a row"},
};

static const cli_action actions[] = {
    {"list", "", "one line a run"},
    {"show", "[RUN]", "one run, readable (default: the newest)"},
    {"export", "[RUN]", "the JSON document or the CSV rows of a run"},
};

static bool run_number(const char *text, long *run) {
    char *end;
    *run = strtol(text, &end, 10);
    return end != text && *end == 0 && *run >= 1;
}

static explaint_status act(const settings *s, const char *action, long run, explaint_ledger *ledger, FILE *out,
                           explaint_error *error) {
    if (strcmp(action, "list") == 0) return explaint_ledger_list(ledger, s->json, out, error);
    if (strcmp(action, "show") == 0) return explaint_ledger_show(ledger, run, out, error);
    return explaint_ledger_export(ledger, run, s->csv, out, error);
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    static const char *const names[] = {"list", "show", "export", NULL};
    const settings *s = given;
    const char *action = n_arguments > 0 ? arguments[0] : "list";
    bool list = strcmp(action, "list") == 0, export = strcmp(action, "export") == 0;
    long number = 0;
    if (!list && !export && strcmp(action, "show") != 0) {
        const char *near = cli_nearest(action, names);
        return cli_usage_error(command, "unknown action '%s'%s%s%s", action, near != NULL ? "; did you mean '" : "",
                               near != NULL ? near : "; expected list, show or export", near != NULL ? "'?" : "");
    }
    if (n_arguments > (list ? 1u : 2u))
        return cli_usage_error(command, "unexpected argument '%s'", arguments[n_arguments - 1]);
    if (n_arguments > 1 && !run_number(arguments[1], &number))
        return cli_usage_error(command, "'%s' is no run: a whole number from 1", arguments[1]);
    if (s->ledger == NULL) return cli_usage_error(command, "--ledger FILE or EXPLAINT_LEDGER is needed");
    if (s->json && s->csv) return cli_usage_error(command, "--json and --csv exclude each other");
    if (s->csv && !export) return cli_usage_error(command, "--csv belongs to 'runs export'");
    if (s->json && !list && !export) return cli_usage_error(command, "--json belongs to 'runs list' and 'runs export'");

    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    product p = {0};
    explaint_status status = explaint_ledger_open(s->ledger, false, &ledger, &error);
    if (status == EXPLAINT_OK && s->output != NULL) status = product_open(&p, s->output, &error);
    if (status == EXPLAINT_OK) status = act(s, action, number, ledger, p.out != NULL ? p.out : stdout, &error);
    if (p.out == NULL) status = product_named(status, stdout, "standard output", &error);
    status = product_close(&p, status, &error);
    explaint_ledger_close(ledger);
    return status == EXPLAINT_OK ? 0 : cli_complain(&error, status);
}

static const char *const example[] = {
    "explaint runs list --ledger results.db",
    "what results.db holds",
    "explaint runs export 3 --csv --ledger results.db",
    "the rows of run 3",
    NULL,
};

const cli_command cli_runs = {
    .name = "runs",
    .summary = "list | show | export what a ledger holds",
    .usage = "ACTION [RUN] [OPTION...]",
    .description = "Reads a ledger that 'explaint infer --ledger FILE' wrote.",
    .actions = actions,
    .n_actions = CLI_LENGTH(actions),
    .options = options,
    .n_options = CLI_N_OPTIONS(options),
    .example = example,
    .settings_size = sizeof(settings),
    .run = run,
};
