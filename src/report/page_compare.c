/* A comparison of two runs on the page: what was changed, what that did to scores and verdicts. Every difference is the second less the first. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/page.h"

static void changes(const explaint_comparison *r, const char *id, xp_text *out) {
    static const char *const heads[] = {"what", "name", "A", "B", NULL};
    if (r->n_changes == 0) {
        xp_text_adds(out, "<p>Version, inputs and settings are the same.</p>\n");
        return;
    }
    xp_page_table(out, id, "What differs between A and B", heads);
    for (size_t i = 0; i < r->n_changes; i++) {
        const explaint_compared_change *change = &r->changes[i];
        xp_page_put(out, "<tr><th scope=\"row\">%s</th><td>%s</td>", change->what, change->key);
        for (int k = 0; k < 2; k++)
            xp_page_put(out, "<td class=\"wide-text\">%s</td>",
                        change->value[k] != NULL ? change->value[k] : "\xe2\x80\x93");
        xp_text_adds(out, "</tr>\n");
    }
    xp_page_table_end(out);
}

static void layers(const int layer[2], xp_text *out) {
    if (layer[0] < 0 && layer[1] < 0)
        xp_text_adds(out, "<td class=\"n\">\xe2\x80\x93</td>");
    else if (layer[0] == layer[1])
        xp_page_put(out, "<td class=\"n\">%d</td>", layer[0]);
    else
        xp_page_put(out, "<td class=\"n\">%d, %d</td>", layer[0], layer[1]);
}

static void verdicts(const explaint_comparison *r, const char *id, xp_text *out) {
    static const char *const heads[] = {"claim",      "#layer",     "test",        "A",  "B",
                                        "#gain of A", "#gain of B", "#difference", "#p", NULL};
    if (r->n_verdicts == 0) return;
    xp_page_table(out, id, "Verdicts and what they are made of", heads);
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_compared_verdict *v = &r->verdicts[i];
        xp_page_put(out, "<tr><th scope=\"row\"><strong>%s", v->claim);
        if (v->head > 0) xp_text_addf(out, " %zu", v->head);
        xp_text_adds(out, "</strong></th>");
        layers(v->layer, out);
        xp_text_adds(out, v->changed ? "<td><strong>verdict: changed</strong></td>" : "<td>verdict</td>");
        for (int k = 0; k < 2; k++) xp_page_outcome(out, "td", v->verdict[k] != NULL ? v->verdict[k] : "none");
        xp_text_adds(out, "<td></td><td></td><td></td><td></td></tr>\n");
        for (size_t j = 0; j < v->n_assumptions; j++) {
            const explaint_compared_assumption *a = &v->assumptions[j];
            xp_page_put(out, "<tr><th scope=\"row\">%s</th>", v->claim);
            layers(v->layer, out);
            xp_page_put(out, a->changed ? "<td>%s: changed</td>" : "<td>%s</td>", a->id);
            for (int k = 0; k < 2; k++) xp_page_outcome(out, "td", a->outcome[k] != NULL ? a->outcome[k] : "none");
            for (int k = 0; k < 2; k++) xp_page_number(out, a->gain[k], 3, true, NULL);
            xp_page_number(out, a->paired.difference, 3, true, a->paired.ci);
            xp_page_p(out, a->paired.p);
            xp_text_adds(out, "</tr>\n");
        }
    }
    xp_page_table_end(out);
}

static void difference(const double value[2], const explaint_paired *paired, double p_adjusted, xp_text *out) {
    for (int k = 0; k < 2; k++) xp_page_number(out, value[k], 3, false, NULL);
    xp_page_number(out, paired->difference, 3, true, paired->ci);
    xp_page_p(out, paired->p);
    xp_page_p(out, p_adjusted);
    xp_page_put(out, paired->n > 0 ? "<td class=\"n\">%zu</td></tr>\n" : "<td class=\"n\">\xe2\x80\x93</td></tr>\n",
                paired->n);
}

static void rows(const explaint_comparison *r, const char *id, xp_text *out) {
    static const char *const heads[] = {"condition",         "target", "metric",    "#layer", "#A", "#B",
                                        "#difference, 95 %", "#p",     "#p of all", "#n",     NULL};
    if (r->n_rows == 0) return;
    xp_page_table(out, id, "Scores: p of all is adjusted over the rows that differ (Benjamini-Hochberg)", heads);
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_compared_row *row = &r->rows[i];
        xp_page_put(out, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td>", row->condition, row->target,
                    xp_report_metric_label(xp_report_or_empty(row->metric)));
        layers(row->layer, out);
        difference(row->value, &row->paired, row->p_adjusted, out);
    }
    xp_page_table_end(out);
}

/* The qualifiers of a measure, one after the other. */
static void measure_name(const explaint_compared_measure *m, xp_text *out) {
    const char *const parts[] = {m->g,      m->candidates, m->reference,       m->distance,
                                 m->hit,    m->rows,       m->model,           m->pairs,
                                 m->damage, m->scope,      m->counterfactuals, m->control};
    xp_page_put(out, "<tr><th scope=\"row\">%s", m->measure);
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
        if (parts[k] != NULL) xp_page_put(out, ", %s", parts[k]);
    if (m->standardised == 1) xp_text_adds(out, ", standardised");
    if (m->undone == 1) xp_text_adds(out, ", undone");
    if (m->head >= 0) xp_page_put(out, ", head %d", m->head);
    xp_text_adds(out, "</th>");
}

