#include "text/splitter.h"

#include <string.h>

#include "base/memory.h"
#include "text/byte_level.h"
#include "text/unicode.h"

bool xp_splitter_add(xp_splitter *splitter, xp_split step) {
    if (splitter->n == XP_SPLITS) {
        xp_pattern_free(step.pattern);
        return false;
    }
    splitter->step[splitter->n++] = step;
    return true;
}

void xp_splitter_clear(xp_splitter *splitter) {
    for (size_t i = 0; i < splitter->n; i++) xp_pattern_free(splitter->step[i].pattern);
    splitter->n = 0;
}

void xp_split_words_free(xp_split_words *words) {
    xp_free_all(words->span, words->next);
    xp_placed_free(&words->now);
    xp_placed_free(&words->spare);
    xp_pattern_end(&words->scan);
    *words = (xp_split_words){0};
}

static explaint_status no_memory(explaint_error *error) { return xp_no_memory(error, "the pieces of a text"); }

/* ---- the words that a step makes of one ---- */

static bool push(xp_split_words *w, size_t begin, size_t end) {
    xp_split_span *span = xp_grow((void **)&w->next, w->n_next, &w->next_capacity, sizeof *span);
    if (span == NULL) return false;
    *span = (xp_split_span){begin, end};
    w->n_next++;
    return true;
}

/* A word as it is taken apart: its parts come in order, each a match or what lies between. */
typedef struct parting {
    xp_split_words *words;
    xp_behaviour behaviour;
    size_t first;  /* of its words in `next` */
    bool previous; /* whether the part before was a match */
} parting;

static parting part_begin(xp_split_words *words, xp_behaviour behaviour) {
    return (parting){words, behaviour, words->n_next, false};
}

static bool part_add(parting *p, size_t begin, size_t end, bool match) {
    xp_split_words *w = p->words;
    bool joins = false;
    switch (p->behaviour) {
    case XP_REMOVED:
        if (match) return true;
        break;
    case XP_ISOLATED: break;
    case XP_CONTIGUOUS: joins = match == p->previous; break;
    case XP_MERGED_WITH_PREVIOUS: joins = match && !p->previous; break;
    case XP_MERGED_WITH_NEXT: joins = !match && p->previous; break;
    }
    p->previous = match;
    if (!joins || w->n_next == p->first) return push(w, begin, end);
    w->next[w->n_next - 1].end = end;
    return true;
}

/* Empty parts are left out in the end alone: another one may have joined them. */
static void part_end(parting *p) {
    size_t kept = p->first;
    for (size_t i = p->first; i < p->words->n_next; i++)
        if (p->words->next[i].begin < p->words->next[i].end) p->words->next[kept++] = p->words->next[i];
    p->words->n_next = kept;
}

/* ---- by the kind of characters ---- */

/* Kinds as parts: characters of one kind in a row are one part where `runs`, else each is one. */
typedef enum character { NONE, MATCH, OTHER_MATCH } character;

static character kind_of(const xp_split *step, uint32_t point) {
    const unsigned flags = xp_unicode_of(point).flags;
    switch (step->kind) {
    case XP_SPLIT_WORDS:
        return (flags & XP_UNICODE_WORD) != 0 ? MATCH : (flags & XP_UNICODE_SPACE) == 0 ? OTHER_MATCH : NONE;
    case XP_SPLIT_SPACES: return (flags & XP_UNICODE_SPACE) != 0;
    case XP_SPLIT_PUNCTUATION: return (flags & XP_UNICODE_PUNCTUATION) != 0;
    case XP_SPLIT_DIGITS: return (flags & XP_UNICODE_NUMERIC) != 0;
    default: return point == step->point;
    }
}

static bool split_characters(const xp_split *step, xp_split_words *w, xp_split_span word) {
    parting p = part_begin(w, step->behaviour);
    size_t begin = word.begin, length;
    for (size_t at = word.begin; at < word.end; at += length) {
        length = xp_unicode_step(w->text[at]);
        if (kind_of(step, xp_unicode_decode(w->text + at)) == NONE) continue;
        if (begin < at && !part_add(&p, begin, at, false)) return false;
        if (!part_add(&p, at, at + length, true)) return false;
        begin = at + length;
    }
    if (begin < word.end && !part_add(&p, begin, word.end, false)) return false;
    part_end(&p);
    return true;
}

