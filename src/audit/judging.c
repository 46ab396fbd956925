/* An assumption before it is judged, and the difference of two scores. */
#include "audit/judging.h"

#include <math.h>

#include "base/memory.h"
#include "result/record.h"

static const double WIDER = 1.25; /* docs/methods.md#intervals */
static const double DETECTS =
    (1.96 + .8416) / 1.96; /* of the half of a 95 % interval: a difference found with 80 % power */

explaint_assumption xp_judging_begin(const char *id, const char *text, const char *outcome) {
    explaint_assumption a;
    xp_record_clear(&explaint_assumption_kind, &a);
    a.id = id;
    a.text = text;
    a.outcome = outcome;
    return a;
}

void xp_judging_difference(xp_result *r, xp_readback *back, const double *a, const double *b,
                           explaint_assumption *out) {
    const size_t n = back->layer->distinct.n;
    double *num = xp_calloc(2 * n, sizeof *num), sum = 0, count = 0;
    if (num == NULL) {
        r->failed = true;
        return;
    }
    double *den = num + n;
    for (size_t i = 0; i < n; i++) {
        if (isnan(a[i]) || isnan(b[i])) continue;
        num[i] = a[i] - b[i];
        den[i] = 1;
        sum += num[i];
        count++;
    }
    if (count > 0) {
        out->gain = sum / count;
        out->n = (size_t)count;
        out->observed = xp_permute_mean(a, n);
        if (xp_bootstrap_ratio(&back->distinct, num, den, out->ci)) {
            xp_bootstrap_widen(out->gain, WIDER, out->ci);
            out->mde = DETECTS * (out->ci[1] - out->ci[0]) / 2;
        }
    }
    xp_free(num);
}
