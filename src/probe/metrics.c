#include "probe/metrics.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "tensor/blas.h"

static const char *const names[] = {EXPLAINT_METRICS(EXPLAINT_AS_NAME)};

const char *xp_metric_name(xp_metric metric) { return names[metric]; }

bool xp_metric_find(const char *name, size_t length, xp_metric *metric) {
    for (int i = 0; i < XP_N_METRICS; i++) {
        if (strlen(names[i]) != length) continue;
        size_t k = 0;
        while (k < length && (name[k] == '-' ? '_' : name[k]) == names[i][k]) k++;
        if (k == length) {
            *metric = (xp_metric)i;
            return true;
        }
    }
    return false;
}

void xp_metric_top_features(size_t m, const double *prediction, size_t k, int *top) {
    size_t held = 0;
    double least = -HUGE_VAL; /* the weakest prediction that is held */
    for (size_t j = 0; j < m; j++) {
        double v = prediction[j];
        if (held == k && !(v > least)) continue; /* an equal later one loses */
        size_t at = held < k ? held++ : k - 1;
        while (at > 0 && prediction[top[at - 1]] < v) {
            top[at] = top[at - 1];
            at--;
        }
        top[at] = (int)j;
        if (held == k) least = prediction[top[k - 1]];
    }
    for (size_t i = held; i < k; i++) top[i] = -1;
}

/* One more feature for a row that holds `held` of them, strongest first. */
static void insert(double v, int j, size_t held, double *value, int *top) {
    size_t at = held < XP_TOP ? held : XP_TOP - 1;
    while (at > 0 && value[at - 1] < v) {
        value[at] = value[at - 1];
        top[at] = top[at - 1];
        at--;
    }
    value[at] = v;
    top[at] = j;
}

enum { LANES = 8 };

/* Eight rows at once: nearly every feature fails eight comparisons with the tenth best so far, which is one vector instruction. */
XP_CLONES static void top_lanes(size_t m, size_t stride, const double *block, int *top) {
    double value[LANES][XP_TOP], least[LANES];
    for (size_t j = 0; j < m; j++) {
        const double *v = block + j * stride;
        if (j < XP_TOP) {
            for (size_t l = 0; l < LANES; l++) insert(v[l], (int)j, j, value[l], top + l * XP_TOP);
            for (size_t l = 0; l < LANES; l++) least[l] = value[l][XP_TOP - 1];
            continue;
        }
        int any = 0;
        for (size_t l = 0; l < LANES; l++) any |= v[l] > least[l];
        if (!any) continue;
        for (size_t l = 0; l < LANES; l++)
            if (v[l] > least[l]) {
                insert(v[l], (int)j, XP_TOP, value[l], top + l * XP_TOP);
                least[l] = value[l][XP_TOP - 1];
            }
    }
}

void xp_metric_top_features_block(size_t m, size_t n_rows, const double *block, int *top) {
    size_t t = 0;
    for (; m >= XP_TOP && t + LANES <= n_rows; t += LANES) top_lanes(m, n_rows, block + t, top + t * XP_TOP);
    for (; t < n_rows; t++) { /* the rows that are left, one by one */
        double value[XP_TOP];
        for (size_t j = 0; j < m; j++) {
            double v = block[j * n_rows + t];
            if (j < XP_TOP || v > value[XP_TOP - 1])
                insert(v, (int)j, j < XP_TOP ? j : XP_TOP, value, top + t * XP_TOP);
        }
        for (size_t j = m; j < XP_TOP; j++) top[t * XP_TOP + j] = -1;
    }
}

static bool is_gold(const xp_csr *y, size_t row, uint32_t j, double *value) {
    size_t low = y->start[row], high = y->start[row + 1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (y->column[middle] < j)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == y->start[row + 1] || y->column[low] != j) return false;
    *value = y->value[low];
    return *value > 0;
}

static size_t gold_count(const xp_csr *y, size_t row) {
    size_t g = 0;
    for (size_t e = y->start[row]; e < y->start[row + 1]; e++) g += y->value[e] > 0;
    return g;
}

