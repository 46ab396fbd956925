/* Opening a model from any source: the public function takes a folder, tests and the fuzzer take memory. */
#ifndef XP_MODEL_OPEN_H
#define XP_MODEL_OPEN_H

#include "model/model.h"
#include "model/source.h"

/* `strings` are moved into the model; folder of the source, root and name point into them. */
explaint_status xp_model_open(const xp_source *source, const char *root, const char *name, xp_strings *strings,
                              const explaint_model_options *options, explaint_model **model, explaint_error *error);

/* A GGUF, whose bytes the model takes over. The place as xp_source_find gives it; strings as above. */
explaint_status xp_model_open_gguf(const xp_place *place, xp_bytes bytes, xp_strings *strings,
                                   const explaint_model_options *options, explaint_model **model,
                                   explaint_error *error);

#endif
