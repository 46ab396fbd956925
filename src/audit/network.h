/* What --mapping ffnn asks for, as settings of a fit; what it costs. */
#ifndef XP_AUDIT_NETWORK_H
#define XP_AUDIT_NETWORK_H

#include "audit/plan.h"

/* The preset with what the options change. EXPLAINT_USAGE: out of range. */
explaint_status xp_network_settings(const explaint_ffnn_options *options, xp_ffnn_settings *settings,
                                    explaint_error *error);
/* What is in the identity: every number that a fit depends on. */
bool xp_network_list(struct explaint_plan *plan);
/* The work of one fit from d inputs, in the units of xp_unit. */
double xp_network_work(const struct explaint_plan *plan, double d);

#endif
