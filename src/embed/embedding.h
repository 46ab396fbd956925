/* An embedding inside, and the steps that make it. */
#ifndef XP_EMBED_EMBEDDING_H
#define XP_EMBED_EMBEDDING_H

#include "base/sha256.h"
#include "base/strings.h"
#include "base/view.h"
#include "explaint/embed.h"
#include "sentence/sentence.h"
#include "text/notes.h"

typedef struct xp_embed_row {
    size_t word; /* index of the word, or of the text */
    size_t n_pieces, n_contexts;
} xp_embed_row;

struct explaint_embedding {
    size_t n_rows, width, n_layers;
    size_t *layer;
    float *values; /* n_layers x n_rows x width */
    xp_embed_row *row;
    xp_strings words; /* of texts: none */
    bool of_texts;
    size_t n_given, n_several; /* words or texts that were asked for; words of several pieces */
    size_t n_cut;              /* texts cut at the positions */
    xp_strings dropped;        /* words and reasons in turns */
    xp_strings notes, warnings;
    xp_unknown unknown;     /* of texts */
    xp_strings inputs;      /* JSON objects: what was read */
    xp_strings input_parts; /* the same: role, name, path and hash in turns */
    xp_strings settings;    /* names and JSON values in turns: what was asked for */
    char *model_name, *model_path;
    char model_sha256[XP_SHA256_TEXT]; /* of its weights; of several files' hashes, one after the other */
    explaint_embed_result result;      /* once it is asked for */
    explaint_input *input;
    explaint_setting *setting;
    explaint_embed_dropped *drop;
    char vectors_sha256[XP_SHA256_TEXT]; /* of the file that they were written to, once it is asked for */
};

/* ---- what words and texts have in common ---- */

/* One with layers, notes and settings of the model, without rows. */
explaint_status xp_embedding_create(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                    const explaint_embed_options *options, explaint_embedding **embedding,
                                    explaint_error *error);

/* Settings and inputs of the document. false: no memory. text NULL: nothing is set. */
bool xp_embedding_set(explaint_embedding *embedding, const char *name, const char *text);
bool xp_embedding_set_number(explaint_embedding *embedding, const char *name, unsigned long long number);
bool xp_embedding_set_transform(explaint_embedding *embedding, const explaint_embed_options *options);
bool xp_embedding_add_input(explaint_embedding *embedding, const char *role, const char *name, const char *path,
                            const char *sha256);
/* All inputs as a JSON list. */
void xp_embedding_list_inputs(const explaint_embedding *embedding, xp_text *json);
bool xp_embedding_add_texts(explaint_embedding *embedding, const char *role, const explaint_texts *texts);
/* That the folder's prompt is not put before `what`, if it has one and `text` (may be NULL) does not begin with it; how says what does. */
explaint_status xp_embedding_note_prompt(explaint_embedding *embedding, const explaint_model *model, const char *text,
                                         const char *what, const char *how, explaint_error *error);
/* What a decoder sees before each text, unless special tokens are left out. */
bool xp_embedding_set_begin(explaint_embedding *embedding, const explaint_model *model,
                            const explaint_tokenizer *tokenizer, bool seen);
/* That texts were cut at so many pieces; why: "" or ", as ... says". */
bool xp_embedding_note_cut(explaint_embedding *embedding, size_t most, const char *why);

/* Standardisation and removal of top components of every layer, by the rows of fit_on. */
explaint_status xp_embedding_transform(explaint_embedding *embedding, const explaint_embedding *fit_on,
                                       bool standardise, size_t remove_top, explaint_error *error);

/* ---- occurrences ---- */

/* Where a word stands: bytes of a text. */
typedef struct xp_occurrence {
    size_t word, text, begin, end;
} xp_occurrence;

