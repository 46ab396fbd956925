#include "formats/wordtext_sample.h"

#include <string.h>

#include "formats/encoding.h"
#include "formats/number.h"

/* A line, from behind. A word may be of several fields, and end in a number. */
typedef struct line {
    xp_view text, word; /* word: up to the numbers */
    size_t fields;
    size_t numbers; /* at its end; the first field is one of them only if the word is missing */
} line;

typedef struct sample {
    line line[XP_SAMPLE];
    size_t count;
} sample;

bool xp_wordtext_decimal_comma(xp_view field, double *value) {
    char copy[64];
    const char *comma = memchr(field.data, ',', field.length);
    if (comma == NULL || field.length > sizeof copy || comma + 1 == field.data + field.length) return false;
    memcpy(copy, field.data, field.length);
    copy[comma - field.data] = '.';
    return xp_number_read((xp_view){copy, field.length}, value) == XP_NUMBER_OK;
}

bool xp_wordtext_names_words(xp_view name) {
    static const char *const known[] = {"",      "word",  "words",   "token",    "tokens", "term",  "terms",
                                        "text",  "texts", "concept", "concepts", "name",   "names", "key",
                                        "index", "cue",   "item",    "lemma",    "vocab",  "label", "unnamed: 0"};
    if (name.length >= 2 && name.data[0] == '"' && name.data[name.length - 1] == '"')
        name = (xp_view){name.data + 1, name.length - 2};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (xp_view_is_nocase(name, known[i])) return true;
    return false;
}

static bool is_number(xp_view field) {
    double value;
    return xp_number_read(field, &value) != XP_NUMBER_NONE; /* NaN is one that is refused later */
}

static line look_at(xp_view text) {
    line l = {.text = text};
    bool missing = text.length > 0 && xp_wordtext_is_blank(text.data[0]);
    for (xp_view rest = text, field; (field = xp_wordtext_take_field(&rest)).length > 0; l.fields++) {
        bool number = is_number(field) && (l.fields > 0 || missing);
        l.numbers = number ? l.numbers + 1 : 0;
        if (l.fields == 0) l.word.data = field.data;
        if (!number) l.word.length = (size_t)(field.data + field.length - l.word.data);
    }
    return l;
}

static xp_view line_at(const char *at, const char *end) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    xp_view text = {at, (size_t)((stop != NULL ? stop : end) - at)};
    if (text.length > 0 && text.data[text.length - 1] == '\r') text.length--;
    return text;
}

/* "count width": two counts, alone in the first line, and more numbers in the second. "3 1" before rows of one number
 * is a header, too; any other pair before rows of one number is a word and its number. */
static bool is_header(const sample *s, size_t *count, size_t *width) {
    if (s->count == 0 || s->line[0].fields != 2) return false;
    xp_view rest = s->line[0].text;
    xp_view first = xp_wordtext_take_field(&rest), second = xp_wordtext_take_field(&rest);
    if (!xp_number_count(first, count) || !xp_number_count(second, width)) return false;
    return s->count == 1 || s->line[1].fields != 2 || s->line[1].numbers != 1 || *width == 1;
}

/* The width of most rows. Where two are as frequent, the one that leaves most words in one piece, then the smaller. */
static size_t vote(const sample *s) {
    size_t best = 0, votes = 0;
    for (size_t i = 0; i < s->count; i++) {
        size_t width = s->line[i].numbers, n = 0;
        for (size_t k = 0; k < s->count; k++)
            n += (size_t)(s->line[k].numbers == width) * (XP_SAMPLE + 1) + (s->line[k].fields == width + 1);
        if (width > 0 && (n > votes || (n == votes && width < best))) {
            best = width;
            votes = n;
        }
    }
    return best;
}

/* Names begin with a letter, perhaps in quotes: what begins with a digit is a number that somebody spelled wrong. */
static bool all_named(xp_view rest) {
    for (xp_view field; (field = xp_wordtext_take_field(&rest)).length > 0;)
        if (strchr("0123456789+-.,", *field.data) != NULL) return false;
    return true;
}

/* The names of columns: no numbers, and as many fields as a row has or, as R writes it, one less; or the numbers from 0 or 1
 * behind what a column of words is called. */
static bool is_names(const line *l, size_t width) {
    if (l->numbers == 0) return (l->fields == width + 1 || (l->fields == width && width > 1)) && all_named(l->text);
    xp_view rest = l->text, field = {"", 0};
    if (l->numbers != width || width < 2) return false;
    if (l->fields == width + 1) field = xp_wordtext_take_field(&rest);
    if (!xp_wordtext_names_words(field)) return false;
    for (size_t k = 0, first = 0, number; k < width; k++) {
        if (!xp_number_count(xp_wordtext_take_field(&rest), &number)) return false;
        if (k == 0) first = number;
        if (first > 1 || number != first + k) return false;
    }
    return true;
}

/* Every word stands in quotes, as R writes them. */
static bool all_quoted(const sample *s, size_t from) {
    size_t rows = 0;
    for (size_t i = from; i < s->count; i++) {
        xp_view word = s->line[i].word;
        if (s->line[i].fields == 0) continue;
        if (word.length < 2 || word.data[0] != '"' || word.data[word.length - 1] != '"') return false;
        rows++;
    }
    return rows > 1;
}

/* Every row begins with a number that is no count: these are no words. */
static bool all_numbers(const sample *s, size_t from) {
    size_t rows = 0;
    for (size_t i = from; i < s->count; i++) {
        size_t count;
        xp_view word = s->line[i].word;
        if (s->line[i].fields == 0) continue;
        if (!is_number(word) || xp_number_count(word, &count)) return false;
        rows++;
    }
    return rows > 1;
}

