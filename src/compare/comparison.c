/* A comparison's own strings and lists, and a paired difference. */
#include "compare/comparison.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "stats/paired.h"

const char *xp_comparison_keep(xp_comparison *c, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *kept = xp_strings_keep(&c->texts, &c->failed, format, list);
    va_end(list);
    return kept;
}

void xp_comparison_note(xp_comparison *c, const char *format, ...) {
    va_list list;
    va_start(list, format);
    xp_strings_keep(&c->notes, &c->failed, format, list);
    va_end(list);
}

void *xp_comparison_grow(xp_comparison *c, void **list, size_t *count, size_t *capacity, size_t size) {
    void *place = xp_grow(list, *count, capacity, size);
    if (place == NULL) {
        c->failed = true;
        return NULL;
    }
    ++*count;
    return memset(place, 0, size);
}

void xp_comparison_change(xp_comparison *c, const char *what, const char *key, const char *a, const char *b) {
    explaint_compared_change *change =
        xp_comparison_grow(c, (void **)&c->change, &c->view.n_changes, &c->change_capacity, sizeof *change);
    if (change != NULL) *change = (explaint_compared_change){what, key, {a, b}};
}

explaint_compared_verdict *xp_comparison_verdict(xp_comparison *c, const char *claim, const char *const verdict[2],
                                                 const char *const decided_by[2], const int layer[2]) {
    explaint_compared_verdict *out =
        xp_comparison_grow(c, (void **)&c->verdict, &c->view.n_verdicts, &c->verdict_capacity, sizeof *out);
    if (out == NULL) return NULL;
    out->claim = claim;
    for (int s = 0; s < 2; s++) {
        out->verdict[s] = xp_stored_result_text(verdict[s]);
        out->decided_by[s] = xp_stored_result_text(decided_by[s]);
        out->layer[s] = layer[s];
    }
    out->changed = strcmp(out->verdict[0], out->verdict[1]) != 0;
    return out;
}

explaint_compared_measure *xp_comparison_measure(xp_comparison *c, const int layer[2], int head, const char *measure,
                                                 const double value[2]) {
    explaint_compared_measure *m =
        xp_comparison_grow(c, (void **)&c->measure, &c->view.n_measures, &c->measure_capacity, sizeof *m);
    if (m != NULL)
        *m = (explaint_compared_measure){.layer = {layer[0], layer[1]},
                                         .head = head,
                                         .measure = measure,
                                         .standardised = -1,
                                         .undone = -1,
                                         .column = -1,
                                         .value = {value[0], value[1]},
                                         .paired = xp_comparison_untested(value[1] - value[0]),
                                         .p_adjusted = NAN};
    return m;
}

bool xp_comparison_numbers(xp_comparison *c, const int layer[2], int head, const xp_comparison_number *number, size_t n,
                           const void *a, const void *b) {
    for (size_t k = 0; k < n; k++) {
        double value[2];
        memcpy(&value[0], (const char *)a + number[k].offset, sizeof value[0]);
        memcpy(&value[1], (const char *)b + number[k].offset, sizeof value[1]);
        if (isnan(value[0]) && isnan(value[1])) continue;
        if (xp_comparison_measure(c, layer, head, number[k].measure, value) == NULL) return false;
    }
    return true;
}

static int order_of(const explaint_field *field, const void *a, const void *b) {
    const void *const at[2] = {xp_field_at(field, a), xp_field_at(field, b)};
    if (field->type == EXPLAINT_FIELD_TEXT)
        return strcmp(xp_stored_result_text(*(const char *const *)at[0]),
                      xp_stored_result_text(*(const char *const *)at[1]));
    const int x = *(const int *)at[0], y = *(const int *)at[1];
    return (x > y) - (x < y);
}

int xp_comparison_order(const explaint_kind *kind, const void *a, const void *b) {
    int order = 0;
    for (size_t i = 0; order == 0 && i < kind->n_fields; i++) {
        const explaint_field *field = &kind->field[i];
        if (field->type != EXPLAINT_FIELD_NUMBER && field->type != EXPLAINT_FIELD_COUNT) order = order_of(field, a, b);
    }
    return order;
}

void xp_comparison_pair(xp_comparison *c, const double *difference, double widen, explaint_paired *paired) {
    double *num = xp_calloc(2, c->n * sizeof *num), *den = num + c->n;
    xp_paired flips;
    if (num == NULL || !xp_paired_sign_flips(difference, c->n, c->options.flips, c->options.seed, &flips)) {
        c->failed = true;
        xp_free(num);
        return;
    }
    for (size_t i = 0; i < c->n; i++) {
        if (isnan(difference[i])) continue;
        num[i] = difference[i];
        den[i] = 1;
    }
    if (flips.n > 0) {
        paired->paired = true;
        paired->n = flips.n;
        paired->difference = flips.mean;
        paired->p = flips.p;
        paired->p_error = flips.p_error;
        if (xp_bootstrap_ratio(&c->resample, num, den, paired->ci))
            xp_bootstrap_widen(flips.mean, widen, paired->ci);
        else
            paired->ci[0] = paired->ci[1] = NAN;
    }
    xp_free(num);
}
