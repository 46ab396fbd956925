/* The document of `explaint infer` (docs/results.md#json). */
#include "explaint/infer.h"
#include "result/record.h"

#define OF explaint_input
static const char *const shape[] = {"rows", "columns"};
static const explaint_field input[] = {
    XP_FIELD(TEXT, role, "norms, embeddings, model, folds, categories"),
    XP_FIELD(TEXT, name, NULL),
    XP_FIELD(TEXT, path, NULL),
    XP_FIELD(TEXT, sha256, NULL),
    XP_FIELD(PAIR, shape, "rows and columns", .columns = shape),
    XP_FIELD(COUNT, nonzero, "of norms: pairs of concept and feature"),
};
#undef OF
const explaint_kind explaint_input_kind = XP_KIND("input", "input", explaint_input, input);

#define OF explaint_setting
static const explaint_field setting[] = {XP_FIELD(TEXT, key, NULL), XP_FIELD(JSON, json, "as JSON text")};
#undef OF
const explaint_kind explaint_setting_kind = XP_KIND("setting", "setting", explaint_setting, setting);

#define OF explaint_dropped
static const explaint_field dropped[] = {XP_NAMED("concept", TEXT, concept_name, NULL), XP_FIELD(TEXT, why, NULL)};
#undef OF
const explaint_kind explaint_dropped_kind = XP_KIND("dropped concept", "dropped_concept", explaint_dropped, dropped);

#define OF explaint_lint
static const explaint_field lint[] = {XP_FIELD(TEXT, id, NULL), XP_FIELD(TEXT, level, "note, warning"),
                                      XP_FIELD(TEXT, text, NULL)};
#undef OF
const explaint_kind explaint_lint_kind = XP_KIND("lint", "lint", explaint_lint, lint);

/* ---- rows ---- */

