/* From values to pixels, with ticks at round values. */
#ifndef XP_DRAW_SCALE_H
#define XP_DRAW_SCALE_H

#include <stdbool.h>
#include <stddef.h>

enum { XP_SCALE_TICKS = 12, XP_SCALE_LABEL = 32 };

typedef struct xp_scale {
    double low, high; /* values */
    double from, to;  /* pixels */
    bool log;
    int decimals; /* of ticks; -1: of three significant digits */
    size_t n_ticks;
    double tick[XP_SCALE_TICKS];
} xp_scale;

/* Widened to ticks at 1, 2 or 5 times a power of ten, at most `most` of them (3 to XP_SCALE_TICKS). Ends that are equal or not finite make room
 * around what there is. */
xp_scale xp_scale_linear(double low, double high, double from, double to, size_t most);
/* Powers of ten, of values above 0. */
xp_scale xp_scale_log(double low, double high, double from, double to, size_t most);

/* Pixels of a value, at the edge if it lies beyond; NaN of NaN. */
double xp_scale_at(const xp_scale *scale, double value);
void xp_scale_tick_label(const xp_scale *scale, size_t i, char label[XP_SCALE_LABEL]);

/* A number as drawings and pages show it: "0.267", "−0.064", "1.2e+06"; "–" where there is none. */
void xp_scale_number(double value, int decimals, char label[XP_SCALE_LABEL]);
/* The same with a sign before what is not negative. */
void xp_scale_signed(double value, int decimals, char label[XP_SCALE_LABEL]);

#endif
