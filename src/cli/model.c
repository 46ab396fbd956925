/* explaint model: what a model's folder holds, whether it computes what it should, its states as a file, how much it expects a text. */
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "explaint/inspect.h"
#include "explaint/score.h"
#include "explaint/version.h"
#include "product.h"
#include "shared.h"
#include "term.h"

typedef struct settings {
    const char *model, *texts, *output, *reference;
    size_t threads, max_tokens;
    cli_texts text;
    bool truncate, unchecked, json, quiet, logits;
} settings;

static const cli_option options[] = {
    {.group = "Options",
     OPTION_MODEL("a folder of Hugging Face's layout, a GGUF file, or a name in its cache"),
     .often = true},
    {OPTION_TEXTS("dump, score: one a line, or .json, .jsonl, .csv, .tsv; -: standard input"), .often = true},
    {OPTION_TEXT, .often = true},
    {OPTION(PRODUCT, "output", output, "FILE", "dump: the .safetensors file to write"), .changes_no_result = true},
    {FLAG("truncate", truncate, "dump: cut texts longer than the model's positions")},
    {OPTION(COUNT, "max-tokens", max_tokens, "N", "generate: at most so many tokens more"), .min = 1, .max = 1 << 20,
     DEFAULT("64")},
    {FLAG("logits", logits, "dump: of a decoder, the logits as well")},
    {OPTION(FILE, "reference", reference, "FILE", "check: compare with a dump that the reference made"),
     .fallback = "the stored values"},
    {FLAG("allow-unchecked", unchecked, "check: 0, not 4, where there is nothing to compare with"),
     .changes_no_result = true},
    {FLAG("json", json, "JSON, of all but dump"), .changes_no_result = true, .often = true},
    {FLAG("quiet", quiet, "nothing on stdout"), .changes_no_result = true},
    {OPTION_THREADS},
};

static const cli_action actions[] = {
    {"inspect", "--model DIR", "architecture, files, tensors, memory, tokenizer"},
    {"check", "--model DIR", "compare with values of the reference"},
    {"dump", "--model DIR --texts FILE --output FILE", "ids, states and maps of texts as safetensors"},
    {"score", "--model DIR --texts FILE", "log-probability and perplexity of each text under a decoder"},
    {"generate", "--model DIR --text TEXT", "how a decoder goes on with a text"},
};

/* ---- what dump, score and generate work on ---- */

typedef struct opened {
    explaint_model *model;
    explaint_tokenizer *tokenizer;
    explaint_texts *texts; /* NULL: not asked for */
} opened;

static explaint_status open_all(const settings *s, bool texts, bool logits, opened *o, explaint_error *error) {
    *o = (opened){0};
    explaint_status status = texts ? cli_open_texts(s->texts, &s->text, &o->texts, error) : EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = cli_open_model(s->model, s->threads, logits, &o->model, &o->tokenizer, error);
    return status;
}

/* The exit code of what came of it. */
static int close_all(opened *o, explaint_status status, const explaint_error *error) {
    explaint_tokenizer_close(o->tokenizer);
    explaint_model_close(o->model);
    explaint_texts_close(o->texts);
    return cli_outcome(error, status);
}

static const char *texts_word(size_t n) { return n == 1 ? "text" : "texts"; }

/* ---- inspect ---- */

static double megabytes(size_t bytes) { return (double)bytes / 1e6; }

/* One line a key; what a list goes on with, and the rest of a long text, is not for a terminal. */
static void print_metadata(const term *t, const explaint_inspection *v) {
    enum { KEY = 42, MARGIN = 5 };
    const int room = t->width - KEY - MARGIN > 20 ? t->width - KEY - MARGIN : 20;
    for (size_t i = 0; i < v->n_metadata; i++) {
        const explaint_model_value *x = &v->metadata[i];
        term_spaces(t, 2);
        term_field(t, x->key, KEY);
        term_spaces(t, 1);
        if (x->is_list)
            term_putf(t, "%zu of %s", x->n_items, x->type);
        else if (term_columns(t, x->json) > room)
            term_field(t, x->json, room);
        else
            term_put(t, x->json);
        fputc('\n', stdout);
    }
    if (v->n_metadata > 0) fputc('\n', stdout);
}

