#include "term.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "explaint/visible.h"

enum { NARROWEST = 50, WIDEST = 200, USUAL = 80, IN_FILES = 100 };

static int at_most(long width) { return width > WIDEST ? WIDEST : (int)width; }

int term_width(FILE *out) {
    struct winsize size;
    if (isatty(fileno(out)) && ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return at_most(size.ws_col);
    const char *columns = getenv("COLUMNS");
    long width = columns != NULL ? strtol(columns, NULL, 10) : 0;
    return width > 0 ? at_most(width) : USUAL;
}

term term_of(FILE *out) {
    const char *kind = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    const int width = term_width(out);
    bool dumb = kind == NULL || strcmp(kind, "dumb") == 0;
    return (term){
        .out = out,
        .width = width < NARROWEST ? NARROWEST : width,
        .colour = isatty(fileno(out)) && !dumb && (no_colour == NULL || *no_colour == 0),
        .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
}

term term_of_file(FILE *out) { return (term){.out = out, .width = IN_FILES, .colour = false, .utf8 = true}; }

static const char *const codes[] = {
    [PLAIN] = "",    [STRONG] = "1",     [FAINT] = "2",  [GOOD] = "1;32", [BAD] = "1;31",
    [OPEN] = "1;33", [SUBJECT] = "1;36", [BOUND] = "34", [BROKEN] = "33", [REST] = "90",
};

void term_begin(const term *t, term_style style) {
    if (t->colour && style != PLAIN) fprintf(t->out, "\033[%sm", codes[style]);
}

void term_end(const term *t, term_style style) {
    if (t->colour && style != PLAIN) fputs("\033[0m", t->out);
}

/* The code point of a whole character of UTF-8. */
static uint32_t code_of(const char *character) {
    const unsigned char *p = (const unsigned char *)character;
    uint32_t code = p[0] < 0x80 ? p[0] : p[0] < 0xe0 ? p[0] & 31u : p[0] < 0xf0 ? p[0] & 15u : p[0] & 7u;
    for (size_t i = 1; p[0] >= 0x80 && p[i] != 0; i++) code = code << 6 | (p[i] & 0x3fu);
    return code;
}

static const struct {
    uint32_t code;
    const char *ascii;
} stand_ins[] = {
    {0x2013, "-"},  {0x2014, "-"},   {0x2212, "-"},   {0x00B1, "+-"}, {0x00D7, "x"}, {0x00B7, "-"},
    {0x2192, "->"}, {0x2264, "<="},  {0x2265, ">="},  {0x2018, "'"},  {0x2019, "'"}, {0x201C, "\""},
    {0x201D, "\""}, {0x2026, "..."}, {0x03C1, "rho"}, {0x00A0, " "},
};

static int columns_of(uint32_t code) {
    if (code >= 0x300 && code < 0x370) return 0;
    bool wide = (code >= 0x1100 && code < 0x1160) || (code >= 0x2E80 && code < 0xA4D0) ||
                (code >= 0xAC00 && code < 0xD7A4) || (code >= 0xF900 && code < 0xFB00) ||
                (code >= 0xFF00 && code < 0xFF61) || (code >= 0x1F300 && code < 0x1FB00);
    return wide ? 2 : 1;
}

/* The first character of the text as it is printed here, and its columns. Returns its bytes in the text. */
static size_t next(const term *t, const char *text, char shown[EXPLAINT_VISIBLE], int *columns) {
    const size_t length = explaint_visible(text, shown);
    const uint32_t code = code_of(shown);
    if (code < 0x80) { /* or an escape */
        *columns = (int)strlen(shown);
        return length;
    }
    *columns = columns_of(code);
    if (t->utf8) return length;
    const char *ascii = "?";
    for (size_t i = 0; i < sizeof stand_ins / sizeof *stand_ins; i++)
        if (stand_ins[i].code == code) ascii = stand_ins[i].ascii;
    *columns = snprintf(shown, EXPLAINT_VISIBLE, "%s", ascii);
    return length;
}

static int columns_to(const term *t, const char *text, const char *end) {
    char shown[EXPLAINT_VISIBLE];
    int columns = 0, more;
    while (text < end && *text != 0) {
        text += next(t, text, shown, &more);
        columns += more;
    }
    return columns;
}

int term_columns(const term *t, const char *text) { return columns_to(t, text, text + strlen(text)); }

static void put_to(const term *t, const char *text, const char *end) {
    char shown[EXPLAINT_VISIBLE];
    int columns;
    while (text < end && *text != 0) {
        text += next(t, text, shown, &columns);
        fputs(shown, t->out);
    }
}

void term_put(const term *t, const char *text) { put_to(t, text, text + strlen(text)); }

static void put_list(const term *t, const char *format, va_list list) {
    char text[2048];
    vsnprintf(text, sizeof text, format, list);
    term_put(t, text);
}

void term_line(const term *t, const char *format, ...) {
    va_list list;
    va_start(list, format);
    put_list(t, format, list);
    va_end(list);
    fputc('\n', t->out);
}

void term_spaces(const term *t, int count) {
    for (int i = 0; i < count; i++) fputc(' ', t->out);
}

void term_field(const term *t, const char *text, int width) {
    int room = width < 0 ? -width : width;
    int columns = term_columns(t, text);
    if (columns <= room) {
        if (width < 0) term_spaces(t, room - columns);
        term_put(t, text);
        if (width > 0) term_spaces(t, room - columns);
        return;
    }
    const char *dots = t->utf8 ? "\u2026" : ".";
    const char *at = text;
    int used = 0;
    for (int more; *at != 0; used += more) {
        char shown[EXPLAINT_VISIBLE];
        const size_t length = next(t, at, shown, &more);
        if (used + more > room - 1) break;
        at += length;
    }
    put_to(t, text, at);
    fputs(dots, t->out);
    term_spaces(t, room - 1 - used);
}

void term_wrap(const term *t, const char *text, int at, int indent) {
    bool fresh = true; /* nothing yet on this line but its indent */
    for (const char *word = text; *word != 0;) {
        const char *end = word + strcspn(word, " \n");
        int columns = columns_to(t, word, end);
        if (!fresh && at + 1 + columns > t->width) {
            fputc('\n', t->out);
            term_spaces(t, indent);
            at = indent;
            fresh = true;
        }
        if (!fresh) fputc(' ', t->out);
        put_to(t, word, end);
        at += columns + !fresh;
        fresh = false;
        word = end + strspn(end, " \n");
    }
    fputc('\n', t->out);
}

const char *term_sign(const term *t, const char *sign, const char *ascii) { return t->utf8 ? sign : ascii; }

void term_entry(const term *t, const char *name, const char *format, ...) {
    enum { INDENT = 2, NAME = 12 };
    char text[1200];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    term_begin(t, FAINT);
    term_spaces(t, INDENT);
    term_field(t, name, NAME);
    term_end(t, FAINT);
    term_wrap(t, text, INDENT + NAME, INDENT + NAME);
}

/* ---- in a style ---- */

void term_put_in(const term *t, term_style style, const char *text) {
    term_begin(t, style);
    term_put(t, text);
    term_end(t, style);
}

void term_putf_in(const term *t, term_style style, const char *format, ...) {
    va_list list;
    va_start(list, format);
    term_begin(t, style);
    put_list(t, format, list);
    term_end(t, style);
    va_end(list);
}

void term_field_in(const term *t, term_style style, const char *text, int width) {
    term_begin(t, style);
    term_field(t, text, width);
    term_end(t, style);
}

void term_wrap_in(const term *t, term_style style, const char *text, int at, int indent) {
    term_begin(t, style);
    term_wrap(t, text, at, indent);
    term_end(t, style);
}

void term_block_in(const term *t, term_style style, const char *text, int indent) {
    term_spaces(t, indent);
    term_wrap_in(t, style, text, indent, indent);
}
