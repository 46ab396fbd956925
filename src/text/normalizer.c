#include "text/normalizer.h"

#include <string.h>

#include "base/memory.h"
#include "text/unicode.h"

/* A run ends at the first starter after so many characters; only a text that is all marks makes longer ones. */
#define RUN 64

bool xp_normalizer_lowers(const xp_normalizer *normalizer) {
    for (size_t i = 0; i < normalizer->n; i++)
        if (normalizer->step[i] == XP_STEP_LOWER) return true;
    return false;
}

void xp_normalizer_ready(xp_normalizer *normalizer) {
    for (uint32_t c = 0; c < 128; c++) {
        uint32_t parts[XP_PARTS] = {c};
        uint8_t becomes = (uint8_t)c;
        for (size_t s = 0; s < normalizer->n && becomes != XP_ASCII_REMOVED; s++) {
            unsigned flags = xp_unicode_of(becomes).flags;
            if (normalizer->step[s] == XP_STEP_CLEAN && (flags & XP_UNICODE_REMOVED) != 0)
                becomes = XP_ASCII_REMOVED;
            else if (normalizer->step[s] == XP_STEP_CLEAN && (flags & XP_UNICODE_BLANK) != 0)
                becomes = ' ';
            else if (normalizer->step[s] == XP_STEP_LOWER && xp_unicode_lower(becomes, parts) == 1)
                becomes = (uint8_t)parts[0];
        }
        normalizer->ascii[c] = becomes;
    }
}

/* ---- room ---- */

static bool text_room(xp_normalized *out, size_t more) {
    if (out->capacity - out->length >= more) return true;
    size_t capacity = out->length + more + (out->length + more) / 2;
    char *text = xp_realloc(out->text, capacity, 1);
    if (text == NULL) return false;
    out->text = text;
    uint32_t *origin = xp_realloc(out->origin, capacity, sizeof *origin);
    if (origin == NULL) return false;
    out->origin = origin;
    out->capacity = capacity;
    return true;
}

/* Both lists hold n items then; what was in the first one stays. */
static bool item_room(xp_normalized *out, size_t n) {
    if (n <= out->item_capacity) return true;
    size_t capacity = n + n / 2;
    xp_item *item = xp_realloc(out->item, capacity, sizeof *item);
    if (item == NULL) return false;
    out->item = item;
    xp_item *spare = xp_realloc(out->spare, capacity, sizeof *spare);
    if (spare == NULL) return false;
    out->spare = spare;
    out->item_capacity = capacity;
    return true;
}

/* ---- the steps: n items of out->item become others, whose number is returned; SIZE_MAX without memory ---- */

static void swap_lists(xp_normalized *out) {
    xp_item *made = out->spare;
    out->spare = out->item;
    out->item = made;
}

static size_t clean(xp_item *item, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned flags = xp_unicode_of(item[i].point).flags;
        if ((flags & XP_UNICODE_REMOVED) != 0) continue;
        item[kept] = item[i];
        if ((flags & XP_UNICODE_BLANK) != 0) item[kept].point = ' ';
        kept++;
    }
    return kept;
}

static size_t space_ideographs(xp_normalized *out, size_t n) {
    if (!item_room(out, 3 * n)) return SIZE_MAX;
    size_t made = 0;
    for (size_t i = 0; i < n; i++) {
        xp_item it = out->item[i], space = {.point = ' ', .origin = it.origin};
        bool alone = (xp_unicode_of(it.point).flags & XP_UNICODE_IDEOGRAPH) != 0;
        if (alone) out->spare[made++] = space;
        out->spare[made++] = it;
        if (alone) out->spare[made++] = space;
    }
    swap_lists(out);
    return made;
}

static size_t lower(xp_normalized *out, size_t n) {
    if (!item_room(out, 2 * n)) return SIZE_MAX;
    size_t made = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t parts[XP_PARTS];
        size_t count = xp_unicode_lower(out->item[i].point, parts);
        for (size_t k = 0; k < count; k++)
            out->spare[made++] = (xp_item){.point = parts[k], .origin = out->item[i].origin};
    }
    swap_lists(out);
    return made;
}

/* Stable, by order; `spare` holds as many. Counting, where insertion could take the square of a hostile length. */
static void sort_marks(xp_item *item, size_t n, xp_item *spare) {
    if (n <= 16) {
        for (size_t i = 1; i < n; i++) {
            xp_item it = item[i];
            size_t at = i;
            for (; at > 0 && item[at - 1].order > it.order; at--) item[at] = item[at - 1];
            item[at] = it;
        }
        return;
    }
    size_t begin[257] = {0};
    for (size_t i = 0; i < n; i++) begin[item[i].order + 1]++;
    for (size_t o = 1; o < 257; o++) begin[o] += begin[o - 1];
    for (size_t i = 0; i < n; i++) spare[begin[item[i].order]++] = item[i];
    memcpy(item, spare, n * sizeof *item);
}

