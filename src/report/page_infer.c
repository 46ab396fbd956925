/* A run of infer on the page: what was claimed and what came out, then the tests, the scores and where they come from. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "draw/scale.h"
#include "explaint/catalogue.h"
#include "report/page.h"

static bool is_alone(const xp_collection *c) { return c->n_runs == 1; }

/* "information": what is claimed, in words; the claim's own name, if it is another. */
static const char *claim_text(const char *claim) {
    if (xp_report_is(claim, "information"))
        return "Claim: words whose vectors differ alike differ alike in these properties, beyond groups of about "
               "twelve similar things, also for "
               "categories that were left out.";
    if (xp_report_is(claim, "mapping")) return "Claim: this mapping recovers the properties from the vectors.";
    return xp_report_or_empty(claim);
}

/* Where the vectors are from: a file of them, or a model. */
static const char *source_of(const xp_report_run *run) {
    const char *file = xp_report_input(run, "embeddings");
    return file[0] != 0 ? file : xp_report_input(run, "model");
}

/* ---- first screen ---- */

static void verdict_card(const xp_report_run *run, const char *claim, xp_text *out) {
    const explaint_verdict *v = xp_report_main_verdict(run->result, claim);
    if (v == NULL) return;
    const explaint_assumption *a = xp_report_assumption(v, xp_report_or_empty(v->decided_by));
    xp_page_put(out, "<article class=\"verdict %s\"><p class=\"claim\">%s</p>", xp_page_outcome_class(v->verdict),
                claim_text(v->claim));
    xp_page_outcome(out, "p", v->verdict);
    xp_text_adds(out, "<p>");
    xp_page_sentence(out, v->text);
    xp_text_adds(out, "</p>");
    if (a != NULL) {
        const bool said = strstr(xp_report_or_empty(v->text), xp_report_or_empty(a->why)) != NULL;
        xp_page_put(out, "<p class=\"muted\">Decided by %s, \xe2\x80\x9c%s\xe2\x80\x9d, which ", a->id, a->text);
        xp_page_put(out, xp_report_is(a->outcome, "holds") || xp_report_is(a->outcome, "fails") ? "%s" : "is %s",
                    a->outcome);
        xp_text_adds(out, said ? "" : ": ");
        if (!said) xp_page_sentence(out, a->why);
        xp_text_adds(out, ".</p>");
    }
    xp_text_adds(out, "</article>\n");
}

static void first_screen(const xp_collection *c, const xp_report_run *run, xp_text *out) {
    const explaint_result *r = run->result;
    const int layer = xp_report_main_layer(r);
    const explaint_entry *mapping = explaint_catalogue_find("mappings", run->mapping);
    xp_page_begin(out, run, is_alone(c), "%s vectors on %s norms", source_of(run), xp_report_input(run, "norms"));
    xp_page_put(out, "<p class=\"muted\">%zu concepts, %zu features; %s", r->n_concepts, r->n_features,
                mapping != NULL ? mapping->label : run->mapping);
    if (run->verdict_components > 0) xp_page_put(out, " with %zu components", run->verdict_components);
    if (layer >= 0) xp_page_put(out, "; layer %d of the model in what follows", layer);
    xp_text_adds(out, ".</p>\n");
    if (xp_report_or_empty(r->answer)[0] != 0) xp_page_put(out, "<p class=\"answer\">%s</p>\n", r->answer);
    xp_text_adds(out, "<div class=\"verdicts\">\n");
    verdict_card(run, "information", out);
    verdict_card(run, "mapping", out);
    xp_text_adds(out, "</div>\n");
    if (r->n_verdicts == 0)
        xp_text_adds(out, "<p>This run made no tests, so that it has no verdict: its scores alone do not tell a true "
                          "claim from a false one.</p>\n");
    out->failed |= !xp_figure_conditions(run, &(xp_figure_sink){out, xp_page_take_figure});
}

/* ---- tests ---- */

