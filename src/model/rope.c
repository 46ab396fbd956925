#include "model/rope.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/strings.h"

static const double PI = 3.14159265358979323846;

typedef struct stretch { /* numbers of all types; NAN: not given */
    double factor, original, attention_factor, beta_fast, beta_slow, mscale, mscale_all_dim, low, high;
    bool truncate;
    const xp_value *short_factor, *long_factor;
} stretch;

struct xp_rope {
    size_t pairs, rotated; /* rotated: r, where odd, 2 pairs - 1 */
    float magnitude;       /* of cosines and sines: scores get its square */
    size_t usual;          /* texts of up to so many pieces have `inverse`; longer ones `longer`, or another theta */
    double theta, factor;  /* of the longer ones */
    float *inverse, *longer;
};

void xp_rope_free(xp_rope *rope) {
    if (rope == NULL) return;
    xp_free_all(rope->inverse, rope->longer, rope);
}

size_t xp_rope_pairs(const xp_rope *rope) { return rope->pairs; }

/* theta^(2k/r), as the reference rounds it. */
static float frequency(double theta, size_t k, size_t rotated) {
    const float exponent = (float)(2 * k) / (float)rotated;
    return (float)pow((double)(float)theta, (double)exponent);
}

/* ---- the ways to stretch: each fills inverse[k], k < pairs ---- */

typedef explaint_status (*stretcher)(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                                     explaint_error *error);

static explaint_status leave(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                             explaint_error *error) {
    (void)path, (void)s, (void)basis, (void)error;
    for (size_t k = 0; k < rope->pairs; k++) rope->inverse[k] = 1 / frequency(rope->theta, k, rope->rotated);
    return EXPLAINT_OK;
}

static explaint_status linear(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                              explaint_error *error) {
    leave(path, s, basis, rope, error);
    for (size_t k = 0; k < rope->pairs; k++) rope->inverse[k] /= (float)s->factor;
    return EXPLAINT_OK;
}

/* Whole heads turn, the last pairs by nothing. */
static explaint_status proportional(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                                    explaint_error *error) {
    const size_t turning = rope->rotated / 2;
    (void)path, (void)error;
    for (size_t k = 0; k < rope->pairs; k++)
        rope->inverse[k] = k < turning ? 1 / frequency(rope->theta, k, basis->head) / (float)s->factor : 0;
    return EXPLAINT_OK;
}

/* NTK-aware: theta grows with the text, beyond the positions of training. */
static explaint_status dynamic(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                               explaint_error *error) {
    if (rope->rotated <= 2)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected more than 2 rotating dimensions of a head for the \"rope_type\" dynamic, found %zu",
                       rope->rotated);
    rope->usual = basis->n_positions;
    rope->factor = s->factor;
    return leave(path, s, basis, rope, error);
}

static explaint_status llama3(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                              explaint_error *error) {
    const float factor = (float)s->factor, low = (float)s->low, high = (float)s->high, original = (float)s->original;
    leave(path, s, basis, rope, error);
    for (size_t k = 0; k < rope->pairs; k++) {
        const float inverse = rope->inverse[k], wavelength = (float)(2 * PI) / inverse;
        const float smooth = (original / wavelength - low) / (high - low);
        if (wavelength > (float)(s->original / s->low))
            rope->inverse[k] = inverse / factor;
        else if (!(wavelength < (float)(s->original / s->high)))
            rope->inverse[k] = (1 - smooth) * inverse / factor + smooth * inverse;
    }
    return EXPLAINT_OK;
}

static double yarn_magnitude(double factor, double scale) { return factor <= 1 ? 1 : .1 * scale * log(factor) + 1; }

