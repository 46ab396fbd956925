#include "attention/corpus.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "text/texts.h"

static void forget(xp_encoded_text *t) {
    xp_free(t->states);
    xp_free(t->maps);
    t->states = t->maps = NULL;
}

void xp_corpus_forget(xp_corpus *c, size_t first, size_t n) {
    for (size_t i = first; i < first + n; i++) forget(&c->text[i]);
}

void xp_corpus_free(xp_corpus *c) {
    for (size_t i = 0; i < c->n_texts; i++) {
        forget(&c->text[i]);
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

/* The encoding's lists become the text's. */
static void keep(xp_corpus *c, explaint_encoding *e) {
    xp_encoded_text *t = &c->text[c->n_texts++];
    *t = (xp_encoded_text){
        .n = e->n, .id = e->id, .begin = e->begin, .end = e->end, .word = e->word, .special = e->special};
    if (c->causal) t->special[0] = 1; /* what every row sees is where attention goes that has no aim */
    c->n_rows += e->n;
    c->cut += e->cut > 0;
    if (e->n > c->longest) c->longest = e->n;
    *e = (explaint_encoding){0};
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
    if (c->text == NULL) return xp_no_memory(error, "the pieces of texts");
    explaint_encoding e = {0};
    explaint_encode_options how = {.truncate = o->truncate};
    if (how.truncate > info->n_positions) how.truncate = info->n_positions;
    explaint_status status = EXPLAINT_OK;
    for (size_t i = o->first; i < n && status == EXPLAINT_OK; i++) {
        size_t length = 0;
        const char *text = explaint_texts_text(texts, i, &length);
        char why[256] = "";
        explaint_error inner = {0};
        if ((o->rows > 0 && c->n_rows >= o->rows) || (o->most_texts > 0 && c->n_texts == o->most_texts)) break;
        if (among(o->without, text, length)) continue;
        status = explaint_tokenizer_encode(tokenizer, text, length, &how, &e, &inner);
        if (status == EXPLAINT_FAILED) {
            if (error != NULL) *error = inner;
            break;
        }
        if (status == EXPLAINT_OK && e.n < o->exactly) continue;
        if (status != EXPLAINT_OK)
            snprintf(why, sizeof why, "%.250s", inner.message);
        else if (e.n == 0)
            snprintf(why, sizeof why, "expected a text, found no token");
        else if (e.n > info->n_positions)
            snprintf(why, sizeof why,
                     "expected at most %zu pieces, the positions of %.60s, found %zu; shorten it, or give "
                     "--truncate %zu",
                     info->n_positions, info->name, e.n, info->n_positions);
        if (why[0] == 0)
            keep(c, &e);
        else
            status = xp_texts_refuse(explaint_texts_path(texts), texts->by_line, i, why, error);
    }
    explaint_encoding_free(&e);
    if (status != EXPLAINT_OK) xp_corpus_free(c);
    return status;
}

typedef struct look {
    xp_corpus *corpus;
    size_t first;
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
    const size_t size = l->corpus->n_heads * n * n;
    memcpy(l->corpus->text[l->first + text].maps + (layer - 1) * size, maps, size * sizeof *maps);
    return true;
}

explaint_status xp_corpus_run(xp_corpus *c, const explaint_model *model, size_t first, size_t n, bool maps,
                              const explaint_observer *beside, unsigned threads, explaint_error *error) {
    look l = {c, first, beside};
    const explaint_observer observer = {.self = &l,
                                        .hidden = keep_states,
                                        .attention = maps ? keep_maps : NULL,
                                        .attention_rows = beside != NULL ? pass_rows : NULL};
    explaint_ids *ids = xp_alloc(n, sizeof *ids);
    explaint_status status = ids == NULL ? xp_no_memory(error, "the states of texts") : EXPLAINT_OK;
    for (size_t i = 0; i < n && status == EXPLAINT_OK; i++) {
        xp_encoded_text *t = &c->text[first + i];
        ids[i] = (explaint_ids){t->id, t->n};
        if (t->states == NULL) t->states = xp_alloc((c->n_layers + 1) * t->n, c->width * sizeof *t->states);
        if (maps && t->maps == NULL) t->maps = xp_alloc(c->n_layers * c->n_heads, t->n * t->n * sizeof *t->maps);
        if (t->states == NULL || (maps && t->maps == NULL)) status = xp_no_memory(error, "the states of texts");
    }
    if (status == EXPLAINT_OK) status = explaint_model_run(model, ids, n, &observer, threads, error);
    xp_free(ids);
    return status;
}
