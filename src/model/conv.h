/* The convolution of DeBERTa's first layer: of each piece it sees `kernel` neighbours, itself in the middle. */
#ifndef XP_MODEL_CONV_H
#define XP_MODEL_CONV_H

#include "model/work.h"

/* Floats of `patches` below. */
size_t xp_conv_room(const xp_config *config);

/* to = activation(convolution + bias) of the rows of one text, n x width; bias NULL: none. */
void xp_conv_apply(const explaint_model *model, const float *bias, xp_activation activation, size_t n,
                   const float *rows, float *patches, float *to);

#endif
