#include "outline_attend.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "document.h"
#include "explaint/version.h"
#include "product.h"
#include "term.h"

typedef struct outline {
    explaint_record record;
    const char *version;
    size_t units;
    double memory;
    const char *cost; /* NULL: nothing takes long */
    const explaint_attend_memory *parts;
    size_t n_parts;
} outline;

static const explaint_field part_fields[] = {
    DOCUMENT_FIELD(explaint_attend_memory, TEXT, "what", what),
    DOCUMENT_FIELD(explaint_attend_memory, TEXT, "measures", measures),
    DOCUMENT_FIELD(explaint_attend_memory, NUMBER, "bytes", bytes),
    DOCUMENT_FIELD(explaint_attend_memory, FLAG, "square", square),
};
static const explaint_kind part_kind = DOCUMENT_KIND("memory", explaint_attend_memory, part_fields);

static const explaint_field outline_fields[] = {
    DOCUMENT_FIELD(outline, TEXT, "explaint", version),
    DOCUMENT_FIELD(outline, SIZE, "units", units),
    DOCUMENT_FIELD(outline, NUMBER, "memory_bytes", memory),
    DOCUMENT_FIELD(outline, TEXT, "cost", cost),
    DOCUMENT_LIST(outline, LIST, "memory", parts, n_parts, .of = &part_kind, .form = EXPLAINT_FIELD_LINES),
};
static const explaint_kind outline_kind = DOCUMENT_KIND("attend --dry-run", outline, outline_fields);

static double total_of(const explaint_attend_plan *plan) {
    size_t n;
    double total = 0;
    const explaint_attend_memory *parts = explaint_attend_plan_memory(plan, &n);
    for (size_t i = 0; i < n; i++) total += parts[i].bytes;
    return total;
}

/* "1.2 GB" */
static const char *amount(double bytes, char text[32]) {
    if (bytes < 1e6)
        snprintf(text, 32, "%.1f KB", bytes / 1e3);
    else if (bytes < 1e9)
        snprintf(text, 32, "%.*f MB", bytes < 1e8 ? 1 : 0, bytes / 1e6);
    else
        snprintf(text, 32, "%.1f GB", bytes / 1e9);
    return text;
}

static void print_outline(const outline *o, const term *t) {
    char text[32];
    bool square = false;
    term_line(t, "%zu units, about %s of memory", o->units, amount(o->memory, text));
    for (size_t i = 0; i < o->n_parts; i++) {
        const explaint_attend_memory *part = &o->parts[i];
        term_spaces(t, 2);
        term_field(t, amount(part->bytes, text), -9);
        term_spaces(t, 2);
        term_line(t, "%s (%s)%s", part->what, part->measures, part->square ? ": pieces x pieces" : "");
        square = square || (part->square && strcmp(part->measures, "verdict") != 0);
    }
    if (square)
        term_block_in(t, PLAIN,
                      "Pieces x pieces grows with the square of a text. --measures attention has no map as a whole, "
                      "and continuity needs states alone.",
                      2);
    if (o->cost != NULL) term_block_in(t, PLAIN, o->cost, 2);
}

explaint_status outline_attend(const explaint_attend_plan *plan, bool json, explaint_error *error) {
    outline o = {.record = {&outline_kind},
                 .version = explaint_version(),
                 .units = explaint_attend_plan_n_units(plan),
                 .memory = rint(total_of(plan)),
                 .cost = explaint_attend_plan_cost(plan)};
    o.parts = explaint_attend_plan_memory(plan, &o.n_parts);
    if (json) return product_print(&o.record, error);
    const term t = term_of(stdout);
    print_outline(&o, &t);
    return EXPLAINT_OK;
}

int outline_attend_fits(const explaint_attend_plan *plan) {
    const double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE), needed = total_of(plan);
    size_t n;
    const explaint_attend_memory *parts = explaint_attend_plan_memory(plan, &n), *most = &parts[0];
    char needs[32], has[32], of_it[32];
    if (machine <= 0 || needed <= machine) return 0;
    for (size_t i = 1; i < n; i++)
        if (parts[i].bytes > most->bytes) most = &parts[i];
    cli_say("the run needs about %s of memory, of which %s for %s (%s), and this machine has %s: leave these measures "
            "out, --truncate texts, or --force",
            amount(needed, needs), amount(most->bytes, of_it), most->what, most->measures, amount(machine, has));
    return EXPLAINT_FAILED;
}
