/* How a network was trained: the losses by epoch as small curves. */
#include <string.h>

#include "view.h"

enum { CURVE = 24 };

typedef struct curve {
    double loss[CURVE]; /* means over folds, at epochs evenly between the first and the last one */
    double first, last; /* last: at each fold's best epoch */
    size_t folds;
} curve;

static size_t run_longest(const explaint_result *result, const char *condition) {
    size_t most = 0;
    for (size_t i = 0; i < result->n_losses; i++)
        if (strcmp(result->losses[i].condition, condition) == 0 && result->losses[i].epochs > most)
            most = result->losses[i].epochs;
    return most;
}

/* A fold that has stopped keeps its last loss. */
static curve curve_of(const explaint_result *result, const char *condition, size_t epochs, size_t points, bool dev) {
    curve c = {.folds = 0};
    for (size_t i = 0; i < result->n_losses; i++) {
        const explaint_fold_losses *fold = &result->losses[i];
        const double *loss = dev ? fold->dev : fold->train;
        if (strcmp(fold->condition, condition) != 0 || loss == NULL || fold->best == 0 || fold->best > fold->epochs)
            continue;
        for (size_t k = 0; k < points; k++) {
            const size_t at = points > 1 ? k * (epochs - 1) / (points - 1) : 0;
            c.loss[k] += loss[at < fold->epochs ? at : fold->epochs - 1];
        }
        c.first += loss[0];
        c.last += loss[fold->best - 1];
        c.folds++;
    }
    for (size_t k = 0; c.folds > 0 && k < points; k++) c.loss[k] /= (double)c.folds;
    return c;
}

static void draw(const term *t, const char *what, const curve *c, size_t points) {
    static const char *const level[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, ascii[] = "._-=+*%#";
    double low = c->loss[0], high = c->loss[0];
    for (size_t k = 1; k < points; k++) {
        low = c->loss[k] < low ? c->loss[k] : low;
        high = c->loss[k] > high ? c->loss[k] : high;
    }
    term_putf(t, "%s%5s ", what, view_number(c->first / (double)c->folds, 3, false).text);
    for (size_t k = 0; k < points; k++) {
        const int at = high > low ? (int)((c->loss[k] - low) / (high - low) * 7.999) : 0;
        const char sign[2] = {ascii[at], 0};
        term_put(t, term_sign(t, level[at], sign));
    }
    term_line(t, " %s", view_number(c->last / (double)c->folds, 3, false).text);
}

void view_losses(const explaint_result *result, const term *t) {
    if (result->n_losses == 0) return;
    const char *condition = result->losses[0].condition;
    const size_t epochs = run_longest(result, condition), room = (size_t)(t->width - 34), /* beside words and numbers */
        most_points = room < CURVE ? room : CURVE, points = epochs < most_points ? epochs : most_points;
    const curve train = curve_of(result, condition, epochs, points, false);
    const curve dev = curve_of(result, condition, epochs, points, true);
    if (train.folds == 0) return;
    size_t least = SIZE_MAX, most = 0;
    for (size_t i = 0; i < result->n_losses; i++) {
        if (strcmp(result->losses[i].condition, condition) != 0) continue;
        const size_t best = result->losses[i].best;
        least = best < least ? best : least;
        most = best > most ? best : most;
    }
    char text[200];
    snprintf(text, sizeof text, "loss of %s by epoch, mean of %zu folds; a fold predicts as after %zu", condition,
             train.folds, least);
    if (least < most) view_add(text, sizeof text, " to %zu", most);
    term_begin(t, FAINT);
    term_block_in(t, PLAIN, text, 2);
    draw(t, "  in training       ", &train, points);
    if (dev.folds > 0) draw(t, "  in development    ", &dev, points);
    term_end(t, FAINT);
}
