#include "attention/fit.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "model/session.h"
#include "tensor/blas.h"

static const double PENALTIES[] = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
enum { N_PENALTIES = sizeof PENALTIES / sizeof *PENALTIES, CHUNK_ROWS = 1024, INNER = 10 };

/* Sums over rows: of texts that fit while the penalty is chosen, and of those that choose. */
typedef struct sums {
    double n, words_squared;
    double *states, *words; /* width */
    double *gram, *cross;   /* width x width: states by states, words by states */
} sums;

typedef struct part {
    sums of[2];
    double *shuffled; /* words of other rows by states, both sets together */
} part;

typedef struct fit {
    xp_corpus *corpus;
    const bool *layer; /* that are wanted */
    xp_linear_g *g;
    part *part; /* one a layer */
    double *arena;
    uint8_t *inner;    /* texts that choose the penalty */
    int32_t *other_id; /* of each row: the token of another row */
    size_t *first_row; /* of each text */
    size_t first, n;   /* texts of the chunk */
    size_t chunk_rows; /* of the largest chunk */
    double **scratch;  /* one a thread: rows, words of a chunk */
} fit;

static size_t gather(const fit *f, size_t layer, bool inner, bool shuffled, double *rows, double *words) {
    const size_t d = f->corpus->width;
    size_t m = 0;
    for (size_t t = f->first; t < f->first + f->n; t++) {
        const xp_encoded_text *text = &f->corpus->text[t];
        if (f->inner[t] != inner) continue;
        const float *states = xp_corpus_states(f->corpus, t, layer);
        for (size_t i = 0; i < text->n; i++, m++) {
            xp_model_word(f->corpus->model, shuffled ? f->other_id[f->first_row[t] + i] : text->id[i], words + m * d);
            for (size_t j = 0; !shuffled && j < d; j++) rows[m * d + j] = states[i * d + j];
        }
    }
    return m;
}

static bool add_layer(void *self, size_t layer, unsigned worker) {
    const fit *f = self;
    if (!f->layer[layer]) return true;
    const size_t d = f->corpus->width;
    double *rows = f->scratch[worker], *words = rows + f->chunk_rows * d;
    part *p = &f->part[layer];
    for (int inner = 0; inner < 2; inner++) {
        sums *s = &p->of[inner];
        const size_t m = gather(f, layer, inner, false, rows, words);
        if (m == 0) continue;
        s->n += (double)m;
        s->words_squared += xp_dot(m * d, words, words);
        for (size_t i = 0; i < m; i++) {
            xp_axpy(d, 1, rows + i * d, s->states);
            xp_axpy(d, 1, words + i * d, s->words);
        }
        xp_gemm(true, false, d, d, m, 1, rows, d, rows, d, 1, s->gram, d);
        xp_gemm(true, false, d, d, m, 1, words, d, rows, d, 1, s->cross, d);
        gather(f, layer, inner, true, rows, words);
        xp_gemm(true, false, d, d, m, 1, words, d, rows, d, 1, p->shuffled, d);
    }
    return true;
}

/* a += scale x y' */
static void add_outer(size_t d, double scale, const double *x, const double *y, double *a) {
    for (size_t j = 0; j < d; j++) xp_axpy(d, scale * x[j], y, a + j * d);
}

/* Sums of squares about `mean` and `word_mean` in place of those about 0. */
static void centre(size_t d, sums *s, const double *mean, const double *word_mean) {
    add_outer(d, -1, s->states, mean, s->gram);
    add_outer(d, -1, mean, s->states, s->gram);
    add_outer(d, s->n, mean, mean, s->gram);
    add_outer(d, -1, s->words, mean, s->cross);
    add_outer(d, -1, word_mean, s->states, s->cross);
    add_outer(d, s->n, word_mean, mean, s->cross);
    s->words_squared += s->n * xp_dot(d, word_mean, word_mean) - 2 * xp_dot(d, s->words, word_mean);
}

static double mean_diagonal(size_t d, const double *gram) {
    double sum = 0;
    for (size_t j = 0; j < d; j++) sum += gram[j * d + j];
    return sum > 0 ? sum / (double)d : 1;
}

/* Solves for the rows of `weight` (count x d, given as the right sides) with a copy of the Gram matrix. */
static bool solve(size_t d, const double *gram, double penalty, size_t count, double *weight, double *work) {
    memcpy(work, gram, d * d * sizeof *work);
    for (size_t j = 0; j < d; j++) work[j * d + j] += penalty;
    return xp_solve_positive(d, work, count, weight);
}

/* Squared error of the map on the texts that choose, both centred on the means of those that fit. */
static double error_of(size_t d, const sums *inner, const double *weight, double *work) {
    xp_gemm(false, false, d, d, d, 1, weight, d, inner->gram, d, 0, work, d);
    return inner->words_squared - 2 * xp_dot(d * d, weight, inner->cross) + xp_dot(d * d, weight, work);
}

