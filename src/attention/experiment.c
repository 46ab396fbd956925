#include "attention/experiment.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/rng.h"
#include "model/session.h"
#include "model/work.h"

/* A unit's axes are those of the measures here. */
_Static_assert((int)XP_N_SCOPES == XP_UNITS_SCOPES && (int)XP_N_MEASURES == XP_UNITS_MEASURES, "the axes of a unit");
_Static_assert(XP_PEERS <= UINT8_MAX, "numbers of peers");

typedef struct intact { /* what every damaged map of a head is compared with */
    double mean, entropy;
    xp_pattern pattern;
} intact;

typedef struct scratch { /* of a thread */
    xp_session *session;
    /* Before the layer under way: rows of the text, of the next one, and of the damages that make rows of their own; and their projections. */
    float *rows, *projected;
    size_t next, at[XP_N_DAMAGES]; /* where these begin among them; the text's own come first */
    float *moved, *maps;           /* projections of damaged rows, and where they look */
    xp_damage_drawn drawn;
    float *folded; /* the maps as they are read, if the corpus folds some */
    double *a, *b;
    uint32_t *places, *order;
    intact (*intact)[XP_N_SCOPES]; /* of the text and layer under way, by head */
    double *alike;                 /* of a damage: undone x scope x measure x head */
    double *peer;                  /* of a scope: other text x head */
} scratch;

typedef struct experiment_run {
    xp_experiment *e;
    const xp_corpus *corpus, *random;
    uint64_t seed;
    scratch *scratch;
    double *
        content; /* intact maps without special pieces, as many as there is room for: layers x heads of each text that has some */
    size_t *content_at; /* of each text: where its own begin; SIZE_MAX: it has none */
} run;

/* Numbers of them: 64 MB. Else they are made whenever they are asked for, up to XP_PEERS times. */
enum { CONTENT_ROOM = 1 << 23 };

/* A decoder's map has its mask where the rows were: its rows do not go back to their places. */
static bool undoes(const xp_experiment *e, xp_damage damage) {
    return xp_damage_can_be_undone(damage) && !e->corpus->causal;
}

static size_t next_of(const run *r, size_t text) { return (text + 1) % r->corpus->n_texts; }

/* The intact map of a head of text t in a scope, where pieces of `special` are left out; its size in *n. Perhaps in `room`. */
static const double *intact_map(const run *r, size_t t, xp_scope scope, size_t layer, size_t head,
                                const uint8_t *special, double *room, size_t *n) {
    const xp_sides *side = &r->corpus->text[t].side;
    const float *map = xp_corpus_map(r->corpus, t, layer, head);
    if (scope == XP_WHOLE || r->content_at[t] == SIZE_MAX || memcmp(special, side->special, side->n) != 0) {
        *n = xp_similarity_scope(side->n, map, NULL, special, scope, room);
        return room;
    }
    *n = 0;
    for (size_t i = 0; i < side->n; i++) *n += !special[i];
    return r->content + r->content_at[t] + ((layer - 1) * r->corpus->n_heads + head) * *n * *n;
}

/* Maps as they are read; order: of their rows, which go back to their places. */
static const float *fold(const run *r, scratch *s, size_t t, size_t n_maps, const float *maps, const uint32_t *order) {
    const xp_sides *side = &r->corpus->text[t].side;
    if (side->same) return maps;
    for (size_t h = 0; h < n_maps; h++)
        xp_sides_fold(side, maps + h * side->n_pieces * side->n_pieces, order, s->folded + h * side->n * side->n);
    return s->folded;
}

