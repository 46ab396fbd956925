#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "embed/embedding.h"
#include "embed/transform.h"
#include "explaint/inspect.h"
#include "norms/norms.h"
#include "text/texts.h"

enum { MAX_CONTEXTS = 200, SHOWN = 10 };

static const explaint_embed_options no_options;

void explaint_embedding_close(explaint_embedding *e) {
    if (e == NULL) return;
    xp_free(e->layer);
    xp_free(e->values);
    xp_free(e->row);
    xp_free(e->model_name);
    xp_free(e->model_path);
    xp_strings_free(&e->words);
    xp_strings_free(&e->dropped);
    xp_strings_free(&e->notes);
    xp_strings_free(&e->inputs);
    xp_strings_free(&e->settings);
    xp_free(e);
}

size_t explaint_embedding_n_rows(const explaint_embedding *e) { return e->n_rows; }
size_t explaint_embedding_width(const explaint_embedding *e) { return e->width; }
size_t explaint_embedding_n_layers(const explaint_embedding *e) { return e->n_layers; }
size_t explaint_embedding_layer(const explaint_embedding *e, size_t k) { return e->layer[k]; }
const float *explaint_embedding_matrix(const explaint_embedding *e, size_t k) {
    return e->values + k * e->n_rows * e->width;
}
const char *explaint_embedding_word(const explaint_embedding *e, size_t i) {
    return e->of_texts ? NULL : e->words.item[e->row[i].word];
}
size_t explaint_embedding_n_pieces(const explaint_embedding *e, size_t i) { return e->row[i].n_pieces; }
size_t explaint_embedding_n_contexts(const explaint_embedding *e, size_t i) { return e->row[i].n_contexts; }
size_t explaint_embedding_n_dropped(const explaint_embedding *e) { return e->dropped.count / 2; }
const char *explaint_embedding_dropped(const explaint_embedding *e, size_t i, const char **why) {
    if (why != NULL) *why = e->dropped.item[2 * i + 1];
    return e->dropped.item[2 * i];
}
size_t explaint_embedding_n_notes(const explaint_embedding *e) { return e->notes.count; }
const char *explaint_embedding_note(const explaint_embedding *e, size_t i) { return e->notes.item[i]; }

/* ---- what was asked for ---- */

static bool set(explaint_embedding *e, const char *name, const char *text) {
    xp_text json = {0};
    if (text == NULL) return true;
    xp_json_quote(&json, text, strlen(text));
    const bool good = !json.failed && xp_strings_add(&e->settings, name, strlen(name)) &&
                      xp_strings_add(&e->settings, json.data, json.length);
    xp_text_free(&json);
    return good;
}

static bool set_number(explaint_embedding *e, const char *name, unsigned long long number) {
    return xp_strings_add(&e->settings, name, strlen(name)) && xp_strings_addf(&e->settings, "%llu", number);
}

static bool set_words_options(explaint_embedding *e, const explaint_embed_options *o) {
    static const char *const pieces[] = {"mean", "first", "last"}, *const specials[] = {"seen", "pooled", "none"};
    bool good = set(e, "template", o->pattern) && set(e, "pieces", pieces[o->pieces]) &&
                set(e, "special_tokens", specials[o->specials]);
    if (good && o->contexts != NULL)
        good = set_number(e, "max_contexts", o->max_contexts > 0 ? o->max_contexts : MAX_CONTEXTS) &&
               set_number(e, "seed", o->seed);
    if (good && o->prototypes > 0) good = set_number(e, "prototypes", o->prototypes);
    return good;
}

static bool set_transform(explaint_embedding *e, const explaint_embed_options *o) {
    bool good = !o->standardise || set_number(e, "standardise", 1);
    if (good && o->remove_top > 0) good = set_number(e, "remove_top", o->remove_top);
    if (good && o->truncate) good = set_number(e, "truncate", 1);
    return good && (o->fit_words == NULL || set_number(e, "fit_words", o->n_fit_words));
}

