#include "norms/match.h"

#include <string.h>

#include "base/memory.h"
#include "base/name.h"
#include "norms/names.h"

#define NONE SIZE_MAX

enum { FORM, UNDERSCORED, LOWER, LOWER_UNDERSCORED };
_Static_assert(LOWER_UNDERSCORED + 1 == XP_SPELLINGS, "every spelling has a number");

void xp_match_free(xp_match *m) {
    xp_wanted_free(&m->words);
    xp_free(m->number);
    *m = (xp_match){0};
}

/* A form and the same with underscores for its blanks, from number[0]. */
static bool want(xp_match *m, xp_text *form, size_t number[2]) {
    if (!xp_wanted_add(&m->words, (xp_view){form->data, form->length}, &number[0])) return false;
    if (memchr(form->data, ' ', form->length) == NULL) return true;
    for (size_t k = 0; k < form->length; k++)
        if (form->data[k] == ' ') form->data[k] = '_';
    return xp_wanted_add(&m->words, (xp_view){form->data, form->length}, &number[1]);
}

bool xp_match_begin(xp_match *m, const explaint_norms *norms) {
    xp_text form = {0}, lower = {0};
    m->number = xp_alloc(norms->n_concepts, sizeof *m->number);
    bool good = xp_wanted_begin(&m->words, norms->n_concepts) && m->number != NULL;
    for (size_t i = 0; i < norms->n_concepts && good; i++) {
        size_t *number = m->number[i];
        number[FORM] = number[UNDERSCORED] = number[LOWER] = number[LOWER_UNDERSCORED] = NONE;
        form.length = lower.length = 0;
        good =
            xp_concept_form(norms->concepts.item[i], &form) && xp_name_lower((xp_view){form.data, form.length}, &lower);
        bool small = good && lower.length == form.length && memcmp(lower.data, form.data, form.length) == 0;
        good = good && want(m, &form, &number[FORM]) && (small || want(m, &lower, &number[LOWER]));
    }
    xp_text_free(&form);
    xp_text_free(&lower);
    return good;
}

/* ---- what was found ---- */

typedef struct counts {
    size_t underscored, lower, other;
    size_t first_lower, first_other, lower_number, other_number; /* a concept and what it took */
    size_t shared, sharing[2]; /* concepts that look like another one and have its vector; two such */
} counts;

/* The number that a concept takes, or NONE. */
static size_t take(const xp_match *m, size_t i, const xp_word_rows *kept, counts *c) {
    const size_t *number = m->number[i];
    for (size_t k = 0; k < XP_SPELLINGS; k++) {
        if (number[k] == NONE || kept->row[number[k]] == NULL) continue;
        c->underscored += k == UNDERSCORED || k == LOWER_UNDERSCORED;
        if (k >= LOWER && c->lower++ == 0) {
            c->first_lower = i;
            c->lower_number = number[k];
        }
        return number[k];
    }
    for (size_t k = FORM; k <= UNDERSCORED; k++) {
        if (number[k] == NONE) continue;
        size_t other = xp_wanted_other(&m->words, number[k]);
        if (kept->row[other] == NULL) continue;
        c->underscored += k == UNDERSCORED;
        if (c->other++ == 0) {
            c->first_other = i;
            c->other_number = other;
        }
        return other;
    }
    return NONE;
}

static bool note_counts(const xp_match *m, const explaint_norms *norms, xp_word_rows *kept, const counts *c) {
    xp_strings *notes = &kept->notes;
    bool good = c->underscored == 0 ||
                xp_strings_addf(notes, "%zu concept%s of several words matched with underscores for blanks",
                                c->underscored, c->underscored == 1 ? "" : "s");
    if (good && c->lower > 0)
        good =
            xp_strings_addf(notes,
                            "%zu concept%s the vector of the lower case, as no word is spelled as the norms have it, "
                            "such as \"%.100s\", which takes that of \"%.100s\"",
                            c->lower, c->lower == 1 ? " takes" : "s take", norms->concepts.item[c->first_lower],
                            m->words.word.item[c->lower_number]);
    if (good && c->other > 0)
        good = xp_strings_addf(
            notes,
            "%zu concept%s the vector of a word that differs in capitals or in blanks around it, as no word has the "
            "concept's spelling or its lower case, such as \"%.100s\", which takes that of \"%.100s\"",
            c->other, c->other == 1 ? " takes" : "s take", norms->concepts.item[c->first_other],
            kept->word[c->other_number].data);
    if (good && c->shared > 0)
        good = xp_strings_addf(
            &kept->duplicates,
            "%zu concept%s from another one in capitals, blanks or underscores alone and ha%s its vector, such as "
            "\"%.100s\" and \"%.100s\"; are they meant to be one?",
            c->shared, c->shared == 1 ? " differs" : "s differ", c->shared == 1 ? "s" : "ve",
            norms->concepts.item[c->sharing[0]], norms->concepts.item[c->sharing[1]]);
    return good;
}

/* Counts concepts that look like another one and have a vector equal to its. */
static bool count_shared(const explaint_norms *norms, size_t width, const double *const *row, counts *c) {
    size_t *earlier = xp_alloc(norms->n_concepts, sizeof *earlier);
    bool good = earlier != NULL && xp_names_alike(&norms->concepts, earlier);
    for (size_t i = 0; i < norms->n_concepts && good; i++) {
        const size_t other = earlier[i];
        if (other == NONE || row[i] == NULL || row[other] == NULL) continue;
        if (row[i] != row[other] && memcmp(row[i], row[other], width * sizeof **row) != 0) continue;
        if (c->shared++ > 0) continue;
        c->sharing[0] = other;
        c->sharing[1] = i;
    }
    xp_free(earlier);
    return good;
}

bool xp_match_rows(const xp_match *m, const explaint_norms *norms, xp_word_rows *kept, const double **row,
                   size_t *matched) {
    counts c = {0};
    size_t words = m->words.word.count, count = xp_wanted_count(&m->words);
    uint8_t *checked = xp_calloc(count, 1); /* other spellings that are taken and looked at */
    bool good = checked != NULL;
    *matched = 0;
    for (size_t i = 0; i < norms->n_concepts && good; i++) {
        size_t number = take(m, i, kept, &c);
        row[i] = number != NONE ? kept->row[number] : NULL;
        *matched += row[i] != NULL;
        if (number == NONE || number < words || checked[number]) continue;
        checked[number] = 1;
        good = xp_word_rows_check(kept, number);
    }
    xp_free(checked);
    good = good && count_shared(norms, kept->width, row, &c);
    return good && note_counts(m, norms, kept, &c);
}
