/* explaint norms: what is known, what is in a file, conversion, and norms built from WordNet. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "explaint/catalogue.h"
#include "explaint/norms.h"
#include "norms.h"
#include "product.h"
#include "shared.h"
#include "term.h"

typedef norms_settings settings;

#define BASELINE_METRICS "all" EXPLAINT_METRICS(EXPLAINT_WITH_BAR)

static const cli_option options[] = {
    {.group = "Options",
     OPTION(PRODUCT, "output", wish.output, "FILE", "convert, wordnet: a long CSV, -: stdout; baseline: as infer"),
     DEFAULT("-"),
     .changes_no_result = true,
     .often = true},
    {OPTION(FILE, "norms", norms, "SPEC", "describe, convert, baseline: the norms, as in infer, in place of NORMS")},
    {OPTION(FILE, "vocabulary", vocabulary, "FILE", "wordnet: words that have a vector, most frequent first")},
    {OPTION_NA, .often = true},
    {OPTION_VALUES},
    {OPTION_PAIR_VALUE},
    {OPTION_CONCEPTS},
    {OPTION_FEATURES},
    {OPTION_COLUMNS},
    {OPTION_DROP_COLUMNS},
    {OPTION_SHEET},
    {FLAG("json", wish.json, "list, describe, baseline: JSON"), .changes_no_result = true, .often = true},
    {.group = "Of baseline", OPTION(TEXT, "claim", claim, "METRIC=VALUE", "a score to be weighed: f1_at_10=.25")},
    {OPTION(NAMES, "metrics", o.metrics, "LIST", "as of infer; all"), .fallback = "the verdict's",
     .choices = BASELINE_METRICS},
    {OPTION_CATEGORIES},
    {OPTION_FOLDS},
    {OPTION_SEED("seed of folds and of what is drawn")},
    {OPTION_CSV},
    {OPTION_DECIMAL},
    {OPTION_QUIET},
    {OPTION_THREADS},
};

static const cli_action actions[] = {
    {"list", "", "norms that ship with the program, and what else can be read"},
    {"describe", "NORMS", "size, sparsity, categories, chance and ceiling"},
    {"convert", "NORMS --output FILE", "write long CSV: concept,feature,value, with relation and category if known"},
    {"wordnet", "FOLDER --vocabulary FILE", "build norms from the WordNet 3.0 database files"},
    {"baseline", "NORMS [--claim METRIC=VALUE]", "what a score is worth without vectors; how many concepts tests need"},
};

static const char *const shipped[] = {"wordnet"};

static const char *const recognised[][2] = {
    {"mcrae", "the publisher's folder, or its file CONCS_FEATS_concstats_brm.txt"},
    {"buchanan", "buchanan2019_final_words_2017.csv, or its folder"},
    {"binder", "WordSet1_Ratings.xlsx, a table in text made of it, or its folder"},
    {"long", "CSV, TSV or .xlsx, a header concept,feature[,value][,relation][,category]"},
    {"wide", "CSV, TSV or .xlsx, one row per concept, one column per feature"},
    {"npy", ".npy, concepts x features, with --concepts FILE, one concept per line"},
};

/* Opened before anything is printed: nothing is on stdout after an error. */
static int list(const settings *s) {
    explaint_error error = {0};
    explaint_norms *norms[CLI_LENGTH(shipped)] = {NULL};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; i < CLI_LENGTH(shipped) && status == EXPLAINT_OK; i++)
        status = explaint_norms_open(shipped[i], NULL, &norms[i], &error);
    if (status == EXPLAINT_OK) {
        printf(s->wish.json ? "[" : "Shipped with the program, named instead of a file:\n");
        for (size_t i = 0; i < CLI_LENGTH(shipped); i++)
            printf(s->wish.json ? "%s{\"name\": \"%s\", \"concepts\": %zu, \"features\": %zu, \"pairs\": %zu}"
                                : "%s  %-9s %zu concepts, %zu features, %zu pairs; with vectors of its words\n",
                   s->wish.json && i > 0 ? ", " : "", shipped[i], explaint_norms_n_concepts(norms[i]),
                   explaint_norms_n_features(norms[i]), explaint_norms_n_pairs(norms[i]));
        printf(s->wish.json ? "]\n" : "\nFiles, recognised by their content, plain or gzip:\n");
        for (size_t i = 0; i < CLI_LENGTH(recognised) && !s->wish.json; i++)
            printf("  %-9s %s\n", recognised[i][0], recognised[i][1]);
    }
    for (size_t i = 0; i < CLI_LENGTH(shipped); i++) explaint_norms_close(norms[i]);
    return cli_outcome(&error, status);
}

/* Beside a file that is written, or CSV on stdout. */
static void warn(const explaint_norms *norms) {
    const term t = term_of(stderr);
    for (size_t i = 0; i < explaint_norms_n_warnings(norms); i++) {
        term_put(&t, "explaint: warning: ");
        term_put(&t, explaint_norms_warning(norms, i));
        fputc('\n', stderr);
    }
}

