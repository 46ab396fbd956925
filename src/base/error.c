#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies text, escaping control characters (a terminal must not obey a file's bytes). Always terminates. */
static void escape(char *out, size_t size, const char *text) {
    size_t at = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p != 0; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            if (at + 5 > size) break;
            static const char hex[] = "0123456789abcdef";
            out[at++] = '\\';
            out[at++] = 'x';
            out[at++] = hex[*p >> 4];
            out[at++] = hex[*p & 15];
        } else {
            if (at + 2 > size) break;
            out[at++] = (char)*p;
        }
    }
    out[at] = 0;
}

explaint_status xp_fail(explaint_error *error, explaint_status code, const char *file, size_t line, const char *format,
                        ...) {
    if (error == NULL) return code;
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);

    error->code = code;
    error->line = line;
    error->file[0] = 0;
    if (file != NULL) {
        size_t length = strlen(file);
        size_t keep = sizeof error->file / 4 - 1; /* every byte may become four */
        escape(error->file, sizeof error->file, length > keep ? file + (length - keep) : file);
    }
    size_t at = 0;
    if (file != NULL && line > 0)
        at = (size_t)snprintf(error->message, sizeof error->message, "%s:%zu: ", error->file, line);
    else if (file != NULL)
        at = (size_t)snprintf(error->message, sizeof error->message, "%s: ", error->file);
    escape(error->message + at, sizeof error->message - at, text);
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