/* Peng et al. 2023, arXiv 2309.00071. */
static explaint_status yarn(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                            explaint_error *error) {
    const double r = (double)rope->rotated, turn = 2 * log(rope->theta);
    const double factor = isnan(s->factor) ? (double)basis->n_positions / s->original : s->factor;
    double first = r * log(s->original / (s->beta_fast * 2 * PI)) / turn,
           last = r * log(s->original / (s->beta_slow * 2 * PI)) / turn;
    (void)path, (void)error;
    if (s->truncate) {
        first = floor(first);
        last = ceil(last);
    }
    first = fmax(first, 0);
    last = fmin(last, r - 1);
    if (first == last) last += .001;
    for (size_t k = 0; k < rope->pairs; k++) {
        const float wave = frequency(rope->theta, k, rope->rotated);
        const float ramp = ((float)k - (float)first) / (float)(last - first);
        const float keep = 1 - (ramp < 0 ? 0 : ramp > 1 ? 1 : ramp);
        rope->inverse[k] = 1 / ((float)factor * wave) * (1 - keep) + 1 / wave * keep;
    }
    if (!isnan(s->attention_factor))
        rope->magnitude = (float)s->attention_factor;
    else if (!isnan(s->mscale) && !isnan(s->mscale_all_dim))
        rope->magnitude = (float)(yarn_magnitude(factor, s->mscale) / yarn_magnitude(factor, s->mscale_all_dim));
    else
        rope->magnitude = (float)yarn_magnitude(factor, 1);
    return EXPLAINT_OK;
}

/* A list of a number for each pair: inverse = 1 / (number x theta^(2k/r)). */
static explaint_status divide(const char *path, const xp_value *list, const char *key, const xp_rope *rope,
                              float *inverse, explaint_error *error) {
    for (size_t k = 0; k < rope->pairs; k++) {
        double number;
        if (xp_value_count(list) != rope->pairs || !xp_value_is_array(list) ||
            !xp_value_number(xp_value_item(list, k), &number) || !(number > 0) || number > 1e15)
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "expected \"%s\" to be a list of %zu numbers above 0, one for each rotating pair", key,
                           rope->pairs);
        inverse[k] = 1 / ((float)number * frequency(rope->theta, k, rope->rotated));
    }
    return EXPLAINT_OK;
}

/* Ding et al. 2024, arXiv 2402.13753. */
static explaint_status longrope(const char *path, const stretch *s, const xp_rope_basis *basis, xp_rope *rope,
                                explaint_error *error) {
    const double factor = isnan(s->factor) ? (double)basis->n_positions / s->original : s->factor;
    rope->longer = xp_calloc(rope->pairs, sizeof *rope->longer);
    if (rope->longer == NULL) return xp_no_memory(error, "rotary positions");
    explaint_status status = divide(path, s->short_factor, "short_factor", rope, rope->inverse, error);
    if (status == EXPLAINT_OK) status = divide(path, s->long_factor, "long_factor", rope, rope->longer, error);
    rope->usual = (size_t)s->original;
    if (!isnan(s->attention_factor))
        rope->magnitude = (float)s->attention_factor;
    else if (factor > 1)
        rope->magnitude = (float)sqrt(1 + log(factor) / log(s->original));
    return status;
}

/* ---- reading ---- */

static const struct {
    const char *name;
    stretcher stretcher;
    const char *needs[4]; /* numbers that must be there */
} types[] = {{"default", leave, {NULL}},
             {"linear", linear, {"factor", NULL}},
             {"dynamic", dynamic, {"factor", NULL}},
             {"yarn", yarn, {NULL}},
             {"longrope", longrope, {NULL}},
             {"llama3", llama3, {"factor", "low_freq_factor", "high_freq_factor", NULL}},
             {"proportional", proportional, {NULL}}};

enum { N_TYPES = sizeof types / sizeof types[0], PLAIN = 0, LONGROPE = 4, PROPORTIONAL = 6 };

static explaint_status read_number(const char *path, const xp_value *parameters, const char *key, double *to,
                                   explaint_error *error) {
    static const double most = 1e15; /* a count of pieces has room, and so has a product of two of them in fp32 */
    const xp_value *value = xp_value_member(parameters, key);
    double number;
    if (xp_value_is_null(value)) return EXPLAINT_OK;
    if (!xp_value_number(value, &number) || !(number > 0) || number > most)
        return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected \"%s\" of rotary positions to be a number above 0",
                       key);
    *to = number;
    return EXPLAINT_OK;
}

