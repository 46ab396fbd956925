/* Lists that a ledger makes of the units of a run (docs/results.md#csv). */
#include "explaint/ledger.h"
#include "result/record.h"

#define OF explaint_null
static const explaint_field null[] = {
    XP_FIELD(SIZE, run_id, NULL),
    XP_FIELD(PLACE, layer, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, id, "the test, as its assumption is called"),
    XP_FIELD(SIZE, permutation, "0: what was observed"),
    XP_FIELD(TEXT, statistic, NULL),
    XP_FIELD(NUMBER, r, "agreement of vectors and norms"),
    XP_FIELD(NUMBER, peer_r, "of copied neighbours"),
    XP_FIELD(NUMBER, flips, "of tests of transfer, which these decide"),
    XP_FIELD(NUMBER, spelling, "of E1"),
};
#undef OF
const explaint_kind explaint_null_kind = XP_KIND("null", NULL, explaint_null, null);

#define OF explaint_shown_feature
static const explaint_field feature[] = {
    XP_FIELD(SIZE, run_id, NULL),
    XP_FIELD(PLACE, layer, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, condition, NULL),
    XP_FIELD(TEXT, target, NULL),
    XP_NAMED("concept", TEXT, concept_name, NULL),
    XP_FIELD(SIZE, rank, "1: the strongest"),
    XP_FIELD(TEXT, feature, NULL),
    XP_FIELD(NUMBER, score, "as predicted"),
    XP_FIELD(SIZE, hit, "1: the target has it"),
};
#undef OF
const explaint_kind explaint_shown_feature_kind = XP_KIND("feature", NULL, explaint_shown_feature, feature);

#define OF explaint_shown_neighbour
static const explaint_field neighbour[] = {
    XP_FIELD(SIZE, run_id, NULL),
    XP_FIELD(PLACE, layer, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, condition, NULL),
    XP_NAMED("concept", TEXT, concept_name, NULL),
    XP_FIELD(TEXT, space, "prediction, gold, input"),
    XP_FIELD(SIZE, rank, "1: the nearest"),
    XP_FIELD(TEXT, neighbour, NULL),
    XP_FIELD(NUMBER, cosine, NULL),
};
#undef OF
const explaint_kind explaint_shown_neighbour_kind = XP_KIND("neighbour", NULL, explaint_shown_neighbour, neighbour);

#define OF explaint_stored_lists
static const explaint_field lists[] = {
    XP_LIST("nulls", nulls, n_nulls, explaint_null_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("concepts", concepts, n_concepts, explaint_shown_feature_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("neighbours", neighbours, n_neighbours, explaint_shown_neighbour_kind, EXPLAINT_FIELD_LINES),
};
#undef OF
const explaint_kind explaint_stored_lists_kind = XP_KIND("runs export", NULL, explaint_stored_lists, lists);
