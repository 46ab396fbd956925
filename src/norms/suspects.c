#include "norms/suspects.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "norms/header.h"

/* Why a column is suspected. The order is that of the warning. */
typedef enum reason {
    NOT_SUSPECTED,
    NUMBERS_ROWS,
    COUNTS_LETTERS,
    BESIDE_MEANS,
    BY_NAME,
    OTHER_SCALE,
    OTHER_KIND,
    EVERY_CONCEPT,
    OF_OTHERS,
    N_REASONS
} reason;

static const char *const words[N_REASONS] = {
    "",
    "each concept has a whole number of its own",
    "how many letters the concept has",
    "deviations, bounds or counts beside means",
    "the name says so",
    "far larger than all others",
    "other numbers than nearly all others: fractions, whole numbers, or not 0 and 1",
    "no concept has 0, as it has in most others",
    "the mean or the sum of the other columns"};

/* Below these, what a column holds says little about it. */
enum { LEAST_ROWS = 8, LEAST_NUMBERED = 10, LEAST_COLUMNS = 4 };
enum { OWN = 1, OWN_IN_A_ROW };

/* What is counted of a feature's cells. Zeros are not among them. */
typedef struct tally {
    size_t cells, missing, whole, ones, letters;
    double least, most, largest; /* largest: of absolute values */
    double last;
    size_t last_row;
    bool rises, falls;
} tally;

typedef struct work {
    const xp_builder *b;
    const xp_marks *marks;
    size_t n, m;
    tally *of;
    uint8_t *reason;
    size_t *letters; /* by concept */
    double *number;  /* m: room for sorting */
} work;

static size_t letters_of(const char *name) {
    size_t count = 0, end = xp_concept_sense_tag(name);
    for (size_t i = 0; i < end; i++) count += ((unsigned char)name[i] & 0xC0) != 0x80;
    return count;
}

static void count_cell(const work *w, const xp_built_cell *cell) {
    tally *t = &w->of[cell->column];
    const double v = cell->value;
    if (isnan(v) || xp_suspects_is_mark(w->marks, v)) {
        t->missing++;
        return;
    }
    if (t->cells == 0) {
        t->least = t->most = v;
        t->rises = cell->row == 0 || (cell->row == 1 && v > 0); /* the first may be 0 */
        t->falls = cell->row == 0 && v > 0;                     /* so may the last */
    } else {
        const bool next = cell->row == t->last_row + 1;
        t->rises = t->rises && next && v > t->last;
        t->falls = t->falls && next && v < t->last && v > 0;
        if (v < t->least) t->least = v;
        if (v > t->most) t->most = v;
    }
    t->cells++;
    t->whole += v == floor(v);
    t->ones += v == 1;
    t->letters += v == (double)w->letters[cell->row];
    if (fabs(v) > t->largest) t->largest = fabs(v);
    t->last = v;
    t->last_row = cell->row;
}

/* ---- rules about one column ---- */

