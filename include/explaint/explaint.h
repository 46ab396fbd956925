/* The whole library. Each header is the manual of its part, with an example at its top; docs/examples/ has whole programs.
 *
 *     explaint_error error = {0};
 *     explaint_norms *norms = NULL;
 *     if (explaint_norms_open("wordnet", NULL, &norms, &error) != EXPLAINT_OK) return error.code;
 *     puts(explaint_norms_name(norms));
 *     explaint_norms_close(norms);
 */
#ifndef EXPLAINT_H
#define EXPLAINT_H

#include "explaint/adjust.h"
#include "explaint/attend.h"
#include "explaint/baseline.h"
#include "explaint/catalogue.h"
#include "explaint/compare.h"
#include "explaint/embed.h"
#include "explaint/error.h"
#include "explaint/infer.h"
#include "explaint/inspect.h"
#include "explaint/ledger.h"
#include "explaint/model.h"
#include "explaint/norms.h"
#include "explaint/relate.h"
#include "explaint/report.h"
#include "explaint/result.h"
#include "explaint/score.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"
#include "explaint/vectors.h"
#include "explaint/version.h"
#include "explaint/visible.h"

#endif
