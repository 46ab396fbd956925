/* Help of the program and of its commands, in lines as wide as the terminal. */
#include <string.h>

#include "explaint/version.h"
#include "options.h"
#include "term.h"

enum { MOST_NAME = 26, SHORT_NAME = 8, LEAST_MEANING = 40, DEEP = 6 };

/* A name and what it means, in two columns; the meaning stands under the name where there is no room beside it. */
static void entry(const term *t, const char *name, const char *meaning, int column) {
    const int used = 2 + term_columns(t, name);
    fputs("  ", t->out);
    if (used + 2 <= column) {
        term_put(t, name);
        term_spaces(t, column - used);
    } else {
        term_wrap(t, name, 2, DEEP);
        term_spaces(t, column);
    }
    term_wrap(t, meaning, column, column);
}

/* Where meanings begin beside names, of which the longest has so many columns. */
static int column_beside(const term *t, size_t longest) {
    const int column = 2 + (longest < MOST_NAME ? (int)longest : MOST_NAME) + 2;
    return longest <= SHORT_NAME || t->width >= column + LEAST_MEANING ? column : DEEP;
}

static void labelled(const term *t, const char *label, const char *text) {
    fputs(label, t->out);
    term_wrap(t, text, (int)strlen(label), (int)strlen(label));
}

/* A line to be typed: where it is broken, the shell reads on. Text in quotes stays together. */
static void to_be_typed(const term *t, const char *text) {
    int at = 2;
    fputs("  ", t->out);
    for (const char *word = text; *word != 0;) {
        const char *end = word;
        for (bool quoted = false; *end != 0 && (quoted || *end != ' '); end++)
            if (*end == '"') quoted = !quoted;
        const int length = (int)(end - word), room = t->width - (*end != 0 ? 2 : 0); /* a backslash may follow */
        if (word > text && at + 1 + length > room) {
            fputs(" \\\n      ", t->out);
            at = 6;
        } else if (word > text) {
            fputc(' ', t->out);
            at++;
        }
        fprintf(t->out, "%.*s", length, word);
        at += length;
        word = end + (*end == ' ');
    }
    fputc('\n', t->out);
}

static void examples(const term *t, const char *const *example) {
    for (size_t i = 0; example != NULL && example[i] != NULL; i += 2) {
        if (i == 0) fputs("\nExamples:\n", t->out);
        to_be_typed(t, example[i]);
        term_spaces(t, DEEP);
        term_wrap(t, example[i + 1], DEEP, DEEP);
    }
}

/* ---- a command ---- */

static void name_of(const cli_option *option, char *buffer, size_t size) {
    snprintf(buffer, size, "--%s%s%s", option->name, option->value != NULL ? " " : "",
             option->value != NULL ? option->value : "");
}

bool cli_group_changes_nothing(const cli_command *command, size_t i) {
    for (size_t k = i; k < command->n_options && (k == i || command->options[k].group == NULL); k++)
        if (!command->options[k].changes_no_result) return false;
    return true;
}

static void option_entry(const term *t, const cli_option *option, int column) {
    char name[80], meaning[400];
    name_of(option, name, sizeof name);
    int at = snprintf(meaning, sizeof meaning, "%s", option->help);
    if (option->fallback != NULL) at += snprintf(meaning + at, sizeof meaning - (size_t)at, " [%s]", option->fallback);
    if (option->environment != NULL) snprintf(meaning + at, sizeof meaning - (size_t)at, " [$%s]", option->environment);
    entry(t, name, meaning, column);
}

static void options_of(const term *t, const cli_command *command, bool complete) {
    char name[80];
    size_t longest = strlen("-V, --version");
    for (size_t i = 0; i < command->n_options; i++) {
        name_of(&command->options[i], name, sizeof name);
        if ((complete || command->options[i].often) && strlen(name) > longest) longest = strlen(name);
    }
    const int column = column_beside(t, longest);
    if (!complete) fputs("\nOptions used most:\n", t->out);
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_option *option = &command->options[i];
        if (complete && option->group != NULL)
            fprintf(t->out, "\n%s%s:\n", option->group,
                    cli_group_changes_nothing(command, i) ? " (these change no result)" : "");
        if (complete || option->often) option_entry(t, option, column);
    }
    if (!complete) return;
    fputs("\nHelp:\n", t->out);
    entry(t, "-h", "the options used most", column);
    entry(t, "--help", "this text", column);
    entry(t, "-V, --version", "the version", column);
}

