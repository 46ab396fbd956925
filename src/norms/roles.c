#include "norms/roles.h"

#include "base/memory.h"
#include "base/name.h"
#include "norms/header.h"

/* ---- names of columns ---- */

/* How people head the column of concepts; the first ones also where another column of text stands before it. */
static const char concept_names[] =
    "concept word cue item wort begriff konzept mot stimulus target noun exemplar concepts words stimuli lemma "
    "term name";
enum { STRONG_NAMES = 9 };
#define ALL_NAMES SIZE_MAX

static size_t rank(const xp_csv *csv, size_t k, const char *names) {
    char key[XP_HEADER_KEY];
    xp_header_key(csv->header[k].text, key);
    return xp_header_place(names, key, strlen(key));
}

/* How people head the column of values; of several kinds the first is taken. What a rating is comes before how many gave it. */
typedef enum value_kind { PRODUCTION, RATINGS, FREQUENCIES, PEOPLE, SHARES, RESPONSES, VALUE_KINDS } value_kind;
static const char *const value_names[VALUE_KINDS] = {
    [PRODUCTION] = "pf production_frequency prodfreq production_freq prod_freq_sum",
    [RATINGS] =
        "mean m avg average values rating ratings score scores bewertung mittelwert mw durchschnitt wert valeur "
        "moyenne valor valore promedio media punteggio puntuacion",
    [FREQUENCIES] =
        "freq frequency h\xc3\xa4ufigkeit haeufigkeit fr\xc3\xa9quence frequence frecuencia frequenza frequenz "
        "listing_frequency",
    [PEOPLE] = "count counts n anzahl effectif nombre n_participants number_of_participants no_of_participants "
               "of_participants n_people n_responses",
    [SHARES] =
        "percentage percent pct perc proportion prop share weight strength anteil prozent gewicht pourcentage poids "
        "relative_frequency rel_freq association_strength",
    [RESPONSES] = "response responses answer antwort r\xc3\xa9ponse reponse"};

/* mean_rating, rating_avg, MeanScore, rating_1_7: words of ratings, and numbers, alone; or of anything, mean_typicality, where
 * the first or the last word is that for a mean. */
static bool is_mean(const char *key, bool of_anything) {
    static const char means[] = "mean avg average mittelwert mw durchschnitt moyenne promedio media";
    bool alone = true, outer = false;
    for (const char *at = key; *at != 0;) {
        const size_t length = strcspn(at, "_");
        const bool number = strspn(at, "0123456789") >= length;
        alone = alone && (number || xp_header_place(value_names[RATINGS], at, length) < SIZE_MAX);
        if ((at == key || at[length] == 0) && xp_header_place(means, at, length) < SIZE_MAX) outer = true;
        at += length + (at[length] == '_');
    }
    return key[0] != 0 && (alone || (of_anything && outer));
}

/* The kind of values that a column is called after, and its place among their names; VALUE_KINDS: none. */
static value_kind value_kind_of(const xp_csv *csv, size_t k, size_t *place) {
    for (value_kind kind = PRODUCTION; kind < VALUE_KINDS; kind++)
        if ((*place = rank(csv, k, value_names[kind])) < SIZE_MAX) return kind;
    char key[XP_HEADER_KEY];
    xp_header_key(csv->header[k].text, key);
    const bool number = strspn(key, "0123456789_") == strlen(key);
    if (number || xp_header_of_people(csv->header[k].text) || !is_mean(key, true)) return VALUE_KINDS;
    *place = is_mean(key, false) ? SIZE_MAX - 2 : SIZE_MAX - 1;
    return RATINGS;
}

static bool is_free(const xp_roles *r, size_t k) { return r->use[k] != XP_USE_DROPPED && r->use[k] != XP_USE_ROLE; }

/* A column of words and one of the first `count` names of concepts, that is free yet; the first name wins. */
static size_t find_concepts(const xp_roles *r, const xp_csv *csv, const xp_survey *s, size_t count) {
    size_t best = csv->width, lowest = count;
    for (size_t k = 0; k < csv->width; k++) {
        if (!is_free(r, k) || s->column[k].content != XP_WORDS) continue;
        size_t n = rank(csv, k, concept_names);
        if (n >= lowest) continue;
        lowest = n;
        best = k;
    }
    return best;
}

