#include "norms/survey.h"

#include "base/memory.h"
#include "formats/number.h"
#include "norms/category.h"

/* ---- what a cell is ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool xp_survey_missing(xp_view text) {
    return text.length == 0 || (!is_digit(text.data[0]) && xp_category_is_none(text));
}

/* Of each pair the word for 1 first. What programs write stands first: there one word alone is enough. */
static const struct {
    const char *yes, *no, *shown;
} pairs[] = {{"true", "false", "TRUE and FALSE"}, {"wahr", "falsch", "WAHR and FALSCH"},
             {"vrai", "faux", "VRAI and FAUX"},   {"t", "f", "T and F"},
             {"yes", "no", "yes and no"},         {"y", "n", "y and n"},
             {"ja", "nein", "ja and nein"},       {"oui", "non", "oui and non"}};
enum { PAIRS = sizeof pairs / sizeof *pairs, PAIRS_OF_PROGRAMS = 3, YES = 1, NO = 2 };

static bool find_truth(xp_view text, uint8_t *pair, uint8_t *side) {
    if (text.length > 6) return false;
    for (uint8_t k = 0; k < PAIRS; k++) {
        *side = xp_view_is_nocase(text, pairs[k].yes) ? YES : xp_view_is_nocase(text, pairs[k].no) ? NO : 0;
        *pair = k;
        if (*side != 0) return true;
    }
    return false;
}

bool xp_survey_truth(xp_view text, double *value) {
    uint8_t pair, side;
    if (!find_truth(text, &pair, &side)) return false;
    *value = side == YES;
    return true;
}

const char *xp_survey_truth_words(const xp_column *column) { return pairs[column->pair].shown; }

/* "1,5" with its comma as a point, if it is a number then. */
static bool read_comma(xp_view text, double *value) {
    char point[64];
    const char *comma = memchr(text.data, ',', text.length);
    if (comma == NULL || text.length >= sizeof point || memchr(text.data, '.', text.length) != NULL) return false;
    memcpy(point, text.data, text.length);
    point[comma - text.data] = '.';
    return xp_number_read((xp_view){point, text.length}, value) == XP_NUMBER_OK;
}

/* No number that groups thousands: 0,5 and 12,25 and 1234,567, but not 1,234. */
static bool surely_decimal(xp_view text) {
    size_t at = text.length > 0 && (text.data[0] == '-' || text.data[0] == '+'), whole = 0, behind = 0;
    const bool zero = at < text.length && text.data[at] == '0';
    for (; at < text.length && is_digit(text.data[at]); at++) whole++;
    for (at++; at < text.length && is_digit(text.data[at]); at++) behind++;
    return at < text.length || whole == 0 || whole > 3 || zero || behind != 3;
}

/* Written like a number, and none that is read: 12%, 1.234,5, 1e999, < 5, or with the sign that typographers prefer. */
static bool is_like_number(xp_view text) {
    static const char signs[] =
        " .,'%+-eE<>~$/\xc2\xa0\xe2\x88\x92\x80\xaf\x82\xac"; /* the last are bytes of a no-break space, minus, euro */
    bool digit = false;
    for (size_t i = 0; i < text.length; i++) {
        digit = digit || is_digit(text.data[i]);
        if (!is_digit(text.data[i]) && memchr(signs, text.data[i], sizeof signs - 1) == NULL) return false;
    }
    return digit;
}

/* ---- columns ---- */

static void look_at_comma(xp_column *c, xp_view text, size_t line) {
    if (c->comma_line == 0) {
        c->comma_line = line;
        c->comma = text;
    }
    c->surely_decimal = c->surely_decimal || surely_decimal(text);
    c->numbers++;
}

static void look_at(xp_column *c, xp_view text, size_t row, size_t line, bool may_take_commas) {
    double value;
    uint8_t pair, side;
    if (xp_survey_missing(text)) {
        c->runs = false;
        return;
    }
    c->filled++;
    if (xp_number_read(text, &value) == XP_NUMBER_OK) {
        c->numbers++;
        if (c->point_line == 0 && memchr(text.data, '.', text.length) != NULL) c->point_line = line;
        if (row == 0) {
            c->runs = value == 0 || value == 1;
            c->from = value == 1;
        }
        c->runs = c->runs && value == (double)row + c->from;
        return;
    }
    c->runs = false;
    if (may_take_commas && read_comma(text, &value)) {
        look_at_comma(c, text, line);
    } else if (find_truth(text, &pair, &side)) {
        if (c->truths == 0) c->pair = pair;
        c->truths += pair == c->pair;
        c->sides = (uint8_t)(c->sides | side);
    } else {
        c->like_numbers += is_like_number(text);
    }
}

/* Words of truth must all be of one pair; of letters and plain words both must be there, in this column or another: F alone
 * may be anything. */
