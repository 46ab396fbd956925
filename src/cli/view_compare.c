/* Two runs side by side: what differs between them, scores, verdicts. */
#include <math.h>
#include <string.h>

#include "view.h"

enum { LABEL = 30, VALUE = 7, DIFFERENCE = 8, INTERVAL = 16, P = 8, ADJUSTED = 10, NARROW = 72, LONG = 60 };

/* Without intervals where they do not fit. */
static int label_width(const term *t) {
    const int rest = 2 + 2 * VALUE + DIFFERENCE + P + (t->width < NARROW ? 0 : INTERVAL + ADJUSTED);
    return t->width - rest < LABEL ? t->width - rest : LABEL;
}

static const char *arrow(const term *t) { return term_sign(t, "→", "->"); }

static void arms(const explaint_comparison *c, const term *t) {
    for (int s = 0; s < 2; s++) {
        char text[512];
        const explaint_compared_arm *arm = &c->arm[s];
        snprintf(text, sizeof text, "%s (%s%s%s)", arm->place, arm->source, arm->mapping != NULL ? ", " : "",
                 arm->mapping != NULL ? arm->mapping : "");
        term_put_in(t, STRONG, s == 0 ? "A " : "B ");
        term_wrap(t, text, 2, 2);
    }
}

static void changes(const explaint_comparison *c, const term *t) {
    view_heading(t, "What differs");
    if (c->n_changes == 0) term_line(t, "  nothing: the same inputs and settings");
    for (size_t i = 0; i < c->n_changes; i++) {
        const explaint_compared_change *change = &c->changes[i];
        char text[1024];
        const bool setting = strcmp(change->what, "setting") == 0;
        const char *const a = change->value[0] != NULL ? change->value[0] : "absent";
        const char *const b = change->value[1] != NULL ? change->value[1] : "absent";
        if (strlen(a) > LONG || strlen(b) > LONG) /* hashes, lists of files */
            snprintf(text, sizeof text, "%s%s%s: not the same; --json has both", setting ? "" : change->what,
                     setting ? "" : " ", change->key);
        else
            snprintf(text, sizeof text, "%s%s%s: %s %s %s", setting ? "" : change->what, setting ? "" : " ",
                     change->key, a, arrow(t), b);
        term_spaces(t, 2);
        term_wrap(t, text, 2, 4);
    }
    for (size_t i = 0; i < c->n_notes; i++) {
        term_put_in(t, OPEN, "  ! ");
        term_wrap(t, c->notes[i], 4, 4);
    }
}

/* ---- scores ---- */

static bool is_shown(const explaint_comparison *c, const explaint_compared_row *row) {
    for (int s = 0; s < 2; s++)
        if (row->n_components[s] != 0 && c->verdict_components[s] != 0 &&
            row->n_components[s] != c->verdict_components[s])
            return false;
    return true;
}

static void label_of(const explaint_compared_row *row, char *text, size_t size) {
    snprintf(text, size, "%s", row->condition);
    if (strchr(row->mapping[0], ':') != NULL) view_add(text, size, ", %s", row->mapping[0]);
    const bool base = strcmp(row->condition, "mean") == 0 || strcmp(row->condition, "category-mean") == 0;
    if (base && strcmp(row->target, "norms") != 0) view_add(text, size, " on %s", row->target);
    if (row->layer[0] >= 0 && row->layer[0] == row->layer[1]) view_add(text, size, ", layer %d", row->layer[0]);
}

static void pair(const term *t, const explaint_paired *p, bool narrow) {
    const bool sure = p->paired && (p->ci[0] > 0 || p->ci[1] < 0);
    term_field_in(t, sure ? STRONG : PLAIN, view_number(p->difference, 3, true).text, -DIFFERENCE);
    term_begin(t, FAINT);
    if (!narrow) term_field(t, p->paired ? view_interval(p->ci, true).text : "", -INTERVAL);
    term_end(t, FAINT);
    term_field(t, p->paired ? view_p(p->p).text : "", -P);
}

