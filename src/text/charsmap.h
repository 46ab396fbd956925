/* The rules of a Precompiled normalizer, as SentencePiece stores them: a length, a double array of units of 32 bits that leads from
 * bytes to places, the replacements, each with a 0 behind it. */
#ifndef XP_TEXT_CHARSMAP_H
#define XP_TEXT_CHARSMAP_H

#include "base/error.h"
#include "base/view.h"

typedef struct xp_charsmap xp_charsmap;

/* bytes: of the map itself, not of its base64. Errors: EXPLAINT_INVALID. */
explaint_status xp_charsmap_create(const char *bytes, size_t size, const char *path, xp_charsmap **map,
                                   explaint_error *error);
/* The same from base64, as a tokenizer.json has it. */
explaint_status xp_charsmap_decode(xp_view base64, const char *path, xp_charsmap **map, explaint_error *error);
void xp_charsmap_free(xp_charsmap *map);

/* What replaces the text; it need only begin with what a rule names, and the first (shortest) such rule counts. false: no rule. */
bool xp_charsmap_find(const xp_charsmap *map, const char *text, size_t length, xp_view *replacement);

#endif
