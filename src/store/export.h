/* A result as the JSON document and the CSV of docs/results.md, built in memory so that nothing partial is ever printed.
 */
#ifndef XP_STORE_EXPORT_H
#define XP_STORE_EXPORT_H

#include "base/strings.h"
#include "explaint/infer.h"

/* Appends the document. EXPLAINT_FAILED: no memory, or a setting that is no JSON. */
explaint_status xp_result_document(const explaint_result *result, xp_text *text, explaint_error *error);

/* RFC 4180: a header line and one line a row, ended by CR LF; a field that does not exist is empty. */
void xp_csv_header(xp_text *text);
void xp_csv_row(xp_text *text, const explaint_row *row);

#endif
