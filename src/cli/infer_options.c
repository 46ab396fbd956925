/* What explaint infer takes: its options, which of them go together, and its help. */
#include <string.h>

#include "commands.h"
#include "infer.h"
#include "product.h"
#include "shared.h"

typedef infer_settings settings;

#define CONDITIONS "all" EXPLAINT_CONDITIONS(EXPLAINT_WITH_BAR)
#define METRICS "all" EXPLAINT_METRICS(EXPLAINT_WITH_BAR) EXPLAINT_LENGTHS(EXPLAINT_WITH_BAR)
static const char MAPPINGS[] = EXPLAINT_MAPPINGS(EXPLAINT_WITH_BAR);

static const cli_option options[] = {
    {.group = "Data",
     .name = "norms",
     .kind = CLI_FILE,
     AT(norms),
     .value = "SPEC",
     .fallback = "wordnet",
     .parse_fallback = true,
     .often = true,
     .help = "feature norms: a file, a publisher's folder, or a name"},
    {.name = "embeddings",
     .kind = CLI_FILE,
     AT(embeddings),
     .value = "FILE",
     .fallback = "wordnet, with its norms",
     .often = true,
     .help = "word vectors: text, CSV, .bin, .npy, .npz, safetensors; .gz too"},
    {.name = "words",
     .kind = CLI_FILE,
     AT(words),
     .value = "FILE",
     .help = "rows of .npy, .npz, safetensors: one word per line"},
    {.name = "tensor",
     .kind = CLI_TEXT,
     AT(tensor),
     .value = "NAME|LIST|all",
     .fallback = "the only matrix",
     .help = "array of an .npz or safetensors, or layer of a CSV; several, or all, are layers"},
    {OPTION_MODEL("instead of --embeddings: the table layer by layer of a model"), .often = true},
    {.name = "layers",
     .kind = CLI_LAYERS,
     AT(layers),
     .value = "0-12|all|last",
     .fallback = "all",
     .min = 0,
     .max = 1023,
     .help = "layers of the model; 0 is the embedding layer"},
    {.name = "template",
     .kind = CLI_TEXT,
     AT(pattern),
     .value = "TEXT",
     .fallback = "\"This is a {}.\"",
     .help = "text with the concept at {}"},
    {.name = "pieces",
     .kind = CLI_CHOICE,
     AT(pieces),
     .value = "HOW",
     .fallback = "mean",
     .choices = "mean|first|last|next",
     .help = "the rows of a concept's pieces: mean, first, last; next: the row behind it"},
    {OPTION_CATEGORIES},
    {.name = "covariates",
     .kind = CLI_FILE,
     AT(covariates),
     .value = "FILE",
     .help = "CSV concept,frequency,...: taken off the norms in tests"},
    {OPTION_NA},
    {OPTION_VALUES},
    {OPTION_PAIR_VALUE},
    {OPTION_CONCEPTS},
    {OPTION_FEATURES},
    {OPTION_COLUMNS},
    {OPTION_DROP_COLUMNS},
    {OPTION_SHEET},
    {.group = "Mapping",
     .name = "mapping",
     .kind = CLI_CHOICE,
     AT(mapping),
     .value = "NAME",
     .fallback = "plsr",
     .parse_fallback = true,
     .choices = &MAPPINGS[1],
     .often = true,
     .help = "what predicts features from vectors; see Mappings"},
    {.name = "components",
     .kind = CLI_COUNTS,
     AT(components),
     .value = "LIST",
     .fallback = "by norms: 25, 75, 22",
     .min = 1,
     .max = 10000,
     .word = "auto",
     .word_and_list = true,
     .often = true,
     .help = "of plsr: 10,25,50 or 1-100; auto, auto:1-60: each fold chooses"},
    {.name = "pls",
     .kind = CLI_CHOICE,
     AT(pls),
     .value = "HOW",
     .fallback = "exact",
     .parse_fallback = true,
     .choices = "exact|sklearn",
     .help = "solver of plsr: exact, or sklearn: as scikit-learn stops by default"},
    {.name = "alpha",
     .kind = CLI_TEXT,
     AT(alpha),
     .value = "A|auto",
     .fallback = "auto",
     .help = "penalty of ridge: 10, or 1,10,100; auto: on an inner split"},
    {.name = "k",
     .kind = CLI_COUNT,
     AT(k),
     .value = "K|auto",
     .fallback = "auto",
     .min = 1,
     .max = 1e6,
     .word = "auto",
     .help = "neighbours of knn and labelprop; auto: each fold of knn chooses"},
    {.name = "preset",
     .kind = CLI_CHOICE,
     AT(preset),
     .value = "NAME",
     .fallback = "default",
     .parse_fallback = true,
     .choices = "default|chronis2023",
     .help = "recipe of ffnn; chronis2023: as published, oddities and all"},
    {.name = "hidden",
     .kind = CLI_COUNT,
     AT(hidden),
     .value = "H",
     .fallback = "300",
     .min = 1,
     .max = 8192,
     .help = "hidden units of ffnn"},
    {.name = "dropout",
     .kind = CLI_REAL,
     AT(dropout),
     .value = "P",
     .fallback = "0.2",
     .min = 0,
     .max = .99,
     .help = "share of ffnn's units dropped in training"},
    {.name = "learning-rate",
     .kind = CLI_REAL,
     AT(learning_rate),
     .value = "R",
     .fallback = "by preset: 0.001, 0.0001",
     .min = 1e-12,
     .max = 1e6,
     .help = "of ffnn's Adam"},
    {.name = "batch",
     .kind = CLI_COUNT,
     AT(batch),
     .value = "N",
     .fallback = "by preset: 32, 1",
     .min = 1,
     .max = 4096,
     .help = "concepts in a step of ffnn"},
    {.name = "epochs",
     .kind = CLI_COUNT,
     AT(epochs),
     .value = "N",
     .fallback = "50",
     .min = 1,
     .max = 10000,
     .help = "of ffnn, at most"},
    {OPTION_FOLDS},
    {.name = "group-identical",
     .kind = CLI_FLAG,
     AT(group_identical),
     .help = "concepts with equal vectors go into one fold"},
    {OPTION_SEED("seed of folds, controls and tests")},
    {.group = "What is measured",
     .name = "conditions",
     .kind = CLI_NAMES,
     AT(conditions),
     .value = "LIST",
     .fallback = "all",
     .parse_fallback = true,
     .choices = CONDITIONS,
     .help = "see Conditions"},
    {.name = "metrics",
     .kind = CLI_NAMES,
     AT(metrics),
     .value = "LIST",
     .fallback = "all",
     .parse_fallback = true,
     .choices = METRICS,
     .help = "see Metrics"},
    {.name = "by-fold", .kind = CLI_FLAG, AT(by_fold), .help = "rows of each fold as well (in --json and --csv)"},
    {.name = "permutations",
     .kind = CLI_COUNT,
     AT(permutations),
     .value = "B",
     .fallback = "9999; 999 for 2,000 concepts or more",
     .min = 0,
     .max = 1e7,
     .help = "permutations of a test, 19 or more; 0: no tests, no verdict"},
    {.name = "refits",
     .kind = CLI_COUNT,
     AT(refits),
     .value = "R",
     .fallback = "19; of ffnn, and over layers, 0",
     .min = 0,
     .max = 10000,
     .help = "fits on permuted rows: the size of each effect in scores"},
    {.name = "within",
     .kind = CLI_CHOICE,
     AT(within),
     .value = "WHAT",
     .fallback = "default",
     .parse_fallback = true,
     .choices = "default|all|category|cluster",
     .help = "which tests: default, all, category, cluster; see Tests"},
    {.name = "bootstrap",
     .kind = CLI_COUNT,
     AT(bootstrap),
     .value = "B",
     .fallback = "2000",
     .parse_fallback = true,
     .min = 100,
     .max = 100000,
     .help = "resamples of an interval, 100 to 100000"},
    {.name = "interval",
     .kind = CLI_CHOICE,
     AT(interval),
     .value = "OVER",
     .fallback = "concepts",
     .parse_fallback = true,
     .choices = "concepts|categories",
     .help = "what intervals of scores resample: concepts, categories"},
    {.name = "adjust",
     .kind = CLI_CHOICE,
     AT(adjust),
     .value = "HOW",
     .fallback = "max-t",
     .choices = "max-t|bh|none",
     .help = "p over layers: max-t, bh, none"},
    {.name = "margin",
     .kind = CLI_REAL,
     AT(margin),
     .value = "M",
     .fallback = "0.02",
     .parse_fallback = true,
     .min = 0,
     .max = 1,
     .help = "a gain in r below it is not worth having"},
    {.name = "claim",
     .kind = CLI_CHOICE,
     AT(claim),
     .value = "NAME",
     .fallback = "all",
     .parse_fallback = true,
     .choices = "all|information|mapping",
     .help = "the claim to judge: all, information, mapping"},
    {.group = "Output", OPTION_RESULT_OR_PAGE, .often = true},
    {OPTION_JSON, .often = true},
    {OPTION_CSV},
    {OPTION_DECIMAL},
    {OPTION_OPEN},
    {.name = "predictions",
     .kind = CLI_FILE,
     AT(predictions),
     .value = "FILE",
     .changes_no_result = true,
     .help = "each concept's top features (CSV), or all (.safetensors)"},
    {OPTION_QUIET},
    {.name = "fail-on",
     .kind = CLI_CHOICE,
     AT(fail_on),
     .value = "VERDICT",
     .changes_no_result = true,
     .choices = "supported|undecided|not supported|not-supported",
     .often = true,
     .help = "exit 5 if a verdict is below it; see Verdicts"},
    {.group = "Running", OPTION_KEEP, .often = true},
    {OPTION_RESUME},
    {OPTION_THREADS},
    {.name = "dry-run",
     .kind = CLI_FLAG,
     AT(dry_run),
     .changes_no_result = true,
     .help = "print the plan: units, memory, estimated time"},
    {.name = "force",
     .kind = CLI_FLAG,
     AT(force),
     .changes_no_result = true,
     .help = "replace a page that exists; run even if this machine may not have the memory"},
};

