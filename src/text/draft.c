/* A tokenizer in the making: the vocabulary, the added tokens, what the search needs. */
#include <stdlib.h>

#include "base/memory.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

explaint_status xp_draft_begin(xp_draft *draft, const char *path, explaint_error *error) {
    *draft = (xp_draft){.path = path, .error = error, .t = xp_calloc(1, sizeof *draft->t)};
    if (draft->t == NULL) return xp_no_memory(error, "a tokenizer");
    draft->t->unknown = -1;
    return EXPLAINT_OK;
}

explaint_status xp_draft_end(xp_draft *draft, explaint_status status, explaint_tokenizer **tokenizer) {
    xp_free_all(draft->piece, draft->candidate, draft->content);
    if (status != EXPLAINT_OK)
        explaint_tokenizer_close(draft->t);
    else
        *tokenizer = draft->t;
    return status;
}

static explaint_status no_memory(const xp_draft *draft) { return xp_no_memory(draft->error, "a tokenizer"); }

explaint_status xp_tokenizer_unexpected(const char *path, const char *part, const char *key, const char *expected,
                                        const xp_value *found, explaint_error *error) {
    xp_text text = {0};
    xp_value_show(found, &text);
    xp_view name = {key, strlen(key)};
    return xp_text_fail(&text, "a message", error, EXPLAINT_INVALID, path, 0, "expected %s for \"%.*s\"%s%s, found %s",
                        expected, XP_SHOW(name), part != NULL ? " of " : "", part != NULL ? part : "", text.data);
}

/* ---- vocabulary ---- */

explaint_status xp_draft_pieces(xp_draft *draft, size_t n) {
    draft->piece = xp_calloc(n, sizeof *draft->piece);
    if (draft->piece == NULL) return no_memory(draft);
    draft->piece_capacity = draft->t->n_vocabulary = draft->n_distinct = n;
    return EXPLAINT_OK;
}

explaint_status xp_draft_vocabulary(xp_draft *draft) {
    explaint_tokenizer *t = draft->t;
    size_t first, second; /* all readers give each piece once */
    t->n_pieces = t->n_vocabulary;
    return xp_trie_build(&t->vocabulary, draft->piece, t->n_vocabulary, &first, &second) ? EXPLAINT_OK
                                                                                         : no_memory(draft);
}

explaint_status xp_draft_wordpiece(xp_draft *draft, xp_view prefix, size_t max_characters, xp_view unknown) {
    explaint_tokenizer *t = draft->t;
    const int32_t id = xp_trie_find(&t->vocabulary, unknown);
    if (id < 0)
        return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0,
                       "the piece for unknown words, \"%.*s\", is not in the vocabulary", XP_SHOW(unknown));
    t->unknown = id;
    return xp_wordpiece_create(&t->vocabulary, prefix, max_characters, id, &t->model) ? EXPLAINT_OK : no_memory(draft);
}

/* ---- added tokens ---- */

explaint_status xp_draft_add(xp_draft *draft, xp_candidate candidate) {
    if (candidate.content.length == 0)
        return xp_fail(draft->error, EXPLAINT_INVALID, candidate.path, 0, "an added token is empty");
    xp_candidate *place =
        xp_grow((void **)&draft->candidate, draft->n_candidates, &draft->candidate_capacity, sizeof *place);
    if (place == NULL) return no_memory(draft);
    candidate.place = draft->n_candidates++;
    *place = candidate;
    return EXPLAINT_OK;
}

