#include "norms/vectors_table.h"

#include <stdio.h>

#include "base/memory.h"
#include "formats/csv.h"
#include "formats/encoding.h"
#include "formats/number.h"
#include "formats/wordtext_sample.h"

#define NONE SIZE_MAX
enum { ROWS_LOOKED_AT = 100 };

/* ---- is it a table ---- */

/* A number as it may stand in a table: with a decimal comma, where commas do not separate; quoted or not. */
static xp_number read_number(xp_view text, bool commas, double *value) {
    text = xp_view_trim(text);
    xp_number outcome = xp_number_read(text, value);
    return outcome == XP_NUMBER_NONE && commas && xp_wordtext_decimal_comma(text, value) ? XP_NUMBER_OK : outcome;
}

/* The numbers at the end of a line, the first cell not among them. cells: how many there are. */
static size_t count_numbers(xp_view line, char separator, size_t *cells) {
    size_t numbers = 0;
    *cells = 0;
    while (line.length > 0 || *cells == 0) {
        const char *stop = separator != ' ' ? memchr(line.data, separator, line.length) : NULL;
        xp_view cell = {line.data, stop != NULL ? (size_t)(stop - line.data) : line.length};
        if (separator == ' ') cell = xp_wordtext_take_field(&line);
        if (separator == ' ' && cell.length == 0) break;
        double value;
        numbers = *cells > 0 && read_number(cell, separator != ',', &value) != XP_NUMBER_NONE ? numbers + 1 : 0;
        ++*cells;
        if (separator == ' ') continue;
        if (stop == NULL) break;
        line = (xp_view){stop + 1, (size_t)(line.data + line.length - stop) - 1};
    }
    return numbers;
}

static xp_view next_line(xp_view *rest) {
    size_t i = 0;
    while (i < rest->length && rest->data[i] != '\n' && rest->data[i] != '\r') i++;
    xp_view line = {rest->data, i};
    while (i < rest->length && (rest->data[i] == '\n' || rest->data[i] == '\r')) i++;
    *rest = (xp_view){rest->data + i, rest->length - i};
    return line;
}

/* 1: a row of a table, -1: a row of text, 0: neither. */
static int judge(xp_view line) {
    size_t cells, commas = count_numbers(line, ',', &cells), semicolons = count_numbers(line, ';', &cells);
    size_t most = commas > semicolons ? commas : semicolons, fields = count_numbers(line, ' ', &cells);
    return most > fields ? 1 : fields > 0 ? -1 : 0;
}

/* Names between tabs, and behind them as many cells, which end in numbers. */
static bool is_header_of_tabs(xp_view first, xp_view second) {
    size_t names, cells, blank;
    return count_numbers(first, '\t', &names) == 0 && names > 2 && count_numbers(second, '\t', &cells) > 1 &&
           cells == names && count_numbers(first, ' ', &blank) == 0;
}

bool xp_vectors_is_table(const void *head, size_t size) {
    xp_view rest = {head, size};
    if (size >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0) rest = (xp_view){rest.data + 3, size - 3};
    if (rest.length >= 4 && xp_view_is_nocase((xp_view){rest.data, 4}, "sep=")) return true;
    xp_view first = next_line(&rest), copy = rest;
    if (is_header_of_tabs(first, next_line(&copy))) return true;
    int votes = judge(first), separators = 0;
    if (rest.length > 0) { /* the last line may be cut in a number */
        while (rest.length > 0 && strchr("\n\r ,;\t", rest.data[rest.length - 1]) == NULL) rest.length--;
        while (rest.length > 0) votes += judge(next_line(&rest));
    }
    for (size_t i = 0; i < first.length && votes == 0; i++)
        separators += first.data[i] == ',' || first.data[i] == ';'    ? 1
                      : first.data[i] == ' ' || first.data[i] == '\t' ? -1
                                                                      : 0;
    const bool lists = memmem(head, size, ",\"[", 3) != NULL || memmem(head, size, ";[", 2) != NULL;
    return votes > 0 || (votes == 0 && (separators > 1 || lists));
}

/* ---- what its columns are ---- */

