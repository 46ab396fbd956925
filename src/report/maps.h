/* Files of `attend --maps`: intact and damaged attention of texts, checked before anything is drawn of it. */
#ifndef XP_REPORT_MAPS_H
#define XP_REPORT_MAPS_H

#include <stdint.h>

#include "base/strings.h"
#include "formats/file.h"
#include "formats/safetensors.h"

enum { XP_MAPS_KINDS = 16 }; /* the intact map, then damages */

typedef struct xp_maps_text {
    size_t n;                        /* pieces */
    xp_strings piece;                /* n, as they are shown */
    uint8_t *special;                /* n */
    xp_strings word;                 /* as they are shown; none: the file does not say which pieces are one word */
    size_t *word_pieces;             /* of each word; together n */
    const void *kind[XP_MAPS_KINDS]; /* layers x heads x n x n fp32, perhaps not aligned; NULL: it is not in the file */
} xp_maps_text;

typedef struct xp_maps {
    char *path;
    const char *model;
    size_t n_layers, n_heads, n_texts;
    const char *kind[XP_MAPS_KINDS]; /* "attention", "permute", ... */
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

/* Entry of a map; layer and head from 0. */
double xp_maps_value(const xp_maps *maps, size_t text, size_t kind, size_t layer, size_t head, size_t i, size_t j);
/* A whole map, n x n; head SIZE_MAX: the mean of heads. */
void xp_maps_matrix(const xp_maps *maps, size_t text, size_t kind, size_t layer, size_t head, double *matrix);

#endif
