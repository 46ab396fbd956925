#include "formats/wordtext.h"

#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "formats/encoding.h"
#include "formats/lines.h"
#include "formats/number.h"

#define SAMPLE 32 /* rows that vote for the width */

#define BLOCK ((size_t)1 << 20) /* docs/speed.md */

_Static_assert(XP_BLOCK_PAD >= XP_NUMBER_PAD, "numbers are read from blocks");

/* What one block of lines holds. Lines count from 1 within it. */
typedef struct found {
    size_t line, number; /* where the word stands; what xp_kept_number says */
    size_t text, length; /* of the word, in words */
} found;

typedef struct part {
    xp_block block;
    size_t begin;   /* of the rows in block: behind the header */
    size_t n_lines; /* rows and empty lines */
    size_t n_words;
    size_t first_row;           /* the first line that is not empty; 0: none */
    size_t empty_line;          /* the first empty line behind all rows; 0: none */
    size_t latin1, latin1_line; /* words that are not UTF-8, and the first such line */
    size_t bad_line;            /* the first line that is refused; 0: none */
    xp_view bad;
    bool no_memory, parsed;
    double *values; /* rows that are kept */
    size_t n_rows, rows_capacity;
    found *found;     /* n_rows */
    xp_text words;    /* of the rows that are kept, each followed by a 0, where all are */
    double *unwanted; /* width numbers that are read to be checked */
} part;

typedef struct reader {
    xp_lines lines;
    const char *path;
    xp_kept *kept;
    explaint_error *error;
    size_t width, block;
    bool header; /* there is a line "count width" */
    size_t announced;
    size_t n_lines;             /* lines of the parts that were added */
    size_t empty_line;          /* an empty line, fine only at the end; 0: none yet */
    size_t latin1, latin1_line; /* words that are not UTF-8, and the first such line */

    pthread_mutex_t lock; /* of the stream, and of all below */
    pthread_cond_t added;
    part *parts;                         /* a ring */
    size_t n_parts, next, done;          /* parts read; parts added to kept */
    bool ended, stop;                    /* nothing left to read; an error was found */
    explaint_status status, read_status; /* of adding; of reading, which is reported behind all parts */
    explaint_error read_error;
} reader;

/* ---- one row ---- */

static bool blank(char c) { return c == ' ' || c == '\t'; }

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

/* Where a word that may have spaces ends, by the count of numbers that follow: false if there are not exactly as many. */
static bool split(size_t width, xp_view line, xp_view *word, xp_view *numbers, size_t *fields) {
    *fields = count_fields(line);
    xp_view rest = line;
    *word = take_field(&rest);
    if (*fields < width + 1) return false;
    const char *end = word->data + word->length;
    for (size_t extra = *fields - width - 1; extra > 0; extra--) {
        xp_view piece = take_field(&rest);
        double value;
        if (xp_number_read(piece, &value) == XP_NUMBER_OK) return false;
        end = piece.data + piece.length;
    }
    word->length = (size_t)(end - word->data);
    *numbers = rest;
    return true;
}

static bool read_numbers(size_t width, xp_view numbers, double *values) {
    if (xp_number_row(&numbers, width, values) != width) return false;
    while (numbers.length > 0 && blank(*numbers.data)) numbers = (xp_view){numbers.data + 1, numbers.length - 1};
    return numbers.length == 0;
}

/* The sentence about a line that parse_row refused. */
static explaint_status refuse(const reader *r, xp_view line, size_t number) {
    size_t width = r->width, fields;
    xp_view word, numbers;
    if (line.length == 0)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected a word and its numbers, found an empty line");
    if (line.length > XP_LINE_LIMIT)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected a line of word vector text, found one of more than %zu bytes; is it a binary file?",
                       XP_LINE_LIMIT);
    if (blank(line.data[0]))
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected a word at the beginning of the line, found a blank");
    if (memchr(line.data, 0, line.length) != NULL)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected text, found a NUL byte: the file is binary or damaged");
    if (!split(width, line, &word, &numbers, &fields)) {
        const char *s = width == 1 ? "" : "s", *as = r->header ? " (announced in line 1)" : ", as in the first rows";
        if (fields > width)
            return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                           "expected a word and %zu number%s%s, found more after the word \"%.*s\"", width, s, as,
                           XP_SHOW(word));
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected a word and %zu number%s%s, found %zu after the word \"%.*s\"", width, s, as,
                       fields - 1, XP_SHOW(word));
    }
    size_t k = 0;
    double value;
    xp_view field = take_field(&numbers);
    xp_number outcome = xp_number_read(field, &value);
    for (; outcome == XP_NUMBER_OK; k++) {
        field = take_field(&numbers);
        outcome = xp_number_read(field, &value);
    }
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                   "expected a finite number as value %zu of the word \"%.*s\", found \"%.*s\", which is %s", k + 1,
                   XP_SHOW(word), XP_SHOW(field), xp_number_says(outcome));
}

