/* Pairs of hypernymy: concepts of norms with their superordinates, and their counterparts from WordNet. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/name.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "norms/norms.h"
#include "norms/wordnet_pairs.h"
#include "relate/pairs.h"

/* "a_musical_instrument", "is_a_bird", "clothing": the noun, in lower case and with spaces. Appends. */
static bool noun_of(const char *feature, xp_text *word) {
    static const char *const before[] = {"is_a_", "is_an_", "an_", "a_"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (strncmp(feature, before[i], strlen(before[i])) == 0) {
            feature += strlen(before[i]);
            break;
        }
    const size_t from = word->length;
    if (!xp_name_lower((xp_view){feature, strlen(feature)}, word)) return false;
    for (size_t i = from; i < word->length; i++)
        if (word->data[i] == '_') word->data[i] = ' ';
    return true;
}

/* Every concept with each of its superordinates, once. */
static bool all_pairs(const struct explaint_norms *norms, xp_strings *left, xp_strings *right) {
    xp_index *seen = xp_index_create(1024);
    xp_strings keys = {0};
    xp_text form = {0}, concept_name = {0}, noun = {0};
    bool ok = seen != NULL;
    for (size_t i = 0; ok && i < norms->n_concepts; i++)
        for (size_t k = norms->row_start[i]; ok && k < norms->row_start[i + 1]; k++) {
            size_t stored;
            bool found = false;
            if (!norms->superordinate[norms->column[k]]) continue;
            form.length = concept_name.length = noun.length = 0;
            ok = xp_concept_form(norms->concepts.item[i], &form) &&
                 xp_name_lower((xp_view){form.data, form.length}, &concept_name) &&
                 noun_of(norms->features.item[norms->column[k]], &noun);
            if (!ok || concept_name.length == 0 || noun.length == 0) continue;
            ok = xp_strings_addf(&keys, "%.*s\t%.*s", (int)concept_name.length, concept_name.data, (int)noun.length,
                                 noun.data);
            if (!ok) break;
            const char *key = keys.item[keys.count - 1];
            ok = xp_index_intern(seen, key, strlen(key), i, &stored, &found);
            if (ok && !found)
                ok = xp_strings_add(left, concept_name.data, concept_name.length) &&
                     xp_strings_add(right, noun.data, noun.length);
        }
    xp_text_free(&form);
    xp_text_free(&concept_name);
    xp_text_free(&noun);
    xp_strings_free(&keys);
    xp_index_destroy(seen);
    return ok;
}

static bool add_input(explaint_pairs *p, const char *role, const char *name, const char *path, const char *sha256) {
    return xp_strings_addf(&p->inputs, "%s", role) && xp_strings_addf(&p->inputs, "%s", name) &&
           xp_strings_addf(&p->inputs, "%s", path) && xp_strings_addf(&p->inputs, "%s", sha256);
}

static bool add_database(explaint_pairs *p, const xp_wordnet *w, const char *folder) {
    xp_sha256 hash;
    char text[XP_SHA256_TEXT];
    xp_sha256_begin(&hash);
    for (size_t i = 0; i < XP_WORDNET_FILES; i++) xp_sha256_add(&hash, w->bytes[i], w->size[i]);
    xp_sha256_end(&hash, text);
    return add_input(p, "wordnet", "WordNet 3.0", folder, text);
}

/* A reason, how many pairs were left out for it, and the first of them. */
static bool add_note(explaint_pairs *p, const xp_counterpart *found, const xp_strings *left, const xp_strings *right,
                     const char *why) {
    size_t n = 0, first = 0;
    for (size_t i = 0; i < left->count; i++)
        if (found[i].why == why && n++ == 0) first = i;
    return n == 0 || xp_strings_addf(&p->notes, "%zu pair%s left out, such as %.60s and %.60s: %s", n,
                                     n == 1 ? " was" : "s were", left->item[first], right->item[first], why);
}

static bool add_notes(explaint_pairs *p, const xp_counterpart *found, const xp_strings *left, const xp_strings *right) {
    size_t not_above = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < left->count; i++) {
        bool before = false;
        for (size_t k = 0; k < i && found[i].why != NULL; k++) before = before || found[k].why == found[i].why;
        if (found[i].why != NULL && !before) ok = add_note(p, found, left, right, found[i].why);
        not_above += found[i].why == NULL && !found[i].above;
    }
    if (ok && not_above > 0)
        ok = xp_strings_addf(&p->notes,
                             "of %zu pairs people say that they are hypernyms, and WordNet does not: they are kept",
                             not_above);
    return ok;
}

