/* A run of attend on the page. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/scale.h"
#include "report/page.h"

static const char *claim_text(const char *claim) {
    if (xp_report_is(claim, "tokens")) return "Claim: entry (i, j) of the attention map tells of tokens i and j.";
    if (xp_report_is(claim, "head")) return "Claim: this head may be read as a relation of tokens.";
    if (xp_report_is(claim, "sink")) return "Beside it: what survives of the map sits in special tokens.";
    return xp_report_or_empty(claim);
}

static void card(const explaint_attend_verdict *v, xp_text *out) {
    /* that the picture is a sink speaks against it: supported there is no good news */
    const bool sink = xp_report_is(v->claim, "sink");
    const char *class_name = sink && xp_report_is(v->verdict, "supported") ? "open"
                             : sink                                        ? "none"
                                                                           : xp_page_outcome_class(v->verdict);
    xp_page_put(out, "<article class=\"verdict %s\"><p class=\"claim\">%s</p><p class=\"muted\">", class_name,
                claim_text(v->claim));
    xp_page_put(out, v->layers[0] == v->layers[1] ? "Layer %zu" : "Layers %zu to %zu", v->layers[0], v->layers[1]);
    xp_text_adds(out, "</p>");
    if (sink) /* a finding, neither good nor bad */
        xp_page_put(out, "<p class=\"word\">%s</p>", v->verdict);
    else
        xp_page_outcome(out, "p", v->verdict);
    xp_text_adds(out, "<p>");
    xp_page_sentence(out, v->text);
    xp_text_adds(out, "</p></article>\n");
}

static void layers(const xp_report_run *run, xp_text *out) {
    static const char *const heads[] = {"#layer",
                                        "#recovered",
                                        "#of shuffled pairs",
                                        "#mostly own token",
                                        "#whole map",
                                        "#without special tokens",
                                        "#other texts",
                                        "A1",
                                        "A2",
                                        "A3",
                                        "sink",
                                        NULL};
    const explaint_attend_result *r = run->attention;
    if (r->n_layers == 0) return;
    xp_text_adds(out, "<div class=\"dense\">");
    xp_page_run_table(out, run, "layers-table", "What each layer was judged by, with 95 % intervals", heads);
    for (size_t i = 0; i < r->n_layers; i++) {
        const explaint_attend_layer *l = &r->layers[i];
        xp_page_put(out, "<tr><th scope=\"row\" class=\"n\">%zu</th>", l->layer);
        xp_page_number(out, l->recovered, 3, false, l->recovered_ci);
        xp_page_number(out, l->shuffled, 3, false, l->shuffled_ci);
        xp_page_number(out, l->own_largest, 3, false, l->own_largest_ci);
        xp_page_number(out, l->whole, 3, false, l->whole_ci);
        xp_page_number(out, l->content, 3, false, l->content_ci);
        xp_page_number(out, l->null_mean, 3, false, l->null_ci);
        xp_page_outcome(out, "td", l->a1);
        xp_page_outcome(out, "td", l->a2);
        xp_page_outcome(out, "td", l->a3);
        xp_page_outcome(out, "td", l->sink);
        xp_text_adds(out, "</tr>\n");
    }
    xp_page_table_end(out);
    xp_text_adds(out, "</div>\n");
}

/* A grid for each measure, if the run has rows of heads. */
static void by_head(const xp_report_run *run, bool alone, xp_text *out) {
    xp_text grids = {0};
    out->failed |= !xp_figure_by_head(run, &(xp_figure_sink){&grids, xp_page_take_figure}) || grids.failed;
    if (grids.length > 0) {
        xp_page_heading(out, alone, "Head by head");
        xp_text_adds(out, "<div class=\"small-multiples\">\n");
        xp_text_add(out, grids.data, grids.length);
        xp_text_adds(out,
                     "</div>\n<p class=\"muted\">The numbers of each head are in the run's --json and --csv.</p>\n");
    }
    xp_text_free(&grids);
}

/* "Layer 3, ", "Layers 1 to 3, ", "Head 3.7, " */
static void add_subject(const explaint_attend_verdict *v, xp_text *out) {
    if (v->head > 0)
        xp_text_addf(out, "Head %zu.%zu, ", v->layers[0], v->head);
    else if (v->layers[0] == v->layers[1])
        xp_text_addf(out, "Layer %zu, ", v->layers[0]);
    else
        xp_text_addf(out, "Layers %zu to %zu, ", v->layers[0], v->layers[1]);
}

static void reasons(const explaint_attend_result *r, xp_text *out) {
    xp_text_adds(out, "<ul class=\"notes\">\n");
    for (size_t i = 0; i < r->n_verdicts; i++)
        for (size_t k = 0; k < r->verdicts[i].n_assumptions; k++) {
            const explaint_attend_assumption *a = &r->verdicts[i].assumptions[k];
            xp_text_adds(out, "<li>");
            add_subject(&r->verdicts[i], out);
            xp_page_reason(out, a->id, a->text, a->outcome, a->why);
            xp_text_adds(out, "</li>\n");
        }
    xp_text_adds(out, "</ul>\n");
}