/* ---- one part: by any thread, without a look at the others ---- */

/* Room for one more row. Where all are kept there is room for every line from the start. */
static bool reserve(const reader *r, part *p) {
    if (p->n_rows < p->rows_capacity) return true;
    size_t rows = p->rows_capacity > 0 ? 2 * p->rows_capacity : 4, cells;
    if (r->kept->all) {
        const char *at = p->block.text + p->begin, *end = p->block.text + p->block.size;
        for (rows = 1; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++) rows++;
    }
    if (xp_mul_overflows(rows, r->width, &cells)) return false;
    double *values = xp_realloc(p->values, cells, sizeof *values);
    if (values != NULL) p->values = values;
    found *grown = xp_realloc(p->found, rows, sizeof *grown);
    if (grown != NULL) p->found = grown;
    if (values == NULL || grown == NULL) return false;
    p->rows_capacity = rows;
    return true;
}

static bool keep_word(part *p, xp_view word) {
    found *f = &p->found[p->n_rows];
    f->text = p->words.length;
    f->length = word.length;
    xp_text_add(&p->words, word.data, word.length);
    xp_text_add(&p->words, "", 1);
    return !p->words.failed;
}

/* The number of a word; one that is not UTF-8 is read as Latin-1. Kept words come into p->words. */
static bool find_word(const reader *r, part *p, xp_view word, size_t *number) {
    bool latin1 = xp_utf8_invalid(word.data, word.length) < word.length;
    xp_text converted = {0};
    if (latin1) {
        if (p->latin1++ == 0) p->latin1_line = p->n_lines;
        xp_latin1_to_utf8(word.data, word.length, &converted);
        word = (xp_view){converted.data, converted.length};
    }
    bool good = !converted.failed;
    if (good) *number = xp_kept_number(r->kept, word);
    if (good && *number != XP_NOT_WANTED) good = reserve(r, p) && keep_word(p, word);
    xp_text_free(&converted);
    return good;
}

/* false: p->bad_line or p->no_memory is set. */
static bool parse_row(const reader *r, part *p, xp_view line) {
    p->bad = line;
    p->bad_line = p->n_lines;
    if (line.length > XP_LINE_LIMIT || blank(line.data[0])) return false;
    size_t i = 0, fields, number = XP_NOT_WANTED;
    while (i < line.length && !blank(line.data[i])) i++;
    xp_view word = {line.data, i}, numbers = {line.data + i, line.length - i};
    if (memchr(word.data, 0, word.length) != NULL) return false;
    /* The word is looked up before its numbers are read, so that they are read into their place. */
    const size_t n_words = p->words.length, latin1 = p->latin1;
    p->no_memory = !find_word(r, p, word, &number);
    if (p->no_memory) return false;
    double *to = number == XP_NOT_WANTED ? p->unwanted : p->values + p->n_rows * r->width;
    if (!read_numbers(r->width, numbers, to)) { /* a word with spaces, or an error */
        if (memchr(line.data, 0, line.length) != NULL || !split(r->width, line, &word, &numbers, &fields)) return false;
        p->words.length = n_words;
        p->latin1 = latin1;
        p->no_memory = !find_word(r, p, word, &number);
        if (p->no_memory) return false;
        to = number == XP_NOT_WANTED ? p->unwanted : p->values + p->n_rows * r->width;
        if (!read_numbers(r->width, numbers, to)) return false;
    }
    if (number != XP_NOT_WANTED) {
        p->found[p->n_rows].line = p->n_lines;
        p->found[p->n_rows++].number = number;
    }
    p->n_words++;
    p->bad_line = 0;
    return true;
}

static void parse(const reader *r, part *p) {
    if (p->block.size == 0) return;
    const char *at = p->block.text + p->begin, *end = p->block.text + p->block.size;
    if (p->unwanted == NULL) p->unwanted = xp_alloc(r->width, sizeof *p->unwanted);
    p->no_memory = p->unwanted == NULL;
    while (at < end && !p->no_memory) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) stop = end;
        xp_view line = {at, (size_t)(stop - at)};
        at = stop + 1;
        p->n_lines++;
        if (line.length > 0 && line.data[line.length - 1] == '\r') line.length--;
        if (line.length == 0) {
            if (p->empty_line == 0) p->empty_line = p->n_lines;
            continue;
        }
        if (p->first_row == 0) p->first_row = p->n_lines;
        if (p->empty_line != 0) {
            p->bad_line = p->empty_line;
            p->bad = (xp_view){at, 0};
            return;
        }
        if (!parse_row(r, p, line)) return;
    }
}

