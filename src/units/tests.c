#include "units/tests.h"

#include <stdio.h>

#include "units/arrays.h"

static const char *const names[XP_UNITS_ARMS - 1] = {"reader", "neighbours"};

static xp_units_array numbers(const char *name, size_t n, const double *values) {
    return (xp_units_array){name, "F64", 1, {n}, (void *)values};
}

static const char *holds(const char *what, const xp_units_arms *arms, char text[96]) {
    snprintf(text, 96, "%s of a test: reader, neighbours%s%s", what, arms->third != NULL ? ", " : "",
             arms->third != NULL ? arms->third : "");
    return text;
}

enum { OBSERVED = 5 };

static void observed_arrays(const xp_units_observed *o, const xp_units_arms *arms, xp_units_array array[OBSERVED]) {
    array[0] = numbers("divisor", 1, &o->divisor);
    array[1] = numbers("error", 1, &o->error);
    array[2] = numbers("peer_divisor", 1, &o->peer_divisor);
    array[3] = numbers("t", xp_units_n_arms(arms), o->t);
    array[4] = numbers("r_left_out", o->n, o->left_out);
}

bool xp_units_observed_pack(const xp_units_observed *o, const xp_units_arms *arms, void **bytes, size_t *size) {
    xp_units_array array[OBSERVED];
    char text[96];
    observed_arrays(o, arms, array);
    return xp_units_pack(holds("what is observed", arms, text), array, OBSERVED, bytes, size);
}

explaint_status xp_units_observed_unpack(xp_units_observed *o, const xp_units_arms *arms, const void *bytes,
                                         size_t size) {
    xp_units_array array[OBSERVED];
    char text[96];
    observed_arrays(o, arms, array);
    return xp_units_read(holds("what is observed", arms, text), array, OBSERVED, bytes, size);
}

bool xp_units_drawn_pack(const double *t, size_t count, const xp_units_arms *arms, void **bytes, size_t *size) {
    xp_units_array array[XP_UNITS_ARMS];
    char text[96];
    for (size_t k = 0; k < xp_units_n_arms(arms); k++)
        array[k] = numbers(k < 2 ? names[k] : arms->third, count, t + k * count);
    return xp_units_pack(holds("permutations", arms, text), array, xp_units_n_arms(arms), bytes, size);
}

explaint_status xp_units_drawn_unpack(double *const t[XP_UNITS_ARMS], size_t count, const xp_units_arms *arms,
                                      const void *bytes, size_t size) {
    xp_units_array array[XP_UNITS_ARMS];
    char text[96];
    for (size_t k = 0; k < xp_units_n_arms(arms); k++) array[k] = numbers(k < 2 ? names[k] : arms->third, count, t[k]);
    return xp_units_read(holds("permutations", arms, text), array, xp_units_n_arms(arms), bytes, size);
}
