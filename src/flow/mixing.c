#include "flow/mixing.h"

#include <math.h>

#include "base/memory.h"

static double length(size_t n, const float *x) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += (double)x[k] * (double)x[k];
    return sqrt(sum);
}

/* What one row takes: of its own, of all others; scratch. */
typedef struct sources {
    const float *own, *others; /* n x width, before any norm */
    const uint32_t *group;     /* of pieces; NULL: each is one */
    size_t n_groups;
    float *one, *other; /* width */
} sources;

static bool is_own(const sources *s, size_t i, size_t j) {
    return s->group == NULL ? i == j : s->group[i] == s->group[j];
}
static bool is_out(const sources *s, size_t j) { return s->group != NULL && s->group[j] >= s->n_groups; }

static double weight(const xp_parts *p, const sources *s, size_t i) {
    const size_t heads = p->block->model->config.n_heads, n = p->n;
    double own = 0, all = 0;
    for (size_t h = 0; h < heads; h++) {
        const float *row = p->block->maps + (h * n + i) * n;
        for (size_t j = 0; j < n; j++) {
            if (!is_out(s, j)) all += (double)row[j];
            if (is_own(s, i, j)) own += (double)row[j];
        }
    }
    return (all - own) / all;
}

/* The share of others. NaN: all are nothing. */
static void shares(const xp_parts *p, const sources *s, size_t i, double share[XP_N_MIXINGS]) {
    const size_t d = p->width, at = i * d;
    const double kept = length(d, s->own + at), taken = length(d, s->others + at);
    share[XP_MIXING_ATTN_W] = weight(p, s, i);
    share[XP_MIXING_ATTN_N] = taken / (taken + kept);
    xp_parts_inner(p, i, true, s->own + at, s->one);
    xp_parts_inner(p, i, false, s->others + at, s->other);
    const double mixed = length(d, s->other);
    share[XP_MIXING_ATTNRES_N] = mixed / (mixed + length(d, s->one));
    share[XP_MIXING_ATTNRESLN_N] = NAN;
    if (xp_block_after(p->block) == NULL) return;
    xp_parts_term(p, i, true, s->own + at, s->one);
    xp_parts_term(p, i, false, s->others + at, s->other);
    const double normed = length(d, s->other);
    share[XP_MIXING_ATTNRESLN_N] = normed / (normed + length(d, s->one));
}

/* The mean over groups of the mean over their rows. */
static void average(const xp_parts *p, const sources *s, double mean[XP_N_MIXINGS], size_t rows[XP_N_MIXINGS]) {
    for (xp_mixing m = 0; m < XP_N_MIXINGS; m++) mean[m] = (double)(rows[m] = 0);
    for (size_t i = p->causal ? 1 : 0, end; i < p->n; i = end) {
        double sum[XP_N_MIXINGS] = {0}, n[XP_N_MIXINGS] = {0};
        for (end = i; end < p->n && is_own(s, i, end); end++) {
            double share[XP_N_MIXINGS];
            if (is_out(s, i)) continue;
            shares(p, s, end, share);
            for (xp_mixing m = 0; m < XP_N_MIXINGS; m++) {
                if (isnan(share[m])) continue;
                sum[m] += share[m];
                n[m]++;
            }
        }
        for (xp_mixing m = 0; m < XP_N_MIXINGS; m++) {
            if (!(n[m] > 0)) continue;
            mean[m] += sum[m] / n[m];
            rows[m]++;
        }
    }
    for (xp_mixing m = 0; m < XP_N_MIXINGS; m++) mean[m] = rows[m] > 0 ? mean[m] / (double)rows[m] : NAN;
}

void xp_mixing_of(const xp_parts *p, double mean[XP_N_MIXINGS], size_t rows[XP_N_MIXINGS]) {
    average(p, &(sources){.own = p->own, .others = p->others, .one = p->heads, .other = p->panels}, mean, rows);
}

bool xp_mixing_of_groups(xp_parts *p, const uint32_t *group, size_t n_groups, double mean[XP_N_MIXINGS],
                         size_t rows[XP_N_MIXINGS]) {
    const size_t d = p->width, size = p->n * d;
    float *own = xp_calloc(3 * p->n + 2, d * sizeof *own);
    if (own == NULL) return false;
    float *others = own + size, *terms = others + size;
    const sources s = {.own = own,
                       .others = others,
                       .group = group,
                       .n_groups = n_groups,
                       .one = terms + size,
                       .other = terms + size + d};
    for (size_t j = 0; j < p->n; j++) {
        if (is_out(&s, j)) continue;
        xp_parts_source(p, j, terms);
        for (size_t i = 0; i < p->n; i++) {
            float *to = (is_own(&s, i, j) ? own : others) + i * d;
            for (size_t k = 0; k < d; k++) to[k] += terms[i * d + k];
        }
    }
    average(p, &s, mean, rows);
    xp_free(own);
    return true;
}
