/* explaint attend: attention and its rows under audit. */
#include "explaint/attend.h"
#include "explaint/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "explaint/catalogue.h"
#include "figures.h"
#include "outline_attend.h"
#include "product.h"
#include "progress.h"
#include "shared.h"

typedef struct settings {
    explaint_attend_options o;
    product_wish wish;
    const char *cache, *model, *texts, *fit_texts, *maps, *ledger, *picture, *head, *relate;
    size_t threads, layer;
    cli_texts text;
    bool resume, dry_run;
} settings;

static void begin(void *given) { ((settings *)given)->o = explaint_attend_defaults(); }

static const cli_option options[] = {
    {.group = "Data",
     OPTION_MODEL("a model's folder, a GGUF file, or a name in the Hugging Face cache"),
     .often = true},
    {OPTION_TEXTS("one per line; by name a .json list, or text or sentence of .jsonl, .csv, .tsv; -: standard input"),
     .often = true},
    {OPTION_TEXT, .often = true},
    {OPTION(COUNT, "truncate", o.truncate, "N|off", "cut texts to N pieces; off: longer than the model's is an error"),
     .fallback = "off", .min = 3, .max = 1e6, .word = "off"},
    {.group = "What is measured",
     OPTION(TEXT, "layers", o.layers, "LIST", "0-12, all or last; 0 is the embedding layer"),
     DEFAULT("all"),
     .often = true},
    {OPTION(TEXT, "measures", o.measures, "LIST", "all, continuity, attention, damage, flow, or names; see Measures"),
     DEFAULT("continuity,attention,damage"), .often = true},
    {OPTION(TEXT, "columns", o.columns, "LIST",
            "pieces, or words, whose share of later rows is followed (rollout_column): 0,5-7")},
    {OPTION(CHOICE, "level", o.level, "piece|word",
            "what rows and columns of maps are. word: the mean of its pieces' rows, the sum of their columns"),
     DEFAULT("piece"), .choices = "piece|word"},
    {OPTION(CHOICE, "special", o.special, "in|out",
            "out: without the rows and columns of special tokens, each row divided by what is left"),
     DEFAULT("in"), .choices = "in|out"},
    {OPTION(TEXT, "head", head, "L.H",
            "may head H of layer L be read as a relation of words? Both count from 1: 3.7; the head of --picture")},
    {OPTION(FILE, "relate", relate, "FILE",
            "of --head: a result of relate --json about it, which says whether it tells partners from others"),
     .fallback = "the ledger's newest"},
    {OPTION(NAMES, "damage", o.damage, "LIST", "see Damages"), DEFAULT("all"),
     .choices =
         "all|permute|permute-content|reverse|next-rows|next-content-rows|gaussian|shuffle-dimensions|random-init"},
    {OPTION(NAMES, "g", o.g, "LIST", "what states pass before they are compared with words; see Maps"),
     DEFAULT("identity,linear"), .choices = "identity|linear|mlp"},
    {OPTION(TEXT, "attribution", o.attribution, "auto|exact|N",
            "how a row's parts are found: exactly, or by N random directions of each word; auto: by cost"),
     DEFAULT("auto")},
    {OPTION(FILE, "fit-texts", fit_texts, "FILE", "texts that g is fitted on"), .fallback = "shipped glosses"},
    {OPTION(COUNT, "ranks", o.ranks, "N|all",
            "rows that are ranked among all words of the vocabulary, drawn by the seed"),
     DEFAULT("128"), .min = 1, .max = 1e9, .word = "all"},
    {OPTION(REAL, "share", o.share, "S", "rows that must stand for their tokens (A1)"), DEFAULT("0.9"), .min = .01,
     .max = .99},
    {OPTION_SEED("seed of permutations, noise, fits and resamples")},
    {FLAG("by-head", o.by_head, "rows of each head as well (in --json and --csv)")},
    {FLAG("by-text", o.by_text, "all rows of each text as well (in --json and --csv)")},
    {.group = "Output", OPTION_RESULT_OR_PAGE, .often = true},
    {OPTION_JSON, .often = true},
    {OPTION_CSV},
    {OPTION_DECIMAL},
    {OPTION_OPEN},
    {OPTION_FORCE},
    {OPTION(PRODUCT, "maps", maps, "FILE", "intact and damaged maps of all heads, as safetensors"),
     .changes_no_result = true, .often = true},
    {OPTION(PRODUCT, "picture", picture, "FILE",
            "the first text's map of --layer and --head beside the damaged one, .svg or .pdf"),
     .changes_no_result = true, .often = true},
    {OPTION(COUNT, "layer", layer, "L", "of the picture, from 1"), .min = 1, .max = 10000, .changes_no_result = true},
    {OPTION_QUIET},
    {.group = "Running", OPTION_KEEP, .often = true},
    {OPTION_RESUME},
    {OPTION_THREADS},
    {OPTION(FILE, "cache", cache, "DIR|off",
            "folder that fitted linear maps are kept in for the next run of the model; off: fit anew"),
     .fallback = "~/.cache/explaint", .environment = "EXPLAINT_CACHE", .changes_no_result = true},
    {FLAG("dry-run", dry_run, "print the plan: units, memory, and what of it grows with the square of a text"),
     .changes_no_result = true},
};

