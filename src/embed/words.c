/* Vectors of words: alone, in a template, in contexts. */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "embed/embedding.h"
#include "norms/norms.h"
#include "text/texts.h"
#include "text/tokenizer.h"

enum { SHOWN = 10 };

static bool set_words_options(explaint_embedding *e, const explaint_embed_options *o, const xp_ways *ways) {
    bool good = xp_embedding_set(e, "template", o->pattern) &&
                xp_embedding_set(e, "pieces", xp_pool_names[ways->pieces]) &&
                xp_embedding_set(e, "special_tokens", xp_specials_names[ways->specials]);
    if (good && o->contexts != NULL)
        good = xp_embedding_set_number(e, "max_contexts", o->max_contexts > 0 ? o->max_contexts : XP_MAX_CONTEXTS) &&
               xp_embedding_set_number(e, "seed", o->seed);
    if (good && o->prototypes > 0) good = xp_embedding_set_number(e, "prototypes", o->prototypes);
    return good;
}

/* ---- what was met ---- */

/* "3 words ...: a, b, c": the first ten by name. */
static bool note_words(explaint_embedding *e, const xp_fate *fate, bool (*is)(const xp_fate *), const char *one,
                       const char *many) {
    xp_text names = {0};
    size_t n = 0;
    for (size_t i = 0; i < e->words.count; i++) {
        if (!is(&fate[i])) continue;
        if (n++ < SHOWN) xp_text_addf(&names, "%s%s", n > 1 ? ", " : "", e->words.item[i]);
    }
    if (n > SHOWN) xp_text_addf(&names, " and %zu more", n - SHOWN);
    const bool good =
        !names.failed && (n == 0 || xp_strings_addf(&e->notes, "%zu %s: %s", n, n == 1 ? one : many, names.data));
    xp_text_free(&names);
    return good;
}

static bool is_unknown(const xp_fate *fate) { return fate->unknown; }
static bool is_crossed(const xp_fate *fate) { return fate->crossed; }
static bool is_first(const xp_fate *fate) { return fate->begins; }
static bool is_last(const xp_fate *fate) { return fate->ends && fate->n_contexts == 0; }
static bool is_dropped(const xp_fate *fate) { return fate->n_contexts == 0; }
static bool is_missing(const xp_fate *fate) { return is_dropped(fate) && !fate->ends; }

static bool note_several(explaint_embedding *e, const xp_fate *fate, xp_pool_how pieces) {
    static const char *const taken[] = {"the mean of them is its vector", "the first one is its vector",
                                        "the last one is its vector", "the one behind them is its vector"};
    size_t most = 0;
    for (size_t i = 0; i < e->words.count; i++) {
        e->n_several += fate[i].n_pieces > 1;
        most = fate[i].n_pieces > most ? fate[i].n_pieces : most;
    }
    return e->n_several == 0 ||
           xp_strings_addf(&e->notes, "%zu of %zu words %s cut into several pieces, up to %zu: %s", e->n_several,
                           e->words.count, e->n_several == 1 ? "is" : "are", most, taken[pieces]);
}

/* Which row of a decoder a word is, and what that row cannot have seen. */
static bool note_decoder(explaint_embedding *e, const explaint_embed_options *o, xp_pool_how pieces) {
    static const char *const row[] = {"the mean of the rows of its pieces", "the row of its first piece",
                                      "the row of its last piece", "the row of the piece behind it"};
    const char *const before = o->pattern != NULL ? strstr(o->pattern, "{}") : NULL;
    bool good = xp_strings_addf(&e->notes, "a word is %s%s", row[pieces],
                                pieces == XP_POOL_MEAN || pieces == XP_POOL_FIRST
                                    ? "; a decoder has seen all of a word in its last piece alone (pieces: last, next)"
                                    : "");
    if (good && pieces != XP_POOL_NEXT && before == o->pattern && before != NULL && before[2] != 0)
        good = xp_strings_addf(&e->notes, "what a template has behind {} a decoder has not seen in the word's row: let "
                                          "the word come last");
    return good;
}

static bool note_underscores(explaint_embedding *e) {
    size_t n = 0;
    for (size_t i = 0; i < e->words.count; i++) n += strchr(e->words.item[i], '_') != NULL;
    return n == 0 || xp_strings_addf(&e->notes, "%zu %s an underscore, which the model is shown as it is", n,
                                     n == 1 ? "word has" : "words have");
}

