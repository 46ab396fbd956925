#include "probe/mapping.h"

#include <string.h>

#include "base/memory.h"

#define ENTRY(IDENTIFIER, ...) &xp_##IDENTIFIER##_mapper,
static const xp_mapper *const mappers[] = {EXPLAINT_MAPPINGS(ENTRY)};
#undef ENTRY

const xp_mapper *xp_mapper_find(const char *name) {
    for (size_t i = 0; i < sizeof mappers / sizeof *mappers; i++)
        if (strcmp(mappers[i]->name, name) == 0) return mappers[i];
    return NULL;
}

/* ---- data ---- */

bool xp_data_open(xp_data *data) {
    data->cosines = (xp_cosines){0};
    if (!data->mapping->mapper->by_cosine) return true;
    if (data->x != NULL) return xp_cosines_dense(&data->cosines, data->n, data->d, data->x);
    uint32_t *everyone = xp_alloc(data->n, sizeof *everyone);
    bool ok = everyone != NULL;
    for (uint32_t i = 0; ok && i < data->n; i++) everyone[i] = i;
    ok = ok && xp_cosines_sparse(&data->cosines, data->itself, data->n, everyone);
    xp_free(everyone);
    return ok;
}

void xp_data_close(xp_data *data) { xp_cosines_free(&data->cosines); }

/* ---- inputs ---- */

/* A target as an input, n x m; NULL without memory. */
static double *dense_rows(const xp_target *target, size_t n, const xp_fold *fold) {
    const size_t m = target->y->m;
    double *x = xp_alloc(n * m, sizeof *x);
    xp_columns columns = {0};
    if (x == NULL || !xp_columns_alloc(&columns, m)) {
        xp_free(x);
        return NULL;
    }
    xp_columns_fit(target, fold, &columns);
    for (size_t i = 0; i < n; i++) {
        size_t row = xp_target_row(target, i);
        xp_csr_row(target->y, row, x + i * m);
        if (target->missing_start != NULL)
            for (size_t e = target->missing_start[row]; e < target->missing_start[row + 1]; e++)
                x[i * m + target->missing_column[e]] = columns.mean[target->missing_column[e]];
    }
    xp_columns_free(&columns);
    return x;
}

bool xp_input_prepare(xp_input *input, const xp_data *data, const xp_fold *fold) {
    const xp_mapper *mapper = data->mapping->mapper;
    *input = (xp_input){.data = data, .fold = fold, .x = data->x, .d = data->d};
    if (fold->n_train == 0 || fold->n_test == 0) return true;
    double *dense = NULL;
    bool ok = true;
    if (data->itself != NULL && !mapper->takes_itself) {
        ok = (dense = dense_rows(data->itself, data->n, fold)) != NULL;
        input->x = dense;
        input->d = data->itself->y->m;
    }
    ok = ok && (input->own = xp_calloc(mapper->input_size + 1, 1)) != NULL &&
         (mapper->prepare == NULL || mapper->prepare(input));
    xp_free(dense);
    input->x = data->x;
    if (!ok) xp_input_release(input);
    return ok;
}

void xp_input_release(xp_input *input) {
    if (input->own == NULL) return;
    const xp_mapper *mapper = input->data->mapping->mapper;
    if (mapper->release != NULL) mapper->release(input);
    xp_free(input->own);
    input->own = NULL;
}

/* ---- fits ---- */

bool xp_work_open(xp_work *work, const xp_input *input) {
    *work = (xp_work){.mapper = input->data->mapping->mapper};
    work->own = xp_calloc(work->mapper->work_size + 1, 1);
    if (work->own != NULL && (work->mapper->open == NULL || work->mapper->open(work, input))) return true;
    xp_work_close(work);
    return false;
}

void xp_work_close(xp_work *work) {
    if (work->own != NULL && work->mapper->close != NULL) work->mapper->close(work);
    xp_free(work->own);
    work->own = NULL;
}

bool xp_mapping_fit(xp_work *work, const xp_input *input, const xp_job *job, xp_note *note) {
    *note = (xp_note){0};
    work->input = input;
    work->job = *job;
    return work->mapper->fit == NULL || work->mapper->fit(work, note);
}

void xp_mapping_settle(xp_work *work, xp_input *own) {
    if (work->mapper->settle != NULL) work->mapper->settle(work);
    if (own != NULL && !work->mapper->reads_input) xp_input_release(own);
}

bool xp_mapping_predict(xp_work *work, size_t level, double *block) {
    return work->mapper->predict(work, level, block);
}
