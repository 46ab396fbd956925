/* Workbooks: shared strings, and which cell styles show a date. */
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/number.h"
#include "formats/xlsx_private.h"

/* ---- texts ---- */

typedef struct xp_text_block {
    struct xp_text_block *next;
    size_t used, size;
    char data[];
} xp_text_block;

bool xp_texts_add(xp_texts *texts, const char *data, size_t length, xp_view *kept) {
    xp_text_block *block = texts->first;
    if (block == NULL || block->size - block->used < length) {
        size_t size = length > (1 << 16) ? length : 1 << 16;
        block = xp_alloc(sizeof *block + size, 1);
        if (block == NULL) return false;
        *block = (xp_text_block){.next = texts->first, .size = size};
        texts->first = block;
    }
    if (length > 0) memcpy(block->data + block->used, data, length);
    *kept = (xp_view){block->data + block->used, length};
    block->used += length;
    return true;
}

void xp_texts_free(xp_texts *texts) {
    for (xp_text_block *block = texts->first, *next; block != NULL; block = next) {
        next = block->next;
        xp_free(block);
    }
    texts->first = NULL;
}

/* ---- a part of the archive ---- */

typedef struct part_reader {
    xp_xml *xml;
} part_reader;

static explaint_status feed(void *context, const char *piece, size_t size, explaint_error *error) {
    return xp_xml_feed(((part_reader *)context)->xml, piece, size, error);
}

explaint_status xp_xlsx_part(xp_xlsx *book, const char *part, const xp_xml_handler *handler, explaint_error *error) {
    part_reader reader;
    explaint_status status = xp_xml_create(book->path, part, handler, &reader.xml, error);
    if (status == EXPLAINT_OK) status = xp_zip_read(book->zip, part, feed, &reader, error);
    if (status == EXPLAINT_OK) status = xp_xml_finish(reader.xml, error);
    xp_xml_destroy(reader.xml);
    return status;
}

/* ---- characters that XML cannot have (ECMA-376, 22.9.2.19) ---- */

