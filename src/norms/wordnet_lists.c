#include "norms/wordnet_lists.h"

#include <stdlib.h>
#include <string.h>

/* Super-categories: nouns of WordNet 3.0, behind a point the number of the sense that is meant, where it is not the first. Where one lies
 * below another (carnivore below mammal) the nearer one takes the concept. */
static const char categories[] =
    "bird fish insect reptile carnivore ungulate mammal crustacean mollusk edible_fruit vegetable baked_goods "
    "dish.2 beverage meat flavorer seafood sweet.3 tree flower herb shrub plant_organ wheeled_vehicle vessel.2 "
    "aircraft musical_instrument weapon tool furniture clothing footwear footwear.2 headdress building container "
    "kitchen_utensil home_appliance fabric jewelry room machine measuring_instrument electronic_equipment "
    "body_part organ geological_formation body_of_water jewel metallic_element way.6 barrier protective_covering "
    "mechanical_device lamp sports_equipment plaything";

uint32_t xp_wordnet_category(size_t i, xp_view *lemma) {
    const char *at = categories;
    for (; i > 0; i--) at = strchr(at, ' ') + 1;
    *lemma = (xp_view){at, strcspn(at, " .")};
    at += lemma->length;
    return *at == '.' ? (uint32_t)(at[1] - '0') : 1;
}

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
    const xp_view *word = key;
    const char *const *listed = element;
    size_t length = strlen(*listed), shorter = length < word->length ? length : word->length;
    int order = memcmp(word->data, *listed, shorter);
    return order != 0 ? order : (word->length > length) - (word->length < length);
}

bool xp_wordnet_is_stop_word(xp_view word) {
    return bsearch(&word, stop_words, sizeof stop_words / sizeof *stop_words, sizeof *stop_words, compare) != NULL;
}

bool xp_wordnet_is_homograph(xp_view word) {
    return bsearch(&word, homographs, sizeof homographs / sizeof *homographs, sizeof *homographs, compare) != NULL;
}
