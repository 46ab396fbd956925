/* A matrix of a model, rows as torch keeps them (outputs x inputs): in fp32, packed for the kernels or row after row; or as it lies in a
 * GGUF, in which case rows are widened when they are used, which gives the same numbers and so the same bits; or drawn at random whenever they are
 * used, as the words of an untrained model are: texts have few of them.
 *
 *     const xp_linear up = xp_matrix_linear(&layer->up, layer->up_bias);  // for xp_linear_apply
 *     xp_matrix_row(&model->words, id, to);                               // of a table */
#ifndef XP_MODEL_MATRIX_H
#define XP_MODEL_MATRIX_H

#include "base/rng.h"
#include "formats/ggml.h"
#include "tensor/linear.h"

/* A tensor, the rows of which follow those of the part before. */
typedef struct xp_matrix_part {
    size_t rows;
    const unsigned char *data;
    const xp_ggml *type;
    size_t head; /* rows of a head of this width are interleaved (model/gguf.h); 0: they are not */
} xp_matrix_part;

enum { XP_MATRIX_PARTS = 3 }; /* query, key and value */

typedef struct xp_matrix {
    size_t rows, columns; /* no rows: there is no such matrix */
    const float *panels;  /* of a map; NULL: not packed */
    const float *floats;  /* of a table; NULL: `draws`, or `part` */
    bool draws;
    xp_rng stream; /* of a table that is drawn: of its numbers, row after row (tensor/normals.h) */
    double deviation;
    size_t zeros; /* a row that is not; SIZE_MAX: there is none */
    size_t n_parts;
    xp_matrix_part part[XP_MATRIX_PARTS];
} xp_matrix;

/* As the kernels take it; it borrows the matrix. bias NULL: none. */
xp_linear xp_matrix_linear(const xp_matrix *matrix, const float *bias);

/* A row of a table: `columns` numbers. */
void xp_matrix_row(const xp_matrix *matrix, size_t row, float *to);
void xp_matrix_row_wide(const xp_matrix *matrix, size_t row, double *to);

#endif
