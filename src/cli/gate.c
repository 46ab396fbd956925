#include "gate.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "view.h"

bool gate_read(const char *text, gate *g) {
    static const char worse[] = "worse";
    *g = (gate){.changed = strcmp(text, "changed") == 0};
    if (g->changed) return true;
    if (strncmp(text, worse, strlen(worse)) != 0) return false;
    const char *rest = text + strlen(worse);
    g->worse = true;
    if (*rest == 0) return true;
    char *end = NULL;
    if (*rest != ':' || !(isdigit((unsigned char)rest[1]) || rest[1] == '.')) return false;
    g->by = strtod(rest + 1, &end);
    return *end == 0 && end != rest + 1 && g->by >= 0 && g->by < 1;
}

/* Lower by more than was granted, and, where concepts are paired, by more than chance. */
static bool is_worse(const gate *g, const explaint_paired *p, const double value[2]) {
    const double difference = isnan(p->difference) ? value[1] - value[0] : p->difference;
    return difference < -g->by && (!p->paired || isnan(p->ci[1]) || p->ci[1] < 0);
}

static void say(const char *what, int layer, const explaint_paired *p, char *why, size_t size) {
    char of_layer[32] = "";
    if (layer >= 0) snprintf(of_layer, sizeof of_layer, " in layer %d", layer);
    snprintf(why, size, "%s%s is lower: a difference of %s", what, of_layer, view_number(p->difference, 3, true).text);
}

static bool verdict_passes(const gate *g, const explaint_compared_verdict *v, char *why, size_t size) {
    const bool lower = view_rank(v->verdict[1]) < view_rank(v->verdict[0]);
    /* a sink is no better or worse than none */
    if ((g->changed && v->changed > 0) || (g->worse && lower && !view_is(v->claim, "sink"))) {
        char layer[32] = "";
        if (v->layer[1] >= 0) snprintf(layer, sizeof layer, " in layer %d", v->layer[1]);
        snprintf(why, size, "the verdict on '%s'%s went from '%s' to '%s'", v->claim != NULL ? v->claim : "?", layer,
                 v->verdict[0] != NULL ? v->verdict[0] : "none", v->verdict[1] != NULL ? v->verdict[1] : "none");
        return false;
    }
    for (size_t k = 0; g->worse && k < v->n_assumptions; k++) {
        const explaint_compared_assumption *a = &v->assumptions[k];
        if (!view_is(a->id, "E1") || !is_worse(g, &a->paired, a->gain)) continue;
        say("agreement of the vectors with the norms", v->layer[1], &a->paired, why, size);
        return false;
    }
    return true;
}

bool gate_pass(const gate *g, const explaint_comparison *c, char *why, size_t size) {
    for (size_t i = 0; i < c->n_verdicts; i++)
        if (!verdict_passes(g, &c->verdicts[i], why, size)) return false;
    for (size_t i = 0; g->worse && i < c->n_rows; i++) {
        const explaint_compared_row *row = &c->rows[i];
        if (!view_is(row->condition, "system") || !view_is(row->target, "norms") || c->verdict_metric == NULL ||
            !view_is(row->metric, c->verdict_metric) || !is_worse(g, &row->paired, row->value))
            continue;
        say(view_metric_name(row->metric), row->layer[1], &row->paired, why, size);
        return false;
    }
    return true;
}
