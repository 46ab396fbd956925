/* Vectors of whole texts. */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "embed/embedding.h"
#include "text/texts.h"
#include "text/tokenizer.h"

static explaint_status check_options(const explaint_embed_options *o, xp_ways *ways, explaint_error *error) {
    explaint_status status = xp_ways_of(o, ways, error);
    if (status != EXPLAINT_OK) return status;
    const bool words = o->pattern != NULL || o->contexts != NULL || o->prototypes > 0 || o->fit_words != NULL ||
                       ways->pieces != XP_POOL_MEAN || ways->specials != XP_SPECIALS_SEEN;
    return words ? xp_fail(
                       error, EXPLAINT_USAGE, NULL, 0,
                       "templates, contexts, pieces, special tokens and words to fit on belong to words, not to texts")
                 : EXPLAINT_OK;
}

/* ---- what the folder says ---- */

/* The prompt that was asked for goes before the folder's. */
static bool replace_prompt(xp_sentence *s, const char *prompt) {
    if (prompt == NULL) return true;
    xp_free_all(s->prompt, s->prompt_name);
    s->prompt_name = NULL;
    s->prompt = *prompt != 0 ? xp_strdup(prompt) : NULL;
    return *prompt == 0 || s->prompt != NULL;
}

static explaint_status read_sentence(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const explaint_embed_options *o, xp_text_pooling pooling, xp_sentence *s,
                                     explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(model);
    explaint_status status = EXPLAINT_OK;
    if (pooling == XP_TEXT_FOLDER)
        status = xp_sentence_read(info, xp_normalizer_lowers(&tokenizer->normalizer), s, error);
    else
        xp_sentence_plain(info,
                          pooling == XP_TEXT_CLS   ? XP_POOLING_CLS
                          : pooling == XP_TEXT_MAX ? XP_POOLING_MAX
                                                   : XP_POOLING_MEAN,
                          s);
    if (status == EXPLAINT_OK && !replace_prompt(s, o->prompt)) status = xp_no_memory(error, "a prompt");
    return status;
}

/* Of several ways "cls,mean". */
static bool set_pooling(explaint_embedding *e, const xp_sentence *s) {
    xp_text names = {0};
    for (size_t k = 0; k < s->n_poolings; k++)
        xp_text_addf(&names, "%s%s", k > 0 ? "," : "", xp_pooling_names[s->pooling[k]]);
    const bool good = !names.failed && xp_embedding_set(e, "pooling", names.data);
    xp_text_free(&names);
    return good;
}

static bool set_stages(explaint_embedding *e, const xp_sentence *s) {
    xp_text dense = {0};
    bool unit = false;
    for (size_t k = 0; k < s->n_stages; k++) {
        unit = unit || !s->stage[k].dense;
        if (!s->stage[k].dense) continue;
        xp_text_addf(&dense, "%s%zu to %zu, %s%s", dense.length > 0 ? "; " : "", s->stage[k].n_in, s->stage[k].n_out,
                     s->stage[k].bias != NULL ? "" : "no bias, ", xp_squash_names[s->stage[k].squash]);
    }
    const bool good = !dense.failed && (dense.length == 0 || xp_embedding_set(e, "dense", dense.data)) &&
                      (!unit || xp_embedding_set_number(e, "normalised", 1));
    xp_text_free(&dense);
    return good;
}

static bool set_prompt(explaint_embedding *e, const xp_sentence *s) {
    xp_text quoted = {0};
    xp_json_quote(&quoted, s->prompt, strlen(s->prompt));
    const bool good = !quoted.failed && xp_embedding_set(e, "prompt", s->prompt) &&
                      (s->prompt_counts || xp_embedding_set_number(e, "prompt_pooled", 0)) &&
                      xp_strings_addf(&e->notes, "before each text stands the prompt %.*s%s%s",
                                      XP_SHOW(((xp_view){quoted.data, quoted.length})),
                                      s->prompt_name == NULL ? "" : ", as default_prompt_name of the folder says",
                                      s->prompt_counts ? "" : "; its pieces are not pooled");
    xp_text_free(&quoted);
    return good;
}

static bool set_sentence(explaint_embedding *e, const xp_sentence *s, const explaint_model_info *info) {
    bool good = set_pooling(e, s) && set_stages(e, s);
    size_t last = s->n_poolings * s->states;
    for (size_t k = 0; k < s->n_stages; k++) last = s->stage[k].dense ? s->stage[k].n_out : last;
    if (good && s->width < last) good = xp_embedding_set_number(e, "truncate_dim", s->width);
    if (good && s->most > 0) good = xp_embedding_set_number(e, "cut_at", s->most);
    good = good && (s->prompt == NULL || set_prompt(e, s));
    for (size_t i = 0; good && i < s->files.count; i += 2) {
        bool there = false;
        for (size_t k = 0; k < info->n_files; k++) there = there || strcmp(info->file[k].path, s->files.item[i]) == 0;
        good = there || xp_embedding_add_input(e, "model", info->name, s->files.item[i], s->files.item[i + 1]);
    }
    for (size_t i = 0; good && i < s->notes.count; i++) good = xp_strings_addf(&e->notes, "%s", s->notes.item[i]);
    return good;
}

/* ---- the prompt's pieces ---- */