static bool add_input(explaint_embedding *e, const char *role, const char *name, const char *path, const char *sha256) {
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_string(&json, "role", role);
    xp_json_string(&json, "name", name);
    xp_json_string(&json, "path", path);
    xp_json_string(&json, "sha256", sha256);
    xp_json_close(&json);
    const bool good = !json.text.failed && xp_strings_add(&e->inputs, json.text.data, json.text.length);
    xp_json_free(&json);
    return good;
}

/* The hash of the one file of weights; of several, of their hashes. A model without weights is its config. */
static void name_weights(const explaint_model_info *info, char text[XP_SHA256_TEXT]) {
    xp_sha256 all;
    size_t n = 0;
    xp_sha256_begin(&all);
    snprintf(text, XP_SHA256_TEXT, "%s", info->n_files > 0 ? info->file[0].sha256 : "");
    for (size_t i = 1; i < info->n_files; i++) {
        if (!info->file[i].weights) continue;
        xp_sha256_add(&all, info->file[i].sha256, strlen(info->file[i].sha256));
        snprintf(text, XP_SHA256_TEXT, "%s", info->file[i].sha256);
        n++;
    }
    if (n > 1) xp_sha256_end(&all, text);
}

static bool add_model(explaint_embedding *e, const explaint_model *model, const explaint_tokenizer *tokenizer) {
    const explaint_model_info *info = explaint_model_describe(model);
    name_weights(info, e->model_sha256);
    e->model_name = xp_strdup(info->name);
    e->model_path = xp_strdup(info->path);
    bool good =
        e->model_name != NULL && e->model_path != NULL && set(e, "model", info->name) && set(e, "family", info->family);
    for (size_t i = 0; good && i < info->n_files; i++)
        good = add_input(e, "model", info->name, info->file[i].path, info->file[i].sha256);
    if (good && info->random_init) good = set_number(e, "random_init", info->seed);
    for (size_t i = 0; good && i < explaint_tokenizer_n_notes(tokenizer); i++)
        good = xp_strings_addf(&e->notes, "%s", explaint_tokenizer_note(tokenizer, i));
    return good;
}

/* Beside every number of a model stands whether it is run as the reference runs it. */
static explaint_status add_stamp(explaint_embedding *e, const explaint_model *model,
                                 const explaint_tokenizer *tokenizer, unsigned threads, explaint_error *error) {
    explaint_check *check = NULL;
    explaint_status status = explaint_model_check(model, tokenizer, NULL, threads, &check, error);
    if (status == EXPLAINT_OK &&
        !(set(e, "checked", check->stamp) && xp_strings_addf(&e->notes, "%s", check->sentence)))
        status = xp_no_memory(error, "an embedding");
    explaint_check_close(check);
    return status;
}

static bool add_texts(explaint_embedding *e, const char *role, const explaint_texts *texts) {
    bool good = add_input(e, role, texts->path, texts->path, texts->sha256);
    for (size_t i = 0; good && i < texts->notes.count; i++)
        good = xp_strings_addf(&e->notes, "%s", texts->notes.item[i]);
    return good;
}

