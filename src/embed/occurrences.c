/* Where words stand: in a template, or in the lines of a file. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "embed/embedding.h"
#include "text/texts.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

uint32_t xp_embedding_stream(xp_view word) {
    xp_sha256 hash;
    char text[XP_SHA256_TEXT];
    uint32_t stream = 0;
    xp_sha256_begin(&hash);
    xp_sha256_add(&hash, word.data, word.length);
    xp_sha256_end(&hash, text);
    for (size_t i = 0; i < 8; i++)
        stream = stream << 4 | (uint32_t)(text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10);
    return stream;
}

void xp_occurrences_free(xp_occurrences *occurrences) {
    xp_free_all(occurrences->occurrence, occurrences->first, occurrences->text, occurrences->made);
    *occurrences = (xp_occurrences){0};
}

/* ---- templates, whole texts ---- */

/* Each word between what stands before and behind it. whole: the occurrence is all of the text, not the word alone. */
static explaint_status surround(xp_view before, const xp_view *words, size_t n, xp_view after, bool whole,
                                xp_occurrences *occurrences, explaint_error *error) {
    const size_t around = before.length + after.length;
    size_t total = 0;
    for (size_t i = 0; around > 0 && i < n; i++) total += around + words[i].length;
    *occurrences = (xp_occurrences){.n = n,
                                    .occurrence = xp_alloc(n, sizeof *occurrences->occurrence),
                                    .first = xp_alloc(n + 1, sizeof *occurrences->first),
                                    .text = xp_alloc(n, sizeof *occurrences->text),
                                    .made = total > 0 ? xp_alloc(total, 1) : NULL};
    if (occurrences->occurrence == NULL || occurrences->first == NULL || occurrences->text == NULL ||
        (total > 0 && occurrences->made == NULL)) {
        xp_occurrences_free(occurrences);
        return xp_no_memory(error, "texts");
    }
    char *at = occurrences->made;
    for (size_t i = 0; i < n; i++) {
        const size_t end = before.length + words[i].length;
        occurrences->occurrence[i] = (xp_occurrence){i, i, whole ? 0 : before.length, end};
        occurrences->first[i] = i;
        occurrences->text[i] = around > 0 ? (xp_view){at, end + after.length} : words[i];
        if (around == 0) continue;
        memcpy(at, before.data, before.length);
        memcpy(at + before.length, words[i].data, words[i].length);
        memcpy(at + end, after.data, after.length);
        at += end + after.length;
    }
    occurrences->first[n] = n;
    return EXPLAINT_OK;
}

explaint_status xp_occurrences_of_texts(const explaint_texts *texts, const char *prompt, xp_occurrences *occurrences,
                                        explaint_error *error) {
    const xp_view before = {prompt != NULL ? prompt : "", prompt != NULL ? strlen(prompt) : 0};
    return surround(before, texts->text, texts->n, (xp_view){"", 0}, true, occurrences, error);
}

#define GAP "{}"

explaint_status xp_occurrences_in_pattern(const char *pattern, const xp_view *words, size_t n,
                                          xp_occurrences *occurrences, explaint_error *error) {
    const char *gap = strstr(pattern, GAP);
    if (gap == NULL || strstr(gap + 2, GAP) != NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                       "expected a template with " GAP " once, where the word stands, found %s in \"%.200s\"",
                       gap == NULL ? "none" : "several", pattern);
    const xp_view before = {pattern, (size_t)(gap - pattern)}, after = {gap + 2, strlen(gap + 2)};
    return surround(before, words, n, after, false, occurrences, error);
}

/* ---- contexts ---- */

/* Text as it is compared, and where each of its bytes came from. */
typedef struct folded {
    char *text;
    uint32_t *origin; /* length + 1 */
    size_t length, capacity;
} folded;

