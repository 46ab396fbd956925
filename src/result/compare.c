/* The documents of `explaint compare` and `explaint adjust`. */
#include "explaint/compare.h"
#include "explaint/adjust.h"
#include "result/record.h"

/* Of a difference: what is there only if it is paired follows. */
#define PAIRED(MEMBER)                                                                                                 \
    XP_NAMED("difference", NUMBER, MEMBER.difference, "B - A"), XP_NAMED("ci", INTERVAL, MEMBER.ci, "95 %"),           \
        XP_NAMED("p", NUMBER, MEMBER.p, "two-sided"),                                                                  \
        XP_NAMED("p_error", NUMBER, MEMBER.p_error, "Monte Carlo standard error of p"),                                \
        XP_NAMED("n", COUNT, MEMBER.n, "concepts of both"), XP_NAMED("a_paired", NUMBER, MEMBER.value[0], NULL),       \
        XP_NAMED("b_paired", NUMBER, MEMBER.value[1], NULL)

#define OF explaint_compared_row
static const explaint_field row[] = {
    XP_NAMED("layer_a", PLACE, layer[0], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_NAMED("layer_b", PLACE, layer[1], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_NAMED("mapping_a", TEXT, mapping[0], NULL),
    XP_NAMED("mapping_b", TEXT, mapping[1], NULL),
    XP_FIELD(TEXT, condition, NULL),
    XP_FIELD(TEXT, target, NULL),
    XP_FIELD(TEXT, metric, NULL),
    XP_NAMED("n_components_a", COUNT, n_components[0], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_NAMED("n_components_b", COUNT, n_components[1], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_NAMED("a", NUMBER, value[0], "as stored"),
    XP_NAMED("b", NUMBER, value[1], "as stored"),
    PAIRED(paired),
    XP_FIELD(NUMBER, p_adjusted, "over rows whose scores differ at all"),
};
#undef OF
const explaint_kind explaint_compared_row_kind = XP_KIND("row", NULL, explaint_compared_row, row);

#define OF explaint_compared_measure
static const explaint_field measure[] = {
    XP_NAMED("layer_a", PLACE, layer[0], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_NAMED("layer_b", PLACE, layer[1], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(PLACE, head, "null: the mean of heads", .form = EXPLAINT_FIELD_NULL),
    XP_MEASURE_FIELDS,
    XP_FIELD(TEXT, counterfactuals, "of relate: the set that true pairs are told from"),
    XP_FIELD(TEXT, direction, "of relate"),
    XP_FIELD(TEXT, control, "of relate"),
    XP_NAMED("a", NUMBER, value[0], "as stored"),
    XP_NAMED("b", NUMBER, value[1], "as stored"),
    PAIRED(paired),
    XP_FIELD(NUMBER, p_adjusted, "over rows whose values differ at all"),
};
#undef OF
const explaint_kind explaint_compared_measure_kind = XP_KIND("measure", NULL, explaint_compared_measure, measure);

#define OF explaint_compared_assumption
static const explaint_field assumption[] = {
    XP_FIELD(TEXT, id, NULL),
    XP_NAMED("a", TEXT, outcome[0], NULL),
    XP_NAMED("b", TEXT, outcome[1], NULL),
    XP_FIELD(FLAG, changed, NULL),
    XP_NAMED("r_a", NUMBER, r[0], "of E1 to E4: agreement of vectors and norms"),
    XP_NAMED("r_b", NUMBER, r[1], NULL),
    XP_NAMED("gain_a", NUMBER, gain[0], NULL),
    XP_NAMED("gain_b", NUMBER, gain[1], NULL),
    PAIRED(paired),
    XP_NAMED("mde_a", NUMBER, mde[0], NULL),
    XP_NAMED("mde_b", NUMBER, mde[1], NULL),
};
#undef OF
static const explaint_kind assumption_kind = XP_KIND("assumption", NULL, explaint_compared_assumption, assumption);

#define OF explaint_compared_verdict
static const explaint_field verdict[] = {
    XP_FIELD(TEXT, claim, NULL),
    XP_NAMED("layer_a", PLACE, layer[0], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_NAMED("layer_b", PLACE, layer[1], NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(COUNT, head, "of claim head"),
    XP_NAMED("a", TEXT, verdict[0], NULL),
    XP_NAMED("b", TEXT, verdict[1], NULL),
    XP_FIELD(FLAG, changed, NULL),
    XP_FIELD(TEXT, answer, "of information: whether the vectors of one agree better with the norms"),
    XP_LIST("assumptions", assumptions, n_assumptions, assumption_kind, EXPLAINT_FIELD_LINES),
};
#undef OF
static const explaint_kind verdict_kind = XP_KIND("verdict", NULL, explaint_compared_verdict, verdict);

#define OF explaint_compared_arm
static const explaint_field arm[] = {
    XP_FIELD(TEXT, place, NULL),
    XP_FIELD(TEXT, source, NULL),
    XP_FIELD(TEXT, mapping, NULL),
    XP_FIELD(TEXT, signature, NULL),
};
#undef OF
static const explaint_kind side_kind = XP_KIND("arm", NULL, explaint_compared_arm, arm);

#define OF explaint_compared_change
static const explaint_field change[] = {
    XP_FIELD(TEXT, what, "setting, input, version"),
    XP_FIELD(TEXT, key, NULL),
    XP_NAMED("a", JSON, value[0], NULL),
    XP_NAMED("b", JSON, value[1], NULL),
};
#undef OF
static const explaint_kind change_kind = XP_KIND("change", NULL, explaint_compared_change, change);

#define OF explaint_comparison
static const explaint_field comparison[] = {
    XP_NAMED("explaint", TEXT, version, NULL),
    XP_FIELD(WORDS, command, NULL),
    XP_FIELD(TEXT, answer, "what the change did, in plain words"),
    {.name = "a", .type = EXPLAINT_FIELD_OBJECT, .offset = offsetof(OF, arm[0]), .of = &side_kind},
    {.name = "b", .type = EXPLAINT_FIELD_OBJECT, .offset = offsetof(OF, arm[1]), .of = &side_kind},
    XP_LIST("changes", changes, n_changes, change_kind, EXPLAINT_FIELD_LINES),
    XP_NOTES,
    XP_LIST("rows", rows, n_rows, explaint_compared_row_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_LIST("measures", measures, n_measures, explaint_compared_measure_kind,
            EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_IF_ANY),
    XP_LIST("verdicts", verdicts, n_verdicts, verdict_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
};
#undef OF
const explaint_kind explaint_compare_kind = XP_KIND("compare", NULL, explaint_comparison, comparison);

/* ---- adjust ---- */

#define OF explaint_adjusted_test
static const explaint_field test[] = {
    XP_FIELD(TEXT, id, NULL),
    XP_FIELD(TEXT, place, NULL),
    XP_FIELD(TEXT, norms, NULL),
    XP_FIELD(TEXT, source, NULL),
    XP_FIELD(PLACE, layer, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, mapping, NULL),
    XP_FIELD(COUNT, n_components, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(NUMBER, gain, NULL),
    XP_FIELD(NUMBER, p, NULL),
    XP_FIELD(NUMBER, p_adjusted, "over all tests of this id"),
    XP_FIELD(NUMBER, level, "p at most this holds"),
};
#undef OF
static const explaint_kind test_kind = XP_KIND("test", NULL, explaint_adjusted_test, test);

#define OF explaint_adjustment
static const explaint_field adjustment[] = {
    XP_NAMED("explaint", TEXT, version, NULL),
    XP_FIELD(WORDS, command, NULL),
    XP_FIELD(TEXT, method, "max-t, bh"),
    XP_FIELD(TEXT, answer, "how many of what was tried hold, in plain words"),
    XP_NOTES,
    XP_LIST("tests", tests, n_tests, test_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
};
#undef OF
const explaint_kind explaint_adjust_kind = XP_KIND("adjust", NULL, explaint_adjustment, adjustment);
