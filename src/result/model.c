/* The documents of `explaint embed`, `explaint model check` `explaint model score` and `explaint model generate`. */
#include "explaint/embed.h"
#include "explaint/inspect.h"
#include "explaint/score.h"
#include "result/record.h"

#define OF explaint_embed_dropped
static const explaint_field dropped[] = {XP_FIELD(TEXT, word, NULL), XP_FIELD(TEXT, text, NULL),
                                         XP_FIELD(TEXT, why, NULL)};
#undef OF
static const explaint_kind dropped_kind = XP_KIND("dropped", NULL, explaint_embed_dropped, dropped);

#define OF explaint_embed_result
static const explaint_field embed[] = {
    XP_RUN_FIELDS(0),
    XP_NAMED("texts", COUNT, n_texts, "that were asked for"),
    XP_NAMED("words", COUNT, n_words, "that were asked for"),
    XP_NAMED("rows", SIZE, n_rows, NULL),
    XP_FIELD(SIZE, width, NULL),
    {.name = "layers", .type = EXPLAINT_FIELD_SIZES, .offset = offsetof(OF, layers), .count = offsetof(OF, n_layers)},
    XP_FIELD(PLACE, several_pieces, "words that the tokenizer cuts"),
    XP_FIELD(SIZE, cut, "texts cut at the model's positions"),
    XP_LIST("dropped", dropped, n_dropped, dropped_kind, EXPLAINT_FIELD_LINES),
    XP_NOTES,
    {.name = "warnings",
     .type = EXPLAINT_FIELD_TEXTS,
     .offset = offsetof(OF, warnings),
     .count = offsetof(OF, n_warnings),
     .form = EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY},
    XP_FIELD(TEXT, vectors_sha256, "of the file that holds them"),
};
#undef OF
const explaint_kind explaint_embed_kind = XP_KIND("embed", NULL, explaint_embed_result, embed);

#define OF explaint_check_layer
static const explaint_field layer[] = {
    XP_FIELD(SIZE, layer, NULL),
    XP_FIELD(NUMBER, hidden, "largest difference of states"),
    XP_FIELD(NUMBER, attention, "of the maps of the block that makes the layer"),
};
#undef OF
static const explaint_kind layer_kind = XP_KIND("layer", NULL, explaint_check_layer, layer);

#define OF explaint_check
static const explaint_field check[] = {
    XP_NAMED("explaint", TEXT, version, NULL),
    XP_FIELD(WORDS, command, NULL),
    XP_FIELD(TEXT, model, NULL),
    XP_NAMED("checked", TEXT, stamp, "yes, no, differs"),
    XP_FIELD(TEXT, reference, NULL),
    XP_NAMED("texts", COUNT, n_texts, NULL),
    XP_NAMED("texts_tokenized", PLACE, n_ids, NULL),
    XP_NAMED("texts_with_other_ids", PLACE, n_other_ids, NULL),
    XP_FIELD(NUMBER, hidden_bound, NULL),
    XP_FIELD(NUMBER, attention_bound, NULL),
    XP_LIST("layers", layer, n_layers, layer_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY),
};
#undef OF
const explaint_kind explaint_check_kind = XP_KIND("model check", NULL, explaint_check, check);

#define OF explaint_text_score
static const explaint_field score[] = {
    XP_FIELD(SIZE, text, "counted from 0"),
    XP_FIELD(SIZE, tokens, NULL),
    XP_FIELD(NUMBER, log_prob, "of the tokens after the first, each given those before"),
    XP_FIELD(NUMBER, perplexity, "exp(-log_prob / (tokens - 1))"),
};
#undef OF
static const explaint_kind score_kind = XP_KIND("score", NULL, explaint_text_score, score);

#define OF explaint_scores
static const explaint_field scores[] = {
    XP_NAMED("explaint", TEXT, version, NULL),
    XP_FIELD(WORDS, command, NULL),
    XP_FIELD(TEXT, model, NULL),
    XP_FIELD(TEXT, texts_sha256, NULL),
    XP_LIST("rows", rows, n_rows, score_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_FIELD(SIZE, tokens, NULL),
    XP_FIELD(NUMBER, log_prob, "of all texts"),
    XP_FIELD(NUMBER, perplexity, "of all texts"),
    XP_NOTES,
};
#undef OF
const explaint_kind explaint_scores_kind = XP_KIND("model score", NULL, explaint_scores, scores);

#define OF explaint_generated
static const explaint_field generated[] = {
    XP_NAMED("explaint", TEXT, version, NULL),
    XP_FIELD(WORDS, command, NULL),
    XP_FIELD(TEXT, model, NULL),
    XP_FIELD(TEXT, text, NULL),
    XP_FIELD(SIZE, prompt_tokens, NULL),
    {.name = "ids", .type = EXPLAINT_FIELD_SIZES, .offset = offsetof(OF, ids), .count = offsetof(OF, tokens)},
};
#undef OF
const explaint_kind explaint_generated_kind = XP_KIND("model generate", NULL, explaint_generated, generated);
