/* A text to pieces. The order of things is the oracle's: added tokens that are not normalized are found in the text itself; what
 * lies between them is normalized, each part for itself; there the normalized added tokens are found; what lies between those is
 * split into words, and the words into pieces. */
#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

typedef struct piece {
    int32_t id, word;
    uint32_t begin, end;
    bool special;
} piece;

typedef struct work {
    const explaint_tokenizer *t;
    const char *text;
    size_t length;
    xp_normalized normal; /* of the part at hand */
    piece *made;
    size_t n, capacity;
    int32_t words;
    bool failed; /* no memory */
} work;

/* ---- pieces ---- */

/* What RobertaProcessing does to the place of a piece that begins or ends with white space: so many characters less. */
static void trim(const work *w, piece *p, xp_blanks blanks) {
    bool first = w->n == 0 || p->begin == 0;
    if (first && w->t->prefix_space && blanks.leading == 1) blanks.leading = 0;
    for (size_t i = 0; i < blanks.leading && p->begin < p->end; i++)
        p->begin += (uint32_t)xp_unicode_step(w->text[p->begin]);
    uint32_t end = p->end;
    size_t back = 0;
    for (; back < blanks.trailing && end > 0; back++) do
            end--;
        while (((unsigned char)w->text[end] & 0xc0) == 0x80);
    if (back == blanks.trailing) p->end = end > p->begin ? end : p->begin;
}

static void add_piece(work *w, piece p) {
    if (w->n == w->capacity) {
        size_t capacity = 2 * w->n + 64;
        piece *more = xp_realloc(w->made, capacity, sizeof *more);
        if (more == NULL) {
            w->failed = true;
            return;
        }
        w->made = more;
        w->capacity = capacity;
    }
    w->made[w->n++] = p;
}

/* Where the characters come from that normal.text[from, to) was made of. */
static void place(const work *w, size_t from, size_t to, piece *p) {
    uint32_t last = w->normal.origin[to - 1];
    p->begin = w->normal.origin[from];
    p->end = last + (uint32_t)xp_unicode_step(w->text[last]);
}

static void add_model_piece(work *w, int32_t id, size_t from, size_t to) {
    piece p = {.id = id, .word = w->words};
    place(w, from, to, &p);
    if (w->t->blank != NULL && w->t->blank[id])
        trim(w, &p, xp_tokenizer_blanks(w->t->piece[id], strlen(w->t->piece[id])));
    add_piece(w, p);
}

/* WordPiece: the longest piece that fits, again and again; if one step finds none, the whole word is unknown. */
static void add_word(work *w, size_t from, size_t to) {
    const explaint_tokenizer *t = w->t;
    const char *text = w->normal.text;
    size_t before = w->n;
    bool known = to - from <= t->max_characters || xp_unicode_count(text + from, to - from) <= t->max_characters;
    for (size_t at = from; known && at < to;) {
        uint32_t node = at == from ? 0 : t->continuing;
        int32_t id = -1;
        size_t length = node != XP_TRIE_NONE ? xp_trie_longest(&t->vocabulary, node, text + at, to - at, &id) : 0;
        known = length > 0;
        if (known) add_model_piece(w, id, at, at + length);
        at += length;
    }
    if (!known) {
        w->n = before;
        add_model_piece(w, t->unknown, from, to);
    }
    w->words++;
}

/* ---- words ---- */

static void add_words(work *w, size_t from, size_t to) {
    if (!w->t->splits) {
        if (from < to) add_word(w, from, to);
        return;
    }
    const char *text = w->normal.text;
    size_t begin = from, length;
    for (size_t at = from; at < to; at += length) {
        length = xp_unicode_step(text[at]);
        unsigned kind =
            length == 1 ? w->t->kind[(unsigned char)text[at]] : xp_tokenizer_kind_of(xp_unicode_decode(text + at));
        if (kind == XP_LETTER) continue;
        if (begin < at) add_word(w, begin, at);
        if (kind == XP_PUNCTUATION) add_word(w, at, at + length);
        begin = at + length;
    }
    if (begin < to) add_word(w, begin, to);
}

/* ---- added tokens ---- */

typedef struct found {
    const xp_added *token;
    size_t begin, end;
} found;

static bool word_before(const char *text, size_t at) {
    if (at == 0) return false;
    do at--;
    while (((unsigned char)text[at] & 0xc0) == 0x80);
    return (xp_unicode_of(xp_unicode_decode(text + at)).flags & XP_UNICODE_WORD) != 0;
}

static bool word_after(const char *text, size_t length, size_t at) {
    return at < length && (xp_unicode_of(xp_unicode_decode(text + at)).flags & XP_UNICODE_WORD) != 0;
}

static bool space_at(const char *text, size_t at) {
    return (xp_unicode_of(xp_unicode_decode(text + at)).flags & XP_UNICODE_SPACE) != 0;
}

static size_t spaces_before(const char *text, size_t at) {
    while (at > 0) {
        size_t one = at - 1;
        while (((unsigned char)text[one] & 0xc0) == 0x80) one--;
        if (!space_at(text, one)) break;
        at = one;
    }
    return at;
}

static size_t spaces_after(const char *text, size_t length, size_t at) {
    while (at < length && space_at(text, at)) at += xp_unicode_step(text[at]);
    return at;
}

/* The next token from *at on, leftmost, there the longest; *at moves behind its content. What is turned down is
 * passed over whole, a shorter token inside of it is not tried. `taken`: up to where the one before it reached. */