static bool fold(folded *f, xp_view text, bool lower) {
    if (2 * text.length + 8 > f->capacity) { /* lower case takes at most one and a half times the bytes */
        const size_t capacity = 4 * text.length + 64;
        char *t = xp_realloc(f->text, capacity, 1);
        if (t != NULL) f->text = t;
        uint32_t *o = xp_realloc(f->origin, capacity, sizeof *o);
        if (o != NULL) f->origin = o;
        if (t == NULL || o == NULL) return false;
        f->capacity = capacity;
    }
    f->length = 0;
    for (size_t i = 0; i < text.length;) {
        const size_t step = xp_unicode_step(text.data[i]);
        uint32_t parts[XP_PARTS] = {xp_unicode_decode(text.data + i)};
        const size_t n = lower ? xp_unicode_lower(parts[0], parts) : 1;
        for (size_t k = 0; k < n; k++) {
            const size_t bytes = xp_unicode_encode(parts[k], f->text + f->length);
            for (size_t b = 0; b < bytes; b++) f->origin[f->length + b] = (uint32_t)i;
            f->length += bytes;
        }
        i += step;
    }
    f->origin[f->length] = (uint32_t)text.length;
    return true;
}

static void folded_free(folded *f) { xp_free_all(f->text, f->origin); }

typedef enum kind { OTHER, LETTER, IDEOGRAPH } kind; /* an ideograph is a word of its own, as tokenizers take it */

static kind kind_at(const char *text) {
    const unsigned flags = xp_unicode_of(xp_unicode_decode(text)).flags;
    return (flags & XP_UNICODE_IDEOGRAPH) != 0 ? IDEOGRAPH : (flags & XP_UNICODE_WORD) != 0 ? LETTER : OTHER;
}

/* The run of letters (or the one ideograph) at or behind `at`. false: there is none. */
static bool next_run(const char *text, size_t length, size_t at, size_t *begin, size_t *end) {
    while (at < length && kind_at(text + at) == OTHER) at += xp_unicode_step(text[at]);
    if (at >= length) return false;
    *begin = at;
    const kind first = kind_at(text + at);
    do at += xp_unicode_step(text[at]);
    while (first == LETTER && at < length && kind_at(text + at) == LETTER);
    *end = at;
    return true;
}

typedef struct needle {
    char *text;         /* folded */
    size_t length, key; /* where its first run begins */
    size_t next;        /* another word with the same first run */
    size_t seen, kept;
    xp_rng rng;
} needle;

#define NONE SIZE_MAX

typedef struct search {
    const explaint_texts *contexts;
    bool lower;
    size_t n, most;
    needle *needle;
    xp_index *index;       /* first run: the first needle with it */
    xp_occurrence **found; /* by needle */
    folded line;
} search;

static bool add_needle(search *s, size_t i, xp_view word, uint64_t seed) {
    folded f = {0};
    needle *w = &s->needle[i];
    size_t end = 0, first = i;
    bool found = false, good = fold(&f, word, s->lower);
    if (good) w->text = xp_strndup(f.text, f.length);
    good = good && w->text != NULL;
    w->length = f.length;
    w->next = NONE;
    w->rng = xp_rng_begin(seed, XP_RNG_CONTEXTS, xp_embedding_stream(word));
    if (good && next_run(w->text, w->length, 0, &w->key, &end)) {
        good = xp_index_intern(s->index, w->text + w->key, end - w->key, i, &first, &found);
        if (good && found) {
            w->next = s->needle[first].next;
            s->needle[first].next = i;
        }
    }
    folded_free(&f);
    return good;
}

/* Reservoir sampling (Waterman; Knuth 3.4.2 R): of t occurrences each is kept with the chance most / t. */
static bool keep(search *s, size_t i, xp_occurrence occurrence) {
    needle *w = &s->needle[i];
    size_t place = w->seen++;
    if (place >= s->most) {
        place = xp_rng_below(&w->rng, w->seen);
        if (place >= s->most) return true;
    }
    if (place >= w->kept) {
        if ((w->kept & (w->kept + 1)) == 0) { /* 0, 1, 3, 7: grows to twice and one */
            xp_occurrence *more = xp_realloc(s->found[i], 2 * w->kept + 1, sizeof *more);
            if (more == NULL) return false;
            s->found[i] = more;
        }
        w->kept++;
    }
    s->found[i][place] = occurrence;
    return true;
}

