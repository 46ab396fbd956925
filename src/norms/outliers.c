/* Marks in place of values: SPSS's -999, 99 and the like. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "norms/suspects.h"

bool xp_suspects_is_mark(const xp_marks *marks, double value) {
    for (size_t k = 0; k < marks->n; k++)
        if (marks->value[k] == value) return true;
    return false;
}

/* A run of equal values among all, ascending. */
typedef struct run {
    double value;
    size_t times;
} run;

static int by_value(const void *left, const void *right) {
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* The different values with their counts, zeros included; NULL without memory. */
static run *list_values(const xp_builder *b, const uint8_t *skip, size_t *count) {
    const size_t rows = b->norms->concepts.count, columns = b->norms->features.count;
    double *all = xp_alloc(b->n_cells, sizeof *all);
    run *list = NULL;
    size_t n = 0, skipped = 0, taken = 0;
    for (size_t i = 0; all != NULL && i < b->n_cells; i++) {
        if (skip != NULL && skip[b->cell[i].column]) continue;
        taken++;
        if (!isnan(b->cell[i].value)) all[n++] = b->cell[i].value;
    }
    for (size_t j = 0; skip != NULL && j < columns; j++) skipped += skip[j] != 0;
    const size_t places = rows * (columns - skipped), zeros = places > taken ? places - taken : 0;
    if (n > 0) qsort(all, n, sizeof *all, by_value);
    if (all != NULL) list = xp_alloc(n + 1, sizeof *list);
    *count = 0;
    bool zero = zeros == 0;
    for (size_t i = 0; list != NULL && i <= n; i++) {
        if (!zero && (i == n || all[i] > 0)) {
            list[(*count)++] = (run){0, zeros};
            zero = true;
        }
        if (i == n) break;
        if (*count > 0 && list[*count - 1].value == all[i])
            list[*count - 1].times++;
        else
            list[(*count)++] = (run){all[i], 1};
    }
    xp_free(all);
    return list;
}

bool xp_suspects_is_customary(double value) {
    static const double known[] = {99,  98,  97,  96,   88,   77,   66,   999,   998,   997,
                                   996, 888, 777, 9999, 9998, 9997, 8888, 99999, 999999};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (fabs(value) == known[k]) return true;
    return false;
}

static bool is_whole(double value) { return value == floor(value); }

/* The others' spread; a mark is farther from them than that. */
typedef struct rest {
    double least, most;
    size_t different;
    bool fractions; /* most of them, zeros apart */
} rest;

static rest rest_of(const run *list, size_t from, size_t to) {
    rest r = {list[from].value, list[to - 1].value, to - from, false};
    size_t fractions = 0, all = 0;
    for (size_t k = from; k < to; k++) {
        if (list[k].value == 0) continue;
        all += list[k].times;
        if (!is_whole(list[k].value)) fractions += list[k].times;
    }
    r.fractions = 2 * fractions > all;
    return r;
}

/* Negative marks: the only negative values among ratings or counts, or far below all others. How many of the list's first. */
static size_t marks_below(const run *list, size_t count) {
    size_t negative = 0, times = 0, usual = 0;
    while (negative < count && list[negative].value < 0) negative++;
    if (negative > 0 && negative <= XP_MARKS && count - negative >= 2) {
        const rest others = rest_of(list, negative, count);
        bool marks = others.most > 0;
        for (size_t k = 0; k < negative; k++) {
            const double v = list[k].value;
            const bool small = v == -1 || v == -9 || v == -8 || v == -7; /* where others are 0, 1, 2, 3 and more */
            usual += xp_suspects_is_customary(v) || small;
            times += list[k].times;
            marks = marks && is_whole(v) &&
                    (xp_suspects_is_customary(v) || -v > 3 * others.most || (small && others.most >= 3));
        }
        if (marks && times >= 2 && (usual == negative || negative == 1)) return negative;
    }
    size_t low = 0; /* beside other negative values */
    while (low < count && low < XP_MARKS && xp_suspects_is_customary(list[low].value) && list[low].value < 0) low++;
    if (low == 0 && count > 0 && is_whole(list[0].value) && list[0].times >= 3) low = 1;
    if (low == 0 || count - low < 4 || list[low - 1].value >= 0) return 0;
    const rest others = rest_of(list, low, count);
    const double gap = others.least - list[low - 1].value, range = others.most - others.least;
    times = 0;
    for (size_t k = 0; k < low; k++) times += list[k].times;
    return times >= 2 && gap >= (xp_suspects_is_customary(list[low - 1].value) ? 1 : 3) * range ? low : 0;
}

/* Whole numbers from 1 to the last without a gap, as people answer on a scale; counts have zeros among them. */
static bool is_scale(const run *list, size_t count) {
    for (size_t k = 0; k < count; k++)
        if (list[k].value != (double)(k + 1)) return false;
    return count >= 3;
}

/* Marks above all others. How many of the list's last. */
static size_t marks_above(const run *list, size_t count) {
    size_t high = 0, times = 0;
    while (high < count && high < XP_MARKS && xp_suspects_is_customary(list[count - 1 - high].value) &&
           list[count - 1 - high].value > 0)
        times += list[count - 1 - high++].times;
    if (high > 0 && times >= 2 && count - high >= 2) {
        const rest others = rest_of(list, 0, count - high);
        if (others.most > 0 && list[count - high].value >= 2 * others.most) return high;
    }
    if (count < 3 || list[count - 1].times < 2 || !is_whole(list[count - 1].value)) return 0;
    const run *last = &list[count - 1];
    const rest others = rest_of(list, 0, count - 1);
    const double gap = last->value - others.most, range = others.most - others.least;
    if (others.most <= 0) return 0;
    if (last->value - others.most >= 2 && (last->value == 9 || last->value == 8) && is_scale(list, count - 1)) return 1;
    if (last->times < 3) return 0;
    if (others.fractions && (last->value == 9 || last->value == 8) && 4 * gap >= range)
        return 1; /* 9 among means up to 7 */
    return gap >= 3 * range && (others.different >= 4 || last->value == 9 || last->value == 8) ? 1 : 0;
}

/* Where a column of large numbers hides a 99 among ratings: customary marks that are far from the other values of their
 * own column. Twice in all. */
static bool find_in_columns(const xp_builder *b, const uint8_t *skip, xp_marks *marks) {
    enum { OTHERS = 5 };
    const size_t m = b->norms->features.count;
    double *least = xp_calloc(m, sizeof *least), *most = xp_calloc(m, sizeof *most);
    size_t *others = xp_calloc(m, sizeof *others);
    const bool good = least != NULL && most != NULL && others != NULL;
    for (size_t i = 0; good && i < b->n_cells; i++) {
        const xp_built_cell *cell = &b->cell[i];
        const size_t j = cell->column;
        if (isnan(cell->value) || xp_suspects_is_customary(cell->value)) continue;
        others[j]++;
        if (cell->value < least[j]) least[j] = cell->value;
        if (cell->value > most[j]) most[j] = cell->value;
    }
    for (size_t i = 0; good && i < b->n_cells; i++) {
        const xp_built_cell *cell = &b->cell[i];
        const size_t j = cell->column;
        size_t k = 0;
        if ((skip != NULL && skip[j]) || !xp_suspects_is_customary(cell->value) || others[j] < OTHERS) continue;
        if (fabs(cell->value) < 3 * most[j] || fabs(cell->value) < -3 * least[j]) continue;
        while (k < marks->n && marks->value[k] != cell->value) k++;
        if (k == XP_MARKS) continue;
        if (k == marks->n) marks->value[marks->n++] = cell->value;
        marks->times[k]++;
        if (least[j] < marks->least) marks->least = least[j];
        if (most[j] > marks->most) marks->most = most[j];
    }
    size_t kept = 0;
    for (size_t k = 0; k < marks->n; k++) {
        if (marks->times[k] < 2) continue;
        marks->value[kept] = marks->value[k];
        marks->times[kept++] = marks->times[k];
    }
    marks->n = kept;
    xp_free_all(least, most, others);
    return good;
}

bool xp_suspects_find_marks(const xp_builder *b, const uint8_t *skip, xp_marks *marks) {
    size_t count;
    run *list = list_values(b, skip, &count);
    *marks = (xp_marks){.n = 0};
    if (list == NULL) return false;
    size_t below = count > 0 ? marks_below(list, count) : 0, above = 0;
    if (count > below + 2) above = marks_above(list + below, count - below);
    if (below + above > XP_MARKS) above = 0;
    for (size_t k = 0; k < count; k++) {
        if (k >= below && k < count - above) continue;
        marks->value[marks->n] = list[k].value;
        marks->times[marks->n++] = list[k].times;
    }
    if (marks->n > 0) {
        marks->least = list[below].value;
        marks->most = list[count - above - 1].value;
    }
    xp_free(list);
    return marks->n > 0 || find_in_columns(b, skip, marks);
}