/* undone: the rows of the damaged map go back to their places, where that was not done when it was folded. */
static void compare(const run *r, scratch *s, bool undone, xp_scope scope, size_t layer, size_t head, size_t t,
                    const float *damaged) {
    const xp_sides *side = &r->corpus->text[t].side;
    const uint8_t *special = scope == XP_WHOLE ? side->special : NULL;
    size_t n;
    const double *a = intact_map(r, t, scope, layer, head, side->special, s->a, &n);
    xp_similarity_scope(side->n, damaged, undone && side->same ? s->order : NULL, side->special, scope, s->b);
    const intact *own = &s->intact[head][scope];
    const double entropy = xp_similarity_entropy(n, s->b);
    double value[XP_N_MEASURES];
    value[XP_PEARSON] = xp_similarity_pearson(r->corpus->causal, n, a, own->mean, s->b);
    value[XP_JSD] = xp_similarity_jsd(r->corpus->causal, n, a, own->entropy, s->b, entropy);
    value[XP_SAME_TARGET] = xp_similarity_same_target(r->corpus->causal, n, a, s->b);
    value[XP_SAME_PATTERN] =
        n > 0 ? own->pattern == xp_similarity_pattern(r->corpus->causal, n, s->b, entropy, special) : NAN;
    for (xp_measure m = XP_PEARSON; m < XP_N_MEASURES; m++)
        s->alike[(((size_t)undone * XP_N_SCOPES + scope) * XP_N_MEASURES + m) * r->corpus->n_heads + head] = value[m];
}

/* Behind their mean stand all heads, or one of them. head from 0. */
static void put_head(const xp_experiment *e, size_t head, double value, double *to, size_t step) {
    if (e->head == 0 && e->n_heads > 1) to[(head + 1) * step] = value;
    if (e->head == head + 1) to[step] = value;
}

/* The mean of the heads that have a value, and each of them where they are kept. */
static void put(const run *r, const double *by_head, double *to, size_t step) {
    double sum = 0;
    size_t n = 0;
    for (size_t head = 0; head < r->corpus->n_heads; head++) {
        put_head(r->e, head, by_head[head], to, step);
        if (isnan(by_head[head])) continue;
        sum += by_head[head];
        n++;
    }
    *to = n > 0 ? sum / (double)n : NAN;
}

static void put_series(const run *r, const scratch *s, size_t series, bool undone, size_t layer, size_t t) {
    const xp_units_maps *m = &r->e->text[t];
    for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++)
        for (xp_measure k = XP_PEARSON; k < XP_N_MEASURES; k++)
            put(r, s->alike + (((size_t)undone * XP_N_SCOPES + scope) * XP_N_MEASURES + k) * r->corpus->n_heads,
                m->alike + xp_units_alike(m, series, scope, k, layer - 1, 0), 1);
}

static bool asks(const run *r, xp_damage damage) { return r->e->series[damage][0] >= 0; }

/* Projections of all rows that maps of this layer are made of. */
static void project_layer(const run *r, scratch *s, size_t layer, size_t t) {
    const xp_corpus *c = r->corpus;
    const size_t n = c->text[t].n, next = next_of(r, t);
    const xp_rows rows = {n, xp_corpus_states(c, t, layer - 1), c->text[t].special};
    size_t n_rows = 0;
    for (xp_damage damage = XP_DAMAGE_PERMUTE; damage <= XP_DAMAGE_NEXT_CONTENT_ROWS; damage++)
        if (asks(r, damage)) n_rows = n;
    memcpy(s->rows, rows.row, n_rows * c->width * sizeof *s->rows);
    if (asks(r, XP_DAMAGE_NEXT_ROWS) || asks(r, XP_DAMAGE_NEXT_CONTENT_ROWS)) {
        s->next = n_rows;
        memcpy(s->rows + n_rows * c->width, xp_corpus_states(c, next, layer - 1),
               c->text[next].n * c->width * sizeof *s->rows);
        n_rows += c->text[next].n;
    }
    for (xp_damage damage = XP_DAMAGE_GAUSSIAN; damage <= XP_DAMAGE_SHUFFLE_DIMENSIONS; damage++) {
        if (!asks(r, damage)) continue;
        s->at[damage] = n_rows;
        xp_damage_rows_drawn(damage, c->width, &rows, &s->drawn, s->rows + n_rows * c->width);
        n_rows += n;
    }
    xp_session_project(s->session, layer, n_rows, s->rows, s->projected);
}