/* Spots of one kind of company: alone, in a template, in contexts. */
typedef struct xp_occurrences {
    size_t n;
    xp_occurrence *occurrence; /* by word, within a word by text */
    size_t *first;             /* n_words + 1: occurrences of each word */
    xp_view *text;             /* all texts that occurrences stand in */
    char *made;                /* what templates were filled into; NULL: texts are borrowed */
    size_t n_sampled;          /* words with more occurrences than were kept */
} xp_occurrences;

explaint_status xp_occurrences_in_pattern(const char *pattern, const xp_view *words, size_t n,
                                          xp_occurrences *occurrences, explaint_error *error);
/* At most `most` occurrences a word, drawn by seed and word alone: other words in the list do not change them. */
explaint_status xp_occurrences_in_contexts(const explaint_texts *contexts, bool lower, const xp_view *words, size_t n,
                                           size_t most, uint64_t seed, xp_occurrences *occurrences,
                                           explaint_error *error);
/* Each text whole, behind a prompt (NULL: none). */
explaint_status xp_occurrences_of_texts(const explaint_texts *texts, const char *prompt, xp_occurrences *occurrences,
                                        explaint_error *error);
void xp_occurrences_free(xp_occurrences *occurrences);

/* The word's own stream of random numbers, whatever else is in the list. */
uint32_t xp_embedding_stream(xp_view word);

/* ---- the pass ---- */

/* What the options name: of a word's pieces, of special tokens, of a text's pieces. */
typedef enum xp_pool_how { XP_POOL_MEAN, XP_POOL_FIRST, XP_POOL_LAST, XP_POOL_NEXT, XP_N_POOLS } xp_pool_how;
typedef enum xp_specials { XP_SPECIALS_SEEN, XP_SPECIALS_POOLED, XP_SPECIALS_NONE } xp_specials;
typedef enum xp_text_pooling { XP_TEXT_FOLDER, XP_TEXT_MEAN, XP_TEXT_CLS, XP_TEXT_MAX } xp_text_pooling;
extern const char *const xp_pool_names[XP_N_POOLS], *const xp_specials_names[3]; /* in the same order */

typedef struct xp_ways {
    xp_pool_how pieces;
    xp_specials specials;
    xp_text_pooling pooling;
} xp_ways;

enum { XP_MAX_CONTEXTS = 200 }; /* of a word, where nobody says how many */

explaint_status xp_ways_of(const explaint_embed_options *options, xp_ways *ways, explaint_error *error);

typedef struct xp_pass_options {
    const size_t *layers; /* ascending */
    size_t n_layers;
    unsigned threads;
    size_t most;          /* pieces that a text may have */
    bool truncate;        /* longer ones are cut; else refused */
    bool pooled_specials; /* the occurrence's pieces and the special ones */
    bool no_specials;     /* the model does not see them */
    xp_pool_how how;
    const xp_sentence *sentence; /* of whole texts: all pieces are pooled so, whatever the occurrence; NULL: of words */
    size_t skip;                 /* the first pieces, of a prompt that is not pooled */
    size_t prototypes;           /* 0: the mean of a word's contexts */
    uint64_t seed;
    const char *path; /* of the texts, for messages; NULL: they have no file */
    bool by_line;
} xp_pass_options;

/* What became of each word. */
typedef struct xp_fate {
    size_t n_pieces, n_contexts; /* the most pieces in one text; texts with a piece of it */
    bool unknown, crossed;       /* has the unknown piece; has a piece that reaches beyond it */
    bool begins,
        ends; /* of a decoder: its row is the first of a text; nothing is behind it where the next row is wanted */
} xp_fate;

/* Runs the model over all occurrences: fills values, row, n_rows, n_cut of the embedding (layer, n_layers and width are there). A
 * word without pieces gets no row. fate has n_words entries, cleared. */
explaint_status xp_pass(const explaint_model *model, const explaint_tokenizer *tokenizer,
                        const xp_occurrences *occurrences, const xp_view *words, size_t n_words,
                        const xp_pass_options *options, xp_fate *fate, explaint_embedding *embedding,
                        explaint_error *error);

#endif
