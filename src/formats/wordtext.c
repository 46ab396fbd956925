#include "formats/wordtext.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/pool.h"
#include "formats/encoding.h"
#include "formats/lines.h"
#include "formats/number.h"
#include "formats/wordtext_sample.h"

#define BLOCK ((size_t)1 << 20) /* docs/speed.md */

_Static_assert(XP_BLOCK_PAD >= XP_NUMBER_PAD, "numbers are read from blocks");

/* Rows that are read otherwise than they stand there, or not at all: how many, and the first. A note says so. */
enum { LATIN1, NO_WORD, INDENTED, NUMBERED, EMPTY, OPEN_END, N_TALLIES };

typedef struct tally {
    size_t count, line;
    char word[XP_QUOTED_MAX + 1];
} tally;

static void count_line(tally *t, size_t line, xp_view word) {
    if (t->count++ > 0) return;
    t->line = line;
    snprintf(t->word, sizeof t->word, "%.*s", XP_SHOW(word));
}

/* Of later lines, which count from `before`. */
static void join(tally *t, const tally *later, size_t before) {
    if (later->count == 0) return;
    size_t count = t->count + later->count;
    if (t->count == 0) {
        *t = *later;
        t->line += before;
    }
    t->count = count;
}

/* What one block of lines holds. Lines count from 1 within it. */
typedef struct found {
    size_t line, number; /* where the word stands; what xp_word_rows_number says */
    size_t text, length; /* of the word, in words */
} found;

typedef struct part {
    xp_block block;
    size_t begin;   /* of the rows in block: behind the header */
    size_t n_lines; /* rows and empty lines */
    size_t n_words;
    bool has_row; /* a line that is not empty */
    tally of[N_TALLIES];
    tally empty;     /* lines behind the last row: fine at the end of the file */
    size_t bad_line; /* the first line that is refused; 0: none */
    xp_view bad;
    bool open_end; /* the line at hand has no line end: the file's last */
    bool no_memory, parsed, is_first;
    double *values; /* rows that are kept */
    size_t n_rows, rows_capacity;
    found *found;     /* n_rows */
    xp_text words;    /* of the rows that are kept, each followed by a 0, where all are */
    double *unwanted; /* width numbers that are read to be checked */
} part;

typedef struct reader {
    xp_lines lines;
    const char *path;
    xp_word_rows *kept;
    explaint_error *error;
    size_t width, block;
    xp_wordtext_shape shape;
    size_t n_lines; /* lines of the parts that were added */
    tally of[N_TALLIES];
    tally empty; /* lines behind the last row */

    pthread_mutex_t lock; /* of the stream, and of all below */
    pthread_cond_t added;
    part *parts;                         /* a ring */
    size_t n_parts, next, done;          /* parts read; parts added to kept */
    bool ended, stop;                    /* nothing left to read; an error was found */
    explaint_status status, read_status; /* of adding; of reading, which is reported behind all parts */
    explaint_error read_error;
} reader;

/* ---- one row ---- */

static size_t count_fields(xp_view line) {
    size_t count = 0;
    while (xp_wordtext_take_field(&line).length > 0) count++;
    return count;
}

/* Where the word ends, by the count of numbers that follow. A row without a word begins with a blank and has an empty one.
 * false: there are fewer numbers; or more, and neither a first line nor a tab that says how many belong to the vector ("route
 * 66"). */
static bool split(const reader *r, xp_view line, xp_view *word, xp_view *numbers, size_t *fields, bool *numbered) {
    *fields = count_fields(line);
    *numbered = false;
    *word = (xp_view){line.data, 0};
    *numbers = line;
    if (*fields == r->width && xp_wordtext_is_blank(line.data[0])) return true;
    *word = xp_wordtext_take_field(numbers);
    if (*fields < r->width + 1) return false;
    xp_view longer = *word;
    bool ends_in_number = false;
    for (size_t extra = *fields - r->width - 1; extra > 0; extra--) {
        xp_view piece = xp_wordtext_take_field(numbers);
        double value;
        ends_in_number = xp_number_read(piece, &value) == XP_NUMBER_OK;
        longer.length = (size_t)(piece.data + piece.length - longer.data);
    }
    bool by_tab = *numbers->data == '\t' && memchr(longer.data, '\t', longer.length) == NULL;
    if (ends_in_number && !r->shape.header && !by_tab) return false;
    *numbered = ends_in_number && !by_tab;
    *word = longer;
    return true;
}

