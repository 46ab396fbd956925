/* explaint embed: vectors from inside of a model. */
#include "explaint/embed.h"
#include "explaint/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "product.h"
#include "shared.h"

typedef struct settings {
    explaint_embed_options o;
    explaint_norms_options table;
    const char *model, *words, *norms, *texts, *contexts, *fit_words, *output, *words_output, *ledger;
    cli_layers layers;
    cli_texts text;
    size_t threads;
    bool json, quiet, resume;
} settings;

static void begin(void *given) {
    settings *s = given;
    s->o = explaint_embed_defaults();
    s->table = explaint_norms_defaults();
}

static bool of_texts(const settings *s) { return s->texts != NULL || s->text.count > 0; }

static const cli_option options[] = {
    {.group = "Input",
     OPTION_MODEL("the model: a folder of Hugging Face's layout, a GGUF file, or a name in its cache"),
     .often = true},
    {OPTION(FILE, "words", words, "FILE", "the words, one per line; -: standard input"), .often = true},
    {OPTION(FILE, "norms", norms, "SPEC", "instead: the concepts of feature norms, a file, a folder or 'wordnet'"),
     .often = true},
    {OPTION_COLUMNS},
    {OPTION_DROP_COLUMNS},
    {OPTION_SHEET},
    {OPTION_TEXTS(
         "instead: whole texts, one per line; by name a .json list, or text or sentence of .jsonl, .csv, .tsv"),
     .often = true},
    {OPTION_TEXT, .often = true},
    {.group = "Company of the words",
     OPTION(TEXT, "template", o.pattern, "TEXT", "text with the word at {}: \"This is a {}.\""),
     .fallback = "the word alone",
     .often = true},
    {OPTION(FILE, "contexts", contexts, "FILE", "texts, one per line, in which the words are looked up")},
    {OPTION(COUNT, "max-contexts", o.max_contexts, "N", "contexts of a word; if there are more, the seed draws N"),
     DEFAULT("200"), .min = 1, .max = 100000},
    {OPTION(COUNT, "prototypes", o.prototypes, "K", "K vectors for each word: centres of clusters of its contexts"),
     .fallback = "the mean", .min = 1, .max = 1000},
    {OPTION(CHOICE, "special-tokens", o.special_tokens, "HOW",
            "[CLS], [SEP], <s>: seen by the model, pooled too, or none"),
     DEFAULT("seen"), .choices = "seen|pooled|none"},
    {OPTION_SEED("of drawn contexts and of clusters")},
    {.group = "Vectors",
     OPTION(LAYERS, "layers", layers, "0-12|all|last", "layers; 0 is the embedding layer"),
     .fallback = "all; of texts the last",
     .min = 0,
     .max = 1023,
     .often = true},
    {OPTION(CHOICE, "pieces", o.pieces, "HOW",
            "the rows of a word's pieces: mean, first, last; next: the row behind it"),
     DEFAULT("mean"), .choices = "mean|first|last|next"},
    {OPTION(CHOICE, "pooling", o.pooling, "HOW",
            "of a text: as the folder of sentence-transformers says, or mean, cls, max"),
     DEFAULT("folder"), .choices = "folder|mean|cls|max", .often = true},
    {OPTION(TEXT, "prompt", o.prompt, "TEXT", "put before each text of --texts; \"\": nothing"),
     .fallback = "the folder's default"},
    {FLAG("standardise", o.standardise, "each dimension to mean 0 and standard deviation 1")},
    {OPTION(COUNT, "remove-top", o.remove_top, "K", "take out the K largest principal components"), DEFAULT("0"),
     .min = 0, .max = 1000},
    {OPTION(FILE, "fit-words", fit_words, "FILE", "fit both on these words only, one per line"),
     .fallback = "all rows"},
    {FLAG("truncate", o.truncate, "cut texts that are longer than the model's positions")},
    {.group = "Output",
     OPTION(PRODUCT, "output", output, "FILE", ".npy (one layer), .safetensors (layer.0, layer.1, ...) or .csv"),
     .changes_no_result = true,
     .often = true},
    {OPTION(PRODUCT, "words-output", words_output, "FILE", "the words of the rows, one per line"),
     .fallback = "FILE.words", .changes_no_result = true},
    {FLAG("json", json, "how the vectors were made, as a JSON document on stdout"), .changes_no_result = true},
    {FLAG("quiet", quiet, "nothing on stdout"), .changes_no_result = true},
    {.group = "Running", OPTION_KEEP},
    {OPTION_RESUME},
    {OPTION_THREADS},
};

/* ---- lists of words ---- */

typedef struct words {
    explaint_texts *texts;
    char *data;
    const char **word;
    size_t n;
} words;

