#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "explaint/visible.h"

enum { MOST_COUNTS = 10000 };

/* The command that runs, as it was typed. */
static struct command_line {
    const cli_command *command;
    const char **word;
    char dashed[CLI_MOST_OPTIONS][40];         /* words of `word` */
    const char *given_value[CLI_MOST_OPTIONS]; /* NULL: not given */
} typed;

static void say(const char *command, const char *format, va_list list) {
    char text[2048], shown[4096];
    vsnprintf(text, sizeof text, format, list);
    explaint_visible_text(text, shown, sizeof shown); /* a terminal must not obey what was typed or read */
    fprintf(stderr, "explaint%s%s: %s\n", command != NULL ? " " : "", command != NULL ? command : "", shown);
}

void cli_say(const char *format, ...) {
    va_list list;
    va_start(list, format);
    say(NULL, format, list);
    va_end(list);
}

int cli_usage_error(const cli_command *command, const char *format, ...) {
    va_list list;
    va_start(list, format);
    say(command != NULL ? command->name : NULL, format, list);
    va_end(list);
    return 2;
}

/* ---- nearest name ---- */

/* Edit distance with swaps of neighbours; names are short. */
static size_t distance(const char *a, const char *b) {
    enum { LONGEST = 40 };
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST || m > LONGEST) return 2 * LONGEST;
    size_t table[LONGEST + 1][LONGEST + 1];
    for (size_t i = 0; i <= n; i++) table[i][0] = i;
    for (size_t j = 0; j <= m; j++) table[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            size_t best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (table[i - 1][j] + 1 < best) best = table[i - 1][j] + 1;
            if (table[i][j - 1] + 1 < best) best = table[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && table[i - 2][j - 2] + 1 < best)
                best = table[i - 2][j - 2] + 1;
            table[i][j] = best;
        }
    }
    return table[n][m];
}

const char *cli_nearest(const char *word, const char *const *names) {
    const char *nearest = NULL;
    const size_t length = strlen(word);
    size_t best = SIZE_MAX;
    for (size_t i = 0; names[i] != NULL; i++) {
        const size_t longer = strlen(names[i]) > length ? strlen(names[i]) : length;
        size_t d = distance(word, names[i]);
        if (length >= 3 && strncmp(word, names[i], length) == 0 && d > 1) d = 1; /* a beginning is near */
        if (3 * d > longer || d >= best) continue; /* more than a third is another: that is another word */
        best = d;
        nearest = names[i];
    }
    return nearest;
}

int cli_action_of(const cli_command *command, const char *word, size_t *which) {
    const char *names[CLI_MOST_ACTIONS + 1];
    char list[128];
    size_t n = 0, at = 0;
    for (; n < command->n_actions && n < CLI_MOST_ACTIONS; n++) {
        names[n] = command->actions[n].name;
        if (strcmp(names[n], word) == 0) {
            *which = n;
            return 0;
        }
        at += (size_t)snprintf(list + at, sizeof list - at, "%s%s",
                               n == 0                        ? ""
                               : n + 1 == command->n_actions ? " or "
                                                             : ", ",
                               names[n]);
    }
    names[n] = NULL;
    const char *near = cli_nearest(word, names);
    if (near != NULL) return cli_usage_error(command, "unknown action '%s'; did you mean '%s'?", word, near);
    return cli_usage_error(command, "unknown action '%s'; expected %s", word, list);
}

/* ---- values ---- */

static bool among(const char *choices, const char *word, size_t length) {
    for (const char *at = choices; at != NULL && *at != 0;) {
        size_t n = strcspn(at, "|");
        if (n == length && strncmp(at, word, n) == 0) return true;
        at += n + (at[n] == '|');
    }
    return false;
}

static bool parse_size(const char *text, size_t length, size_t *value) {
    if (length == 0 || length > 18) return false;
    size_t result = 0;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i])) return false;
        result = 10 * result + (size_t)(text[i] - '0');
    }
    *value = result;
    return true;
}

static bool looks_like_number(const char *text) {
    const char *at = text + (*text == '-' || *text == '+');
    return *at != 0 && strspn(at, "0123456789.") == strlen(at);
}