typedef struct column {
    size_t n_numbers, n_texts; /* of the cells looked at; blank ones are neither */
    bool numbers;              /* most are */
    bool counts;               /* all are 0 or more, without decimals */
    bool counts_up;            /* 0, 1, 2, ... or 1, 2, 3, ...: what programs put before a row */
    size_t first;              /* of counts_up */
    bool lists;                /* "[1, 2]" in each cell */
    bool of_vector;
} column;

typedef struct table {
    xp_csv csv;
    xp_word_rows *kept;
    explaint_error *error;
    column *column;     /* csv.width */
    size_t word, layer; /* columns; layer may be NONE */
    bool has_header;    /* else the first line is a row */
    const char *wanted_layer;
    char seen_layer[XP_QUOTED_MAX + 1]; /* of the rows so far; "": none yet */
    double *values;
    size_t without_word, first_without; /* rows, and the line of the first */
    size_t rows;
} table;

static xp_view name_of(const table *t, size_t k) {
    return t->has_header ? xp_view_trim(t->csv.header[k].text) : (xp_view){"", 0};
}

static xp_number read_cell(const table *t, const xp_cell *cell, double *value) {
    return read_number(cell->text, t->csv.separator != ',' || cell->quoted, value);
}

static bool is_number_cell(const table *t, const xp_cell *cell) {
    double value;
    return read_cell(t, cell, &value) != XP_NUMBER_NONE;
}

/* Looks at cells of row i (the header is none). */
static void look_at_row(table *t, const xp_cell *cell, size_t i) {
    for (size_t k = 0; k < t->csv.width; k++) {
        column *c = &t->column[k];
        xp_view text = xp_view_trim(cell[k].text);
        size_t count;
        bool is_count = xp_number_count(text, &count);
        if (i == 0) *c = (column){.counts = true, .counts_up = is_count && count < 2, .first = is_count ? count : 0};
        c->counts = c->counts && is_count;
        c->lists = (c->lists || i == 0) && text.length > 1 && *text.data == '[';
        c->counts_up = c->counts_up && is_count && count == c->first + i;
        const bool number = is_number_cell(t, &cell[k]);
        c->n_numbers += number;
        c->n_texts += !number && text.length > 0;
        c->numbers = c->n_numbers > c->n_texts;
    }
}

/* Names stand where rows have numbers; or the numbers from 0 or 1 do, behind what a column of words is called. */
static bool finds_header(const table *t) {
    size_t text = 0;
    while (text < t->csv.width && t->column[text].numbers) text++;
    size_t numbers = 0, first = 0, last = 0;
    bool in_order = true, named = true;
    for (size_t k = 0; k < t->csv.width; k++) {
        const xp_cell *cell = &t->csv.header[k];
        size_t count;
        if (!t->column[k].numbers || (t->column[k].counts_up && (k == 0 || (k < text && text < t->csv.width)))) {
            named = named && xp_wordtext_names_words(xp_view_trim(cell->text));
            continue;
        }
        if (!is_number_cell(t, cell)) return true;
        in_order = in_order && xp_number_count(xp_view_trim(cell->text), &count) &&
                   (numbers == 0 ? count < 2 : count == last + 1);
        if (!in_order) continue;
        if (numbers++ == 0) first = count;
        last = count;
    }
    return in_order && named && numbers > 1 && last == first + numbers - 1;
}

/* "d12" is "d" and 12; 0: no number at its end. */
static size_t stem(xp_view name, size_t *number) {
    size_t length = name.length;
    while (length > 0 && name.data[length - 1] >= '0' && name.data[length - 1] <= '9') length--;
    return length < name.length && xp_number_count((xp_view){name.data + length, name.length - length}, number) ? length
                                                                                                                : NONE;
}

static bool same_series(xp_view a, xp_view b) {
    size_t x, y, length = stem(a, &x);
    return length != NONE && length == stem(b, &y) && memcmp(a.data, b.data, length) == 0;
}

