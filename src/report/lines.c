/* From the rows of a document to the lines of the tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "explaint/catalogue.h"
#include "report/collection.h"

static const char what[] = "the report's lines";

/* Where a row stands: the paper's shuffle-upper is scored against the same shuffled norms as shuffle. */
static const struct {
    const char *condition, *target;
} columns[XP_COLUMNS] = {
    [XP_COLUMN_SYSTEM] = {"system", "norms"},       [XP_COLUMN_UPPER] = {"upper", "norms"},
    [XP_COLUMN_SHUFFLE] = {"shuffle", "shuffle"},   [XP_COLUMN_SHUFFLE_UPPER] = {"shuffle-upper", "shuffle"},
    [XP_COLUMN_RANDOM] = {"random", "random"},      [XP_COLUMN_MEAN] = {"mean", "norms"},
    [XP_COLUMN_MEAN_SHUFFLE] = {"mean", "shuffle"},
};

/* In the order of a document's rows; unknown ones last. */
static size_t metric_rank(const char *metric) {
    size_t n;
    const explaint_entry *all = explaint_catalogue("metrics", &n), *entry = explaint_catalogue_find("metrics", metric);
    return entry != NULL ? (size_t)(entry - all) : n;
}

const char *xp_report_metric_label(const char *metric) {
    const explaint_entry *entry = explaint_catalogue_find("metrics", metric);
    return entry != NULL ? entry->label : metric;
}

const char *xp_report_condition_label(const char *condition) {
    const explaint_entry *entry = explaint_catalogue_find("conditions", condition);
    return entry != NULL ? entry->label : condition;
}

/* ---- rows ---- */

/* The column of a row, XP_COLUMNS: none. Rows of a fold are none: the tables have means over all concepts. */
static xp_paper_column column_of(const explaint_row *row) {
    if (row->fold >= 0) return XP_COLUMNS;
    const char *condition = xp_report_or_empty(row->condition), *target = xp_report_or_empty(row->target);
    xp_paper_column column = 0;
    while (column < XP_COLUMNS &&
           (strcmp(columns[column].condition, condition) != 0 || strcmp(columns[column].target, target) != 0))
        column++;
    return column;
}

static xp_estimate estimate(const explaint_row *row) {
    return (xp_estimate){.exists = isfinite(row->value),
                         .bounded = isfinite(row->ci[0]),
                         .value = row->value,
                         .ci = {row->ci[0], row->ci[1]},
                         .undefined = row->undefined};
}

static bool wanted(const xp_collection *c, const xp_report_run *run, size_t components) {
    if (components == 0 || c->options->all_components) return true;
    if (c->options->n_components == 0) return run->verdict_components == 0 || components == run->verdict_components;
    for (size_t i = 0; i < c->options->n_components; i++)
        if (c->options->components[i] == components) return true;
    return false;
}

/* ---- lines ---- */

static bool rank_norms(xp_collection *c, const char *name, size_t *rank) {
    int paper = xp_paper_norms(name);
    size_t i = 0;
    while (paper < 0 && i < c->norms.count && strcmp(c->norms.item[i], name) != 0) i++;
    *rank = paper >= 0 ? (size_t)paper : XP_PAPER_ROWS + i;
    return paper >= 0 || i < c->norms.count || xp_strings_add(&c->norms, name, strlen(name));
}

static bool add_line(xp_collection *c, size_t run, const explaint_row *row, const char *mapping) {
    xp_line *line = xp_grow((void **)&c->line, c->n_lines, &c->line_capacity, sizeof *line);
    if (line == NULL) return false;
    *line = (xp_line){.run = run,
                      .place = c->n_lines,
                      .norms = xp_report_or_empty(row->norms),
                      .metric = xp_report_or_empty(row->metric),
                      .source = xp_report_or_empty(row->source),
                      .mapping = mapping,
                      .layer = row->layer,
                      .components = row->n_components};
    line->metric_rank = metric_rank(line->metric);
    if (!rank_norms(c, line->norms, &line->norms_rank)) return false;
    bool papers = line->norms_rank < XP_PAPER_ROWS && strcmp(xp_paper[line->norms_rank].metric, line->metric) == 0;
    line->main = papers || strcmp(line->metric, c->run[run].verdict_metric) == 0;
    c->n_lines++;
    return true;
}

/* Lengths keep the parts of a key apart, whatever they hold. */
static void key_of(const explaint_row *row, bool of_line, xp_text *key) {
    const char *const parts[] = {row->norms, row->metric, row->source, row->mapping};
    for (size_t i = 0; i < (of_line ? 4u : 3u); i++) {
        const char *part = xp_report_or_empty(parts[i]);
        xp_text_addf(key, "%zu:%s,", strlen(part), part);
    }
    xp_text_addf(key, "%d,", row->layer);
    if (of_line) xp_text_addf(key, "%zu", row->n_components);
}

/* The mean predictor has no components and no mapping: it stands on every line of its group, that is, of its norms,
 * metric, source and layer. */
typedef struct group {
    const explaint_row *row; /* one of the mean predictor; NULL: none yet */
    xp_estimate mean[2];
    bool has_lines;
} group;

typedef struct pass {
    xp_collection *c;
    size_t run;
    xp_index *lines, *groups;
    xp_strings keys; /* the indices borrow them */
    group *group;
    size_t n_groups, group_capacity;
} pass;

