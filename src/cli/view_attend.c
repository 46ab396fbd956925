#include "view_attend.h"

#include <math.h>
#include <string.h>

#include "view.h"

enum { LABEL = 6, NARROW = 10, PAIR = 14 };

/* A pooled row; what is NULL matches anything. */
typedef struct wanted {
    const char *measure, *g, *candidates, *model, *pairs, *damage, *scope, *hit;
    int after; /* 1 + the column; 0: any */
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
            !matches(w.scope, row->scope) || !matches(w.hit, row->hit) || (w.after > 0 && row->column != w.after - 1))
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

enum {
    N_CONTINUITY = sizeof continuity / sizeof *continuity,
    N_LOOKS = sizeof looks / sizeof *looks,
    N_DAMAGES = sizeof damages / sizeof *damages,
    N_FLOWS = sizeof flows / sizeof *flows
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

static void single(const explaint_attend_result *r, const term *t, int layer, const column *c) {
    char number[32];
    const term_style style = c == &continuity[1] ? SUBJECT : PLAIN;
    term_begin(t, style);
    term_field(t, view_number(value_of(r, layer, c->of), 2, false, number), -NARROW);
    term_end(t, style);
}

static void pair(const explaint_attend_result *r, const term *t, int layer, const column *c) {
    char a[32], b[32];
    wanted w = c->of;
    w.scope = "whole";
    const double whole = value_of(r, layer, w);
    w.scope = "content";
    const double content = value_of(r, layer, w);
    term_field(t, view_number(whole, 2, false, a), -PAIR + 7);
    fputs(isnan(whole) && isnan(content) ? "   " : " / ", t->out);
    term_field(t, view_number(content, 2, false, b), -4);
}

/* Layers below one another; columns that do not fit beside the others stand below them. */
static void table(const explaint_attend_result *r, const term *t, const column *const *columns, size_t n, int width,
                  void (*cell)(const explaint_attend_result *, const term *, int, const column *)) {
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
            label(t, layer);
            for (size_t k = from; k < to; k++) cell(r, t, layer, columns[k]);
            fputc('\n', t->out);
        }
    }
}

/* The columns that have a value in any layer. */
static size_t with_values(const explaint_attend_result *r, const column *all, size_t n, const column **shown) {
    size_t count = 0;
    for (size_t k = 0; k < n; k++)
        if (any(r, all[k].of)) shown[count++] = &all[k];
    return count;
}

static void view_continuity(const explaint_attend_result *r, const term *t) {
    const column *shown[N_CONTINUITY];
    const size_t n = with_values(r, continuity, N_CONTINUITY, shown);
    if (n == 0) return;
    view_heading(t, "Rows that are nearest to their own token");
    fputc('\n', t->out);
    table(r, t, shown, n, NARROW, single);
    note(
        t,
        "Candidates are the words of the sentence, by cosine. identity: states as they are; linear: after a linear map "
        "fitted on other texts; shuffled: the same map fitted on shuffled pairs; random: the untrained model.");
}

static void view_looks(const explaint_attend_result *r, const term *t) {
    const column *shown[N_LOOKS];
    const size_t n = with_values(r, looks, N_LOOKS, shown);
    if (n == 0) return;
    view_heading(t, "Where rows look");
    fputc('\n', t->out);
    table(r, t, shown, n, NARROW, single);
    note(t, "Entropy of a row of the map in nats, its largest entry, and its mass on the piece itself, on the first, "
            "the previous and the next "
            "piece, and on special tokens: means over rows and heads. --by-head has each head.");
}

static void view_damage(const explaint_attend_result *r, const term *t) {
    const column *shown[N_DAMAGES];
    const size_t n = with_values(r, damages, N_DAMAGES, shown);
    if (n == 0 || shown[0] == &damages[N_DAMAGES - 1]) return; /* the null alone says nothing */
    view_heading(t, "Maps of damaged rows beside the intact ones");
    fputc('\n', t->out);
    table(r, t, shown, n, PAIR, pair);
    note(t, "Pearson's r of whole maps / without special tokens, the mean of heads. What is high on whole maps and low "
            "without special tokens is a sink, not a relation.");
    if (shown[n - 1] == &damages[N_DAMAGES - 1]) note(t, "other texts: their intact maps of equal length.");
}

