/* explaint norms describe: what is in a file of norms. */
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "explaint/norms.h"
#include "explaint/version.h"
#include "norms.h"
#include "product.h"
#include "shared.h"
#include "term.h"

/* ---- labels: how many concepts have which ---- */

typedef struct tally {
    const char *text;
    size_t count, first;
} tally;

static int by_text(const void *left, const void *right) {
    const tally *a = left, *b = right;
    int order = strcmp(a->text, b->text);
    return order != 0 ? order : a->first < b->first ? -1 : 1;
}

static int by_count(const void *left, const void *right) {
    const tally *a = left, *b = right;
    if (a->count != b->count) return a->count > b->count ? -1 : 1;
    return a->first < b->first ? -1 : 1;
}

typedef struct label {
    const char *name;
    tally *value;
    size_t n;
} label;

/* Different values of label k, most frequent first (ties: first in the file), into list, which has room for all concepts. */
static size_t count_labels(const explaint_norms *norms, size_t k, tally *list) {
    size_t n = explaint_norms_n_concepts(norms), kept = 0;
    for (size_t i = 0; i < n; i++) list[i] = (tally){explaint_norms_label(norms, k, i), 1, i};
    qsort(list, n, sizeof *list, by_text);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && strcmp(list[kept - 1].text, list[i].text) == 0)
            list[kept - 1].count++;
        else
            list[kept++] = list[i];
    }
    qsort(list, kept, sizeof *list, by_count);
    return kept;
}

/* ---- the document ---- */

typedef struct description {
    explaint_record record;
    const char *version, *name, *kind, *path, *sha256, *citation;
    explaint_norms_summary summary;
    size_t components;
    label *label;
    tally *tallies; /* of all labels, one after the other */
    const char **notes, **warnings;
    size_t n_labels, n_notes, n_warnings;
} description;

static const explaint_field tally_fields[] = {DOCUMENT_FIELD(tally, TEXT, "text", text),
                                              DOCUMENT_FIELD(tally, SIZE, "count", count)};
static const explaint_kind tally_kind = DOCUMENT_KIND("tally", tally, tally_fields);

static const explaint_field label_fields[] = {DOCUMENT_FIELD(label, TEXT, "name", name),
                                              DOCUMENT_LIST(label, MEMBERS, "value", value, n, .of = &tally_kind)};
static const explaint_kind label_kind = DOCUMENT_KIND("label", label, label_fields);

#define OWN(TYPE, NAME) DOCUMENT_FIELD(description, TYPE, #NAME, NAME)
#define SUMMARY(TYPE, NAME, MEMBER) DOCUMENT_FIELD(description, TYPE, NAME, summary.MEMBER)
static const explaint_field fields[] = {
    DOCUMENT_FIELD(description, TEXT, "explaint", version),
    OWN(TEXT, name),
    OWN(TEXT, kind),
    OWN(TEXT, path),
    OWN(TEXT, sha256),
    OWN(TEXT, citation),
    SUMMARY(SIZE, "concepts", n_concepts),
    SUMMARY(SIZE, "features", n_features),
    SUMMARY(SIZE, "pairs", n_pairs),
    SUMMARY(SIZE, "singletons", singletons),
    SUMMARY(SIZE, "missing", missing),
    SUMMARY(SIZE, "sense_tags", sense_tags),
    SUMMARY(SIZE, "distinct_forms", distinct_forms),
    SUMMARY(SIZE, "several_words", several_words),
    SUMMARY(SIZE, "taxonomic_features", taxonomic_features),
    SUMMARY(SIZE, "categories", n_categories),
    SUMMARY(SIZE, "in_category", in_category),
    SUMMARY(NUMBER, "zero_share", zero_share),
    SUMMARY(NUMBER, "features_per_concept", features_per_concept),
    SUMMARY(NUMBER, "ceiling", ceiling),
    SUMMARY(NUMBER, "chance", chance),
    SUMMARY(NUMBER, "value_min", value_min),
    SUMMARY(NUMBER, "value_max", value_max),
    OWN(SIZE, components),
    DOCUMENT_LIST(description, MEMBERS, "labels", label, n_labels, .of = &label_kind),
    DOCUMENT_LIST(description, TEXTS, "notes", notes, n_notes, .form = EXPLAINT_FIELD_LINES),
    DOCUMENT_LIST(description, TEXTS, "warnings", warnings, n_warnings,
                  .form = EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY),
};
static const explaint_kind kind = DOCUMENT_KIND("norms describe", description, fields);

static void clear(description *d) {
    free(d->label);
    free(d->tallies);
    free(d->notes);
    free(d->warnings);
}

