/* Binder, Conant, Humphries, Fernandino, Simons, Aguilar & Desai 2016: WordSet1_Ratings.xlsx, or a table in text made of
 * it: one row per word, 65 mean ratings from 0 to 6 among other columns.
 *
 * Easy to get wrong: "na" are attributes that were not asked of verbs or adjectives; "used" was rated as a verb and as an
 * adjective, so that a word alone does not name a row; columns without a header separate the parts of the sheet; of the
 * other columns (word class, counts, means, spelling) none is a rating, and Low, High, Long, Short and the like are. */
#include <string.h>

#include "base/memory.h"
#include "norms/build.h"

const char xp_binder_citation[] =
    "Binder, J. R., Conant, L. L., Humphries, C. J., Fernandino, L., Simons, S. B., Aguilar, M., & Desai, R. H. "
    "(2016). "
    "Toward a brain-based componential semantic representation. Cognitive Neuropsychology, 33(3-4), 130-174. "
    "https://doi.org/10.1080/02643294.2016.1147426";

/* In lower case, as they are compared. */
static const char *const attributes[] = {
    "vision",        "bright",   "dark",      "color",   "pattern",    "large",         "small",      "motion",
    "biomotion",     "fast",     "slow",      "shape",   "complexity", "face",          "body",       "touch",
    "temperature",   "texture",  "weight",    "pain",    "audition",   "loud",          "low",        "high",
    "sound",         "music",    "speech",    "taste",   "smell",      "head",          "upperlimb",  "lowerlimb",
    "practice",      "landmark", "path",      "scene",   "near",       "toward",        "away",       "number",
    "time",          "duration", "long",      "short",   "caused",     "consequential", "social",     "human",
    "communication", "self",     "cognition", "benefit", "harm",       "pleasant",      "unpleasant", "happy",
    "sad",           "angry",    "disgusted", "fearful", "surprised",  "drive",         "needs",      "attention",
    "arousal"};
enum { N_ATTRIBUTES = sizeof attributes / sizeof *attributes, RECOGNISED = N_ATTRIBUTES / 2 };

static const char *const labels[] = {"wc", "type", "category", "kmeans28 category"};
enum { N_LABELS = sizeof labels / sizeof *labels };

typedef struct word_row {
    xp_view word, word_class;
    size_t line;
} word_row;

typedef struct reader {
    xp_csv *csv;
    xp_builder *b;
    size_t word, word_class, category; /* columns; the last two may be csv->width */
    uint32_t *feature;                 /* by column, UINT32_MAX: no attribute */
    size_t label_column[N_LABELS];
    xp_strings *label[N_LABELS];
    word_row *row;
    size_t count, capacity, outside;
} reader;

static bool is_attribute(xp_view name) {
    for (size_t a = 0; a < N_ATTRIBUTES; a++)
        if (xp_view_is_nocase(xp_view_trim(name), attributes[a])) return true;
    return false;
}

bool xp_binder_is(const xp_csv *csv, const xp_survey *survey) {
    size_t found = 0;
    for (size_t k = 0; k < csv->width; k++) found += is_attribute(csv->header[k].text);
    const size_t word = xp_table_column(csv, "word");
    return found > RECOGNISED && word < csv->width &&
           (survey->column[word].content == XP_WORDS || survey->column[word].content == XP_NOTHING);
}

/* ---- the header ---- */

static bool is_label(const reader *r, size_t k) {
    for (size_t l = 0; l < N_LABELS; l++)
        if (r->label_column[l] == k) return true;
    return k == r->word || k == r->category;
}