static bool is_of_relate(const explaint_comparison *r) { return r->measures[0].counterfactuals != NULL; }

static void measures(const explaint_comparison *r, const char *id, xp_text *out) {
    static const char *const heads[] = {"measure", "#layer",    "#A", "#B", "#difference, 95 %",
                                        "#p",      "#p of all", "#n", NULL};
    if (r->n_measures == 0) return;
    xp_page_table(out, id, is_of_relate(r) ? "Measures" : "Measures, paired by text", heads);
    for (size_t i = 0; i < r->n_measures; i++) {
        if (r->measures[i].counterfactuals != NULL && r->measures[i].head >= 0)
            continue; /* thousands: the document has them */
        measure_name(&r->measures[i], out);
        layers(r->measures[i].layer, out);
        difference(r->measures[i].value, &r->measures[i].paired, r->measures[i].p_adjusted, out);
    }
    xp_page_table_end(out);
}

void xp_page_comparison(const xp_collection *c, size_t number, xp_text *out) {
    const explaint_comparison *r = c->comparison[number].result;
    const bool alone = c->n_runs == 0 && c->n_comparisons == 1;
    char id[4][40];
    static const char *const names[] = {"changes", "verdicts", "scores", "measures"};
    for (int k = 0; k < 4; k++) snprintf(id[k], sizeof id[k], "comparison-%zu-%s", number, names[k]);
    xp_page_put(out, "<section id=\"comparison-%zu\" aria-labelledby=\"comparison-%zu-title\">\n", number, number);
    xp_page_put(out,
                alone ? "<h1 id=\"comparison-%zu-title\">Two runs compared</h1>\n"
                      : "<h2 id=\"comparison-%zu-title\">Two runs compared</h2>\n",
                number);
    for (int k = 0; k < 2; k++) {
        xp_page_put(out, "<p class=\"muted\">%s is %s: %s", k == 0 ? "A" : "B", r->arm[k].place, r->arm[k].source);
        xp_page_put(out, r->arm[k].mapping != NULL ? ", %s.</p>\n" : ".</p>\n", r->arm[k].mapping);
    }
    if (xp_report_or_empty(r->answer)[0] != 0) xp_page_put(out, "<p class=\"answer\">%s</p>\n", r->answer);
    changes(r, id[0], out);
    xp_text_adds(out, "<div class=\"dense\">\n");
    verdicts(r, id[1], out);
    rows(r, id[2], out);
    measures(r, id[3], out);
    xp_text_adds(out, "</div>\n");
    if (r->n_notes > 0) {
        xp_page_heading(out, alone, "What to keep in mind");
        xp_text_adds(out, "<ul class=\"notes\">\n");
        for (size_t i = 0; i < r->n_notes; i++) {
            xp_text_adds(out, "<li>");
            xp_page_ended(out, r->notes[i]);
            xp_text_adds(out, "</li>\n");
        }
        xp_text_adds(out, "</ul>\n");
    }
    xp_page_heading(out, alone, "Where the numbers come from");
    xp_page_put(out, "<p>The comparison is %s, of explaint %s.</p>\n", c->comparison[number].place, r->version);
    for (int k = 0; k < 2; k++)
        xp_page_put(out, "<p>Signature of %s: <code>%s</code></p>\n", k == 0 ? "A" : "B", r->arm[k].signature);
    xp_text_adds(out, "</section>\n");
}