static bool read_numbers(size_t width, xp_view numbers, double *values) {
    if (xp_number_row(&numbers, width, values) != width) return false;
    while (numbers.length > 0 && xp_wordtext_is_blank(*numbers.data))
        numbers = (xp_view){numbers.data + 1, numbers.length - 1};
    return numbers.length == 0;
}

static explaint_status refuse_count(const reader *r, xp_view word, size_t fields, bool open_end, size_t number) {
    const char *s = r->width == 1 ? "" : "s",
               *as = r->shape.header ? " (announced in line 1)" : ", as in the first rows";
    if (fields > r->width)
        return xp_fail(
            r->error, EXPLAINT_INVALID, r->path, number,
            "expected a word and %zu number%s%s, found more after the word \"%.*s\"; where a number is a part "
            "of the word, say how many belong to the vector: a first line \"COUNT %zu\"",
            r->width, s, as, XP_SHOW(word), r->width);
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                   "expected a word and %zu number%s%s, found %zu after the word \"%.*s\"%s", r->width, s, as,
                   fields > 0 ? fields - 1 : 0, XP_SHOW(word),
                   open_end ? ", where the file ends: it was cut off; get it again, or delete this line" : "");
}

static explaint_status refuse_number(const reader *r, xp_view word, xp_view numbers, bool open_end, size_t number) {
    size_t k = 0;
    double value;
    xp_view field = xp_wordtext_take_field(&numbers);
    xp_number outcome = xp_number_read(field, &value);
    for (; outcome == XP_NUMBER_OK; k++) {
        field = xp_wordtext_take_field(&numbers);
        outcome = xp_number_read(field, &value);
    }
    const char *what =
        xp_wordtext_decimal_comma(field, &value) ? " (numbers have a decimal point: sed 's/,/./g' FILE > NEW)"
        : open_end && k + 1 == r->width ? ", where the file ends: it was cut off; get it again, or delete this line"
                                        : "";
    return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                   "expected a finite number as value %zu of the word \"%.*s\", found \"%.*s\", which is %s%s", k + 1,
                   XP_SHOW(word), XP_SHOW(field), xp_number_says(outcome), what);
}

/* The sentence about a line that parse_row refused. */
static explaint_status refuse(const reader *r, xp_view line, bool open_end, size_t number) {
    size_t fields;
    bool numbered;
    xp_view word, numbers;
    if (line.length > XP_LINE_LIMIT)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected a line of word vector text, found one of more than %zu bytes; is it a binary file?",
                       XP_LINE_LIMIT);
    if (memchr(line.data, 0, line.length) != NULL)
        return xp_fail(r->error, EXPLAINT_INVALID, r->path, number,
                       "expected text, found a NUL byte: the file is binary or damaged");
    bool is_split = split(r, line, &word, &numbers, &fields, &numbered);
    if (is_split && word.length == 0) { /* no word, or too few numbers behind blanks */
        double value;
        xp_view rest = line;
        word = xp_wordtext_take_field(&rest);
        is_split = xp_number_read(word, &value) != XP_NUMBER_NONE;
    }
    if (!is_split) return refuse_count(r, word, fields, open_end, number);
    return refuse_number(r, word, numbers, open_end, number);
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
    bool latin1 = xp_encoding_invalid(word.data, word.length) < word.length;
    xp_text converted = {0};
    if (latin1) {
        count_line(&p->of[LATIN1], p->n_lines, word);
        xp_encoding_latin1(word.data, word.length, &converted);
        word = (xp_view){converted.data, converted.length};
    }
    bool good = !converted.failed;
    if (good) *number = xp_word_rows_number(r->kept, word);
    if (good && *number != XP_NOT_WANTED) good = reserve(r, p) && keep_word(p, word);
    xp_text_free(&converted);
    return good;
}

/* The last number of a file without a last line end may be half of one, unless it has as many decimals as another. */
static bool may_be_cut(xp_view numbers) {
    size_t most = 0, decimals = 0;
    for (xp_view field; (field = xp_wordtext_take_field(&numbers)).length > 0;) {
        const char *point = memchr(field.data, '.', field.length);
        decimals = point != NULL ? (size_t)(field.data + field.length - point) - 1 : 0;
        if (decimals > most) most = decimals;
    }
    return decimals < most;
}