/* Where damaged rows look. Moved rows take their projections along. */
static void look_at_damaged(const run *r, scratch *s, xp_damage damage, size_t layer, size_t t) {
    const xp_corpus *c = r->corpus;
    const size_t next = next_of(r, t), size = xp_session_projected(s->session);
    const xp_rows own = {c->text[t].n, s->projected, c->text[t].special},
                  other = {c->text[next].n, s->projected + s->next * size, c->text[next].special};
    const float *damaged = s->moved;
    size_t left = 0;
    if (damage == XP_DAMAGE_GAUSSIAN || damage == XP_DAMAGE_SHUFFLE_DIMENSIONS)
        damaged = s->projected + s->at[damage] * size;
    else
        left = xp_damage_rows(damage, size, &own, &other, r->seed, (uint32_t)t, s->places, s->order, s->moved);
    r->e->text[t].left[r->e->series[damage][0]] = (double)left;
    xp_session_look(s->session, layer, own.n, damaged, s->maps);
}

static void damage_layer(const run *r, scratch *s, xp_damage damage, size_t layer, size_t t) {
    const xp_corpus *c = r->corpus;
    const xp_sides *side = &c->text[t].side;
    const size_t size = c->n_heads * side->n * side->n;
    const float *maps = s->maps;
    if (damage == XP_DAMAGE_RANDOM_INIT) {
        r->e->text[t].left[r->e->series[damage][0]] = 0;
        maps = xp_corpus_map(r->random, t, layer, 0);
    } else {
        look_at_damaged(r, s, damage, layer, t);
    }
    for (int undone = undoes(r->e, damage); undone >= 0; undone--) {
        if (damage != XP_DAMAGE_RANDOM_INIT) maps = fold(r, s, t, c->n_heads, s->maps, undone ? s->order : NULL);
        for (size_t head = 0; head < c->n_heads; head++)
            for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++)
                compare(r, s, undone, scope, layer, head, t, maps + head * side->n * side->n);
        put_series(r, s, (size_t)r->e->series[damage][undone], undone, layer, t);
    }
    if (r->e->maps != NULL) /* as the rows were, which was folded last */
        memcpy(r->e->maps + (size_t)damage * r->e->map_size + r->e->map_at[t] + (layer - 1) * size, maps,
               size * sizeof *maps);
}

/* What a map of equal weights, which knows nothing of the text, has in common with the intact ones. */
static void look_at_uniform(const run *r, scratch *s, size_t layer, size_t t) {
    const xp_corpus *c = r->corpus;
    if (r->e->uniform < 0) return;
    xp_similarity_uniform(c->text[t].n, s->maps);
    const float *uniform = fold(r, s, t, 1, s->maps, NULL);
    r->e->text[t].left[r->e->uniform] = 0;
    for (size_t head = 0; head < c->n_heads; head++)
        for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++)
            compare(r, s, false, scope, layer, head, t, uniform);
    put_series(r, s, (size_t)r->e->uniform, false, layer, t);
}

static void look_at_intact(const run *r, scratch *s, size_t layer, size_t t) {
    const xp_sides *side = &r->corpus->text[t].side;
    const xp_units_maps *m = &r->e->text[t];
    const size_t n_heads = r->corpus->n_heads;
    for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++) {
        double sum = 0, *modal = m->modal + xp_units_place(m, scope, layer - 1, 0);
        for (size_t head = 0; head < n_heads; head++) {
            const uint8_t *special = scope == XP_WHOLE ? side->special : NULL;
            size_t n;
            const double *a = intact_map(r, t, scope, layer, head, side->special, s->a, &n),
                         entropy = xp_similarity_entropy(n, a),
                         share = xp_similarity_modal_share(r->corpus->causal, n, a, s->places);
            s->intact[head][scope] = (intact){xp_similarity_mean(r->corpus->causal, n, a), entropy,
                                              xp_similarity_pattern(r->corpus->causal, n, a, entropy, special)};
            put_head(r->e, head, share, modal, 1);
            sum += share;
        }
        *modal = sum / (double)n_heads;
    }
}

