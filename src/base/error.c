#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "explaint/visible.h"

/* A text that was cut within a character ends before it. */
static void whole_characters(char *text) {
    size_t length = strlen(text), begin = length;
    while (begin > 0 && length - begin < 3 && ((unsigned char)text[begin - 1] & 0xc0) == 0x80) begin--;
    if (begin == 0) return;
    const unsigned char lead = (unsigned char)text[begin - 1];
    const size_t wanted = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (length - begin + 1 < wanted) text[begin - 1] = 0;
}

explaint_status xp_fail(explaint_error *error, explaint_status code, const char *file, size_t line, const char *format,
                        ...) {
    if (error == NULL) return code;
    char text[1024];
    va_list list;
    va_start(list, format);
    if (vsnprintf(text, sizeof text, format, list) >= (int)sizeof text) whole_characters(text);
    va_end(list);

    error->code = code;
    error->line = line;
    error->file[0] = 0;
    if (file != NULL) {
        size_t length = strlen(file);
        size_t keep = sizeof error->file / 4 - 1; /* every byte may become four */
        const char *end = length > keep ? file + (length - keep) : file;
        while (end > file && ((unsigned char)*end & 0xc0) == 0x80) end++; /* not from within a character */
        explaint_visible_text(end, error->file, sizeof error->file);
    }
    size_t at = 0;
    if (file != NULL && line > 0)
        at = (size_t)snprintf(error->message, sizeof error->message, "%s:%zu: ", error->file, line);
    else if (file != NULL)
        at = (size_t)snprintf(error->message, sizeof error->message, "%s: ", error->file);
    explaint_visible_text(text, error->message + at, sizeof error->message - at);
    return code;
}

explaint_status xp_no_memory(explaint_error *error, const char *what) {
    return xp_fail(error, EXPLAINT_FAILED, NULL, 0, "not enough memory for %s", what);
}

explaint_status xp_no_thread(explaint_error *error) {
    return xp_fail(error, EXPLAINT_FAILED, NULL, 0,
                   "no thread could be started: not enough memory, or too many threads; free some, or give fewer "
                   "--threads");
}