static bool is_whole(const folded *line, size_t begin, size_t end) {
    if (begin > 0) {
        size_t before = begin - 1;
        while (((unsigned char)line->text[before] & 0xC0) == 0x80) before--;
        if (kind_at(line->text + before) == LETTER && kind_at(line->text + begin) == LETTER) return false;
    }
    if (end < line->length) {
        size_t last = end - 1;
        while (((unsigned char)line->text[last] & 0xC0) == 0x80) last--;
        if (kind_at(line->text + end) == LETTER && kind_at(line->text + last) == LETTER) return false;
    }
    return true;
}

static bool search_line(search *s, size_t number) {
    const folded *line = &s->line;
    if (!fold(&s->line, s->contexts->text[number], s->lower)) return false;
    size_t begin, end, i;
    for (size_t at = 0; next_run(line->text, line->length, at, &begin, &end); at = end) {
        if (!xp_index_find(s->index, line->text + begin, end - begin, &i)) continue;
        for (; i != NONE; i = s->needle[i].next) {
            const needle *w = &s->needle[i];
            const size_t from = begin - w->key, to = from + w->length;
            if (w->key > begin || to > line->length || memcmp(line->text + from, w->text, w->length) != 0 ||
                !is_whole(line, from, to))
                continue;
            if (!keep(s, i, (xp_occurrence){i, number, line->origin[from], line->origin[to]})) return false;
        }
    }
    return true;
}

static int by_place(const void *a, const void *b) {
    const xp_occurrence *x = a, *y = b;
    if (x->text != y->text) return x->text < y->text ? -1 : 1;
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static bool gather(const search *s, xp_occurrences *occurrences) {
    for (size_t i = 0; i < s->n; i++) {
        occurrences->n += s->needle[i].kept;
        occurrences->n_sampled += s->needle[i].seen > s->most;
    }
    occurrences->occurrence = xp_alloc(occurrences->n, sizeof *occurrences->occurrence);
    occurrences->first = xp_alloc(s->n + 1, sizeof *occurrences->first);
    occurrences->text = xp_alloc(s->contexts->n, sizeof *occurrences->text);
    if (occurrences->occurrence == NULL || occurrences->first == NULL || occurrences->text == NULL) return false;
    memcpy(occurrences->text, s->contexts->text, s->contexts->n * sizeof *occurrences->text);
    size_t at = 0;
    for (size_t i = 0; i < s->n; i++) {
        const size_t kept = s->needle[i].kept;
        occurrences->first[i] = at;
        if (kept == 0) continue;
        memcpy(occurrences->occurrence + at, s->found[i], kept * sizeof *occurrences->occurrence);
        qsort(occurrences->occurrence + at, kept, sizeof *occurrences->occurrence, by_place);
        at += kept;
    }
    occurrences->first[s->n] = at;
    return true;
}

explaint_status xp_occurrences_in_contexts(const explaint_texts *contexts, bool lower, const xp_view *words, size_t n,
                                           size_t most, uint64_t seed, xp_occurrences *occurrences,
                                           explaint_error *error) {
    *occurrences = (xp_occurrences){0};
    search s = {.contexts = contexts,
                .lower = lower,
                .n = n,
                .most = most,
                .needle = xp_calloc(n, sizeof *s.needle),
                .found = xp_calloc(n, sizeof *s.found),
                .index = xp_index_create(n)};
    bool good = s.needle != NULL && s.found != NULL && s.index != NULL;
    for (size_t i = 0; good && i < n; i++) good = add_needle(&s, i, words[i], seed);
    for (size_t i = 0; good && i < contexts->n; i++) good = search_line(&s, i);
    good = good && gather(&s, occurrences);
    for (size_t i = 0; i < n; i++) {
        if (s.needle != NULL) xp_free(s.needle[i].text);
        if (s.found != NULL) xp_free(s.found[i]);
    }
    xp_free_all(s.needle, (void *)s.found);
    xp_index_destroy(s.index);
    folded_free(&s.line);
    if (good) return EXPLAINT_OK;
    xp_occurrences_free(occurrences);
    return xp_no_memory(error, "the contexts of words");
}
