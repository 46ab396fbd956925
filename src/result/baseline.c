/* The document of `explaint norms baseline` (docs/results.md#json). */
#include "explaint/baseline.h"
#include "result/record.h"

#define OF explaint_need
static const explaint_field need[] = {
    XP_FIELD(TEXT, id, "the test"),
    XP_FIELD(SIZE, n, "concepts"),
    XP_FIELD(NUMBER, mde, "the gain in r that is found in 8 of 10 cases"),
    XP_FIELD(FLAG, measured, "on these norms, or by the law 1/n"),
};
#undef OF
const explaint_kind explaint_need_kind = XP_KIND("need", NULL, explaint_need, need);

#define OF explaint_scored
static const explaint_field scored[] = {
    XP_FIELD(TEXT, metric, NULL),
    XP_FIELD(NUMBER, value, "the score that is claimed"),
    XP_FIELD(NUMBER, share, "of the way from the mean predictor to the ceiling"),
    XP_FIELD(NUMBER, chance, NULL),
    XP_FIELD(NUMBER, mean, NULL),
    XP_NAMED("word_form", NUMBER, spelling, NULL),
    XP_NAMED("category_mean", NUMBER, category, NULL),
    XP_FIELD(COUNT, in_category, "concepts behind category_mean"),
    XP_FIELD(NUMBER, upper, NULL),
    XP_FIELD(NUMBER, ceiling, NULL),
    XP_FIELD(TEXT, text, "in words"),
};
#undef OF
static const explaint_kind scored_kind = XP_KIND("claim", NULL, explaint_scored, scored);

#define OF explaint_baseline
static const explaint_field norms[] = {
    XP_NAMED("concepts", SIZE, n_concepts, NULL),
    XP_NAMED("features", SIZE, n_features, NULL),
};
static const explaint_kind norms_kind = XP_KIND("norms", NULL, explaint_baseline, norms);

static const explaint_field document[] = {
    XP_RUN_FIELDS(EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_FIELD(TEXT, answer, "of the claim, or what can be had without vectors"),
    {.name = "norms", .type = EXPLAINT_FIELD_OBJECT, .of = &norms_kind},
    XP_LIST("rows", rows, n_rows, explaint_row_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_FIELD(NUMBER, chance, "in the verdict's metric"),
    XP_FIELD(NUMBER, ceiling, "in the verdict's metric"),
    {.name = "claim",
     .type = EXPLAINT_FIELD_OBJECT,
     .offset = offsetof(OF, claim),
     .form = EXPLAINT_FIELD_IF_ANY,
     .of = &scored_kind},
    XP_LIST("needs", needs, n_needs, explaint_need_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_LIST("lints", lints, n_lints, explaint_lint_kind, EXPLAINT_FIELD_LINES),
    XP_FIELD(TEXT, signature, NULL),
};
#undef OF
const explaint_kind explaint_baseline_kind = XP_KIND("norms baseline", NULL, explaint_baseline, document);
