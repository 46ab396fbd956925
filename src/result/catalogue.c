#include "explaint/catalogue.h"

#include <stdbool.h>
#include <string.h>

static const explaint_entry metrics[] = {EXPLAINT_METRICS(EXPLAINT_AS_ENTRY)};
static const explaint_entry lengths[] = {EXPLAINT_LENGTHS(EXPLAINT_AS_ENTRY)};
static const explaint_entry conditions[] = {EXPLAINT_CONDITIONS(EXPLAINT_AS_ENTRY)};
static const explaint_entry tests[] = {EXPLAINT_TESTS(EXPLAINT_AS_ENTRY)};
static const explaint_entry mappings[] = {EXPLAINT_MAPPINGS(EXPLAINT_AS_ENTRY)};
static const explaint_entry measures[] = {EXPLAINT_MEASURES(EXPLAINT_AS_ENTRY)};
static const explaint_entry damages[] = {EXPLAINT_DAMAGES(EXPLAINT_AS_ENTRY)};
static const explaint_entry families[] = {EXPLAINT_FAMILIES(EXPLAINT_AS_ENTRY)};

#define LIST(ENTRIES)                                                                                                  \
    { #ENTRIES, ENTRIES, sizeof(ENTRIES) / sizeof *(ENTRIES) }
static const struct {
    const char *name;
    const explaint_entry *entry;
    size_t n;
} lists[] = {LIST(metrics),  LIST(lengths),  LIST(conditions), LIST(tests),
             LIST(mappings), LIST(measures), LIST(damages),    LIST(families)};

const explaint_entry *explaint_catalogue(const char *list, size_t *n) {
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].name, list) == 0) {
            *n = lists[i].n;
            return lists[i].entry;
        }
    *n = 0;
    return NULL;
}

static bool same(const char *a, const char *b) {
    for (; *a != 0 && *b != 0; a++, b++)
        if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b)) return false;
    return *a == *b;
}

const explaint_entry *explaint_catalogue_find(const char *list, const char *name) {
    size_t n;
    const explaint_entry *entry = explaint_catalogue(list, &n);
    for (size_t i = 0; i < n; i++)
        if (same(entry[i].name, name)) return &entry[i];
    return NULL;
}