xp_score xp_metric_f1(const xp_csr *y, size_t row, const int *top, size_t k) {
    size_t g = gold_count(y, row), hits = 0, p = 0;
    double value;
    if (g == 0) return (xp_score){0, 0};
    for (size_t i = 0; i < k && top[i] >= 0; i++, p++) hits += is_gold(y, row, (uint32_t)top[i], &value);
    return (xp_score){2 * (double)hits / (double)(p + g), 1};
}

void xp_score_block(xp_ranking *ranking, const xp_target *target, const xp_fold *lists, const double *mean,
                    xp_metric metric, const double *block, double *row, int *top, double *score) {
    const size_t m = target->y->m, n_test = lists->n_test;
    const bool quick = metric == XP_F1_AT_10 && target->missing_start == NULL;
    if (quick) xp_metric_top_features_block(m, n_test, block, top);
    for (size_t t = 0; t < n_test; t++) {
        xp_score all[XP_N_METRICS], one;
        int own[XP_TOP];
        const size_t gold = xp_target_row(target, lists->test[t]);
        if (quick) {
            one = xp_metric_f1(target->y, gold, top + t * XP_TOP, XP_TOP);
        } else {
            for (size_t j = 0; j < m; j++) row[j] = block[j * n_test + t];
            xp_metric_row(ranking, target, gold, row, mean, 1u << metric, all, own);
            one = all[metric];
        }
        score[lists->test[t]] = one.den > 0 ? one.num / one.den : NAN;
    }
}

double xp_metric_f1_ceiling(size_t g, size_t m) {
    size_t k = m < XP_TOP ? m : XP_TOP;
    return 2 * (double)(g < k ? g : k) / (double)(k + g);
}

double xp_metric_f1_chance(size_t g, size_t m) {
    size_t k = m < XP_TOP ? m : XP_TOP;
    return 2 * (double)k * (double)g / (double)m / (double)(k + g);
}

/* ---- ranking ---- */

bool xp_ranking_alloc(xp_ranking *r, size_t m) {
    *r = (xp_ranking){.m = m};
    r->key = xp_alloc(m, sizeof *r->key);
    r->other_key = xp_alloc(m, sizeof *r->other_key);
    r->order = xp_alloc(m, sizeof *r->order);
    r->other = xp_alloc(m, sizeof *r->other);
    r->rank = xp_alloc(m, sizeof *r->rank);
    r->gold = xp_alloc(3 * m, sizeof *r->gold);
    r->observed = xp_alloc(3 * m, sizeof *r->observed);
    r->cell = xp_alloc(m, sizeof *r->cell);
    if (r->key && r->other_key && r->order && r->other && r->rank && r->gold && r->observed && r->cell) return true;
    xp_ranking_free(r);
    return false;
}

void xp_ranking_free(xp_ranking *r) {
    xp_free_all(r->key, r->other_key, r->order, r->other, r->rank, r->gold, r->observed, r->cell);
    *r = (xp_ranking){0};
}

/* A key that ascends as the double descends; -0 and 0 are one value. */
static uint64_t descending_key(double v) {
    uint64_t bits;
    v += 0.0;
    memcpy(&bits, &v, sizeof bits);
    return bits >> 63 ? bits : ~bits & 0x7fffffffffffffffu;
}

enum { DIGIT = 11, BUCKETS = 1 << DIGIT, FIRST_HALF = 64 - 3 * DIGIT };

/* A stable radix sort by the bits of the key from `shift` on. */
static void sort_digits(xp_ranking *r, size_t m, int shift) {
    uint32_t count[BUCKETS];
    for (; shift < 64; shift += DIGIT) {
        memset(count, 0, sizeof count);
        for (size_t j = 0; j < m; j++) count[r->key[j] >> shift & (BUCKETS - 1)]++;
        if (count[r->key[0] >> shift & (BUCKETS - 1)] == m) continue; /* one digit only: already in order */
        uint32_t sum = 0;
        for (int b = 0; b < BUCKETS; b++) {
            uint32_t c = count[b];
            count[b] = sum;
            sum += c;
        }
        for (size_t j = 0; j < m; j++) {
            uint32_t at = count[r->key[j] >> shift & (BUCKETS - 1)]++;
            r->other_key[at] = r->key[j];
            r->other[at] = r->order[j];
        }
        uint64_t *key = r->key;
        r->key = r->other_key;
        r->other_key = key;
        uint32_t *order = r->order;
        r->order = r->other;
        r->other = order;
    }
}

