/* Options that mean the same in several commands, and are written once: entries of a command's table, whose `settings` has a
 * member of the option's name (pattern for --template). */
#ifndef XP_CLI_SHARED_H
#define XP_CLI_SHARED_H

#include "explaint/model.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"
#include "options.h"

#define AT(member) .offset = offsetof(settings, member)

#define OPTION_MODEL(help_) .name = "model", .kind = CLI_FILE, AT(model), .value = "DIR|GGUF|org/name", .help = help_

#define OPTION_SEED(help_)                                                                                             \
    .name = "seed", .kind = CLI_SEED, AT(seed), .value = "N", .fallback = "1", .parse_fallback = true, .help = help_

#define OPTION_THREADS                                                                                                 \
    .name = "threads", .kind = CLI_COUNT, AT(threads), .value = "N", .fallback = "all", .min = 1, .max = 4096,         \
    .word = "all", .changes_no_result = true, .help = "processors to use"

#define OPTION_LEDGER(help_)                                                                                           \
    .name = "ledger", .kind = CLI_FILE, AT(ledger), .value = "FILE", .environment = "EXPLAINT_LEDGER", .help = help_

/* Where a run is kept, of commands that make one. */
#define OPTION_KEEP OPTION_LEDGER("keep finished units and results in FILE"), .changes_no_result = true
#define OPTION_RESUME                                                                                                  \
    .name = "resume", .kind = CLI_FLAG, AT(resume), .changes_no_result = true,                                         \
    .help = "go on where the ledger's run of the same command stopped"

/* Texts of a file, or typed. */
#define OPTION_TEXTS(help_) .name = "texts", .kind = CLI_FILE, AT(texts), .value = "FILE", .help = help_
#define OPTION_TEXT                                                                                                    \
    .name = "text", .kind = CLI_TEXTS, AT(text), .value = "TEXT", .help = "one text in place of a file; may be repeated"

static inline explaint_status cli_open_texts(const char *path, const cli_texts *text, explaint_texts **texts,
                                             explaint_error *error) {
    if (path != NULL) return explaint_texts_open(path, texts, error);
    return explaint_texts_of(text->item, text->count, texts, error);
}

/* A model and its own tokenizer. What is open at a failure is closed by the caller. */
static inline explaint_status cli_open_model(const char *path, const explaint_model_options *how,
                                             explaint_model **model, explaint_tokenizer **tokenizer,
                                             explaint_error *error) {
    const explaint_status status = explaint_model_open(path, how, model, error);
    return status == EXPLAINT_OK ? explaint_tokenizer_open(explaint_model_describe(*model)->path, tokenizer, error)
                                 : status;
}

/* A result: the document, its rows, or the view. */
#define OPTION_RESULT                                                                                                  \
    .name = "output", .kind = CLI_FILE, AT(output), .value = "FILE", .changes_no_result = true,                        \
    .help = "write the result: JSON (.json), CSV (.csv) or text (.txt)"
#define OPTION_RESULT_OR_PAGE                                                                                          \
    .name = "output", .kind = CLI_FILE, AT(output), .value = "FILE", .changes_no_result = true,                        \
    .help = "write the result: a page (.html), JSON (.json), CSV (.csv) or text (.txt)"
#define OPTION_OPEN                                                                                                    \
    .name = "open", .kind = CLI_FLAG, AT(open), .changes_no_result = true, .help = "show the page in a browser"
#define OPTION_FORCE                                                                                                   \
    .name = "force", .kind = CLI_FLAG, AT(force), .changes_no_result = true, .help = "replace a page that exists"
#define OPTION_JSON                                                                                                    \
    .name = "json", .kind = CLI_FLAG, AT(json), .changes_no_result = true, .help = "the result as one JSON document"
#define OPTION_CSV                                                                                                     \
    .name = "csv", .kind = CLI_FLAG, AT(csv), .changes_no_result = true, .help = "the result's rows as CSV"
#define OPTION_DECIMAL                                                                                                 \
    .name = "decimal", .kind = CLI_CHOICE, AT(decimal), .value = "SIGN", .fallback = ".", .parse_fallback = true,      \
    .choices = ".|,", .changes_no_result = true, .help = "of CSV: . or , (then ; stands between fields)"
#define OPTION_QUIET                                                                                                   \
    .name = "quiet", .kind = CLI_FLAG, AT(quiet), .changes_no_result = true,                                           \
    .help = "no progress, and no view on the terminal"

