/* Predictions for those who want to look: top features with hit or miss, or whole matrices. */
#include <stdio.h>
#include <string.h>

#include "audit/result.h"
#include "base/output.h"
#include "formats/tensors_out.h"
#include "result/record.h"

static const xp_result *inside(const explaint_result *result) { return result->internals; }

const char *explaint_result_concept(const explaint_result *result, size_t i) {
    return inside(result)->concepts.item[i];
}
const char *explaint_result_feature(const explaint_result *result, size_t j) {
    return inside(result)->features.item[j];
}
int explaint_result_fold(const explaint_result *result, size_t i) { return (int)inside(result)->fold[i]; }

double explaint_result_gold(const explaint_result *result, size_t i, size_t j) {
    const xp_csr *y = &inside(result)->gold;
    for (size_t e = y->start[i]; e < y->start[i + 1]; e++)
        if (y->column[e] == j) return y->value[e];
    return 0;
}

/* Conditions whose target is the norms themselves: only there gold and feature names are those of the norms. */
static bool on_norms(size_t c) {
    return xp_conditions[c].target != NULL && strcmp(xp_conditions[c].target, "norms") == 0;
}

/* Conditions with a mapping, which may have component counts. */
static bool has_mapping(size_t c) {
    return xp_conditions[c].input != XP_IN_NOTHING && xp_conditions[c].input != XP_IN_LABEL;
}

/* Predictions of a condition are told apart by their component count. */
static bool is_counted(const xp_result *r, size_t c) { return has_mapping(c) && r->view.verdict_components > 0; }

const int *explaint_result_top(const explaint_result *result, const char *condition, size_t count, size_t i) {
    const xp_result *r = inside(result);
    for (size_t c = 0; c < xp_n_conditions; c++) {
        if (r->top[c] == NULL || !on_norms(c) || strcmp(xp_conditions[c].name, condition) != 0) continue;
        for (size_t k = 0; k < r->top_levels[c]; k++)
            if (r->levels[k] == (double)count ||
                (!is_counted(r, c) && (r->top_levels[c] == 1 || (count == 0 && k + 1 == r->top_levels[c]))))
                return r->top[c] + (k * r->n + i) * XP_TOP;
    }
    return NULL;
}

static void add_csv(const xp_result *r, xp_text *text) {
    xp_text_adds(text, "condition,n_components,concept,fold,rank,feature,gold,hit\r\n");
    for (size_t c = 0; c < xp_n_conditions; c++) {
        if (r->top[c] == NULL || !on_norms(c)) continue;
        const bool counted = is_counted(r, c);
        /* of several penalties the one that the verdict is about */
        for (size_t k = r->view.verdict_components > 0 ? 0 : r->top_levels[c] - 1; k < r->top_levels[c]; k++)
            for (size_t i = 0; i < r->n; i++)
                for (size_t rank = 0; rank < XP_TOP; rank++) {
                    int j = r->top[c][(k * r->n + i) * XP_TOP + rank];
                    if (j < 0) continue;
                    double gold = explaint_result_gold(&r->view, i, (size_t)j);
                    char number[32];
                    xp_shortest_double(gold, number);
                    xp_record_csv_cell(text, xp_conditions[c].name, ',');
                    if (counted)
                        xp_text_addf(text, ",%.0f,", r->levels[k]);
                    else
                        xp_text_adds(text, ",,");
                    xp_record_csv_cell(text, r->concepts.item[i], ',');
                    xp_text_addf(text, ",%u,%zu,", r->fold[i], rank + 1);
                    xp_record_csv_cell(text, r->features.item[j], ',');
                    xp_text_addf(text, ",%s,%d\r\n", number, gold > 0);
                }
    }
}

static bool has_tensors(const xp_result *r, size_t condition) {
    return r->predictions[condition] != NULL && xp_conditions[condition].target != NULL;
}

/* "predictions.shuffle.25" */
static void name_tensor(const xp_result *r, size_t c, size_t level, xp_text *name) {
    const char *condition = xp_conditions[c].name;
    const bool counted = is_counted(r, c);
    const bool same_name = strcmp(condition, "mean") == 0 || strcmp(condition, "category-mean") == 0;
    xp_text_addf(name, "predictions.%s", condition);
    if (same_name && !on_norms(c)) xp_text_addf(name, ".%s", xp_conditions[c].target);
    if (counted) xp_text_addf(name, ".%.0f", r->levels[level]);
    if (has_mapping(c) && r->view.components_chosen) xp_text_adds(name, ".auto");
    if (!counted && r->top_levels[c] > 1) xp_text_addf(name, ".%g", r->levels[level]);
}

static bool add_safetensors(const xp_result *r, FILE *out) {
    xp_tensors_out tensors = {0};
    xp_tensors_out_note(&tensors, "rows", "kept concepts");
    xp_tensors_out_note(&tensors, "columns", "kept features of the target");
    bool ok = true;
    for (size_t c = 0; c < xp_n_conditions; c++)
        for (size_t k = 0; has_tensors(r, c) && k < r->top_levels[c]; k++) {
            xp_text name = {0};
            name_tensor(r, c, k, &name);
            ok = ok && !name.failed;
            if (ok) xp_tensors_out_add(&tensors, name.data, "F64", 2, (const size_t[]){r->n, r->prediction_columns[c]});
            xp_text_free(&name);
        }
    ok = ok && xp_tensors_out_head(&tensors, out);
    for (size_t c = 0; ok && c < xp_n_conditions; c++) {
        const size_t cells = has_tensors(r, c) ? r->top_levels[c] * r->n * r->prediction_columns[c] : 0;
        ok = cells == 0 || fwrite(r->predictions[c], sizeof(double), cells, out) == cells;
    }
    xp_tensors_out_free(&tensors);
    return ok;
}

explaint_status explaint_result_write_predictions(const explaint_result *result, const char *path,
                                                  explaint_error *error) {
    const xp_result *r = inside(result);
    size_t length = strlen(path);
    bool whole = length >= 12 && strcmp(path + length - 12, ".safetensors") == 0, any = false;
    for (size_t c = 0; c < xp_n_conditions; c++) any = any || r->predictions[c] != NULL;
    if (whole && !any)
        return xp_fail(error, EXPLAINT_USAGE, path, 0,
                       "expected a run that keeps whole predictions, found one that does not: set "
                       "keep_predictions before the run");
    xp_output output;
    explaint_status status = xp_output_open(&output, path, error);
    if (status != EXPLAINT_OK) return status;
    xp_text csv = {0};
    bool ok = true;
    if (whole) {
        ok = add_safetensors(r, output.file);
    } else {
        add_csv(r, &csv);
        ok = !csv.failed && fwrite(csv.data, 1, csv.length, output.file) == csv.length;
    }
    bool no_memory = csv.failed;
    xp_text_free(&csv);
    if (ok) return xp_output_commit(&output, error);
    if (no_memory || !ferror(output.file)) {
        xp_output_discard(&output);
        return xp_no_memory(error, "predictions");
    }
    status = xp_output_commit(&output, error); /* says why the write failed, and removes the file */
    return status != EXPLAINT_OK ? status : xp_fail(error, EXPLAINT_FAILED, path, 0, "a write failed");
}
