/* One unit of a plan, from its inputs to its bytes. */
#include <math.h>
#include <string.h>

#include "audit/plan.h"
#include "base/memory.h"
#include "base/rng.h"

/* ---- bytes ---- */

static size_t bits(unsigned set) {
    size_t count = 0;
    for (; set != 0; set &= set - 1) count++;
    return count;
}

static size_t packed_size(size_t n, size_t n_levels, size_t n_folds, unsigned wanted) {
    return n_levels * n * (bits(wanted) * sizeof(xp_score) + XP_TOP * sizeof(int32_t)) +
           n_folds * (sizeof(double) + sizeof(xp_note)) + 2 * sizeof(uint64_t);
}

bool xp_pack_scores(const xp_scores *s, unsigned wanted, void **bytes, size_t *size) {
    *size = packed_size(s->n, s->n_levels, s->n_folds, wanted);
    /* released by free(), as what a store gives back */
    unsigned char *at = *bytes = xp_alloc(*size, 1);
    if (at == NULL) return false;
    uint64_t head[2] = {s->n_levels, s->n_folds};
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
    return true;
}

bool xp_unpack_scores(const void *bytes, size_t size, size_t n, unsigned wanted, xp_scores *s) {
    const unsigned char *at = bytes;
    uint64_t head[2];
    if (size < sizeof head) return false;
    memcpy(head, at, sizeof head);
    at += sizeof head;
    if (head[0] == 0 || head[0] > 100000 || head[1] > 1000000 || size != packed_size(n, head[0], head[1], wanted) ||
        !xp_scores_alloc(s, n, head[0], head[1]))
        return false;
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
    return true;
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
        ok = xp_evaluate(&p.problem, plan->metrics, &scores, predictions, error) &&
             xp_pack_scores(&scores, plan->metrics, &unit->bytes, &unit->size);
        xp_scores_free(&scores);
    }
    xp_prepared_free(&p);
    return ok;
}

static size_t contenders(const xp_trial *trial) {
    size_t count = 0;
    for (int c = 0; c < XP_N_CONTENDERS; c++) count += xp_trial_has(trial, (xp_contender)c);
    return count;
}

static bool run_observed(const struct explaint_plan *plan, xp_unit *unit, xp_trial_scratch *scratch,
                         explaint_error *error) {
    const xp_trial *trial = &plan->trial[unit->index];
    const size_t n = trial->study->n;
    unit->size = contenders(trial) * n * sizeof(double);
    double *out = xp_alloc(unit->size, 1), *score[XP_N_CONTENDERS] = {NULL};
    if (out == NULL) return false;
    size_t at = 0;
    for (int c = 0; c < XP_N_CONTENDERS; c++)
        if (xp_trial_has(trial, (xp_contender)c)) score[c] = out + at++ * n;
    unit->bytes = out;
    return xp_trial_run(trial, scratch, 0, score, error);
}

static bool run_permutations(const struct explaint_plan *plan, xp_unit *unit, xp_trial_scratch *scratch,
                             explaint_error *error) {
    const xp_trial *trial = &plan->trial[unit->index];
    const size_t n = trial->study->n, kinds = contenders(trial);
    unit->size = (kinds * unit->count + 2 * n) * sizeof(double);
    double *out = xp_calloc(unit->size, 1), *work = xp_alloc(kinds * n, sizeof *work), *score[XP_N_CONTENDERS] = {NULL};
    unit->bytes = out;
    bool ok = out != NULL && work != NULL;
    size_t at = 0;
    for (int c = 0; ok && c < XP_N_CONTENDERS; c++)
        if (xp_trial_has(trial, (xp_contender)c)) score[c] = work + at++ * n;
    double *sum = ok ? out + kinds * unit->count : NULL, *count = ok ? sum + n : NULL;
    const double *system = work; /* the first contender */
    for (uint32_t b = 0; ok && system != NULL && b < unit->count; b++) {
        ok = xp_trial_run(trial, scratch, unit->first + b, score, error);
        at = 0;
        for (int c = 0; c < XP_N_CONTENDERS; c++)
            if (score[c] != NULL) out[at++ * unit->count + b] = xp_mean_of_defined(score[c], n);
        for (size_t i = 0; i < n; i++) {
            if (isnan(system[i])) continue;
            sum[i] += system[i];
            count[i]++;
        }
    }
    xp_free(work);
    return ok;
}

