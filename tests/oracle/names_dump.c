/* names_dump FOLDER: names and files of FOLDER as the library reads them, for check_names.py. Two ways:
 *
 * FOLDER/spellings: one text per line; gives its name, the name's lower case, and its key, \1 between.
 * FOLDER/norms: a table; perhaps vectors with words, folds.csv, categories.csv beside it. A line per concept: its name, category,
 * first number of its vector, fold, label, and cells "feature=value"; then a line "!" for each warning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/name.h"
#include "norms/assign.h"
#include "norms/vectors.h"

static const char *folder;

static const char *inside(const char *name) { /* NULL: there is no such file */
    static char path[4][600];
    static unsigned turn;
    char *p = path[turn++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return access(p, F_OK) == 0 ? p : NULL;
}

static void out(xp_view text) { fwrite(text.data, 1, text.length, stdout); }

static int spellings(FILE *file) {
    char *line = NULL, key[4096];
    size_t capacity = 0;
    xp_text room = {0}, lower = {0};
    for (ssize_t n; (n = getline(&line, &capacity, file)) > 0;) {
        xp_view name;
        unsigned changed;
        if (!xp_name((xp_view){line, (size_t)n - 1}, &room, &name, &changed)) return 1;
        lower.length = 0;
        if (!xp_name_lower(name, &lower)) return 1;
        out(name);
        putchar(1);
        out((xp_view){lower.data, lower.length});
        putchar(1);
        out((xp_view){key, xp_name_key(name, key, sizeof key)});
        putchar('\n');
    }
    xp_text_free(&room);
    xp_text_free(&lower);
    free(line);
    return fclose(file);
}

static int refused(const explaint_error *error) {
    fprintf(stderr, "%s\n", error->message);
    return (int)error->code;
}

static void print(const explaint_norms *n, const explaint_vectors *v, const int *fold, const int *label,
                  const xp_strings *labels) {
    for (size_t i = 0; i < n->n_concepts; i++) {
        const double *row = v != NULL ? explaint_vectors_of_concept(v, i) : NULL;
        printf("%s\1%s\1", n->concepts.item[i], n->category.count > 0 ? n->category.item[i] : "");
        if (row != NULL) printf("%.17g", *row);
        printf("\1%d\1%s", fold[i], label[i] >= 0 ? labels->item[label[i]] : "");
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++)
            printf("\1%s=%.17g", n->features.item[n->column[p]], n->value[p]);
        putchar('\n');
    }
    for (size_t i = 0; i < explaint_norms_n_warnings(n); i++) printf("! %s\n", explaint_norms_warning(n, i));
}

int main(int count, char **argument) {
    if (count != 2) return 2;
    folder = argument[1];
    const char *path = inside("spellings");
    if (path != NULL) return spellings(fopen(path, "rb"));
    explaint_norms *n = NULL;
    explaint_vectors *v = NULL;
    explaint_error error = {0};
    if (explaint_norms_open(inside("norms"), NULL, &n, &error) != EXPLAINT_OK) return refused(&error);
    const explaint_vectors_options options = {.words = inside("words")};
    path = inside("vectors");
    if (path != NULL && explaint_vectors_open(path, n, &options, &v, &error) != EXPLAINT_OK) return refused(&error);
    int *fold = calloc(n->n_concepts, sizeof *fold), *label = calloc(n->n_concepts, sizeof *label);
    uint8_t *kept = calloc(n->n_concepts, 1);
    xp_strings labels = {0}, notes = {0};
    char sha256[XP_SHA256_TEXT];
    size_t k;
    if (fold == NULL || label == NULL || kept == NULL) return 1;
    memset(kept, 1, n->n_concepts);
    for (size_t i = 0; i < n->n_concepts; i++) fold[i] = label[i] = -1;
    path = inside("folds.csv");
    if (path != NULL && xp_norms_read_folds(path, NULL, n, kept, fold, &k, sha256, &notes, &error) != EXPLAINT_OK)
        return refused(&error);
    path = inside("categories.csv");
    if (path != NULL && xp_norms_read_categories(path, NULL, n, label, &labels, sha256, &notes, &error) != EXPLAINT_OK)
        return refused(&error);
    print(n, v, fold, label, &labels);
    xp_strings_free(&labels);
    xp_strings_free(&notes);
    free(fold);
    free(label);
    free(kept);
    explaint_vectors_close(v);
    explaint_norms_close(n);
    return fflush(stdout) != 0;
}