static int out_of_range(const cli_command *command, const cli_option *option, const char *text) {
    return cli_usage_error(command, "--%s: '%s' is not %s from %.15g to %.15g%s%s", option->name, text,
                           option->kind == CLI_REAL ? "a number" : "a whole number", option->min, option->max,
                           option->word != NULL        ? ", nor "
                           : option->kind == CLI_FOLDS ? ", nor a file's name"
                                                       : "",
                           option->word != NULL ? option->word : "");
}

static int not_a_choice(const cli_command *command, const cli_option *option, const char *word) {
    char choices[512], list[512] = "";
    const char *names[64];
    size_t n = 0;
    snprintf(choices, sizeof choices, "%s", option->choices);
    for (char *rest = choices; rest != NULL && n + 1 < CLI_LENGTH(names); n++) {
        const size_t at = strlen(list);
        names[n] = strsep(&rest, "|");
        snprintf(list + at, sizeof list - at, "%s%s", n > 0 ? ", " : "", names[n]);
    }
    names[n] = NULL;
    const char *near = cli_nearest(word, names);
    if (near != NULL)
        return cli_usage_error(command, "--%s: '%s' is unknown; did you mean '%s'? (%s)", option->name, word, near,
                               list);
    return cli_usage_error(command, "--%s: '%s' is unknown, expected one of: %s", option->name, word, list);
}

static int parse_names(const cli_command *command, const cli_option *option, const char *text) {
    for (const char *at = text;;) {
        size_t length = strcspn(at, ",");
        char word[128];
        snprintf(word, sizeof word, "%.*s", (int)(length < 127 ? length : 127), at);
        if (length == 0) return cli_usage_error(command, "--%s: '%s' has an empty name", option->name, text);
        if (!among(option->choices, word, strlen(word))) return not_a_choice(command, option, word);
        if (at[length] == 0) return 0;
        at += length + 1;
    }
}

static int compare_sizes(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static int no_memory(void) {
    cli_say("not enough memory for the options");
    return 1;
}

static int parse_counts(const cli_command *command, const cli_option *option, const char *text, cli_counts *counts) {
    const size_t length_of_word = option->word != NULL ? strlen(option->word) : 0;
    const char *list = text;
    bool word = length_of_word > 0 && strncmp(text, option->word, length_of_word) == 0;
    if (word && text[length_of_word] == 0) {
        free(counts->item);
        *counts = (cli_counts){.word = true};
        return 0;
    }
    word = word && option->word_and_list && text[length_of_word] == ':';
    if (word) list = text + length_of_word + 1;
    size_t *item = malloc(MOST_COUNTS * sizeof *item), n = 0;
    if (item == NULL) return no_memory();
    for (const char *at = list;;) {
        size_t length = strcspn(at, ","), dash = strcspn(at, "-");
        size_t first = 0, last = 0;
        bool good;
        if (dash < length) {
            good = parse_size(at, dash, &first) && parse_size(at + dash + 1, length - dash - 1, &last);
        } else {
            good = parse_size(at, length, &first);
            last = first;
        }
        good = good && (double)first >= option->min && (double)last <= option->max;
        if (!good || first > last || last - first >= MOST_COUNTS - n) {
            free(item);
            if (good && first > last)
                return cli_usage_error(command, "--%s: the range '%.*s' runs backwards", option->name, (int)length, at);
            if (good) return cli_usage_error(command, "--%s: more than %d counts", option->name, MOST_COUNTS);
            return cli_usage_error(command,
                                   "--%s: '%s' is no list of whole numbers from %.15g to %.15g (25, 1-100 or "
                                   "10,25,50)%s%s",
                                   option->name, text, option->min, option->max, option->word != NULL ? ", nor " : "",
                                   option->word != NULL ? option->word : "");
        }
        for (size_t value = first; value <= last; value++) item[n++] = value;
        if (at[length] == 0) break;
        at += length + 1;
    }
    qsort(item, n, sizeof *item, compare_sizes);
    size_t unique = 1;
    for (size_t i = 1; i < n; i++)
        if (item[i] != item[unique - 1]) item[unique++] = item[i];
    free(counts->item);
    *counts = (cli_counts){item, unique, word};
    return 0;
}

static int parse_layers(const cli_command *command, const cli_option *option, const char *text, cli_layers *layers) {
    layers->all = strcmp(text, "all") == 0;
    layers->last = strcmp(text, "last") == 0;
    if (!layers->all && !layers->last) return parse_counts(command, option, text, &layers->list);
    free(layers->list.item);
    layers->list = (cli_counts){0};
    return 0;
}

static int parse_count(const cli_command *command, const cli_option *option, const char *text, size_t *value) {
    if (option->word != NULL && strcmp(text, option->word) == 0) {
        *value = 0;
        return 0;
    }
    size_t parsed;
    if (!parse_size(text, strlen(text), &parsed) || (double)parsed < option->min || (double)parsed > option->max)
        return out_of_range(command, option, text);
    *value = parsed;
    return 0;
}

static int parse_seed(const cli_command *command, const cli_option *option, const char *text, uint64_t *value) {
    errno = 0;
    char *end;
    unsigned long long parsed = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != 0 || errno != 0)
        return cli_usage_error(command, "--%s: '%s' is not a whole number from 0 to 18446744073709551615", option->name,
                               text);
    *value = parsed;
    return 0;
}

