#include "view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 10, NARROW = 11, SET = 16 };

static double value_of(const explaint_relate_result *r, const char *set, const char *measure, const char *control) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_relate_row *row = &r->rows[i];
        if (row->layer < 0 && view_is(row->counterfactuals, set) && view_is(row->measure, measure) &&
            (control == NULL ? row->control == NULL : view_is(row->control, control)))
            return row->value;
    }
    return NAN;
}

static void field_number(const term *t, double value, int digits) {
    term_field(t, view_number(value, digits, false).text, -NARROW);
}

/* ---- all heads together ---- */

static const struct {
    const char *control, *title;
} columns[] = {{NULL, "all heads"},
               {"form", "form"},
               {"permuted", "permuted"},
               {"untrained", "untrained"},
               {"damaged", "damaged"}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static void view_set(const explaint_relate_result *r, const char *set, size_t from, size_t to, const term *t) {
    fputs("  ", t->out);
    term_field(t, set, SET);
    for (size_t k = from; k < to; k++) field_number(t, value_of(r, set, "accuracy", columns[k].control), 3);
    fputc('\n', t->out);
    term_begin(t, FAINT);
    term_field(t, "    p", SET + 2);
    for (size_t k = from; k < to; k++) field_number(t, k == 0 ? NAN : value_of(r, set, "p", columns[k].control), 4);
    term_end(t, FAINT);
    fputc('\n', t->out);
}

/* Columns that do not fit beside the others stand below them. */
static void view_all(const explaint_relate_result *r, const term *t) {
    const int room = (t->width - SET - 3) / NARROW;
    const size_t fit = room > 1 ? (size_t)room : 1;
    view_heading(t, "All heads together, share of pairs told rightly");
    for (size_t from = 0; from < N_COLUMNS; from += fit) {
        const size_t to = from + fit < N_COLUMNS ? from + fit : N_COLUMNS;
        const char *set = "";
        term_begin(t, FAINT);
        term_field(t, "  against", SET + 2);
        for (size_t k = from; k < to; k++) term_field(t, columns[k].title, -NARROW);
        term_end(t, FAINT);
        fputc('\n', t->out);
        for (size_t i = 0; i < r->n_rows; i++) {
            if (r->rows[i].layer >= 0 || r->rows[i].counterfactuals == NULL || view_is(r->rows[i].counterfactuals, set))
                continue;
            set = r->rows[i].counterfactuals;
            view_set(r, set, from, to, t);
        }
    }
    view_note(t,
              "Half is what guessing reaches. form: numbers of word pieces and where they stand; permuted: true and "
              "counterfactual words exchanged; untrained: weights drawn at random; damaged: words in disorder before "
              "each layer.");
}

/* ---- heads ---- */

static int best_first(const void *a, const void *b) {
    const explaint_relate_head *x = *(const explaint_relate_head *const *)a,
                               *y = *(const explaint_relate_head *const *)b;
    if (x->p_adjusted != y->p_adjusted) return x->p_adjusted < y->p_adjusted ? -1 : 1;
    if (x->auc != y->auc) return x->auc > y->auc ? -1 : 1;
    return x->layer != y->layer ? (x->layer < y->layer ? -1 : 1) : (x->head > y->head) - (x->head < y->head);
}

/* What decided, and who looks, stand where there is room. */
static void view_head_of(const explaint_relate_head *h, const term *t) {
    char text[80];
    snprintf(text, sizeof text, "%zu.%zu", h->layer, h->head);
    fputs("  ", t->out);
    term_field(t, text, 6);
    term_field_in(t, view_outcome_style(h->outcome), h->outcome != NULL ? h->outcome : "", 10);
    field_number(t, h->auc, 3);
    if (t->width >= 80) {
        field_number(t, h->p_adjusted, 4);
        fputs("  ", t->out);
        term_field(t, view_is(h->direction, "left-to-right") ? "left looks" : "right looks", 13);
        term_field(t, h->decided_by != NULL ? h->decided_by : "", t->width - 56);
    }
    fputc('\n', t->out);
}

static void view_heads(const explaint_relate_result *r, const term *t) {
    char text[120];
    const explaint_relate_head **order = malloc((r->n_heads + 1) * sizeof *order);
    if (order == NULL || r->n_heads == 0) {
        free((void *)order);
        return;
    }
    for (size_t i = 0; i < r->n_heads; i++) order[i] = &r->heads[i];
    qsort((void *)order, r->n_heads, sizeof *order, best_first);
    size_t holds = 0;
    for (size_t i = 0; i < r->n_heads; i++) holds += view_is(r->heads[i].outcome, "holds");
    view_heading(t, "Single heads, best first");
    term_begin(t, FAINT);
    term_field(t, "  head", 18);
    term_field(t, "AUC", -NARROW);
    if (t->width >= 80) {
        term_field(t, "adjusted p", -NARROW);
        fputs("  ", t->out);
        term_field(t, "", 13);
        term_field(t, "decided by", 10);
    }
    term_end(t, FAINT);
    fputc('\n', t->out);
    for (size_t i = 0; i < r->n_heads && i < SHOWN; i++) view_head_of(order[i], t);
    free((void *)order);
    snprintf(text, sizeof text, "%zu of %zu heads hold; the others are in --json and --csv.", holds, r->n_heads);
    view_note(t, text);
    view_note(t, "The worst set and control of each head. AUC: how often a true pair has more attention than a "
                 "counterfactual one. "
                 "p is adjusted over all heads, directions, sets and controls.");
}

/* ---- all of it ---- */

static void view_next_of(const explaint_relate_result *r, const view_kept *kept, const term *t) {
    view_heading(t, "Next");
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (view_is(r->verdicts[i].verdict, "undecided")) {
            view_item(t,
                      "what would decide more: more pairs, above all with other words on the right; --most-pairs all");
            break;
        }
    for (size_t i = 0; i < r->n_heads; i++) {
        char text[200];
        if (!view_is(r->heads[i].outcome, "holds")) continue;
        snprintf(text, sizeof text,
                 "do its rows still stand for their words? explaint attend --head %zu.%zu, which takes this result by "
                 "--relate FILE.json or --ledger",
                 r->heads[i].layer, r->heads[i].head);
        view_item(t, text);
        break;
    }
    view_where(kept, t);
}

void view_relate(const explaint_relate_result *r, const view_kept *kept, const term *t) {
    const explaint_input *model = view_input(r->inputs, r->n_inputs, "model");
    view_sentence(t, r->answer);
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_relate_verdict *v = &r->verdicts[i];
        view_word(t, view_is(v->claim, "heads") ? "a head by itself" : "all heads together", v->verdict);
    }
    fputc('\n', t->out);
    term_putf_in(t, STRONG, "%s on %s pairs with %s right words", model != NULL ? model->name : "?",
                 view_size(r->n_pairs).text, view_size(r->n_groups).text);
    term_putf(t, ", %s sentences", view_size(r->n_texts).text);
    fputc('\n', t->out);
    view_all(r, t);
    view_heads(r, t);
    view_notes(r->lints, r->n_lints, t);
    view_next_of(r, kept, t);
}
