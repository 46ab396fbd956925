#include "attention/experiment.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/rng.h"
#include "model/session.h"

typedef struct intact { /* what every damaged map of a head is compared with */
    double entropy;
    xp_pattern pattern;
} intact;

typedef struct scratch { /* of a thread */
    xp_session *session;
    float *rows, *maps;
    double *a, *b;
    uint32_t *places, *order;
    intact (*intact)[XP_N_SCOPES]; /* of the text and layer under way, by head */
} scratch;

typedef struct run {
    xp_experiment *e;
    const xp_corpus *corpus, *random;
    const bool *damage;
    uint64_t seed;
    scratch *scratch;
} run;

static size_t next_of(const run *r, size_t text) { return (text + 1) % r->corpus->n_texts; }

static void compare(const run *r, scratch *s, xp_damage damage, bool undone, xp_scope scope, size_t layer, size_t head,
                    size_t t, const float *damaged) {
    const xp_seen *text = &r->corpus->text[t];
    const uint8_t *special = scope == XP_WHOLE ? text->special : NULL;
    const size_t n = xp_map_scope(text->n, xp_map_of(r->corpus, t, layer, head), NULL, text->special, scope, s->a);
    xp_map_scope(text->n, damaged, undone ? s->order : NULL, text->special, scope, s->b);
    const intact *own = &s->intact[head][scope];
    const double entropy = xp_map_entropy(n, s->b);
    double value[XP_N_MEASURES];
    value[XP_PEARSON] = xp_map_pearson(n, s->a, s->b);
    value[XP_JSD] = xp_map_jsd(n, s->a, own->entropy, s->b, entropy);
    value[XP_SAME_TARGET] = xp_map_same_target(n, s->a, s->b);
    value[XP_SAME_PATTERN] = n > 0 ? own->pattern == xp_map_pattern(n, s->b, entropy, special) : NAN;
    for (xp_measure m = XP_PEARSON; m < XP_N_MEASURES; m++)
        *xp_similarity(r->e, damage, undone, scope, m, layer, head, t) = value[m];
}

static void damage_layer(const run *r, scratch *s, xp_damage damage, size_t layer, size_t t) {
    const xp_corpus *c = r->corpus;
    const size_t n = c->text[t].n, next = next_of(r, t), size = c->n_heads * n * n;
    const float *maps = s->maps;
    if (damage == XP_DAMAGE_RANDOM_INIT) {
        maps = xp_map_of(r->random, t, layer, 0);
    } else {
        const xp_rows rows = {n, xp_states_of(c, t, layer - 1), c->text[t].special};
        const xp_rows other = {c->text[next].n, xp_states_of(c, next, layer - 1), c->text[next].special};
        r->e->kept[(size_t)damage * c->n_texts + t] =
            xp_damage_rows(damage, c->width, &rows, &other, r->seed, (uint32_t)t, s->places, s->order, s->rows);
        xp_session_block(s->session, layer, n, s->rows, NULL, s->maps, NULL);
    }
    for (size_t head = 0; head < c->n_heads; head++)
        for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++)
            for (int undone = 0; undone <= xp_damage_can_be_undone(damage); undone++)
                compare(r, s, damage, undone, scope, layer, head, t, maps + head * n * n);
    if (r->e->maps != NULL)
        memcpy(r->e->maps + (size_t)damage * r->e->map_size + r->e->map_at[t] + (layer - 1) * size, maps,
               size * sizeof *maps);
}

static void look_at_intact(const run *r, scratch *s, size_t layer, size_t t) {
    const xp_seen *text = &r->corpus->text[t];
    for (size_t head = 0; head < r->corpus->n_heads; head++)
        for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++) {
            const uint8_t *special = scope == XP_WHOLE ? text->special : NULL;
            const size_t n =
                xp_map_scope(text->n, xp_map_of(r->corpus, t, layer, head), NULL, text->special, scope, s->a);
            const double entropy = xp_map_entropy(n, s->a);
            s->intact[head][scope] = (intact){entropy, xp_map_pattern(n, s->a, entropy, special)};
            *xp_modal(r->e, scope, layer, head, t) = xp_map_modal_share(n, s->a);
        }
}

