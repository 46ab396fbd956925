#include "norms/category.h"

#include <stdio.h>

/* How R, pandas, Julia, SQL, Python, spreadsheets and people write that there is no value. */
bool xp_category_is_none(xp_view text) {
    static const char *const marks[] = {"none", "na",  "n/a",          "#n/a",         "#na",
                                        "<na>", "nan", "null",         "#null!",       "missing",
                                        "-",    "--",  "\xe2\x80\x93", "\xe2\x80\x94", "."};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (xp_view_is_nocase(text, marks[i])) return true;
    return false;
}

bool xp_category(xp_view cell, xp_text *room, xp_view *name, xp_no_category *none) {
    unsigned changed;
    if (!xp_name(cell, room, name, &changed)) return false;
    if (!xp_category_is_none(*name)) return true;
    if (none != NULL && none->cells++ == 0) snprintf(none->first, sizeof none->first, "%.*s", XP_SHOW(*name));
    name->length = 0;
    return true;
}

bool xp_category_note(const xp_no_category *none, xp_strings *notes) {
    if (none->cells == 0) return true;
    return xp_strings_addf(notes, "%zu cell%s a mark such as \"%s\" in place of a category: no category", none->cells,
                           none->cells == 1 ? " holds" : "s hold", none->first);
}

void xp_category_count(xp_no_category *none, int number) {
    if (number < 0 ? none->names == 0 : (size_t)number != none->names) none->scattered = true;
    if (number >= 0) none->names = (size_t)number + 1;
}

bool xp_category_note_missing(const xp_no_category *none, size_t missing, size_t concepts, xp_strings *notes,
                              xp_strings *warnings) {
    if (missing == 0 || missing == concepts) return true;
    if (!none->scattered && none->names > 1 && 2 * missing >= concepts)
        return xp_strings_addf(
            warnings,
            "%zu of %zu concepts have no category: each name stands once, and below it cells are empty "
            "down to the next one, as merged cells are saved; if it is meant for these as well, fill it in",
            missing, concepts);
    return xp_strings_addf(notes, "%zu of %zu concepts have no category", missing, concepts);
}
