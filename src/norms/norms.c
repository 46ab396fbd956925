#include "norms/norms.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/view.h"

void explaint_norms_close(explaint_norms *n) {
    if (n == NULL) return;
    xp_free_all(n->name, n->path, n->kind, n->citation);
    xp_strings_free(&n->concepts);
    xp_strings_free(&n->features);
    xp_free_all(n->row_start, n->column, n->value, n->missing_start, n->missing_column, n->taxonomic, n->superordinate);
    xp_strings_free(&n->category);
    xp_strings_free(&n->label_names);
    for (size_t k = 0; k < XP_LABELS; k++) xp_strings_free(&n->label[k]);
    xp_strings_free(&n->derived);
    xp_free_all(n->derived_label, n->seen, n->columns, n->drop_columns, n->sheet);
    xp_strings_free(&n->notes);
    xp_strings_free(&n->warnings);
    xp_free(n);
}

const char *explaint_norms_name(const explaint_norms *n) { return n->name; }
const char *explaint_norms_path(const explaint_norms *n) { return n->path; }
const char *explaint_norms_kind(const explaint_norms *n) { return n->kind; }
const char *explaint_norms_sha256(const explaint_norms *n) { return n->sha256; }
const char *explaint_norms_citation(const explaint_norms *n) { return n->citation; }
size_t explaint_norms_n_concepts(const explaint_norms *n) { return n->n_concepts; }
size_t explaint_norms_n_features(const explaint_norms *n) { return n->n_features; }
size_t explaint_norms_n_pairs(const explaint_norms *n) { return n->row_start[n->n_concepts]; }
const char *explaint_norms_concept(const explaint_norms *n, size_t i) { return n->concepts.item[i]; }
const char *explaint_norms_feature(const explaint_norms *n, size_t j) { return n->features.item[j]; }
size_t explaint_norms_n_notes(const explaint_norms *n) { return n->notes.count; }
const char *explaint_norms_note(const explaint_norms *n, size_t i) { return n->notes.item[i]; }
size_t explaint_norms_n_warnings(const explaint_norms *n) { return n->warnings.count; }
const char *explaint_norms_warning(const explaint_norms *n, size_t i) { return n->warnings.item[i]; }
size_t explaint_norms_components(const explaint_norms *n) { return n->components; }
size_t explaint_norms_n_labels(const explaint_norms *n) { return n->label_names.count; }
const char *explaint_norms_label_name(const explaint_norms *n, size_t k) { return n->label_names.item[k]; }
const char *explaint_norms_label(const explaint_norms *n, size_t k, size_t i) { return n->label[k].item[i]; }

const char *explaint_norms_category(const explaint_norms *n, size_t i) {
    return n->derived_label[i] < 0 ? NULL : n->derived.item[n->derived_label[i]];
}

/* ---- categories ---- */

static bool own_labels(const struct explaint_norms *n, const uint8_t *keep, int *label, xp_strings *names) {
    for (size_t i = 0; i < n->n_concepts; i++) {
        const char *text = n->category.item[i];
        if (text[0] == 0 || (keep != NULL && !keep[i])) continue;
        size_t k = 0; /* categories are few */
        while (k < names->count && strcmp(names->item[k], text) != 0) k++;
        if (k == names->count && !xp_strings_add(names, text, strlen(text))) return false;
        label[i] = (int)k;
    }
    return true;
}

/* best[i] = the feature that names concept i's category, or n_features. size[j] = concepts with feature j. */
static void choose(const struct explaint_norms *n, const uint8_t *keep, const uint8_t *may_name, size_t *size,
                   size_t *best) {
    for (size_t i = 0; i < n->n_concepts; i++)
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++)
            size[n->column[p]] += n->value[p] > 0 && (keep == NULL || keep[i]);
    for (size_t i = 0; i < n->n_concepts; i++) {
        best[i] = n->n_features;
        if (keep != NULL && !keep[i]) continue;
        double highest = 0;
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1];
             p++) { /* ascending: the first one wins a tie of both */
            size_t j = n->column[p];
            if (!may_name[j] || size[j] < XP_LEAST_CATEGORY || n->value[p] <= 0 || n->value[p] < highest) continue;
            if (n->value[p] > highest || size[j] > size[best[i]]) {
                highest = n->value[p];
                best[i] = j;
            }
        }
    }
}

