/* Norms that were written and read back. */
#ifndef XP_TESTS_SUPPORT_NORMS_H
#define XP_TESTS_SUPPORT_NORMS_H

#include "norms/norms.h"
#include "support/files.h"

static inline void same_flags(const uint8_t *a, const uint8_t *b, size_t n) {
    assert_true((a == NULL) == (b == NULL));
    if (a != NULL) assert_memory_equal(a, b, n);
}

static inline void same_strings(const xp_strings *a, const xp_strings *b) {
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) assert_string_equal(a->item[i], b->item[i]);
}

/* Everything that results depend on, in the same order. */
static inline void same_norms(const explaint_norms *a, const explaint_norms *b) {
    same_strings(&a->concepts, &b->concepts);
    same_strings(&a->features, &b->features);
    assert_memory_equal(a->row_start, b->row_start, (a->n_concepts + 1) * sizeof *a->row_start);
    size_t pairs = a->row_start[a->n_concepts];
    assert_memory_equal(a->column, b->column, pairs * sizeof *a->column);
    assert_memory_equal(a->value, b->value, pairs * sizeof *a->value);
    same_flags(a->taxonomic, b->taxonomic, a->n_features);
    same_flags(a->superordinate, b->superordinate, a->n_features);
    same_strings(&a->category, &b->category);
    same_strings(&a->derived, &b->derived);
    assert_memory_equal(a->derived_label, b->derived_label, a->n_concepts * sizeof *a->derived_label);
}

/* Written, the file begins with `beginning`, and reads back as the same. */
static inline void assert_round_trip(const explaint_norms *n, const char *beginning) {
    explaint_norms *again = NULL;
    explaint_error error = {0};
    const char *path = files_path("round-trip.csv");
    if (explaint_norms_write_csv(n, path, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    char *text = files_slurp(path, NULL);
    text[strlen(beginning)] = 0;
    assert_string_equal(text, beginning);
    free(text);
    if (explaint_norms_open(path, NULL, &again, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    same_norms(n, again);
    explaint_norms_close(again);
}

#endif
