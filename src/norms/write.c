/* Norms as long CSV (RFC 4180 but for the line end, which is LF as in other text of this system). */
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "norms/norms.h"

static void write_name(FILE *file, const char *name) {
    if (name[strcspn(name, ",\"\r\n")] == 0 && name[0] != 0) {
        fputs(name, file);
        return;
    }
    fputc('"', file);
    for (const char *p = name; *p != 0; p++) {
        if (*p == '"') fputc('"', file);
        fputc(*p, file);
    }
    fputc('"', file);
}

static void write_row(FILE *file, const char *concept_name, const char *feature, double value) {
    char number[32];
    xp_shortest_double(value, number);
    write_name(file, concept_name);
    fputc(',', file);
    write_name(file, feature);
    fprintf(file, ",%s\n", number);
}

explaint_status explaint_norms_write_csv(const explaint_norms *n, const char *path, explaint_error *error) {
    uint8_t *written = xp_calloc(n->n_features, 1);
    xp_output output;
    if (written == NULL) return xp_no_memory(error, "writing norms");
    explaint_status status = xp_output_open(&output, path, error);
    if (status != EXPLAINT_OK) {
        xp_free(written);
        return status;
    }
    fputs("concept,feature,value\n", output.file);
    for (size_t i = 0; i < n->n_concepts && !ferror(output.file); i++) {
        for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++) {
            write_row(output.file, n->concepts.item[i], n->features.item[n->column[p]], n->value[p]);
            written[n->column[p]] = 1;
        }
        /* A concept without features keeps its place by a pair that is absent. */
        if (n->row_start[i] == n->row_start[i + 1]) write_row(output.file, n->concepts.item[i], n->features.item[0], 0);
    }
    for (size_t j = 0; j < n->n_features; j++) /* and so does a feature without concepts */
        if (!written[j] && !ferror(output.file)) write_row(output.file, n->concepts.item[0], n->features.item[j], 0);
    xp_free(written);
    return xp_output_commit(&output, error);
}