static void view_flow(const explaint_attend_result *r, const term *t) {
    const column *shown[N_FLOWS];
    const size_t n = with_values(r, flows, N_FLOWS, shown);
    if (n == 0) return;
    view_heading(t, "Where rows come from");
    fputc('\n', t->out);
    table(r, t, shown, n, NARROW, single);
    note(
        t,
        "Mean share of a row that is its own token's: by rollout of the maps, by maximum flow, by ALTI over layers. "
        "mixing: what one layer takes from other rows; normed: the same behind its norm. first: the rollout's share of "
        "piece 0; uniform: the same for maps of equal weights, which know nothing of the text.");
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
    fputc('\n', t->out);
    table(r, t, shown, n, NARROW, single);
    note(t, "Mean share of it in the rows that see it, by rollout of the maps. --json and --csv have all that were "
            "asked for.");
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
        term_spaces(t, 2);
        view_word(t, layers_of(&r->verdicts[i], text, sizeof text), r->verdicts[i].verdict);
        fputc('\n', t->out);
    }
    fputc('\n', t->out);
}

static void view_verdict_of(const explaint_attend_verdict *v, const term *t) {
    char text[96];
    term_spaces(t, 2);
    view_word(t, layers_of(v, text, sizeof text), v->verdict);
    fputc('\n', t->out);
    for (size_t k = 0; k < v->n_assumptions; k++) {
        const explaint_attend_assumption *a = &v->assumptions[k];
        term_spaces(t, 4);
        const term_style style = view_outcome_style(a->outcome);
        term_begin(t, style);
        const int at = snprintf(text, sizeof text, "%s %s: ", a->id, a->outcome);
        term_put(t, text);
        term_end(t, style);
        term_begin(t, FAINT);
        term_wrap(t, a->why != NULL ? a->why : "", 4 + at, 7);
        term_end(t, FAINT);
    }
}

/* A sink is no verdict on the tokens: it says where in the picture to look. */
static void view_sinks(const explaint_attend_result *r, const term *t) {
    bool any_sink = false;
    for (size_t i = 0; i < r->n_verdicts; i++) any_sink = any_sink || is_sink(&r->verdicts[i]);
    if (!any_sink) return;
    view_heading(t, "What the eye sees in the picture");
    fputc('\n', t->out);
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_attend_verdict *v = &r->verdicts[i];
        if (!is_sink(v)) continue;
        const bool sink = view_is(v->verdict, "supported"), open = view_is(v->verdict, "undecided");
        term_spaces(t, 2);
        term_begin(t, sink || open ? OPEN : FAINT);
        term_field(t, sink ? "sink" : open ? "sink?" : "no sink", 9);
        term_end(t, sink || open ? OPEN : FAINT);
        term_wrap(t, v->text != NULL ? v->text : "", 11, 11);
    }
}

static void view_verdicts_of(const explaint_attend_result *r, const term *t) {
    char text[160];
    if (r->n_verdicts == 0) return;
    view_heading(t, "Verdicts");
    fputc('\n', t->out);
    note(t, "Does the picture tell of the words that it is drawn over?");
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (!is_sink(&r->verdicts[i]) && !is_head(&r->verdicts[i])) view_verdict_of(&r->verdicts[i], t);
    for (size_t i = 0; i < r->n_verdicts; i++) {
        if (!is_head(&r->verdicts[i])) continue;
        note(t, "May this head be read as a relation of words?");
        view_verdict_of(&r->verdicts[i], t);
    }
    snprintf(text, sizeof text, "Decided on %zu %s, cut to %zu %ss.", r->n_judged,
             r->judged_own > 0 ? "of these texts" : "shipped texts", r->judged_length,
             r->level != NULL ? r->level : "piece");
    note(t, text);
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
    fputc('\n', t->out);
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
    char a[32], b[32];
    const char *model = "?";
    for (size_t i = 0; i < r->n_inputs; i++)
        if (strcmp(r->inputs[i].role, "model") == 0) model = r->inputs[i].name;
    view_answer_of(r, t);
    term_begin(t, STRONG);
    term_putf(t, "%s on %s text%s", model, view_size(r->n_texts, a), r->n_texts == 1 ? "" : "s");
    term_end(t, STRONG);
    term_putf(t, ", %s pieces%s%s", view_size(r->n_pieces, b), r->level != NULL ? ", by words" : "",
              r->special != NULL ? ", without special tokens" : "");
    fputc('\n', t->out);
    view_continuity(r, t);
    view_looks(r, t);
    view_damage(r, t);
    view_flow(r, t);
    view_columns(r, t);
    view_verdicts_of(r, t);
    for (size_t i = 0; i < r->n_lints; i++) {
        if (i == 0) view_heading(t, "Notes");
        if (i == 0) fputc('\n', t->out);
        note(t, r->lints[i].text);
    }
    view_next_of(r, kept, t);
}
