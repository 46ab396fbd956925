/* The linear g of a model, kept in a folder between runs, because fitting it costs more than all else (docs/attention.md#kept-maps).
 *
 *     char key[XP_SHA256_TEXT];
 *     xp_fit_key(a, key);                                           // in the document: what g depends on
 *     status = xp_fit_kept(a, layer, &g, error);                    // read, or fitted and kept
 *
 * A layer is a file: safetensors that say what they hold, with a checksum. A file that is not what its name promises is not used, and
 * replaced. What is read is what would be fitted, bit for bit. */
#ifndef XP_ATTENTION_FIT_KEPT_H
#define XP_ATTENTION_FIT_KEPT_H

#include "attention/fit.h"
#include "attention/result.h"
#include "base/sha256.h"

/* Of the version, the model's files, the pieces of a->fit_texts and the seed. */
void xp_fit_key(const xp_attend *a, char key[XP_SHA256_TEXT]);

/* g of these layers, of L + 1. A folder that cannot be read or written fails nothing: a->kept says so. */
explaint_status xp_fit_kept(xp_attend *a, const bool *layer, xp_linear_g *g, explaint_error *error);

#endif
