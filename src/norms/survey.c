#include "norms/survey.h"

#include "base/memory.h"
#include "formats/number.h"
#include "norms/category.h"
#include "norms/suspects.h"

/* ---- what a cell is ---- */

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool xp_survey_missing(xp_view text) {
    return text.length == 0 || (!is_digit(text.data[0]) && xp_category_is_none(text));
}

/* Of each pair the word for 1 first. What programs write stands first: there one word alone is enough. The last are signs,
 * beside which a cell is empty. */
static const struct {
    const char *yes, *no, *shown;
} pairs[] = {{"true", "false", "TRUE and FALSE"},
             {"wahr", "falsch", "WAHR and FALSCH"},
             {"vrai", "faux", "VRAI and FAUX"},
             {"t", "f", "T and F"},
             {"yes", "no", "yes and no"},
             {"y", "n", "y and n"},
             {"ja", "nein", "ja and nein"},
             {"oui", "non", "oui and non"},
             {"x", NULL, "x"},
             {"\xc3\x97", NULL, "\xc3\x97"},
             {"\xe2\x9c\x93", NULL, "\xe2\x9c\x93"},
             {"\xe2\x9c\x94", NULL, "\xe2\x9c\x94"},
             {"\xe2\x88\x9a", NULL, "\xe2\x88\x9a"},
             {"\xe2\x98\x91", NULL, "\xe2\x98\x91"},
             {"+", NULL, "+"},
             {"*", NULL, "*"}};
enum { PAIRS = sizeof pairs / sizeof *pairs, PAIRS_OF_PROGRAMS = 3, YES = 1, NO = 2 };