static int parse_real(const cli_command *command, const cli_option *option, const char *text, double *value) {
    char *end;
    double parsed = strtod(text, &end);
    if (end == text || *end != 0 || !isfinite(parsed) || parsed < option->min || parsed > option->max)
        return out_of_range(command, option, text);
    *value = parsed;
    return 0;
}

static int add_text(cli_texts *texts, const char *text) {
    const char **item = realloc((void *)texts->item, (texts->count + 1) * sizeof *item);
    if (item == NULL) return no_memory();
    texts->item = item;
    texts->item[texts->count++] = text;
    return 0;
}

static int parse_value(const cli_command *command, const cli_option *option, const char *text, void *settings) {
    void *at = (char *)settings + option->offset;
    if (option->kind != CLI_FLAG && text[0] == 0)
        return cli_usage_error(command, "--%s: the value is empty", option->name);
    switch (option->kind) {
    case CLI_FLAG: *(bool *)at = true; return 0;
    case CLI_TEXT:
    case CLI_FILE:
    case CLI_PRODUCT: *(const char **)at = text; return 0;
    case CLI_TEXTS: return add_text(at, text);
    case CLI_CHOICE:
        if (!among(option->choices, text, strlen(text))) return not_a_choice(command, option, text);
        *(const char **)at = text;
        return 0;
    case CLI_NAMES: *(const char **)at = text; return parse_names(command, option, text);
    case CLI_COUNT: return parse_count(command, option, text, at);
    case CLI_SEED: return parse_seed(command, option, text, at);
    case CLI_REAL: return parse_real(command, option, text, at);
    case CLI_COUNTS: return parse_counts(command, option, text, at);
    case CLI_LAYERS: return parse_layers(command, option, text, at);
    case CLI_FOLDS: {
        cli_folds *folds = at;
        if (!looks_like_number(text)) {
            folds->file = text;
            return 0;
        }
        folds->file = NULL;
        return parse_count(command, option, text, &folds->count);
    }
    }
    return 2;
}

/* ---- the command line ---- */

/* What options are called elsewhere. */
static const char *const elsewhere[][2] = {
    {"vectors", "embeddings"},
    {"n-components", "components"},
    {"n-permutations", "permutations"},
    {"cv", "folds"},
    {"k-folds", "folds"},
    {"n-splits", "folds"},
    {"random-state", "seed"},
    {"random-seed", "seed"},
    {"n-jobs", "threads"},
    {"jobs", "threads"},
    {"workers", "threads"},
    {"model-name-or-path", "model"},
    {"input", "texts"},
    {"sentences", "texts"},
    {"prompt", "text"},
    {"sentence", "text"},
    {"max-new-tokens", "max-tokens"},
    {"db", "ledger"},
    {"database", "ledger"},
    {"method", "mapping"},
    {"n-bootstrap", "bootstrap"},
};

