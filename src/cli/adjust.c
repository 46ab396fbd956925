/* explaint adjust: the tests of several runs, and the p of each among all of them. */
#include "explaint/adjust.h"

#include <string.h>

#include "commands.h"
#include "explaint/catalogue.h"
#include "product.h"
#include "shared.h"
#include "view.h"

typedef struct settings {
    const char *ledger, *method;
    product_wish wish;
} settings;

static const cli_option options[] = {
    {.group = "Runs", OPTION_LEDGER("the ledger of runs that are given by number"), .often = true},
    {OPTION(CHOICE, "method", method, "HOW", "max-t, on the stored permutations; bh, on the p-values"),
     DEFAULT("max-t"), .choices = "max-t|bh", .often = true},
    {.group = "Output", OPTION_RESULT, .often = true},
    {OPTION_JSON, .often = true},
    {OPTION_CSV},
    {OPTION_DECIMAL},
    {OPTION_QUIET},
};

/* ---- the view ---- */

enum { NUMBER = 9, MOST = 72 };

static const char *about(const char *id) {
    const explaint_entry *test = explaint_catalogue_find("tests", id);
    return test != NULL ? test->help : "";
}

static void heading(const char *id, int label, const term *t) {
    char text[120];
    view_heading(t, id);
    snprintf(text, sizeof text, "rows permuted %s", about(id));
    term_begin(t, FAINT);
    fputs("  ", t->out);
    term_wrap(t, text, 2, 2);
    term_spaces(t, label);
    term_field(t, "gain", -NUMBER);
    term_field(t, "p", -NUMBER);
    term_field(t, "adjusted", -NUMBER);
    term_end(t, FAINT);
    fputc('\n', t->out);
}

/* "plsr 25, glove.6B.100d on mcrae, run 3 of results.db" */
static void line(const explaint_adjusted_test *test, int label, const term *t) {
    char text[300], count[32] = "", layer[32] = "";
    if (test->n_components > 0) snprintf(count, sizeof count, " %zu", test->n_components);
    if (test->layer >= 0) snprintf(layer, sizeof layer, "@%d", test->layer);
    snprintf(text, sizeof text, "%.60s%s, %.60s%s on %.60s, %.80s", test->mapping, count, test->source, layer,
             test->norms, test->place);
    fputs("  ", t->out);
    term_field(t, text, label - 2);
    term_field(t, view_number(test->gain, 3, true).text, -NUMBER);
    term_field(t, view_number(test->p, 4, false).text, -NUMBER);
    const term_style style = test->p_adjusted <= test->level ? STRONG : PLAIN;
    term_field_in(t, style, view_number(test->p_adjusted, 4, false).text, -NUMBER);
    fputc('\n', t->out);
}

static void view(const void *self, const view_kept *kept, const term *t) {
    const explaint_adjustment *a = self;
    (void)kept;
    const int room = t->width - 3 * NUMBER, label = room < MOST ? room : MOST;
    view_sentence(t, a->answer);
    for (size_t i = 0; i < a->n_tests; i++) {
        if (i == 0 || strcmp(a->tests[i].id, a->tests[i - 1].id) != 0) heading(a->tests[i].id, label, t);
        line(&a->tests[i], label, t);
    }
    for (size_t i = 0; i < a->n_notes; i++) {
        if (i == 0) view_heading(t, "Notes");
        term_block_in(t, PLAIN, a->notes[i], 2);
    }
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    if (n_arguments == 0)
        return cli_usage_error(command, "which runs? LEDGER:RUN, or RUN with --ledger FILE, each with @LAYER or not");
    const int refused = product_check(command, &s->wish, false);
    if (refused != 0) return refused;
    explaint_adjust_options o = explaint_adjust_defaults();
    o.ledger = s->ledger;
    o.method = s->method;
    o.command = cli_typed();
    explaint_error error = {0};
    explaint_adjustment *adjusted = NULL;
    explaint_status status = explaint_adjust((const char *const *)arguments, n_arguments, &o, &adjusted, &error);
    if (status == EXPLAINT_OK) {
        const product_content content = {.record = &adjusted->record, .list = "tests", .view = view, .self = adjusted};
        status = product_write(&s->wish, &content, &error);
    }
    explaint_adjustment_free(adjusted);
    return cli_outcome(&error, status);
}

static const char *const example[] = {
    "explaint adjust 1 2 3 --ledger results.db",
    "three mappings were tried: what is the p of the best one worth?",
    "explaint adjust results.db:4 results.db:5@8 --method bh --csv",
    "by Benjamini-Hochberg, which documents allow as well",
    NULL,
};

const cli_command cli_adjust = {
    .name = "adjust",
    .summary = "several runs: p adjusted for having tried them all",
    .usage = "RUN... [OPTION...]",
    .description = "Whoever tries several mappings, models, layers or norms and reports the best has looked at all of "
                   "them. All tests "
                   "E1 of the stored runs are one family, all E2 another, and so on; p is adjusted within each: by "
                   "max-T (Westfall & "
                   "Young) on the permutations that ledgers keep, or by Benjamini-Hochberg. Nothing is fitted anew.",
    CLI_OPTIONS,
    .example = example,
    .run = run,
};
