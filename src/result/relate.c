/* The document of `explaint relate`. */
#include "explaint/relate.h"
#include "result/record.h"

#define OF explaint_relate_row
static const explaint_field row[] = {
    XP_FIELD(TEXT, counterfactuals, "the set that true pairs are told from"),
    XP_FIELD(PLACE, layer, "null: all heads together", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(PLACE, head, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, direction, "which word looks at the other; null: both", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, measure, NULL),
    XP_FIELD(TEXT, control, "null: the model itself", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(NUMBER, value, NULL),
};
#undef OF
const explaint_kind explaint_relate_row_kind = XP_KIND("row", "relate_row", explaint_relate_row, row);

#define OF explaint_relate_head
static const explaint_field head[] = {
    XP_FIELD(SIZE, layer, NULL),
    XP_FIELD(SIZE, head, NULL),
    XP_FIELD(TEXT, outcome, "over all sets and controls"),
    XP_FIELD(TEXT, direction, "in which it comes out best"),
    XP_FIELD(NUMBER, auc, "the lowest of all sets"),
    XP_FIELD(NUMBER, accuracy, "the lowest of all sets, held out"),
    XP_FIELD(NUMBER, p, "the largest"),
    XP_FIELD(NUMBER, p_adjusted, "the largest; over all heads and directions"),
    XP_FIELD(TEXT, decided_by, "set and control"),
};
#undef OF
const explaint_kind explaint_relate_head_kind = XP_KIND("head", "relate_head", explaint_relate_head, head);

#define OF explaint_relate_assumption
static const explaint_field assumption[] = {
    XP_FIELD(TEXT, id, NULL),      XP_FIELD(TEXT, counterfactuals, NULL),
    XP_FIELD(TEXT, control, NULL), XP_FIELD(TEXT, outcome, NULL),
    XP_FIELD(NUMBER, gain, NULL),  XP_FIELD(NUMBER, upper, "of the gain, one-sided 95 %"),
    XP_FIELD(NUMBER, p, NULL),     XP_FIELD(TEXT, why, NULL),
};
#undef OF
static const explaint_kind assumption_kind =
    XP_KIND("assumption", "assumption", explaint_relate_assumption, assumption);

#define OF explaint_relate_verdict
static const explaint_field verdict[] = {
    XP_FIELD(TEXT, claim, "heads, model"),
    XP_FIELD(TEXT, verdict, NULL),
    XP_FIELD(TEXT, decided_by, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, text, NULL),
    XP_FIELD(TEXT, answer, "in plain words"),
    XP_LIST("assumptions", assumptions, n_assumptions, assumption_kind, EXPLAINT_FIELD_LINES),
};
#undef OF
const explaint_kind explaint_relate_verdict_kind = XP_KIND("verdict", "verdict", explaint_relate_verdict, verdict);

#define OF explaint_relate_pair
static const explaint_field pair[] = {
    XP_FIELD(TEXT, left, NULL),
    XP_FIELD(TEXT, right, NULL),
    XP_FIELD(TEXT, counterfactuals, "null: a true pair", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(SIZE, left_fold, NULL),
    XP_FIELD(SIZE, right_fold, NULL),
};
#undef OF
static const explaint_kind pair_kind = XP_KIND("pair", "relate_pair", explaint_relate_pair, pair);

#define OF explaint_relate_result
static const explaint_field document[] = {
    XP_RUN_FIELDS(EXPLAINT_FIELD_LINES),
    XP_FIELD(TEXT, answer, "what came out, in plain words"),
    XP_NAMED("n_pairs", COUNT, n_pairs, NULL),
    XP_NAMED("right_words", COUNT, n_groups, "pairs with the same right word are one sample of a test"),
    XP_NAMED("texts", COUNT, n_texts, NULL),
    XP_LIST("rows", rows, n_rows, explaint_relate_row_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_LIST("lints", lints, n_lints, explaint_lint_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("heads", heads, n_heads, explaint_relate_head_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("verdicts", verdicts, n_verdicts, explaint_relate_verdict_kind,
            EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_LIST("pairs", pairs, n_listed, pair_kind, EXPLAINT_FIELD_LINES),
    XP_FIELD(TEXT, signature, NULL),
};
#undef OF
const explaint_kind explaint_relate_kind = XP_KIND("relate", NULL, explaint_relate_result, document);