static void print_inspection(const explaint_inspection *v) {
    const explaint_model_info *m = v->model;
    term t = term_of(stdout);
    term_put_in(&t, STRONG, m->name);
    fputc('\n', stdout);
    term_entry(&t, "family", "%s, %zu layers, %zu heads, width %zu, feed-forward %zu, norms with eps %g", m->family,
               m->n_layers, m->n_heads, m->width, m->feed_forward, m->eps);
    if (m->causal)
        term_entry(&t, "attention", "to what stands before, %zu heads of keys and values for %zu of queries, %zu wide",
                   m->n_key_heads, m->n_heads, m->head);
    if (m->n_positions > 0)
        term_entry(&t, "texts", "up to %zu pieces of a vocabulary of %zu%s", m->n_positions, m->vocabulary,
                   m->open_ended ? "; longer ones run, beyond the positions of training" : "");
    term_entry(&t, "weights", "%zu numbers, %s, %zu tensors, %.1f MB", m->parameters, m->dtype, v->n_tensors,
               megabytes(v->stored));
    if (v->held > 0)
        term_entry(&t, "memory",
                   "%.1f MB for the weights%s; a thread %.1f MB, for a text of %zu pieces with its maps %.1f MB",
                   megabytes(v->held), m->in_file > 0 ? ", matrices as they lie in the file" : "",
                   megabytes(v->a_thread), m->n_positions, megabytes(v->longest));
    if (v->n_pieces > 0) term_entry(&t, "tokenizer", "%zu pieces", v->n_pieces);
    for (size_t i = 0; i < v->n_sentence; i++) term_entry(&t, i == 0 ? "vectors" : "", "%s", v->sentence[i]);
    for (size_t i = 0; i < m->n_files; i++) term_entry(&t, "file", "%s %s", m->file[i].path, m->file[i].sha256);
    for (size_t i = 0; i < v->n_notes; i++) term_entry(&t, "note", "%s", v->note[i]);
    fputc('\n', stdout);
    print_metadata(&t, v);
    for (size_t i = 0; i < v->n_tensors; i++) {
        const explaint_model_tensor *x = &v->tensor[i];
        char shape[96] = "";
        size_t at = 0;
        for (size_t k = 0; k < x->n_dimensions && at < sizeof shape; k++)
            at += (size_t)snprintf(shape + at, sizeof shape - at, "%s%zu", k > 0 ? " x " : "", x->shape[k]);
        term_spaces(&t, 2);
        term_field(&t, x->dtype, 5);
        term_field(&t, shape, -14);
        term_spaces(&t, 2);
        term_put(&t, x->name);
        fputc('\n', stdout);
    }
}

static int inspect(const settings *s) {
    explaint_error error = {0};
    explaint_inspection *v = NULL;
    explaint_status status = explaint_model_inspect(s->model, &v, &error);
    if (status == EXPLAINT_OK && s->json)
        status = product_named(explaint_inspection_write_json(v, cli_typed(), stdout, &error), stdout,
                               "standard output", &error);
    else if (status == EXPLAINT_OK)
        print_inspection(v);
    explaint_inspection_close(v);
    return cli_outcome(&error, status);
}

/* ---- documents ---- */

/* The command of a document has its action, by which it is read back. *command: the document's. */
static explaint_status print_document(const explaint_record *record, const char *const **command, const char *action,
                                      explaint_error *error) {
    const char **whole = cli_typed_with(action, NULL);
    if (whole == NULL) return product_fail(error, EXPLAINT_FAILED, "not enough memory for the command");
    *command = whole;
    const explaint_status status = product_print(record, error);
    *command = NULL;
    free(whole);
    return status;
}

