/* Hidden token attribution of texts (flow/attribution.h): by how many directions, and what rows and maps get of it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "attention/flows_pass.h"
#include "attention/options.h"
#include "base/error.h"
#include "base/memory.h"
#include "flow/attribution.h"

static const char what[] = "the attribution of texts";

/* By default attribution is exact up to so many multiplications in all: some minutes of a processor. Beyond, it is estimated. */
static const double MOST_WORK = 1e13;
enum { PROBES = 16 };
/* Multiplications that a processor does in a second, with AVX-512 and some others at work beside it; and how long is said before a run. */
static const double RATE = 3e10, LONG = 60;

bool xp_flows_attributes(const xp_attend *a) {
    return xp_attend_wants_any(a, XP_FLOW_ATTRIBUTION_OWN, XP_FLOW_ATTRIBUTION_ERROR);
}

size_t xp_flows_attribution_layers(const xp_attend *a) {
    size_t last = a->info->n_layers;
    while (!a->options.keep_maps && last > 0 && !a->layer[last]) last--;
    return last;
}

bool xp_flows_is_exact(const xp_attend *a) { return a->probes >= xp_attribution_exact(a->model); }

static double work_of(const xp_attend *a, size_t probes) {
    double work = 0;
    for (size_t t = 0; t < a->texts.n_texts; t++)
        work += xp_attribution_work(a->model, a->texts.text[t].n, xp_flows_attribution_layers(a), probes);
    return work;
}

static const char *how(const xp_attend *a, char text[24]) {
    snprintf(text, 24, "%zu", a->probes);
    return xp_flows_is_exact(a) ? "exact" : text;
}

static void say_cost(xp_attend *a) {
    const double seconds = work_of(a, a->probes) / RATE;
    char text[24];
    if (seconds > LONG)
        a->cost = xp_attend_keep(a,
                                 "attribution takes about %.0f minutes of a processor (--attribution %s), and most of "
                                 "this run; fewer texts or directions take less, and --measures names all others",
                                 ceil(seconds / 60), how(a, text));
}

void xp_flows_choose_probes(xp_attend *a) {
    const size_t exact = xp_attribution_exact(a->model);
    char text[24];
    if (!xp_flows_attributes(a)) return;
    const bool all = strcmp(a->options.attribution, "exact") == 0 || work_of(a, exact) <= MOST_WORK || exact < PROBES;
    if (a->probes == 0) a->probes = all ? exact : PROBES;
    xp_attend_setting(a, "attribution", how(a, text));
    say_cost(a);
}

typedef struct share {
    xp_attend *a;
    double done, part; /* of all texts, before this one; of this one */
} share;

static bool report(void *self, double done) {
    const share *s = self;
    return xp_attend_report(s->a, s->done + done * s->part);
}

static explaint_status attribute(const xp_flows *r, size_t t, share *s, explaint_error *error) {
    const xp_attend *a = r->a;
    const xp_encoded_text *text = &r->corpus->text[t];
    const size_t n = text->n, layers = xp_flows_attribution_layers(a);
    const explaint_ids ids = {text->id, n};
    const xp_attribution_options options = {.probes = a->probes,
                                            .n_layers = layers,
                                            .held = XP_ATTRIBUTION_HELD,
                                            .seed = a->options.seed,
                                            .stream = (uint32_t)t,
                                            .threads = a->threads,
                                            .progress = report,
                                            .self = s};
    const xp_sides *side = &text->side;
    double *map = r->planes[t][XP_PLANE_ATTRIBUTION], *deviation = xp_alloc(layers + n, n * sizeof *deviation);
    if (deviation == NULL) return xp_no_memory(error, what);
    double *folded = deviation + layers * n;
    explaint_status status = xp_attribution_of(a->model, &ids, &options, map, deviation, error);
    for (size_t l = 0; status == EXPLAINT_OK && l < layers; l++) {
        const xp_attribution_says says =
            xp_attribution_describe(side->n, r->corpus->causal, xp_flows_read(r, t, map + l * n * n, folded),
                                    side->same ? deviation + l * n : NULL);
        xp_flows_put(&r->text[t], XP_FLOW_ATTRIBUTION_OWN, l, says.own, says.rows);
        xp_flows_put(&r->text[t], XP_FLOW_ATTRIBUTION_OWN_NOT_LARGEST, l, says.not_largest, says.rows);
        xp_flows_put(&r->text[t], XP_FLOW_ATTRIBUTION_ERROR, l, says.deviation, side->same ? says.rows : 0);
    }
    xp_free(deviation);
    return status;
}

explaint_status xp_flows_attribute(xp_flows *r, explaint_error *error) {
    const size_t layers = xp_flows_attribution_layers(r->a);
    share s = {.a = r->a};
    double all = 0;
    explaint_status status = EXPLAINT_OK;
    for (size_t t = 0; t < r->corpus->n_texts; t++)
        if (r->pieces.missing[t]) all += xp_attribution_work(r->a->model, r->corpus->text[t].n, layers, r->a->probes);
    for (size_t t = 0; status == EXPLAINT_OK && layers > 0 && t < r->corpus->n_texts; t++) {
        if (!r->pieces.missing[t]) continue;
        s.part = xp_attribution_work(r->a->model, r->corpus->text[t].n, layers, r->a->probes) / all;
        status = attribute(r, t, &s, error);
        s.done += s.part;
    }
    return status;
}
