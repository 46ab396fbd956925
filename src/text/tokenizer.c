#include "text/tokenizer.h"

#include "base/memory.h"

void explaint_tokenizer_close(explaint_tokenizer *t) {
    if (t == NULL) return;
    xp_free_all(t->pool, t->piece);
    if (t->model.free != NULL) t->model.free(t->model.self);
    xp_normalizer_clear(&t->normalizer);
    xp_splitter_clear(&t->splitter);
    xp_decoder_clear(&t->decoder);
    xp_trie_free(&t->vocabulary);
    for (size_t i = 0; i < t->n_added; i++) xp_free(t->added[i].spelled);
    xp_free(t->added);
    xp_trie_free(&t->raw);
    xp_trie_free(&t->normalized);
    xp_free_all(t->raw_place, t->normalized_place, t->before, t->after, t->blank);
    xp_strings_free(&t->notes);
    xp_free(t);
}

const char *explaint_tokenizer_piece(const explaint_tokenizer *t, int32_t id) {
    return id >= 0 && (size_t)id < t->n_pieces ? t->piece[id] : NULL;
}

size_t explaint_tokenizer_n_pieces(const explaint_tokenizer *t) { return t->n_pieces; }
void xp_tokenizer_begin(const explaint_tokenizer *t, xp_text *names) {
    for (size_t i = 0; i < t->n_before; i++)
        xp_text_addf(names, "%s%s", i > 0 ? " " : "", explaint_tokenizer_piece(t, t->before[i]));
}

size_t explaint_tokenizer_n_notes(const explaint_tokenizer *t) { return t->notes.count; }

const char *explaint_tokenizer_note(const explaint_tokenizer *t, size_t i) {
    return i < t->notes.count ? t->notes.item[i] : NULL;
}
