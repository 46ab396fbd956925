/* explaint: which sub-command, and what is printed without one. */
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "commands.h"
#include "explaint/error.h"

static const cli_command *const commands[] = {&cli_infer,  &cli_attend, &cli_relate,  &cli_embed,
                                              &cli_model,  &cli_norms,  &cli_report,  &cli_compare,
                                              &cli_adjust, &cli_runs,   &cli_version, NULL};

static const cli_command *find(const char *name) {
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    return NULL;
}

static int unknown_command(const char *name) {
    const char *names[CLI_LENGTH(commands)];
    size_t n = 0;
    for (; commands[n] != NULL; n++) names[n] = commands[n]->name;
    names[n] = NULL;
    const char *near = cli_nearest(name, names);
    if (near != NULL) return cli_usage_error(NULL, "unknown command '%s'; did you mean '%s'?", name, near);
    return cli_usage_error(NULL, "unknown command '%s'; 'explaint --help' lists the commands", name);
}

static int dispatch(int argc, char **argv) {
    if (argc < 2) {
        cli_overview(commands, false, stderr);
        return 2;
    }
    const char *word = argv[1];
    const bool complete = strcmp(word, "--help") == 0 || strcmp(word, "help") == 0;
    if (complete || strcmp(word, "-h") == 0) {
        const cli_command *about = argc > 2 ? find(argv[2]) : NULL;
        if (argc > 2 && about == NULL) return unknown_command(argv[2]);
        if (about != NULL)
            cli_help(about, complete, stdout);
        else
            cli_overview(commands, complete, stdout);
        return 0;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        cli_print_version(stdout);
        return 0;
    }
    if (strcmp(word, "--man") == 0) { /* docs/explaint.1 and the completion file are made by these two */
        cli_manual(commands, stdout);
        return 0;
    }
    if (strcmp(word, "--completion") == 0) {
        cli_completion(commands, stdout);
        return 0;
    }
    if (word[0] == '-') return cli_usage_error(NULL, "unknown option '%s'; 'explaint --help' lists the commands", word);
    const cli_command *command = find(word);
    if (command == NULL) return unknown_command(word);
    return cli_run(command, argc - 1, argv + 1);
}

int main(int argc, char **argv) {
#ifdef M_ARENA_MAX /* glibc: threads here ask for few and large pieces; with a heap each, a quarter of the peak was holes */
    mallopt(M_ARENA_MAX, 1);
#endif
    setlocale(LC_CTYPE, ""); /* only the character set: numbers keep their point */
    signal(SIGXFSZ,
           SIG_IGN); /* a file that may not grow (ulimit -f) is a write that fails, which is said and tidied up */
    int code = dispatch(argc, argv);
    if (fflush(stdout) == 0 && !ferror(stdout)) return code;
    if (code != 0 && code != EXPLAINT_BELOW) return code; /* that was said already */
    cli_say("standard output could not be written");
    return EXPLAINT_FAILED;
}
