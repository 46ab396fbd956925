/* Ids back to text. */
#include "base/memory.h"
#include "text/tokenizer.h"

static const xp_added *added_of(const explaint_tokenizer *t, int32_t id) {
    for (size_t i = 0; i < t->n_added; i++)
        if (t->added[i].id == id) return &t->added[i];
    return NULL;
}

void explaint_decoded_free(explaint_decoded *decoded) {
    xp_free(decoded->text);
    *decoded = (explaint_decoded){0};
}

explaint_status explaint_tokenizer_decode(const explaint_tokenizer *t, const int32_t *id, size_t n,
                                          bool no_special_tokens, explaint_decoded *decoded, explaint_error *error) {
    xp_decoder_pieces pieces = {0};
    xp_text text = {0};
    explaint_status status = EXPLAINT_OK;
    explaint_decoded_free(decoded);
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) {
        const char *piece = explaint_tokenizer_piece(t, id[i]);
        if (piece == NULL) continue; /* rows of a model that no piece has */
        const xp_added *added = added_of(t, id[i]);
        if (added != NULL && added->spelled != NULL)
            piece = added->spelled;
        else if (added != NULL && added->special && no_special_tokens)
            continue;
        if (!xp_decoder_pieces_add(&pieces, piece, strlen(piece))) status = xp_no_memory(error, "a text");
    }
    xp_text_adds(&text, "");
    if (status == EXPLAINT_OK) status = xp_decoder_run(&t->decoder, &pieces, &text, error);
    xp_decoder_pieces_free(&pieces);
    if (status != EXPLAINT_OK) {
        xp_text_free(&text);
        return status;
    }
    *decoded = (explaint_decoded){text.data, text.length};
    return EXPLAINT_OK;
}
