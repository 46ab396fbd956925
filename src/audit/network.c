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