size_t xp_roles_concepts_by_name(const xp_csv *csv) {
    size_t best = csv->width, lowest = SIZE_MAX;
    for (size_t k = 0; k < csv->width; k++) {
        const size_t place = rank(csv, k, concept_names);
        if (place >= lowest) continue;
        lowest = place;
        best = k;
    }
    return best;
}

/* Somebody is named beside the column, or a turn: a response is then perhaps the first, second, third that they gave. */
static bool beside_people(const xp_roles *r, const xp_csv *csv, size_t column) {
    for (size_t k = 0; k < csv->width; k++)
        if (k != column && r->use[k] != XP_USE_DROPPED && xp_header_of_people(csv->header[k].text) &&
            rank(csv, k, "rt response_time reaction_time") == SIZE_MAX)
            return true;
    return false;
}

/* A column of numbers that is called like values and is free yet. */
static size_t find_values(const xp_roles *r, const xp_csv *csv, const xp_survey *s) {
    size_t best = csv->width, lowest = SIZE_MAX;
    value_kind first = VALUE_KINDS;
    for (size_t k = 0; k < csv->width; k++) {
        size_t place;
        const xp_content content = s->column[k].content;
        if (!is_free(r, k) || (content != XP_NUMBERS && content != XP_TRUTHS)) continue;
        const value_kind kind = value_kind_of(csv, k, &place);
        if (kind == VALUE_KINDS || kind > first || (kind == first && place >= lowest)) continue;
        if (kind == RESPONSES && beside_people(r, csv, k)) continue;
        first = kind;
        lowest = place;
        best = k;
    }
    return best;
}

/* ---- choices on the command line ---- */

/* One item of a list with commas between; in double quotes an item may hold commas. NULL: there is none left. */
static const char *next_item(const char *at, xp_text *item) {
    bool quoted = false;
    item->length = 0;
    xp_text_adds(item, "");
    if (*at == 0) return NULL;
    for (; *at != 0 && (quoted || *at != ','); at++) {
        if (*at == '"' && quoted && at[1] == '"') {
            xp_text_add(item, at++, 1);
        } else if (*at == '"') {
            quoted = !quoted;
        } else {
            xp_text_add(item, at, 1);
        }
    }
    return *at == ',' ? at + 1 : at;
}

typedef struct chooser {
    xp_roles *r;
    const xp_csv *csv;
    explaint_error *error;
    const char *option;      /* for messages */
    xp_strings exact, lower; /* the header's names, as names and in lower case */
    xp_text item;
} chooser;

static bool name_of(xp_view cell, xp_strings *exact, xp_strings *lower) {
    xp_text room = {0}, small = {0};
    xp_view name;
    unsigned changed;
    bool good = xp_name(cell, &room, &name, &changed) && xp_strings_add(exact, name.data, name.length) &&
                xp_name_lower(name, &small) && xp_strings_add(lower, small.length > 0 ? small.data : "", small.length);
    xp_text_free(&room);
    xp_text_free(&small);
    return good;
}

static explaint_status no_such_column(const chooser *c, const char *name) {
    xp_text list = {0};
    xp_header_list(c->csv, &list);
    return xp_text_fail(&list, "names of columns", c->error, EXPLAINT_USAGE, c->csv->path, 0,
                        "there is no column \"%.80s\" (%s); the table has: %s", name, c->option, list.data);
}

/* The column of a name; capitals count only if that tells two columns apart. */
static explaint_status find_column(const chooser *c, const char *text, size_t *column) {
    xp_strings exact = {0}, lower = {0};
    explaint_status status = name_of((xp_view){text, strlen(text)}, &exact, &lower)
                                 ? EXPLAINT_OK
                                 : xp_no_memory(c->error, "names of columns");
    size_t found = 0;
    for (int pass = 0; pass < 2 && found == 0 && status == EXPLAINT_OK; pass++)
        for (size_t k = 0; k < c->csv->width; k++) {
            const xp_strings *names = pass == 0 ? &c->exact : &c->lower;
            if (strcmp(names->item[k], (pass == 0 ? exact : lower).item[0]) != 0) continue;
            if (found++ == 0) *column = k;
        }
    xp_strings_free(&exact);
    xp_strings_free(&lower);
    if (status != EXPLAINT_OK) return status;
    if (found == 0) return no_such_column(c, text);
    if (found == 1) return EXPLAINT_OK;
    return xp_fail(c->error, EXPLAINT_USAGE, c->csv->path, 0,
                   "%zu columns are called \"%.80s\" (%s); rename all but one", found, text, c->option);
}

