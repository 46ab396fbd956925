/* What the files of the workbook reader share. */
#ifndef XP_FORMATS_XLSX_PRIVATE_H
#define XP_FORMATS_XLSX_PRIVATE_H

#include "base/strings.h"
#include "formats/xlsx.h"
#include "formats/xml.h"
#include "formats/zip.h"

/* Texts that never move: cells are views into them. */
typedef struct xp_texts {
    struct xp_text_block *first;
} xp_texts;

bool xp_texts_add(xp_texts *texts, const char *data, size_t length, xp_view *kept);
void xp_texts_free(xp_texts *texts);

typedef struct xp_sheet_entry {
    char *name, *id, *part; /* part: its member in the archive, NULL until the relationships are read */
    size_t number;
    bool hidden, worksheet;
} xp_sheet_entry;

struct xp_xlsx {
    const char *path;
    xp_zip *zip;
    char *workbook, *strings_part, *styles_part; /* members; NULL: none */
    bool epoch_1904;
    xp_sheet_entry *sheet;
    size_t n_sheets, sheet_capacity;
    xp_view *string;
    size_t n_strings, string_capacity;
    uint8_t *is_date; /* by cell style */
    size_t n_styles;
    xp_texts texts;
};

/* Reads a member as XML. */
explaint_status xp_xlsx_part(xp_xlsx *book, const char *part, const xp_xml_handler *handler, explaint_error *error);

/* Decodes what text has from `from` on as ST_Xstring: _x000D_ is a carriage return, _x005F_ an underscore, _xD83D__xDE00_ one
 * character of two halves. What gives no character (NUL, half of one) stays as it is. */
void xp_xlsx_unescape(xp_text *text, size_t from);

explaint_status xp_xlsx_read_strings(xp_xlsx *book, explaint_error *error);
explaint_status xp_xlsx_read_styles(xp_xlsx *book, explaint_error *error);

#endif
