/* Damaged maps beside intact ones, for every text, layer and head, and how alike the maps of other texts are.
 *
 *     xp_experiment e = {0};
 *     if (xp_experiment_run(&texts, NULL, damages, seed, threads, &e, error) != EXPLAINT_OK) ...
 *     double r = *xp_similarity(&e, XP_DAMAGE_REVERSE, false, XP_CONTENT, XP_PEARSON, layer, head, text);
 *     xp_experiment_free(&e);
 */
#ifndef XP_ATTENTION_EXPERIMENT_H
#define XP_ATTENTION_EXPERIMENT_H

#include "attention/corpus.h"
#include "attention/similarity.h"

typedef enum xp_measure { XP_PEARSON, XP_JSD, XP_SAME_TARGET, XP_SAME_PATTERN, XP_N_MEASURES } xp_measure;

enum { XP_PEERS = 50, XP_DRAWS = 999 };

typedef struct xp_experiment {
    size_t n_texts, n_layers, n_heads;
    double *value; /* see xp_similarity; NaN: does not exist */
    double *modal; /* [scope][layer][head][text] */
    /* r of the intact maps of other texts of equal length, at most XP_PEERS, the next ones first */
    size_t *n_peers; /* of each text */
    double *peer;    /* see xp_peer */
    size_t *kept;    /* [damage][text]: rows that stayed where they were, because the next text was too short */
    float *maps;     /* of keep_maps: [damage] of each text, like its own maps; NULL */
    size_t *map_at;  /* of each text: floats before its maps within one damage */
    size_t map_size; /* floats of one damage */
} xp_experiment;

/* layer from 1. */
static inline double *xp_similarity(const xp_experiment *e, xp_damage damage, bool undone, xp_scope scope,
                                    xp_measure measure, size_t layer, size_t head, size_t text) {
    size_t at = (((size_t)damage * 2 + undone) * XP_N_SCOPES + scope) * XP_N_MEASURES + measure;
    at = ((at * e->n_layers + layer - 1) * e->n_heads + head) * e->n_texts + text;
    return e->value + at;
}
static inline double *xp_modal(const xp_experiment *e, xp_scope scope, size_t layer, size_t head, size_t text) {
    return e->modal + ((scope * e->n_layers + layer - 1) * e->n_heads + head) * e->n_texts + text;
}
static inline double *xp_peer(const xp_experiment *e, xp_scope scope, size_t layer, size_t head, size_t text,
                              size_t number) {
    return e->peer + (((scope * e->n_layers + layer - 1) * e->n_heads + head) * e->n_texts + text) * XP_PEERS + number;
}

/* corpus: states and maps are there. random: the same texts with the maps of another model, for random-init; or NULL. */
explaint_status xp_experiment_run(const xp_corpus *corpus, const xp_corpus *random, const bool damage[XP_N_DAMAGES],
                                  uint64_t seed, bool keep_maps, unsigned threads, xp_experiment *e,
                                  explaint_error *error);
void xp_experiment_free(xp_experiment *e);

/* Means over the heads that have a value; NaN without any. */
double xp_mean_similarity(const xp_experiment *e, xp_damage damage, bool undone, xp_scope scope, xp_measure measure,
                          size_t layer, size_t text);
double xp_mean_peer(const xp_experiment *e, xp_scope scope, size_t layer, size_t text, size_t number);

/* Is `observed` (a value per text, NaN: none) larger than what other texts give? peer: n_texts x XP_PEERS; in each of
 * XP_DRAWS draws every text gets one of its peers. Texts without peers stay out. Without such texts all is NaN. */
typedef struct xp_null {
    double observed, mean, p;
    size_t n; /* texts */
} xp_null;
xp_null xp_null_of(const xp_experiment *e, const double *observed, const double *peer, uint64_t seed);

#endif
