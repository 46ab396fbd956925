#include "view.h"

#include <math.h>
#include <string.h>

static const char *words_of(const char *condition) {
    const explaint_entry *entry = explaint_catalogue_find("conditions", condition);
    return entry != NULL ? entry->label : strcmp(condition, VIEW_UNIFORM) == 0 ? "a bit per feature" : "";
}

/* Of the mean predictor the row on the norms, which has no component count. */
static const explaint_row *verdict_row(const explaint_result *result, const char *condition, const char *metric) {
    if (strcmp(condition, "mean") == 0) return view_row(result, condition, "norms", metric, 0);
    return view_row(result, condition, NULL, metric, result->verdict_components);
}

/* ---- head ---- */

/* json: a name in quotes. */
static void add_mapping(char *text, size_t size, const char *json) {
    const char *name = json[0] == '"' ? json + 1 : json;
    char plain[80];
    snprintf(plain, sizeof plain, "%.*s", (int)strcspn(name, "\""), name);
    const explaint_entry *entry = explaint_catalogue_find("mappings", plain);
    view_add(text, size, " · %s", entry != NULL ? entry->short_label : plain);
}

void view_head(const explaint_result *result, const term *t) {
    const explaint_input *norms = view_input(result->inputs, result->n_inputs, "norms"),
                         *vectors = view_input(result->inputs, result->n_inputs, "embeddings");
    if (vectors == NULL) vectors = view_input(result->inputs, result->n_inputs, "model");
    char text[1024];
    if (vectors != NULL)
        term_putf_in(t, STRONG, "%s on %s", vectors->name, norms != NULL ? norms->name : "?");
    else
        term_putf_in(t, STRONG, "%s without vectors", norms != NULL ? norms->name : "?");
    fputc('\n', t->out);
    snprintf(text, sizeof text, "%s concepts × %s features", view_size(result->n_concepts).text,
             view_size(result->n_features).text);
    const char *mapping = view_setting(result, "mapping"), *folds = view_setting(result, "folds"),
               *seed = view_setting(result, "seed");
    const char *pls = view_setting(result, "pls");
    if (mapping != NULL) add_mapping(text, sizeof text, mapping);
    if (view_is(pls, "\"sklearn\"")) view_add(text, sizeof text, " as scikit-learn");
    if (result->verdict_components > 0) view_add(text, sizeof text, ", %zu components", result->verdict_components);
    if (result->components_chosen) view_add(text, sizeof text, ", components chosen inside");
    if (result->n_penalties > 0) view_add(text, sizeof text, ", penalty chosen inside");
    const char *penalty = view_setting(result, "verdict_alpha");
    if (penalty != NULL) view_add(text, sizeof text, ", penalty %s", penalty);
    if (folds != NULL && folds[0] != '"') view_add(text, sizeof text, " · %s folds", folds);
    if (seed != NULL) view_add(text, sizeof text, " · seed %s", seed);
    term_begin(t, FAINT);
    term_wrap(t, text, 0, 0);
    if (result->n_dropped > 0) {
        snprintf(text, sizeof text, "%zu concept%s left out: ", result->n_dropped, result->n_dropped == 1 ? "" : "s");
        size_t shown = result->n_dropped > 6 ? 5 : result->n_dropped;
        for (size_t i = 0; i < shown; i++)
            view_add(text, sizeof text, "%s%s (%s)", i > 0 ? ", " : "", result->dropped[i].concept_name,
                     result->dropped[i].why);
        if (shown < result->n_dropped) view_add(text, sizeof text, " and %zu more", result->n_dropped - shown);
        term_wrap(t, text, 0, 2);
    }
    term_end(t, FAINT);
}

/* ---- conditions ---- */

typedef struct layout {
    int label, value, interval, mean, words, bar;
    double top, chance, ceiling; /* of the axis */
    bool bounded;                /* chance and ceiling are known for this metric */
    bool has_mean;               /* the mean predictor was asked for: bars carry its stroke */
} layout;

static layout plan(const explaint_result *result, const char *metric, const term *t) {
    bool mean = view_row(result, "mean", NULL, metric, 0) != NULL;
    layout l = {.label = 18,
                .value = 6,
                .interval = 14,
                .mean = mean && t->width >= 72 ? 7 : 0,
                .words = t->width >= 110 ? 33 : 0,
                .has_mean = mean};
    if (t->width < 64) l.interval = 10;
    l.bar = t->width - 2 - l.label - l.value - l.interval - l.mean - l.words - 3;
    if (l.bar > 80) l.bar = 80;
    l.bounded = strcmp(metric, "f1_at_10") == 0;
    l.chance = l.bounded ? result->chance : 0;
    l.ceiling = l.bounded ? result->ceiling : 1;
    l.top = l.ceiling > 0 ? l.ceiling : 1;
    for (size_t i = 0; i < result->n_rows; i++) /* mse has no ceiling */
        if (result->rows[i].fold == -1 && strcmp(result->rows[i].metric, metric) == 0 && result->rows[i].value > l.top)
            l.top = result->rows[i].value;
    return l;
}

