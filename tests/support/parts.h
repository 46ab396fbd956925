/* A folder in memory, out of one text: "@modules.json\n[...]\n@1_Pooling/config.json\n{...}". */
#ifndef XP_TESTS_SUPPORT_PARTS_H
#define XP_TESTS_SUPPORT_PARTS_H

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/view.h"
#include "model/source.h"

typedef struct parts {
    const char *text;
    size_t size;
} parts;

/* What stands under the name, up to the newline before a line that begins with '@'. */
static inline bool parts_find(const parts *p, const char *name, xp_view *content) {
    for (size_t at = 0; at < p->size;) {
        const char *line = p->text + at, *stop = memchr(line, '\n', p->size - at);
        const size_t length = stop != NULL ? (size_t)(stop - line) : p->size - at;
        at += length + (stop != NULL);
        if (length == 0 || line[0] != '@' || !xp_view_is((xp_view){line + 1, length - 1}, name)) continue;
        size_t end = at;
        while (end < p->size && !(p->text[end] == '@' && p->text[end - 1] == '\n')) end++;
        *content = (xp_view){p->text + at, end - at - (end < p->size && end > at)};
        return true;
    }
    return false;
}

static inline bool parts_has(void *self, const char *name) {
    xp_view content;
    return parts_find(self, name, &content);
}

static inline explaint_status parts_open(void *self, const char *name, const char *path, xp_bytes *bytes,
                                         explaint_error *error) {
    xp_view content;
    if (strstr(name, "..") != NULL && strstr(name, "../") == name)
        abort(); /* nothing outside of the folder is asked for */
    if (!parts_find(self, name, &content)) return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected a file");
    *bytes = (xp_bytes){.data = xp_alloc(content.length + 1, 1), .size = content.length};
    if (bytes->data == NULL) return xp_no_memory(error, name);
    memcpy(bytes->data, content.data, content.length);
    bytes->data[content.length] = 0;
    return EXPLAINT_OK;
}

static inline xp_source parts_source(parts *p) {
    return (xp_source){.folder = "m", .self = p, .open = parts_open, .has = parts_has};
}

#endif
