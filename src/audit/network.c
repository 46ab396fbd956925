#include "audit/network.h"

#include <math.h>
#include <stdio.h>

enum { MOST_HIDDEN = 8192, MOST_BATCH = 4096, MOST_EPOCHS = 10000 };

static explaint_status count(const char *what, size_t asked, size_t most, size_t *value, explaint_error *error) {
    if (asked > most)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected %s from 1 to %zu, found %zu", what, most, asked);
    if (asked > 0) *value = asked;
    return EXPLAINT_OK;
}

explaint_status xp_network_settings(const explaint_ffnn_options *o, xp_ffnn_settings *s, explaint_error *error) {
    const bool published = o->preset != NULL && strcmp(o->preset, "chronis2023") == 0;
    if (o->preset != NULL && !published && strcmp(o->preset, "default") != 0)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected the preset default or chronis2023, found \"%s\"",
                       o->preset);
    *s = xp_ffnn_recipe(published ? XP_FFNN_CHRONIS2023 : XP_FFNN_DEFAULT);
    explaint_status status = count("hidden units", o->hidden, MOST_HIDDEN, &s->hidden, error);
    if (status == EXPLAINT_OK) status = count("concepts of a batch", o->batch, MOST_BATCH, &s->batch, error);
    if (status == EXPLAINT_OK) status = count("epochs", o->epochs, MOST_EPOCHS, &s->epochs, error);
    if (status != EXPLAINT_OK) return status;
    if (!(o->dropout < 0)) s->dropout = o->dropout;
    if (o->learning_rate != 0) s->learning_rate = o->learning_rate;
    if (!(s->dropout < 1)) /* a NaN is not, either */
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a dropout from 0 to below 1, found %g", s->dropout);
    if (!(s->learning_rate > 0 && s->learning_rate <= 1e6))
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a learning rate above 0 and up to 1e6, found %g",
                       s->learning_rate);
    return EXPLAINT_OK;
}

bool xp_network_list(struct explaint_plan *plan) {
    const xp_ffnn_settings *s = &plan->mapping.settings.ffnn;
    char dropout[32], rate[32];
    xp_shortest_double(s->dropout, dropout);
    xp_shortest_double(s->learning_rate, rate);
    const struct {
        const char *key, *value;
        size_t count;
    } all[] = {
        {"preset", s->recipe == XP_FFNN_CHRONIS2023 ? "\"chronis2023\"" : "\"default\"", 0},
        {"hidden", NULL, s->hidden},
        {"dropout", dropout, 0},
        {"learning_rate", rate, 0},
        {"batch", NULL, s->batch},
        {"epochs", NULL, s->epochs},
        {"patience", NULL, s->patience},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        char number[32];
        snprintf(number, sizeof number, "%zu", all[i].count);
        const char *value = all[i].value != NULL ? all[i].value : number;
        if (!xp_strings_add(&plan->setting_keys, all[i].key, strlen(all[i].key)) ||
            !xp_strings_add(&plan->setting_values, value, strlen(value)))
            return false;
    }
    return true;
}

/* Products in fp32 reach about nine tenths of the rate of an fp64 product, of which a unit of work is a third; a step of Adam on one weight takes as long as
 * forty flops. Where training stops early, it went on for some epochs before the patience ran out (seen: McRae 10, permuted rows fewer, Binder up to all). */
double xp_network_work(const struct explaint_plan *plan, double d) {
    const xp_ffnn_settings *s = &plan->mapping.settings.ffnn;
    const double h = (double)s->hidden, m = (double)plan->study.m, folds = (double)plan->study.n_folds;
    const double stops = (double)s->patience + 10, most = (double)s->epochs;
    const double epochs = s->patience > 0 && stops < most ? stops : most;
    const double rows = epochs * (double)plan->study.n * (1 - 1 / folds);
    const double steps = rows / (double)s->batch, weights = h * (d + m);
    return folds * (rows * (4 * d * h + 6 * m * h) / 4.5 + 12 * steps * weights);
}
