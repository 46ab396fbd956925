#include "formats/wordtext.h"

#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/number.h"

#define SAMPLE 32 /* rows that vote for the width */

#define BUFFER ((size_t)64 << 10) /* of lines, at first: stays in the cache; larger ones measured no faster */

/* ---- lines of a stream ---- */

typedef struct lines {
    xp_stream *stream;
    char *buffer;
    size_t capacity, from, to; /* unread bytes are [from, to) */
    size_t scanned;            /* bytes after from that hold no line end */
    size_t number;             /* of the line last returned */
    bool ended;
} lines;

static explaint_status more_bytes(lines *l, explaint_error *error) {
    if (l->from > 0) {
        memmove(l->buffer, l->buffer + l->from, l->to - l->from);
        l->to -= l->from;
        l->from = 0;
    }
    if (l->to == l->capacity) {
        if (l->capacity >= XP_LINE_LIMIT)
            return xp_fail(
                error, EXPLAINT_INVALID, xp_stream_path(l->stream), l->number + 1,
                "expected a line of word vector text, found one of more than %zu bytes; is it a binary file?",
                XP_LINE_LIMIT);
        size_t capacity = 2 * l->capacity;
        char *grown = xp_realloc(l->buffer, capacity, 1);
        if (grown == NULL) return xp_no_memory(error, "a line of a vector file");
        l->buffer = grown;
        l->capacity = capacity;
    }
    size_t got;
    explaint_status status = xp_stream_read(l->stream, l->buffer + l->to, l->capacity - l->to, &got, error);
    l->to += got;
    l->ended = status == EXPLAINT_OK && got == 0;
    return status;
}

/* The next line without its end; valid until the next call. */
static explaint_status next_line(lines *l, xp_view *line, bool *more, explaint_error *error) {
    for (;;) {
        size_t left = l->to - l->from;
        char *begin = l->buffer + l->from;
        char *end = left > l->scanned ? memchr(begin + l->scanned, '\n', left - l->scanned) : NULL;
        if (end == NULL && !l->ended) {
            l->scanned = left;
            explaint_status status = more_bytes(l, error);
            if (status != EXPLAINT_OK) return status;
            continue;
        }
        *more = end != NULL || left > 0;
        if (!*more) return EXPLAINT_OK;
        size_t length = end != NULL ? (size_t)(end - begin) : left;
        l->from += end != NULL ? length + 1 : length;
        l->scanned = 0;
        l->number++;
        if (length > 0 && begin[length - 1] == '\r') length--;
        *line = (xp_view){begin, length};
        return EXPLAINT_OK;
    }
}

/* ---- one row ---- */

static bool blank(char c) { return c == ' ' || c == '\t'; }

/* The automaton of a row's numbers. Its states are ordered so that `>= IN_INTEGER` accepts. */
enum { GAP, SIGN, POINT, EXPONENT, EXPONENT_SIGN, WRONG, /* accepting: */ IN_INTEGER, IN_FRACTION, EXPONENT_1 };
enum { EXPONENT_2 = EXPONENT_1 + 1, EXPONENT_3, N_STATES };
enum { OTHER, DIGIT, PLUS_MINUS, DOT, E, BLANK, N_CLASSES };

/* clang-format off */
static const unsigned char next_state[N_STATES][N_CLASSES] = {
    /*                  other  digit        +-             .            e         blank */
    [GAP] =            {WRONG, IN_INTEGER,  SIGN,          POINT,       WRONG,    GAP},
    [SIGN] =           {WRONG, IN_INTEGER,  WRONG,         POINT,       WRONG,    WRONG},
    [POINT] =          {WRONG, IN_FRACTION, WRONG,         WRONG,       WRONG,    WRONG},
    [EXPONENT] =       {WRONG, EXPONENT_1,  EXPONENT_SIGN, WRONG,       WRONG,    WRONG},
    [EXPONENT_SIGN] =  {WRONG, EXPONENT_1,  WRONG,         WRONG,       WRONG,    WRONG},
    [WRONG] =          {WRONG, WRONG,       WRONG,         WRONG,       WRONG,    WRONG},
    [IN_INTEGER] =     {WRONG, IN_INTEGER,  WRONG,         IN_FRACTION, EXPONENT, GAP},
    [IN_FRACTION] =    {WRONG, IN_FRACTION, WRONG,         WRONG,       EXPONENT, GAP},
    [EXPONENT_1] =     {WRONG, EXPONENT_2,  WRONG,         WRONG,       WRONG,    GAP},
    [EXPONENT_2] =     {WRONG, EXPONENT_3,  WRONG,         WRONG,       WRONG,    GAP},
    [EXPONENT_3] =     {WRONG, EXPONENT_3,  WRONG,         WRONG,       WRONG,    GAP},
};
/* clang-format on */

