#include <math.h>
#include <string.h>

#include "view.h"

enum { LABEL = 6, NARROW = 10, PAIR = 14 };

/* A pooled row; what is NULL matches anything. */
typedef struct wanted {
    const char *measure, *g, *candidates, *model, *pairs, *damage, *scope, *hit;
    int after; /* 1 + the column; 0: any */
} wanted;

static double value_of(const explaint_attend_result *r, int layer, wanted w) {
    for (size_t i = 0; i < r->n_rows; i++) {
        const explaint_attend_row *row = &r->rows[i];
        if (row->layer != layer || row->text != -1 || row->head != -1 || row->standardised == 1 || row->undone == 1)
            continue;
        if (strcmp(row->measure, w.measure) != 0 || !view_fits(w.g, row->g) ||
            !view_fits(w.candidates, row->candidates) || !view_fits(w.model, row->model) ||
            !view_fits(w.pairs, row->pairs) || !view_fits(w.damage, row->damage) || !view_fits(w.scope, row->scope) ||
            !view_fits(w.hit, row->hit) || (w.after > 0 && row->column != w.after - 1))
            continue;
        if ((row->rows != NULL && strcmp(row->rows, r->special != NULL ? "content" : "all") != 0) ||
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

#define LENGTH(array) (sizeof(array) / sizeof *(array))
enum { MOST_COLUMNS = 8 }; /* of a part */

static const column continuity[] = {
    {"identity", {"identity_recovered", "identity", "sentence", "trained", NULL, NULL, NULL, "id", 0}},
    {"linear", {"identity_recovered", "linear", "sentence", "trained", "true", NULL, NULL, "id", 0}},
    {"mlp", {"identity_recovered", "mlp", "sentence", "trained", "true", NULL, NULL, "id", 0}},
    {"shuffled", {"identity_recovered", "linear", "sentence", "trained", "shuffled", NULL, NULL, "id", 0}},
    {"random", {"identity_recovered", "identity", "sentence", "random", NULL, NULL, NULL, "id", 0}},
    {"next", {"next_recovered", "identity", "sentence", "trained", NULL, NULL, NULL, "id", 0}},
    {"chance", {"chance", NULL, "sentence", "trained", NULL, NULL, NULL, NULL, 0}},
    {"CKA", {"cka_previous_layer", NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0}},
};

static const column looks[] = {
    {"entropy", {.measure = "attention_entropy"}},   {"largest", {.measure = "attention_max"}},
    {"self", {.measure = "attention_self"}},         {"first", {.measure = "attention_first"}},
    {"previous", {.measure = "attention_previous"}}, {"next", {.measure = "attention_next"}},
    {"special", {.measure = "attention_special"}},
};

/* Beside one another: of whole maps, and without special tokens. */
static const column damages[] = {
    {"permuted", {.measure = "damage_pearson", .damage = "permute-content"}},
    {"reversed", {.measure = "damage_pearson", .damage = "reverse"}},
    {"next text", {.measure = "damage_pearson", .damage = "next-rows"}},
    {"noise", {.measure = "damage_pearson", .damage = "gaussian"}},
    {"random init", {.measure = "damage_pearson", .damage = "random-init"}},
    {"other texts", {.measure = "damage_null_pearson"}},
};

/* Mean shares of a row, by how they are traced. */
static const column flows[] = {
    {"rollout", {.measure = "rollout_own"}},           {"max flow", {.measure = "flow_own"}},
    {"ALTI", {.measure = "alti_product_own"}},         {"mixing", {.measure = "mixing_attnres_n"}},
    {"normed", {.measure = "mixing_attnresln_n"}},     {"first", {.measure = "rollout_first"}},
    {"uniform", {.measure = "rollout_uniform_first"}},
};

/* A part of the view: layers by columns, of which those without a value are left out. */
static const struct part {
    const char *title;
    const column *all;
    size_t n;
    bool pairs; /* whole maps / without special tokens */
    const char *note;
} parts[] = {
    {"Rows that are nearest to their own token", continuity, LENGTH(continuity), false,
     "Candidates are the words of the sentence, by cosine. identity: states as they are; linear: after a linear map "
     "fitted on other texts; shuffled: the same map fitted on shuffled pairs; random: the untrained model."},
    {"Where rows look", looks, LENGTH(looks), false,
     "Entropy of a row of the map in nats, its largest entry, and its mass on the piece itself, on the first, the "
     "previous and the next piece, and on special tokens: means over rows and heads. --by-head has each head."},
    {"Maps of damaged rows beside the intact ones", damages, LENGTH(damages), true,
     "Pearson's r of whole maps / without special tokens, the mean of heads. What is high on whole maps and low "
     "without special tokens is a sink, not a relation."},
    {"Where rows come from", flows, LENGTH(flows), false,
     "Mean share of a row that is its own token's: by rollout of the maps, by maximum flow, by ALTI over layers. "
     "mixing: what one layer takes from other rows; normed: the same behind its norm. first: the rollout's share of "
     "piece 0; uniform: the same for maps of equal weights, which know nothing of the text."},
};

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

static void single(const explaint_attend_result *r, const term *t, int layer, const column *c) {
    const term_style style = c == &continuity[1] ? SUBJECT : PLAIN;
    term_field_in(t, style, view_number(value_of(r, layer, c->of), 2, false).text, -NARROW);
}

static void pair(const explaint_attend_result *r, const term *t, int layer, const column *c) {
    wanted w = c->of;
    w.scope = "whole";
    const double whole = value_of(r, layer, w);
    w.scope = "content";
    const double content = value_of(r, layer, w);
    term_field(t, view_number(whole, 2, false).text, -PAIR + 7);
    fputs(isnan(whole) && isnan(content) ? "   " : " / ", t->out);
    term_field(t, view_number(content, 2, false).text, -4);
}

/* Layers below one another; columns that do not fit beside the others stand below them. */
static void table(const explaint_attend_result *r, const term *t, const column *const *columns, size_t n, bool pairs) {
    const int width = pairs ? PAIR : NARROW;
    const size_t fit = (size_t)((t->width - LABEL - 1) / width);
    for (size_t from = 0; from < n; from += fit) {
        const size_t to = from + fit < n ? from + fit : n;
        term_begin(t, FAINT);
        term_field(t, "  layer", LABEL + 1);
        for (size_t k = from; k < to; k++) term_field(t, columns[k]->title, -width);
        term_end(t, FAINT);
        fputc('\n', t->out);
        for (int layer = 0; layer <= last_layer(r); layer++) {
            bool empty = true;
            for (size_t k = 0; k < n; k++) empty = empty && isnan(value_of(r, layer, columns[k]->of));
            if (empty) continue;
            fprintf(t->out, "  %*d", LABEL - 1, layer);
            for (size_t k = from; k < to; k++) (pairs ? pair : single)(r, t, layer, columns[k]);
            fputc('\n', t->out);
        }
    }
}

static void view_part(const explaint_attend_result *r, const struct part *p, const term *t) {
    static const column *const other_texts = &damages[LENGTH(damages) - 1];
    const column *shown[MOST_COLUMNS];
    size_t n = 0;
    for (size_t k = 0; k < p->n; k++)
        if (any(r, p->all[k].of)) shown[n++] = &p->all[k];
    if (n == 0 || shown[0] == other_texts) return; /* the null alone says nothing */
    view_heading(t, p->title);
    table(r, t, shown, n, p->pairs);
    view_note(t, p->note);
    if (shown[n - 1] == other_texts) view_note(t, "other texts: their intact maps of equal length.");
}

/* The first pieces that were asked for; a document has all. */
static void view_columns(const explaint_attend_result *r, const term *t) {
    enum { MOST = 7 };
    char title[MOST][24];
    column made[MOST];
    const column *shown[MOST];
    size_t n = 0;
    for (size_t i = 0; i < r->n_rows && n < MOST; i++) {
        if (r->rows[i].column < 0 || (n > 0 && r->rows[i].column < made[n - 1].of.after)) continue;
        snprintf(title[n], sizeof *title, "%s %d", r->level != NULL ? r->level : "piece", r->rows[i].column);
        made[n] = (column){title[n], {.measure = "rollout_column", .after = r->rows[i].column + 1}};
        shown[n] = &made[n];
        n++;
    }
    if (n == 0) return;
    view_heading(t, r->level != NULL ? "What rows have of chosen words" : "What rows have of chosen pieces");
    table(r, t, shown, n, false);
    view_note(t, "Mean share of it in the rows that see it, by rollout of the maps. --json and --csv have all that "
                 "were asked for.");
}

/* ---- verdicts ---- */

static bool is_sink(const explaint_attend_verdict *v) { return view_is(v->claim, "sink"); }
static bool is_head(const explaint_attend_verdict *v) { return view_is(v->claim, "head"); }

/* "layer 3", "layers 1 to 4", "head 3.7" */
static const char *layers_of(const explaint_attend_verdict *v, char *text, size_t size) {
    if (is_head(v))
        snprintf(text, size, "head %zu.%zu", v->layers[0], v->head);
    else if (v->layers[0] == v->layers[1])
        snprintf(text, size, "layer %zu", v->layers[0]);
    else
        snprintf(text, size, "layers %zu to %zu", v->layers[0], v->layers[1]);
    return text;
}

/* The answer, then the word for each range of layers. */
static void view_answer_of(const explaint_attend_result *r, const term *t) {
    char text[80];
    view_sentence(t, r->answer);
    for (size_t k = 0; k < 2 * r->n_verdicts; k++) { /* what was asked about comes first */
        const size_t i = k % r->n_verdicts;
        if (is_sink(&r->verdicts[i]) || is_head(&r->verdicts[i]) != (k < r->n_verdicts)) continue;
        view_word(t, layers_of(&r->verdicts[i], text, sizeof text), r->verdicts[i].verdict);
    }
    fputc('\n', t->out);
}

static void view_verdict_of(const explaint_attend_verdict *v, const term *t) {
    char text[96];
    view_word(t, layers_of(v, text, sizeof text), v->verdict);
    for (size_t k = 0; k < v->n_assumptions; k++) {
        const explaint_attend_assumption *a = &v->assumptions[k];
        term_spaces(t, 4);
        const int at = snprintf(text, sizeof text, "%s %s: ", a->id, a->outcome);
        term_put_in(t, view_outcome_style(a->outcome), text);
        term_wrap_in(t, FAINT, a->why != NULL ? a->why : "", 4 + at, 7);
    }
}

/* A sink is no verdict on the tokens: it says where in the picture to look. */
static void view_sinks(const explaint_attend_result *r, const term *t) {
    bool any_sink = false;
    for (size_t i = 0; i < r->n_verdicts; i++) any_sink = any_sink || is_sink(&r->verdicts[i]);
    if (!any_sink) return;
    view_heading(t, "What the eye sees in the picture");
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_attend_verdict *v = &r->verdicts[i];
        if (!is_sink(v)) continue;
        const bool sink = view_is(v->verdict, "supported"), open = view_is(v->verdict, "undecided");
        term_spaces(t, 2);
        term_field_in(t, sink || open ? OPEN : FAINT, sink ? "sink" : open ? "sink?" : "no sink", 9);
        term_wrap(t, v->text != NULL ? v->text : "", 11, 11);
    }
}

static void view_verdicts_of(const explaint_attend_result *r, const term *t) {
    char text[160];
    if (r->n_verdicts == 0) return;
    view_heading(t, "Verdicts");
    view_note(t, "Does the picture tell of the words that it is drawn over?");
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (!is_sink(&r->verdicts[i]) && !is_head(&r->verdicts[i])) view_verdict_of(&r->verdicts[i], t);
    for (size_t i = 0; i < r->n_verdicts; i++) {
        if (!is_head(&r->verdicts[i])) continue;
        view_note(t, "May this head be read as a relation of words?");
        view_verdict_of(&r->verdicts[i], t);
    }
    snprintf(text, sizeof text, "Decided on %zu %s, cut to %zu %ss.", r->n_judged,
             r->judged_own > 0 ? "of these texts" : "shipped texts", r->judged_length,
             r->level != NULL ? r->level : "piece");
    view_note(t, text);
    view_sinks(r, t);
}

static bool any_decided_by(const explaint_attend_result *r, const char *verdict, const char *id) {
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (!is_sink(&r->verdicts[i]) && !is_head(&r->verdicts[i]) && view_is(r->verdicts[i].verdict, verdict) &&
            view_is(r->verdicts[i].decided_by, id))
            return true;
    return false;
}

static void view_next_of(const explaint_attend_result *r, const view_kept *kept, const term *t) {
    view_heading(t, "Next");
    if (r->n_verdicts == 0) view_item(t, "for a verdict, leave --measures, --damage and --g out: it needs them all");
    if (any_decided_by(r, "undecided", "A1"))
        view_item(t, "what would decide A1: more texts that the linear map is fitted on, --fit-texts FILE");
    if (r->n_verdicts > 0 && r->judged_own == 0)
        view_item(t, "for a verdict on your own texts: 30 of them or more, of about the same length");
    if (any_decided_by(r, "not supported", "A1"))
        view_item(
            t, "where a row no longer stands for its word, do not write the word beside it; --by-head has each head");
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_attend_verdict *v = &r->verdicts[i];
        char text[240];
        if (!is_head(v) || !view_is(v->verdict, "undecided") || !view_is(v->decided_by, "A4")) continue;
        if (r->n_heads > 0 && view_is(r->heads[0].a4, "undecided"))
            snprintf(text, sizeof text,
                     "what would decide A4: explaint relate with more pairs, above all with other words on the right");
        else
            snprintf(text, sizeof text,
                     "what is missing for a yes: explaint relate --heads %zu.%zu with the same model, and its result "
                     "here, by --relate FILE.json or the same --ledger",
                     v->layers[0], v->head);
        view_item(t, text);
    }
    if (kept == NULL || !kept->predictions) view_item(t, "the pictures, intact and damaged: --maps maps.safetensors");
    view_where(kept, t);
}

void view_attend(const explaint_attend_result *r, const view_kept *kept, const term *t) {
    const explaint_input *model = view_input(r->inputs, r->n_inputs, "model");
    view_answer_of(r, t);
    term_putf_in(t, STRONG, "%s on %s text%s", model != NULL ? model->name : "?", view_size(r->n_texts).text,
                 r->n_texts == 1 ? "" : "s");
    term_putf(t, ", %s pieces%s%s", view_size(r->n_pieces).text, r->level != NULL ? ", by words" : "",
              r->special != NULL ? ", without special tokens" : "");
    fputc('\n', t->out);
    for (size_t k = 0; k < LENGTH(parts); k++) view_part(r, &parts[k], t);
    view_columns(r, t);
    view_verdicts_of(r, t);
    view_notes(r->lints, r->n_lints, t);
    view_next_of(r, kept, t);
}