static void test_row(const explaint_assumption *a, xp_text *out) {
    xp_page_put(out, "<tr><th scope=\"row\">%s</th>", a->id);
    xp_page_outcome(out, "td", a->outcome);
    xp_page_number(out, a->observed, 3, false, NULL);
    xp_page_number(out, a->gain, 3, true, a->ci);
    xp_page_p(out, xp_report_p_of_gain(a));
    xp_page_number(out, a->level, 3, false, NULL);
    xp_page_number(out, a->upper, 3, true, NULL);
    xp_page_number(out, a->mde, 3, false, NULL);
    xp_page_put(out, a->n > 0 ? "<td class=\"n\">%zu</td>" : "<td class=\"n\">\xe2\x80\x93</td>", a->n);
    xp_page_put(out,
                a->permutations > 0 ? "<td class=\"n\">%zu</td></tr>\n" : "<td class=\"n\">\xe2\x80\x93</td></tr>\n",
                a->permutations);
}

/* Why each assumption came out as it did, in a sentence. */
static void reasons(const explaint_verdict *v, xp_text *out) {
    xp_text_adds(out, "<ul class=\"notes\">\n");
    for (size_t i = 0; i < v->n_assumptions; i++) {
        const explaint_assumption *a = &v->assumptions[i];
        xp_text_adds(out, "<li>");
        xp_page_reason(out, a->id, a->text, a->outcome, a->why);
        xp_text_adds(out, "</li>\n");
    }
    xp_text_adds(out, "</ul>\n");
}

static void claim_part(const xp_collection *c, const xp_report_run *run, const char *claim, xp_text *out) {
    static const char *const heads[] = {"test",     "outcome",  "#observed", "#gain, 95 %", "#p", "#asked for",
                                        "#at most", "#detects", "#n",        "#B",          NULL};
    const explaint_verdict *v = xp_report_main_verdict(run->result, claim);
    const bool tests = xp_report_is(claim, "information");
    const xp_figure_sink sink = {out, xp_page_take_figure};
    if (v == NULL || v->n_assumptions == 0) return;
    xp_page_heading(out, is_alone(c),
                    tests ? "The tests of what the vectors know" : "The mapping beside simpler ways to predict");
    out->failed |= !(tests ? xp_figure_tests : xp_figure_comparisons)(run, &sink);
    if (tests && run->n_nulls > 0) {
        xp_text_adds(out, "<div class=\"small-multiples\">\n");
        out->failed |= !xp_figure_nulls(run, &sink);
        xp_text_adds(out, "</div>\n");
    }
    reasons(v, out);
    xp_page_run_table(
        out, run, tests ? "tests-table" : "comparisons-table",
        tests ? "The tests in numbers: observed is r, gain is r beyond chance"
              : "The comparisons in numbers: observed is the mapping's score, gain what it has beyond the other's",
        heads);
    for (size_t i = 0; i < v->n_assumptions; i++) test_row(&v->assumptions[i], out);
    xp_page_table_end(out);
}

/* A verdict for each layer. */
static void layer_verdicts(const xp_report_run *run, xp_text *out) {
    static const char *const heads[] = {"#layer",      "claim",          "verdict", "decided by",
                                        "#gain, 95 %", "#p over layers", NULL};
    const explaint_result *r = run->result;
    size_t n = 0;
    for (size_t i = 0; i < r->n_verdicts; i++) n += r->verdicts[i].layer >= 0;
    if (n == 0) return;
    xp_page_run_table(out, run, "layers-table", "Verdicts layer by layer", heads);
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_verdict *v = &r->verdicts[i];
        const explaint_assumption *a = xp_report_assumption(v, xp_report_or_empty(v->decided_by));
        const double none[2] = {NAN, NAN};
        if (v->layer < 0) continue;
        xp_page_put(out, "<tr><th scope=\"row\" class=\"n\">%d</th><td>%s</td>", v->layer, v->claim);
        xp_page_outcome(out, "td", v->verdict);
        xp_page_put(out, "<td>%s</td>", v->decided_by);
        xp_page_number(out, a != NULL ? a->gain : NAN, 3, true, a != NULL ? a->ci : none);
        xp_page_p(out, a == NULL ? NAN : xp_report_p_of_gain(a));
        xp_text_adds(out, "</tr>\n");
    }
    xp_page_table_end(out);
}

