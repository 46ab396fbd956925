/* The safetensors files of a model as one set of named tensors. */
#ifndef XP_MODEL_SHARDS_H
#define XP_MODEL_SHARDS_H

#include "formats/safetensors.h"
#include "model/source.h"

typedef struct xp_shard {
    char *name; /* of the file */
    xp_bytes bytes;
    xp_safetensors *file;
} xp_shard;

typedef struct xp_shards {
    size_t n;
    xp_shard *shard;
    xp_bytes index;    /* model.safetensors.index.json, or empty */
    xp_index *by_name; /* number of each tensor, counted through all shards */
    const xp_tensor **tensor;
    size_t *of; /* the shard of each tensor */
    size_t n_tensors;
} xp_shards;

/* model.safetensors, or what model.safetensors.index.json names. A name of a shard is a name in the folder: no path. */
explaint_status xp_shards_open(const xp_source *source, xp_shards *shards, explaint_error *error);
void xp_shards_close(xp_shards *shards);

bool xp_shards_find(const xp_shards *shards, const char *name, size_t *number);

#endif
