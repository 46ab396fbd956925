/* What `attend` keeps in a ledger, piece by piece. A unit's bytes (units/arrays.h) say what they hold: damages, measures, layers, heads, and the
 * ways of asking whether a row is its token.
 *
 *     text/3, judged/3     xp_units_maps: what became of the maps of a text
 *     attention/3          xp_units_looks: where the rows of a text look
 *     layer/5              xp_units_rows: which token every row of the texts is, in a layer
 *     recovered/5          xp_units_hits: how many rows of each judged text a fitted map gives back
 *
 * The linear maps that are fitted (g) are none: they belong to a model, not to a run (attention/fit_kept.h).
 */
#ifndef XP_UNITS_ATTENTION_H
#define XP_UNITS_ATTENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XP_UNITS_SCOPES = 2, XP_UNITS_MEASURES = 4, XP_UNITS_COSINES = 4, XP_UNITS_LOOKS = 9 };

/* Pearson's r, Jensen-Shannon divergence, same target, same pattern: as rows call them. */
extern const char *const xp_units_measures[XP_UNITS_MEASURES];
/* Entropy, largest entry and masses of a row of a map: as rows of the result call them. */
extern const char *const xp_units_look_names[XP_UNITS_LOOKS];
/* The whole map, and without special tokens. */
extern const char *const xp_units_scopes[XP_UNITS_SCOPES];

/* ---- maps of a text ---- */

typedef struct xp_units_maps {
    size_t text, n_pieces;
    const char *const *series; /* "reverse", "reverse undone": n_series damages */
    size_t n_series, n_layers;
    size_t n_heads;   /* 1: the mean of heads alone; else it stands first, and each of them follows */
    size_t head;      /* from 1: it alone follows; 0: each does */
    size_t n_others;  /* other texts of equal length */
    double *alike;    /* damaged beside intact: series x scope x measure x layer x head; NaN: does not exist */
    double *modal;    /* share of the most frequent strongest target: scope x layer x head */
    double *others;   /* r of the maps of other texts: scope x layer x head x other */
    double *left;     /* of a series: rows that stayed where they were, because the next text is too short */
    double *farthest; /* [1]: from 1, of the sum of a map's row */
} xp_units_maps;

/* Room for all numbers, in one piece that m->alike begins (xp_free): each is NaN. false: no memory. */
bool xp_units_maps_create(xp_units_maps *m);
/* Position within alike, modal and others. layer from 0. */
static inline size_t xp_units_place(const xp_units_maps *m, size_t scope, size_t layer, size_t head) {
    return (scope * m->n_layers + layer) * m->n_heads + head;
}
static inline size_t xp_units_alike(const xp_units_maps *m, size_t series, size_t scope, size_t measure, size_t layer,
                                    size_t head) {
    return (((series * XP_UNITS_SCOPES + scope) * XP_UNITS_MEASURES + measure) * m->n_layers + layer) * m->n_heads +
           head;
}

/* ---- where the rows of a text look ---- */

enum { XP_UNITS_ALL_ROWS, XP_UNITS_CONTENT_ROWS, XP_UNITS_N_ROWS };
extern const char *const xp_units_rows_names[XP_UNITS_N_ROWS];

typedef struct xp_units_looks {
    size_t text, n_pieces;
    size_t n_layers, n_heads; /* n_heads as of xp_units_maps */
    double *sum;              /* over rows: all or content x look x layer x head */
    double *n;                /* rows that have it: all or content x look */
} xp_units_looks;

/* Room, in one piece that l->sum begins (xp_free), cleared. false: no memory. */
bool xp_units_looks_create(xp_units_looks *l);
static inline size_t xp_units_look(const xp_units_looks *l, size_t rows, size_t look, size_t layer, size_t head) {
    return ((rows * XP_UNITS_LOOKS + look) * l->n_layers + layer) * l->n_heads + head;
}

/* ---- rows of a layer ---- */

typedef struct xp_units_rows {
    size_t layer;
    const char *const *variant; /* "linear, sentence, word, cosine": n_variants ways to ask */
    size_t n_variants, n_rows, n_texts;
    uint32_t *rank;     /* of the own token: variant x row, from 1; 0: not asked */
    uint8_t *row;       /* whether the nearest candidate stands where the row does: variant x row */
    uint8_t *next;      /* whether none is nearer than the next token: variant x row */
    uint32_t *previous; /* rank of the same row one layer before: by cosine, by l2; x row */
    double *cosine;     /* mean cosines of pairs: raw, standardised; x all rows, content; x XP_UNITS_COSINES */
    double *cka;        /* [4], with the layer before: raw, standardised; x all rows, content */
    double *anisotropy; /* mean cosine of the rows of each text: raw, standardised; x all rows, content; x text */
} xp_units_rows;

/* Room, in one piece that r->cosine begins: ranks 0, numbers NaN. false: no memory. */
bool xp_units_rows_create(xp_units_rows *r);

/* ---- rows that a fitted map gives back ---- */

typedef struct xp_units_hits {
    size_t layer, n_texts;
    double *hits; /* fitted on true pairs, on shuffled ones; x text */
} xp_units_hits;

/* ---- bytes ---- */

/* false: no memory. Bytes are released by xp_free. */
bool xp_units_maps_pack(const xp_units_maps *m, void **bytes, size_t *size);
bool xp_units_looks_pack(const xp_units_looks *l, void **bytes, size_t *size);
bool xp_units_rows_pack(const xp_units_rows *r, void **bytes, size_t *size);
bool xp_units_hits_pack(const xp_units_hits *h, void **bytes, size_t *size);

/* Into the room of a unit of this shape. false: they are those of another one, or hold what cannot be. */
bool xp_units_maps_unpack(xp_units_maps *m, const void *bytes, size_t size);
bool xp_units_looks_unpack(xp_units_looks *l, const void *bytes, size_t size);
bool xp_units_rows_unpack(xp_units_rows *r, const void *bytes, size_t size);
/* most: rows of each text */
bool xp_units_hits_unpack(xp_units_hits *h, const double *most, const void *bytes, size_t size);

#endif
