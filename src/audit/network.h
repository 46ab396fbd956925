/* What --mapping ffnn asks for, as settings of a fit. */
#ifndef XP_AUDIT_NETWORK_H
#define XP_AUDIT_NETWORK_H

#include "audit/request.h"

/* The preset with what the options change. EXPLAINT_USAGE: out of range. */
explaint_status xp_network_settings(const explaint_ffnn_options *options, xp_ffnn_settings *settings,
                                    explaint_error *error);

#endif
