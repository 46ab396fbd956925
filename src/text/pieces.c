#include "text/pieces.h"

#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "text/texts.h"

/* Texts that a thread takes at once. */
enum { BLOCK = 64 };

typedef struct job {
    const explaint_tokenizer *tokenizer;
    const xp_view *text;
    const xp_piece_options *options;
    xp_pieces *pieces;
    explaint_error *error; /* by block: its first */
} job;

static size_t number_of(const xp_piece_options *o, size_t i) { return o->number != NULL ? o->number[i] : i; }

static explaint_status refuse(const xp_piece_options *o, size_t i, const char *said, explaint_error *error) {
    return xp_texts_refuse(o->path, o->by_line, number_of(o, i), said, error);
}

static explaint_status encode(const job *j, size_t i, explaint_error *error) {
    const xp_piece_options *o = j->options;
    const explaint_encode_options how = {.no_special_tokens = o->no_special_tokens,
                                         .truncate = o->truncate ? o->most : 0};
    explaint_encoding *e = &j->pieces->encoding[i];
    explaint_error inner = {0};
    explaint_status status =
        explaint_tokenizer_encode(j->tokenizer, j->text[i].data, j->text[i].length, &how, e, &inner);
    char said[256];
    if (status == EXPLAINT_FAILED) return xp_no_memory(error, "pieces");
    if (status != EXPLAINT_OK) return refuse(o, i, inner.message, error);
    if (e->n == 0) return refuse(o, i, "expected a text with at least one token, found one without any", error);
    if (e->n > o->most) {
        snprintf(said, sizeof said,
                 "expected at most %zu pieces, the positions of the model, found %zu; shorten it, or cut texts with "
                 "--truncate",
                 o->most, e->n);
        return refuse(o, i, said, error);
    }
    return EXPLAINT_OK;
}

static bool encode_block(void *self, size_t block, unsigned worker) {
    const job *j = self;
    (void)worker;
    const size_t end = (block + 1) * BLOCK < j->pieces->n ? (block + 1) * BLOCK : j->pieces->n;
    for (size_t i = block * BLOCK; i < end; i++)
        if (encode(j, i, &j->error[block]) != EXPLAINT_OK) return false;
    return true;
}

explaint_status xp_pieces_of(const explaint_tokenizer *tokenizer, const xp_view *text, size_t n,
                             const xp_piece_options *options, xp_pieces *pieces, explaint_error *error) {
    const size_t n_blocks = (n + BLOCK - 1) / BLOCK;
    *pieces = (xp_pieces){.encoding = xp_calloc(n, sizeof *pieces->encoding)};
    job j = {tokenizer, text, options, pieces, xp_calloc(n_blocks, sizeof *j.error)};
    explaint_status status = EXPLAINT_OK;
    if (pieces->encoding == NULL || j.error == NULL) {
        status = xp_no_memory(error, "pieces");
    } else {
        pieces->n = n;
        const xp_pool_job work = {.n_tasks = n_blocks, .run = encode_block, .self = &j};
        if (!xp_pool_run(xp_pool_threads(options->threads), &work)) {
            status = xp_no_thread(error);
            for (size_t b = n_blocks; b-- > 0;) /* the first text that is at fault: tasks start in order */
                if (j.error[b].code != EXPLAINT_OK) {
                    status = j.error[b].code;
                    if (error != NULL) *error = j.error[b];
                }
        }
        for (size_t i = 0; i < n; i++) pieces->n_cut += pieces->encoding[i].cut > 0;
    }
    xp_free(j.error);
    if (status != EXPLAINT_OK) xp_pieces_free(pieces);
    return status;
}

void xp_pieces_free(xp_pieces *pieces) {
    for (size_t i = 0; i < pieces->n; i++) explaint_encoding_free(&pieces->encoding[i]);
    xp_free(pieces->encoding);
    *pieces = (xp_pieces){0};
}
