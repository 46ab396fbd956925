/* What a run of relate says, found by name: for its page, its figures and its tables. */
#ifndef XP_REPORT_RELATION_H
#define XP_REPORT_RELATION_H

#include "report/collection.h"

enum { XP_RELATION_SETS = 32, XP_RELATION_CONTROLS = 5 };

/* The sets of counterfactuals, in the order of the rows. Returns how many, at most XP_RELATION_SETS. */
size_t xp_relation_sets(const explaint_relate_result *result, const char *set[XP_RELATION_SETS]);

/* What stands beside each other: the model itself (name NULL), then the controls. */
extern const struct xp_relation_control { const char *name, *label; } xp_relation_control[XP_RELATION_CONTROLS];

/* A number of all heads together against a set; control NULL: of the model itself. NaN: there is none. */
double xp_relation_value(const explaint_relate_result *result, const char *set, const char *measure,
                         const char *control);
/* Is the model better than this control, against this set? NULL: it was not judged. */
const explaint_relate_assumption *xp_relation_assumption(const explaint_relate_result *result, const char *set,
                                                         const char *control);

/* The heads, the best first: by adjusted p, then AUC. Released by xp_free; NULL: no memory. */
const explaint_relate_head **xp_relation_best(const explaint_relate_result *result);
size_t xp_relation_holding(const explaint_relate_result *result);

#endif