/* Where most columns of numbers are one series (d1, d2, ...), the others are no numbers of the vector: ids, frequencies. */
static void keep_series(table *t) {
    size_t all = 0, most = 0, of = 0;
    for (size_t k = 0; k < t->csv.width; k++) {
        size_t n = 0;
        all += t->column[k].of_vector;
        if (!t->column[k].of_vector || (most > 0 && same_series(name_of(t, of), name_of(t, k)))) continue;
        for (size_t i = 0; i < t->csv.width; i++)
            n += t->column[i].of_vector && same_series(name_of(t, k), name_of(t, i));
        if (n > most) of = k;
        if (n > most) most = n;
    }
    if (most < 2 || 2 * most <= all) return;
    for (size_t k = 0; k < t->csv.width; k++)
        t->column[k].of_vector = t->column[k].of_vector && same_series(name_of(t, of), name_of(t, k));
}

/* The first column of text that is called as words are; then the first of text, the first so called, the first. */
static size_t find_words(const table *t) {
    size_t best = 0, worth = 0;
    for (size_t k = 0; k < t->csv.width; k++) {
        bool text = !t->column[k].numbers, called = name_of(t, k).length > 0 && xp_wordtext_names_words(name_of(t, k));
        size_t w = text && called ? 3 : text ? 2 : called && !t->column[k].counts_up ? 1 : 0;
        if (w > worth) best = k;
        if (w > worth) worth = w;
    }
    return best;
}

static explaint_status note_left_out(table *t) {
    xp_text names = {0};
    size_t count = 0;
    for (size_t k = 0; k < t->csv.width; k++) {
        if (k == t->word || k == t->layer || t->column[k].of_vector) continue;
        xp_view name = name_of(t, k);
        if (count++ < 8 && name.length > 0)
            xp_text_addf(&names, "%s\"%.*s\"", names.length > 0 ? ", " : "", XP_SHOW(name));
        else if (count <= 8)
            xp_text_addf(&names, "%snumber %zu", names.length > 0 ? ", " : "", k + 1);
    }
    bool noted = !names.failed;
    if (noted && count > 0)
        noted = xp_strings_addf(&t->kept->notes, "%zu column%s no number of the vectors and %s left out: %s%s", count,
                                count == 1 ? " is" : "s are", count == 1 ? "is" : "are", names.data,
                                count > 8 ? ", ..." : "");
    xp_text_free(&names);
    return noted ? EXPLAINT_OK : xp_no_memory(t->error, "a note");
}

static explaint_status choose_columns(table *t) {
    bool concept = false, feature = false;
    t->word = find_words(t);
    t->layer = NONE;
    for (size_t k = 0; k < t->csv.width; k++) {
        xp_view name = name_of(t, k);
        column *c = &t->column[k];
        concept = concept || xp_view_is_nocase(name, "concept");
        feature = feature || xp_view_is_nocase(name, "feature");
        if (k != t->word && c->numbers && xp_view_is_nocase(name, "layer")) t->layer = k;
        c->of_vector = k != t->word && k != t->layer && c->numbers && !(c->counts_up && k < t->word);
        if (c->counts_up && (xp_view_is_nocase(name, "id") || (t->has_header && xp_wordtext_names_words(name))))
            c->of_vector = false;
    }
    if (concept && feature)
        return xp_csv_fail(&t->csv, &t->csv.header[0], t->error,
                           "expected word vectors, found the columns concept and feature: these are norms (--norms)");
    const column *words = &t->column[t->word];
    if (words->numbers && !words->counts && !(t->has_header && xp_wordtext_names_words(name_of(t, t->word))))
        return xp_csv_fail(
            &t->csv, &t->csv.header[t->word], t->error,
            "expected a column of words, found numbers alone; where the words are in another file, save the "
            "numbers as .npy (numpy.save) and name both (--words FILE)");
    if (t->has_header) keep_series(t);
    t->kept->width = 0;
    for (size_t k = 0; k < t->csv.width; k++) t->kept->width += t->column[k].of_vector;
    if (t->kept->width > 0) return note_left_out(t);
    for (size_t k = 0; k < t->csv.width; k++)
        if (t->column[k].lists)
            return xp_csv_fail(
                &t->csv, &t->csv.header[k], t->error,
                "expected each number in a cell of its own, found a list of them in one; in Python, where t is the "
                "table: pandas.DataFrame([json.loads(v) for v in t[\"%.*s\"]], index=t[\"%.*s\"]).to_csv(...)",
                XP_SHOW(t->csv.header[k].text), XP_SHOW(t->csv.header[t->word].text));
    return xp_csv_fail(
        &t->csv, NULL, t->error,
        "expected a word and its numbers in each row, found no column of numbers (the cells are separated by "
        "%s)",
        xp_csv_separator(&t->csv));
}

