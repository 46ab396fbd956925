/* The form under which a concept is looked up among words (docs/methods.md#matching). */
#include <string.h>

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
        xp_text_add(form, name + i, 1);
        i++;
    }
    if (!begun) xp_text_add(form, name, strlen(name)); /* "(to)" alone is a name like any other */
    return !form->failed;
}
