/* The tokenizer in the metadata of a GGUF. */
#ifndef XP_TEXT_GGUF_H
#define XP_TEXT_GGUF_H

#include "explaint/tokenizer.h"
#include "formats/gguf.h"

/* Two kinds: byte-level BPE whose pre-tokenizer has a name ("gpt2"), and SentencePiece's BPE, whose merges go by the scores of pieces
 * ("llama"). The pieces, and what goes before what, are what the tokenizer.json of such models says; what llama.cpp does otherwise stands in
 * gguf.c. Errors: EXPLAINT_INVALID for another kind or name, and for lists that do not fit each other. path is for messages. */
explaint_status xp_gguf_tokenizer_read(const char *path, const xp_gguf *file, explaint_tokenizer **tokenizer,
                                       explaint_error *error);
/* The same of a file. */
explaint_status xp_gguf_tokenizer_open(const char *path, explaint_tokenizer **tokenizer, explaint_error *error);

#endif