void xp_page_attend(const xp_collection *c, const xp_report_run *run, xp_text *out) {
    const explaint_attend_result *r = run->attention;
    const bool alone = c->n_runs == 1;
    xp_page_begin(out, run, alone, "Attention of %s", xp_page_model(run), NULL);
    xp_page_put(out, "<p class=\"muted\">%zu texts of %zu pieces together%s%s; %zu texts decide.</p>\n", r->n_texts,
                r->n_pieces, r->level != NULL ? ", by words" : "", r->special != NULL ? ", without special tokens" : "",
                r->n_judged);
    if (xp_report_or_empty(r->answer)[0] != 0) xp_page_put(out, "<p class=\"answer\">%s</p>\n", r->answer);
    xp_text_adds(out, "<div class=\"verdicts\">\n");
    for (size_t i = 0; i < r->n_verdicts; i++) card(&r->verdicts[i], out);
    xp_text_adds(out, "</div>\n");
    if (r->n_verdicts == 0)
        xp_text_adds(out, "<p>This run has no verdict, which needs all measures of continuity and of damage.</p>\n");
    out->failed |= !xp_figure_attention(run, &(xp_figure_sink){out, xp_page_take_figure});
    layers(run, out);
    by_head(run, alone, out);
    if (r->n_verdicts > 0) reasons(r, out);
    xp_page_notes(out, run, alone);
    xp_page_origin(out, run, alone);
    xp_text_adds(out, "</section>\n");
}

/* ---- run beside run ---- */

typedef struct span {
    size_t held;            /* layers in which it holds */
    double lowest, highest; /* of a number over layers; NaN: it has none */
} span;

static void see(span *s, const char *outcome, double value) {
    s->held += xp_report_is(outcome, "holds");
    s->lowest = fmin(s->lowest, value); /* which take the number of a number and NaN */
    s->highest = fmax(s->highest, value);
}

static void cell(const span *s, size_t n_layers, bool numbers, xp_text *out) {
    char low[XP_SCALE_LABEL], high[XP_SCALE_LABEL];
    xp_scale_number(s->lowest, 3, low);
    xp_scale_number(s->highest, 3, high);
    xp_page_put(out, "<td class=\"n\">%zu of %zu</td>", s->held, n_layers);
    if (numbers) xp_page_put(out, "<td class=\"n\">%s</td><td class=\"n\">%s</td>", low, high);
}

static void beside_row(const xp_report_run *run, xp_text *out) {
    const explaint_attend_result *r = run->attention;
    span rows = {0, NAN, NAN}, maps = rows, sink = rows;
    for (size_t i = 0; i < r->n_layers; i++) {
        see(&rows, r->layers[i].a1, r->layers[i].recovered);
        see(&maps, r->layers[i].a3, r->layers[i].content);
        see(&sink, r->layers[i].sink, NAN);
    }
    xp_page_put(out, "<tr><th scope=\"row\"><a href=\"#run-%s\">%s</a></th><td>%s</td><td class=\"n\">%zu</td>",
                run->label, run->label, xp_report_input(run, "model"), r->n_judged);
    cell(&rows, r->n_layers, true, out);
    cell(&maps, r->n_layers, true, out);
    cell(&sink, r->n_layers, false, out);
    xp_text_adds(out, "</tr>\n");
}

void xp_page_attend_beside(const xp_collection *c, xp_text *out) {
    static const char *const heads[] = {"run",
                                        "model",
                                        "#texts that decide",
                                        "#rows stand for their tokens (A1), layers",
                                        "#lowest share",
                                        "#highest share",
                                        "#map depends on the tokens (A3), layers",
                                        "#lowest r",
                                        "#highest r",
                                        "#sink, layers",
                                        NULL};
    xp_text_adds(out, "<section id=\"attention\" aria-labelledby=\"attention-title\">\n<h2 "
                      "id=\"attention-title\">Attention, run beside run</h2>\n");
    out->failed |= !xp_figure_attention_runs(c, &(xp_figure_sink){out, xp_page_take_figure});
    xp_text_adds(out, "<div class=\"dense\">");
    xp_page_table(out, "attention-table",
                  "In how many layers each assumption holds; the share of rows that a linear map gives back, and r of "
                  "maps of exchanged rows without special tokens",
                  heads);
    for (size_t i = 0; i < c->n_attention; i++) beside_row(&c->run[c->n_infer + i], out);
    xp_page_table_end(out);
    xp_text_adds(out, "</div>\n</section>\n");
}