bool infer_of_layers(const settings *s) {
    return s->model != NULL || (s->tensor != NULL && (strcmp(s->tensor, "all") == 0 || strchr(s->tensor, ',') != NULL));
}

int infer_check(const cli_command *command, const settings *s, char **arguments, size_t n_arguments) {
    if (n_arguments > 0)
        return cli_usage_error(command, "unexpected argument '%s': files are given as --norms and --embeddings",
                               arguments[0]);
    const product_wish wish = PAGE_WISH(s);
    const int refused = product_check(command, &wish);
    if (refused != 0) return refused;
    if (s->resume && s->ledger == NULL) return cli_usage_error(command, "--resume needs --ledger FILE");
    if (s->model != NULL && (s->embeddings != NULL || s->words != NULL || s->tensor != NULL))
        return cli_usage_error(command, "--model makes the vectors: it excludes --embeddings, --words and --tensor");
    if (s->model == NULL && (cli_given("layers") || cli_given("template") || cli_given("pieces")))
        return cli_usage_error(command, "--layers, --template and --pieces need --model DIR");
    if (infer_of_layers(s) && s->predictions != NULL)
        return cli_usage_error(command, s->model != NULL
                                            ? "--predictions is of one layer: make its vectors with 'explaint embed', "
                                              "and give them as --embeddings"
                                            : "--predictions is of one layer: name its --tensor alone");
    if (s->embeddings == NULL && s->model == NULL && strcmp(s->norms, "wordnet") != 0)
        return cli_usage_error(command, "--embeddings FILE or --model DIR is needed with --norms %s", s->norms);
    if (!infer_of_layers(s) && s->adjust != NULL && strcmp(s->adjust, "none") != 0)
        return cli_usage_error(command,
                               "--adjust %s needs layers (--model, or --tensor all), whose p-values it adjusts "
                               "together",
                               s->adjust);
    static const char *const of_ffnn[] = {"preset", "hidden", "dropout", "learning-rate", "batch", "epochs"};
    for (size_t i = 0; i < CLI_LENGTH(of_ffnn); i++)
        if (cli_given(of_ffnn[i]) && strcmp(s->mapping, "ffnn") != 0)
            return cli_usage_error(command, "--%s is of --mapping ffnn, and the mapping is %s", of_ffnn[i], s->mapping);
    if (cli_given("permutations") && s->permutations == 0 && s->covariates != NULL)
        return cli_usage_error(command, "--covariates acts on the tests, and --permutations 0 makes none");
    if (cli_given("permutations") && s->permutations == 0 && s->fail_on != NULL)
        return cli_usage_error(command, "--fail-on needs a verdict, and --permutations 0 makes none");
    return 0;
}

