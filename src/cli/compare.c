/* explaint compare: what a change did to scores and verdicts, of runs and of models. */
#include "explaint/compare.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "explaint/catalogue.h"
#include "gate.h"
#include "infer.h"
#include "product.h"
#include "shared.h"
#include "view.h"

typedef struct settings {
    explaint_compare_options o;
    product_wish wish;
    const char *ledger, *metric, *fail_on;
} settings;

static void begin(void *given) { ((settings *)given)->o = explaint_compare_defaults(); }

#define METRICS "all" EXPLAINT_METRICS(EXPLAINT_WITH_BAR) EXPLAINT_LENGTHS(EXPLAINT_WITH_BAR)

static const cli_option options[] = {
    {.group = "Runs", OPTION_LEDGER("the ledger of runs that are given by number"), .often = true},
    {.group = "Differences",
     OPTION(COUNT, "flips", o.flips, "N", "sign vectors drawn for a paired p"),
     DEFAULT("9999"),
     .min = 99,
     .max = 1e7},
    {OPTION(COUNT, "bootstrap", o.bootstrap, "B", "resamples of an interval, 100 to 100000"), DEFAULT("2000"),
     .min = 100, .max = 100000},
    {OPTION_SEED("seed of sign flips and resamples")},
    {OPTION(CHOICE, "metric", metric, "NAME|all", "metric on the terminal; --json and --csv have all"),
     .fallback = "the verdict's", .choices = METRICS, .changes_no_result = true, .often = true},
    {.group = "Output", OPTION_RESULT_OR_PAGE, .often = true},
    {OPTION_JSON, .often = true},
    {OPTION_CSV},
    {OPTION_DECIMAL},
    {OPTION_OPEN},
    {OPTION_FORCE},
    {OPTION_QUIET},
    {OPTION(TEXT, "fail-on", fail_on, "changed|worse[:D]",
            "exit 5 if a verdict changed, or anything is worse (by more than D)"),
     .changes_no_result = true, .often = true},
};

/* What is shown: a comparison, and on the terminal the metric that was named. */
typedef struct shown {
    const explaint_comparison *comparison;
    const char *metric;
} shown;

static void view(const void *self, const view_kept *kept, const term *t) {
    const shown *what = self;
    (void)kept;
    view_comparison(what->comparison, what->metric, t);
}

/* ---- models: audited first, each as a run of a ledger ---- */

/* Length of an arm without what ends it, "@6" or ":3". */
static size_t without(const char *arm, size_t length, char mark) {
    size_t at = length;
    while (at > 0 && isdigit((unsigned char)arm[at - 1])) at--;
    return at < length && at > 1 && arm[at - 1] == mark ? at - 1 : length;
}

/* A model's folder, or org/name with options for infer behind it; what is there as a file is none. */
static bool is_model(const char *arm, bool has_options) {
    static const char config[] = "/config.json";
    const size_t named = without(arm, strlen(arm), '@'), length = without(arm, named, ':');
    char *path = malloc(strlen(arm) + sizeof config);
    if (path == NULL) return false; /* and nothing else will find memory */
    memcpy(path, arm, named);
    strcpy(path + named, config);
    const bool folder = access(path, F_OK) == 0;
    path[length] = 0;
    const bool name = has_options && strchr(path, '/') != NULL && access(path, F_OK) != 0;
    free(path);
    return folder || name;
}

static int keep_audit(void *self, const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    infer_settings *s = given;
    s->resume = true; /* what is stored need not be done again */
    return infer_keep(command, s, arguments, n_arguments, self);
}

/* Audits the model as `infer --model` would; *place then says where: "LEDGER:RUN", and its layer if one was named. */
static int audit_model(const char *arm, const char *ledger, char **infer_options, size_t n_options, char **place) {
    const size_t length = strlen(arm), named = without(arm, length, '@'), room = strlen(ledger) + length + 32;
    char *model = strndup(arm, named);
    *place = malloc(room);
    int code = EXPLAINT_FAILED;
    if (model == NULL || *place == NULL) {
        cli_say("not enough memory for the comparison");
    } else {
        const char *const fixed[] = {"model", model, "ledger", ledger, NULL};
        long run = 0;
        code = cli_parse(&cli_infer, infer_options, n_options, fixed, keep_audit, &run);
        snprintf(*place, room, "%s:%ld%s", ledger, run, arm + named);
    }
    free(model);
    return code;
}