/* Another text's special pieces stand elsewhere only if the text spells one: then what is special here is left out. */
static void peers(const run *r, scratch *s, size_t layer, size_t t) {
    const xp_corpus *c = r->corpus;
    const xp_sides *side = &c->text[t].side;
    const xp_units_maps *m = &r->e->text[t];
    for (xp_scope scope = XP_WHOLE; scope < XP_N_SCOPES; scope++) {
        for (size_t head = 0; head < c->n_heads; head++) {
            size_t n;
            const double *a = intact_map(r, t, scope, layer, head, side->special, s->a, &n);
            for (size_t k = 0; k < m->n_others; k++) {
                const double *b =
                    intact_map(r, r->e->peer[t * XP_PEERS + k], scope, layer, head, side->special, s->b, &n);
                s->peer[k * c->n_heads + head] = xp_similarity_pearson(c->causal, n, a, s->intact[head][scope].mean, b);
            }
        }
        for (size_t k = 0; k < m->n_others; k++)
            put(r, s->peer + k * c->n_heads, m->others + xp_units_place(m, scope, layer - 1, 0) * m->n_others + k,
                m->n_others);
    }
}

/* A row of a softmax adds up to 1. */
static double farthest_row(const xp_corpus *c, size_t t) {
    const size_t n = c->text[t].side.n;
    double worst = 0;
    for (size_t row = 0; row < c->n_layers * c->n_heads * n; row++) {
        double sum = -1;
        for (size_t k = 0; k < n; k++) sum += c->text[t].maps[row * n + k];
        worst = fabs(sum) > worst ? fabs(sum) : worst;
    }
    return worst;
}

static bool look_at_text(void *self, size_t t, unsigned worker) {
    const xp_experiment *e = self;
    const run *r = e->run;
    scratch *s = &r->scratch[worker];
    *e->text[t].farthest = farthest_row(r->corpus, t);
    for (xp_damage damage = XP_DAMAGE_GAUSSIAN; damage <= XP_DAMAGE_SHUFFLE_DIMENSIONS; damage++)
        if (asks(r, damage))
            xp_damage_draw(damage, r->corpus->text[t].n, r->corpus->width, r->seed, (uint32_t)t, &s->drawn);
    for (size_t layer = 1; layer <= e->n_layers; layer++) {
        project_layer(r, s, layer, t);
        look_at_intact(r, s, layer, t);
        peers(r, s, layer, t);
        look_at_uniform(r, s, layer, t);
        for (xp_damage damage = XP_DAMAGE_PERMUTE; damage < XP_N_DAMAGES; damage++)
            if (asks(r, damage)) damage_layer(r, s, damage, layer, t);
    }
    return true;
}