static int unknown_option(const cli_command *command, const char *argument) {
    const char *names[CLI_MOST_OPTIONS + 3];
    char word[128];
    size_t n = 0;
    for (size_t i = 0; i < command->n_options; i++) names[n++] = command->options[i].name;
    names[n++] = "help";
    names[n++] = "version";
    names[n] = NULL;
    const char *name = argument + strspn(argument, "-");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(name, "="), name);
    for (size_t i = 0; word[i] != 0; i++)
        if (word[i] == '_') word[i] = '-';
    for (size_t i = 0; i < command->n_gone; i++)
        if (strcmp(word, command->gone[i].name) == 0)
            return cli_usage_error(command, "--%s was an option of version 0.1: %s", word, command->gone[i].instead);
    const char *near = cli_nearest(word, names);
    for (size_t i = 0; i < CLI_LENGTH(elsewhere); i++)
        for (size_t k = 0; names[k] != NULL && strcmp(word, elsewhere[i][0]) == 0; k++)
            if (strcmp(names[k], elsewhere[i][1]) == 0) near = names[k];
    if (near != NULL) return cli_usage_error(command, "unknown option '%s'; did you mean '--%s'?", argument, near);
    return cli_usage_error(command, "unknown option '%s'; see 'explaint %s --help'", argument, command->name);
}

static const char *const flag_given = "";

/* false without memory. */
static bool remember(const cli_command *command, const void *settings) {
    size_t most = 2, n = 0;
    for (size_t i = 0; i < command->n_options; i++) {
        const void *at = (const char *)settings + command->options[i].offset;
        most += 2 * (command->options[i].kind == CLI_TEXTS ? ((const cli_texts *)at)->count : 1);
    }
    typed.command = command;
    typed.word = malloc(most * sizeof *typed.word);
    if (typed.word == NULL) return false;
    typed.word[n++] = command->name;
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_option *option = &command->options[i];
        const char *value = typed.given_value[i];
        if (value == NULL || option->changes_no_result) continue;
        snprintf(typed.dashed[i], sizeof typed.dashed[i], "--%s", option->name);
        const cli_texts one = {&value, 1}, *all = (const void *)((const char *)settings + option->offset);
        const cli_texts *values = option->kind == CLI_TEXTS ? all : &one;
        for (size_t k = 0; k < values->count; k++) {
            typed.word[n++] = typed.dashed[i];
            if (value != flag_given) typed.word[n++] = values->item[k];
        }
    }
    typed.word[n] = NULL;
    return true;
}

const char *const *cli_typed(void) { return typed.word; }

const char **cli_typed_with(const char *action, const char *argument) {
    size_t n = 0, at = 0;
    while (typed.word[n] != NULL) n++;
    const char **whole = malloc((n + 3) * sizeof *whole);
    if (whole == NULL) return NULL;
    whole[at++] = typed.word[0];
    whole[at++] = action;
    if (argument != NULL) whole[at++] = argument;
    memcpy(whole + at, typed.word + 1, n * sizeof *whole); /* and the NULL at its end */
    return whole;
}

bool cli_given(const char *name) {
    for (size_t i = 0; typed.command != NULL && i < typed.command->n_options; i++)
        if (strcmp(typed.command->options[i].name, name) == 0) return typed.given_value[i] != NULL;
    return false;
}

static int defaults(const cli_command *command, void *settings) {
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_option *option = &command->options[i];
        const char *text = option->parse_fallback ? option->fallback : NULL;
        const char *given = option->environment != NULL ? getenv(option->environment) : NULL;
        if (given != NULL && *given != 0) text = given;
        if (text == NULL) continue;
        int code = parse_value(command, option, text, settings);
        if (code != 0) return code;
    }
    return 0;
}

/* --by_fold and --by-fold are one option: underscores of names become hyphens before getopt_long sees them. */
static void hyphens(char *argument) {
    if (argument[0] != '-' || argument[1] != '-') return;
    for (char *p = argument + 2; *p != 0 && *p != '='; p++)
        if (*p == '_') *p = '-';
}

/* What is asked for in place of a run. */
typedef enum question { NOTHING, SHORT_HELP, COMPLETE_HELP, VERSION } question;

