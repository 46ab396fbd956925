/* What comes before the pooling: sentence_bert_config.json, and which settings of the tokenizer's and the model's files count for whole texts.
 *
 * Easy to get wrong: max_seq_length, if it is given, counts and not the tokenizer's model_max_length; only without it the positions of
 * config.json are a limit as well; the reference computes in the type that config.json names. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "sentence/read.h"

/* transformers takes a model_max_length above 1e20 for none; no text has as many pieces as this. */
static const double NO_LIMIT = 1e15;

/* ---- where texts are cut ---- */

/* null is no limit. A limit is kept if it is below the one that is there. */
static explaint_status limit(const xp_sentence_reader *r, const char *key, const xp_value *value) {
    xp_sentence *s = r->to;
    double number;
    xp_text from = {0};
    if (xp_value_is_null(value) || (xp_value_number(value, &number) && number > NO_LIMIT)) return EXPLAINT_OK;
    if (!xp_value_number(value, &number) || number < 1 || number != floor(number))
        return xp_read_refuse(r, key, value, "a count of pieces");
    if (s->most > 0 && number >= (double)s->most) return EXPLAINT_OK;
    const char *file = strrchr(r->path.data, '/') + 1;
    xp_text_addf(&from, "\"%s\" of %s", key, file);
    if (from.failed) {
        xp_text_free(&from);
        return xp_no_memory(r->error, key);
    }
    xp_free(s->most_from);
    s->most_from = from.data;
    s->most = (size_t)number;
    return EXPLAINT_OK;
}

/* ---- sides ---- */

/* "left" or "right" by the key of tokenizer_config.json, else by what tokenizer.json says of the same. */
static explaint_status read_side(const xp_sentence_reader *r, const xp_value *config, const char *key,
                                 const xp_value *direction, bool *left) {
    const xp_value *value = xp_value_member(config, key);
    const char *side = xp_value_string(value != NULL ? value : direction);
    *left = false;
    if (value == NULL && xp_value_is_null(direction)) return EXPLAINT_OK;
    if (side == NULL) return xp_read_refuse(r, key, value != NULL ? value : direction, "left or right");
    *left = strcmp(side, value != NULL ? "left" : "Left") == 0;
    return *left || strcmp(side, value != NULL ? "right" : "Right") == 0
               ? EXPLAINT_OK
               : xp_read_refuse(r, key, value, "left or right");
}

static explaint_status read_tokenizer(xp_sentence_reader *r, const char *sub, bool limits) {
    xp_value *tokenizer = NULL, *config = NULL;
    bool pads_left = false;
    explaint_status status = xp_read_json(r, sub, "tokenizer.json", &tokenizer);
    if (status == EXPLAINT_OK) status = xp_read_json(r, sub, "tokenizer_config.json", &config);
    const xp_value *cut = xp_value_member(xp_value_member(tokenizer, "truncation"), "direction"),
                   *pad = xp_value_member(xp_value_member(tokenizer, "padding"), "direction");
    if (status == EXPLAINT_OK) status = read_side(r, config, "truncation_side", cut, &r->to->cuts_begin);
    if (status == EXPLAINT_OK) status = read_side(r, config, "padding_side", pad, &pads_left);
    if (status == EXPLAINT_OK && pads_left)
        status =
            xp_fail(r->error, EXPLAINT_INVALID, r->path.data, 0,
                    "expected \"padding_side\" to be right, found left, where a vector depends on the longest text "
                    "beside it; --pooling mean, cls or max leaves these files out");
    const char *key = xp_value_member(config, "model_max_length") != NULL ? "model_max_length" : "max_len";
    if (status == EXPLAINT_OK && limits) status = limit(r, key, xp_value_member(config, key));
    xp_value_free(tokenizer);
    xp_value_free(config);
    return status;
}

/* ---- sentence_bert_config.json ---- */

static const char *const known[] = {"max_seq_length",
                                    "do_lower_case",
                                    "transformer_task",
                                    "modality_config",
                                    "module_output_name",
                                    "processing_kwargs",
                                    "model_args",
                                    "model_kwargs",
                                    "tokenizer_args",
                                    "processor_kwargs",
                                    "config_args",
                                    "config_kwargs",
                                    "query_expansion",
                                    "tokenizer_name_or_path",
                                    "unpad_inputs",    /* no number depends on these three: they are of other */
                                    "query_length",    /* processors, and of encode_query */
                                    "document_length", /* and encode_document */
                                    NULL};