/* next_state over bytes instead of classes: one load a byte. What is stored is the state times 256, the offset of
 * its row. Filled once a file. */
typedef struct automaton {
    uint16_t next[N_STATES * 256];
} automaton;

static void make_automaton(automaton *a) {
    for (unsigned state = 0; state < N_STATES; state++)
        for (unsigned c = 0; c < 256; c++) {
            int class = c >= '0' && c <= '9'   ? DIGIT
                        : c == '+' || c == '-' ? PLUS_MINUS
                        : c == '.'             ? DOT
                        : c == 'e' || c == 'E' ? E
                        : blank((char)c)       ? BLANK
                                               : OTHER;
            a->next[256 * state + c] = (uint16_t)(256 * next_state[state][class]);
        }
}

/* A field of fewer characters and an exponent of at most two digits is below 1e300. */
#define LONG_FIELD 200

/* Looks at one byte in about LONG_FIELD. */
static bool has_long_field(xp_view numbers) {
    size_t from = 0;
    while (numbers.length - from >= LONG_FIELD) {
        size_t at = from + LONG_FIELD;
        while (at > from && !blank(numbers.data[at - 1])) at--;
        if (at == from) return true;
        from = at;
    }
    return false;
}

typedef struct run {
    const unsigned char *at, *end;
    unsigned state;
    size_t count; /* fields begun */
    bool large;   /* an exponent of three digits */
} run;

static inline void step(const automaton *a, run *r) {
    unsigned next = a->next[r->state | *r->at++];
    r->count += r->state == 256 * GAP && next != 256 * GAP;
    r->large |= next == 256 * EXPONENT_3;
    r->state = next;
}

static bool accepts(const run *r) { return r->state == 256 * GAP || r->state >= 256 * IN_INTEGER; }

/* Whether numbers is `width` decimal numbers; *doubtful says that one of them may be too large for a double. A step
 * waits for the load of the one before it, so the two halves of the row are walked side by side. */
static bool check_numbers(const automaton *a, xp_view numbers, size_t width, bool *doubtful) {
    size_t middle = numbers.length / 2;
    while (middle > 0 && !blank(numbers.data[middle])) middle--;
    const unsigned char *begin = (const unsigned char *)numbers.data, *cut = begin + middle;
    run left = {.at = begin, .end = cut, .state = 256 * GAP},
        right = {.at = cut, .end = begin + numbers.length, .state = 256 * GAP};
    while (left.at < left.end && right.at < right.end) {
        step(a, &left);
        step(a, &right);
    }
    while (left.at < left.end) step(a, &left);
    while (right.at < right.end) step(a, &right);
    *doubtful = left.large || right.large || has_long_field(numbers);
    return left.count + right.count == width && accepts(&left) && accepts(&right);
}

/* Cuts the first field off; length 0: there is none. */
static xp_view take_field(xp_view *rest) {
    size_t i = 0;
    while (i < rest->length && blank(rest->data[i])) i++;
    size_t from = i;
    while (i < rest->length && !blank(rest->data[i])) i++;
    xp_view field = {rest->data + from, i - from};
    rest->data += i;
    rest->length -= i;
    return field;
}

static size_t count_fields(xp_view line) {
    size_t count = 0;
    while (take_field(&line).length > 0) count++;
    return count;
}

/* ---- the file ---- */

