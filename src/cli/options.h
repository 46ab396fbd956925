/* One table of options for each command. Parsing, help, the man page and shell completion are all made from it.
 *
 *     static const cli_option options[] = {
 *         {OPTION(COUNT, "folds", folds, "K", "folds of the cross-validation"), DEFAULT("10"), .min = 2, .max = 1e6},
 *     };
 *
 * Hyphen and underscore are the same in an option's name. A value that is out of range is a usage error: one
 * sentence on stderr, nothing on stdout, exit 2.
 */
#ifndef XP_CLI_OPTIONS_H
#define XP_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum cli_kind {
    CLI_FLAG,    /* bool */
    CLI_TEXT,    /* const char *, not empty */
    CLI_TEXTS,   /* cli_texts: may be given several times */
    CLI_FILE,    /* const char *, not empty; a file that is read, or a folder */
    CLI_PRODUCT, /* const char *, not empty; a file that is written: none that is read */
    CLI_CHOICE,  /* const char *, one of `choices` */
    CLI_NAMES,   /* const char *, names of `choices` with commas between */
    CLI_COUNT,   /* size_t from min to max */
    CLI_SEED,    /* uint64_t */
    CLI_REAL,    /* double from min to max */
    CLI_COUNTS,  /* cli_counts: 25 | 1-100 | 10,25,50; with a word: WORD, or WORD:1-60 */
    CLI_FOLDS,   /* cli_folds: a count from min to max, or a file */
    CLI_LAYERS   /* cli_layers: all | last | 0-12 | 0,6,12 */
} cli_kind;

typedef struct cli_counts {
    size_t *item; /* ascending, each once; released by cli_release */
    size_t count;
    bool word; /* the option's word was given; then count may be 0 */
} cli_counts;

typedef struct cli_texts {
    const char **item; /* as typed; released by cli_run */
    size_t count;
} cli_texts;

typedef struct cli_layers {
    cli_counts list; /* count 0: not given, or all, or last */
    bool all, last;
} cli_layers;

typedef struct cli_folds {
    size_t count;
    const char *file; /* NULL: count holds */
} cli_folds;

typedef struct cli_option {
    const char *name;
    cli_kind kind;
    size_t offset;        /* of the value in the command's settings */
    const char *value;    /* placeholder in help, "K|FILE" */
    const char *fallback; /* default: what help prints in brackets; parsed into the settings if parse_fallback */
    bool parse_fallback;
    const char *help;        /* one line */
    const char *group;       /* heading above this option in help; NULL: that of the option before it */
    const char *choices;     /* "a|b|c" */
    const char *word;        /* CLI_COUNT: this word means 0, "auto"; CLI_COUNTS: an empty list, "all" */
    bool word_and_list;      /* CLI_COUNTS: a list may follow the word, "auto:1-60" */
    const char *environment; /* variable that gives the default */
    double min, max;         /* CLI_COUNT, CLI_REAL, CLI_COUNTS, CLI_FOLDS */
    bool changes_no_result;  /* left out of the command that results carry */
    bool often;              /* among the few that -h shows */
} cli_option;

typedef struct cli_action { /* first word after a command that has several: list, describe, ... */
    const char *name, *arguments, *help;
} cli_action;

typedef struct cli_term {
    const char *name, *help;
} cli_term;

typedef struct cli_gone { /* an option of an earlier version, and what came in its place */
    const char *name, *instead;
} cli_gone;

typedef struct cli_list { /* names that option values are made of, and what they mean */
    const char *title;
    const cli_term *terms;
    size_t n_terms;
} cli_list;

