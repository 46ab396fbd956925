#include "formats/word2vec.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"

#define BUFFER ((size_t)256 << 10)
#define LONGEST_WORD ((size_t)4 << 10)
#define NARROW 4          /* fewer numbers are too few to tell where a word ends */
#define SPAN 23           /* powers of two around the usual number */
#define PEEK ((size_t)64) /* bytes of the next row that are looked at */

/* ---- records ---- */

typedef struct reader {
    xp_stream *stream;
    const char *path;
    xp_word_rows *kept;
    explaint_error *error;
    char *buffer;
    size_t capacity, from, to, passed; /* unread bytes are [from, to); bytes of the file before the buffer */
    bool ended;
    size_t count, width, row; /* row: counted from 1 */
    double *values;
    xp_text word; /* scratch */
    size_t latin1, latin1_row;
    uint32_t smallest;        /* exponent of fp32 that is believed */
    size_t line_ends;         /* rows so far that a line end follows */
    size_t blanks, blank_row; /* words with a blank inside, and the first */
    char blank_word[XP_QUOTED_MAX + 1];
} reader;

/* Reads on until `size` bytes are unread, or the file ends. */
static explaint_status need(reader *r, size_t size) {
    if (r->to - r->from < size && r->from > 0) {
        memmove(r->buffer, r->buffer + r->from, r->to - r->from);
        r->to -= r->from;
        r->passed += r->from;
        r->from = 0;
    }
    while (r->to - r->from < size && !r->ended) {
        size_t got;
        explaint_status status = xp_stream_read(r->stream, r->buffer + r->to, r->capacity - r->to, &got, r->error);
        if (status != EXPLAINT_OK) return status;
        r->to += got;
        r->ended = got == 0;
    }
    return EXPLAINT_OK;
}

static explaint_status cut_off(const reader *r) {
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                   "the first line announces %zu words of %zu numbers, the file ends inside row %zu, after %zu bytes; "
                   "it was cut off, get it again",
                   r->count, r->width, r->row, r->passed + r->to);
}

/* ---- where a word ends ----
 *
 * At the first space, says the format; but gensim and others write words with blanks as they are. Read up to the first
 * blank, "new york" is a word "new" whose numbers begin inside of the word, and the next word begins inside of the numbers.
 * What is shifted shows: floats made of bytes of two others, or of letters and a space (0x20 in front of a float is 1e-19),
 * are tiny or huge; the next word has bytes that no text has; a line end is missing that stands behind every other row. */

typedef struct doubt {
    size_t absurd; /* numbers far from the size of most, and not 0 */
    bool torn;     /* what follows is not the next row */
} doubt;

static uint32_t bits_at(const char *numbers, size_t k) {
    uint32_t bits;
    memcpy(&bits, numbers + 4 * k, 4);
    return bits;
}

static size_t count_absurd(const char *numbers, size_t width, uint32_t smallest) {
    size_t count = 0;
    for (size_t k = 0; k < width; k++) {
        uint32_t bits = bits_at(numbers, k), exponent = bits >> 23 & 0xff;
        count += (exponent - smallest > 2 * SPAN) & (bits << 1 != 0);
    }
    return count;
}

static bool of_text(char c) { return (unsigned char)c >= 0x20 && c != 0x7f; }

/* Whether a row can end at `end`. */
static bool is_torn(const reader *r, size_t end) {
    bool line_end = end < r->to && r->buffer[end] == '\n';
    if (!line_end && r->row > 1 && r->line_ends == r->row - 1 && end < r->to) return true;
    end += line_end;
    if (r->row == r->count) return end < r->to;
    size_t from = end;
    while (end < r->to && end - from < PEEK && r->buffer[end] != ' ' && of_text(r->buffer[end])) end++;
    if (end < r->to && !of_text(r->buffer[end])) return true;
    return r->latin1 == 0 && end - from < PEEK && xp_encoding_invalid(r->buffer + from, end - from) < end - from;
}

static bool ends_inside(const reader *r, size_t length) { return r->to - r->from < length + 1 + 4 * r->width; }

/* What the first rows, up to their first blanks, say about their numbers. */
typedef struct look {
    size_t count[256]; /* of numbers that are not 0, by exponent */
    size_t all, usual; /* of them, and those from 2^-23 to 2^23 */
    size_t turned;     /* those that were, if their bytes stood the other way round */
    bool torn;         /* what follows is no row */
} look;

static bool is_usual(uint32_t exponent) { return exponent - (127 - SPAN) <= 2 * SPAN; }

static void look_at_numbers(look *l, const char *numbers, size_t width) {
    for (size_t k = 0; k < width; k++) {
        uint32_t bits = bits_at(numbers, k), exponent = bits >> 23 & 0xff;
        if (bits << 1 == 0) continue;
        l->all++;
        l->count[exponent]++;
        l->usual += is_usual(exponent);
        l->turned += is_usual(__builtin_bswap32(bits) >> 23 & 0xff);
    }
}

