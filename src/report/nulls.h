/* What the tests of a stored run drew: a ledger keeps every permutation, a document only their mean. */
#ifndef XP_REPORT_NULLS_H
#define XP_REPORT_NULLS_H

#include "explaint/ledger.h"
#include "report/collection.h"

/* r under each permutation of the test that the run's first verdict on information has under this name. */
typedef struct xp_null_distribution {
    const char *id; /* of the result */
    double *r;
    size_t n;
} xp_null_distribution;

/* Fills run->null. What is damaged, or does not agree with the document, is left out. */
explaint_status xp_null_read(explaint_ledger *ledger, xp_report_run *run, explaint_error *error);
void xp_null_free(xp_report_run *run);
const xp_null_distribution *xp_null_find(const xp_report_run *run, const char *id);

#endif
