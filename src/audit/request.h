/* What is asked for: options read, checked and copied once, and what follows from them before a vector is seen. Never changes after that. */
#ifndef XP_AUDIT_REQUEST_H
#define XP_AUDIT_REQUEST_H

#include <string.h>

#include "audit/conditions.h"

enum {
    XP_TEST_K = 10,      /* neighbours of kNN in refits: fixed, so that no choice is repeated in each */
    XP_GRAPH_K = 10,     /* of label propagation's graph */
    XP_MOST_CHOSEN = 100 /* components chosen inside: 1 to this, unless candidates are given */
};

typedef enum xp_adjust { XP_ADJUST_NONE, XP_ADJUST_MAX_T, XP_ADJUST_BH } xp_adjust;

/* Its address stays: mappings point to its levels. */
typedef struct xp_request {
    explaint_infer_options
        options; /* its strings and lists are owned; permutations and refits may be by default (design.h) */
    xp_strings texts, command;
    const char **words; /* command, NULL-terminated */
    size_t *components;
    double *levels;
    xp_mapping mapping;      /* under audit, with all levels */
    double verdict_level;    /* the largest candidate where they are chosen, 0 where there are none */
    xp_mapping verdict;      /* the mapping at that level, or choosing */
    double test_k;           /* of kNN in refits */
    xp_mapping test_mapping; /* the verdict's, but kNN has a fixed k there: of refits */
    unsigned metrics;        /* bit set: those that are named */
    bool wants_length;       /* description_length, which is no metric of a prediction */
    uint8_t *conditions;     /* xp_n_conditions: named, without mean predictors */
    bool claims_information, claims_mapping;
    xp_adjust adjust; /* over layers */
    bool by_category; /* intervals of scores resample categories */
} xp_request;

/* usual_components: of the norms. To be freed either way. */
explaint_status xp_request_read(xp_request *request, const explaint_infer_options *options, size_t usual_components,
                                explaint_error *error);
void xp_request_free(xp_request *request);

explaint_status xp_request_read_adjust(const explaint_infer_options *options, xp_adjust *adjust, explaint_error *error);
/* Is the condition in the list of those that are asked for? */
bool xp_request_has_condition(const xp_request *request, const char *name);

/* Do rows tell the level under this name? */
static inline bool xp_request_tells(const xp_request *request, const char *level) {
    const char *told = request->mapping.mapper->level;
    return told != NULL && strcmp(told, level) == 0;
}

#endif