typedef struct reader {
    lines lines;
    const char *path;
    const xp_wordtext_caller *caller;
    xp_wordtext *out;
    explaint_error *error;
    automaton automaton;
    size_t capacity; /* rows of out->values */
    bool header;     /* there is a line "count width" */
    size_t announced;
    size_t empty_line;          /* an empty line, fine only at the end; 0: none yet */
    size_t latin1, latin1_line; /* words that are not UTF-8, and the first such line */
    size_t duplicates;
    xp_text word; /* scratch */
} reader;

static explaint_status binary(reader *r, size_t line) {
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, line,
                   "expected text, found a NUL byte: the file is binary or damaged (word2vec's .bin has to be "
                   "converted to text first)");
}

/* Splits a line into its word and exactly `width` fields of numbers, or says what is wrong with it. */
static explaint_status split(reader *r, xp_view line, xp_view *word, xp_view *numbers) {
    size_t number = r->lines.number, width = r->out->width, fields = count_fields(line);
    xp_view rest = line, first = take_field(&rest);
    if (fields < width + 1)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected a word and %zu number%s%s, found %zu after the word \"%.*s\"", width,
                       width == 1 ? "" : "s", r->header ? " (announced in line 1)" : ", as in the first rows",
                       fields - 1, XP_SHOW(first));
    const char *end = first.data + first.length;
    for (size_t extra = fields - width - 1; extra > 0; extra--) {
        xp_view part = take_field(&rest);
        double value;
        if (xp_number_read(part, &value) == XP_NUMBER_OK)
            return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                           "expected a word and %zu number%s%s, found more after the word \"%.*s\"", width,
                           width == 1 ? "" : "s", r->header ? " (announced in line 1)" : ", as in the first rows",
                           XP_SHOW(first));
        end = part.data + part.length;
    }
    *word = (xp_view){first.data, (size_t)(end - first.data)};
    *numbers = rest;
    return EXPLAINT_OK;
}

/* Converts width numbers into values (NULL: only checks). */
static explaint_status convert(reader *r, xp_view word, xp_view numbers, double *values) {
    for (size_t k = 0; k < r->out->width; k++) {
        xp_view field = take_field(&numbers);
        double value = 0;
        xp_number outcome = xp_number_read(field, &value);
        if (outcome != XP_NUMBER_OK)
            return xp_fail(r->error, EXPLAINT_INVALID, r->path, r->lines.number,
                           "expected a finite number as value %zu of the word \"%.*s\", found \"%.*s\", which is %s",
                           k + 1, XP_SHOW(word), XP_SHOW(field), xp_number_says(outcome));
        if (values != NULL) values[k] = value;
    }
    return EXPLAINT_OK;
}

static explaint_status keep(reader *r, size_t index, xp_view word, xp_view numbers) {
    xp_wordtext *out = r->out;
    if (out->row[index] != XP_NO_ROW) {
        bool noted = r->duplicates++ >= XP_DUPLICATES_SHOWN ||
                     xp_strings_addf(&out->duplicates,
                                     "the word \"%.*s\" stands in line %zu and again in line %zu; the first is kept",
                                     XP_SHOW(word), out->line[index], r->lines.number);
        return noted ? convert(r, word, numbers, NULL) : xp_no_memory(r->error, "a note");
    }
    if (out->n_rows == r->capacity) {
        size_t capacity = r->capacity > 0 ? 2 * r->capacity : 64, cells;
        double *grown =
            xp_mul_overflows(capacity, out->width, &cells) ? NULL : xp_realloc(out->values, cells, sizeof *grown);
        if (grown == NULL) return xp_no_memory(r->error, "word vectors");
        out->values = grown;
        r->capacity = capacity;
    }
    double *values = out->values + out->n_rows * out->width;
    explaint_status status = convert(r, word, numbers, values);
    if (status != EXPLAINT_OK) return status;
    out->row[index] = out->n_rows++;
    out->line[index] = r->lines.number;
    for (size_t k = 0; k < out->width; k++)
        if (values[k] != 0) return EXPLAINT_OK;
    if (!xp_strings_addf(&out->notes, "the vector of \"%.*s\" in line %zu is zero in every place", XP_SHOW(word),
                         r->lines.number))
        return xp_no_memory(r->error, "a note");
    return EXPLAINT_OK;
}

