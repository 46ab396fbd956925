/* Two runs of `explaint relate` side by side: rows of the same set, head, direction, measure and control; the verdicts on all heads and on each. A run
 * keeps no numbers of single pairs, so that no difference is tested. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "compare/comparison.h"

static const char what_for[] = "the comparison";
enum { MOST_HEADS = 100000 }; /* of a layer, and layers: of a document that is no hostile one */

static bool same_text(const char *a, const char *b) {
    return strcmp(xp_stored_result_text(a), xp_stored_result_text(b)) == 0;
}

/* ---- what differs ---- */

static bool same_pairs(const explaint_relate_result *a, const explaint_relate_result *b) {
    bool same = a->n_listed == b->n_listed;
    for (size_t i = 0; same && i < a->n_listed; i++)
        same = same_text(a->pairs[i].left, b->pairs[i].left) && same_text(a->pairs[i].right, b->pairs[i].right) &&
               same_text(a->pairs[i].counterfactuals, b->pairs[i].counterfactuals);
    return same;
}

explaint_status xp_relations_settings(xp_comparison *c, explaint_error *error) {
    static const xp_comparison_role roles[] = {
        {"model", "model"}, {"norms", "norms"}, {"wordnet", "wordnet"}, {"pairs", "pairs"}, {"templates", "templates"}};
    static const char *const none[] = {NULL};
    const explaint_relate_result *const a = c->arm[0].relation, *const b = c->arm[1].relation;
    (void)error;
    xp_comparison_inputs(c, roles, sizeof roles / sizeof *roles);
    xp_comparison_settings(c, none);
    xp_comparison_note(c, "No difference is tested: a run of relate keeps no numbers of single pairs.");
    if (!same_pairs(a, b))
        xp_comparison_note(c, "The pairs are not the same (A %zu, B %zu): a difference holds theirs, too.", a->n_pairs,
                           b->n_pairs);
    if (a->n_heads != b->n_heads)
        xp_comparison_note(c, "p is adjusted for the heads that were asked: A %zu, B %zu.", a->n_heads, b->n_heads);
    return EXPLAINT_OK;
}

/* ---- rows ---- */

static int by_meaning(const void *a, const void *b) {
    return xp_comparison_order(&explaint_relate_row_kind, *(const explaint_relate_row *const *)a,
                               *(const explaint_relate_row *const *)b);
}

static explaint_status sort(const xp_stored_result *arm, const explaint_relate_row ***sorted, explaint_error *error) {
    const explaint_relate_result *r = arm->relation;
    const explaint_relate_row **row = xp_alloc(r->n_rows, sizeof(explaint_relate_row *));
    *sorted = row;
    if (row == NULL) return xp_no_memory(error, what_for);
    for (size_t i = 0; i < r->n_rows; i++) row[i] = &r->rows[i];
    qsort(row, r->n_rows, sizeof(explaint_relate_row *), by_meaning);
    for (size_t i = 1; i < r->n_rows; i++)
        if (by_meaning(&row[i - 1], &row[i]) == 0)
            return xp_fail(error, EXPLAINT_INVALID, arm->path, 0,
                           "has two rows of measure \"%s\" with the same qualifiers: one was expected",
                           xp_stored_result_text(row[i]->measure));
    return EXPLAINT_OK;
}

static explaint_status compare_rows(xp_comparison *c, explaint_error *error) {
    const explaint_relate_result *const r[2] = {c->arm[0].relation, c->arm[1].relation};
    const explaint_relate_row **sorted[2] = {NULL, NULL};
    explaint_status status = EXPLAINT_OK;
    for (int s = 0; s < 2 && status == EXPLAINT_OK; s++) status = sort(&c->arm[s], &sorted[s], error);
    for (size_t i = 0; status == EXPLAINT_OK && i < r[0]->n_rows; i++) {
        const explaint_relate_row *row = &r[0]->rows[i];
        const explaint_relate_row *const *other =
            bsearch(&row, sorted[1], r[1]->n_rows, sizeof(explaint_relate_row *), by_meaning);
        if (other == NULL || row->measure == NULL) continue;
        explaint_compared_measure *m =
            xp_comparison_measure(c, (const int[]){row->layer, row->layer}, row->head, row->measure,
                                  (const double[]){row->value, (*other)->value});
        if (m == NULL) {
            status = xp_no_memory(error, what_for);
            break;
        }
        m->counterfactuals = row->counterfactuals;
        m->direction = row->direction;
        m->control = row->control;
    }
    for (int s = 0; s < 2; s++) xp_free((void *)sorted[s]);
    return status;
}

/* ---- heads ---- */

static int by_place(const void *a, const void *b) {
    const explaint_relate_head *x = *(const explaint_relate_head *const *)a,
                               *y = *(const explaint_relate_head *const *)b;
    return x->layer != y->layer ? (x->layer > y->layer) - (x->layer < y->layer)
                                : (x->head > y->head) - (x->head < y->head);
}

