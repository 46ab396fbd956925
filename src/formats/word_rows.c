#include "formats/word_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"

static bool grow(xp_word_rows *k, size_t capacity) {
    const double **row = xp_realloc(k->row, capacity, sizeof *row);
    if (row != NULL) k->row = row;
    size_t *place = xp_realloc(k->place, capacity, sizeof *place);
    if (place != NULL) k->place = place;
    xp_view *word = xp_realloc(k->word, capacity, sizeof *word);
    if (word != NULL) k->word = word;
    if (row == NULL || place == NULL || word == NULL) return false;
    k->capacity = capacity;
    return true;
}

bool xp_word_rows_begin(xp_word_rows *k, const xp_wanted *wanted) {
    *k = (xp_word_rows){.wanted = wanted, .all = wanted == NULL, .unit = "line"};
    if (k->all) {
        k->index = xp_index_create(0);
        return k->index != NULL && grow(k, 64);
    }
    size_t count = xp_wanted_count(wanted);
    if (!grow(k, count)) return false;
    k->n = wanted->word.count;
    for (size_t i = 0; i < count; i++) k->row[i] = NULL;
    return true;
}

void xp_word_rows_free(xp_word_rows *k) {
    for (size_t i = 0; i < k->n_owned; i++) xp_free(k->owned[i]);
    xp_free_all(k->owned, (void *)k->row, k->place, k->word);
    xp_index_destroy(k->index);
    xp_strings_free(&k->notes);
    xp_strings_free(&k->duplicates);
    *k = (xp_word_rows){0};
}

size_t xp_word_rows_number(const xp_word_rows *k, xp_view word) {
    return k->all ? XP_ANY_WORD : xp_wanted_number(k->wanted, word);
}

void xp_word_rows_show(xp_word_rows *k, xp_view word) {
    if (k->n_shown == 3 || word.length == 0 || xp_encoding_invalid(word.data, word.length) < word.length) return;
    size_t at = strlen(k->shown);
    snprintf(k->shown + at, sizeof k->shown - at, "%s\"%.*s\"", k->n_shown++ > 0 ? ", " : "", XP_SHOW(word));
}

bool xp_word_rows_own(xp_word_rows *k, void *memory) {
    void **place = xp_grow((void **)&k->owned, k->n_owned, &k->owned_capacity, sizeof *place);
    if (place == NULL) {
        xp_free(memory);
        return false;
    }
    *place = memory;
    k->n_owned++;
    return true;
}

static bool note_again(xp_word_rows *k, size_t number, xp_view word, size_t second) {
    if (k->again++ >= XP_NOTES_SHOWN) return true;
    const char *of = k->list != NULL ? " of " : "", *list = k->list != NULL ? k->list : "";
    bool composed = k->all || xp_view_is(word, k->wanted->word.item[number]);
    return xp_strings_addf(
        &k->duplicates, "the word \"%.*s\" stands in %s %zu%s%.200s and again in %s %zu%s; the first is kept",
        XP_SHOW(word), k->list != NULL ? "line" : k->unit, k->place[number], of, list,
        k->list != NULL ? "line" : k->unit, second, composed ? "" : ", there in decomposed Unicode (NFD)");
}

static bool note_zero(xp_word_rows *k, xp_view word, const double *row, size_t place) {
    for (size_t i = 0; i < k->width; i++)
        if (row[i] != 0) return true;
    if (k->zeros++ >= XP_NOTES_SHOWN) return true;
    return xp_strings_addf(&k->notes, "the vector of \"%.*s\" in %s %zu is zero in every place", XP_SHOW(word), k->unit,
                           place);
}

bool xp_word_rows_check(xp_word_rows *k, size_t number) {
    return note_zero(k, k->word[number], k->row[number], k->place[number]);
}

/* The first of other spellings, with the word, which the note about it shows. */
static bool add_other(xp_word_rows *k, size_t number, xp_view word, const double *row, size_t place) {
    if (k->row[number] != NULL) return true;
    char *own = xp_strndup(word.data, word.length);
    if (own == NULL || !xp_word_rows_own(k, own)) return false;
    k->word[number] = (xp_view){own, word.length};
    k->row[number] = row;
    k->place[number] = place;
    return true;
}

bool xp_word_rows_add(xp_word_rows *k, size_t number, xp_view word, const double *row, size_t place) {
    if (k->all) {
        bool found;
        if (k->n == k->capacity && !grow(k, 2 * k->capacity)) return false;
        if (!xp_index_intern(k->index, word.data, word.length, k->n, &number, &found)) return false;
        if (found) return note_again(k, number, word, place);
        k->word[k->n++] = word;
    } else if (number >= k->n) {
        return add_other(k, number, word, row, place);
    } else if (k->row[number] != NULL) {
        return note_again(k, number, word, place);
    }
    k->row[number] = row;
    k->place[number] = place;
    k->n_rows++;
    return note_zero(k, word, row, place);
}

bool xp_word_rows_copy(xp_word_rows *k, size_t number, xp_view word, const double *row, size_t place) {
    size_t bytes, text = k->all ? word.length + 1 : 0;
    if (xp_mul_overflows(k->width, sizeof *row, &bytes) || bytes + text < bytes) return false;
    double *copy = xp_alloc(bytes + text, 1);
    if (copy == NULL || !xp_word_rows_own(k, copy)) return false;
    memcpy(copy, row, bytes);
    if (text > 0) {
        char *own = (char *)copy + bytes;
        if (word.length > 0) memcpy(own, word.data, word.length);
        own[word.length] = 0;
        word.data = own;
    }
    return xp_word_rows_add(k, number, word, copy, place);
}

bool xp_word_rows_end(xp_word_rows *k) {
    const char *unit = k->list != NULL ? "line" : k->unit;
    const char *of = k->list != NULL ? " of " : "", *list = k->list != NULL ? k->list : "";
    if (k->again > XP_NOTES_SHOWN &&
        !xp_strings_addf(&k->duplicates, "%zu more %ss%s%.200s hold a word again; the first is kept",
                         k->again - XP_NOTES_SHOWN, unit, of, list))
        return false;
    return k->zeros <= XP_NOTES_SHOWN ||
           xp_strings_addf(&k->notes, "%zu more vectors are zero in every place", k->zeros - XP_NOTES_SHOWN);
}
