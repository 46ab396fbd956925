/* explaint runs: what a ledger holds. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "explaint/ledger.h"
#include "product.h"
#include "shared.h"

typedef struct settings {
    const char *ledger;
    product_wish wish;
    bool tests, nulls, concepts, neighbours;
} settings;

static const cli_option options[] = {
    {.group = "Options", OPTION_LEDGER("the ledger, where no FILE is named"), .often = true},
    {OPTION(PRODUCT, "output", wish.output, "FILE", "write to FILE, as its suffix says: .json, .csv or .txt"),
     .fallback = "stdout", .often = true},
    {FLAG("json", wish.json, "list, export: JSON (export's default)"), .often = true},
    {FLAG("csv", wish.csv, "export: CSV, one line per row"), .often = true},
    {OPTION_DECIMAL},
    {FLAG("tests", tests, "export: a line for each test (E1 to E4, W, ...) with its claim and verdict, as CSV")},
    {FLAG("nulls", nulls, "export: a line for each permutation of each test, as CSV; number 0 is what was observed")},
    {FLAG("concepts", concepts,
          "export: each concept's ten strongest features by condition, with hit or miss, as CSV")},
    {FLAG("neighbours", neighbours,
          "export: each concept's ten nearest neighbours by condition, among predictions, norms and inputs, as CSV")},
};

static const cli_action actions[] = {
    {"list", "[FILE]", "one line per run"},
    {"show", "[FILE[:RUN]]", "one run, readable (default: the newest)"},
    {"export", "[FILE[:RUN]]", "the JSON document of a run, its rows, or another of its lists"},
};

enum { LIST, SHOW, EXPORT }; /* places in the table */

/* What the words after the action say. */
typedef struct wanted {
    size_t action;
    const char *ledger;
    long run; /* 0: the newest */
    bool json;
    const char *list; /* of an export as CSV; NULL: another form */
    char decimal;
} wanted;

/* LEDGER:RUN, as other commands take it, is cut in two: the run, or NULL if the word is no such thing. */
static char *cut_run(char *word) {
    char *colon = strrchr(word, ':');
    if (colon == NULL || colon == word || colon[1] == 0 || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        access(word, F_OK) == 0)
        return NULL;
    *colon = 0;
    return colon + 1;
}

/* A whole number is a run, another word the ledger. 0, or 2 after one sentence. */
static int take_word(const cli_command *command, const char *word, wanted *w) {
    if (word[0] == 0 || strspn(word, "0123456789") != strlen(word)) {
        if (w->ledger == NULL) {
            w->ledger = word;
            return 0;
        }
    } else if (w->action != LIST && w->run == 0) {
        char *end;
        w->run = strlen(word) < 10 ? strtol(word, &end, 10) : 0;
        if (w->run >= 1) return 0;
        return cli_usage_error(command, "'%s' is no run: a whole number from 1", word);
    }
    return cli_unexpected(command, word);
}

/* The list that an option of export names; *count: how many of them were given. */
static const char *list_of(const settings *s, size_t *count) {
    const struct {
        bool given;
        const char *list;
    } lists[] = {{s->tests, "verdicts/assumptions"},
                 {s->nulls, "nulls"},
                 {s->concepts, "concepts"},
                 {s->neighbours, "neighbours"}};
    const char *list = NULL;
    *count = 0;
    for (size_t i = 0; i < CLI_LENGTH(lists); i++) {
        if (!lists[i].given) continue;
        list = lists[i].list;
        ++*count;
    }
    return list;
}

static int understand(const cli_command *command, const settings *s, char **arguments, size_t n_arguments, wanted *w) {
    static const char *const suffixes[] = {[LIST] = ".json|.txt", [SHOW] = ".txt", [EXPORT] = ".json|.csv"};
    int code = n_arguments > 0 ? cli_action_of(command, arguments[0], &w->action) : 0;
    for (size_t i = 1; code == 0 && i < n_arguments; i++) {
        const char *number = cut_run(arguments[i]);
        code = take_word(command, arguments[i], w);
        if (code == 0 && number != NULL) code = take_word(command, number, w);
    }
    if (code != 0) return code;
    if (w->ledger != NULL && cli_given("ledger"))
        return cli_usage_error(command, "'%s' and --ledger: name one ledger", w->ledger);
    if (w->ledger == NULL) w->ledger = s->ledger;
    if (w->ledger == NULL)
        return cli_usage_error(command, "which ledger? FILE, --ledger FILE or EXPLAINT_LEDGER is needed");
    if (s->wish.json && s->wish.csv) return cli_usage_error(command, "--json and --csv exclude each other");
    if (s->wish.csv && w->action != EXPORT) return cli_usage_error(command, "--csv belongs to 'runs export'");
    if (s->wish.json && w->action == SHOW)
        return cli_usage_error(command, "--json belongs to 'runs list' and 'runs export'");
    size_t n_lists;
    w->list = list_of(s, &n_lists);
    if (n_lists > 0 && (w->action != EXPORT || s->wish.json))
        return cli_usage_error(command,
                               "--tests, --nulls, --concepts and --neighbours belong to 'runs export', and are CSV");
    if (n_lists > 1)
        return cli_usage_error(command, "--tests, --nulls, --concepts and --neighbours exclude each other: name one");
    const bool by_name = s->wish.json || s->wish.csv || n_lists > 0;
    w->json = s->wish.json || (!by_name && product_ends(s->wish.output, ".json"));
    if (n_lists == 0 && (s->wish.csv || (!by_name && product_ends(s->wish.output, ".csv")))) w->list = "rows";
    w->decimal = s->wish.decimal[0];
    if (cli_given("decimal") && w->list == NULL)
        return cli_usage_error(command,
                               "--decimal is of CSV: 'runs export' with --csv, --tests or another of its lists");
    return by_name ? 0 : product_suffix(command, "output", s->wish.output, suffixes[w->action], false);
}

static explaint_status act(const wanted *w, explaint_ledger *ledger, FILE *out, explaint_error *error) {
    if (w->action == LIST) return explaint_ledger_list(ledger, w->json, out, error);
    if (w->action == SHOW) return explaint_ledger_show(ledger, w->run, out, error);
    return explaint_ledger_export(ledger, w->run, w->list, w->decimal, out, error);
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    wanted w = {0};
    const int code = understand(command, s, arguments, n_arguments, &w);
    if (code != 0) return code;
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    product p = {0};
    explaint_status status = explaint_ledger_open(w.ledger, false, &ledger, &error);
    if (status == EXPLAINT_OK && s->wish.output != NULL) status = product_open(&p, s->wish.output, &error);
    if (status == EXPLAINT_OK) status = act(&w, ledger, p.out != NULL ? p.out : stdout, &error);
    if (p.out == NULL) status = product_named(status, stdout, "standard output", &error);
    status = product_close(&p, status, &error);
    explaint_ledger_close(ledger);
    return cli_outcome(&error, status);
}

static const char *const example[] = {
    "explaint runs list results.db",
    "what results.db holds",
    "explaint runs export results.db 3 --csv",
    "the rows of run 3",
    "explaint runs export results.db --nulls --output nulls.csv",
    "r of every permutation of the newest run",
    NULL,
};

const cli_command cli_runs = {
    .name = "runs",
    .summary = "list | show | export what a ledger holds",
    .usage = "ACTION [FILE[:RUN]] [OPTION...]",
    .description = "Reads a ledger that 'explaint infer --ledger FILE' wrote: FILE, or that of --ledger.",
    CLI_TABLE(actions),
    CLI_OPTIONS,
    .example = example,
    .run = run,
};
