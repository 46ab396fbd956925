/* Files of `attend --maps`: intact and damaged attention of texts, and their flow, checked before anything is drawn of it. */
#ifndef XP_REPORT_MAPS_H
#define XP_REPORT_MAPS_H

#include <stdint.h>

#include "base/strings.h"
#include "formats/file.h"
#include "formats/safetensors.h"

enum { XP_MAPS_KINDS = 16 };

/* What a file has a map of. */
typedef enum xp_maps_of {
    XP_MAPS_HEADS,  /* each head of each layer: the intact map, and damaged ones */
    XP_MAPS_LAYERS, /* each layer: flow */
    XP_MAPS_MODEL   /* all layers together: flow */
} xp_maps_of;
typedef struct xp_maps_kind {
    const char *name, *label; /* "attention", "permute", ..., "alti"; for people */
    xp_maps_of of;
    bool steps; /* a row says what it takes from the layer below, so that layers make a graph */
} xp_maps_kind;

typedef struct xp_maps_text {
    size_t n;            /* pieces */
    xp_strings piece;    /* n, as they are shown */
    uint8_t *special;    /* n */
    xp_strings word;     /* as they are shown; none: the file does not say which pieces are one word */
    size_t *word_pieces; /* of each word; together n */
    const void
        *kind[XP_MAPS_KINDS]; /* fp32, perhaps not aligned: xp_maps_count maps of n x n; NULL: it is not in the file */
} xp_maps_text;

typedef struct xp_maps {
    char *path;
    const char *model;
    size_t n_layers, n_heads, n_texts;
    xp_maps_kind kind[XP_MAPS_KINDS]; /* the intact map, then damages, then flow */
    size_t n_kinds;
    xp_maps_text *text;
    xp_bytes bytes;
    xp_safetensors *file;
} xp_maps;

/* Reads all texts. EXPLAINT_INVALID: they are no such maps, or hold what is no share of attention. Released by xp_maps_free also after an error. */
explaint_status xp_maps_open(const char *path, xp_maps *maps, explaint_error *error);
/* The same of bytes in memory, which outlive the maps; path is what messages call them. */
explaint_status xp_maps_read(const char *path, const void *data, size_t size, xp_maps *maps, explaint_error *error);
void xp_maps_free(xp_maps *maps);

/* How many maps a text has of a kind: layer by layer, head by head. */
size_t xp_maps_count(const xp_maps *maps, size_t kind);
/* Entry of an intact map. */
double xp_maps_intact(const xp_maps *maps, size_t text, size_t map, size_t i, size_t j);
/* A row of one of them, n entries. Of flow they are shares: divided by their sum, or zeros where nothing flows. */
void xp_maps_row(const xp_maps *maps, size_t text, size_t kind, size_t map, size_t row, float *entries);
/* A whole map as it is drawn, n x n: of heads their mean in this layer (from 0), of layers that of this one. false: no memory. */
bool xp_maps_matrix(const xp_maps *maps, size_t text, size_t kind, size_t layer, double *matrix);

#endif
