/* explaint infer: property inference with every control. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "commands.h"
#include "explaint/explaint.h"
#include "product.h"
#include "progress.h"
#include "shared.h"
#include "view.h"

typedef struct settings {
    const char *norms, *embeddings, *words, *tensor, *mapping, *pls, *alpha, *preset, *conditions, *metrics, *within,
        *categories, *na, *values;
    const char *pair_value, *concepts, *features;
    const char *claim, *fail_on, *predictions, *ledger, *output, *interval, *adjust;
    const char *model, *pattern;
    cli_layers layers;
    cli_counts components;
    cli_folds folds;
    uint64_t seed;
    size_t permutations, bootstrap, k, threads, hidden, batch, epochs;
    double margin, dropout, learning_rate;
    bool group_identical, by_fold, sequential, every_count, json, csv, quiet, resume, force, dry_run;
    long *stored; /* not typed: where the run's number goes, and nothing is shown */
} settings;

#define CONDITIONS                                                                                                     \
    "all|system|mean|upper|shuffle|shuffle-rows|shuffle-upper|random|word-form|taxonomic-shuffle|taxonomic-drop|"      \
    "taxonomic-swap|category-mean|category-folds|random-embedding"
#define METRICS                                                                                                        \
    "all|f1_at_10|spearman|na_at_10_retrieval|na_at_10_gold|na_at_10_input|precision_at_r|map|r2|mse|cosine|"          \
    "description_length"

#define NAME(name) "|" #name
static const char MAPPINGS[] = EXPLAINT_MAPPINGS(NAME);
#undef NAME

static const cli_option options[] = {
    {.group = "Data",
     .name = "norms",
     .kind = CLI_FILE,
     AT(norms),
     .value = "SPEC",
     .fallback = "wordnet",
     .parse_fallback = true,
     .help = "feature norms: a file, a publisher's folder, or a name"},
    {.name = "embeddings",
     .kind = CLI_FILE,
     AT(embeddings),
     .value = "FILE",
     .fallback = "wordnet, with its norms",
     .help = "word vectors: text, .bin, .npy, .npz, safetensors; .gz too"},
    {.name = "words",
     .kind = CLI_FILE,
     AT(words),
     .value = "FILE",
     .help = "rows of .npy, .npz, safetensors: one word a line"},
    {.name = "tensor",
     .kind = CLI_TEXT,
     AT(tensor),
     .value = "NAME",
     .fallback = "the only matrix",
     .help = "which array of .npz or safetensors"},
    {OPTION_MODEL("instead of --embeddings: the table layer by layer of a model")},
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
    {.name = "categories",
     .kind = CLI_FILE,
     AT(categories),
     .value = "FILE",
     .fallback = "from the norms",
     .help = "CSV concept,category"},
    {OPTION_NA},
    {OPTION_VALUES},
    {OPTION_PAIR_VALUE},
    {OPTION_CONCEPTS},
    {OPTION_FEATURES},
    {.group = "Mapping",
     .name = "mapping",
     .kind = CLI_CHOICE,
     AT(mapping),
     .value = "NAME",
     .fallback = "plsr",
     .parse_fallback = true,
     .choices = &MAPPINGS[1],
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
     .help = "of plsr: 10,25,50, 1-100; auto, auto:1-60: chosen inside"},
    {.name = "pls",
     .kind = CLI_CHOICE,
     AT(pls),
     .value = "HOW",
     .fallback = "exact",
     .parse_fallback = true,
     .choices = "exact|sklearn",
     .help = "solver of plsr: exact, or as scikit-learn's defaults stop"},
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
     .help = "neighbours of knn and labelprop; auto: of knn chosen inside"},
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
    {.name = "folds",
     .kind = CLI_FOLDS,
     AT(folds),
     .value = "K|FILE",
     .fallback = "10",
     .parse_fallback = true,
     .min = 2,
     .max = 1e6,
     .help = "folds of the cross-validation, or a CSV concept,fold"},
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
     .fallback = "999",
     .parse_fallback = true,
     .min = 0,
     .max = 1e7,
     .help = "permutations of a test; 0: no tests, no verdict"},
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
     .help = "what intervals resample: concepts, or whole categories"},
    {.name = "adjust",
     .kind = CLI_CHOICE,
     AT(adjust),
     .value = "HOW",
     .fallback = "max-t",
     .choices = "max-t|bh|none",
     .help = "p over layers and tested counts: max-t, bh, none"},
    {.name = "every-count",
     .kind = CLI_FLAG,
     AT(every_count),
     .help = "test every component count, on the same permutations"},
    {.name = "sequential",
     .kind = CLI_FLAG,
     AT(sequential),
     .help = "a test stops once its outcome is sure; not with max-t"},
    {.name = "margin",
     .kind = CLI_REAL,
     AT(margin),
     .value = "M",
     .fallback = "0.01",
     .parse_fallback = true,
     .min = 0,
     .max = 1,
     .help = "a gain below it is not worth having"},
    {.name = "claim",
     .kind = CLI_CHOICE,
     AT(claim),
     .value = "NAME",
     .fallback = "all",
     .parse_fallback = true,
     .choices = "all|information|mapping",
     .help = "the claim to judge: all, information, mapping"},
    {.group = "Output", OPTION_RESULT},
    {OPTION_JSON},
    {OPTION_CSV},
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
     .help = "exit 5 if a verdict is below it; see Verdicts"},
    {.group = "Running",
     .name = "ledger",
     .kind = CLI_FILE,
     AT(ledger),
     .value = "FILE",
     .environment = "EXPLAINT_LEDGER",
     .changes_no_result = true,
     .help = "keep finished units and results in FILE"},
    {.name = "resume",
     .kind = CLI_FLAG,
     AT(resume),
     .changes_no_result = true,
     .help = "go on where the ledger's run of the same command stopped"},
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
     .help = "run even if the memory of this machine may not do"},
};

