/* explaint infer: property inference with every control. What it takes stands in infer_options.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "commands.h"
#include "document.h"
#include "infer.h"
#include "product.h"
#include "progress.h"
#include "shared.h"
#include "view.h"

typedef infer_settings settings;

/* ---- which options go together ---- */

/* The table is one layer by layer: of a model, or of several tensors of a file. */
static bool of_layers(const settings *s) {
    return s->model != NULL || (s->vectors.tensor != NULL &&
                                (strcmp(s->vectors.tensor, "all") == 0 || strchr(s->vectors.tensor, ',') != NULL));
}

static int check(const cli_command *command, const settings *s, char **arguments, size_t n_arguments) {
    if (n_arguments > 0) return cli_unexpected(command, arguments[0]);
    const int refused = product_check(command, &s->wish, true);
    if (refused != 0) return refused;
    if (s->resume && s->ledger == NULL) return cli_usage_error(command, "--resume needs --ledger FILE");
    if (s->model != NULL && (s->embeddings != NULL || s->vectors.words != NULL || s->vectors.tensor != NULL))
        return cli_usage_error(command, "--model makes the vectors: it excludes --embeddings, --words and --tensor");
    if (s->model == NULL && (cli_given("layers") || cli_given("template") || cli_given("pieces")))
        return cli_usage_error(command, "--layers, --template and --pieces need --model DIR");
    if (of_layers(s) && s->predictions != NULL)
        return cli_usage_error(command, s->model != NULL
                                            ? "--predictions is of one layer: make its vectors with 'explaint embed', "
                                              "and give them as --embeddings"
                                            : "--predictions is of one layer: name its --tensor alone");
    if (s->embeddings == NULL && s->model == NULL && strcmp(s->norms, "wordnet") != 0)
        return cli_usage_error(command, "--embeddings FILE or --model DIR is needed with --norms %s", s->norms);
    if (!of_layers(s) && cli_given("adjust") && strcmp(s->o.adjust, "none") != 0)
        return cli_usage_error(command,
                               "--adjust %s needs layers (--model, or --tensor all), whose p-values it adjusts "
                               "together",
                               s->o.adjust);
    static const char *const of_ffnn[] = {"preset", "hidden", "dropout", "learning-rate", "batch", "epochs"};
    for (size_t i = 0; i < CLI_LENGTH(of_ffnn); i++)
        if (cli_given(of_ffnn[i]) && strcmp(s->o.mapping, "ffnn") != 0)
            return cli_usage_error(command, "--%s is of --mapping ffnn, and the mapping is %s", of_ffnn[i],
                                   s->o.mapping);
    if (cli_given("permutations") && s->o.permutations == 0 && s->o.covariates_file != NULL)
        return cli_usage_error(command, "--covariates acts on the tests, and --permutations 0 makes none");
    if (cli_given("permutations") && s->o.permutations == 0 && s->fail_on != NULL)
        return cli_usage_error(command, "--fail-on needs a verdict, and --permutations 0 makes none");
    return 0;
}

/* ---- after a run ---- */

static void view(const void *self, const view_kept *kept, const term *t) {
    view_result(self, cli_given("metrics"), kept, t);
}

static explaint_status write_all(const settings *s, const explaint_result *result, explaint_ledger *ledger,
                                 explaint_error *error) {
    const product_content content = {.record = &result->record,
                                     .ledger = ledger,
                                     .path = s->ledger,
                                     .predictions = s->predictions != NULL,
                                     .view = view,
                                     .self = result};
    explaint_status status = EXPLAINT_OK;
    if (s->predictions != NULL) status = explaint_result_write_predictions(result, s->predictions, error);
    return status == EXPLAINT_OK ? product_write(&s->wish, &content, error) : status;
}

/* A claim on all layers stands for its layers. */
static bool counts(const explaint_result *result, const explaint_verdict *verdict) {
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        if (v != verdict && v->n_layers > 0 && strcmp(v->claim, verdict->claim) == 0) return false;
    }
    return true;
}

