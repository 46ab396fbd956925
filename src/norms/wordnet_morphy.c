#include "norms/wordnet_morphy.h"

#include <string.h>

typedef struct rule {
    char suffix[5], ending[4];
} rule;

/* The table of morphy(7WN). Adverbs have only their exception list. */
static const rule noun_rules[] = {{"s", ""},      {"ses", "s"},   {"xes", "x"},   {"zes", "z"},
                                  {"ches", "ch"}, {"shes", "sh"}, {"men", "man"}, {"ies", "y"}};
static const rule verb_rules[] = {{"s", ""},   {"ies", "y"}, {"es", "e"},  {"es", ""},
                                  {"ed", "e"}, {"ed", ""},   {"ing", "e"}, {"ing", ""}};
static const rule adjective_rules[] = {{"er", ""}, {"est", ""}, {"er", "e"}, {"est", "e"}};

static const struct {
    const rule *rules;
    size_t count;
} tables[XP_N_POS] = {[XP_NOUN] = {noun_rules, sizeof noun_rules / sizeof *noun_rules},
                      [XP_VERB] = {verb_rules, sizeof verb_rules / sizeof *verb_rules},
                      [XP_ADJECTIVE] = {adjective_rules, sizeof adjective_rules / sizeof *adjective_rules},
                      [XP_ADVERB] = {NULL, 0}};

static bool ends_in(const char *word, size_t length, const char *suffix) {
    size_t n = strlen(suffix);
    return length >= n && memcmp(word + length - n, suffix, n) == 0;
}

static bool detach(const xp_wordnet *w, xp_wordnet_pos pos, const char *word, size_t length, char *base) {
    const char *tail = ""; /* "boxesful": the plural stands before -ful */
    if (pos == XP_NOUN) {
        if (length <= 2 || ends_in(word, length, "ss")) return false;
        if (ends_in(word, length, "ful")) {
            tail = "ful";
            length -= 3;
        }
    }
    for (size_t i = 0; i < tables[pos].count; i++) {
        const rule *try = &tables[pos].rules[i];
        if (!ends_in(word, length, try->suffix)) continue;
        size_t stem = length - strlen(try->suffix), ending = strlen(try->ending), rest = strlen(tail);
        if (stem + ending + rest > XP_MORPHY_MAX) continue;
        memcpy(base, word, stem);
        memcpy(base + stem, try->ending, ending);
        memcpy(base + stem + ending, tail, rest);
        base[stem + ending + rest] = 0;
        if (xp_wordnet_lemma(w, pos, base, stem + ending + rest) != NULL) return true;
    }
    return false;
}

bool xp_wordnet_morphy(const xp_wordnet *w, xp_wordnet_pos pos, const char *word, size_t length, char *base) {
    if (length == 0 || length > XP_MORPHY_MAX) return false;
    size_t at;
    if (xp_index_find(w->by_inflected[pos], word, length, &at)) {
        xp_view form = w->exceptions[pos][at].base;
        if (form.length > XP_MORPHY_MAX) return false;
        memcpy(base, form.data, form.length);
        base[form.length] = 0;
        return true;
    }
    if (xp_wordnet_lemma(w, pos, word, length) != NULL) {
        memcpy(base, word, length);
        base[length] = 0;
        return true;
    }
    return detach(w, pos, word, length, base);
}

bool xp_wordnet_morphy_inflected(const xp_wordnet *w, xp_wordnet_pos pos, const char *word, size_t length) {
    if (length == 0 || length > XP_MORPHY_MAX) return false;
    size_t at;
    if (xp_index_find(w->by_inflected[pos], word, length, &at)) {
        xp_view form = w->exceptions[pos][at].base;
        return !xp_view_equal(form, (xp_view){word, length});
    }
    char base[XP_MORPHY_MAX + 1];
    return detach(w, pos, word, length, base);
}
