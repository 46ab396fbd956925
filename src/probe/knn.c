#include <string.h>

#include "probe/baselines.h"

void xp_knn_neighbours(const xp_cosines *cosines, const xp_fold *fold, size_t k, uint32_t *nearest) {
    for (size_t t = 0; t < fold->n_test; t++) {
        const int64_t *value = cosines->step + fold->test[t] * cosines->n;
        uint32_t *held = nearest + t * k;
        size_t count = 0;
        for (size_t i = 0; i < fold->n_train; i++) {
            int64_t v = value[fold->train[i]];
            if (count == k && v <= value[fold->train[held[k - 1]]]) continue;
            size_t at = count < k ? count++ : k - 1;
            while (at > 0 && value[fold->train[held[at - 1]]] < v) {
                held[at] = held[at - 1];
                at--;
            }
            held[at] = (uint32_t)i;
        }
    }
}

void xp_knn_predict(const xp_target *target, const xp_fold *fold, const xp_columns *columns, const uint32_t *nearest,
                    size_t stride, size_t k, size_t test, uint32_t *seen, double *prediction) {
    const xp_csr *y = target->y;
    const bool holes = target->missing_start != NULL;
    memset(prediction, 0, y->m * sizeof *prediction);
    for (size_t j = 0; holes && j < y->m; j++) seen[j] = (uint32_t)k;
    for (size_t i = 0; i < k; i++) {
        size_t row = xp_target_row(target, fold->train[nearest[test * stride + i]]);
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) prediction[y->column[e]] += y->value[e];
        for (size_t e = holes ? target->missing_start[row] : 0; holes && e < target->missing_start[row + 1]; e++)
            seen[target->missing_column[e]]--;
    }
    for (size_t j = 0; j < y->m; j++)
        prediction[j] = !holes ? prediction[j] / (double)k : seen[j] > 0 ? prediction[j] / seen[j] : columns->mean[j];
}