/* The four digits of _xHHHH_ at p; false: there is none. */
static bool read_escape(const char *p, const char *end, uint32_t *unit) {
    if (end - p < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_') return false;
    *unit = 0;
    for (int k = 2; k < 6; k++) {
        char c = xp_lower_ascii(p[k]);
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
        *unit = 16 * *unit + (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return true;
}

void xp_xlsx_unescape(xp_text *text, size_t from) {
    if (text->failed || text->length <= from) return;
    const char *p = text->data + from, *end = text->data + text->length;
    char *to = text->data + from; /* seven bytes become three at most */
    while (p < end) {
        uint32_t unit, low;
        size_t taken = read_escape(p, end, &unit) ? 7 : 0, n;
        if (taken > 0 && unit >= 0xD800 && unit < 0xDC00 && read_escape(p + 7, end, &low) && low >= 0xDC00 &&
            low < 0xE000) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            taken = 14;
        }
        if (taken > 0 && unit > 0 && (n = xp_encoding_put(unit, to)) > 0) {
            to += n;
            p += taken;
        } else {
            *to++ = *p++;
        }
    }
    text->length = (size_t)(to - text->data);
    *to = 0;
}

/* ---- shared strings ---- */

typedef struct strings_reader {
    xp_xlsx *book;
    xp_text text;
    size_t begin;                  /* of the run at hand */
    bool in_item, in_text, spoken; /* spoken: in rPh, how to pronounce it */
} strings_reader;

static explaint_status strings_begin(void *context, const char *name, const char *const *attributes,
                                     explaint_error *error) {
    strings_reader *r = context;
    (void)attributes, (void)error;
    if (strcmp(name, "si") == 0) {
        r->in_item = true;
        r->text.length = 0;
    }
    if (strcmp(name, "rPh") == 0) r->spoken = true;
    if (strcmp(name, "t") == 0) {
        r->in_text = r->in_item && !r->spoken;
        r->begin = r->text.length;
    }
    return EXPLAINT_OK;
}

static explaint_status strings_end(void *context, const char *name, explaint_error *error) {
    strings_reader *r = context;
    if (strcmp(name, "t") == 0) {
        if (r->in_text) xp_xlsx_unescape(&r->text, r->begin);
        r->in_text = false;
    }
    if (strcmp(name, "rPh") == 0) r->spoken = false;
    if (strcmp(name, "si") != 0) return EXPLAINT_OK;
    xp_xlsx *book = r->book;
    r->in_item = false;
    xp_view *place = xp_grow((void **)&book->string, book->n_strings, &book->string_capacity, sizeof *place);
    if (place == NULL || r->text.failed || !xp_texts_add(&book->texts, r->text.data, r->text.length, place))
        return xp_no_memory(error, "a workbook's strings");
    book->n_strings++;
    return EXPLAINT_OK;
}

static explaint_status strings_text(void *context, xp_view piece, explaint_error *error) {
    strings_reader *r = context;
    (void)error;
    if (r->in_text) xp_text_add(&r->text, piece.data, piece.length);
    return EXPLAINT_OK;
}

explaint_status xp_xlsx_read_strings(xp_xlsx *book, explaint_error *error) {
    strings_reader r = {.book = book};
    const xp_xml_handler handler = {strings_begin, strings_end, strings_text, &r};
    explaint_status status = xp_xlsx_part(book, book->strings_part, &handler, error);
    xp_text_free(&r.text);
    return status;
}

/* ---- styles ---- */

typedef struct styles_reader {
    xp_xlsx *book;
    size_t *date_format; /* numbers of the book's own formats that show a date */
    size_t n_formats, capacity, style_capacity;
    bool in_cells;
} styles_reader;

/* A format shows a date if it has a letter of year, month, day, hour or second outside of quotes, brackets ([Red]) and
 * after no backslash. */
static bool shows_date(const char *code) {
    for (const char *p = code; *p != 0; p++) {
        if (*p == '"' || *p == '[') {
            const char *close = strchr(p + 1, *p == '"' ? '"' : ']');
            if (close == NULL) return false;
            p = close;
        } else if (*p == '\\' || *p == '_' || *p == '*') {
            if (p[1] == 0) return false;
            p++;
        } else if (strchr("yYmMdDhHsS", *p) != NULL) {
            return true;
        }
    }
    return false;
}

/* Formats that every spreadsheet program knows by number (ECMA-376, 18.8.30). */
static bool is_built_in_date(size_t format) {
    return (format >= 14 && format <= 22) || (format >= 27 && format <= 36) || (format >= 45 && format <= 47) ||
           (format >= 50 && format <= 58);
}

static bool count_of(const char *const *attributes, const char *name, size_t *value) {
    const char *text = xp_xml_attribute(attributes, name);
    return text != NULL && xp_number_count((xp_view){text, strlen(text)}, value);
}

static explaint_status add_format(styles_reader *r, const char *const *attributes, explaint_error *error) {
    size_t number;
    const char *code = xp_xml_attribute(attributes, "formatCode");
    if (code == NULL || !count_of(attributes, "numFmtId", &number) || !shows_date(code)) return EXPLAINT_OK;
    size_t *place = xp_grow((void **)&r->date_format, r->n_formats, &r->capacity, sizeof *place);
    if (place == NULL) return xp_no_memory(error, "a workbook's styles");
    *place = number;
    r->n_formats++;
    return EXPLAINT_OK;
}

static explaint_status add_style(styles_reader *r, const char *const *attributes, explaint_error *error) {
    size_t number = 0;
    (void)count_of(attributes, "numFmtId", &number);
    bool date = is_built_in_date(number);
    for (size_t i = 0; i < r->n_formats && !date; i++) date = r->date_format[i] == number;
    uint8_t *place = xp_grow((void **)&r->book->is_date, r->book->n_styles, &r->style_capacity, sizeof *place);
    if (place == NULL) return xp_no_memory(error, "a workbook's styles");
    *place = date;
    r->book->n_styles++;
    return EXPLAINT_OK;
}

/* numFmts stand before cellXfs (18.8.39). */
static explaint_status styles_begin(void *context, const char *name, const char *const *attributes,
                                    explaint_error *error) {
    styles_reader *r = context;
    if (strcmp(name, "cellXfs") == 0) r->in_cells = true;
    if (strcmp(name, "numFmt") == 0) return add_format(r, attributes, error);
    return r->in_cells && strcmp(name, "xf") == 0 ? add_style(r, attributes, error) : EXPLAINT_OK;
}

static explaint_status styles_end(void *context, const char *name, explaint_error *error) {
    (void)error;
    if (strcmp(name, "cellXfs") == 0) ((styles_reader *)context)->in_cells = false;
    return EXPLAINT_OK;
}

explaint_status xp_xlsx_read_styles(xp_xlsx *book, explaint_error *error) {
    styles_reader r = {.book = book};
    const xp_xml_handler handler = {styles_begin, styles_end, NULL, &r};
    explaint_status status = xp_xlsx_part(book, book->styles_part, &handler, error);
    xp_free(r.date_format);
    return status;
}