static int judge(const settings *s, const explaint_result *result) {
    if (s->fail_on == NULL) return EXPLAINT_OK;
    for (size_t i = 0; i < result->n_verdicts; i++) {
        const explaint_verdict *v = &result->verdicts[i];
        if (!counts(result, v) || view_rank(v->verdict) >= view_rank(s->fail_on)) continue;
        if (!s->wish.quiet) cli_say("the verdict on '%s' is '%s', below '%s'", v->claim, v->verdict, s->fail_on);
        return EXPLAINT_BELOW;
    }
    return EXPLAINT_OK;
}

/* ---- a run ---- */

/* What a run is made of, and what it gives; released in any case. */
typedef struct audit {
    explaint_norms *norms;
    explaint_vectors *vectors; /* of a file; or */
    explaint_layers layers;    /* of a file or a model */
    explaint_plan *plan;
    explaint_ledger *ledger;
    explaint_result *result;
} audit;

static void release(audit *a) {
    explaint_result_free(a->result);
    explaint_ledger_close(a->ledger);
    explaint_plan_close(a->plan);
    explaint_vectors_close(a->vectors);
    explaint_layers_close(&a->layers);
    explaint_norms_close(a->norms);
}

/* The plan's units; the ledger has the result then. A page shows what a ledger keeps: without one there is a ledger for this run alone. */
static int run_plan(const settings *s, audit *a) {
    explaint_error error = {0};
    explaint_units stored = {0};
    progress p;
    explaint_status status = s->ledger != NULL           ? explaint_ledger_open(s->ledger, true, &a->ledger, &error)
                             : product_is_page(&s->wish) ? explaint_ledger_scratch(&a->ledger, &error)
                                                         : EXPLAINT_OK;
    if (status == EXPLAINT_OK && a->ledger != NULL)
        status = explaint_ledger_begin(a->ledger, explaint_plan_identity(a->plan), s->resume, &stored, &error);
    if (status != EXPLAINT_OK) return cli_outcome(&error, status);

    bool shown = !s->wish.quiet && term_of(stderr).colour;
    progress_begin(&p, shown, explaint_plan_n_units(a->plan), a->ledger != NULL ? &stored : NULL);
    explaint_progress callback = progress_callback(&p);
    explaint_units units = progress_units(&p);
    status = explaint_plan_run(a->plan, &units, &callback, &a->result, &error);
    if (status == EXPLAINT_OK && a->ledger != NULL)
        status = explaint_ledger_finish(a->ledger, &a->result->record, &error);
    progress_end(&p);
    if (status == EXPLAINT_INTERRUPTED && progress_signal() != 0)
        return progress_interrupted(s->ledger, s->ledger != NULL ? explaint_ledger_n_units(a->ledger) : 0,
                                    explaint_plan_n_units(a->plan));
    return cli_outcome(&error, status);
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

static void print_covariates(const explaint_plan *plan) {
    const term t = term_of(stdout);
    const char *name;
    for (size_t i = 0; (name = explaint_plan_covariate(plan, i)) != NULL; i++) {
        fputs(i == 0 ? "taken off the norms in every test: " : ", ", stdout);
        term_put(&t, name);
    }
    if (explaint_plan_covariate(plan, 0) != NULL) fputc('\n', stdout);
}

/* What --dry-run says, as a document. */
typedef struct outline {
    explaint_record record;
    const char *version;
    size_t units;
    double memory, seconds;
    const char *const *covariates;
    const explaint_need *needs;
    size_t n_covariates, n_needs;
} outline;

static const explaint_field outline_fields[] = {
    DOCUMENT_FIELD(outline, TEXT, "explaint", version),
    DOCUMENT_FIELD(outline, SIZE, "units", units),
    DOCUMENT_FIELD(outline, NUMBER, "memory_bytes", memory),
    DOCUMENT_FIELD(outline, NUMBER, "seconds", seconds),
    DOCUMENT_LIST(outline, TEXTS, "covariates", covariates, n_covariates, .form = EXPLAINT_FIELD_IF_ANY),
    DOCUMENT_LIST(outline, LIST, "needs", needs, n_needs, .of = &explaint_need_kind,
                  .form = EXPLAINT_FIELD_IF_ANY | EXPLAINT_FIELD_LINES),
};
static const explaint_kind outline_kind = DOCUMENT_KIND("infer --dry-run", outline, outline_fields);

/* An estimate is no better than three digits. */
static double three_digits(double value) {
    char text[32];
    return snprintf(text, sizeof text, "%.3g", value) > 0 ? strtod(text, NULL) : value;
}

static explaint_status write_outline(const explaint_plan *plan, const explaint_needs *needs, explaint_error *error) {
    size_t n = 0;
    while (explaint_plan_covariate(plan, n) != NULL) n++;
    const char **covariates = calloc(n + 1, sizeof *covariates);
    if (covariates == NULL) return product_fail(error, EXPLAINT_FAILED, "not enough memory for the plan");
    for (size_t i = 0; i < n; i++) covariates[i] = explaint_plan_covariate(plan, i);
    const outline o = {.record = {&outline_kind},
                       .version = explaint_version(),
                       .units = explaint_plan_n_units(plan),
                       .memory = rint(explaint_plan_memory(plan)),
                       .seconds = three_digits(explaint_plan_seconds(plan)),
                       .covariates = covariates,
                       .n_covariates = n,
                       .needs = needs != NULL ? needs->need : NULL,
                       .n_needs = needs != NULL ? needs->n_needs : 0};
    const explaint_status status = product_print(&o.record, error);
    free(covariates);
    return status;
}

/* needs: NULL where no test runs. */
static void print_plan(const explaint_plan *plan, const explaint_needs *needs) {
    size_t n = explaint_plan_n_units(plan);
    double memory = explaint_plan_memory(plan), seconds = explaint_plan_seconds(plan);
    char duration[32];
    progress_duration(seconds, duration, sizeof duration);
    printf("%zu units, about %.*f %s of memory, about %s\n", n,
           memory < 1e8   ? 1
           : memory < 1e9 ? 0
                          : 1,
           memory < 1e9 ? memory / 1e6 : memory / 1e9, memory < 1e9 ? "MB" : "GB", duration);
    print_covariates(plan);
    print_units(plan);
    const term t = term_of(stdout);
    if (needs != NULL) view_needs(needs, &t);
}

static int plan_only(const settings *s, const explaint_plan *plan) {
    explaint_error error = {0};
    explaint_needs needs;
    const bool tests = s->o.permutations > 0;
    explaint_status status = tests ? explaint_plan_needs(plan, &needs, &error) : EXPLAINT_OK;
    if (status == EXPLAINT_OK && s->wish.json)
        status = write_outline(plan, tests ? &needs : NULL, &error);
    else if (status == EXPLAINT_OK)
        print_plan(plan, tests ? &needs : NULL);
    return cli_outcome(&error, status);
}

static int enough_memory(const settings *s, const explaint_plan *plan) {
    double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    double needed = explaint_plan_memory(plan);
    if (s->wish.force || machine <= 0 || needed <= machine) return 0;
    cli_say("the run needs about %.1f GB of memory and this machine has %.1f GB: give fewer "
            "--components or --threads, or --force",
            needed / 1e9, machine / 1e9);
    return EXPLAINT_FAILED;
}

static explaint_infer_options options_of(const settings *s) {
    explaint_infer_options o = s->o;
    if (strcmp(o.mapping, "plsr") == 0) { /* other mappings have no components */
        o.components = s->components.item;
        o.n_components = s->components.count;
        o.choose_components = s->components.word;
    }
    if (s->folds.file == NULL) o.folds = s->folds.count;
    o.folds_file = s->folds.file;
    o.threads = (unsigned)s->threads;
    o.command = cli_typed();
    const char *dot = s->predictions != NULL ? strrchr(s->predictions, '.') : NULL;
    o.keep_predictions = dot != NULL && strcasecmp(dot, ".safetensors") == 0;
    return o;
}

static explaint_status run_model(const settings *s, audit *a, explaint_error *error) {
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_embedding *embedding = NULL;
    explaint_status status = cli_open_model(s->model, s->threads, false, &model, &tokenizer, error);
    if (status == EXPLAINT_OK) {
        const size_t last = explaint_model_describe(model)->n_layers;
        explaint_embed_options embed = s->embed;
        embed.threads = (unsigned)s->threads;
        embed.layers = s->layers.last ? &last : s->layers.list.item;
        embed.n_layers = s->layers.last ? 1 : s->layers.list.count;
        status = explaint_embed_concepts(model, tokenizer, a->norms, &embed, &embedding, error);
    }
    if (status == EXPLAINT_OK) status = explaint_embedding_layers(embedding, a->norms, &a->layers, error);
    explaint_embedding_close(embedding);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    return status;
}

/* Norms, vectors and the plan on them. */
static int prepare(const settings *s, audit *a) {
    explaint_error error = {0};
    explaint_norms_options table = s->table;
    explaint_vectors_options vectors = s->vectors;
    table.binary = strcmp(s->values, "binary") == 0;
    vectors.threads = (unsigned)s->threads;
    const char *path = s->embeddings != NULL ? s->embeddings : "wordnet";
    explaint_status status = explaint_norms_open(s->norms, &table, &a->norms, &error);
    if (status == EXPLAINT_OK && s->model != NULL)
        status = run_model(s, a, &error);
    else if (status == EXPLAINT_OK && of_layers(s))
        status = explaint_layers_open(path, a->norms, &vectors, &a->layers, &error);
    else if (status == EXPLAINT_OK)
        status = explaint_vectors_open(path, a->norms, &vectors, &a->vectors, &error);
    if (status != EXPLAINT_OK) return cli_outcome(&error, status);
    const explaint_infer_options o = options_of(s);
    const explaint_layers *layers = &a->layers;
    status = layers->n > 0 ? explaint_infer_plan_layers(a->norms, layers->layer, layers->n, &o, &a->plan, &error)
                           : explaint_infer_plan(a->norms, a->vectors, &o, &a->plan, &error);
    if (status != EXPLAINT_OK) return cli_outcome(&error, status);
    return s->dry_run ? 0 : enough_memory(s, a->plan);
}

static int show(const settings *s, const audit *a) {
    explaint_error error = {0};
    const explaint_status status = write_all(s, a->result, a->ledger, &error);
    return status != EXPLAINT_OK ? cli_outcome(&error, status) : judge(s, a->result);
}

int infer_run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    audit a = {0};
    int code = check(command, s, arguments, n_arguments);
    if (code == 0) code = prepare(s, &a);
    if (code == 0 && s->dry_run) {
        code = plan_only(s, a.plan);
    } else if (code == 0) {
        code = run_plan(s, &a);
        if (code == 0) code = show(s, &a);
    }
    release(&a);
    return code;
}

int infer_keep(const cli_command *command, const infer_settings *s, char **arguments, size_t n_arguments, long *run) {
    audit a = {0};
    if (s->dry_run || s->wish.output != NULL || s->wish.json || s->wish.csv || s->predictions != NULL ||
        s->fail_on != NULL)
        return cli_usage_error(command, "--dry-run, --output, --json, --csv, --predictions and --fail-on are of a run "
                                        "that is shown by itself: leave them out");
    int code = check(command, s, arguments, n_arguments);
    if (code == 0) code = prepare(s, &a);
    if (code == 0) code = run_plan(s, &a);
    if (code == 0) *run = explaint_ledger_run(a.ledger);
    release(&a);
    return code;
}
