/* explaint compare: what a change did to scores and verdicts. */
#include "explaint/compare.h"


#include "commands.h"
#include "product.h"
#include "shared.h"
#include "view.h"

typedef struct settings {
    const char *ledger, *metric, *output;
    size_t flips, bootstrap;
    uint64_t seed;
    bool json, csv, quiet;
} settings;

#define METRICS                                                                                                        \
    "all|f1_at_10|spearman|na_at_10_retrieval|na_at_10_gold|na_at_10_input|precision_at_r|map|r2|mse|cosine|"          \
    "description_length"

static const cli_option options[] = {
    {.group = "Runs",
     .name = "ledger",
     .kind = CLI_FILE,
     AT(ledger),
     .value = "FILE",
     .environment = "EXPLAINT_LEDGER",
     .help = "the ledger of runs that are given by number"},
    {.group = "Differences",
     .name = "flips",
     .kind = CLI_COUNT,
     AT(flips),
     .value = "N",
     .fallback = "9999",
     .parse_fallback = true,
     .min = 99,
     .max = 1e7,
     .help = "sign vectors drawn for a paired p"},
    {.name = "bootstrap",
     .kind = CLI_COUNT,
     AT(bootstrap),
     .value = "B",
     .fallback = "2000",
     .parse_fallback = true,
     .min = 100,
     .max = 100000,
     .help = "resamples of an interval, 100 to 100000"},
    {OPTION_SEED("seed of sign flips and resamples")},
    {.name = "metric",
     .kind = CLI_CHOICE,
     AT(metric),
     .value = "NAME|all",
     .fallback = "the verdict's",
     .choices = METRICS,
     .changes_no_result = true,
     .help = "metric on the terminal; --json and --csv have all"},
    {.group = "Output", OPTION_RESULT},
    {OPTION_JSON},
    {OPTION_CSV},
    {OPTION_QUIET},
};

/* What is shown: a comparison, and on the terminal the metric that was named. */
typedef struct shown {
    const explaint_comparison *comparison;
    const char *metric;
} shown;

static explaint_status write_as(const void *self, product_format as, const term *t, explaint_error *error) {
    const shown *what = self;
    if (as == PRODUCT_JSON) return explaint_comparison_write_json(what->comparison, t->out, error);
    if (as == PRODUCT_CSV) return explaint_comparison_write_csv(what->comparison, t->out, error);
    view_comparison(what->comparison, what->metric, t);
    return EXPLAINT_OK;
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    if (n_arguments != 2)
        return cli_usage_error(command,
                               "expected two results to compare, found %zu: FILE.json, LEDGER:RUN, or RUN with "
                               "--ledger, each with @LAYER or not",
                               n_arguments);
    if (s->json && s->csv) return cli_usage_error(command, "--json and --csv exclude each other");
    explaint_compare_options o = explaint_compare_defaults();
    o.ledger = s->ledger;
    o.flips = s->flips;
    o.bootstrap = s->bootstrap;
    o.seed = s->seed;
    o.command = cli_typed();
    explaint_error error = {0};
    explaint_comparison *comparison = NULL;
    explaint_status status = explaint_compare(arguments[0], arguments[1], &o, &comparison, &error);
    const product_wish wish = {.output = s->output, .json = s->json, .csv = s->csv, .quiet = s->quiet};
    const shown what = {comparison, s->metric};
    if (status == EXPLAINT_OK) status = product_write(&wish, write_as, &what, &error);
    explaint_comparison_free(comparison);
    return status == EXPLAINT_OK ? 0 : cli_complain(&error, status);
}

static const cli_term sides[] = {
    {"LEDGER:RUN", "a run of a ledger: paired differences with intervals and p"},
    {"RUN", "the same, of --ledger"},
    {"LEDGER", "its one finished run"},
    {"FILE.json", "a document of 'infer --json': differences of what was printed"},
    {"...@LAYER", "one layer of a run over the layers of a model"},
};

static const cli_list lists[] = {{"A and B", sides, CLI_LENGTH(sides)}};

static const char *const example[] = {
    "explaint compare 1 2 --ledger results.db",
    "the second run beside the first: every score and verdict",
    "explaint compare results.db:3@5 results.db:3@8",
    "two layers of one run",
    NULL,
};

const cli_command cli_compare = {
    .name = "compare",
    .summary = "two runs: what a change did to scores and verdicts",
    .usage = "A B [OPTION...]",
    .description =
        "Sets two results of 'explaint infer' side by side: first what differs in inputs and settings, then every "
        "score and every verdict, B - A. Where ledgers hold the scores of single concepts, differences are paired: "
        "intervals by bootstrap over concepts, p by sign flips. Nothing is fitted anew.",
    .options = options,
    .n_options = CLI_N_OPTIONS(options),
    .lists = lists,
    .n_lists = CLI_LENGTH(lists),
    .example = example,
    .settings_size = sizeof(settings),
    .run = run,
};