static bool find_truth(xp_view text, uint8_t *pair, uint8_t *side) {
    if (text.length > 6) return false;
    for (uint8_t k = 0; k < PAIRS; k++) {
        *side = xp_view_is_nocase(text, pairs[k].yes)                         ? YES
                : pairs[k].no != NULL && xp_view_is_nocase(text, pairs[k].no) ? NO
                                                                              : 0;
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

const char *xp_survey_truth_words(const xp_column *column) {
    return column->marked ? pairs[column->pair].yes : pairs[column->pair].shown;
}

/* "1,5" with its comma as a point, if it is a number then. */
static bool read_comma(xp_view text, double *value) {
    char point[64];
    const char *comma = memchr(text.data, ',', text.length);
    if (comma == NULL || text.length >= sizeof point || memchr(text.data, '.', text.length) != NULL) return false;
    memcpy(point, text.data, text.length);
    point[comma - text.data] = '.';
    return xp_number_read((xp_view){point, text.length}, value) == XP_NUMBER_OK;
}

/* No number that groups thousands: 0,5 and 12,25 and 1234,567, but not 1,234. The sign may be a point. */
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

/* Numbers with a point, and whole ones beside them. 0 is written without a point by everybody. */
static void look_at_point(xp_column *c, xp_view text, double value, size_t line) {
    if (memchr(text.data, '.', text.length) != NULL) {
        if (c->point_line == 0) {
            c->point_line = line;
            c->point = text;
        }
        c->never_grouped = c->never_grouped || surely_decimal(text);
        c->padded = c->padded || text.data[text.length - 1] == '0';
        if (value > c->most_pointed) c->most_pointed = value;
    } else if (memchr(text.data, 'e', text.length) != NULL || memchr(text.data, 'E', text.length) != NULL ||
               value >= 1000) {
        c->never_grouped = true;
    } else if (value > c->most_whole && !xp_suspects_is_customary(value)) {
        c->most_whole = value;
        c->whole = text;
    }
}

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
        look_at_point(c, text, value, line);
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

static bool of_truths(const xp_column *c) { return c->truths > 0 && c->truths == c->filled; }

/* A table without any number or pair of words of truth whose columns hold one word for 1, or a sign, and empty cells: x where
 * a concept has the feature. Beside numbers such a column may be anything, as that of rows to be left out. */
static void settle_marks(xp_survey *s) {
    size_t marked = 0;
    bool empty = false;
    for (size_t k = 0; k < s->width; k++) {
        const xp_column *c = &s->column[k];
        if (c->content == XP_TRUTHS || (c->content == XP_NUMBERS && !c->runs)) return;
        if (!of_truths(c)) continue;
        marked += c->sides == YES;
        empty = empty || c->filled < s->rows;
    }
    for (size_t k = 0; k < s->width && marked > 1 && empty; k++) {
        xp_column *c = &s->column[k];
        if (!of_truths(c) || c->sides != YES) continue;
        c->content = XP_TRUTHS;
        c->marked = true;
    }
}

/* Words of truth must all be of one pair; of letters and plain words both must be there, in this column or another: F alone
 * may be anything. */
static void settle(xp_survey *s) {
    uint8_t sides[PAIRS] = {0};
    for (size_t k = 0; k < s->width; k++) {
        xp_column *c = &s->column[k];
        if (of_truths(c)) sides[c->pair] |= c->sides;
    }
    for (size_t k = 0; k < s->width; k++) {
        xp_column *c = &s->column[k];
        const bool known = c->pair < PAIRS_OF_PROGRAMS || sides[c->pair] == (YES | NO);
        c->content = c->filled == 0                                    ? XP_NOTHING
                     : of_truths(c) && known                           ? XP_TRUTHS
                     : 2 * (c->numbers + c->like_numbers) >= c->filled ? XP_NUMBERS
                                                                       : XP_WORDS;
        c->runs = c->runs && s->rows > 1;
    }
    settle_marks(s);
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

/* Points that group thousands: 3.300 beside 800. Where all numbers with a point have three digits behind it, and one
 * of them ends in 0, decimals are written out, and a whole number would be 800.000. If none ends in 0, 0s may have been left
 * out, and whole numbers that are far larger than all others are only odd. */
static explaint_status look_for_thousands(const xp_survey *s, const xp_csv *csv, const uint8_t *used,
                                          xp_strings *warnings, explaint_error *error) {
    enum { ODD = 100, FAR = 10 };
    for (size_t k = 0; k < s->width; k++) {
        const xp_column *c = &s->column[k];
        if (!used[k] || c->point_line == 0 || c->never_grouped || c->most_whole == 0) continue;
        if (c->padded)
            return xp_fail(
                error, EXPLAINT_INVALID, csv->path, c->point_line,
                "the point of \"%.*s\" in column \"%.*s\" seems to group thousands, since every number there "
                "that has one has three digits behind it, and \"%.*s\" has none; write numbers of thousands "
                "without a point, and decimals alike, as %.*s.000",
                XP_SHOW(c->point), XP_SHOW(csv->header[k].text), XP_SHOW(c->whole), XP_SHOW(c->whole));
        if (c->most_whole >= ODD && c->most_whole > FAR * c->most_pointed &&
            !xp_strings_addf(
                warnings,
                "the point of \"%.*s\" in column \"%.*s\" is read as that of a decimal, and whole numbers go "
                "up to %.*s there; if it groups thousands, write the numbers without it",
                XP_SHOW(c->point), XP_SHOW(csv->header[k].text), XP_SHOW(c->whole)))
            return xp_no_memory(error, "a warning");
    }
    return EXPLAINT_OK;
}

explaint_status xp_survey_decimals(const xp_survey *s, xp_csv *csv, const uint8_t *used, xp_strings *warnings,
                                   explaint_error *error) {
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
    if (comma == s->width) return look_for_thousands(s, csv, used, warnings, error);
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
    const char *first = point ? memchr(text.data, '.', text.length) : NULL;
    const bool points = point && memchr(first + 1, '.', (size_t)(text.data + text.length - first - 1)) != NULL;
    if ((points && is_like_number(text)) || (comma && (point || csv->decimal_comma)))
        return "; write numbers without separators of thousands";
    if (comma && !surely_decimal(text))
        return "; write numbers of thousands without a comma, and decimals with a point";
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
