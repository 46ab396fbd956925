/* Texts inside. */
#ifndef XP_TEXT_TEXTS_H
#define XP_TEXT_TEXTS_H

#include "base/strings.h"
#include "base/view.h"
#include "explaint/texts.h"
#include "formats/file.h"

struct explaint_texts {
    char *path;
    char sha256[XP_SHA256_TEXT];
    char *data; /* all texts, a 0 behind each */
    xp_view *text;
    size_t n;
    bool by_line; /* text i stands in line i + 1; else it is item i, counted from 0 */
    xp_strings notes;
};

/* Bytes of a file (inflated), which need not outlive the call; they may be changed. path is for messages and tells by its
 * suffix whether it is JSON. */
explaint_status xp_texts_read(const char *path, xp_bytes *bytes, explaint_texts **texts, explaint_error *error);

/* Says why a text cannot be used, and where it stands: EXPLAINT_INVALID. */
explaint_status xp_texts_refuse(const char *path, bool by_line, size_t number, const char *why, explaint_error *error);

#endif
