/* What the columns of a table hold, from a pass over all rows before they are read: which are numbers, which are yes and no
 * in words, which are text, and whether decimals take a comma.
 *
 *     xp_survey survey;
 *     status = xp_survey_make(&survey, &csv, error);           // csv is then at its first row again
 *     ... survey.column[k].content ...
 *     xp_survey_free(&survey); */
#ifndef XP_NORMS_SURVEY_H
#define XP_NORMS_SURVEY_H

#include <stdint.h>

#include "base/strings.h"
#include "formats/csv.h"

typedef enum xp_content {
    XP_NOTHING, /* every cell is missing */
    XP_NUMBERS, /* at least half of the cells that are not missing are numbers, or written like some: 12%, 1.234,5 */
    XP_TRUTHS,  /* TRUE and FALSE, T and F, yes and no, ...; x and nothing */
    XP_WORDS
} xp_content;

typedef struct xp_column {
    xp_content content;
    size_t filled, numbers, truths, like_numbers; /* cells that are not missing, and of what kinds they are */
    uint8_t pair, sides;                          /* of words of truth */
    bool marked;                                  /* one word for 1, or a sign such as x, and empty cells */
    bool runs;                                    /* from, from + 1, ..., row by row; from is 0 or 1 */
    uint8_t from;
    bool surely_decimal;           /* of numbers with a comma, one is none that groups thousands */
    size_t point_line, comma_line; /* where the first number with each of them stands, 0: nowhere */
    xp_view comma, point;          /* these numbers */
    bool never_grouped; /* a number that has a point, or is whole, is written as none is that groups thousands: 0.5 */
    bool padded;        /* a number with a point ends in 0 */
    double most_pointed,
        most_whole; /* the largest number with a point, and without one; marks for a missing value apart */
    xp_view whole;  /* that number */
} xp_column;

typedef struct xp_survey {
    xp_column *column;
    size_t width, rows;
} xp_survey;

/* Errors are those of reading rows. */
explaint_status xp_survey_make(xp_survey *survey, xp_csv *csv, explaint_error *error);
void xp_survey_free(xp_survey *survey);

/* Sets csv->decimal_comma by the columns k with used[k]. Errors: numbers with points beside numbers with commas,
 * commas that may group thousands, and points that do. */
explaint_status xp_survey_decimals(const xp_survey *survey, xp_csv *csv, const uint8_t *used, xp_strings *warnings,
                                   explaint_error *error);

/* "" and the marks for a value that is not there: NA, NaN, NULL, #N/A, a dot, ... (norms/category.h has the list). */
bool xp_survey_missing(xp_view text);

/* 1 or 0 of a word of truth; false: it is none. */
bool xp_survey_truth(xp_view text, double *value);
/* "TRUE and FALSE"; "x" */
const char *xp_survey_truth_words(const xp_column *column);

/* A finite number from a cell, or the error that names its place and column. */
explaint_status xp_survey_number(const xp_csv *csv, size_t column, double *value, explaint_error *error);

#endif