/* How concepts are split, and what they are grouped by. */
#define OPTION_FOLDS                                                                                                   \
    .name = "folds", .kind = CLI_FOLDS, AT(folds), .value = "K|FILE", .fallback = "10", .parse_fallback = true,        \
    .min = 2, .max = 1e6, .help = "folds of the cross-validation, or a CSV concept,fold"
#define OPTION_CATEGORIES                                                                                              \
    .name = "categories", .kind = CLI_FILE, AT(categories), .value = "FILE", .fallback = "from the norms",             \
    .help = "CSV concept,category"

/* How norms are read. */
#define OPTION_NA                                                                                                      \
    .name = "na", .kind = CLI_CHOICE, AT(na), .value = "HOW", .fallback = "zero", .parse_fallback = true,              \
    .choices = "zero|drop-features|mask", .help = "missing cells: zero, drop-features, mask"
#define OPTION_VALUES                                                                                                  \
    .name = "values", .kind = CLI_CHOICE, AT(values), .value = "HOW", .fallback = "freq", .parse_fallback = true,      \
    .choices = "freq|binary", .help = "norms as counts (freq) or as 0 and 1 (binary)"
#define OPTION_PAIR_VALUE                                                                                              \
    .name = "pair-value", .kind = CLI_CHOICE, AT(pair_value), .value = "HOW", .fallback = "last",                      \
    .parse_fallback = true, .choices = "last|sum|max", .help = "Buchanan's pairs of several sources: last, sum, max"
#define OPTION_CONCEPTS                                                                                                \
    .name = "concepts", .kind = CLI_FILE, AT(concepts), .value = "FILE",                                               \
    .help = "the rows of an .npy of norms, one concept per line"
#define OPTION_FEATURES                                                                                                \
    .name = "features", .kind = CLI_FILE, AT(features), .value = "FILE", .fallback = "f0, f1, ...",                    \
    .help = "the columns of an .npy of norms, one feature per line"

#define OPTION_COLUMNS                                                                                                 \
    .name = "columns", .kind = CLI_TEXT, AT(columns), .value = "ROLE=NAME,...", .fallback = "by their names",          \
    .help = "which column of a table of norms is which: concept, feature, value, relation, category"
#define OPTION_DROP_COLUMNS                                                                                            \
    .name = "drop-columns", .kind = CLI_TEXT, AT(drop_columns), .value = "LIST",                                       \
    .help = "columns of a table of norms to leave out: id,freq,*.SD"
#define OPTION_SHEET                                                                                                   \
    .name = "sheet", .kind = CLI_TEXT, AT(sheet), .value = "NAME", .fallback = "the one that looks like norms",        \
    .help = "sheet of a workbook of norms: its name, or number"

/* The settings of a command that has all of these, as the library takes them. */
#define TAKE_NORMS_OPTIONS(options, s)                                                                                 \
    do {                                                                                                               \
        (options).binary = strcmp((s)->values, "binary") == 0;                                                         \
        (options).na = (s)->na;                                                                                        \
        (options).pair_value = (s)->pair_value;                                                                        \
        (options).concepts = (s)->concepts;                                                                            \
        (options).features = (s)->features;                                                                            \
        (options).columns = (s)->columns;                                                                              \
        (options).drop_columns = (s)->drop_columns;                                                                    \
        (options).sheet = (s)->sheet;                                                                                  \
    } while (0)

/* What these four ask for. */
#define PRODUCT_WISH(s)                                                                                                \
    ((product_wish){                                                                                                   \
        .output = (s)->output, .decimal = (s)->decimal, .json = (s)->json, .csv = (s)->csv, .quiet = (s)->quiet})

/* Of a command that makes pages: the same, and `force` and `open`. */
#define PAGE_WISH(s)                                                                                                   \
    ((product_wish){.output = (s)->output,                                                                             \
                    .decimal = (s)->decimal,                                                                           \
                    .json = (s)->json,                                                                                 \
                    .csv = (s)->csv,                                                                                   \
                    .quiet = (s)->quiet,                                                                               \
                    .pages = true,                                                                                     \
                    .force = (s)->force,                                                                               \
                    .open = (s)->open})

/* Says what failed, and gives the exit code. */
static inline int cli_complain(const explaint_error *error, explaint_status status) {
    cli_say("%s", error->message);
    return (int)status;
}

#endif