/* false: no memory. Texts are those of the norms. */
static bool fill(description *d, const explaint_norms *norms) {
    const size_t n = explaint_norms_n_concepts(norms);
    const char *citation = explaint_norms_citation(norms);
    *d = (description){.record = {&kind},
                       .version = explaint_version(),
                       .name = explaint_norms_name(norms),
                       .kind = explaint_norms_kind(norms),
                       .path = explaint_norms_path(norms),
                       .sha256 = explaint_norms_sha256(norms),
                       .citation = citation != NULL && citation[0] != 0 ? citation : NULL,
                       .components = explaint_norms_components(norms),
                       .n_labels = explaint_norms_n_labels(norms),
                       .n_notes = explaint_norms_n_notes(norms),
                       .n_warnings = explaint_norms_n_warnings(norms)};
    explaint_norms_summarise(norms, &d->summary);
    d->label = calloc(d->n_labels + 1, sizeof *d->label);
    d->tallies = calloc(d->n_labels * n + 1, sizeof *d->tallies);
    d->notes = calloc(d->n_notes + 1, sizeof *d->notes);
    d->warnings = calloc(d->n_warnings + 1, sizeof *d->warnings);
    if (d->label == NULL || d->tallies == NULL || d->notes == NULL || d->warnings == NULL) return false;
    for (size_t k = 0; k < d->n_labels; k++) {
        d->label[k] = (label){.name = explaint_norms_label_name(norms, k), .value = d->tallies + k * n};
        d->label[k].n = count_labels(norms, k, d->label[k].value);
    }
    for (size_t i = 0; i < d->n_notes; i++) d->notes[i] = explaint_norms_note(norms, i);
    for (size_t i = 0; i < d->n_warnings; i++) d->warnings[i] = explaint_norms_warning(norms, i);
    return true;
}

/* ---- for people ---- */

static void labels_text(const term *t, const description *d, size_t k) {
    enum { SHOWN = 8 };
    char text[512];
    size_t at = 0;
    const label *l = &d->label[k];
    const tally *list = l->value;
    const size_t count = l->n;
    for (size_t i = 0; i < count && i < SHOWN && at < sizeof text - 80; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%.40s %zu", i > 0 ? ", " : "",
                               list[i].text[0] != 0 ? list[i].text : "(none)", list[i].count);
    if (count > SHOWN) snprintf(text + at, sizeof text - at, ", %zu more", count - SHOWN);
    term_entry(t, "label", "%s: %s", l->name, count > 0 ? text : "");
}

static void write_text(const description *d) {
    const explaint_norms_summary *s = &d->summary;
    term t = term_of(stdout);
    term_put_in(&t, STRONG, d->name);
    fputc('\n', stdout);
    term_entry(&t, "file", "%s (%s)", d->path, d->kind);
    term_entry(&t, "sha256", "%s", d->sha256);
    term_entry(&t, "matrix", "%zu concepts × %zu features, %zu pairs, %.1f features a concept, %.2f %% zero",
               s->n_concepts, s->n_features, s->n_pairs, s->features_per_concept, 100 * s->zero_share);
    term_entry(&t, "values", "%g to %g%s", s->value_min, s->value_max, s->missing > 0 ? "" : ", none missing");
    if (s->missing > 0) term_entry(&t, "missing", "%zu cells", s->missing);
    term_entry(&t, "concepts", "%zu with a sense tag, %zu distinct forms, %zu of several words", s->sense_tags,
               s->distinct_forms, s->several_words);
    term_entry(&t, "features", "%zu of one concept only, %zu taxonomic", s->singletons, s->taxonomic_features);
    term_entry(&t, "categories", "%zu of at least 5 concepts, %zu concepts in them", s->n_categories, s->in_category);
    for (size_t k = 0; k < d->n_labels; k++) labels_text(&t, d, k);
    term_entry(&t, "F1@10", "chance %.4f, ceiling %.4f", s->chance, s->ceiling);
    for (size_t i = 0; i < d->n_warnings; i++) term_entry(&t, "warning", "%s", d->warnings[i]);
    for (size_t i = 0; i < d->n_notes; i++) term_entry(&t, "note", "%s", d->notes[i]);
    if (d->citation != NULL) term_entry(&t, "source", "%s", d->citation);
}

int norms_describe(const norms_settings *s, const explaint_norms *norms) {
    description d;
    explaint_error error = {0};
    explaint_status status = EXPLAINT_OK;
    if (!fill(&d, norms)) { /* before anything is printed */
        cli_say("not enough memory for the labels");
        clear(&d);
        return EXPLAINT_FAILED;
    }
    if (s->wish.json)
        status = product_print(&d.record, &error);
    else
        write_text(&d);
    clear(&d);
    return cli_outcome(&error, status);
}
