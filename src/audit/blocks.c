/* Which rows each test exchanges, and which it holds out (docs/methods.md#agreement). */
#include <string.h>

#include "audit/design.h"
#include "base/memory.h"
#include "probe/cluster.h"

static bool runs_test(const char *within, xp_test_id id) {
    if (strcmp(within, "all") == 0) return id == XP_E1;
    if (strcmp(within, "category") == 0) return id == XP_E2 || id == XP_E4;
    if (strcmp(within, "cluster") == 0) return id == XP_E3 || id == XP_HELD_OUT;
    return true;
}

bool xp_study_cluster(const xp_study *s, size_t clusters, int *label) {
    uint32_t *everyone = xp_alloc(s->n, sizeof *everyone);
    for (uint32_t i = 0; everyone != NULL && i < s->n; i++) everyone[i] = i;
    const xp_target target = xp_study_target(&s->gold, NULL);
    const bool ok = everyone != NULL && xp_cluster_norms(&target, everyone, s->n, s->dense, clusters, label);
    xp_free(everyone);
    return ok;
}

/* Cells of E3: clusters of the embedding x clusters of the norms, each by itself. */
static bool product_cells(const xp_study *s, int *by_norms, int *cell) {
    const size_t clusters = s->n < XP_GROUP ? 1 : s->n / XP_GROUP;
    const bool ok = xp_cluster_embedding(s->x, s->n, s->d, clusters, cell) && xp_study_cluster(s, clusters, by_norms);
    for (size_t i = 0; ok && i < s->n; i++) cell[i] = cell[i] * (int)clusters + by_norms[i];
    return ok;
}

/* Norm clusters in the place of categories that are held out. */
static size_t held_out_clusters(const xp_study *s, uint32_t *fold) {
    const size_t clusters = s->n < 2 * XP_HELD_OUT_GROUP ? 2 : s->n / XP_HELD_OUT_GROUP;
    int *label = xp_alloc(s->n, sizeof *label);
    const bool ok = label != NULL && xp_study_cluster(s, clusters, label);
    const size_t folds = ok ? xp_study_category_folds(label, s->n, clusters, XP_HELD_OUT_FOLDS, fold) : 0;
    xp_free(label);
    return folds;
}

static bool make(bool *has, xp_permutation_test *test, xp_test_id id, const xp_study *s, const int *label,
                 const uint32_t *fold, size_t n_folds, const int *unit, const int *cell) {
    return has[id] = xp_permutation_test_create(&test[id], id, s, label, fold, n_folds, unit, cell);
}

bool xp_permutation_tests_make(const xp_study *s, const char *within, bool *has, xp_permutation_test *test) {
    const size_t n = s->n;
    int *label = xp_alloc(n, sizeof *label), *cell = xp_alloc(n, sizeof *cell), *unit = xp_alloc(n, sizeof *unit);
    uint32_t *fold = xp_alloc(n, sizeof *fold);
    bool ok = label != NULL && cell != NULL && unit != NULL && fold != NULL;
    for (size_t i = 0; ok && i < n; i++) label[i] = 0;
    if (ok && runs_test(within, XP_E1)) ok = make(has, test, XP_E1, s, label, s->fold, s->n_folds, NULL, NULL);
    const size_t large = ok ? xp_study_categories_of_size(s->label, n, s->n_labels, XP_LEAST_CATEGORY, label) : 0;
    if (ok && large > 0 && runs_test(within, XP_E2))
        ok = make(has, test, XP_E2, s, label, s->fold, s->n_folds, NULL, NULL);
    const bool usable = large >= XP_LEAST_CATEGORIES;
    if (ok && usable && runs_test(within, XP_E4)) { /* small categories are held out whole, too, but do not move */
        const size_t folds = xp_study_category_folds(s->label, n, s->n_labels, XP_HELD_OUT_FOLDS, fold);
        ok = folds > 0 && make(has, test, XP_E4, s, label, fold, folds, s->label, s->label);
    }
    const bool clusters = !usable && runs_test(within, XP_HELD_OUT);
    if (ok && (runs_test(within, XP_E3) || clusters)) ok = product_cells(s, unit, cell);
    if (ok && runs_test(within, XP_E3)) ok = make(has, test, XP_E3, s, cell, s->fold, s->n_folds, NULL, NULL);
    if (ok && clusters) {
        const size_t folds = held_out_clusters(s, fold);
        ok = folds > 0 && make(has, test, XP_HELD_OUT, s, cell, fold, folds, unit, cell);
    }
    xp_free_all(label, cell, unit, fold);
    return ok;
}
