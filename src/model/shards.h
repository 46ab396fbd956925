/* The tensors of a folder as one set by name, whichever form their files have: safetensors or torch.save's, one file or shards; or of a GGUF.
 *
 *     const xp_source source = {.folder = "2_Dense"};
 *     xp_shards shards;
 *     size_t i;
 *     if (xp_shards_open(&source, &shards, error) != EXPLAINT_OK) return error->code;
 *     if (xp_shards_find(&shards, "linear.weight", &i)) ... shards.tensor[i]->shape, ->type, ->data ...
 *     xp_shards_close(&shards); */
#ifndef XP_MODEL_SHARDS_H
#define XP_MODEL_SHARDS_H

#include "formats/safetensors.h"
#include "formats/torch.h"
#include "model/source.h"

typedef struct xp_shard {
    char *name; /* of the file; "": the source itself is one */
    xp_bytes bytes;
    xp_safetensors *file;             /* or NULL */
    xp_torch *torch;                  /* or NULL */
    const struct xp_gguf_model *gguf; /* or NULL */
} xp_shard;

typedef struct xp_shards {
    size_t n;
    xp_shard *shard;
    const char *index_name; /* of the file that lists the shards; NULL: there is one file */
    xp_bytes index;
    xp_index *by_name; /* number of each tensor, counted through all shards */
    const xp_tensor **tensor;
    size_t *of; /* the shard of each tensor */
    size_t n_tensors;
    const struct xp_gguf_model *gguf; /* what the source is, tensor by tensor in the same order; NULL: a folder */
} xp_shards;

/* model.safetensors, or what model.safetensors.index.json names; where neither is, pytorch_model.bin, or what
 * pytorch_model.bin.index.json names: the order of transformers. A name of a shard is a name in the folder: no path. */
explaint_status xp_shards_open(const xp_source *source, xp_shards *shards, explaint_error *error);
void xp_shards_close(xp_shards *shards);

bool xp_shards_find(const xp_shards *shards, const char *name, size_t *number);

#endif
