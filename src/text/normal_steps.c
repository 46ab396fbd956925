#include "text/normal_steps.h"

#include <string.h>

#include "base/memory.h"
#include "text/unicode.h"

bool xp_normal_items_room(xp_normal_items *items, size_t n) {
    if (n <= items->capacity) return true;
    size_t capacity = n + n / 2;
    xp_item *item = xp_realloc(items->item, capacity, sizeof *item);
    if (item == NULL) return false;
    items->item = item;
    xp_item *spare = xp_realloc(items->spare, capacity, sizeof *spare);
    if (spare == NULL) return false;
    items->spare = spare;
    items->capacity = capacity;
    return true;
}

void xp_normal_items_free(xp_normal_items *items) {
    xp_free_all(items->item, items->spare);
    *items = (xp_normal_items){0};
}

static void swap_lists(xp_normal_items *items) {
    xp_item *made = items->spare;
    items->spare = items->item;
    items->item = made;
}

void xp_normal_steps_place(xp_item *item, size_t made, const xp_item *from, size_t n, uint32_t before) {
    size_t taken = 0;
    for (size_t i = 0; i < made; i++) {
        if (item[i].change > 0) {
            item[i].origin = taken > 0 ? from[taken - 1].origin : before;
        } else {
            item[i].origin = from[taken < n ? taken : n - 1].origin;
            taken += (size_t)(1 - item[i].change);
            if (taken > n) taken = n;
        }
    }
}

/* ---- characters alone ---- */

static size_t keep_without(xp_item *item, size_t n, unsigned flag) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if ((xp_unicode_of(item[i].point).flags & flag) == 0) item[kept++] = item[i];
    return kept;
}

static size_t clean(xp_item *item, size_t n) {
    size_t kept = keep_without(item, n, XP_UNICODE_REMOVED);
    for (size_t i = 0; i < kept; i++)
        if ((xp_unicode_of(item[i].point).flags & XP_UNICODE_BLANK) != 0) item[i].point = ' ';
    return kept;
}

bool xp_normal_steps_nmt(uint32_t point, uint32_t *becomes) {
    static const uint32_t blanks[] = {0x9, 0xa, 0xc, 0xd, 0x1680, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd};
    *becomes = point;
    if ((point >= 1 && point <= 8) || point == 0xb || (point >= 0xe && point <= 0x1f) || point == 0x7f ||
        point == 0x8f || point == 0x9f)
        return false;
    bool blank = point >= 0x200b && point <= 0x200f;
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++) blank |= point == blanks[i];
    if (blank) *becomes = ' ';
    return true;
}

static size_t nmt(xp_item *item, size_t n) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        item[kept] = item[i];
        kept += xp_normal_steps_nmt(item[i].point, &item[kept].point);
    }
    return kept;
}

static size_t space_ideographs(xp_normal_items *items, size_t n) {
    if (!xp_normal_items_room(items, 3 * n)) return SIZE_MAX;
    size_t made = 0;
    for (size_t i = 0; i < n; i++) {
        xp_item it = items->item[i], space = {.point = ' ', .origin = it.origin};
        bool alone = (xp_unicode_of(it.point).flags & XP_UNICODE_IDEOGRAPH) != 0;
        if (alone) items->spare[made++] = space;
        items->spare[made++] = it;
        if (alone) items->spare[made++] = space;
    }
    swap_lists(items);
    return made;
}

static size_t lower(xp_normal_items *items, size_t n) {
    if (!xp_normal_items_room(items, 2 * n)) return SIZE_MAX;
    size_t made = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t parts[XP_PARTS];
        size_t count = xp_unicode_lower(items->item[i].point, parts);
        for (size_t k = 0; k < count; k++)
            items->spare[made++] = (xp_item){.point = parts[k], .origin = items->item[i].origin};
    }
    swap_lists(items);
    return made;
}

/* ---- normal forms ---- */

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

/* Into items->spare, in order; the places are not given out yet. */
static size_t decompose(xp_normal_items *items, size_t n, bool compatible) {
    size_t made = 0, marks = 0; /* marks at the end of what is made */
    for (size_t i = 0; i < n; i++) {
        uint32_t parts[XP_COMPATIBLE_PARTS];
        if (!xp_normal_items_room(items, 2 * (made + XP_COMPATIBLE_PARTS + 1))) return SIZE_MAX; /* half: to sort */
        const size_t count = compatible ? xp_unicode_decompose_compatible(items->item[i].point, parts)
                                        : xp_unicode_decompose(items->item[i].point, parts);
        for (size_t k = 0; k < count; k++) {
            const uint8_t order = xp_unicode_of(parts[k]).order;
            if (order == 0 && marks > 1) sort_marks(items->spare + made - marks, marks, items->spare + made);
            marks = order == 0 ? 0 : marks + 1;
            items->spare[made++] = (xp_item){.point = parts[k], .order = order, .change = k > 0};
        }
    }
    if (marks > 1) sort_marks(items->spare + made - marks, marks, items->spare + made);
    return made;
}

/* Canonical composition, in place: a starter takes in what follows it unless something of the same or a higher order stands between. */
static size_t compose(xp_item *item, size_t n) {
    size_t made = 0, starter = SIZE_MAX;
    uint8_t last = 0; /* order of what was put behind the starter; 0: nothing was */
    for (size_t i = 0; i < n; i++) {
        const xp_item it = item[i];
        if (starter != SIZE_MAX && (last == 0 || last < it.order)) {
            const uint32_t composite = xp_unicode_compose(item[starter].point, it.point);
            if (composite != 0) {
                item[starter].point = composite;
                item[starter].change += it.change - 1;
                continue;
            }
        }
        if (it.order == 0) {
            starter = made;
            last = 0;
        } else if (starter != SIZE_MAX) {
            last = it.order;
        }
        item[made++] = it;
    }
    return made;
}

static size_t normal_form(xp_normal_items *items, size_t n, bool compatible, bool composed) {
    size_t made = decompose(items, n, compatible);
    if (made == SIZE_MAX) return SIZE_MAX;
    if (composed) made = compose(items->spare, made);
    if (n > 0) xp_normal_steps_place(items->spare, made, items->item, n, items->item[0].origin);
    swap_lists(items);
    return made;
}

size_t xp_normal_steps_take(xp_step kind, xp_normal_items *items, size_t n) {
    switch (kind) {
    case XP_STEP_CLEAN: return clean(items->item, n);
    case XP_STEP_IDEOGRAPHS: return space_ideographs(items, n);
    case XP_STEP_STRIP:
        n = normal_form(items, n, false, false);
        return n == SIZE_MAX ? n : keep_without(items->item, n, XP_UNICODE_MARK);
    case XP_STEP_LOWER: return lower(items, n);
    case XP_STEP_NFD: return normal_form(items, n, false, false);
    case XP_STEP_NFKD: return normal_form(items, n, true, false);
    case XP_STEP_NFC: return normal_form(items, n, false, true);
    case XP_STEP_NFKC: return normal_form(items, n, true, true);
    case XP_STEP_ACCENTS: return keep_without(items->item, n, XP_UNICODE_COMBINING);
    case XP_STEP_NMT: return nmt(items->item, n);
    default: return n;
    }
}
