/* Runs of relate: what is found by name, and their part of the tables in Markdown and LaTeX. */
#include "report/relation.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "report/table.h"
#include "report/tables.h"

const struct xp_relation_control xp_relation_control[XP_RELATION_CONTROLS] = {{NULL, "all heads"},
                                                                              {"form", "form"},
                                                                              {"permuted", "permuted"},
                                                                              {"untrained", "untrained"},
                                                                              {"damaged", "damaged"}};

/* ---- what is there ---- */

size_t xp_relation_sets(const explaint_relate_result *r, const char *set[XP_RELATION_SETS]) {
    size_t n = 0;
    for (size_t i = 0; i < r->n_rows && n < XP_RELATION_SETS; i++) {
        bool known = r->rows[i].layer >= 0;
        for (size_t k = 0; k < n && !known; k++) known = xp_report_is(r->rows[i].counterfactuals, set[k]);
        if (!known) set[n++] = xp_report_or_empty(r->rows[i].counterfactuals);
    }
    return n;
}

double xp_relation_value(const explaint_relate_result *r, const char *set, const char *measure, const char *control) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_relate_row *row = &r->rows[i];
        if (row->layer < 0 && xp_report_is(row->counterfactuals, set) && xp_report_is(row->measure, measure) &&
            xp_report_is(row->control, control))
            return row->value;
    }
    return NAN;
}

const explaint_relate_assumption *xp_relation_assumption(const explaint_relate_result *r, const char *set,
                                                         const char *control) {
    for (size_t i = 0; i < r->n_verdicts; i++)
        for (size_t k = 0; k < r->verdicts[i].n_assumptions; k++) {
            const explaint_relate_assumption *a = &r->verdicts[i].assumptions[k];
            if (xp_report_is(a->counterfactuals, set) && xp_report_is(a->control, control)) return a;
        }
    return NULL;
}

static int better(const void *a, const void *b) {
    const explaint_relate_head *x = *(const explaint_relate_head *const *)a,
                               *y = *(const explaint_relate_head *const *)b;
    const double p = isfinite(x->p_adjusted) ? x->p_adjusted : 2, q = isfinite(y->p_adjusted) ? y->p_adjusted : 2;
    const double auc = isfinite(x->auc) ? x->auc : -1, other = isfinite(y->auc) ? y->auc : -1;
    if (p != q) return p < q ? -1 : 1;
    if (auc != other) return auc > other ? -1 : 1;
    return (x > y) - (x < y); /* as they come */
}

const explaint_relate_head **xp_relation_best(const explaint_relate_result *r) {
    const explaint_relate_head **order = xp_alloc(r->n_heads + 1, sizeof *order);
    if (order == NULL) return NULL;
    for (size_t i = 0; i < r->n_heads; i++) order[i] = &r->heads[i];
    if (r->n_heads > 1) qsort((void *)order, r->n_heads, sizeof *order, better);
    return order;
}

size_t xp_relation_holding(const explaint_relate_result *r) {
    size_t holding = 0;
    for (size_t i = 0; i < r->n_heads; i++) holding += xp_report_is(r->heads[i].outcome, "holds");
    return holding;
}

/* ---- tables ---- */

static void condition(xp_report_table *table, const xp_report_run *run, const char *set,
                      const struct xp_relation_control *control) {
    const explaint_relate_result *r = run->relation;
    const explaint_relate_assumption *a = control->name != NULL ? xp_relation_assumption(r, set, control->name) : NULL;
    xp_markup_text(xp_report_table_cell(table), run->label);
    xp_markup_name(xp_report_table_cell(table), set);
    xp_markup_prose(xp_report_table_cell(table), control->label);
    xp_report_table_number(table, xp_relation_value(r, set, "accuracy", control->name), NULL);
    xp_report_table_number(table, control->name != NULL ? xp_relation_value(r, set, "gain", control->name) : NAN, NULL);
    xp_markup_p(xp_report_table_cell(table),
                control->name != NULL ? xp_relation_value(r, set, "p", control->name) : NAN);
    xp_report_table_word(table, a != NULL ? a->outcome : NULL);
    xp_report_table_row(table);
}