/* ---- the parts in the order of the file ---- */

/* Adds what a part holds to what is kept, and empties it. */
static explaint_status add(reader *r, part *p) {
    bool all = r->kept->all;
    if (p->no_memory) return xp_no_memory(r->error, "word vectors");
    if (r->empty_line != 0 && p->first_row != 0) return refuse(r, (xp_view){"", 0}, r->empty_line);
    if (p->n_rows > 0) {
        double *values = p->values;
        char *words = p->words.data;
        p->values = NULL;
        bool good = xp_kept_own(r->kept, values);
        if (all) {
            p->words = (xp_text){0};
            good = good ? xp_kept_own(r->kept, words) : (xp_free(words), false);
        }
        for (size_t i = 0; i < p->n_rows && good; i++) {
            const found *f = &p->found[i];
            good = xp_kept_add(r->kept, f->number, (xp_view){words + f->text, f->length}, values + i * r->width,
                               r->n_lines + f->line);
        }
        if (!good) return xp_no_memory(r->error, "word vectors");
    }
    if (p->bad_line != 0) return refuse(r, p->bad, r->n_lines + p->bad_line);
    if (r->empty_line == 0 && p->empty_line != 0) r->empty_line = r->n_lines + p->empty_line;
    if (r->latin1 == 0 && p->latin1 > 0) r->latin1_line = r->n_lines + p->latin1_line;
    r->latin1 += p->latin1;
    r->kept->n_words += p->n_words;
    r->n_lines += p->n_lines;
    p->words.length = 0;
    *p = (part){.block = p->block, .found = p->found, .words = p->words, .unwanted = p->unwanted, .values = p->values};
    return EXPLAINT_OK;
}

static void part_free(part *p) {
    xp_block_free(&p->block);
    xp_free(p->values);
    xp_free(p->found);
    xp_free(p->unwanted);
    xp_text_free(&p->words);
}

/* The next part, read under the lock; NULL: there is none. */
static part *next_part(reader *r) {
    while (!r->stop && !r->ended && r->next - r->done == r->n_parts) pthread_cond_wait(&r->added, &r->lock);
    if (r->stop || r->ended) return NULL;
    part *p = &r->parts[r->next++ % r->n_parts];
    r->read_status = xp_lines_read(&r->lines, &p->block, r->block, 0, &r->read_error);
    r->ended = r->lines.ended || r->read_status != EXPLAINT_OK;
    return p;
}

/* Adds the parts that are parsed and whose turn it is. */
static void add_parsed(reader *r) {
    while (!r->stop && r->done < r->next && r->parts[r->done % r->n_parts].parsed) {
        r->status = add(r, &r->parts[r->done % r->n_parts]);
        r->stop = r->status != EXPLAINT_OK;
        r->done++;
        pthread_cond_broadcast(&r->added);
    }
}

/* One thread: reads a part, parses it, adds what is ready, until all is read. */
static bool work(void *self, size_t task, unsigned worker) {
    (void)task, (void)worker;
    reader *r = self;
    pthread_mutex_lock(&r->lock);
    for (part *p; (p = next_part(r)) != NULL;) {
        pthread_mutex_unlock(&r->lock);
        parse(r, p);
        pthread_mutex_lock(&r->lock);
        p->parsed = true;
        add_parsed(r);
    }
    pthread_mutex_unlock(&r->lock);
    return true;
}

/* ---- the first rows: header and width ---- */

typedef struct sample {
    xp_view line[SAMPLE];
    size_t fields[SAMPLE], count;
} sample;

/* "count width": two counts, alone in the first line, and more numbers in the second. "3 1" before rows of one number
 * is a header, too; any other pair before rows of one number is a word and its number. */
static bool is_header(const sample *s, size_t *count, size_t *width) {
    if (s->count == 0 || s->fields[0] != 2) return false;
    xp_view rest = s->line[0];
    xp_view first = take_field(&rest), second = take_field(&rest);
    if (!xp_number_count(first, count) || !xp_number_count(second, width)) return false;
    return s->count == 1 || s->fields[1] != 2 || *width == 1;
}

static size_t vote(const sample *s) {
    size_t best = 0, votes = 0;
    for (size_t i = 0; i < s->count; i++) {
        size_t n = 0;
        for (size_t k = 0; k < s->count; k++) n += s->fields[k] == s->fields[i];
        if (s->fields[i] > 0 && (n > votes || (n == votes && s->fields[i] < best))) {
            best = s->fields[i];
            votes = n;
        }
    }
    return best;
}

