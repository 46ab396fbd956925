/* What the first rows of word vectors in text say: where the rows begin and how wide they are. Inside of wordtext.c. */
#ifndef XP_FORMATS_WORDTEXT_SAMPLE_H
#define XP_FORMATS_WORDTEXT_SAMPLE_H

#include "base/view.h"
#include "formats/lines.h"

#define XP_SAMPLE 32 /* lines that vote for the width */

typedef struct xp_wordtext_shape {
    size_t width;
    size_t begin, lines; /* bytes and lines before the rows */
    bool header;         /* there is a line "count width" */
    bool names;          /* there is a line with the names of columns */
    bool quoted;         /* words stand in quotes */
    size_t announced;    /* count */
} xp_wordtext_shape;

/* block: the beginning of the file, of XP_SAMPLE lines at least. */
explaint_status xp_wordtext_sample(const char *path, const xp_block *block, xp_wordtext_shape *shape,
                                   explaint_error *error);

static inline bool xp_wordtext_is_blank(char c) { return c == ' ' || c == '\t'; }

/* Cuts the first field off; length 0: there is none. */
static inline xp_view xp_wordtext_take_field(xp_view *rest) {
    size_t i = 0;
    while (i < rest->length && xp_wordtext_is_blank(rest->data[i])) i++;
    size_t from = i;
    while (i < rest->length && !xp_wordtext_is_blank(rest->data[i])) i++;
    xp_view field = {rest->data + from, i - from};
    rest->data += i;
    rest->length -= i;
    return field;
}

/* Whether the header of a table may call the words' column so. */
bool xp_wordtext_names_words(xp_view name);

/* "1,5": the number it were, if its comma were a point. */
bool xp_wordtext_decimal_comma(xp_view field, double *value);

#endif
