#include "text/tokenizer.h"

#include <sys/stat.h>

#include "base/memory.h"
#include "formats/file.h"
#include "text/unicode.h"

/* ---- a draft ---- */

explaint_status xp_draft_begin(xp_draft *draft, const char *path, explaint_error *error) {
    *draft = (xp_draft){.path = path, .error = error, .t = xp_calloc(1, sizeof *draft->t)};
    return draft->t != NULL ? EXPLAINT_OK : xp_no_memory(error, "a tokenizer");
}

explaint_status xp_draft_end(xp_draft *draft, explaint_status status, explaint_tokenizer **tokenizer) {
    xp_free(draft->piece);
    xp_free(draft->content);
    if (status != EXPLAINT_OK)
        explaint_tokenizer_close(draft->t);
    else
        *tokenizer = draft->t;
    return status;
}

static explaint_status no_memory(const xp_draft *draft) { return xp_no_memory(draft->error, "a tokenizer"); }

explaint_status xp_draft_vocabulary(xp_draft *draft, xp_view prefix, xp_view unknown) {
    explaint_tokenizer *t = draft->t;
    size_t first, second;
    t->n_pieces = t->n_vocabulary;
    if (!xp_trie_build(&t->vocabulary, draft->piece, t->n_vocabulary, &first, &second)) {
        if (first == SIZE_MAX) return no_memory(draft);
        return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0,
                       "the piece \"%.*s\" has two ids, %zu and %zu; expected each piece once",
                       XP_SHOW(draft->piece[first]), first, second);
    }
    t->continuing = xp_trie_walk(&t->vocabulary, prefix);
    t->unknown = xp_trie_find(&t->vocabulary, unknown);
    if (t->unknown < 0)
        return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0,
                       "the piece for unknown words, \"%.*s\", is not in the vocabulary", XP_SHOW(unknown));
    return EXPLAINT_OK;
}

static bool room_to_add(xp_draft *draft) {
    explaint_tokenizer *t = draft->t;
    if (t->n_added == draft->added_capacity) {
        size_t capacity = 2 * t->n_added + 8;
        xp_view *content = xp_realloc(draft->content, capacity, sizeof *content);
        if (content == NULL) return false;
        draft->content = content;
        xp_added *added = xp_realloc(t->added, capacity, sizeof *added);
        if (added == NULL) return false;
        t->added = added;
        draft->added_capacity = capacity;
    }
    if (t->n_pieces >= draft->piece_capacity) {
        size_t capacity = t->n_pieces + t->n_pieces / 4 + 8;
        xp_view *piece = xp_realloc(draft->piece, capacity, sizeof *piece);
        if (piece == NULL) return false;
        draft->piece = piece;
        draft->piece_capacity = capacity;
    }
    return true;
}

/* Hugging Face gives an added token the id that its content has in the vocabulary, or the next one behind it, whatever the file
 * says. A file that says something else was made by hand, and its model expects other ids than it would get. */
explaint_status xp_draft_add(xp_draft *draft, xp_view content, size_t id, xp_added token) {
    explaint_tokenizer *t = draft->t;
    if (!room_to_add(draft)) return no_memory(draft);
    int32_t known = xp_trie_find(&t->vocabulary, content);
    size_t expected = known >= 0 ? (size_t)known : t->n_pieces;
    if (id != expected)
        return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0,
                       "expected the id %zu for the added token \"%.*s\" (%s), found %zu", expected, XP_SHOW(content),
                       known >= 0 ? "it has that in the vocabulary" : "the next one after the vocabulary", id);
    if (known < 0) draft->piece[t->n_pieces++] = content;
    token.id = (int32_t)id;
    draft->content[t->n_added] = content;
    t->added[t->n_added++] = token;
    return EXPLAINT_OK;
}

static bool copy_pieces(xp_draft *draft) {
    explaint_tokenizer *t = draft->t;
    size_t bytes = 0;
    for (size_t i = 0; i < t->n_pieces; i++) bytes += draft->piece[i].length + 1;
    t->pool = xp_alloc(bytes, 1);
    t->piece = xp_alloc(t->n_pieces, sizeof *t->piece);
    if (t->pool == NULL || t->piece == NULL) return false;
    char *at = t->pool;
    for (size_t i = 0; i < t->n_pieces; i++) {
        t->piece[i] = at;
        if (draft->piece[i].length > 0) memcpy(at, draft->piece[i].data, draft->piece[i].length);
        at += draft->piece[i].length;
        *at++ = 0;
    }
    return true;
}

