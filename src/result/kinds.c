/* All documents, by the words of their commands. */
#include "explaint/adjust.h"
#include "explaint/attend.h"
#include "explaint/baseline.h"
#include "explaint/compare.h"
#include "explaint/embed.h"
#include "explaint/infer.h"
#include "explaint/inspect.h"
#include "explaint/relate.h"
#include "explaint/score.h"
#include "result/record.h"

const explaint_kind *const xp_record_kinds[] = {
    &explaint_infer_kind,    &explaint_attend_kind, &explaint_embed_kind,  &explaint_compare_kind,
    &explaint_adjust_kind,   &explaint_check_kind,  &explaint_scores_kind, &explaint_generated_kind,
    &explaint_baseline_kind, &explaint_relate_kind};
const size_t xp_record_n_kinds = sizeof xp_record_kinds / sizeof *xp_record_kinds;
