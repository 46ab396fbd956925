/* The terminal view of a result: conditions with bars, curves, tests, lints, verdicts. */
#ifndef XP_CLI_VIEW_H
#define XP_CLI_VIEW_H

#include "explaint/attend.h"
#include "explaint/baseline.h"
#include "explaint/compare.h"
#include "explaint/infer.h"
#include "explaint/relate.h"
#include "term.h"

/* Where a run is kept, for what may be done next. */
typedef struct view_kept {
    const char *ledger; /* NULL: nowhere */
    long run;
    bool predictions; /* were written, or the maps */
} view_kept;

/* Everything: the answer first, the verdicts and what may be done next last. Other metrics than the verdict's only if asked for: they are in the JSON. */
void view_result(const explaint_result *result, bool all_metrics, const view_kept *kept, const term *t);

/* What a claim is worth, or what can be had without vectors; the scores; how many concepts tests need. */
void view_baseline(const explaint_baseline *baseline, bool all_metrics, const term *t);

/* Parts, each ending in a newline. */
void view_head(const explaint_result *result, const term *t);
void view_needs(const explaint_needs *needs, const term *t); /* how many concepts tests need */
void view_conditions(const explaint_result *result, const char *metric, const term *t);
void view_curves(const explaint_result *result, const char *metric, const term *t); /* several component counts */
void view_losses(const explaint_result *result, const term *t);                     /* of ffnn */
void view_metrics(const explaint_result *result, const term *t);                    /* all metrics, as numbers */
void view_answer(const explaint_result *result, const term *t);   /* in plain words, with the verdicts' words */
void view_tests(const explaint_result *result, const term *t);    /* grouped by claim */
void view_verdicts(const explaint_result *result, const term *t); /* with what decided */
void view_next(const explaint_result *result, const view_kept *kept,
               const term *t); /* what would change them, and where to look */
/* Of the notes on single layers only those on `layer` (of the others how many there are); -1: all. */
void view_lints(const explaint_result *result, int layer, const term *t);
/* All of it for a run of several layers; false: the result has none. */
bool view_layers(const explaint_result *result, const term *t);

/* Of attend: the answer, tables of layers, what survives damage, the verdicts, what may be done next. */
void view_attend(const explaint_attend_result *result, const view_kept *kept, const term *t);
/* Of relate: the answer, all heads beside the controls, the best heads, what may be done next. */
void view_relate(const explaint_relate_result *result, const view_kept *kept, const term *t);

/* Two runs side by side, in one metric (NULL: the verdict's; "all": each). */
void view_comparison(const explaint_comparison *comparison, const char *metrics, const term *t);

/* ---- verdicts, shared by the parts (view_verdict.c) ---- */
bool view_is(const char *text, const char *word);   /* false for NULL */
bool view_fits(const char *asked, const char *has); /* the same, or nothing is asked */
int view_rank(const char *verdict);                 /* supported, undecided, any other: 2, 1, 0 */
/* Of an outcome or a verdict. */
term_style view_outcome_style(const char *outcome);
const char *view_outcome_sign(const term *t, const char *outcome);
/* The outcome in words: of a comparison of scores better or worse. */
const char *view_outcome(const explaint_verdict *verdict, const explaint_assumption *assumption);
const explaint_assumption *view_decided(const explaint_verdict *verdict); /* NULL: none stands out */
/* The numbers of an assumption and what was asked of them, in a line. */
void view_deciding(const explaint_verdict *verdict, const explaint_assumption *assumption, char *text, size_t size);
void view_verdict(const explaint_verdict *verdict, const char *claim, const term *t);
void view_sentence(const term *t, const char *sentence);               /* an answer, on lines of its own */
void view_word(const term *t, const char *claim, const char *verdict); /* "claim: supported" with its sign, a line */
/* What may be done next, as an item of a list. */
void view_item(const term *t, const char *text);
/* How it is reported and where it is kept, as items. */
void view_where(const view_kept *kept, const term *t);

/* ---- shared by the parts (view_shared.c) ---- */

/* A code for which features concepts have stands beside the conditions, and is none. */
#define VIEW_UNIFORM "uniform"

bool view_of_verdict(const explaint_result *result, const explaint_row *row);

/* Conditions in the paper's order, NULL-terminated. */
extern const char *const view_order[];
/* The pooled row, or NULL. target NULL: any. count 0: the row without a count, or with any. */
const explaint_row *view_row(const explaint_result *result, const char *condition, const char *target,
                             const char *metric, size_t count);
/* The mean predictor on what this row is scored against, or NULL. */
const explaint_row *view_mean(const explaint_result *result, const explaint_row *row);
term_style view_style(const char *condition);
const char *view_metric_name(const char *metric);
/* The metric of the table: the verdict's, or the first that was asked for. */
const char *view_metric(const explaint_result *result);
/* What a number is printed as: view_number(x, 3, false).text lives as long as the expression. */
typedef struct view_text {
    char text[64];
} view_text;
/* ".267", "-.012", "+.040", "1.20"; "" for NaN. */
view_text view_number(double value, int digits, bool sign);
/* Both ends of an interval: ".240 .291"; "" for NaN. */
view_text view_interval(const double ci[2], bool sign);
/* A p of four digits; of what is smaller, which Student's t knows, "<.0001". */
view_text view_p(double p);
/* A level with all its digits, two or three: .05, .012. */
view_text view_level(double level);
/* "2,526" */
view_text view_size(size_t value);
/* Puts more behind what is in `text`, as far as it fits. */
void view_add(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The title of a part; more may follow on its line. */
void view_title(const term *t, const char *title);
/* The title as a line. */
void view_heading(const term *t, const char *title);
/* Faint lines under a part. */
void view_note(const term *t, const char *text);
/* Lints as lines of their own, under a heading. */
void view_notes(const explaint_lint *lints, size_t n, const term *t);
/* JSON of the setting, or NULL. */
const char *view_setting(const explaint_result *result, const char *key);
/* The input of a role, or NULL. */
const explaint_input *view_input(const explaint_input *inputs, size_t n, const char *role);

#endif
