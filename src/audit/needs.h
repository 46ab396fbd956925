/* How many concepts a verdict needs: the null's spread of r on parts of the norms (docs/methods.md#needs). */
#ifndef XP_AUDIT_NEEDS_H
#define XP_AUDIT_NEEDS_H

#include "audit/plan.h"
#include "explaint/baseline.h"

/* study: distinct concepts. Without vectors of its own it gets some made for the purpose. false without memory. */
bool xp_needs_measure(const xp_study *study, const char *within, uint64_t seed, unsigned threads,
                      explaint_needs *needs);

#endif
