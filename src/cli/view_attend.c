#include "view_attend.h"

#include <math.h>
#include <string.h>

#include "view.h"

enum { LABEL = 6, NARROW = 10, PAIR = 14 };

/* A pooled row; what is NULL matches anything. */
typedef struct wanted {
    const char *measure, *g, *candidates, *model, *pairs, *damage, *scope, *hit;
} wanted;

static bool matches(const char *asked, const char *has) {
    return asked == NULL || (has != NULL && strcmp(asked, has) == 0);
}

static double value_of(const explaint_attend_result *r, int layer, wanted w) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        if (row->layer != layer || row->text != -1 || row->head != -1 || row->standardised == 1 || row->undone == 1)
            continue;
        if (strcmp(row->measure, w.measure) != 0 || !matches(w.g, row->g) || !matches(w.candidates, row->candidates) ||
            !matches(w.model, row->model) || !matches(w.pairs, row->pairs) || !matches(w.damage, row->damage) ||
            !matches(w.scope, row->scope) || !matches(w.hit, row->hit))
            continue;
        if ((row->rows != NULL && strcmp(row->rows, "all") != 0) ||
            (row->reference != NULL && strcmp(row->reference, "word") != 0) ||
            (row->distance != NULL && strcmp(row->distance, "cosine") != 0))
            continue;
        return row->value;
    }
    return NAN;
}

typedef struct column {
    const char *title;
    wanted of;
} column;

static const column continuity[] = {
    {"identity", {"identity_recovered", "identity", "sentence", "trained", NULL, NULL, NULL, "id"}},
    {"linear", {"identity_recovered", "linear", "sentence", "trained", "true", NULL, NULL, "id"}},
    {"mlp", {"identity_recovered", "mlp", "sentence", "trained", "true", NULL, NULL, "id"}},
    {"shuffled", {"identity_recovered", "linear", "sentence", "trained", "shuffled", NULL, NULL, "id"}},
    {"random", {"identity_recovered", "identity", "sentence", "random", NULL, NULL, NULL, "id"}},
    {"next", {"next_recovered", "identity", "sentence", "trained", NULL, NULL, NULL, "id"}},
    {"chance", {"chance", NULL, "sentence", "trained", NULL, NULL, NULL, NULL}},
    {"CKA", {"cka_previous_layer", NULL, NULL, NULL, NULL, NULL, NULL, NULL}},
};

static const char *const damages[] = {"permute-content", "reverse", "next-rows", "gaussian", "random-init"};
static const char *const damage_titles[] = {"permuted", "reversed", "next text", "noise", "random init"};

enum { N_CONTINUITY = sizeof continuity / sizeof *continuity, N_DAMAGES = sizeof damages / sizeof *damages };

static int last_layer(const explaint_attend_result *r) {
    int last = -1;
    for (size_t i = 0; i < r->n_rows; i++)
        if (r->rows[i].layer > last) last = r->rows[i].layer;
    return last;
}

static bool any(const explaint_attend_result *r, wanted w) {
    for (int layer = 0; layer <= last_layer(r); layer++)
        if (!isnan(value_of(r, layer, w))) return true;
    return false;
}

static void label(const term *t, int layer) {
    char text[16];
    snprintf(text, sizeof text, "%d", layer);
    fputs("  ", t->out);
    term_field(t, text, -LABEL + 1);
}

static void note(const term *t, const char *text) {
    term_begin(t, FAINT);
    fputs("  ", t->out);
    term_wrap(t, text, 2, 2);
    term_end(t, FAINT);
}

static void view_continuity(const explaint_attend_result *r, const term *t) {
    bool shown[N_CONTINUITY], none = true;
    char number[32];
    for (size_t k = 0; k < N_CONTINUITY; k++) {
        shown[k] = any(r, continuity[k].of);
        none = none && !shown[k];
    }
    if (none) return;
    view_heading(t, "Rows that are nearest to their own token");
    fputc('\n', t->out);
    term_begin(t, FAINT);
    term_field(t, "  layer", LABEL + 1);
    for (size_t k = 0; k < N_CONTINUITY; k++)
        if (shown[k]) term_field(t, continuity[k].title, -NARROW);
    term_end(t, FAINT);
    fputc('\n', t->out);
    for (int layer = 0; layer <= last_layer(r); layer++) {
        bool empty = true;
        for (size_t k = 0; k < N_CONTINUITY; k++) empty = empty && isnan(value_of(r, layer, continuity[k].of));
        if (empty) continue;
        label(t, layer);
        for (size_t k = 0; k < N_CONTINUITY; k++) {
            if (!shown[k]) continue;
            if (k < 2) term_begin(t, k == 0 ? PLAIN : SUBJECT);
            term_field(t, view_number(value_of(r, layer, continuity[k].of), 2, false, number), -NARROW);
            if (k < 2) term_end(t, k == 0 ? PLAIN : SUBJECT);
        }
        fputc('\n', t->out);
    }
    note(
        t,
        "Candidates are the words of the sentence, by cosine. identity: states as they are; linear: after a linear map "
        "fitted on other texts; shuffled: the same map fitted on shuffled pairs; random: the untrained model.");
}

