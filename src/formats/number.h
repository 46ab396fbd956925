/* A decimal number from text: strict, without locale, correct to the last bit. */
#ifndef XP_FORMATS_NUMBER_H
#define XP_FORMATS_NUMBER_H

#include "base/view.h"

typedef enum xp_number {
    XP_NUMBER_OK = 0,
    XP_NUMBER_NONE,    /* no decimal number: empty, text, hexadecimal, a comma, spaces */
    XP_NUMBER_NAN,     /* "nan", "-NaN" */
    XP_NUMBER_INFINITE /* "inf", "Infinity", or too large for a double */
} xp_number;

/* [+-] digits [. digits] [e [+-] digits]; "1." and ".5" are numbers, " 1" and "0x1" are not. *value is set for
 * XP_NUMBER_OK only. What is too small for a double becomes the nearest double (a subnormal or 0). */
xp_number xp_number_read(xp_view text, double *value);

/* Up to count numbers with blanks (spaces, tabs) between them, by the same grammar; returns how many. *rest becomes
 * what is left: it begins with what is no number. Behind its end is XP_NUMBER_PAD bytes of readable memory, the first of
 * them no part of a number. */
#define XP_NUMBER_PAD 32
size_t xp_number_row(xp_view *rest, size_t count, double *values);

/* A count: digits only, at most 18 of them. */
bool xp_number_count(xp_view text, size_t *value);

/* "no number", "NaN", ... for a message. */
const char *xp_number_says(xp_number outcome);

#endif