bool xp_norms_categories(const struct explaint_norms *n, const uint8_t *keep, int *label, xp_strings *names) {
    for (size_t i = 0; i < n->n_concepts; i++) label[i] = -1;
    if (n->category.count > 0) return own_labels(n, keep, label, names);
    const uint8_t *may_name = n->superordinate != NULL ? n->superordinate : n->taxonomic;
    if (may_name == NULL) return true;
    size_t *size = xp_calloc(n->n_features, sizeof *size), *members = xp_calloc(n->n_features + 1, sizeof *members);
    size_t *best = xp_alloc(n->n_concepts, sizeof *best);
    int *index = xp_alloc(n->n_features + 1, sizeof *index);
    bool good = size != NULL && members != NULL && best != NULL && index != NULL;
    if (good) {
        choose(n, keep, may_name, size, best);
        for (size_t i = 0; i < n->n_concepts; i++) members[best[i]]++;
        for (size_t j = 0; j <= n->n_features; j++) index[j] = -1;
        for (size_t i = 0; i < n->n_concepts && good; i++) {
            size_t j = best[i];
            if (j == n->n_features || members[j] < XP_LEAST_CATEGORY) continue;
            if (index[j] < 0) {
                index[j] = (int)names->count;
                good = xp_strings_add(names, n->features.item[j], strlen(n->features.item[j]));
            }
            label[i] = index[j];
        }
    }
    xp_free_all(size, members, best, index);
    return good;
}

/* Where column j stands in row i of a CSR pattern; row[i + 1] if it does not. */
static size_t cell_of(const size_t *row, const uint32_t *column, size_t i, size_t j) {
    size_t low = row[i], high = row[i + 1];
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (column[middle] < j)
            low = middle + 1;
        else
            high = middle;
    }
    return low < row[i + 1] && column[low] == j ? low : row[i + 1];
}

double explaint_norms_value(const explaint_norms *n, size_t i, size_t j) {
    if (n->missing_start != NULL && cell_of(n->missing_start, n->missing_column, i, j) < n->missing_start[i + 1])
        return (double)NAN;
    const size_t p = cell_of(n->row_start, n->column, i, j);
    return p < n->row_start[i + 1] ? n->value[p] : 0;
}

void xp_norms_dropped_features(const struct explaint_norms *n, const uint8_t *keep, uint8_t *drop) {
    memset(drop, 0, n->n_features);
    if (n->na != XP_NA_DROP_FEATURES || n->missing_start == NULL) return;
    for (size_t i = 0; i < n->n_concepts; i++)
        for (size_t p = n->missing_start[i]; p < n->missing_start[i + 1]; p++)
            if (keep == NULL || keep[i]) drop[n->missing_column[p]] = 1;
}

/* ---- summary ---- */

static void count_features(const explaint_norms *n, explaint_norms_summary *s) {
    for (size_t j = 0; j < n->n_features; j++) {
        s->singletons += n->seen[j] == 1;
        if (n->taxonomic != NULL) s->taxonomic_features += n->taxonomic[j];
    }
}

static void count_concepts(const explaint_norms *n, explaint_norms_summary *s) {
    double m = (double)n->n_features, top = m < 10 ? m : 10, counted = 0;
    for (size_t i = 0; i < n->n_concepts; i++) {
        double gold = 0;
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++) gold += n->value[p] > 0;
        if (gold == 0) continue;
        counted++;
        s->ceiling += 2 * (gold < top ? gold : top) / (top + gold);
        s->chance += 2 * top * gold / m / (top + gold);
    }
    if (counted > 0) {
        s->ceiling /= counted;
        s->chance /= counted;
    }
}

void explaint_norms_summarise(const explaint_norms *n, explaint_norms_summary *summary) {
    explaint_norms_summary s = {.n_concepts = n->n_concepts,
                                .n_features = n->n_features,
                                .n_pairs = explaint_norms_n_pairs(n),
                                .missing = n->n_missing,
                                .sense_tags = n->sense_tags,
                                .distinct_forms = n->distinct_forms,
                                .several_words = n->several_words};
    count_features(n, &s);
    count_concepts(n, &s);
    for (size_t k = 0; k < n->derived.count; k++) {
        size_t members = 0;
        for (size_t i = 0; i < n->n_concepts; i++) members += n->derived_label[i] == (int)k;
        if (members < XP_LEAST_CATEGORY) continue;
        s.n_categories++;
        s.in_category += members;
    }
    double cells = (double)s.n_concepts * (double)s.n_features;
    s.zero_share = 1 - (double)(s.n_pairs + (n->missing_start != NULL ? n->n_missing : 0)) / cells;
    s.features_per_concept = (double)s.n_pairs / (double)s.n_concepts;
    s.value_min = s.value_max = n->value[0];
    for (size_t p = 0; p < s.n_pairs; p++) {
        if (n->value[p] < s.value_min) s.value_min = n->value[p];
        if (n->value[p] > s.value_max) s.value_max = n->value[p];
    }
    *summary = s;
}

/* Takes the suffix off, if the name has more than it. */
static bool take_off(const char *name, size_t *length, const char *suffix) {
    size_t n = strlen(suffix);
    if (*length <= n || !xp_view_is_nocase((xp_view){name + *length - n, n}, suffix)) return false;
    *length -= n;
    return true;
}

char *xp_norms_name_of_file(const char *path, const char *const *suffixes, size_t count) {
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL && slash[1] != 0 ? slash + 1 : path;
    size_t length = strlen(base);
    take_off(base, &length, ".gz");
    for (size_t k = 0; k < count && !take_off(base, &length, suffixes[k]); k++) {
    }
    return xp_strndup(base, length);
}