static bool note_columns(const reader *r) {
    const xp_csv *csv = r->csv;
    xp_text ignored = {0};
    for (size_t k = 0; k < csv->width; k++) {
        xp_view name = xp_view_trim(csv->header[k].text);
        if (name.length == 0 || r->feature[k] != UINT32_MAX || is_label(r, k) || ignored.length > 400) continue;
        xp_text_addf(&ignored, "%s%.*s", ignored.length > 0 ? ", " : "", XP_SHOW(name));
    }
    xp_strings *notes = &r->b->norms->notes;
    bool good = !ignored.failed &&
                (ignored.length == 0 || xp_strings_addf(notes, "columns not read, no attributes: %s", ignored.data));
    if (good && r->category < csv->width)
        good = xp_strings_addf(notes, "the column \"Super Category\" is read as the concepts' categories");
    xp_text_free(&ignored);
    return good;
}

static explaint_status read_header(reader *r, explaint_error *error) {
    const xp_csv *csv = r->csv;
    static const char what[] = "Binder's norms";
    explaint_status status = xp_column_needed(csv, "word", what, &r->word, error);
    size_t ignored;
    for (size_t a = 0; a < N_ATTRIBUTES && status == EXPLAINT_OK; a++)
        status = xp_column_needed(csv, attributes[a], what, &ignored, error);
    r->word_class = xp_table_column(csv, "wc");
    r->category = xp_table_column(csv, "super category");
    for (size_t k = 0; k < csv->width && status == EXPLAINT_OK; k++) {
        r->feature[k] = UINT32_MAX;
        if (is_attribute(csv->header[k].text))
            status = xp_builder_feature(r->b, xp_view_trim(csv->header[k].text), &r->feature[k], NULL, error);
    }
    for (size_t l = 0; l < N_LABELS && status == EXPLAINT_OK; l++) {
        size_t k = r->label_column[l] = xp_table_column(csv, labels[l]);
        if (k < csv->width && (r->label[l] = xp_builder_label(r->b, xp_view_trim(csv->header[k].text))) == NULL)
            status = xp_no_memory(error, "norms");
    }
    uint8_t *used = xp_calloc(csv->width, 1);
    if (status == EXPLAINT_OK && (used == NULL || !note_columns(r))) status = xp_no_memory(error, "norms");
    for (size_t k = 0; used != NULL && k < csv->width; k++) used[k] = r->feature[k] != UINT32_MAX;
    if (status == EXPLAINT_OK) status = xp_survey_decimals(r->b->survey, r->csv, used, &r->b->norms->warnings, error);
    xp_free(used);
    return status;
}

/* ---- rows ---- */

/* 1, 2, 3 by their words; another text as it is. */
static xp_view class_name(xp_view text) {
    static const char *const names[] = {"noun", "verb", "adjective"};
    text = xp_view_trim(text);
    if (xp_survey_missing(text)) return (xp_view){"", 0};
    if (text.length == 1 && text.data[0] >= '1' && text.data[0] <= '3') {
        const char *name = names[text.data[0] - '1'];
        return (xp_view){name, strlen(name)};
    }
    return text;
}

static bool keep_labels(const reader *r) {
    for (size_t l = 0; l < N_LABELS; l++) {
        if (r->label[l] == NULL) continue;
        xp_view text = xp_view_trim(r->csv->cell[r->label_column[l]].text);
        if (r->label_column[l] == r->word_class) text = class_name(text);
        if (!xp_strings_add(r->label[l], text.data, text.length)) return false;
    }
    if (r->category == r->csv->width) return true;
    xp_view text;
    if (!xp_category(r->csv->cell[r->category].text, &r->b->room, &text, &r->b->no_category)) return false;
    return xp_strings_add(&r->b->norms->category, text.data, text.length);
}

