/* Everything of the library. See the headers themselves: each is the manual of its part. */
#ifndef EXPLAINT_H
#define EXPLAINT_H

#include "explaint/adjust.h"
#include "explaint/attend.h"
#include "explaint/compare.h"
#include "explaint/embed.h"
#include "explaint/error.h"
#include "explaint/infer.h"
#include "explaint/inspect.h"
#include "explaint/ledger.h"
#include "explaint/model.h"
#include "explaint/norms.h"
#include "explaint/report.h"
#include "explaint/result.h"
#include "explaint/texts.h"
#include "explaint/tokenizer.h"
#include "explaint/vectors.h"
#include "explaint/version.h"
#include "explaint/visible.h"

#endif
