/* An embedding: what it was made of and how, which words and texts have in common. */
#include <stdio.h>
#include <string.h>

#include "base/choose.h"
#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "embed/embedding.h"
#include "embed/transform.h"
#include "explaint/inspect.h"
#include "text/texts.h"
#include "text/tokenizer.h"

void explaint_embedding_close(explaint_embedding *e) {
    if (e == NULL) return;
    xp_free_all(e->layer, e->values, e->row, e->model_name, e->model_path);
    xp_strings_free(&e->words);
    xp_strings_free(&e->dropped);
    xp_strings_free(&e->notes);
    xp_strings_free(&e->warnings);
    xp_strings_free(&e->inputs);
    xp_strings_free(&e->input_parts);
    xp_free_all(e->input, e->setting, e->drop);
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
size_t explaint_embedding_n_warnings(const explaint_embedding *e) { return e->warnings.count; }
const char *explaint_embedding_warning(const explaint_embedding *e, size_t i) { return e->warnings.item[i]; }
size_t explaint_embedding_n_notes(const explaint_embedding *e) { return e->notes.count; }
const char *explaint_embedding_note(const explaint_embedding *e, size_t i) { return e->notes.item[i]; }

/* ---- what was asked for ---- */

const char *const xp_pool_names[] = {"mean", "first", "last", "next"};
const char *const xp_specials_names[] = {"seen", "pooled", "none"};
static const char *const text_names[] = {"folder", "mean", "cls", "max"};

explaint_embed_options explaint_embed_defaults(void) {
    return (explaint_embed_options){.max_contexts = XP_MAX_CONTEXTS,
                                    .seed = 1,
                                    .pieces = *xp_pool_names,
                                    .special_tokens = *xp_specials_names,
                                    .pooling = *text_names};
}

explaint_status xp_ways_of(const explaint_embed_options *o, xp_ways *ways, explaint_error *error) {
    size_t pieces = 0, specials = 0, pooling = 0;
    explaint_status status = xp_choose(o->pieces, xp_pool_names, XP_N_POOLS, "pieces", &pieces, error);
    if (status == EXPLAINT_OK)
        status = xp_choose(o->special_tokens, xp_specials_names, 3, "special_tokens", &specials, error);
    if (status == EXPLAINT_OK) status = xp_choose(o->pooling, text_names, 4, "pooling", &pooling, error);
    *ways = (xp_ways){(xp_pool_how)pieces, (xp_specials)specials, (xp_text_pooling)pooling};
    return status;
}

bool xp_embedding_set(explaint_embedding *e, const char *name, const char *text) {
    xp_text json = {0};
    if (text == NULL) return true;
    xp_json_quote(&json, text, strlen(text));
    const bool good = !json.failed && xp_strings_add(&e->settings, name, strlen(name)) &&
                      xp_strings_add(&e->settings, json.data, json.length);
    xp_text_free(&json);
    return good;
}

bool xp_embedding_set_number(explaint_embedding *e, const char *name, unsigned long long number) {
    return xp_strings_add(&e->settings, name, strlen(name)) && xp_strings_addf(&e->settings, "%llu", number);
}

bool xp_embedding_set_transform(explaint_embedding *e, const explaint_embed_options *o) {
    bool good = !o->standardise || xp_embedding_set_number(e, "standardise", 1);
    if (good && o->remove_top > 0) good = xp_embedding_set_number(e, "remove_top", o->remove_top);
    if (good && o->truncate) good = xp_embedding_set_number(e, "truncate", 1);
    return good && (o->fit_words == NULL || xp_embedding_set_number(e, "fit_words", o->n_fit_words));
}

bool xp_embedding_add_input(explaint_embedding *e, const char *role, const char *name, const char *path,
                            const char *sha256) {
    xp_json json = {0};
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_string(&json, "role", role);
    xp_json_string(&json, "name", name);
    xp_json_string(&json, "path", path);
    xp_json_string(&json, "sha256", sha256);
    xp_json_close(&json);
    const char *const parts[] = {role, name, path, sha256};
    bool good = !json.text.failed && xp_strings_add(&e->inputs, json.text.data, json.text.length);
    for (size_t i = 0; good && i < 4; i++)
        good = xp_strings_addf(&e->input_parts, "%s", parts[i] != NULL ? parts[i] : "");
    xp_json_free(&json);
    return good;
}

void xp_embedding_list_inputs(const explaint_embedding *e, xp_text *json) {
    xp_text_adds(json, "[");
    for (size_t i = 0; i < e->inputs.count; i++) xp_text_addf(json, "%s%s", i > 0 ? ", " : "", e->inputs.item[i]);
    xp_text_adds(json, "]");
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
    bool good = e->model_name != NULL && e->model_path != NULL && xp_embedding_set(e, "model", info->name) &&
                xp_embedding_set(e, "family", info->family);
    /* A GGUF's types, which decide what its numbers are; of a folder the files say it, and runs are known without it. */
    if (good && strchr(info->dtype, ' ') != NULL) good = xp_embedding_set(e, "weights", info->dtype);
    for (size_t i = 0; good && i < info->n_files; i++)
        good = xp_embedding_add_input(e, "model", info->name, info->file[i].path, info->file[i].sha256);
    if (good && info->random_init) good = xp_embedding_set_number(e, "random_init", info->seed);
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
        !(xp_embedding_set(e, "checked", check->stamp) && xp_strings_addf(&e->notes, "%s", check->sentence)))
        status = xp_no_memory(error, "an embedding");
    explaint_check_close(check);
    return status;
}

