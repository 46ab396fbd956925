/* A plan inside: what is asked for, what will run, and, once it ran, what the units gave. */
#ifndef XP_AUDIT_PLAN_H
#define XP_AUDIT_PLAN_H

#include "audit/execution.h"

struct explaint_plan {
    xp_request request;
    xp_design design;
    xp_execution *execution; /* of each layer; NULL before the first run */
};

#endif
