#include "support/files.h"

#include "formats/csv.h"

typedef struct opened {
    xp_csv csv;
    char text[4096];
    explaint_error error;
} opened;

static explaint_status open_text(opened *o, const char *text) {
    memset(o, 0, sizeof *o);
    strcpy(o->text, text);
    return xp_csv_open(&o->csv, "t.csv", o->text, strlen(text), &o->error);
}

static bool cell_is(const xp_cell *cell, const char *text) { return xp_view_is(cell->text, text); }

static void quotes_and_line_ends(void **state) {
    (void)state;
    static const char *const texts[] = {"a,b\n\"x \"\"y\"\"\n,z\",2\nq,\n", "a,b\r\n\"x \"\"y\"\"\n,z\",2\r\nq,",
                                        "a,b\r\"x \"\"y\"\"\n,z\",2\r\rq,\r"};
    for (size_t i = 0; i < 3; i++) {
        opened o;
        bool more;
        assert_int_equal(open_text(&o, texts[i]), EXPLAINT_OK);
        assert_int_equal(o.csv.width, 2);
        assert_true(cell_is(&o.csv.header[1], "b"));
        assert_int_equal(xp_csv_next(&o.csv, &more, &o.error), EXPLAINT_OK);
        assert_true(more);
        assert_true(cell_is(&o.csv.cell[0], "x \"y\"\n,z"));
        assert_true(o.csv.cell[0].quoted);
        assert_int_equal(o.csv.cell[0].line, 2);
        assert_true(cell_is(&o.csv.cell[1], "2"));
        assert_int_equal(o.csv.cell[1].line, 3); /* behind the break inside of the quotes */
        assert_int_equal(o.csv.cell[1].column, 5);
        assert_int_equal(xp_csv_next(&o.csv, &more, &o.error), EXPLAINT_OK);
        assert_true(cell_is(&o.csv.cell[0], "q"));
        assert_int_equal(o.csv.cell[1].text.length, 0);
        assert_int_equal(o.csv.line, i == 2 ? 5 : 4); /* an empty line was skipped */
        assert_int_equal(xp_csv_next(&o.csv, &more, &o.error), EXPLAINT_OK);
        assert_false(more);
        xp_csv_close(&o.csv);
    }
}

static void separators(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
        size_t width;
    } cases[] = {{"a,b;c,d\n", "commas", 3},         {"a;b,c;d\n", "semicolons", 3}, {"a\tb,c\n", "tabs", 2},
                 {"\"a,b,c\";d\n", "semicolons", 2}, {"alone\n", "commas", 1},       {"a,b;c\n", "commas", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        opened o;
        assert_int_equal(open_text(&o, cases[i].text), EXPLAINT_OK);
        assert_string_equal(xp_csv_separator(&o.csv), cases[i].says);
        assert_int_equal(o.csv.width, cases[i].width);
        xp_csv_close(&o.csv);
    }
}

static void a_quote_inside_of_a_cell_is_a_quote(void **state) {
    (void)state;
    opened o;
    bool more;
    assert_int_equal(open_text(&o, "a\tb\n5\" tall\t \"x\"\n"), EXPLAINT_OK);
    assert_int_equal(xp_csv_next(&o.csv, &more, &o.error), EXPLAINT_OK);
    assert_true(cell_is(&o.csv.cell[0], "5\" tall"));
    assert_true(cell_is(&o.csv.cell[1], " \"x\""));
    xp_csv_close(&o.csv);
}

static void refused(const char *text, size_t line, const char *part) {
    opened o;
    bool more = true;
    explaint_status status = open_text(&o, text);
    if (status == EXPLAINT_OK) {
        while (status == EXPLAINT_OK && more) status = xp_csv_next(&o.csv, &more, &o.error);
        xp_csv_close(&o.csv);
    }
    assert_int_equal(status, EXPLAINT_INVALID);
    assert_int_equal(o.error.line, line);
    assert_contains(o.error.message, part);
}

static void errors(void **state) {
    (void)state;
    refused("a,b\n1,2\n3\n", 3, "expected 2 cells separated by commas, as in the header, found 1");
    refused("a;b\n1;2;3\n", 2, "expected 2 cells separated by semicolons, as in the header, found 3");
    refused("a,b\n1,2\nx,\"open\n1,2\n", 3, "the quote opened in column 3 of this line is never closed");
    refused("\"a,b\n1,2\n", 1, "the quote opened in column 1");
    refused("a,b\n\"1\"x,2\n", 2, "after the closing quote, found text in column 4");
    refused("\n\r\n", 0, "found only empty lines");
    refused("a,b\n\"\",\"", 2, "never closed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_and_line_ends),
        cmocka_unit_test(separators),
        cmocka_unit_test(a_quote_inside_of_a_cell_is_a_quote),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