static explaint_status read_numbers(const char *path, const xp_value *parameters, stretch *s, xp_rope_basis *basis,
                                    explaint_error *error) {
    const struct {
        const char *key;
        double *to;
    } numbers[] = {{"rope_theta", &basis->theta},
                   {"partial_rotary_factor", &basis->partial},
                   {"factor", &s->factor},
                   {"original_max_position_embeddings", &s->original},
                   {"attention_factor", &s->attention_factor},
                   {"beta_fast", &s->beta_fast},
                   {"beta_slow", &s->beta_slow},
                   {"mscale", &s->mscale},
                   {"mscale_all_dim", &s->mscale_all_dim},
                   {"low_freq_factor", &s->low},
                   {"high_freq_factor", &s->high}};
    explaint_status status = EXPLAINT_OK;
    for (size_t i = 0; status == EXPLAINT_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        status = read_number(path, parameters, numbers[i].key, numbers[i].to, error);
    if (basis->original > 0) s->original = (double)basis->original;
    if (isnan(s->original)) s->original = (double)basis->n_positions;
    const xp_value *truncate = xp_value_member(parameters, "truncate");
    if (status == EXPLAINT_OK && truncate != NULL && !xp_value_bool(truncate, &s->truncate))
        status = xp_fail(error, EXPLAINT_INVALID, path, 0, "expected \"truncate\" to be true or false");
    s->truncate = s->truncate || basis->always_truncates;
    s->short_factor = xp_value_member(parameters, "short_factor");
    s->long_factor = xp_value_member(parameters, "long_factor");
    return status;
}

static explaint_status find_type(const char *path, const xp_value *parameters, const xp_rope_basis *basis, size_t *type,
                                 explaint_error *error) {
    const xp_value *value = xp_value_member(parameters, "rope_type");
    if (value == NULL) value = xp_value_member(parameters, "type");
    const char *name = xp_value_string(value);
    *type = PLAIN;
    if (xp_value_is_null(value)) return EXPLAINT_OK;
    if (basis->longrope_only) {
        static const char *const names[] = {"longrope", "su", "yarn"};
        *type = LONGROPE;
        for (size_t i = 0; name != NULL && i < sizeof names / sizeof names[0]; i++)
            if (strcmp(name, names[i]) == 0) return EXPLAINT_OK;
        *type = PLAIN;
        if (name != NULL && strcmp(name, types[PLAIN].name) == 0) return EXPLAINT_OK;
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected \"rope_type\" to be default or longrope, as this family has it, found \"%.80s\"",
                       name != NULL ? name : "no string");
    }
    for (*type = 0; *type < N_TYPES; (*type)++)
        if (name != NULL && strcmp(name, types[*type].name) == 0) return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "expected \"rope_type\" to be default, linear, dynamic, yarn, longrope, llama3 or proportional, "
                   "found \"%.80s\"",
                   name != NULL ? name : "no string");
}

/* Parameters by kind of layer are the families' that have them. */
static explaint_status check_members(const char *path, const xp_value *parameters, size_t type, explaint_error *error) {
    if (!xp_value_is_null(parameters) && !xp_value_is_object(parameters))
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected \"rope_parameters\" or \"rope_scaling\" to be an object");
    for (void *at = xp_value_first(parameters); at != NULL; at = xp_value_next(parameters, at))
        if (xp_value_is_object(xp_value_at(at)))
            return xp_fail(error, EXPLAINT_INVALID, path, 0,
                           "expected rotary positions that are the same in all layers, found \"%.80s\" with its own",
                           xp_value_key(at));
    for (size_t i = 0; types[type].needs[i] != NULL; i++)
        if (xp_value_is_null(xp_value_member(parameters, types[type].needs[i])))
            return xp_fail(error, EXPLAINT_INVALID, path, 0, "expected \"%s\" for the \"rope_type\" %s, found none",
                           types[type].needs[i], types[type].name);
    return EXPLAINT_OK;
}