/* Those that have counterparts: the first `most` of a random order, in the order of the norms. */
static bool keep_pairs(explaint_pairs *p, const xp_counterpart *found, const xp_strings *left, const xp_strings *right,
                       size_t most, uint64_t seed) {
    const size_t n = left->count;
    uint32_t *order = xp_alloc(n, sizeof *order);
    uint8_t *keep = xp_calloc(n, 1);
    bool ok = order != NULL && keep != NULL && xp_strings_addf(&p->set, "abstraction") &&
              xp_strings_addf(&p->set, "similarity");
    xp_rng rng = xp_rng_begin(seed, XP_RNG_PAIR_ORDER, 0);
    size_t usable = 0, kept = 0;
    for (size_t i = 0; ok && i < n; i++)
        if (found[i].why == NULL) order[usable++] = (uint32_t)i;
    if (ok) xp_rng_permutation(&rng, usable, order);
    for (size_t k = 0; ok && k < usable && (most == 0 || k < most); k++) keep[order[k]] = 1;
    for (size_t i = 0; ok && i < n; i++) {
        if (!keep[i]) continue;
        kept++;
        ok = xp_strings_addf(&p->left, "%s", left->item[i]) && xp_strings_addf(&p->right, "%s", right->item[i]) &&
             xp_strings_addf(&p->other[0], "%s", found[i].abstraction) &&
             xp_strings_addf(&p->other[1], "%s", found[i].similarity);
    }
    p->n = kept;
    p->n_sets = 2;
    if (ok && kept < usable) ok = xp_strings_addf(&p->notes, "%zu of %zu pairs were drawn by the seed", kept, usable);
    xp_free_all(order, keep);
    return ok;
}

static explaint_status find_counterparts(explaint_pairs *p, const xp_wordnet *w, const xp_strings *left,
                                         const xp_strings *right, size_t most, uint64_t seed, explaint_error *error) {
    xp_counterpart *found = NULL;
    explaint_status status = xp_wordnet_pairs(w, left->count, (const char *const *)left->item,
                                              (const char *const *)right->item, seed, &found, error);
    if (status != EXPLAINT_OK) return status;
    const bool ok = add_notes(p, found, left, right) && keep_pairs(p, found, left, right, most, seed);
    xp_wordnet_pairs_free(found, left->count);
    return ok ? EXPLAINT_OK : xp_no_memory(error, "pairs");
}

explaint_status explaint_pairs_hypernymy(const explaint_norms *norms, const char *wordnet, size_t most, uint64_t seed,
                                         explaint_pairs **pairs, explaint_error *error) {
    xp_strings left = {0}, right = {0};
    xp_wordnet w = {0};
    *pairs = NULL;
    if (norms->superordinate == NULL)
        return xp_fail(
            error, EXPLAINT_INVALID, norms->path, 0,
            "expected norms that say what is a superordinate, as McRae's and the shipped ones do, found none; "
            "give pairs of your own, --pairs FILE.csv");
    explaint_pairs *p = xp_calloc(1, sizeof *p);
    if (p == NULL) return xp_no_memory(error, "pairs");
    p->hypernymy = true;
    p->name = xp_strdup("hypernymy");
    explaint_status status = p->name != NULL && all_pairs(norms, &left, &right) &&
                                     add_input(p, "norms", norms->name, norms->path, norms->sha256)
                                 ? EXPLAINT_OK
                                 : xp_no_memory(error, "pairs");
    if (status == EXPLAINT_OK) status = xp_wordnet_open(wordnet, NULL, &w, error);
    if (status == EXPLAINT_OK && !add_database(p, &w, wordnet)) status = xp_no_memory(error, "pairs");
    if (status == EXPLAINT_OK) status = find_counterparts(p, &w, &left, &right, most, seed, error);
    xp_wordnet_close(&w);
    xp_strings_free(&left);
    xp_strings_free(&right);
    if (status == EXPLAINT_OK)
        *pairs = p;
    else
        explaint_pairs_close(p);
    return status;
}