static const cli_term measures[] = {EXPLAINT_MEASURES(EXPLAINT_AS_TERM)};

static const cli_term damages[] = {EXPLAINT_DAMAGES(EXPLAINT_AS_TERM)};

static const cli_term maps[] = {
    {"identity", "states as they are"},
    {"linear", "ridge, fitted for each layer on other texts; the verdict needs it"},
    {"mlp", "one hidden layer of 256 tanh units"},
};

static const cli_list lists[] = {
    {"Measures", measures, CLI_LENGTH(measures)},
    {"Damages", damages, CLI_LENGTH(damages)},
    {"Maps (g)", maps, CLI_LENGTH(maps)},
};

static void view(const void *self, const view_kept *kept, const term *t) { view_attend(self, kept, t); }

/* --layer 3 --head 5, or --head 3.5. false: it is neither. The damage is the first of --damage. */
static bool picture_of(const settings *s, explaint_picture_options *o, char damage[64]) {
    char name[64];
    const char *at = name;
    *o = explaint_picture_defaults();
    o->layer = s->layer;
    snprintf(damage, 64, "%.*s", (int)strcspn(s->o.damage, ","), s->o.damage);
    if (strcmp(damage, "all") != 0) o->damage = damage;
    if (s->head == NULL) return s->layer > 0;
    const int length = s->layer > 0 ? snprintf(name, sizeof name, "%zu.%s", s->layer, s->head)
                                    : snprintf(name, sizeof name, "%s", s->head);
    return length > 0 && length < (int)sizeof name && explaint_head_read(&at, &o->layer, &o->head) && *at == 0;
}

/* What is read before a run, released whatever happened. */
typedef struct given {
    explaint_model *model;
    explaint_tokenizer *tokenizer;
    explaint_texts *texts, *fit_texts;
    explaint_relation *relation;
    explaint_picture_options picture; /* layer and head are those of --head, too */
    char damage[64];
} given;

static explaint_status write_picture(const settings *s, const given *g, const explaint_attend_result *result,
                                     explaint_error *error) {
    product p = {0};
    explaint_status status = product_open(&p, s->picture, error);
    if (status != EXPLAINT_OK) return status;
    status = explaint_attend_write_picture(result, &g->picture, p.out, error);
    if (status == EXPLAINT_OK && product_ends(s->picture, ".pdf")) status = figures_turn_to_pdf(&p, error);
    return product_close(&p, status, error);
}

static explaint_status write_all(const settings *s, const given *g, const explaint_attend_result *result,
                                 explaint_ledger *ledger, explaint_error *error) {
    const product_content content = {.record = &result->record,
                                     .ledger = ledger,
                                     .path = s->ledger,
                                     .maps = s->maps,
                                     .predictions = s->maps != NULL,
                                     .view = view,
                                     .self = result};
    explaint_status status = EXPLAINT_OK;
    if (s->maps != NULL) status = explaint_attend_write_maps(result, s->maps, error);
    if (status == EXPLAINT_OK && s->picture != NULL) status = write_picture(s, g, result, error);
    return status == EXPLAINT_OK ? product_write(&s->wish, &content, error) : status;
}