static void pair(const explaint_attend_result *r, const term *t, int layer, wanted w) {
    char a[32], b[32];
    w.scope = "whole";
    const double whole = value_of(r, layer, w);
    w.scope = "content";
    const double content = value_of(r, layer, w);
    term_field(t, view_number(whole, 2, false, a), -PAIR + 7);
    fputs(isnan(whole) && isnan(content) ? "   " : " / ", t->out);
    term_field(t, view_number(content, 2, false, b), -4);
}

static void view_damage(const explaint_attend_result *r, const term *t) {
    bool shown[N_DAMAGES], none = true;
    for (size_t k = 0; k < N_DAMAGES; k++) {
        shown[k] = any(r, (wanted){.measure = "damage_pearson", .damage = damages[k]});
        none = none && !shown[k];
    }
    if (none) return;
    const wanted others = {.measure = "damage_null_pearson"};
    const bool null = any(r, others);
    view_heading(t, "Maps of damaged rows beside the intact ones: r of whole maps / without special tokens");
    fputc('\n', t->out);
    term_begin(t, FAINT);
    term_field(t, "  layer", LABEL + 1);
    for (size_t k = 0; k < N_DAMAGES; k++)
        if (shown[k]) term_field(t, damage_titles[k], -PAIR);
    if (null) term_field(t, "other texts", -PAIR);
    term_end(t, FAINT);
    fputc('\n', t->out);
    for (int layer = 1; layer <= last_layer(r); layer++) {
        label(t, layer);
        for (size_t k = 0; k < N_DAMAGES; k++)
            if (shown[k]) pair(r, t, layer, (wanted){.measure = "damage_pearson", .damage = damages[k]});
        if (null) pair(r, t, layer, others);
        fputc('\n', t->out);
    }
    note(t, "The mean of heads. What is high on whole maps and low without special tokens is a sink, not a relation.");
    if (null) note(t, "other texts: their intact maps of equal length.");
}

static term_style style_of(const explaint_attend_verdict *v) {
    if (strcmp(v->claim, "sink") == 0) return strcmp(v->verdict, "supported") == 0 ? BAD : FAINT;
    return strcmp(v->verdict, "supported") == 0 ? GOOD : strcmp(v->verdict, "undecided") == 0 ? OPEN : BAD;
}

static void view_verdicts_of(const explaint_attend_result *r, const term *t) {
    if (r->n_verdicts == 0) return;
    char text[160];
    view_heading(t, "Verdicts");
    fputc('\n', t->out);
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_attend_verdict *v = &r->verdicts[i];
        const bool sink = strcmp(v->claim, "sink") == 0;
        snprintf(text, sizeof text, "%s",
                 sink ? strcmp(v->verdict, "supported") == 0 ? "sink" : "no sink" : v->verdict);
        if (sink && strcmp(v->verdict, "undecided") == 0) snprintf(text, sizeof text, "sink?");
        fputs("  ", t->out);
        term_begin(t, style_of(v));
        term_field(t, text, 14);
        term_end(t, style_of(v));
        term_wrap(t, v->text, 16, 16);
        if (sink) continue;
        for (size_t k = 0; k < v->n_assumptions; k++) {
            const explaint_attend_assumption *a = &v->assumptions[k];
            term_spaces(t, 16);
            term_begin(t, FAINT);
            const int at = snprintf(text, sizeof text, "%s %s. ", a->id, a->outcome);
            term_put(t, text);
            term_wrap(t, a->why, 16 + at, 16);
            term_end(t, FAINT);
        }
    }
    snprintf(text, sizeof text, "Decided on %zu %s, cut to %zu pieces.", r->n_judged,
             r->judged_own ? "of these texts" : "shipped texts", r->judged_length);
    note(t, text);
}

void view_attend(const explaint_attend_result *r, const term *t) {
    char a[32], b[32];
    const char *model = "?";
    for (size_t i = 0; i < r->n_inputs; i++)
        if (strcmp(r->inputs[i].role, "model") == 0) model = r->inputs[i].name;
    term_begin(t, STRONG);
    term_putf(t, "%s on %s texts", model, view_size(r->n_texts, a));
    term_end(t, STRONG);
    term_putf(t, ", %s pieces", view_size(r->n_pieces, b));
    fputc('\n', t->out);
    view_continuity(r, t);
    view_damage(r, t);
    view_verdicts_of(r, t);
    for (size_t i = 0; i < r->n_lints; i++) {
        if (i == 0) view_heading(t, "Notes");
        if (i == 0) fputc('\n', t->out);
        note(t, r->lints[i].text);
    }
}