/* --fail-on was checked before anything was read. */
static int judge(const settings *s, const explaint_comparison *comparison) {
    gate asked;
    char why[256];
    if (s->fail_on == NULL || !gate_read(s->fail_on, &asked) || gate_pass(&asked, comparison, why, sizeof why))
        return EXPLAINT_OK;
    if (!s->wish.quiet) cli_say("%s", why);
    return EXPLAINT_BELOW;
}

static int compare(const settings *s, const char *a, const char *b) {
    explaint_compare_options o = s->o;
    o.ledger = s->ledger;
    o.command = cli_typed();
    explaint_error error = {0};
    explaint_comparison *comparison = NULL;
    explaint_status status = explaint_compare(a, b, &o, &comparison, &error);
    if (status == EXPLAINT_OK) {
        const product_content content = {.record = &comparison->record,
                                         .list = comparison->n_measures > 0 ? "measures" : NULL,
                                         .view = view,
                                         .self = &(shown){comparison, s->metric}};
        status = product_write(&s->wish, &content, &error);
    }
    const int code = status == EXPLAINT_OK ? judge(s, comparison) : cli_outcome(&error, status);
    explaint_comparison_free(comparison);
    return code;
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    const bool has_options = n_arguments > 2 && arguments[2][0] == '-';
    if (n_arguments != 2 && !has_options)
        return cli_usage_error(
            command,
            "expected two results to compare, found %zu: FILE.json, LEDGER:RUN, RUN with --ledger, or "
            "a model's folder, each with @LAYER or not",
            n_arguments);
    const int refused = product_check(command, &s->wish, true);
    if (refused != 0) return refused;
    gate asked;
    if (s->fail_on != NULL && !gate_read(s->fail_on, &asked))
        return cli_usage_error(command, "--fail-on: expected changed, worse, or worse:D with D from 0 to 1, found '%s'",
                               s->fail_on);
    const bool model[2] = {is_model(arguments[0], has_options), is_model(arguments[1], has_options)};
    if (has_options && !model[0] && !model[1])
        return cli_usage_error(command, "what follows -- is for the audit of a model, and neither %s nor %s is one",
                               arguments[0], arguments[1]);
    if ((model[0] || model[1]) && s->ledger == NULL)
        return cli_usage_error(command, "%s is a model: its audit needs a ledger to be kept in, --ledger FILE",
                               arguments[model[0] ? 0 : 1]);
    char *place[2] = {NULL, NULL};
    int code = 0;
    for (int k = 0; k < 2 && code == 0; k++)
        if (model[k]) code = audit_model(arguments[k], s->ledger, arguments + 2, n_arguments - 2, &place[k]);
    if (code == 0)
        code = compare(s, place[0] != NULL ? place[0] : arguments[0], place[1] != NULL ? place[1] : arguments[1]);
    free(place[0]);
    free(place[1]);
    return code;
}

static const cli_term arms[] = {
    {"LEDGER:RUN", "a run of a ledger: paired differences with intervals and p"},
    {"RUN", "the same, of --ledger"},
    {"LEDGER", "its one finished run"},
    {"FILE.json", "a document of 'infer --json': differences of what was printed; of attend, of relate"},
    {"DIR|org/name", "a model: audited first by infer --model, with the options after --, into --ledger"},
    {"...@LAYER", "one layer of a run over the layers of a model"},
};

static const cli_list lists[] = {{"A and B", arms, CLI_LENGTH(arms)}};

static const char *const example[] = {
    "explaint compare 1 2 --ledger results.db",
    "the second run beside the first: every score and verdict",
    "explaint compare results.db:3@5 results.db:3@8",
    "two layers of one run",
    "explaint compare one.json other.json",
    "two runs of attend, paired by text: two models, or two settings",
    "explaint compare accepted.json new.json --fail-on worse:.01 --quiet",
    "a gate for scripts: exit 5 if a verdict or the score fell",
    "explaint compare models/base models/tuned --ledger results.db -- --norms mcrae --layers 6 --permutations 199",
    "what did fine-tuning, or a smaller number format, do to the explanation?",
    NULL,
};

const cli_command cli_compare = {
    .name = "compare",
    .summary = "two runs or models: what a change did to scores and verdicts",
    .usage = "A B [OPTION...] [-- INFER-OPTION...]",
    .description =
        "Sets two results of 'explaint infer', 'explaint attend' or 'explaint relate' side by side: first what differs "
        "in inputs and "
        "settings, then every "
        "score and every verdict, B - A. Where ledgers hold the scores of single concepts, differences are paired: "
        "intervals by bootstrap over concepts, p by sign flips. Nothing is fitted anew, but models are audited first.",
    CLI_OPTIONS,
    CLI_TABLE(lists),
    .example = example,
    .begin = begin,
    .run = run,
};
