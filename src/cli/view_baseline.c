/* What a score is worth without vectors, and how many concepts tests need, on the terminal. */
#include <math.h>
#include <string.h>

#include "view.h"

/* Gains in r of 100-dimensional GloVe on McRae's norms (531 concepts with distinct vectors), which hardly depend on how many concepts there are
 * (docs/methods.md#needs): for scale. */
static const struct {
    const char *id, *words;
    double gain;
} scale[] = {{"E1", "at all", .32},
             {"E2", "within categories", .12},
             {"E3", "within groups of 12", .07},
             {"E4", "in new categories", .055},
             {"E4-clusters", "in new groups", .03}};
enum { N_SCALE = sizeof scale / sizeof *scale };

static size_t scale_of(const char *id) {
    size_t k = 0;
    while (k + 1 < N_SCALE && strcmp(scale[k].id, id) != 0) k++;
    return k;
}

enum { MOST_SIZES = 8 };

/* The needs as lines of tests over columns of sizes. */
typedef struct grid {
    size_t size[MOST_SIZES], n_sizes;
    const char *id[N_SCALE];
    size_t n_ids;
    const explaint_need *cell[N_SCALE][MOST_SIZES];
} grid;

static void add_size(grid *g, size_t n) {
    size_t at = 0;
    while (at < g->n_sizes && g->size[at] < n) at++;
    if ((at < g->n_sizes && g->size[at] == n) || g->n_sizes == MOST_SIZES) return;
    memmove(g->size + at + 1, g->size + at, (g->n_sizes - at) * sizeof *g->size);
    g->size[at] = n;
    g->n_sizes++;
}

static grid lay_out(const explaint_needs *needs) {
    grid g = {.n_sizes = 0};
    for (size_t k = 0; k < needs->n_needs; k++) add_size(&g, needs->need[k].n);
    for (size_t k = 0; k < needs->n_needs; k++) {
        const explaint_need *need = &needs->need[k];
        size_t line = 0, column = 0;
        while (line < g.n_ids && strcmp(g.id[line], need->id) != 0) line++;
        if (line == N_SCALE) continue;
        if (line == g.n_ids) g.id[g.n_ids++] = need->id;
        while (column < g.n_sizes && g.size[column] != need->n) column++;
        if (column < g.n_sizes) g.cell[line][column] = need;
    }
    return g;
}

/* The first size at which every test finds what GloVe gains; 0: none. */
static size_t enough(const grid *g) {
    for (size_t s = 0; s < g->n_sizes; s++) {
        bool all = true;
        for (size_t k = 0; k < g->n_ids; k++) {
            if (strcmp(g->id[k], "E4-clusters") == 0 && k > 0 && strcmp(g->id[k - 1], "E4") == 0) continue;
            all = all && g->cell[k][s] != NULL && g->cell[k][s]->mde <= scale[scale_of(g->id[k])].gain;
        }
        if (all) return g->size[s];
    }
    return 0;
}

static void heads(const grid *g, size_t present, int left, int column, const term *t) {
    char text[80];
    term_begin(t, FAINT);
    term_spaces(t, left);
    for (size_t s = 0; s < g->n_sizes; s++) {
        snprintf(text, sizeof text, "%s%s", g->size[s] == present ? "n=" : "", view_size(g->size[s]).text);
        term_field(t, text, -column);
    }
    term_field(t, "GloVe", -column - 2);
    term_end(t, FAINT);
    fputc('\n', t->out);
}

static void line_of(const grid *g, size_t k, size_t present, int column, const term *t) {
    char text[80];
    for (size_t s = 0; s < g->n_sizes; s++) {
        const explaint_need *need = g->cell[k][s];
        const bool now = g->size[s] == present;
        snprintf(text, sizeof text, "%s%s",
                 need == NULL          ? "-"
                 : need->measured == 0 ? "~"
                                       : "",
                 need != NULL ? view_number(need->mde, 3, false).text : "");
        term_field_in(t, now ? STRONG : PLAIN, text, -column);
    }
    term_field_in(t, FAINT, view_number(scale[scale_of(g->id[k])].gain, 3, true).text, -column - 2);
    fputc('\n', t->out);
}

/* In a sentence: within categories where there are some, else at all. */
static void in_words(const grid *g, const explaint_needs *needs, const term *t) {
    char text[512] = "";
    bool by_law = false;
    const explaint_need *shown = NULL;
    for (size_t k = 0; k < needs->n_needs; k++) {
        const explaint_need *need = &needs->need[k];
        by_law = by_law || need->measured == 0;
        if (need->n == needs->present && (shown == NULL || strcmp(need->id, "E2") == 0)) shown = need;
    }
    if (shown != NULL)
        view_add(text, sizeof text, "With %s concepts a gain of %s in r %s (%s) is found in 8 of 10 cases. ",
                 view_size(needs->present).text, view_number(shown->mde, 3, false).text,
                 scale[scale_of(shown->id)].words, shown->id);
    view_add(text, sizeof text, "GloVe: what its vectors of 100 dimensions gain on McRae's norms; ");
    const size_t least = enough(g);
    if (least > 0)
        view_add(text, sizeof text, "to find as much in every test takes about %s concepts.", view_size(least).text);
    else
        view_add(text, sizeof text, "none of these numbers finds as much in every test.");
    if (by_law) view_add(text, sizeof text, " ~: from the largest number that was measured, by 1/n.");
    view_note(t, text);
}

void view_needs(const explaint_needs *needs, const term *t) {
    enum { ID = 12, WORDS = 21, COLUMN = 7 };
    const grid g = lay_out(needs);
    if (g.n_ids == 0) return;
    const bool words = t->width >= 2 + ID + WORDS + (int)(g.n_sizes + 1) * COLUMN + 2;
    view_title(t, "How many concepts");
    term_put_in(t, FAINT, ": gains in r found in 8 of 10 cases");
    fputc('\n', t->out);
    heads(&g, needs->present, 2 + ID + (words ? WORDS : 0), COLUMN, t);
    for (size_t k = 0; k < g.n_ids; k++) {
        term_spaces(t, 2);
        term_field(t, g.id[k], ID);
        term_begin(t, FAINT);
        if (words) term_field(t, scale[scale_of(g.id[k])].words, WORDS);
        term_end(t, FAINT);
        line_of(&g, k, needs->present, COLUMN, t);
    }
    in_words(&g, needs, t);
}

void view_baseline(const explaint_baseline *baseline, bool all_metrics, const term *t) {
    const explaint_result *result = baseline->result;
    view_sentence(t, baseline->answer);
    fputc('\n', t->out);
    view_head(result, t);
    view_conditions(result, view_metric(result), t);
    if (all_metrics) view_metrics(result, t);
    explaint_needs needs = {.n_needs = 0, .present = baseline->present};
    while (needs.n_needs < baseline->n_needs && needs.n_needs < EXPLAINT_MOST_NEEDS) {
        needs.need[needs.n_needs] = baseline->needs[needs.n_needs];
        needs.n_needs++;
    }
    view_needs(&needs, t);
    view_lints(result, -1, t);
}
