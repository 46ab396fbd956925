#include "formats/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"

/* Longer than any decimal that a program prints (the longest exact double has 767 digits); a longer field is no number
 * but an attack or a mistake. */
#define LONGEST 1100

static locale_t plain;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_plain(void) { plain = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static bool digit(char c) { return c >= '0' && c <= '9'; }

static xp_number special(xp_view text) {
    if (text.length > 0 && (text.data[0] == '-' || text.data[0] == '+')) {
        text.data++;
        text.length--;
    }
    if (xp_view_is_nocase(text, "nan")) return XP_NUMBER_NAN;
    if (xp_view_is_nocase(text, "inf") || xp_view_is_nocase(text, "infinity")) return XP_NUMBER_INFINITE;
    return XP_NUMBER_NONE;
}

/* The text was checked, so strtod only rounds. */
static xp_number slow(xp_view text, double *value) {
    char copy[LONGEST + 1];
    pthread_once(&once, make_plain);
    if (text.length > LONGEST) return XP_NUMBER_NONE;
    memcpy(copy, text.data, text.length);
    copy[text.length] = 0;
    *value = plain != (locale_t)0 ? strtod_l(copy, NULL, plain) : strtod(copy, NULL);
    return isfinite(*value) ? XP_NUMBER_OK : XP_NUMBER_INFINITE;
}

xp_number xp_number_read(xp_view text, double *value) {
    const char *p = text.data, *end = p + text.length;
    bool negative = false;
    if (p < end && (*p == '-' || *p == '+')) negative = *p++ == '-';

    uint64_t mantissa = 0;
    int significant = 0; /* digits in mantissa after leading zeros */
    long exponent = 0;
    const char *digits = p;
    for (; p < end && digit(*p); p++) {
        if (significant < 19) mantissa = 10 * mantissa + (uint64_t)(*p - '0');
        if (mantissa > 0) significant++;
    }
    size_t n_digits = (size_t)(p - digits);
    if (p < end && *p == '.') {
        const char *fraction = ++p;
        for (; p < end && digit(*p); p++) {
            if (significant < 19) mantissa = 10 * mantissa + (uint64_t)(*p - '0');
            if (mantissa > 0) significant++;
        }
        n_digits += (size_t)(p - fraction);
        exponent = -(long)(p - fraction);
    }
    if (n_digits == 0) return special(text);
    if (p < end && (*p == 'e' || *p == 'E')) {
        bool down = false;
        p++;
        if (p < end && (*p == '-' || *p == '+')) down = *p++ == '-';
        if (p == end || !digit(*p)) return XP_NUMBER_NONE;
        long written = 0;
        for (; p < end && digit(*p); p++)
            if (written < 100000) written = 10 * written + (*p - '0');
        exponent += down ? -written : written;
    }
    if (p != end) return XP_NUMBER_NONE;

    /* Both the mantissa and the power of ten are exact doubles, so their product or quotient is rounded once
     * (Clinger 1990, "How to read floating point numbers accurately", the fast path). */
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (FLT_EVAL_METHOD == 0 && significant < 19 && mantissa <= (UINT64_C(1) << 53) && exponent >= -22 &&
        exponent <= 22) {
        double v = (double)mantissa;
        v = exponent < 0 ? v / power[-exponent] : v * power[exponent];
        *value = negative ? -v : v;
        return XP_NUMBER_OK;
    }
    return slow(text, value);
}

bool xp_number_count(xp_view text, size_t *value) {
    if (text.length == 0 || text.length > 18) return false;
    *value = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (!digit(text.data[i])) return false;
        *value = 10 * *value + (size_t)(text.data[i] - '0');
    }
    return true;
}

const char *xp_number_says(xp_number outcome) {
    switch (outcome) {
    case XP_NUMBER_OK: return "a number";
    case XP_NUMBER_NAN: return "NaN";
    case XP_NUMBER_INFINITE: return "infinite (or too large for a double)";
    case XP_NUMBER_NONE: break;
    }
    return "not a number";
}