/* A name that holds a star is itself first, and a pattern only if no column is called so. */
static explaint_status drop(const chooser *c, const char *text) {
    const bool pattern = strpbrk(text, "*?") != NULL;
    size_t found = 0, column = 0;
    for (int pass = 0; pass < (pattern ? 2 : 1) && found == 0; pass++)
        for (size_t k = 0; k < c->csv->width; k++) {
            const char *name = c->exact.item[k];
            if (pass == 0 ? strcmp(name, text) != 0 : !xp_header_matches(text, name)) continue;
            c->r->use[k] = XP_USE_DROPPED;
            found++;
        }
    if (found > 0) return EXPLAINT_OK;
    explaint_status status = find_column(c, text, &column);
    if (status == EXPLAINT_OK) c->r->use[column] = XP_USE_DROPPED;
    return status;
}

static size_t *role_of(xp_roles *r, xp_view name) {
    return xp_view_is(name, "concept")    ? &r->concept
           : xp_view_is(name, "feature")  ? &r->feature
           : xp_view_is(name, "value")    ? &r->value
           : xp_view_is(name, "relation") ? &r->relation
           : xp_view_is(name, "category") ? &r->category
                                          : NULL;
}

static explaint_status choose(const chooser *c, const char *text) {
    const char *equals = strchr(text, '=');
    size_t *role = equals != NULL ? role_of(c->r, xp_view_trim((xp_view){text, (size_t)(equals - text)})) : NULL;
    if (role == NULL || xp_view_trim((xp_view){equals + 1, strlen(equals + 1)}).length == 0)
        return xp_fail(
            c->error, EXPLAINT_USAGE, c->csv->path, 0,
            "--columns: expected concept=, feature=, value=, relation= or category= and the name of a column, "
            "found \"%.80s\"",
            text);
    if (*role < c->csv->width)
        return xp_fail(c->error, EXPLAINT_USAGE, c->csv->path, 0, "--columns: \"%.*s\" is given twice",
                       (int)(equals - text), text);
    explaint_status status = find_column(c, equals + 1, role);
    if (status != EXPLAINT_OK) return status;
    if (c->r->use[*role] == XP_USE_ROLE || c->r->use[*role] == XP_USE_DROPPED)
        return xp_fail(c->error, EXPLAINT_USAGE, c->csv->path, 0,
                       "the column \"%.80s\" is asked for twice (--columns, --drop-columns)", equals + 1);
    c->r->use[*role] = XP_USE_ROLE;
    return EXPLAINT_OK;
}

static explaint_status each(chooser *c, const char *option, const char *list,
                            explaint_status (*take)(const chooser *, const char *)) {
    explaint_status status = EXPLAINT_OK;
    c->option = option;
    for (const char *at = list; list != NULL && status == EXPLAINT_OK && (at = next_item(at, &c->item)) != NULL;)
        status = c->item.failed ? xp_no_memory(c->error, "names of columns") : take(c, c->item.data);
    return status;
}

static explaint_status read_choices(xp_roles *r, const xp_csv *csv, const explaint_norms_options *o,
                                    explaint_error *error) {
    chooser c = {.r = r, .csv = csv, .error = error};
    bool good = true;
    if (o->columns == NULL && o->drop_columns == NULL) return EXPLAINT_OK;
    for (size_t k = 0; k < csv->width && good; k++) good = name_of(csv->header[k].text, &c.exact, &c.lower);
    explaint_status status =
        good ? each(&c, "--drop-columns", o->drop_columns, drop) : xp_no_memory(error, "names of columns");
    if (status == EXPLAINT_OK) status = each(&c, "--columns", o->columns, choose);
    xp_strings_free(&c.exact);
    xp_strings_free(&c.lower);
    xp_text_free(&c.item);
    return status;
}

/* ---- what is left to find ---- */

static void take(xp_roles *r, const xp_csv *csv, size_t *role, size_t column) {
    if (*role < csv->width || column == csv->width) return;
    *role = column;
    r->use[column] = XP_USE_ROLE;
}

