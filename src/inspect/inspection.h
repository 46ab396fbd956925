/* What stands behind an explaint_inspection. */
#ifndef XP_INSPECT_INSPECTION_H
#define XP_INSPECT_INSPECTION_H

#include "explaint/inspect.h"
#include "formats/gguf.h"
#include "model/shards.h"

typedef struct xp_inspection {
    explaint_inspection view; /* the public part */
    explaint_model *model;    /* NULL: it cannot be run */
    xp_shards shards;
    explaint_model_tensor *tensor;
    xp_strings notes, sentence;
    /* of a GGUF */
    xp_bytes bytes;
    xp_gguf *gguf;
    xp_strings words; /* of metadata and info */
    explaint_model_value *metadata;
    explaint_model_info info;
    explaint_model_file file;
} xp_inspection;

/* Fills the inspection from the file: metadata, tensors, and what the metadata say of the model. */
explaint_status xp_inspect_gguf(const char *path, xp_inspection *inspection, explaint_error *error);

#endif
