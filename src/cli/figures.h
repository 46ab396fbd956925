/* Figures of stored results as files in a folder: SVG, and PDF by rsvg-convert if that is there. */
#ifndef XP_CLI_FIGURES_H
#define XP_CLI_FIGURES_H

#include "explaint/report.h"
#include "product.h"

/* The folder is made. One that holds figures already is refused without force (EXPLAINT_USAGE). Says on stderr if there is no PDF. */
explaint_status figures_write(const char *folder, bool force, const char *const *paths, size_t n_paths,
                              const explaint_report_options *options, explaint_error *error);

/* What was written to an open product, an SVG, becomes a PDF. */
explaint_status figures_turn_to_pdf(product *p, explaint_error *error);

/* name.svg to name.pdf, whole or not at all. 0: done; 127: there is no rsvg-convert; else it failed. */
int figures_to_pdf(const char *svg, const char *pdf);

#endif
