/* The model over all texts in which words stand; what its layers hold there, pooled. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "embed/embedding.h"
#include "embed/prototypes.h"
#include "tensor/blas.h"
#include "text/pieces.h"
#include "text/texts.h"
#include "text/tokenizer.h"

/* Vectors of single contexts that are held at once; a word's own are always held together. */
static const size_t BYTES_AT_ONCE = (size_t)256 << 20;

typedef struct part { /* of a text that belongs to an occurrence */
    size_t first, end;
} part;

typedef struct pass {
    const explaint_model *model;
    const explaint_tokenizer *tokenizer;
    const xp_occurrences *occurrences;
    const xp_view *words;
    const xp_pass_options *options;
    xp_fate *fate;
    explaint_embedding *to;
    size_t most_rows; /* room in to->values, for each layer */
    size_t *row_of;   /* the first row of each word of the block */
    /* a block of words */
    size_t first_word, end_word, first_spot, n_spots;
    size_t *order; /* occurrences of the block by text */
    size_t n_texts;
    size_t *number;   /* of each text that is run */
    size_t *first_of; /* n_texts + 1: its occurrences in `order` */
    xp_view *text;
    explaint_ids *ids;
    xp_pieces pieces;
    part *part;    /* by occurrence of the block */
    float *slot;   /* by occurrence: n_layers x stride */
    size_t states; /* width of a piece's state */
    size_t stride; /* of a vector and what is needed to make it */
} pass;

/* ---- pooling of pieces ---- */

static bool is_pooled(const pass *p, const explaint_encoding *e, const part *at, size_t i) {
    return (i >= at->first && i < at->end) || (p->options->pooled_specials && e->word[i] < 0);
}

static void pool_rows(const pass *p, const explaint_encoding *e, const part *at, const float *rows, float *to) {
    const size_t width = p->states;
    if (p->options->how != XP_POOL_MEAN) {
        const size_t row = p->options->how == XP_POOL_FIRST  ? at->first
                           : p->options->how == XP_POOL_LAST ? at->end - 1
                                                             : at->end;
        memcpy(to, rows + row * width, width * sizeof *to);
        return;
    }
    const bool all = p->options->pooled_specials;
    const size_t from = all ? 0 : at->first, end = all ? e->n : at->end;
    for (size_t d = 0; d < width; d++) {
        double sum = 0;
        size_t n = 0;
        for (size_t i = from; i < end; i++) {
            if (!is_pooled(p, e, at, i)) continue;
            sum += (double)rows[i * width + d];
            n++;
        }
        to[d] = (float)(sum / (double)n);
    }
}

static float *slot_of(const pass *p, size_t occurrence, size_t k) {
    return p->slot + (occurrence * p->options->n_layers + k) * p->stride;
}

static bool hidden(void *self, size_t text, size_t layer, size_t n, const float *rows) {
    const pass *p = self;
    size_t k = 0;
    while (k < p->options->n_layers && p->options->layers[k] != layer) k++;
    if (k == p->options->n_layers) return true;
    for (size_t o = p->first_of[text]; o < p->first_of[text + 1]; o++) {
        const size_t s = p->order[o];
        if (p->part[s].first == p->part[s].end) continue;
        if (p->options->sentence != NULL)
            xp_sentence_vector(p->options->sentence, n, p->part[s].first, rows, slot_of(p, s, k));
        else
            pool_rows(p, &p->pieces.encoding[text], &p->part[s], rows, slot_of(p, s, k));
    }
    return true;
}

/* ---- texts and pieces of a block ---- */

static int by_text(const void *a, const void *b) {
    const size_t *x = a, *y = b; /* text, occurrence */
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    return (x[1] > y[1]) - (x[1] < y[1]);
}

/* Spots of a word come by text already; those of all words are sorted. */
static bool sort_spots(pass *p) {
    size_t(*pair)[2] = xp_alloc(p->n_spots, sizeof *pair);
    if (pair == NULL) return false;
    for (size_t s = 0; s < p->n_spots; s++) {
        pair[s][0] = p->occurrences->occurrence[p->first_spot + s].text;
        pair[s][1] = s;
    }
    qsort(pair, p->n_spots, sizeof *pair, by_text);
    for (size_t s = 0; s < p->n_spots; s++) p->order[s] = pair[s][1];
    xp_free(pair);
    return true;
}

