/* The stand-in's models: nothing is read, a word has one number. FAKE_CHECK=yes|differs: what the check finds. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "explaint/embed.h"
#include "explaint/inspect.h"
#include "explaint/score.h"

struct explaint_model {
    explaint_model_info info;
};
struct explaint_tokenizer {
    char nothing;
};
struct explaint_texts {
    char path[64];
    size_t n;
    char *text[64];
};
struct explaint_embedding {
    size_t n_rows, n_layers;
};

explaint_status explaint_texts_open(const char *path, explaint_texts **texts, explaint_error *error) {
    char line[256];
    FILE *file = strcmp(path, "-") == 0 ? fdopen(dup(0), "r") : fopen(path, "r");
    *texts = NULL;
    if (file == NULL) {
        snprintf(error->message, sizeof error->message, "%s: cannot be read", path);
        return EXPLAINT_INVALID;
    }
    *texts = calloc(1, sizeof **texts);
    snprintf((*texts)->path, sizeof(*texts)->path, "%s", path);
    while ((*texts)->n < 64 && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = 0;
        (*texts)->text[(*texts)->n++] = strdup(line);
    }
    fclose(file);
    return EXPLAINT_OK;
}
explaint_status explaint_texts_open_words(const char *path, explaint_texts **texts, explaint_error *error) {
    return explaint_texts_open(path, texts, error);
}
explaint_status explaint_texts_of(const char *const *text, size_t n, explaint_texts **texts, explaint_error *error) {
    (void)error;
    *texts = calloc(1, sizeof **texts);
    for (; (*texts)->n < n && (*texts)->n < 64; (*texts)->n++) (*texts)->text[(*texts)->n] = strdup(text[(*texts)->n]);
    return EXPLAINT_OK;
}
void explaint_texts_close(explaint_texts *texts) {
    for (size_t i = 0; texts != NULL && i < texts->n; i++) free(texts->text[i]);
    free(texts);
}
const char *explaint_texts_path(const explaint_texts *texts) { return texts->path; }
const char *explaint_texts_sha256(const explaint_texts *texts) { return (void)texts, "aa"; }
size_t explaint_texts_n(const explaint_texts *texts) { return texts->n; }
const char *explaint_texts_text(const explaint_texts *texts, size_t i, size_t *length) {
    *length = strlen(texts->text[i]);
    return texts->text[i];
}

explaint_model_options explaint_model_defaults(void) { return (explaint_model_options){0}; }
explaint_status explaint_model_open(const char *path, const explaint_model_options *options, explaint_model **model,
                                    explaint_error *error) {
    (void)options, (void)error;
    *model = calloc(1, sizeof **model);
    (*model)->info = (explaint_model_info){
        .name = path, .path = path, .family = "bert", .dtype = "F32", .n_layers = 12, .n_heads = 12, .width = 8};
    return EXPLAINT_OK;
}
void explaint_model_close(explaint_model *model) { free(model); }
const explaint_model_info *explaint_model_describe(const explaint_model *model) { return &model->info; }

explaint_status explaint_tokenizer_open(const char *path, explaint_tokenizer **tokenizer, explaint_error *error) {
    (void)path, (void)error;
    *tokenizer = calloc(1, sizeof **tokenizer);
    return EXPLAINT_OK;
}
void explaint_tokenizer_close(explaint_tokenizer *tokenizer) { free(tokenizer); }
size_t explaint_tokenizer_n_notes(const explaint_tokenizer *tokenizer) { return tokenizer != NULL; }
const char *explaint_tokenizer_note(const explaint_tokenizer *tokenizer, size_t i) {
    (void)tokenizer, (void)i;
    return "nothing was cut";
}

/* ---- embed: what was asked for is printed ---- */

explaint_embed_options explaint_embed_defaults(void) { return (explaint_embed_options){0}; }

