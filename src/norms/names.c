#include "norms/names.h"

#include "base/memory.h"

enum { LONGEST_LOOKS = 512 }; /* longer names look like themselves */
enum { PLAIN = 4, SEVERAL = 8, REASONS = XP_NAME_BLANKS | XP_NAME_FORM };

bool xp_names_begin(xp_names *n, xp_strings *list) {
    *n = (xp_names){.list = list, .index = xp_index_create(16), .odd_index = xp_index_create(0)};
    return n->index != NULL && n->odd_index != NULL;
}

void xp_names_free(xp_names *n) {
    xp_index_destroy(n->index);
    xp_index_destroy(n->odd_index);
    xp_strings_free(&n->odd);
    xp_free(n->spellings);
    xp_text_free(&n->room);
    *n = (xp_names){0};
}

static bool intern(xp_strings *list, xp_index *index, xp_view text, size_t *number, bool *is_new) {
    const size_t before = list->count;
    if (before >= UINT32_MAX || !xp_index_number(index, list, text.data, text.length, number)) return false;
    *is_new = *number == before;
    return true;
}

static bool reserve(xp_names *n, size_t number) {
    if (number < n->capacity) return true;
    size_t capacity = 2 * (number + 32);
    uint8_t *grown = xp_realloc(n->spellings, capacity, 1);
    if (grown == NULL) return false;
    memset(grown + n->capacity, 0, capacity - n->capacity);
    n->spellings = grown;
    n->capacity = capacity;
    return true;
}

bool xp_names_number(xp_names *n, xp_view cell, uint32_t *number, bool *is_new) {
    xp_view name;
    unsigned changed;
    size_t stored, odd;
    bool new_spelling = false;
    if (!xp_name(cell, &n->room, &name, &changed) || !intern(n->list, n->index, name, &stored, is_new) ||
        !reserve(n, stored))
        return false;
    uint8_t *seen = &n->spellings[stored];
    if (changed == 0) {
        new_spelling = (*seen & PLAIN) == 0;
        changed = PLAIN;
    } else if (!intern(&n->odd, n->odd_index, cell, &odd, &new_spelling)) {
        return false;
    }
    if (new_spelling && *seen != 0) changed |= SEVERAL;
    *seen = (uint8_t)(*seen | changed);
    *number = (uint32_t)stored;
    return true;
}

const char *xp_names_differ(const xp_names *n, uint32_t number) {
    static const char *const differ[] = {
        "", " (the spellings differ in blanks, which are no part of a name)",
        " (the spellings differ in their Unicode form, NFC and NFD, which is no part of a name)",
        " (the spellings differ in blanks and in their Unicode form, which are no part of a name)"};
    return (n->spellings[number] & SEVERAL) != 0 ? differ[n->spellings[number] & REASONS] : "";
}

/* What names have in common that look alike: without capitals, blanks and underscores in a row as one underscore. */
static xp_view looks(const char *name, char room[LONGEST_LOOKS]) {
    char plain[LONGEST_LOOKS];
    const size_t length = strlen(name);
    size_t n = 0, written = 0;
    if (length <= sizeof plain) {
        for (size_t i = 0; i < length; i++) {
            const bool gap = name[i] == '_' || name[i] == ' ' || (name[i] >= '\t' && name[i] <= '\r');
            if (!gap || n == 0 || plain[n - 1] != '_') plain[n++] = gap ? '_' : name[i];
        }
        written = xp_name_key((xp_view){plain, n}, room, LONGEST_LOOKS);
    }
    return written > 0 ? (xp_view){room, written} : (xp_view){name, length};
}

bool xp_names_alike(const xp_strings *list, size_t *earlier) {
    char room[LONGEST_LOOKS];
    xp_strings keys = {0};
    xp_index *index = xp_index_create(list->count);
    bool found, good = index != NULL;
    for (size_t i = 0; i < list->count && good; i++) {
        const xp_view key = looks(list->item[i], room);
        good = xp_strings_add(&keys, key.data, key.length) &&
               xp_index_intern(index, keys.item[i], key.length, i, &earlier[i], &found);
        if (good && !found) earlier[i] = SIZE_MAX;
    }
    xp_index_destroy(index);
    xp_strings_free(&keys);
    return good;
}

bool xp_names_note_alike(const xp_strings *list, const char *one, const char *many, xp_strings *to) {
    size_t count = 0, first = 0;
    size_t *earlier = xp_alloc(list->count, sizeof *earlier);
    bool good = earlier != NULL && xp_names_alike(list, earlier);
    for (size_t i = 0; i < list->count && good; i++)
        if (earlier[i] != SIZE_MAX && count++ == 0) first = i;
    if (good && count > 0)
        good =
            xp_strings_addf(to,
                            "%zu %s from another one in capitals, blanks or underscores alone, such as \"%.100s\" and "
                            "\"%.100s\": they count as different ones",
                            count, count == 1 ? one : many, list->item[earlier[first]], list->item[first]);
    xp_free(earlier);
    return good;
}

/* Counts the names of several spellings, or of one that is not the name itself; *reasons are of all, *first is one. */
static size_t count(const xp_names *n, bool several, unsigned *reasons, size_t *first) {
    size_t found = 0;
    *reasons = 0;
    for (size_t i = 0; i < n->list->count && i < n->capacity; i++) {
        unsigned seen = n->spellings[i];
        if ((seen & REASONS) == 0 || ((seen & SEVERAL) != 0) != several) continue;
        if (found++ == 0) *first = i;
        *reasons |= seen & REASONS;
    }
    return found;
}

bool xp_names_note(const xp_names *n, const char *what, xp_strings *notes, xp_strings *warnings) {
    static const char *const differ[] = {"", "in blanks (white space of any kind, or characters that nobody sees)",
                                         "in their Unicode form (NFC and NFD)",
                                         "in blanks (any white space, or characters that nobody sees) or Unicode form"};
    static const char *const read[] = {"", "without the blanks around or inside of them", "in composed Unicode (NFC)",
                                       "without the blanks around or inside of them, or in composed Unicode (NFC)"};
    unsigned reasons;
    size_t first = 0, found = count(n, true, &reasons, &first);
    if (found > 0 && !xp_strings_addf(warnings,
                                      "%zu %s%s there in several spellings that differ only %s, such as \"%.100s\": "
                                      "they count as one%s",
                                      found, what, found == 1 ? " stands" : "s stand", differ[reasons],
                                      n->list->item[first], found == 1 ? "" : " each"))
        return false;
    found = count(n, false, &reasons, &first);
    return found == 0 || xp_strings_addf(notes, "%zu %s%s read %s, such as \"%.100s\"", found, what,
                                         found == 1 ? " is" : "s are", read[reasons], n->list->item[first]);
}