static look look_at_rows(const reader *r) {
    reader dry = *r;
    look l = {.all = 0};
    for (; dry.row <= 64 && dry.row <= r->count && !l.torn; dry.row++) {
        dry.from += dry.row > 1 && dry.from < dry.to && dry.buffer[dry.from] == '\n';
        const char *space = memchr(dry.buffer + dry.from, ' ', dry.to - dry.from);
        if (space == NULL || ends_inside(&dry, (size_t)(space - dry.buffer) - dry.from)) break;
        dry.from = (size_t)(space - dry.buffer) + 1;
        look_at_numbers(&l, dry.buffer + dry.from, r->width);
        dry.from += 4 * r->width;
        l.torn = is_torn(&dry, dry.from);
        dry.line_ends += dry.from < dry.to && dry.buffer[dry.from] == '\n';
    }
    return l;
}

/* The exponent that numbers have at least: those of most files are between 2^-23 and 2^23. Where rows follow each other and
 * their numbers are far from 1 (counts), the median is in the middle. */
static uint32_t find_smallest(const look *l) {
    uint32_t median = 0;
    for (size_t below = l->count[0]; 2 * below < l->all && median < 255;) below += l->count[++median];
    bool usual = l->torn || l->all == 0 || (median > 127 - 20 && median < 127 + 20);
    return usual ? 127 - SPAN : median < SPAN ? 0 : median - SPAN;
}

static explaint_status refuse_turned(const reader *r) {
    return xp_fail(
        r->error, EXPLAINT_INVALID, r->path, 0,
        "expected fp32 with its lowest byte first, found numbers that make sense with their highest byte first "
        "(big-endian, as Java writes them); write the file as text");
}

static doubt doubt_word(const reader *r, size_t length) {
    size_t numbers = r->from + length + 1;
    return (doubt){count_absurd(r->buffer + numbers, r->width, r->smallest), is_torn(r, numbers + 4 * r->width)};
}

static size_t weigh(const reader *r, doubt d) { return d.absurd + (d.torn ? r->width : 0); }

/* The length of the word at hand, whose first blank is at `first`: up to a later blank, if all is well then and is not
 * otherwise. */
static explaint_status find_end(const reader *r, size_t first, size_t *length) {
    *length = first;
    if (ends_inside(r, first)) return EXPLAINT_OK; /* reading will say so */
    doubt plain = doubt_word(r, first), best = plain;
    if (weigh(r, plain) == 0) return EXPLAINT_OK;
    size_t tried = 0;
    for (size_t i = first + 1; i < LONGEST_WORD && tried < 64 && !ends_inside(r, i); i++) {
        char c = r->buffer[r->from + i];
        if (!of_text(c)) break;
        if (c != ' ') continue;
        doubt d = doubt_word(r, i);
        if (weigh(r, d) < weigh(r, best)) {
            best = d;
            *length = i;
        }
        tried++;
    }
    if (*length > first && r->width >= NARROW && !best.torn && 4 * best.absurd <= (weigh(r, plain) - 1))
        return EXPLAINT_OK;
    bool shifted = plain.absurd > 0 && (*length > first || (plain.torn && 4 * plain.absurd > r->width));
    *length = first;
    if (!shifted) return EXPLAINT_OK;
    xp_view word = {r->buffer + r->from, first};
    return xp_fail(
        r->error, EXPLAINT_INVALID, r->path, 0,
        "expected %zu numbers behind the word \"%.*s\" of row %zu, found bytes that are none: a word with a "
        "blank, or a width other than the first line's, shifts what follows; write the file as text (gensim: "
        "save_word2vec_format(..., binary=False))",
        r->width, XP_SHOW(word), r->row);
}

static void count_blank(reader *r, xp_view word) {
    if (r->blanks++ > 0) return;
    r->blank_row = r->row;
    snprintf(r->blank_word, sizeof r->blank_word, "%.*s", XP_SHOW(word));
}

static explaint_status take_word(reader *r, xp_view *word) {
    explaint_status status = need(r, LONGEST_WORD + 4 * r->width + PEEK);
    if (status != EXPLAINT_OK) return status;
    if (r->from < r->to && r->buffer[r->from] == '\n') r->from++;
    size_t left = r->to - r->from, room = left < LONGEST_WORD ? left : LONGEST_WORD, length;
    const char *begin = r->buffer + r->from, *space = memchr(begin, ' ', room);
    if (space == NULL && room < LONGEST_WORD) return cut_off(r);
    if (space == NULL)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "expected a word and a space in row %zu, at byte %zu, found no space in %zu bytes; is the width "
                       "in the first line, %zu, true?",
                       r->row, r->passed + r->from + 1, LONGEST_WORD, r->width);
    status = find_end(r, (size_t)(space - begin), &length);
    *word = (xp_view){begin, length};
    r->from += length + 1;
    return status;
}