typedef struct cli_command {
    const char *name, *summary;
    const char *usage;   /* what follows the name: "[OPTION...]" */
    const char *operand; /* an option whose value may stand alone, behind the action if there are actions: "model" */
    const char *files;   /* the options that name files, "--norms and --embeddings"; NULL: they stand alone */
    const char *description; /* a paragraph for help and manual */
    const cli_action *actions;
    size_t n_actions;
    const cli_option *options;
    size_t n_options;
    const cli_gone *gone;
    size_t n_gone;
    const cli_list *lists; /* under the options */
    size_t n_lists;
    const char *const *example; /* pairs (command line, what it does), NULL-terminated */
    size_t settings_size;
    void (*begin)(
        void *settings); /* what cleared settings are without any option, beside the options' defaults; NULL: nothing */
    int (*run)(const struct cli_command *command, void *settings, char **arguments, size_t n_arguments);
} cli_command;

#define CLI_LENGTH(array) (sizeof(array) / sizeof *(array))
/* Of a command's table; more than the parser has room for do not compile. */
enum { CLI_MOST_OPTIONS = 96, CLI_MOST_ACTIONS = 8 };
#define CLI_N_OPTIONS(table) (CLI_LENGTH(table) + 0 * sizeof(char[CLI_LENGTH(table) <= CLI_MOST_OPTIONS ? 1 : -1]))

/* Tables of a command, of their members' names, with their lengths; and the settings that the options fill. */
#define CLI_TABLE(name) .name = name, .n_##name = CLI_LENGTH(name)
#define CLI_OPTIONS .options = options, .n_options = CLI_N_OPTIONS(options), .settings_size = sizeof(settings)

/* Prints "explaint: sentence" on stderr, whatever is quoted in it. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints "explaint COMMAND: sentence" on stderr; returns 2, so that it can end a function. */
int cli_usage_error(const cli_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The usage error of a word that stands alone and should not. Returns 2. */
int cli_unexpected(const cli_command *command, const char *word);

/* Parses argv (argv[0] is the command's name) into settings (cleared here, then filled with the defaults), calls the
 * command. Returns the exit code. */
int cli_run(const cli_command *command, int argc, char **argv);
/* Words that a command passes on as options of another one, parsed like that one's own and given to `use` in place of its run. fixed: pairs of an option's
 * name and value, NULL-terminated, as if they had been typed last. cli_typed and cli_given are about the other command inside use(). */
typedef int cli_use(void *self, const cli_command *command, void *settings, char **arguments, size_t n_arguments);
int cli_parse(const cli_command *command, char **words, size_t n_words, const char *const *fixed, cli_use *use,
              void *self);

/* The command with the options that change a result, in the table's order: two ways to type the same command give the
 * same list. NULL-terminated, owned by the options module until the program ends. Valid inside run(). */
const char *const *cli_typed(void);
/* The same with an action, and an argument of it (NULL: none), behind the command's name; released by free. NULL without memory. */
const char **cli_typed_with(const char *action, const char *argument);
/* true if the option was given on the command line. */
bool cli_given(const char *name);

/* 0, or 2 after one sentence: a product of this option at `path` would replace a file that the command reads. For products whose name is not typed. */
int cli_keep_inputs(const cli_command *command, const char *option, const char *path);

/* Nearest of the names (NULL-terminated) to what was typed, or NULL if none is alike. */
const char *cli_nearest(const char *typed, const char *const *names);
/* Place of the word among the command's actions. 0, or 2 after a usage error if it is none. */
int cli_action_of(const cli_command *command, const char *word, size_t *which);

/* ---- help.c: lines as wide as the terminal ---- */

/* complete: every option and list (--help); else one screen with the options that are used most (-h). */
void cli_help(const cli_command *command, bool complete, FILE *out);
/* The program's own. commands: NULL-terminated. */
void cli_overview(const cli_command *const *commands, bool complete, FILE *out);
void cli_print_version(FILE *out);

/* Option i begins a group of options, of which none changes a result. */
bool cli_group_changes_nothing(const cli_command *command, size_t i);

/* manual.c */
void cli_manual(const cli_command *const *commands, FILE *out);     /* man page, mdoc */
void cli_completion(const cli_command *const *commands, FILE *out); /* bash */

#endif