static bool note_fates(explaint_embedding *e, const xp_fate *fate, const xp_occurrences *occurrences,
                       const explaint_embed_options *o, const xp_ways *ways) {
    const char *why = o->contexts != NULL ? "stands in no context" : "has no piece";
    bool good = true;
    for (size_t i = 0; good && i < e->words.count; i++)
        if (is_dropped(&fate[i]))
            good = xp_strings_add(&e->dropped, e->words.item[i], strlen(e->words.item[i])) &&
                   xp_strings_addf(&e->dropped, "%s%s", fate[i].ends ? "has no piece behind it" : why,
                                   o->contexts != NULL && !fate[i].ends &&
                                           occurrences->first[i] < occurrences->first[i + 1]
                                       ? " before the cut"
                                       : "");
    good =
        good && note_several(e, fate, ways->pieces) && note_underscores(e) &&
        note_words(e, fate, is_unknown, "word has the unknown piece", "words have the unknown piece") &&
        note_words(e, fate, is_crossed, "word shares a piece with its neighbours",
                   "words share a piece with their neighbours") &&
        note_words(e, fate, is_first, "word is the first row of a text, which has seen nothing before it",
                   "words are the first rows of texts, which have seen nothing before them") &&
        note_words(e, fate, is_last, "word has no piece behind it and no vector",
                   "words have no piece behind them and no vector") &&
        note_words(
            e, fate, is_missing,
            o->contexts != NULL ? "word stands in no context and has no vector" : "word has no piece and no vector",
            o->contexts != NULL ? "words stand in no context and have no vector" : "words have no piece and no vector");
    if (good && occurrences->n_sampled > 0)
        good = xp_strings_addf(&e->notes, "%zu %s more contexts than are taken; theirs are drawn by the seed",
                               occurrences->n_sampled, occurrences->n_sampled == 1 ? "word has" : "words have");
    return good;
}

static explaint_status transform_words(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                       const explaint_embed_options *o, explaint_embedding *e, explaint_error *error) {
    if (!o->standardise && o->remove_top == 0) return EXPLAINT_OK;
    if (o->fit_words == NULL) return xp_embedding_transform(e, e, o->standardise, o->remove_top, error);
    explaint_embed_options plain = *o;
    explaint_embedding *fit_on = NULL;
    plain.standardise = false;
    plain.remove_top = 0;
    plain.fit_words = NULL;
    explaint_status status =
        explaint_embed_words(model, tokenizer, o->fit_words, o->n_fit_words, &plain, &fit_on, error);
    if (status == EXPLAINT_OK) status = xp_embedding_transform(e, fit_on, o->standardise, o->remove_top, error);
    explaint_embedding_close(fit_on);
    return status;
}

/* ---- words ---- */

static explaint_status check_words_options(const explaint_embed_options *o, size_t n_words, xp_ways *ways,
                                           explaint_error *error) {
    const char *wrong = NULL;
    explaint_status status = xp_ways_of(o, ways, error);
    if (status != EXPLAINT_OK) return status;
    if (n_words == 0)
        wrong = "expected at least one word, found none";
    else if (o->pattern != NULL && o->contexts != NULL)
        wrong = "a template and contexts exclude each other";
    else if (o->prototypes > 0 && o->contexts == NULL)
        wrong = "prototypes need contexts";
    else if (ways->specials == XP_SPECIALS_POOLED && ways->pieces != XP_POOL_MEAN)
        wrong = "special tokens can be pooled with the mean of pieces only";
    else if (o->fit_words != NULL && !o->standardise && o->remove_top == 0)
        wrong = "words to fit on need standardisation or components to remove";
    return wrong != NULL ? xp_fail(error, EXPLAINT_USAGE, NULL, 0, "%s", wrong) : EXPLAINT_OK;
}

static explaint_status find_spots(const explaint_tokenizer *tokenizer, const explaint_embed_options *o,
                                  const xp_view *words, size_t n, xp_occurrences *occurrences, explaint_error *error) {
    if (o->contexts == NULL)
        return xp_occurrences_in_pattern(o->pattern != NULL ? o->pattern : "{}", words, n, occurrences, error);
    return xp_occurrences_in_contexts(o->contexts, xp_normalizer_lowers(&tokenizer->normalizer), words, n,
                                      o->max_contexts > 0 ? o->max_contexts : XP_MAX_CONTEXTS, o->seed, occurrences,
                                      error);
}