/* By insertion: quick where nearly all is in order. false: it is not, and this stopped halfway. */
static bool settle(xp_ranking *r, size_t m) {
    size_t moves = 4 * m;
    for (size_t j = 1; j < m; j++) {
        const uint64_t key = r->key[j];
        const uint32_t order = r->order[j];
        size_t at = j;
        for (; at > 0 && r->key[at - 1] > key; at--, moves--) {
            r->key[at] = r->key[at - 1];
            r->order[at] = r->order[at - 1];
        }
        r->key[at] = key;
        r->order[at] = order;
        if (moves <= j) return false;
    }
    return true;
}

/* Orders 0..m-1 by value, highest first, ties by index (qsort took two thirds of all metrics). Few values agree in the upper half of their bits. */
static void order_descending(xp_ranking *r, size_t m, const double *value) {
    for (size_t j = 0; j < m; j++) {
        r->key[j] = descending_key(value[j]);
        r->order[j] = (uint32_t)j;
    }
    sort_digits(r, m, FIRST_HALF);
    if (!settle(r, m)) sort_digits(r, m, 0);
}

/* Average ranks (1 = lowest) of the order just made. Returns the sum of squares about the mean rank. */
static double average_ranks(xp_ranking *r, size_t m, double *rank) {
    double squares = 0, mean = ((double)m + 1) / 2;
    for (size_t from = 0; from < m;) {
        size_t to = from + 1;
        while (to < m && r->key[to] == r->key[from]) to++;
        double average = (double)m - ((double)from + (double)(to - 1)) / 2;
        for (size_t k = from; k < to; k++) rank[r->order[k]] = average;
        squares += (double)(to - from) * (average - mean) * (average - mean);
        from = to;
    }
    return squares;
}

/* The same without an order: everything beside everything, which for few values is sooner done than a radix sort clears its buckets. */
XP_CLONES static double counted_ranks(size_t m, const double *value, double *rank) {
    double squares = 0;
    for (size_t j = 0; j < m; j++) {
        const double v = value[j];
        int64_t below = 0, equal = 0;
        for (size_t k = 0; k < m; k++) {
            below += value[k] < v;
            equal += value[k] == v;
        }
        rank[j] = (double)below + ((double)equal + 1) / 2;
        const double off = rank[j] - ((double)m + 1) / 2;
        squares += off * off; /* of halves: exact in any order */
    }
    return squares;
}

static double ranks_of(xp_ranking *r, size_t m, const double *value, double *rank) {
    enum { FEW = 300 };
    if (m <= FEW) return counted_ranks(m, value, rank);
    order_descending(r, m, value);
    return average_ranks(r, m, rank);
}

xp_score xp_metric_spearman(xp_ranking *r, size_t m, const double *prediction, const double *gold) {
    if (m < 2) return (xp_score){0, 0};
    double *gold_rank = r->gold + 2 * r->m;
    double gold_squares = ranks_of(r, m, gold, gold_rank);
    double squares = ranks_of(r, m, prediction, r->rank);
    if (!(gold_squares > 0) || !(squares > 0)) return (xp_score){0, 0};
    double sum = 0, mean = ((double)m + 1) / 2;
    for (size_t j = 0; j < m; j++) sum += (r->rank[j] - mean) * (gold_rank[j] - mean);
    return (xp_score){sum / sqrt(squares) / sqrt(gold_squares), 1};
}

