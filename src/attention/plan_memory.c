/* What a run holds at once, part by part, before it begins (docs/attention.md#memory). */
#include "attention/plan_memory.h"

#include "attention/experiment.h"
#include "attention/flows.h"
#include "flow/attribution.h"
#include "model/work.h"
#include "units/attention.h"

static void add(xp_attend *a, const char *what, const char *measures, bool square, double bytes) {
    if (bytes > 0)
        a->memory[a->n_memory++] =
            (explaint_attend_memory){.what = what, .measures = measures, .bytes = bytes, .square = square};
}

/* Of all texts: pieces, and pairs of pieces. */
static double rows_of(const xp_corpus *c) { return (double)c->n_rows; }
static double pairs_of(const xp_corpus *c) {
    double n = 0;
    for (size_t t = 0; t < c->n_texts; t++) n += (double)c->text[t].n * (double)c->text[t].n;
    return n;
}

static double states_of(const xp_attend *a, const xp_corpus *c) {
    return (double)(c->n_layers + 1) * rows_of(c) * (double)a->info->width * sizeof(float);
}
static double maps_of(const xp_attend *a, const xp_corpus *c) {
    return (double)(c->n_layers * a->info->n_heads) * pairs_of(c) * sizeof(float);
}

/* The scratch of a forward pass, without the maps of a layer. */
static double pass_of(const xp_attend *a) {
    const size_t longest = a->texts.longest, rows = longest > XP_BATCH_ROWS ? longest : XP_BATCH_ROWS;
    const bool many = a->texts.n_texts > 1;
    size_t floats = 0;
    if (!xp_work_size(a->model, rows, longest, false, false, many ? 1 : a->threads, &floats)) return 1e18;
    return (double)floats * sizeof(float) * (many ? a->threads : 1);
}

/* Of one text a layer at a time: its maps on each thread. */
static double layer_of(const xp_attend *a) {
    const size_t threads = a->texts.n_texts < a->threads ? a->texts.n_texts : a->threads;
    return (double)(threads * a->info->n_heads) * (double)a->texts.longest * (double)a->texts.longest * sizeof(float);
}

static double of_damage(const xp_attend *a) {
    const size_t kept = 1 + (size_t)a->damage[XP_DAMAGE_RANDOM_INIT] + (a->options.keep_maps ? XP_N_DAMAGES : 0);
    return (double)kept * maps_of(a, &a->texts) + 2 * layer_of(a);
}

static double of_flow(const xp_attend *a) {
    return (double)a->info->n_layers * pairs_of(&a->texts) * sizeof(double) + layer_of(a);
}

static double of_attribution(const xp_attend *a) {
    return xp_attribution_memory(a->model, a->texts.longest, xp_flows_attribution_layers(a), a->probes, a->threads);
}

void xp_attend_plan_memory(xp_attend *a) {
    const bool maps = a->damages || a->options.keep_maps;
    const size_t d = a->info->width;
    add(a, "the model", "all", false, (double)a->info->memory);
    add(a, "passes of the model, without maps", "all", false, pass_of(a));
    if (a->looks)
        add(a, "numbers of rows of one layer", "attention", false,
            (double)(a->info->n_heads * XP_UNITS_LOOKS * sizeof(float)) * rows_of(&a->texts));
    if (a->looks && a->texts.folds) add(a, "whole maps of a layer", "attention", true, 2 * layer_of(a));
    if (a->continuity || maps)
        add(a, "states of all layers", a->continuity ? maps ? "continuity, damage" : "continuity" : "damage", false,
            states_of(a, &a->texts) * (a->wants_random ? 2 : 1));
    if (a->fit_texts.n_texts > 0)
        add(a, "fitted maps (g)", "continuity", false,
            (double)((a->info->n_layers + 1) * d) * (double)d * sizeof(double) * 2);
    const char *const wanted = a->damages ? "damage" : "--maps, --picture";
    if (maps) {
        add(a, "whole maps of all layers", wanted, true, of_damage(a));
        add(a, "maps without special tokens, at most 64 MB", wanted, true, xp_experiment_maps_memory(&a->texts));
        add(a, "damaged rows", wanted, false, xp_experiment_rows_memory(&a->texts, a->threads));
    }
    if (a->flow)
        add(a, "rollouts from chosen pieces", "rollout_first, rollout_column", false,
            (double)((a->info->n_heads + 1) * xp_flows_n_columns(a) + 1) * sizeof(double) * rows_of(&a->texts));
    if (a->flow && xp_flows_need_maps(a)) add(a, "whole maps of all layers, means of heads", "flow", true, of_flow(a));
    if (xp_flows_attributes(a))
        add(a,
            xp_flows_is_exact(a) ? "attribution, exact: all directions of words"
                                 : xp_attend_keep(a, "attribution, estimated: %zu probes of each word", a->probes),
            "flow", true, of_attribution(a));
    if (a->judging)
        add(a, "the texts that decide", "verdict", true,
            states_of(a, &a->judged) + maps_of(a, &a->judged) +
                (double)a->info->n_layers * pairs_of(&a->judged) * sizeof(double));
}

const explaint_attend_memory *explaint_attend_plan_memory(const explaint_attend_plan *plan, size_t *n) {
    *n = plan->n_memory;
    return plan->memory;
}
