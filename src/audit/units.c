/* One unit of a plan, from its inputs to its bytes. */
#include <math.h>
#include <string.h>

#include "audit/length.h"
#include "audit/plan.h"
#include "audit/reading.h"
#include "base/memory.h"
#include "base/rng.h"
#include "norms/norms.h"

/* ---- bytes ---- */

static size_t bits(unsigned set) {
    size_t count = 0;
    for (; set != 0; set &= set - 1) count++;
    return count;
}

static size_t packed_size(size_t n, size_t n_levels, size_t n_folds, size_t n_epochs, unsigned wanted) {
    return n_levels * n * (bits(wanted) * sizeof(xp_score) + XP_TOP * sizeof(int32_t)) +
           n_folds * (sizeof(double) + sizeof(xp_note) + 2 * n_epochs * sizeof(double)) + 3 * sizeof(uint64_t);
}

bool xp_pack_scores(const xp_scores *s, unsigned wanted, void **bytes, size_t *size) {
    *size = packed_size(s->n, s->n_levels, s->n_folds, s->n_epochs, wanted);
    /* released by free(), as what a store gives back */
    unsigned char *at = *bytes = xp_alloc(*size, 1);
    if (at == NULL) return false;
    uint64_t head[3] = {s->n_levels, s->n_folds, s->n_epochs};
    memcpy(at, head, sizeof head);
    at += sizeof head;
    for (size_t r = 0; r < s->n_levels * s->n; r++)
        for (int metric = 0; metric < XP_N_METRICS; metric++) {
            if (!(wanted >> metric & 1)) continue;
            memcpy(at, &s->score[r * XP_N_METRICS + (size_t)metric], sizeof(xp_score));
            at += sizeof(xp_score);
        }
    memcpy(at, s->top, s->n_levels * s->n * XP_TOP * sizeof *s->top);
    at += s->n_levels * s->n * XP_TOP * sizeof *s->top;
    memcpy(at, s->chosen, s->n_folds * sizeof *s->chosen);
    at += s->n_folds * sizeof *s->chosen;
    memcpy(at, s->note, s->n_folds * sizeof *s->note);
    at += s->n_folds * sizeof *s->note;
    if (s->losses != NULL) memcpy(at, s->losses, 2 * s->n_epochs * s->n_folds * sizeof *s->losses);
    return true;
}

static bool read_head(const void *bytes, size_t size, size_t n, unsigned wanted, uint64_t head[3]) {
    if (size < 3 * sizeof *head) return false;
    memcpy(head, bytes, 3 * sizeof *head);
    return head[0] > 0 && head[0] <= 100000 && head[1] <= 1000000 && head[2] <= 100000 &&
           size == packed_size(n, head[0], head[1], head[2], wanted);
}

bool xp_scores_fit(const void *bytes, size_t size, size_t n, unsigned wanted) {
    uint64_t head[3];
    return read_head(bytes, size, n, wanted, head);
}

bool xp_unpack_scores(const void *bytes, size_t size, size_t n, unsigned wanted, xp_scores *s) {
    uint64_t head[3];
    if (!read_head(bytes, size, n, wanted, head) || !xp_scores_alloc(s, n, head[0], head[1])) return false;
    const unsigned char *at = (const unsigned char *)bytes + sizeof head;
    if (!xp_scores_keep_losses(s, head[2])) {
        xp_scores_free(s);
        return false;
    }
    for (size_t r = 0; r < s->n_levels * n; r++)
        for (int metric = 0; metric < XP_N_METRICS; metric++) {
            if (!(wanted >> metric & 1)) continue;
            memcpy(&s->score[r * XP_N_METRICS + (size_t)metric], at, sizeof(xp_score));
            at += sizeof(xp_score);
        }
    memcpy(s->top, at, s->n_levels * n * XP_TOP * sizeof *s->top);
    at += s->n_levels * n * XP_TOP * sizeof *s->top;
    memcpy(s->chosen, at, s->n_folds * sizeof *s->chosen);
    at += s->n_folds * sizeof *s->chosen;
    memcpy(s->note, at, s->n_folds * sizeof *s->note);
    at += s->n_folds * sizeof *s->note;
    if (s->losses != NULL) memcpy(s->losses, at, 2 * s->n_epochs * s->n_folds * sizeof *s->losses);
    return true;
}