/* ---- check ---- */

static void print_check(const explaint_check *c, const explaint_model_info *m) {
    const term t = term_of(stdout);
    if (c->outcome == EXPLAINT_CHECK_NO) {
        term_line(
            &t, "%s: not checked: there are no stored values for these weights (--reference FILE compares with a dump)",
            m->name);
        return;
    }
    term_line(&t, "%s beside %s, %zu %s", m->name, c->reference, c->n_texts, texts_word(c->n_texts));
    printf("\n  layer  states    maps\n");
    for (size_t l = 0; l < c->n_layers; l++) {
        const explaint_check_layer *x = &c->layer[l];
        printf("  %5zu  %.1e", l, x->hidden);
        if (l > 0) printf("   %.1e", x->attention);
        if (!(x->hidden <= c->hidden_bound) || (l > 0 && !(x->attention <= c->attention_bound))) printf("   differs");
        printf("\n");
    }
    printf("  bound  %.1e   %.1e   largest differences\n\n", c->hidden_bound, c->attention_bound);
    if (c->n_ids > 0) printf("ids of the tokenizer: %d of %d texts the same\n", c->n_ids - c->n_other_ids, c->n_ids);
    term_line(&t, "checked: %s", c->stamp);
}

static int check_model(const settings *s) {
    explaint_error error = {0};
    explaint_model *model = NULL;
    explaint_tokenizer *tokenizer = NULL;
    explaint_check *c = NULL;
    explaint_model_options how = explaint_model_defaults();
    how.threads = (unsigned)s->threads;
    explaint_status status = explaint_model_open(s->model, &how, &model, &error);
    if (status == EXPLAINT_OK && s->reference == NULL)
        status = explaint_tokenizer_open(explaint_model_describe(model)->path, &tokenizer, &error);
    if (status == EXPLAINT_OK)
        status = explaint_model_check(model, tokenizer, s->reference, (unsigned)s->threads, &c, &error);
    if (status == EXPLAINT_OK && s->json)
        status = print_document(&c->record, &c->command, "check", &error);
    else if (status == EXPLAINT_OK && !s->quiet)
        print_check(c, explaint_model_describe(model));
    int code = cli_outcome(&error, status);
    if (code == 0 && (c->outcome == EXPLAINT_CHECK_DIFFERS || (c->outcome == EXPLAINT_CHECK_NO && !s->unchecked)))
        code = EXPLAINT_DIFFERS;
    explaint_check_close(c);
    explaint_tokenizer_close(tokenizer);
    explaint_model_close(model);
    return code;
}

/* ---- dump ---- */

static void print_dump(const settings *s, const opened *o, size_t n_cut, size_t n_longer) {
    const term t = term_of(stdout);
    const size_t n = explaint_texts_n(o->texts), n_positions = explaint_model_describe(o->model)->n_positions;
    term_line(&t, "%zu %s: %s", n, texts_word(n), s->output);
    for (size_t i = 0; i < explaint_tokenizer_n_notes(o->tokenizer); i++)
        term_line(&t, "note: %s", explaint_tokenizer_note(o->tokenizer, i));
    if (n_cut > 0)
        term_line(&t, "note: %zu %s longer than %zu pieces and cut there", n_cut,
                  n_cut == 1 ? "text was" : "texts were", n_positions);
    if (n_longer > 0)
        term_line(&t, "note: %zu of the texts are longer than %zu pieces: nothing was trained beyond them", n_longer,
                  n_positions);
}

static int dump(const settings *s) {
    explaint_error error = {0};
    opened open;
    size_t n_cut = 0, n_longer = 0;
    explaint_dump_options o = explaint_dump_defaults();
    o.truncate = s->truncate;
    o.threads = (unsigned)s->threads;
    o.n_cut = &n_cut;
    o.n_longer = &n_longer;
    o.logits = s->logits;
    explaint_status status = open_all(s, true, s->logits, &open, &error);
    if (status == EXPLAINT_OK)
        status = explaint_model_dump(open.model, open.tokenizer, open.texts, &o, s->output, &error);
    if (status == EXPLAINT_OK && !s->quiet) print_dump(s, &open, n_cut, n_longer);
    return close_all(&open, status, &error);
}