static int cell_of(double value, const layout *l) {
    int cell = (int)floor(value / l->top * l->bar);
    return cell < 0 ? 0 : cell >= l->bar ? l->bar - 1 : cell;
}

/* A bar to scale in eighths of a column; the mean predictor on the same target is a stroke across it. */
static void bar(const term *t, const layout *l, double value, double mean, term_style style) {
    static const char *const parts[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    double share = isnan(value) || value < 0 ? 0 : value / l->top;
    int eighths = (int)lround(share * l->bar * 8);
    int mark = isnan(mean) ? -1 : cell_of(mean, l), end = (eighths + 7) / 8;
    if (mark + 1 > end) end = mark + 1;
    for (int i = 0; i < end; i++) {
        int part = eighths - 8 * i;
        if (i == mark) {
            term_begin(t, STRONG);
            fputs(term_sign(t, "│", "|"), t->out);
            term_end(t, STRONG);
            continue;
        }
        term_begin(t, style);
        if (part >= 8)
            fputs(term_sign(t, "█", "="), t->out);
        else if (part <= 0)
            fputc(' ', t->out);
        else
            fputs(t->utf8 ? parts[part] : part >= 4 ? "-" : " ", t->out);
        term_end(t, style);
    }
}

/* Scored on fewer concepts than the norms have: those with a category. */
static bool partial(const explaint_result *result, const explaint_row *row) {
    return row->n != 0 && row->n + row->undefined < result->n_concepts;
}

static void condition_line(const explaint_result *result, const layout *l, const explaint_row *row, const char *label,
                           const explaint_row *mean, const term *t) {
    char text[96];
    term_style style = view_style(row->condition);
    snprintf(text, sizeof text, "%s%s", label, partial(result, row) ? "*" : "");
    bool system = strcmp(row->condition, "system") == 0;
    term_spaces(t, 2);
    term_field_in(t, system ? SUBJECT : PLAIN, text, l->label);
    term_field_in(t, STRONG, view_number(row->value, 3, false).text, -(l->value - 1));
    term_spaces(t, 1);
    term_begin(t, FAINT);
    term_field(t, view_interval(row->ci, false).text, -l->interval);
    if (l->mean > 0) term_field(t, mean != NULL ? view_number(mean->value, 3, false).text : "", -l->mean);
    term_spaces(t, 2);
    if (l->words > 0) {
        bool base = strcmp(row->condition, "mean") == 0 && strcmp(row->target, "norms") != 0;
        bool drop = strcmp(row->condition, "category-mean") == 0 && strcmp(row->target, "norms") != 0;
        bool letters = strcmp(row->condition, "word-form") == 0 && strcmp(row->target, "norms") == 0;
        term_field(t,
                   base      ? "nothing → each feature shuffled"
                   : drop    ? "category's name → without them"
                   : letters ? "letters of the word → norms"
                             : words_of(row->condition),
                   l->words);
    }
    term_end(t, FAINT);
    bar(t, l, row->value, mean != NULL ? mean->value : NAN, style);
    fputc('\n', t->out);
}

/* The axis: ticks at round numbers, and chance and ceiling marked where they are. */
static void axis(const term *t, const layout *l, int left) {
    char line[256], below[512];
    double step = .1;
    while (l->bar * step / l->top < 5) step *= 2;
    memset(line, ' ', sizeof line);
    for (int i = 0;; i++) {
        double value = step * i;
        int at = (int)lround(value / l->top * l->bar);
        const view_text tick = i == 0 ? (view_text){"0"} : view_number(value, 1, false);
        const int end = at + (int)strlen(tick.text);
        if (end > l->bar + 1) break;
        memcpy(line + at, tick.text, strlen(tick.text));
        line[end] = 0;
        if (value > l->top) break;
        line[end] = ' ';
    }
    line[l->bar + 1] = 0;
    for (int i = (int)strlen(line); i > 0 && line[i - 1] == ' '; i--) line[i - 1] = 0;
    term_begin(t, FAINT);
    term_spaces(t, left);
    for (int i = 0; i <= l->bar; i++) {
        double lower = (i - .5) * l->top / l->bar, upper = (i + .5) * l->top / l->bar;
        bool tick = floor(upper / step + 1e-9) > floor(lower / step + 1e-9) && upper > 0;
        bool chance = l->chance >= lower && l->chance < upper, top = l->ceiling >= lower && l->ceiling < upper;
        fputs(chance || top    ? term_sign(t, "┻", "^")
              : tick || i == 0 ? term_sign(t, "┴", "+")
                               : term_sign(t, "─", "-"),
              t->out);
    }
    fputc('\n', t->out);
    term_spaces(t, left);
    fprintf(t->out, "%s\n", line);

    char chance[96], top[96];
    const view_text a = view_number(l->chance, 3, false), b = view_number(l->ceiling, 3, false);
    int at = (int)lround(l->chance / l->top * l->bar);
    snprintf(chance, sizeof chance, "%s chance %s", term_sign(t, "↑", "^"), a.text);
    snprintf(top, sizeof top, "%s %s %s", l->bounded ? "ceiling" : "best", b.text, term_sign(t, "↑", "^"));
    int gap = l->bar + 1 - at - term_columns(t, chance) - term_columns(t, top);
    if (gap < 1) { /* narrow: in words only */
        snprintf(below, sizeof below, "chance %s, %s %s", a.text, l->bounded ? "ceiling" : "best", b.text);
        term_field(t, below, -(left + l->bar + 1));
    } else {
        term_spaces(t, left + at);
        fputs(chance, t->out);
        term_spaces(t, gap);
        fputs(top, t->out);
    }
    fputc('\n', t->out);
    term_end(t, FAINT);
}

/* The same condition scored against another target: the category's mean on norms without categories. */
static void other_targets(const explaint_result *result, const layout *l, const explaint_row *first, const term *t) {
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        char label[64];
        if (row->fold != -1 || strcmp(row->condition, first->condition) != 0 ||
            strcmp(row->metric, first->metric) != 0 || strcmp(row->target, first->target) == 0 ||
            row->n_components != first->n_components || strcmp(row->mapping, first->mapping) != 0)
            continue;
        snprintf(label, sizeof label, "%s %.50s", term_sign(t, "└", "`"), row->target);
        condition_line(result, l, row, label, view_mean(result, row), t);
    }
}

