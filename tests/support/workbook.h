/* Zip archives and workbooks in memory, good and bad ones. Independent of the reader: the archive is written byte by byte. */
#ifndef XP_TESTS_SUPPORT_WORKBOOK_H
#define XP_TESTS_SUPPORT_WORKBOOK_H

#include "support/files.h"

enum { WORKBOOK_SIZE = 1 << 20, WORKBOOK_MEMBERS = 32 };

typedef struct workbook {
    unsigned char *data; /* WORKBOOK_SIZE bytes */
    size_t size, members;
    struct {
        char name[64];
        uint32_t crc, packed, plain, offset;
        uint16_t flags;
    } member[WORKBOOK_MEMBERS];
} workbook;

static inline void workbook_put(workbook *w, uint32_t value, int bytes) {
    for (int b = 0; b < bytes; b++) w->data[w->size++] = (unsigned char)(value >> 8 * b);
}

static inline void workbook_begin(workbook *w) {
    *w = (workbook){.data = malloc(WORKBOOK_SIZE)};
    assert_non_null(w->data);
}

/* One member, deflated. flags: 1 is encrypted (and is not: nothing gets so far as to see it). */
static inline void workbook_bytes(workbook *w, const char *name, const void *bytes, size_t size, uint16_t flags) {
    assert_true(w->members < WORKBOOK_MEMBERS);
    union {
        const void *in;
        unsigned char *out;
    } input = {.in = bytes};
    size_t capacity = WORKBOOK_SIZE - w->size - 200, begin = w->size + 30 + strlen(name);
    z_stream z = {
        .next_in = input.out, .avail_in = (uInt)size, .next_out = w->data + begin, .avail_out = (uInt)capacity};
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t m = w->members++;
    snprintf(w->member[m].name, sizeof w->member[m].name, "%s", name);
    w->member[m].crc = (uint32_t)crc32(0, input.out, (uInt)size);
    w->member[m].packed = (uint32_t)z.total_out;
    w->member[m].plain = (uint32_t)size;
    w->member[m].offset = (uint32_t)w->size;
    w->member[m].flags = flags;
    deflateEnd(&z);
    const uint32_t head[][2] = {{0x04034b50, 4},
                                {20, 2},
                                {flags, 2},
                                {8, 2},
                                {0, 4},
                                {w->member[m].crc, 4},
                                {w->member[m].packed, 4},
                                {w->member[m].plain, 4},
                                {(uint32_t)strlen(name), 2},
                                {0, 2}};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) workbook_put(w, head[i][0], (int)head[i][1]);
    memcpy(w->data + w->size, name, strlen(name));
    w->size += strlen(name) + w->member[m].packed;
}

static inline void workbook_text(workbook *w, const char *name, const char *text) {
    workbook_bytes(w, name, text, strlen(text), 0);
}

/* The directory at the end. */
static inline void workbook_end(workbook *w) {
    size_t begin = w->size;
    for (size_t m = 0; m < w->members; m++) {
        uint32_t length = (uint32_t)strlen(w->member[m].name);
        const uint32_t entry[][2] = {{0x02014b50, 4},
                                     {20, 2},
                                     {20, 2},
                                     {w->member[m].flags, 2},
                                     {8, 2},
                                     {0, 4},
                                     {w->member[m].crc, 4},
                                     {w->member[m].packed, 4},
                                     {w->member[m].plain, 4},
                                     {length, 2},
                                     {0, 2},
                                     {0, 2},
                                     {0, 2},
                                     {0, 2},
                                     {0, 4},
                                     {w->member[m].offset, 4}};
        for (size_t i = 0; i < sizeof entry / sizeof *entry; i++) workbook_put(w, entry[i][0], (int)entry[i][1]);
        memcpy(w->data + w->size, w->member[m].name, length);
        w->size += length;
    }
    size_t directory = w->size - begin;
    const uint32_t end[][2] = {{0x06054b50, 4},
                               {0, 2},
                               {0, 2},
                               {(uint32_t)w->members, 2},
                               {(uint32_t)w->members, 2},
                               {(uint32_t)directory, 4},
                               {(uint32_t)begin, 4},
                               {0, 2}};
    for (size_t i = 0; i < sizeof end / sizeof *end; i++) workbook_put(w, end[i][0], (int)end[i][1]);
}

static inline void workbook_free(workbook *w) { free(w->data); }

#define WORKBOOK_ROOT                                                                                                  \
    "<Relationships><Relationship Id='a' Type='http://x/officeDocument' Target='/xl/workbook.xml'/></Relationships>"
#define WORKBOOK_RELATIONS                                                                                             \
    "<Relationships><Relationship Id='r1' Type='http://x/worksheet' Target='worksheets/sheet1.xml'/>"                  \
    "<Relationship Id='r2' Type='http://x/worksheet' Target='../xl/./worksheets/sheet2.xml'/>"                         \
    "<Relationship Id='r3' Type='http://x/sharedStrings' Target='/xl/sharedStrings.xml'/>"                             \
    "<Relationship Id='r4' Type='http://x/styles' Target='styles.xml'/></Relationships>"

/* All that is around the sheets; either sheet, the strings and the styles may be NULL: not there. */
static inline void workbook_make(workbook *w, const char *sheets, const char *sheet1, const char *sheet2,
                                 const char *strings, const char *styles) {
    char text[2048];
    workbook_begin(w);
    workbook_text(w, "_rels/.rels", WORKBOOK_ROOT);
    snprintf(text, sizeof text, "<workbook xmlns:r='r'>%s</workbook>", sheets);
    workbook_text(w, "xl/workbook.xml", text);
    workbook_text(w, "xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS);
    workbook_text(w, "xl/styles.xml", styles != NULL ? styles : "<styleSheet/>");
    workbook_text(w, "xl/sharedStrings.xml", strings != NULL ? strings : "<sst/>");
    if (sheet1 != NULL) workbook_text(w, "xl/worksheets/sheet1.xml", sheet1);
    if (sheet2 != NULL) workbook_text(w, "xl/worksheets/sheet2.xml", sheet2);
    workbook_end(w);
}

#define WORKBOOK_ONE_SHEET "<sheets><sheet name='Norms' sheetId='1' r:id='r1'/></sheets>"

#endif
