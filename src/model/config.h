/* config.json to an architecture: every key that changes a result is read or refused by name. */
#ifndef XP_MODEL_CONFIG_H
#define XP_MODEL_CONFIG_H

#include "base/error.h"
#include "base/json_read.h"
#include "tensor/kernels.h"

#define XP_NO_PAD ((size_t)-1)
#define XP_MOST_ROWS ((size_t)1 << 24) /* of a table: words, positions */

typedef struct xp_config {
    size_t n_layers, n_heads, width, feed_forward, vocabulary;
    size_t n_positions; /* rows of the table of positions; a text may be shorter (xp_family.offset) */
    size_t n_types;     /* segments; 0: the family has none */
    size_t n_buckets;   /* relative positions; 0: the family has none */
    size_t pad;         /* id whose row begins as zeros in training; XP_NO_PAD: none */
    double eps, initializer_range;
    xp_activation activation;
} xp_config;

struct xp_family;

/* Fills the config and finds its family. path is for messages. */
explaint_status xp_config_read(const char *path, const char *text, size_t length, xp_config *config,
                               const struct xp_family **family, explaint_error *error);

/* For a family's own keys: the string must be `expected` or absent; the number is left alone where the key is absent. */
explaint_status xp_config_string(const char *path, const xp_value *object, const char *key, const char *expected,
                                 explaint_error *error);
explaint_status xp_config_size(const char *path, const xp_value *object, const char *key, size_t most, size_t *size,
                               explaint_error *error);

#endif
