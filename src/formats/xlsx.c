/* Workbooks: the archive, its relationships, and the list of sheets. */
#include <string.h>

#include "base/memory.h"
#include "formats/xlsx_private.h"

/* ---- parts ---- */

/* ---- relationships ---- */

/* The kind of a relationship is the last word of its type, in the namespaces of 2006 and of the strict form alike. */
static bool type_is(const char *type, const char *kind) {
    const char *slash = type != NULL ? strrchr(type, '/') : NULL;
    return slash != NULL && strcmp(slash + 1, kind) == 0;
}

/* The member that a target names, relative to the folder of `from`; NULL without memory. What climbs out of the archive
 * stays at its top. */
static char *resolve(const char *from, const char *target) {
    xp_text path = {0};
    const char *slash = strrchr(from, '/');
    xp_text_adds(&path, "");
    if (target[0] != '/' && slash != NULL) xp_text_add(&path, from, (size_t)(slash - from));
    for (const char *at = target; *at != 0;) {
        size_t length = strcspn(at, "/");
        if (length == 2 && at[0] == '.' && at[1] == '.') {
            while (path.length > 0 && path.data[--path.length] != '/') {
            }
            if (path.data != NULL) path.data[path.length] = 0;
        } else if (length > 0 && !(length == 1 && at[0] == '.')) {
            if (path.length > 0) xp_text_add(&path, "/", 1);
            xp_text_add(&path, at, length);
        }
        at += length + (at[length] == '/');
    }
    char *made = path.failed ? NULL : xp_strdup(path.data != NULL ? path.data : "");
    xp_text_free(&path);
    return made;
}

static explaint_status keep_part(char **part, const char *from, const char *target, explaint_error *error) {
    if (*part != NULL) return EXPLAINT_OK; /* the first counts */
    *part = resolve(from, target);
    return *part != NULL ? EXPLAINT_OK : xp_no_memory(error, "a workbook");
}

static explaint_status root_begin(void *context, const char *name, const char *const *attributes,
                                  explaint_error *error) {
    xp_xlsx *book = context;
    const char *target = xp_xml_attribute(attributes, "Target");
    if (strcmp(name, "Relationship") != 0 || target == NULL ||
        !type_is(xp_xml_attribute(attributes, "Type"), "officeDocument"))
        return EXPLAINT_OK;
    return keep_part(&book->workbook, "", target, error);
}

static explaint_status book_relation(void *context, const char *name, const char *const *attributes,
                                     explaint_error *error) {
    xp_xlsx *book = context;
    const char *target = xp_xml_attribute(attributes, "Target"), *type = xp_xml_attribute(attributes, "Type");
    const char *id = xp_xml_attribute(attributes, "Id"), *mode = xp_xml_attribute(attributes, "TargetMode");
    bool external = mode != NULL && strcmp(mode, "External") == 0;
    if (strcmp(name, "Relationship") != 0 || target == NULL || external) return EXPLAINT_OK;
    if (type_is(type, "sharedStrings")) return keep_part(&book->strings_part, book->workbook, target, error);
    if (type_is(type, "styles")) return keep_part(&book->styles_part, book->workbook, target, error);
    for (size_t k = 0; id != NULL && k < book->n_sheets; k++) {
        xp_sheet_entry *sheet = &book->sheet[k];
        if (strcmp(sheet->id, id) != 0) continue;
        explaint_status status = keep_part(&sheet->part, book->workbook, target, error);
        if (status != EXPLAINT_OK) return status;
        sheet->worksheet = type_is(type, "worksheet");
    }
    return EXPLAINT_OK;
}

/* xl/workbook.xml has its relationships in xl/_rels/workbook.xml.rels. */
static explaint_status read_relations(xp_xlsx *book, explaint_error *error) {
    const xp_xml_handler handler = {book_relation, NULL, NULL, book};
    const char *slash = strrchr(book->workbook, '/');
    size_t folder = slash != NULL ? (size_t)(slash - book->workbook) + 1 : 0;
    xp_text part = {0};
    xp_text_add(&part, book->workbook, folder);
    xp_text_addf(&part, "_rels/%s.rels", book->workbook + folder);
    explaint_status status =
        part.failed ? xp_no_memory(error, "a workbook") : xp_xlsx_part(book, part.data, &handler, error);
    xp_text_free(&part);
    return status;
}

/* ---- the workbook ---- */