static explaint_status read_all(const settings *s, given *g, explaint_error *error) {
    explaint_status status = cli_open_texts(s->texts, &s->text, &g->texts, error);
    if (status == EXPLAINT_OK && s->fit_texts != NULL) status = explaint_texts_open(s->fit_texts, &g->fit_texts, error);
    if (status == EXPLAINT_OK && s->relate != NULL) status = explaint_relation_open(s->relate, &g->relation, error);
    if (status == EXPLAINT_OK) status = cli_open_model(s->model, s->threads, false, &g->model, &g->tokenizer, error);
    if (status == EXPLAINT_OK && s->relate == NULL && s->head != NULL && s->ledger != NULL)
        status = explaint_relation_find(s->ledger, g->model, g->picture.layer, g->picture.head, &g->relation, error);
    return status;
}

static void close_all(given *g) {
    explaint_texts_close(g->texts);
    explaint_texts_close(g->fit_texts);
    explaint_relation_close(g->relation);
    explaint_model_close(g->model);
    explaint_tokenizer_close(g->tokenizer);
}

/* Where programs keep what they can make anew (XDG Base Directory Specification). NULL: nowhere. */
static const char *cache_of(const settings *s, char folder[4096]) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (s->cache != NULL) return strcmp(s->cache, "off") == 0 ? NULL : s->cache;
    if (cache != NULL && cache[0] == '/') length = snprintf(folder, 4096, "%s/explaint", cache);
    if (length < 0 && home != NULL && home[0] == '/') length = snprintf(folder, 4096, "%s/.cache/explaint", home);
    return length > 0 && length < 4096 ? folder : NULL;
}

static explaint_attend_options options_of(const settings *s, const given *g, char cache[4096], const char *head) {
    explaint_attend_options o = s->o;
    o.head = head;
    o.cache = cache_of(s, cache);
    o.fit_texts = g->fit_texts;
    o.relation = g->relation;
    o.threads = (unsigned)s->threads;
    o.keep_maps = s->maps != NULL || s->picture != NULL;
    o.command = cli_typed();
    return o;
}

static int run_plan(const settings *s, const given *g, explaint_attend_plan *plan, progress *p,
                    explaint_ledger *ledger) {
    explaint_error error = {0};
    explaint_units stored = {0};
    explaint_attend_result *result = NULL;
    const size_t n_units = explaint_attend_plan_n_units(plan);
    explaint_status status = EXPLAINT_OK;
    if (ledger != NULL)
        status = explaint_ledger_begin(ledger, explaint_attend_plan_identity(plan), s->resume, &stored, &error);
    if (status != EXPLAINT_OK) return cli_outcome(&error, status);
    const char *cost = explaint_attend_plan_cost(plan);
    if (cost != NULL && !s->wish.quiet) cli_say("note: %s", cost);
    progress_begin(p, !s->wish.quiet && term_of(stderr).colour, n_units, ledger != NULL ? &stored : NULL);
    const explaint_units units = progress_units(p);
    status = explaint_attend_plan_run(plan, ledger != NULL ? &units : NULL, &result, &error);
    if (status == EXPLAINT_OK && ledger != NULL) status = explaint_ledger_finish(ledger, &result->record, &error);
    progress_end(p);
    if (status == EXPLAINT_INTERRUPTED && progress_signal() != 0)
        return progress_interrupted(s->ledger, ledger != NULL ? explaint_ledger_n_units(ledger) : 0, n_units);
    const char *kept = explaint_attend_plan_kept(plan);
    if (status == EXPLAINT_OK && kept != NULL && !s->wish.quiet) cli_say("note: %s", kept);
    if (status == EXPLAINT_OK) status = write_all(s, g, result, ledger, &error);
    explaint_attend_free(result);
    return cli_outcome(&error, status);
}

/* Said before a run, not after it. */
static explaint_status has_picture(const settings *s, const given *g, explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(g->model);
    const explaint_picture_options *o = &g->picture;
    if (s->picture == NULL || (o->layer <= info->n_layers && o->head <= info->n_heads)) return EXPLAINT_OK;
    return product_fail(
        error, EXPLAINT_USAGE,
        "the model has layers 1 to %zu of heads 1 to %zu, and the picture is to be of layer %zu, head %zu",
        info->n_layers, info->n_heads, o->layer, o->head);
}

