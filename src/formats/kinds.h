/* Kinds of files by their first bytes: one table of the kinds that people bring, which reader takes each, and what to do if
 * none does.
 *
 *     if ((status = xp_kind_refuse(path, head, size, XP_READER_VECTORS, error)) != EXPLAINT_OK) return status;
 *
 * Every reader asks before it looks at a file its own way, so that a GGUF is called one whatever option names it. What is
 * packed or a mere pointer is refused where any file is opened (XP_READER_FILE). */
#ifndef XP_FORMATS_KINDS_H
#define XP_FORMATS_KINDS_H

#include <stddef.h>

#include "base/error.h"

typedef enum xp_kind_reader {
    XP_READER_FILE,    /* any: formats/file.h */
    XP_READER_VECTORS, /* vectors of words */
    XP_READER_NORMS,   /* tables of concepts and features */
    XP_READER_TEXT,    /* texts, lists of words, tables that are text alone */
    XP_READER_TENSORS, /* safetensors */
    XP_READER_TORCH,   /* pytorch_model.bin */
    XP_READER_GGUF,    /* GGUF */
    XP_READER_MODEL,   /* a model: a folder, or a GGUF */
    XP_N_READERS
} xp_kind_reader;

/* EXPLAINT_INVALID with one sentence (what it is, what to do) if the bytes begin a file of a known kind that this reader
 * does not take. head: as much as is known, at best 4,096 bytes. */
explaint_status xp_kind_refuse(const char *path, const void *head, size_t size, xp_kind_reader reader,
                               explaint_error *error);

#endif
