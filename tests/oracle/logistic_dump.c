/* logistic_dump ROWS COLUMNS TRAINING STRENGTH < NUMBERS: rows of a label and the columns; the first TRAINING of them are fitted. Prints
 * weights, intercept, and the probability of each row, for comparison with scikit-learn (check_logistic.py). */
#include <stdio.h>
#include <stdlib.h>

#include "probe/logistic.h"

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    const size_t n = strtoul(argv[1], NULL, 10), d = strtoul(argv[2], NULL, 10), n_train = strtoul(argv[3], NULL, 10);
    double *x = calloc(n * d, sizeof *x), value;
    uint8_t *label = calloc(n, 1);
    uint32_t *train = calloc(n, sizeof *train);
    if (x == NULL || label == NULL || train == NULL) return 1;
    for (size_t i = 0; i < n; i++) {
        train[i] = (uint32_t)i;
        if (scanf("%lf", &value) != 1) return 1;
        label[i] = value > 0;
        for (size_t j = 0; j < d; j++)
            if (scanf("%lf", &x[i * d + j]) != 1) return 1;
    }
    const xp_fold fold = {.train = train, .n_train = n_train};
    xp_logistic fit;
    explaint_error error = {0};
    if (xp_logistic_fit(x, d, label, &fold, strtod(argv[4], NULL), &fit, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (size_t j = 0; j < d; j++) printf("%.17g\n", fit.weight[j]);
    printf("%.17g\n", fit.intercept);
    for (size_t i = 0; i < n; i++) printf("%.17g\n", xp_logistic_probability(&fit, x + i * d));
    xp_logistic_free(&fit);
    free(x);
    free(label);
    free(train);
    return 0;
}