static explaint_status create(const explaint_model *model, const explaint_tokenizer *tokenizer,
                              const explaint_embed_options *o, explaint_embedding **embedding, explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(model);
    const size_t n = o->layers != NULL ? o->n_layers : info->n_layers + 1;
    *embedding = NULL;
    if (n == 0) return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at least one layer, found none");
    for (size_t k = 0; o->layers != NULL && k < n; k++) {
        if (o->layers[k] > info->n_layers)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected layers of 0 to %zu, which %s has, found %zu",
                           info->n_layers, info->name, o->layers[k]);
        if (k > 0 && o->layers[k] <= o->layers[k - 1])
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected layers in ascending order, each once");
    }
    explaint_embedding *e = xp_calloc(1, sizeof *e);
    if (e != NULL) e->layer = xp_alloc(n, sizeof *e->layer);
    if (e == NULL || e->layer == NULL || !add_model(e, model, tokenizer)) {
        explaint_embedding_close(e);
        return xp_no_memory(error, "an embedding");
    }
    const explaint_status status = add_stamp(e, model, tokenizer, o->threads, error);
    if (status != EXPLAINT_OK) {
        explaint_embedding_close(e);
        return status;
    }
    e->n_layers = n;
    e->width = info->width;
    for (size_t k = 0; k < n; k++) e->layer[k] = o->layers != NULL ? o->layers[k] : k;
    *embedding = e;
    return EXPLAINT_OK;
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
static bool is_dropped(const xp_fate *fate) { return fate->n_contexts == 0; }

static bool note_several(explaint_embedding *e, const xp_fate *fate, explaint_pieces pieces) {
    static const char *const taken[] = {"the mean of them is its vector", "the first one is its vector",
                                        "the last one is its vector"};
    size_t most = 0;
    for (size_t i = 0; i < e->words.count; i++) {
        e->n_several += fate[i].n_pieces > 1;
        most = fate[i].n_pieces > most ? fate[i].n_pieces : most;
    }
    return e->n_several == 0 ||
           xp_strings_addf(&e->notes, "%zu of %zu words %s cut into several pieces, up to %zu: %s", e->n_several,
                           e->words.count, e->n_several == 1 ? "is" : "are", most, taken[pieces]);
}

static bool note_underscores(explaint_embedding *e) {
    size_t n = 0;
    for (size_t i = 0; i < e->words.count; i++) n += strchr(e->words.item[i], '_') != NULL;
    return n == 0 || xp_strings_addf(&e->notes, "%zu %s an underscore, which the model is shown as it is", n,
                                     n == 1 ? "word has" : "words have");
}

static bool note_fates(explaint_embedding *e, const xp_fate *fate, const xp_spots *spots,
                       const explaint_embed_options *o) {
    const char *why = o->contexts != NULL ? "stands in no context" : "has no piece";
    bool good = true;
    for (size_t i = 0; good && i < e->words.count; i++)
        if (is_dropped(&fate[i]))
            good =
                xp_strings_add(&e->dropped, e->words.item[i], strlen(e->words.item[i])) &&
                xp_strings_addf(&e->dropped, "%s%s", why,
                                o->contexts != NULL && spots->first[i] < spots->first[i + 1] ? " before the cut" : "");
    good =
        good && note_several(e, fate, o->pieces) && note_underscores(e) &&
        note_words(e, fate, is_unknown, "word has the unknown piece", "words have the unknown piece") &&
        note_words(e, fate, is_crossed, "word shares a piece with its neighbours",
                   "words share a piece with their neighbours") &&
        note_words(
            e, fate, is_dropped,
            o->contexts != NULL ? "word stands in no context and has no vector" : "word has no piece and no vector",
            o->contexts != NULL ? "words stand in no context and have no vector" : "words have no piece and no vector");
    if (good && spots->n_sampled > 0)
        good = xp_strings_addf(&e->notes, "%zu %s more contexts than are taken; theirs are drawn by the seed",
                               spots->n_sampled, spots->n_sampled == 1 ? "word has" : "words have");
    return good;
}

static bool note_cut(explaint_embedding *e, size_t positions) {
    return e->n_cut == 0 ||
           xp_strings_addf(&e->notes, "%zu %s longer than %zu pieces and %s cut there", e->n_cut,
                           e->n_cut == 1 ? "text is" : "texts are", positions, e->n_cut == 1 ? "is" : "are");
}

/* ---- standardisation and top components ---- */

