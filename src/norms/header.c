#include "norms/header.h"

#include <stdio.h>
#include <string.h>

/* ---- words of a name ---- */

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_letter(char c) {
    return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

/* The next word of name from *at on: its place; false: there is none. A word ends at a sign, and before the capital of
 * another one: WordLength. */
static bool next_word(xp_view name, size_t *at, size_t *begin, size_t *end) {
    while (*at < name.length && !is_letter(name.data[*at])) ++*at;
    *begin = *at;
    while (*at < name.length && is_letter(name.data[*at])) {
        if (*at > *begin && is_upper(name.data[*at]) && !is_upper(name.data[*at - 1])) break;
        ++*at;
    }
    *end = *at;
    return *end > *begin;
}

/* Words that mean one of the lists below. */
static void shorten(char *key) {
    static const char *const phrases[][2] = {
        {"standard_deviation", "sd"}, {"standard_dev", "sd"}, {"std_dev", "sd"}, {"st_dev", "sd"}, {"s_d", "sd"},
        {"standard_error", "se"},     {"std_err", "se"}};
    for (size_t k = 0; k < sizeof phrases / sizeof *phrases; k++) {
        const size_t length = strlen(phrases[k][0]);
        for (char *at = key; (at = strstr(at, phrases[k][0])) != NULL; at++) {
            if ((at != key && at[-1] != '_') || (at[length] != 0 && at[length] != '_')) continue;
            memcpy(at, phrases[k][1], 2);
            memmove(at + 2, at + length, strlen(at + length) + 1);
        }
    }
}

void xp_header_key(xp_view name, char key[XP_HEADER_KEY]) {
    size_t length = 0, at = 0, begin, end;
    while (next_word(name, &at, &begin, &end)) {
        if (length + (length > 0) + (end - begin) >= XP_HEADER_KEY) {
            length = 0;
            break;
        }
        if (length > 0) key[length++] = '_';
        for (; begin < end; begin++) key[length++] = xp_lower_ascii(name.data[begin]);
    }
    key[length] = 0;
    shorten(key);
}

void xp_header_list(const xp_csv *csv, xp_text *list) {
    enum { SHOWN = 600 };
    size_t k = 0;
    for (; k < csv->width && list->length < SHOWN; k++)
        if (xp_view_trim(csv->header[k].text).length > 0)
            xp_text_addf(list, "%s%.*s", list->length > 0 ? ", " : "", XP_SHOW(csv->header[k].text));
    if (k < csv->width) xp_text_addf(list, " and %zu more", csv->width - k);
    if (list->length == 0) xp_text_adds(list, "none with a name");
}

bool xp_header_matches(const char *pattern, const char *name) {
    const char *star = NULL, *again = NULL;
    while (*name != 0) {
        if (*pattern == '*') {
            star = ++pattern;
            again = name;
        } else if (*pattern == '?' || *pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star;
            name = ++again;
        } else {
            return false;
        }
    }
    while (*pattern == '*') pattern++;
    return *pattern == 0;
}

/* ---- lists of words ---- */

size_t xp_header_place(const char *words, const char *word, size_t length) {
    for (size_t place = 0, size; *words != 0; words += size + (words[size] == ' '), place++) {
        size = strcspn(words, " ");
        if (size == length && memcmp(words, word, length) == 0) return place;
    }
    return SIZE_MAX;
}

static bool among(const char *words, const char *word, size_t length) {
    return xp_header_place(words, word, length) < SIZE_MAX;
}

/* How often, how long, how many, which one: of a word, not of what it means. */
static const char sure[] =
    "id ids idx uid rowid wordid itemid rownum nr nummer freq freqs frequency frequencies wordfreq logfreq "
    "h\xc3\xa4ufigkeit haeufigkeit frequenz wordfrequency permillion kf fr\xc3\xa9quence frequence zipf subtlex "
    "subtlwf subtlcd lgsubtlwf lg10wf lg10cd wf kucera celex bnc coca hal nletters nlet nlett nchar nchars chars "
    "characters l\xc3\xa4nge laenge longueur buchstaben lettres wordlength wordlen syll sylls nsyll nsyl "
    "nsyllables silben nphon nphones nphonemes nmorph orthn old20 pld20 bigram bigrams sd std stdev stddev sem "
    "nobs nraters raters respondents participants minkowski minkowski3 exclusivity dunno occurtotal occurnum "
    "standardabweichung stdabw";

static const char perhaps[] =
    "length len letters letter syllables syllable phonemes phoneme n ns count counts index total known unknown se "
    "var variance";

/* Together with others of these lists. */
static const char beside[] =
    "age percent pct list row strength max min median rt acc accuracy code rank order ratings orthographic "
    "phonological neighbours neighbors neighborhood neighbourhood occurrences";

static const char neutral[] =
    "word item concept log lg lg10 log10 ln mean avg average m sum raw per pm million mill mil num number no of "
    "in the perceptual sensorimotor us uk norm norms rating nb de anzahl der nombre";

xp_header_hint xp_header_hints(const char *key) {
    size_t words = 0, n_sure = 0, n_perhaps = 0, n_beside = 0, n_other = 0;
    bool outer = false; /* the first or the last word is a sure one: lexique_freq */
    for (const char *at = key; *at != 0;) {
        size_t length = strcspn(at, "_");
        const bool is_sure = among(sure, at, length);
        n_sure += is_sure;
        outer = outer || (is_sure && (words == 0 || at[length] == 0));
        if (!is_sure && among(perhaps, at, length))
            n_perhaps++;
        else if (!is_sure && among(beside, at, length))
            n_beside++;
        else if (!is_sure && !among(neutral, at, length))
            n_other++;
        words++;
        at += length + (at[length] == '_');
    }
    if (n_other > 0) return outer ? XP_HINT_PERHAPS : XP_HINT_NONE;
    if (n_sure > 0 || (words > 1 && n_perhaps + n_beside > 0)) return XP_HINT_SURE;
    return n_perhaps > 0 ? XP_HINT_PERHAPS : XP_HINT_NONE;
}

bool xp_header_of_people(xp_view name) {
    static const char of_people[] =
        "participant participants subject subjects subj sub ppt pid id ids respondent rater person worker vp "
        "proband sujet vpn trial order rank position age session block list year index nr row rt time response "
        "versuchsperson";
    char key[XP_HEADER_KEY];
    xp_header_key(name, key);
    for (const char *at = key; *at != 0;) {
        size_t length = strcspn(at, "_");
        if (among(of_people, at, length)) return true;
        at += length + (at[length] == '_');
    }
    return strncmp(key, "unnamed_", 8) == 0;
}

/* Words for a summary, and what may stand beside them. */
bool xp_header_of_summary(const char *name) {
    static const char summaries[] =
        "total totals sum sums mean means average averages avg m mw sd std stdev se sem n count min minimum max "
        "maximum median variance summe summen gesamt gesamtsumme insgesamt mittelwert mittelwerte mittel durchschnitt "
        "standardabweichung stabw anzahl moyenne somme total totaux promedio suma totale somma";
    static const char beside_them[] = "grand column columns overall all of the per";
    char key[XP_HEADER_KEY];
    bool found = false;
    xp_header_key((xp_view){name, strlen(name)}, key);
    for (const char *at = key; *at != 0;) {
        const size_t length = strcspn(at, "_");
        if (among(summaries, at, length))
            found = true;
        else if (!among(beside_them, at, length) && strspn(at, "0123456789") < length)
            return false;
        at += length + (at[length] == '_');
    }
    return found;
}

/* ---- deviations and counts beside means ---- */

/* Beside a column of the same name without the word, or with "mean"; the others only beside a mean. */
static const char spread[] = "sd std stdev stddev stdabw se sem var variance n";
static const char beside_mean[] = "nobs count rat ratings raters known min max median";

/* Of each pair both stand beside the mean. */
static const char *const bounds[][2] = {{"lower", "upper"}, {"lwr", "upr"}, {"low", "high"},
                                        {"lo", "hi"},       {"lcl", "ucl"}, {"lci", "uci"},
                                        {"ll", "ul"},       {"lb", "ub"},   {"min", "max"}};
enum { BOUNDS = sizeof bounds / sizeof *bounds };

/* The bound on the other side of this word, or NULL: it is none. */
static const char *other_bound(const char *word, size_t length) {
    for (size_t k = 0; k < BOUNDS; k++)
        for (size_t side = 0; side < 2; side++)
            if (strlen(bounds[k][side]) == length && memcmp(bounds[k][side], word, length) == 0)
                return bounds[k][1 - side];
    return NULL;
}

/* AuditorySD is two words, and auditorysd beside auditorymean is not. */
static bool has_mean_without_sign(const char *key, bool (*found)(void *context, const char *key), void *context) {
    static const char *const ends[] = {"sd", "std"}, *const means[] = {"mean", "m", "avg"};
    const size_t length = strlen(key);
    char other[XP_HEADER_KEY + 16];
    for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
        const size_t end = strlen(ends[e]);
        if (length <= end || strcmp(key + length - end, ends[e]) != 0) continue;
        for (size_t k = 0; k < sizeof means / sizeof *means; k++) {
            snprintf(other, sizeof other, "%.*s%s", (int)(length - end), key, means[k]);
            if (found(context, other)) return true;
        }
    }
    return false;
}

