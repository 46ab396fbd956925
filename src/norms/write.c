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

typedef struct writer {
    const explaint_norms *norms;
    FILE *file;
    const uint8_t *drop;     /* n_features: not written */
    bool relation, category; /* columns beside concept, feature, value */
    size_t next;             /* features below it were written */
} writer;

/* What the reader makes the same flags of. */
static const char *relation_of(const explaint_norms *n, size_t feature) {
    if (n->superordinate != NULL && n->superordinate[feature]) return "superordinate";
    return n->taxonomic != NULL && n->taxonomic[feature] ? "taxonomic" : "";
}

static void write_row(writer *w, size_t concept_row, size_t feature, double value) {
    const explaint_norms *n = w->norms;
    char number[32];
    xp_shortest_double(value, number);
    write_name(w->file, n->concepts.item[concept_row]);
    fputc(',', w->file);
    write_name(w->file, n->features.item[feature]);
    fprintf(w->file, ",%s", number);
    if (w->relation) fprintf(w->file, ",%s", relation_of(n, feature));
    if (w->category) {
        fputc(',', w->file);
        if (n->category.item[concept_row][0] != 0) write_name(w->file, n->category.item[concept_row]);
    }
    fputc('\n', w->file);
    if (feature >= w->next) w->next = feature + 1;
}

/* Features are numbered by first appearance, and draws of a seed go by number: one that would appear too late keeps its
 * place by a pair that is absent. */
static void keep_places(writer *w, size_t concept_row, size_t end) {
    while (w->next < end) {
        if (w->drop[w->next])
            w->next++;
        else
            write_row(w, concept_row, w->next, 0);
    }
}

static void write_concept(writer *w, size_t i) {
    const explaint_norms *n = w->norms;
    bool any = false;
    for (size_t p = n->row_start[i]; p < n->row_start[i + 1]; p++) {
        if (w->drop[n->column[p]]) continue;
        keep_places(w, i, n->column[p]);
        write_row(w, i, n->column[p], n->value[p]);
        any = true;
    }
    size_t first = 0; /* a concept without features keeps its place, too */
    while (!any && w->drop[first]) first++;
    if (!any) write_row(w, i, first, 0);
}

/* Which features na leaves out; an error if the cells that are missing cannot be written. */
static explaint_status choose_features(const explaint_norms *n, uint8_t *drop, explaint_error *error) {
    if (n->na == XP_NA_MASK && n->missing_start != NULL)
        return xp_fail(error, EXPLAINT_INVALID, n->path, 0,
                       "missing cells (%zu) have no place in long CSV; choose --na zero or drop-features",
                       n->n_missing);
    xp_norms_dropped_features(n, NULL, drop);
    if (n->n_features > 0 && memchr(drop, 0, n->n_features) == NULL)
        return xp_fail(error, EXPLAINT_INVALID, n->path, 0,
                       "every feature has a missing cell: without those nothing is left; choose --na zero");
    return EXPLAINT_OK;
}

explaint_status explaint_norms_write_csv(const explaint_norms *n, const char *path, explaint_error *error) {
    uint8_t *drop = xp_calloc(n->n_features, 1);
    xp_output output;
    if (drop == NULL) return xp_no_memory(error, "writing norms");
    explaint_status status = choose_features(n, drop, error);
    if (status == EXPLAINT_OK) status = xp_output_open(&output, path, error);
    if (status != EXPLAINT_OK) {
        xp_free(drop);
        return status;
    }
    writer w = {.norms = n,
                .file = output.file,
                .drop = drop,
                .relation = n->taxonomic != NULL || n->superordinate != NULL,
                .category = n->category.count > 0};
    fprintf(w.file, "concept,feature,value%s%s\n", w.relation ? ",relation" : "", w.category ? ",category" : "");
    for (size_t i = 0; i < n->n_concepts && !ferror(w.file); i++) write_concept(&w, i);
    keep_places(&w, 0, n->n_features); /* features without concepts */
    xp_free(drop);
    return xp_output_commit(&output, error);
}