static explaint_status transform(explaint_embedding *e, const explaint_embedding *fit_on, bool standardise,
                                 size_t remove_top, explaint_error *error) {
    size_t constant = 0;
    const size_t limit = fit_on->n_rows < e->width ? fit_on->n_rows : e->width;
    if (remove_top >= limit)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "expected fewer components to remove than the %zu that the rows can have, found %zu", limit,
                       remove_top);
    for (size_t k = 0; k < e->n_layers; k++) {
        xp_transform t;
        if (!xp_transform_fit(&t, fit_on->n_rows, e->width, explaint_embedding_matrix(fit_on, k), standardise,
                              remove_top))
            return xp_no_memory(error, "principal components");
        xp_transform_apply(&t, e->n_rows, e->values + k * e->n_rows * e->width);
        constant += standardise ? t.n_constant : 0;
        xp_transform_free(&t);
    }
    bool good = fit_on != e
                    ? xp_strings_addf(&e->notes, "means, deviations and components are those of %zu --fit-words",
                                      fit_on->n_rows)
                    : xp_strings_addf(&e->notes,
                                      "means, deviations and components are those of all %zu rows: where some "
                                      "of them are held out later, they are known already",
                                      e->n_rows);
    if (good && constant > 0)
        good = xp_strings_addf(&e->notes, "%zu constant dimensions, over all layers, become 0", constant);
    return good ? EXPLAINT_OK : xp_no_memory(error, "notes");
}

static explaint_status transform_words(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                       const explaint_embed_options *o, explaint_embedding *e, explaint_error *error) {
    if (!o->standardise && o->remove_top == 0) return EXPLAINT_OK;
    if (o->fit_words == NULL) return transform(e, e, o->standardise, o->remove_top, error);
    explaint_embed_options plain = *o;
    explaint_embedding *fit_on = NULL;
    plain.standardise = false;
    plain.remove_top = 0;
    plain.fit_words = NULL;
    explaint_status status =
        explaint_embed_words(model, tokenizer, o->fit_words, o->n_fit_words, &plain, &fit_on, error);
    if (status == EXPLAINT_OK) status = transform(e, fit_on, o->standardise, o->remove_top, error);
    explaint_embedding_close(fit_on);
    return status;
}

/* ---- words ---- */

static explaint_status check_words_options(const explaint_embed_options *o, size_t n_words, explaint_error *error) {
    const char *wrong = NULL;
    if (n_words == 0)
        wrong = "expected at least one word, found none";
    else if (o->pattern != NULL && o->contexts != NULL)
        wrong = "a template and contexts exclude each other";
    else if (o->prototypes > 0 && o->contexts == NULL)
        wrong = "prototypes need contexts";
    else if (o->specials == EXPLAINT_SPECIALS_POOLED && o->pieces != EXPLAINT_PIECES_MEAN)
        wrong = "special tokens can be pooled with the mean of pieces only";
    else if (o->fit_words != NULL && !o->standardise && o->remove_top == 0)
        wrong = "words to fit on need standardisation or components to remove";
    return wrong != NULL ? xp_fail(error, EXPLAINT_USAGE, NULL, 0, "%s", wrong) : EXPLAINT_OK;
}

static explaint_status find_spots(const explaint_tokenizer *tokenizer, const explaint_embed_options *o,
                                  const xp_view *words, size_t n, xp_spots *spots, explaint_error *error) {
    if (o->contexts == NULL) return xp_spots_in_pattern(o->pattern != NULL ? o->pattern : "{}", words, n, spots, error);
    return xp_spots_in_contexts(o->contexts, xp_lowers(tokenizer), words, n,
                                o->max_contexts > 0 ? o->max_contexts : MAX_CONTEXTS, o->seed, spots, error);
}

