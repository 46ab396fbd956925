#include "text/normalizer.h"

#include <string.h>

#include "base/memory.h"
#include "text/byte_level.h"
#include "text/unicode.h"

/* A run ends at the first starter after so many characters; only a text that is all marks makes longer ones. */
#define RUN 64

bool xp_normalizer_add(xp_normalizer *normalizer, xp_normalizer_step step) {
    if (normalizer->n == XP_STEPS) {
        xp_pattern_free(step.pattern);
        xp_free(step.content);
        xp_charsmap_free(step.map);
        return false;
    }
    normalizer->step[normalizer->n++] = step;
    return true;
}

void xp_normalizer_clear(xp_normalizer *normalizer) {
    for (size_t i = 0; i < normalizer->n; i++) {
        xp_pattern_free(normalizer->step[i].pattern);
        xp_free(normalizer->step[i].content);
        xp_charsmap_free(normalizer->step[i].map);
    }
    normalizer->n = normalizer->n_stages = 0;
}

bool xp_normalizer_has(const xp_normalizer *normalizer, xp_step kind) {
    for (size_t i = 0; i < normalizer->n; i++)
        if (normalizer->step[i].kind == kind) return true;
    return false;
}

bool xp_normalizer_lowers(const xp_normalizer *normalizer) { return xp_normalizer_has(normalizer, XP_STEP_LOWER); }

/* ---- stages ---- */

static uint8_t ascii_after(const xp_normalizer *normalizer, const xp_normalizer_stage *stage, uint8_t c) {
    uint32_t parts[XP_PARTS] = {c};
    for (size_t s = stage->first; s < stage->end; s++) {
        const unsigned flags = xp_unicode_of(c).flags;
        const xp_step kind = normalizer->step[s].kind;
        uint32_t becomes;
        if (kind == XP_STEP_CLEAN && (flags & XP_UNICODE_REMOVED) != 0) return XP_ASCII_REMOVED;
        if (kind == XP_STEP_CLEAN && (flags & XP_UNICODE_BLANK) != 0) c = ' ';
        if (kind == XP_STEP_LOWER && xp_unicode_lower(c, parts) == 1) c = (uint8_t)parts[0];
        if (kind != XP_STEP_NMT) continue;
        if (!xp_normal_steps_nmt(c, &becomes)) return XP_ASCII_REMOVED;
        c = (uint8_t)becomes;
    }
    return c;
}

static void finish_stage(const xp_normalizer *normalizer, xp_normalizer_stage *stage) {
    stage->open = XP_UNICODE_DECOMPOSED | XP_UNICODE_REMOVED;
    for (size_t s = stage->first; s < stage->end; s++) {
        const xp_step kind = normalizer->step[s].kind;
        if (kind == XP_STEP_NFC || kind == XP_STEP_NFKC) stage->composes = true;
        if (kind == XP_STEP_ACCENTS) stage->open |= XP_UNICODE_COMBINING;
    }
    if (stage->composes) stage->open |= XP_UNICODE_JOINS | XP_UNICODE_COMPATIBLE;
    for (unsigned c = 0; c < 128; c++) stage->ascii[c] = ascii_after(normalizer, stage, (uint8_t)c);
}

void xp_normalizer_ready(xp_normalizer *normalizer) {
    normalizer->n_stages = 0;
    for (size_t i = 0; i < normalizer->n;) {
        xp_normalizer_stage *stage = &normalizer->stage[normalizer->n_stages++];
        *stage = (xp_normalizer_stage){.first = i, .whole = normalizer->step[i].kind >= XP_STEP_REPLACE};
        for (i++; !stage->whole && i < normalizer->n && normalizer->step[i].kind < XP_STEP_REPLACE;) i++;
        stage->end = i;
        finish_stage(normalizer, stage);
    }
}

/* ---- a stage of characters ---- */

/* Where text comes from: a part of the given one (origin NULL), or what the stage before made. */
typedef struct source {
    const char *text;
    const uint32_t *origin;
    size_t begin, end;
} source;

/* Nothing before such a character can be moved behind it, and nothing after it before it. */
static bool ends_run(const xp_normalizer_stage *stage, uint32_t point, size_t length) {
    if (point < 128) return stage->ascii[point] != XP_ASCII_REMOVED;
    if (length < RUN) return false;
    xp_unicode u = xp_unicode_of(point);
    return u.order == 0 && (u.flags & stage->open) == 0;
}

