#include "formats/wanted.h"

#include "base/memory.h"
#include "base/name.h"

/* Longer words, which nobody asks for, are known in their exact spelling only. */
enum { LONGEST_KEY = 512 };

bool xp_wanted_begin(xp_wanted *w, size_t expected) {
    *w = (xp_wanted){.words = xp_index_create(expected), .keys = xp_index_create(expected)};
    return w->words != NULL && w->keys != NULL;
}

void xp_wanted_free(xp_wanted *w) {
    xp_strings_free(&w->word);
    xp_strings_free(&w->key);
    xp_free(w->group);
    xp_index_destroy(w->words);
    xp_index_destroy(w->keys);
    *w = (xp_wanted){0};
}

static xp_view key_of(xp_view word, char room[LONGEST_KEY]) {
    size_t length = xp_name_key(xp_view_trim(word), room, LONGEST_KEY);
    return length > 0 ? (xp_view){room, length} : word;
}

bool xp_wanted_add(xp_wanted *w, xp_view word, size_t *number) {
    char room[LONGEST_KEY];
    const size_t before = w->word.count;
    size_t *group = xp_grow((void **)&w->group, before, &w->capacity, sizeof *group);
    if (group == NULL || !xp_index_number(w->words, &w->word, word.data, word.length, number)) return false;
    const xp_view key = key_of(word, room);
    return *number < before || xp_index_number(w->keys, &w->key, key.data, key.length, group);
}

size_t xp_wanted_count(const xp_wanted *w) { return w->word.count + w->key.count; }

size_t xp_wanted_other(const xp_wanted *w, size_t number) { return w->word.count + w->group[number]; }

size_t xp_wanted_number(const xp_wanted *w, xp_view word) {
    char room[LONGEST_KEY];
    size_t group, number, length;
    xp_view key = key_of(word, room);
    if (!xp_index_find(w->keys, key.data, key.length, &group)) return XP_NOT_WANTED; /* nearly always */
    length = xp_name_composed(word, room, LONGEST_KEY);
    if (length > 0) word = (xp_view){room, length};
    return xp_index_find(w->words, word.data, word.length, &number) ? number : w->word.count + group;
}
