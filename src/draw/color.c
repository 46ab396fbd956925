#include "draw/color.h"

#include <math.h>

static double to_linear(double c) { return c <= .04045 ? c / 12.92 : pow((c + .055) / 1.055, 2.4); }
static double from_linear(double c) { return c <= .0031308 ? 12.92 * c : 1.055 * pow(c, 1 / 2.4) - .055; }

static unsigned byte(double linear) {
    const double c = from_linear(fmin(fmax(linear, 0), 1));
    return (unsigned)lround(255 * c);
}

/* OKLab to sRGB, with the matrices of its definition. */
static unsigned of_oklab(double lightness, double a, double b) {
    const double l = pow(lightness + .3963377774 * a + .2158037573 * b, 3);
    const double m = pow(lightness - .1055613458 * a - .0638541728 * b, 3);
    const double s = pow(lightness - .0894841775 * a - 1.2914855480 * b, 3);
    return byte(4.0767416621 * l - 3.3077115913 * m + .2309699292 * s) << 16 |
           byte(-1.2684380046 * l + 2.6097574011 * m - .3413193965 * s) << 8 |
           byte(-.0041960863 * l - .7034186147 * m + 1.7076147010 * s);
}

unsigned xp_color_scale(double at) {
    static const double dark[3] = {.27, -.006, -.085},
                        light[3] = {.95, -.018, .115}; /* both ends lie in sRGB, and so does all between */
    if (!isfinite(at)) return 0x808080;
    at = fmin(fmax(at, 0), 1);
    return of_oklab(dark[0] + at * (light[0] - dark[0]), dark[1] + at * (light[1] - dark[1]),
                    dark[2] + at * (light[2] - dark[2]));
}

unsigned xp_color_series(size_t i) {
    static const unsigned series[XP_COLOR_SERIES] = {0x3f7fc1, 0xc4651b, 0x2f8f6a, 0xb0569e, 0x7d7f2a, 0x78808a};
    return series[i % XP_COLOR_SERIES];
}

double xp_color_luminance(unsigned color) {
    return .2126 * to_linear((color >> 16 & 255) / 255.0) + .7152 * to_linear((color >> 8 & 255) / 255.0) +
           .0722 * to_linear((color & 255) / 255.0);
}

double xp_color_contrast(unsigned a, unsigned b) {
    const double x = xp_color_luminance(a), y = xp_color_luminance(b);
    return (fmax(x, y) + .05) / (fmin(x, y) + .05);
}