static bool is_text(const xp_value *value, const char *text) {
    const char *string = xp_value_string(value);
    return string != NULL && strcmp(string, text) == 0;
}

/* One text or a list of one. */
static bool is_output(const xp_value *value, const char *name) {
    return is_text(value, name) ||
           (xp_value_is_array(value) && xp_value_count(value) == 1 && is_text(xp_value_item(value, 0), name));
}

/* Which output of which method of the model is taken for the states of the pieces. */
static explaint_status read_modalities(const xp_sentence_reader *r, const xp_value *object) {
    const xp_value *modalities = xp_value_member(object, "modality_config"),
                   *text = xp_value_member(modalities, "text"), *name = xp_value_member(object, "module_output_name");
    if (modalities == NULL) return EXPLAINT_OK;
    if (xp_value_count(modalities) != 1 || !is_text(xp_value_member(text, "method"), "forward") ||
        !is_output(xp_value_member(text, "method_output_name"), "last_hidden_state"))
        return xp_read_refuse(r, "modality_config", modalities,
                              "text alone, by the method forward and its last_hidden_state");
    return is_text(name, "token_embeddings") ? EXPLAINT_OK
                                             : xp_read_refuse(r, "module_output_name", name, "token_embeddings");
}

/* Arguments of another program's functions: NULL where the key is not there, or only what `allowed` says is in it. */
static explaint_status read_arguments(const xp_sentence_reader *r, const xp_value *object, const char *old,
                                      const char *key, const char *const *allowed, const xp_value **arguments) {
    const xp_value *older = xp_value_member(object, old), *newer = xp_value_member(object, key);
    *arguments = older != NULL ? older : newer;
    if (older != NULL && newer != NULL) return xp_read_refuse(r, old, older, "it or the other name alone");
    if (*arguments == NULL) return EXPLAINT_OK;
    if (!xp_value_is_object(*arguments)) return xp_read_refuse(r, older != NULL ? old : key, *arguments, "an object");
    return xp_read_known(r, *arguments, allowed);
}

/* float32 is what is computed in here: as good as if nothing was said, and better. */
static explaint_status read_model_arguments(const xp_sentence_reader *r, const xp_value *object, bool *single) {
    static const char *const allowed[] = {"attn_implementation", "dtype", "torch_dtype", "trust_remote_code", NULL};
    const xp_value *arguments;
    explaint_status status = read_arguments(r, object, "model_args", "model_kwargs", allowed, &arguments);
    if (status != EXPLAINT_OK) return status;
    const xp_value *how = xp_value_member(arguments, "attn_implementation");
    if (how != NULL && !is_text(how, "eager") && !is_text(how, "sdpa"))
        return xp_read_refuse(r, "attn_implementation", how, "eager or sdpa");
    for (size_t k = 1; k < 3; k++) {
        const xp_value *type = xp_value_member(arguments, allowed[k]);
        if (type == NULL) continue;
        if (!is_text(type, "float32")) return xp_read_refuse(r, allowed[k], type, "float32");
        *single = true;
    }
    return EXPLAINT_OK;
}

/* *given: what the tokenizer's own files say of the length does not count. */
static explaint_status read_limits(const xp_sentence_reader *r, const xp_value *object, bool *given) {
    static const char *const allowed[] = {"model_max_length", "trust_remote_code", NULL},
                             *const none[] = {"trust_remote_code", NULL}, *const of_text[] = {"max_length", NULL};
    const xp_value *processor, *config, *most = xp_value_member(object, "max_seq_length"),
                                        *processing = xp_value_member(object, "processing_kwargs"),
                                        *text = xp_value_member(processing, "text");
    explaint_status status = read_arguments(r, object, "config_args", "config_kwargs", none, &config);
    if (status == EXPLAINT_OK)
        status = read_arguments(r, object, "tokenizer_args", "processor_kwargs", allowed, &processor);
    if (status == EXPLAINT_OK && !xp_value_is_null(processing) && !xp_value_is_object(processing))
        status = xp_read_refuse(r, "processing_kwargs", processing, "an object");
    if (status == EXPLAINT_OK && xp_read_truth(xp_value_member(processing, "common")))
        status = xp_read_refuse(r, "common", xp_value_member(processing, "common"), "nothing");
    if (status == EXPLAINT_OK && xp_read_truth(text)) status = xp_read_known(r, text, of_text);
    if (status != EXPLAINT_OK) return status;
    const xp_value *longest = xp_value_member(text, "max_length"),
                   *of_processor = xp_value_member(processor, "model_max_length");
    *given = !xp_value_is_null(longest) || of_processor != NULL || !xp_value_is_null(most);
    if (!xp_value_is_null(longest)) return limit(r, "max_length", longest);
    return of_processor != NULL ? limit(r, "model_max_length", of_processor) : limit(r, "max_seq_length", most);
}