static void settle(xp_survey *s) {
    uint8_t sides[PAIRS] = {0};
    for (size_t k = 0; k < s->width; k++) {
        xp_column *c = &s->column[k];
        if (c->truths > 0 && c->truths == c->filled) sides[c->pair] |= c->sides;
    }
    for (size_t k = 0; k < s->width; k++) {
        xp_column *c = &s->column[k];
        const bool known = c->pair < PAIRS_OF_PROGRAMS || sides[c->pair] == (YES | NO);
        c->content = c->filled == 0                                    ? XP_NOTHING
                     : c->truths == c->filled && known                 ? XP_TRUTHS
                     : 2 * (c->numbers + c->like_numbers) >= c->filled ? XP_NUMBERS
                                                                       : XP_WORDS;
        c->runs = c->runs && s->rows > 1;
    }
}

explaint_status xp_survey_make(xp_survey *s, xp_csv *csv, explaint_error *error) {
    *s = (xp_survey){.column = xp_calloc(csv->width, sizeof *s->column), .width = csv->width};
    if (s->column == NULL) return xp_no_memory(error, "norms");
    const bool may_take_commas = csv->sheet == NULL && csv->separator != ',';
    bool more;
    explaint_status status;
    xp_csv_look(csv);
    while ((status = xp_csv_next(csv, &more, error)) == EXPLAINT_OK && more) {
        for (size_t k = 0; k < s->width; k++)
            look_at(&s->column[k], xp_view_trim(csv->cell[k].text), s->rows, csv->line, may_take_commas);
        s->rows++;
    }
    xp_csv_rewind(csv);
    settle(s);
    if (status != EXPLAINT_OK) xp_survey_free(s);
    return status;
}

void xp_survey_free(xp_survey *s) {
    xp_free(s->column);
    *s = (xp_survey){0};
}

/* ---- decimals ---- */

explaint_status xp_survey_decimals(const xp_survey *s, xp_csv *csv, const uint8_t *used, explaint_error *error) {
    size_t comma = s->width, point = s->width;
    bool sure = csv->separator == ';'; /* which separates because the comma does not */
    for (size_t k = 0; k < s->width; k++) {
        const xp_column *c = &s->column[k];
        if (!used[k]) continue;
        if (comma == s->width && c->comma_line > 0) comma = k;
        if (point == s->width && c->point_line > 0) point = k;
        sure = sure || c->surely_decimal;
    }
    csv->decimal_comma = false;
    if (comma == s->width) return EXPLAINT_OK;
    const xp_column *c = &s->column[comma];
    if (point < s->width)
        return xp_fail(error, EXPLAINT_INVALID, csv->path, c->comma_line,
                       "expected decimals of one kind, found \"%.*s\" in column \"%.*s\" and a decimal point in column "
                       "\"%.*s\" (line %zu); write all of them with one sign, and thousands without any",
                       XP_SHOW(c->comma), XP_SHOW(csv->header[comma].text), XP_SHOW(csv->header[point].text),
                       s->column[point].point_line);
    if (!sure)
        return xp_fail(error, EXPLAINT_INVALID, csv->path, c->comma_line,
                       "the comma of \"%.*s\" in column \"%.*s\" may group thousands or begin decimals, and no other "
                       "number of the table tells; write it without a comma, or decimals with a point",
                       XP_SHOW(c->comma), XP_SHOW(csv->header[comma].text));
    csv->decimal_comma = true;
    return EXPLAINT_OK;
}

/* ---- a number ---- */

/* What may be done about a cell that is no number. */
static const char *advice(const xp_csv *csv, xp_view text) {
    const bool comma = memchr(text.data, ',', text.length) != NULL, point = memchr(text.data, '.', text.length) != NULL;
    if (comma && (point || csv->decimal_comma)) return "; write numbers without separators of thousands";
    if (comma) return "; decimals take a point, not a comma";
    if (csv->decimal_comma && point) return "; decimals take a comma in this table, as elsewhere in it";
    if (memchr(text.data, '%', text.length) != NULL) return "; write the number without the sign";
    return "";
}

explaint_status xp_survey_number(const xp_csv *csv, size_t column, double *value, explaint_error *error) {
    xp_view cell = csv->cell[column].text, text = xp_view_trim(cell);
    xp_number outcome = xp_number_read(text, value);
    if (outcome == XP_NUMBER_OK || (csv->decimal_comma && read_comma(text, value))) return EXPLAINT_OK;
    return xp_csv_fail(
        csv, &csv->cell[column], error, "expected a finite number in column \"%.*s\", found \"%.*s\", which is %s%s",
        XP_SHOW(csv->header[column].text), XP_SHOW(cell), xp_survey_missing(text) ? "missing" : xp_number_says(outcome),
        outcome == XP_NUMBER_NONE ? advice(csv, text) : "");
}
