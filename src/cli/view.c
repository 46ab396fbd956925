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

static const explaint_input *input(const explaint_result *result, const char *role) {
    for (size_t i = 0; i < result->n_inputs; i++)
        if (strcmp(result->inputs[i].role, role) == 0) return &result->inputs[i];
    return NULL;
}

static const char *setting(const explaint_result *result, const char *key) {
    for (size_t i = 0; i < result->n_settings; i++)
        if (strcmp(result->settings[i].key, key) == 0) return result->settings[i].json;
    return NULL;
}

/* json: a name in quotes. */
static int put_mapping(char *text, size_t size, const char *json) {
    const char *name = json[0] == '"' ? json + 1 : json;
    char plain[80];
    snprintf(plain, sizeof plain, "%.*s", (int)strcspn(name, "\""), name);
    const explaint_entry *entry = explaint_catalogue_find("mappings", plain);
    return snprintf(text, size, " · %s", entry != NULL ? entry->short_label : plain);
}

void view_head(const explaint_result *result, const term *t) {
    const explaint_input *norms = input(result, "norms"), *vectors = input(result, "embeddings");
    if (vectors == NULL) vectors = input(result, "model");
    char text[1024], a[32], b[32];
    term_begin(t, STRONG);
    if (vectors != NULL)
        term_putf(t, "%s on %s", vectors->name, norms != NULL ? norms->name : "?");
    else
        term_putf(t, "%s without vectors", norms != NULL ? norms->name : "?");
    term_end(t, STRONG);
    fputc('\n', t->out);
    int at = snprintf(text, sizeof text, "%s concepts × %s features", view_size(result->n_concepts, a),
                      view_size(result->n_features, b));
    const char *mapping = setting(result, "mapping"), *folds = setting(result, "folds"),
               *seed = setting(result, "seed");
    const char *pls = setting(result, "pls");
    if (mapping != NULL) at += put_mapping(text + at, sizeof text - (size_t)at, mapping);
    if (pls != NULL && strcmp(pls, "\"sklearn\"") == 0)
        at += snprintf(text + at, sizeof text - (size_t)at, " as scikit-learn");
    if (result->verdict_components > 0)
        at += snprintf(text + at, sizeof text - (size_t)at, ", %zu components", result->verdict_components);
    if (result->components_chosen) at += snprintf(text + at, sizeof text - (size_t)at, ", components chosen inside");
    if (result->n_penalties > 0) at += snprintf(text + at, sizeof text - (size_t)at, ", penalty chosen inside");
    const char *penalty = setting(result, "verdict_alpha");
    if (penalty != NULL) at += snprintf(text + at, sizeof text - (size_t)at, ", penalty %s", penalty);
    if (folds != NULL && folds[0] != '"') at += snprintf(text + at, sizeof text - (size_t)at, " · %s folds", folds);
    if (seed != NULL) snprintf(text + at, sizeof text - (size_t)at, " · seed %s", seed);
    term_begin(t, FAINT);
    term_wrap(t, text, 0, 0);
    if (result->n_dropped > 0) {
        at = snprintf(text, sizeof text, "%zu concept%s left out: ", result->n_dropped,
                      result->n_dropped == 1 ? "" : "s");
        size_t shown = result->n_dropped > 6 ? 5 : result->n_dropped;
        for (size_t i = 0; i < shown && (size_t)at < sizeof text; i++)
            at += snprintf(text + at, sizeof text - (size_t)at, "%s%s (%s)", i > 0 ? ", " : "",
                           result->dropped[i].concept_name, result->dropped[i].why);
        if (shown < result->n_dropped && (size_t)at < sizeof text)
            snprintf(text + at, sizeof text - (size_t)at, " and %zu more", result->n_dropped - shown);
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

static void interval(const term *t, const explaint_row *row, int width) {
    char low[32], high[32], text[96] = "";
    if (!isnan(row->ci[0]))
        snprintf(text, sizeof text, "%s %s", view_number(row->ci[0], 3, false, low),
                 view_number(row->ci[1], 3, false, high));
    term_field(t, text, -width);
}

/* Scored on fewer concepts than the norms have: those with a category. */
static bool partial(const explaint_result *result, const explaint_row *row) {
    return row->n != 0 && row->n + row->undefined < result->n_concepts;
}

static void condition_line(const explaint_result *result, const layout *l, const explaint_row *row, const char *label,
                           const explaint_row *mean, const term *t) {
    char number[32], text[96];
    term_style style = view_style(row->condition);
    snprintf(text, sizeof text, "%s%s", label, partial(result, row) ? "*" : "");
    bool system = strcmp(row->condition, "system") == 0;
    term_spaces(t, 2);
    term_field_in(t, system ? SUBJECT : PLAIN, text, l->label);
    term_field_in(t, STRONG, view_number(row->value, 3, false, number), -(l->value - 1));
    term_spaces(t, 1);
    term_begin(t, FAINT);
    interval(t, row, l->interval);
    if (l->mean > 0) term_field(t, mean != NULL ? view_number(mean->value, 3, false, number) : "", -l->mean);
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
    char line[256], number[32], below[512];
    double step = .1;
    while (l->bar * step / l->top < 5) step *= 2;
    memset(line, ' ', sizeof line);
    for (int i = 0;; i++) {
        double value = step * i;
        int at = (int)lround(value / l->top * l->bar);
        const char *text = i == 0 ? "0" : view_number(value, 1, false, number);
        if (at + (int)strlen(text) > l->bar + 1) break;
        memcpy(line + at, text, strlen(text));
        line[at + (int)strlen(text)] = 0;
        if (value > l->top) break;
        line[at + (int)strlen(text)] = ' ';
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

    char chance[64], top[64], a[32], b[32];
    int at = (int)lround(l->chance / l->top * l->bar);
    snprintf(chance, sizeof chance, "%s chance %s", term_sign(t, "↑", "^"), view_number(l->chance, 3, false, a));
    snprintf(top, sizeof top, "%s %s %s", l->bounded ? "ceiling" : "best", view_number(l->ceiling, 3, false, b),
             term_sign(t, "↑", "^"));
    int gap = l->bar + 1 - at - term_columns(t, chance) - term_columns(t, top);
    if (gap < 1) { /* narrow: in words only */
        snprintf(below, sizeof below, "chance %s, %s %s", a, l->bounded ? "ceiling" : "best", b);
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
    size_t at = 0;
    for (size_t i = 0; view_order[i] != NULL; i++) {
        const explaint_row *row = view_row(result, view_order[i], NULL, metric, result->verdict_components);
        if (row == NULL || !partial(result, row) || at + 80 > sizeof text) continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s on %zu", at > 0 ? ", " : "", view_order[i], row->n);
    }
    if (at > 0) snprintf(text + at, sizeof text - at, " of the %zu concepts", result->n_concepts);
    note_below(t, "  * ", text);
}

/* The component counts that a condition's folds chose, "12-31"; several targets of one condition count together. */
static void choices(const explaint_result *result, const term *t) {
    char text[1024] = "";
    size_t at = 0;
    if (!result->components_chosen) return;
    for (size_t i = 0; view_order[i] != NULL && at + 80 < sizeof text; i++) {
        size_t least = SIZE_MAX, most = 0;
        for (size_t k = 0; k < result->n_component_notes; k++) {
            const explaint_fold_components *note = &result->components[k];
            if (strcmp(note->condition, view_order[i]) != 0) continue;
            if (note->asked < least) least = note->asked;
            if (note->asked > most) most = note->asked;
        }
        if (most == 0) continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %zu", at > 0 ? ", " : "", view_order[i], least);
        if (least < most) at += (size_t)snprintf(text + at, sizeof text - at, "-%zu", most);
    }
    note_below(t, "  components  ", text);
}

/* The penalties that a condition's folds chose. */
static void penalties(const explaint_result *result, const term *t) {
    char text[1024] = "";
    size_t at = 0;
    for (size_t i = 0; view_order[i] != NULL && at + 80 < sizeof text; i++) {
        double least = HUGE_VAL, most = 0;
        for (size_t k = 0; k < result->n_penalties; k++) {
            const explaint_fold_penalty *note = &result->penalties[k];
            if (note->target == NULL || strcmp(note->condition, view_order[i]) != 0) continue;
            least = fmin(least, note->alpha);
            most = fmax(most, note->alpha);
        }
        if (!(most > 0)) continue;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s %g", at > 0 ? ", " : "", view_order[i], least);
        if (least < most) at += (size_t)snprintf(text + at, sizeof text - at, "-%g", most);
    }
    note_below(t, "  penalties  ", text);
}

void view_conditions(const explaint_result *result, const char *metric, const term *t) {
    layout l = plan(result, metric, t);
    char title[128];
    snprintf(title, sizeof title, "%s by condition", view_metric_name(metric));
    view_heading(t, title);
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
    choices(result, t);
    penalties(result, t);
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
    char number[32];
    size_t n = metrics_of(result, names, MOST), at_once = (size_t)((t->width - 2 - LABEL) / COLUMN);
    if (n < 2) return;
    view_heading(t, "All metrics");
    fputc('\n', t->out);
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
                term_field(t, row != NULL ? view_number(row->value, 3, false, number) : "", -COLUMN);
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