static bool lay_out(pass *p) {
    p->order = xp_alloc(p->n_spots, sizeof *p->order);
    p->number = xp_alloc(p->n_spots, sizeof *p->number);
    p->first_of = xp_alloc(p->n_spots + 1, sizeof *p->first_of);
    p->text = xp_alloc(p->n_spots, sizeof *p->text);
    p->ids = xp_alloc(p->n_spots, sizeof *p->ids);
    p->part = xp_alloc(p->n_spots, sizeof *p->part);
    size_t cells;
    if (!xp_mul_overflows(p->n_spots, p->options->n_layers * p->stride, &cells))
        p->slot = xp_alloc(cells, sizeof *p->slot);
    if (p->order == NULL || p->number == NULL || p->first_of == NULL || p->text == NULL || p->ids == NULL ||
        p->part == NULL || p->slot == NULL)
        return false;
    if (!sort_spots(p)) return false;
    p->n_texts = 0;
    for (size_t o = 0; o < p->n_spots; o++) {
        const size_t t = p->occurrences->occurrence[p->first_spot + p->order[o]].text;
        if (o > 0 && p->number[p->n_texts - 1] == t) continue;
        p->number[p->n_texts] = t;
        p->text[p->n_texts] = p->occurrences->text[t];
        p->first_of[p->n_texts++] = o;
    }
    p->first_of[p->n_texts] = p->n_spots;
    return true;
}

/* Whether a piece has more of the text than the word: blanks around it are no neighbour's, and many pieces begin with one. */
static bool crosses(xp_view text, size_t begin, size_t end, const xp_occurrence *occurrence) {
    bool seen;
    for (size_t blank; begin < occurrence->begin; begin += blank) {
        blank = xp_blank(text.data + begin, occurrence->begin - begin, &seen);
        if (blank == 0) return true;
    }
    for (size_t at = occurrence->end, blank; at < end; at += blank) {
        blank = xp_blank(text.data + at, end - at, &seen);
        if (blank == 0) return true;
    }
    return false;
}

/* Pieces that share a byte with the occurrence. */
static part part_of(const pass *p, xp_view text, const explaint_encoding *e, const xp_occurrence *occurrence,
                    xp_fate *fate) {
    part at = {0, 0};
    if (p->options->sentence != NULL) return (part){p->options->skip, e->n};
    for (size_t i = 0; i < e->n; i++) {
        if (e->word[i] < 0 || e->begin[i] >= occurrence->end || e->end[i] <= occurrence->begin) continue;
        if (at.first == at.end) at.first = i;
        at.end = i + 1;
        fate->crossed = fate->crossed || crosses(text, e->begin[i], e->end[i], occurrence);
        fate->unknown = fate->unknown || e->id[i] == p->tokenizer->unknown;
    }
    return at;
}

/* The first row of a decoder has seen nothing but itself; behind the last one there is none. */
static void look_at_row(const pass *p, size_t n, part *at, xp_fate *fate) {
    const xp_pool_how how = p->options->how;
    const size_t row = how == XP_POOL_NEXT ? at->end : how == XP_POOL_LAST ? at->end - 1 : at->first;
    fate->begins = fate->begins || (row == 0 && explaint_model_describe(p->model)->causal);
    if (row < n) return;
    fate->ends = true;
    at->end = at->first;
}

static void find_parts(pass *p) {
    for (size_t t = 0; t < p->n_texts; t++) {
        const explaint_encoding *e = &p->pieces.encoding[t];
        p->ids[t] = (explaint_ids){e->id, e->n};
        for (size_t o = p->first_of[t]; o < p->first_of[t + 1]; o++) {
            const size_t s = p->order[o];
            const xp_occurrence *occurrence = &p->occurrences->occurrence[p->first_spot + s];
            xp_fate *fate = &p->fate[occurrence->word];
            p->part[s] = part_of(p, p->text[t], e, occurrence, fate);
            const size_t n = p->part[s].end - p->part[s].first;
            if (n > fate->n_pieces) fate->n_pieces = n;
            if (n > 0) look_at_row(p, e->n, &p->part[s], fate);
            fate->n_contexts += p->part[s].first < p->part[s].end;
        }
    }
}