/* ---- after a run ---- */

static explaint_status write_as(const void *self, product_format as, const term *t, explaint_error *error) {
    const explaint_result *result = self;
    if (as == PRODUCT_JSON) return explaint_result_write_json(result, t->out, error);
    if (as == PRODUCT_CSV) return explaint_result_write_csv(result, t->out, error);
    view_result(result, cli_given("metrics"), t);
    return EXPLAINT_OK;
}

static explaint_status write_all(const settings *s, const explaint_result *result, explaint_error *error) {
    const product_wish wish = {.output = s->output, .json = s->json, .csv = s->csv, .quiet = s->quiet};
    explaint_status status = EXPLAINT_OK;
    if (s->predictions != NULL) status = explaint_result_write_predictions(result, s->predictions, error);
    return status == EXPLAINT_OK ? product_write(&wish, write_as, result, error) : status;
}

static int rank_of(const char *verdict) {
    return strcmp(verdict, "supported") == 0 ? 2 : strcmp(verdict, "undecided") == 0 ? 1 : 0;
}

static int judge(const settings *s, const explaint_result *result) {
    if (s->fail_on == NULL) return EXPLAINT_OK;
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        if (rank_of(v->verdict) >= rank_of(s->fail_on)) continue;
        if (!s->quiet)
            fprintf(stderr, "explaint: the verdict on '%s' is '%s', below '%s'\n", v->claim, v->verdict, s->fail_on);
        return EXPLAINT_BELOW;
    }
    return EXPLAINT_OK;
}

/* ---- a run ---- */

static int interrupted(const settings *s, size_t stored, size_t n_units) {
    int number = progress_signal();
    if (s->ledger != NULL && stored > 0) {
        fprintf(stderr,
                "explaint: interrupted with %zu of %zu units stored in %s; the same command with --resume goes "
                "on\n",
                stored, n_units, s->ledger);
        return EXPLAINT_INTERRUPTED;
    }
    fprintf(stderr, "explaint: interrupted, nothing was kept%s\n",
            s->ledger == NULL ? ": --ledger FILE keeps finished units" : ": no unit was finished yet");
    return 128 + number;
}