/* The index of a word; one that is not UTF-8 is read as Latin-1. */
static explaint_status look_up(reader *r, xp_view word, size_t *index) {
    if (xp_utf8_invalid(word.data, word.length) < word.length) {
        r->word.length = 0;
        xp_latin1_to_utf8(word.data, word.length, &r->word);
        if (r->word.failed) return xp_no_memory(r->error, "a word");
        word = (xp_view){r->word.data, r->word.length};
        if (r->latin1++ == 0) r->latin1_line = r->lines.number;
    }
    *index = r->caller->lookup(r->caller->context, word.data, word.length);
    return EXPLAINT_OK;
}

static explaint_status read_row(reader *r, xp_view line) {
    if (line.length == 0) {
        if (r->empty_line == 0) r->empty_line = r->lines.number;
        return EXPLAINT_OK;
    }
    if (r->empty_line != 0)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, r->empty_line,
                       "expected a word and its numbers, found an empty line");
    if (blank(line.data[0]))
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, r->lines.number,
                       "expected a word at the beginning of the line, found a blank");

    size_t i = 0;
    while (i < line.length && !blank(line.data[i])) i++;
    xp_view word = {line.data, i}, numbers = {line.data + i, line.length - i};
    bool doubtful = false;
    explaint_status status = EXPLAINT_OK;
    if (!check_numbers(&r->automaton, numbers, r->out->width, &doubtful)) {
        if (memchr(line.data, 0, line.length) != NULL) return binary(r, r->lines.number);
        status = split(r, line, &word, &numbers);
        doubtful = true; /* not checked yet */
    } else if (memchr(word.data, 0, word.length) != NULL) {
        return binary(r, r->lines.number);
    }
    size_t index = XP_NOT_WANTED;
    if (status == EXPLAINT_OK) status = look_up(r, word, &index);
    if (status != EXPLAINT_OK) return status;
    r->out->n_words++;
    if (index != XP_NOT_WANTED) return keep(r, index, word, numbers);
    return doubtful ? convert(r, word, numbers, NULL) : EXPLAINT_OK;
}

/* ---- the first rows: header and width ---- */

typedef struct sample {
    xp_strings line;
    size_t fields[SAMPLE];
} sample;

/* "count width": two counts, alone in the first line, and more numbers in the second. "3 1" before rows of one number
 * is a header, too; any other pair before rows of one number is a word and its number. */
static bool is_header(const sample *s, size_t *count, size_t *width) {
    if (s->line.count == 0 || s->fields[0] != 2) return false;
    xp_view rest = {s->line.item[0], strlen(s->line.item[0])};
    xp_view first = take_field(&rest), second = take_field(&rest);
    if (!xp_number_count(first, count) || !xp_number_count(second, width)) return false;
    return s->line.count == 1 || s->fields[1] != 2 || *width == 1;
}

static size_t vote(const sample *s) {
    size_t best = 0, votes = 0;
    for (size_t i = 0; i < s->line.count; i++) {
        size_t n = 0;
        for (size_t k = 0; k < s->line.count; k++) n += s->fields[k] == s->fields[i];
        if (s->fields[i] > 0 && (n > votes || (n == votes && s->fields[i] < best))) {
            best = s->fields[i];
            votes = n;
        }
    }
    return best;
}

static explaint_status read_sample(reader *r, sample *s) {
    bool more = true;
    xp_view line;
    while (s->line.count < SAMPLE) {
        explaint_status status = next_line(&r->lines, &line, &more, r->error);
        if (status != EXPLAINT_OK) return status;
        if (!more) break;
        if (r->lines.number == 1) {
            const char *wide = xp_encoding_wide(line.data, line.length);
            if (wide != NULL) return xp_encoding_refuse_wide(r->path, wide, r->error);
            if (line.length >= 3 && memcmp(line.data, "\xef\xbb\xbf", 3) == 0) {
                line.data += 3;
                line.length -= 3;
            }
        }
        if (memchr(line.data, 0, line.length) != NULL) return binary(r, r->lines.number);
        s->fields[s->line.count] = count_fields(line);
        if (!xp_strings_add(&s->line, line.data, line.length))
            return xp_no_memory(r->error, "the first lines of a vector file");
    }
    size_t width = 0;
    r->header = is_header(s, &r->announced, &width);
    if (!r->header) {
        size_t fields = vote(s);
        if (fields < 2)
            return xp_fail(r->error, EXPLAINT_INVALID, r->path, 1,
                           "expected a word and its numbers in each line, found no numbers");
        width = fields - 1;
    } else if (width == 0 || width > XP_LINE_LIMIT) {
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 1, "the first line announces vectors of %zu numbers",
                       width);
    }
    r->out->width = width;
    return EXPLAINT_OK;
}

