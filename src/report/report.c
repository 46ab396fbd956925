/* Reading what is to be reported, and writing it in its format. Read first, written at the end: nothing is printed where something cannot be read. */
#include "explaint/report.h"

#include <stdio.h>

#include "base/choose.h"
#include "base/output.h"
#include "report/page.h"
#include "report/tables.h"
#include "store/table.h"

static const char what[] = "the report";

static const char *const formats[] = {"markdown", "latex", "html"};
enum { LATEX = 1, HTML, N_FORMATS };

explaint_report_options explaint_report_defaults(void) { return (explaint_report_options){.format = *formats}; }

static explaint_status add_all(const char *const *paths, size_t n_paths, xp_collection *c, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < n_paths; i++) status = xp_collection_add(c, paths[i], error);
    if (status == EXPLAINT_OK) xp_collection_sort(c);
    return status;
}

/* Reads and sorts all. The collection is released by the caller, whatever comes out. */
static explaint_status collect(const char *const *paths, size_t n_paths, xp_collection *c, explaint_error *error) {
    if (n_paths == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "a report needs a ledger or a JSON document");
    if (c->options->n_runs > 0 && n_paths > 1)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "runs are chosen of one ledger, and %zu files were named; leave out --run, or name one",
                       n_paths);
    explaint_status status = add_all(paths, n_paths, c, error);
    if (status == EXPLAINT_OK && c->n_runs + c->n_comparisons + c->n_maps == 0)
        status = xp_fail(error, EXPLAINT_INVALID, paths[0], 0,
                         "holds no finished run of 'explaint infer', 'explaint attend' or 'explaint relate': %s",
                         c->notes.count > 0 ? c->notes.item[0] : "there is none");
    return status;
}

explaint_status explaint_report_write(const char *const *paths, size_t n_paths, const explaint_report_options *options,
                                      FILE *out, explaint_error *error) {
    return explaint_report_write_result(NULL, NULL, paths, n_paths, options, out, error);
}

explaint_status explaint_report_write_result(const explaint_record *record, explaint_ledger *ledger,
                                             const char *const *paths, size_t n_paths,
                                             const explaint_report_options *options, FILE *out, explaint_error *error) {
    const explaint_report_options defaults = explaint_report_defaults();
    xp_collection c = {.options = options != NULL ? options : &defaults};
    size_t format = 0;
    explaint_status status = xp_choose(c.options->format, formats, N_FORMATS, "format", &format, error);
    if (status != EXPLAINT_OK) return status;
    c.with_units = c.with_maps = format == HTML;
    xp_markup markup = {.latex = format == LATEX};
    status = record != NULL ? xp_collection_result(&c, record, ledger, error) : collect(paths, n_paths, &c, error);
    if (status == EXPLAINT_OK && record != NULL) status = add_all(paths, n_paths, &c, error);
    if (status == EXPLAINT_OK) {
        if (format == HTML)
            xp_page_compose(&c, &markup.out);
        else
            xp_report_compose(&c, &markup);
        if (markup.out.failed) status = xp_no_memory(error, what);
    }
    if (status == EXPLAINT_OK) { /* one empty line less at the end */
        while (markup.out.length > 1 && markup.out.data[markup.out.length - 2] == '\n')
            markup.out.data[--markup.out.length] = 0;
        status = xp_write_text(&markup.out, what, out, error);
    }
    xp_markup_free(&markup);
    xp_collection_free(&c);
    return status;
}

/* ---- figures as files ---- */

enum { FIGURE_WIDTH = 760 };

typedef struct taking {
    explaint_figure_taker *take;
    void *self;
    explaint_status status;
    explaint_error *error;
} taking;

static bool take_figure(void *self, const xp_figure *figure) {
    taking *t = self;
    xp_svg svg;
    if (t->status != EXPLAINT_OK) return true;
    xp_figure_draw(figure, FIGURE_WIDTH, true, &svg);
    t->status = svg.out.failed ? xp_no_memory(t->error, what)
                               : t->take(t->self, figure->id, figure->title, svg.out.data, svg.out.length, t->error);
    xp_text_free(&svg.out);
    return true;
}

explaint_status explaint_report_figures(const char *const *paths, size_t n_paths,
                                        const explaint_report_options *options, explaint_figure_taker *take, void *self,
                                        explaint_error *error) {
    const explaint_report_options defaults = explaint_report_defaults();
    xp_collection c = {.options = options != NULL ? options : &defaults, .with_units = true};
    taking t = {take, self, collect(paths, n_paths, &c, error), error};
    const xp_figure_sink sink = {&t, take_figure};
    bool good = true;
    for (size_t i = 0; good && t.status == EXPLAINT_OK && i < c.n_runs; i++) {
        const xp_report_run *run = &c.run[i];
        good = run->attention != NULL  ? xp_figure_attention(run, &sink) && xp_figure_by_head(run, &sink)
               : run->relation != NULL ? xp_figure_relation(run, &sink) && xp_figure_relation_heads(run, &sink)
                                       : xp_figure_all(run, &sink);
    }
    if (good && t.status == EXPLAINT_OK && c.n_attention > 1) good = xp_figure_attention_runs(&c, &sink);
    xp_collection_free(&c);
    return good ? t.status : xp_no_memory(error, what);
}
