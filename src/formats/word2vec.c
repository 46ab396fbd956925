#include "formats/word2vec.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "formats/number.h"

#define BUFFER ((size_t)256 << 10)
#define LONGEST_WORD ((size_t)4 << 10)
#define WIDEST ((size_t)1 << 22)

/* ---- the first line ---- */

/* "count width": the bytes of the line with its end, or 0. */
static size_t read_header(const char *text, size_t size, size_t *count, size_t *width) {
    const char *end = memchr(text, '\n', size < 64 ? size : 64);
    if (end == NULL) return 0;
    xp_view line = xp_view_trim((xp_view){text, (size_t)(end - text)});
    if (line.length > 0 && line.data[line.length - 1] == '\r') line.length--;
    const char *space = memchr(line.data, ' ', line.length);
    if (space == NULL) return 0;
    xp_view first = {line.data, (size_t)(space - line.data)};
    xp_view second = xp_view_trim((xp_view){space, line.length - first.length});
    return xp_number_count(first, count) && xp_number_count(second, width) ? (size_t)(end - text) + 1 : 0;
}

static bool ends_in_number(xp_view line) {
    while (line.length > 0 && (line.data[line.length - 1] == '\r' || line.data[line.length - 1] == ' ')) line.length--;
    size_t from = line.length;
    while (from > 0 && line.data[from - 1] != ' ' && line.data[from - 1] != '\t') from--;
    double value;
    return xp_number_read((xp_view){line.data + from, line.length - from}, &value) != XP_NUMBER_NONE;
}

bool xp_word2vec_is(const void *head, size_t size) {
    const char *text = head, *end = text + size;
    size_t count, width, header = read_header(text, size, &count, &width);
    if (header == 0 || width == 0 || width > WIDEST) return false;
    const char *space = memchr(text + header, ' ', size - header);
    if (space == NULL) return false;
    const char *stop = memchr(space, '\n', (size_t)(end - space));
    if (stop != NULL && ends_in_number((xp_view){space, (size_t)(stop - space)})) return false; /* a row of text */
    size_t window = (size_t)(end - space - 1) < 4 * width ? (size_t)(end - space - 1) : 4 * width;
    for (size_t i = 1; i <= window; i++) {
        unsigned char c = (unsigned char)space[i];
        if (c >= 0x80 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r')) return true;
    }
    return false;
}

/* ---- records ---- */

typedef struct reader {
    xp_stream *stream;
    const char *path;
    xp_kept *kept;
    explaint_error *error;
    char *buffer;
    size_t capacity, from, to, passed; /* unread bytes are [from, to); bytes of the file before the buffer */
    bool ended;
    size_t count, width, row; /* row: counted from 1 */
    double *values;
    xp_text word; /* scratch */
    size_t latin1, latin1_row;
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

static explaint_status take_word(reader *r, xp_view *word) {
    explaint_status status = need(r, LONGEST_WORD + 4 * r->width);
    if (status != EXPLAINT_OK) return status;
    if (r->from < r->to && r->buffer[r->from] == '\n') r->from++;
    size_t left = r->to - r->from, room = left < LONGEST_WORD ? left : LONGEST_WORD;
    const char *begin = r->buffer + r->from, *space = memchr(begin, ' ', room);
    if (space == NULL && room < LONGEST_WORD) return cut_off(r);
    if (space == NULL)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0,
                       "expected a word and a space in row %zu, at byte %zu, found no space in %zu bytes; is the width "
                       "in the first line, %zu, true?",
                       r->row, r->passed + r->from + 1, LONGEST_WORD, r->width);
    *word = (xp_view){begin, (size_t)(space - begin)};
    r->from += word->length + 1;
    return EXPLAINT_OK;
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
    if (xp_utf8_invalid(word.data, word.length) < word.length) {
        r->word.length = 0;
        xp_latin1_to_utf8(word.data, word.length, &r->word);
        if (r->word.failed) return xp_no_memory(r->error, "a word");
        word = (xp_view){r->word.data, r->word.length};
        if (r->latin1++ == 0) r->latin1_row = r->row;
    }
    size_t number = xp_kept_number(r->kept, word);
    if (number != XP_NOT_WANTED && !xp_kept_copy(r->kept, number, word, r->values, r->row))
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
    return noted && xp_kept_end(r->kept) ? EXPLAINT_OK : xp_no_memory(r->error, "a note");
}

static explaint_status read_rows(reader *r) {
    explaint_status status = need(r, BUFFER);
    if (status != EXPLAINT_OK) return status;
    size_t header = read_header(r->buffer, r->to, &r->count, &r->width);
    if (header == 0)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "expected a first line \"count width\", found none");
    if (r->count == 0 || r->width == 0 || r->width > WIDEST)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "the first line announces %zu words of %zu numbers",
                       r->count, r->width);
    r->from = header;
    r->row = 1;
    if (r->ended && (r->to - r->from) / 4 < r->width) return cut_off(r); /* before memory for a row is asked for */
    r->kept->width = r->width;
    r->kept->unit = "row";
    r->capacity = BUFFER + LONGEST_WORD + 4 * r->width;
    char *grown = xp_realloc(r->buffer, r->capacity, 1);
    if (grown != NULL) r->buffer = grown;
    r->values = xp_calloc(r->width, sizeof *r->values);
    if (grown == NULL || r->values == NULL) return xp_no_memory(r->error, "word vectors");
    for (; r->row <= r->count && status == EXPLAINT_OK; r->row++) status = read_row(r);
    r->kept->n_words = r->count;
    return status == EXPLAINT_OK ? finish(r) : status;
}

explaint_status xp_word2vec_read(xp_stream *stream, xp_kept *kept, explaint_error *error) {
    reader r = {.stream = stream, .path = xp_stream_path(stream), .kept = kept, .error = error, .capacity = BUFFER};
    r.buffer = xp_alloc(BUFFER, 1);
    explaint_status status = r.buffer != NULL ? read_rows(&r) : xp_no_memory(error, "word vectors");
    xp_free(r.buffer);
    xp_free(r.values);
    xp_text_free(&r.word);
    return status;
}