static void words_free(words *w) {
    explaint_texts_close(w->texts);
    free(w->data);
    free((void *)w->word);
}

/* One a line, without blanks at its ends; empty lines at the end of the file are no words. */
static explaint_status words_read(words *w, const char *path, explaint_error *error) {
    size_t total = 0, length;
    explaint_status status = explaint_texts_open_words(path, &w->texts, error);
    if (status != EXPLAINT_OK) return status;
    path = explaint_texts_path(w->texts); /* "standard input" for "-" */
    size_t n = explaint_texts_n(w->texts);
    for (size_t i = 0; i < n; i++) {
        explaint_texts_text(w->texts, i, &length);
        total += length + 1;
    }
    w->data = malloc(total + 1);
    w->word = malloc((n + 1) * sizeof *w->word);
    if (w->data == NULL || w->word == NULL)
        return product_fail(error, EXPLAINT_FAILED, "%.500s: not enough memory", path);
    char *at = w->data;
    size_t filled = 0;
    for (size_t i = 0; i < n; i++) {
        const char *text = explaint_texts_text(w->texts, i, &length);
        while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t')) length--;
        while (length > 0 && (*text == ' ' || *text == '\t')) {
            text++;
            length--;
        }
        if (length == 0) continue;
        if (w->n++ < i)
            return product_fail(error, EXPLAINT_INVALID, "%.500s:%zu: expected a word in each line, found none", path,
                                filled + 1);
        w->word[filled++] = memcpy(at, text, length);
        at[length] = 0;
        at += length + 1;
    }
    if (w->n == 0) return product_fail(error, EXPLAINT_INVALID, "%.500s: expected at least one word, found none", path);
    return EXPLAINT_OK;
}

/* ---- what is read ---- */

typedef struct inputs {
    explaint_model *model;
    explaint_tokenizer *tokenizer;
    explaint_texts *texts, *contexts;
    explaint_norms *norms;
    words words, fit_words;
    explaint_input list[2]; /* the files of both */
    size_t n_lists;
    size_t last; /* --layers last */
} inputs;

static void add_input(explaint_input *list, size_t *n, const char *role, const char *path, const char *sha256) {
    list[(*n)++] = (explaint_input){.role = role, .name = path, .path = path, .sha256 = sha256};
}

static void add_texts(explaint_input *list, size_t *n, const char *role, const explaint_texts *texts) {
    if (texts != NULL) add_input(list, n, role, explaint_texts_path(texts), explaint_texts_sha256(texts));
}

static explaint_status open_inputs(const settings *s, inputs *in, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    if (s->words != NULL) status = words_read(&in->words, s->words, error);
    if (status == EXPLAINT_OK && s->norms != NULL) status = explaint_norms_open(s->norms, &s->table, &in->norms, error);
    if (status == EXPLAINT_OK && of_texts(s)) status = cli_open_texts(s->texts, &s->text, &in->texts, error);
    if (status == EXPLAINT_OK && s->contexts != NULL) status = explaint_texts_open(s->contexts, &in->contexts, error);
    if (status == EXPLAINT_OK && s->fit_words != NULL) status = words_read(&in->fit_words, s->fit_words, error);
    if (status == EXPLAINT_OK) status = cli_open_model(s->model, s->threads, false, &in->model, &in->tokenizer, error);
    add_texts(in->list, &in->n_lists, "words", in->words.texts);
    add_texts(in->list, &in->n_lists, "fit_words", in->fit_words.texts);
    if (status == EXPLAINT_OK) in->last = explaint_model_describe(in->model)->n_layers;
    return status;
}

static void close_inputs(inputs *in) {
    explaint_tokenizer_close(in->tokenizer);
    explaint_model_close(in->model);
    explaint_norms_close(in->norms);
    explaint_texts_close(in->texts);
    explaint_texts_close(in->contexts);
    words_free(&in->words);
    words_free(&in->fit_words);
}

static explaint_embed_options options_of(const settings *s, const inputs *in) {
    const bool all = s->layers.all || (s->layers.list.count == 0 && !s->layers.last && !of_texts(s));
    explaint_embed_options o = s->o;
    o.layers = s->layers.list.count > 0 ? s->layers.list.item : all ? NULL : &in->last;
    o.n_layers = s->layers.list.count > 0 ? s->layers.list.count : 1;
    o.threads = (unsigned)s->threads;
    o.contexts = in->contexts;
    o.fit_words = in->fit_words.n > 0 ? in->fit_words.word : NULL;
    o.n_fit_words = in->fit_words.n;
    o.inputs = in->list;
    o.n_inputs = in->n_lists;
    return o;
}

