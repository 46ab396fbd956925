#include "units/columns.h"

#include "units/arrays.h"

#define COLUMNS(HOLDS, NAMES, BY_FOLD)                                                                                 \
    { HOLDS, sizeof(NAMES) / sizeof *(NAMES), NAMES, BY_FOLD }

static const char *const baselines[] = {[XP_BASELINE_SYSTEM] = "system",
                                        [XP_BASELINE_MEAN] = "mean",
                                        [XP_BASELINE_KNN] = "knn",
                                        [XP_BASELINE_BOTTLENECK] = "bottleneck",
                                        [XP_BASELINE_LABEL] = "category_mean",
                                        [XP_BASELINE_READER] = "reader",
                                        [XP_BASELINE_SYSTEM_LEVEL] = "system_level",
                                        [XP_BASELINE_KNN_LEVEL] = "knn_level"};
const xp_units_columns xp_units_baselines = COLUMNS("scores of distinct concepts under baselines", baselines, 2);

static const char *const word_form[] = {[XP_WORD_FORM_READER] = "reader", [XP_WORD_FORM_SPELLING] = "spelling"};
const xp_units_columns xp_units_word_form = COLUMNS("scores of distinct concepts by readers", word_form, 0);

static const char *const length[] = {
    [XP_CODE_SYSTEM] = "system", [XP_CODE_MEAN] = "mean", [XP_CODE_UNIFORM] = "uniform"};
const xp_units_columns xp_units_length = COLUMNS("bits of each concept", length, 0);

static const char *const refits[] = {"score"};
const xp_units_columns xp_units_refits = COLUMNS("mean scores of refits", refits, 0);

static const char *const lint[] = {"difference"};
const xp_units_columns xp_units_lint = COLUMNS("scores on shuffled features beyond the mean predictor", lint, 0);

enum { MOST = 8 };

static size_t rows(const xp_units_columns *columns, size_t column, size_t n, size_t n_folds) {
    return column + columns->n_by_fold < columns->n_columns ? n : n_folds;
}

size_t xp_units_columns_size(const xp_units_columns *columns, size_t n, size_t n_folds) {
    return (columns->n_columns - columns->n_by_fold) * n + columns->n_by_fold * n_folds;
}

static void arrays(const xp_units_columns *columns, size_t n, size_t n_folds, const double *values,
                   xp_units_array array[MOST]) {
    for (size_t c = 0; c < columns->n_columns; c++) {
        const size_t count = rows(columns, c, n, n_folds);
        array[c] = (xp_units_array){columns->name[c], "F64", 1, {count}, (void *)values};
        if (values != NULL) values += count;
    }
}

bool xp_units_columns_pack(const xp_units_columns *columns, size_t n, size_t n_folds, const double *values,
                           void **bytes, size_t *size) {
    xp_units_array array[MOST];
    arrays(columns, n, n_folds, values, array);
    return xp_units_pack(columns->holds, array, columns->n_columns, bytes, size);
}

explaint_status xp_units_columns_unpack(const xp_units_columns *columns, size_t n, size_t n_folds, double *values,
                                        const void *bytes, size_t size) {
    xp_units_array array[MOST];
    arrays(columns, n, n_folds, values, array);
    return xp_units_read(columns->holds, array, columns->n_columns, bytes, size);
}
