/* attention_dump < CASES: what the functions of src/attention say of small matrices, one line of numbers a case, for
 * comparison with NumPy (check_attention.py). A case, all in the machine's byte order: n, d, m (int32: pieces, width,
 * pieces of the next text), then float32 states (n x d), states of the layer before (n x d), states of the next text (m x
 * d), reference rows (n x d), map (n x n), damaged map (n x n), then int32 ids (n), special (n), special of the next text
 * (m). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attention/cka.h"
#include "attention/damage.h"
#include "attention/nearest.h"
#include "attention/similarity.h"

enum { MOST = 64, WIDEST = 64 };

static float states[MOST * WIDEST], before[MOST * WIDEST], other[MOST * WIDEST], reference[MOST * WIDEST];
static float map[MOST * MOST], damaged[MOST * MOST], moved[MOST * WIDEST];
static int32_t id[MOST], flags[MOST];
static uint8_t special[MOST], other_special[MOST];
static uint32_t order[MOST], places[MOST];

static void take(void *to, size_t size, size_t count) {
    if (fread(to, size, count, stdin) != count) exit(1);
}

static void take_flags(uint8_t *to, size_t n) {
    take(flags, sizeof *flags, n);
    for (size_t i = 0; i < n; i++) to[i] = (uint8_t)flags[i];
}

static void say(double value) { printf(" %.17g", value); }

static void widen(size_t count, const float *from, double *to) {
    for (size_t i = 0; i < count; i++) to[i] = from[i];
}

static size_t width;
static void reference_row(const void *self, size_t k, double *row) {
    (void)self;
    widen(width, reference + k * width, row);
}

/* Ranks among all rows of reference, by products in fp32 as those with a vocabulary are. */
static void among_many(size_t n, size_t d) {
    double inverse[MOST], square[MOST], scratch[WIDEST], row[WIDEST];
    width = d;
    for (size_t k = 0; k < n; k++) {
        square[k] = 0;
        for (size_t j = 0; j < d; j++) square[k] += (double)reference[k * d + j] * (double)reference[k * d + j];
        inverse[k] = square[k] > 0 ? 1 / sqrt(square[k]) : 1;
    }
    const xp_many many = {n, d, inverse, square, reference_row, NULL, scratch};
    for (xp_distance distance = XP_COSINE; distance < XP_N_DISTANCES; distance++)
        for (size_t i = 0; i < n; i++) {
            float product[MOST] = {0};
            uint32_t nearer[2];
            for (size_t k = 0; k < n; k++)
                for (size_t j = 0; j < d; j++) product[k] += states[i * d + j] * reference[k * d + j];
            widen(d, states + i * d, row);
            xp_nearest_of_many(&many, product, row, distance, (const size_t[]){i, (i + 1) % n}, nearer);
            say(nearer[0]);
            say(nearer[1]);
        }
}

