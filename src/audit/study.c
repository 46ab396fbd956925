#include "audit/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "base/rng.h"
#include "norms/assign.h"
#include "norms/covariates.h"
#include "norms/norms.h"
#include "norms/vectors.h"

void xp_study_free(xp_study *s) {
    xp_free_all(s->concept_of, s->feature_of);
    xp_gold_free(&s->gold);
    xp_free_all(s->x, s->taxonomic, s->label, s->fold, s->twin, s->tested, s->spelling, s->covariates);
    *s = (xp_study){0};
}

void xp_study_notes_free(xp_study_notes *notes) {
    xp_strings_free(&notes->labels);
    xp_strings_free(&notes->covariates);
    xp_strings_free(&notes->dropped);
    xp_strings_free(&notes->why);
    xp_strings_free(&notes->notes);
}

/* ---- twins: concepts with equal vectors ---- */

typedef struct sorted_row {
    const double *row;
    size_t d;
    uint32_t index;
} sorted_row;

static int by_row(const void *p, const void *q) {
    const sorted_row *a = p, *b = q;
    int order = memcmp(a->row, b->row, a->d * sizeof *a->row);
    return order != 0 ? order : a->index < b->index ? -1 : a->index > b->index;
}

static bool find_twins(xp_study *s) {
    sorted_row *rows = xp_alloc(s->n, sizeof *rows);
    if (rows == NULL) return false;
    for (size_t i = 0; i < s->n; i++) rows[i] = (sorted_row){s->x + i * s->d, s->d, (uint32_t)i};
    qsort(rows, s->n, sizeof *rows, by_row);
    for (size_t i = 0; i < s->n; i++) {
        bool equal = i > 0 && memcmp(rows[i].row, rows[i - 1].row, s->d * sizeof(double)) == 0;
        s->twin[rows[i].index] = equal ? s->twin[rows[i - 1].index] : rows[i].index;
    }
    xp_free(rows);
    return true;
}

/* Where cells may be missing, a concept without any was not rated at all. */
static bool has_feature(const xp_gold *gold, size_t i) {
    if (gold->missing_start == NULL) return gold->y.start[i + 1] > gold->y.start[i];
    return gold->missing_start[i + 1] - gold->missing_start[i] < gold->y.m;
}

static bool find_tested(xp_study *s) {
    uint32_t *of = xp_alloc(s->n, sizeof *of); /* by the first concept with a vector: who stands for it */
    for (size_t i = 0; of != NULL && i < s->n; i++) of[i] = UINT32_MAX;
    for (uint32_t i = 0; of != NULL && i < s->n; i++) {
        const bool has = has_feature(&s->gold, i);
        if (has && of[s->twin[i]] == UINT32_MAX) of[s->twin[i]] = i;
        s->tested[i] = has ? of[s->twin[i]] : UINT32_MAX;
    }
    xp_free(of);
    return of != NULL;
}

/* ---- folds ---- */

/* A seeded permutation of the kept concepts, rank mod K; with group_identical of the groups of equal vectors. */
static bool draw_folds(xp_study *s, const explaint_infer_options *options) {
    uint32_t *unit = xp_alloc(s->n, sizeof *unit);
    if (unit == NULL) return false;
    size_t units = 0;
    for (uint32_t i = 0; i < s->n; i++)
        if (!options->group_identical || s->twin[i] == i) unit[units++] = i;
    xp_rng rng = xp_rng_begin(options->seed, XP_RNG_FOLDS, 0);
    xp_rng_permutation(&rng, units, unit);
    for (size_t rank = 0; rank < units; rank++) s->fold[unit[rank]] = (uint32_t)(rank % s->n_folds);
    if (options->group_identical)
        for (size_t i = 0; i < s->n; i++) s->fold[i] = s->fold[s->twin[i]];
    xp_free(unit);
    return true;
}

