/* What came out, in plain words: a sentence for each verdict, and one answer for the document. Every view, report and page reads them from the record. */
#ifndef XP_RESULT_ANSWER_H
#define XP_RESULT_ANSWER_H

#include "base/strings.h"
#include "explaint/attend.h"
#include "explaint/infer.h"
#include "explaint/relate.h"

/* Puts an answer where a record has none: into its verdicts and itself. The texts are kept in `texts`, which must live as long. false: no memory. */
bool xp_answer_record(explaint_record *record, xp_strings *texts);

/* Appends the sentence for a verdict of `infer` or `attend`; nothing where it knows none. covariates: as JSON, the names of what is taken off the norms; NULL: none. */
void xp_answer_verdict(xp_text *text, const explaint_verdict *verdict, const char *covariates);
void xp_answer_attend_verdict(xp_text *text, const explaint_attend_verdict *verdict);
/* Behind it: whose texts decided, where they are not those that were given. */
void xp_answer_attend_whose(xp_text *text, const explaint_attend_result *result);

/* ---- shared by the sentences of all commands (answer_words.c) ---- */

/* Is the text there, and this one? */
bool xp_answer_is(const char *text, const char *word);
/* Appends "layer 3", "layers 1 to 3 and 5". layer: n of them, ascending. */
void xp_answer_layers(xp_text *text, const int *layer, size_t n);
/* The sentence so far as the texts hold it; releases it. "" of nothing; NULL without memory. */
const char *xp_answer_keep(xp_text *text, xp_strings *texts);

/* Of the other kinds of records: what xp_answer_record calls. */
bool xp_answer_attend(explaint_record *record, xp_strings *texts);
bool xp_answer_compare(explaint_record *record, xp_strings *texts);
bool xp_answer_relate(explaint_record *record, xp_strings *texts);
bool xp_answer_adjust(explaint_record *record, xp_strings *texts);

#endif
