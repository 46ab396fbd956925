/* What a stored run predicted of each concept: at the layer, the mapping and the component count that its first verdict is about. A ledger keeps
 * it, a document does not. */
#ifndef XP_REPORT_PREDICTIONS_H
#define XP_REPORT_PREDICTIONS_H

#include "explaint/ledger.h"
#include "report/collection.h"
#include "units/concepts.h"
#include "units/features.h"
#include "units/scores.h"

/* By one condition. */
typedef struct xp_predicted {
    const char *condition, *target; /* of the result */
    double *score;                  /* n: of each concept, in the verdict's metric; NaN where there is none */
    int *feature;                   /* n x XP_TOP, strongest first; -1: no more */
    xp_shown shown;                 /* shown.score NULL: the target has other features than the norms */
} xp_predicted;

typedef struct xp_predictions {
    xp_concepts concepts;
    xp_units_features features;
    xp_predicted *condition; /* in the order of the rows: the system first */
    size_t n, capacity;
} xp_predictions;

/* Fills run->predictions, which stays NULL if the ledger does not hold them whole. */
explaint_status xp_predictions_read(explaint_ledger *ledger, xp_report_run *run, explaint_error *error);
void xp_predictions_free(xp_predictions *predictions); /* NULL: nothing */

/* NULL: there is none, or it keeps no features. */
const xp_predicted *xp_predicted_find(const xp_predictions *predictions, const char *condition, const char *target);

#endif