static explaint_status count_pairs(const char *path, const xp_rope_basis *basis, size_t type, xp_rope *rope,
                                   explaint_error *error) {
    double partial = type == PLAIN && !basis->partial_counts ? 1 : basis->partial;
    if (partial > 1) partial = 2; /* refused below */
    rope->rotated = (size_t)((double)basis->head * partial);
    rope->pairs = type == PROPORTIONAL ? basis->head / 2 : (rope->rotated + 1) / 2;
    if (2 * rope->pairs > basis->head)
        return xp_fail(error, EXPLAINT_INVALID, path, 0,
                       "expected an even number of at most %zu rotating dimensions of a head, found %zu", basis->head,
                       rope->rotated);
    if (type == PLAIN || type == PROPORTIONAL || basis->partial_counts || rope->rotated == basis->head)
        return EXPLAINT_OK;
    return xp_fail(error, EXPLAINT_INVALID, path, 0,
                   "expected whole heads to rotate (\"partial_rotary_factor\" 1), found %zu of %zu dimensions",
                   rope->rotated, basis->head);
}

explaint_status xp_rope_read(const char *path, const xp_value *parameters, const xp_rope_basis *known, xp_rope **rope,
                             explaint_error *error) {
    stretch s = {NAN, NAN, NAN, 32, 1, NAN, NAN, NAN, NAN, true, NULL, NULL};
    xp_rope_basis basis = *known;
    size_t type = PLAIN;
    explaint_status status = find_type(path, parameters, known, &type, error);
    if (status == EXPLAINT_OK) status = check_members(path, parameters, type, error);
    if (status == EXPLAINT_OK) status = read_numbers(path, parameters, &s, &basis, error);
    if (status != EXPLAINT_OK) return status;
    if (type == PROPORTIONAL && isnan(s.factor)) s.factor = 1;
    xp_rope *r = xp_calloc(1, sizeof *r);
    if (r == NULL) return xp_no_memory(error, "rotary positions");
    *r = (xp_rope){.magnitude = 1, .usual = SIZE_MAX, .theta = basis.theta};
    status = count_pairs(path, &basis, type, r, error);
    if (status == EXPLAINT_OK) {
        r->inverse = xp_calloc(r->pairs, sizeof *r->inverse);
        if (r->inverse == NULL) status = xp_no_memory(error, "rotary positions");
    }
    if (status == EXPLAINT_OK) status = types[type].stretcher(path, &s, &basis, r, error);
    if (status != EXPLAINT_OK) {
        xp_rope_free(r);
        return status;
    }
    *rope = r;
    return EXPLAINT_OK;
}

/* ---- turning ---- */

/* Of a text that is longer than usual: every position of it. */
static float longer(const xp_rope *rope, size_t n, size_t k) {
    if (rope->longer != NULL) return rope->longer[k];
    const double r = (double)rope->rotated, grown = rope->factor * (double)n / (double)rope->usual - (rope->factor - 1);
    return 1 / frequency(rope->theta * pow(grown, r / (r - 2)), k, rope->rotated);
}

bool xp_rope_is_same(const xp_rope *rope, size_t n, size_t other) {
    const bool is_longer = n > rope->usual, was_longer = other > rope->usual;
    return n == other || (is_longer == was_longer && (!is_longer || rope->longer != NULL));
}

void xp_rope_turns(const xp_rope *rope, size_t n, size_t first, size_t many, float *cosines, float *sines, size_t ld) {
    for (size_t k = 0; k < rope->pairs; k++) {
        const float inverse = n > rope->usual ? longer(rope, n, k) : rope->inverse[k];
        for (size_t i = 0; i < many; i++) {
            const float angle = (float)(first + i) * inverse;
            cosines[i * ld + k] = (float)cos((double)angle) * rope->magnitude;
            sines[i * ld + k] = (float)sin((double)angle) * rope->magnitude;
        }
    }
}

void xp_rope_rotate(const xp_rope *rope, const float *cosines, const float *sines, float *head) {
    const size_t pairs = rope->pairs;
    float *other = head + pairs;
    for (size_t k = 0; k < pairs; k++) {
        const float a = head[k], b = other[k];
        head[k] = a * cosines[k] - b * sines[k];
        other[k] = b * cosines[k] + a * sines[k];
    }
}
