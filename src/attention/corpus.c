#include "attention/corpus.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/session.h"
#include "text/texts.h"

static const char what[] = "the pieces of texts";

static void forget(xp_encoded_text *t) {
    xp_free_all(t->states, t->maps);
    t->states = t->maps = NULL;
}

void xp_corpus_forget(xp_corpus *c, size_t first, size_t n) {
    for (size_t i = first; i < first + n; i++) forget(&c->text[i]);
}

void xp_corpus_free(xp_corpus *c) {
    for (size_t i = 0; i < c->n_texts; i++) {
        forget(&c->text[i]);
        xp_sides_free(&c->text[i].side);
        xp_free(c->text[i].id);
    }
    xp_free(c->text);
    *c = (xp_corpus){0};
}

static bool among(const explaint_texts *texts, const char *text, size_t length) {
    for (size_t i = 0; texts != NULL && i < explaint_texts_n(texts); i++) {
        size_t other = 0;
        const char *candidate = explaint_texts_text(texts, i, &other);
        if (other == length && memcmp(candidate, text, length) == 0) return true;
    }
    return false;
}

/* What the rows of its map are. */
static bool read_sides(const xp_corpus *c, explaint_encoding *e, const char *text, const xp_sides_how *how,
                       xp_sides *side) {
    if (c->causal) e->special[0] = 1; /* what every row sees is where attention goes that has no aim */
    return xp_sides_create(
        &(xp_sides_pieces){.n = e->n, .id = e->id, .word = e->word, .begin = e->begin, .special = e->special}, text,
        how, side);
}

/* How many pieces have so many rows; special tokens at the end stay there. */
static size_t pieces_of(const xp_sides *s, size_t rows) {
    size_t last = 0;
    while (last < rows && s->special[s->n - 1 - last]) last++;
    return s->end[rows - last - 1] + last;
}

/* The encoding's lists and the sides become the text's. */
static void keep(xp_corpus *c, explaint_encoding *e, xp_sides *side) {
    xp_encoded_text *t = &c->text[c->n_texts++];
    *t = (xp_encoded_text){.n = e->n,
                           .id = e->id,
                           .begin = e->begin,
                           .end = e->end,
                           .word = e->word,
                           .special = e->special,
                           .side = *side};
    c->n_rows += e->n;
    c->n_sides += side->n;
    if (side->n > c->most_sides) c->most_sides = side->n;
    c->folds = c->folds || !side->same;
    c->cut += e->cut > 0;
    if (e->n > c->longest) c->longest = e->n;
    *e = (explaint_encoding){0};
    *side = (xp_sides){0};
}

/* Words have the same numbers in all texts. */
static bool number_words(const xp_corpus *c) {
    xp_sides **side = xp_alloc(c->n_texts, sizeof *side);
    const int32_t **pieces = xp_alloc(c->n_texts, sizeof *pieces);
    bool ok = side != NULL && pieces != NULL;
    for (size_t t = 0; ok && t < c->n_texts; t++) {
        side[t] = &c->text[t].side;
        pieces[t] = c->text[t].id;
    }
    ok = ok && xp_sides_number(c->n_texts, side, pieces, (int32_t)explaint_model_describe(c->model)->vocabulary);
    xp_free_all(side, pieces);
    return ok;
}

/* Of one text, cut to o->sides rows if there are more. The error says why, without the file. */
static explaint_status encode(const xp_corpus *c, const explaint_tokenizer *tokenizer, const xp_corpus_options *o,
                              xp_view text, explaint_encoding *e, xp_sides *side, explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(c->model);
    explaint_encode_options how = {.truncate = o->truncate < info->n_positions ? o->truncate : info->n_positions};
    explaint_status status = explaint_tokenizer_encode(tokenizer, text.data, text.length, &how, e, error);
    if (status != EXPLAINT_OK || e->n == 0) return status;
    if (!read_sides(c, e, text.data, &o->read, side)) return xp_no_memory(error, what);
    if (o->sides == 0 || side->n <= o->sides) return status;
    how.truncate = pieces_of(side, o->sides);
    xp_sides_free(side);
    status = explaint_tokenizer_encode(tokenizer, text.data, text.length, &how, e, error);
    if (status == EXPLAINT_OK && !read_sides(c, e, text.data, &o->read, side)) return xp_no_memory(error, what);
    return status;
}

/* Why a text is refused; nothing: it is not. */
static void refuse(const xp_corpus *c, const explaint_encoding *e, const xp_sides *side, char *why, size_t size) {
    const explaint_model_info *info = explaint_model_describe(c->model);
    if (e->n == 0)
        snprintf(why, size, "expected a text, found no token");
    else if (side->n == 0)
        snprintf(why, size, "expected a word, found special tokens alone, which are left out");
    else if (e->n > info->n_positions)
        snprintf(why, size,
                 "expected at most %zu pieces, the positions of %.60s, found %zu; shorten it, or give --truncate %zu",
                 info->n_positions, info->name, e->n, info->n_positions);
}