/* Before texts are looked at, each by all that have its length. */
static bool make_content(run *r) {
    const xp_corpus *c = r->corpus;
    size_t all = 0;
    r->content_at = xp_alloc(c->n_texts, sizeof *r->content_at);
    for (size_t t = 0; r->content_at != NULL && t < c->n_texts; t++) {
        size_t n = 0;
        for (size_t i = 0; i < c->text[t].side.n; i++) n += !c->text[t].side.special[i];
        const size_t size = c->n_layers * c->n_heads * n * n;
        r->content_at[t] = size > 0 && size <= CONTENT_ROOM - all ? all : SIZE_MAX;
        if (r->content_at[t] != SIZE_MAX) all += size;
    }
    r->content = xp_alloc(all, sizeof *r->content);
    if (r->content_at == NULL || r->content == NULL) return false;
    for (size_t t = 0; t < c->n_texts; t++) {
        const xp_sides *side = &c->text[t].side;
        if (r->content_at[t] == SIZE_MAX) continue;
        double *to = r->content + r->content_at[t];
        for (size_t k = 0; k < c->n_layers * c->n_heads; k++) {
            const float *map = xp_corpus_map(c, t, 1, k);
            const size_t n = xp_similarity_scope(side->n, map, NULL, side->special, XP_CONTENT, to);
            to += n * n;
        }
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
        const size_t n_rows = 4 * longest, size = xp_session_projected(s->session);
        s->rows = xp_alloc(n_rows, c->width * sizeof *s->rows);
        s->projected = xp_alloc(n_rows, size * sizeof *s->projected);
        s->moved = xp_alloc(longest, size * sizeof *s->moved);
        s->drawn = (xp_damage_drawn){.noise = xp_alloc(longest, c->width * sizeof(float)),
                                     .size = xp_alloc(longest, sizeof(double)),
                                     .order = xp_alloc(longest, c->width * sizeof(uint32_t))};
        s->maps = xp_alloc(c->n_heads * longest, longest * sizeof *s->maps);
        if (c->folds) s->folded = xp_alloc(c->n_heads * longest, longest * sizeof *s->folded);
        s->a = xp_alloc(longest, longest * sizeof *s->a);
        s->b = xp_alloc(longest, longest * sizeof *s->b);
        s->places = xp_alloc(longest, sizeof *s->places);
        s->order = xp_alloc(longest, sizeof *s->order);
        s->intact = xp_alloc(c->n_heads, sizeof *s->intact);
        s->alike = xp_alloc(c->n_heads, 2 * XP_N_SCOPES * XP_N_MEASURES * sizeof *s->alike);
        s->peer = xp_alloc(c->n_heads, XP_PEERS * sizeof *s->peer);
        if (s->alike == NULL || s->peer == NULL || s->intact == NULL || s->rows == NULL || s->maps == NULL ||
            s->a == NULL || s->b == NULL || s->places == NULL || s->order == NULL || s->projected == NULL ||
            s->moved == NULL || s->drawn.noise == NULL || s->drawn.size == NULL || s->drawn.order == NULL ||
            (c->folds && s->folded == NULL))
            return xp_no_memory(error, "damaged maps");
    }
    return EXPLAINT_OK;
}

static void free_scratch(run *r, unsigned threads) {
    for (unsigned w = 0; r->scratch != NULL && w < threads; w++) {
        scratch *s = &r->scratch[w];
        xp_session_destroy(s->session);
        xp_free_all(s->rows, s->projected, s->moved, s->drawn.noise, s->drawn.size, s->drawn.order, s->maps, s->folded,
                    s->a, s->b, s->places, s->order, s->intact, s->alike, s->peer);
    }
    xp_free(r->scratch);
}

double xp_experiment_maps_memory(const xp_corpus *c) {
    double n = 0;
    for (size_t t = 0; t < c->n_texts; t++) n += (double)c->text[t].side.n * (double)c->text[t].side.n;
    return fmin(n * (double)(c->n_layers * c->n_heads), CONTENT_ROOM) * sizeof(double);
}

double xp_experiment_rows_memory(const xp_corpus *c, unsigned threads) {
    const double projected = (double)xp_work_projected(&c->model->config);
    return threads * (double)c->longest * (6 * (double)c->width + 5 * projected) * sizeof(float);
}

/* ---- pieces ---- */

static bool pack(const void *self, size_t t, void **bytes, size_t *size) {
    return xp_units_maps_pack(&((const xp_experiment *)self)->text[t], bytes, size);
}

static bool unpack(void *self, size_t t, const void *bytes, size_t size) {
    return xp_units_maps_unpack(&((xp_experiment *)self)->text[t], bytes, size);
}

