#include "report/blocks.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "report/page.h"

#define LITTLE .25 /* of a row, beside special tokens */

enum {
    BLOCK = 1 << 18,
    MOST_DOUBLINGS = 15, /* 4^15: a thousand millionth is told from nothing */
    FIRST = 8            /* times what all may take: more than that nobody opens, not even of one text */
};

static unsigned char byte_of(double share) { return (unsigned char)lround(255 * sqrt(fmin(fmax(share, 0), 1))); }

size_t xp_blocks_heads(const xp_maps *m, size_t text) {
    const size_t n = m->text[text].n, all = m->n_layers * m->n_heads, fit = BLOCK / (n * n);
    return fit == 0 ? 1 : fit < all ? fit : all;
}

/* How often a row's square roots beside special tokens are doubled: as often as they stay below 1, if the entries are little of the row. */
static unsigned doublings_of(const float *row, const xp_maps_text *t) {
    double left = 0, most = 0;
    unsigned times = 0;
    for (size_t j = 0; j < t->n; j++)
        if (!t->special[j]) {
            left += (double)row[j];
            most = fmax(most, (double)row[j]);
        }
    if (left >= LITTLE || most <= 0) return 0;
    for (; times < MOST_DOUBLINGS && most * 4 <= 1; times++) most *= 4;
    return times;
}

/* A map: its entries, then the doublings of each row. */
static void map_bytes(const xp_maps *m, size_t text, size_t kind, size_t map, float *row, unsigned char *to) {
    const xp_maps_text *t = &m->text[text];
    for (size_t i = 0; i < t->n; i++) {
        xp_maps_row(m, text, kind, map, i, row);
        const unsigned times = doublings_of(row, t);
        for (size_t j = 0; j < t->n; j++)
            to[i * t->n + j] = byte_of(ldexp((double)row[j], t->special[j] ? 0 : 2 * (int)times));
        to[t->n * t->n + i] = (unsigned char)times;
    }
}

/* All maps of a text and kind. */
static void maps(const xp_maps *m, size_t number, size_t text, size_t kind, size_t most, xp_text *out) {
    const size_t n = m->text[text].n, all = xp_maps_count(m, kind), step = xp_blocks_heads(m, text), size = n * n + n;
    unsigned char *room = xp_alloc(step * size, 1);
    float *row = xp_alloc(n, sizeof *row);
    char id[112];
    out->failed |= room == NULL || row == NULL;
    for (size_t first = 0; !out->failed && first < all && out->length <= most; first += step) {
        const size_t count = first + step < all ? step : all - first;
        for (size_t k = 0; k < count; k++) map_bytes(m, text, kind, first + k, row, room + k * size);
        snprintf(id, sizeof id, "maps-%zu-%zu-%zu-%zu", number, text, kind, first / step);
        xp_page_block(out, id, room, count * size);
    }
    xp_free_all(room, row);
}

/* The largest entry below a dot. */
static double dot(const xp_maps *m, size_t text, size_t map, size_t i, size_t j) {
    const size_t n = m->text[text].n;
    double most = 0;
    for (size_t a = i * n / XP_BLOCKS_SMALL; a < (i + 1) * n / XP_BLOCKS_SMALL; a++)
        for (size_t b = j * n / XP_BLOCKS_SMALL; b < (j + 1) * n / XP_BLOCKS_SMALL; b++)
            most = fmax(most, xp_maps_intact(m, text, map, a, b));
    return most;
}

static void small(const xp_maps *m, size_t number, size_t text, xp_text *out) {
    const size_t size = xp_maps_count(m, 0) * XP_BLOCKS_SMALL * XP_BLOCKS_SMALL;
    unsigned char *room = xp_alloc(size, 1);
    char id[64];
    out->failed |= room == NULL;
    if (room == NULL) return;
    for (size_t at = 0, map = 0; map < xp_maps_count(m, 0); map++)
        for (size_t i = 0; i < XP_BLOCKS_SMALL; i++)
            for (size_t j = 0; j < XP_BLOCKS_SMALL; j++) room[at++] = byte_of(dot(m, text, map, i, j));
    snprintf(id, sizeof id, "maps-%zu-%zu-small", number, text);
    xp_page_block(out, id, room, size);
    xp_free(room);
}

typedef enum outcome { WRITTEN, FULL, NO_MEMORY } outcome;

/* A text's map of a kind, if there is room for all of it. */
static outcome add(const xp_maps *m, size_t number, size_t text, size_t kind, size_t most, xp_text *out) {
    xp_text part = {0};
    maps(m, number, text, kind, most, &part);
    if (kind == 0 && m->text[text].n > XP_BLOCKS_SMALL) small(m, number, text, &part);
    const bool fits = out->length + part.length <= most;
    if (part.length > 0 && fits) xp_text_add(out, part.data, part.length);
    const bool good = !part.failed && !out->failed;
    xp_text_free(&part);
    return !good ? NO_MEMORY : fits ? WRITTEN : FULL;
}

/* The intact map, then flow, which is small, then damages. */
static void order_of(const xp_maps *m, size_t order[XP_MAPS_KINDS]) {
    size_t n = 0;
    order[n++] = 0;
    for (int damages = 0; damages < 2; damages++)
        for (size_t kind = 1; kind < m->n_kinds; kind++)
            if ((m->kind[kind].of == XP_MAPS_HEADS) == damages) order[n++] = kind;
}

bool xp_blocks_write(const xp_maps *m, size_t number, size_t most, xp_text *out, xp_blocks_kept *blocks) {
    xp_text all = {0};
    outcome how = WRITTEN;
    size_t order[XP_MAPS_KINDS], beside = 0, written = 0;
    *blocks = (xp_blocks_kept){0};
    order_of(m, order);
    /* the first text with what is small, and its first damage; then kind by kind */
    for (size_t k = 0; how == WRITTEN && k < m->n_kinds; k++) {
        const size_t kind = order[k];
        if (m->text[0].kind[kind] == NULL || (m->kind[kind].of == XP_MAPS_HEADS && kind > 1)) continue;
        how = add(m, number, 0, kind, FIRST * most, &all);
        if (how == WRITTEN && kind == 0) blocks->n_texts = 1;
        if (how == WRITTEN && kind > 0) written++;
    }
    for (size_t k = 0; how == WRITTEN && k < m->n_kinds; k++) {
        const size_t kind = order[k];
        const bool again = m->kind[kind].of == XP_MAPS_HEADS && kind > 1; /* of the first text, too */
        for (size_t i = again ? 0 : 1; how == WRITTEN && i < m->n_texts; i++) {
            if (m->text[i].kind[kind] == NULL) continue;
            how = add(m, number, i, kind, most, &all);
            if (how == WRITTEN && kind == 0) blocks->n_texts++;
            if (how == WRITTEN && kind > 0) written++;
        }
    }
    for (size_t i = 0; i < blocks->n_texts; i++)
        for (size_t kind = 1; kind < m->n_kinds; kind++) beside += m->text[i].kind[kind] != NULL;
    blocks->left_out = beside - written;
    if (how != NO_MEMORY && all.length > 0) xp_text_add(out, all.data, all.length);
    xp_text_free(&all);
    return how != NO_MEMORY && !out->failed;
}