static double choose(size_t d, const part *p, double *weight, double *work) {
    const double scale = mean_diagonal(d, p->of[0].gram);
    double best = PENALTIES[0], least = INFINITY;
    for (size_t k = 0; k < N_PENALTIES; k++) {
        memcpy(weight, p->of[0].cross, d * d * sizeof *weight);
        if (!solve(d, p->of[0].gram, PENALTIES[k] * scale, d, weight, work)) continue;
        const double squares = error_of(d, &p->of[1], weight, work);
        if (squares < least) {
            least = squares;
            best = PENALTIES[k];
        }
    }
    return best;
}

/* The sums of both sets, about 0 again, are those of all rows: they are added before either is centred. */
static bool finish_layer(void *self, size_t layer, unsigned worker) {
    const fit *f = self;
    if (!f->layer[layer]) return true;
    const size_t d = f->corpus->width, size = d * d;
    xp_linear_g *g = f->g;
    part *p = &f->part[layer];
    sums *fitting = &p->of[0], *choosing = &p->of[1];
    double *mean = g->mean + layer * d, *work = f->scratch[worker];
    double *weight = g->weight[0] + layer * size, *shuffled = g->weight[1] + layer * size;
    double *both_gram = work, *both_cross = both_gram + size, *solving = both_cross + size, *sides = solving + size;
    double *inner_mean = sides + 2 * size, *inner_word = inner_mean + d;
    const double n = fitting->n + choosing->n;
    for (size_t k = 0; k < size; k++) {
        both_gram[k] = fitting->gram[k] + choosing->gram[k];
        both_cross[k] = fitting->cross[k] + choosing->cross[k];
    }
    for (size_t j = 0; j < d; j++) mean[j] = (fitting->states[j] + choosing->states[j]) / n;
    add_outer(d, -n, mean, mean, both_gram);
    add_outer(d, -n, g->word_mean, mean, both_cross);
    add_outer(d, -n, g->word_mean, mean, p->shuffled);
    for (size_t j = 0; j < d; j++) {
        inner_mean[j] = fitting->states[j] / fitting->n;
        inner_word[j] = fitting->words[j] / fitting->n;
    }
    centre(d, fitting, inner_mean, inner_word);
    centre(d, choosing, inner_mean, inner_word);
    g->penalty[layer] = choosing->n > 0 ? choose(d, p, weight, solving) : 1e-3;
    memcpy(sides, both_cross, size * sizeof *sides);
    memcpy(sides + size, p->shuffled, size * sizeof *sides);
    const double penalty = g->penalty[layer] * mean_diagonal(d, both_gram);
    if (!solve(d, both_gram, penalty, 2 * d, sides, solving)) return false;
    memcpy(weight, sides, size * sizeof *weight);
    memcpy(shuffled, sides + size, size * sizeof *shuffled);
    return true;
}

bool xp_linear_g_create(xp_linear_g *g, size_t n_layers, size_t width, size_t n_rows) {
    const size_t layers = n_layers + 1;
    *g = (xp_linear_g){.n_layers = n_layers, .width = width, .n_rows = n_rows};
    g->mean = xp_calloc(layers, width * sizeof *g->mean);
    g->word_mean = xp_calloc(width, sizeof *g->word_mean);
    g->weight[0] = xp_calloc(layers, width * width * sizeof(double));
    g->weight[1] = xp_calloc(layers, width * width * sizeof(double));
    g->penalty = xp_calloc(layers, sizeof *g->penalty);
    return g->mean != NULL && g->word_mean != NULL && g->weight[0] != NULL && g->weight[1] != NULL &&
           g->penalty != NULL;
}

static bool create(fit *f, unsigned threads) {
    const size_t d = f->corpus->width, layers = f->corpus->n_layers + 1, texts = f->corpus->n_texts;
    const size_t a_set = 2 * d + 2 * d * d, a_layer = 2 * a_set + d * d;
    f->part = xp_calloc(layers, sizeof *f->part);
    f->arena = xp_calloc(layers, a_layer * sizeof *f->arena);
    f->inner = xp_calloc(texts, 1);
    f->other_id = xp_alloc(f->corpus->n_rows, sizeof *f->other_id);
    f->first_row = xp_alloc(texts, sizeof *f->first_row);
    f->scratch = xp_calloc(threads, sizeof *f->scratch);
    if (f->part == NULL || f->arena == NULL || f->inner == NULL || f->other_id == NULL || f->first_row == NULL ||
        f->scratch == NULL)
        return false;
    f->chunk_rows = CHUNK_ROWS + f->corpus->longest;
    const size_t rows = 2 * f->chunk_rows * d, solving = 5 * d * d + 2 * d;
    for (unsigned w = 0; w < threads; w++)
        if ((f->scratch[w] = xp_alloc(rows > solving ? rows : solving, sizeof(double))) == NULL) return false;
    double *at = f->arena;
    for (size_t l = 0; l < layers; l++) {
        for (int s = 0; s < 2; s++, at += a_set)
            f->part[l].of[s] = (sums){.states = at, .words = at + d, .gram = at + 2 * d, .cross = at + 2 * d + d * d};
        f->part[l].shuffled = at;
        at += d * d;
    }
    return true;
}