/* A line of a table: a score, or a measure. */
typedef struct entry {
    char label[128];
    const double *value;
    const explaint_paired *paired;
    double p_adjusted;
} entry;

static void line(const term *t, const entry *e) {
    const bool narrow = t->width < NARROW;
    term_spaces(t, 2);
    term_field(t, e->label, label_width(t));
    for (int s = 0; s < 2; s++) term_field(t, view_number(e->value[s], 3, false).text, -VALUE);
    pair(t, e->paired, narrow);
    if (!narrow) term_field_in(t, FAINT, view_number(e->p_adjusted, 4, false).text, -ADJUSTED);
    fputc('\n', t->out);
}

static void head(const term *t, bool paired) {
    const bool narrow = t->width < NARROW;
    term_begin(t, FAINT);
    term_spaces(t, 2 + label_width(t));
    term_field(t, "A", -VALUE);
    term_field(t, "B", -VALUE);
    term_field(t, term_sign(t, "B − A", "B - A"), -DIFFERENCE);
    if (paired) {
        if (!narrow) term_field(t, "95 % interval", -INTERVAL);
        term_field(t, "p", -P);
        if (!narrow) term_field(t, "adjusted", -ADJUSTED);
    }
    term_end(t, FAINT);
    fputc('\n', t->out);
}

/* Rows that do not differ at all: one line of their names. */
typedef struct folded {
    char names[512];
    size_t n;
} folded;

static bool is_same(const double value[2], const explaint_paired *p) {
    const bool equal = !(fabs(value[0] - value[1]) > 0) && !isnan(value[0]) && !isnan(value[1]);
    return equal && (!p->paired || (!(fabs(p->difference) > 0) && !(fabs(p->ci[0]) > 0) && !(fabs(p->ci[1]) > 0)));
}

static void fold(folded *f, const char *name) {
    f->n++;
    if (strlen(f->names) + strlen(name) + 3 < sizeof f->names)
        view_add(f->names, sizeof f->names, "%s%s", f->names[0] != 0 ? ", " : "", name);
}

static void unfold(const term *t, const folded *f) {
    if (f->n == 0) return;
    char text[600];
    snprintf(text, sizeof text, "the same in both: %s", f->names);
    term_begin(t, FAINT);
    term_spaces(t, 2);
    term_wrap(t, text, 2, 4);
    term_end(t, FAINT);
}

/* Line i of the comparison's, of a kind; false: it is not shown in this table. */
typedef bool picker(const explaint_comparison *c, size_t i, const void *which, const term *t, entry *e);

static void entries(const explaint_comparison *c, size_t n, picker *pick, const void *which, const char *title,
                    const char *by, const term *t) {
    bool any = false, paired = false;
    entry e;
    for (size_t i = 0; i < n; i++) {
        if (!pick(c, i, which, t, &e)) continue;
        any = true;
        paired = paired || e.paired->paired;
    }
    if (!any) return;
    view_title(t, title);
    if (paired) term_putf(t, ", paired by %s", by);
    fputc('\n', t->out);
    head(t, paired);
    folded same = {0};
    for (size_t i = 0; i < n; i++) {
        if (!pick(c, i, which, t, &e)) continue;
        if (is_same(e.value, e.paired))
            fold(&same, e.label);
        else
            line(t, &e);
    }
    unfold(t, &same);
}

static bool pick_row(const explaint_comparison *c, size_t i, const void *metric, const term *t, entry *e) {
    const explaint_compared_row *row = &c->rows[i];
    (void)t;
    if (strcmp(row->metric, metric) != 0 || !is_shown(c, row)) return false;
    *e = (entry){.value = row->value, .paired = &row->paired, .p_adjusted = row->p_adjusted};
    label_of(row, e->label, sizeof e->label);
    return true;
}

