/* BPE: a heap of the pairs that may be joined, so that a word of n characters takes n log n.
 *
 * Easy to get wrong:
 * - A pair in the heap may be stale: it counts if what stands there now still gives the same piece, at the rank it went in with.
 * - Unknown characters that wait to be fused come behind the bytes of a character that falls back to them.
 * - Without an unknown piece a character vanishes, and the places of what follows move up, as in the oracle.
 * - Most words are one piece. Whether the merges end there is found out once a piece, and kept: it is the same for everyone. */
#include <stdatomic.h>

#include "base/memory.h"
#include "text/unicode.h"
#include "text/word_model.h"

typedef struct entry {
    uint64_t pair; /* left << 32 | right */
    uint32_t rank;
    int32_t made; /* -1: the place is free */
} entry;

typedef struct bpe {
    const xp_trie *vocabulary;
    entry *table; /* open addressing */
    size_t mask;
    int32_t unknown, byte[256];
    bool fuse_unknown, byte_fallback, ignore_merges;
    char *prefix, *suffix; /* NULL: none */
    atomic_uchar
        *whole; /* of each piece: whether its word comes out as the piece itself: 0 not known yet, 1 no, 2 yes */
} bpe;

static size_t place_of(const bpe *m, uint64_t pair) {
    uint64_t h = pair * 0x9e3779b97f4a7c15u;
    return (size_t)(h ^ h >> 29) & m->mask;
}

static const entry *find(const bpe *m, int32_t left, int32_t right) {
    const uint64_t pair = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    size_t at = place_of(m, pair);
    while (m->table[at].made >= 0 && m->table[at].pair != pair) at = (at + 1) & m->mask;
    return m->table[at].made >= 0 ? &m->table[at] : NULL;
}

/* ---- a word ---- */

typedef struct symbol {
    int32_t id, before, next; /* -1: none */
    uint32_t length;          /* bytes; 0: it was joined to the one before it */
} symbol;

typedef struct candidate {
    uint32_t rank, at;
    int32_t made;
} candidate;

typedef struct work {
    const bpe *m;
    symbol *symbol;
    size_t n;
    candidate *heap;
    size_t n_heap;
} work;

static void add_symbol(work *w, int32_t id, size_t length) {
    const int32_t at = (int32_t)w->n;
    if (at > 0) w->symbol[at - 1].next = at;
    w->symbol[w->n++] = (symbol){id, at - 1, -1, (uint32_t)length};
}

static bool goes_before(candidate a, candidate b) { return a.rank != b.rank ? a.rank < b.rank : a.at < b.at; }

static void heap_add(work *w, candidate c) {
    size_t at = w->n_heap++;
    for (; at > 0 && goes_before(c, w->heap[(at - 1) / 2]); at = (at - 1) / 2) w->heap[at] = w->heap[(at - 1) / 2];
    w->heap[at] = c;
}

static candidate heap_take(work *w) {
    const candidate first = w->heap[0], last = w->heap[--w->n_heap];
    size_t at = 0;
    for (size_t child = 1; child < w->n_heap; at = child, child = 2 * at + 1) {
        if (child + 1 < w->n_heap && goes_before(w->heap[child + 1], w->heap[child])) child++;
        if (!goes_before(w->heap[child], last)) break;
        w->heap[at] = w->heap[child];
    }
    w->heap[at] = last;
    return first;
}

static void offer(work *w, int32_t left, int32_t right) {
    if (left < 0 || right < 0) return;
    const entry *e = find(w->m, w->symbol[left].id, w->symbol[right].id);
    if (e != NULL) heap_add(w, (candidate){e->rank, (uint32_t)left, e->made});
}

static void merge(work *w) {
    w->n_heap = 0;
    for (size_t i = 0; i + 1 < w->n; i++) offer(w, (int32_t)i, (int32_t)i + 1);
    while (w->n_heap > 0) {
        const candidate c = heap_take(w);
        symbol *s = &w->symbol[c.at];
        if (s->length == 0 || s->next < 0) continue;
        symbol *right = &w->symbol[s->next];
        const entry *e = find(w->m, s->id, right->id);
        if (e == NULL || e->made != c.made) continue;
        s->id = c.made;
        s->length += right->length;
        right->length = 0;
        s->next = right->next;
        if (s->next >= 0) w->symbol[s->next].before = (int32_t)c.at;
        offer(w, s->before, (int32_t)c.at);
        offer(w, (int32_t)c.at, s->next);
    }
}

/* ---- characters to symbols ---- */

typedef struct unknown_run {
    bool waits;
    size_t length;
} unknown_run;

static explaint_status no_piece(xp_view character, explaint_error *error) {
    return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                   "the tokenizer has no piece for \"%.*s\", and its unk_token is no piece either", XP_SHOW(character));
}

static explaint_status add_unknown(work *w, xp_view character, unknown_run *run, explaint_error *error) {
    const bpe *m = w->m;
    bool all = m->byte_fallback;
    for (size_t i = 0; all && i < character.length; i++) all = m->byte[(unsigned char)character.data[i]] >= 0;
    if (all) {
        for (size_t i = 0; i < character.length; i++) add_symbol(w, m->byte[(unsigned char)character.data[i]], 1);
        return EXPLAINT_OK;
    }
    if (m->unknown == XP_BPE_MISSING) return no_piece(character, error);
    if (m->unknown < 0) return EXPLAINT_OK;
    if (run->waits && !m->fuse_unknown) {
        add_symbol(w, m->unknown, run->length);
        run->length = 0;
    }
    run->length = run->waits ? run->length + character.length : character.length;
    run->waits = true;
    return EXPLAINT_OK;
}

