/* Strings by their bytes: the longest one that a text begins with.
 *
 * Nodes lie level by level, the children of a node beside each other, ascending by byte: the search looks at the bytes
 * alone, which are dense (30,000 pieces of a vocabulary: 70,000 nodes, 1 byte and 12 more each). A node with many children
 * has a table of its own.
 */
#ifndef XP_TEXT_TRIE_H
#define XP_TEXT_TRIE_H

#include <stdbool.h>

#include "base/view.h"

#include <stdint.h>

typedef struct xp_trie_node {
    uint32_t child; /* the first one */
    int32_t value;  /* of the string that ends here; -1: none does */
    uint16_t count; /* of children, 0 to 256 */
    uint16_t table; /* 1 + which of the tables is this node's; 0: none */
} xp_trie_node;

typedef struct xp_trie {
    xp_trie_node *node; /* the root is node 0; an empty trie has none */
    uint8_t *byte;      /* that leads to the node */
    uint32_t *table;    /* 256 nodes each; 0: no such child */
    size_t n_nodes;
} xp_trie;

#define XP_TRIE_NONE UINT32_MAX

/* The strings with their places as values; an empty one is never found. false without memory, or where *first and
 * *second are the places of two equal strings, empty ones apart (both SIZE_MAX else). */
bool xp_trie_build(xp_trie *trie, const xp_view *string, size_t n, size_t *first, size_t *second);
void xp_trie_free(xp_trie *trie);

/* The node behind the given bytes, or XP_TRIE_NONE. */
uint32_t xp_trie_walk(const xp_trie *trie, xp_view bytes);

/* The value of a string, or -1. */
int32_t xp_trie_find(const xp_trie *trie, xp_view string);

static inline uint32_t xp_trie_step(const xp_trie *trie, uint32_t at, uint8_t byte) {
    const xp_trie_node *node = &trie->node[at];
    if (node->table > 0) {
        uint32_t next = trie->table[((size_t)node->table - 1) * 256 + byte];
        return next > 0 ? next : XP_TRIE_NONE;
    }
    const uint8_t *label = trie->byte + node->child;
    for (size_t i = 0; i < node->count; i++)
        if (label[i] == byte) return node->child + (uint32_t)i;
    return XP_TRIE_NONE;
}

/* From the node `at`: the length of the longest string that goes on as the text does, 0: none; its value. */
static inline size_t xp_trie_longest(const xp_trie *trie, uint32_t at, const char *text, size_t length,
                                     int32_t *value) {
    size_t best = 0;
    for (size_t i = 0; i < length; i++) {
        at = xp_trie_step(trie, at, (uint8_t)text[i]);
        if (at == XP_TRIE_NONE) break;
        if (trie->node[at].value >= 0) {
            best = i + 1;
            *value = trie->node[at].value;
        }
    }
    return best;
}

#endif
