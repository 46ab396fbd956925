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

/* ---- mantissa and power of ten to the nearest double ---- */

#define EXACT 27 /* 5^27 < 2^63 */

__extension__ typedef unsigned __int128 wide;

static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
_Static_assert(FLT_EVAL_METHOD == 0, "a quotient of doubles is rounded once");

static uint64_t power_of_5(int n) {
    uint64_t p = 1;
    for (int i = 0; i < n; i++) p *= 5;
    return p;
}

/* The nearest double to (q + a little, if sticky) * 2^exponent, ties to even; q has at least 54 bits: a mantissa that
 * no double holds, or a multiple of 5^23, or a quotient of numbers with their highest bits set. */
static double nearest(uint64_t q, bool sticky, int exponent) {
    int drop = 11 - __builtin_clzll(q);
    uint64_t kept = q >> drop, low = q & ((UINT64_C(1) << drop) - 1), half = UINT64_C(1) << (drop - 1);
    if (low > half || (low == half && (sticky || (kept & 1) != 0))) kept++;
    uint64_t bits = (uint64_t)(exponent + drop + 1023) << 52; /* a power of two far from either end */
    double scale;
    memcpy(&scale, &bits, sizeof scale);
    return (double)kept * scale;
}

/* Mantissas of 54 to 64 bits, by integers: one product, or one quotient with its remainder. */
static double scaled_wide(uint64_t mantissa, int exponent) {
    uint64_t five = power_of_5(exponent < 0 ? -exponent : exponent);
    if (exponent >= 0) {
        wide product = (wide)mantissa * five;
        int shift = (uint64_t)(product >> 64) == 0 ? 0 : 64 - __builtin_clzll((uint64_t)(product >> 64));
        return nearest((uint64_t)(product >> shift), (product & (((wide)1 << shift) - 1)) != 0, exponent + shift);
    }
    int left = __builtin_clzll(mantissa), right = __builtin_clzll(five);
    wide dividend = (wide)(mantissa << left) << 63;
    uint64_t divisor = five << right, q = (uint64_t)(dividend / divisor);
    return nearest(q, (wide)q * divisor != dividend, exponent - 63 - left + right);
}

/* mantissa * 10^exponent, |exponent| <= EXACT. Where both the mantissa and the power of ten are exact doubles, their
 * product or quotient is rounded once (Clinger 1990, "How to read floating point numbers accurately"). */
static inline double scaled(uint64_t mantissa, int exponent, bool negative) {
    double v;
    if (mantissa <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22)
        v = exponent < 0 ? (double)mantissa / power[-exponent] : (double)mantissa * power[exponent];
    else
        v = mantissa == 0 ? 0 : scaled_wide(mantissa, exponent);
    return negative ? -v : v;
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

    if (significant <= 19 && exponent >= -EXACT && exponent <= EXACT) {
        *value = scaled(mantissa, (int)exponent, negative);
        return XP_NUMBER_OK;
    }
    return slow(text, value);
}

/* ---- rows ---- */

static bool blank(char c) { return c == ' ' || c == '\t'; }

/* The digits at p, eight at a time: their number, with *mantissa carried on. Stops beyond 19, where *mantissa has
 * overflown. (D. Lemire, "Quickly parsing eight digits", and the exclusive-or that finds the first other byte.) */
static inline unsigned take_digits(const char *p, uint64_t *mantissa) {
    static const uint64_t ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    unsigned count = 0, n;
    do {
        uint64_t x;
        memcpy(&x, p + count, 8);
        x ^= 0x3030303030303030;
        uint64_t other = ((x + 0x7676767676767676) | x) & 0x8080808080808080;
        n = other == 0 ? 8 : (unsigned)__builtin_ctzll(other) / 8;
        if (n == 0) break;
        x <<= 64 - 8 * n; /* zeros in front */
        x = x * 10 + (x >> 8);
        x = ((x & 0x000000FF000000FF) * 0x000F424000000064 + ((x >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >>
            32;
        *mantissa = *mantissa * ten[n] + (x & 0xFFFFFFFF);
        count += n;
    } while (n == 8 && count < 24);
    return count;
}

/* A number in its usual form, [-] digits [. digits] [e [+-] digit [digit]] with 19 digits at most, before a blank or
 * the end: what is behind it, or NULL for what xp_number_read has to judge. */
static inline const char *take_number(const char *p, const char *end, double *value) {
    bool negative = *p == '-';
    p += negative;
    uint64_t mantissa = 0;
    unsigned whole = 1, fraction = 0;
    if (p[1] == '.' &&
        digit(*p)) /* most are below 10: a guess of the branch predictor instead of a wait for the count */
        mantissa = (uint64_t)(*p - '0');
    else
        whole = take_digits(p, &mantissa);
    p += whole;
    if (*p == '.') {
        fraction = take_digits(p + 1, &mantissa);
        p += 1 + fraction;
    }
    if (whole + fraction == 0 || whole + fraction > 19) return NULL;
    int exponent = -(int)fraction;
    if (*p == 'e' || *p == 'E') {
        uint64_t written = 0;
        bool down = p[1] == '-';
        p += down || p[1] == '+' ? 2 : 1;
        unsigned digits = take_digits(p, &written);
        if (digits == 0 || digits > 2) return NULL;
        p += digits;
        exponent += down ? -(int)written : (int)written;
    }
    if ((p != end && !blank(*p)) || exponent < -EXACT || exponent > EXACT) return NULL;
    *value = scaled(mantissa, exponent, negative);
    return p;
}

size_t xp_number_row(xp_view *rest, size_t count, double *values) {
    const char *p = rest->data, *end = p + rest->length;
    size_t done = 0;
    for (; done < count; done++) {
        while (p < end && blank(*p)) p++;
        const char *next = take_number(p, end, &values[done]);
        if (next == NULL) {
            next = p;
            while (next < end && !blank(*next)) next++;
            if (xp_number_read((xp_view){p, (size_t)(next - p)}, &values[done]) != XP_NUMBER_OK) break;
        }
        p = next;
    }
    *rest = (xp_view){p, (size_t)(end - p)};
    return done;
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