static void continuity(size_t n, size_t d) {
    static double rows[MOST * WIDEST], candidates[MOST * WIDEST], scratch[MOST * MOST + 3 * MOST], mean[WIDEST],
        sd[WIDEST], each[3];
    uint32_t first[MOST], own[MOST], rank[MOST];
    uint8_t row[MOST], next[MOST];
    const size_t m = xp_nearest_tokens(n, id, first, own);
    const xp_found found = {rank, row, next};
    for (xp_distance distance = XP_COSINE; distance < XP_N_DISTANCES; distance++) {
        widen(n * d, states, rows);
        for (int every_row = 0; every_row < 2; every_row++) {
            const xp_candidates words = {m, candidates, NULL, first}, all = {n, candidates, own, NULL};
            if (every_row)
                widen(n * d, before, candidates);
            else
                for (size_t k = 0; k < m; k++) widen(d, reference + first[k] * d, candidates + k * d);
            xp_found of[XP_N_DISTANCES] = {{0}};
            of[distance] = found;
            xp_nearest(n, d, rows, every_row ? &all : &words, own, scratch, of);
            for (size_t i = 0; i < n; i++) say(rank[i]);
            for (size_t i = 0; i < n; i++) say(row[i]);
            for (size_t i = 0; i + 1 < n; i++) say(next[i]);
        }
    }
    xp_pairs pairs;
    uint32_t text[MOST], place[MOST]; /* three texts of about n / 3 rows */
    for (size_t i = 0; i < n; i++) {
        text[i] = (uint32_t)(i * 3 / n);
        place[i] = i > 0 && text[i] == text[i - 1] ? place[i - 1] + 1 : 0;
    }
    double cka[2][2];
    widen(n * d, before, candidates);
    static double unit[MOST * WIDEST];
    memcpy(unit, rows, n * d * sizeof *rows);
    xp_nearest_unit_rows(n, d, unit);
    if (!xp_nearest_pair_cosines(n, d, unit, id, text, place, &pairs) ||
        !xp_nearest_text_cosines(n, d, unit, text, each) || !xp_cka(n, d, rows, candidates, special, cka))
        exit(1);
    say(pairs.all);
    say(pairs.random);
    say(pairs.same_token);
    say(pairs.same_position);
    for (size_t t = 0; t < 3; t++) say(each[t]);
    for (int k = 0; k < 4; k++) say(cka[k / 2][k % 2]);
    xp_nearest_moments(n, d, rows, mean, sd);
    xp_nearest_standardise(n, d, mean, sd, rows);
    for (size_t i = 0; i < n * d; i++) say(rows[i]);
}

static void damage(size_t n, size_t d, size_t m) {
    static const xp_damage deterministic[] = {XP_DAMAGE_REVERSE, XP_DAMAGE_NEXT_ROWS, XP_DAMAGE_NEXT_CONTENT_ROWS};
    const xp_rows rows = {n, states, special}, next = {m, other, other_special};
    for (size_t k = 0; k < 3; k++) {
        xp_damage_rows(deterministic[k], d, &rows, &next, 1, 0, places, order, moved);
        for (size_t i = 0; i < n * d; i++) say(moved[i]);
    }
}

static void similarity(size_t n) {
    static double a[MOST * MOST], b[MOST * MOST];
    const xp_rows rows = {n, states, special};
    xp_damage_order(XP_DAMAGE_REVERSE, &rows, 1, 0, places, order);
    for (int undone = 0; undone < 2; undone++)
        for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++) {
            const size_t k = xp_similarity_scope(n, map, NULL, special, scope, a);
            xp_similarity_scope(n, damaged, undone ? order : NULL, special, scope, b);
            const double of_a = xp_similarity_entropy(k, a), of_b = xp_similarity_entropy(k, b);
            say(xp_similarity_pearson(false, k, a, xp_similarity_mean(false, k, a), b));
            say(xp_similarity_jsd(false, k, a, of_a, b, of_b));
            say(xp_similarity_same_target(false, k, a, b));
            say(xp_similarity_modal_share(false, k, a, places));
            say(xp_similarity_pattern(false, k, a, of_a, scope == XP_WHOLE ? special : NULL));
            say(xp_similarity_pattern(false, k, b, of_b, scope == XP_WHOLE ? special : NULL));
        }
}

int main(void) {
    int32_t size[3];
    while (fread(size, sizeof *size, 3, stdin) == 3) {
        const size_t n = (size_t)size[0], d = (size_t)size[1], m = (size_t)size[2];
        if (n > MOST || d > WIDEST || m > MOST) return 1;
        take(states, sizeof *states, n * d);
        take(before, sizeof *before, n * d);
        take(other, sizeof *other, m * d);
        take(reference, sizeof *reference, n * d);
        take(map, sizeof *map, n * n);
        take(damaged, sizeof *damaged, n * n);
        take(id, sizeof *id, n);
        take_flags(special, n);
        take_flags(other_special, m);
        continuity(n, d);
        among_many(n, d);
        damage(n, d, m);
        similarity(n);
        putchar('\n');
    }
    return 0;
}