static explaint_status read_rows(reader *r, const sample *s) {
    size_t sampled = r->lines.number;
    explaint_status status = EXPLAINT_OK;
    for (size_t i = r->header ? 1 : 0; i < s->line.count && status == EXPLAINT_OK; i++) {
        r->lines.number = i + 1;
        status = read_row(r, (xp_view){s->line.item[i], strlen(s->line.item[i])});
    }
    r->lines.number = sampled;
    bool more = true;
    while (status == EXPLAINT_OK) {
        xp_view line;
        status = next_line(&r->lines, &line, &more, r->error);
        if (status != EXPLAINT_OK || !more) break;
        status = read_row(r, line);
    }
    if (status != EXPLAINT_OK) return status;
    if (r->header && r->out->n_words != r->announced)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 1,
                       "the first line announces %zu words, the file holds %zu; %s", r->announced, r->out->n_words,
                       r->out->n_words < r->announced ? "it was cut off, get it again"
                                                      : "correct the line, or remove it");
    if (r->out->n_words == 0) return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "the file holds no word");
    if (r->duplicates > XP_DUPLICATES_SHOWN &&
        !xp_strings_addf(&r->out->duplicates, "%zu more lines hold a word again; the first is kept",
                         r->duplicates - XP_DUPLICATES_SHOWN))
        return xp_no_memory(r->error, "a note");
    if (r->latin1 > 0 &&
        !xp_strings_addf(&r->out->notes, "read as Latin-1: %zu word%s that %s not UTF-8, the first in line %zu",
                         r->latin1, r->latin1 == 1 ? "" : "s", r->latin1 == 1 ? "is" : "are", r->latin1_line))
        return xp_no_memory(r->error, "a note");
    return EXPLAINT_OK;
}

explaint_status xp_wordtext_read(xp_stream *stream, const xp_wordtext_caller *caller, xp_wordtext *out,
                                 explaint_error *error) {
    *out = (xp_wordtext){0};
    reader *r = xp_calloc(1, sizeof *r);
    out->row = xp_alloc(caller->n_wanted, sizeof *out->row);
    out->line = xp_calloc(caller->n_wanted, sizeof *out->line);
    sample first = {0};
    explaint_status status = EXPLAINT_OK;
    if (r != NULL) r->lines = (lines){.stream = stream, .buffer = xp_alloc(BUFFER, 1), .capacity = BUFFER};
    if (r == NULL || r->lines.buffer == NULL || out->row == NULL || out->line == NULL) {
        status = xp_no_memory(error, "word vectors");
    } else {
        for (size_t i = 0; i < caller->n_wanted; i++) out->row[i] = XP_NO_ROW;
        r->path = xp_stream_path(stream);
        r->caller = caller;
        r->out = out;
        r->error = error;
        make_automaton(&r->automaton);
        status = read_sample(r, &first);
        if (status == EXPLAINT_OK) status = read_rows(r, &first);
    }
    if (status == EXPLAINT_OK)
        xp_stream_sha256(stream, out->sha256);
    else
        xp_wordtext_free(out);
    xp_strings_free(&first.line);
    if (r != NULL) {
        xp_text_free(&r->word);
        xp_free(r->lines.buffer);
    }
    xp_free(r);
    return status;
}

void xp_wordtext_free(xp_wordtext *read) {
    xp_free(read->values);
    xp_free(read->row);
    xp_free(read->line);
    xp_strings_free(&read->notes);
    xp_strings_free(&read->duplicates);
    *read = (xp_wordtext){0};
}