/* The word at the beginning of the line, to which its numbers go. */
typedef struct row {
    xp_view word, numbers;
    size_t number; /* of the word: xp_word_rows_number */
    bool numbered;
} row;

/* Looks the word up, which is done before its numbers are read, so that they are read into their place. */
static bool begin_row(const reader *r, part *p, row *at, double **to) {
    at->number = XP_NOT_WANTED;
    if (r->shape.quoted && at->word.length > 1 && *at->word.data == '"' && at->word.data[at->word.length - 1] == '"')
        at->word = (xp_view){at->word.data + 1, at->word.length - 2};
    p->no_memory = at->word.length > 0 && !find_word(r, p, at->word, &at->number);
    if (p->no_memory) return false;
    *to = at->number == XP_NOT_WANTED ? p->unwanted : p->values + p->n_rows * r->width;
    return true;
}

static void end_row(const reader *r, part *p, const row *at, xp_view line) {
    if (p->is_first) xp_word_rows_show(r->kept, at->word); /* no other thread is there yet */
    if (at->number != XP_NOT_WANTED) {
        p->found[p->n_rows].line = p->n_lines;
        p->found[p->n_rows++].number = at->number;
    }
    if (at->word.length == 0)
        count_line(&p->of[NO_WORD], p->n_lines, at->word);
    else if (xp_wordtext_is_blank(line.data[0]))
        count_line(&p->of[INDENTED], p->n_lines, at->word);
    if (at->numbered) count_line(&p->of[NUMBERED], p->n_lines, at->word);
    if (p->open_end && may_be_cut(at->numbers)) count_line(&p->of[OPEN_END], p->n_lines, at->word);
    p->n_words++;
    p->bad_line = 0;
}

/* false: p->bad_line or p->no_memory is set. */
static bool parse_row(const reader *r, part *p, xp_view line) {
    p->bad = line;
    p->bad_line = p->n_lines;
    if (line.length > XP_LINE_LIMIT) return false;
    size_t i = 0, fields;
    double *to;
    while (i < line.length && !xp_wordtext_is_blank(line.data[i])) i++;
    row at = {.word = {line.data, i}, .numbers = {line.data + i, line.length - i}};
    if (memchr(at.word.data, 0, at.word.length) != NULL) return false;
    const size_t n_words = p->words.length;
    const size_t latin1 = p->of[LATIN1].count;
    if (i > 0 && !begin_row(r, p, &at, &to)) return false;
    if (i == 0 || !read_numbers(r->width, at.numbers, to)) { /* a word with spaces, or none, or an error */
        if (memchr(line.data, 0, line.length) != NULL || !split(r, line, &at.word, &at.numbers, &fields, &at.numbered))
            return false;
        p->words.length = n_words;
        p->of[LATIN1].count = latin1;
        if (!begin_row(r, p, &at, &to) || !read_numbers(r->width, at.numbers, to)) return false;
    }
    end_row(r, p, &at, line);
    return true;
}

static bool is_empty(xp_view line) {
    while (line.length > 0 && xp_wordtext_is_blank(*line.data)) line = (xp_view){line.data + 1, line.length - 1};
    return line.length == 0;
}

static void parse(const reader *r, part *p) {
    if (p->block.size == 0) return;
    const char *at = p->block.text + p->begin, *end = p->block.text + p->block.size;
    if (p->unwanted == NULL) p->unwanted = xp_alloc(r->width, sizeof *p->unwanted);
    p->no_memory = p->unwanted == NULL;
    xp_view line;
    while (!p->no_memory && xp_view_line(&at, end, &line)) {
        p->open_end = at[-1] != '\n';
        p->n_lines++;
        if (is_empty(line)) {
            count_line(&p->empty, p->n_lines, line);
            continue;
        }
        join(&p->of[EMPTY], &p->empty, 0);
        p->empty.count = 0;
        p->has_row = true;
        if (!parse_row(r, p, line)) return;
    }
}

/* ---- the parts in the order of the file ---- */

