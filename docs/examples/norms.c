/* What do people say of a thing, and of which things do they say the same? Reads norms and prints a concept's features.
 *
 *     cc norms.c $(pkg-config --cflags --libs explaint) -o norms
 *     ./norms robin               in the norms that ship inside
 *     ./norms robin norms.csv     in a file of yours
 */
#include <stdio.h>
#include <string.h>

#include <explaint/explaint.h>

int main(int argc, char **argv) {
    const char *wanted = argc > 1 ? argv[1] : "robin", *path = argc > 2 ? argv[2] : "wordnet";
    explaint_error error = {0};
    explaint_norms *norms = NULL;
    explaint_norms_options options = explaint_norms_defaults();
    options.na = "mask"; /* ratings that nobody gave are no zeroes */
    if (explaint_norms_open(path, &options, &norms, &error) != EXPLAINT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return (int)error.code;
    }

    explaint_norms_summary summary;
    explaint_norms_summarise(norms, &summary);
    printf("%s: %zu concepts, %zu features, %.1f of them per concept, %zu categories\n", explaint_norms_name(norms),
           summary.n_concepts, summary.n_features, summary.features_per_concept, summary.n_categories);
    for (size_t i = 0; i < explaint_norms_n_notes(norms); i++) printf("note: %s\n", explaint_norms_note(norms, i));

    size_t found = 0;
    for (size_t i = 0; i < summary.n_concepts; i++) {
        if (strcmp(explaint_norms_concept(norms, i), wanted) != 0) continue;
        const char *category = explaint_norms_category(norms, i);
        printf("%s, category %s\n", wanted, category != NULL ? category : "none");
        for (size_t j = 0; j < summary.n_features; j++) {
            const double value = explaint_norms_value(norms, i, j);
            if (value > 0) printf("  %4g  %s\n", value, explaint_norms_feature(norms, j));
        }
        found++;
    }
    if (found == 0) printf("%s is none of its concepts\n", wanted);
    explaint_norms_close(norms);
    return 0;
}
