/* One HTML file of stored results: the answer first, figures, tables, where it all comes from. It is complete without scripts and asks nothing of
 * anybody: its security policy allows its own style and script, by their hashes, and nothing else. */
#ifndef XP_REPORT_PAGE_H
#define XP_REPORT_PAGE_H

#include "base/json.h"
#include "report/collection.h"
#include "report/figures.h"

/* The whole page. */
void xp_page_compose(const xp_collection *c, xp_text *out);

/* ---- its parts ---- */

void xp_page_infer(const xp_collection *c, const xp_report_run *run, xp_text *out);
void xp_page_attend(const xp_collection *c, const xp_report_run *run, xp_text *out);
void xp_page_relation(const xp_collection *c, const xp_report_run *run, xp_text *out);
/* Runs of attend side by side, where there are several. */
void xp_page_attend_beside(const xp_collection *c, xp_text *out);
void xp_page_comparison(const xp_collection *c, size_t number, xp_text *out);
/* The maps of one file. */
void xp_page_maps(const xp_collection *c, size_t number, xp_text *out);
/* The search for a concept, of a run of infer. */
void xp_page_concepts(const xp_report_run *run, bool alone, xp_text *out);
/* A line for each run, where there are several. */
void xp_page_overview(const xp_collection *c, xp_text *out);

/* ---- what they are made of (page_parts.c) ---- */

/* printf whose %s come from a result or a file: each is escaped. The format is markup, and knows %s, %zu and %d alone. */
void xp_page_put(xp_text *out, const char *format, ...);
/* A sentence of a result: a hyphen before a number becomes a minus. */
void xp_page_sentence(xp_text *out, const char *text);
/* The same with a full stop at its end, if it has none. */
void xp_page_ended(xp_text *out, const char *text);
/* Takes figures of a run into the page; self is the xp_text. */
bool xp_page_take_figure(void *self, const xp_figure *figure);

/* ✓ holds, ✗ fails, ? open; the classes of the style sheet. */
const char *xp_page_outcome_class(const char *outcome);
/* "✓ holds", with its colour. */
void xp_page_outcome(xp_text *out, const char *tag, const char *outcome);

/* Why an assumption came out as it did, in a sentence. */
void xp_page_reason(xp_text *out, const char *id, const char *text, const char *outcome, const char *why);

/* A heading within a run: below its title, which is the page's if there is one run alone. */
void xp_page_heading(xp_text *out, bool alone, const char *text);
/* A table: <table id> with its caption, then the heads, which end with NULL; a head that begins with '#' is one of numbers. */
void xp_page_table(xp_text *out, const char *id, const char *caption, const char *const *heads);
/* The same, <table id> the run's label, a hyphen and the name. */
void xp_page_run_table(xp_text *out, const xp_report_run *run, const char *name, const char *caption,
                       const char *const *heads);
void xp_page_table_end(xp_text *out);
/* A cell with a number and its interval, NULL: none. */
void xp_page_number(xp_text *out, double value, int decimals, bool sign, const double *ci);
void xp_page_p(xp_text *out, double p);

/* ---- what the script reads (page_data.c): each an element with this id, which shows nothing ---- */

void xp_page_base64(const unsigned char *bytes, size_t n, xp_text *out);
/* Bytes, deflated, in base64. */
void xp_page_block(xp_text *out, const char *id, const void *bytes, size_t size);
/* The same of whole numbers: all their lowest bytes first, then the next, because equal bytes side by side deflate well. */
void xp_page_planes(xp_text *out, const char *id, const int32_t *value, size_t n);
/* Ends and releases the JSON. */
void xp_page_facts(xp_text *out, const char *id, xp_json *json);

/* ---- what every run has; alone: it is the only one of the page ---- */

/* Its section, and its title: what has "%s" for one or two texts. */
void xp_page_begin(xp_text *out, const xp_report_run *run, bool alone, const char *what, const char *a, const char *b);
/* The name of its model, for the title. */
const char *xp_page_model(const xp_report_run *run);
/* Lints, and where its numbers come from. */
void xp_page_notes(xp_text *out, const xp_report_run *run, bool alone);
void xp_page_origin(xp_text *out, const xp_report_run *run, bool alone);

#endif