#define OF explaint_row
static const explaint_field row[] = {
    XP_FIELD(TEXT, norms, NULL),
    XP_FIELD(TEXT, source, "of the vectors"),
    XP_FIELD(PLACE, layer, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, mapping, NULL),
    XP_FIELD(COUNT, n_components, "null: none, or chosen by fold", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, condition, NULL),
    XP_FIELD(TEXT, target, "what is scored against"),
    XP_FIELD(TEXT, metric, NULL),
    XP_FIELD(PLACE, fold, "null: pooled over folds", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(NUMBER, value, NULL),
    XP_FIELD(SIZE, n, "concepts in the mean"),
    XP_FIELD(SIZE, undefined, "concepts whose value does not exist"),
    XP_FIELD(INTERVAL, ci, "95 %, bootstrap"),
    XP_FIELD(NUMBER, p, "of version 0.1"),
    XP_FIELD(NUMBER, p_adjusted, "of version 0.1"),
    XP_FIELD(NUMBER, mde, "of version 0.1"),
    XP_FIELD(FLAG, sequential, "of version 0.1"),
    XP_FIELD(COUNT, permutations, "of version 0.1"),
    XP_FIELD(INTERVAL, p_interval, "of version 0.1"),
};
#undef OF
const explaint_kind explaint_row_kind = XP_KIND("row", "result_row", explaint_row, row);

/* ---- verdicts ---- */

#define OF explaint_assumption
static const explaint_field assumption[] = {
    XP_FIELD(TEXT, id, NULL),
    XP_FIELD(TEXT, outcome, "holds, fails, undecided, not testable, shown"),
    XP_FIELD(TEXT, text, "what is assumed"),
    XP_FIELD(TEXT, why, "the numbers in a sentence"),
    XP_FIELD(TEXT, statistic, NULL),
    XP_FIELD(NUMBER, r, "agreement of vectors and norms"),
    XP_FIELD(NUMBER, gain, "the statistic less the mean of its null"),
    XP_FIELD(INTERVAL, ci, "95 %, of the gain"),
    XP_FIELD(NUMBER, p, NULL),
    XP_FIELD(NUMBER, p_adjusted, "over layers"),
    XP_FIELD(NUMBER, p_error, "Monte Carlo standard error of p"),
    XP_FIELD(NUMBER, z, NULL),
    XP_FIELD(NUMBER, level, "p at most this holds"),
    XP_FIELD(NUMBER, upper, "gain + 1.645 sd of the null"),
    XP_FIELD(NUMBER, margin, "a smaller gain is none worth having"),
    XP_FIELD(NUMBER, mde, "minimum detectable effect"),
    XP_FIELD(NUMBER, observed, NULL),
    XP_FIELD(NUMBER, null_mean, NULL),
    XP_FIELD(NUMBER, null_sd, NULL),
    XP_FIELD(NUMBER, peer_gain, "of copied neighbours, on the same permutations"),
    XP_FIELD(NUMBER, peer_p, NULL),
    XP_FIELD(NUMBER, effect, "gain in the verdict's metric, by refits"),
    XP_FIELD(TEXT, effect_metric, NULL),
    XP_FIELD(COUNT, effect_refits, NULL),
    XP_FIELD(COUNT, n, "concepts that can move"),
    XP_FIELD(COUNT, permutations, NULL),
    XP_FIELD(FLAG, sequential, "of version 0.1"),
    XP_FIELD(INTERVAL, p_interval, "of version 0.1"),
};
#undef OF
const explaint_kind explaint_assumption_kind = XP_KIND("assumption", "assumption", explaint_assumption, assumption);

#define OF explaint_verdict
static const explaint_field verdict[] = {
    XP_FIELD(TEXT, claim, "information, mapping"),
    XP_FIELD(PLACE, layer, NULL),
    XP_NAMED("layers", COUNT, n_layers, "how many the claim is about"),
    XP_FIELD(PLACE, best_layer, "whose assumptions are listed"),
    XP_FIELD(TEXT, verdict, "supported, not supported, undecided"),
    XP_FIELD(TEXT, decided_by, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, metric, NULL),
    XP_FIELD(COUNT, n_components, NULL),
    XP_FIELD(TEXT, mapping, NULL),
    XP_FIELD(TEXT, text, NULL),
    XP_FIELD(TEXT, answer, "in plain words"),
    XP_LIST("assumptions", assumptions, n_assumptions, explaint_assumption_kind, EXPLAINT_FIELD_LINES),
};
#undef OF
const explaint_kind explaint_verdict_kind = XP_KIND("verdict", "verdict", explaint_verdict, verdict);

/* ---- what folds say of themselves ---- */

#define OF explaint_fold_components
static const explaint_field components[] = {
    XP_FIELD(TEXT, condition, NULL), XP_FIELD(PLACE, layer, NULL), XP_FIELD(TEXT, target, NULL),
    XP_FIELD(SIZE, fold, NULL),      XP_FIELD(SIZE, asked, NULL),  XP_FIELD(SIZE, used, NULL),
};
#undef OF
static const explaint_kind components_kind = XP_KIND("components", NULL, explaint_fold_components, components);

#define OF explaint_fold_penalty
static const explaint_field penalties[] = {
    XP_FIELD(TEXT, condition, NULL), XP_FIELD(PLACE, layer, NULL),  XP_FIELD(TEXT, target, NULL),
    XP_FIELD(SIZE, fold, NULL),      XP_FIELD(NUMBER, alpha, NULL),
};
#undef OF
static const explaint_kind penalty_kind = XP_KIND("penalty", NULL, explaint_fold_penalty, penalties);

#define OF explaint_fold_iterations
static const explaint_field iterations[] = {
    XP_FIELD(TEXT, condition, NULL), XP_FIELD(PLACE, layer, NULL),     XP_FIELD(TEXT, target, NULL),
    XP_FIELD(SIZE, fold, NULL),      XP_FIELD(SIZE, components, NULL), XP_FIELD(SIZE, total, NULL),
    XP_FIELD(SIZE, most, NULL),      XP_FIELD(SIZE, capped, NULL),
};
#undef OF
static const explaint_kind iterations_kind = XP_KIND("iterations", NULL, explaint_fold_iterations, iterations);

#define OF explaint_fold_losses
static const explaint_field losses[] = {
    XP_FIELD(TEXT, condition, NULL),
    XP_FIELD(PLACE, layer, NULL),
    XP_FIELD(TEXT, target, NULL),
    XP_FIELD(SIZE, fold, NULL),
    XP_FIELD(SIZE, best, "the epoch whose weights predict"),
    XP_FIELD(NUMBERS, train, NULL, .count = offsetof(OF, epochs)),
    XP_FIELD(NUMBERS, dev, NULL, .count = offsetof(OF, epochs)),
};
#undef OF
static const explaint_kind losses_kind = XP_KIND("losses", NULL, explaint_fold_losses, losses);

/* ---- the document ---- */

#define OF explaint_result
/* What the norms are once concepts were dropped: the frame in which the rows are read. */
static const explaint_field norms[] = {
    XP_NAMED("concepts", SIZE, n_concepts, NULL),
    XP_NAMED("features", SIZE, n_features, NULL),
    XP_FIELD(NUMBER, chance, NULL),
    XP_FIELD(NUMBER, ceiling, NULL),
};
static const explaint_kind norms_kind = XP_KIND("norms", NULL, explaint_result, norms);

static const explaint_field document[] = {
    XP_RUN_FIELDS(EXPLAINT_FIELD_LINES),
    XP_FIELD(TEXT, answer, "what came out, in plain words"),
    XP_LIST("dropped", dropped, n_dropped, explaint_dropped_kind, EXPLAINT_FIELD_LINES),
    {.name = "norms", .type = EXPLAINT_FIELD_OBJECT, .of = &norms_kind},
    XP_LIST("rows", rows, n_rows, explaint_row_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_LIST("components", components, n_component_notes, components_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY),
    XP_LIST("penalties", penalties, n_penalties, penalty_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY),
    XP_LIST("iterations", iterations, n_iterations, iterations_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY),
    XP_LIST("losses", losses, n_losses_listed, losses_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY),
    XP_LIST("lints", lints, n_lints, explaint_lint_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("verdicts", verdicts, n_verdicts, explaint_verdict_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_FIELD(TEXT, signature, NULL),
};
#undef OF
const explaint_kind explaint_infer_kind = XP_KIND("infer", NULL, explaint_result, document);
