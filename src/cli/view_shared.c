/* What the parts of a view share: numbers and names as they are printed, rows by what they are about, the notes. */
#include <math.h>
#include <string.h>

#include "view.h"

const char *const view_order[] = {EXPLAINT_CONDITIONS(EXPLAINT_AS_NAME) VIEW_UNIFORM, NULL};

term_style view_style(const char *condition) {
    static const struct {
        const char *role;
        term_style style;
    } styles[] = {{"subject", SUBJECT}, {"rest", REST}, {"bound", BOUND}, {"broken", BROKEN}};
    const explaint_entry *entry = explaint_catalogue_find("conditions", condition);
    if (strcmp(condition, VIEW_UNIFORM) == 0) return REST;
    for (size_t i = 0; entry != NULL && i < sizeof styles / sizeof *styles; i++)
        if (strcmp(styles[i].role, entry->role) == 0) return styles[i].style;
    return PLAIN;
}

const char *view_metric_name(const char *metric) {
    const explaint_entry *entry = explaint_catalogue_find("metrics", metric);
    if (entry == NULL) entry = explaint_catalogue_find("lengths", metric);
    return entry != NULL ? entry->short_label : metric;
}

const char *view_number(double value, int digits, bool sign, char *buffer) {
    char plain[28];
    buffer[0] = 0;
    if (isnan(value)) return buffer;
    if (fabs(value) >= 1e6) {
        snprintf(buffer, 32, "%.2e", value);
        return buffer;
    }
    snprintf(plain, sizeof plain, "%.*f", digits, fabs(value));
    bool zero = strspn(plain, "0.") == strlen(plain); /* -.0001 is printed as .000 */
    const char *start = plain[0] == '0' && plain[1] == '.' ? plain + 1 : plain;
    snprintf(buffer, 32, "%s%s", value < 0 && !zero ? "−" : sign && !zero ? "+" : "", start);
    return buffer;
}

const char *view_level(double level, char *buffer) {
    const bool short_one = fabs(level * 100 - round(level * 100)) < 1e-9;
    return view_number(level, short_one ? 2 : 3, false, buffer);
}

const char *view_size(size_t value, char *buffer) {
    char plain[32];
    int n = snprintf(plain, sizeof plain, "%zu", value), at = 0;
    for (int i = 0; i < n && at < 30; i++) {
        if (i > 0 && (n - i) % 3 == 0) buffer[at++] = ',';
        buffer[at++] = plain[i];
    }
    buffer[at] = 0;
    return buffer;
}

void view_heading(const term *t, const char *title) {
    fputc('\n', t->out);
    term_put_in(t, STRONG, title);
}

/* Of several penalties side by side the one that the verdict is about. */
bool view_of_verdict(const explaint_result *result, const explaint_row *row) {
    return strchr(row->mapping, ':') == NULL || strcmp(row->mapping, result->verdict_mapping) == 0;
}

const explaint_row *view_row(const explaint_result *result, const char *condition, const char *target,
                             const char *metric, size_t count) {
    const explaint_row *other = NULL;
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        if (row->fold != -1 || strcmp(row->condition, condition) != 0 || strcmp(row->metric, metric) != 0) continue;
        if (!view_of_verdict(result, row)) continue;
        if (target != NULL && strcmp(row->target, target) != 0) continue;
        if (row->n_components == count) return row;
        if (other == NULL && (row->n_components == 0 || count == 0)) other = row;
    }
    return other;
}

const explaint_row *view_mean(const explaint_result *result, const explaint_row *row) {
    /* Its folds are whole categories: the mean predictor's, on folds of concepts, says nothing about it. */
    if (strcmp(row->condition, "category-folds") == 0) return NULL;
    return view_row(result, "mean", row->target, row->metric, 0);
}

const char *view_metric(const explaint_result *result) {
    for (size_t i = 0; i < result->n_rows; i++)
        if (strcmp(result->rows[i].metric, result->verdict_metric) == 0) return result->verdict_metric;
    return result->n_rows > 0 ? result->rows[0].metric : result->verdict_metric;
}

/* The text is of one layer, and not of this one. */
static bool of_another(const char *text, int layer) {
    int number;
    return layer >= 0 && sscanf(text, "layer %d:", &number) == 1 && number != layer;
}

void view_lints(const explaint_result *result, int layer, const term *t) {
    size_t others = 0;
    if (result->n_lints == 0) return;
    view_heading(t, "Notes");
    fputc('\n', t->out);
    for (size_t i = 0; i < result->n_lints; i++) {
        const explaint_lint *lint = &result->lints[i];
        if (of_another(lint->text, layer)) {
            others++;
            continue;
        }
        bool warning = strcmp(lint->level, "warning") == 0;
        term_spaces(t, 2);
        term_begin(t, warning ? OPEN : FAINT);
        term_put(t, warning ? "! " : term_sign(t, "· ", "- "));
        term_put(t, lint->id);
        term_end(t, warning ? OPEN : FAINT);
        term_put(t, "  ");
        term_wrap(t, lint->text, 6 + term_columns(t, lint->id), 4);
    }
    if (others == 0) return;
    term_begin(t, FAINT);
    term_putf(t, "  %s%zu more on other layers: see --json", term_sign(t, "· ", "- "), others);
    term_end(t, FAINT);
    fputc('\n', t->out);
}
