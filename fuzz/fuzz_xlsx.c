/* Workbooks. The first byte says what the rest is: 0, a zip archive; else sheet, shared strings and styles as XML, with NUL
 * bytes between, in an archive made here (a fuzzer does not find checksums). The laws: cells ascend and lie within the
 * format's limits, and every row of the table has the header's width. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/memory.h"
#include "formats/xlsx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct archive {
    uint8_t *bytes;
    size_t size, members, begin[8];
    const char *name[8];
    uint32_t crc[8], length[8];
} archive;

static void put(archive *a, size_t value, int bytes) {
    for (int b = 0; b < bytes; b++) a->bytes[a->size++] = (uint8_t)(value >> 8 * b);
}

static void names_and_sizes(archive *a, size_t m) {
    put(a, a->crc[m], 4);
    put(a, a->length[m], 4);
    put(a, a->length[m], 4);
    put(a, strlen(a->name[m]), 2);
}

/* A member that is stored, not deflated. */
static void add(archive *a, const char *name, const void *text, size_t length) {
    size_t m = a->members++;
    a->begin[m] = a->size;
    a->name[m] = name;
    a->crc[m] = (uint32_t)crc32(0, text, (uInt)length);
    a->length[m] = (uint32_t)length;
    put(a, 0x04034b50, 4);
    put(a, 20, 2);
    put(a, 0, 8);
    names_and_sizes(a, m);
    put(a, 0, 2);
    memcpy(a->bytes + a->size, name, strlen(name));
    a->size += strlen(name);
    memcpy(a->bytes + a->size, text, length);
    a->size += length;
}

static void finish(archive *a) {
    size_t begin = a->size;
    for (size_t m = 0; m < a->members; m++) {
        put(a, 0x02014b50, 4);
        put(a, 20 | 20 << 16, 4);
        put(a, 0, 8);
        names_and_sizes(a, m);
        put(a, 0, 8);
        put(a, 0, 4);
        put(a, a->begin[m], 4);
        memcpy(a->bytes + a->size, a->name[m], strlen(a->name[m]));
        a->size += strlen(a->name[m]);
    }
    size_t directory = a->size - begin;
    put(a, 0x06054b50, 4);
    put(a, 0, 4);
    put(a, a->members | a->members << 16, 4);
    put(a, directory, 4);
    put(a, begin, 4);
    put(a, 0, 2);
}

static void add_text(archive *a, const char *name, const char *text) { add(a, name, text, strlen(text)); }

static void make_archive(archive *a, const uint8_t *data, size_t size) {
    static const char *const parts[] = {"xl/worksheets/s.xml", "xl/t.xml", "xl/y.xml"};
    add_text(a, "xl/_rels/workbook.xml.rels",
             "<r><Relationship Id='1' Type='/worksheet' Target='worksheets/s.xml'/><Relationship Id='2' "
             "Type='/sharedStrings' Target='t.xml'/><Relationship Id='3' Type='/styles' Target='y.xml'/></r>");
    add_text(a, "xl/workbook.xml", "<workbook><sheets><sheet name='s' id='1'/></sheets></workbook>");
    add_text(a, "_rels/.rels", "<r><Relationship Type='/officeDocument' Target='xl/workbook.xml'/></r>");
    for (size_t k = 0; k < 3; k++) {
        const uint8_t *stop = size > 0 && k < 2 ? memchr(data, 0, size) : NULL;
        size_t length = stop != NULL ? (size_t)(stop - data) : size;
        if (length > 0)
            add(a, parts[k], data, length);
        else
            add_text(a, parts[k], "<empty/>");
        data += length + (stop != NULL);
        size -= length + (stop != NULL);
    }
    finish(a);
}

static void check_sheet(const xp_sheet *sheet) {
    xp_csv csv;
    explaint_error error = {0};
    size_t read = 0, before = 0;
    for (size_t i = 0; i < sheet->n_cells; i++) {
        const xp_sheet_cell *c = &sheet->cell[i];
        size_t place = (size_t)c->row << 20 | c->column;
        if (c->row < 1 || c->row > 1048576 || c->column < 1 || c->column > 16384 || c->text.length == 0) abort();
        if (place <= before) abort();
        before = place;
        for (size_t k = 0; k < c->text.length; k++) read += c->text.data[k] != 0;
    }
    volatile size_t keep = read; /* the texts were read */
    (void)keep;
    if (xp_csv_open_sheet(&csv, "fuzz.xlsx", sheet, &error) != EXPLAINT_OK) return;
    bool more = true;
    while (xp_csv_next(&csv, &more, &error) == EXPLAINT_OK && more)
        if (csv.cell[csv.width - 1].text.data == NULL) abort();
    xp_csv_close(&csv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1) return 0;
    archive a = {.bytes = malloc(size + 4096)};
    if (a.bytes == NULL) return 0;
    bool made = data[0] != 0;
    if (made) make_archive(&a, data + 1, size - 1);
    explaint_error error = {0};
    xp_xlsx *book;
    xp_sheet sheet;
    if (xp_xlsx_open("fuzz.xlsx", made ? a.bytes : data + 1, made ? a.size : size - 1, &book, &error) == EXPLAINT_OK) {
        for (size_t k = 0; k < xp_xlsx_n_sheets(book); k++) {
            if (xp_xlsx_sheet(book, k, &sheet, &error) == EXPLAINT_OK) check_sheet(&sheet);
            xp_free(sheet.cell);
        }
        xp_xlsx_close(book);
    } else if (error.message[0] == 0 || book != NULL) {
        abort();
    }
    free(a.bytes);
    return 0;
}
