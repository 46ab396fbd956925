/* Norms of any kind, and what is derived from them. The laws: rows are in order and inside of the matrix, no stored
 * value is zero, and vectors of the norms' own first concept match. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "norms/norms.h"
#include "norms/vectors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_norms(const explaint_norms *n) {
    if (n->n_concepts == 0 || n->n_features == 0 || n->row_start[0] != 0) abort();
    for (size_t i = 0; i < n->n_concepts; i++)
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++) {
            if (n->column[p] >= n->n_features || n->value[p] == 0 || n->value[p] != n->value[p]) abort();
            if (p > n->row_start[i] && n->column[p] <= n->column[p - 1]) abort();
        }
    explaint_norms_summary s;
    explaint_norms_summarise(n, &s);
    if (!(s.zero_share >= 0 && s.zero_share <= 1 && s.ceiling <= 1 && s.chance <= 1)) abort();
    if (s.distinct_forms > s.n_concepts || s.in_category > s.n_concepts) abort();
    for (size_t i = 0; i < n->n_concepts; i++) (void)explaint_norms_category(n, i);
}

static void check_vectors(const explaint_norms *n) {
    xp_text text = {0};
    explaint_vectors *vectors = NULL;
    explaint_error error = {0};
    xp_text_adds(&text, "other 0 1\n"); /* not first: a form that begins like a byte order mark would lose it */
    size_t begin = text.length;
    if (!xp_concept_form(explaint_norms_concept(n, 0), &text)) abort();
    bool plain = text.length > begin && text.data[begin + strcspn(text.data + begin, " \t\r\n")] == 0;
    xp_text_adds(&text, " 1 0.5\n");
    if (plain) {
        if (xp_vectors_read("fuzz.txt", text.data, text.length, n, NULL, &vectors, &error) != EXPLAINT_OK) abort();
        if (explaint_vectors_of_concept(vectors, 0) == NULL) abort();
    }
    explaint_vectors_close(vectors);
    xp_text_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    explaint_norms_options options = {.binary = (data[0] & 4) != 0, .na = xp_na_names[data[0] % 3]};
    /* of other norms the choice is refused */
    if (memmem(data, size, "translated", 10) != NULL) options.pair_value = xp_pair_value_names[data[0] / 8 % 3];
    explaint_norms *norms = NULL;
    explaint_error error = {0};
    if (xp_norms_read("fuzz.csv", data + 1, size - 1, &options, &norms, &error) == EXPLAINT_OK) {
        check_norms(norms);
        check_vectors(norms);
    } else if (error.code == EXPLAINT_OK || error.message[0] == 0 || norms != NULL) {
        abort();
    }
    explaint_norms_close(norms);
    return 0;
}