/* ---- score ---- */

static void print_scores(const explaint_scores *v) {
    const term t = term_of(stdout);
    term_line(&t, "%s, %zu %s of %zu tokens: perplexity %.6g, log-probability %.6g", v->model, v->n_rows,
              texts_word(v->n_rows), v->tokens, v->perplexity, v->log_prob);
    printf("\n   text  tokens  log-probability  perplexity\n");
    for (size_t i = 0; i < v->n_rows; i++) {
        const explaint_text_score *x = &v->rows[i];
        printf("  %5zu  %6zu  %15.6g", x->text, x->tokens, x->log_prob);
        if (x->tokens > 1) printf("  %10.6g", x->perplexity);
        printf("\n");
    }
    if (v->n_notes > 0) printf("\n");
    for (size_t i = 0; i < v->n_notes; i++) term_line(&t, "note: %s", v->notes[i]);
}

static int score(const settings *s) {
    explaint_error error = {0};
    opened open;
    explaint_scores *v = NULL;
    explaint_status status = open_all(s, true, true, &open, &error);
    if (status == EXPLAINT_OK)
        status = explaint_model_score(open.model, open.tokenizer, open.texts, (unsigned)s->threads, &v, &error);
    if (status == EXPLAINT_OK && s->json)
        status = print_document(&v->record, &v->command, "score", &error);
    else if (status == EXPLAINT_OK && !s->quiet)
        print_scores(v);
    explaint_scores_close(v);
    return close_all(&open, status, &error);
}

/* ---- generate ---- */

/* For the eye: nothing that a terminal would obey, but its lines. */
static void print_text(const char *text) {
    const term t = term_of(stdout);
    char line[4096];
    while (*text != 0) {
        const size_t length = strcspn(text, "\n"), most = sizeof line - 1;
        size_t part = length < most ? length : most;
        while (part < length && part + 3 > most && (text[part] & 0xc0) == 0x80) part--; /* no character is cut */
        memcpy(line, text, part);
        line[part] = 0;
        term_put(&t, line);
        text += part;
        if (part == length) fputc('\n', stdout);
        text += *text == '\n';
    }
}

static explaint_status show_generated(const settings *s, const char *model, const explaint_tokenizer *tokenizer,
                                      const int32_t *id, size_t n_prompt, size_t n, explaint_error *error) {
    explaint_decoded decoded = {0};
    explaint_status status = explaint_tokenizer_decode(tokenizer, id, n, true, &decoded, error);
    if (status != EXPLAINT_OK) return status;
    size_t *ids = malloc(n * sizeof *ids);
    explaint_generated made = {.record = {&explaint_generated_kind},
                               .version = explaint_version(),
                               .model = model,
                               .text = decoded.text,
                               .prompt_tokens = n_prompt,
                               .tokens = n,
                               .ids = ids};
    for (size_t i = 0; ids != NULL && i < n; i++) ids[i] = (size_t)id[i];
    if (ids == NULL)
        status = product_fail(error, EXPLAINT_FAILED, "not enough memory for the tokens");
    else if (s->json)
        status = print_document(&made.record, &made.command, "generate", error);
    else if (!s->quiet)
        print_text(decoded.text);
    free(ids);
    explaint_decoded_free(&decoded);
    return status;
}

