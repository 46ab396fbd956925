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

#define TAKE(RECORD)                                                                                                   \
    (*run = (xp_record_run){.version = (RECORD)->version,                                                              \
                            .signature = (RECORD)->signature,                                                          \
                            .answer = (RECORD)->answer,                                                                \
                            .command = (RECORD)->command,                                                              \
                            .inputs = (RECORD)->inputs,                                                                \
                            .n_inputs = (RECORD)->n_inputs,                                                            \
                            .settings = (RECORD)->settings,                                                            \
                            .n_settings = (RECORD)->n_settings,                                                        \
                            .lints = (RECORD)->lints,                                                                  \
                            .n_lints = (RECORD)->n_lints,                                                              \
                            .n_verdicts = (RECORD)->n_verdicts})

bool xp_record_of_run(const explaint_record *record, xp_record_run *run) {
    const explaint_kind *kind = record->kind;
    if (kind == &explaint_infer_kind) TAKE((const explaint_result *)record);
    if (kind == &explaint_attend_kind) TAKE((const explaint_attend_result *)record);
    if (kind == &explaint_relate_kind) TAKE((const explaint_relate_result *)record);
    return kind == &explaint_infer_kind || kind == &explaint_attend_kind || kind == &explaint_relate_kind;
}