static explaint_status book_begin(void *context, const char *name, const char *const *attributes,
                                  explaint_error *error) {
    xp_xlsx *book = context;
    if (strcmp(name, "workbookPr") == 0) {
        const char *epoch = xp_xml_attribute(attributes, "date1904");
        book->epoch_1904 = epoch != NULL && (strcmp(epoch, "1") == 0 || strcmp(epoch, "true") == 0);
    }
    if (strcmp(name, "sheet") != 0) return EXPLAINT_OK;
    const char *title = xp_xml_attribute(attributes, "name"), *id = xp_xml_attribute(attributes, "id"),
               *state = xp_xml_attribute(attributes, "state");
    if (id == NULL) return EXPLAINT_OK;
    xp_sheet_entry *sheet = xp_grow((void **)&book->sheet, book->n_sheets, &book->sheet_capacity, sizeof *sheet);
    if (sheet == NULL) return xp_no_memory(error, "a workbook");
    *sheet = (xp_sheet_entry){.name = xp_strdup(title != NULL ? title : ""),
                              .id = xp_strdup(id),
                              .number = ++book->n_sheets,
                              .hidden = state != NULL && strcmp(state, "visible") != 0};
    return sheet->name != NULL && sheet->id != NULL ? EXPLAINT_OK : xp_no_memory(error, "a workbook");
}

static void free_sheet(xp_sheet_entry *sheet) { xp_free_all(sheet->name, sheet->id, sheet->part); }

/* Only what can be read stays in the list. */
static explaint_status choose_sheets(xp_xlsx *book, explaint_error *error) {
    size_t kept = 0, listed = book->n_sheets;
    for (size_t k = 0; k < listed; k++) {
        xp_sheet_entry *sheet = &book->sheet[k];
        if (!sheet->hidden && sheet->worksheet)
            book->sheet[kept++] = *sheet;
        else
            free_sheet(sheet);
    }
    book->n_sheets = kept;
    if (kept > 0) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, book->path, 0,
                   "expected a worksheet in the workbook, found none that is not hidden (of %zu listed)", listed);
}

static explaint_status find_workbook(xp_xlsx *book, explaint_error *error) {
    static const char root[] = "_rels/.rels";
    const xp_xml_handler handler = {root_begin, NULL, NULL, book};
    explaint_status status = EXPLAINT_OK;
    if (xp_zip_has(book->zip, root)) status = xp_xlsx_part(book, root, &handler, error);
    if (status != EXPLAINT_OK) return status;
    size_t length = book->workbook != NULL ? strlen(book->workbook) : 0;
    if (length > 4 && strcmp(book->workbook + length - 4, ".bin") == 0)
        return xp_fail(error, EXPLAINT_INVALID, book->path, 0,
                       "expected a workbook in XML (.xlsx), found a binary one (.xlsb); save it as .xlsx or the sheet "
                       "as CSV");
    if (length > 0 && xp_zip_has(book->zip, book->workbook)) return EXPLAINT_OK;
    if (xp_zip_has(book->zip, "content.xml"))
        return xp_fail(error, EXPLAINT_INVALID, book->path, 0,
                       "expected a workbook (.xlsx), found an OpenDocument file; save it as .xlsx or the sheet as CSV");
    return xp_fail(error, EXPLAINT_INVALID, book->path, 0,
                   "expected a workbook (.xlsx) or a table in text, found a zip archive without a workbook; unpack it, "
                   "or save the sheet as CSV");
}

static explaint_status read_book(xp_xlsx *book, explaint_error *error) {
    explaint_status status = find_workbook(book, error);
    const xp_xml_handler handler = {book_begin, NULL, NULL, book};
    if (status == EXPLAINT_OK) status = xp_xlsx_part(book, book->workbook, &handler, error);
    if (status == EXPLAINT_OK) status = read_relations(book, error);
    if (status == EXPLAINT_OK) status = choose_sheets(book, error);
    if (status == EXPLAINT_OK && book->strings_part != NULL) status = xp_xlsx_read_strings(book, error);
    if (status == EXPLAINT_OK && book->styles_part != NULL) status = xp_xlsx_read_styles(book, error);
    return status;
}

explaint_status xp_xlsx_open(const char *path, const void *bytes, size_t size, xp_xlsx **book, explaint_error *error) {
    *book = NULL;
    xp_xlsx *made = xp_calloc(1, sizeof *made);
    if (made == NULL) return xp_no_memory(error, "a workbook");
    made->path = path;
    explaint_status status = xp_zip_open(path, bytes, size, &made->zip, error);
    if (status == EXPLAINT_OK) status = read_book(made, error);
    if (status == EXPLAINT_OK)
        *book = made;
    else
        xp_xlsx_close(made);
    return status;
}

void xp_xlsx_close(xp_xlsx *book) {
    if (book == NULL) return;
    xp_zip_close(book->zip);
    xp_free_all(book->workbook, book->strings_part, book->styles_part);
    for (size_t k = 0; k < book->n_sheets; k++) free_sheet(&book->sheet[k]);
    xp_free_all(book->sheet, book->string, book->is_date);
    xp_texts_free(&book->texts);
    xp_free(book);
}

size_t xp_xlsx_n_sheets(const xp_xlsx *book) { return book->n_sheets; }
const char *xp_xlsx_sheet_name(const xp_xlsx *book, size_t k) { return book->sheet[k].name; }
size_t xp_xlsx_sheet_number(const xp_xlsx *book, size_t k) { return book->sheet[k].number; }