static explaint_status make_folds(xp_study *s, xp_study_notes *notes, const explaint_norms *norms, const uint8_t *kept,
                                  const explaint_infer_options *options, explaint_error *error) {
    if (options->folds_file != NULL) {
        int *fold = xp_alloc(norms->n_concepts, sizeof *fold);
        if (fold == NULL) return xp_no_memory(error, "folds");
        explaint_status status = xp_norms_read_folds(options->folds_file, NULL, norms, kept, fold, &s->n_folds,
                                                     notes->folds_sha256, &notes->notes, error);
        for (size_t i = 0; status == EXPLAINT_OK && i < s->n; i++) s->fold[i] = (uint32_t)fold[s->concept_of[i]];
        xp_free(fold);
        if (status == EXPLAINT_OK && s->n_folds < 2)
            return xp_fail(error, EXPLAINT_INVALID, options->folds_file, 0,
                           "expected at least 2 folds, found %zu: give every concept a fold from 0 upwards",
                           s->n_folds);
        return status;
    }
    s->n_folds = options->folds;
    size_t units = 0;
    for (size_t i = 0; i < s->n; i++) units += !options->group_identical || s->twin[i] == i;
    if (units < s->n_folds)
        return xp_fail(error, EXPLAINT_INVALID, norms->path, 0,
                       "expected at least as many concepts%s as folds (%zu), found %zu%s: use a smaller --folds, or %s",
                       s->no_vectors ? "" : " with a vector", s->n_folds, units,
                       options->group_identical ? " different vectors" : "",
                       s->no_vectors ? "norms of more concepts" : "vectors that know more of the concepts");
    return draw_folds(s, options) ? EXPLAINT_OK : xp_no_memory(error, "folds");
}

/* A category, or a concept without one. */
typedef struct fold_unit {
    uint32_t first; /* its first concept */
    size_t size;
} fold_unit;

static int by_size(const void *p, const void *q) {
    const fold_unit *a = p, *b = q;
    if (a->size != b->size) return a->size > b->size ? -1 : 1;
    return a->first < b->first ? -1 : a->first > b->first;
}

size_t xp_study_category_folds(const int *label, size_t n, size_t n_labels, size_t k, uint32_t *fold) {
    fold_unit *unit = xp_alloc(n, sizeof *unit);
    size_t *of = xp_calloc(n_labels + 1, sizeof *of), *load = xp_calloc(k, sizeof *load), units = 0;
    if (unit == NULL || of == NULL || load == NULL) k = 0;
    for (uint32_t i = 0; k > 0 && i < n; i++) {
        if (label[i] >= 0 && of[label[i]] > 0) {
            unit[of[label[i]] - 1].size++;
            continue;
        }
        unit[units++] = (fold_unit){i, 1};
        if (label[i] >= 0) of[label[i]] = units;
    }
    if (units < k) k = units;
    if (k > 0) qsort(unit, units, sizeof *unit, by_size);
    for (size_t u = 0; k > 0 && u < units; u++) {
        size_t least = 0;
        for (size_t f = 1; f < k; f++)
            if (load[f] < load[least]) least = f;
        load[least] += unit[u].size;
        for (size_t i = unit[u].first; i < n; i++)
            if (i == unit[u].first || (label[i] >= 0 && label[i] == label[unit[u].first])) fold[i] = (uint32_t)least;
    }
    xp_free_all(unit, of, load);
    return k;
}

size_t xp_study_categories_of_size(const int *label, size_t n, size_t n_labels, size_t least, int *only) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) only[i] = -1;
    for (size_t c = 0; c < n_labels; c++) {
        size_t size = 0;
        for (size_t i = 0; i < n; i++) size += label[i] == (int)c;
        if (size < least) continue;
        for (size_t i = 0; i < n; i++)
            if (label[i] == (int)c) only[i] = (int)count;
        count++;
    }
    return count;
}

/* ---- matching ---- */

/* Cells that are not missing. */
static size_t observed_cells(const xp_gold *gold) {
    return gold->y.n * gold->y.m - (gold->missing_start != NULL ? gold->missing_start[gold->y.n] : 0);
}