static const cli_term conditions[] = {EXPLAINT_CONDITIONS(EXPLAINT_AS_TERM)};

static const cli_term metrics[] = {EXPLAINT_METRICS(EXPLAINT_AS_TERM) EXPLAINT_LENGTHS(EXPLAINT_AS_TERM)};

static const cli_term tests[] = {
    {"default", "every test of the verdict"},
    {"all", "E1: rows permuted over all concepts"},
    {"category", "E2: within categories; E4: for whole categories that are held out"},
    {"cluster", "E3: within groups that nobody labelled; without categories E4 on them"},
};

static const cli_term verdicts[] = {
    {"supported", "every assumption that can be tested holds"},
    {"undecided", "nothing fails, something is undecided; --fail-on supported exits 5"},
    {"not supported", "an assumption fails; --fail-on supported and undecided exit 5"},
};

static const cli_term mappings[] = {EXPLAINT_MAPPINGS(EXPLAINT_AS_TERM)};

static const cli_list lists[] = {
    {"Mappings", mappings, CLI_LENGTH(mappings)},
    {"Conditions", conditions, CLI_LENGTH(conditions)},
    {"Metrics", metrics, CLI_LENGTH(metrics)},
    {"Tests (--within)", tests, CLI_LENGTH(tests)},
    {"Verdicts (--fail-on)", verdicts, CLI_LENGTH(verdicts)},
};

