/* Which columns of a table are for what. The first line of the input gives the options, the second those for what is left out
 * (both may be empty), then comes the table. The laws: a column that was dropped is no feature, warnings and notes say
 * something, values are numbers and none is zero, and an error is a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "norms/norms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The line at *at, which moves behind it; NULL without memory. */
static char *take_line(const char **at, size_t *left) {
    const char *end = memchr(*at, '\n', *left);
    size_t length = end != NULL ? (size_t)(end - *at) : *left;
    char *line = xp_strndup(*at, length);
    *left -= length + (end != NULL);
    *at += length + (end != NULL);
    return line;
}

static void check_columns(const explaint_norms *n, const char *drop) {
    for (size_t j = 0; j < n->n_features && drop != NULL; j++) /* a plain name */
        if (strpbrk(drop, ",\"*?") == NULL && strcmp(n->features.item[j], drop) == 0) abort();
    for (size_t i = 0; i < n->warnings.count; i++)
        if (strlen(n->warnings.item[i]) < 20) abort();
    for (size_t i = 0; i < n->notes.count; i++)
        if (n->notes.item[i][0] == 0) abort();
    for (size_t p = 0; p < n->row_start[n->n_concepts]; p++)
        if (n->column[p] >= n->n_features || n->value[p] == 0 || n->value[p] != n->value[p]) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *at = (const char *)data;
    char *columns = take_line(&at, &size), *drop = take_line(&at, &size);
    if (columns == NULL || drop == NULL || strlen(columns) > 200 || strlen(drop) > 200) {
        xp_free(columns);
        xp_free(drop);
        return 0;
    }
    const explaint_norms_options options = {.columns = columns[0] != 0 ? columns : NULL,
                                            .drop_columns = drop[0] != 0 ? drop : NULL};
    explaint_norms *norms = NULL;
    explaint_error error = {0};
    if (xp_norms_read("fuzz.csv", at, size, &options, &norms, &error) == EXPLAINT_OK)
        check_columns(norms, options.drop_columns);
    else if (error.code == EXPLAINT_OK || error.message[0] == 0 || norms != NULL)
        abort();
    explaint_norms_close(norms);
    xp_free(columns);
    xp_free(drop);
    return 0;
}
