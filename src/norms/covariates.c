#include "norms/covariates.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "norms/concept_table.h"
#include "norms/survey.h"

/* The file while it is read. */
typedef struct reading {
    xp_concept_table table;
    xp_survey survey;
    uint8_t *used;  /* by column of the file: it is a covariate */
    size_t *column; /* by covariate */
    size_t count;
    double *value; /* n_concepts x count, NaN: not known */
    size_t unknown, unknown_line;
    xp_text unknown_name;
} reading;

static void reading_close(reading *r) {
    xp_concept_table_close(&r->table);
    xp_survey_free(&r->survey);
    xp_free_all(r->used, r->column, r->value);
    xp_text_free(&r->unknown_name);
}

/* ---- which columns ---- */

static explaint_status refuse_column(const reading *r, size_t k, explaint_error *error, const char *what) {
    const xp_csv *csv = &r->table.csv;
    return xp_fail(error, EXPLAINT_INVALID, r->table.path, csv->header[k].line, "the column \"%.*s\" %s",
                   XP_SHOW(xp_view_trim(csv->header[k].text)), what);
}

/* A column in front that numbers the rows has no name in what R and pandas write. */
static bool numbers_rows(const reading *r, size_t k) {
    return k == 0 && xp_view_trim(r->table.csv.header[k].text).length == 0 &&
           (r->table.csv.has_row_names || r->survey.column[k].runs);
}

static explaint_status use_column(reading *r, size_t k, xp_strings *names, xp_strings *notes, explaint_error *error) {
    const xp_csv *csv = &r->table.csv;
    const xp_view name = xp_view_trim(csv->header[k].text);
    if (k == r->table.concept) return EXPLAINT_OK;
    if (numbers_rows(r, k))
        return xp_strings_addf(notes, "%.200s: its first column, which numbers the rows, is no covariate",
                               r->table.path)
                   ? EXPLAINT_OK
                   : xp_no_memory(error, "a note");
    if (name.length == 0)
        return xp_fail(error, EXPLAINT_INVALID, r->table.path, csv->header[k].line,
                       "column %zu has no name, and the claim names what was taken off: give it one", k + 1);
    for (size_t c = 0; c < names->count; c++)
        if (strlen(names->item[c]) == name.length && memcmp(names->item[c], name.data, name.length) == 0)
            return refuse_column(r, k, error, "stands there twice; keep one");
    if (r->survey.column[k].content == XP_WORDS || r->survey.column[k].content == XP_TRUTHS)
        return refuse_column(r, k, error,
                             "holds text, and covariates are numbers: take it out of the file, or code it in numbers");
    if (r->count == XP_MOST_COVARIATES)
        return xp_fail(error, EXPLAINT_INVALID, r->table.path, csv->header[0].line,
                       "expected at most %d columns of numbers beside \"concept\", found more", XP_MOST_COVARIATES);
    r->used[k] = 1;
    r->column[r->count++] = k;
    return xp_strings_add(names, name.data, name.length) ? EXPLAINT_OK : xp_no_memory(error, "covariates");
}

static explaint_status find_columns(reading *r, xp_strings *names, xp_strings *notes, explaint_error *error) {
    xp_csv *csv = &r->table.csv;
    explaint_status status = xp_survey_make(&r->survey, csv, error);
    r->used = xp_calloc(csv->width, 1);
    r->column = xp_alloc(csv->width, sizeof *r->column);
    if (status == EXPLAINT_OK && (r->used == NULL || r->column == NULL)) status = xp_no_memory(error, "covariates");
    for (size_t k = 0; status == EXPLAINT_OK && k < csv->width; k++) status = use_column(r, k, names, notes, error);
    if (status == EXPLAINT_OK && r->count == 0)
        status = xp_fail(error, EXPLAINT_INVALID, r->table.path, csv->header[0].line,
                         "expected a column of numbers beside \"concept\", such as frequency, found none");
    return status == EXPLAINT_OK ? xp_survey_decimals(&r->survey, csv, r->used, notes, error) : status;
}

/* ---- numbers ---- */

static explaint_status read_row(reading *r, size_t concept, explaint_error *error) {
    const xp_csv *csv = &r->table.csv;
    xp_concept_table *t = &r->table;
    if (concept == XP_UNKNOWN_CONCEPT) {
        if (r->unknown++ > 0) return EXPLAINT_OK;
        const xp_view name = xp_view_trim(csv->cell[t->concept].text);
        xp_text_add(&r->unknown_name, name.data, name.length);
        r->unknown_line = csv->line;
        return r->unknown_name.failed ? xp_no_memory(error, "a note") : EXPLAINT_OK;
    }
    if (t->line[concept] != 0)
        return xp_fail(error, EXPLAINT_INVALID, t->path, csv->line,
                       "the concept \"%.100s\" stands in line %zu and again in line %zu; keep one",
                       t->norms->concepts.item[concept], t->line[concept], csv->line);
    t->line[concept] = csv->line;
    explaint_status status = EXPLAINT_OK;
    for (size_t c = 0; status == EXPLAINT_OK && c < r->count; c++)
        if (!xp_survey_missing(xp_view_trim(csv->cell[r->column[c]].text)))
            status = xp_survey_number(csv, r->column[c], &r->value[concept * r->count + c], error);
    return status;
}

