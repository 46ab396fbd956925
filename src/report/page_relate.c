/* A run of relate on the page: the answer, all heads together beside the controls, and which heads hold. */
#include <math.h>
#include <stdio.h>

#include "base/memory.h"
#include "report/page.h"
#include "report/relation.h"

enum { SHOWN = 10 };

static void card(const explaint_relate_verdict *v, xp_text *out) {
    const char *claim = xp_report_is(v->claim, "heads")   ? "Claim: a head by itself shows the relation."
                        : xp_report_is(v->claim, "model") ? "Claim: all heads together tell the relation."
                                                          : xp_report_or_empty(v->claim);
    xp_page_put(out, "<article class=\"verdict %s\"><p class=\"claim\">%s</p>", xp_page_outcome_class(v->verdict),
                claim);
    xp_page_outcome(out, "p", v->verdict);
    xp_text_adds(out, "<p>");
    xp_page_ended(out, v->text);
    if (xp_report_or_empty(v->decided_by)[0] != 0) xp_page_put(out, " Decided by %s.", v->decided_by);
    xp_text_adds(out, "</p></article>\n");
}

/* ---- all heads together ---- */

static void condition(const explaint_relate_result *r, const char *set, size_t k, xp_text *out) {
    const char *control = xp_relation_control[k].name;
    const explaint_relate_assumption *a = control != NULL ? xp_relation_assumption(r, set, control) : NULL;
    xp_page_put(out, "<tr><th scope=\"row\">%s</th><td>%s</td>", set, xp_relation_control[k].label);
    xp_page_number(out, xp_relation_value(r, set, "accuracy", control), 3, false, NULL);
    xp_page_number(out, xp_relation_value(r, set, "auc", control), 3, false, NULL);
    xp_page_number(out, control != NULL ? xp_relation_value(r, set, "gain", control) : NAN, 3, true, NULL);
    xp_page_p(out, control != NULL ? xp_relation_value(r, set, "p", control) : NAN);
    if (a != NULL)
        xp_page_outcome(out, "td", a->outcome);
    else
        xp_text_adds(out, "<td>\xe2\x80\x93</td>");
    xp_text_adds(out, "</tr>\n");
}

static void conditions(const xp_report_run *run, bool alone, xp_text *out) {
    static const char *const heads[] = {"against",       "condition", "#accuracy", "#AUC",
                                        "#gain over it", "#p",        "outcome",   NULL};
    const char *set[XP_RELATION_SETS];
    const size_t n = xp_relation_sets(run->relation, set);
    if (n == 0) return;
    xp_page_heading(out, alone, "All heads together");
    xp_page_run_table(out, run, "relation",
                      "All heads together on words that the classifier has not seen, beside each control", heads);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < XP_RELATION_CONTROLS; k++) condition(run->relation, set[i], k, out);
    xp_page_table_end(out);
    xp_text_adds(out, "<p class=\"muted\">Half is what guessing reaches. <em>form</em>: numbers of word pieces and "
                      "where they stand; <em>permuted</em>: true and counterfactual words exchanged; "
                      "<em>untrained</em>: weights drawn at random; <em>damaged</em>: words in disorder before each "
                      "layer. A gain is that of the model over the control.</p>\n");
}

/* ---- single heads ---- */

static const char *looks(const char *direction) {
    return xp_report_is(direction, "left-to-right")   ? "left word"
           : xp_report_is(direction, "right-to-left") ? "right word"
                                                      : xp_report_or_empty(direction);
}

static void head_row(const explaint_relate_head *h, xp_text *out) {
    xp_page_put(out, "<tr><th scope=\"row\">%zu.%zu</th>", h->layer, h->head);
    xp_page_outcome(out, "td", h->outcome);
    xp_page_put(out, "<td>%s</td>", looks(h->direction));
    xp_page_number(out, h->auc, 3, false, NULL);
    xp_page_number(out, h->accuracy, 3, false, NULL);
    xp_page_p(out, h->p);
    xp_page_p(out, h->p_adjusted);
    xp_page_put(out, "<td>%s</td></tr>\n", h->decided_by);
}

static void head_table(const xp_report_run *run, const explaint_relate_head *const *order, const char *name,
                       const char *caption, size_t n, xp_text *out) {
    static const char *const heads[] = {"head", "outcome",     "who looks",  "#AUC", "#accuracy",
                                        "#p",   "#adjusted p", "decided by", NULL};
    xp_page_run_table(out, run, name, caption, heads);
    for (size_t i = 0; i < n; i++) head_row(order != NULL ? order[i] : &run->relation->heads[i], out);
    xp_page_table_end(out);
}

static void single_heads(const xp_report_run *run, xp_text *out) {
    const size_t n = run->relation->n_heads;
    const explaint_relate_head **order = xp_relation_best(run->relation);
    size_t shown = n < SHOWN ? n : SHOWN;
    if (order == NULL) out->failed = true;
    while (order != NULL && shown < n && xp_report_is(order[shown]->outcome, "holds")) shown++;
    if (order != NULL && n > 0) {
        head_table(run, order, "best-heads", "Heads that hold, and the best of the others", shown, out);
        xp_text_adds(out, "<p class=\"muted\">The worst set and control of each head. AUC: how often a true pair has "
                          "more attention than a counterfactual one. p is adjusted over all heads, directions, "
                          "sets and controls.</p>\n");
    }
    if (order != NULL && n > shown) {
        xp_page_put(out, "<details><summary>All %zu heads</summary>\n", n);
        head_table(run, NULL, "all-heads", "All heads, layer by layer", n, out);
        xp_text_adds(out, "</details>\n");
    }
    xp_free((void *)order);
}

/* ---- the run ---- */

void xp_page_relation(const xp_collection *c, const xp_report_run *run, xp_text *out) {
    const explaint_relate_result *r = run->relation;
    const bool alone = c->n_runs == 1;
    xp_page_begin(out, run, alone, "A relation in the attention of %s", xp_page_model(run), NULL);
    xp_page_put(out, "<p class=\"muted\">%zu true pairs with %zu different right words; %zu sentences.</p>\n",
                r->n_pairs, r->n_groups, r->n_texts);
    if (xp_report_or_empty(r->answer)[0] != 0) xp_page_put(out, "<p class=\"answer\">%s</p>\n", r->answer);
    xp_text_adds(out, "<div class=\"verdicts\">\n");
    for (size_t i = 0; i < r->n_verdicts; i++) card(&r->verdicts[i], out);
    xp_text_adds(out, "</div>\n");
    const xp_figure_sink sink = {out, xp_page_take_figure};
    out->failed |= !xp_figure_relation(run, &sink);
    conditions(run, alone, out);
    if (r->n_heads > 0) xp_page_heading(out, alone, "Single heads");
    out->failed |= !xp_figure_relation_heads(run, &sink);
    single_heads(run, out);
    xp_page_notes(out, run, alone);
    xp_page_origin(out, run, alone);
    xp_text_adds(out, "</section>\n");
}
