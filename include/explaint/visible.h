/* Text from files for a terminal, which would obey some of its characters and show nothing of others.
 *
 *     char shown[200];
 *     explaint_visible_text(name_from_a_file, shown, sizeof shown);
 *     printf("the concept '%s'\n", shown);
 *
 * What stands for something else: control characters and bytes that are no UTF-8 as \x1b, invisible characters (those that
 * turn the direction of writing, join or separate without a width, tags, line and paragraph separators) as \u202e or
 * \U000e0041. Messages of explaint_error are made so already; notes and names of results are as the files have them.
 */
#ifndef EXPLAINT_VISIBLE_H
#define EXPLAINT_VISIBLE_H

#include "explaint/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { EXPLAINT_VISIBLE = 12 }; /* bytes of the longest character as it is shown, with the 0 */

/* The first character of `text`, which is not empty, as it is shown. Returns how many bytes of the text it stands for. */
EXPLAINT_API size_t explaint_visible(const char *text, char shown[EXPLAINT_VISIBLE]);

/* A whole text, of as many characters as `out` has room for; size is 1 or more. */
EXPLAINT_API void explaint_visible_text(const char *text, char *out, size_t size);

#ifdef __cplusplus
}
#endif
#endif