/* See "easy to get wrong": the places of `from`, in their order, to what is no part of the one before it. */
static void take_places(xp_item *item, size_t n, const xp_item *from) {
    size_t taken = 0;
    for (size_t i = 0; i < n; i++) {
        if (!item[i].joined) taken++;
        item[i].origin = from[taken - 1].origin; /* a mark that joined was never put before what it came with */
    }
}

static size_t strip(xp_normalized *out, size_t n) {
    if (!item_room(out, 2 * XP_PARTS * n)) return SIZE_MAX; /* the other half: for the sorting */
    size_t made = 0, marks = 0;                             /* marks at the end of what is made */
    for (size_t i = 0; i < n; i++) {
        uint32_t parts[XP_PARTS];
        size_t count = xp_unicode_decompose(out->item[i].point, parts);
        for (size_t k = 0; k < count; k++) {
            uint8_t order = xp_unicode_of(parts[k]).order;
            if (order == 0 && marks > 1) sort_marks(out->spare + made - marks, marks, out->spare + made);
            marks = order == 0 ? 0 : marks + 1;
            out->spare[made++] = (xp_item){.point = parts[k], .order = order, .joined = k > 0};
        }
    }
    if (marks > 1) sort_marks(out->spare + made - marks, marks, out->spare + made);
    take_places(out->spare, made, out->item);
    swap_lists(out);
    size_t kept = 0;
    for (size_t i = 0; i < made; i++)
        if ((xp_unicode_of(out->item[i].point).flags & XP_UNICODE_MARK) == 0) out->item[kept++] = out->item[i];
    return kept;
}

static size_t take_step(uint8_t step, xp_normalized *out, size_t n) {
    switch ((xp_step)step) {
    case XP_STEP_CLEAN: return clean(out->item, n);
    case XP_STEP_IDEOGRAPHS: return space_ideographs(out, n);
    case XP_STEP_STRIP: return strip(out, n);
    case XP_STEP_LOWER: return lower(out, n);
    }
    return n;
}

/* ---- a text ---- */

/* Nothing before such a character can be moved behind it, and nothing after it before it. */
static bool ends_run(const xp_normalizer *normalizer, uint32_t point, size_t length) {
    if (point < 128) return normalizer->ascii[point] != XP_ASCII_REMOVED;
    if (length < RUN) return false;
    xp_unicode u = xp_unicode_of(point);
    return u.order == 0 && (u.flags & (XP_UNICODE_DECOMPOSED | XP_UNICODE_REMOVED)) == 0;
}

/* From a character beyond ASCII; returns where the run ends, 0 without memory. */
static size_t run(const xp_normalizer *normalizer, const char *text, size_t at, size_t end, xp_normalized *out) {
    size_t n = 0;
    while (at < end) {
        uint32_t point = xp_unicode_decode(text + at);
        if (n > 0 && ends_run(normalizer, point, n)) break;
        if (!item_room(out, n + 1)) return 0;
        out->item[n++] = (xp_item){.point = point, .origin = (uint32_t)at};
        at += xp_unicode_step(text[at]);
    }
    for (size_t s = 0; s < normalizer->n; s++) {
        n = take_step(normalizer->step[s], out, n);
        if (n == SIZE_MAX) return 0;
    }
    if (!text_room(out, 4 * n + (end - at))) return 0;
    for (size_t i = 0; i < n; i++) {
        size_t length = xp_unicode_encode(out->item[i].point, out->text + out->length);
        for (size_t k = 0; k < length; k++) out->origin[out->length++] = out->item[i].origin;
    }
    return at;
}

bool xp_normalizer_run(const xp_normalizer *normalizer, const char *text, size_t begin, size_t end,
                       xp_normalized *out) {
    out->length = 0;
    if (!text_room(out, end - begin + 1)) return false;
    while (begin < end) {
        size_t made = out->length;
        for (; begin < end && (unsigned char)text[begin] < 0x80; begin++) { /* there is room for all that is left */
            uint8_t becomes = normalizer->ascii[(unsigned char)text[begin]];
            out->text[made] = (char)becomes;
            out->origin[made] = (uint32_t)begin;
            made += becomes != XP_ASCII_REMOVED;
        }
        out->length = made;
        if (begin < end) begin = run(normalizer, text, begin, end, out);
        if (begin == 0) return false;
    }
    return true;
}

void xp_normalized_free(xp_normalized *normalized) {
    xp_free(normalized->text);
    xp_free(normalized->origin);
    xp_free(normalized->item);
    xp_free(normalized->spare);
    *normalized = (xp_normalized){0};
}