static bool split_words(const xp_split *step, xp_split_words *w, xp_split_span word) {
    size_t begin = word.begin, length;
    character kind = NONE;
    for (size_t at = word.begin; at < word.end; at += length) {
        length = xp_unicode_step(w->text[at]);
        const character now = kind_of(step, xp_unicode_decode(w->text + at));
        if (now == kind) continue;
        if (kind != NONE && !push(w, begin, at)) return false;
        begin = at;
        kind = now;
    }
    return kind == NONE || push(w, begin, word.end);
}

static bool split_bert(xp_split_words *w, xp_split_span word) {
    const char *text = w->text;
    size_t begin = word.begin, length;
    for (size_t at = word.begin; at < word.end; at += length) {
        length = xp_unicode_step(text[at]);
        const unsigned flags = xp_unicode_of(xp_unicode_decode(text + at)).flags;
        if ((flags & (XP_UNICODE_SPACE | XP_UNICODE_PUNCTUATION)) == 0) continue;
        if (begin < at && !push(w, begin, at)) return false;
        if ((flags & XP_UNICODE_SPACE) == 0 && !push(w, at, at + length)) return false;
        begin = at + length;
    }
    return begin == word.end || push(w, begin, word.end);
}

static bool split_length(const xp_split *step, xp_split_words *w, xp_split_span word) {
    for (size_t at = word.begin, begin = at; at < word.end; begin = at) {
        for (size_t i = 0; i < step->length && at < word.end; i++) at += xp_unicode_step(w->text[at]);
        if (!push(w, begin, at)) return false;
    }
    return true;
}

static explaint_status split_pattern(const xp_pattern *pattern, xp_behaviour behaviour, bool invert, xp_split_words *w,
                                     xp_split_span word, explaint_error *error) {
    parting p = part_begin(w, behaviour);
    size_t taken = word.begin;
    xp_view match;
    bool found = true;
    explaint_status status = xp_pattern_begin(&w->scan, w->text + word.begin, word.end - word.begin, error);
    while (status == EXPLAINT_OK) {
        status = xp_pattern_next(pattern, &w->scan, &match, &found, error);
        if (status != EXPLAINT_OK || !found) break;
        const size_t begin = (size_t)(match.data - w->text), end = begin + match.length;
        if ((taken != begin && !part_add(&p, taken, begin, invert)) || !part_add(&p, begin, end, !invert))
            return no_memory(error);
        taken = end;
    }
    if (status == EXPLAINT_OK && taken != word.end && !part_add(&p, taken, word.end, invert)) return no_memory(error);
    part_end(&p);
    return status;
}

/* ---- steps that change the text ---- */

static bool begins_with(const xp_split_words *w, xp_split_span word, const char *what, size_t length) {
    return word.end - word.begin >= length && memcmp(w->text + word.begin, what, length) == 0;
}

/* The text as it is from now on, with its words. */
static void take_over(xp_split_words *w) {
    xp_placed_swap(&w->now, &w->spare);
    w->text = w->now.text;
    w->origin = w->now.origin;
}

static void take_next(xp_split_words *w) {
    xp_split_span *made = w->next;
    const size_t capacity = w->next_capacity;
    w->next = w->span;
    w->next_capacity = w->capacity;
    w->span = made;
    w->capacity = capacity;
    w->n = w->n_next;
}

static bool add_prefixes(xp_split_words *w) {
    w->spare.length = w->n_next = 0;
    for (size_t i = 0; i < w->n; i++) {
        const xp_split_span word = w->span[i];
        const size_t begin = w->spare.length;
        if ((!begins_with(w, word, " ", 1) && !xp_placed_add(&w->spare, " ", 1, w->origin[word.begin])) ||
            !xp_placed_copy(&w->spare, w->text + word.begin, word.end - word.begin, w->origin + word.begin, 0) ||
            !push(w, begin, w->spare.length))
            return false;
    }
    take_over(w);
    take_next(w);
    return true;
}

static bool write_bytes(xp_split_words *w) {
    w->spare.length = 0;
    for (size_t i = 0; i < w->n; i++) {
        const xp_split_span word = w->span[i];
        const size_t begin = w->spare.length;
        if (!xp_byte_level_write(w->text + word.begin, word.end - word.begin, w->origin + word.begin, &w->spare))
            return false;
        w->span[i] = (xp_split_span){begin, w->spare.length};
    }
    take_over(w);
    return true;
}

