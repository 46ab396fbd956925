#include "attention/damages.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

typedef struct place { /* what a row is about */
    xp_attend *a;
    const xp_experiment *e;
    xp_scope scope;
    size_t layer;
    size_t head;   /* 0: the mean of heads */
    double *value; /* scratch: a value per text */
} place;

static explaint_attend_row row_of(const place *p) {
    return (explaint_attend_row){.text = -1,
                                 .layer = (int)p->layer,
                                 .head = p->head == 0 ? -1 : (int)p->head,
                                 .standardised = -1,
                                 .undone = -1,
                                 .column = -1,
                                 .scope = xp_units_scopes[p->scope]};
}

/* A row of each text, if asked for, and of their mean over the texts where the value exists. */
static void add(const place *p, explaint_attend_row row, const char *measure, bool by_text) {
    double sum = 0;
    size_t n = 0;
    if (!xp_attend_wants(p->a, "damage", measure)) return;
    row.measure = measure;
    for (size_t t = 0; t < p->e->n_texts; t++) {
        if (isnan(p->value[t])) continue;
        sum += p->value[t];
        n++;
    }
    row.value = n > 0 ? sum / (double)n : NAN;
    row.n = n;
    xp_attend_add(p->a, &row);
    for (size_t t = 0; by_text && t < p->e->n_texts; t++) {
        row.text = (int)t;
        row.value = p->value[t];
        row.n = 0;
        xp_attend_add(p->a, &row);
    }
}

static void gather(const place *p, xp_damage damage, bool undone, xp_measure measure) {
    for (size_t t = 0; t < p->e->n_texts; t++)
        p->value[t] = xp_similarity(p->e, damage, undone, p->scope, measure, p->layer, p->head, t);
}

/* The share of peers that are at least as alike as the damaged map, over all texts and for each. */
static void add_null(const place *p, explaint_attend_row row) {
    const xp_null null = xp_null_of(p->e, p->value, p->scope, p->layer, p->head);
    row.measure = "damage_null_p";
    row.value = null.p;
    row.n = null.n;
    if (!xp_attend_wants(p->a, "damage", row.measure)) return;
    xp_attend_add(p->a, &row);
    for (size_t t = 0; p->a->options.by_text && t < p->e->n_texts; t++) {
        const double *peer = xp_experiment_peers(p->e, p->scope, p->layer, p->head, t);
        size_t above = 0, n = p->e->text[t].n_others;
        for (size_t k = 0; k < n; k++) above += peer[k] >= p->value[t] - 1e-9;
        row.text = (int)t;
        row.value = n == 0 || isnan(p->value[t]) ? NAN : (1 + (double)above) / (1 + (double)n);
        row.n = n;
        xp_attend_add(p->a, &row);
    }
}

static void add_damage(const place *p, xp_damage damage) {
    for (int undone = 0; undone < 2 && p->e->series[damage][undone] >= 0; undone++) {
        explaint_attend_row row = row_of(p);
        row.damage = xp_damage_names[damage];
        row.undone = undone;
        for (xp_measure m = XP_PEARSON; m < XP_N_MEASURES; m++) {
            gather(p, damage, undone, m);
            add(p, row, xp_units_measures[m], p->head == 0 && (p->a->options.by_text || (m == XP_PEARSON && !undone)));
        }
        gather(p, damage, undone, XP_PEARSON);
        add_null(p, row);
    }
}

/* What belongs to no damage: a constant guess of the strongest target, and the maps of other texts. */
static void add_beside(const place *p) {
    const xp_experiment *e = p->e;
    for (size_t t = 0; t < e->n_texts; t++) p->value[t] = xp_experiment_modal(e, p->scope, p->layer, p->head, t);
    add(p, row_of(p), "modal_target_share", p->a->options.by_text);
    for (size_t t = 0; t < e->n_texts; t++) p->value[t] = xp_experiment_peers_mean(e, p->scope, p->layer, p->head, t);
    add(p, row_of(p), "damage_null_pearson", p->a->options.by_text);
    if (e->uniform < 0) return;
    for (size_t t = 0; t < e->n_texts; t++) p->value[t] = xp_experiment_uniform(e, p->scope, p->layer, p->head, t);
    add(p, row_of(p), "uniform_pearson", p->a->options.by_text);
}

explaint_status xp_damage_measures(xp_attend *a, const xp_experiment *e, explaint_error *error) {
    place p = {.a = a, .e = e};
    p.value = xp_alloc(e->n_texts, sizeof *p.value);
    if (p.value == NULL) return xp_no_memory(error, "the measures of damage");
    for (p.layer = 1; p.layer <= e->n_layers; p.layer++) {
        if (!a->layer[p.layer]) continue;
        for (p.scope = a->read.without_special ? XP_CONTENT : XP_WHOLE; p.scope < XP_N_SCOPES; p.scope++)
            for (p.head = 0; p.head < e->n_heads; p.head++) {
                add_beside(&p);
                for (xp_damage damage = XP_DAMAGE_PERMUTE; damage < XP_N_DAMAGES; damage++)
                    if (a->damage[damage]) add_damage(&p, damage);
            }
    }
    xp_free(p.value);
    return EXPLAINT_OK;
}