/* ---- contexts to rows ---- */

typedef struct contexts { /* of one word in one layer */
    const pass *pass;
    size_t word, k;
} contexts;

/* The i-th context that has a piece of the word. */
static const float *context_row(const void *self, size_t i) {
    const contexts *c = self;
    const pass *p = c->pass;
    size_t s = p->occurrences->first[c->word] - p->first_spot;
    for (;; s++)
        if (p->part[s].first < p->part[s].end && i-- == 0) break;
    return slot_of(p, s, c->k);
}

static void mean_row(const contexts *c, size_t n, float *to) {
    const pass *p = c->pass;
    const size_t width = p->to->width;
    if (n == 1) {
        memcpy(to, context_row(c, 0), width * sizeof *to);
        return;
    }
    for (size_t d = 0; d < width; d++) {
        double sum = 0;
        for (size_t s = p->occurrences->first[c->word]; s < p->occurrences->first[c->word + 1]; s++) {
            const part *at = &p->part[s - p->first_spot];
            if (at->first < at->end) sum += (double)slot_of(p, s - p->first_spot, c->k)[d];
        }
        to[d] = (float)(sum / (double)n);
    }
}

static bool reduce(void *self, size_t task, unsigned worker) {
    pass *p = self;
    const size_t word = p->first_word + task, n = p->fate[word].n_contexts;
    (void)worker;
    if (n == 0) return true;
    for (size_t k = 0; k < p->options->n_layers; k++) {
        const contexts c = {p, word, k};
        float *to = p->to->values + (k * p->most_rows + p->row_of[task]) * p->to->width;
        if (p->options->prototypes == 0)
            mean_row(&c, n, to);
        else if (xp_prototypes(n, p->to->width, context_row, &c, p->options->prototypes, p->options->seed,
                               xp_embedding_stream(p->words[word]), to) == 0)
            return false;
    }
    return true;
}

static void add_rows(pass *p) {
    for (size_t word = p->first_word; word < p->end_word; word++) {
        const xp_fate *fate = &p->fate[word];
        const size_t most = p->options->prototypes > 0 ? p->options->prototypes : 1;
        p->row_of[word - p->first_word] = p->to->n_rows;
        for (size_t i = 0; i < most && i < fate->n_contexts; i++)
            p->to->row[p->to->n_rows++] = (xp_embed_row){word, fate->n_pieces, fate->n_contexts};
    }
}

/* ---- blocks ---- */

static void free_block(pass *p) {
    xp_free_all(p->order, p->number, p->first_of, p->text, p->ids, p->part, p->slot);
    xp_pieces_free(&p->pieces);
    p->order = p->number = p->first_of = NULL;
    p->text = NULL;
    p->ids = NULL;
    p->part = NULL;
    p->slot = NULL;
}

/* What the tokenizer here cannot do as the reference does it, and a text whose pieces are all the prompt's. */
static explaint_status check_texts(const pass *p, explaint_error *error) {
    const xp_pass_options *o = p->options;
    for (size_t t = 0; t < p->n_texts; t++) {
        const explaint_encoding *e = &p->pieces.encoding[t];
        const char *why = o->sentence->cuts_begin && e->cut > 0
                              ? "expected a text that is not cut: its beginning would go (truncation_side is left), "
                                "which is not implemented; shorten it"
                          : e->n <= o->skip ? "expected pieces beside those of the prompt, which are not pooled "
                                              "(include_prompt is false), found none"
                                            : NULL;
        if (why != NULL) return xp_texts_refuse(o->path, o->by_line, p->number[t], why, error);
    }
    return EXPLAINT_OK;
}