static int run_plan(const settings *s, explaint_plan *plan, explaint_ledger *ledger) {
    explaint_error error = {0};
    explaint_units stored = {0};
    explaint_result *result = NULL;
    progress p;
    explaint_status status = EXPLAINT_OK;
    if (ledger != NULL)
        status = explaint_ledger_begin(ledger, explaint_plan_identity(plan), s->resume, &stored, &error);
    if (status != EXPLAINT_OK) return cli_complain(&error, status);

    bool shown = !s->quiet && term_of(stderr).colour;
    progress_begin(&p, shown, explaint_plan_n_units(plan), ledger != NULL ? &stored : NULL);
    explaint_progress callback = progress_callback(&p);
    explaint_units units = progress_units(&p);
    status = explaint_plan_run(plan, &units, &callback, &result, &error);
    if (status == EXPLAINT_OK && ledger != NULL) status = explaint_ledger_finish(ledger, result, &error);
    progress_end(&p);

    int code;
    if (status == EXPLAINT_INTERRUPTED && progress_signal() != 0) {
        code = interrupted(s, ledger != NULL ? explaint_ledger_n_units(ledger) : 0, explaint_plan_n_units(plan));
    } else if (status != EXPLAINT_OK) {
        code = cli_complain(&error, status);
    } else if (s->stored != NULL) {
        *s->stored = explaint_ledger_run(ledger);
        code = 0;
    } else {
        status = write_all(s, result, &error);
        code = status != EXPLAINT_OK ? cli_complain(&error, status) : judge(s, result);
    }
    explaint_result_free(result);
    return code;
}

/* How many units from i on have the same stem, "test/E1/". */
static size_t alike(const explaint_plan *plan, size_t i, size_t stem) {
    size_t n = explaint_plan_n_units(plan), same = 1;
    while (stem > 0 && i + same < n &&
           strncmp(explaint_plan_unit(plan, i), explaint_plan_unit(plan, i + same), stem) == 0)
        same++;
    return same < 4 ? 1 : same;
}

/* The blocks of a test stand in one line: "test/E1, 51 units". */
static void print_units(const explaint_plan *plan) {
    for (size_t i = 0, same; i < explaint_plan_n_units(plan); i += same) {
        const char *unit = explaint_plan_unit(plan, i), *slash = strrchr(unit, '/');
        same = alike(plan, i, slash != NULL ? (size_t)(slash - unit) + 1 : 0);
        if (same == 1 || slash == NULL)
            printf("  %s\n", unit);
        else
            printf("  %.*s, %zu units\n", (int)(slash - unit), unit, same);
    }
}

static void print_plan(const settings *s, const explaint_plan *plan) {
    size_t n = explaint_plan_n_units(plan);
    double memory = explaint_plan_memory(plan), seconds = explaint_plan_seconds(plan);
    if (s->json) {
        printf("{\"explaint\": \"%s\", \"units\": %zu, \"memory_bytes\": %.0f, \"seconds\": %.3g}\n",
               explaint_version(), n, memory, seconds);
        return;
    }
    char duration[32];
    progress_duration(seconds, duration, sizeof duration);
    printf("%zu units, about %.*f %s of memory, about %s\n", n,
           memory < 1e8   ? 1
           : memory < 1e9 ? 0
                          : 1,
           memory < 1e9 ? memory / 1e6 : memory / 1e9, memory < 1e9 ? "MB" : "GB", duration);
    print_units(plan);
}

static int enough_memory(const settings *s, const explaint_plan *plan) {
    double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    double needed = explaint_plan_memory(plan);
    if (s->force || machine <= 0 || needed <= machine) return 0;
    fprintf(stderr,
            "explaint: the run needs about %.1f GB of memory and this machine has %.1f GB: give fewer "
            "--components or --threads, or --force\n",
            needed / 1e9, machine / 1e9);
    return EXPLAINT_FAILED;
}

