#include "base/memory.h"
#include "text/unicode.h"
#include "text/word_model.h"

typedef struct wordpiece {
    const xp_trie *vocabulary;
    uint32_t continuing; /* the node behind the prefix of pieces that go on; XP_TRIE_NONE: there are none */
    size_t max_characters;
    int32_t unknown;
} wordpiece;

static explaint_status cut(const void *self, xp_view word, xp_word_cuts *cuts, explaint_error *error) {
    const wordpiece *m = self;
    bool made = true,
         known = word.length <= m->max_characters || xp_unicode_count(word.data, word.length) <= m->max_characters;
    cuts->n = 0;
    for (size_t at = 0; known && at < word.length;) {
        const uint32_t node = at == 0 ? 0 : m->continuing;
        int32_t id = -1;
        const size_t length =
            node != XP_TRIE_NONE ? xp_trie_longest(m->vocabulary, node, word.data + at, word.length - at, &id) : 0;
        known = length > 0;
        if (known)
            made &=
                xp_word_cuts_add(cuts, (xp_word_cut){.id = id, .begin = (uint32_t)at, .end = (uint32_t)(at + length)});
        at += length;
    }
    if (!known) {
        cuts->n = 0;
        made &= xp_word_cuts_add(cuts, (xp_word_cut){.id = m->unknown, .end = (uint32_t)word.length});
    }
    return made ? EXPLAINT_OK : xp_no_memory(error, "the pieces of a text");
}

bool xp_wordpiece_create(const xp_trie *vocabulary, xp_view prefix, size_t max_characters, int32_t unknown,
                         xp_word_model *model) {
    wordpiece *made = xp_alloc(1, sizeof *made);
    if (made == NULL) return false;
    *made = (wordpiece){vocabulary, xp_trie_walk(vocabulary, prefix), max_characters, unknown};
    *model = (xp_word_model){made, cut, xp_free};
    return true;
}
