#include "text/trie.h"

#include <stdlib.h>

#include "base/memory.h"

/* Children in a row up to here are faster than a table, which lies in another line of the cache. */
#define ROW 8

typedef struct entry {
    xp_view string;
    size_t place;
} entry;

/* The strings of a node: those from `low` to `high` share what leads to it. */
typedef struct span {
    uint32_t low, high, depth;
} span;

static int by_bytes(const void *a, const void *b) {
    const entry *x = a, *y = b;
    size_t n = x->string.length < y->string.length ? x->string.length : y->string.length;
    int order = n > 0 ? memcmp(x->string.data, y->string.data, n) : 0;
    if (order != 0) return order;
    if (x->string.length != y->string.length) return x->string.length < y->string.length ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static entry *sorted(const xp_view *string, size_t n, size_t *bytes) {
    entry *list = xp_alloc(n, sizeof *list);
    *bytes = 0;
    if (list == NULL) return NULL;
    for (size_t i = 0; i < n; i++) {
        list[i] = (entry){string[i], i};
        *bytes += string[i].length;
    }
    if (n > 0) qsort(list, n, sizeof *list, by_bytes);
    return list;
}

static bool twice(const entry *list, size_t n, size_t *first, size_t *second) {
    *first = *second = SIZE_MAX;
    for (size_t i = 1; i < n; i++) {
        xp_view a = list[i - 1].string, b = list[i].string;
        if (a.length == 0 || a.length != b.length || memcmp(a.data, b.data, a.length) != 0) continue;
        *first = list[i - 1].place;
        *second = list[i].place;
        return true;
    }
    return false;
}

/* Gives node `at` its value and its children, whose spans are appended. */
static void open_node(xp_trie *trie, span *of, size_t at, const entry *list) {
    span s = of[at];
    xp_trie_node *node = &trie->node[at];
    *node = (xp_trie_node){.child = (uint32_t)trie->n_nodes, .value = -1};
    while (s.low < s.high && list[s.low].string.length == s.depth) { /* more than one at the root alone: empty ones */
        if (s.depth > 0) node->value = (int32_t)list[s.low].place;
        s.low++;
    }
    while (s.low < s.high) {
        char byte = list[s.low].string.data[s.depth];
        uint32_t end = s.low + 1;
        while (end < s.high && list[end].string.data[s.depth] == byte) end++;
        trie->byte[trie->n_nodes] = (uint8_t)byte;
        of[trie->n_nodes++] = (span){s.low, end, s.depth + 1};
        node->count++;
        s.low = end;
    }
}

static bool make_tables(xp_trie *trie) {
    size_t n = 0;
    for (size_t i = 0; i < trie->n_nodes; i++) n += trie->node[i].count > ROW;
    if (n > UINT16_MAX - 1) n = UINT16_MAX - 1; /* the others are searched in a row */
    trie->table = xp_calloc(n, 256 * sizeof *trie->table);
    if (trie->table == NULL) return false;
    size_t made = 0;
    for (size_t i = 0; i < trie->n_nodes && made < n; i++) {
        xp_trie_node *node = &trie->node[i];
        if (node->count <= ROW) continue;
        for (uint32_t c = node->child; c < node->child + node->count; c++) trie->table[made * 256 + trie->byte[c]] = c;
        node->table = (uint16_t)++made;
    }
    return true;
}

static bool build(xp_trie *trie, const entry *list, size_t n, size_t bytes) {
    span *of = xp_alloc(bytes + 1, sizeof *of);
    trie->node = xp_alloc(bytes + 1, sizeof *trie->node);
    trie->byte = xp_alloc(bytes + 1, 1);
    bool made = of != NULL && trie->node != NULL && trie->byte != NULL;
    if (made) {
        trie->byte[0] = 0;
        of[0] = (span){0, (uint32_t)n, 0};
        trie->n_nodes = 1;
        for (size_t at = 0; at < trie->n_nodes; at++) open_node(trie, of, at, list);
        void *less = xp_realloc(trie->node, trie->n_nodes, sizeof *trie->node);
        if (less != NULL) trie->node = less;
        made = make_tables(trie);
    }
    xp_free(of);
    return made;
}

bool xp_trie_build(xp_trie *trie, const xp_view *string, size_t n, size_t *first, size_t *second) {
    size_t bytes;
    *trie = (xp_trie){0};
    *first = *second = SIZE_MAX;
    entry *list = sorted(string, n, &bytes);
    bool made = list != NULL && bytes < INT32_MAX && n < INT32_MAX && !twice(list, n, first, second) &&
                build(trie, list, n, bytes);
    xp_free(list);
    if (!made) xp_trie_free(trie);
    return made;
}

void xp_trie_free(xp_trie *trie) {
    xp_free_all(trie->node, trie->byte, trie->table);
    *trie = (xp_trie){0};
}

uint32_t xp_trie_walk(const xp_trie *trie, xp_view bytes) {
    uint32_t at = trie->n_nodes > 0 ? 0 : XP_TRIE_NONE;
    for (size_t i = 0; i < bytes.length && at != XP_TRIE_NONE; i++) at = xp_trie_step(trie, at, (uint8_t)bytes.data[i]);
    return at;
}

int32_t xp_trie_find(const xp_trie *trie, xp_view string) {
    uint32_t at = xp_trie_walk(trie, string);
    return at == XP_TRIE_NONE ? -1 : trie->node[at].value;
}
