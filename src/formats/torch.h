/* Named tensors as torch.save writes a state_dict: pytorch_model.bin, a .bin of a shard, Dense's of sentence-transformers.
 *
 *     xp_torch *file = NULL;
 *     if (xp_torch_open(path, bytes.data, bytes.size, &file, error) != EXPLAINT_OK) return error->code;
 *     const xp_tensor *weight = xp_torch_find(file, "linear.weight");
 *     ... weight->shape, weight->type, weight->data: row after row, whatever its strides in the file ...
 *     xp_torch_close(file);
 *
 * (A folder's tensors, of safetensors or of these, in one file or in shards: model/shards.h.)
 *
 * Both forms are read: the zip archive (torch 1.6 and later) and the stream of pickles before it. Nothing in the file is run
 * (formats/pickle.h): the names that it may ask Python for are those that a dictionary of tensors needs. Everything is
 * checked when the file is opened: storages against the file, shapes, offsets and strides against the storage. Tensors whose
 * numbers lie in the file row after row point into it; of others (transposed, expanded views) a copy is made, all of them
 * together of at most four times the file's size. Tied weights are two names with the same bytes. */
#ifndef XP_FORMATS_TORCH_H
#define XP_FORMATS_TORCH_H

#include "formats/pickle.h"
#include "formats/safetensors.h"

typedef struct xp_torch xp_torch;

/* The stream by its first bytes; a zip archive may be anything. */
bool xp_torch_is_stream(const void *head, size_t size);

/* bytes are borrowed and outlive the file. path is for messages. Not a dictionary of tensors by name: EXPLAINT_INVALID. */
explaint_status xp_torch_open(const char *path, const void *bytes, size_t size, xp_torch **file, explaint_error *error);
void xp_torch_close(xp_torch *file);

/* In the order of the dictionary. */
size_t xp_torch_n(const xp_torch *file);
const xp_tensor *xp_torch_tensor(const xp_torch *file, size_t i);
const xp_tensor *xp_torch_find(const xp_torch *file, const char *name); /* NULL: none */

/* ---- inside ---- */

/* Where the numbers are. find: the bytes of a storage, by the key that the pickle gives it, kept until the file is closed. */
typedef struct xp_storages {
    void *self;
    explaint_status (*find)(void *self, xp_view key, xp_view *bytes, explaint_error *error);
    size_t most; /* bytes that copies may take */
} xp_storages;

/* The tensors of a dictionary that a pickle holds. */
explaint_status xp_torch_read(const char *path, const xp_pickled *root, const xp_storages *storages, xp_torch **file,
                              explaint_error *error);
/* Of a value that the pickler kept elsewhere: the storage's key and the bytes of one number. false: it is no storage. */
bool xp_torch_storage(const xp_pickled *value, xp_view *key, size_t *number_size);
/* The names that such a pickle may ask for; NULL at the end. */
extern const char *const xp_torch_globals[];

/* Takes over what the storages point into; freed with the file. */
void xp_torch_keep(xp_torch *file, void *storages, void (*release)(void *storages));

#endif