/* ---- scores ---- */

/* The metrics of the rows, in the order of the catalogue. */
static size_t metrics_of(const explaint_result *r, const char *metric[16]) {
    size_t n_all, n = 0;
    const explaint_entry *all = explaint_catalogue("metrics", &n_all);
    for (size_t k = 0; k < n_all && n < 16; k++)
        for (size_t i = 0; i < r->n_rows; i++)
            if (xp_report_is(r->rows[i].metric, all[k].name)) {
                metric[n++] = all[k].name;
                break;
            }
    return n;
}

static void scores(const xp_report_run *run, xp_text *out) {
    const explaint_result *r = run->result;
    const int layer = xp_report_main_layer(r);
    const explaint_row *pair[XP_REPORT_PAIRS];
    const char *metric[16], *heads[18] = {"condition"};
    char head[16][64];
    const size_t n = metrics_of(r, metric), n_pairs = xp_report_pairs(r, pair);
    for (size_t k = 0; k < n; k++) {
        snprintf(head[k], sizeof head[k], "#%s", xp_report_metric_label(metric[k]));
        heads[1 + k] = head[k];
    }
    xp_text_adds(out, "<div class=\"dense\">");
    xp_page_run_table(out, run, "scores", "Scores of all conditions in all metrics, with 95 % intervals", heads);
    for (size_t i = 0; i < n_pairs; i++) {
        const char *condition = xp_report_or_empty(pair[i]->condition), *target = xp_report_or_empty(pair[i]->target);
        xp_page_put(out,
                    xp_report_is(condition, "mean") ? "<tr><th scope=\"row\">%s on %s</th>"
                                                    : "<tr><th scope=\"row\">%s</th>",
                    condition, target);
        for (size_t k = 0; k < n; k++) {
            const explaint_row *found =
                xp_report_row(run, condition, target, metric[k], layer, run->verdict_components);
            xp_page_number(out, found != NULL ? found->value : NAN, 3, false, found != NULL ? found->ci : NULL);
        }
        xp_text_adds(out, "</tr>\n");
    }
    xp_page_table_end(out);
    xp_text_adds(out, "</div>\n");
}

void xp_page_infer(const xp_collection *c, const xp_report_run *run, xp_text *out) {
    const explaint_result *r = run->result;
    first_screen(c, run, out);
    claim_part(c, run, "information", out);
    claim_part(c, run, "mapping", out);
    xp_page_heading(out, is_alone(c), "Scores");
    out->failed |= !xp_figure_curves(run, &(xp_figure_sink){out, xp_page_take_figure});
    layer_verdicts(run, out);
    scores(run, out);
    out->failed |= !xp_figure_predictions(run, &(xp_figure_sink){out, xp_page_take_figure});
    xp_page_concepts(run, is_alone(c), out);
    xp_page_notes(out, run, is_alone(c));
    if (r->n_dropped > 0) {
        xp_page_put(out, "<details><summary>%zu concepts left out</summary>\n<ul class=\"notes\">\n", r->n_dropped);
        for (size_t i = 0; i < r->n_dropped; i++)
            xp_page_put(out, "<li>%s: %s</li>\n", r->dropped[i].concept_name, r->dropped[i].why);
        xp_text_adds(out, "</ul></details>\n");
    }
    xp_page_origin(out, run, is_alone(c));
    xp_text_adds(out, "</section>\n");
}

/* ---- several runs ---- */