/* Spearman for sparse gold: its zeros share one rank, so that only its non-zeros need one. squares: of the prediction's ranks, in r. */
static xp_score spearman_sparse(const xp_ranking *r, const xp_csr *y, size_t row, double squares) {
    const size_t m = y->m, from = y->start[row], count = y->start[row + 1] - from;
    const double mean = ((double)m + 1) / 2;
    if (m < 2 || count == 0 || !(squares > 0)) return (xp_score){0, 0};
    size_t negative = 0;
    for (size_t e = 0; e < count; e++) negative += y->value[from + e] < 0;
    const size_t zeros = m - count;
    const double zero_rank = (double)negative + ((double)zeros + 1) / 2;
    double gold_squares = (double)zeros * (zero_rank - mean) * (zero_rank - mean), sum = 0;
    for (size_t e = 0; e < count; e++) {
        double v = y->value[from + e];
        size_t below = 0, equal = 0;
        for (size_t f = 0; f < count; f++) {
            below += y->value[from + f] < v;
            equal += y->value[from + f] == v;
        }
        double rank = (double)(below + (v > 0 ? zeros : 0)) + ((double)equal + 1) / 2;
        gold_squares += (rank - mean) * (rank - mean);
        sum += (rank - zero_rank) * (r->rank[y->column[from + e]] - mean);
    }
    if (!(gold_squares > 0)) return (xp_score){0, 0};
    return (xp_score){sum / sqrt(squares) / sqrt(gold_squares), 1};
}

/* Average precision and precision at R from the order: hits among the first ranks. */
static void ranked_hits(const xp_ranking *r, size_t m, const uint8_t *relevant, size_t g, xp_score *at_r,
                        xp_score *average) {
    size_t hits = 0;
    double sum = 0;
    for (size_t k = 0; k < m && hits < g; k++) {
        if (relevant[r->order[k]]) {
            hits++;
            sum += (double)hits / (double)(k + 1);
        }
        if (k + 1 == g) *at_r = (xp_score){(double)hits / (double)g, 1};
    }
    if (hits == g && at_r->den == 0) *at_r = (xp_score){1, 1}; /* unreachable for g <= m: kept total */
    *average = (xp_score){sum / (double)g, 1};
}

static bool wants(unsigned wanted, xp_metric metric) { return wanted >> metric & 1; }

/* Packs the observed cells of a row with missing ones, so that the rest sees a smaller dense row. */
static size_t observed_cells(const xp_target *target, size_t row, const double *prediction, const double *mean,
                             double *packed, double *gold, double *packed_mean, uint32_t *index) {
    size_t at = 0, missing = target->missing_start[row], end = target->missing_start[row + 1];
    const xp_csr *y = target->y;
    size_t e = y->start[row];
    for (size_t j = 0; j < y->m; j++) {
        double v = 0;
        if (e < y->start[row + 1] && y->column[e] == j) v = y->value[e++];
        if (missing < end && target->missing_column[missing] == j) {
            missing++;
            continue;
        }
        packed[at] = prediction[j];
        gold[at] = v;
        packed_mean[at] = mean[j];
        index[at++] = (uint32_t)j;
    }
    return at;
}