static const cli_gone gone[] = {
    {"sequential",
     "tests are of the statistic \"agreement\", which needs no fit: 9,999 permutations take a second, and "
     "none stops early. Leave it out"},
    {"every-count", "tests are of the vectors and not of a mapping, so that a component count has no part in them. "
                    "Leave it out"},
};

static const char *const example[] = {
    "explaint infer",
    "the shipped vectors on the shipped norms: every condition, test and verdict",
    "explaint infer --components 1-30 --permutations 0 --conditions system,upper,shuffle",
    "three curves over the component count, without tests",
    NULL,
};

const cli_command cli_infer = {
    .name = "infer",
    .summary = "do word vectors predict human feature norms? scores, controls, tests, verdicts",
    .usage = "[OPTION...]",
    .description =
        "Fits a mapping from word vectors to feature norms, scores it on held-out concepts beside controls that "
        "should fail, tests by permutation whether vectors and norms agree on which concepts are alike, and says which "
        "claims that supports.",
    .options = options,
    .n_options = CLI_N_OPTIONS(options),
    .gone = gone,
    .n_gone = CLI_LENGTH(gone),
    .lists = lists,
    .n_lists = CLI_LENGTH(lists),
    .example = example,
    .settings_size = sizeof(settings),
    .run = infer_run,
};