static int by_turn(const void *a, const void *b) {
    const xp_candidate *x = a, *y = b;
    if (x->batch != y->batch) return x->batch < y->batch ? -1 : 1;
    if (x->batch == XP_LISTED && x->id != y->id) return x->id < y->id ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int compare(xp_view a, xp_view b) {
    const int order = memcmp(a.data, b.data, a.length < b.length ? a.length : b.length);
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int by_content(const void *a, const void *b) {
    const xp_candidate *x = a, *y = b;
    const int order = compare(x->content, y->content);
    return order != 0 ? order : by_turn(a, b);
}

/* Candidates of the same content, in turn: the last one says how the token behaves, the first one when it is added. */
typedef struct group {
    const xp_candidate *first;
    size_t n;
} group;

static int by_first(const void *a, const void *b) {
    return by_turn(((const group *)a)->first, ((const group *)b)->first);
}

static xp_added token_of(const xp_draft *draft, const group *g) {
    bool role = false, declared = false, ever = false; /* ever special, which stays so for split_special_tokens */
    const xp_candidate *last = g->first;
    for (const xp_candidate *c = g->first; c < g->first + g->n; c++) {
        role |= c->role;
        declared |= c->declared;
        if (c->batch == XP_ROLE && last->batch != XP_ROLE) continue; /* not added */
        ever |= c->token.special;
        last = c;
    }
    xp_added token = last->token;
    if (last->unsaid) {
        token.special = declared;
        token.normalized = !declared;
    }
    if (role && last->batch != XP_FROM_FILE) token.special = true;
    if (last->open) token.normalized = !token.special;
    token.passed_over = draft->splits_special && (ever || token.special);
    return token;
}

/* Hugging Face gives an added token the id that its content has in the vocabulary, or the next one behind it, whatever the files
 * say. A file that says something else was made by hand, and its model expects other ids than it would get. */
static explaint_status check_ids(const xp_draft *draft, const group *g, size_t id, bool known) {
    for (const xp_candidate *c = g->first; c < g->first + g->n; c++)
        if (c->id != XP_ANY_ID && c->id != id)
            return xp_fail(draft->error, EXPLAINT_INVALID, c->path, 0,
                           "expected the id %zu for the added token \"%.*s\" (%s), found %zu", id, XP_SHOW(c->content),
                           known ? "it has that in the vocabulary" : "the next one after the vocabulary", c->id);
    return EXPLAINT_OK;
}

static explaint_status number(xp_draft *draft, const group *g) {
    explaint_tokenizer *t = draft->t;
    const xp_view content = g->first->content;
    const int32_t known = xp_trie_find(&t->vocabulary, content);
    const size_t id = known >= 0 ? (size_t)known : t->n_pieces;
    explaint_status status = check_ids(draft, g, id, known >= 0);
    if (status != EXPLAINT_OK) return status;
    if (known < 0 && draft->n_distinct != t->n_vocabulary)
        return xp_fail(
            draft->error, EXPLAINT_INVALID, draft->path, 0,
            "the added token \"%.*s\" has no id of its own, as there are equal lines, and the next id is that of "
            "a piece; remove empty lines at the end",
            XP_SHOW(content));
    if (known < 0) draft->piece[t->n_pieces++] = content;
    t->added[t->n_added] = token_of(draft, g);
    t->added[t->n_added].id = (int32_t)id;
    draft->content[t->n_added++] = content;
    return EXPLAINT_OK;
}

static bool room_for_added(xp_draft *draft, size_t n) {
    explaint_tokenizer *t = draft->t;
    t->added = xp_alloc(n, sizeof *t->added);
    draft->content = xp_alloc(n, sizeof *draft->content);
    if (t->added == NULL || draft->content == NULL) return false;
    if (t->n_pieces + n <= draft->piece_capacity) return true;
    xp_view *piece = xp_realloc(draft->piece, t->n_pieces + n, sizeof *piece);
    if (piece == NULL) return false;
    draft->piece = piece;
    draft->piece_capacity = t->n_pieces + n;
    return true;
}

explaint_status xp_draft_number(xp_draft *draft) {
    size_t n = 0;
    group *list = xp_alloc(draft->n_candidates, sizeof *list);
    if (list == NULL || !room_for_added(draft, draft->n_candidates)) {
        xp_free(list);
        return no_memory(draft);
    }
    if (draft->n_candidates > 0) qsort(draft->candidate, draft->n_candidates, sizeof *draft->candidate, by_content);
    for (size_t i = 0; i < draft->n_candidates; i++) {
        const xp_candidate *c = &draft->candidate[i], *before = n > 0 ? list[n - 1].first : NULL;
        if (before != NULL && compare(before->content, c->content) == 0)
            list[n - 1].n++;
        else
            list[n++] = (group){c, 1};
    }
    if (n > 0) qsort(list, n, sizeof *list, by_first);
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) status = number(draft, &list[i]);
    xp_free(list);
    return status;
}

int32_t xp_draft_id(const xp_draft *draft, xp_view content) {
    const explaint_tokenizer *t = draft->t;
    int32_t id = xp_trie_find(&t->vocabulary, content);
    for (size_t i = 0; id < 0 && i < t->n_added; i++)
        if (compare(draft->content[i], content) == 0) id = t->added[i].id;
    return id;
}

static int find_content(const void *key, const void *item) {
    return compare(*(const xp_view *)key, ((const xp_candidate *)item)->content);
}

bool xp_draft_adds(const xp_draft *draft, xp_view content) {
    return draft->n_candidates > 0 && content.length > 0 &&
           bsearch(&content, draft->candidate, draft->n_candidates, sizeof *draft->candidate, find_content) != NULL;
}

explaint_status xp_draft_special(xp_draft *draft, int32_t id, bool after) {
    int32_t **list = after ? &draft->t->after : &draft->t->before;
    size_t *n = after ? &draft->t->n_after : &draft->t->n_before;
    int32_t *more = xp_realloc(*list, *n + 1, sizeof *more);
    if (more == NULL) return no_memory(draft);
    *list = more;
    more[(*n)++] = id;
    return EXPLAINT_OK;
}

explaint_status xp_draft_trim(xp_draft *draft, xp_trim trim) {
    explaint_tokenizer *t = draft->t;
    if (t->n_trims == XP_TRIMS)
        return xp_fail(draft->error, EXPLAINT_INVALID, draft->path, 0,
                       "the post_processor trims places more than %d times", XP_TRIMS);
    t->trim[t->n_trims++] = trim;
    return EXPLAINT_OK;
}

/* ---- what the search needs ---- */

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

/* How an added token is decoded: normalized, where that changes it. */
static bool keep_spelling(const xp_draft *draft, size_t i, const xp_placed *normal) {
    if (compare(draft->content[i], (xp_view){normal->text, normal->length}) == 0) return true;
    draft->t->added[i].spelled = xp_strndup(normal->text, normal->length);
    return draft->t->added[i].spelled != NULL;
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
            status = xp_normalizer_run(&t->normalizer, c.data, 0, c.length, &scratch, draft->error);
            if (status != EXPLAINT_OK) break;
            c = (xp_view){NULL, scratch.now.length}; /* where it lies is known once the pool stands still */
            if (c.length > 0) xp_text_add(&pool, scratch.now.text, c.length);
            made = c.length == 0 || keep_spelling(draft, i, &scratch.now);
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

xp_blanks xp_tokenizer_blanks(const char *text, size_t length) {
    xp_blanks blanks = {0};
    size_t run = 0, count = 0; /* white space so far at the end; characters */
    for (size_t i = 0; i < length; i += xp_unicode_step(text[i])) {
        uint32_t point = xp_unicode_decode(text + i);
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
        xp_blanks blanks = xp_tokenizer_blanks(t->piece[i], strlen(t->piece[i]));
        n += t->blank[i] = blanks.leading + blanks.trailing > 0;
    }
    if (n == 0) {
        xp_free(t->blank);
        t->blank = NULL;
    }
    return true;
}

explaint_status xp_draft_finish(xp_draft *draft) {
    explaint_tokenizer *t = draft->t;
    xp_normalizer_ready(&t->normalizer);
    if (!copy_pieces(draft) || (t->n_trims > 0 && !mark_blanks(t))) return no_memory(draft);
    explaint_status status = index_added(draft, false, &t->raw, &t->raw_place);
    return status == EXPLAINT_OK ? index_added(draft, true, &t->normalized, &t->normalized_place) : status;
}

/* ---- notes ---- */

bool xp_draft_note_chat(xp_draft *draft, const char *where) {
    return xp_strings_addf(&draft->t->notes, "%s has a chat template, which is never applied: texts go in as they are",
                           where);
}