/* Which texts choose, which token a row gets in shuffled pairs, and the mean of word rows. */
static void draw(fit *f, uint64_t seed) {
    const xp_corpus *c = f->corpus;
    xp_rng split = xp_rng_begin(seed, XP_RNG_FIT_SPLIT, 0), pairs = xp_rng_begin(seed, XP_RNG_FIT_PAIRS, 0);
    size_t row = 0;
    memset(f->g->word_mean, 0, c->width * sizeof *f->g->word_mean); /* what was kept of other layers brought the same */
    for (size_t t = 0; t < c->n_texts; t++) {
        f->inner[t] = c->n_texts > 1 && xp_rng_below(&split, INNER) == 0;
        f->first_row[t] = row;
        for (size_t i = 0; i < c->text[t].n; i++) {
            double *word = f->scratch[0];
            xp_model_word(c->model, c->text[t].id[i], word);
            for (size_t j = 0; j < c->width; j++) f->g->word_mean[j] += word[j] / (double)c->n_rows;
            f->other_id[row++] = c->text[t].id[i];
        }
    }
    f->inner[0] = 0;
    for (size_t k = row; k > 1; k--) {
        const size_t other = xp_rng_below(&pairs, k);
        const int32_t moved = f->other_id[k - 1];
        f->other_id[k - 1] = f->other_id[other];
        f->other_id[other] = moved;
    }
}

static explaint_status run(fit *f, unsigned threads, bool (*progress)(void *self, double done), void *self,
                           explaint_error *error) {
    xp_corpus *c = f->corpus;
    explaint_status status = EXPLAINT_OK;
    size_t done = 0;
    for (f->first = 0; f->first < c->n_texts && status == EXPLAINT_OK; f->first += f->n) {
        size_t rows = 0;
        for (f->n = 0; f->first + f->n < c->n_texts && rows < CHUNK_ROWS; f->n++) rows += c->text[f->first + f->n].n;
        status = xp_corpus_run(c, c->model, f->first, f->n, false, NULL, NULL, threads, error);
        const xp_pool_job job = {.n_tasks = c->n_layers + 1, .run = add_layer, .self = f};
        if (status == EXPLAINT_OK && !xp_pool_run(threads, &job)) status = xp_no_thread(error);
        xp_corpus_forget(c, f->first, f->n);
        done += rows;
        if (status == EXPLAINT_OK && progress != NULL && !progress(self, (double)done / (double)c->n_rows))
            status = xp_fail(error, EXPLAINT_INTERRUPTED, NULL, 0, "stopped");
    }
    const xp_pool_job job = {.n_tasks = c->n_layers + 1, .run = finish_layer, .self = f};
    if (status == EXPLAINT_OK && !xp_pool_run(threads, &job))
        status = xp_fail(error, EXPLAINT_FAILED, NULL, 0, "the linear map has no solution: states are not finite");
    return status;
}

explaint_status xp_fit_linear(xp_corpus *corpus, const bool *layer, uint64_t seed, unsigned threads,
                              bool (*progress)(void *self, double done), void *self, xp_linear_g *g,
                              explaint_error *error) {
    fit f = {.corpus = corpus, .layer = layer, .g = g};
    threads = xp_pool_threads(threads);
    xp_blas_single_thread();
    explaint_status status = EXPLAINT_OK;
    if (!create(&f, threads)) {
        status = xp_no_memory(error, "the linear maps");
    } else {
        draw(&f, seed);
        status = run(&f, threads, progress, self, error);
    }
    for (unsigned w = 0; f.scratch != NULL && w < threads; w++) xp_free(f.scratch[w]);
    xp_free_all(f.scratch, f.part, f.arena, f.inner, f.other_id, f.first_row);
    return status;
}

void xp_linear_g_apply(const xp_linear_g *g, size_t layer, bool shuffled, size_t n, const double *states,
                       double *rows) {
    enum { TOGETHER = 64 }; /* columns: a few lines of the cache of each row */
    const size_t d = g->width;
    const double *weight = g->weight[shuffled] + layer * d * d, *mean = g->mean + layer * d;
    xp_gemm(false, true, n, d, d, 1, states, d, weight, d, 0, rows, d);
    for (size_t first = 0; first < d; first += TOGETHER) {
        const size_t many = d - first < TOGETHER ? d - first : TOGETHER;
        double shift[TOGETHER];
        for (size_t k = 0; k < many; k++)
            shift[k] = g->word_mean[first + k] - xp_dot(d, weight + (first + k) * d, mean);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < many; k++) rows[i * d + first + k] += shift[k];
    }
}

void xp_linear_g_free(xp_linear_g *g) {
    xp_free_all(g->mean, g->word_mean, g->weight[0], g->weight[1], g->penalty);
    *g = (xp_linear_g){0};
}
