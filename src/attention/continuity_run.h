/* What the looks at layers (continuity.c) and the rows made of them (continuity_rows.c) have in common. */
#ifndef XP_ATTENTION_CONTINUITY_RUN_H
#define XP_ATTENTION_CONTINUITY_RUN_H

#include "attention/continuity.h"
#include "attention/nearest.h"
#include "attention/similarity.h"
#include "units/attention.h"

/* One way to ask whether a row is its token. */
typedef struct xp_continuity_variant {
    xp_g g;
    bool vocabulary, h0, standardised, random, shuffled;
    xp_distance distance;
} xp_continuity_variant;

enum { XP_CONTINUITY_VARIANTS = 32 /* at most */ };

struct xp_continuity {
    xp_attend *a;
    xp_stored pieces;     /* one per layer */
    xp_strings ways;      /* names of variants */
    xp_units_rows *layer; /* 0..L; of those that are asked for */
    const xp_linear_g *linear;
    const xp_mlp_g *mlp;
    xp_continuity_variant variant[XP_CONTINUITY_VARIANTS];
    size_t n_variants;
    size_t n_rows, width;
    /* of rows */
    int32_t *id;
    uint32_t *text, *place, *first, *own; /* of the text: where its tokens stand first, the row's token */
    uint8_t *special, *ranked;            /* ranked: compared with the vocabulary, those of `asked` */
    uint32_t *asked;                      /* n_asked rows, ascending */
    size_t n_asked;
    size_t *first_row, *n_tokens; /* of texts */
    /* references: [random][word row, h0][raw, standardised] */
    double *reference[2][2][2];
    /* the vocabulary as panels */
    float *panels;
    double *word_square, *word_inverse; /* xp_many */
};

static inline size_t xp_continuity_layers(const xp_continuity *c) { return c->a->info->n_layers + 1; }

/* Where h^0 is the reference every row of the text is a candidate: a token that stands there twice has two, for its places are in them. */
static inline size_t xp_continuity_candidates(const xp_continuity *c, const xp_continuity_variant *v, size_t text) {
    return v->vocabulary ? c->a->info->vocabulary : v->h0 ? c->a->texts.text[text].side.n : c->n_tokens[text];
}

/* Is this row asked in this way? */
static inline bool xp_continuity_asks(const xp_continuity *c, const xp_continuity_variant *v, size_t row) {
    return !v->vocabulary || c->ranked[row];
}

/* What a unit has of pairs is xp_pairs. */
_Static_assert(sizeof(xp_pairs) == XP_UNITS_COSINES * sizeof(double), "the numbers of a unit");
static inline xp_pairs *xp_continuity_pairs(const xp_units_rows *rows, int standardised, int content) {
    return (xp_pairs *)(void *)(rows->cosine + (2 * standardised + content) * XP_UNITS_COSINES);
}
static inline double *xp_continuity_anisotropy(const xp_units_rows *rows, int standardised, int content) {
    return rows->anisotropy + (size_t)(2 * standardised + content) * rows->n_texts;
}
static inline double *xp_continuity_cka(const xp_units_rows *rows, int standardised, int content) {
    return rows->cka + 2 * standardised + content;
}

#endif
