#include "formats/wordlist.h"

#include <string.h>

#include "base/memory.h"
#include "formats/encoding.h"

void xp_wordlist_free(xp_wordlist *list) {
    xp_bytes_free(&list->bytes);
    xp_text_free(&list->text);
    xp_free(list->word);
    *list = (xp_wordlist){0};
}

static bool is_blank(const char *p, const char *end) {
    while (p < end && (*p == '\n' || *p == '\r')) p++;
    return p == end;
}

explaint_status xp_wordlist_read(xp_wordlist *list, const char *path, xp_strings *notes, explaint_error *error) {
    list->path = path;
    explaint_status status = xp_file_read(path, XP_LIMIT_TABLE, &list->bytes, error);
    if (status == EXPLAINT_OK) status = xp_decode_text(path, &list->bytes, notes, error);
    if (status != EXPLAINT_OK) return status;
    const char *p = list->bytes.data, *end = p + list->bytes.size;
    size_t lines = 1;
    for (const char *q = p; q < end; q++) lines += *q == '\n';
    list->word = xp_alloc(lines, sizeof *list->word);
    if (list->word == NULL) return xp_no_memory(error, "a list of words");
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        xp_view word = {p, (size_t)((stop != NULL ? stop : end) - p)};
        if (word.length > 0 && p[word.length - 1] == '\r') word.length--;
        if (word.length == 0 && is_blank(p, end)) break; /* empty lines at the end */
        if (word.length == 0)
            return xp_fail(error, EXPLAINT_INVALID, path, list->count + 1,
                           "expected a word in each line, found an empty line");
        list->word[list->count++] = word;
        p = stop != NULL ? stop + 1 : end;
    }
    return EXPLAINT_OK;
}

explaint_status xp_wordlist_cut(xp_wordlist *list, size_t count, explaint_error *error) {
    const char *p = list->text.data;
    list->word = xp_alloc(count, sizeof *list->word);
    if (list->word == NULL) return xp_no_memory(error, "a list of words");
    for (; list->count < count; list->count++) {
        list->word[list->count] = (xp_view){p, strlen(p)};
        p += list->word[list->count].length + 1;
    }
    return EXPLAINT_OK;
}
