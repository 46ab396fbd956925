/* What explaint infer takes: its options and its help. */
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
     OPTION(FILE, "norms", norms, "SPEC", "feature norms: a file, a publisher's folder, or a name"),
     DEFAULT("wordnet"),
     .often = true},
    {OPTION(FILE, "embeddings", embeddings, "FILE", "word vectors: text, CSV, .bin, .npy, .npz, safetensors; .gz too"),
     .fallback = "wordnet, with its norms", .often = true},
    {OPTION(FILE, "words", vectors.words, "FILE", "rows of .npy, .npz, safetensors: one word per line")},
    {OPTION(TEXT, "tensor", vectors.tensor, "NAME|LIST|all",
            "array of an .npz or safetensors, or layer of a CSV; several, or all, are layers"),
     .fallback = "the only matrix"},
    {OPTION_MODEL("instead of --embeddings: the table layer by layer of a model"), .often = true},
    {OPTION(LAYERS, "layers", layers, "0-12|all|last", "layers of the model; 0 is the embedding layer"),
     .fallback = "all", .min = 0, .max = 1023},
    {OPTION(TEXT, "template", embed.pattern, "TEXT", "text with the concept at {}"), .fallback = "\"This is a {}.\""},
    {OPTION(CHOICE, "pieces", embed.pieces, "HOW",
            "the rows of a concept's pieces: mean, first, last; next: the row behind it"),
     .fallback = "mean", .choices = "mean|first|last|next"},
    {OPTION_CATEGORIES},
    {OPTION(FILE, "covariates", o.covariates_file, "FILE", "CSV concept,frequency,...: taken off the norms in tests")},
    {OPTION_NA},
    {OPTION_VALUES},
    {OPTION_PAIR_VALUE},
    {OPTION_CONCEPTS},
    {OPTION_FEATURES},
    {OPTION_COLUMNS},
    {OPTION_DROP_COLUMNS},
    {OPTION_SHEET},
    {.group = "Mapping",
     OPTION(CHOICE, "mapping", o.mapping, "NAME", "what predicts features from vectors; see Mappings"),
     DEFAULT("plsr"),
     .choices = &MAPPINGS[1],
     .often = true},
    {OPTION(COUNTS, "components", components, "LIST", "of plsr: 10,25,50 or 1-100; auto, auto:1-60: each fold chooses"),
     .fallback = "by norms: 25, 75, 22", .min = 1, .max = 10000, .word = "auto", .word_and_list = true, .often = true},
    {OPTION(CHOICE, "pls", o.pls, "HOW", "solver of plsr: exact, or sklearn: as scikit-learn stops by default"),
     DEFAULT("exact"), .choices = "exact|sklearn"},
    {OPTION(TEXT, "alpha", o.alpha, "A|auto", "penalty of ridge: 10, or 1,10,100; auto: on an inner split"),
     .fallback = "auto"},
    {OPTION(COUNT, "k", o.k, "K|auto", "neighbours of knn and labelprop; auto: each fold of knn chooses"),
     .fallback = "auto", .min = 1, .max = 1e6, .word = "auto"},
    {OPTION(CHOICE, "preset", o.ffnn.preset, "NAME", "recipe of ffnn; chronis2023: as published, oddities and all"),
     DEFAULT("default"), .choices = "default|chronis2023"},
    {OPTION(COUNT, "hidden", o.ffnn.hidden, "H", "hidden units of ffnn"), .fallback = "300", .min = 1, .max = 8192},
    {OPTION(REAL, "dropout", o.ffnn.dropout, "P", "share of ffnn's units dropped in training"), .fallback = "0.2",
     .min = 0, .max = .99},
    {OPTION(REAL, "learning-rate", o.ffnn.learning_rate, "R", "of ffnn's Adam"), .fallback = "by preset: 0.001, 0.0001",
     .min = 1e-12, .max = 1e6},
    {OPTION(COUNT, "batch", o.ffnn.batch, "N", "concepts in a step of ffnn"), .fallback = "by preset: 32, 1", .min = 1,
     .max = 4096},
    {OPTION(COUNT, "epochs", o.ffnn.epochs, "N", "of ffnn, at most"), .fallback = "50", .min = 1, .max = 10000},
    {OPTION_FOLDS},
    {FLAG("group-identical", o.group_identical, "concepts with equal vectors go into one fold")},
    {OPTION_SEED("seed of folds, controls and tests")},
    {.group = "What is measured",
     OPTION(NAMES, "conditions", o.conditions, "LIST", "see Conditions"),
     DEFAULT("all"),
     .choices = CONDITIONS},
    {OPTION(NAMES, "metrics", o.metrics, "LIST", "see Metrics"), DEFAULT("all"), .choices = METRICS},
    {FLAG("by-fold", o.by_fold, "rows of each fold as well (in --json and --csv)")},
    {OPTION(COUNT, "permutations", o.permutations, "B", "permutations of a test, 19 or more; 0: no tests, no verdict"),
     .fallback = "9999; 999 for 2,000 concepts or more", .min = 0, .max = 1e7},
    {OPTION(COUNT, "refits", o.refits, "R", "fits on permuted rows: the size of each effect in scores"),
     .fallback = "19; of ffnn, and over layers, 0", .min = 0, .max = 10000},
    {OPTION(CHOICE, "within", o.within, "WHAT", "which tests: default, all, category, cluster; see Tests"),
     DEFAULT("default"), .choices = "default|all|category|cluster"},
    {OPTION(COUNT, "bootstrap", o.bootstrap, "B", "resamples of an interval, 100 to 100000"), DEFAULT("2000"),
     .min = 100, .max = 100000},
    {OPTION(CHOICE, "interval", o.interval, "OVER", "what intervals of scores resample: concepts, categories"),
     DEFAULT("concepts"), .choices = "concepts|categories"},
    {OPTION(CHOICE, "adjust", o.adjust, "HOW", "p over layers: max-t, bh, none"), .fallback = "max-t",
     .choices = "max-t|bh|none"},
    {OPTION(REAL, "margin", o.margin, "M", "a gain in r below it is not worth having"), DEFAULT("0.02"), .min = 0,
     .max = 1},
    {OPTION(CHOICE, "claim", o.claim, "NAME", "the claim to judge: all, information, mapping"), DEFAULT("all"),
     .choices = "all|information|mapping"},
    {.group = "Output", OPTION_RESULT_OR_PAGE, .often = true},
    {OPTION_JSON, .often = true},
    {OPTION_CSV},
    {OPTION_DECIMAL},
    {OPTION_OPEN},
    {OPTION(PRODUCT, "predictions", predictions, "FILE", "each concept's top features (CSV), or all (.safetensors)"),
     .changes_no_result = true},
    {OPTION_QUIET},
    {OPTION(CHOICE, "fail-on", fail_on, "VERDICT", "exit 5 if a verdict is below it; see Verdicts"),
     .changes_no_result = true, .choices = "supported|undecided|not supported|not-supported", .often = true},
    {.group = "Running", OPTION_KEEP, .often = true},
    {OPTION_RESUME},
    {OPTION_THREADS},
    {FLAG("dry-run", dry_run, "print the plan: units, memory, estimated time"), .changes_no_result = true},
    {FLAG("force", wish.force, "replace a page that exists; run even if this machine may not have the memory"),
     .changes_no_result = true},
};

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

static void begin(void *given) {
    settings *s = given;
    s->o = explaint_infer_defaults();
    s->table = explaint_norms_defaults();
    s->vectors = explaint_vectors_defaults();
    s->embed = explaint_embed_defaults();
    s->embed.pattern = "This is a {}.";
}

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
    .files = "--norms and --embeddings",
    .description =
        "Fits a mapping from word vectors to feature norms, scores it on held-out concepts beside controls that "
        "should fail, tests by permutation whether vectors and norms agree on which concepts are alike, and says which "
        "claims that supports.",
    CLI_OPTIONS,
    CLI_TABLE(gone),
    CLI_TABLE(lists),
    .example = example,
    .begin = begin,
    .run = infer_run,
};