static explaint_status read_rows(reading *r, explaint_error *error) {
    const size_t n = r->table.norms->n_concepts;
    size_t cells, concept = XP_UNKNOWN_CONCEPT;
    bool more = true;
    r->value = xp_mul_overflows(n, r->count, &cells) ? NULL : xp_alloc(cells, sizeof *r->value);
    if (r->value == NULL) return xp_no_memory(error, "covariates");
    for (size_t e = 0; e < cells; e++) r->value[e] = NAN;
    explaint_status status;
    while ((status = xp_concept_table_next(&r->table, &more, &concept, error)) == EXPLAINT_OK && more &&
           (status = read_row(r, concept, error)) == EXPLAINT_OK) {
    }
    return status;
}

/* A concept without a number cannot have it taken off, and to guess one, or to leave the concept out in silence, would make another claim. */
static explaint_status check_missing(const reading *r, const uint8_t *kept, const xp_strings *names,
                                     explaint_error *error) {
    const xp_concept_table *t = &r->table;
    size_t missing = 0, first = 0, column = 0;
    for (size_t i = 0; i < t->norms->n_concepts; i++) {
        size_t c = 0;
        while (c < r->count && !isnan(r->value[i * r->count + c])) c++;
        if (!kept[i] || c == r->count) continue;
        if (missing++ > 0) continue;
        first = i;
        column = c;
    }
    if (missing == 0) return EXPLAINT_OK;
    char more[96] = "";
    if (missing > 1)
        snprintf(more, sizeof more, ", nor all numbers of %zu more concept%s", missing - 1, missing == 2 ? "" : "s");
    return xp_fail(
        error, EXPLAINT_INVALID, t->path, t->line[first],
        "expected numbers for every concept that has a vector, found no \"%.60s\" for \"%.100s\"%s: complete "
        "the file, or take these concepts out of the norms",
        names->item[column], t->norms->concepts.item[first], more);
}

/* Counts of words are taken off as they stand, where their logarithm is what most people mean. */
static bool note_skew(const reading *r, size_t c, const uint8_t *kept, double low, double high, const char *name,
                      xp_strings *notes) {
    enum { MUCH = 10 };
    double mean = 0, seen = 0;
    for (size_t i = 0; i < r->table.norms->n_concepts; i++)
        if (kept[i]) mean += (r->value[i * r->count + c] - mean) / ++seen;
    if (low < 0 || !(high > MUCH * mean)) return true;
    return xp_strings_addf(notes,
                           "the covariate \"%.60s\" is taken off as it stands, and its largest value is %.0f times its "
                           "mean: if it is a count, its logarithm says more",
                           name, high / mean);
}

/* From 0 to 1 over the kept concepts. */
static explaint_status rescale(reading *r, const uint8_t *kept, const xp_strings *names, xp_strings *notes,
                               explaint_error *error) {
    const size_t n = r->table.norms->n_concepts;
    for (size_t c = 0; c < r->count; c++) {
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (size_t i = 0; i < n; i++) {
            double *value = &r->value[i * r->count + c];
            if (!kept[i]) *value = NAN;
            if (*value < low) low = *value;
            if (*value > high) high = *value;
        }
        const double half = high / 2 - low / 2; /* no overflow */
        if (!(half > 0))
            return refuse_column(r, r->column[c], error,
                                 "has the same number for every concept that has a vector: there is nothing to take "
                                 "off; take it out of the file");
        if (!note_skew(r, c, kept, low, high, names->item[c], notes)) return xp_no_memory(error, "a note");
        for (size_t i = 0; i < n; i++) r->value[i * r->count + c] = (r->value[i * r->count + c] / 2 - low / 2) / half;
    }
    return EXPLAINT_OK;
}

static explaint_status note_unknown(const reading *r, xp_strings *notes, explaint_error *error) {
    if (r->unknown == 0) return EXPLAINT_OK;
    return xp_strings_addf(notes,
                           "%.200s names %zu concept%s that the norms do not have, the first in line %zu "
                           "(\"%.100s\")",
                           r->table.path, r->unknown, r->unknown == 1 ? "" : "s", r->unknown_line, r->unknown_name.data)
               ? EXPLAINT_OK
               : xp_no_memory(error, "a note");
}

/* ---- from a file ---- */

explaint_status xp_norms_read_covariates(const char *path, const xp_view *given, const struct explaint_norms *norms,
                                         const uint8_t *kept, double **value, xp_strings *names,
                                         char sha256[XP_SHA256_TEXT], xp_strings *notes, explaint_error *error) {
    reading r = {.table = {.norms = norms, .path = path, .given = given}};
    *value = NULL;
    explaint_status status = xp_concept_table_open(&r.table, sha256, notes, error);
    if (status == EXPLAINT_OK) status = find_columns(&r, names, notes, error);
    if (status == EXPLAINT_OK) status = read_rows(&r, error);
    if (status == EXPLAINT_OK) status = check_missing(&r, kept, names, error);
    if (status == EXPLAINT_OK) status = rescale(&r, kept, names, notes, error);
    if (status == EXPLAINT_OK) status = note_unknown(&r, notes, error);
    if (status == EXPLAINT_OK && !xp_concept_table_note(&r.table, notes)) status = xp_no_memory(error, "a note");
    if (status == EXPLAINT_OK) {
        *value = r.value;
        r.value = NULL;
    }
    reading_close(&r);
    return status;
}