static explaint_status read_row(reader *r, explaint_error *error) {
    const xp_csv *csv = r->csv;
    xp_view word = xp_view_trim(csv->cell[r->word].text);
    if (word.length == 0) return xp_survey_no_name(csv, r->word, error);
    if (r->count >= UINT32_MAX || !keep_labels(r)) return xp_no_memory(error, "norms");
    word_row *place = xp_grow((void **)&r->row, r->count, &r->capacity, sizeof *place);
    if (place == NULL) return xp_no_memory(error, "norms");
    uint32_t row = (uint32_t)r->count++;
    *place = (word_row){word, r->word_class < csv->width ? class_name(csv->cell[r->word_class].text) : (xp_view){"", 0},
                        csv->line};
    explaint_status status = EXPLAINT_OK;
    for (size_t k = 0; k < csv->width && status == EXPLAINT_OK; k++) {
        if (r->feature[k] == UINT32_MAX) continue;
        double value;
        if (xp_survey_missing(xp_view_trim(csv->cell[k].text))) {
            status = xp_builder_missing(r->b, row, r->feature[k], error);
        } else if ((status = xp_survey_number(csv, k, &value, error)) == EXPLAINT_OK) {
            r->outside += value < 0 || value > 6;
            if (value != 0) status = xp_builder_cell(r->b, row, r->feature[k], value, csv->line, error);
        }
    }
    return status;
}

/* ---- names: a word that stands there twice is told apart by its word class ---- */

static explaint_status name_row(const reader *r, const word_row *row, bool twice, explaint_error *error) {
    xp_text name = {0};
    xp_text_add(&name, row->word.data, row->word.length);
    if (twice && row->word_class.length > 0)
        xp_text_addf(&name, "_(%.*s)", (int)row->word_class.length, row->word_class.data);
    uint32_t index;
    bool is_new = true;
    explaint_status status = name.failed
                                 ? xp_no_memory(error, "norms")
                                 : xp_builder_concept(r->b, (xp_view){name.data, name.length}, &index, &is_new, error);
    xp_text_free(&name);
    if (status != EXPLAINT_OK || is_new) return status;
    xp_csv at = *r->csv;
    at.line = row->line;
    return xp_csv_fail(&at, NULL, error,
                       "the word \"%.*s\" stands in %s %zu and again in %s %zu with the same word class (WC); keep one "
                       "row",
                       XP_SHOW(row->word), xp_csv_unit(r->csv), r->row[index].line, xp_csv_unit(r->csv), row->line);
}

static explaint_status name_rows(const reader *r, explaint_error *error) {
    xp_index *index = xp_index_create(r->count);
    uint8_t *twice = xp_calloc(r->count, 1);
    size_t tagged = 0, first, last_tagged = 0;
    bool found, good = index != NULL && twice != NULL;
    for (size_t i = 0; i < r->count && good; i++) {
        good = xp_index_intern(index, r->row[i].word.data, r->row[i].word.length, i, &first, &found);
        if (good && found) twice[first] = twice[i] = 1;
    }
    explaint_status status = good ? EXPLAINT_OK : xp_no_memory(error, "norms");
    for (size_t i = 0; i < r->count && status == EXPLAINT_OK; i++) {
        status = name_row(r, &r->row[i], twice[i], error);
        if (!twice[i]) continue;
        tagged++;
        last_tagged = i;
    }
    if (status == EXPLAINT_OK && tagged > 0 &&
        !xp_strings_addf(
            &r->b->norms->notes,
            "%zu rows share their word with another one and are told apart by word class, such as \"%.100s\"", tagged,
            r->b->norms->concepts.item[last_tagged]))
        status = xp_no_memory(error, "a note");
    xp_index_destroy(index);
    xp_free(twice);
    return status;
}

explaint_status xp_binder_read(xp_csv *csv, xp_builder *b, explaint_error *error) {
    reader r = {.csv = csv, .b = b, .feature = xp_alloc(csv->width, sizeof *r.feature)};
    bool more;
    explaint_status status = r.feature != NULL ? read_header(&r, error) : xp_no_memory(error, "norms");
    while (status == EXPLAINT_OK && (status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more)
        status = read_row(&r, error);
    if (status == EXPLAINT_OK) status = name_rows(&r, error);
    if (status == EXPLAINT_OK && r.outside > 0 &&
        !xp_strings_addf(&b->norms->notes, "%zu rating%s outside of 0 to 6", r.outside,
                         r.outside == 1 ? " lies" : "s lie"))
        status = xp_no_memory(error, "a note");
    xp_free_all(r.feature, r.row);
    return status;
}
