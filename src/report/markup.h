/* Writing text and numbers into Markdown or LaTeX. What comes from a result is hostile: names hold whatever a file held.
 *
 * Nothing that is written here ends a line, a table's cell or a group, whatever the text: control characters and bytes
 * that are no UTF-8 become \xNN first, characters that change the direction of text or take no place <U+XXXX>.
 */
#ifndef XP_REPORT_MARKUP_H
#define XP_REPORT_MARKUP_H

#include <stdbool.h>

#include "base/strings.h"

typedef struct xp_markup {
    bool latex;
    xp_text out;
} xp_markup;

#define XP_DASH "\xe2\x80\x93" /* en dash: there is no such value */

/* A name: every special character escaped. */
void xp_markup_text(xp_markup *markup, const char *text);
/* The same, and in LaTeX a line may break within: it is a narrow column. */
void xp_markup_name(xp_markup *markup, const char *text);
/* Paths, hashes, commands: in Markdown they stand in a code block, as they are; in LaTeX a line may break within. */
void xp_markup_code(xp_markup *markup, const char *text);
/* A sentence of a result: a hyphen before a number becomes a minus, p a variable. */
void xp_markup_sentence(xp_markup *markup, const char *text);
/* Our own words; *emphasis*, of a single letter a variable. */
void xp_markup_prose(xp_markup *markup, const char *text);
/* Markup as it is, for one format or the other. */
void xp_markup_either(xp_markup *markup, const char *markdown, const char *latex);

/* Three decimals, no zero before the point, no minus before a zero; from a million on a power of ten. Not finite: an en
 * dash. */
void xp_markup_number(xp_markup *markup, double value);
void xp_markup_paper(xp_markup *markup, double value);          /* two decimals: as published */
void xp_markup_p(xp_markup *markup, double p);                  /* below .001 it says so */
void xp_markup_interval(xp_markup *markup, const double ci[2]); /* [.256, .278] */

/* Takes `text` (finished markup), breaks it into lines of about 100 characters where no word can turn into the markup of a
 * line's beginning, and ends it with an empty line, or as an item of a list. */
void xp_markup_paragraph(xp_markup *markup, xp_markup *text);
void xp_markup_item(xp_markup *markup, xp_markup *text);
/* A paragraph of our own words. */
void xp_markup_words(xp_markup *markup, const char *prose);
/* An item that is a sentence of a result, with a full stop at its end; label: of a run, NULL: none. */
void xp_markup_note(xp_markup *markup, const char *label, const char *text);
/* The items as a list, and releases them; nothing where there is none. */
void xp_markup_list(xp_markup *markup, xp_markup *items);
/* Begins and ends what stands out. */
void xp_markup_bold(xp_markup *markup, bool begin);
void xp_markup_free(xp_markup *markup);

#endif