/* Returns where the run ends, 0 without memory. */
static size_t run(const xp_normalizer *normalizer, const xp_normalizer_stage *stage, const source *from, size_t at,
                  xp_normalized *out) {
    size_t n = 0;
    while (at < from->end) {
        const uint32_t point = xp_unicode_decode(from->text + at);
        if (n > 0 && ends_run(stage, point, n)) break;
        if (!xp_normal_items_room(&out->items, n + 1)) return 0;
        out->items.item[n++] =
            (xp_item){.point = point, .origin = from->origin != NULL ? from->origin[at] : (uint32_t)at};
        at += xp_unicode_step(from->text[at]);
    }
    for (size_t s = stage->first; s < stage->end; s++) {
        n = xp_normal_steps_take(normalizer->step[s].kind, &out->items, n);
        if (n == SIZE_MAX) return 0;
    }
    xp_placed *made = &out->spare;
    if (!xp_placed_room(made, 4 * n + (from->end - at))) return 0;
    for (size_t i = 0; i < n; i++) {
        size_t length = xp_unicode_encode(out->items.item[i].point, made->text + made->length);
        for (size_t k = 0; k < length; k++) made->origin[made->length++] = out->items.item[i].origin;
    }
    return at;
}

static bool run_stage(const xp_normalizer *normalizer, const xp_normalizer_stage *stage, const source *from,
                      xp_normalized *out) {
    xp_placed *to = &out->spare;
    size_t begin = from->begin;
    if (!xp_placed_room(to, from->end - begin + 1)) return false;
    while (begin < from->end) {
        size_t made = to->length, last = SIZE_MAX; /* the last ASCII character that stayed */
        for (; begin < from->end && (unsigned char)from->text[begin] < 0x80; begin++) { /* there is room for all */
            const uint8_t becomes = stage->ascii[(unsigned char)from->text[begin]];
            to->text[made] = (char)becomes;
            to->origin[made] = from->origin != NULL ? from->origin[begin] : (uint32_t)begin;
            if (becomes == XP_ASCII_REMOVED) continue;
            made++;
            last = begin;
        }
        to->length = made;
        if (begin == from->end) break;
        if (stage->composes && last != SIZE_MAX) {
            to->length--;
            begin = last;
        }
        begin = run(normalizer, stage, from, begin, out);
        if (begin == 0) return false;
    }
    return true;
}

/* ---- steps over the whole text: out->now to out->spare ---- */

static explaint_status no_memory(explaint_error *error) { return xp_no_memory(error, "the pieces of a text"); }

static explaint_status replace(const xp_normalizer_step *step, uint32_t base, xp_normalized *out,
                               explaint_error *error) {
    const xp_placed *from = &out->now;
    const size_t length = strlen(step->content);
    xp_view match;
    bool found;
    size_t taken = 0;
    explaint_status status = xp_pattern_begin(&out->scan, from->text, from->length, error);
    while (status == EXPLAINT_OK) {
        status = xp_pattern_next(step->pattern, &out->scan, &match, &found, error);
        if (status != EXPLAINT_OK || !found) break;
        const size_t begin = (size_t)(match.data - from->text), end = begin + match.length;
        if (!xp_placed_copy(&out->spare, from->text + taken, begin - taken, from->origin + taken, 0) ||
            !xp_placed_add(&out->spare, step->content, length,
                           end > 0 ? from->origin[end - 1] : base | XP_PLACED_NOWHERE))
            return no_memory(error);
        taken = end;
    }
    if (status == EXPLAINT_OK &&
        !xp_placed_copy(&out->spare, from->text + taken, from->length - taken, from->origin + taken, 0))
        status = no_memory(error);
    return status;
}

static bool prepend(const char *content, uint32_t base, xp_normalized *out) {
    const xp_placed *from = &out->now;
    if (!xp_placed_add(&out->spare, content, strlen(content), from->origin[0]) ||
        !xp_placed_copy(&out->spare, from->text, from->length, from->origin, 0))
        return false;
    for (size_t i = 0; content[0] == 0 && i < xp_unicode_step(from->text[0]); i++) /* the oracle's way with nothing */
        out->spare.origin[i] = base | XP_PLACED_NOWHERE;
    return true;
}

static bool is_space(const char *at) { return (xp_unicode_of(xp_unicode_decode(at)).flags & XP_UNICODE_SPACE) != 0; }

static bool trim(bool left, xp_normalized *out) {
    const xp_placed *from = &out->now;
    size_t begin = 0, end = from->length;
    while (left && begin < end && is_space(from->text + begin)) begin += xp_unicode_step(from->text[begin]);
    while (!left && end > begin) {
        size_t at = end - 1;
        while (at > 0 && ((unsigned char)from->text[at] & 0xc0) == 0x80) at--;
        if (!is_space(from->text + at)) break;
        end = at;
    }
    return xp_placed_copy(&out->spare, from->text + begin, end - begin, from->origin + begin, 0);
}