static xp_view line_at(const char *at, const char *end) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    xp_view line = {at, (size_t)((stop != NULL ? stop : end) - at)};
    if (line.length > 0 && line.data[line.length - 1] == '\r') line.length--;
    return line;
}

/* Finds the width, and where the rows of the first part begin. */
static explaint_status read_sample(reader *r, part *p) {
    sample s = {.count = 0};
    const char *at = p->block.text, *end = at + p->block.size;
    xp_view line = line_at(at, end);
    const char *wide = xp_encoding_wide(line.data, line.length);
    if (wide != NULL) return xp_encoding_refuse_wide(r->path, wide, r->error);
    if (line.length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0) p->begin = 3;
    for (at += p->begin; at < end && s.count < SAMPLE; s.count++) {
        line = line_at(at, end);
        if (line.length > XP_LINE_LIMIT || memchr(line.data, 0, line.length) != NULL)
            return refuse(r, line, s.count + 1);
        s.line[s.count] = line;
        s.fields[s.count] = count_fields(line);
        at = memchr(at, '\n', (size_t)(end - at));
        at = at != NULL ? at + 1 : end;
    }
    size_t width = 0;
    r->header = is_header(&s, &r->announced, &width);
    if (!r->header) {
        size_t fields = vote(&s);
        if (fields < 2)
            return xp_fail(r->error, EXPLAINT_INVALID, r->path, 1,
                           "expected a word and its numbers in each line, found no numbers");
        width = fields - 1;
    } else if (width == 0 || width > XP_LINE_LIMIT) {
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 1, "the first line announces vectors of %zu numbers",
                       width);
    } else {
        at = memchr(p->block.text, '\n', p->block.size);
        p->begin = at != NULL ? (size_t)(at - p->block.text) + 1 : p->block.size;
        r->n_lines = 1;
    }
    r->width = r->kept->width = width;
    return EXPLAINT_OK;
}

/* ---- the file ---- */

static explaint_status read_parts(reader *r, unsigned threads) {
    part *first = &r->parts[0];
    explaint_status status = xp_lines_read(&r->lines, &first->block, r->block, SAMPLE, r->error);
    if (status == EXPLAINT_OK) status = read_sample(r, first);
    if (status != EXPLAINT_OK) return status;
    r->next = 1;
    r->ended = r->lines.ended;
    parse(r, first);
    first->parsed = true;
    add_parsed(r);
    xp_pool_job job = {.n_tasks = threads, .run = work, .self = r};
    if (threads > 1 && !r->ended && !r->stop) xp_pool_run(threads, &job);
    work(r, 0, 0); /* all of it, if there are no threads */
    if (r->status == EXPLAINT_OK && r->read_status != EXPLAINT_OK) {
        if (r->error != NULL) *r->error = r->read_error;
        return r->read_status;
    }
    return r->status;
}

static explaint_status finish(const reader *r) {
    xp_kept *kept = r->kept;
    if (r->header && kept->n_words != r->announced)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, 1,
                       "the first line announces %zu words, the file holds %zu; %s", r->announced, kept->n_words,
                       kept->n_words < r->announced ? "it was cut off, get it again"
                                                    : "correct the line, or remove it");
    if (kept->n_words == 0) return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "the file holds no word");
    bool noted = r->latin1 == 0 ||
                 xp_strings_addf(&kept->notes, "read as Latin-1: %zu word%s that %s not UTF-8, the first in line %zu",
                                 r->latin1, r->latin1 == 1 ? "" : "s", r->latin1 == 1 ? "is" : "are", r->latin1_line);
    return noted && xp_kept_end(kept) ? EXPLAINT_OK : xp_no_memory(r->error, "a note");
}

explaint_status xp_wordtext_read(xp_stream *stream, const xp_wordtext_options *options, xp_kept *kept,
                                 explaint_error *error) {
    unsigned threads = options->threads > 1 ? options->threads : 1;
    reader r = {.lines = {.stream = stream},
                .path = xp_stream_path(stream),
                .kept = kept,
                .error = error,
                .block = options->block > 0 ? options->block : BLOCK,
                .n_parts = threads > 1 ? (size_t)2 * threads : 1};
    r.parts = xp_calloc(r.n_parts, sizeof *r.parts);
    if (r.parts == NULL) return xp_no_memory(error, "word vectors");
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.added, NULL);
    explaint_status status = read_parts(&r, threads);
    if (status == EXPLAINT_OK) status = finish(&r);
    pthread_cond_destroy(&r.added);
    pthread_mutex_destroy(&r.lock);
    for (size_t i = 0; i < r.n_parts; i++) part_free(&r.parts[i]);
    xp_free(r.parts);
    xp_lines_free(&r.lines);
    return status;
}