/* The column of exactly this name, but for capitals and outer blanks. */
static size_t called(const xp_roles *r, const xp_csv *csv, const char *name) {
    for (size_t k = 0; k < csv->width; k++)
        if (r->use[k] != XP_USE_DROPPED && r->use[k] != XP_USE_ROLE &&
            xp_view_is_nocase(xp_view_trim(csv->header[k].text), name))
            return k;
    return csv->width;
}

static void find_long(xp_roles *r, const xp_csv *csv, const xp_survey *s) {
    take(r, csv, &r->concept, called(r, csv, "concept"));
    take(r, csv, &r->concept, find_concepts(r, csv, s, ALL_NAMES));
    take(r, csv, &r->feature, called(r, csv, "feature"));
    take(r, csv, &r->value, called(r, csv, "value"));
    take(r, csv, &r->value, called(r, csv, "prod_freq"));
    r->value_by_name = r->value == csv->width;
    take(r, csv, &r->value, find_values(r, csv, s));
    r->value_by_name = r->value_by_name && r->value < csv->width;
    take(r, csv, &r->relation, called(r, csv, "relation"));
    take(r, csv, &r->relation, called(r, csv, "type"));
    take(r, csv, &r->category, called(r, csv, "category"));
    for (size_t k = 0; k < csv->width; k++)
        if (r->use[k] == XP_USE_FEATURE) r->use[k] = XP_USE_IGNORED;
}

/* The concepts of a wide table stand in its first column; but not where that one holds numbers and another one words, nor
 * where another one of words is called concept, word, cue or item and the first is not. */
static size_t concepts_of_wide(const xp_roles *r, const xp_csv *csv, const xp_survey *s) {
    size_t first = 0;
    while (first < csv->width && r->use[first] != XP_USE_FEATURE) first++;
    if (first == csv->width) return first;
    const bool words = s->column[first].content == XP_WORDS || s->column[first].content == XP_NOTHING;
    if (words && rank(csv, first, concept_names) < SIZE_MAX) return first;
    size_t named = find_concepts(r, csv, s, words ? STRONG_NAMES : ALL_NAMES);
    if (named < csv->width) return named;
    for (size_t k = first; k < csv->width && !words; k++)
        if (r->use[k] == XP_USE_FEATURE && s->column[k].content == XP_WORDS &&
            !xp_view_is_nocase(xp_view_trim(csv->header[k].text), "category"))
            return k;
    return first;
}

static bool has_no_name(const xp_csv *csv, size_t k) {
    xp_view name = xp_view_trim(csv->header[k].text);
    return name.length == 0 || (name.length > 9 && memcmp(name.data, "Unnamed: ", 9) == 0); /* as pandas says it */
}

static void find_wide(xp_roles *r, const xp_csv *csv, const xp_survey *s) {
    take(r, csv, &r->concept, concepts_of_wide(r, csv, s));
    take(r, csv, &r->category, called(r, csv, "category"));
    for (size_t k = 0; k < csv->width; k++) {
        const xp_column *c = &s->column[k];
        if (r->use[k] != XP_USE_FEATURE) continue;
        if (c->content == XP_NOTHING && has_no_name(csv, k)) r->use[k] = XP_USE_NOTHING;
        if (c->content == XP_WORDS && xp_view_trim(csv->header[k].text).length > 0) r->use[k] = XP_USE_WORDS;
        if (k < r->concept && (has_no_name(csv, k) || c->runs)) r->use[k] = XP_USE_INDEX;
    }
}

/* What a table cannot do without, and does not have: "concept" or "feature"; NULL: nothing. */
static const char *find_missing(const xp_roles *r, const xp_csv *csv, const xp_survey *s) {
    bool dropped = false, dropped_words = false;
    for (size_t k = 0; k < csv->width; k++) {
        if (r->use[k] != XP_USE_DROPPED) continue;
        xp_view name = xp_view_trim(csv->header[k].text);
        dropped_words = dropped_words || s->column[k].content == XP_WORDS;
        dropped = dropped || xp_view_is_nocase(name, "concept");
        if (r->feature == csv->width && xp_view_is_nocase(name, "feature") && s->column[k].content == XP_WORDS)
            return "feature";
    }
    if (r->concept == csv->width || (dropped && !r->is_long)) return "concept";
    if (dropped_words && s->column[r->concept].content != XP_WORDS) return "concept";
    return (r->is_long && r->feature == csv->width) || (!r->is_long && r->value < csv->width) ? "feature" : NULL;
}