static explaint_status run_block(pass *p, explaint_error *error) {
    const xp_pass_options *o = p->options;
    if (!lay_out(p)) return xp_no_memory(error, "the vectors of words");
    const xp_piece_options how = {.most = o->most,
                                  .truncate = o->truncate,
                                  .no_special_tokens = o->no_specials,
                                  .threads = o->threads,
                                  .path = o->path,
                                  .by_line = o->by_line,
                                  .number = p->number};
    explaint_status status = xp_pieces_of(p->tokenizer, p->text, p->n_texts, &how, &p->pieces, error);
    if (status != EXPLAINT_OK) return status;
    p->to->n_cut += p->pieces.n_cut;
    if (o->sentence != NULL) status = check_texts(p, error);
    if (status != EXPLAINT_OK) return status;
    for (size_t t = 0; o->sentence != NULL && t < p->n_texts; t++)
        xp_unknown_count(&p->to->unknown, p->tokenizer, &p->pieces.encoding[t]);
    find_parts(p);
    const explaint_observer watch = {.self = p, .hidden = hidden};
    status = explaint_model_run(p->model, p->ids, p->n_texts, &watch, o->threads, error);
    if (status != EXPLAINT_OK) return status;
    add_rows(p);
    const xp_pool_job work = {.n_tasks = p->end_word - p->first_word, .run = reduce, .self = p};
    return xp_pool_run(xp_pool_threads(o->threads), &work) ? EXPLAINT_OK : xp_no_memory(error, "prototypes");
}

/* Rows that did not come about leave no gap between the layers. */
static void close_up(const pass *p) {
    const size_t size = p->to->n_rows * p->to->width;
    for (size_t k = 1; k < p->options->n_layers; k++)
        memmove(p->to->values + k * size, p->to->values + k * p->most_rows * p->to->width, size * sizeof(float));
}

static explaint_status make_room(pass *p, size_t n_words, explaint_error *error) {
    const size_t most = p->options->prototypes > 0 ? p->options->prototypes : 1;
    size_t cells = 0;
    for (size_t w = 0; w < n_words; w++) {
        const size_t n = p->occurrences->first[w + 1] - p->occurrences->first[w];
        p->most_rows += n < most ? n : most;
    }
    if (!xp_mul_overflows(p->most_rows, p->options->n_layers * p->to->width, &cells))
        p->to->values = xp_alloc(cells, sizeof *p->to->values);
    p->to->row = xp_alloc(p->most_rows, sizeof *p->to->row);
    p->row_of = xp_alloc(n_words, sizeof *p->row_of);
    return p->to->values != NULL && p->to->row != NULL && p->row_of != NULL
               ? EXPLAINT_OK
               : xp_no_memory(error, "the vectors of words");
}

explaint_status xp_pass(const explaint_model *model, const explaint_tokenizer *tokenizer,
                        const xp_occurrences *occurrences, const xp_view *words, size_t n_words,
                        const xp_pass_options *options, xp_fate *fate, explaint_embedding *embedding,
                        explaint_error *error) {
    pass p = {.model = model,
              .tokenizer = tokenizer,
              .occurrences = occurrences,
              .words = words,
              .options = options,
              .fate = fate,
              .to = embedding,
              .states = explaint_model_describe(model)->width};
    p.stride = options->sentence != NULL ? options->sentence->room : p.states;
    xp_blas_single_thread();
    explaint_status status = make_room(&p, n_words, error);
    const size_t most = BYTES_AT_ONCE / (options->n_layers * p.stride * sizeof(float));
    for (size_t w = 0; status == EXPLAINT_OK && w < n_words; w = p.end_word) {
        p.first_word = w;
        p.first_spot = occurrences->first[w];
        for (p.end_word = w + 1; p.end_word < n_words; p.end_word++)
            if (occurrences->first[p.end_word + 1] - p.first_spot > most) break;
        p.n_spots = occurrences->first[p.end_word] - p.first_spot;
        if (p.n_spots > 0) status = run_block(&p, error);
        free_block(&p);
    }
    if (status == EXPLAINT_OK) close_up(&p);
    xp_free(p.row_of);
    return status;
}