explaint_status xp_corpus_encode(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                 const explaint_texts *texts, const xp_corpus_options *o, xp_corpus *c,
                                 explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(model);
    const size_t n = explaint_texts_n(texts);
    *c = (xp_corpus){.model = model,
                     .n_layers = info->n_layers,
                     .n_heads = info->n_heads,
                     .width = info->width,
                     .causal = info->causal};
    c->text = xp_calloc(n, sizeof *c->text);
    if (c->text == NULL) return xp_no_memory(error, what);
    explaint_encoding e = {0};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = o->first; i < n && status == EXPLAINT_OK; i++) {
        xp_view text;
        text.data = explaint_texts_text(texts, i, &text.length);
        char why[256] = "";
        explaint_error inner = {0};
        xp_sides side = {0};
        if ((o->rows > 0 && c->n_rows >= o->rows) || (o->most_texts > 0 && c->n_texts == o->most_texts)) break;
        if (among(o->without, text.data, text.length)) continue;
        status = encode(c, tokenizer, o, text, &e, &side, &inner);
        if (status == EXPLAINT_FAILED) {
            if (error != NULL) *error = inner;
        } else if (status != EXPLAINT_OK) {
            snprintf(why, sizeof why, "%.250s", inner.message);
        } else if (o->sides == 0 || side.n == o->sides) {
            refuse(c, &e, &side, why, sizeof why);
            if (why[0] == 0) {
                xp_unknown_count(&c->unknown, tokenizer, &e);
                keep(c, &e, &side);
            }
        }
        xp_sides_free(&side);
        if (why[0] != 0) status = xp_texts_refuse(explaint_texts_path(texts), texts->by_line, i, why, error);
    }
    explaint_encoding_free(&e);
    if (status == EXPLAINT_OK && !number_words(c)) status = xp_no_memory(error, what);
    if (status != EXPLAINT_OK) xp_corpus_free(c);
    return status;
}

bool xp_corpus_sides(const xp_encoded_text *t, const char *spelled, const xp_sides_how *how, xp_sides *sides) {
    return xp_sides_create(
        &(xp_sides_pieces){.n = t->n, .id = t->id, .word = t->word, .begin = t->begin, .special = t->special}, spelled,
        how, sides);
}

xp_view xp_corpus_spelled(const xp_encoded_text *t, const char *spelled, size_t begin, size_t end) {
    if (t->word[begin] < 0) return (xp_view){spelled, 0};
    return xp_view_trim((xp_view){spelled + t->begin[begin], t->end[end - 1] - t->begin[begin]});
}

void xp_corpus_word(const xp_corpus *c, size_t text, size_t k, double *row, double *scratch) {
    const xp_encoded_text *t = &c->text[text];
    const size_t begin = t->side.begin[k], end = t->side.end[k];
    xp_model_word(c->model, t->id[begin], row);
    for (size_t i = begin + 1; i < end; i++) {
        xp_model_word(c->model, t->id[i], scratch);
        for (size_t j = 0; j < c->width; j++) row[j] += scratch[j];
    }
    for (size_t j = 0; end - begin > 1 && j < c->width; j++) row[j] /= (double)(end - begin);
}

typedef struct look {
    xp_corpus *corpus;
    size_t first;
    bool maps; /* are kept */
    const explaint_observer *beside;
} look;

static bool keep_states(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const look *l = self;
    const size_t size = n * l->corpus->width;
    memcpy(l->corpus->text[l->first + text].states + layer * size, rows, size * sizeof *rows);
    return l->beside == NULL || l->beside->hidden(l->beside->self, text, layer, n, rows);
}

static bool pass_rows(void *self, const explaint_attention_rows *rows) {
    const look *l = self;
    return l->beside->attention_rows(l->beside->self, rows);
}

static bool keep_maps(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const look *l = self;
    const xp_corpus *c = l->corpus;
    const xp_encoded_text *t = &c->text[l->first + text];
    const size_t size = t->side.n * t->side.n;
    float *to = t->maps + (layer - 1) * c->n_heads * size;
    if (t->side.same) memcpy(to, maps, c->n_heads * size * sizeof *maps);
    for (size_t h = 0; !t->side.same && h < c->n_heads; h++)
        xp_sides_fold(&t->side, maps + h * n * n, NULL, to + h * size);
    return true;
}

static bool pass_maps(void *self, size_t text, size_t layer, size_t n, const float *maps) {
    const look *l = self;
    if (l->maps && !keep_maps(self, text, layer, n, maps)) return false;
    return l->beside == NULL || l->beside->attention == NULL ||
           l->beside->attention(l->beside->self, text, layer, n, maps);
}

explaint_status xp_corpus_run(xp_corpus *c, const explaint_model *model, size_t first, size_t n, bool maps,
                              const explaint_observer *beside, const xp_run_watcher *watcher, unsigned threads,
                              explaint_error *error) {
    look l = {c, first, maps, beside};
    const explaint_observer observer = {
        .self = &l,
        .hidden = keep_states,
        .attention = maps || (beside != NULL && beside->attention != NULL) ? pass_maps : NULL,
        .attention_rows = beside != NULL && beside->attention_rows != NULL ? pass_rows : NULL};
    explaint_ids *ids = xp_alloc(n, sizeof *ids);
    explaint_status status = ids == NULL ? xp_no_memory(error, "the states of texts") : EXPLAINT_OK;
    for (size_t i = 0; i < n && status == EXPLAINT_OK; i++) {
        xp_encoded_text *t = &c->text[first + i];
        ids[i] = (explaint_ids){t->id, t->n};
        if (t->states == NULL) t->states = xp_alloc((c->n_layers + 1) * t->n, c->width * sizeof *t->states);
        const size_t size = t->side.n * t->side.n;
        if (maps && t->maps == NULL) t->maps = xp_alloc(c->n_layers * c->n_heads, size * sizeof *t->maps);
        if (t->states == NULL || (maps && t->maps == NULL)) status = xp_no_memory(error, "the states of texts");
    }
    if (status == EXPLAINT_OK) status = xp_run_texts(model, ids, n, &observer, watcher, threads, error);
    xp_free(ids);
    return status;
}
