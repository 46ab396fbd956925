/* What a result owns: strings, and lists that grow while it is made. */
#include <stdarg.h>
#include <string.h>

#include "audit/result.h"
#include "base/memory.h"
#include "formats/number.h"

const char *xp_result_keep(xp_result *r, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const char *kept = xp_strings_keep(&r->texts, &r->failed, format, list);
    va_end(list);
    return kept;
}

const char *xp_result_keep_text(xp_result *r, xp_text *text) {
    return xp_strings_keep_text(&r->texts, &r->failed, text);
}

void xp_result_adopt(xp_result *r, void *list) {
    void **place = xp_grow((void **)&r->owned, r->n_owned, &r->owned_capacity, sizeof *place);
    if (place == NULL) {
        xp_free(list);
        r->failed = true;
        return;
    }
    *place = list;
    r->n_owned++;
}

void *xp_result_own(xp_result *r, size_t count, size_t size) {
    void *list = xp_calloc(count, size);
    if (list != NULL) xp_result_adopt(r, list);
    if (list == NULL) r->failed = true;
    return r->failed ? NULL : list;
}

void xp_result_add(xp_result *r, void **list, size_t *count, size_t *capacity, const void *item, size_t size) {
    void *place = xp_grow(list, *count, capacity, size);
    if (place == NULL) {
        r->failed = true;
        return;
    }
    memcpy(place, item, size);
    ++*count;
}

void xp_result_add_lint(xp_result *r, const char *id, const char *level, const char *format, ...) {
    va_list list;
    va_start(list, format);
    const explaint_lint lint = {.id = id, .level = level, .text = xp_strings_keep(&r->texts, &r->failed, format, list)};
    va_end(list);
    XP_RESULT_ADD(r, lints, n_lints, lint);
}

const char *xp_result_name_mapping(xp_result *r, const xp_request *request, double level) {
    if (!xp_request_tells(request, "alpha") || xp_mapping_n_levels(&request->mapping) == 1)
        return request->mapping.mapper->name; /* several penalties side by side are mappings of their own name */
    char number[32];
    xp_shortest_double(level, number);
    return xp_result_keep(r, "%s:%s", request->options.mapping, number);
}
