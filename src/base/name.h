/* When two spellings are one name. Names of concepts, features, categories and words come from spreadsheets, web pages and
 * file systems, which put blanks around them that nobody sees and spell one letter in two ways.
 *
 *     xp_text room = {0};
 *     unsigned changed = 0;
 *     xp_view name;
 *     if (!xp_name(cell, &room, &name, &changed)) ...   // "robin", where the cell is "\u00a0robin "
 *
 * All take UTF-8; what is none comes back as it is. Case follows Unicode letter by letter, without language or context: a
 * Turkish I is i, a final sigma like any other. */
#ifndef XP_BASE_NAME_H
#define XP_BASE_NAME_H

#include "base/strings.h"
#include "base/view.h"

enum {
    XP_NAME_BLANKS = 1, /* white space around it, other than plain spaces in it, or characters that nobody sees */
    XP_NAME_FORM = 2    /* letters and marks apart (NFD), or in another order */
};

/* The name that a cell means: nothing blank at either end, inside plain spaces for other ones and no characters that nobody
 * sees, in NFC. Tabs and line ends inside stay. name lies in text or, where that had to be changed, in room, whose text it
 * replaces; *changed tells what was. false without memory. */
bool xp_name(xp_view text, xp_text *room, xp_view *name, unsigned *changed);

/* Appends the text in lower case, in NFC if the text is. false without memory. */
bool xp_name_lower(xp_view text, xp_text *lower);

/* The text in NFC. Writes at most size bytes and returns how many; 0: it takes more, or the text is empty or no UTF-8. Never
 * allocates: readers of vectors ask this of every word. */
size_t xp_name_composed(xp_view text, char *composed, size_t size);

/* The same of what all spellings of a word have in common, whatever their capitals and Unicode form: "strasse" of Straße,
 * STRASSE and Strasse. */
size_t xp_name_key(xp_view text, char *key, size_t size);

#endif