static void actions_of(const term *t, const cli_command *command) {
    for (size_t i = 0; i < command->n_actions; i++) {
        char action[120];
        const char *arguments = command->actions[i].arguments;
        if (i == 0) fputs("\nActions:\n", t->out);
        snprintf(action, sizeof action, "%s%s%s", command->actions[i].name, *arguments != 0 ? " " : "", arguments);
        entry(t, action, command->actions[i].help, column_beside(t, MOST_NAME));
    }
}

static void lists_of(const term *t, const cli_command *command) {
    for (size_t i = 0; i < command->n_lists; i++) {
        const cli_list *list = &command->lists[i];
        size_t longest = 0;
        for (size_t k = 0; k < list->n_terms; k++)
            if (strlen(list->terms[k].name) > longest) longest = strlen(list->terms[k].name);
        fprintf(t->out, "\n%s:\n", list->title);
        for (size_t k = 0; k < list->n_terms; k++)
            entry(t, list->terms[k].name, list->terms[k].help, column_beside(t, longest));
    }
}

/* term_of, but as narrow as the terminal is: text may be, tables may not. */
static term place(FILE *out) {
    term t = term_of(out);
    t.width = term_width(out);
    return t;
}

void cli_help(const cli_command *command, bool complete, FILE *out) {
    const term t = place(out);
    char text[200];
    snprintf(text, sizeof text, "%s %s", command->name, command->usage);
    labelled(&t, "Usage: explaint ", text);
    fputc('\n', out);
    term_wrap(&t, complete ? command->description : command->summary, 0, 0);
    actions_of(&t, command);
    options_of(&t, command, complete);
    if (complete) {
        lists_of(&t, command);
        examples(&t, command->example);
        return;
    }
    fputc('\n', out);
    snprintf(text, sizeof text, "'explaint %s --help' is complete.", command->name);
    term_wrap(&t, text, 0, 0);
}

/* ---- the program ---- */

void cli_print_version(FILE *out) { fprintf(out, "explaint %s\n", explaint_version()); }

void cli_overview(const cli_command *const *commands, bool complete, FILE *out) {
    static const char *const example[] = {
        "explaint infer",
        "audits the shipped word vectors on the shipped norms: scores, controls, tests, verdicts",
        NULL,
    };
    static const char *const codes[][2] = {
        {"0", "done"},
        {"1", "failed while running"},
        {"2", "usage"},
        {"3", "unreadable or invalid input"},
        {"4", "self-check differs, or compared nothing"},
        {"5", "verdict below --fail-on"},
        {"75", "interrupted and can be resumed"},
        {"128+n", "ended by signal n"},
    };
    const term t = place(out);
    char title[120];
    snprintf(title, sizeof title, "explaint %s - audits interpretability claims about language models",
             explaint_version());
    term_wrap(&t, title, 0, 0);
    fputc('\n', out);
    labelled(&t, "Usage: ", "explaint COMMAND [OPTION...]");
    fputs("\nCommands:\n", out);
    for (size_t i = 0; commands[i] != NULL; i++)
        entry(&t, commands[i]->name, commands[i]->summary, column_beside(&t, 7));
    if (!complete) {
        fputc('\n', out);
        term_wrap(&t, "'explaint COMMAND -h' shows what a command needs most, 'explaint COMMAND --help' all of it.", 0,
                  0);
        return;
    }
    const int column = column_beside(&t, strlen("-V, --version"));
    fputs("\nOptions:\n", out);
    entry(&t, "-h", "the commands; 'explaint COMMAND -h': its options used most", column);
    entry(&t, "--help", "this text; 'explaint COMMAND --help': all that a command takes", column);
    entry(&t, "-V, --version", "the version", column);
    examples(&t, example);
    fputs("\nExit codes:\n", out);
    for (size_t i = 0; i < CLI_LENGTH(codes); i++) entry(&t, codes[i][0], codes[i][1], column_beside(&t, 5));
}
