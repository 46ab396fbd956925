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
    xp_split_words split;
    xp_word_cuts cuts;
    piece *made;
    size_t n, capacity;
    int32_t words;
    explaint_status status;
    explaint_error *error;
} work;

static void fail(work *w) { w->status = xp_no_memory(w->error, "the pieces of a text"); }

/* ---- pieces ---- */

/* Takes white space out of a piece's place: so many characters less at its ends. */
static void trim(const work *w, xp_trim how, piece *p, xp_blanks blanks) {
    bool first = (w->n == 0 && !how.behind) || p->begin == 0;
    if (first && how.prefix_space && blanks.leading == 1) blanks.leading = 0;
    for (size_t i = 0; i < blanks.leading && p->begin < p->end; i++)
        p->begin += (uint32_t)xp_unicode_step(w->text[p->begin]);
    uint32_t end = p->end;
    size_t back = 0;
    for (; back < blanks.trailing && end > 0; back++) do
            end--;
        while (((unsigned char)w->text[end] & 0xc0) == 0x80);
    if (back == blanks.trailing) p->end = end > p->begin ? end : p->begin;
}

static void trim_all(const work *w, piece *p, const char *text, size_t length) {
    const xp_blanks blanks = xp_tokenizer_blanks(text, length);
    for (size_t i = 0; i < w->t->n_trims; i++) trim(w, w->t->trim[i], p, blanks);
}

static void add_piece(work *w, piece p) {
    piece *made = xp_grow((void **)&w->made, w->n, &w->capacity, sizeof *made);
    if (made == NULL) {
        fail(w);
        return;
    }
    *made = p;
    w->n++;
}

/* Where the characters come from that bytes [from, to) were made of, from < to, whose origins these are. */
static void place(const work *w, const uint32_t *origin, size_t from, size_t to, piece *p) {
    const uint32_t last = origin[to - 1] & ~XP_PLACED_NOWHERE;
    p->begin = origin[from] & ~XP_PLACED_NOWHERE;
    p->end = last;
    if ((origin[to - 1] & XP_PLACED_NOWHERE) == 0) p->end += (uint32_t)xp_unicode_step(w->text[last]);
}

static void add_word(work *w, xp_split_span word) {
    const xp_view text = {w->split.text + word.begin, word.end - word.begin};
    w->status = w->t->model.cut(w->t->model.self, text, &w->cuts, w->error);
    for (size_t i = 0; w->status == EXPLAINT_OK && i < w->cuts.n; i++) {
        const xp_word_cut *c = &w->cuts.cut[i];
        piece p = {.id = c->id, .word = w->words};
        place(w, w->split.origin, word.begin + c->begin, word.begin + c->end, &p);
        if (c->literal && w->t->n_trims > 0)
            trim_all(w, &p, text.data + c->begin, c->end - c->begin);
        else if (w->t->blank != NULL && w->t->blank[c->id])
            trim_all(w, &p, w->t->piece[c->id], strlen(w->t->piece[c->id]));
        add_piece(w, p);
    }
    w->words++;
}

/* Of the normalized part, without added tokens. */
static void add_words(work *w, size_t from, size_t to) {
    const xp_placed *normal = &w->normal.now;
    if (w->status != EXPLAINT_OK) return;
    w->status = xp_splitter_run(&w->t->splitter, normal->text, normal->origin, from, to, &w->split, w->error);
    for (size_t i = 0; w->status == EXPLAINT_OK && i < w->split.n; i++) add_word(w, w->split.span[i]);
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
    if (w->t->n_trims > 0) trim_all(w, &p, spelled + hit->begin, hit->end - hit->begin);
    add_piece(w, p);
}

/* A part of the text without added tokens of the other kind. */
static void add_part(work *w, size_t begin, size_t end) {
    size_t taken = 0, at = 0;
    found hit;
    if (begin >= end || w->status != EXPLAINT_OK) return;
    w->status = xp_normalizer_run(&w->t->normalizer, w->text, begin, end, &w->normal, w->error);
    if (w->status != EXPLAINT_OK) return;
    const xp_placed *normal = &w->normal.now;
    while (w->t->normalized.n_nodes > 0 && find_added(w->t, true, normal->text, normal->length, &at, taken, &hit)) {
        piece p = {0};
        place(w, normal->origin, hit.begin, hit.end, &p);
        if (taken < hit.begin) add_words(w, taken, hit.begin);
        add_added(w, &hit, normal->text, p);
        taken = hit.end;
    }
    add_words(w, taken, normal->length);
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
    explaint_error unseen = {0};
    work w = {.t = t, .text = text, .length = length, .status = EXPLAINT_OK, .error = error != NULL ? error : &unseen};
    add_text(&w);
    size_t kept = w.n, room = options->truncate - before - after;
    if (options->truncate > 0 && kept > room) kept = room;
    if (w.status == EXPLAINT_OK && !hand_over(&w, before, kept, after, encoding)) fail(&w);
    xp_normalized_free(&w.normal);
    xp_split_words_free(&w.split);
    xp_word_cuts_free(&w.cuts);
    xp_free(w.made);
    return w.status;
}