static explaint_status check_roles(const xp_roles *r, const xp_csv *csv, const xp_survey *s,
                                   const explaint_norms_options *o, explaint_error *error) {
    xp_text list = {0};
    if (o->columns == NULL && o->drop_columns == NULL) return EXPLAINT_OK;
    const char *missing = find_missing(r, csv, s);
    if (missing == NULL) return EXPLAINT_OK;
    xp_header_list(csv, &list);
    return xp_text_fail(&list, "names of columns", error, EXPLAINT_USAGE, csv->path, 0,
                        "no column is left for the %ss; name it with --columns %s=NAME; the table has: %s", missing,
                        missing, list.data);
}

/* Columns called concept and feature; of many columns neither may be of numbers, since any word may be a feature. Or one
 * called feature that holds text beside one of concepts under another name. */
static bool is_long(const xp_roles *r, const xp_csv *csv, const xp_survey *s) {
    enum { FEW = 12 };
    const size_t feature = r->feature < csv->width ? r->feature : called(r, csv, "feature");
    if (feature == csv->width) return false;
    if (r->feature < csv->width || r->concept < csv->width) return true;
    const bool words = s->column[feature].content == XP_WORDS;
    return (called(r, csv, "concept") < csv->width && (words || csv->width <= FEW)) ||
           (words && find_concepts(r, csv, s, ALL_NAMES) < csv->width);
}

explaint_status xp_roles_find(xp_roles *r, const xp_csv *csv, const xp_survey *s, const explaint_norms_options *o,
                              explaint_error *error) {
    const size_t none = csv->width;
    *r = (xp_roles){false, none, none, none, none, none, false, xp_calloc(csv->width, sizeof *r->use)};
    if (r->use == NULL) return xp_no_memory(error, "norms");
    explaint_status status = read_choices(r, csv, o, error);
    if (status == EXPLAINT_OK) {
        r->is_long = is_long(r, csv, s);
        if (r->is_long)
            find_long(r, csv, s);
        else
            find_wide(r, csv, s);
        status = check_roles(r, csv, s, o, error);
    }
    if (status != EXPLAINT_OK) xp_roles_free(r);
    return status;
}

void xp_roles_free(xp_roles *r) {
    xp_free(r->use);
    *r = (xp_roles){0};
}

/* ---- what to say ---- */

static bool list_columns(const xp_roles *r, const xp_csv *csv, xp_use use, const char *format, xp_strings *notes) {
    xp_text list = {0};
    for (size_t k = 0; k < csv->width && list.length <= 400; k++) { /* enough to see which */
        xp_view name = csv->header[k].text;
        if (r->use[k] != use) continue;
        if (xp_view_trim(name).length > 0)
            xp_text_addf(&list, "%s%.*s", list.length > 0 ? ", " : "", XP_SHOW(name));
        else if (use != XP_USE_IGNORED || k == 0)
            xp_text_addf(&list, "%scolumn %zu, which has no name", list.length > 0 ? ", " : "", k + 1);
    }
    bool good = !list.failed && (list.length == 0 || xp_strings_addf(notes, "%s: %s", format, list.data));
    xp_text_free(&list);
    return good;
}

static bool is_unread(const xp_roles *r, const xp_csv *csv, const xp_survey *s, size_t k) {
    return r->use[k] == XP_USE_IGNORED && s->column[k].content == XP_NUMBERS && !s->column[k].runs &&
           xp_view_trim(csv->header[k].text).length > 0 && !xp_header_of_people(csv->header[k].text);
}

bool xp_roles_unread(const xp_roles *r, const xp_csv *csv, const xp_survey *s, xp_text *list) {
    size_t count = 0;
    for (size_t k = 0; k < csv->width && r->value == csv->width; k++)
        if (is_unread(r, csv, s, k) && count++ < 5)
            xp_text_addf(list, "%s\"%.*s\"", count > 1 ? ", " : "", XP_SHOW(csv->header[k].text));
    return !list->failed;
}

/* Numbers in a long table without values: if these are the values, every number in the result is another one. */
static bool warn_of_numbers(const xp_roles *r, const xp_csv *csv, const xp_survey *s, xp_strings *warnings) {
    xp_text list = {0};
    bool good =
        xp_roles_unread(r, csv, s, &list) &&
        (list.length == 0 || xp_strings_addf(warnings,
                                             "no column is called value, and the numbers in %s are not read; if they "
                                             "are the values: --columns value=NAME",
                                             list.data));
    xp_text_free(&list);
    return good;
}