static void overview_row(const xp_report_run *run, xp_text *out) {
    static const char *const conditions[] = {"system", "mean", "upper"};
    const explaint_result *r = run->result;
    const int layer = xp_report_main_layer(r);
    xp_page_put(out,
                "<tr><th scope=\"row\"><a href=\"#run-%s\">%s</a></th><td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
                run->label, run->label, xp_report_input(run, "norms"), source_of(run), run->mapping,
                xp_report_metric_label(run->verdict_metric));
    for (size_t k = 0; k < 3; k++) {
        const explaint_row *row =
            xp_report_row(run, conditions[k], "norms", run->verdict_metric, layer, run->verdict_components);
        xp_page_number(out, row != NULL ? row->value : NAN, 3, false, row != NULL ? row->ci : NULL);
    }
    for (int mapping = 0; mapping < 2; mapping++) {
        const explaint_verdict *v = xp_report_main_verdict(r, mapping ? "mapping" : "information");
        xp_page_outcome(out, "td", v != NULL ? v->verdict : "no verdict");
    }
    xp_text_adds(out, "</tr>\n");
}

/* Of a verdict on a model. */
static void overview_begin(const xp_report_run *run, const char *claim, xp_text *out) {
    xp_page_put(out, "<tr><th scope=\"row\"><a href=\"#run-%s\">%s</a></th><td>%s</td><td>%s</td>", run->label,
                run->label, xp_report_input(run, "model"), claim);
}

static void overview_relations(const xp_collection *c, xp_text *out) {
    static const char *const heads[] = {"run", "model", "claim", "verdict", NULL};
    xp_page_table(out, "overview-relations", "Relations: verdicts", heads);
    for (size_t i = 0; i < c->n_runs; i++)
        for (size_t k = 0; c->run[i].relation != NULL && k < c->run[i].says.n_verdicts; k++) {
            const explaint_relate_verdict *v = &c->run[i].relation->verdicts[k];
            overview_begin(&c->run[i], v->claim, out);
            xp_page_outcome(out, "td", v->verdict);
            xp_text_adds(out, "</tr>\n");
        }
    xp_page_table_end(out);
}

void xp_page_overview(const xp_collection *c, xp_text *out) {
    static const char *const heads[] = {"run",   "norms",  "vectors",     "mapping",       "metric", "#system",
                                        "#mean", "#upper", "information", "mapping holds", NULL};
    static const char *const attention[] = {"run", "model", "claim", "layers", "verdict", NULL};
    xp_text_adds(
        out, "<section id=\"overview\" aria-labelledby=\"overview-title\">\n<h2 id=\"overview-title\">All runs</h2>\n");
    if (c->n_infer > 0) {
        xp_text_adds(out, "<div class=\"dense\">");
        xp_page_table(out, "overview-table", "Property inference: scores in the verdict's metric, and both verdicts",
                      heads);
        for (size_t i = 0; i < c->n_infer; i++) overview_row(&c->run[i], out);
        xp_page_table_end(out);
        xp_text_adds(out, "</div>\n");
    }
    if (c->n_attention > 0) {
        xp_page_table(out, "overview-attention", "Attention: verdicts", attention);
        for (size_t i = 0; i < c->n_runs; i++)
            for (size_t k = 0; c->run[i].attention != NULL && k < c->run[i].says.n_verdicts; k++) {
                const explaint_attend_verdict *v = &c->run[i].attention->verdicts[k];
                overview_begin(&c->run[i], v->claim, out);
                xp_page_put(out, "<td>%zu to %zu</td>", v->layers[0], v->layers[1]);
                if (xp_report_is(v->claim, "sink"))
                    xp_page_put(out, "<td>%s</td>", v->verdict);
                else
                    xp_page_outcome(out, "td", v->verdict);
                xp_text_adds(out, "</tr>\n");
            }
        xp_page_table_end(out);
    }
    if (c->n_relations > 0) overview_relations(c, out);
    xp_text_adds(out, "</section>\n");
}