static int by_size(const void *left, const void *right) {
    const double *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* Whole numbers of which no two may be equal. */
static bool may_be_own(const work *w, const tally *t) {
    return t->missing == 0 && t->whole == t->cells && t->cells + 1 >= w->n && t->cells > 1 && t->least > 0 &&
           t->most - t->least + 1 >= (double)t->cells;
}

/* Columns in which each concept has a number of its own: OWN_IN_A_ROW if none between is left out, as a numbering does. Values of the candidates are laid side by side, not more than there are cells. */
static bool find_own_numbers(work *w, uint8_t *own) {
    size_t candidates = 0, *place = xp_alloc(w->m, sizeof *place), *filled = NULL;
    double *value = NULL;
    for (size_t j = 0; place != NULL && j < w->m; j++)
        place[j] = w->reason[j] == NOT_SUSPECTED && may_be_own(w, &w->of[j]) ? candidates++ : SIZE_MAX;
    if (place != NULL) {
        value = xp_alloc(candidates * w->n, sizeof *value);
        filled = xp_calloc(candidates, sizeof *filled);
    }
    const bool good = value != NULL && filled != NULL;
    for (size_t i = 0; good && i < w->b->n_cells; i++) {
        const xp_built_cell *cell = &w->b->cell[i];
        const size_t k = place[cell->column];
        if (k != SIZE_MAX) value[k * w->n + filled[k]++] = cell->value;
    }
    for (size_t j = 0; good && j < w->m; j++) {
        if (place[j] == SIZE_MAX) continue;
        double *mine = value + place[j] * w->n;
        const size_t cells = w->of[j].cells;
        qsort(mine, cells, sizeof *mine, by_size);
        own[j] = OWN;
        for (size_t i = 1; i < cells; i++)
            if (mine[i] == mine[i - 1]) own[j] = 0;
        const double first = cells < w->n ? 0 : mine[0];
        if (own[j] != 0 && mine[cells - 1] - first + 1 == (double)w->n) own[j] = OWN_IN_A_ROW;
    }
    xp_free_all(place, filled, value);
    return good;
}

/* A numbering, whatever its order; other numbers of which no two are equal where in most columns some are. */
static bool suspect_numberings(work *w) {
    uint8_t *own = xp_calloc(w->m, 1);
    size_t count = 0, plain = 0;
    if (own == NULL || !find_own_numbers(w, own)) {
        xp_free(own);
        return false;
    }
    for (size_t j = 0; j < w->m; j++) {
        if (w->reason[j] != NOT_SUSPECTED || w->of[j].cells == 0) continue;
        plain++;
        count += own[j] != 0;
    }
    const bool odd = w->n >= LEAST_NUMBERED && 4 * count <= plain;
    for (size_t j = 0; j < w->m; j++)
        if (w->reason[j] == NOT_SUSPECTED && (own[j] == OWN_IN_A_ROW || (own[j] == OWN && odd)))
            w->reason[j] = NUMBERS_ROWS;
    xp_free(own);
    return true;
}

static bool rises_or_falls(const work *w, const tally *t) {
    const size_t zeros = w->n - t->cells - t->missing;
    if (t->missing > 0 || zeros > 1 || t->whole < t->cells) return false;
    return (t->rises && t->last_row + 1 == w->n) || (t->falls && t->last_row + 1 + zeros == w->n);
}

static bool counts_letters(const work *w, const tally *t) { return t->least < t->most && 10 * t->letters >= 9 * w->n; }

static double share_of_zeros(const work *w, const tally *t) {
    const size_t there = w->n - t->missing;
    return there > 0 ? 1 - (double)t->cells / (double)there : 1;
}

typedef struct finder {
    const xp_index *index;
} finder;

static bool has_key(void *context, const char *key) {
    size_t stored;
    return xp_index_find(((finder *)context)->index, key, strlen(key), &stored);
}

/* Beside others that describe words, a name that might be a feature's describes them as well. */
static void suspect_company(work *w, const xp_strings *keys) {
    size_t company = 0;
    for (size_t j = 0; j < w->m; j++) company += w->reason[j] == BESIDE_MEANS || w->reason[j] == BY_NAME;
    for (size_t j = 0; j < w->m && company >= 2; j++)
        if (w->reason[j] == NOT_SUSPECTED && xp_header_hints(keys->item[j]) == XP_HINT_PERHAPS) w->reason[j] = BY_NAME;
}

static bool suspect_names(work *w) {
    const xp_strings *names = &w->b->norms->features;
    xp_strings keys = {0};
    xp_index *index = xp_index_create(w->m);
    bool good = index != NULL;
    for (size_t j = 0; j < w->m && good; j++) {
        char key[XP_HEADER_KEY];
        size_t stored;
        bool found;
        xp_header_key((xp_view){names->item[j], strlen(names->item[j])}, key);
        good = xp_strings_add(&keys, key, strlen(key)) &&
               xp_index_intern(index, keys.item[j], strlen(keys.item[j]), j, &stored, &found);
    }
    finder f = {index};
    for (size_t j = 0; j < w->m && good; j++) {
        const xp_header_hint hint = xp_header_hints(keys.item[j]);
        const double zeros = share_of_zeros(w, &w->of[j]); /* a feature of few concepts may be called count */
        if (w->reason[j] != NOT_SUSPECTED || zeros > .5) continue;
        if (xp_header_mean_of(keys.item[j], has_key, &f))
            w->reason[j] = BESIDE_MEANS;
        else if (hint == XP_HINT_SURE || (hint == XP_HINT_PERHAPS && zeros <= .1))
            w->reason[j] = BY_NAME;
    }
    if (good) suspect_company(w, &keys);
    xp_strings_free(&keys);
    xp_index_destroy(index);
    return good;
}

/* ---- rules about a column among the others ---- */

static bool is_dense(const work *w, const tally *t);

/* Cells of a column that are the mean of the others in their row, and those that are the sum. */
typedef struct agreement {
    size_t means, sums;
    bool named; /* Total, Mean: no other column is compared with it */
} agreement;

/* Numbers may be rounded, but by far less than they differ. */
static bool agrees(const tally *t, double value, double expected, double rounding) {
    const double room = .05 * (t->most - t->least);
    return fabs(value - expected) <= (room < rounding ? room : rounding);
}

static void compare_with_others(const work *w, agreement *of, double *sum, size_t *others) {
    size_t plain = 0;
    for (size_t j = 0; j < w->m; j++) {
        of[j].named = xp_header_of_summary(w->b->norms->features.item[j]);
        plain += w->reason[j] == NOT_SUSPECTED && !of[j].named;
    }
    for (size_t i = 0; i < w->n; i++) others[i] = plain;
    for (size_t i = 0; i < w->b->n_cells; i++) {
        const xp_built_cell *cell = &w->b->cell[i];
        if (w->reason[cell->column] != NOT_SUSPECTED || of[cell->column].named) continue;
        if (isnan(cell->value))
            others[cell->row]--;
        else
            sum[cell->row] += cell->value;
    }
    for (size_t i = 0; i < w->b->n_cells; i++) {
        const xp_built_cell *cell = &w->b->cell[i];
        agreement *a = &of[cell->column];
        if (w->reason[cell->column] != NOT_SUSPECTED) continue;
        const double all = a->named ? sum[cell->row] : sum[cell->row] - cell->value;
        const size_t count = others[cell->row] - !a->named;
        if (isnan(cell->value) || count < LEAST_COLUMNS) continue;
        a->means += agrees(&w->of[cell->column], cell->value, all / (double)count, .011);
        a->sums += agrees(&w->of[cell->column], cell->value, all, .005 * (double)count + .006);
    }
}

/* A column that is the mean or the sum of the others for nine in ten concepts. */
static bool suspect_summaries(work *w) {
    agreement *of = xp_calloc(w->m, sizeof *of);
    double *sum = xp_calloc(w->n, sizeof *sum);
    size_t *others = xp_alloc(w->n, sizeof *others);
    const bool good = of != NULL && sum != NULL && others != NULL;
    if (good) compare_with_others(w, of, sum, others);
    for (size_t j = 0; good && j < w->m; j++)
        if (w->reason[j] == NOT_SUSPECTED && is_dense(w, &w->of[j]) &&
            (10 * of[j].means >= 9 * w->n || 10 * of[j].sums >= 9 * w->n))
            w->reason[j] = OF_OTHERS;
    xp_free_all(of, sum, others);
    return good;
}

static bool is_dense(const work *w, const tally *t) { return share_of_zeros(w, t) <= .5; }

static bool is_binary(const tally *t) { return t->ones == t->cells; }

/* Of the columns not yet suspected, those with a value at all. */
static size_t count_plain(const work *w) {
    size_t plain = 0;
    for (size_t j = 0; j < w->m; j++) plain += w->reason[j] == NOT_SUSPECTED && w->of[j].cells > 0;
    return plain;
}

/* What three quarters of the columns are, the others are expected to be. */
static void suspect_kinds(work *w) {
    size_t plain = count_plain(w), binary = 0, whole = 0, filled = 0;
    double fractions = 0;
    for (size_t j = 0; j < w->m; j++) {
        const tally *t = &w->of[j];
        if (w->reason[j] != NOT_SUSPECTED || t->cells == 0) continue;
        binary += is_binary(t);
        whole += t->whole == t->cells;
        if (t->cells < 10) continue;
        filled++;
        fractions += 1 - (double)t->whole / (double)t->cells;
    }
    for (size_t j = 0; j < w->m; j++) {
        const tally *t = &w->of[j];
        if (w->reason[j] != NOT_SUSPECTED || t->cells < 3 || !is_dense(w, t)) continue;
        const bool other =
            (binary >= LEAST_COLUMNS && 4 * binary >= 3 * plain && !is_binary(t)) ||
            (whole >= LEAST_COLUMNS && 4 * whole >= 3 * plain && 10 * (t->cells - t->whole) >= 3 * t->cells) ||
            (filled > LEAST_COLUMNS && t->cells >= 10 && fractions >= .8 * (double)(filled - 1) &&
             t->whole == t->cells);
        if (other) w->reason[j] = OTHER_KIND;
    }
}

/* A few columns, a third at most, whose largest values are five times those of all others. Columns that are mostly zero do
 * not count as such: a feature that few concepts have may be strong in these. */
static void suspect_scales(work *w) {
    size_t plain = count_plain(w), dense = 0;
    double others = 0;
    for (size_t j = 0; j < w->m; j++) {
        const tally *t = &w->of[j];
        if (w->reason[j] != NOT_SUSPECTED || t->cells == 0) continue;
        if (is_dense(w, t))
            w->number[dense++] = t->largest;
        else if (t->largest > others)
            others = t->largest;
    }
    if (dense > 0) qsort(w->number, dense, sizeof *w->number, by_size);
    double limit = INFINITY;
    for (size_t k = 0; k < dense; k++) { /* the k smallest of them, and all sparse ones, are the others */
        const size_t above = dense - k;
        if (k > 0 && w->number[k - 1] > others) others = w->number[k - 1];
        if (3 * above <= plain && plain - above >= LEAST_COLUMNS && others > 0 && w->number[k] >= 5 * others) {
            limit = w->number[k];
            break;
        }
    }
    for (size_t j = 0; j < w->m; j++)
        if (w->reason[j] == NOT_SUSPECTED && w->of[j].cells > 0 && is_dense(w, &w->of[j]) && w->of[j].largest >= limit)
            w->reason[j] = OTHER_SCALE;
}

static void suspect_fullness(work *w) {
    size_t plain = 0;
    bool binary = true;
    for (size_t j = 0; j < w->m; j++) {
        if (w->reason[j] != NOT_SUSPECTED || w->of[j].cells == 0) continue;
        w->number[plain++] = share_of_zeros(w, &w->of[j]);
        binary = binary && is_binary(&w->of[j]);
    }
    if (plain <= LEAST_COLUMNS || binary) return;
    qsort(w->number, plain, sizeof *w->number, by_size);
    if (w->number[plain / 2] < .5) return;
    for (size_t j = 0; j < w->m; j++)
        if (w->reason[j] == NOT_SUSPECTED && w->of[j].cells > 0 && w->of[j].cells + w->of[j].missing == w->n &&
            !is_binary(&w->of[j]))
            w->reason[j] = EVERY_CONCEPT;
}

static void count_cells(work *w) {
    memset(w->of, 0, w->m * sizeof *w->of);
    for (size_t i = 0; i < w->b->n_cells; i++) count_cell(w, &w->b->cell[i]);
}

/* Marks are no values, and would hide what a column holds; but a frequency would hide marks. */
static bool suspect(work *w, xp_marks *marks) {
    for (size_t i = 0; i < w->n; i++) w->letters[i] = letters_of(w->b->norms->concepts.item[i]);
    count_cells(w);
    if (!suspect_names(w) || !xp_suspects_find_marks(w->b, w->reason, marks)) return false;
    if (w->n < LEAST_ROWS) return true;
    count_cells(w);
    for (size_t j = 0; j < w->m; j++) {
        if (rises_or_falls(w, &w->of[j])) w->reason[j] = NUMBERS_ROWS;
        if (w->reason[j] == NOT_SUSPECTED && counts_letters(w, &w->of[j])) w->reason[j] = COUNTS_LETTERS;
    }
    if (!suspect_numberings(w) || !suspect_summaries(w)) return false;
    suspect_kinds(w);
    suspect_scales(w);
    suspect_fullness(w);
    return true;
}

/* ---- the warning ---- */

/* "*.SD" of "Aud.SD", if every column that it matches is suspected; NULL: there is none. */
static bool make_pattern(const work *w, const char *name, char pattern[64]) {
    size_t begin, end, length = strlen(name);
    if (!xp_header_spread_part(name, &begin, &end) || end - begin > 32) return false;
    snprintf(pattern, 64, "%s%.*s%s", begin > 0 ? "*" : "", (int)(end - begin), name + begin, end < length ? "*" : "");
    if (strpbrk(pattern, ",\"'?") != NULL) return false;
    for (size_t j = 0; j < w->m; j++)
        if (w->reason[j] == NOT_SUSPECTED && xp_header_matches(pattern, w->b->norms->features.item[j])) return false;
    return true;
}

/* What --drop-columns takes: names, and patterns for those that have a part in common. */
static void add_choice(const work *w, xp_text *list) {
    xp_strings patterns = {0};
    for (size_t j = 0; j < w->m && !list->failed; j++) {
        const char *name = w->b->norms->features.item[j];
        char pattern[64];
        bool covered = false;
        if (w->reason[j] == NOT_SUSPECTED) continue;
        for (size_t k = 0; k < patterns.count && !covered; k++) covered = xp_header_matches(patterns.item[k], name);
        if (covered) continue;
        if (list->length > 800) {
            xp_text_adds(list, ",...");
            break;
        }
        if (list->length > 0) xp_text_adds(list, ",");
        if (make_pattern(w, name, pattern)) {
            xp_text_adds(list, pattern);
            if (!xp_strings_add(&patterns, pattern, strlen(pattern))) list->failed = true;
        } else if (strpbrk(name, ",\"") == NULL) {
            xp_text_adds(list, name);
        } else {
            xp_text_adds(list, "\"");
            for (const char *p = name; *p != 0; p++) xp_text_add(list, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
            xp_text_adds(list, "\"");
        }
    }
    xp_strings_free(&patterns);
}

static void add_reason(const work *w, reason r, xp_text *text) {
    enum { SHOWN = 4 };
    size_t count = 0;
    for (size_t j = 0; j < w->m; j++) {
        if (w->reason[j] != r) continue;
        if (count++ < SHOWN)
            xp_text_addf(text, "%s%.80s",
                         count > 1          ? ", "
                         : text->length > 0 ? "; "
                                            : "",
                         w->b->norms->features.item[j]);
    }
    if (count > SHOWN) xp_text_addf(text, " and %zu more", count - SHOWN);
    if (count > 0) xp_text_addf(text, " (%s)", words[r]);
}

static bool warn_of_columns(const work *w) {
    size_t count = 0;
    xp_text text = {0}, choice = {0};
    for (size_t j = 0; j < w->m; j++) count += w->reason[j] != NOT_SUSPECTED;
    if (count == 0) return true;
    for (int r = NOT_SUSPECTED + 1; r < N_REASONS; r++) add_reason(w, (reason)r, &text);
    add_choice(w, &choice);
    const bool quote = choice.length > 0 && strpbrk(choice.data, "*?\" ()&;|<>$`!#") != NULL;
    bool good =
        !text.failed && !choice.failed &&
        xp_strings_addf(&w->b->norms->warnings,
                        "%zu of %zu columns %s read as a feature%s and may be none: %.900s; if so: --drop-columns "
                        "%s%s%s",
                        count, w->m, count == 1 ? "is" : "are", count == 1 ? "" : " each", text.data, quote ? "'" : "",
                        choice.data, quote ? "'" : "");
    xp_text_free(&text);
    xp_text_free(&choice);
    return good;
}

static bool warn_of_marks(xp_strings *warnings, const xp_marks *marks) {
    char value[32], least[32], most[32];
    for (size_t k = 0; k < marks->n; k++) {
        xp_shortest_double(marks->value[k], value);
        xp_shortest_double(marks->least, least);
        xp_shortest_double(marks->most, most);
        if (!xp_strings_addf(
                warnings,
                "%s stands in %zu cell%s, far from all other values, which go from %s to %s, and is read as a "
                "value; if it means that there is none, empty these cells or write NA (--na says what "
                "becomes of them)",
                value, marks->times[k], marks->times[k] == 1 ? "" : "s", least, most))
            return false;
    }
    return true;
}

static bool warn_of_all(work *w, xp_marks *marks) {
    w->of = xp_calloc(w->m, sizeof *w->of);
    w->reason = xp_calloc(w->m, 1);
    w->letters = xp_alloc(w->n, sizeof *w->letters);
    w->number = xp_alloc(w->m, sizeof *w->number);
    const bool good = w->of != NULL && w->reason != NULL && w->letters != NULL && w->number != NULL &&
                      suspect(w, marks) && warn_of_columns(w);
    xp_free_all(w->of, w->reason, w->letters, w->number);
    return good;
}

explaint_status xp_suspects_warn(xp_builder *b, bool columns, explaint_error *error) {
    xp_marks marks = {.n = 0};
    work w = {.b = b, .marks = &marks, .n = b->norms->concepts.count, .m = b->norms->features.count};
    if (w.n == 0) return EXPLAINT_OK;
    bool good = columns ? warn_of_all(&w, &marks) : xp_suspects_find_marks(b, NULL, &marks);
    return good && xp_suspects_warn_of_rows(b, columns) && warn_of_marks(&b->norms->warnings, &marks)
               ? EXPLAINT_OK
               : xp_no_memory(error, "norms");
}