bool xp_embedding_add_texts(explaint_embedding *e, const char *role, const explaint_texts *texts) {
    bool good = xp_embedding_add_input(e, role, texts->path, texts->path, texts->sha256);
    for (size_t i = 0; good && i < texts->notes.count; i++)
        good = xp_strings_addf(&e->notes, "%s", texts->notes.item[i]);
    return good;
}

explaint_status xp_embedding_create(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                    const explaint_embed_options *o, explaint_embedding **embedding,
                                    explaint_error *error) {
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
    bool good = e != NULL && e->layer != NULL && add_model(e, model, tokenizer);
    for (size_t i = 0; good && i < o->n_inputs; i++)
        good = xp_embedding_add_input(e, o->inputs[i].role, o->inputs[i].name, o->inputs[i].path, o->inputs[i].sha256);
    const explaint_status status =
        good ? add_stamp(e, model, tokenizer, o->threads, error) : xp_no_memory(error, "an embedding");
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

explaint_status xp_embedding_note_prompt(explaint_embedding *e, const explaint_model *model, const char *text,
                                         const char *what, const char *how, explaint_error *error) {
    explaint_error wrong = {0};
    char *prompt = NULL;
    const explaint_status status = xp_sentence_prompt(explaint_model_describe(model), &prompt, &wrong, error);
    if (status != EXPLAINT_OK) return status;
    bool good = true;
    xp_text quoted = {0};
    if (prompt != NULL) xp_json_quote(&quoted, prompt, strlen(prompt));
    if (wrong.code != EXPLAINT_OK)
        good = xp_strings_addf(&e->notes, "whether the folder has a prompt for texts is not known: %s", wrong.message);
    else if (prompt != NULL && (text == NULL || strncmp(text, prompt, strlen(prompt)) != 0))
        good = !quoted.failed &&
               xp_strings_addf(&e->notes, "the folder's default prompt %.*s is not put before %s; %s does that",
                               XP_SHOW(((xp_view){quoted.data, quoted.length})), what, how);
    xp_text_free(&quoted);
    xp_free(prompt);
    return good ? EXPLAINT_OK : xp_no_memory(error, "notes");
}

bool xp_embedding_set_begin(explaint_embedding *e, const explaint_model *model, const explaint_tokenizer *tokenizer,
                            bool seen) {
    if (!explaint_model_describe(model)->causal) return true;
    xp_text names = {0};
    if (seen) xp_tokenizer_begin(tokenizer, &names);
    const char *begin = names.data != NULL ? names.data : "";
    const bool good =
        !names.failed && xp_embedding_set(e, "bos", begin) &&
        (!seen         ? xp_strings_addf(&e->notes, "no piece is put before a text: special tokens are left out")
         : *begin == 0 ? xp_strings_addf(&e->notes, "no piece is put before a text, as the tokenizer's file says")
                       : xp_strings_addf(&e->notes, "%s is put before each text, as the tokenizer's file says", begin));
    xp_text_free(&names);
    return good;
}

bool xp_embedding_note_cut(explaint_embedding *e, size_t most, const char *why) {
    return e->n_cut == 0 ||
           xp_strings_addf(&e->notes, "%zu %s longer than %zu pieces and %s cut there%s", e->n_cut,
                           e->n_cut == 1 ? "text is" : "texts are", most, e->n_cut == 1 ? "is" : "are", why);
}

/* ---- standardisation and top components ---- */

explaint_status xp_embedding_transform(explaint_embedding *e, const explaint_embedding *fit_on, bool standardise,
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