/* n, then fold, twin and label of each, then the names with a zero after each. */
static bool pack_people(const struct explaint_plan *plan, void **bytes, size_t *size) {
    const xp_study *s = &plan->study;
    const uint64_t n = s->n;
    size_t names = 0;
    for (size_t i = 0; i < s->n; i++) names += strlen(plan->norms->concepts.item[s->concept_of[i]]) + 1;
    *size = sizeof n + s->n * 3 * sizeof(uint32_t) + names;
    unsigned char *at = *bytes = xp_alloc(*size, 1);
    if (at == NULL) return false;
    memcpy(at, &n, sizeof n);
    at += sizeof n;
    for (size_t i = 0; i < s->n; i++, at += 3 * sizeof(uint32_t)) {
        const uint32_t one[3] = {s->fold[i], s->tested[i], (uint32_t)s->label[i]};
        memcpy(at, one, sizeof one);
    }
    for (size_t i = 0; i < s->n; i++) {
        const char *name = plan->norms->concepts.item[s->concept_of[i]];
        memcpy(at, name, strlen(name) + 1);
        at += strlen(name) + 1;
    }
    return true;
}

void xp_people_free(xp_people *p) {
    xp_free(p->fold);
    xp_free(p->twin);
    xp_free(p->label);
    xp_free(p->name);
    xp_free(p->names);
    *p = (xp_people){0};
}

bool xp_people_fit(const void *bytes, size_t size) {
    const unsigned char *at = bytes, *end = at + size;
    uint64_t n;
    if (size < sizeof n) return false;
    memcpy(&n, at, sizeof n);
    at += sizeof n;
    if (n == 0 || n > (size - sizeof n) / (3 * sizeof(uint32_t) + 1)) return false; /* a name has its zero at least */
    for (size_t i = 0; i < n; i++, at += 3 * sizeof(uint32_t)) {
        uint32_t twin;
        memcpy(&twin, at + sizeof twin, sizeof twin);
        if (twin > i && twin != UINT32_MAX) return false;
    }
    for (size_t i = 0; i < n; i++) {
        at = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
        if (at++ == NULL) return false;
    }
    return at == end;
}

bool xp_people_read(const void *bytes, size_t size, xp_people *p) {
    const unsigned char *at = bytes;
    uint64_t n;
    *p = (xp_people){0};
    if (!xp_people_fit(bytes, size)) return false;
    memcpy(&n, at, sizeof n);
    at += sizeof n;
    size -= sizeof n;
    *p = (xp_people){.n = (size_t)n,
                     .fold = xp_alloc(n, sizeof *p->fold),
                     .twin = xp_alloc(n, sizeof *p->twin),
                     .label = xp_alloc(n, sizeof *p->label),
                     .name = xp_alloc(n, sizeof *p->name)};
    const size_t names = size - n * 3 * sizeof(uint32_t);
    p->names = xp_alloc(names, 1);
    bool ok = p->fold && p->twin && p->label && p->name && p->names;
    for (size_t i = 0; ok && i < n; i++, at += 3 * sizeof(uint32_t)) {
        memcpy(&p->fold[i], at, sizeof p->fold[i]);
        memcpy(&p->twin[i], at + sizeof(uint32_t), sizeof p->twin[i]);
        memcpy(&p->label[i], at + 2 * sizeof(uint32_t), sizeof p->label[i]);
    }
    if (ok) memcpy(p->names, at, names);
    for (size_t i = 0, from = 0; ok && i < n; i++, from += strlen(p->names + from) + 1) p->name[i] = p->names + from;
    if (!ok) xp_people_free(p);
    return ok;
}

