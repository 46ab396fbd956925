/* The form under which a concept is looked up among words (methods 1.1). */
#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wctype.h>

#include "base/view.h"
#include "norms/norms.h"

static bool blank(char c) { return c == ' ' || c == '_' || c == '\t' || c == '\n' || c == '\r'; }

/* "(to)" as a word of its own: "listened (to)", "(to) run". */
static bool is_to(const char *p, size_t left) {
    return left >= 4 && p[0] == '(' && xp_lower_ascii(p[1]) == 't' && xp_lower_ascii(p[2]) == 'o' && p[3] == ')' &&
           (left == 4 || blank(p[4]));
}

size_t xp_concept_sense_tag(const char *name) {
    size_t length = strlen(name);
    if (length < 4 || name[length - 1] != ')') return length;
    size_t open = length - 1;
    while (open > 0 && name[open] != '(') open--;
    /* A tag has letters, and a word before it: "(to)" and "()" are none. */
    if (open < 2 || length - open < 3 || (name[open - 1] != '_' && name[open - 1] != ' ')) return length;
    if (is_to(name + open, length - open)) return length;
    return open - 1;
}

static locale_t unicode;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_unicode(void) { unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

/* One code point; what is no UTF-8 stays as it is (the readers let none through). */
static size_t lower(const unsigned char *p, char out[4]) {
    size_t n = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) n = 1;
    memcpy(out, p, n);
    if (n == 1) {
        if (p[0] >= 'A' && p[0] <= 'Z') out[0] = (char)(p[0] - 'A' + 'a');
        return n;
    }
    pthread_once(&once, make_unicode);
    if (n == 4 || unicode == (locale_t)0) return n; /* cased letters beyond U+FFFF are in no norms */
    unsigned code =
        n == 2 ? (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu) : (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    unsigned small = (unsigned)towlower_l((wint_t)code, unicode);
    if (small == code) return n;
    if (small < 0x80) { /* KELVIN SIGN becomes k */
        out[0] = (char)small;
        return 1;
    }
    if (small < 0x800) {
        out[0] = (char)(0xC0 | small >> 6);
        out[1] = (char)(0x80 | (small & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | small >> 12);
    out[1] = (char)(0x80 | ((small >> 6) & 0x3F));
    out[2] = (char)(0x80 | (small & 0x3F));
    return 3;
}

bool xp_concept_form(const char *name, xp_text *form) {
    size_t length = xp_concept_sense_tag(name);
    bool gap = false, begun = false;
    for (size_t i = 0; i < length;) {
        if (blank(name[i]) || ((i == 0 || blank(name[i - 1])) && is_to(name + i, length - i))) {
            gap = begun;
            i += blank(name[i]) ? 1 : 4;
            continue;
        }
        if (gap) xp_text_add(form, " ", 1);
        gap = false;
        begun = true;
        char out[4];
        const unsigned char *p = (const unsigned char *)name + i;
        size_t written = lower(p, out);
        size_t step = 1;
        while (i + step < length && (p[step] & 0xC0) == 0x80) step++;
        if (p[0] < 0x80) step = 1;
        xp_text_add(form, out, written);
        i += step;
    }
    if (!begun) xp_text_add(form, name, strlen(name)); /* "(to)" alone is a name like any other */
    return !form->failed;
}