static explaint_status make(size_t n_rows, const explaint_embed_options *o, explaint_embedding **embedding) {
    *embedding = calloc(1, sizeof **embedding);
    **embedding = (explaint_embedding){n_rows, o->layers != NULL ? o->n_layers : 13};
    printf("layers");
    for (size_t k = 0; o->layers != NULL && k < o->n_layers; k++) printf(" %zu", o->layers[k]);
    printf("%s, template %s, contexts %s of %zu, prototypes %zu, %s, %s, %s, standardise %d, remove %zu, fit on %zu, "
           "truncate %d\n",
           o->layers != NULL ? "" : " all", o->pattern != NULL ? o->pattern : "none",
           o->contexts != NULL ? "yes" : "no", o->max_contexts, o->prototypes, o->pieces, o->special_tokens, o->pooling,
           o->standardise, o->remove_top, o->n_fit_words, o->truncate);
    if (o->prompt != NULL) printf("prompt %s\n", o->prompt);
    return EXPLAINT_OK;
}
explaint_status explaint_embed_words(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const char *const *words, size_t n, const explaint_embed_options *o,
                                     explaint_embedding **embedding, explaint_error *error) {
    (void)model, (void)tokenizer, (void)error;
    for (size_t i = 0; i < n; i++) printf("[%s]", words[i]);
    return make(n, o, embedding);
}
explaint_status explaint_embed_concepts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                        const explaint_norms *norms, const explaint_embed_options *o,
                                        explaint_embedding **embedding, explaint_error *error) {
    (void)model, (void)tokenizer, (void)norms, (void)error;
    return make(4, o, embedding);
}
explaint_status explaint_embed_texts(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const explaint_texts *texts, const explaint_embed_options *o,
                                     explaint_embedding **embedding, explaint_error *error) {
    (void)model, (void)tokenizer, (void)error;
    return make(texts->n, o, embedding);
}
void explaint_embedding_close(explaint_embedding *e) { free(e); }
size_t explaint_embedding_n_rows(const explaint_embedding *e) { return e->n_rows; }
size_t explaint_embedding_width(const explaint_embedding *e) { return e != NULL ? 8 : 0; }
size_t explaint_embedding_n_layers(const explaint_embedding *e) { return e->n_layers; }
size_t explaint_embedding_layer(const explaint_embedding *e, size_t k) { return e != NULL ? k : 0; }
size_t explaint_embedding_n_warnings(const explaint_embedding *e) {
    (void)e;
    return 0;
}
const char *explaint_embedding_warning(const explaint_embedding *e, size_t i) {
    (void)e;
    (void)i;
    return NULL;
}
size_t explaint_embedding_n_notes(const explaint_embedding *e) { return e != NULL; }
const char *explaint_embedding_note(const explaint_embedding *e, size_t i) {
    (void)e, (void)i;
    return "2 of 4 words are cut into several pieces";
}
explaint_status explaint_embedding_check_path(const char *path, size_t n_layers, explaint_error *error) {
    (void)path, (void)n_layers, (void)error;
    return EXPLAINT_OK;
}
explaint_status explaint_embedding_write(const explaint_embedding *e, const char *path, const char *words_path,
                                         explaint_error *error) {
    (void)e, (void)error;
    printf("to %s, words to %s\n", path, words_path != NULL ? words_path : "beside");
    return EXPLAINT_OK;
}
explaint_status explaint_embedding_record(explaint_embedding *e, const char *const *command, const char *path,
                                          const explaint_record **record, explaint_error *error) {
    static explaint_embed_result made;
    (void)e, (void)path, (void)error;
    made = (explaint_embed_result){.record = {&explaint_embed_kind}, .command = command};
    *record = &made.record;
    return EXPLAINT_OK;
}
bool explaint_embed_result_is_in(const explaint_embed_result *r, const char *path) { return (void)r, path != NULL; }
explaint_status explaint_embed_identity(const explaint_model *model, const char *const *command,
                                        const explaint_input *inputs, size_t n_inputs, char **identity,
                                        explaint_error *error) {
    (void)model, (void)command, (void)inputs, (void)n_inputs, (void)error;
    *identity = strdup("embed");
    return EXPLAINT_OK;
}

/* ---- generate: words are tokens, and it goes on with the last one ---- */

explaint_status explaint_tokenizer_encode(const explaint_tokenizer *tokenizer, const char *text, size_t length,
                                          const explaint_encode_options *options, explaint_encoding *encoding,
                                          explaint_error *error) {
    (void)tokenizer, (void)options, (void)error;
    encoding->n = length;
    encoding->id = calloc(length + 1, sizeof *encoding->id);
    for (size_t i = 0; i < length; i++) encoding->id[i] = text[i];
    return EXPLAINT_OK;
}
void explaint_encoding_free(explaint_encoding *encoding) { free(encoding->id); }
explaint_status explaint_model_generate(const explaint_model *model, const int32_t *id, size_t n, size_t most,
                                        int32_t *made, size_t *n_made, explaint_error *error) {
    (void)model, (void)error;
    for (*n_made = 0; *n_made < most; ++*n_made) made[*n_made] = id[n - 1];
    return EXPLAINT_OK;
}
explaint_status explaint_tokenizer_decode(const explaint_tokenizer *tokenizer, const int32_t *id, size_t n,
                                          bool no_special_tokens, explaint_decoded *decoded, explaint_error *error) {
    (void)tokenizer, (void)no_special_tokens, (void)error;
    decoded->text = calloc(n + 1, 1);
    decoded->length = n;
    for (size_t i = 0; i < n; i++) decoded->text[i] = (char)id[i];
    return EXPLAINT_OK;
}
void explaint_decoded_free(explaint_decoded *decoded) { free(decoded->text); }