static int generate(const settings *s) {
    explaint_error error = {0};
    opened open;
    explaint_encoding e = {0};
    int32_t *id = NULL;
    size_t made = 0;
    const char *text = s->text.item[0];
    explaint_status status = open_all(s, false, true, &open, &error);
    if (status == EXPLAINT_OK) status = explaint_tokenizer_encode(open.tokenizer, text, strlen(text), NULL, &e, &error);
    if (status == EXPLAINT_OK) {
        id = malloc((e.n + s->max_tokens) * sizeof *id);
        if (id == NULL) status = product_fail(&error, EXPLAINT_FAILED, "not enough memory for the tokens");
    }
    if (status == EXPLAINT_OK) {
        memcpy(id, e.id, e.n * sizeof *id);
        status = explaint_model_generate(open.model, e.id, e.n, s->max_tokens, id + e.n, &made, &error);
    }
    if (status == EXPLAINT_OK)
        status =
            show_generated(s, explaint_model_describe(open.model)->name, open.tokenizer, id, e.n, e.n + made, &error);
    free(id);
    explaint_encoding_free(&e);
    return close_all(&open, status, &error);
}

enum { INSPECT, CHECK, DUMP, SCORE, GENERATE };

/* Options of another action. */
static int refuse_options(const cli_command *command, const settings *s, size_t which) {
    const bool reads = which == DUMP || which == SCORE || which == GENERATE;
    if (!reads && (s->texts != NULL || s->text.count > 0))
        return cli_usage_error(command,
                               "--texts and --text belong to 'model dump', 'model score' and 'model generate'");
    if (which != DUMP && (s->output != NULL || s->truncate || s->logits))
        return cli_usage_error(command, "--output, --truncate and --logits belong to 'model dump'");
    if (which != CHECK && (s->reference != NULL || s->unchecked))
        return cli_usage_error(command, "--reference and --allow-unchecked belong to 'model check'");
    if (which == DUMP && s->json) return cli_usage_error(command, "--json does not belong to 'model dump'");
    if (reads && s->texts == NULL && s->text.count == 0)
        return cli_usage_error(command, "'%s' needs --texts FILE or --text TEXT%s", actions[which].name,
                               which == DUMP ? ", and --output FILE" : "");
    if (which == DUMP && s->output == NULL)
        return cli_usage_error(command, "'dump' needs --texts FILE or --text TEXT, and --output FILE");
    if (which == GENERATE && s->text.count != 1) return cli_usage_error(command, "'generate' needs one --text TEXT");
    if (s->texts != NULL && s->text.count > 0) return cli_usage_error(command, "--texts and --text exclude each other");
    return which == DUMP ? product_suffix(command, "output", s->output, ".safetensors", true) : 0;
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    if (n_arguments == 0)
        return cli_usage_error(command, "an action is needed: inspect, check, dump, score or generate");
    const char *action = arguments[0];
    size_t which = 0;
    const int unknown = cli_action_of(command, action, &which);
    if (unknown != 0) return unknown;
    if (n_arguments > 1) return cli_unexpected(command, arguments[1]);
    if (s->model == NULL) return cli_usage_error(command, "'%s' needs --model DIR", action);
    const int refused = refuse_options(command, s, which);
    if (refused != 0) return refused;
    static int (*const acts[])(const settings *) = {inspect, check_model, dump, score, generate};
    return acts[which](s);
}

static const char *const example[] = {
    "explaint model check --model all-MiniLM-L6-v2",
    "largest differences from transformers, layer by layer; exits 4 if one is above its bound, or nothing was compared",
    "explaint model dump --model all-MiniLM-L6-v2 --texts sentences.txt --output states.safetensors",
    "everything that the layers hold, for other programs",
    "explaint model score --model SmolLM2-135M --texts sentences.txt",
    "how much a decoder expects each text",
    NULL,
};

const cli_command cli_model = {
    .name = "model",
    .summary = "inspect | check | dump | score | generate: a language model in a folder",
    .usage = "ACTION [--model] DIR [OPTION...]",
    .operand = "model",
    .files = "--model and --texts",
    .description = "What a model's folder holds, whether it computes here what the reference implementation does, what "
                   "its layers hold for some texts, how much a decoder expects them, and how it goes on.",
    CLI_TABLE(actions),
    CLI_OPTIONS,
    .example = example,
    .run = run,
};