/* Its length as the reference counts it: with the special pieces before it, and without the one behind it. */
static explaint_status count_prompt(const explaint_tokenizer *tokenizer, const xp_sentence *s,
                                    const xp_pass_options *how, size_t *n, explaint_error *error) {
    explaint_encoding e = {0};
    const explaint_encode_options options = {.truncate = how->truncate ? how->most : 0};
    *n = 0;
    if (s->prompt == NULL || s->prompt_counts) return EXPLAINT_OK;
    explaint_status status = explaint_tokenizer_encode(tokenizer, s->prompt, strlen(s->prompt), &options, &e, error);
    if (status == EXPLAINT_OK && e.n == 0)
        status =
            xp_fail(error, EXPLAINT_INVALID, NULL, 0, "expected pieces of the prompt \"%.80s\", found none", s->prompt);
    if (status == EXPLAINT_OK) *n = e.special[e.n - 1] || e.id[e.n - 1] == tokenizer->unknown ? e.n - 1 : e.n;
    explaint_encoding_free(&e);
    return status;
}

/* ---- running ---- */

/* Of the texts with their prompt, as the model sees them. */
static bool warn(explaint_embedding *e, const explaint_texts *texts) {
    xp_text blank = {0}, unknown = {0};
    xp_blank_say(texts, &blank);
    xp_unknown_say(&e->unknown, &unknown);
    bool good = !blank.failed && !unknown.failed;
    if (good && blank.length > 0) good = xp_strings_add(&e->warnings, blank.data, blank.length);
    if (good && unknown.length > 0)
        good = xp_strings_add(xp_unknown_many(&e->unknown) ? &e->warnings : &e->notes, unknown.data, unknown.length);
    xp_text_free(&blank);
    xp_text_free(&unknown);
    return good;
}

static explaint_status check_rows(const explaint_embedding *e, const explaint_texts *texts, explaint_error *error) {
    for (size_t i = 0; i < e->n_layers * e->n_rows * e->width; i++)
        if (!isfinite(e->values[i]))
            return xp_texts_refuse(texts->path, texts->by_line, i / e->width % e->n_rows,
                                   "expected a vector of finite numbers, found NaN or infinity", error);
    return EXPLAINT_OK;
}

static explaint_status fill(const explaint_model *model, const explaint_tokenizer *tokenizer,
                            const explaint_texts *texts, const explaint_embed_options *o, const xp_sentence *s,
                            explaint_embedding *e, explaint_error *error) {
    const size_t positions = explaint_model_describe(model)->n_positions;
    const bool limited = s->most > 0 && s->most <= positions;
    xp_pass_options how = {.layers = e->layer,
                           .n_layers = e->n_layers,
                           .threads = o->threads,
                           .most = limited ? s->most : positions,
                           .truncate = limited || o->truncate,
                           .sentence = s,
                           .path = texts->path,
                           .by_line = texts->by_line};
    xp_occurrences occurrences = {0};
    xp_text why = {0};
    xp_fate *fate = xp_calloc(texts->n, sizeof *fate);
    explaint_status status =
        fate != NULL ? count_prompt(tokenizer, s, &how, &how.skip, error) : xp_no_memory(error, "texts");
    if (limited) xp_text_addf(&why, ", as %s says", s->most_from);
    if (status == EXPLAINT_OK) status = xp_occurrences_of_texts(texts, s->prompt, &occurrences, error);
    if (status == EXPLAINT_OK)
        status = xp_pass(model, tokenizer, &occurrences, texts->text, texts->n, &how, fate, e, error);
    if (status == EXPLAINT_OK) status = check_rows(e, texts, error);
    if (status == EXPLAINT_OK &&
        (why.failed || !xp_embedding_note_cut(e, how.most, limited ? why.data : "") || !warn(e, texts)))
        status = xp_no_memory(error, "notes");
    xp_occurrences_free(&occurrences);
    xp_text_free(&why);
    xp_free(fate);
    return status;
}

explaint_status explaint_embed_texts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const explaint_texts *texts, const explaint_embed_options *options,
                                     explaint_embedding **embedding, explaint_error *error) {
    const explaint_embed_options defaults = explaint_embed_defaults(), *o = options != NULL ? options : &defaults;
    explaint_embedding *e = NULL;
    xp_ways ways;
    xp_sentence sentence = {0};
    *embedding = NULL;
    explaint_status status = check_options(o, &ways, error);
    if (status == EXPLAINT_OK) status = read_sentence(model, tokenizer, o, ways.pooling, &sentence, error);
    if (status == EXPLAINT_OK) status = xp_embedding_create(model, tokenizer, o, &e, error);
    if (status == EXPLAINT_OK) {
        e->of_texts = true;
        e->n_given = texts->n;
        e->width = sentence.width;
        if (!xp_embedding_add_texts(e, "texts", texts) || !xp_embedding_set_begin(e, model, tokenizer, true) ||
            !xp_embedding_set_transform(e, o))
            status = xp_no_memory(error, "texts");
    }
    if (status == EXPLAINT_OK) status = fill(model, tokenizer, texts, o, &sentence, e, error);
    if (status == EXPLAINT_OK && !set_sentence(e, &sentence, explaint_model_describe(model)))
        status = xp_no_memory(error, "notes");
    if (status == EXPLAINT_OK && ways.pooling != XP_TEXT_FOLDER && o->prompt == NULL)
        status =
            xp_embedding_note_prompt(e, model, NULL, "texts where --pooling is not the folder's", "--prompt", error);
    if (status == EXPLAINT_OK && (o->standardise || o->remove_top > 0))
        status = xp_embedding_transform(e, e, o->standardise, o->remove_top, error);
    xp_sentence_free(&sentence);
    if (status == EXPLAINT_OK)
        *embedding = e;
    else
        explaint_embedding_close(e);
    return status;
}
