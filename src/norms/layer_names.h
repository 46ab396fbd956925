/* Which layer a name tells: "layer.6", "h_6" and "6" are layer 6. */
#ifndef XP_NORMS_LAYER_NAMES_H
#define XP_NORMS_LAYER_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* Sorts names in natural order (layer.2 before layer.10) and numbers them, ascending: by the one number in which they differ, if they are
 * alike but for that, and a single name by its last number. false: they tell no layers, and are counted from 0. */
bool xp_layer_numbers(char **name, size_t n, int *number);

#endif
