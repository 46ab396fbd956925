/* What a folder of sentence-transformers makes of a text: a prompt before it, pieces up to a length, the states of the last layer pooled
 * to one vector, and what stands on top of that. As SentenceTransformer(folder).encode of sentence-transformers 5 and 6 does it, or
 * refused by name.
 *
 *     xp_sentence sentence = {0};
 *     if (xp_sentence_read(explaint_model_describe(model), lowers, &sentence, error) != EXPLAINT_OK) return error->code;
 *     float *room = xp_alloc(sentence.room, sizeof *room);
 *     xp_sentence_vector(&sentence, n, first, rows, room); // the vector is the first sentence.width of it
 *     xp_sentence_free(&sentence);
 */
#ifndef XP_SENTENCE_SENTENCE_H
#define XP_SENTENCE_SENTENCE_H

#include "base/strings.h"
#include "explaint/model.h"
#include "model/source.h"

typedef enum xp_pooling { /* in the order in which the older files' switches are put side by side */
                          XP_POOLING_CLS,
                          XP_POOLING_MAX,
                          XP_POOLING_MEAN,
                          XP_POOLING_MEAN_SQRT,
                          XP_POOLING_WEIGHTED,
                          XP_POOLING_LAST,
                          XP_N_POOLINGS
} xp_pooling;

extern const char *const xp_pooling_names[XP_N_POOLINGS]; /* as sentence-transformers spell them */

typedef enum xp_squash {
    XP_SQUASH_IDENTITY,
    XP_SQUASH_TANH,
    XP_SQUASH_RELU,
    XP_SQUASH_GELU,
    XP_SQUASH_SIGMOID,
    XP_SQUASH_SILU,
    XP_N_SQUASHES
} xp_squash;

extern const char *const xp_squash_names[XP_N_SQUASHES]; /* classes of torch.nn */

/* What is done to the pooled vector: scaled to length 1, or a linear map and a function of each value. */
typedef struct xp_stage {
    bool dense; /* false: to length 1 */
    size_t n_in, n_out;
    xp_squash squash;
    float *weight, *bias; /* n_out x n_in; n_out, or NULL */
} xp_stage;

enum { XP_MOST_POOLINGS = 16 };

typedef struct xp_sentence {
    char *prompt, *prompt_name; /* NULL: none, that is, nothing is put before a text */
    bool prompt_counts;         /* its pieces are pooled with the others */
    size_t most;                /* pieces, special ones included, at which a text is cut; 0: nowhere */
    char *most_from;            /* which key says so */
    bool cuts_begin;            /* a text that is too long loses its beginning */
    size_t n_poolings;
    xp_pooling pooling[XP_MOST_POOLINGS]; /* side by side in the vector */
    size_t n_stages;
    xp_stage *stage;
    size_t states, width, room; /* width of a piece's state, of the vector, and of what is needed to make it */
    xp_strings files;           /* path and SHA-256 in turns: what was read */
    xp_strings notes;
} xp_sentence;

/* lowers: the tokenizer makes capitals small. EXPLAINT_INVALID names the key that cannot be honoured. */
explaint_status xp_sentence_read(const explaint_model_info *model, bool lowers, xp_sentence *sentence,
                                 explaint_error *error);
/* The same from any source, which stands for the folder model->root. */
explaint_status xp_sentence_read_from(const xp_source *source, const explaint_model_info *model, bool lowers,
                                      xp_sentence *sentence, explaint_error *error);
/* Without a folder's files: one way of pooling, and nothing else. */
void xp_sentence_plain(const explaint_model_info *model, xp_pooling pooling, xp_sentence *sentence);
void xp_sentence_free(xp_sentence *sentence);

/* The prompt that the folder puts before texts, freed by the caller; *prompt NULL: none, or what the file says cannot be honoured,
 * which `wrong` tells (its code is EXPLAINT_OK else). */
explaint_status xp_sentence_prompt(const explaint_model_info *model, char **prompt, explaint_error *wrong,
                                   explaint_error *error);

/* What it does, in words: "prompt "query: " before each text", "mean of the pieces", ... false: no memory. */
bool xp_sentence_describe(const xp_sentence *sentence, xp_strings *lines);

/* rows: n x states; pieces before `first` are a prompt's that do not count. room: of sentence->room floats; its first `width` become
 * the vector. */
void xp_sentence_vector(const xp_sentence *sentence, size_t n, size_t first, const float *rows, float *room);

#endif