/* The key with another word in place of the one at `at`; with none if that is empty. */
static void replace_word(const char *key, const char *at, size_t length, const char *word,
                         char other[XP_HEADER_KEY + 16]) {
    const char *rest = at + length;
    size_t before = (size_t)(at - key);
    if (word[0] == 0 && *rest == '_') rest++;
    if (word[0] == 0 && *rest == 0 && before > 0) before--;
    snprintf(other, XP_HEADER_KEY + 16, "%.*s%s%s", (int)before, key, word, rest);
}

bool xp_header_mean_of(const char *key, bool (*found)(void *context, const char *key), void *context) {
    static const char *const means[] = {"", "mean", "m", "avg", "average", "mw", "mittelwert", "moyenne"};
    for (const char *at = key; *at != 0;) {
        char other[XP_HEADER_KEY + 16];
        const size_t length = strcspn(at, "_");
        const char *bound = other_bound(at, length);
        bool without = among(spread, at, length);
        const bool with = without || among(beside_mean, at, length);
        if (bound != NULL) {
            replace_word(key, at, length, bound, other);
            without = found(context, other);
        }
        for (size_t k = without ? 0 : 1; (with || without) && k < sizeof means / sizeof *means; k++) {
            replace_word(key, at, length, means[k], other);
            if (other[0] != 0 && found(context, other)) return true;
        }
        at += length + (at[length] == '_');
    }
    return has_mean_without_sign(key, found, context);
}

bool xp_header_spread_part(const char *name, size_t *begin, size_t *end) {
    const xp_view whole = {name, strlen(name)};
    for (size_t at = 0, from, to; next_word(whole, &at, &from, &to);) {
        char word[16];
        size_t length = to - from;
        if (length >= sizeof word || length == whole.length) continue;
        for (size_t i = 0; i < length; i++) word[i] = xp_lower_ascii(name[from + i]);
        if (!among(spread, word, length) && !among(beside_mean, word, length) && other_bound(word, length) == NULL)
            continue;
        *begin = from > 0 && !is_letter(name[from - 1]) ? from - 1 : from;
        *end = name[to] != 0 && !is_letter(name[to]) ? to + 1 : to;
        return true;
    }
    return false;
}