/* ---- score ---- */

explaint_status explaint_model_score(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const explaint_texts *texts, unsigned threads, explaint_scores **scores,
                                     explaint_error *error) {
    static const explaint_text_score rows[] = {{0, 12, -31.25, 17.125}, {1, 1, 0, NAN}};
    (void)tokenizer, (void)texts, (void)threads, (void)error;
    *scores = calloc(1, sizeof **scores);
    **scores = (explaint_scores){.record = {&explaint_scores_kind},
                                 .version = "9.9",
                                 .model = model->info.name,
                                 .texts_sha256 = "0",
                                 .n_rows = 2,
                                 .rows = rows,
                                 .tokens = 13,
                                 .log_prob = -31.25,
                                 .perplexity = 17.125};
    return EXPLAINT_OK;
}
void explaint_scores_close(explaint_scores *scores) { free(scores); }

/* ---- model ---- */

explaint_status explaint_model_check(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const char *reference, unsigned threads, explaint_check **check,
                                     explaint_error *error) {
    static const explaint_check_layer layers[] = {{0, 1e-7, 0}, {1, 2e-4, 1e-6}};
    const char *asked = getenv("FAKE_CHECK");
    (void)model, (void)tokenizer, (void)reference, (void)threads, (void)error;
    *check = calloc(1, sizeof **check);
    **check = (explaint_check){.record = {&explaint_check_kind}, .stamp = "no"};
    if (asked == NULL) return EXPLAINT_OK;
    const bool differs = strcmp(asked, "differs") == 0;
    **check = (explaint_check){.record = {&explaint_check_kind},
                               .outcome = differs ? EXPLAINT_CHECK_DIFFERS : EXPLAINT_CHECK_YES,
                               .stamp = asked,
                               .reference = "a stand-in",
                               .n_texts = 3,
                               .n_ids = 3,
                               .n_layers = 2,
                               .layer = layers,
                               .hidden_bound = differs ? 5e-5 : 1e-3,
                               .attention_bound = 2e-5};
    return EXPLAINT_OK;
}
void explaint_check_close(explaint_check *check) { free(check); }
explaint_dump_options explaint_dump_defaults(void) { return (explaint_dump_options){0}; }
explaint_status explaint_model_dump(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                    const explaint_texts *texts, const explaint_dump_options *options, const char *path,
                                    explaint_error *error) {
    (void)model, (void)tokenizer, (void)texts, (void)path, (void)error;
    *options->n_cut = options->truncate;
    return EXPLAINT_OK;
}
explaint_status explaint_model_inspect(const char *path, explaint_inspection **inspection, explaint_error *error) {
    (void)path;
    *inspection = NULL;
    snprintf(error->message, sizeof error->message, "a stand-in has nothing to inspect");
    return EXPLAINT_INVALID;
}
void explaint_inspection_close(explaint_inspection *inspection) { free(inspection); }
explaint_status explaint_inspection_write_json(const explaint_inspection *inspection, const char *const *command,
                                               FILE *out, explaint_error *error) {
    (void)inspection, (void)command, (void)out, (void)error;
    return EXPLAINT_OK;
}

explaint_status explaint_embedding_layers(const explaint_embedding *embedding, const explaint_norms *norms,
                                          explaint_layers *layers, explaint_error *error) {
    *layers = (explaint_layers){calloc(embedding->n_layers, sizeof *layers->layer), 0};
    while (layers->n < embedding->n_layers) {
        explaint_vectors *vectors = NULL;
        const explaint_status status = explaint_vectors_open("model", norms, NULL, &vectors, error);
        if (status != EXPLAINT_OK) return status;
        layers->layer[layers->n] = (explaint_layer){(int)layers->n, vectors};
        layers->n++;
    }
    return EXPLAINT_OK;
}