static explaint_status fill(const explaint_model *model, const explaint_tokenizer *tokenizer, const xp_view *words,
                            const explaint_embed_options *o, explaint_embedding *e, explaint_error *error) {
    const xp_pass_options how = {
        .layers = e->layer,
        .n_layers = e->n_layers,
        .threads = o->threads,
        .truncate = o->truncate,
        .pooled_specials = o->specials == EXPLAINT_SPECIALS_POOLED,
        .no_specials = o->specials == EXPLAINT_SPECIALS_NONE,
        .how = o->pieces == EXPLAINT_PIECES_FIRST  ? XP_POOL_FIRST
               : o->pieces == EXPLAINT_PIECES_LAST ? XP_POOL_LAST
                                                   : XP_POOL_MEAN,
        .prototypes = o->prototypes,
        .seed = o->seed,
        .path = o->contexts != NULL ? o->contexts->path : NULL,
        .by_line = o->contexts != NULL && o->contexts->by_line,
    };
    xp_spots spots = {0};
    const size_t n = e->words.count;
    xp_fate *fate = xp_calloc(n, sizeof *fate);
    if (fate == NULL) return xp_no_memory(error, "words");
    explaint_status status = find_spots(tokenizer, o, words, n, &spots, error);
    if (status == EXPLAINT_OK) status = xp_pass(model, tokenizer, &spots, words, n, &how, fate, e, error);
    if (status == EXPLAINT_OK && e->n_rows == 0)
        status = xp_fail(error, EXPLAINT_INVALID, how.path, 0,
                         "expected at least one of %zu words, such as \"%.80s\", %s", n, e->words.item[0],
                         o->contexts != NULL ? "in the contexts, found none" : "with a piece, found none");
    if (status == EXPLAINT_OK &&
        (!note_fates(e, fate, &spots, o) || !note_cut(e, explaint_model_describe(model)->n_positions)))
        status = xp_no_memory(error, "notes");
    xp_spots_free(&spots);
    xp_free(fate);
    return status;
}

explaint_status explaint_embed_words(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const char *const *words, size_t n_words, const explaint_embed_options *options,
                                     explaint_embedding **embedding, explaint_error *error) {
    const explaint_embed_options *o = options != NULL ? options : &no_options;
    explaint_embedding *e = NULL;
    *embedding = NULL;
    explaint_status status = check_words_options(o, n_words, error);
    if (status == EXPLAINT_OK) status = create(model, tokenizer, o, &e, error);
    if (e == NULL) return status;
    xp_view *view = xp_alloc(n_words, sizeof *view);
    bool good = view != NULL && set_words_options(e, o) && set_transform(e, o) &&
                (o->contexts == NULL || add_texts(e, "contexts", o->contexts));
    for (size_t i = 0; good && i < n_words; i++) {
        good = xp_strings_add(&e->words, words[i], strlen(words[i]));
        if (good) view[i] = (xp_view){e->words.item[i], strlen(words[i])};
    }
    e->n_given = n_words;
    status = good ? fill(model, tokenizer, view, o, e, error) : xp_no_memory(error, "words");
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
    if (status == EXPLAINT_OK && !add_input(*embedding, "norms", norms->name, norms->path, norms->sha256)) {
        explaint_embedding_close(*embedding);
        *embedding = NULL;
        status = xp_no_memory(error, "words");
    }
    xp_index_destroy(index);
    xp_text_free(&form);
    xp_strings_free(&forms);
    return status;
}

/* ---- texts ---- */

static explaint_status choose_pooling(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                      const explaint_embed_options *o, xp_pass_options *how, size_t *longest,
                                      explaint_error *error) {
    if (o->pooling == EXPLAINT_POOLING_FOLDER)
        return xp_folder_pooling(explaint_model_describe(model)->path, xp_lowers(tokenizer), &how->how, &how->normalise,
                                 longest, error);
    how->how = o->pooling == EXPLAINT_POOLING_CLS   ? XP_POOL_FIRST
               : o->pooling == EXPLAINT_POOLING_MAX ? XP_POOL_MAX
                                                    : XP_POOL_MEAN;
    return EXPLAINT_OK;
}