/* Whether column k may hold the values as well as the column that was taken by its name. How many gave a rating stands
 * beside it in most tables; a column of counts beside any other numbers may be just that. */
static bool may_be_values(const xp_roles *r, const xp_csv *csv, const xp_survey *s, size_t k) {
    char key[XP_HEADER_KEY];
    size_t place, other;
    const value_kind taken = value_kind_of(csv, r->value, &place), kind = value_kind_of(csv, k, &other);
    if (r->use[k] != XP_USE_IGNORED || s->column[k].content != XP_NUMBERS) return false;
    const bool doubtful = taken == RESPONSES || rank(csv, r->value, "m") == 0; /* the one may be anything said */
    xp_header_key(csv->header[k].text, key);
    if ((taken == FREQUENCIES || taken == PEOPLE || (doubtful && xp_header_hints(key) == XP_HINT_NONE)) &&
        is_unread(r, csv, s, k))
        return true;
    if (taken == RATINGS) return kind < RESPONSES && kind != PEOPLE;
    return kind < RESPONSES && other < SIZE_MAX - 2;
}

/* Of several columns that may hold the values one had to be taken. */
static bool warn_of_choice(const xp_roles *r, const xp_csv *csv, const xp_survey *s, xp_strings *warnings) {
    xp_text list = {0};
    for (size_t k = 0; k < csv->width && list.length <= 400; k++)
        if (may_be_values(r, csv, s, k))
            xp_text_addf(&list, "%s\"%.*s\"", list.length > 0 ? ", " : "", XP_SHOW(csv->header[k].text));
    bool good =
        !list.failed &&
        (list.length == 0 || xp_strings_addf(warnings,
                                             "the column \"%.*s\" is read as the values, and it might be %s as well; "
                                             "choose with --columns value=NAME",
                                             XP_SHOW(csv->header[r->value].text), list.data));
    xp_text_free(&list);
    return good;
}

static bool note_long(const xp_roles *r, const xp_csv *csv, const xp_survey *s, xp_strings *notes,
                      xp_strings *warnings) {
    return list_columns(r, csv, XP_USE_IGNORED, "columns not read", notes) &&
           (!r->value_by_name ||
            xp_strings_addf(notes, "the column \"%.*s\" is read as the values", XP_SHOW(csv->header[r->value].text))) &&
           (r->value_by_name         ? warn_of_choice(r, csv, s, warnings)
            : r->value == csv->width ? warn_of_numbers(r, csv, s, warnings)
                                     : true);
}

static bool note_wide(const xp_roles *r, const xp_csv *csv, const xp_survey *s, xp_strings *notes) {
    size_t truths = 0, first = csv->width;
    for (size_t k = 0; k < csv->width; k++) {
        if (r->use[k] != XP_USE_FEATURE || s->column[k].content != XP_TRUTHS) continue;
        if (truths++ == 0) first = k;
    }
    return (r->concept == 0 || xp_strings_addf(notes, "the column \"%.*s\" is read as the concepts",
                                               XP_SHOW(csv->header[r->concept].text))) &&
           list_columns(r, csv, XP_USE_INDEX, "columns not read, which number or name the rows", notes) &&
           list_columns(r, csv, XP_USE_WORDS, "columns not read, which hold text", notes) &&
           (truths == 0 ||
            xp_strings_addf(notes,
                            s->column[first].marked ? "%s is read as 1 in %zu column%s; empty cells are missing (--na)"
                                                    : "%s are read as 1 and 0 in %zu column%s",
                            xp_survey_truth_words(&s->column[first]), truths, truths == 1 ? "" : "s"));
}

bool xp_roles_note(const xp_roles *r, const xp_csv *csv, const xp_survey *s, xp_strings *notes, xp_strings *warnings) {
    return (r->is_long ? note_long(r, csv, s, notes, warnings) : note_wide(r, csv, s, notes)) &&
           list_columns(r, csv, XP_USE_DROPPED, "columns left out by --drop-columns", notes) &&
           (!csv->decimal_comma || xp_strings_addf(notes, "decimals are read with a comma")) &&
           (r->category == csv->width ||
            xp_strings_addf(notes, "the column \"%.*s\" is read as the concepts' categories",
                            XP_SHOW(csv->header[r->category].text)));
}
