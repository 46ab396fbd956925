/* The document of `explaint attend`. */
#include "explaint/attend.h"
#include "result/record.h"

#define OF explaint_attend_row
static const explaint_field row[] = {
    XP_FIELD(PLACE, text, "null: all texts", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(PLACE, layer, "null: the whole model", .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(PLACE, head, "null: the mean of heads", .form = EXPLAINT_FIELD_NULL),
    XP_MEASURE_FIELDS,
    XP_FIELD(NUMBER, value, NULL),
    XP_FIELD(COUNT, n, "rows, texts or pairs behind it"),
};
#undef OF
const explaint_kind explaint_attend_row_kind = XP_KIND("row", "attend_row", explaint_attend_row, row);

/* What maps are judged by, of the mean of heads or of one. */
#define OF_MAPS                                                                                                        \
    XP_FIELD(NUMBER, whole, "r of the map with permuted content beside the intact one"),                               \
        XP_FIELD(INTERVAL, whole_ci, NULL), XP_FIELD(NUMBER, content, "the same without special tokens"),              \
        XP_FIELD(INTERVAL, content_ci, NULL), XP_FIELD(NUMBER, null_mean, "r of other texts' maps"),                   \
        XP_FIELD(INTERVAL, null_ci, NULL), XP_FIELD(NUMBER, p, NULL)

#define OF explaint_attend_layer
static const explaint_field layer[] = {
    XP_FIELD(SIZE, layer, NULL),
    XP_NAMED("A1", TEXT, a1, NULL),
    XP_NAMED("A2", TEXT, a2, NULL),
    XP_NAMED("A3", TEXT, a3, NULL),
    XP_FIELD(TEXT, sink, NULL),
    XP_FIELD(NUMBER, recovered, "share of rows that a linear g gives back"),
    XP_FIELD(INTERVAL, recovered_ci, NULL),
    XP_FIELD(NUMBER, shuffled, "the same of g fitted on shuffled pairs"),
    XP_FIELD(INTERVAL, shuffled_ci, NULL),
    XP_FIELD(NUMBER, own_largest, "share of rows that no other piece gives as much to as the own one"),
    XP_FIELD(INTERVAL, own_largest_ci, NULL),
    OF_MAPS,
};
#undef OF
const explaint_kind explaint_attend_layer_kind = XP_KIND("layer", "attend_layer", explaint_attend_layer, layer);

#define OF explaint_attend_head
static const explaint_field head[] = {
    XP_FIELD(SIZE, layer, NULL),    XP_FIELD(SIZE, head, NULL),
    XP_NAMED("A3", TEXT, a3, NULL), XP_NAMED("A4", TEXT, a4, "as a result of relate has it"),
    XP_FIELD(TEXT, sink, NULL),     OF_MAPS,
};
#undef OF
const explaint_kind explaint_attend_head_kind = XP_KIND("head", "attend_head", explaint_attend_head, head);

#define OF explaint_attend_assumption
static const explaint_field assumption[] = {
    XP_FIELD(TEXT, id, NULL),
    XP_FIELD(TEXT, outcome, NULL),
    XP_FIELD(TEXT, text, NULL),
    XP_FIELD(TEXT, why, NULL),
};
#undef OF
static const explaint_kind assumption_kind =
    XP_KIND("assumption", "assumption", explaint_attend_assumption, assumption);

#define OF explaint_attend_verdict
static const char *const layers[] = {"first_layer", "last_layer"};
static const explaint_field verdict[] = {
    XP_FIELD(TEXT, claim, "tokens, sink, head"),
    XP_NAMED("layers", PAIR, layers, "the first and the last that it is about", .columns = layers),
    XP_FIELD(COUNT, head, "of claim head"),
    XP_FIELD(TEXT, verdict, NULL),
    XP_FIELD(TEXT, decided_by, NULL, .form = EXPLAINT_FIELD_NULL),
    XP_FIELD(TEXT, text, NULL),
    XP_FIELD(TEXT, answer, "in plain words"),
    XP_LIST("assumptions", assumptions, n_assumptions, assumption_kind, EXPLAINT_FIELD_LINES),
};
#undef OF
const explaint_kind explaint_attend_verdict_kind = XP_KIND("verdict", "verdict", explaint_attend_verdict, verdict);

#define OF explaint_attend_result
static const explaint_field texts[] = {
    XP_NAMED("texts", SIZE, n_texts, NULL),
    XP_NAMED("pieces", SIZE, n_pieces, NULL),
    XP_FIELD(TEXT, level, "what rows of maps are: word; none: pieces"),
    XP_FIELD(TEXT, special, "out: special tokens are left out"),
    XP_NAMED("judged", COUNT, n_judged, "texts that decide"),
    XP_FIELD(COUNT, judged_length, NULL),
    XP_FIELD(FLAG, judged_own, "they are the user's, not the shipped ones"),
};
static const explaint_kind texts_kind = XP_KIND("texts", NULL, explaint_attend_result, texts);

static const explaint_field document[] = {
    XP_RUN_FIELDS(EXPLAINT_FIELD_LINES),
    XP_FIELD(TEXT, answer, "what came out, in plain words"),
    {.name = "texts", .type = EXPLAINT_FIELD_OBJECT, .of = &texts_kind},
    XP_LIST("rows", rows, n_rows, explaint_attend_row_kind, EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_LIST("lints", lints, n_lints, explaint_lint_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("layers", layers, n_layers, explaint_attend_layer_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("heads", heads, n_heads, explaint_attend_head_kind, EXPLAINT_FIELD_LINES),
    XP_LIST("verdicts", verdicts, n_verdicts, explaint_attend_verdict_kind,
            EXPLAINT_FIELD_LINES | EXPLAINT_FIELD_NEEDED),
    XP_FIELD(TEXT, signature, NULL),
};
#undef OF
const explaint_kind explaint_attend_kind = XP_KIND("attend", NULL, explaint_attend_result, document);