static bool run_rivals(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    const xp_study *s = &plan->distinct;
    const size_t n = s->n;
    unit->size = (XP_N_RIVALS * n + 2 * s->n_folds) * sizeof(double);
    double *out = unit->bytes = xp_alloc(unit->size, 1);
    if (out == NULL) return false;
    for (size_t i = 0; i < XP_N_RIVALS * n; i++) out[i] = NAN;
    int *label = xp_alloc(n, sizeof *label);
    uint8_t *member = xp_alloc(n, 1);
    bool ok = label != NULL && member != NULL;
    size_t categories = ok ? xp_categories_of_size(s->label, n, s->n_labels, XP_LEAST_CATEGORY, label) : 0;
    for (size_t i = 0; ok && i < n; i++) member[i] = label[i] >= 0;
    const xp_mapping mappings[] = {[XP_RIVAL_SYSTEM] = plan->verdict,
                                   [XP_RIVAL_MEAN] = {.mapper = &xp_mean_mapper},
                                   [XP_RIVAL_KNN] = {.mapper = &xp_knn_mapper, .levels = xp_k_choices, .choose = true},
                                   [XP_RIVAL_BOTTLENECK] = {.mapper = &xp_bottleneck_mapper,
                                                            .settings = {.group_size = XP_GROUP, .dense = s->dense}},
                                   [XP_RIVAL_LABEL] = {.mapper = &xp_label_mean_mapper}};
    for (int rival = 0; ok && rival < XP_N_RIVALS; rival++) {
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

/* Does the mapping beat the mean predictor on shuffled features? A difference a draw. */
static bool run_lint(const struct explaint_plan *plan, xp_unit *unit, explaint_error *error) {
    const xp_study *s = &plan->study;
    unit->size = XP_LINT_DRAWS * sizeof(double);
    double *out = unit->bytes = xp_alloc(unit->size, 1);
    bool ok = out != NULL;
    for (uint32_t draw = 0; ok && draw < XP_LINT_DRAWS; draw++) {
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

bool xp_unit_run(const struct explaint_plan *plan, xp_unit *unit, xp_trial_scratch *scratch, double *predictions,
                 explaint_error *error) {
    bool ok = false;
    switch (unit->kind) {
    case XP_UNIT_CONDITION: ok = run_condition(plan, unit, predictions, error); break;
    case XP_UNIT_OBSERVED: ok = run_observed(plan, unit, scratch, error); break;
    case XP_UNIT_PERMUTATIONS: ok = run_permutations(plan, unit, scratch, error); break;
    case XP_UNIT_RIVALS: ok = run_rivals(plan, unit, error); break;
    case XP_UNIT_LINT: ok = run_lint(plan, unit, error); break;
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
    case XP_UNIT_CONDITION: {
        xp_scores scores;
        bool ok = xp_unpack_scores(unit->bytes, unit->size, plan->study.n, plan->metrics, &scores);
        if (ok) {
            const int m = (int)plan->study.m > XP_SPELLING ? (int)plan->study.m : XP_SPELLING;
            for (size_t i = 0; i < scores.n_levels * scores.n * XP_TOP; i++)
                ok = ok && scores.top[i] >= -1 && scores.top[i] < m;
            ok = ok && (scores.n_levels == xp_n_levels(&plan->mapping) || scores.n_levels == 1);
            xp_scores_free(&scores);
        }
        return ok;
    }
    case XP_UNIT_OBSERVED: return unit->size == contenders(&plan->trial[unit->index]) * n * sizeof(double);
    case XP_UNIT_PERMUTATIONS:
        return unit->size == (contenders(&plan->trial[unit->index]) * unit->count + 2 * n) * sizeof(double);
    case XP_UNIT_RIVALS: return unit->size == (XP_N_RIVALS * n + 2 * plan->distinct.n_folds) * sizeof(double);
    case XP_UNIT_LINT: return unit->size == XP_LINT_DRAWS * sizeof(double);
    }
    return false;
}