/* Another text's special pieces stand elsewhere only if the text spells one: then what is special here is left out. */
static void peers(const run *r, scratch *s, size_t layer, size_t t) {
    const xp_corpus *c = r->corpus;
    const xp_seen *text = &c->text[t];
    for (size_t head = 0; head < c->n_heads; head++)
        for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++) {
            const size_t n = xp_map_scope(text->n, xp_map_of(c, t, layer, head), NULL, text->special, scope, s->a);
            size_t found = 0;
            for (size_t k = 1; k < c->n_texts && found < XP_PEERS; k++) {
                const size_t u = (t + k) % c->n_texts;
                if (c->text[u].n != text->n) continue;
                xp_map_scope(text->n, xp_map_of(c, u, layer, head), NULL, text->special, scope, s->b);
                *xp_peer(r->e, scope, layer, head, t, found++) = xp_map_pearson(n, s->a, s->b);
            }
            r->e->n_peers[t] = found;
        }
}

static bool look_at_text(void *self, size_t t, unsigned worker) {
    const run *r = self;
    scratch *s = &r->scratch[worker];
    for (size_t layer = 1; layer <= r->corpus->n_layers; layer++) {
        look_at_intact(r, s, layer, t);
        peers(r, s, layer, t);
        for (xp_damage damage = XP_DAMAGE_PERMUTE; damage < XP_N_DAMAGES; damage++)
            if (r->damage[damage]) damage_layer(r, s, damage, layer, t);
    }
    return true;
}

static explaint_status create_scratch(run *r, unsigned threads, explaint_error *error) {
    const xp_corpus *c = r->corpus;
    const size_t longest = c->longest;
    r->scratch = xp_calloc(threads, sizeof *r->scratch);
    if (r->scratch == NULL) return xp_no_memory(error, "damaged maps");
    for (unsigned w = 0; w < threads; w++) {
        scratch *s = &r->scratch[w];
        explaint_status status = xp_session_create(c->model, longest, &s->session, error);
        if (status != EXPLAINT_OK) return status;
        s->rows = xp_alloc(longest, c->width * sizeof *s->rows);
        s->maps = xp_alloc(c->n_heads * longest, longest * sizeof *s->maps);
        s->a = xp_alloc(longest, longest * sizeof *s->a);
        s->b = xp_alloc(longest, longest * sizeof *s->b);
        s->places = xp_alloc(longest, sizeof *s->places);
        s->order = xp_alloc(longest, sizeof *s->order);
        s->intact = xp_alloc(c->n_heads, sizeof *s->intact);
        if (s->intact == NULL || s->rows == NULL || s->maps == NULL || s->a == NULL || s->b == NULL ||
            s->places == NULL || s->order == NULL)
            return xp_no_memory(error, "damaged maps");
    }
    return EXPLAINT_OK;
}

static void free_scratch(run *r, unsigned threads) {
    for (unsigned w = 0; r->scratch != NULL && w < threads; w++) {
        scratch *s = &r->scratch[w];
        xp_session_destroy(s->session);
        xp_free(s->rows);
        xp_free(s->maps);
        xp_free(s->a);
        xp_free(s->b);
        xp_free(s->places);
        xp_free(s->order);
        xp_free(s->intact);
    }
    xp_free(r->scratch);
}

static bool create(const run *r, bool keep_maps) {
    xp_experiment *e = r->e;
    const xp_corpus *c = r->corpus;
    *e = (xp_experiment){.n_texts = c->n_texts, .n_layers = c->n_layers, .n_heads = c->n_heads};
    const size_t maps = c->n_layers * c->n_heads * c->n_texts;
    const size_t values = (size_t)XP_N_DAMAGES * 2 * XP_N_SCOPES * XP_N_MEASURES;
    e->value = xp_alloc(maps, values * sizeof *e->value);
    e->modal = xp_alloc(maps, XP_N_SCOPES * sizeof *e->modal);
    e->peer = xp_alloc(maps, XP_N_SCOPES * XP_PEERS * sizeof *e->peer);
    e->n_peers = xp_calloc(c->n_texts, sizeof *e->n_peers);
    e->kept = xp_calloc(c->n_texts, XP_N_DAMAGES * sizeof *e->kept);
    e->map_at = xp_calloc(c->n_texts, sizeof *e->map_at);
    if (e->value == NULL || e->modal == NULL || e->peer == NULL || e->n_peers == NULL || e->kept == NULL ||
        e->map_at == NULL)
        return false;
    for (size_t k = 0; k < maps * values; k++) e->value[k] = NAN;
    for (size_t t = 0; t < c->n_texts; t++) {
        e->map_at[t] = e->map_size;
        e->map_size += c->n_layers * c->n_heads * c->text[t].n * c->text[t].n;
    }
    if (keep_maps) e->maps = xp_calloc(XP_N_DAMAGES, e->map_size * sizeof *e->maps);
    return !keep_maps || e->maps != NULL;
}