static explaint_status check_texts_options(const explaint_embed_options *o, explaint_error *error) {
    const bool words = o->pattern != NULL || o->contexts != NULL || o->prototypes > 0 || o->fit_words != NULL ||
                       o->pieces != EXPLAINT_PIECES_MEAN || o->specials != EXPLAINT_SPECIALS_SEEN;
    return words ? xp_fail(
                       error, EXPLAINT_USAGE, NULL, 0,
                       "templates, contexts, pieces, special tokens and words to fit on belong to words, not to texts")
                 : EXPLAINT_OK;
}

static bool note_longest(explaint_embedding *e, size_t longest) {
    size_t n = 0;
    for (size_t i = 0; i < e->n_rows; i++) n += longest > 0 && e->row[i].n_pieces > longest;
    return n == 0 || xp_strings_addf(&e->notes,
                                     "%zu %s more than %zu pieces, at which sentence_bert_config.json cuts; "
                                     "not cut there",
                                     n, n == 1 ? "text has" : "texts have", longest);
}

static bool set_pooling(explaint_embedding *e, const xp_pass_options *how) {
    static const char *const names[] = {"mean", "cls", "last", "max"};
    return set(e, "pooling", names[how->how]) && (!how->normalise || set_number(e, "normalised", 1));
}

static explaint_status fill_texts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                  const explaint_texts *texts, const explaint_embed_options *o, explaint_embedding *e,
                                  explaint_error *error) {
    const size_t n = texts->n;
    size_t longest = 0;
    xp_pass_options how = {.layers = e->layer,
                           .n_layers = e->n_layers,
                           .threads = o->threads,
                           .truncate = o->truncate,
                           .whole = true,
                           .path = texts->path,
                           .by_line = texts->by_line};
    xp_spots spots = {.n = n,
                      .spot = xp_alloc(n, sizeof *spots.spot),
                      .first = xp_alloc(n + 1, sizeof *spots.first),
                      .text = xp_alloc(n, sizeof *spots.text)};
    xp_fate *fate = xp_calloc(n, sizeof *fate);
    const bool good = spots.spot != NULL && spots.first != NULL && spots.text != NULL && fate != NULL;
    for (size_t i = 0; good && i < n; i++) {
        spots.spot[i] = (xp_spot){i, i, 0, texts->text[i].length};
        spots.first[i] = i;
        spots.text[i] = texts->text[i];
    }
    if (good) spots.first[n] = n;
    explaint_status status =
        good ? choose_pooling(model, tokenizer, o, &how, &longest, error) : xp_no_memory(error, "texts");
    if (status == EXPLAINT_OK) status = xp_pass(model, tokenizer, &spots, texts->text, n, &how, fate, e, error);
    if (status == EXPLAINT_OK && (!note_cut(e, explaint_model_describe(model)->n_positions) ||
                                  !note_longest(e, longest) || !set_pooling(e, &how)))
        status = xp_no_memory(error, "notes");
    xp_spots_free(&spots);
    xp_free(fate);
    return status;
}

explaint_status explaint_embed_texts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const explaint_texts *texts, const explaint_embed_options *options,
                                     explaint_embedding **embedding, explaint_error *error) {
    const explaint_embed_options *o = options != NULL ? options : &no_options;
    explaint_embedding *e = NULL;
    *embedding = NULL;
    explaint_status status = check_texts_options(o, error);
    if (status == EXPLAINT_OK) status = create(model, tokenizer, o, &e, error);
    if (e == NULL) return status;
    e->of_texts = true;
    e->n_given = texts->n;
    if (!add_texts(e, "texts", texts) || !set_transform(e, o)) status = xp_no_memory(error, "texts");
    if (status == EXPLAINT_OK) status = fill_texts(model, tokenizer, texts, o, e, error);
    if (status == EXPLAINT_OK && (o->standardise || o->remove_top > 0))
        status = transform(e, e, o->standardise, o->remove_top, error);
    if (status == EXPLAINT_OK)
        *embedding = e;
    else
        explaint_embedding_close(e);
    return status;
}