/* The characters of a replacement in place of n others. What is left over goes to the last character before, if there is one. */
static bool add_replacement(xp_normal_items *items, size_t *made, xp_view text, size_t n) {
    const size_t count = xp_unicode_count(text.data, text.length);
    size_t i = 0;
    if (!xp_normal_items_room(items, *made + count + 1)) return false;
    for (size_t at = 0; at < text.length; at += xp_unicode_step(text.data[at]), i++)
        items->item[(*made)++] = (xp_item){.point = xp_unicode_decode(text.data + at), .change = i >= n};
    if (count<n && * made> 0) items->item[*made - 1].change -= (int32_t)(n - count);
    return true;
}

/* Clusters of less than 6 bytes as a whole, where a rule names their beginning; else character by character. */
static bool precompiled(const xp_charsmap *map, uint32_t base, xp_normalized *out) {
    const xp_placed *from = &out->now;
    xp_normal_items *items = &out->items;
    size_t made = 0, step;
    xp_view replacement;
    for (size_t at = 0, end; at < from->length; at = end) {
        end = xp_unicode_cluster_end(from->text, from->length, at);
        if (end - at < 6 && xp_charsmap_find(map, from->text + at, end - at, &replacement)) {
            if (!add_replacement(items, &made, replacement, xp_unicode_count(from->text + at, end - at))) return false;
            continue;
        }
        for (; at < end; at += step) {
            step = xp_unicode_step(from->text[at]);
            if (!xp_charsmap_find(map, from->text + at, step, &replacement))
                replacement = (xp_view){from->text + at, step};
            if (!add_replacement(items, &made, replacement, 1)) return false;
        }
    }
    size_t n = 0;
    if (!xp_normal_items_room(items, xp_unicode_count(from->text, from->length) + 1)) return false;
    for (size_t at = 0; at < from->length; at += xp_unicode_step(from->text[at]))
        items->spare[n++] = (xp_item){.origin = from->origin[at]};
    xp_normal_steps_place(items->item, made, items->spare, n, base | XP_PLACED_NOWHERE);
    if (!xp_placed_room(&out->spare, 4 * made)) return false;
    for (size_t i = 0; i < made; i++) {
        char bytes[4];
        if (!xp_placed_add(&out->spare, bytes, xp_unicode_encode(items->item[i].point, bytes), items->item[i].origin))
            return false;
    }
    return true;
}

static explaint_status run_whole(const xp_normalizer_step *step, uint32_t base, xp_normalized *out,
                                 explaint_error *error) {
    bool made = true;
    if (out->now.length == 0) return EXPLAINT_OK;
    switch (step->kind) {
    case XP_STEP_REPLACE: return replace(step, base, out, error);
    case XP_STEP_PREPEND: made = prepend(step->content, base, out); break;
    case XP_STEP_TRIM_LEFT: made = trim(true, out); break;
    case XP_STEP_TRIM_RIGHT: made = trim(false, out); break;
    case XP_STEP_PRECOMPILED: made = precompiled(step->map, base, out); break;
    default: made = xp_byte_level_write(out->now.text, out->now.length, out->now.origin, &out->spare);
    }
    return made ? EXPLAINT_OK : no_memory(error);
}

/* ---- a text ---- */

explaint_status xp_normalizer_run(const xp_normalizer *normalizer, const char *text, size_t begin, size_t end,
                                  xp_normalized *out, explaint_error *error) {
    source from = {text, NULL, begin, end};
    out->now.length = 0;
    const bool copied = normalizer->n_stages == 0 || normalizer->stage[0].whole;
    if (copied && !xp_placed_copy(&out->now, text + begin, end - begin, NULL, begin)) return no_memory(error);
    for (size_t i = 0; i < normalizer->n_stages; i++) {
        const xp_normalizer_stage *stage = &normalizer->stage[i];
        explaint_status status = EXPLAINT_OK;
        out->spare.length = 0;
        if (stage->whole)
            status = run_whole(&normalizer->step[stage->first], (uint32_t)begin, out, error);
        else if (!run_stage(normalizer, stage, &from, out))
            status = no_memory(error);
        if (status != EXPLAINT_OK) return status;
        xp_placed_swap(&out->now, &out->spare);
        from = (source){out->now.text, out->now.origin, 0, out->now.length};
    }
    return EXPLAINT_OK;
}

void xp_normalized_free(xp_normalized *normalized) {
    xp_placed_free(&normalized->now);
    xp_placed_free(&normalized->spare);
    xp_normal_items_free(&normalized->items);
    xp_pattern_end(&normalized->scan);
    *normalized = (xp_normalized){0};
}
