#include "draw/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double round_step(double step) { /* 1, 2 or 5 times a power of ten, and no smaller */
    const double power = pow(10, floor(log10(step))), rest = step / power;
    return power * (rest <= 1 + 1e-9 ? 1 : rest <= 2 + 1e-9 ? 2 : rest <= 5 + 1e-9 ? 5 : 10);
}

static void order(double *low, double *high) {
    if (!isfinite(*low)) *low = isfinite(*high) ? *high : 0;
    if (!isfinite(*high)) *high = *low;
    *low = fmin(fmax(*low, -1e300), 1e300); /* their difference is finite */
    *high = fmin(fmax(*high, -1e300), 1e300);
    if (*low > *high) {
        const double other = *low;
        *low = *high;
        *high = other;
    }
}

xp_scale xp_scale_linear(double low, double high, double from, double to, size_t most) {
    xp_scale s = {.from = from, .to = to};
    order(&low, &high);
    if (most < 3) most = 3; /* below, zero and something beyond */
    if (most > XP_SCALE_TICKS) most = XP_SCALE_TICKS;
    const double least = 1e-9 * fmax(fabs(low), fabs(high));
    if (high - low <= least) {
        const double around = low != 0 ? fabs(low) / 2 : .5;
        low -= around;
        high += around;
    }
    double step = round_step((high - low) / (double)(most - 1));
    while (ceil(high / step - 1e-9) - floor(low / step + 1e-9) + 1 > (double)most) step = round_step(step * 1.5);
    const double first = floor(low / step + 1e-9), last = ceil(high / step - 1e-9);
    s.low = first * step;
    s.high = last * step;
    for (double k = first; k <= last && s.n_ticks < XP_SCALE_TICKS; k++) s.tick[s.n_ticks++] = k * step;
    s.decimals = step >= 1 ? 0 : step < 1e-6 ? -1 : (int)ceil(-log10(step) - 1e-9);
    return s;
}

xp_scale xp_scale_log(double low, double high, double from, double to, size_t most) {
    xp_scale s = {.from = from, .to = to, .log = true};
    if (!(low > 0) || !isfinite(low)) low = high > 0 && isfinite(high) ? high / 10 : .1;
    if (!(high > low) || !isfinite(high)) high = 10 * low;
    if (most > XP_SCALE_TICKS) most = XP_SCALE_TICKS;
    const double first = floor(log10(low) + 1e-9), last = ceil(log10(high) - 1e-9);
    const double step = ceil((last - first + 1) / (double)(most < 2 ? 2 : most));
    s.low = pow(10, first);
    s.high = pow(10, fmax(last, first + 1));
    for (double k = first; k <= log10(s.high) + 1e-9 && s.n_ticks < XP_SCALE_TICKS; k += step)
        s.tick[s.n_ticks++] = pow(10, k);
    return s;
}

double xp_scale_at(const xp_scale *s, double value) {
    if (isnan(value)) return NAN;
    const double at = s->log ? log10(fmax(value, s->low) / s->low) / log10(s->high / s->low)
                             : (fmin(fmax(value, s->low), s->high) - s->low) / (s->high - s->low);
    return s->from + fmin(fmax(at, 0), 1) * (s->to - s->from);
}

static void print(double value, int decimals, bool sign, char label[XP_SCALE_LABEL]) {
    if (!isfinite(value)) {
        strcpy(label, "\xe2\x80\x93");
        return;
    }
    char digits[24];
    const double size = fabs(value);
    if (size >= 1e6 || decimals < 0)
        snprintf(digits, sizeof digits, "%.3g", size);
    else
        snprintf(digits, sizeof digits, "%.*f", decimals, size);
    for (char *p = digits; *p != 0; p++)
        if (*p == ',') *p = '.'; /* of the locale of a program that we are a library of */
    const bool zero = strspn(digits, "0.") == strlen(digits);
    snprintf(label, XP_SCALE_LABEL, "%s%s", value < 0 && !zero ? "\xe2\x88\x92" : sign ? "+" : "", digits);
}

void xp_scale_number(double value, int decimals, char label[XP_SCALE_LABEL]) { print(value, decimals, false, label); }
void xp_scale_signed(double value, int decimals, char label[XP_SCALE_LABEL]) { print(value, decimals, true, label); }

void xp_scale_tick_label(const xp_scale *s, size_t i, char label[XP_SCALE_LABEL]) {
    if (!s->log) {
        print(s->tick[i], s->decimals, false, label);
        return;
    }
    snprintf(label, XP_SCALE_LABEL, "%g", s->tick[i]);
}