static int attend(const settings *s, const given *g) {
    explaint_error error = {0};
    const explaint_status there = has_picture(s, g, &error);
    if (there != EXPLAINT_OK) return cli_outcome(&error, there);
    explaint_attend_plan *plan = NULL;
    explaint_ledger *ledger = NULL;
    progress p;
    const explaint_progress callback = progress_callback(&p);
    char cache[4096], head[64];
    snprintf(head, sizeof head, "%zu.%zu", g->picture.layer, g->picture.head);
    explaint_attend_options o = options_of(s, g, cache, s->head != NULL ? head : NULL);
    o.progress = &callback;
    explaint_status status = explaint_attend_prepare(g->model, g->tokenizer, g->texts, &o, &plan, &error);
    if (status == EXPLAINT_OK && s->dry_run) status = outline_attend(plan, s->wish.json, &error);
    int code = status == EXPLAINT_OK && !s->dry_run && !s->wish.force ? outline_attend_fits(plan) : 0;
    if (status == EXPLAINT_OK && !s->dry_run && code == 0 && s->ledger != NULL)
        status = explaint_ledger_open(s->ledger, true, &ledger, &error);
    if (status != EXPLAINT_OK)
        code = cli_outcome(&error, status);
    else if (code == 0 && !s->dry_run)
        code = run_plan(s, g, plan, &p, ledger);
    explaint_ledger_close(ledger);
    explaint_attend_plan_close(plan);
    return code;
}

static int run(const cli_command *command, void *given_settings, char **arguments, size_t n_arguments) {
    const settings *s = given_settings;
    explaint_error error = {0};
    given g = {0};
    if (n_arguments > 0) return cli_unexpected(command, arguments[0]);
    if (s->model == NULL) return cli_usage_error(command, "which model? --model DIR names it");
    if (s->texts == NULL && s->text.count == 0)
        return cli_usage_error(command, "which texts? --texts FILE names them, and --text TEXT is one");
    if (s->texts != NULL && s->text.count > 0) return cli_usage_error(command, "--texts and --text exclude each other");
    if (s->resume && s->ledger == NULL) return cli_usage_error(command, "--resume needs --ledger FILE");
    if (s->relate != NULL && s->head == NULL)
        return cli_usage_error(command, "--relate is about a head; name it, --head 3.7");
    int refused = product_check(command, &s->wish, true);
    if (refused == 0) refused = product_suffix(command, "maps", s->maps, ".safetensors", false);
    if (refused == 0) refused = product_suffix(command, "picture", s->picture, ".svg|.pdf", true);
    if (refused != 0) return refused;
    if (s->picture == NULL && s->layer > 0 && s->head == NULL)
        return cli_usage_error(command,
                               "--layer alone is of a picture; name one, --picture FILE.svg, or a head, --head 3.7");
    if ((s->picture != NULL || s->head != NULL) && !picture_of(s, &g.picture, g.damage))
        return cli_usage_error(command, "which head? layers and heads count from 1: --layer 3 is the mean of its "
                                        "heads, --layer 3 --head 5 or --head 3.5 is one");
    explaint_status status = read_all(s, &g, &error);
    const int code = status == EXPLAINT_OK ? attend(s, &g) : cli_outcome(&error, status);
    close_all(&g);
    return code;
}

static const char *const example[] = {
    "explaint attend --model all-MiniLM-L6-v2 --texts sentences.txt",
    "do rows still stand for their tokens, and does attention depend on them? By layer, with a verdict",
    "explaint attend --model all-MiniLM-L6-v2 --text 'The dog barks.' --picture map.svg --layer 3 --head 5",
    "a head's map beside the one of permuted rows, for a paper",
    "explaint attend --model all-MiniLM-L6-v2 --texts sentences.txt --head 3.7",
    "may this head be read as a relation of words?",
    "explaint attend --model all-MiniLM-L6-v2 --texts sentences.txt --head 3.7 --relate relation.json",
    "the same with what relate found of it: yes, no, or undecided",
    "explaint attend --model org/name --texts sentences.txt --ledger results.db --resume",
    "a run that is kept, by text and layer, and goes on where it was stopped",
    NULL,
};

const cli_command cli_attend = {
    .name = "attend",
    .summary = "texts -> attention, token continuity, damage; verdict",
    .usage = "[--model] DIR --texts FILE [OPTION...]",
    .operand = "model",
    .files = "--model and --texts",
    .description =
        "Runs a model on texts and asks, layer by layer, whether rows still stand for their tokens, and whether the "
        "picture that attention draws survives when they do not.",
    CLI_OPTIONS,
    CLI_TABLE(lists),
    .example = example,
    .begin = begin,
    .run = run,
};
