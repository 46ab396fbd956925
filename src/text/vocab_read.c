/* vocab.txt: a piece a line, its id the line's place. White space behind a piece is no part of it. Of equal lines the last counts. */
#include "base/memory.h"
#include "formats/encoding.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

static size_t without_blanks(const char *text, size_t length) {
    while (length > 0) {
        size_t at = length - 1;
        while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80) at--;
        if ((xp_unicode_of(xp_unicode_decode(text + at)).flags & XP_UNICODE_SPACE) == 0) break;
        length = at;
    }
    return length;
}

static explaint_status read_line(xp_draft *draft, const char *at, size_t length) {
    const size_t n = draft->t->n_vocabulary;
    const size_t broken = xp_encoding_invalid(at, length);
    if (broken < length)
        return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, n + 1, "expected UTF-8, found the byte 0x%02x",
                       (unsigned)(unsigned char)at[broken]);
    if (memchr(at, 0, length) != NULL)
        return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, n + 1, "expected text, found a NUL byte");
    draft->piece[n] = (xp_view){at, without_blanks(at, length)};
    draft->t->n_vocabulary++;
    return EXPLAINT_OK;
}

static explaint_status note_equal(xp_draft *draft, size_t first, size_t last) {
    if (draft->piece[last].length == 0 ||
        xp_strings_addf(&draft->t->notes, "%s has \"%.*s\" in line %zu and again in line %zu, which counts",
                        draft->path, XP_SHOW(draft->piece[last]), first + 1, last + 1))
        return EXPLAINT_OK;
    return xp_no_memory(draft->error, "a note");
}

/* From the end on, so that what is seen again is passed over. The first such line that is not empty is noted. */
static explaint_status drop_equal(xp_draft *draft) {
    const size_t n = draft->t->n_vocabulary;
    xp_index *index = xp_index_create(n);
    bool made = index != NULL;
    size_t first = n, last = 0, kept = n;
    draft->n_distinct = 0;
    for (size_t i = n; made && i-- > 0;) {
        bool found = false;
        made = xp_index_intern(index, draft->piece[i].data, draft->piece[i].length, i, &kept, &found);
        draft->n_distinct += !found;
        if (!found || draft->piece[i].length == 0) continue;
        draft->piece[i].length = 0;
        first = i;
        last = kept;
    }
    xp_index_destroy(index);
    if (!made) return xp_no_memory(draft->error, "a vocabulary");
    return first < n ? note_equal(draft, first, last) : EXPLAINT_OK;
}

explaint_status xp_vocab_read(xp_draft *draft, const char *bytes, size_t size) {
    size_t lines = 0;
    for (size_t i = 0; i < size; i++) lines += bytes[i] == '\n';
    explaint_status status = xp_draft_pieces(draft, lines + 1);
    draft->t->n_vocabulary = 0;
    for (const char *at = bytes, *end = bytes + size; status == EXPLAINT_OK && at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) stop = end;
        status = read_line(draft, at, (size_t)(stop - at));
        at = stop < end ? stop + 1 : end;
    }
    if (status == EXPLAINT_OK) status = drop_equal(draft);
    if (status == EXPLAINT_OK && size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 &&
        !xp_strings_addf(&draft->t->notes,
                         "%s begins with a byte order mark, which is part of its first piece, as in transformers; "
                         "that piece is found in no text",
                         draft->path))
        status = xp_no_memory(draft->error, "a note");
    return status;
}
