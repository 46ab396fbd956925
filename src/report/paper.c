#include "report/paper.h"

#include <string.h>

#include "base/view.h"

const xp_paper_row xp_paper[XP_PAPER_ROWS] = {
    {"McRae", "f1_at_10", {.25, .27, .10, .13, .01}},
    {"Buchanan", "f1_at_10", {.18, .22, .06, .11, .01}},
    {"Binder", "spearman", {.74, .90, .30, .59, .01}},
};

int xp_paper_norms(const char *name) {
    static const struct {
        const char *prefix;
        int norms;
    } known[] = {
        {"mcrae", 0}, {"concs_feats_concstats_brm", 0}, {"buchanan", 1}, {"binder", 2}, {"wordset1_ratings", 2}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t n = strlen(known[i].prefix);
        if (strlen(name) >= n && xp_view_is_nocase((xp_view){name, n}, known[i].prefix)) return known[i].norms;
    }
    return -1;
}