static int parse(const cli_command *command, int argc, char **argv, void *settings, question *asked) {
    struct option table[CLI_MOST_OPTIONS + 3];
    size_t n = 0;
    for (; n < command->n_options; n++)
        table[n] = (struct option){command->options[n].name,
                                   command->options[n].kind == CLI_FLAG ? no_argument : required_argument, NULL, 256};
    table[n++] = (struct option){"help", no_argument, NULL, 'H'};
    table[n++] = (struct option){"version", no_argument, NULL, 'V'};
    table[n] = (struct option){0};

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) hyphens(argv[i]);
    opterr = 0;
    optind = 1;
    for (;;) {
        int index = -1;
        int at = optind;
        int found = getopt_long(argc, argv, ":hV", table, &index);
        if (found == -1) return 0;
        if (found == 'h' || found == 'H' || found == 'V') {
            *asked = found == 'h' ? SHORT_HELP : found == 'H' ? COMPLETE_HELP : VERSION;
            return 0;
        }
        const char *argument = argv[optind - 1 > at || optind > at ? optind - 1 : at];
        if (found == ':') return cli_usage_error(command, "%s needs a value", argument);
        if (found == '?' && optopt == 256) {
            const char *equals = strchr(argument, '=');
            return cli_usage_error(command, "%.*s takes no value",
                                   (int)(equals != NULL ? equals - argument : (ptrdiff_t)strlen(argument)), argument);
        }
        if (found != 256 || index < 0) return unknown_option(command, argument);
        const cli_option *option = &command->options[index];
        int code = parse_value(command, option, optarg != NULL ? optarg : flag_given, settings);
        if (code != 0) return code;
        typed.given_value[index] = optarg != NULL ? optarg : flag_given;
    }
}

/* Of the *n words that stand alone the operand becomes the option that it stands for, as if that had been typed. */
static int take_operand(const cli_command *command, void *settings, char **words, size_t *n) {
    const size_t at = command->n_actions > 0;
    for (size_t i = 0; command->operand != NULL && i < command->n_options; i++) {
        if (strcmp(command->options[i].name, command->operand) != 0 || typed.given_value[i] != NULL || *n <= at)
            continue;
        typed.given_value[i] = words[at];
        --*n;
        memmove(words + at, words + at + 1, (*n - at) * sizeof *words);
        return parse_value(command, &command->options[i], typed.given_value[i], settings);
    }
    return 0;
}

int cli_unexpected(const cli_command *command, const char *word) {
    const char *dot = strrchr(word, '.');
    if (dot != NULL && (strcmp(dot, ".json") == 0 || strcmp(dot, ".csv") == 0) && cli_given(dot + 1))
        return cli_usage_error(command, "unexpected argument '%s': --%s prints; --output %s writes a file", word,
                               dot + 1, word);
    if (command->files == NULL) return cli_usage_error(command, "unexpected argument '%s'", word);
    return cli_usage_error(command, "unexpected argument '%s': files are given as %s", word, command->files);
}

/* What is read from standard input is gone then. */
static int one_standard_input(const cli_command *command) {
    const char *first = NULL;
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_option *option = &command->options[i];
        const char *value = typed.given_value[i];
        if (value == NULL || strcmp(value, "-") != 0 || option->kind != CLI_FILE) continue;
        if (first != NULL)
            return cli_usage_error(command, "--%s and --%s: standard input (-) can be read once", first, option->name);
        first = option->name;
    }
    return 0;
}

/* Devices may be read and written. */
static bool is_file_of(const char *path, const char *other) {
    struct stat a, b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && S_ISREG(a.st_mode) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

int cli_keep_inputs(const cli_command *command, const char *option, const char *path) {
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_kind kind = command->options[i].kind;
        const char *value = typed.given_value[i];
        if (value != NULL && (kind == CLI_FILE || kind == CLI_FOLDS) && is_file_of(path, value))
            return cli_usage_error(command, "--%s: %s is read as --%s, and would be replaced; name another file",
                                   option, path, command->options[i].name);
    }
    return 0;
}