static void scores(const explaint_comparison *c, const char *metric, const term *t) {
    entries(c, c->n_rows, pick_row, metric, view_metric_name(metric), "concept", t);
}

/* Every metric once, in the order of the rows. */
static void all_scores(const explaint_comparison *c, const term *t) {
    for (size_t i = 0; i < c->n_rows; i++) {
        bool said = false;
        for (size_t k = 0; k < i; k++) said = said || strcmp(c->rows[k].metric, c->rows[i].metric) == 0;
        if (!said) scores(c, c->rows[i].metric, t);
    }
}

/* ---- measures of attend ---- */

/* What stands on the terminal; qualifiers that are NULL or -1 are not looked at. */
static const struct shown_measure {
    const char *title, *measure, *g, *damage, *scope;
} shown_measures[] = {
    {"Rows nearest to their own token", "identity_recovered", "identity", NULL, NULL},
    {"The same after a linear map", "identity_recovered", "linear", NULL, NULL},
    {"Maps with permuted content, r", "damage_pearson", NULL, "permute-content", "whole"},
    {"The same without special tokens", "damage_pearson", NULL, "permute-content", "content"},
    {"Maps of other texts, without special tokens", "damage_null_pearson", NULL, NULL, "content"},
    {"Texts that decide: rows given back (A1)", "judged_recovered", NULL, NULL, NULL},
    {"Texts that decide: rows mostly of their own token (A2)", "judged_own_largest", NULL, NULL, NULL},
    {"Texts that decide: r of permuted content (A3)", "judged_content", NULL, NULL, NULL},
    {"Texts that decide: whole maps (sink)", "judged_whole", NULL, NULL, NULL},
    {"All heads together, share of pairs told rightly", "accuracy", NULL, NULL, NULL},
};

static bool is_of(const struct shown_measure *w, const explaint_compared_measure *m) {
    static const char *const usual[] = {"sentence", "word", "cosine", "id", "all", "trained", "true"};
    const char *const has[] = {m->candidates, m->reference, m->distance, m->hit, m->rows, m->model, m->pairs};
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
        if (has[k] != NULL && strcmp(has[k], usual[k]) != 0) return false;
    return strcmp(w->measure, m->measure) == 0 && m->control == NULL && view_fits(w->g, m->g) &&
           view_fits(w->damage, m->damage) && view_fits(w->scope, m->scope) && m->head < 0 && m->standardised != 1 &&
           m->undone != 1;
}

static bool pick_measure(const explaint_comparison *c, size_t i, const void *which, const term *t, entry *e) {
    enum { ROOM = 64 };
    const explaint_compared_measure *m = &c->measures[i];
    if (!is_of(which, m)) return false;
    *e = (entry){.value = m->value, .paired = &m->paired, .p_adjusted = m->p_adjusted};
    if (m->counterfactuals != NULL)
        snprintf(e->label, ROOM, "against %s", m->counterfactuals);
    else if (m->layer[0] == m->layer[1])
        snprintf(e->label, ROOM, "layer %d", m->layer[0]);
    else
        snprintf(e->label, ROOM, "layer %d %s %d", m->layer[0], arrow(t), m->layer[1]);
    return true;
}

/* ---- verdicts ---- */

static void from_to(const term *t, const char *a, const char *b) {
    if (strcmp(a, b) == 0)
        term_put(t, a);
    else
        term_putf_in(t, STRONG, "%s %s %s", a, arrow(t), b);
}

