/* What the parts of a view share: numbers and names as they are printed, rows by what they are about, the notes. */
#include <math.h>
#include <stdarg.h>
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

view_text view_number(double value, int digits, bool sign) {
    char plain[28];
    view_text number = {""};
    if (isnan(value)) return number;
    if (fabs(value) >= 1e6) {
        snprintf(number.text, sizeof number.text, "%.2e", value);
        return number;
    }
    snprintf(plain, sizeof plain, "%.*f", digits, fabs(value));
    bool zero = strspn(plain, "0.") == strlen(plain); /* -.0001 is printed as .000 */
    const char *start = plain[0] == '0' && plain[1] == '.' ? plain + 1 : plain;
    snprintf(number.text, sizeof number.text, "%s%s", value < 0 && !zero ? "−" : sign && !zero ? "+" : "", start);
    return number;
}

view_text view_interval(const double ci[2], bool sign) {
    view_text both = {""};
    if (!isnan(ci[0]))
        snprintf(both.text, sizeof both.text, "%.31s %.31s", view_number(ci[0], 3, sign).text,
                 view_number(ci[1], 3, sign).text);
    return both;
}

view_text view_p(double p) { return p < .00005 ? (view_text){"<.0001"} : view_number(p, 4, false); }

view_text view_level(double level) {
    const bool short_one = fabs(level * 100 - round(level * 100)) < 1e-9;
    return view_number(level, short_one ? 2 : 3, false);
}

view_text view_size(size_t value) {
    char plain[32];
    view_text size = {""};
    const int n = snprintf(plain, sizeof plain, "%zu", value);
    for (int i = 0, at = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) size.text[at++] = ',';
        size.text[at++] = plain[i];
    }
    return size;
}

void view_add(char *text, size_t size, const char *format, ...) {
    const size_t at = strlen(text);
    va_list list;
    va_start(list, format);
    vsnprintf(text + at, size - at, format, list);
    va_end(list);
}

void view_title(const term *t, const char *title) {
    fputc('\n', t->out);
    term_put_in(t, STRONG, title);
}

void view_heading(const term *t, const char *title) {
    view_title(t, title);
    fputc('\n', t->out);
}

void view_note(const term *t, const char *text) {
    term_begin(t, FAINT);
    term_spaces(t, 2);
    term_wrap(t, text, 2, 2);
    term_end(t, FAINT);
}

void view_notes(const explaint_lint *lints, size_t n, const term *t) {
    if (n > 0) view_heading(t, "Notes");
    for (size_t i = 0; i < n; i++) view_note(t, lints[i].text);
}

const char *view_setting(const explaint_result *result, const char *key) {
    for (size_t i = 0; i < result->n_settings; i++)
        if (strcmp(result->settings[i].key, key) == 0) return result->settings[i].json;
    return NULL;
}

const explaint_input *view_input(const explaint_input *inputs, size_t n, const char *role) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(inputs[i].role, role) == 0) return &inputs[i];
    return NULL;
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
    term_putf_in(t, FAINT, "  %s%zu more on other layers: see --json", term_sign(t, "· ", "- "), others);
    fputc('\n', t->out);
}