/* ---- kinds ---- */

static xp_choice choice_of(const struct explaint_plan *plan) {
    return (xp_choice){.metric = plan->metric,
                       .seed = plan->options.seed,
                       .twin = plan->options.group_identical ? plan->study.twin : NULL};
}

static bool run_condition(const struct explaint_plan *plan, xp_unit *unit, double *predictions, explaint_error *error) {
    const xp_condition_spec *spec = &xp_conditions[unit->index];
    const xp_choice choice = choice_of(plan);
    xp_prepared p;
    if (!xp_condition_prepare(&plan->study, spec, &plan->mapping, &choice, &p)) return false;
    xp_scores scores;
    bool ok = xp_scores_alloc(&scores, plan->study.n, xp_n_levels(&p.problem.mapping), p.problem.n_folds);
    if (ok) {
        const xp_mapping *mapping = &p.problem.mapping;
        ok = mapping->mapper != &xp_ffnn_mapper || xp_scores_keep_losses(&scores, mapping->settings.ffnn.epochs);
        ok = ok && xp_evaluate(&p.problem, plan->metrics, &scores, predictions, error) &&
             xp_pack_scores(&scores, plan->metrics, &unit->bytes, &unit->size);
        xp_scores_free(&scores);
    }
    xp_prepared_free(&p);
    return ok;
}

/* Room for the unit's doubles. */
static double *room(xp_unit *unit, size_t count) {
    unit->size = count * sizeof(double);
    return unit->bytes = xp_alloc(count, sizeof(double));
}

static bool run_observed(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_trial *trial = &plan->trial[unit->index];
    double *out = room(unit, xp_trial_seen(trial->id, plan->study.n));
    return out != NULL && xp_trial_observe(trial, plan->options.seed, plan->study.n, plan->study.concept_of, out);
}

static bool run_permutations(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_trial *trial = &plan->trial[unit->index];
    double *out = room(unit, xp_trial_n_draws(trial->id) * unit->count);
    return out != NULL && xp_trial_permute(trial, plan->options.seed, unit->first, unit->count, out);
}

static bool run_effect(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    double *out = room(unit, unit->count);
    return out != NULL && xp_refits_run(&plan->refits[unit->index], unit->first, unit->count, out, error);
}

static bool run_word_form(const struct explaint_plan *plan, xp_unit *unit) {
    const xp_study *s = &plan->distinct;
    double *out = room(unit, 2 * s->n);
    return out != NULL && xp_read(s, s->x, s->d, NULL, 0, plan->metric, out) &&
           xp_read(s, s->spelling, XP_SPELLING, NULL, 0, plan->metric, out + s->n);
}