static bool name_series(xp_experiment *e, const bool damage[XP_N_DAMAGES]) {
    for (xp_damage k = XP_DAMAGE_PERMUTE; k < XP_N_DAMAGES; k++)
        for (int undone = 0; undone < 2; undone++) {
            e->series[k][undone] = -1;
            if (!damage[k] || undone > undoes(e, k)) continue;
            e->series[k][undone] = (int)e->names.count;
            if (!xp_strings_addf(&e->names, "%s%s", xp_damage_names[k], undone ? " undone" : "")) return false;
        }
    e->uniform = e->corpus->causal ? (int)e->names.count : -1;
    return e->uniform < 0 || xp_strings_addf(&e->names, "uniform map");
}

/* Two thirds of their rows or more are the same at their place: maps of such texts are alike because the texts are. */
static bool alike(const xp_sides *x, const xp_sides *y) {
    size_t n = 0, same = 0;
    for (size_t i = 0; i < x->n; i++) {
        n += !x->special[i];
        same += !x->special[i] && x->id[i] == y->id[i];
    }
    return 3 * same >= 2 * n;
}

/* The next texts of its length. */
static size_t find_peers(const xp_corpus *c, bool differ, size_t t, uint32_t *peer) {
    size_t n = 0;
    for (size_t k = 1; k < c->n_texts && n < XP_PEERS; k++) {
        const size_t u = (t + k) % c->n_texts;
        const xp_sides *side = &c->text[u].side;
        bool taken = side->n == c->text[t].side.n && !(differ && alike(side, &c->text[t].side));
        for (size_t i = 0; taken && differ && i < n; i++) taken = !alike(side, &c->text[peer[i]].side);
        if (taken) peer[n++] = (uint32_t)u;
    }
    return n;
}

static bool create(xp_experiment *e, const xp_corpus *c, const xp_experiment_options *o) {
    *e = (xp_experiment){.corpus = c, .n_texts = c->n_texts, .n_layers = c->n_layers};
    e->head = o->head;
    e->n_heads = o->by_head ? c->n_heads + 1 : o->head > 0 ? 2 : 1;
    e->text = xp_calloc(c->n_texts, sizeof *e->text);
    e->map_at = xp_calloc(c->n_texts, sizeof *e->map_at);
    e->in_null = xp_alloc(c->n_texts, sizeof *e->in_null);
    e->peer = xp_alloc(c->n_texts, XP_PEERS * sizeof *e->peer);
    e->drawn = xp_calloc(c->n_texts, XP_DRAWS * sizeof *e->drawn);
    if (!name_series(e, o->damage) || e->text == NULL || e->map_at == NULL || e->in_null == NULL || e->peer == NULL ||
        e->drawn == NULL)
        return false;
    for (size_t t = 0; t < c->n_texts; t++) {
        e->text[t] = (xp_units_maps){.text = t,
                                     .n_pieces = c->text[t].n,
                                     .series = (const char *const *)e->names.item,
                                     .n_series = e->names.count,
                                     .n_layers = c->n_layers,
                                     .n_heads = e->n_heads,
                                     .head = e->head,
                                     .n_others = find_peers(c, o->differ, t, e->peer + t * XP_PEERS)};
        if (!xp_units_maps_create(&e->text[t])) return false;
        e->map_at[t] = e->map_size;
        e->map_size += c->n_layers * c->n_heads * c->text[t].side.n * c->text[t].side.n;
    }
    if (o->keep_maps) e->maps = xp_calloc(XP_N_DAMAGES, e->map_size * sizeof *e->maps);
    return !o->keep_maps || e->maps != NULL;
}

