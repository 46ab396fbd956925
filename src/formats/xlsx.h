/* Workbooks (.xlsx, ECMA-376): their sheets as tables of text, as saving a sheet as CSV would give them.
 *
 *     xp_xlsx *book;
 *     if (xp_xlsx_open(path, bytes.data, bytes.size, &book, error) != EXPLAINT_OK) return error->code;
 *     xp_sheet sheet;                                          // k < xp_xlsx_n_sheets(book)
 *     status = xp_xlsx_sheet(book, k, &sheet, error);          // then xp_csv_open_sheet; sheet.cell is xp_free'd
 *     xp_xlsx_close(book);                                     // with it the texts of all cells
 *
 * A number is the text of its digits (17 of them, if need be), a formula the value stored with it, a Boolean TRUE or
 * FALSE, an error "#N/A" and the like, a number that is shown as a date 2016-03-01. Easy to get wrong: shared strings come
 * in runs (r) beside their pronunciation (rPh), with _x000D_ for what XML cannot have; a cell or a row without a reference follows the one before; formulas
 * that no spreadsheet has computed have no value. */
#ifndef XP_FORMATS_XLSX_H
#define XP_FORMATS_XLSX_H

#include "formats/csv.h"

typedef struct xp_xlsx xp_xlsx;

/* path and bytes are borrowed and outlive the book. */
explaint_status xp_xlsx_open(const char *path, const void *bytes, size_t size, xp_xlsx **book, explaint_error *error);
void xp_xlsx_close(xp_xlsx *book);

/* Worksheets that are not hidden, at least one, in the order of their tabs. */
size_t xp_xlsx_n_sheets(const xp_xlsx *book);
const char *xp_xlsx_sheet_name(const xp_xlsx *book, size_t k);
size_t xp_xlsx_sheet_number(const xp_xlsx *book, size_t k); /* its place among all, from 1 */
/* Filled also after a failure, but for the cells. */
explaint_status xp_xlsx_sheet(xp_xlsx *book, size_t k, xp_sheet *sheet, explaint_error *error);

#endif