static bool run_rivals(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    const xp_study *s = &plan->distinct;
    const size_t n = s->n;
    double *out = room(unit, XP_N_RIVALS * n + 2 * s->n_folds);
    if (out == NULL) return false;
    for (size_t i = 0; i < XP_N_RIVALS * n; i++) out[i] = NAN;
    int *label = xp_alloc(n, sizeof *label);
    uint8_t *member = xp_alloc(n, 1);
    bool ok = label != NULL && member != NULL &&
              xp_read(s, s->x, s->d, s->fold, s->n_folds, plan->metric, out + XP_RIVAL_READER * n);
    size_t categories = ok ? xp_categories_of_size(s->label, n, s->n_labels, XP_LEAST_CATEGORY, label) : 0;
    for (size_t i = 0; ok && i < n; i++) member[i] = label[i] >= 0;
    const xp_mapping mappings[] = {[XP_RIVAL_SYSTEM] = plan->verdict,
                                   [XP_RIVAL_MEAN] = {.mapper = &xp_mean_mapper},
                                   [XP_RIVAL_KNN] = {.mapper = &xp_knn_mapper, .levels = xp_k_choices, .choose = true},
                                   [XP_RIVAL_BOTTLENECK] = {.mapper = &xp_bottleneck_mapper,
                                                            .settings = {.group_size = XP_GROUP, .dense = s->dense}},
                                   [XP_RIVAL_LABEL] = {.mapper = &xp_label_mean_mapper}};
    for (int rival = 0; ok && rival <= XP_RIVAL_LABEL; rival++) {
        xp_problem p = {.mapping = mappings[rival],
                        .n = n,
                        .d = s->d,
                        .x = s->x,
                        .target = xp_gold_target(&s->gold, NULL),
                        .fold = s->fold,
                        .n_folds = s->n_folds,
                        .choice = {.metric = plan->metric, .seed = plan->options.seed}};
        if (rival == XP_RIVAL_LABEL) {
            if (categories == 0) continue;
            p.all_train = true;
            p.label = label;
            p.member = member;
        }
        xp_scores scores;
        ok = xp_scores_alloc(&scores, n, 1, s->n_folds);
        if (!ok) break;
        ok = xp_evaluate(&p, 1u << plan->metric, &scores, NULL, error);
        for (size_t i = 0; ok && i < n; i++) {
            xp_score score = xp_score_at(&scores, 0, i)[plan->metric];
            if (score.den > 0) out[(size_t)rival * n + i] = score.num / score.den;
        }
        if (rival == XP_RIVAL_SYSTEM || rival == XP_RIVAL_KNN)
            for (size_t f = 0; f < s->n_folds; f++)
                out[XP_N_RIVALS * n + (rival == XP_RIVAL_KNN ? s->n_folds : 0) + f] =
                    rival == XP_RIVAL_SYSTEM && xp_plan_tells(plan, "alpha") ? scores.chosen[f] : scores.note[f].used;
        xp_scores_free(&scores);
    }
    xp_free(label);
    xp_free(member);
    return ok;
}

static const double *seen(const struct explaint_plan *plan, xp_trial_id id) {
    return xp_plan_unit(plan, XP_UNIT_OBSERVED, id)->bytes;
}

void xp_trial_values(const struct explaint_plan *plan, xp_trial_id id, size_t which, double *value) {
    const double *observed = seen(plan, id);
    const double divisor = which == XP_BY_READER       ? observed[XP_SEEN_DIVISOR]
                           : which == XP_BY_NEIGHBOURS ? observed[XP_SEEN_PEER_DIVISOR]
                                                       : 1;
    value[0] = observed[XP_SEEN_T + which] / divisor;
    for (size_t u = 0; u < plan->n_units; u++) {
        const xp_unit *unit = &plan->units[u];
        if (unit->kind != XP_UNIT_PERMUTATIONS || unit->index != (size_t)id) continue;
        const double *t = (const double *)unit->bytes + which * unit->count;
        for (size_t b = 0; b < unit->count; b++) value[unit->first + b] = t[b] / divisor;
    }
}

/* Does the mapping beat the mean predictor on shuffled features? A difference a draw. */
static bool run_lint(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    const xp_study *s = &plan->study;
    const size_t draws = xp_plan_lint_draws(plan);
    double *out = room(unit, draws);
    bool ok = out != NULL;
    for (uint32_t draw = 0; ok && draw < draws; draw++) {
        xp_gold shuffled = {0};
        ok = xp_shuffle_columns(&s->gold, NULL, plan->options.seed, XP_RNG_LINT_SHUFFLE, draw, &shuffled);
        double value[2] = {0, 0};
        for (int which = 0; ok && which < 2; which++) {
            xp_problem p = {.mapping = which == 0 ? plan->test_mapping : (xp_mapping){.mapper = &xp_mean_mapper},
                            .n = s->n,
                            .d = s->d,
                            .x = s->x,
                            .target = xp_gold_target(&shuffled, NULL),
                            .fold = s->fold,
                            .n_folds = s->n_folds,
                            .choice = choice_of(plan)};
            xp_scores scores;
            ok = xp_scores_alloc(&scores, s->n, 1, s->n_folds);
            if (!ok) break;
            ok = xp_evaluate(&p, 1u << plan->metric, &scores, NULL, error);
            double num = 0, den = 0;
            for (size_t i = 0; i < s->n; i++) {
                num += xp_score_at(&scores, 0, i)[plan->metric].num;
                den += xp_score_at(&scores, 0, i)[plan->metric].den;
            }
            value[which] = den > 0 ? num / den : 0;
            xp_scores_free(&scores);
        }
        if (ok) out[draw] = value[0] - value[1];
        xp_gold_free(&shuffled);
    }
    return ok;
}