/* Which of its peers a text gets in each draw. */
static void draw_peers(xp_experiment *e, uint64_t seed) {
    for (uint32_t draw = 0; draw < XP_DRAWS; draw++) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_NULL_MAPS, draw);
        for (size_t t = 0; t < e->n_texts; t++) {
            const size_t n = e->text[t].n_others;
            if (n > 0) e->drawn[t * XP_DRAWS + draw] = (uint8_t)xp_rng_below(&rng, n);
        }
    }
}

explaint_status xp_experiment_find(xp_attend *a, const xp_corpus *corpus, const xp_experiment_options *options,
                                   xp_experiment *e, explaint_error *error) {
    if (!create(e, corpus, options)) return xp_no_memory(error, "damaged maps");
    draw_peers(e, a->options.seed);
    e->pieces = (xp_stored){.stem = options->stem,
                            .n = corpus->n_texts,
                            .alone = options->alone,
                            .anew = options->keep_maps,
                            .self = e,
                            .make = look_at_text,
                            .pack = pack,
                            .unpack = unpack};
    return xp_stored_find(a, &e->pieces, error);
}

explaint_status xp_experiment_make(xp_attend *a, const xp_corpus *random, xp_experiment *e, explaint_error *error) {
    run r = {.e = e, .corpus = e->corpus, .random = random, .seed = a->options.seed};
    if (e->pieces.n_missing == 0) return EXPLAINT_OK;
    explaint_status status =
        make_content(&r) ? create_scratch(&r, a->threads, error) : xp_no_memory(error, "damaged maps");
    e->run = &r;
    if (status == EXPLAINT_OK) status = xp_stored_make(a, &e->pieces, "damaged maps", error);
    e->run = NULL;
    free_scratch(&r, a->threads);
    xp_free_all(r.content, r.content_at);
    return status;
}

void xp_experiment_free(xp_experiment *e) {
    for (size_t t = 0; e->text != NULL && t < e->n_texts; t++) xp_free(e->text[t].alike);
    xp_free_all(e->text, e->maps, e->map_at, e->in_null, e->peer, e->drawn);
    xp_strings_free(&e->names);
    xp_stored_free(&e->pieces);
    *e = (xp_experiment){0};
}

/* ---- the null ---- */

/* What equal maps give is equal but for rounding. */
static const double ROUNDING = 1e-9;

double xp_experiment_peers_mean(const xp_experiment *e, xp_scope scope, size_t layer, size_t head, size_t text) {
    const double *peer = xp_experiment_peers(e, scope, layer, head, text);
    const size_t n = e->text[text].n_others;
    double sum = 0;
    for (size_t k = 0; k < n; k++) sum += peer[k];
    return n > 0 ? sum / (double)n : NAN;
}

xp_null xp_null_of(const xp_experiment *e, const double *observed, xp_scope scope, size_t layer, size_t head) {
    double drawn[XP_DRAWS] = {0};
    xp_null null = {0, 0, NAN, 0};
    for (size_t t = 0; t < e->n_texts; t++) {
        const double mean = xp_experiment_peers_mean(e, scope, layer, head, t);
        e->in_null[t] = !isnan(observed[t]) && !isnan(mean);
        if (!e->in_null[t]) continue;
        null.observed += observed[t];
        null.mean += mean;
        null.n++;
    }
    if (null.n == 0) return (xp_null){NAN, NAN, NAN, 0};
    null.observed /= (double)null.n;
    null.mean /= (double)null.n;
    for (size_t t = 0; t < e->n_texts; t++) {
        const double *peer = xp_experiment_peers(e, scope, layer, head, t);
        for (size_t draw = 0; e->in_null[t] && draw < XP_DRAWS; draw++)
            drawn[draw] += peer[e->drawn[t * XP_DRAWS + draw]];
    }
    size_t above = 0;
    for (size_t draw = 0; draw < XP_DRAWS; draw++) above += drawn[draw] / (double)null.n >= null.observed - ROUNDING;
    null.p = (1 + (double)above) / (1 + (double)XP_DRAWS);
    return null;
}
