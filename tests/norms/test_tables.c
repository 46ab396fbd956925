/* Tables as pandas, R and spreadsheets write them: the values that pandas reads when it is told everything, and a warning where
 * columns or values look like none (tests/oracle/make_tables.py). */
#include "support/files.h"

#include "norms/norms.h"

enum { FIELDS = 6 };

/* Cuts a line at its tabs. */
static size_t cut(char *line, char **field, size_t most) {
    size_t n = 0;
    for (char *at = line; at != NULL && n < most; n++) {
        field[n] = at;
        at = strchr(at, '\t');
        if (at != NULL) *at++ = 0;
    }
    return n;
}

static const char *given(const char *field) { return strcmp(field, "-") == 0 ? NULL : field; }

static const double *value_at(const explaint_norms *n, const char *concept_name, const char *feature) {
    for (size_t i = 0; i < n->n_concepts; i++)
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++)
            if (strcmp(n->concepts.item[i], concept_name) == 0 && strcmp(n->features.item[n->column[p]], feature) == 0)
                return &n->value[p];
    return NULL;
}

static void check_values(const char *name, const explaint_norms *n, const char *path) {
    char values[600], *field[3];
    size_t count = 0;
    snprintf(values, sizeof values, "%s.values", path);
    char *text = files_slurp(values, NULL);
    assert_non_null(text);
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), count++) {
        assert_int_equal(cut(line, field, 3), 3);
        const double *found = value_at(n, field[0], field[1]), expected = strtod(field[2], NULL);
        if (found == NULL || *found != expected)
            fail_msg("%s: %s, %s is %.17g, expected %s", name, field[0], field[1], found != NULL ? *found : 0,
                     field[2]);
    }
    if (count != explaint_norms_n_pairs(n))
        fail_msg("%s: %zu values, expected %zu", name, explaint_norms_n_pairs(n), count);
    free(text);
}

/* Each of the parts, with | between, in one of the texts. */
static void check_said(const char *name, const char *parts, const explaint_norms *n, size_t count,
                       const char *(*said)(const explaint_norms *, size_t)) {
    char copy[512];
    snprintf(copy, sizeof copy, "%s", parts);
    for (char *part = copy, *next; part != NULL; part = next) {
        bool found = false;
        next = strchr(part, '|');
        if (next != NULL) *next++ = 0;
        for (size_t i = 0; i < count; i++) found = found || strstr(said(n, i), part) != NULL;
        if (!found)
            fail_msg("%s: nothing says \"%s\"; the first of %zu: %s", name, part, count, count > 0 ? said(n, 0) : "");
    }
}

static void every_table(void **state) {
    (void)state;
    static const char folder[] = EXPLAINT_SOURCE_DIR "/tests/golden/tables/";
    char path[512], *field[FIELDS], *line_end;
    snprintf(path, sizeof path, "%sindex.tsv", folder);
    char *index = files_slurp(path, NULL);
    assert_non_null(index);
    size_t count = 0;
    for (char *line = index; *line != 0; line = line_end + 1, count++) {
        line_end = strchr(line, '\n');
        *line_end = 0;
        assert_int_equal(cut(line, field, FIELDS), FIELDS);
        snprintf(path, sizeof path, "%s%s", folder, field[0]);
        const explaint_norms_options options = {
            .columns = given(field[1]), .drop_columns = given(field[2]), .sheet = given(field[3])};
        explaint_norms *n = NULL;
        explaint_error error = {0};
        if (explaint_norms_open(path, &options, &n, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
        check_values(field[0], n, path);
        if (given(field[4]) != NULL)
            check_said(field[0], field[4], n, explaint_norms_n_warnings(n), explaint_norms_warning);
        else if (explaint_norms_n_warnings(n) > 0)
            fail_msg("%s: %s", field[0], explaint_norms_warning(n, 0));
        if (given(field[5]) != NULL) check_said(field[0], field[5], n, explaint_norms_n_notes(n), explaint_norms_note);
        explaint_norms_close(n);
    }
    print_message("%zu tables\n", count);
    assert_true(count > 60);
    free(index);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
