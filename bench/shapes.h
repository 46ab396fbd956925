/* Made-up data with the shapes and the sparsity of the published norms: concepts in categories, features that lean on the same hidden
 * directions as the vectors, so that a fit has something to find. */
#ifndef BENCH_SHAPES_H
#define BENCH_SHAPES_H

#include "tensor/csr.h"

typedef struct shape {
    const char *name;
    size_t n, d, m;
    size_t pairs, singles; /* non-zero cells; features of one concept only. pairs 0: dense ratings */
    bool slow;             /* the peers need minutes */
} shape;

extern const shape shapes[];
extern const size_t n_shapes;

/* x: n x d, from malloc. false without memory. */
bool make_shape(const shape *shape, double **x, xp_csr *y);

/* A NumPy file; exits if it cannot be written. type: "<f8", "<i8" or "<u4", of `size` bytes. columns 0: one dimension. */
void write_npy(const char *folder, const char *name, const char *part, const char *type, size_t size, const void *data,
               size_t rows, size_t columns);

#endif
