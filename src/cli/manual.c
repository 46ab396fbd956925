/* The man page (mdoc) and the bash completion, made from the option tables. */
#include <ctype.h>
#include <string.h>

#include "explaint/version.h"
#include "options.h"

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

static void option_entry(const cli_option *option, FILE *out) {
    fprintf(out, ".It Fl \\-%s", option->name);
    if (option->value != NULL) fprintf(out, " Ar %s", option->value);
    fputc('\n', out);
    fputc((char)toupper((unsigned char)option->help[0]), out);
    roff(out, option->help + 1);
    fputs(".\n", out);
    if (option->fallback != NULL) {
        fputs("Default: ", out);
        roff(out, option->fallback);
        fputs(".\n", out);
    }
    if (option->environment != NULL) fprintf(out, "Default: the value of\n.Ev %s .\n", option->environment);
    if (option->changes_no_result) fputs("Changes no result.\n", out);
}

static void command_section(const cli_command *command, FILE *out) {
    fprintf(out, ".Ss explaint %s ", command->name);
    roff(out, command->usage);
    fputc('\n', out);
    roff(out, command->description);
    fputc('\n', out);
    for (size_t i = 0; i < command->n_actions; i++) {
        if (i == 0) fputs(".Bl -tag -width Ds\n", out);
        fprintf(out, ".It Cm %s", command->actions[i].name);
        if (command->actions[i].arguments[0] != 0) {
            fputs(" Ar ", out);
            roff(out, command->actions[i].arguments);
        }
        fputc('\n', out);
        roff(out, command->actions[i].help);
        fputc('\n', out);
        if (i + 1 == command->n_actions) fputs(".El\n", out);
    }
    fputs(".Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < command->n_options; i++) option_entry(&command->options[i], out);
    fputs(".El\n", out);
    if (command->after != NULL) {
        fputs(".Pp\n", out);
        roff(out, command->after);
        fputc('\n', out);
    }
}

void cli_manual(const cli_command *const *commands, FILE *out) {
    fprintf(out,
            ".\\\" Made by 'explaint --man' from the option tables.\n"
            ".Dd $Mdocdate$\n.Dt EXPLAINT 1\n.Os explaint %s\n"
            ".Sh NAME\n.Nm explaint\n.Nd audits interpretability claims about language models\n"
            ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar option ...\n"
            ".Sh DESCRIPTION\n"
            "A mapping from word vectors to human feature norms can score well although it should not.\n"
            ".Nm\nscores it beside its controls, tests what it presumes, and says which claims the scores "
            "support.\n"
            "Data go to standard output, everything else to standard error.\n.Sh COMMANDS\n",
            explaint_version());
    for (size_t i = 0; commands[i] != NULL; i++) command_section(commands[i], out);
    fputs(".Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
          ".It Ev EXPLAINT_LEDGER\nThe ledger where\n.Fl \\-ledger\nis not given.\n"
          ".It Ev NO_COLOR\nIf set and not empty, no colour.\n"
          ".It Ev COLUMNS\nThe width of the view where standard output is not a terminal.\n.El\n"
          ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n"
          ".It 0\ndone\n.It 1\nfailed while running\n.It 2\nusage\n.It 3\nunreadable or invalid input\n"
          ".It 4\na self-check differs\n.It 5\na verdict is below what\n.Fl \\-fail\\-on\nnames\n"
          ".It 75\ninterrupted after at least one unit was stored: can be resumed\n"
          ".It 128+n\nended by signal n\n.El\n.Sh EXAMPLES\n",
          out);
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

static void completion_of(const cli_command *command, FILE *out) {
    fprintf(out, "        %s)\n            options=\"--help", command->name);
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
        } else if (option->kind == CLI_FILE || option->kind == CLI_FOLDS) {
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
