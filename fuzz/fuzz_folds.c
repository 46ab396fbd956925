/* Folds, categories and covariates over fixed norms. The laws: folds that are accepted cover 0 .. k - 1 and exactly the kept
 * concepts; covariates run from 0 to 1 over them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "norms/assign.h"
#include "norms/covariates.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char norms_text[] =
    "concept,feature,value\n"
    "dog,barks,3\ncat,purrs,4\nbat_(animal),flies,5\nbat_(baseball),is_long,2\ncar,has_wheels,9\n";
enum { N = 5 };

static void folds(const explaint_norms *norms, xp_view given) {
    static const uint8_t kept[N] = {1, 1, 1, 0, 1};
    explaint_error error = {0};
    char sha256[XP_SHA256_TEXT];
    int fold[N];
    size_t k = 0, used = 0;
    xp_strings notes = {0};
    explaint_status status = xp_norms_read_folds("folds.csv", &given, norms, kept, fold, &k, sha256, &notes, &error);
    xp_strings_free(&notes);
    if (status != EXPLAINT_OK) {
        if (error.message[0] == 0) abort();
        return;
    }
    if (k < 2 || k > N) abort();
    for (size_t f = 0; f < k; f++)
        for (size_t i = 0; i < N; i++)
            if (fold[i] == (int)f) {
                used++;
                break;
            }
    if (used != k) abort();
    for (size_t i = 0; i < N; i++)
        if ((fold[i] >= 0) != (kept[i] != 0)) abort();
}

static void categories(const explaint_norms *norms, xp_view given) {
    explaint_error error = {0};
    char sha256[XP_SHA256_TEXT];
    int label[N];
    xp_strings names = {0}, notes = {0};
    if (xp_norms_read_categories("categories.csv", &given, norms, label, &names, sha256, &notes, &error) == EXPLAINT_OK)
        for (size_t i = 0; i < N; i++)
            if (label[i] < -1 || label[i] >= (int)names.count) abort();
    xp_strings_free(&names);
    xp_strings_free(&notes);
}

static void covariates(const explaint_norms *norms, xp_view given) {
    static const uint8_t kept[N] = {1, 1, 1, 0, 1};
    explaint_error error = {0};
    char sha256[XP_SHA256_TEXT];
    double *value = NULL;
    xp_strings names = {0}, notes = {0};
    if (xp_norms_read_covariates("c.csv", &given, norms, kept, &value, &names, sha256, &notes, &error) == EXPLAINT_OK) {
        if (names.count == 0 || names.count > XP_MOST_COVARIATES) abort();
        for (size_t c = 0; c < names.count; c++) {
            double low = 1, high = 0;
            for (size_t i = 0; i < N; i++) {
                const double v = value[i * names.count + c];
                if (kept[i] && !(v >= 0 && v <= 1)) abort();
                if (kept[i] && v < low) low = v;
                if (kept[i] && v > high) high = v;
            }
            if (low != 0 || high != 1) abort();
        }
    } else if (value != NULL || error.message[0] == 0) {
        abort();
    }
    xp_free(value);
    xp_strings_free(&names);
    xp_strings_free(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    explaint_error error = {0};
    explaint_norms *norms = NULL;
    if (xp_norms_read("norms.csv", norms_text, sizeof norms_text - 1, NULL, &norms, &error) != EXPLAINT_OK) abort();
    folds(norms, (xp_view){(const char *)data, size});
    categories(norms, (xp_view){(const char *)data, size});
    covariates(norms, (xp_view){(const char *)data, size});
    explaint_norms_close(norms);
    return 0;
}
