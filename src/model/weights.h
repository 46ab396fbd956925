/* The tensors of a model: found in its files by name, checked against the shapes of the config, packed. */
#ifndef XP_MODEL_WEIGHTS_H
#define XP_MODEL_WEIGHTS_H

#include "model/family.h"
#include "model/source.h"

/* Fills the model, whose config, family and layers (empty) are there, with the weights of the source or with random
 * ones; adds the files that were read to the model's. */
explaint_status xp_weights_load(explaint_model *model, const xp_source *source, unsigned threads,
                                explaint_error *error);

/* One line of the list of a model's files. */
bool xp_model_add_file(explaint_model *model, const xp_source *source, const char *name, const char *sha256,
                       bool weights);

#endif
