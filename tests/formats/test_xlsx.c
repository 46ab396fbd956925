/* Workbooks: every kind of cell, the choice of the sheet, and what is refused, with its place. */
#include "support/workbook.h"

#include "base/memory.h"
#include "formats/file.h"
#include "formats/xlsx.h"
#include "norms/norms.h"
#include "support/norms.h"

#define SHEET(rows) "<worksheet><sheetData>" rows "</sheetData></worksheet>"

static const char strings[] =
    "<s:sst xmlns:s='http://x'><s:si><s:t>word</s:t></s:si><s:si><s:r><s:t>b</s:t></s:r><s:r><s:t "
    "xml:space='preserve'>at "
    "</s:t></s:r><s:rPh><s:t>NO</s:t></s:rPh></s:si><s:si/><s:si><s:t>a &amp; \"b\", caf&#233;</s:t></s:si></s:sst>";
static const char styles[] =
    "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='[Red]0.00\" day\"'/><numFmt numFmtId='171' "
    "formatCode='dd\\.mm'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf "
    "numFmtId='14'/><xf numFmtId='170'/><xf numFmtId='171'/></cellXfs></styleSheet>";

static void cells_of_every_kind(void **state) {
    (void)state;
    static const char sheet1[] = SHEET(
        "<row r='2'><c r='A2' t='s'><v>0</v></c><c t='s'><v> 1 </v></c><c r='D2' t='s'><v>3</v></c><c r='E2' "
        "t='s'><v>2</v>"
        "</c></row><row><c><v>4.6666670000000002</v></c><c t='b'><v>1</v></c><c t='e'><v>#N/A</v></c><c "
        "t='str'><f>A1</f>"
        "<v>x</v></c></row><row r='9'><c r='A9' "
        "t='inlineStr'><is><r><t>in</t></r><t>line</t><rPh><t>NO</t></rPh></is></c>"
        "<c r='B9' s='1'><v>42430</v></c><c r='C9' s='2'><v>42430</v></c><c r='D9' s='3'><v>1.5</v></c></row>"
        "<row r='11'><c r='A11' t='str'><f>B1</f><v></v></c></row><row r='12'><c r='B12'><f>1+1</f><v>2</v></c></row>");
    workbook w;
    workbook_make(&w, WORKBOOK_ONE_SHEET, sheet1, NULL, strings, styles);
    explaint_error error = {0};
    xp_xlsx *book;
    xp_sheet sheet;
    if (xp_xlsx_open("b.xlsx", w.data, w.size, &book, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(xp_xlsx_n_sheets(book), 1);
    if (xp_xlsx_sheet(book, 0, &sheet, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    static const struct {
        uint32_t row, column;
        const char *text;
    } want[] = {{2, 1, "word"},
                {2, 2, "bat "},
                {2, 4, "a & \"b\", caf\xc3\xa9"},
                {3, 1, "4.6666670000000002"},
                {3, 2, "TRUE"},
                {3, 3, "#N/A"},
                {3, 4, "x"},
                {9, 1, "inline"},
                {9, 2, "2016-03-01"},
                {9, 3, "42430"},
                {9, 4, "1900-01-01T12:00:00"},
                {12, 2, "2"}};
    assert_int_equal(sheet.n_cells, sizeof want / sizeof *want);
    for (size_t i = 0; i < sheet.n_cells; i++) {
        assert_int_equal(sheet.cell[i].row, want[i].row);
        assert_int_equal(sheet.cell[i].column, want[i].column);
        if (!xp_view_is(sheet.cell[i].text, want[i].text))
            fail_msg("\"%.*s\", want \"%s\"", XP_SHOW(sheet.cell[i].text), want[i].text);
    }
    xp_csv csv;
    bool more;
    assert_int_equal(xp_csv_open_sheet(&csv, "b.xlsx", &sheet, &error), EXPLAINT_OK);
    assert_int_equal(csv.width, 4); /* E2 is an empty string */
    assert_int_equal(csv.header[2].text.length, 0);
    for (size_t rows = 0; rows < 3; rows++) assert_true(xp_csv_next(&csv, &more, &error) == EXPLAINT_OK && more);
    assert_int_equal(csv.line, 12);
    assert_int_equal(csv.cell[0].text.length, 0);
    assert_true(xp_csv_next(&csv, &more, &error) == EXPLAINT_OK && !more);
    xp_csv_close(&csv);
    xp_free(sheet.cell);
    xp_xlsx_close(book);
    workbook_free(&w);
}

/* As openpyxl reads them, and a spreadsheet program saves them as CSV; in every place a text may stand. */
static void escaped_characters(void **state) {
    (void)state;
    static const struct {
        const char *stored, *text;
    } cases[] = {{"has_x000D_\nwings", "has\r\nwings"}, /* of a spreadsheet on Windows */
                 {"_x005F_x000D_", "_x000D_"},          /* decoded once */
                 {"a_x0009_b_x000a_c", "a\tb\nc"},
                 {"_xD83D__xDE00_!", "\xf0\x9f\x98\x80!"},
                 {"_x00e9_t_x00E9_", "\xc3\xa9t\xc3\xa9"},
                 {"_x0000_", "_x0000_"},
                 {"_xD83D_", "_xD83D_"},
                 {"_xDE00__xD83D_", "_xDE00__xD83D_"},
                 {"_X000D_", "_X000D_"},
                 {"_x00D_", "_x00D_"},
                 {"max_x_min", "max_x_min"},
                 {"_x000D", "_x000D"}};
    char shared[4096] = "<sst>", sheet[8192] = "<worksheet><sheetData>";
    size_t n = sizeof cases / sizeof *cases;
    for (size_t i = 0; i < n; i++) sprintf(shared + strlen(shared), "<si><r><t>%s</t></r></si>", cases[i].stored);
    strcat(shared, "</sst>");
    for (size_t i = 0; i < n; i++)
        sprintf(sheet + strlen(sheet),
                "<row><c t='s'><v>%zu</v></c><c t='inlineStr'><is><t>%s</t></is></c><c "
                "t='str'><f>A1</f><v>%s</v></c></row>",
                i, cases[i].stored, cases[i].stored);
    strcat(sheet, "</sheetData></worksheet>");
    workbook w;
    workbook_make(&w, WORKBOOK_ONE_SHEET, sheet, NULL, shared, NULL);
    explaint_error error = {0};
    xp_xlsx *book;
    xp_sheet cells;
    if (xp_xlsx_open("b.xlsx", w.data, w.size, &book, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    if (xp_xlsx_sheet(book, 0, &cells, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(cells.n_cells, 3 * n);
    for (size_t i = 0; i < cells.n_cells; i++)
        if (!xp_view_is(cells.cell[i].text, cases[i / 3].text))
            fail_msg("\"%s\": \"%.*s\"", cases[i / 3].stored, XP_SHOW(cells.cell[i].text));
    xp_free(cells.cell);
    xp_xlsx_close(book);
    workbook_free(&w);
}

static explaint_status norms_of(workbook *w, explaint_norms **n, explaint_error *error) {
    return xp_norms_read("n.xlsx", w->data, w->size, NULL, n, error);
}

#define TEXT(cell, text) "<c r='" cell "' t='str'><v>" text "</v></c>"
#define NUMBER(cell, text) "<c r='" cell "'><v>" text "</v></c>"

static const char wide[] =
    SHEET("<row r='1'>" TEXT("A1", "word") TEXT("B1", "f,1") TEXT("D1", "f2") "</row><row r='3'>" TEXT("A3", "dog")
              NUMBER("B3", "1.5") "</row><row r='4'>" TEXT("A4", "cat") NUMBER("B4", "2")
                  TEXT("D4", "na") "</row><row r='5'>" TEXT("A5", "cow") NUMBER("D5", "3") "</row>");

/* The same table as text gives the same norms; of two sheets the one that holds a table is read. */
static void the_same_as_text(void **state) {
    (void)state;
    static const char text[] = "word,\"f,1\",,f2\ndog,1.5,,\ncat,2,,na\ncow,,,3\n";
    static const char sheets[] =
        "<sheets><sheet name='Read me' sheetId='1' r:id='r1'/><sheet name='Hidden' sheetId='3' "
        "state='hidden' r:id='r1'/><sheet name='Ratings' sheetId='2' r:id='r2'/></sheets>";
    workbook w;
    workbook_make(&w, sheets, SHEET("<row r='1'>" TEXT("A1", "These are norms.") "</row>"), wide, NULL, NULL);
    explaint_norms *a = NULL, *b = NULL;
    explaint_error error = {0};
    if (norms_of(&w, &a, &error) != EXPLAINT_OK) fail_msg("%s", error.message);
    assert_int_equal(xp_norms_read("n.csv", text, sizeof text - 1, NULL, &b, &error), EXPLAINT_OK);
    same_norms(a, b);
    assert_int_equal(a->n_missing, 3);
    assert_string_equal(explaint_norms_kind(a), "wide");
    assert_string_equal(explaint_norms_name(a), "n");
    assert_contains(explaint_norms_note(a, 0), "number 3 is read, \"Ratings\"");
    explaint_norms_close(a);
    explaint_norms_close(b);
    workbook_free(&w);
}

static void refused(workbook *w, const char *part) {
    explaint_norms *n = NULL;
    explaint_error error = {0};
    explaint_status status = norms_of(w, &n, &error);
    if (status != EXPLAINT_INVALID) fail_msg("%d for \"%s\": %s", (int)status, part, error.message);
    assert_null(n);
    assert_contains(error.message, part);
    assert_contains(error.message, "n.xlsx: ");
    workbook_free(w);
}

/* A sheet that is wrong in one place. */
static void bad_sheets(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {SHEET("<row r='1'>" TEXT("A1", "w") TEXT("B1", "f") "</row><row r='2'>" TEXT("A2", "dog")
                   TEXT("B2", "two") "</row>"),
         "sheet 1, cell B1: expected a column of numbers for each feature, found text, as in column \"f\""},
        {SHEET("<row r='1'>" TEXT("A1", "w") TEXT("B1", "f") "</row><row r='2'>" TEXT("A2", "a")
                   NUMBER("AB2", "1") "</row>"),
         "sheet 1, cell AB2: expected nothing beyond the 2 columns"},
        {SHEET("<row r='1'>" TEXT("A1", "w") TEXT("C1", "f") "</row><row r='2'>" TEXT("A2", "a")
                   NUMBER("B2", "7") "</row>"),
         "sheet 1, cell B1: expected the name of a feature"},
        {SHEET("<row r='1'>" TEXT("A1", "w") TEXT("B1", "f") "</row><row r='2'>" NUMBER("B2", "7") "</row>"),
         "sheet 1, cell A2: expected a name"},
        {SHEET("<row r='1'><c r='A1' t='s'><v>4</v></c></row>"), "cell A1: the cell names a shared string"},
        {SHEET("<row r='1'><c r='C1'><f>A2</f></c></row>"), "sheet 1, cell C1: the formula has no stored value"},
        {SHEET("<row r='1'><c r='C1'><f>A2</f><v/></c></row>"), "cell C1: the formula has no stored value"},
        {SHEET("<row r='1'><c r='C1'><v>1,5</v></c></row>"), "cell C1: the cell says that it is a number"},
        {SHEET("<row r='1'><c r='C1' t='quantum'><v>1</v></c></row>"), "cell C1: the cell has a type"},
        {SHEET("<row r='1'><c r='C2'/></row>"), "row 1: expected the reference of a cell"},
        {SHEET("<row r='1'><c r='B1'/><c r='A1'/></row>"), "after column 2, found \"A1\""},
        {SHEET("<row r='1'><c r='XFE1'/></row>"), "found \"XFE1\""},
        {SHEET("<row r='2'/><row r='2'/>"), "expected a row from 3 to 1048576"},
        {SHEET("<row r='1048577'/>"), "found \"1048577\""},
        {"<worksheet><sheetData><row r='1'>", "is not valid XML"},
        {"<worksheet/>", "found nothing in sheet 1 (\"Norms\")"},
        {"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><worksheet>&b;</worksheet>", "entity bomb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        workbook w;
        workbook_make(&w, WORKBOOK_ONE_SHEET, cases[i][0], NULL, NULL, NULL);
        refused(&w, cases[i][1]);
    }
}

static void deep_and_long(void **state) {
    (void)state;
    char *text = malloc(3 << 20), *at = text;
    assert_non_null(text);
    for (int i = 0; i < 100; i++) at += sprintf(at, "<a>");
    workbook w;
    workbook_make(&w, WORKBOOK_ONE_SHEET, text, NULL, NULL, NULL);
    refused(&w, "more than 64 deep");
    strcpy(text, "<worksheet a='");
    memset(text + 14, 'x', (3 << 20) - 20);
    strcpy(text + (3 << 20) - 20, "'/>");
    workbook_make(&w, WORKBOOK_ONE_SHEET, text, NULL, NULL, NULL);
    refused(&w, "a tag of more than");
    free(text);
    /* two cells that would be 16384 x 1048576 places in a matrix */
    workbook_make(&w, WORKBOOK_ONE_SHEET,
                  SHEET("<row r='1'>" TEXT("A1", "w") TEXT("XFD1", "f") "</row><row r='2'>" TEXT("A2", "x") "</row>"),
                  NULL, NULL, NULL);
    explaint_norms *n = NULL;
    explaint_error error = {0};
    assert_int_not_equal(norms_of(&w, &n, &error), EXPLAINT_OK); /* small enough, but nothing in it */
    workbook_free(&w);
}

static void too_many_places(void **state) {
    (void)state;
    char *text = malloc(1 << 20), *at = text;
    assert_non_null(text);
    at += sprintf(at, "<worksheet><sheetData><row>" TEXT("XFD1", "f") "</row>");
    for (int i = 0; i < 4096; i++) at += sprintf(at, "<row><c><v>1</v></c></row>");
    sprintf(at, "</sheetData></worksheet>");
    workbook w;
    workbook_make(&w, WORKBOOK_ONE_SHEET, text, NULL, NULL, NULL);
    free(text);
    refused(&w, "is too large: 4097 rows x 16384 columns");
}

/* An archive that is wrong: not a workbook, without a sheet, cut, encrypted, a bomb. */
static void bad_archives(void **state) {
    (void)state;
    workbook w;
    workbook_begin(&w);
    workbook_text(&w, "norms.csv", "concept,feature\n");
    workbook_end(&w);
    refused(&w, "a zip archive without a workbook");

    workbook_begin(&w);
    workbook_text(&w, "content.xml", "<x/>");
    workbook_end(&w);
    refused(&w, "found an OpenDocument file");

    workbook_begin(&w);
    workbook_text(&w, "_rels/.rels", "<r><Relationship Type='x/officeDocument' Target='xl/workbook.bin'/></r>");
    workbook_end(&w);
    refused(&w, "found a binary one (.xlsb)");

    workbook_make(&w, "<sheets><sheet name='x' r:id='r9'/></sheets>", wide, NULL, NULL, NULL);
    refused(&w, "found none that is not hidden (of 1 listed)");
    workbook_make(&w, "<sheets><sheet name='x' r:id='r3'/></sheets>", wide, NULL, NULL, NULL);
    refused(&w, "found none that is not hidden");
    workbook_make(&w, WORKBOOK_ONE_SHEET, NULL, NULL, NULL, NULL);
    refused(&w, "expected \"xl/worksheets/sheet1.xml\" in the zip archive, found none");

    workbook_make(&w, WORKBOOK_ONE_SHEET, wide, NULL, NULL, NULL);
    w.size -= 30;
    refused(&w, "the zip archive cannot be read");
    workbook_make(&w, WORKBOOK_ONE_SHEET, wide, NULL, NULL, NULL);
    memset(w.data + w.member[5].offset + 60, 0x55, 40);
    refused(&w, "the zip archive cannot be read");

    workbook_begin(&w);
    workbook_bytes(&w, "xl/workbook.xml", "<x/>", 4, 1);
    workbook_text(&w, "_rels/.rels", WORKBOOK_ROOT);
    workbook_end(&w);
    refused(&w, "is encrypted");
}

static void zip_bomb(void **state) {
    (void)state;
    size_t size = XP_BOMB_FREE + ((size_t)80 << 20); /* deflate makes a thousandth of it */
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, ' ', size);
    memcpy(text, "<worksheet>", 11);
    workbook w;
    workbook_begin(&w);
    workbook_text(&w, "_rels/.rels", WORKBOOK_ROOT);
    workbook_text(&w, "xl/workbook.xml", "<workbook xmlns:r='r'>" WORKBOOK_ONE_SHEET "</workbook>");
    workbook_text(&w, "xl/_rels/workbook.xml.rels",
                  "<r><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/></r>");
    workbook_bytes(&w, "xl/worksheets/sheet1.xml", text, size, 0);
    workbook_end(&w);
    free(text);
    refused(&w, "inflates to more than");
}

static void every_allocation(void **state) {
    (void)state;
    workbook w;
    workbook_make(&w, WORKBOOK_ONE_SHEET, wide, NULL, strings, styles);
    explaint_status status = EXPLAINT_FAILED;
    size_t n = 0;
    while (status != EXPLAINT_OK) {
        explaint_norms *norms = NULL;
        explaint_error error = {0};
        xp_fail_allocation(++n);
        status = norms_of(&w, &norms, &error);
        xp_fail_allocation(0);
        assert_int_equal(norms != NULL, status == EXPLAINT_OK);
        explaint_norms_close(norms);
        if (status != EXPLAINT_OK) assert_contains(error.message, "not enough memory for");
        assert_true(n < 10000);
    }
    assert_true(n > 50);
    workbook_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_of_every_kind), cmocka_unit_test(escaped_characters), cmocka_unit_test(the_same_as_text),
        cmocka_unit_test(bad_sheets),          cmocka_unit_test(deep_and_long),      cmocka_unit_test(too_many_places),
        cmocka_unit_test(bad_archives),        cmocka_unit_test(zip_bomb),           cmocka_unit_test(every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
