/* A text that grows: what a decoder expects behind it, at the price of its new pieces alone.
 *
 *     xp_growing *growing = NULL;
 *     status = xp_growing_create(model, &growing, error);
 *     status = xp_growing_read(growing, id, n, &logits, error);      // vocabulary numbers
 *     id[n] = the largest of them ...
 *     status = xp_growing_read(growing, id, n + 1, &logits, error);  // looks at id[n] alone
 *     xp_growing_destroy(growing);
 *
 * The same bits as explaint_model_run gives from the whole text. */
#ifndef XP_MODEL_GROWING_H
#define XP_MODEL_GROWING_H

#include "explaint/model.h"

typedef struct xp_growing xp_growing;

/* Of a model that was opened with its logits. */
explaint_status xp_growing_create(const explaint_model *model, xp_growing **growing, explaint_error *error);
void xp_growing_destroy(xp_growing *growing);

/* Logits behind the last of n pieces, of which the first are those of the call before. They are the growing text's, until the next call.
 * Errors as explaint_model_run's. */
explaint_status xp_growing_read(xp_growing *growing, const int32_t *id, size_t n, const float **logits,
                                explaint_error *error);

#endif