/* Faint, under the conditions; nothing where the text is empty. */
static void note_below(const term *t, const char *name, const char *text) {
    const int width = (int)strlen(name);
    if (text[0] == 0) return;
    term_begin(t, FAINT);
    term_put(t, name);
    term_wrap(t, text, width, width);
    term_end(t, FAINT);
}

static void footnote(const explaint_result *result, const char *metric, const term *t) {
    char text[512] = "";
    for (size_t i = 0; view_order[i] != NULL; i++) {
        const explaint_row *row = view_row(result, view_order[i], NULL, metric, result->verdict_components);
        if (row == NULL || !partial(result, row) || strlen(text) + 80 > sizeof text) continue;
        view_add(text, sizeof text, "%s%s on %zu", text[0] != 0 ? ", " : "", view_order[i], row->n);
    }
    if (text[0] != 0) view_add(text, sizeof text, " of the %zu concepts", result->n_concepts);
    note_below(t, "  * ", text);
}

/* What a condition's folds chose, "12-31": penalties, or component counts; several targets of one condition count together. */
static void choices(const explaint_result *result, bool penalties, const term *t) {
    char text[1024] = "";
    const size_t n = penalties ? result->n_penalties : result->components_chosen ? result->n_component_notes : 0;
    for (size_t i = 0; view_order[i] != NULL && strlen(text) + 80 < sizeof text; i++) {
        double least = HUGE_VAL, most = 0;
        for (size_t k = 0; k < n; k++) {
            const explaint_fold_penalty *p = penalties ? &result->penalties[k] : NULL;
            const explaint_fold_components *c = penalties ? NULL : &result->components[k];
            const double value = penalties ? p->alpha : (double)c->asked;
            if ((penalties && p->target == NULL) || !view_is(penalties ? p->condition : c->condition, view_order[i]))
                continue;
            least = fmin(least, value);
            most = fmax(most, value);
        }
        if (!(most > 0)) continue;
        view_add(text, sizeof text, "%s%s %g", text[0] != 0 ? ", " : "", view_order[i], least);
        if (least < most) view_add(text, sizeof text, "-%g", most);
    }
    note_below(t, penalties ? "  penalties  " : "  components  ", text);
}