/* A character with what the model puts around it. */
static int32_t decorated(const bpe *m, xp_view character, bool first, bool last) {
    uint32_t node = 0;
    if (!first && m->prefix != NULL) {
        node = xp_trie_walk(m->vocabulary, (xp_view){m->prefix, strlen(m->prefix)});
        if (node == XP_TRIE_NONE) return -1;
    }
    for (size_t i = 0; i < character.length && node != XP_TRIE_NONE; i++)
        node = xp_trie_step(m->vocabulary, node, (uint8_t)character.data[i]);
    for (const char *s = last && m->suffix != NULL ? m->suffix : ""; *s != 0 && node != XP_TRIE_NONE; s++)
        node = xp_trie_step(m->vocabulary, node, (uint8_t)*s);
    return node == XP_TRIE_NONE ? -1 : m->vocabulary->node[node].value;
}

static explaint_status take_characters(work *w, xp_view word, explaint_error *error) {
    unknown_run run = {0};
    for (size_t at = 0, length; at < word.length; at += length) {
        length = xp_unicode_step(word.data[at]);
        const xp_view character = {word.data + at, length};
        const int32_t id = decorated(w->m, character, at == 0, at + length == word.length);
        if (id < 0) {
            explaint_status status = add_unknown(w, character, &run, error);
            if (status != EXPLAINT_OK) return status;
            continue;
        }
        if (run.waits) add_symbol(w, w->m->unknown, run.length);
        run.waits = false;
        add_symbol(w, id, length);
    }
    if (run.waits) add_symbol(w, w->m->unknown, run.length);
    return EXPLAINT_OK;
}

static explaint_status cut_anew(const bpe *m, xp_view word, xp_word_cuts *cuts, explaint_error *error) {
    work w = {.m = m,
              .symbol = xp_word_cuts_scratch(cuts, 0, word.length + 1, sizeof(symbol)),
              .heap = xp_word_cuts_scratch(cuts, 1, 3 * word.length + 1, sizeof(candidate))};
    if (w.symbol == NULL || w.heap == NULL) return xp_no_memory(error, "the pieces of a text");
    explaint_status status = take_characters(&w, word, error);
    if (status != EXPLAINT_OK) return status;
    merge(&w);
    size_t at = 0;
    for (size_t i = 0; i < w.n; i++) {
        if (w.symbol[i].length == 0) continue;
        const size_t end = at + w.symbol[i].length;
        if (!xp_word_cuts_add(cuts, (xp_word_cut){.id = w.symbol[i].id, .begin = (uint32_t)at, .end = (uint32_t)end}))
            return xp_no_memory(error, "the pieces of a text");
        at = end;
    }
    return EXPLAINT_OK;
}

static explaint_status cut(const void *self, xp_view word, xp_word_cuts *cuts, explaint_error *error) {
    const bpe *m = self;
    cuts->n = 0;
    const int32_t id = xp_trie_find(m->vocabulary, word);
    if (id >= 0 && (m->ignore_merges || atomic_load_explicit(&m->whole[id], memory_order_relaxed) == 2))
        return xp_word_cuts_add(cuts, (xp_word_cut){.id = id, .end = (uint32_t)word.length})
                   ? EXPLAINT_OK
                   : xp_no_memory(error, "the pieces of a text");
    explaint_status status = cut_anew(m, word, cuts, error);
    if (status == EXPLAINT_OK && id >= 0) {
        const bool is = cuts->n == 1 && cuts->cut[0].id == id && cuts->cut[0].end == word.length;
        atomic_store_explicit(&m->whole[id], is ? 2 : 1, memory_order_relaxed);
    }
    return status;
}

/* ---- the model ---- */

static void free_bpe(void *self) {
    bpe *m = self;
    xp_free_all(m->table, m->prefix, m->suffix, (void *)m->whole, m);
}

static bool copy(xp_view text, char **to) {
    if (text.length == 0) return true;
    *to = xp_strndup(text.data, text.length);
    return *to != NULL;
}

static void add_merge(bpe *m, xp_bpe_merge merge) {
    const uint64_t pair = (uint64_t)(uint32_t)merge.left << 32 | (uint32_t)merge.right;
    size_t at = place_of(m, pair);
    while (m->table[at].made >= 0 && m->table[at].pair != pair) at = (at + 1) & m->mask;
    m->table[at] = (entry){pair, merge.rank, merge.made};
}

bool xp_bpe_create(const xp_trie *vocabulary, const xp_bpe_merge *merges, size_t n, const xp_bpe_options *options,
                   xp_word_model *model) {
    size_t places = 16, n_pieces = 0;
    while (places < 2 * n) places *= 2;
    for (size_t i = 0; i < vocabulary->n_nodes; i++)
        if (vocabulary->node[i].value >= 0 && (size_t)vocabulary->node[i].value >= n_pieces)
            n_pieces = (size_t)vocabulary->node[i].value + 1;
    bpe *m = xp_calloc(1, sizeof *m);
    if (m == NULL) return false;
    m->vocabulary = vocabulary;
    m->mask = places - 1;
    m->unknown = options->unknown;
    m->fuse_unknown = options->fuse_unknown;
    m->byte_fallback = options->byte_fallback;
    m->ignore_merges = options->ignore_merges;
    m->table = xp_alloc(places, sizeof *m->table);
    m->whole = xp_calloc(n_pieces, sizeof *m->whole);
    if (m->table == NULL || m->whole == NULL || !copy(options->prefix, &m->prefix) ||
        !copy(options->suffix, &m->suffix)) {
        free_bpe(m);
        return false;
    }
    for (size_t i = 0; i < places; i++) m->table[i].made = -1;
    for (size_t i = 0; i < n; i++) add_merge(m, merges[i]);
    xp_word_model_bytes(vocabulary, m->byte);
    *model = (xp_word_model){m, cut, free_bpe};
    return true;
}
