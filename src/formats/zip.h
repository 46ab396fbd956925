/* Members of a zip archive in memory, inflated piece by piece. Adapter of libzip.
 *
 *     xp_zip *zip;
 *     if (xp_zip_open(path, bytes.data, bytes.size, &zip, error) != EXPLAINT_OK) return error->code;
 *     if (xp_zip_has(zip, "xl/workbook.xml")) status = xp_zip_read(zip, "xl/workbook.xml", take, context, error);
 *     xp_zip_close(zip);
 *
 * Members are found by name, whatever the case, or by number. Inconsistent archives, encrypted members and members that inflate too far are errors of the code EXPLAINT_INVALID. */
#ifndef XP_FORMATS_ZIP_H
#define XP_FORMATS_ZIP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/view.h"
#include "formats/file.h"

typedef struct xp_zip xp_zip;

/* "PK\3\4", and of an empty archive "PK\5\6". */
bool xp_zip_is(const void *head, size_t size);

/* path and bytes are borrowed and outlive the archive. */
explaint_status xp_zip_open(const char *path, const void *bytes, size_t size, xp_zip **zip, explaint_error *error);
void xp_zip_close(xp_zip *zip);
bool xp_zip_has(const xp_zip *zip, const char *member);

bool xp_zip_find(const xp_zip *zip, const char *member, size_t *i); /* its number; as it is spelled */

/* The members by number, in the order of the archive; "" for a name that cannot be read. */
size_t xp_zip_n(const xp_zip *zip);
const char *xp_zip_name(const xp_zip *zip, size_t i);

/* Takes a piece of a member; another status than EXPLAINT_OK ends the reading. */
typedef explaint_status (*xp_zip_take)(void *context, const char *piece, size_t size, explaint_error *error);

/* The whole member. Its checksum is verified, which can only fail after the last piece. */
explaint_status xp_zip_read(xp_zip *zip, const char *member, xp_zip_take take, void *context, explaint_error *error);

/* The first bytes of member i, up to capacity, unverified. */
explaint_status xp_zip_head(xp_zip *zip, size_t i, void *head, size_t capacity, size_t *size, explaint_error *error);

/* The whole of member i in memory; more than limit bytes are an error. */
explaint_status xp_zip_read_all(xp_zip *zip, size_t i, size_t limit, xp_bytes *bytes, explaint_error *error);

/* A member that is neither compressed nor encrypted: where it lies in the archive's own bytes, its checksum unverified.
 * *stored is false of others. */
explaint_status xp_zip_stored(xp_zip *zip, size_t i, xp_view *where, bool *stored, explaint_error *error);

#endif
