/* Colours that everybody can tell apart.
 *
 * The scale of maps goes from dark blue to light yellow in a straight line of the space OKLab (Ottosson, 2020), where equal steps look equally
 * large. Blue and yellow differ for every kind of colour blindness, and lightness alone tells the order, also in print without colour.
 * Series have a contrast of 3:1 or more with white and with the dark ground (WCAG 2.2, 1.4.11), and each has a dash and a shape of its own. */
#ifndef XP_DRAW_COLOR_H
#define XP_DRAW_COLOR_H

#include <stddef.h>

enum { XP_COLOR_SERIES = 6, XP_COLOR_DARK_GROUND = 0x14171b };

/* 0xRRGGBB at a place from 0 (dark) to 1 (light); what is not finite is grey. */
unsigned xp_color_scale(double at);
/* Colour of series i as xp_svg_style has it. */
unsigned xp_color_series(size_t i);
/* Relative luminance, 0 to 1, and the contrast of two colours, 1 to 21, as WCAG 2.2 defines them. */
double xp_color_luminance(unsigned color);
double xp_color_contrast(unsigned a, unsigned b);

#endif