/* Reads the first rows once, without taking them. */
static explaint_status look_at_rows(table *t) {
    explaint_status status = EXPLAINT_OK;
    size_t rows = 0;
    bool more = true;
    xp_csv_look(&t->csv);
    for (; rows < ROWS_LOOKED_AT; rows++) {
        status = xp_csv_next(&t->csv, &more, t->error);
        if (status != EXPLAINT_OK || !more) break;
        look_at_row(t, t->csv.cell, rows);
    }
    if (status == EXPLAINT_OK && rows == 0) look_at_row(t, t->csv.header, 0);
    xp_csv_rewind(&t->csv);
    if (status != EXPLAINT_OK) return status;
    t->has_header = rows > 0 && finds_header(t);
    return choose_columns(t);
}

/* ---- its rows ---- */

static explaint_status bad_number(table *t, const xp_cell *cell, xp_view word, xp_number outcome) {
    xp_view text = xp_view_trim(cell->text);
    if (text.length == 0)
        return xp_csv_fail(&t->csv, cell, t->error,
                           "expected a finite number for the word \"%.*s\", found an empty cell", XP_SHOW(word));
    double value;
    const char *comma =
        xp_wordtext_decimal_comma(text, &value) ? "; numbers have a decimal point where commas separate" : "";
    return xp_csv_fail(&t->csv, cell, t->error,
                       "expected a finite number for the word \"%.*s\", found \"%.*s\", which is %s%s", XP_SHOW(word),
                       XP_SHOW(text), xp_number_says(outcome), comma);
}

/* "3" of "layer.3" or "3". */
static xp_view layer_number(const char *name) {
    const char *dot = strncmp(name, "layer.", 6) == 0 ? name + 6 : name;
    return (xp_view){dot, strlen(dot)};
}

/* Whether the row is of the layer that is read. */
static explaint_status check_layer(table *t, const xp_cell *cell, bool *read) {
    *read = true;
    if (t->layer == NONE) return EXPLAINT_OK;
    xp_view layer = xp_view_trim(cell[t->layer].text);
    if (t->wanted_layer != NULL) {
        xp_view wanted = layer_number(t->wanted_layer);
        *read = layer.length == wanted.length && memcmp(layer.data, wanted.data, layer.length) == 0;
        return EXPLAINT_OK;
    }
    if (t->seen_layer[0] == 0) snprintf(t->seen_layer, sizeof t->seen_layer, "%.*s", XP_SHOW(layer));
    if (xp_view_is(layer, t->seen_layer)) return EXPLAINT_OK;
    return xp_fail(t->error, EXPLAINT_USAGE, t->csv.path, cell[t->layer].line,
                   "the table holds several layers, such as %.80s and %.*s; choose one (--tensor layer.%.80s)",
                   t->seen_layer, XP_SHOW(layer), t->seen_layer);
}

static explaint_status take_row(table *t, const xp_cell *cell) {
    bool read;
    explaint_status status = check_layer(t, cell, &read);
    if (status != EXPLAINT_OK || !read) return status;
    xp_view word = xp_view_trim(cell[t->word].text);
    for (size_t k = 0, d = 0; k < t->csv.width; k++) {
        if (!t->column[k].of_vector) continue;
        xp_number outcome = read_cell(t, &cell[k], &t->values[d++]);
        if (outcome != XP_NUMBER_OK) return bad_number(t, &cell[k], word, outcome);
    }
    t->rows++;
    if (word.length == 0) {
        if (t->without_word++ == 0) t->first_without = t->csv.line;
        return EXPLAINT_OK;
    }
    xp_word_rows_show(t->kept, word);
    size_t number = xp_word_rows_number(t->kept, word);
    if (number != XP_NOT_WANTED && !xp_word_rows_copy(t->kept, number, word, t->values, cell[t->word].line))
        return xp_no_memory(t->error, "word vectors");
    return EXPLAINT_OK;
}

