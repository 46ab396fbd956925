/* The man page (mdoc) and the bash completion, made from the option tables. */
#include <ctype.h>
#include <string.h>

#include "explaint/version.h"
#include "options.h"

#define RELEASED "November 23, 2026" /* the date of this version in CHANGELOG.md; a test compares them */

/* roff text: backslashes and hyphens that are typed must survive; a line must not begin with a dot. */
static void roff(FILE *out, const char *text) {
    if (*text == '.' || *text == '\'') fputs("\\&", out);
    for (; *text != 0; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
    }
}

static void roff_line(FILE *out, const char *text) {
    roff(out, text);
    fputc('\n', out);
}

static void option_entry(const cli_option *option, FILE *out) {
    fputs(".It Fl \\-", out);
    for (const char *p = option->name; *p != 0; p++) fputs(*p == '-' ? "\\-" : (char[]){*p, 0}, out);
    if (option->value != NULL) fprintf(out, " Ar %s", option->value);
    fputc('\n', out);
    roff_line(out, option->help);
    if (option->fallback != NULL) {
        fputs("(default: ", out);
        roff(out, option->fallback);
        fputs(")\n", out);
    }
    if (option->environment != NULL) fprintf(out, "(default: the value of\n.Ev %s )\n", option->environment);
}

static void options_of(const cli_command *command, FILE *out) {
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_option *option = &command->options[i];
        if (option->group != NULL) {
            fprintf(out, "%s.Ss %s\n", i > 0 ? ".El\n" : "", option->group);
            if (cli_group_changes_nothing(command, i)) fputs("These options change no result.\n", out);
            fputs(".Bl -tag -width Ds\n", out);
        }
        option_entry(option, out);
    }
    if (command->n_options > 0) fputs(".El\n", out);
}

static void lists_of(const cli_command *command, FILE *out) {
    for (size_t i = 0; i < command->n_lists; i++) {
        const cli_list *list = &command->lists[i];
        fputs(".Ss ", out);
        roff_line(out, list->title);
        fputs(".Bl -tag -width na_at_10_retrieval -compact\n", out);
        for (size_t k = 0; k < list->n_terms; k++) {
            fputs(".It Cm ", out);
            roff_line(out, list->terms[k].name);
            roff_line(out, list->terms[k].help);
        }
        fputs(".El\n", out);
    }
}

static void upper(const char *text, FILE *out) {
    for (; *text != 0; text++) fputc(toupper((unsigned char)*text), out);
}

static void command_section(const cli_command *command, FILE *out) {
    fputs(".Sh EXPLAINT ", out);
    upper(command->name, out);
    fputs("\nUsage:\n.Nm\n", out);
    fprintf(out, ".Cm %s\n.Ar ", command->name);
    roff_line(out, command->usage);
    fputs(".Pp\n", out);
    roff_line(out, command->description);
    for (size_t i = 0; i < command->n_actions; i++) {
        if (i == 0) fputs(".Bl -tag -width Ds\n", out);
        fprintf(out, ".It Cm %s", command->actions[i].name);
        if (command->actions[i].arguments[0] != 0) {
            fputs(" Ar ", out);
            roff(out, command->actions[i].arguments);
        }
        fputc('\n', out);
        roff_line(out, command->actions[i].help);
        if (i + 1 == command->n_actions) fputs(".El\n", out);
    }
    options_of(command, out);
    lists_of(command, out);
}

static void examples(const cli_command *const *commands, FILE *out) {
    fputs(".Sh EXAMPLES\n", out);
    for (size_t i = 0; commands[i] != NULL; i++) {
        for (size_t j = 0; commands[i]->example != NULL && commands[i]->example[j] != NULL; j += 2) {
            fputc((char)toupper((unsigned char)commands[i]->example[j + 1][0]), out);
            roff(out, commands[i]->example[j + 1] + 1);
            fputs(":\n.Pp\n.Dl ", out);
            roff(out, commands[i]->example[j]);
            fputs("\n.Pp\n", out);
        }
    }
}

