/* Which sheet of a workbook holds the norms. */
#ifndef XP_NORMS_BOOK_H
#define XP_NORMS_BOOK_H

#include "base/strings.h"
#include "formats/xlsx.h"

/* The sheet that `choice` names (--sheet: its name, or its number from 1), or without a choice (NULL) the one that looks most
 * like norms: by its header, else a table of numbers, else a table; of several the one with most cells. Notes say which, and
 * which others look alike; a warning names sheets that cannot be read. sheet->cell is xp_free'd by the caller. */
explaint_status xp_book_choose(xp_xlsx *book, const char *path, const char *choice, xp_strings *notes,
                               xp_strings *warnings, xp_sheet *sheet, explaint_error *error);

#endif
