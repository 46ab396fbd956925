/* Damaged maps beside intact ones, for every text, layer and head, and how alike the maps of other texts are.
 *
 *     xp_experiment e = {0};
 *     if (xp_experiment_find(a, &texts, &options, &e, error) != EXPLAINT_OK) ...
 *     if (xp_experiment_make(a, NULL, &e, error) != EXPLAINT_OK) ...
 *     double r = xp_similarity(&e, XP_DAMAGE_REVERSE, false, XP_CONTENT, XP_PEARSON, layer, head, text);
 *     xp_experiment_free(&e);
 */
#ifndef XP_ATTENTION_EXPERIMENT_H
#define XP_ATTENTION_EXPERIMENT_H

#include <math.h>

#include "attention/similarity.h"
#include "attention/stored.h"
#include "units/attention.h"

typedef enum xp_measure { XP_PEARSON, XP_JSD, XP_SAME_TARGET, XP_SAME_PATTERN, XP_N_MEASURES } xp_measure;

enum { XP_PEERS = 50, XP_DRAWS = 999 };

struct xp_experiment {
    const xp_corpus *corpus;
    size_t n_texts, n_layers;
    size_t n_heads;              /* 1: their mean alone; else it stands first */
    size_t head;                 /* from 1: it alone stands behind the mean; 0: all do */
    int series[XP_N_DAMAGES][2]; /* of damage, and of it undone; -1: not asked for */
    int uniform;                 /* series of the uniform map; -1: an encoder's is constant */
    xp_strings names;            /* of series */
    xp_units_maps *text;
    xp_stored pieces;           /* one per text */
    float *maps;                /* of keep_maps: [damage] of each text, like its own maps; NULL */
    size_t *map_at;             /* of each text: floats before its maps within one damage */
    size_t map_size;            /* floats of one damage */
    bool *in_null;              /* n_texts: scratch of xp_null_of */
    uint32_t *peer;             /* n_texts x XP_PEERS: other texts of equal length */
    uint8_t *drawn;             /* n_texts x XP_DRAWS: numbers of peers */
    struct experiment_run *run; /* while it runs */
};

typedef struct xp_experiment_options {
    const char *stem;   /* of the units' keys */
    const bool *damage; /* XP_N_DAMAGES */
    bool by_head, keep_maps;
    size_t head; /* from 1: this one as well; 0: none */
    bool alone;  /* no unit of a ledger */
    /* A text's peers have fewer than two thirds of their rows, special tokens left out, in common with it and with each other. */
    bool differ;
} xp_experiment_options;

/* The corpus is encoded; one unit per text. What is stored is read back: e->pieces.n_missing says what is left. */
explaint_status xp_experiment_find(xp_attend *a, const xp_corpus *corpus, const xp_experiment_options *options,
                                   xp_experiment *e, explaint_error *error);
/* Makes what is missing. states and maps of the corpus are there. random: the same texts with the maps of another model, for random-init; or
 * NULL. */
explaint_status xp_experiment_make(xp_attend *a, const xp_corpus *random, xp_experiment *e, explaint_error *error);
void xp_experiment_free(xp_experiment *e);
/* Bytes that a run takes besides the texts' states and maps, at most: for maps without special tokens, and for damaged rows. */
double xp_experiment_maps_memory(const xp_corpus *corpus);
double xp_experiment_rows_memory(const xp_corpus *corpus, unsigned threads);

/* layer from 1; head 0: the mean of heads that have a value; the one that was asked for by `head` is 1. NaN: does not exist. */
static inline double xp_similarity(const xp_experiment *e, xp_damage damage, bool undone, xp_scope scope,
                                   xp_measure measure, size_t layer, size_t head, size_t text) {
    const xp_units_maps *m = &e->text[text];
    return m->alike[xp_units_alike(m, (size_t)e->series[damage][undone], scope, measure, layer - 1, head)];
}
/* r of the intact map and the uniform one; NaN in encoders. */
static inline double xp_experiment_uniform(const xp_experiment *e, xp_scope scope, size_t layer, size_t head,
                                           size_t text) {
    const xp_units_maps *m = &e->text[text];
    if (e->uniform < 0) return NAN;
    return m->alike[xp_units_alike(m, (size_t)e->uniform, scope, XP_PEARSON, layer - 1, head)];
}
static inline double xp_experiment_modal(const xp_experiment *e, xp_scope scope, size_t layer, size_t head,
                                         size_t text) {
    return e->text[text].modal[xp_units_place(&e->text[text], scope, layer - 1, head)];
}
/* r of the intact maps of other texts of equal length, at most XP_PEERS, the next ones first: e->text[text].n_others numbers. */
static inline const double *xp_experiment_peers(const xp_experiment *e, xp_scope scope, size_t layer, size_t head,
                                                size_t text) {
    const xp_units_maps *m = &e->text[text];
    return m->others + xp_units_place(m, scope, layer - 1, head) * m->n_others;
}

/* Is `observed` (a value per text, NaN: none) larger than what other texts give, by xp_experiment_peers? In each of XP_DRAWS draws every text gets one of
 * its peers. Texts without peers stay out. Without such texts all is NaN. */
typedef struct xp_null {
    double observed, mean, p;
    size_t n; /* texts */
} xp_null;
xp_null xp_null_of(const xp_experiment *e, const double *observed, xp_scope scope, size_t layer, size_t head);
/* Mean of a text's peers, NaN: it has none. */
double xp_experiment_peers_mean(const xp_experiment *e, xp_scope scope, size_t layer, size_t head, size_t text);

#endif