static explaint_status read_settings(xp_sentence_reader *r, const xp_value *object, bool *given, bool *single) {
    static const char *const nulls[] = {"query_expansion", "tokenizer_name_or_path"};
    const xp_value *task = xp_value_member(object, "transformer_task"),
                   *lower = xp_value_member(object, "do_lower_case");
    explaint_status status = xp_read_known(r, object, known);
    if (status == EXPLAINT_OK && task != NULL && !is_text(task, "feature-extraction"))
        status = xp_read_refuse(r, "transformer_task", task, "feature-extraction");
    for (size_t k = 0; status == EXPLAINT_OK && k < 2; k++)
        if (!xp_value_is_null(xp_value_member(object, nulls[k])))
            status = xp_read_refuse(r, nulls[k], xp_value_member(object, nulls[k]), "null");
    if (status == EXPLAINT_OK && xp_read_truth(lower) && !r->lowers)
        status = xp_read_refuse(r, "do_lower_case", lower, "false where the tokenizer keeps capitals");
    if (status == EXPLAINT_OK) status = read_modalities(r, object);
    if (status == EXPLAINT_OK) status = read_model_arguments(r, object, single);
    return status == EXPLAINT_OK ? read_limits(r, object, given) : status;
}

/* ---- config.json ---- */

/* The reference computes in half precision where config.json says so, or says nothing and the weights are stored so. */
static explaint_status note_type(xp_sentence_reader *r, const xp_value *config) {
    const xp_value *type = xp_value_member(config, "dtype");
    if (xp_value_is_null(type)) type = xp_value_member(config, "torch_dtype");
    const char *name = xp_value_string(type);
    if (name == NULL) name = strcmp(r->model->dtype, "F32") == 0 ? "float32" : r->model->dtype;
    if (strcmp(name, "float32") == 0 || strcmp(name, "torch.float32") == 0 || strcmp(name, "random") == 0)
        return EXPLAINT_OK;
    return xp_strings_addf(
               &r->to->notes,
               "sentence-transformers computes with this model in %.40s, here it is float32: vectors differ "
               "by the rounding of %.40s",
               name, name)
               ? EXPLAINT_OK
               : xp_no_memory(r->error, "a note");
}

static explaint_status read_config(xp_sentence_reader *r, const char *sub, bool limits, bool single) {
    xp_value *config = NULL;
    const char *key = "max_position_embeddings";
    explaint_status status = xp_read_json(r, sub, "config.json", &config);
    if (status == EXPLAINT_OK && limits && xp_value_member(config, key) != NULL)
        status = limit(r, key, xp_value_member(config, key));
    if (status == EXPLAINT_OK && !single) status = note_type(r, config);
    xp_value_free(config);
    return status;
}

explaint_status xp_read_transformer(xp_sentence_reader *r, const xp_module *module) {
    static const char *const families[] = {"bert",   "roberta",     "distilbert", "camembert",
                                           "albert", "xlm-roberta", "xlnet"};
    xp_value *object = NULL;
    bool given = false, single = false;
    explaint_status status = EXPLAINT_OK;
    for (size_t k = 0; status == EXPLAINT_OK && xp_value_count(object) == 0 && k < sizeof families / sizeof *families;
         k++) {
        char name[64];
        snprintf(name, sizeof name, "sentence_%s_config.json", families[k]);
        xp_value_free(object);
        status = xp_read_json(r, module->path, name, &object);
    }
    if (status == EXPLAINT_OK && object != NULL) status = read_settings(r, object, &given, &single);
    xp_value_free(object);
    if (status == EXPLAINT_OK) status = read_tokenizer(r, module->path, !given);
    return status == EXPLAINT_OK ? read_config(r, module->path, !given, single) : status;
}
