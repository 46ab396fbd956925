/* A family of models is one file: its keys, its names of tensors, its embedding layer and its block. */
#ifndef XP_MODEL_FAMILY_H
#define XP_MODEL_FAMILY_H

#include "explaint/catalogue.h"
#include "model/model.h"
#include "model/work.h"

typedef struct xp_family {
    const char *name; /* model_type */
    const char
        *prefix; /* what names begin with in files of models with a head; in files of the bare model with nothing */
    xp_config defaults;
    const xp_config_key *keys;
    const char *const
        *refused; /* keys of its own that are not implemented and must be off; ends with NULL. NULL: none */
    /* What follows from several keys, after they were read; NULL: nothing. */
    explaint_status (*configure)(const char *path, const xp_value *object, xp_config *config, explaint_error *error);
    const xp_weight_row *rows; /* the first is that of words; ends with a NULL name */
    const char *const
        *ignored; /* beginnings of names of tensors that no hidden state depends on (a star is the number of the
                                 * layer); ends with NULL */
    /* What is made of the weights once, behind loading; NULL: nothing. */
    explaint_status (*derive)(explaint_model *model, unsigned threads, explaint_error *error);
    /* Adds to scores what depends on the pieces and on how far they are apart; NULL: nothing. Of a head of a text the blocks come
     * one after another, the first first. */
    void (*relate)(const explaint_model *model, size_t layer, const xp_score_block *block, xp_model_work *work);
    bool maps_words_first; /* of an encoder with a word_map: the norm of h^0 comes behind the map */
    /* As xp_family_block; NULL: the block that has norms where the model has them. */
    bool (*block)(const explaint_model *model, size_t layer, xp_model_work *work);
} xp_family;

#define XP_FAMILY(IDENTIFIER, ...) extern const xp_family xp_family_##IDENTIFIER;
EXPLAINT_FAMILIES(XP_FAMILY)

const xp_family *xp_family_list(size_t i); /* NULL behind the last */

/* Ids to h^0; `past` pieces of the text came before, 0 unless the model is causal. narrow: scratch of n x word_width, where the model
 * has a word_map. */
void xp_family_embed(const explaint_model *model, size_t past, const int32_t *id, size_t n, float *narrow, float *rows);
/* h^(l-1) to h^l for all rows of the work, layer from 0; false: a watcher stopped it. */
bool xp_family_block(const explaint_model *model, size_t layer, xp_model_work *work);

#endif