bool xp_unit_run(const struct explaint_plan *plan, xp_unit *unit, double *predictions, explaint_error *error) {
    bool ok = false;
    switch (unit->kind) {
    case XP_UNIT_CONCEPTS: ok = pack_people(plan, &unit->bytes, &unit->size); break;
    case XP_UNIT_CONDITION: ok = run_condition(plan, unit, predictions, error); break;
    case XP_UNIT_OBSERVED: ok = run_observed(plan, unit); break;
    case XP_UNIT_PERMUTATIONS: ok = run_permutations(plan, unit); break;
    case XP_UNIT_EFFECT: ok = run_effect(plan, unit, error); break;
    case XP_UNIT_WORD_FORM: ok = run_word_form(plan, unit); break;
    case XP_UNIT_RIVALS: ok = run_rivals(plan, unit, error); break;
    case XP_UNIT_LINT: ok = run_lint(plan, unit, error); break;
    case XP_UNIT_LENGTH:
        ok = room(unit, XP_N_CODES * plan->study.n) != NULL && xp_description_length(plan, unit->bytes, error);
        break;
    }
    if (!ok) {
        xp_free(unit->bytes);
        unit->bytes = NULL;
    }
    return ok;
}

bool xp_unit_plausible(const struct explaint_plan *plan, const xp_unit *unit) {
    const size_t n = plan->distinct.n;
    switch (unit->kind) {
    case XP_UNIT_CONCEPTS: {
        xp_people people;
        bool ok = xp_people_read(unit->bytes, unit->size, &people) && people.n == plan->study.n;
        xp_people_free(&people);
        return ok;
    }
    case XP_UNIT_CONDITION: {
        xp_scores scores;
        bool ok = xp_unpack_scores(unit->bytes, unit->size, plan->study.n, plan->metrics, &scores);
        if (ok) {
            const int m = (int)plan->study.m > XP_SPELLING ? (int)plan->study.m : XP_SPELLING;
            for (size_t i = 0; i < scores.n_levels * scores.n * XP_TOP; i++)
                ok = ok && scores.top[i] >= -1 && scores.top[i] < m;
            ok = ok && (scores.n_epochs == 0 || scores.n_epochs == plan->mapping.settings.ffnn.epochs);
            ok = ok && (scores.n_levels == xp_n_levels(&plan->mapping) || scores.n_levels == 1);
            xp_scores_free(&scores);
        }
        return ok;
    }
    case XP_UNIT_OBSERVED: return unit->size == xp_trial_seen((xp_trial_id)unit->index, plan->study.n) * sizeof(double);
    case XP_UNIT_PERMUTATIONS:
        return unit->size == xp_trial_n_draws((xp_trial_id)unit->index) * unit->count * sizeof(double);
    case XP_UNIT_EFFECT: return unit->size == unit->count * sizeof(double);
    case XP_UNIT_WORD_FORM: return unit->size == 2 * n * sizeof(double);
    case XP_UNIT_RIVALS: return unit->size == (XP_N_RIVALS * n + 2 * plan->distinct.n_folds) * sizeof(double);
    case XP_UNIT_LINT: return unit->size == xp_plan_lint_draws(plan) * sizeof(double);
    case XP_UNIT_LENGTH: return unit->size == XP_N_CODES * plan->study.n * sizeof(double);
    }
    return false;
}