static explaint_status take_numbers(reader *r, xp_view word) {
    if (r->to - r->from < 4 * r->width) return cut_off(r);
    const char *from = r->buffer + r->from;
    bool finite = true;
    for (size_t k = 0; k < r->width; k++) {
        float x;
        memcpy(&x, from + 4 * k, 4);
        r->values[k] = (double)x;
        finite &= fabsf(x) <= 3.4028235e38f; /* false for NaN, too */
    }
    r->from += 4 * r->width;
    r->line_ends += r->from < r->to && r->buffer[r->from] == '\n';
    if (finite) return EXPLAINT_OK;
    size_t k = 0;
    while (isfinite(r->values[k])) k++;
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                   "expected finite numbers, found %s as value %zu of row %zu (the word \"%.*s\")",
                   isnan(r->values[k]) ? "NaN" : "infinity", k + 1, r->row, XP_SHOW(word));
}

static explaint_status read_row(reader *r) {
    xp_view word = {0};
    explaint_status status = take_word(r, &word);
    if (status == EXPLAINT_OK) status = take_numbers(r, word);
    if (status != EXPLAINT_OK) return status;
    if (xp_encoding_invalid(word.data, word.length) < word.length) {
        r->word.length = 0;
        xp_encoding_latin1(word.data, word.length, &r->word);
        if (r->word.failed) return xp_no_memory(r->error, "a word");
        word = (xp_view){r->word.data, r->word.length};
        if (r->latin1++ == 0) r->latin1_row = r->row;
    }
    if (memchr(word.data, ' ', word.length) != NULL) count_blank(r, word);
    xp_word_rows_show(r->kept, word);
    size_t number = xp_word_rows_number(r->kept, word);
    if (number != XP_NOT_WANTED && !xp_word_rows_copy(r->kept, number, word, r->values, r->row))
        return xp_no_memory(r->error, "word vectors");
    return EXPLAINT_OK;
}

static explaint_status finish(reader *r) {
    explaint_status status = need(r, 2);
    if (status != EXPLAINT_OK) return status;
    if (r->from < r->to && r->buffer[r->from] == '\n') r->from++;
    if (r->from < r->to)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "the first line announces %zu words of %zu numbers, the file goes on behind them, at byte %zu; "
                       "the line does not belong to it",
                       r->count, r->width, r->passed + r->from + 1);
    bool noted = r->latin1 == 0 ||
                 xp_strings_addf(&r->kept->notes, "read as Latin-1: %zu word%s that %s not UTF-8, the first in row %zu",
                                 r->latin1, r->latin1 == 1 ? "" : "s", r->latin1 == 1 ? "is" : "are", r->latin1_row);
    if (noted && r->blanks > 0)
        noted = xp_strings_addf(&r->kept->notes, "%zu word%s a blank inside, the first in row %zu: \"%s\"", r->blanks,
                                r->blanks == 1 ? " holds" : "s hold", r->blank_row, r->blank_word);
    return noted && xp_word_rows_end(r->kept) ? EXPLAINT_OK : xp_no_memory(r->error, "a note");
}

static explaint_status read_rows(reader *r) {
    explaint_status status = need(r, BUFFER);
    if (status != EXPLAINT_OK) return status;
    size_t header = xp_word2vec_header(r->buffer, r->to, &r->count, &r->width);
    if (header == 0)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "expected a first line \"count width\", found none");
    if (r->count == 0 || r->width == 0 || r->width > XP_WORD2VEC_WIDEST)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "the first line announces %zu words of %zu numbers",
                       r->count, r->width);
    r->from = header;
    r->row = 1;
    if (r->ended && (r->to - r->from) / 4 < r->width) return cut_off(r); /* before memory for a row is asked for */
    r->kept->width = r->width;
    r->kept->unit = "row";
    r->capacity = BUFFER + LONGEST_WORD + 4 * r->width + PEEK;
    char *grown = xp_realloc(r->buffer, r->capacity, 1);
    if (grown != NULL) r->buffer = grown;
    r->values = xp_calloc(r->width, sizeof *r->values);
    if (grown == NULL || r->values == NULL) return xp_no_memory(r->error, "word vectors");
    const look first = look_at_rows(r);
    if (!first.torn && first.all > 7 && 5 * first.usual < 3 * first.all && 20 * first.turned > 19 * first.all)
        return refuse_turned(r);
    r->smallest = find_smallest(&first);
    for (; r->row <= r->count && status == EXPLAINT_OK; r->row++) status = read_row(r);
    r->kept->n_words = r->count;
    return status == EXPLAINT_OK ? finish(r) : status;
}

explaint_status xp_word2vec_read(xp_stream *stream, xp_word_rows *kept, explaint_error *error) {
    reader r = {.stream = stream, .path = xp_stream_path(stream), .kept = kept, .error = error, .capacity = BUFFER};
    r.buffer = xp_alloc(BUFFER, 1);
    explaint_status status = r.buffer != NULL ? read_rows(&r) : xp_no_memory(error, "word vectors");
    xp_free_all(r.buffer, r.values);
    xp_text_free(&r.word);
    return status;
}