static bool all_equal(const xp_gold *gold) {
    const xp_csr *y = &gold->y;
    size_t cells = y->start[y->n];
    if (cells == 0) return true;
    if (cells < observed_cells(gold)) return false;
    for (size_t e = 1; e < cells; e++)
        if (y->value[e] != y->value[0]) return false;
    return true;
}

static bool select_gold(const explaint_norms *norms, const uint32_t *row, size_t n, const uint8_t *keep,
                        xp_gold *gold) {
    bool masked = norms->na == XP_NA_MASK;
    const xp_gold all = {.y = {.n = norms->n_concepts,
                               .m = norms->n_features,
                               .start = norms->row_start,
                               .column = norms->column,
                               .value = norms->value},
                         .missing_start = masked ? norms->missing_start : NULL,
                         .missing_column = masked ? norms->missing_column : NULL};
    return xp_gold_select(&all, row, n, keep, gold);
}

/* Features that a kept concept has, without those that na = drop-features takes out. */
static size_t keep_features(const explaint_norms *norms, const uint8_t *kept, uint8_t *keep, uint8_t *drop) {
    size_t m = 0;
    xp_norms_dropped_features(norms, kept, drop);
    memset(keep, 0, norms->n_features);
    for (size_t i = 0; i < norms->n_concepts; i++)
        if (kept[i])
            for (size_t e = norms->row_start[i]; e < norms->row_start[i + 1]; e++) keep[norms->column[e]] = 1;
    for (size_t j = 0; j < norms->n_features; j++) m += keep[j] = keep[j] && !drop[j];
    return m;
}

static bool read_spelling(xp_study *s, const explaint_norms *norms) {
    for (size_t i = 0; i < s->n; i++) {
        xp_text form = {0}, lower = {0};
        bool ok = xp_concept_form(norms->concepts.item[s->concept_of[i]], &form) &&
                  xp_name_lower((xp_view){form.data, form.length}, &lower);
        if (ok) xp_control_spelling(lower.data, s->spelling + i * XP_SPELLING);
        xp_text_free(&form);
        xp_text_free(&lower);
        if (!ok) return false;
    }
    return true;
}

static explaint_status read_labels(xp_study *s, xp_study_notes *notes, const explaint_norms *norms, const uint8_t *kept,
                                   const explaint_infer_options *options, explaint_error *error) {
    int *label = xp_alloc(norms->n_concepts, sizeof *label);
    if (label == NULL) return xp_no_memory(error, "categories");
    explaint_status status = EXPLAINT_OK;
    if (options->categories_file != NULL)
        status = xp_norms_read_categories(options->categories_file, NULL, norms, label, &notes->labels,
                                          notes->categories_sha256, &notes->notes, error);
    else if (!xp_norms_categories(norms, kept, label, &notes->labels))
        status = xp_no_memory(error, "categories");
    for (size_t i = 0; status == EXPLAINT_OK && i < s->n; i++) s->label[i] = label[s->concept_of[i]];
    s->n_labels = notes->labels.count;
    xp_free(label);
    if (status == EXPLAINT_OK) {
        int *only = xp_alloc(s->n, sizeof *only);
        if (only == NULL) return xp_no_memory(error, "categories");
        s->n_large = xp_study_categories_of_size(s->label, s->n, s->n_labels, XP_LEAST_CATEGORY, only);
        s->n_categories = xp_study_categories_of_size(s->label, s->n, s->n_labels, 1, only);
        s->has_labels = s->n_large > 0;
        xp_free(only);
    }
    return status;
}

static explaint_status read_covariates(xp_study *s, xp_study_notes *notes, const explaint_norms *norms,
                                       const uint8_t *kept, const explaint_infer_options *options,
                                       explaint_error *error) {
    double *all = NULL;
    if (options->covariates_file == NULL) return EXPLAINT_OK;
    explaint_status status =
        xp_norms_read_covariates(options->covariates_file, NULL, norms, kept, &all, &notes->covariates,
                                 notes->covariates_sha256, &notes->notes, error);
    const size_t count = notes->covariates.count;
    if (status == EXPLAINT_OK && (s->covariates = xp_alloc(s->n * count, sizeof *all)) == NULL)
        status = xp_no_memory(error, "covariates");
    if (status == EXPLAINT_OK) {
        s->n_covariates = count;
        for (size_t i = 0; i < s->n; i++)
            memcpy(s->covariates + i * count, all + s->concept_of[i] * count, count * sizeof *all);
    }
    xp_free(all);
    return status;
}