static explaint_status fill(const explaint_model *model, const explaint_tokenizer *tokenizer, const xp_view *words,
                            const explaint_embed_options *o, const xp_ways *ways, explaint_embedding *e,
                            explaint_error *error) {
    const xp_pass_options how = {
        .layers = e->layer,
        .n_layers = e->n_layers,
        .threads = o->threads,
        .most = explaint_model_describe(model)->n_positions,
        .truncate = o->truncate,
        .pooled_specials = ways->specials == XP_SPECIALS_POOLED,
        .no_specials = ways->specials == XP_SPECIALS_NONE,
        .how = ways->pieces,
        .prototypes = o->prototypes,
        .seed = o->seed,
        .path = o->contexts != NULL ? o->contexts->path : NULL,
        .by_line = o->contexts != NULL && o->contexts->by_line,
    };
    xp_occurrences occurrences = {0};
    const size_t n = e->words.count;
    const char *lacks = o->contexts != NULL ? "in the contexts, found none"
                        : ways->pieces == XP_POOL_NEXT
                            ? "with a piece behind it, found none: put something after {} in "
                              "the template, such as a full stop"
                            : "with a piece, found none";
    xp_fate *fate = xp_calloc(n, sizeof *fate);
    if (fate == NULL) return xp_no_memory(error, "words");
    explaint_status status = find_spots(tokenizer, o, words, n, &occurrences, error);
    if (status == EXPLAINT_OK) status = xp_pass(model, tokenizer, &occurrences, words, n, &how, fate, e, error);
    if (status == EXPLAINT_OK && e->n_rows == 0)
        status = xp_fail(error, EXPLAINT_INVALID, how.path, 0,
                         "expected at least one of %zu words, such as \"%.80s\", %s", n, e->words.item[0], lacks);
    const bool causal = explaint_model_describe(model)->causal;
    if (status == EXPLAINT_OK &&
        ((causal && !note_decoder(e, o, ways->pieces)) || !note_fates(e, fate, &occurrences, o, ways) ||
         !xp_embedding_note_cut(e, how.most, "")))
        status = xp_no_memory(error, "notes");
    xp_occurrences_free(&occurrences);
    xp_free(fate);
    return status;
}

explaint_status explaint_embed_words(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const char *const *words, size_t n_words, const explaint_embed_options *options,
                                     explaint_embedding **embedding, explaint_error *error) {
    const explaint_embed_options defaults = explaint_embed_defaults(), *o = options != NULL ? options : &defaults;
    explaint_embedding *e = NULL;
    xp_ways ways;
    *embedding = NULL;
    explaint_status status = check_words_options(o, n_words, &ways, error);
    if (status == EXPLAINT_OK) status = xp_embedding_create(model, tokenizer, o, &e, error);
    if (e == NULL) return status;
    xp_view *view = xp_alloc(n_words, sizeof *view);
    bool good = view != NULL && set_words_options(e, o, &ways) &&
                xp_embedding_set_begin(e, model, tokenizer, ways.specials != XP_SPECIALS_NONE) &&
                xp_embedding_set_transform(e, o) &&
                (o->contexts == NULL || xp_embedding_add_texts(e, "contexts", o->contexts));
    for (size_t i = 0; good && i < n_words; i++) {
        xp_view word = xp_view_trim((xp_view){words[i], strlen(words[i])});
        if (word.length == 0) word = (xp_view){words[i], strlen(words[i])};
        good = xp_strings_add(&e->words, word.data, word.length);
        if (good) view[i] = (xp_view){e->words.item[i], word.length};
    }
    e->n_given = n_words;
    if (good)
        status = xp_embedding_note_prompt(e, model, o->pattern, "words", "a --template that begins with it", error);
    if (status == EXPLAINT_OK)
        status = good ? fill(model, tokenizer, view, o, &ways, e, error) : xp_no_memory(error, "words");
    if (status == EXPLAINT_OK) status = transform_words(model, tokenizer, o, e, error);
    xp_free(view);
    if (status == EXPLAINT_OK)
        *embedding = e;
    else
        explaint_embedding_close(e);
    return status;
}

explaint_status explaint_embed_concepts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                        const explaint_norms *norms, const explaint_embed_options *options,
                                        explaint_embedding **embedding, explaint_error *error) {
    const size_t n = norms->n_concepts;
    xp_strings forms = {0};
    xp_text form = {0};
    xp_index *index = xp_index_create(n);
    bool good = index != NULL;
    *embedding = NULL;
    for (size_t i = 0; good && i < n; i++) {
        size_t number;
        bool found = false;
        form.length = 0;
        good = xp_concept_form(norms->concepts.item[i], &form);
        if (!good || xp_index_find(index, form.data, form.length, &number)) continue;
        good = xp_strings_add(&forms, form.data, form.length) &&
               xp_index_intern(index, forms.item[forms.count - 1], form.length, forms.count - 1, &number, &found);
    }
    explaint_status status = good ? explaint_embed_words(model, tokenizer, (const char *const *)forms.item, forms.count,
                                                         options, embedding, error)
                                  : xp_no_memory(error, "words");
    if (status == EXPLAINT_OK &&
        !xp_embedding_add_input(*embedding, "norms", norms->name, norms->path, norms->sha256)) {
        explaint_embedding_close(*embedding);
        *embedding = NULL;
        status = xp_no_memory(error, "words");
    }
    xp_index_destroy(index);
    xp_text_free(&form);
    xp_strings_free(&forms);
    return status;
}
