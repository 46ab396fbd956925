/* The steps of making a plan, in their order: what is asked for (plan_options.c), tests and units (plan.c), what names the run
 * (plan_identity.c). */
#ifndef XP_AUDIT_PLAN_STEPS_H
#define XP_AUDIT_PLAN_STEPS_H

#include "audit/plan.h"

/* ---- plan_options.c ---- */

bool xp_plan_copy_options(struct explaint_plan *plan, const explaint_infer_options *from); /* false: no memory */
explaint_status xp_plan_check_options(struct explaint_plan *plan, explaint_error *error);
/* The metrics and conditions that are asked for by name. */
explaint_status xp_plan_read_names(struct explaint_plan *plan, explaint_error *error);
bool xp_plan_asks_for(const char *list, const char *name);
/* Takes out what a study without vectors, or one with them, has not. */
void xp_plan_keep_served(struct explaint_plan *plan);
void xp_plan_add_means(struct explaint_plan *plan, bool wanted);
explaint_status xp_plan_read_adjust(const explaint_infer_options *o, xp_adjust *adjust, explaint_error *error);

/* What only the study shows to be wrong. */
explaint_status xp_plan_check_k(const struct explaint_plan *plan, explaint_error *error);
explaint_status xp_plan_check_covariates(const struct explaint_plan *plan, explaint_error *error);
explaint_status xp_plan_check_length(const struct explaint_plan *plan, explaint_error *error);

bool xp_plan_list_levels(struct explaint_plan *plan); /* false: no memory */
void xp_plan_count_draws(struct explaint_plan *plan); /* the study's distinct concepts are known */

/* ---- plan_identity.c: false: no memory ---- */

bool xp_plan_list_settings(struct explaint_plan *plan);
bool xp_plan_write_identity(struct explaint_plan *plan);
/* Of a plan with parts: its settings from theirs, and its identity. */
bool xp_plan_summarise_parts(struct explaint_plan *plan, const explaint_layer *layers);

#endif