static void conditions(const xp_collection *c, xp_markup *markup) {
    static const char *const names[] = {"run", "against", "condition", "accuracy", "gain", "p", "outcome"};
    xp_report_table table;
    xp_report_table_begin(&table, markup->latex, "lllrrrw");
    xp_report_table_heads(&table, names, sizeof names / sizeof *names);
    for (size_t i = 0; i < c->n_runs; i++) {
        const char *set[XP_RELATION_SETS];
        const size_t n = c->run[i].relation != NULL ? xp_relation_sets(c->run[i].relation, set) : 0;
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < XP_RELATION_CONTROLS; j++)
                condition(&table, &c->run[i], set[k], &xp_relation_control[j]);
    }
    xp_report_table_write(&table, "All heads together, and what can be had without the relation.", "relation", markup);
}

enum { SHOWN = 10 };

/* Heads that hold, and the best ones; or all. */
static void heads(const xp_collection *c, bool all, xp_markup *markup) {
    static const char *const names[] = {"run", "head", "outcome", "AUC", "p", "adjusted p", "decided by"};
    xp_report_table table;
    xp_report_table_begin(&table, markup->latex, "llwrrrp");
    xp_report_table_heads(&table, names, sizeof names / sizeof *names);
    for (size_t i = 0; i < c->n_runs; i++) {
        if (c->run[i].relation == NULL) continue;
        const explaint_relate_head **order = xp_relation_best(c->run[i].relation);
        if (order == NULL) table.failed = true;
        for (size_t k = 0; order != NULL && k < c->run[i].relation->n_heads; k++) {
            const explaint_relate_head *h = order[k];
            if (!all && k >= SHOWN && !xp_report_is(h->outcome, "holds")) continue;
            xp_markup_text(xp_report_table_cell(&table), c->run[i].label);
            xp_text_addf(&xp_report_table_cell(&table)->out, "%zu.%zu", h->layer, h->head);
            xp_report_table_word(&table, h->outcome);
            xp_report_table_number(&table, h->auc, NULL);
            xp_markup_p(xp_report_table_cell(&table), h->p);
            xp_markup_p(xp_report_table_cell(&table), h->p_adjusted);
            xp_report_table_word(&table, h->decided_by);
            xp_report_table_row(&table);
        }
        xp_free((void *)order);
    }
    xp_report_table_write(&table, "Single heads, the best first.", "relation-heads", markup);
}

/* "**A, heads: supported.** The verdict's text. Decided by similarity, damaged." */
static void sentence(xp_markup *markup, const char *label, const explaint_relate_verdict *v) {
    xp_markup text = {.latex = markup->latex};
    xp_markup_bold(&text, true);
    xp_text_adds(&text.out, label);
    xp_report_verdict_words(&text, v->claim, v->verdict, v->text);
    xp_text_adds(&text.out, ".");
    xp_report_decided_by(&text, v->decided_by);
    xp_markup_paragraph(markup, &text);
}

void xp_report_relation_part(const xp_collection *c, bool all, xp_markup *markup) {
    conditions(c, markup);
    xp_markup_words(
        markup,
        "*accuracy* is the share of pairs that all heads together tell rightly, on words that the classifier has not "
        "seen; half is what guessing reaches. *gain* and *p* compare the model with each control: *form* knows numbers "
        "of word pieces and where they stand, *permuted* exchanges true and counterfactual words, *untrained* has "
        "weights drawn at random, *damaged* sees words in disorder before each layer. Of single heads stand the worst "
        "set and control; their *adjusted p* is over all heads, directions, sets and controls.");
    heads(c, all, markup);
    for (size_t i = 0; all && i < c->n_runs; i++)
        for (size_t k = 0; c->run[i].relation != NULL && k < c->run[i].says.n_verdicts; k++)
            sentence(markup, c->run[i].label, &c->run[i].relation->verdicts[k]);
}