static explaint_status split_bytes(const xp_split *step, xp_split_words *w, explaint_error *error) {
    if (step->prefix == XP_PREFIX_ALWAYS && !add_prefixes(w)) return no_memory(error);
    if (step->pattern != NULL) {
        w->n_next = 0;
        for (size_t i = 0; i < w->n; i++) {
            explaint_status status = split_pattern(step->pattern, XP_ISOLATED, false, w, w->span[i], error);
            if (status != EXPLAINT_OK) return status;
        }
        take_next(w);
    }
    return write_bytes(w) ? EXPLAINT_OK : no_memory(error);
}

/* A word with the sign in place of spaces, and before it where that is asked for. */
static bool write_metaspace(const xp_split *step, const char *sign, size_t length, xp_split_words *w,
                            xp_split_span word) {
    const bool first = (w->origin[word.begin] & ~XP_PLACED_NOWHERE) == 0;
    const bool has = w->text[word.begin] == ' ' || begins_with(w, word, sign, length);
    if (!has && (step->prefix == XP_PREFIX_ALWAYS || (step->prefix == XP_PREFIX_FIRST && first)) &&
        !xp_placed_add(&w->spare, sign, length, w->origin[word.begin]))
        return false;
    size_t taken = word.begin;
    for (size_t at = word.begin; at < word.end; at++) {
        if (w->text[at] != ' ') continue;
        if (!xp_placed_copy(&w->spare, w->text + taken, at - taken, w->origin + taken, 0) ||
            !xp_placed_add(&w->spare, sign, length, w->origin[at]))
            return false;
        taken = at + 1;
    }
    return xp_placed_copy(&w->spare, w->text + taken, word.end - taken, w->origin + taken, 0);
}

static bool split_metaspace(const xp_split *step, xp_split_words *w) {
    const xp_split before_signs = {.kind = XP_SPLIT_DELIMITER, .behaviour = XP_MERGED_WITH_NEXT, .point = step->point};
    char sign[4];
    const size_t length = xp_unicode_encode(step->point, sign);
    w->spare.length = w->n_next = 0;
    for (size_t i = 0; i < w->n; i++) {
        const size_t begin = w->spare.length;
        if (!write_metaspace(step, sign, length, w, w->span[i]) || !push(w, begin, w->spare.length)) return false;
    }
    take_over(w);
    take_next(w);
    if (!step->cuts) return true;
    w->n_next = 0;
    for (size_t i = 0; i < w->n; i++)
        if (!split_characters(&before_signs, w, w->span[i])) return false;
    take_next(w);
    return true;
}

/* ---- all steps ---- */

static explaint_status split_word(const xp_split *step, xp_split_words *w, xp_split_span word, explaint_error *error) {
    bool made = true;
    switch (step->kind) {
    case XP_SPLIT_BERT: made = split_bert(w, word); break;
    case XP_SPLIT_WORDS: made = split_words(step, w, word); break;
    case XP_SPLIT_LENGTH: made = split_length(step, w, word); break;
    case XP_SPLIT_PATTERN: return split_pattern(step->pattern, step->behaviour, step->invert, w, word, error);
    default: made = split_characters(step, w, word);
    }
    return made ? EXPLAINT_OK : no_memory(error);
}

static explaint_status take_step(const xp_split *step, xp_split_words *w, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    if (step->kind == XP_SPLIT_BYTES) return split_bytes(step, w, error);
    if (step->kind == XP_SPLIT_METASPACE) return split_metaspace(step, w) ? EXPLAINT_OK : no_memory(error);
    w->n_next = 0;
    for (size_t i = 0; status == EXPLAINT_OK && i < w->n; i++) status = split_word(step, w, w->span[i], error);
    take_next(w);
    return status;
}

explaint_status xp_splitter_run(const xp_splitter *splitter, const char *text, const uint32_t *origin, size_t begin,
                                size_t end, xp_split_words *words, explaint_error *error) {
    explaint_status status = EXPLAINT_OK;
    words->text = text;
    words->origin = origin;
    words->n = words->n_next = 0;
    if (begin == end) return status;
    if (!push(words, begin, end)) return no_memory(error);
    take_next(words);
    for (size_t i = 0; status == EXPLAINT_OK && i < splitter->n && words->n > 0; i++)
        status = take_step(&splitter->step[i], words, error);
    return status;
}