static bool find_added(const explaint_tokenizer *t, bool normalized, const char *text, size_t length, size_t *at,
                       size_t taken, found *hit) {
    const xp_trie *trie = normalized ? &t->normalized : &t->raw;
    const size_t *places = normalized ? t->normalized_place : t->raw_place;
    while (*at < length) {
        int32_t index = -1;
        size_t found_length = xp_trie_longest(trie, 0, text + *at, length - *at, &index);
        if (found_length == 0) {
            ++*at;
            continue;
        }
        *hit = (found){&t->added[places[index]], *at, *at + found_length};
        *at = hit->end;
        if (hit->token->passed_over) continue;
        if (hit->token->single_word && (word_before(text, hit->begin) || word_after(text, length, hit->end))) continue;
        if (hit->token->lstrip) {
            size_t begin = spaces_before(text, hit->begin);
            hit->begin = begin > taken ? begin : taken;
        }
        if (hit->token->rstrip) hit->end = spaces_after(text, length, hit->end);
        if (hit->begin < hit->end) return true; /* else the white space it is made of went to the one before it */
    }
    return false;
}

static void add_added(work *w, const found *hit, const char *spelled, piece p) {
    p.id = hit->token->id;
    p.special = hit->token->special;
    p.word = w->words++;
    if (w->t->trims) trim(w, &p, xp_tokenizer_blanks(spelled + hit->begin, hit->end - hit->begin));
    add_piece(w, p);
}

/* A part of the text without added tokens of the other kind. */
static void add_part(work *w, size_t begin, size_t end) {
    size_t taken = 0, at = 0;
    found hit;
    if (begin >= end || w->failed) return;
    if (!xp_normalizer_run(&w->t->normalizer, w->text, begin, end, &w->normal)) {
        w->failed = true;
        return;
    }
    while (w->t->normalized.n_nodes > 0 && find_added(w->t, true, w->normal.text, w->normal.length, &at, taken, &hit)) {
        piece p = {0};
        place(w, hit.begin, hit.end, &p);
        if (taken < hit.begin) add_words(w, taken, hit.begin);
        add_added(w, &hit, w->normal.text, p);
        taken = hit.end;
    }
    add_words(w, taken, w->normal.length);
}

static void add_text(work *w) {
    size_t taken = 0, at = 0;
    found hit;
    while (w->t->raw.n_nodes > 0 && find_added(w->t, false, w->text, w->length, &at, taken, &hit)) {
        add_part(w, taken, hit.begin);
        add_added(w, &hit, w->text, (piece){.begin = (uint32_t)hit.begin, .end = (uint32_t)hit.end});
        taken = hit.end;
    }
    add_part(w, taken, w->length);
}

/* ---- the encoding ---- */

void explaint_encoding_free(explaint_encoding *encoding) {
    xp_free(encoding->id); /* all lists lie in one block */
    *encoding = (explaint_encoding){0};
}

static bool allot(explaint_encoding *e, size_t n) {
    e->id = xp_alloc(n, 4 * sizeof(int32_t) + 1);
    if (e->id == NULL) return false;
    e->n = n;
    e->begin = (uint32_t *)e->id + n;
    e->end = e->begin + n;
    e->word = (int32_t *)e->end + n;
    e->special = (uint8_t *)(e->word + n);
    return true;
}

static size_t put_special(explaint_encoding *e, size_t at, const int32_t *id, size_t n) {
    for (size_t i = 0; i < n; i++, at++) {
        e->id[at] = id[i];
        e->begin[at] = e->end[at] = 0;
        e->word[at] = -1;
        e->special[at] = 1;
    }
    return at;
}

static bool hand_over(const work *w, size_t before, size_t kept, size_t after, explaint_encoding *e) {
    if (!allot(e, before + kept + after)) return false;
    size_t at = put_special(e, 0, w->t->before, before);
    for (size_t i = 0; i < kept; i++, at++) {
        e->id[at] = w->made[i].id;
        e->begin[at] = w->made[i].begin;
        e->end[at] = w->made[i].end;
        e->word[at] = w->made[i].word;
        e->special[at] = w->made[i].special;
    }
    put_special(e, at, w->t->after, after);
    e->cut = w->n - kept;
    return true;
}

explaint_encode_options explaint_encode_defaults(void) { return (explaint_encode_options){0}; }

explaint_status explaint_tokenizer_encode(const explaint_tokenizer *t, const char *text, size_t length,
                                          const explaint_encode_options *options, explaint_encoding *encoding,
                                          explaint_error *error) {
    const explaint_encode_options defaults = explaint_encode_defaults();
    if (options == NULL) options = &defaults;
    explaint_encoding_free(encoding);
    size_t before = options->no_special_tokens ? 0 : t->n_before, after = options->no_special_tokens ? 0 : t->n_after;
    if (options->truncate > 0 && options->truncate < before + after)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "expected to cut texts to at least %zu pieces, as many are special tokens; found %zu",
                       before + after, options->truncate);
    if (length > XP_LIMIT_TEXT)
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0, "expected a text of at most %zu bytes, found %zu",
                       XP_LIMIT_TEXT, length);
    size_t broken = xp_encoding_invalid(text, length);
    if (broken < length)
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                       "the text is not UTF-8: byte %zu is 0x%02x; convert it, or find out where it was cut", broken,
                       (unsigned)(unsigned char)text[broken]);
    work w = {.t = t, .text = text, .length = length};
    add_text(&w);
    size_t kept = w.n, room = options->truncate - before - after;
    if (options->truncate > 0 && kept > room) kept = room;
    bool made = !w.failed && hand_over(&w, before, kept, after, encoding);
    xp_normalized_free(&w.normal);
    xp_free(w.made);
    return made ? EXPLAINT_OK : xp_no_memory(error, "the pieces of a text");
}