/* Words in the place of columns' names: half of them or more are asked for, and none that stands in a row. */
static explaint_status check_turned(const table *t) {
    size_t columns = 0, named = 0, first = 0;
    if (!t->has_header || t->kept->wanted == NULL || t->kept->n_rows > 0) return EXPLAINT_OK;
    for (size_t k = 0; k < t->csv.width; k++) {
        if (!t->column[k].of_vector) continue;
        columns++;
        if (xp_word_rows_number(t->kept, xp_view_trim(t->csv.header[k].text)) == XP_NOT_WANTED) continue;
        if (named++ == 0) first = k;
    }
    if (named < 3 || 2 * named < columns) return EXPLAINT_OK;
    return xp_fail(
        t->error, EXPLAINT_INVALID, t->csv.path, 0,
        "no row has a word that is asked for, but %zu of %zu columns are called so, such as \"%.*s\": the table "
        "looks transposed; write a row for each word and a column for each number of its vector",
        named, columns, XP_SHOW(t->csv.header[first].text));
}

static explaint_status take_rows(table *t) {
    bool more = true;
    t->values = xp_alloc(t->kept->width, sizeof *t->values);
    explaint_status status = t->values == NULL ? xp_no_memory(t->error, "word vectors") : EXPLAINT_OK;
    if (status == EXPLAINT_OK && !t->has_header) status = take_row(t, t->csv.header);
    while (status == EXPLAINT_OK) {
        status = xp_csv_next(&t->csv, &more, t->error);
        if (status != EXPLAINT_OK || !more) break;
        status = take_row(t, t->csv.cell);
    }
    if (status == EXPLAINT_OK && t->rows == 0 && t->wanted_layer != NULL)
        return xp_fail(t->error, EXPLAINT_USAGE, t->csv.path, 0, "no row has the layer \"%.80s\" (--tensor)",
                       t->wanted_layer);
    if (status == EXPLAINT_OK && t->rows == 0)
        return xp_fail(t->error, EXPLAINT_INVALID, t->csv.path, 0, "the file holds no word");
    return status == EXPLAINT_OK ? check_turned(t) : status;
}

static explaint_status finish(table *t) {
    bool noted = t->without_word == 0 ||
                 xp_strings_addf(&t->kept->notes, "%zu row%s no word and %s passed over, the first in line %zu",
                                 t->without_word, t->without_word == 1 ? " has" : "s have",
                                 t->without_word == 1 ? "is" : "are", t->first_without);
    t->kept->n_words = t->rows;
    return noted && xp_word_rows_end(t->kept) ? EXPLAINT_OK : xp_no_memory(t->error, "a note");
}

static explaint_status read_table(table *t) {
    t->column = xp_calloc(t->csv.width, sizeof *t->column);
    if (t->column == NULL) return xp_no_memory(t->error, "word vectors");
    explaint_status status = look_at_rows(t);
    if (status == EXPLAINT_OK && t->wanted_layer != NULL && t->layer == NONE)
        status = xp_fail(t->error, EXPLAINT_USAGE, t->csv.path, 0,
                         "the name of a layer (--tensor) goes with a table that has a column \"layer\"; this one has "
                         "none");
    if (status == EXPLAINT_OK) status = take_rows(t);
    return status == EXPLAINT_OK ? finish(t) : status;
}

explaint_status xp_vectors_read_table(xp_stream *stream, const char *layer, xp_word_rows *kept,
                                      char sha256[XP_SHA256_TEXT], explaint_error *error) {
    const char *path = xp_stream_path(stream);
    xp_bytes bytes = {0};
    table t = {.kept = kept, .error = error, .wanted_layer = layer};
    kept->unit = "line";
    explaint_status status = xp_stream_all(stream, XP_LIMIT_ARRAY, &bytes, error);
    if (status == EXPLAINT_OK) {
        memcpy(sha256, bytes.sha256, XP_SHA256_TEXT);
        status = xp_encoding_decode(path, &bytes, &kept->notes, error);
    }
    if (status == EXPLAINT_OK) status = xp_csv_open(&t.csv, path, bytes.data, bytes.size, error);
    if (status == EXPLAINT_OK) {
        status = read_table(&t);
        xp_csv_close(&t.csv);
    }
    xp_free_all(t.column, t.values);
    xp_bytes_free(&bytes);
    return status;
}
