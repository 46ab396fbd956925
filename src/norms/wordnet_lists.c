#include "norms/wordnet_lists.h"

#include <stdlib.h>
#include <string.h>

/* Super-categories: a noun and the number of its sense in WordNet 3.0. Where one lies below another (carnivore below
 * mammal) the nearer one takes the concept. */
const xp_wordnet_category xp_wordnet_categories[XP_WORDNET_CATEGORIES] = {{"bird", 1},
                                                                          {"fish", 1},
                                                                          {"insect", 1},
                                                                          {"reptile", 1},
                                                                          {"carnivore", 1},
                                                                          {"ungulate", 1},
                                                                          {"mammal", 1},
                                                                          {"crustacean", 1},
                                                                          {"mollusk", 1},
                                                                          {"edible_fruit", 1},
                                                                          {"vegetable", 1},
                                                                          {"baked_goods", 1},
                                                                          {"dish", 2},
                                                                          {"beverage", 1},
                                                                          {"meat", 1},
                                                                          {"flavorer", 1},
                                                                          {"seafood", 1},
                                                                          {"sweet", 3},
                                                                          {"tree", 1},
                                                                          {"flower", 1},
                                                                          {"herb", 1},
                                                                          {"shrub", 1},
                                                                          {"plant_organ", 1},
                                                                          {"wheeled_vehicle", 1},
                                                                          {"vessel", 2},
                                                                          {"aircraft", 1},
                                                                          {"musical_instrument", 1},
                                                                          {"weapon", 1},
                                                                          {"tool", 1},
                                                                          {"furniture", 1},
                                                                          {"clothing", 1},
                                                                          {"footwear", 1},
                                                                          {"footwear", 2},
                                                                          {"headdress", 1},
                                                                          {"building", 1},
                                                                          {"container", 1},
                                                                          {"kitchen_utensil", 1},
                                                                          {"home_appliance", 1},
                                                                          {"fabric", 1},
                                                                          {"jewelry", 1},
                                                                          {"room", 1},
                                                                          {"machine", 1},
                                                                          {"measuring_instrument", 1},
                                                                          {"electronic_equipment", 1},
                                                                          {"body_part", 1},
                                                                          {"organ", 1},
                                                                          {"geological_formation", 1},
                                                                          {"body_of_water", 1},
                                                                          {"jewel", 1},
                                                                          {"metallic_element", 1},
                                                                          {"way", 6},
                                                                          {"barrier", 1},
                                                                          {"protective_covering", 1},
                                                                          {"mechanical_device", 1},
                                                                          {"lamp", 1},
                                                                          {"sports_equipment", 1},
                                                                          {"plaything", 1}};

/* Sorted. Function words, and words by which definitions are phrased; words of one or two letters are dropped anyway. */
static const char *const stop_words[] = {
    "about",         "above",      "after",     "against", "all",        "also",      "although",
    "among",         "and",        "another",   "any",     "are",        "area",      "away",
    "back",          "based",      "because",   "been",    "before",     "being",     "below",
    "between",       "body",       "both",      "but",     "can",        "certain",   "characteristic",
    "characterized", "common",     "commonly",  "consist", "consisting", "contain",   "containing",
    "could",         "different",  "does",      "down",    "during",     "each",      "eight",
    "either",        "especially", "etc",       "every",   "few",        "first",     "five",
    "for",           "form",       "four",      "from",    "further",    "general",   "generally",
    "give",          "given",      "had",       "has",     "have",       "having",    "her",
    "his",           "how",        "including", "into",    "its",        "itself",    "kind",
    "less",          "like",       "made",      "mainly",  "make",       "making",    "many",
    "may",           "member",     "more",      "most",    "mostly",     "much",      "must",
    "near",          "nine",       "not",       "number",  "off",        "often",     "one",
    "only",          "other",      "others",    "out",     "over",       "own",       "part",
    "particular",    "pertaining", "piece",     "place",   "primarily",  "provide",   "provided",
    "put",           "relating",   "same",      "second",  "seven",      "several",   "she",
    "similar",       "single",     "six",       "smaller", "some",       "someone",   "something",
    "sometimes",     "specific",   "such",      "ten",     "than",       "that",      "the",
    "their",         "them",       "then",      "there",   "these",      "they",      "thing",
    "this",          "those",      "three",     "through", "thus",       "together",  "too",
    "toward",        "towards",    "two",       "type",    "typical",    "typically", "under",
    "upon",          "use",        "used",      "uses",    "using",      "usual",     "usually",
    "various",       "very",       "was",       "well",    "were",       "what",      "when",
    "where",         "which",      "while",     "who",     "whose",      "will",      "with",
    "within",        "without",    "would",     "yet",     "you",        "your"};

/* Sorted. Names and other homographs that pass the rule, while newspapers, and so the vectors, mean something else. */
static const char *const homographs[] = {"ani",       "ben",    "boa", "bruin", "cole",     "columbine", "corvette",
                                         "costa",     "dale",   "jak", "jean",  "kamikaze", "lat",       "mac",
                                         "marri",     "medic",  "mei", "milo",  "mina",     "pacer",     "shay",
                                         "springbok", "thrift", "tit", "zaman"};

static int compare(const void *key, const void *element) {
    const xp_slice *word = key;
    const char *const *listed = element;
    size_t length = strlen(*listed), shorter = length < word->length ? length : word->length;
    int order = memcmp(word->text, *listed, shorter);
    return order != 0 ? order : (word->length > length) - (word->length < length);
}

bool xp_wordnet_is_stop_word(xp_slice word) {
    return bsearch(&word, stop_words, sizeof stop_words / sizeof *stop_words, sizeof *stop_words, compare) != NULL;
}

bool xp_wordnet_is_homograph(xp_slice word) {
    return bsearch(&word, homographs, sizeof homographs / sizeof *homographs, sizeof *homographs, compare) != NULL;
}
