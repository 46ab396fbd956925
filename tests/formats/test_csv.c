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

/* Each line of what is expected is a row, the header first; cells end in '|'. */
static void read_as(const char *text, char separator, const char *rows) {
    opened o;
    bool more = true;
    char got[2048] = "";
    if (open_text(&o, text) != EXPLAINT_OK) fail_msg("%s", o.error.message);
    assert_int_equal(o.csv.separator, separator);
    for (int time = 0; time < 2; time++) { /* looked at first, read then */
        if (time == 0) xp_csv_look(&o.csv);
        strcpy(got, "");
        for (size_t k = 0; k < o.csv.width; k++) sprintf(got + strlen(got), "%.*s|", XP_SHOW(o.csv.header[k].text));
        while (xp_csv_next(&o.csv, &more, &o.error) == EXPLAINT_OK && more) {
            strcat(got, "\n");
            for (size_t k = 0; k < o.csv.width; k++) sprintf(got + strlen(got), "%.*s|", XP_SHOW(o.csv.cell[k].text));
        }
        if (time == 0) xp_csv_rewind(&o.csv);
    }
    assert_string_equal(got, rows);
    xp_csv_close(&o.csv);
}

/* What pandas, R and spreadsheet programs write. */
static void the_habits_of_programs(void **state) {
    (void)state;
    /* the header holds the separator of others */
    read_as("w\tis large, heavy, slow\tred\ndog\t1\t2\n", '\t', "w|is large, heavy, slow|red|\ndog|1|2|");
    read_as("w;big, old;red, hot\nHund;1,5;2,5\nKuh;1,0;0,5\n", ';',
            "w|big, old|red, hot|\nHund|1,5|2,5|\nKuh|1,0|0,5|");
    read_as("w,a;b;c;d\nx,1\n", ',', "w|a;b;c;d|\nx|1|");
    read_as("w,\"a\tb\tc\"\nx,1\n", ',', "w|a\tb\tc|\nx|1|");
    /* a first line for Excel */
    read_as("sep=;\nw;a,b,c\nx;1\n", ';', "w|a,b,c|\nx|1|");
    read_as("\"sep=,\"\r\nw,a;b;c\r\nx,1\r\n", ',', "w|a;b;c|\nx|1|");
    read_as("SEP=\t\nw\ta\nx\t1\n", '\t', "w|a|\nx|1|");
    read_as("sep=;;;\nw;a;b\nx;1;2\n", ';', "w|a|b|\nx|1|2|");
    read_as("sep=value,a\nx,1\n", ',', "sep=value|a|\nx|1|");
    /* empty rows, below the table and elsewhere */
    read_as(";;\nw;a;b\nx;1;2\n;;\n ; ;\n;\ny;3;4\n;;;;\n\"\";;\n", ';', "w|a|b|\nx|1|2|\ny|3|4|");
    read_as("w\rx\r \ry\r", ',', "w|\nx|\ny|");
    /* a separator at the end of each row, of the header, of both */
    read_as("w,a\nx,1,\ny,2,\n", ',', "w|a|\nx|1|\ny|2|");
    read_as("w,a,\nx,1\ny,2\n", ',', "w|a|\nx|1|\ny|2|");
    read_as("w,a,\nx,1,\ny,2,\n", ',', "w|a||\nx|1||\ny|2||");
    /* R's row names: write.table with quotes, without, and of a table without names of its own */
    read_as("\"a\",\"b\"\n\"dog\",1,2\n\"sea, cow\",3,4\n", ',', "|a|b|\ndog|1|2|\nsea, cow|3|4|");
    read_as("a\tb\ndog\t1\t2\ncow\t3\t4\n", '\t', "|a|b|\ndog|1|2|\ncow|3|4|");
    read_as("w,a\n1,dog,2\n2,cow,4\n", ',', "|w|a|\n1|dog|2|\n2|cow|4|");
    read_as("\"\";\"w\";\"a\"\n\"1\";\"dog\";1,5\n", ';', "|w|a|\n1|dog|1,5|");
    /* tabs, and quotes that mean quotes */
    read_as("w\ta\n\"big\" dog\t1\ncow, 5\" tall\t2\n", '\t', "w|a|\n\"big\" dog|1|\ncow, 5\" tall|2|");
    read_as("w\ta\n\"big\tdog\"\t1\n", '\t', "w|a|\nbig\tdog|1|");
    /* everything in quotes, doubled ones in it */
    read_as("\"w\",\"\"\"a\"\", b\"\n\"x\"\"y\"\"\",\"1\"\n", ',', "w|\"a\", b|\nx\"y\"|1|");
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
    refused("a;b\n1;2;3\n4;5\n", 2, "expected 2 cells separated by semicolons, as in the header, found 3");
    refused("a,b\ndog,1,5\ncat,2,5\n", 2, "expected 2 cells separated by commas, as in the header, found 3");
    refused("a,b\nx,2,\ny,2,\nz,4,5\n", 2, "found 3"); /* no separator at the end of the last */
    refused("sep=|\na|b\n1|2\n", 1, "names another separator, \"|\"");
    refused("a|b\n1|2\n", 1, "found 2 in each row separated by vertical bars");
    refused("\"a\" \"b\"\n\"dog\" 1 2\n\"cat\" 3 4\n", 1, "found 3 in each row separated by spaces");
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
        cmocka_unit_test(the_habits_of_programs),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
