/* NumPy's .npz: a zip archive of .npy files, stored or deflated.
 *
 *     xp_npz *npz = NULL;
 *     xp_array array;
 *     if (xp_npz_open(path, bytes.data, bytes.size, &npz, error) != EXPLAINT_OK ||
 *         xp_npz_matrix(npz, NULL, &array, error) != EXPLAINT_OK) return error->code;
 *     ... xp_array_row(&array, i, values) ...
 *     xp_npz_close(npz); */
#ifndef XP_FORMATS_NPZ_H
#define XP_FORMATS_NPZ_H

#include "formats/array.h"
#include "formats/wordlist.h"

typedef struct xp_npz xp_npz;

/* path and bytes are borrowed and outlive the file. */
explaint_status xp_npz_open(const char *path, const void *bytes, size_t size, xp_npz **npz, explaint_error *error);
void xp_npz_close(xp_npz *npz);

/* Arrays in the order of the archive, by their names without .npy. */
size_t xp_npz_n(const xp_npz *npz);
xp_view xp_npz_name(const xp_npz *npz, size_t i);
bool xp_npz_is_matrix(const xp_npz *npz, size_t i); /* two dimensions of numbers */
bool xp_npz_is_text(const xp_npz *npz, size_t i);   /* a list of words */

/* The array of that name, or for NULL the only matrix; lives until the next one is read, or the file is closed. */
explaint_status xp_npz_matrix(xp_npz *npz, const char *name, xp_array *array, explaint_error *error);

/* Whether every array is the vector of one word, the array's name: np.savez(FILE, **{word: vector}). */
bool xp_npz_is_words(const xp_npz *npz);
/* Those vectors as one matrix, which lives as long as the file, and their words. */
explaint_status xp_npz_rows(xp_npz *npz, xp_array *array, xp_wordlist *list, explaint_error *error);

/* The words of the only array of one dimension that holds texts; list->count stays 0 if there is none. Several are an
 * error that names them. */
explaint_status xp_npz_words(xp_npz *npz, xp_wordlist *list, explaint_error *error);

#endif