void cli_manual(const cli_command *const *commands, FILE *out) {
    fprintf(out,
            ".\\\" Made by 'explaint --man' from the option tables.\n"
            ".Dd " RELEASED "\n.Dt EXPLAINT 1\n.Os explaint %s\n"
            ".\\\" No hyphenation; the macros of groff would switch it on again in each section.\n"
            ".nr doc-hyphen-flags 0\n.nh\n"
            ".Sh NAME\n.Nm explaint\n.Nd audits interpretability claims about language models\n"
            ".Sh SYNOPSIS\n",
            explaint_version());
    for (size_t i = 0; commands[i] != NULL; i++)
        fprintf(out, ".Nm\n.Cm %s\n%s.Op Ar option ...\n", commands[i]->name,
                commands[i]->n_actions > 0 ? ".Ar action ...\n" : "");
    fputs(".Sh DESCRIPTION\n"
          "A mapping from word vectors to human feature norms can score well although it should not.\n"
          ".Nm\nscores it beside its controls, tests what it presumes, and says which claims the scores support.\n"
          ".Pp\n"
          "Data go to standard output, everything else to standard error.\n"
          "Lists are separated by commas; hyphen and underscore are the same in the name of an option.\n"
          ".Nm\n.Ar command\n.Fl \\-help\nprints what follows about one command,\n"
          ".Nm\n.Ar command\n.Fl h\nthe options that are used most, on one screen;\n.Fl V\nprints the version.\n",
          out);
    for (size_t i = 0; commands[i] != NULL; i++) command_section(commands[i], out);
    fputs(
        ".Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
        ".It Ev EXPLAINT_LEDGER\nthe ledger where\n.Fl \\-ledger\nis not given\n"
        ".It Ev NO_COLOR\nif set and not empty, no colour\n"
        ".It Ev COLUMNS\nthe width of the view and of help where standard output is not a terminal\n.El\n"
        ".Sh FILES\n"
        "Norms, vectors, folds, categories and covariates are CSV, TSV, vector text or .npy; text may be gzip.\n"
        "What is written is written under a temporary name beside it and renamed: it is whole or not there.\n"
        ".Bl -tag -width Ds\n"
        ".It Pa LEDGER\nan SQLite database of runs, with\n.Pa LEDGER\\-wal\nand\n.Pa LEDGER\\-shm\nwhile it is in use\n"
        ".El\n"
        ".Sh EXIT STATUS\n.Bl -tag -width 128+n -compact\n"
        ".It 0\ndone\n.It 1\nfailed while running, a full disk among others\n.It 2\nusage\n"
        ".It 3\nunreadable or invalid input\n"
        ".It 4\na self\\-check differs, or compared nothing\n.It 5\na verdict is below what\n.Fl \\-fail\\-on\nnames\n"
        ".It 75\ninterrupted after at least one unit was stored:\n.Fl \\-resume\ngoes on\n"
        ".It 128+n\nended by signal n\n.El\n",
        out);
    examples(commands, out);
    fputs(".Sh SEE ALSO\n.Xr sqlite3 1 ,\n.Xr wn 1\n.Pp\n"
          "docs/methods.md (what every number means), docs/formats.md (files) and docs/norms.md (the norms that\n"
          "ship with the program) in the source of\n.Nm .\n",
          out);
}

static void completion_of(const cli_command *command, FILE *out) {
    fprintf(out, "        %s)\n            options=\"--help --version", command->name);
    for (size_t i = 0; i < command->n_options; i++) fprintf(out, " --%s", command->options[i].name);
    fputs("\"\n            words=\"", out);
    for (size_t i = 0; i < command->n_actions; i++) fprintf(out, "%s%s", i > 0 ? " " : "", command->actions[i].name);
    fputs("\"\n            case $before in\n", out);
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_option *option = &command->options[i];
        if (option->kind == CLI_FLAG) continue;
        fprintf(out, "                --%s) ", option->name);
        if (option->choices != NULL) {
            fputs("values=\"", out);
            for (const char *p = option->choices; *p != 0; p++) fputc(*p == '|' ? ' ' : *p, out);
            fputs("\" ;;\n", out);
        } else if (option->kind == CLI_FILE || option->kind == CLI_PRODUCT || option->kind == CLI_FOLDS) {
            fputs("files=1 ;;\n", out);
        } else {
            fputs("return ;;\n", out);
        }
    }
    fputs("            esac ;;\n", out);
}

void cli_completion(const cli_command *const *commands, FILE *out) {
    fputs("# bash completion for explaint; made by 'explaint --completion' from the option tables.\n"
          "_explaint() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
          "    local options= words= values= files=\n"
          "    COMPREPLY=()\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
          "        COMPREPLY=($(compgen -W \"--help --version",
          out);
    for (size_t i = 0; commands[i] != NULL; i++) fprintf(out, " %s", commands[i]->name);
    fputs("\" -- \"$word\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n", out);
    for (size_t i = 0; commands[i] != NULL; i++) completion_of(commands[i], out);
    fputs("    esac\n"
          "    if [ -n \"$values\" ]; then\n"
          "        COMPREPLY=($(compgen -W \"$values\" -- \"$word\"))\n"
          "    elif [ -n \"$files\" ]; then\n"
          "        COMPREPLY=($(compgen -f -- \"$word\"))\n"
          "    elif [ \"${word:0:1}\" = - ]; then\n"
          "        COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
          "    else\n"
          "        COMPREPLY=($(compgen -W \"$words\" -- \"$word\") $(compgen -f -- \"$word\"))\n"
          "    fi\n"
          "}\n"
          "complete -o filenames -F _explaint explaint\n",
          out);
}