static void print_summary(const settings *s, const explaint_embedding *e) {
    const size_t n_layers = explaint_embedding_n_layers(e);
    printf("%zu %s x %zu, ", explaint_embedding_n_rows(e), of_texts(s) ? "texts" : "words",
           explaint_embedding_width(e));
    if (n_layers == 1)
        printf("layer %zu", explaint_embedding_layer(e, 0));
    else
        printf("%zu layers, %zu to %zu", n_layers, explaint_embedding_layer(e, 0),
               explaint_embedding_layer(e, n_layers - 1));
    const term t = term_of(stdout);
    term_line(&t, ": %s", s->output);
    for (size_t i = 0; i < explaint_embedding_n_warnings(e); i++)
        term_line(&t, "warning: %s", explaint_embedding_warning(e, i));
    for (size_t i = 0; i < explaint_embedding_n_notes(e); i++) term_line(&t, "note: %s", explaint_embedding_note(e, i));
}

/* ---- a run of a ledger ---- */

/* Begins the run, or finds it. *finished: its record, if that is in the file that is to be written. */
static explaint_status begin_run(const settings *s, const inputs *in, explaint_ledger **ledger,
                                 explaint_record **finished, explaint_error *error) {
    explaint_input list[5];
    explaint_units units;
    char *identity = NULL;
    size_t n = 0;
    for (; n < in->n_lists; n++) list[n] = in->list[n];
    add_texts(list, &n, "texts", in->texts);
    add_texts(list, &n, "contexts", in->contexts);
    if (in->norms != NULL)
        add_input(list, &n, "norms", explaint_norms_path(in->norms), explaint_norms_sha256(in->norms));
    explaint_status status = explaint_embed_identity(in->model, cli_typed(), list, n, &identity, error);
    if (status == EXPLAINT_OK) status = explaint_ledger_open(s->ledger, true, ledger, error);
    if (status == EXPLAINT_OK) status = explaint_ledger_begin(*ledger, identity, s->resume, &units, error);
    free(identity);
    if (status != EXPLAINT_OK || !s->resume) return status;
    explaint_error why = {0}; /* an unfinished run has no record, and is made */
    status = explaint_ledger_record(*ledger, explaint_ledger_run(*ledger), finished, &why);
    if (status == EXPLAINT_FAILED) *error = why;
    if (status == EXPLAINT_OK && ((*finished)->kind != &explaint_embed_kind ||
                                  !explaint_embed_result_is_in((const explaint_embed_result *)*finished, s->output))) {
        explaint_record_free(*finished);
        *finished = NULL;
    }
    return status == EXPLAINT_FAILED ? status : EXPLAINT_OK;
}

static explaint_status say_finished(const settings *s, const explaint_ledger *ledger, const explaint_record *record,
                                    explaint_error *error) {
    if (s->json) return product_print(record, error);
    if (!s->quiet) {
        const term t = term_of(stdout);
        term_line(&t, "run %ld of %s is finished, and %s holds its vectors: nothing was done",
                  explaint_ledger_run(ledger), s->ledger, s->output);
    }
    return EXPLAINT_OK;
}

/* ---- running ---- */

static explaint_status make(const settings *s, const inputs *in, const explaint_embed_options *o,
                            explaint_embedding **e, explaint_error *error) {
    if (of_texts(s)) return explaint_embed_texts(in->model, in->tokenizer, in->texts, o, e, error);
    if (s->norms != NULL) return explaint_embed_concepts(in->model, in->tokenizer, in->norms, o, e, error);
    return explaint_embed_words(in->model, in->tokenizer, in->words.word, in->words.n, o, e, error);
}

static explaint_status make_and_say(const settings *s, const inputs *in, const explaint_embed_options *o,
                                    explaint_ledger *ledger, explaint_error *error) {
    explaint_embedding *e = NULL;
    const explaint_record *record = NULL;
    explaint_status status = make(s, in, o, &e, error);
    if (status == EXPLAINT_OK) status = explaint_embedding_write(e, s->output, s->words_output, error);
    if (status == EXPLAINT_OK && (s->json || ledger != NULL))
        status = explaint_embedding_record(e, cli_typed(), s->output, &record, error);
    if (status == EXPLAINT_OK && ledger != NULL) status = explaint_ledger_finish(ledger, record, error);
    if (status == EXPLAINT_OK && s->json) status = product_print(record, error);
    if (status == EXPLAINT_OK && !s->json && !s->quiet) print_summary(s, e);
    explaint_embedding_close(e);
    return status;
}

