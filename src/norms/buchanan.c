/* Buchanan, Valentine & Maxwell 2019: buchanan2019_final_words_2017.csv, one row per raw form that people wrote: source
 * (`where`: b, m or v), cue, raw feature, root (`translated`), and shares of people in percent.
 *
 * Easy to get wrong (docs/methods.md#norms): the share of a root repeats once for each of its raw forms, so that rows are one for
 * each source, cue and root before anything is added up; of 193 cues there is more than one source, and what becomes of
 * a pair with several of them is an option. "NA" is missing as a number (FSG, BSG, perhaps a share), and a word like
 * any other as a cue or a root. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/number.h"
#include "norms/build.h"

const char xp_buchanan_citation[] =
    "Buchanan, E. M., Valentine, K. D., & Maxwell, N. P. (2019). English semantic feature production norms: An "
    "extended "
    "database of 4436 concepts. Behavior Research Methods, 51, 1849-1863. https://doi.org/10.3758/s13428-019-01243-z";

/* One row of the file. */
typedef struct entry {
    uint32_t row, column;
    size_t source, place, line;
    double value; /* NaN: missing */
} entry;

typedef struct reader {
    const xp_csv *csv;
    xp_builder *b;
    size_t source, cue, root, share, pos; /* columns; pos may be csv->width */
    xp_index *sources;
    xp_strings source_names;
    xp_strings *pos_label; /* by concept, or NULL */
    size_t *first_source;
    uint8_t *several_sources; /* by concept */
    size_t concept_capacity;
    entry *item;
    size_t count, capacity;
    size_t other_pos, other_value; /* rows that contradict an earlier one */
} reader;

bool xp_buchanan_is(const xp_csv *csv, const xp_survey *survey) {
    (void)survey;
    return xp_table_column(csv, "cue") < csv->width && xp_table_column(csv, "translated") < csv->width &&
           xp_table_column(csv, "concept") == csv->width;
}

static explaint_status find_columns(reader *r, explaint_error *error) {
    static const char what[] = "Buchanan's norms";
    explaint_status status = xp_column_needed(r->csv, "where", what, &r->source, error);
    if (status == EXPLAINT_OK) status = xp_column_needed(r->csv, "cue", what, &r->cue, error);
    if (status == EXPLAINT_OK) status = xp_column_needed(r->csv, "translated", what, &r->root, error);
    if (status == EXPLAINT_OK) status = xp_column_needed(r->csv, "normalized_translated", what, &r->share, error);
    r->pos = xp_table_column(r->csv, "pos_cue");
    if (status != EXPLAINT_OK || r->pos == r->csv->width) return status;
    r->pos_label = xp_builder_label(r->b, (xp_view){"pos_cue", 7});
    return r->pos_label != NULL ? EXPLAINT_OK : xp_no_memory(error, "norms");
}

/* Sources and part of speech of a cue. */
static explaint_status note_cue(reader *r, uint32_t row, bool is_new, size_t source, explaint_error *error) {
    if (row >= r->concept_capacity) {
        size_t capacity = 2 * ((size_t)row + 32);
        size_t *first = xp_realloc(r->first_source, capacity, sizeof *first);
        if (first != NULL) r->first_source = first;
        uint8_t *several = xp_realloc(r->several_sources, capacity, 1);
        if (several != NULL) r->several_sources = several;
        if (first == NULL || several == NULL) return xp_no_memory(error, "norms");
        r->concept_capacity = capacity;
    }
    if (is_new) {
        r->first_source[row] = source;
        r->several_sources[row] = 0;
    } else if (r->first_source[row] != source) {
        r->several_sources[row] = 1;
    }
    if (r->pos_label == NULL) return EXPLAINT_OK;
    xp_view pos = xp_view_trim(r->csv->cell[r->pos].text);
    if (xp_survey_missing(pos)) pos.length = 0;
    if (!is_new) {
        r->other_pos += !xp_view_is(pos, r->pos_label->item[row]);
        return EXPLAINT_OK;
    }
    return xp_strings_add(r->pos_label, pos.data, pos.length) ? EXPLAINT_OK : xp_no_memory(error, "norms");
}

static explaint_status read_share(const reader *r, double *value, explaint_error *error) {
    *value = (double)NAN;
    if (xp_survey_missing(xp_view_trim(r->csv->cell[r->share].text))) return EXPLAINT_OK;
    explaint_status status = xp_survey_number(r->csv, r->share, value, error);
    if (status != EXPLAINT_OK || *value >= 0) return status;
    return xp_csv_fail(r->csv, &r->csv->cell[r->share], error,
                       "expected a share of people in column \"%.*s\", found \"%.*s\", which is negative",
                       XP_SHOW(r->csv->header[r->share].text), XP_SHOW(r->csv->cell[r->share].text));
}