void view_conditions(const explaint_result *result, const char *metric, const term *t) {
    layout l = plan(result, metric, t);
    char title[128];
    snprintf(title, sizeof title, "%s by condition", view_metric_name(metric));
    view_title(t, title);
    if (result->verdict_components > 0) term_putf(t, ", %zu components", result->verdict_components);
    fputc('\n', t->out);
    term_begin(t, FAINT);
    term_spaces(t, 2);
    term_field(t, "", l.label);
    term_field(t, l.value >= 6 && strcmp(metric, "f1_at_10") == 0 ? "F1@10" : "score", -(l.value - 1));
    term_field(t, l.interval > 12 ? "95 % interval" : "95 % int.", -(l.interval + 1));
    if (l.mean > 0) term_field(t, "mean", -l.mean);
    if (l.words > 0) {
        term_spaces(t, 2);
        term_field(t, "fitted", l.words);
    }
    if (l.has_mean)
        term_putf(t, "%s%s %s", l.words > 0 ? "" : "  ", term_sign(t, "│", "|"),
                  l.bar >= 44   ? "mean predictor on the same target"
                  : l.bar >= 16 ? "mean predictor"
                                : "mean");
    term_end(t, FAINT);
    fputc('\n', t->out);

    for (size_t i = 0; view_order[i] != NULL; i++) {
        const char *condition = view_order[i];
        bool mean = strcmp(condition, "mean") == 0;
        const explaint_row *row = verdict_row(result, condition, metric);
        if (row == NULL) continue;
        const explaint_row *base = mean ? NULL : view_mean(result, row);
        condition_line(result, &l, row, mean ? "mean predictor" : condition, base, t);
        if (strcmp(condition, "shuffle") == 0 && base != NULL)
            condition_line(result, &l, base, term_sign(t, "└ mean predictor", "` mean predictor"), NULL, t);
        if (!mean) other_targets(result, &l, row, t);
    }
    axis(t, &l, 2 + l.label + l.value + l.interval + l.mean + l.words + 2);
    footnote(result, metric, t);
    choices(result, false, t);
    choices(result, true, t);
    view_losses(result, t);
}

/* ---- all metrics ---- */

static size_t metrics_of(const explaint_result *result, const char **names, size_t room) {
    size_t n = 0;
    for (size_t i = 0; i < result->n_rows; i++) {
        size_t j = 0;
        while (j < n && strcmp(names[j], result->rows[i].metric) != 0) j++;
        if (j == n && n < room) names[n++] = result->rows[i].metric;
    }
    return n;
}

static void metric_heads(const term *t, const char *const *names, size_t n, int label, int column) {
    char head[2][64];
    for (int line = 0; line < 2; line++) { /* "NA@10 gold" stands on two lines */
        bool any = line == 1;
        for (size_t j = 0; j < n; j++) any = any || strchr(view_metric_name(names[j]), ' ') != NULL;
        if (!any) continue;
        term_begin(t, FAINT);
        term_spaces(t, 2 + label);
        for (size_t j = 0; j < n; j++) {
            const char *name = view_metric_name(names[j]), *space = strchr(name, ' ');
            snprintf(head[0], sizeof head[0], "%.*s", space != NULL ? (int)(space - name) : 0, name);
            snprintf(head[1], sizeof head[1], "%s", space != NULL ? space + 1 : name);
            term_field(t, head[line], -column);
        }
        term_end(t, FAINT);
        fputc('\n', t->out);
    }
}

void view_metrics(const explaint_result *result, const term *t) {
    enum { LABEL = 18, COLUMN = 9, MOST = 16 };
    const char *names[MOST];
    size_t n = metrics_of(result, names, MOST), at_once = (size_t)((t->width - 2 - LABEL) / COLUMN);
    if (n < 2) return;
    view_heading(t, "All metrics");
    for (size_t first = 0; first < n; first += at_once) {
        size_t some = n - first < at_once ? n - first : at_once;
        if (first > 0) fputc('\n', t->out);
        metric_heads(t, names + first, some, LABEL, COLUMN);
        for (size_t i = 0; view_order[i] != NULL; i++) {
            bool any = false;
            for (size_t j = 0; j < some; j++) {
                const explaint_row *row = verdict_row(result, view_order[i], names[first + j]);
                if (row == NULL && !any) continue;
                if (!any) {
                    term_spaces(t, 2);
                    term_field(t, view_order[i], LABEL);
                    term_spaces(t, (int)j * COLUMN);
                }
                any = true;
                term_field(t, row != NULL ? view_number(row->value, 3, false).text : "", -COLUMN);
            }
            if (any) fputc('\n', t->out);
        }
    }
}

/* ---- all of it ---- */

void view_result(const explaint_result *result, bool all_metrics, const view_kept *kept, const term *t) {
    const char *metric = view_metric(result);
    view_answer(result, t);
    view_head(result, t);
    if (!view_layers(result, t)) {
        view_conditions(result, metric, t);
        view_curves(result, metric, t);
        if (all_metrics) view_metrics(result, t);
        view_tests(result, t);
        view_lints(result, -1, t);
        view_verdicts(result, t);
    }
    view_next(result, kept, t);
}