static explaint_infer_options options_of(const settings *s) {
    explaint_infer_options o = explaint_infer_defaults();
    o.mapping = s->mapping;
    if (strcmp(s->mapping, "plsr") == 0) { /* other mappings have no components */
        o.components = s->components.item;
        o.n_components = s->components.count;
        o.choose_components = s->components.word;
    }
    o.pls = s->pls;
    o.ffnn = (explaint_ffnn_options){.preset = s->preset,
                                     .hidden = s->hidden,
                                     .batch = s->batch,
                                     .epochs = s->epochs,
                                     .dropout = cli_given("dropout") ? s->dropout : -1,
                                     .learning_rate = s->learning_rate};
    o.alpha = s->alpha;
    o.conditions = s->conditions;
    o.metrics = s->metrics;
    o.folds = s->folds.file != NULL ? o.folds : s->folds.count;
    o.folds_file = s->folds.file;
    o.categories_file = s->categories;
    o.seed = s->seed;
    o.permutations = s->permutations;
    o.within = s->within;
    o.bootstrap = s->bootstrap;
    o.interval = s->interval;
    if (s->adjust != NULL) o.adjust = s->adjust;
    o.sequential = s->sequential;
    o.every_count = s->every_count;
    o.k = s->k;
    o.margin = s->margin;
    o.group_identical = s->group_identical;
    o.by_fold = s->by_fold;
    o.claim = s->claim;
    o.threads = (unsigned)s->threads;
    o.command = cli_typed();
    const char *dot = s->predictions != NULL ? strrchr(s->predictions, '.') : NULL;
    o.keep_predictions = dot != NULL && strcasecmp(dot, ".safetensors") == 0;
    return o;
}

/* Vectors of a file, or of the layers of a model. */
typedef struct sources {
    explaint_vectors *vectors;
    explaint_layer *layer;
    size_t n_layers;
} sources;

static void sources_free(sources *from) {
    explaint_vectors_close(from->vectors);
    for (size_t i = 0; i < from->n_layers; i++) explaint_vectors_close((explaint_vectors *)from->layer[i].vectors);
    free(from->layer);
}

static explaint_status layers_of(const explaint_embedding *embedding, const explaint_norms *norms, sources *from,
                                 explaint_error *error) {
    const size_t n = explaint_embedding_n_layers(embedding);
    from->layer = calloc(n, sizeof *from->layer);
    if (from->layer == NULL) {
        snprintf(error->message, sizeof error->message, "not enough memory for %zu layers", n);
        return EXPLAINT_FAILED;
    }
    for (size_t k = 0; k < n; k++) {
        explaint_vectors *vectors = NULL;
        explaint_status status = explaint_embedding_vectors(embedding, k, norms, &vectors, error);
        if (status != EXPLAINT_OK) return status;
        from->layer[k] = (explaint_layer){(int)explaint_embedding_layer(embedding, k), vectors};
        from->n_layers = k + 1;
    }
    return EXPLAINT_OK;
}

static explaint_status run_model(const settings *s, const explaint_norms *norms, sources *from, explaint_error *error) {
    explaint_model_options open = {.threads = (unsigned)s->threads};
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_embedding *embedding = NULL;
    explaint_status status = explaint_model_open(s->model, &open, &model, error);
    if (status == EXPLAINT_OK)
        status = explaint_tokenizer_open(explaint_model_describe(model)->path, &tokenizer, error);
    if (status == EXPLAINT_OK) {
        const size_t last = explaint_model_describe(model)->n_layers;
        explaint_embed_options embed = {.threads = (unsigned)s->threads,
                                        .pattern = s->pattern != NULL ? s->pattern : "This is a {}.",
                                        .layers = s->layers.last ? &last : s->layers.list.item,
                                        .n_layers = s->layers.last ? 1 : s->layers.list.count};
        status = explaint_embed_concepts(model, tokenizer, norms, &embed, &embedding, error);
    }
    if (status == EXPLAINT_OK) status = layers_of(embedding, norms, from, error);
    explaint_embedding_close(embedding);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    return status;
}

static int run_on(const settings *s, const explaint_norms *norms, const sources *from) {
    explaint_error error = {0};
    explaint_plan *plan = NULL;
    explaint_ledger *ledger = NULL;
    explaint_infer_options o = options_of(s);
    explaint_status status = from->n_layers > 0
                                 ? explaint_infer_plan_layers(norms, from->layer, from->n_layers, &o, &plan, &error)
                                 : explaint_infer_plan(norms, from->vectors, &o, &plan, &error);
    if (status != EXPLAINT_OK) return cli_complain(&error, status);
    int code = 0;
    if (s->dry_run) {
        print_plan(s, plan);
    } else if ((code = enough_memory(s, plan)) == 0) {
        if (s->ledger != NULL) status = explaint_ledger_open(s->ledger, true, &ledger, &error);
        code = status != EXPLAINT_OK ? cli_complain(&error, status) : run_plan(s, plan, ledger);
        explaint_ledger_close(ledger);
    }
    explaint_plan_close(plan);
    return code;
}

