/* Everything of the library. See the headers themselves: each is the manual of its part. */
#ifndef EXPLAINT_H
#define EXPLAINT_H

#include "explaint/error.h"
#include "explaint/infer.h"
#include "explaint/ledger.h"
#include "explaint/norms.h"
#include "explaint/report.h"
#include "explaint/vectors.h"
#include "explaint/version.h"

#endif
