/* Description length (Voita & Titov 2020): how many bits it takes to send which features each concept has, to somebody who has the vectors and learns
 * the mapping while reading. An online code over blocks of concepts in a seeded order (docs/methods.md#description-length). */
#include "audit/length.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "stats/codelength.h"
#include "units/columns.h"

/* The ends of the blocks as shares of the concepts: they double, since what is learned from twice as many differs. */
static const double SHARES[XP_LENGTH_BLOCKS] = {.05, .1, .2, .4, .8, 1};

double xp_length_share(size_t block) { return SHARES[block]; }

/* A block's cells, concept by concept. */
typedef struct cells {
    double *score;
    uint8_t *positive;
    size_t n;
} cells;

static bool is_missing(const xp_target *target, size_t row, size_t column, size_t *at) {
    if (target->missing_start == NULL) return false;
    while (*at < target->missing_start[row + 1] && target->missing_column[*at] < column) ++*at;
    return *at < target->missing_start[row + 1] && target->missing_column[*at] == column;
}

/* Appends the observed cells of one concept. */
static void gather(const xp_target *target, size_t i, const double *prediction, cells *c) {
    const xp_csr *y = target->y;
    const size_t row = xp_target_row(target, i);
    size_t at = y->start[row], hole = target->missing_start != NULL ? target->missing_start[row] : 0;
    for (size_t j = 0; j < y->m; j++) {
        while (at < y->start[row + 1] && y->column[at] < j) at++;
        if (is_missing(target, row, j, &hole)) continue;
        c->score[c->n] = prediction[j];
        c->positive[c->n++] = at < y->start[row + 1] && y->column[at] == j && y->value[at] > 0;
    }
}

typedef struct online {
    const xp_design_layer *layer;
    xp_problem problem;
    uint32_t *order, *fold; /* n */
    uint8_t *member;        /* n */
    double *predictions;    /* n x m */
    cells cells;
} online;

/* Fits on the concepts before `from`, and predicts those up to `to`. */
static bool predict(online *o, size_t from, size_t to, explaint_error *error) {
    const xp_study *s = &o->layer->study;
    for (size_t k = 0; k < s->n; k++) {
        o->member[o->order[k]] = k < to;
        o->fold[o->order[k]] = k < from; /* fold 0 is held out, 1 never is */
    }
    xp_scores scores;
    if (!xp_scores_alloc(&scores, s->n, 1, 1)) return false;
    bool ok = xp_evaluate(&o->problem, 1u << o->layer->design->metric, &scores, o->predictions, error);
    xp_scores_free(&scores);
    return ok;
}

/* One code: bits by concept. The first two blocks cost a bit a cell: before them nothing was predicted that could set a scale. */
static bool encode(online *o, const size_t *end, double *bits, explaint_error *error) {
    const xp_study *s = &o->layer->study;
    const size_t m = s->m;
    xp_platt platt = {0, 0}; /* of the block before; at first every cell has probability 1/2 */
    for (size_t b = 0; b < XP_LENGTH_BLOCKS; b++) {
        const size_t from = b > 0 ? end[b - 1] : 0;
        if (b > 0 && !predict(o, from, end[b], error)) return false;
        o->cells.n = 0;
        for (size_t k = from; k < end[b]; k++) {
            const size_t i = o->order[k], before = o->cells.n;
            if (b == 0) memset(o->predictions + i * m, 0, m * sizeof(double));
            gather(&o->problem.target, i, o->predictions + i * m, &o->cells);
            bits[i] = 0;
            for (size_t c = before; c < o->cells.n; c++)
                bits[i] += xp_platt_bits(&platt, o->cells.score[c], o->cells.positive[c]);
        }
        if (b > 0) platt = xp_platt_fit(o->cells.n, o->cells.score, o->cells.positive);
    }
    return true;
}

bool xp_length_of_description(const xp_design_layer *layer, double *bits, explaint_error *error) {
    const xp_study *s = &layer->study;
    const size_t n = s->n;
    size_t cell_count, end[XP_LENGTH_BLOCKS];
    if (xp_mul_overflows(n, s->m, &cell_count)) return false;
    online o = {.layer = layer,
                .order = xp_alloc(n, sizeof *o.order),
                .fold = xp_alloc(n, sizeof *o.fold),
                .member = xp_alloc(n, 1),
                .predictions = xp_alloc(cell_count, sizeof *o.predictions),
                .cells = {.score = xp_alloc(cell_count, sizeof(double)), .positive = xp_alloc(cell_count, 1)}};
    bool ok = o.order && o.fold && o.member && o.predictions && o.cells.score && o.cells.positive;
    for (size_t b = 0; b < XP_LENGTH_BLOCKS; b++) end[b] = (size_t)llround(SHARES[b] * (double)n);
    for (uint32_t i = 0; ok && i < n; i++) o.order[i] = i;
    xp_rng rng = xp_rng_begin(layer->request->options.seed, XP_RNG_ONLINE, 0);
    if (ok) xp_rng_permutation(&rng, n, o.order);
    for (int code = 0; ok && code < XP_N_CODES; code++) {
        if (code == XP_CODE_UNIFORM) {
            const xp_target target = xp_study_target(&s->gold, NULL);
            for (size_t i = 0; i < n; i++)
                bits[XP_CODE_UNIFORM * n + i] =
                    (double)(s->m - (target.missing_start != NULL
                                         ? target.missing_start[i + 1] - target.missing_start[i]
                                         : 0));
            continue;
        }
        const xp_mapping mean = {.mapper = &xp_mean_mapper};
        o.problem = xp_design_problem(layer, code == XP_CODE_SYSTEM ? &layer->request->verdict : &mean);
        o.problem.fold = o.fold;
        o.problem.n_folds = 1;
        o.problem.member = o.member;
        ok = encode(&o, end, bits + (size_t)code * n, error);
    }
    xp_free_all(o.order, o.fold, o.member, o.predictions, o.cells.score, o.cells.positive);
    return ok;
}