/* What every concept and feature has; n, m and d are set. */
static bool allocate(xp_study *s) {
    s->concept_of = xp_alloc(s->n, sizeof *s->concept_of);
    s->feature_of = xp_alloc(s->m, sizeof *s->feature_of);
    s->x = xp_alloc(s->n * s->d, sizeof *s->x);
    s->label = xp_alloc(s->n, sizeof *s->label);
    s->fold = xp_alloc(s->n, sizeof *s->fold);
    s->twin = xp_alloc(s->n, sizeof *s->twin);
    s->tested = xp_alloc(s->n, sizeof *s->tested);
    s->spelling = xp_alloc(s->n * XP_SPELLING, sizeof *s->spelling);
    return s->concept_of && s->feature_of && s->x && s->label && s->fold && s->twin && s->tested && s->spelling;
}

/* Which concepts have a vector, and which features they have. */
static explaint_status keep(xp_study *s, xp_study_notes *notes, const explaint_norms *norms,
                            const explaint_vectors *vectors, uint8_t *kept, uint8_t *features, uint8_t *drop,
                            explaint_error *error) {
    for (size_t i = 0; i < norms->n_concepts; i++) {
        kept[i] = vectors == NULL || vectors->row[i] != NULL;
        s->n += kept[i];
        if (kept[i]) continue;
        const char *name = norms->concepts.item[i];
        if (!xp_strings_add(&notes->dropped, name, strlen(name)) || !xp_strings_add(&notes->why, "no vector", 9))
            return xp_no_memory(error, "the list of dropped concepts");
    }
    if (s->n == 0)
        return xp_fail(
            error, EXPLAINT_INVALID, vectors->path, 0,
            "expected vectors of the norms' %zu concepts, found none: are norms and vectors of the same language?",
            norms->n_concepts);
    s->m = keep_features(norms, kept, features, drop);
    if (s->m == 0 && norms->na == XP_NA_DROP_FEATURES)
        return xp_fail(
            error, EXPLAINT_INVALID, norms->path, 0,
            "every feature that a concept with a vector has misses a cell among these %zu concepts: nothing is "
            "left to predict; choose --na mask or zero",
            s->n);
    return EXPLAINT_OK;
}

/* The kept concepts with their vectors, the kept features, the spelling. false: no memory. */
static bool fill(xp_study *s, const explaint_norms *norms, const explaint_vectors *vectors, const uint8_t *kept,
                 const uint8_t *features) {
    size_t at = 0;
    for (size_t i = 0; i < norms->n_concepts; i++) {
        if (!kept[i]) continue;
        if (vectors != NULL) memcpy(s->x + at * s->d, vectors->row[i], s->d * sizeof *s->x);
        for (size_t k = 0; vectors != NULL && k < s->d; k++)
            s->x[at * s->d + k] += 0.0; /* -0 equals 0 for twins, too */
        s->concept_of[at++] = (uint32_t)i;
    }
    at = 0;
    bool any_taxonomic = false;
    for (size_t j = 0; j < norms->n_features; j++) {
        if (!features[j]) continue;
        any_taxonomic = any_taxonomic || (norms->taxonomic != NULL && norms->taxonomic[j] != 0);
        s->feature_of[at++] = (uint32_t)j;
    }
    if (any_taxonomic) {
        s->taxonomic = xp_alloc(s->m, 1);
        if (s->taxonomic == NULL) return false;
        for (size_t j = 0; j < s->m; j++) s->taxonomic[j] = norms->taxonomic[s->feature_of[j]];
    }
    if (!read_spelling(s, norms)) return false;
    if (s->no_vectors) memcpy(s->x, s->spelling, s->n * XP_SPELLING * sizeof *s->x);
    return true;
}