static int check(const cli_command *command, const settings *s, char **arguments, size_t n_arguments) {
    if (n_arguments > 0)
        return cli_usage_error(command, "unexpected argument '%s': files are given as --norms and --embeddings",
                               arguments[0]);
    if (s->json && s->csv) return cli_usage_error(command, "--json and --csv exclude each other");
    if (s->resume && s->ledger == NULL) return cli_usage_error(command, "--resume needs --ledger FILE");
    if (s->model != NULL && (s->embeddings != NULL || s->words != NULL || s->tensor != NULL))
        return cli_usage_error(command, "--model makes the vectors: it excludes --embeddings, --words and --tensor");
    if (s->model == NULL && (cli_given("layers") || cli_given("template")))
        return cli_usage_error(command, "--layers and --template need --model DIR");
    if (s->model != NULL && s->predictions != NULL)
        return cli_usage_error(command, "--predictions is of one layer: make its vectors with 'explaint embed', and "
                                        "give them as --embeddings");
    if (s->embeddings == NULL && s->model == NULL && strcmp(s->norms, "wordnet") != 0)
        return cli_usage_error(command, "--embeddings FILE or --model DIR is needed with --norms %s", s->norms);
    if (s->model == NULL && !s->every_count && s->adjust != NULL && strcmp(s->adjust, "none") != 0)
        return cli_usage_error(command,
                               "--adjust %s needs the layers of a --model, or --every-count, whose p-values it "
                               "adjusts together",
                               s->adjust);
    if (s->sequential && s->model != NULL && (s->adjust == NULL || strcmp(s->adjust, "max-t") == 0))
        return cli_usage_error(command, "--sequential and --adjust max-t exclude each other: max-T needs every "
                                        "permutation of every layer; give --adjust bh, or none");
    if (s->sequential && s->permutations == 0)
        return cli_usage_error(command, "--sequential stops tests, and --permutations 0 makes none");
    static const char *const of_ffnn[] = {"preset", "hidden", "dropout", "learning-rate", "batch", "epochs"};
    for (size_t i = 0; i < CLI_LENGTH(of_ffnn); i++)
        if (cli_given(of_ffnn[i]) && strcmp(s->mapping, "ffnn") != 0)
            return cli_usage_error(command, "--%s is of --mapping ffnn, and the mapping is %s", of_ffnn[i], s->mapping);
    if (s->permutations == 0 && s->fail_on != NULL)
        return cli_usage_error(command, "--fail-on needs a verdict, and --permutations 0 makes none");
    return 0;
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    settings *s = given;
    int code = check(command, s, arguments, n_arguments);
    if (code != 0) return code;
    explaint_error error = {0};
    explaint_norms *norms = NULL;
    sources from = {0};
    explaint_norms_options norms_options = {
        .binary = strcmp(s->values, "binary") == 0,
        .na = strcmp(s->na, "mask") == 0            ? EXPLAINT_NA_MASK
              : strcmp(s->na, "drop-features") == 0 ? EXPLAINT_NA_DROP_FEATURES
                                                    : EXPLAINT_NA_ZERO,
        .pair_value = strcmp(s->pair_value, "sum") == 0   ? EXPLAINT_PAIR_SUM
                      : strcmp(s->pair_value, "max") == 0 ? EXPLAINT_PAIR_MAX
                                                          : EXPLAINT_PAIR_LAST,
        .concepts = s->concepts,
        .features = s->features,
    };
    explaint_vectors_options vectors_options = {
        .words = s->words, .tensor = s->tensor, .threads = (unsigned)s->threads};
    const char *path = s->embeddings != NULL ? s->embeddings : "wordnet";
    explaint_status status = explaint_norms_open(s->norms, &norms_options, &norms, &error);
    if (status == EXPLAINT_OK && s->model != NULL)
        status = run_model(s, norms, &from, &error);
    else if (status == EXPLAINT_OK)
        status = explaint_vectors_open(path, norms, &vectors_options, &from.vectors, &error);
    code = status != EXPLAINT_OK ? cli_complain(&error, status) : run_on(s, norms, &from);
    sources_free(&from);
    explaint_norms_close(norms);
    return code;
}

