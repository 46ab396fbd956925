/* What is to be said of texts before anybody believes a number of them. */
#include "text/notes.h"

#include "text/texts.h"
#include "text/tokenizer.h"

void xp_unknown_count(xp_unknown *u, const explaint_tokenizer *t, const explaint_encoding *e) {
    size_t unknown = 0;
    for (size_t i = 0; i < e->n; i++) {
        const bool is = e->word[i] >= 0 && e->id[i] == t->unknown;
        unknown += is;
        u->n_pieces += is || !e->special[i];
    }
    u->n_texts++;
    u->pieces += unknown;
    u->texts += unknown > 0;
}

bool xp_unknown_many(const xp_unknown *u) { return 10 * u->pieces >= u->n_pieces; }

void xp_unknown_say(const xp_unknown *u, xp_text *text) {
    if (u->pieces == 0) return;
    xp_text_addf(
        text,
        "%zu of %zu pieces, in %zu of %zu texts, %s unknown to the vocabulary: the model sees one and the same "
        "piece in place of each",
        u->pieces, u->n_pieces, u->texts, u->n_texts, u->pieces == 1 ? "is" : "are");
}

void xp_blank_say(const explaint_texts *t, xp_text *text) {
    size_t blank = 0;
    for (size_t i = 0; i < t->n; i++) blank += xp_view_trim(t->text[i]).length == 0;
    if (blank > 0)
        xp_text_addf(text, "%zu of %zu %s blank, and each counts as a text without a word: leave %s out", blank, t->n,
                     t->by_line   ? blank == 1 ? "lines is" : "lines are"
                     : blank == 1 ? "texts is"
                                  : "texts are",
                     blank == 1 ? "it" : "them");
}
