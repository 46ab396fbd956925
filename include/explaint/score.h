/* How much a decoder expects a text, and how it would go on.
 *
 *     explaint_model_options how = explaint_model_defaults();
 *     explaint_model *model = NULL;
 *     explaint_tokenizer *tokenizer = NULL;
 *     explaint_scores *scores = NULL;
 *     how.logits = true;
 *     if (explaint_model_open("SmolLM2-135M", &how, &model, &error) == EXPLAINT_OK &&
 *         explaint_tokenizer_open("SmolLM2-135M", &tokenizer, &error) == EXPLAINT_OK &&
 *         explaint_model_score(model, tokenizer, texts, 0, &scores, &error) == EXPLAINT_OK)
 *         printf("perplexity %g\n", scores->perplexity);
 *     explaint_scores_close(scores);
 */
#ifndef EXPLAINT_SCORE_H
#define EXPLAINT_SCORE_H

#include "explaint/model.h"
#include "explaint/result.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One text: the logarithm of the probability of its tokens after the first, each given those before; natural logarithms. */
typedef struct explaint_text_score {
    size_t text, tokens;
    double log_prob;
    double perplexity; /* exp(-log_prob / (tokens - 1)); NaN for a text of one token */
} explaint_text_score;

typedef struct explaint_scores {
    explaint_record record; /* explaint_scores_kind */
    const char *version, *model;
    const char *const *command; /* NULL-terminated, for the document: whoever writes one may set it */
    const char *texts_sha256;
    size_t n_rows;
    const explaint_text_score *rows; /* one a text */
    size_t tokens;                   /* of all texts */
    double log_prob;                 /* of all texts */
    double perplexity;               /* exp(-log_prob / (tokens - texts)); NaN where no text has two tokens */
    size_t n_notes;
    const char *const *notes;
} explaint_scores;

/* The model is opened with `logits`. threads 0: all processors; no number depends on it. Errors: EXPLAINT_INVALID for a text without tokens
 * or beyond a table of positions. */
EXPLAINT_API explaint_status explaint_model_score(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                                  const explaint_texts *texts, unsigned threads,
                                                  explaint_scores **scores, explaint_error *error);
EXPLAINT_API void explaint_scores_close(explaint_scores *scores);
EXPLAINT_API extern const explaint_kind explaint_scores_kind;

/* The n tokens go on with the one that is expected most (the lowest id of equals), and so forth: at most `most` more in `made`. Ends after a
 * token that ends texts (eos_token_id of generation_config.json, else of config.json; of a GGUF tokenizer.ggml.eos_, eot_ and
 * eom_token_id; it is in `made`), and at the end of a table of positions. *n_made: how many there are. A token costs the same
 * however long the text is, but for its attention. Errors as explaint_model_run's. */
EXPLAINT_API explaint_status explaint_model_generate(const explaint_model *model, const int32_t *id, size_t n,
                                                     size_t most, int32_t *made, size_t *n_made, explaint_error *error);

/* The document of `explaint model generate`; whoever makes one fills it. */
typedef struct explaint_generated {
    explaint_record record; /* explaint_generated_kind */
    const char *version, *model;
    const char *const *command;
    const char *text; /* all tokens as text, without special ones */
    size_t prompt_tokens, tokens;
    const size_t *ids; /* `tokens`, those of the prompt first */
} explaint_generated;

EXPLAINT_API extern const explaint_kind explaint_generated_kind;

#ifdef __cplusplus
}
#endif
#endif