/* Adds what a part holds to what is kept, and empties it. */
static explaint_status add(reader *r, part *p) {
    bool all = r->kept->all;
    if (p->no_memory) return xp_no_memory(r->error, "word vectors");
    if (p->n_rows > 0) {
        double *values = p->values;
        char *words = p->words.data;
        p->values = NULL;
        bool good = xp_word_rows_own(r->kept, values);
        if (all) {
            p->words = (xp_text){0};
            good = good ? xp_word_rows_own(r->kept, words) : (xp_free(words), false);
        }
        for (size_t i = 0; i < p->n_rows && good; i++) {
            const found *f = &p->found[i];
            good = xp_word_rows_add(r->kept, f->number, (xp_view){words + f->text, f->length}, values + i * r->width,
                                    r->n_lines + f->line);
        }
        if (!good) return xp_no_memory(r->error, "word vectors");
    }
    if (p->bad_line != 0) return refuse(r, p->bad, p->open_end, r->n_lines + p->bad_line);
    if (p->has_row) {
        join(&r->of[EMPTY], &r->empty, 0);
        r->empty.count = 0;
    }
    for (size_t k = 0; k < N_TALLIES; k++) join(&r->of[k], &p->of[k], r->n_lines);
    join(&r->empty, &p->empty, r->n_lines);
    r->kept->n_words += p->n_words;
    r->n_lines += p->n_lines;
    p->words.length = 0;
    *p = (part){.block = p->block, .found = p->found, .words = p->words, .unwanted = p->unwanted, .values = p->values};
    return EXPLAINT_OK;
}

static void part_free(part *p) {
    xp_block_free(&p->block);
    xp_free_all(p->values, p->found, p->unwanted);
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

/* ---- the file ---- */

static explaint_status read_parts(reader *r, unsigned threads) {
    part *first = &r->parts[0];
    explaint_status status = xp_lines_read(&r->lines, &first->block, r->block, XP_SAMPLE, r->error);
    if (status == EXPLAINT_OK) status = xp_wordtext_sample(r->path, &first->block, &r->shape, r->error);
    if (status != EXPLAINT_OK) return status;
    first->begin = r->shape.begin;
    first->is_first = true;
    r->n_lines = r->shape.lines;
    r->width = r->kept->width = r->shape.width;
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

static bool note_tally(xp_strings *notes, size_t kind, const tally *t) {
    static const char *const says[N_TALLIES][2] = {
        [LATIN1] = {"read as Latin-1: %zu word that is not UTF-8, the first in line %zu",
                    "read as Latin-1: %zu words that are not UTF-8, the first in line %zu"},
        [NO_WORD] = {"%zu row has no word but a blank and is passed over, in line %zu",
                     "%zu rows have no word but a blank and are passed over, the first in line %zu"},
        [INDENTED] = {"%zu word stands behind blanks that are no part of it, in line %zu: \"%s\"",
                      "%zu words stand behind blanks that are no part of them, the first in line %zu: \"%s\""},
        [NUMBERED] = {"%zu word ends in a number, in line %zu: \"%s\"; the width in line 1 says where",
                      "%zu words end in a number, the first in line %zu: \"%s\"; the width in line 1 says where"},
        [EMPTY] = {"%zu empty line between the rows is passed over, line %zu",
                   "%zu empty lines between the rows are passed over, the first is line %zu"},
        [OPEN_END] = {"%zu row has no line end, the last one, line %zu: if the file was cut off, the last number of "
                      "\"%s\" is not whole",
                      ""},
    };
    const char *format = says[kind][t->count > 1];
    return t->count == 0 || xp_strings_addf(notes, format, t->count, t->line, t->word);
}

static explaint_status finish(const reader *r) {
    xp_word_rows *kept = r->kept;
    if (kept->n_words == 0) return xp_fail(r->error, EXPLAINT_INVALID, r->path, 0, "the file holds no word");
    bool noted = true;
    if (r->shape.header && kept->n_words != r->shape.announced)
        noted =
            xp_strings_addf(&kept->notes, "the first line announces %zu word%s, the file holds %zu%s",
                            r->shape.announced, r->shape.announced == 1 ? "" : "s", kept->n_words,
                            kept->n_words < r->shape.announced ? ": it was shortened, or cut off at the end of a line"
                                                               : "; all are read");
    if (r->shape.names) noted = noted && xp_strings_addf(&kept->notes, "line 1 holds the names of columns");
    for (size_t k = 0; k < N_TALLIES; k++) noted = noted && note_tally(&kept->notes, k, &r->of[k]);
    return noted && xp_word_rows_end(kept) ? EXPLAINT_OK : xp_no_memory(r->error, "a note");
}

explaint_status xp_wordtext_read(xp_stream *stream, const xp_wordtext_options *options, xp_word_rows *kept,
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