/* The trie of the added tokens that are looked for in the text itself, or in the normalized text. For the latter their
 * contents are normalized, too, each for itself. */
static explaint_status index_added(xp_draft *draft, bool normalized, xp_trie *trie, size_t **place) {
    explaint_tokenizer *t = draft->t;
    xp_view *content = xp_alloc(t->n_added, sizeof *content);
    xp_text pool = {0};
    xp_normalized scratch = {0};
    size_t n = 0, first = SIZE_MAX, second;
    explaint_status status = EXPLAINT_OK;
    *place = xp_alloc(t->n_added, sizeof **place);
    bool made = content != NULL && *place != NULL;
    for (size_t i = 0; made && i < t->n_added; i++) {
        if (t->added[i].normalized != normalized) continue;
        xp_view c = draft->content[i];
        if (normalized) {
            made = xp_normalize(&t->normalizer, c.data, 0, c.length, &scratch);
            c = (xp_view){NULL, scratch.length}; /* where it lies is known once the pool stands still */
            xp_text_add(&pool, scratch.text, scratch.length);
        }
        if (made && c.length == 0) {
            status = xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0,
                             "nothing is left of the added token \"%.*s\" once it is normalized",
                             XP_SHOW(draft->content[i]));
            break;
        }
        (*place)[n] = i;
        content[n++] = c;
    }
    made = made && !pool.failed;
    const char *at = pool.data;
    for (size_t i = 0; made && normalized && i < n; at += content[i++].length) content[i].data = at;
    if (made && status == EXPLAINT_OK && n > 0) made = xp_trie_build(trie, content, n, &first, &second);
    if (!made && first != SIZE_MAX)
        status = xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0,
                         "the added tokens \"%.*s\" and \"%.*s\" are the same once they are normalized",
                         XP_SHOW(draft->content[(*place)[first]]), XP_SHOW(draft->content[(*place)[second]]));
    else if (!made)
        status = no_memory(draft);
    xp_free(content);
    xp_text_free(&pool);
    xp_normalized_free(&scratch);
    return status;
}

xp_kind xp_kind_of(uint32_t point) {
    unsigned flags = xp_unicode_of(point).flags;
    if ((flags & XP_UNICODE_SPACE) != 0) return XP_SPACE;
    return (flags & XP_UNICODE_PUNCTUATION) != 0 ? XP_PUNCTUATION : XP_LETTER;
}

xp_blanks xp_count_blanks(const char *text, size_t length) {
    xp_blanks blanks = {0};
    size_t run = 0, count = 0; /* white space so far at the end; characters */
    for (size_t i = 0; i < length; i += xp_utf8_step(text[i])) {
        uint32_t point = xp_utf8_decode(text + i);
        bool blank = point == 0x120 || (xp_unicode_of(point).flags & XP_UNICODE_SPACE) != 0;
        if (blank && run == count) blanks.leading++;
        run = blank ? run + 1 : 0;
        count++;
    }
    blanks.trailing = run;
    return blanks;
}

static bool mark_blanks(explaint_tokenizer *t) {
    t->blank = xp_calloc(t->n_pieces, 1);
    if (t->blank == NULL) return false;
    size_t n = 0;
    for (size_t i = 0; i < t->n_pieces; i++) {
        xp_blanks blanks = xp_count_blanks(t->piece[i], strlen(t->piece[i]));
        n += t->blank[i] = blanks.leading + blanks.trailing > 0;
    }
    if (n == 0) {
        xp_free(t->blank);
        t->blank = NULL;
    }
    return true;
}

static explaint_status check_contents(xp_draft *draft) {
    xp_trie all;
    size_t first, second;
    bool made = xp_trie_build(&all, draft->content, draft->t->n_added, &first, &second);
    if (made) xp_trie_free(&all);
    if (!made && first == SIZE_MAX) return no_memory(draft);
    return made ? EXPLAINT_OK
                : xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0, "the added token \"%.*s\" stands there twice",
                          XP_SHOW(draft->content[first]));
}

explaint_status xp_draft_finish(xp_draft *draft) {
    explaint_tokenizer *t = draft->t;
    explaint_status status = check_contents(draft);
    if (status != EXPLAINT_OK) return status;
    xp_normalizer_ready(&t->normalizer);
    for (uint32_t c = 0; c < 128; c++) t->kind[c] = (uint8_t)xp_kind_of(c);
    if (!copy_pieces(draft) || (t->trims && !mark_blanks(t))) return no_memory(draft);
    status = index_added(draft, false, &t->raw, &t->raw_place);
    return status == EXPLAINT_OK ? index_added(draft, true, &t->normalized, &t->normalized_place) : status;
}

