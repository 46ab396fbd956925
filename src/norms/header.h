/* What the names of columns tell by themselves. */
#ifndef XP_NORMS_HEADER_H
#define XP_NORMS_HEADER_H

#include "base/strings.h"
#include "formats/csv.h"

/* A name's words in lower case with _ between: "Prod. freq" and "ProdFreq" are prod_freq, "V.SD.Sum" v_sd_sum. Empty if it is
 * longer than the key. */
enum { XP_HEADER_KEY = 96 };
void xp_header_key(xp_view name, char key[XP_HEADER_KEY]);

/* Which of the words, with a blank between them, it is, from 0; SIZE_MAX: none. */
size_t xp_header_place(const char *words, const char *word, size_t length);

/* Appends the names of a table's columns, for a message; of many the first. */
void xp_header_list(const xp_csv *csv, xp_text *list);

/* `*` of a pattern stands for any text, `?` for one byte. */
bool xp_header_matches(const char *pattern, const char *name);

/* Who said it, or when: participant, subject, trial, age, ... */
bool xp_header_of_people(xp_view name);

/* Whether a name says that its column describes words or the way they were rated, and is no feature. */
typedef enum xp_header_hint {
    XP_HINT_NONE,
    XP_HINT_PERHAPS, /* length, count, lexique_freq: may be a feature as well */
    XP_HINT_SURE     /* word_id, log_freq, N_known.perceptual */
} xp_header_hint;
xp_header_hint xp_header_hints(const char *key);

/* "Total", "Mean (n = 60)", "grand mean": a row or a column that sums others up. */
bool xp_header_of_summary(const char *name);

/* Calls found(context, key) with the keys that the mean would have beside this deviation, count or bound: aud_mean, aud_m, ...
 * of aud_sd; aud of aud_lower, where aud_upper is found, too. Ends with true as soon as found does. */
bool xp_header_mean_of(const char *key, bool (*found)(void *context, const char *key), void *context);

/* Where in a name the word stands that xp_header_mean_of replaces, with the sign before or behind it: ".SD" of "Aud.SD". false:
 * there is none. */
bool xp_header_spread_part(const char *name, size_t *begin, size_t *end);

#endif
