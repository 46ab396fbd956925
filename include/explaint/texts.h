/* Texts from a file: what models are run on.
 *
 *     explaint_texts *texts = NULL;
 *     if (explaint_texts_open("sentences.txt", &texts, &error) != EXPLAINT_OK) return error.code;
 *     for (size_t i = 0; i < explaint_texts_n(texts); i++) puts(explaint_texts_text(texts, i, NULL));
 *     explaint_texts_close(texts);
 *
 * Texts never change after they were opened, and threads may share them.
 */
#ifndef EXPLAINT_TEXTS_H
#define EXPLAINT_TEXTS_H

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct explaint_texts explaint_texts;

/* One text per line, not trimmed (an empty line is an empty text; a line ends with LF or CRLF). By the end of its name a file is something else: .json a
 * list of strings; .jsonl and .ndjson a string in each line, or an object with the member "text" or "sentence"; .csv and .tsv a table with such a
 * column. Plain or .gz, UTF-8 or Latin-1; "-" is standard input, by lines. Errors: EXPLAINT_INVALID with file and line. */
EXPLAINT_API explaint_status explaint_texts_open(const char *path, explaint_texts **texts, explaint_error *error);
/* The same of words: the member or column is "word", and a table of a single column may lack its head. */
EXPLAINT_API explaint_status explaint_texts_open_words(const char *path, explaint_texts **texts, explaint_error *error);
/* n texts of the caller's, in UTF-8, copied; 1 or more. Path "--text"; the SHA-256 is that of a file with each in a line. */
EXPLAINT_API explaint_status explaint_texts_of(const char *const *text, size_t n, explaint_texts **texts,
                                               explaint_error *error);
EXPLAINT_API void explaint_texts_close(explaint_texts *texts);

EXPLAINT_API size_t explaint_texts_n(const explaint_texts *texts); /* at least 1 */
/* UTF-8, borrowed, ends with a 0; *length (may be NULL) becomes its bytes. */
EXPLAINT_API const char *explaint_texts_text(const explaint_texts *texts, size_t i, size_t *length);
EXPLAINT_API const char *explaint_texts_path(const explaint_texts *texts);
EXPLAINT_API const char *explaint_texts_sha256(const explaint_texts *texts);
EXPLAINT_API size_t explaint_texts_n_notes(const explaint_texts *texts);
EXPLAINT_API const char *explaint_texts_note(const explaint_texts *texts, size_t i);

#ifdef __cplusplus
}
#endif
#endif