/* The metrics of a dense pair of rows: prediction and gold of m cells. */
static void dense_metrics(xp_ranking *r, size_t m, const double *prediction, const double *gold, const double *mean,
                          unsigned wanted, xp_score score[XP_N_METRICS], int top[XP_TOP]) {
    size_t g = 0;
    for (size_t j = 0; j < m; j++) g += gold[j] > 0;
    xp_metric_top_features(m, prediction, XP_TOP, top);
    if (g > 0) {
        size_t hits = 0, p = 0;
        for (; p < XP_TOP && top[p] >= 0; p++) hits += gold[top[p]] > 0;
        score[XP_F1_AT_10] = (xp_score){2 * (double)hits / (double)(p + g), 1};
    }
    if (wants(wanted, XP_SPEARMAN)) score[XP_SPEARMAN] = xp_metric_spearman(r, m, prediction, gold);
    if (g > 0 && (wants(wanted, XP_PRECISION_AT_R) || wants(wanted, XP_MAP))) {
        uint8_t *relevant = (uint8_t *)r->rank; /* ranks are no longer needed */
        order_descending(r, m, prediction);
        for (size_t j = 0; j < m; j++) relevant[j] = gold[j] > 0;
        ranked_hits(r, m, relevant, g, &score[XP_PRECISION_AT_R], &score[XP_MAP]);
    }
    double error = 0, total = 0, pp = 0, gg = 0, pg = 0;
    for (size_t j = 0; j < m; j++) {
        error += (prediction[j] - gold[j]) * (prediction[j] - gold[j]);
        total += (gold[j] - mean[j]) * (gold[j] - mean[j]);
        pp += prediction[j] * prediction[j];
        gg += gold[j] * gold[j];
        pg += prediction[j] * gold[j];
    }
    score[XP_MSE] = (xp_score){error, (double)m};
    score[XP_R2] = (xp_score){error, total};
    if (pp > 0 && gg > 0) score[XP_COSINE] = (xp_score){pg / sqrt(pp) / sqrt(gg), 1};
}

void xp_metric_row(xp_ranking *r, const xp_target *target, size_t row, const double *prediction, const double *mean,
                   unsigned wanted, xp_score score[XP_N_METRICS], int top[XP_TOP]) {
    const xp_csr *y = target->y;
    const size_t m = y->m;
    memset(score, 0, XP_N_METRICS * sizeof *score);
    if (target->missing_start != NULL && target->missing_start[row] < target->missing_start[row + 1]) {
        double *work = r->observed;
        size_t cells = observed_cells(target, row, prediction, mean, work, work + m, work + 2 * m, r->cell);
        dense_metrics(r, cells, work, work + m, work + 2 * m, wanted, score, top);
        for (int i = 0; i < XP_TOP; i++) top[i] = top[i] < 0 ? -1 : (int)r->cell[top[i]];
        return;
    }
    xp_metric_top_features(m, prediction, XP_TOP, top);
    score[XP_F1_AT_10] = xp_metric_f1(y, row, top, XP_TOP);
    const size_t g = gold_count(y, row);
    bool ranked = g > 0 && (wants(wanted, XP_PRECISION_AT_R) || wants(wanted, XP_MAP));
    if (ranked) {
        order_descending(r, m, prediction);
        uint8_t *relevant = (uint8_t *)r->gold;
        memset(relevant, 0, m);
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) relevant[y->column[e]] = y->value[e] > 0;
        ranked_hits(r, m, relevant, g, &score[XP_PRECISION_AT_R], &score[XP_MAP]);
    }
    if (wants(wanted, XP_SPEARMAN)) {
        if (2 * (y->start[row + 1] - y->start[row]) < m) {
            const double squares = ranked ? average_ranks(r, m, r->rank) : ranks_of(r, m, prediction, r->rank);
            score[XP_SPEARMAN] = spearman_sparse(r, y, row, squares);
        } else {
            xp_csr_row(y, row, r->gold);
            score[XP_SPEARMAN] = xp_metric_spearman(r, m, prediction, r->gold);
        }
    }
    if (wants(wanted, XP_R2) || wants(wanted, XP_MSE) || wants(wanted, XP_COSINE)) {
        double pp = 0, gg = 0, pg = 0, total = 0, error = 0;
        for (size_t j = 0; j < m; j++) {
            pp += prediction[j] * prediction[j];
            total += mean[j] * mean[j];
        }
        error = pp;
        for (size_t e = y->start[row]; e < y->start[row + 1]; e++) {
            double v = y->value[e], p = prediction[y->column[e]], mu = mean[y->column[e]];
            gg += v * v;
            pg += v * p;
            error += v * (v - 2 * p);
            total += v * (v - 2 * mu);
        }
        score[XP_MSE] = (xp_score){error, (double)m};
        score[XP_R2] = (xp_score){error, total};
        if (pp > 0 && gg > 0) score[XP_COSINE] = (xp_score){pg / sqrt(pp) / sqrt(gg), 1};
    }
}