explaint_status xp_experiment_run(const xp_corpus *corpus, const xp_corpus *random, const bool damage[XP_N_DAMAGES],
                                  uint64_t seed, bool keep_maps, unsigned threads, xp_experiment *e,
                                  explaint_error *error) {
    run r = {.e = e, .corpus = corpus, .random = random, .damage = damage, .seed = seed};
    const xp_pool_job job = {.n_tasks = corpus->n_texts, .run = look_at_text, .self = &r};
    threads = xp_pool_threads(threads);
    explaint_status status =
        create(&r, keep_maps) ? create_scratch(&r, threads, error) : xp_no_memory(error, "damaged maps");
    if (status == EXPLAINT_OK && !xp_pool_run(threads, &job)) status = xp_no_thread(error);
    free_scratch(&r, threads);
    if (status != EXPLAINT_OK) xp_experiment_free(e);
    return status;
}

void xp_experiment_free(xp_experiment *e) {
    xp_free(e->value);
    xp_free(e->modal);
    xp_free(e->peer);
    xp_free(e->n_peers);
    xp_free(e->kept);
    xp_free(e->maps);
    xp_free(e->map_at);
    *e = (xp_experiment){0};
}

double xp_mean_similarity(const xp_experiment *e, xp_damage damage, bool undone, xp_scope scope, xp_measure measure,
                          size_t layer, size_t text) {
    double sum = 0;
    size_t n = 0;
    for (size_t head = 0; head < e->n_heads; head++) {
        const double value = *xp_similarity(e, damage, undone, scope, measure, layer, head, text);
        if (isnan(value)) continue;
        sum += value;
        n++;
    }
    return n > 0 ? sum / (double)n : NAN;
}

double xp_mean_peer(const xp_experiment *e, xp_scope scope, size_t layer, size_t text, size_t number) {
    double sum = 0;
    size_t n = 0;
    for (size_t head = 0; head < e->n_heads; head++) {
        const double value = *xp_peer(e, scope, layer, head, text, number);
        if (isnan(value)) continue;
        sum += value;
        n++;
    }
    return n > 0 ? sum / (double)n : NAN;
}

/* What equal maps give is equal but for rounding. */
static const double ROUNDING = 1e-9;

static double mean_of_peers(const double *peer, size_t n) {
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += peer[k];
    return n > 0 ? sum / (double)n : NAN;
}

xp_null xp_null_of(const xp_experiment *e, const double *observed, const double *peer, uint64_t seed) {
    xp_null null = {0, 0, NAN, 0};
    for (size_t t = 0; t < e->n_texts; t++) {
        const double mean = mean_of_peers(peer + t * XP_PEERS, e->n_peers[t]);
        if (isnan(observed[t]) || isnan(mean)) continue;
        null.observed += observed[t];
        null.mean += mean;
        null.n++;
    }
    if (null.n == 0) return (xp_null){NAN, NAN, NAN, 0};
    null.observed /= (double)null.n;
    null.mean /= (double)null.n;
    size_t above = 0;
    for (uint32_t draw = 0; draw < XP_DRAWS; draw++) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_NULL_MAPS, draw);
        double drawn = 0;
        for (size_t t = 0; t < e->n_texts; t++) {
            if (e->n_peers[t] == 0) continue;
            const double value = peer[t * XP_PEERS + xp_rng_below(&rng, e->n_peers[t])];
            if (!isnan(observed[t]) && !isnan(mean_of_peers(peer + t * XP_PEERS, e->n_peers[t]))) drawn += value;
        }
        above += drawn / (double)null.n >= null.observed - ROUNDING;
    }
    null.p = (1 + (double)above) / (1 + (double)XP_DRAWS);
    return null;
}