static int with_norms(const settings *s, const char *path, bool convert) {
    explaint_error error = {0};
    explaint_norms *norms = NULL;
    explaint_norms_options table = s->table;
    table.binary = strcmp(s->values, "binary") == 0;
    explaint_status status = explaint_norms_open(path, &table, &norms, &error);
    if (status == EXPLAINT_OK && convert) status = explaint_norms_write_csv(norms, s->wish.output, &error);
    if (status == EXPLAINT_OK && convert) warn(norms);
    int code = status != EXPLAINT_OK ? cli_outcome(&error, status) : convert ? 0 : norms_describe(s, norms);
    explaint_norms_close(norms);
    return code;
}

enum { LIST, DESCRIBE, CONVERT, WORDNET, BASELINE };

/* Options of one action given with another. */
static int check_options(const cli_command *command, const settings *s, size_t which) {
    static const char *const of_baseline[] = {"claim", "metrics", "categories", "folds",
                                              "seed",  "csv",     "quiet",      "threads"};
    for (size_t i = 0; i < CLI_LENGTH(of_baseline); i++)
        if (cli_given(of_baseline[i]) && which != BASELINE)
            return cli_usage_error(command, "--%s belongs to 'norms baseline'", of_baseline[i]);
    if (s->wish.json && which != LIST && which != DESCRIBE && which != BASELINE)
        return cli_usage_error(command, "--json belongs to 'norms list', 'norms describe' and 'norms baseline'");
    if (cli_given("output") && which != CONVERT && which != WORDNET && which != BASELINE)
        return cli_usage_error(command, "--output belongs to 'norms convert', 'norms wordnet' and 'norms baseline'");
    if (cli_given("decimal") && which != BASELINE)
        return cli_usage_error(command, "--decimal belongs to 'norms baseline'; norms are written as they are read");
    return which == BASELINE ? 0 : product_suffix(command, "output", s->wish.output, ".csv|.txt", false);
}

/* The norms of an action, or the folder of wordnet; NULL: an error was said. */
static const char *subject(const cli_command *command, const settings *s, char **arguments, size_t n_arguments,
                           size_t which) {
    const bool takes_norms = which != LIST && which != WORDNET;
    const size_t expected = which == LIST || s->norms != NULL ? 1 : 2;
    if (s->norms != NULL && !takes_norms)
        cli_usage_error(command, "--norms belongs to 'norms describe', 'norms convert' and 'norms baseline'");
    else if (n_arguments > expected && s->norms != NULL)
        cli_usage_error(command, "the norms are given twice: '%s' and --norms %s", arguments[1], s->norms);
    else if (n_arguments > expected)
        cli_usage_error(command, "unexpected argument '%s'", arguments[expected]);
    else if (which != LIST && n_arguments < expected)
        cli_usage_error(command, "'%s' needs %s", arguments[0],
                        which == WORDNET ? "the folder of the WordNet database files"
                                         : "norms: a file, a folder or a name");
    else
        return which == LIST ? "" : s->norms != NULL ? s->norms : arguments[1];
    return NULL;
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    const char *action = n_arguments > 0 ? arguments[0] : s->norms != NULL ? "describe" : "list";
    size_t which = 0;
    const int unknown = cli_action_of(command, action, &which);
    if (unknown != 0) return unknown;
    const char *of = subject(command, s, arguments, n_arguments > 0 ? n_arguments : 1, which);
    const int refused = of == NULL ? 2 : check_options(command, s, which);
    if (refused != 0) return refused;
    if (which == LIST) return list(s);
    if (which == BASELINE) return norms_baseline(command, s, of);
    if (which != WORDNET) return with_norms(s, of, which == CONVERT);
    if (s->vocabulary == NULL) return cli_usage_error(command, "'wordnet' needs --vocabulary FILE");
    explaint_error error = {0};
    explaint_status status = explaint_norms_from_wordnet(of, s->vocabulary, s->wish.output, &error);
    return cli_outcome(&error, status);
}

static void begin(void *given) {
    settings *s = given;
    s->o = explaint_infer_defaults();
    s->o.conditions = "mean,word-form,category-mean,upper";
    s->o.metrics = NULL;
    s->table = explaint_norms_defaults();
}

static const char *const example[] = {
    "explaint norms describe wordnet",
    "the norms that ship with the program",
    "explaint norms convert wordnet --output norms.csv",
    "the same as a CSV file",
    "explaint norms baseline wordnet --claim .25",
    "what an F1@10 of .25 is worth on these norms, and how many concepts tests need",
    NULL,
};

const cli_command cli_norms = {
    .name = "norms",
    .summary = "list | describe | convert | baseline | wordnet: feature norms",
    .usage = "ACTION [NORMS] [OPTION...]",
    .description =
        "Feature norms: which ones ship with the program, what a file holds, conversion to long CSV, norms built from "
        "WordNet, and what a score on norms is worth without any vectors.",
    CLI_TABLE(actions),
    CLI_OPTIONS,
    .example = example,
    .begin = begin,
    .run = run,
};
