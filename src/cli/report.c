/* explaint report: stored results as tables for a paper or a page. */
#include "explaint/report.h"

#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "figures.h"
#include "product.h"
#include "shared.h"

typedef struct settings {
    bool markdown, latex, all, force, open;
    cli_counts run, components;
    const char *ledger, *output, *figures;
} settings;

static const cli_option options[] = {
    {.group = "Format",
     FLAG("markdown", markdown, "GitHub Markdown, with columns aligned for who reads the text"),
     .often = true},
    {FLAG("latex", latex, "LaTeX with booktabs; its head names the packages it needs"), .often = true},
    {.group = "Selection",
     FLAG("all", all, "everything, in place of one page: the paper's columns, all metrics, sentences"),
     .often = true},
    {OPTION(COUNTS, "run", run, "3|2-5|1,4", "runs of one ledger, numbered as in 'runs list'"), .min = 1, .max = 1e9,
     .fallback = "every finished run", .often = true},
    {OPTION(COUNTS, "components", components, "25|1-100|10,25|all", "component counts, a line each, with all the rest"),
     .word = "all", .min = 1, .max = 10000, .fallback = "the verdict's", .often = true},
    {.group = "Files",
     OPTION(FILE, "ledger", ledger, "FILE", "the ledger, where no FILE is named"),
     .environment = "EXPLAINT_LEDGER"},
    {OPTION(PRODUCT, "output", output, "FILE", "write to FILE; its suffix, .html, .md or .tex, names the format"),
     .fallback = "stdout", .often = true},
    {OPTION(PRODUCT, "figures", figures, "DIR", "the figures as files for a paper: SVG, and PDF where rsvg-convert is"),
     .often = true},
    {FLAG("force", force, "replace a page, or figures, that exist")},
    {FLAG("open", open, "show the page in a browser")},
};

/* A format that is named goes before the file's suffix. */
static bool is_latex(const settings *s) { return s->latex || (!s->markdown && product_ends(s->output, ".tex")); }
static bool is_page(const settings *s) { return product_ends(s->output, ".html"); }

static explaint_report_options wanted(const settings *s) {
    explaint_report_options o = explaint_report_defaults();
    o.format = is_page(s) ? "html" : is_latex(s) ? "latex" : "markdown";
    o.runs = s->run.item;
    o.n_runs = s->run.count;
    o.components = s->components.item;
    o.n_components = s->components.count;
    o.all = s->all;
    o.all_components = cli_given("components") && s->components.count == 0;
    return o;
}

static int run(const cli_command *command, void *given, char **arguments, size_t n_arguments) {
    const settings *s = given;
    if (s->markdown && s->latex) return cli_usage_error(command, "--markdown and --latex exclude each other");
    const char *suffixes = s->markdown ? ".md|.txt" : s->latex ? ".tex|.txt" : ".html|.md|.tex";
    const int refused = product_suffix(command, "output", s->output, suffixes, false);
    if (refused != 0) return refused;
    const bool prints = s->markdown || s->output != NULL || s->latex || s->figures == NULL;
    if (s->output != NULL && !s->markdown && !product_ends(s->output, ".md") && !is_latex(s) && !is_page(s))
        return cli_usage_error(command, "--output %s: name a format, --markdown or --latex", s->output);
    if (s->open && !is_page(s)) return cli_usage_error(command, "--open is about a page; name one, --output FILE.html");
    if (s->force && !is_page(s) && s->figures == NULL)
        return cli_usage_error(command, "--force is about a page or figures; name --output FILE.html or --figures DIR");
    if (n_arguments == 0 && s->ledger == NULL)
        return cli_usage_error(command, "name a ledger, or a JSON document of 'explaint infer --json'");
    if (n_arguments > 0 && cli_given("ledger"))
        return cli_usage_error(command, "'%s' and --ledger: name all files, or one with --ledger", arguments[0]);
    explaint_error error = {0};
    product p = {0};
    const char *const alone[] = {s->ledger};
    const char *const *paths = n_arguments > 0 ? (const char *const *)arguments : alone;
    const size_t n = n_arguments > 0 ? n_arguments : 1;
    const explaint_report_options o = wanted(s);
    explaint_status status = product_keep_page(s->output, s->force, &error);
    if (status == EXPLAINT_OK && s->output != NULL) status = product_open(&p, s->output, &error);
    if (status == EXPLAINT_OK && prints)
        status = explaint_report_write(paths, n, &o, p.out != NULL ? p.out : stdout, &error);
    if (p.out == NULL && prints) status = product_named(status, stdout, "standard output", &error);
    status = product_close(&p, status, &error);
    if (status == EXPLAINT_OK && s->figures != NULL) status = figures_write(s->figures, s->force, paths, n, &o, &error);
    if (status == EXPLAINT_OK && s->open) product_show(s->output);
    return cli_outcome(&error, status);
}

static const char *const example[] = {
    "explaint report results.db --output report.html --open",
    "one page with figures, tests, scores, and where they come from",
    "explaint report results.db --figures figures",
    "each figure of the page as SVG and PDF",
    "explaint report --markdown results.db > results.md",
    "a page: what came out of every finished run, a line for each layer or mapping",
    "explaint report --markdown results.db --run 2 --all --output results.md",
    "the paper's columns with intervals, every metric, the verdicts in sentences",
    "explaint report --latex results.db more.json --output tables.tex",
    "a ledger and a document in one table, for \\input",
    NULL,
};

const cli_command cli_report = {
    .name = "report",
    .summary = "stored results as one page, or as the paper's tables (--all)",
    .usage = "FILE... [--output FILE.html] [OPTION...]",
    .description =
        "Shows what 'explaint infer' and 'explaint attend' stored. --output FILE.html makes one file with answers, "
        "figures, tests and scores that needs nothing else. --markdown (the default) and --latex print a page: the "
        "answers, a line for each layer or mapping with scores, tests and verdicts, warnings, where it comes from; "
        "with --all the "
        "paper's columns with intervals, what stands beside them, and the verdicts in sentences. A FILE is a ledger "
        "(infer --ledger), a JSON document (infer --json), and of a page also a comparison (compare --json) or maps "
        "(attend --maps). Nothing is fitted or tested anew.",
    CLI_OPTIONS,
    .example = example,
    .run = run,
};
