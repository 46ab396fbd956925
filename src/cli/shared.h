/* Options that mean the same in several commands, and are written once: entries of a command's table, whose `settings` has a
 * member of the option's name (pattern for --template). */
#ifndef XP_CLI_SHARED_H
#define XP_CLI_SHARED_H

#include "explaint/model.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"
#include "options.h"

/* An option in a table of a command: its kind without CLI_, its name, the member of the command's `settings` that it fills, what its value is called
 * in help, and what it is for. Other fields of cli_option may follow. */
#define OPTION(kind_, name_, member, value_, help_)                                                                    \
    .name = name_, .kind = CLI_##kind_, .offset = offsetof(settings, member), .value = value_, .help = help_
#define FLAG(name_, member, help_) .name = name_, .kind = CLI_FLAG, .offset = offsetof(settings, member), .help = help_
/* What the option is without it, parsed as if it were typed. */
#define DEFAULT(typed) .fallback = typed, .parse_fallback = true

#define OPTION_MODEL(help_) OPTION(FILE, "model", model, "DIR|GGUF|org/name", help_)

/* Of the library's options of the command, member `o` of its settings. */
#define OPTION_SEED(help_) OPTION(SEED, "seed", o.seed, "N", help_), DEFAULT("1")

#define OPTION_THREADS                                                                                                 \
    OPTION(COUNT, "threads", threads, "N", "processors to use"), .fallback = "all", .min = 1, .max = 4096,             \
                                                                 .word = "all", .changes_no_result = true

#define OPTION_LEDGER(help_) OPTION(FILE, "ledger", ledger, "FILE", help_), .environment = "EXPLAINT_LEDGER"

/* Where a run is kept, of commands that make one. */
#define OPTION_KEEP OPTION_LEDGER("keep finished units and results in FILE"), .changes_no_result = true
#define OPTION_RESUME                                                                                                  \
    FLAG("resume", resume, "go on where the ledger's run of the same command stopped"), .changes_no_result = true

/* Texts of a file, or typed. */
#define OPTION_TEXTS(help_) OPTION(FILE, "texts", texts, "FILE", help_)
#define OPTION_TEXT OPTION(TEXTS, "text", text, "TEXT", "one text in place of a file; may be repeated")

static inline explaint_status cli_open_texts(const char *path, const cli_texts *text, explaint_texts **texts,
                                             explaint_error *error) {
    if (path != NULL) return explaint_texts_open(path, texts, error);
    return explaint_texts_of(text->item, text->count, texts, error);
}

/* A model and its own tokenizer. What is open at a failure is closed by the caller. */
static inline explaint_status cli_open_model(const char *path, size_t threads, bool logits, explaint_model **model,
                                             explaint_tokenizer **tokenizer, explaint_error *error) {
    explaint_model_options how = explaint_model_defaults();
    how.threads = (unsigned)threads;
    how.logits = logits;
    const explaint_status status = explaint_model_open(path, &how, model, error);
    return status == EXPLAINT_OK ? explaint_tokenizer_open(explaint_model_describe(*model)->path, tokenizer, error)
                                 : status;
}

/* A result: the document, its rows, or the view; of settings with a product_wish. */
#define OPTION_RESULT                                                                                                  \
    OPTION(PRODUCT, "output", wish.output, "FILE", "write the result: JSON (.json), CSV (.csv) or text (.txt)"),       \
        .changes_no_result = true
#define OPTION_RESULT_OR_PAGE                                                                                          \
    OPTION(PRODUCT, "output", wish.output, "FILE",                                                                     \
           "write the result: a page (.html), JSON (.json), CSV (.csv) or text (.txt)"),                               \
        .changes_no_result = true
#define OPTION_OPEN FLAG("open", wish.open, "show the page in a browser"), .changes_no_result = true
#define OPTION_FORCE FLAG("force", wish.force, "replace a page that exists"), .changes_no_result = true
#define OPTION_JSON FLAG("json", wish.json, "the result as one JSON document"), .changes_no_result = true
#define OPTION_CSV FLAG("csv", wish.csv, "the result's rows as CSV"), .changes_no_result = true
#define OPTION_DECIMAL                                                                                                 \
    OPTION(CHOICE, "decimal", wish.decimal, "SIGN", "of CSV: . or , (then ; stands between fields)"), DEFAULT("."),    \
        .choices = ".|,", .changes_no_result = true
#define OPTION_QUIET FLAG("quiet", wish.quiet, "no progress, and no view on the terminal"), .changes_no_result = true

/* How concepts are split, and what they are grouped by. */
#define OPTION_FOLDS                                                                                                   \
    OPTION(FOLDS, "folds", folds, "K|FILE", "folds of the cross-validation, or a CSV concept,fold"), DEFAULT("10"),    \
        .min = 2, .max = 1e6
#define OPTION_CATEGORIES                                                                                              \
    OPTION(FILE, "categories", o.categories_file, "FILE", "CSV concept,category"), .fallback = "from the norms"

/* How norms are read: `table` of the settings, explaint_norms_options, and whether `values` are binary. */
#define OPTION_NA                                                                                                      \
    OPTION(CHOICE, "na", table.na, "HOW", "missing cells: zero, drop-features, mask"), DEFAULT("zero"),                \
        .choices = "zero|drop-features|mask"
#define OPTION_VALUES                                                                                                  \
    OPTION(CHOICE, "values", values, "HOW", "norms as counts (freq) or as 0 and 1 (binary)"), DEFAULT("freq"),         \
        .choices = "freq|binary"
#define OPTION_PAIR_VALUE                                                                                              \
    OPTION(CHOICE, "pair-value", table.pair_value, "HOW", "Buchanan's pairs of several sources: last, sum, max"),      \
        DEFAULT("last"), .choices = "last|sum|max"
#define OPTION_CONCEPTS                                                                                                \
    OPTION(FILE, "concepts", table.concepts, "FILE", "the rows of an .npy of norms, one concept per line")
#define OPTION_FEATURES                                                                                                \
    OPTION(FILE, "features", table.features, "FILE", "the columns of an .npy of norms, one feature per line"),         \
        .fallback = "f0, f1, ..."

#define OPTION_COLUMNS                                                                                                 \
    OPTION(TEXT, "columns", table.columns, "ROLE=NAME,...",                                                            \
           "which column of a table of norms is which: concept, feature, value, relation, category"),                  \
        .fallback = "by their names"
#define OPTION_DROP_COLUMNS                                                                                            \
    OPTION(TEXT, "drop-columns", table.drop_columns, "LIST", "columns of a table of norms to leave out: id,freq,*.SD")
#define OPTION_SHEET                                                                                                   \
    OPTION(TEXT, "sheet", table.sheet, "NAME", "sheet of a workbook of norms: its name, or number"),                   \
        .fallback = "the one that looks like norms"

/* Says what failed, if anything did, and gives the exit code. */
static inline int cli_outcome(const explaint_error *error, explaint_status status) {
    if (status != EXPLAINT_OK) cli_say("%s", error->message);
    return (int)status;
}

#endif