/* ---- files ---- */

static bool is_folder(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0;
}

static bool beside(const char *path, const char *name, xp_text *text) {
    const char *slash = strrchr(path, '/');
    xp_text_add(text, path, slash != NULL ? (size_t)(slash + 1 - path) : 0);
    xp_text_adds(text, name);
    return !text->failed;
}

/* vocab.txt, with the settings that stand beside it. */
static explaint_status open_vocab(const char *path, const xp_bytes *bytes, explaint_tokenizer **tokenizer,
                                  explaint_error *error) {
    xp_text settings = {0}, added = {0};
    xp_bytes config = {0};
    explaint_status status = EXPLAINT_OK;
    if (!beside(path, "tokenizer_config.json", &settings) || !beside(path, "added_tokens.json", &added))
        status = xp_no_memory(error, "a path");
    else if (exists(added.data))
        status =
            xp_fail(error, EXPLAINT_INVALID, added.data, 0,
                    "tokens added to a vocab.txt are not read from here; expected a tokenizer.json, which holds both");
    else if (exists(settings.data))
        status = xp_file_read(settings.data, XP_LIMIT_TOKENIZER, &config, error);
    if (status == EXPLAINT_OK)
        status =
            xp_vocab_read(path, bytes->data, bytes->size, settings.data, config.data, config.size, tokenizer, error);
    xp_bytes_free(&config);
    xp_text_free(&settings);
    xp_text_free(&added);
    return status;
}

static explaint_status open_file(const char *path, explaint_tokenizer **tokenizer, explaint_error *error) {
    size_t length = strlen(path);
    bool json = length >= 5 && strcmp(path + length - 5, ".json") == 0;
    xp_bytes bytes = {0};
    explaint_status status = xp_file_read(path, XP_LIMIT_TOKENIZER, &bytes, error);
    if (status == EXPLAINT_OK && json) status = xp_tokenizer_read(path, bytes.data, bytes.size, tokenizer, error);
    if (status == EXPLAINT_OK && !json) status = open_vocab(path, &bytes, tokenizer, error);
    xp_bytes_free(&bytes);
    return status;
}

explaint_status explaint_tokenizer_open(const char *path, explaint_tokenizer **tokenizer, explaint_error *error) {
    static const char *const names[] = {"tokenizer.json", "vocab.txt"};
    explaint_error unseen;
    if (error == NULL) error = &unseen;
    *tokenizer = NULL;
    if (!is_folder(path)) return open_file(path, tokenizer, error);
    for (size_t i = 0; i < 2; i++) {
        xp_text inside = {0};
        xp_text_addf(&inside, "%s/%s", path, names[i]);
        if (inside.failed) return xp_no_memory(error, "a path");
        bool there = exists(inside.data);
        explaint_status status = there ? open_file(inside.data, tokenizer, error) : EXPLAINT_OK;
        xp_text_free(&inside);
        if (there) return status;
    }
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "expected a tokenizer.json or a vocab.txt in the folder, found neither");
}

void explaint_tokenizer_close(explaint_tokenizer *t) {
    if (t == NULL) return;
    xp_free(t->pool);
    xp_free(t->piece);
    xp_trie_free(&t->vocabulary);
    xp_free(t->added);
    xp_trie_free(&t->raw);
    xp_trie_free(&t->normalized);
    xp_free(t->raw_place);
    xp_free(t->normalized_place);
    xp_free(t->before);
    xp_free(t->after);
    xp_free(t->blank);
    xp_strings_free(&t->notes);
    xp_free(t);
}

const char *explaint_tokenizer_piece(const explaint_tokenizer *t, int32_t id) {
    return id >= 0 && (size_t)id < t->n_pieces ? t->piece[id] : NULL;
}

size_t explaint_tokenizer_n_pieces(const explaint_tokenizer *t) { return t->n_pieces; }
size_t explaint_tokenizer_n_notes(const explaint_tokenizer *t) { return t->notes.count; }

const char *explaint_tokenizer_note(const explaint_tokenizer *t, size_t i) {
    return i < t->notes.count ? t->notes.item[i] : NULL;
}