static explaint_status read_row(reader *r, explaint_error *error) {
    const xp_csv *csv = r->csv;
    xp_view cue = csv->cell[r->cue].text, root = csv->cell[r->root].text;
    entry e = {.place = r->count, .line = csv->line};
    bool is_new;
    if (xp_view_trim(cue).length == 0) return xp_survey_no_name(csv, r->cue, error);
    if (xp_view_trim(root).length == 0) return xp_survey_no_name(csv, r->root, error);
    const xp_view source = xp_view_trim(csv->cell[r->source].text);
    if (!xp_index_number(r->sources, &r->source_names, source.data, source.length, &e.source))
        return xp_no_memory(error, "norms");
    explaint_status status = read_share(r, &e.value, error);
    if (status != EXPLAINT_OK || (status = xp_builder_concept(r->b, cue, &e.row, &is_new, error)) != EXPLAINT_OK ||
        (status = xp_builder_feature(r->b, root, &e.column, NULL, error)) != EXPLAINT_OK ||
        (status = note_cue(r, e.row, is_new, e.source, error)) != EXPLAINT_OK)
        return status;
    entry *place = xp_grow((void **)&r->item, r->count, &r->capacity, sizeof *place);
    if (place == NULL) return xp_no_memory(error, "norms");
    *place = e;
    r->count++;
    return EXPLAINT_OK;
}

/* ---- one value per pair ---- */

static int by_pair(const void *left, const void *right) {
    const entry *a = left, *b = right;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    if (a->column != b->column) return a->column < b->column ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

/* Keeps of the rows of a pair, which lie in the order of the file, the first of each source. A source is rare enough
 * for this to compare all of them. */
static size_t one_a_source(reader *r, entry *pair, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        size_t k = 0;
        while (k < kept && pair[k].source != pair[i].source) k++;
        if (k == kept)
            pair[kept++] = pair[i];
        else /* a share of nobody knows what repeats another one */
            r->other_value += pair[k].value != pair[i].value && !(isnan(pair[k].value) && isnan(pair[i].value));
    }
    return kept;
}

static double value_of(const entry *pair, size_t count, xp_pair_value how) {
    double value = (double)NAN;
    for (size_t i = 0; i < count; i++) {
        double v = pair[i].value;
        if (isnan(v)) continue;
        value = isnan(value) || how == XP_PAIR_LAST ? v : how == XP_PAIR_SUM ? value + v : v > value ? v : value;
    }
    return value;
}

static explaint_status add_pairs(reader *r, size_t *several, size_t *missing, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    if (r->count > 0) qsort(r->item, r->count, sizeof *r->item, by_pair);
    for (size_t from = 0, to; from < r->count && status == EXPLAINT_OK; from = to) {
        entry *pair = r->item + from;
        for (to = from + 1; to < r->count && r->item[to].row == pair->row && r->item[to].column == pair->column; to++) {
        }
        uint32_t row = pair->row, column = pair->column;
        size_t line = pair->line, kept = one_a_source(r, pair, to - from);
        double value = value_of(pair, kept, r->b->norms->pair_value);
        *several += kept > 1;
        *missing += isnan(value) != 0;
        status = isnan(value) ? xp_builder_missing(r->b, row, column, error)
                              : xp_builder_cell(r->b, row, column, value, line, error);
    }
    return status;
}

static bool note_all(const reader *r, size_t several, size_t missing) {
    static const char *const how[] = {"the last row counts", "they are added up", "the largest counts"};
    static const char *const others[] = {"--pair-value sum, max", "--pair-value last, max", "--pair-value last, sum"};
    xp_strings *notes = &r->b->norms->notes;
    xp_pair_value choice = r->b->norms->pair_value;
    size_t cues = 0, concepts = r->b->norms->concepts.count;
    for (size_t i = 0; i < concepts; i++) cues += r->several_sources[i];
    bool good =
        several == 0 ||
        xp_strings_addf(notes, "%zu pair%s of cue and root come%s from more than one source (%zu cue%s): %s (%s)",
                        several, several == 1 ? "" : "s", several == 1 ? "s" : "", cues, cues == 1 ? "" : "s",
                        how[choice], others[choice]);
    if (good && missing > 0)
        good = xp_strings_addf(notes, "%zu pair%s no share (NA): missing cells", missing,
                               missing == 1 ? " has" : "s have");
    if (good && r->other_value > 0)
        good = xp_strings_addf(notes,
                               "%zu row%s another normalized_translated than the first row of the same source, cue and "
                               "root, which counts",
                               r->other_value, r->other_value == 1 ? " has" : "s have");
    if (good && r->other_pos > 0)
        good = xp_strings_addf(notes, "%zu row%s another pos_cue than the first row of the cue, which counts",
                               r->other_pos, r->other_pos == 1 ? " has" : "s have");
    return good;
}

explaint_status xp_buchanan_read(xp_csv *csv, xp_builder *b, explaint_error *error) {
    reader r = {.csv = csv, .b = b, .sources = xp_index_create(4)};
    size_t several = 0, missing = 0;
    bool more;
    explaint_status status = r.sources != NULL ? find_columns(&r, error) : xp_no_memory(error, "norms");
    while (status == EXPLAINT_OK && (status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more)
        status = read_row(&r, error);
    if (status == EXPLAINT_OK) status = add_pairs(&r, &several, &missing, error);
    if (status == EXPLAINT_OK && !note_all(&r, several, missing)) status = xp_no_memory(error, "a note");
    xp_index_destroy(r.sources);
    xp_strings_free(&r.source_names);
    xp_free_all(r.first_source, r.several_sources, r.item);
    return status;
}