static int embed(const settings *s, inputs *in) {
    explaint_error error = {0};
    explaint_ledger *ledger = NULL;
    explaint_record *finished = NULL;
    explaint_status status = open_inputs(s, in, &error);
    if (status != EXPLAINT_OK) return cli_outcome(&error, status);
    const explaint_embed_options o = options_of(s, in);
    status = explaint_embedding_check_path(s->output, o.layers == NULL ? in->last + 1 : o.n_layers, &error);
    if (status != EXPLAINT_OK) return cli_outcome(&error, status);
    if (s->ledger != NULL) status = begin_run(s, in, &ledger, &finished, &error);
    if (status == EXPLAINT_OK)
        status = finished != NULL ? say_finished(s, ledger, finished, &error) : make_and_say(s, in, &o, ledger, &error);
    explaint_record_free(finished);
    explaint_ledger_close(ledger);
    return cli_outcome(&error, status);
}

static int check(const cli_command *command, const settings *s, char **arguments, size_t n_arguments) {
    static const char *const of_words[] = {"template", "contexts",  "max-contexts", "prototypes", "special-tokens",
                                           "pieces",   "fit-words", "words-output", "seed"};
    static const char *const of_norms[] = {"columns", "drop-columns", "sheet"};
    const int sources = (s->words != NULL) + (s->norms != NULL) + (s->texts != NULL) + (s->text.count > 0);
    if (n_arguments > 0) return cli_unexpected(command, arguments[0]);
    if (s->model == NULL) return cli_usage_error(command, "--model DIR is needed");
    if (sources != 1) return cli_usage_error(command, "one of --words, --norms, --texts and --text is needed");
    if (s->output == NULL) return cli_usage_error(command, "--output FILE is needed: .npy, .safetensors or .csv");
    const int refused = product_suffix(command, "output", s->output, ".npy|.safetensors|.csv", true);
    if (refused != 0) return refused;
    if (s->words_output == NULL) {
        char beside[4096]; /* the words go there */
        snprintf(beside, sizeof beside, "%.*s.words", (int)(strrchr(s->output, '.') - s->output), s->output);
        const int replaced = cli_keep_inputs(command, "words-output", beside);
        if (replaced != 0) return replaced;
    }
    for (size_t i = 0; of_texts(s) && i < CLI_LENGTH(of_words); i++)
        if (cli_given(of_words[i]))
            return cli_usage_error(command, "--%s belongs to words, not to --texts", of_words[i]);
    for (size_t i = 0; s->norms == NULL && i < CLI_LENGTH(of_norms); i++)
        if (cli_given(of_norms[i])) return cli_usage_error(command, "--%s belongs to --norms", of_norms[i]);
    if (!of_texts(s) && cli_given("pooling"))
        return cli_usage_error(command, "--pooling belongs to --texts; words have --pieces");
    if (!of_texts(s) && s->o.prompt != NULL)
        return cli_usage_error(command, "--prompt belongs to --texts; words have --template");
    if (s->o.pattern != NULL && s->contexts != NULL)
        return cli_usage_error(command, "--template and --contexts exclude each other");
    if (s->contexts == NULL && (cli_given("prototypes") || cli_given("max-contexts")))
        return cli_usage_error(command, "--%s needs --contexts FILE",
                               cli_given("prototypes") ? "prototypes" : "max-contexts");
    if (s->fit_words != NULL && !s->o.standardise && s->o.remove_top == 0)
        return cli_usage_error(command, "--fit-words needs --standardise or --remove-top");
    if (s->resume && s->ledger == NULL) return cli_usage_error(command, "--resume needs --ledger FILE");
    if (s->json && s->quiet) return cli_usage_error(command, "--json and --quiet exclude each other");
    return 0;
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    inputs in = {0};
    int code = check(command, s, arguments, n_arguments);
    if (code != 0) return code;
    code = embed(s, &in);
    close_inputs(&in);
    return code;
}

static const char *const example[] = {
    "explaint embed --model all-MiniLM-L6-v2 --norms wordnet --template \"This is a {}.\" --output w.safetensors",
    "every layer; then: explaint infer --embeddings w.safetensors --tensor layer.6 --words w.words",
    "explaint embed --model all-MiniLM-L6-v2 --texts sentences.txt --output sentences.npy",
    "vectors of sentences, pooled as the model's folder says",
    NULL,
};

const cli_command cli_embed = {
    .name = "embed",
    .summary = "words or texts to vectors of any layers of a model",
    .usage = "[--model] DIR (--words FILE | --norms SPEC | --texts FILE | --text TEXT) --output FILE [OPTION...]",
    .operand = "model",
    .files = "--words and --model",
    .description = "Runs a model over words (alone, in a template, or in texts of yours) or over whole texts, and "
                   "writes the vectors "
                   "of its layers. A word is found by where it stands in the text. Notes count the words that the "
                   "tokenizer cuts or "
                   "does not know, and name those without a vector.",
    CLI_OPTIONS,
    .example = example,
    .begin = begin,
    .run = run,
};