static void assumption(const term *t, const explaint_compared_assumption *a) {
    char text[256] = "";
    const int column = strchr(a->id, ',') != NULL ? 26 : 12; /* of relate: set and control */
    term_spaces(t, 4);
    term_field(t, a->id, column);
    from_to(t, a->outcome[0], a->outcome[1]);
    fputc('\n', t->out);
    if (isnan(a->gain[0]) && isnan(a->gain[1])) return;
    const char *none = term_sign(t, "–", "-");
    view_add(text, sizeof text, "gain %s %s %s", isnan(a->gain[0]) ? none : view_number(a->gain[0], 3, true).text,
             arrow(t), isnan(a->gain[1]) ? none : view_number(a->gain[1], 3, true).text);
    if (!isnan(a->paired.difference))
        view_add(text, sizeof text, ", difference %s", view_number(a->paired.difference, 3, true).text);
    if (a->paired.paired && !isnan(a->paired.ci[0]))
        view_add(text, sizeof text, " (%s to %s)", view_number(a->paired.ci[0], 3, true).text,
                 view_number(a->paired.ci[1], 3, true).text);
    if (a->paired.paired) view_add(text, sizeof text, ", p %s", view_p(a->paired.p).text);
    term_begin(t, FAINT);
    term_block_in(t, PLAIN, text, 4 + column);
    term_end(t, FAINT);
}

/* A number of a head of relate, A to B. */
static void head_number(const explaint_comparison *c, const explaint_compared_verdict *v, const char *title,
                        const char *measure, int digits, const term *t) {
    for (size_t i = 0; i < c->n_measures; i++) {
        const explaint_compared_measure *m = &c->measures[i];
        if (m->layer[0] != v->layer[0] || m->head != (int)v->head || strcmp(m->measure, measure) != 0) continue;
        term_putf_in(t, FAINT, "%s %s %s %s", title, view_number(m->value[0], digits, false).text, arrow(t),
                     view_number(m->value[1], digits, false).text);
        return;
    }
}

/* Of many heads those that are of interest: with a verdict that changed, or supported. */
static bool is_quiet(const explaint_compared_verdict *v) {
    return v->head > 0 && v->n_assumptions == 0 && v->changed <= 0 && !view_is(v->verdict[0], "supported");
}

static void verdicts(const explaint_comparison *c, const term *t) {
    if (c->n_verdicts == 0) return;
    view_heading(t, "Verdicts");
    size_t quiet = 0;
    for (size_t i = 0; i < c->n_verdicts; i++) {
        const explaint_compared_verdict *v = &c->verdicts[i];
        const bool layered = v->layer[0] >= 0 && v->layer[0] == v->layer[1];
        quiet += is_quiet(v);
        if (is_quiet(v)) continue;
        term_spaces(t, 2);
        term_putf(t, "%s", v->claim);
        if (v->head > 0)
            term_putf(t, " %d.%zu", v->layer[0], v->head);
        else if (layered)
            term_putf(t, ", layer %d", v->layer[0]);
        term_put(t, ": ");
        from_to(t, v->verdict[0], v->verdict[1]);
        head_number(c, v, ", AUC", "judged_auc", 3, t);
        head_number(c, v, ", adjusted p", "judged_p_adjusted", 4, t);
        fputc('\n', t->out);
        if (v->answer != NULL) term_block_in(t, PLAIN, v->answer, 4);
        for (size_t k = 0; k < v->n_assumptions; k++) assumption(t, &v->assumptions[k]);
    }
    if (quiet == 0) return;
    term_putf_in(t, FAINT, "  %zu other head%s: the same verdict, and not supported", quiet, quiet == 1 ? "" : "s");
    fputc('\n', t->out);
}

void view_comparison(const explaint_comparison *c, const char *metrics, const term *t) {
    view_sentence(t, c->answer);
    fputc('\n', t->out);
    arms(c, t);
    changes(c, t);
    for (size_t k = 0; k < sizeof shown_measures / sizeof *shown_measures; k++)
        entries(c, c->n_measures, pick_measure, &shown_measures[k], shown_measures[k].title, "text", t);
    if (metrics == NULL)
        scores(c, c->verdict_metric != NULL ? c->verdict_metric : "", t);
    else if (strcmp(metrics, "all") == 0)
        all_scores(c, t);
    else
        scores(c, metrics, t);
    verdicts(c, t);
}
