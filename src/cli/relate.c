/* explaint relate: is a relation of words read from attention? */
#include "explaint/relate.h"
#include "explaint/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "product.h"
#include "progress.h"
#include "shared.h"

typedef struct settings {
    explaint_relate_options o;
    product_wish wish;
    const char *model, *pairs, *norms, *wordnet, *templates, *features, *ledger;
    size_t most_pairs, threads;
    bool resume;
} settings;

static void begin(void *given) { ((settings *)given)->o = explaint_relate_defaults(); }

static const cli_option options[] = {
    {.group = "Data",
     OPTION_MODEL("a model's folder, a GGUF file, or a name in the Hugging Face cache"),
     .often = true},
    {OPTION(FILE, "pairs", pairs, "hypernymy|FILE",
            "a table with columns left and right, and one for each set of counterfactuals"),
     DEFAULT("hypernymy"), .often = true},
    {OPTION(FILE, "norms", norms, "SPEC", "of hypernymy: whose concepts and superordinates, such as McRae's"),
     .fallback = "wordnet"},
    {OPTION(FILE, "wordnet", wordnet, "DIR", "of hypernymy: the database of WordNet 3.0, for counterfactuals"),
     DEFAULT("/usr/share/wordnet")},
    {OPTION(COUNT, "most-pairs", most_pairs, "N|all", "of hypernymy: so many pairs, drawn by the seed"), DEFAULT("300"),
     .min = 20, .max = 1e6, .word = "all"},
    {OPTION(FILE, "templates", templates, "FILE", "sentences, one per line, with {left} and {right}"),
     .fallback = "shipped ones"},
    {.group = "What is asked",
     OPTION(TEXT, "heads", o.heads, "LIST", "all, or layer and head: 3.7,4.1"),
     DEFAULT("all"),
     .often = true},
    {OPTION(COUNT, "folds", o.folds, "K", "folds of words; no word of a test pair is in a training pair"), DEFAULT("5"),
     .min = 3, .max = 100},
    {OPTION(COUNT, "permutations", o.permutations, "B", "of each test"), DEFAULT("9999"), .min = 99, .max = 1e6},
    {OPTION(COUNT, "refits", o.refits, "N", "classifiers of all heads fitted to permuted labels; 0: none"),
     DEFAULT("99"), .min = 0, .max = 1e5},
    {OPTION_SEED("seed of pairs, folds, permutations, the untrained model and damage")},
    {.group = "Output", OPTION_RESULT_OR_PAGE, .often = true},
    {OPTION_JSON, .often = true},
    {OPTION_CSV},
    {OPTION_DECIMAL},
    {OPTION_OPEN},
    {OPTION_FORCE},
    {OPTION(PRODUCT, "features", features, "FILE", "what each head says of each pair, as safetensors"),
     .changes_no_result = true},
    {OPTION_QUIET},
    {.group = "Running", OPTION_KEEP},
    {OPTION_RESUME},
    {OPTION_THREADS},
};

static const cli_term controls[] = {
    {"permuted",
     "the true word and its counterpart exchanged at random, for all pairs with the same right word at once"},
    {"form", "numbers of word pieces and where they stand, without a model"},
    {"untrained", "the same architecture with weights drawn at random"},
    {"damaged", "each layer sees the rows of the sentence's words in disorder"},
};

static const cli_term sets[] = {
    {"abstraction", "of hypernymy: a noun as deep in WordNet as the right word, and above no sense of the left one"},
    {"similarity", "of hypernymy: a sister of the left word in WordNet"},
    {"swapped", "of your own pairs without a third column: right words change places"},
};

static const cli_list lists[] = {
    {"Controls", controls, CLI_LENGTH(controls)},
    {"Sets of counterfactuals", sets, CLI_LENGTH(sets)},
};

typedef struct given {
    explaint_model *model;
    explaint_tokenizer *tokenizer;
    explaint_norms *norms;
    explaint_texts *templates;
    explaint_pairs *pairs;
} given;

static bool of_hypernymy(const settings *s) { return strcmp(s->pairs, "hypernymy") == 0; }

static explaint_status read_all(const settings *s, given *g, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    if (of_hypernymy(s)) {
        status = explaint_norms_open(s->norms != NULL ? s->norms : "wordnet", NULL, &g->norms, error);
        if (status == EXPLAINT_OK)
            status = explaint_pairs_hypernymy(g->norms, s->wordnet, s->most_pairs, s->o.seed, &g->pairs, error);
    } else {
        status = explaint_pairs_open(s->pairs, s->o.seed, &g->pairs, error);
    }
    if (status == EXPLAINT_OK && s->templates != NULL) status = explaint_texts_open(s->templates, &g->templates, error);
    if (status == EXPLAINT_OK) status = cli_open_model(s->model, s->threads, false, &g->model, &g->tokenizer, error);
    return status;
}

static void close_all(given *g) {
    explaint_pairs_close(g->pairs);
    explaint_norms_close(g->norms);
    explaint_texts_close(g->templates);
    explaint_model_close(g->model);
    explaint_tokenizer_close(g->tokenizer);
}