static explaint_status build(xp_study *s, xp_study_notes *notes, const explaint_norms *norms,
                             const explaint_vectors *vectors, const explaint_infer_options *options, uint8_t *kept,
                             uint8_t *features, uint8_t *drop, explaint_error *error) {
    explaint_status status = keep(s, notes, norms, vectors, kept, features, drop, error);
    if (status != EXPLAINT_OK) return status;
    s->no_vectors = vectors == NULL;
    s->d = vectors != NULL ? vectors->width : XP_SPELLING;
    if (!allocate(s) || !fill(s, norms, vectors, kept, features) ||
        !select_gold(norms, s->concept_of, s->n, features, &s->gold))
        return xp_no_memory(error, "the study");
    if (all_equal(&s->gold))
        return xp_fail(error, EXPLAINT_INVALID, norms->path, 0,
                       "expected features that differ between the %zu concepts%s, found all values equal: there is "
                       "nothing to predict",
                       s->n, vectors != NULL ? " with a vector" : "");
    s->dense = 2 * s->gold.y.start[s->n] >= observed_cells(&s->gold);
    if (!find_twins(s) || !find_tested(s)) return xp_no_memory(error, "the study");
    status = read_labels(s, notes, norms, kept, options, error);
    if (status == EXPLAINT_OK) status = read_covariates(s, notes, norms, kept, options, error);
    return status == EXPLAINT_OK ? make_folds(s, notes, norms, kept, options, error) : status;
}

explaint_status xp_study_create(xp_study *study, xp_study_notes *notes, const explaint_norms *norms,
                                const explaint_vectors *vectors, const explaint_infer_options *options,
                                explaint_error *error) {
    *study = (xp_study){0};
    uint8_t *kept = xp_alloc(norms->n_concepts, 1), *features = xp_alloc(norms->n_features, 1),
            *drop = xp_alloc(norms->n_features, 1);
    explaint_status status = kept != NULL && features != NULL && drop != NULL
                                 ? build(study, notes, norms, vectors, options, kept, features, drop, error)
                                 : xp_no_memory(error, "the study");
    xp_free_all(kept, features, drop);
    if (status != EXPLAINT_OK) xp_study_free(study);
    return status;
}

bool xp_study_select(const xp_study *s, const uint32_t *row, size_t n, xp_study *to) {
    const size_t d = s->d, c = s->n_covariates;
    *to = *s;
    to->n = n;
    to->gold = (xp_gold){0};
    to->taxonomic = NULL;
    to->covariates = c > 0 ? xp_alloc(n * c, sizeof *to->covariates) : NULL;
    bool ok = allocate(to) && (c == 0 || to->covariates != NULL);
    for (uint32_t at = 0; ok && at < n; at++) {
        const size_t i = row[at];
        to->concept_of[at] = s->concept_of[i];
        memcpy(to->x + at * d, s->x + i * d, d * sizeof *s->x);
        to->label[at] = s->label[i];
        to->fold[at] = s->fold[i];
        to->twin[at] = to->tested[at] = at;
        memcpy(to->spelling + at * XP_SPELLING, s->spelling + i * XP_SPELLING, XP_SPELLING * sizeof(double));
        if (c > 0) memcpy(to->covariates + at * c, s->covariates + i * c, c * sizeof(double));
    }
    if (ok) memcpy(to->feature_of, s->feature_of, s->m * sizeof *s->feature_of);
    ok = ok && xp_gold_select(&s->gold, row, n, NULL, &to->gold);
    if (!ok) xp_study_free(to);
    return ok;
}

bool xp_study_distinct(const xp_study *s, xp_study *to) {
    uint32_t *row = xp_alloc(s->n, sizeof *row);
    size_t n = 0;
    for (uint32_t i = 0; row != NULL && i < s->n; i++)
        if (s->tested[i] == i) row[n++] = i;
    const bool ok = row != NULL && xp_study_select(s, row, n, to);
    xp_free(row);
    return ok;
}