static const cli_term conditions[] = {
    {"system", "the vectors predict the norms: what is claimed"},
    {"mean", "no vector at all: the mean of the training concepts"},
    {"upper", "the norms predict themselves"},
    {"shuffle", "each feature permuted: its frequency stays, its meaning goes"},
    {"shuffle-rows", "whole rows permuted: features keep their company"},
    {"shuffle-upper", "the shuffled norms predict themselves"},
    {"random", "features drawn at random"},
    {"word-form", "letters of the word instead of norms"},
    {"taxonomic-shuffle", "only the category features permuted"},
    {"taxonomic-drop", "norms without the category features"},
    {"taxonomic-swap", "features of a concept of another category"},
    {"category-mean", "no vector: the mean of the concept's category"},
    {"category-folds", "whole categories held out"},
    {"random-embedding", "noise with the vectors' mean and covariance predicts the norms"},
};

static const cli_term metrics[] = {
    {"f1_at_10", "ten strongest predicted features against the concept's own"},
    {"spearman", "rank correlation over features"},
    {"na_at_10_retrieval", "the concept's norms are among the ten nearest to its prediction"},
    {"na_at_10_gold", "ten nearest predictions against ten nearest norms"},
    {"na_at_10_input", "ten nearest predictions against ten nearest vectors"},
    {"precision_at_r", "share of its own among as many strongest as a concept has"},
    {"map", "mean average precision"},
    {"r2", "share of variance over all cells, against the training mean"},
    {"mse", "mean squared error over all cells"},
    {"cosine", "between prediction and norms"},
    {"description_length", "bits a concept of a code that learns the mapping; not in all"},
};

static const cli_term tests[] = {
    {"default", "every test of the verdict"},
    {"all", "E1: rows permuted over all concepts"},
    {"category", "E2: within categories; E4: the same with whole categories held out"},
    {"cluster", "E3: within groups that nobody labelled; without categories, held out"},
};

static const cli_term verdicts[] = {
    {"supported", "every assumption that can be tested holds"},
    {"undecided", "nothing fails, something is undecided; --fail-on supported exits 5"},
    {"not supported", "an assumption fails; --fail-on supported and undecided exit 5"},
};

static const cli_term mappings[] = {
    {"plsr", "partial least squares; --components, --pls"},
    {"knn", "the mean of the k nearest concepts; --k"},
    {"ridge", "linear, with a penalty; --alpha"},
    {"labelprop", "labels spread over a graph of nearest concepts; --k"},
    {"ffnn", "a network with one hidden layer; --preset, --hidden, --dropout, ..."},
};

static const cli_list lists[] = {
    {"Mappings", mappings, CLI_LENGTH(mappings)},
    {"Conditions", conditions, CLI_LENGTH(conditions)},
    {"Metrics", metrics, CLI_LENGTH(metrics)},
    {"Tests (--within)", tests, CLI_LENGTH(tests)},
    {"Verdicts (--fail-on)", verdicts, CLI_LENGTH(verdicts)},
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
        "should fail, tests each assumption by permutation, and says which claims the scores support.",
    .options = options,
    .n_options = CLI_N_OPTIONS(options),
    .lists = lists,
    .n_lists = CLI_LENGTH(lists),
    .example = example,
    .settings_size = sizeof(settings),
    .run = run,
};

static long *number_of_run;

static int run_stored(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    settings *s = given;
    s->stored = number_of_run;
    s->resume = true; /* what is stored need not be done again */
    if (s->dry_run || s->output != NULL || s->json || s->csv || s->predictions != NULL || s->fail_on != NULL)
        return cli_usage_error(command, "--dry-run, --output, --json, --csv, --predictions and --fail-on are of a run "
                                        "that is shown by itself: leave them out");
    return run(command, given, arguments, n_arguments);
}

int infer_stored(int argc, char **argv, long *run_number) {
    cli_command command = cli_infer;
    command.run = run_stored;
    number_of_run = run_number;
    return cli_run(&command, argc, argv);
}