/* What is written replaces nothing that is read, and nothing else that is written. words: n that stand alone. */
static int products_apart(const cli_command *command, char **words, size_t n) {
    int code = 0;
    for (size_t i = 0; code == 0 && i < command->n_options; i++) {
        const char *path = typed.given_value[i], *name = command->options[i].name;
        if (path == NULL || command->options[i].kind != CLI_PRODUCT) continue;
        code = cli_keep_inputs(command, name, path);
        for (size_t k = 0; code == 0 && k < n; k++)
            if (is_file_of(path, words[k]))
                code =
                    cli_usage_error(command, "--%s: %s is read, and would be replaced; name another file", name, path);
        for (size_t k = 0; code == 0 && k < i; k++) {
            const char *other = typed.given_value[k];
            if (other != NULL && command->options[k].kind == CLI_PRODUCT && strcmp(path, other) == 0 &&
                strncmp(path, "/dev/", 5) != 0)
                code =
                    cli_usage_error(command, "--%s and --%s would both write %s", command->options[k].name, name, path);
        }
    }
    return code;
}

static void release(const cli_command *command, void *settings) {
    for (size_t i = 0; i < command->n_options; i++) {
        const cli_kind kind = command->options[i].kind;
        void *at = (char *)settings + command->options[i].offset;
        if (kind == CLI_COUNTS || kind == CLI_LAYERS) free(((cli_counts *)at)->item); /* layers begin with a list */
        if (kind == CLI_TEXTS) free((void *)((cli_texts *)at)->item);
    }
    free(settings);
}

/* Options that are not typed. */
static int give(const cli_command *command, const char *const *fixed, void *settings) {
    int code = 0;
    for (; code == 0 && fixed != NULL && *fixed != NULL; fixed += 2)
        for (size_t i = 0; i < command->n_options; i++) {
            if (strcmp(command->options[i].name, fixed[0]) != 0) continue;
            code = parse_value(command, &command->options[i], fixed[1], settings);
            typed.given_value[i] = fixed[1];
        }
    return code;
}

static int parse_and_use(const cli_command *command, int argc, char **argv, const char *const *fixed, cli_use *use,
                         void *self) {
    void *settings = calloc(1, command->settings_size);
    if (settings == NULL) return no_memory();
    if (command->begin != NULL) command->begin(settings);
    question asked = NOTHING;
    const struct command_line outer = typed; /* of the command that calls this one, if one does */
    memset(typed.given_value, 0, sizeof typed.given_value);
    int code = defaults(command, settings);
    if (code == 0) code = parse(command, argc, argv, settings, &asked);
    char **words = argv + optind;
    size_t n_words = (size_t)(argc - optind);
    if (code == 0) code = take_operand(command, settings, words, &n_words);
    if (code == 0) code = give(command, fixed, settings);
    if (code == 0) code = one_standard_input(command);
    if (code == 0 && asked == NOTHING) code = products_apart(command, words, n_words);
    if (code == 0 && asked == VERSION) {
        cli_print_version(stdout);
    } else if (code == 0 && asked != NOTHING) {
        cli_help(command, asked == COMPLETE_HELP, stdout);
    } else if (code == 0) {
        code = remember(command, settings) ? use(self, command, settings, words, n_words) : no_memory();
        free((void *)typed.word);
    }
    release(command, settings);
    typed = outer;
    return code;
}

static int run(void *self, const cli_command *command, void *settings, char **arguments, size_t n_arguments) {
    (void)self;
    return command->run(command, settings, arguments, n_arguments);
}

int cli_run(const cli_command *command, int argc, char **argv) {
    return parse_and_use(command, argc, argv, NULL, run, NULL);
}

int cli_parse(const cli_command *command, char **words, size_t n_words, const char *const *fixed, cli_use *use,
              void *self) {
    char **argv = calloc(n_words + 2, sizeof *argv), name[] = "";
    if (argv == NULL) return no_memory();
    argv[0] = name;
    if (n_words > 0) memcpy(argv + 1, words, n_words * sizeof *words);
    const int code = parse_and_use(command, (int)n_words + 1, argv, fixed, use, self);
    free(argv);
    return code;
}
