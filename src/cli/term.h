/* What is known of the place that text goes to, and printing that respects it: width, colour, character set. */
#ifndef XP_CLI_TERM_H
#define XP_CLI_TERM_H

#include <stdbool.h>
#include <stdio.h>

typedef struct term {
    FILE *out;
    int width;   /* columns, 50 to 200 */
    bool colour; /* a terminal, TERM is not dumb, NO_COLOR is not set */
    bool utf8;   /* otherwise ASCII is printed */
} term;

typedef enum term_style {
    PLAIN,
    STRONG,
    FAINT,
    GOOD,    /* green: holds, supported */
    BAD,     /* red: fails, not supported */
    OPEN,    /* yellow: undecided */
    SUBJECT, /* the system under audit */
    BOUND,   /* upper bounds */
    BROKEN,  /* controls with a broken target or input */
    REST     /* baselines that see no vector */
} term_style;

term term_of(FILE *out);
/* Columns as the terminal, or COLUMNS, says, 200 at most; 80 if neither does. */
int term_width(FILE *out);
/* A place in a file: no colour, UTF-8, 100 columns. */
term term_of_file(FILE *out);

void term_begin(const term *t, term_style style);
void term_end(const term *t, term_style style);

/* Columns that UTF-8 text takes on this terminal, as term_put prints it. */
int term_columns(const term *t, const char *text);
/* Prints text: as explaint_visible shows it, and where the character set is not UTF-8, ASCII in place of signs. */
void term_put(const term *t, const char *text);
#define term_putf(t, ...) term_putf_in(t, PLAIN, __VA_ARGS__)
/* term_putf, and ends the line. */
void term_line(const term *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints text in a field: width > 0 flush left, width < 0 flush right; longer text is cut with an ellipsis. */
void term_field(const term *t, const char *text, int width);
void term_spaces(const term *t, int count);
/* A line of facts: the name, faint, and what is said of it, wrapped beside it. */
void term_entry(const term *t, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Prints text as lines of at most t->width columns. The cursor stands in column `at`; further lines start with
 * `indent` spaces. Ends the last line. */
void term_wrap(const term *t, const char *text, int at, int indent);

/* The same in a style. */
void term_put_in(const term *t, term_style style, const char *text);
void term_putf_in(const term *t, term_style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
void term_field_in(const term *t, term_style style, const char *text, int width);
void term_wrap_in(const term *t, term_style style, const char *text, int at, int indent);
/* Lines of their own, all of them indented. */
void term_block_in(const term *t, term_style style, const char *text, int indent);

/* The sign, or its ASCII stand-in. */
const char *term_sign(const term *t, const char *sign, const char *ascii);

#endif