static void view(const void *self, const view_kept *kept, const term *t) { view_relate(self, kept, t); }

static explaint_relate_options options_of(const settings *s, const given *g) {
    explaint_relate_options o = s->o;
    o.templates = g->templates;
    o.threads = (unsigned)s->threads;
    o.command = cli_typed();
    return o;
}

static int run_plan(const settings *s, explaint_relate_plan *plan, progress *p, explaint_ledger *ledger) {
    explaint_error error = {0};
    explaint_units stored = {0};
    explaint_relate_result *result = NULL;
    const size_t n_units = explaint_relate_plan_n_units(plan);
    explaint_status status = EXPLAINT_OK;
    if (ledger != NULL)
        status = explaint_ledger_begin(ledger, explaint_relate_plan_identity(plan), s->resume, &stored, &error);
    if (status != EXPLAINT_OK) return cli_outcome(&error, status);
    progress_begin(p, !s->wish.quiet && term_of(stderr).colour, n_units, ledger != NULL ? &stored : NULL);
    const explaint_units units = progress_units(p);
    status = explaint_relate_plan_run(plan, ledger != NULL ? &units : NULL, &result, &error);
    if (status == EXPLAINT_OK && ledger != NULL) status = explaint_ledger_finish(ledger, &result->record, &error);
    progress_end(p);
    if (status == EXPLAINT_INTERRUPTED && progress_signal() != 0)
        return progress_interrupted(s->ledger, ledger != NULL ? explaint_ledger_n_units(ledger) : 0, n_units);
    if (status == EXPLAINT_OK && s->features != NULL)
        status = explaint_relate_write_features(result, s->features, &error);
    if (status == EXPLAINT_OK) {
        const product_content content = {
            .record = &result->record, .ledger = ledger, .path = s->ledger, .view = view, .self = result};
        status = product_write(&s->wish, &content, &error);
    }
    explaint_relate_free(result);
    return cli_outcome(&error, status);
}

static int relate(const settings *s, const given *g) {
    explaint_error error = {0};
    explaint_relate_plan *plan = NULL;
    explaint_ledger *ledger = NULL;
    progress p;
    const explaint_progress callback = progress_callback(&p);
    explaint_relate_options o = options_of(s, g);
    o.progress = &callback;
    explaint_status status = explaint_relate_prepare(g->model, g->tokenizer, g->pairs, &o, &plan, &error);
    if (status == EXPLAINT_OK && s->ledger != NULL) status = explaint_ledger_open(s->ledger, true, &ledger, &error);
    const int code = status == EXPLAINT_OK ? run_plan(s, plan, &p, ledger) : cli_outcome(&error, status);
    explaint_ledger_close(ledger);
    explaint_relate_plan_close(plan);
    return code;
}

static int run(const cli_command *command, void *given_settings, char **arguments, size_t n_arguments) {
    static const char *const of_hypernyms[] = {"norms", "wordnet", "most-pairs"};
    const settings *s = given_settings;
    explaint_error error = {0};
    given g = {0};
    if (n_arguments > 0) return cli_unexpected(command, arguments[0]);
    if (s->model == NULL) return cli_usage_error(command, "which model? --model DIR names it");
    for (size_t i = 0; !of_hypernymy(s) && i < CLI_LENGTH(of_hypernyms); i++)
        if (cli_given(of_hypernyms[i]))
            return cli_usage_error(command, "--%s belongs to --pairs hypernymy", of_hypernyms[i]);
    if (s->resume && s->ledger == NULL) return cli_usage_error(command, "--resume needs --ledger FILE");
    int refused = product_check(command, &s->wish, true);
    if (refused == 0) refused = product_suffix(command, "features", s->features, ".safetensors", false);
    if (refused != 0) return refused;
    explaint_status status = read_all(s, &g, &error);
    const int code = status == EXPLAINT_OK ? relate(s, &g) : cli_outcome(&error, status);
    close_all(&g);
    return code;
}

static const char *const example[] = {
    "explaint relate --model all-MiniLM-L6-v2",
    "does a head show what is a kind of what? Pairs and counterfactuals from WordNet",
    "explaint relate --model all-MiniLM-L6-v2 --norms mcrae/ --json > relation.json",
    "the same of McRae's concepts and superordinates",
    "explaint relate --model all-MiniLM-L6-v2 --output relation.html",
    "the same as a page: all heads beside the controls, heads by layer",
    "explaint relate --model org/name --pairs capitals.csv --heads 3.7",
    "pairs of your own, and one head",
    NULL,
};

const cli_command cli_relate = {
    .name = "relate",
    .summary = "a relation (hypernymy, or pairs of your own) read from attention, with its controls",
    .usage = "[--model] DIR [--pairs hypernymy|FILE] [OPTION...]",
    .operand = "model",
    .files = "--model and --pairs",
    .description =
        "Puts pairs of words and counterfactual ones into the same sentences, and asks whether attention tells them "
        "apart: "
        "each head by itself, and a classifier of all of them, beside controls that cannot know the relation.",
    CLI_OPTIONS,
    CLI_TABLE(lists),
    .example = example,
    .begin = begin,
    .run = run,
};
