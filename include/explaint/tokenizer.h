/* Tokenizers: text to the pieces of a model's vocabulary, and where in the text each of them stands (a whole program:
 * docs/examples/tokenize.c).
 *
 *     explaint_tokenizer *tokenizer = NULL;
 *     explaint_encoding e = {0};
 *     const char *text = "The robin sings.";
 *     if (explaint_tokenizer_open("model/", &tokenizer, &error) == EXPLAINT_OK &&
 *         explaint_tokenizer_encode(tokenizer, text, strlen(text), NULL, &e, &error) == EXPLAINT_OK)
 *         for (size_t i = 0; i < e.n; i++)
 *             printf("%s %.*s\n", explaint_tokenizer_piece(tokenizer, e.id[i]), (int)(e.end[i] - e.begin[i]), text + e.begin[i]);
 *     explaint_encoding_free(&e);
 *     explaint_tokenizer_close(tokenizer);
 *
 * Ids, places and words are those of Hugging Face's tokenizers, of a folder with WordPiece those of AutoTokenizer. docs/formats.md#tokenizers says which files are read, and which parts of
 * them. A tokenizer never changes after it was opened, and threads may share it.
 */
#ifndef EXPLAINT_TOKENIZER_H
#define EXPLAINT_TOKENIZER_H

#include <stdbool.h>
#include <stdint.h>

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_tokenizer explaint_tokenizer;

/* path is a model's folder, a tokenizer.json, or a vocab.txt. A folder is read as transformers 5 reads it: in much,
 * tokenizer_config.json and the other small files count more than tokenizer.json, and a note says where they contradict it. A vocab.txt is
 * read together with the small files beside it, a tokenizer.json alone.
 * Errors: EXPLAINT_INVALID, with the name of the part where the file asks for one that is not implemented. */
EXPLAINT_API explaint_status explaint_tokenizer_open(const char *path, explaint_tokenizer **tokenizer,
                                                     explaint_error *error);
EXPLAINT_API void explaint_tokenizer_close(explaint_tokenizer *tokenizer);

/* Of one text; owned by the caller, who zeroes it once and frees it. */
typedef struct explaint_encoding {
    size_t n;        /* pieces, special ones included */
    int32_t *id;     /* of n */
    uint32_t *begin; /* bytes of the given text; 0 for pieces that the template added */
    uint32_t *end;   /* the first byte after the piece; 0 for those */
    int32_t *word; /* number of the word in the text, punctuation and added tokens counted; -1: added by the template */
    uint8_t *special; /* 1: added by the template, or a special token that the text itself spells */
    size_t cut;       /* pieces removed by truncate */
} explaint_encoding;

typedef struct explaint_encode_options {
    bool no_special_tokens; /* without what the template adds */
    size_t truncate;        /* at most so many pieces, special ones included; the end of the text goes. 0: never */
} explaint_encode_options;

EXPLAINT_API explaint_encode_options explaint_encode_defaults(void);

/* text: `length` bytes of UTF-8, which may hold U+0000; at most 2 GiB. options may be NULL. An encoding that holds something is
 * freed first. Errors: EXPLAINT_INVALID with the byte that is no UTF-8, with the character that the tokenizer has no piece for, or
 * where a regular expression of the tokenizer takes too many steps on the text; EXPLAINT_USAGE where the special tokens alone are more
 * than truncate; EXPLAINT_FAILED without memory. */
EXPLAINT_API explaint_status explaint_tokenizer_encode(const explaint_tokenizer *tokenizer, const char *text,
                                                       size_t length, const explaint_encode_options *options,
                                                       explaint_encoding *encoding, explaint_error *error);
EXPLAINT_API void explaint_encoding_free(explaint_encoding *encoding);

/* Text from ids; owned by the caller, who zeroes it once and frees it. */
typedef struct explaint_decoded {
    char *text; /* terminated; UTF-8, with U+FFFD for bytes that are none */
    size_t length;
} explaint_decoded;

/* By the tokenizer's own decoder. Ids without a piece are passed over; so are special tokens where that is asked for. One that holds
 * something is freed first. Errors: EXPLAINT_INVALID where the decoder is not implemented; EXPLAINT_FAILED without memory. */
EXPLAINT_API explaint_status explaint_tokenizer_decode(const explaint_tokenizer *tokenizer, const int32_t *id, size_t n,
                                                       bool no_special_tokens, explaint_decoded *decoded,
                                                       explaint_error *error);
EXPLAINT_API void explaint_decoded_free(explaint_decoded *decoded);

/* As it stands in the vocabulary ("##ing"); borrowed; NULL: no such id. */
EXPLAINT_API const char *explaint_tokenizer_piece(const explaint_tokenizer *tokenizer, int32_t id);
EXPLAINT_API size_t explaint_tokenizer_n_pieces(const explaint_tokenizer *tokenizer);

/* What the files ask for but is not applied (truncation, padding), and what was assumed. */
EXPLAINT_API size_t explaint_tokenizer_n_notes(const explaint_tokenizer *tokenizer);
EXPLAINT_API const char *explaint_tokenizer_note(const explaint_tokenizer *tokenizer, size_t i);

#ifdef __cplusplus
}
#endif
#endif