/* The width that all rows behind the header have; 0: they differ, or are fewer than two, or what makes them wider may be parts of
 * words ("route 66"). */
static size_t other_width(const sample *s, size_t width) {
    size_t numbers = s->count > 2 ? s->line[1].numbers : 0;
    bool counts = numbers > width;
    for (size_t i = 1; i < s->count && numbers > 0; i++) {
        if (s->line[i].numbers != numbers) return 0;
        xp_view rest = s->line[i].text, field = {"", 0};
        size_t count;
        for (size_t k = 0; counts && k + width < s->line[i].fields; k++) field = xp_wordtext_take_field(&rest);
        counts = counts && xp_number_count(field, &count);
    }
    return counts ? 0 : numbers;
}

static explaint_status no_numbers(const char *path, const sample *s, explaint_error *error) {
    for (size_t i = 0; i < s->count; i++) {
        xp_view rest = s->line[i].text, last = {"", 0};
        for (xp_view field; (field = xp_wordtext_take_field(&rest)).length > 0;) last = field;
        double value;
        if (xp_wordtext_decimal_comma(last, &value))
            return xp_fail(error, EXPLAINT_INVALID, path, i + 1,
                           "expected numbers with a decimal point, found \"%.*s\", a decimal comma; convert: sed "
                           "'s/,/./g' FILE > NEW",
                           XP_SHOW(last));
    }
    return xp_fail(error, EXPLAINT_INVALID, path, 1, "expected a word and its numbers in each line, found no numbers");
}

static explaint_status take_lines(const char *path, const xp_block *block, size_t begin, sample *s,
                                  explaint_error *error) {
    const char *at = block->text + begin, *end = block->text + block->size;
    if (memchr(at, '\n', (size_t)(end - at)) == NULL && memchr(at, '\r', (size_t)(end - at)) != NULL)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected lines that end in LF or CRLF, found CR alone; convert: tr '\\r' '\\n' < FILE > NEW");
    for (; at < end && s->count < XP_SAMPLE; s->count++) {
        xp_view text = line_at(at, end);
        if (text.length > XP_LINE_LIMIT)
            return xp_fail(error, EXPLAINT_INVALID, path, s->count + 1,
                           "expected a line of word vector text, found one of more than %zu bytes; is it a binary "
                           "file?",
                           XP_LINE_LIMIT);
        if (memchr(text.data, 0, text.length) != NULL)
            return xp_fail(error, EXPLAINT_INVALID, path, s->count + 1,
                           "expected text, found a NUL byte: the file is binary or damaged");
        s->line[s->count] = look_at(text);
        at = memchr(at, '\n', (size_t)(end - at));
        at = at != NULL ? at + 1 : end;
    }
    return EXPLAINT_OK;
}

/* The first line is no row. */
static void pass_line(const xp_block *block, xp_wordtext_shape *shape) {
    const char *at = memchr(block->text, '\n', block->size);
    shape->begin = at != NULL ? (size_t)(at - block->text) + 1 : block->size;
    shape->lines = 1;
}

static explaint_status no_words(const char *path, const sample *s, size_t first_row, explaint_error *error) {
    return xp_fail(
        error, EXPLAINT_INVALID, path, first_row + 1,
        "expected a word before its numbers, found \"%.*s\"; where the words are in another file, save the numbers "
        "as .npy (numpy.save) and name both (--words FILE)",
        XP_SHOW(s->line[first_row].word));
}

static explaint_status take_header(const char *path, const sample *s, const xp_wordtext_shape *shape,
                                   explaint_error *error) {
    if (shape->width == 0 || shape->width > XP_LINE_LIMIT)
        return xp_fail(error, EXPLAINT_INVALID, path, 1, "the first line announces vectors of %zu numbers",
                       shape->width);
    size_t other = other_width(s, shape->width);
    if (other > 0 && other != shape->width)
        return xp_fail(
            error, EXPLAINT_INVALID, path, 1,
            "the first line announces vectors of %zu numbers, the rows behind it hold %zu; correct the line, "
            "or delete it",
            shape->width, other);
    return EXPLAINT_OK;
}

explaint_status xp_wordtext_sample(const char *path, const xp_block *block, xp_wordtext_shape *shape,
                                   explaint_error *error) {
    sample s = {.count = 0};
    *shape = (xp_wordtext_shape){0};
    xp_view first = line_at(block->text, block->text + block->size);
    const char *wide = xp_encoding_wide(first.data, first.length);
    if (wide != NULL) return xp_encoding_refuse_wide(path, wide, error);
    if (first.length >= 3 && memcmp(first.data, "\xef\xbb\xbf", 3) == 0) shape->begin = 3;
    explaint_status status = take_lines(path, block, shape->begin, &s, error);
    if (status != EXPLAINT_OK) return status;
    shape->header = is_header(&s, &shape->announced, &shape->width);
    if (!shape->header) shape->width = vote(&s);
    shape->names = !shape->header && shape->width > 0 && is_names(&s.line[0], shape->width);
    const size_t first_row = shape->header || shape->names ? 1 : 0;
    if (shape->header)
        status = take_header(path, &s, shape, error);
    else if (shape->width == 0)
        status = no_numbers(path, &s, error);
    else if (all_numbers(&s, first_row))
        status = no_words(path, &s, first_row, error);
    if (status == EXPLAINT_OK && first_row > 0) pass_line(block, shape);
    shape->quoted = all_quoted(&s, first_row);
    return status;
}