/* An outcome as verdicts are called. */
static const char *as_verdict(const char *outcome) {
    return same_text(outcome, "holds") ? "supported" : same_text(outcome, "fails") ? "not supported" : "undecided";
}

static bool compare_head(xp_comparison *c, const explaint_relate_head *a, const explaint_relate_head *b) {
    static const xp_comparison_number numbers[] = {
        {"judged_auc", offsetof(explaint_relate_head, auc)},
        {"judged_accuracy", offsetof(explaint_relate_head, accuracy)},
        {"judged_p", offsetof(explaint_relate_head, p)},
        {"judged_p_adjusted", offsetof(explaint_relate_head, p_adjusted)},
    };
    const int layer[2] = {(int)a->layer, (int)b->layer};
    explaint_compared_verdict *v =
        xp_comparison_verdict(c, "head", (const char *const[]){as_verdict(a->outcome), as_verdict(b->outcome)},
                              (const char *const[]){a->decided_by, b->decided_by}, layer);
    if (v != NULL) v->head = a->head;
    return v != NULL && xp_comparison_numbers(c, layer, (int)a->head, numbers, sizeof numbers / sizeof *numbers, a, b);
}

static explaint_status compare_heads(xp_comparison *c, explaint_error *error) {
    const explaint_relate_result *const a = c->arm[0].relation, *const b = c->arm[1].relation;
    const explaint_relate_head **sorted = xp_alloc(b->n_heads, sizeof(explaint_relate_head *));
    if (sorted == NULL) return xp_no_memory(error, what_for);
    for (size_t i = 0; i < b->n_heads; i++) sorted[i] = &b->heads[i];
    qsort(sorted, b->n_heads, sizeof(explaint_relate_head *), by_place);
    bool ok = true;
    for (size_t i = 0; ok && i < a->n_heads; i++) {
        const explaint_relate_head *head = &a->heads[i];
        const explaint_relate_head *const *other =
            bsearch(&head, sorted, b->n_heads, sizeof(explaint_relate_head *), by_place);
        if (other != NULL && head->layer <= MOST_HEADS && head->head <= MOST_HEADS) ok = compare_head(c, head, *other);
    }
    xp_free((void *)sorted);
    return ok ? EXPLAINT_OK : xp_no_memory(error, what_for);
}

/* ---- all heads together ---- */

static const explaint_relate_verdict *verdict_on(const explaint_relate_result *r, const char *claim) {
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (same_text(r->verdicts[i].claim, claim)) return &r->verdicts[i];
    return NULL;
}

static bool compare_assumptions(xp_comparison *c, const explaint_relate_verdict *a, const explaint_relate_verdict *b,
                                explaint_compared_verdict *out) {
    explaint_compared_assumption *made = xp_calloc(a->n_assumptions, sizeof *made);
    out->assumptions = made;
    for (size_t i = 0; made != NULL && i < a->n_assumptions; i++)
        for (size_t k = 0; k < b->n_assumptions; k++) {
            const explaint_relate_assumption *x = &a->assumptions[i], *y = &b->assumptions[k];
            if (!same_text(x->counterfactuals, y->counterfactuals) || !same_text(x->control, y->control)) continue;
            made[out->n_assumptions++] = (explaint_compared_assumption){
                .id = xp_comparison_keep(c, "%s, %s", xp_stored_result_text(x->counterfactuals),
                                         xp_stored_result_text(x->control)),
                .outcome = {xp_stored_result_text(x->outcome), xp_stored_result_text(y->outcome)},
                .gain = {x->gain, y->gain},
                .mde = {NAN, NAN},
                .r = {NAN, NAN},
                .paired = xp_comparison_untested(y->gain - x->gain),
                .changed = !same_text(x->outcome, y->outcome)};
            break;
        }
    return made != NULL;
}

static explaint_status compare_verdicts(xp_comparison *c, explaint_error *error) {
    static const char *const claims[] = {"heads", "model"};
    for (size_t k = 0; k < sizeof claims / sizeof *claims; k++) {
        const explaint_relate_verdict *const a = verdict_on(c->arm[0].relation, claims[k]), *const b = verdict_on(
                                                                                                c->arm[1].relation,
                                                                                                claims[k]);
        if (a == NULL || b == NULL) continue;
        explaint_compared_verdict *out =
            xp_comparison_verdict(c, claims[k], (const char *const[]){a->verdict, b->verdict},
                                  (const char *const[]){a->decided_by, b->decided_by}, (const int[]){-1, -1});
        if (out == NULL || !compare_assumptions(c, a, b, out)) return xp_no_memory(error, what_for);
    }
    return EXPLAINT_OK;
}

explaint_status xp_relations_all(xp_comparison *c, int a, int b, bool shared, explaint_error *error) {
    (void)a, (void)b, (void)shared; /* a head has its layer; nothing else has one */
    explaint_status status = compare_rows(c, error);
    if (status == EXPLAINT_OK) status = compare_verdicts(c, error);
    return status == EXPLAINT_OK ? compare_heads(c, error) : status;
}