/* The number that the row's key has in the index, `next` if it is new. */
static bool intern(pass *p, xp_index *index, const explaint_row *row, size_t next, size_t *at) {
    xp_text key = {0};
    bool found = false;
    key_of(row, index == p->lines, &key);
    bool ok = !key.failed && xp_strings_add(&p->keys, key.data, key.length);
    xp_text_free(&key);
    if (!ok) return false;
    const char *kept = p->keys.item[p->keys.count - 1];
    return xp_index_intern(index, kept, strlen(kept), next, at, &found);
}

static group *group_of(pass *p, const explaint_row *row) {
    size_t at = 0;
    if (xp_grow((void **)&p->group, p->n_groups, &p->group_capacity, sizeof *p->group) == NULL) return NULL;
    if (!intern(p, p->groups, row, p->n_groups, &at)) return NULL;
    if (at == p->n_groups) p->group[p->n_groups++] = (group){0};
    return &p->group[at];
}

static bool place_row(pass *p, const explaint_row *row, xp_paper_column column) {
    size_t at = 0;
    if (column >= XP_PAPER_COLUMNS) {
        group *g = group_of(p, row);
        if (g == NULL) return false;
        g->row = row;
        g->mean[column - XP_PAPER_COLUMNS] = estimate(row);
        return true;
    }
    if (!wanted(p->c, &p->c->run[p->run], row->n_components)) return true;
    if (!intern(p, p->lines, row, p->c->n_lines, &at)) return false;
    if (at == p->c->n_lines && !add_line(p->c, p->run, row, xp_report_or_empty(row->mapping))) return false;
    p->c->line[at].cell[column] = estimate(row);
    return true;
}

/* Second pass: the mean predictors onto their lines; on a line of their own where the run has nothing else. */
static bool place_means(pass *p, const explaint_result *result) {
    xp_collection *c = p->c;
    for (size_t i = 0; i < result->n_rows; i++) {
        const explaint_row *row = &result->rows[i];
        size_t at = c->n_lines;
        if (column_of(row) >= XP_PAPER_COLUMNS) continue;
        group *g = group_of(p, row);
        if (g == NULL || !intern(p, p->lines, row, c->n_lines, &at)) return false;
        g->has_lines = true;
        if (at < c->n_lines) /* else of a count that is not wanted */
            memcpy(&c->line[at].cell[XP_COLUMN_MEAN], g->mean, sizeof g->mean);
    }
    for (size_t i = 0; i < p->n_groups; i++) {
        if (p->group[i].has_lines || p->group[i].row == NULL) continue;
        if (!add_line(c, p->run, p->group[i].row, c->run[p->run].mapping)) return false;
        memcpy(&c->line[c->n_lines - 1].cell[XP_COLUMN_MEAN], p->group[i].mean, sizeof p->group[i].mean);
    }
    return true;
}

static bool same_mapping(const xp_line *a, const xp_line *b) {
    return a->components == b->components && strcmp(a->mapping, b->mapping) == 0;
}

/* What sees no vectors is made once for all layers, and its rows name none: the numbers stand on the line of every layer, and the line without one
 * goes. The mean predictor alone has no mapping. */
static void share_among_layers(xp_collection *c, size_t first) {
    size_t kept = first, layers = 0;
    for (size_t i = first; i < c->n_lines; i++) layers += c->line[i].layer >= 0;
    if (layers == 0) return;
    for (size_t i = first; i < c->n_lines; i++) {
        const xp_line from = c->line[i];
        bool mapped = false, shared = false;
        for (size_t k = 0; k < XP_PAPER_COLUMNS; k++) mapped |= from.cell[k].exists;
        for (size_t j = first; from.layer < 0 && j < c->n_lines; j++) {
            xp_line *to = &c->line[j];
            if (to->layer < 0 || strcmp(to->norms, from.norms) != 0 || strcmp(to->metric, from.metric) != 0 ||
                (mapped && !same_mapping(to, &from)))
                continue;
            shared = true;
            for (size_t k = 0; k < XP_COLUMNS; k++)
                if (!to->cell[k].exists) to->cell[k] = from.cell[k];
        }
        if (!shared) c->line[kept++] = from;
    }
    c->n_lines = kept;
}

explaint_status xp_collection_lines(xp_collection *c, size_t run, explaint_error *error) {
    const size_t first = c->n_lines;
    const explaint_result *result = c->run[run].result;
    pass p = {.c = c, .run = run, .lines = xp_index_create(64), .groups = xp_index_create(64)};
    bool ok = p.lines != NULL && p.groups != NULL;
    for (size_t i = 0; ok && i < result->n_rows; i++) {
        xp_paper_column column = column_of(&result->rows[i]);
        if (column < XP_COLUMNS) ok = place_row(&p, &result->rows[i], column);
    }
    ok = ok && place_means(&p, result);
    xp_index_destroy(p.lines);
    xp_index_destroy(p.groups);
    xp_strings_free(&p.keys);
    xp_free(p.group);
    if (ok) share_among_layers(c, first);
    return ok ? EXPLAINT_OK : xp_no_memory(error, what);
}

static int compare(const void *a, const void *b) {
    const xp_line *x = a, *y = b;
    if (x->norms_rank != y->norms_rank) return x->norms_rank < y->norms_rank ? -1 : 1;
    int names = strcmp(x->norms, y->norms);
    if (names != 0) return names;
    if (x->metric_rank != y->metric_rank) return x->metric_rank < y->metric_rank ? -1 : 1;
    int labels = strcmp(x->metric, y->metric); /* of unknown metrics */
    if (labels != 0) return labels;
    return x->place < y->place ? -1 : x->place > y->place;
}

void xp_collection_sort(xp_collection *c) {
    if (c->n_lines > 1) qsort(c->line, c->n_lines, sizeof *c->line, compare);
}
