/* What differs between two runs, and what that means for pairing their scores. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "compare/comparison.h"

/* With fewer, r over the concepts of both differs too much from that of runs on these alone (docs/methods.md#two-sets-of-vectors). */
static const double FEW_IN_COMMON = .9;

static const char *json_of(xp_comparison *c, const xp_value *value) {
    if (value == NULL) return NULL;
    xp_text text = {0};
    xp_value_text(value, &text);
    return xp_strings_keep_text(&c->texts, &c->failed, &text);
}

static bool is_one_of(const char *key, const char *const *keys) {
    for (; *keys != NULL; keys++)
        if (strcmp(key, *keys) == 0) return true;
    return false;
}

void xp_comparison_settings(xp_comparison *c, const char *const *without) {
    const xp_value *a = c->arm[0].settings, *b = c->arm[1].settings;
    for (void *at = xp_value_first(a); at != NULL; at = xp_value_next(a, at)) {
        const char *key = xp_value_key(at);
        const xp_value *other = xp_value_member(b, key);
        if (!is_one_of(key, without) && !xp_value_equal(xp_value_at(at), other))
            xp_comparison_change(c, "setting", key, json_of(c, xp_value_at(at)), json_of(c, other));
    }
    for (void *at = xp_value_first(b); at != NULL; at = xp_value_next(b, at))
        if (!is_one_of(xp_value_key(at), without) && xp_value_member(a, xp_value_key(at)) == NULL)
            xp_comparison_change(c, "setting", xp_value_key(at), NULL, json_of(c, xp_value_at(at)));
}

/* ---- inputs ---- */

/* Number `skip` of those of one of these roles. */
static const explaint_input *input_of(const xp_stored_result *arm, const char *role, const char *or_role, size_t skip) {
    for (size_t i = 0; i < arm->says.n_inputs; i++) {
        const char *its = xp_stored_result_text(arm->says.inputs[i].role);
        if ((strcmp(its, role) == 0 || strcmp(its, or_role) == 0) && skip-- == 0) return &arm->says.inputs[i];
    }
    return NULL;
}

const explaint_input *xp_comparison_input(const xp_stored_result *arm, const char *role, const char *or_role) {
    return input_of(arm, role, or_role, 0);
}

bool xp_comparison_same_input(const xp_comparison *c, const char *role, const char *or_role) {
    for (size_t i = 0;; i++) {
        const explaint_input *a = input_of(&c->arm[0], role, or_role, i), *b = input_of(&c->arm[1], role, or_role, i);
        if (a == NULL || b == NULL) return a == b;
        if (strcmp(xp_stored_result_text(a->sha256), xp_stored_result_text(b->sha256)) != 0) return false;
    }
}

static const char *quoted(xp_comparison *c, const char *text) {
    if (text == NULL) return NULL;
    xp_text json = {0};
    xp_json_quote(&json, text, strlen(text));
    return xp_strings_keep_text(&c->texts, &c->failed, &json);
}

void xp_comparison_inputs(xp_comparison *c, const xp_comparison_role *roles, size_t n) {
    const char *const version[2] = {xp_stored_result_text(c->arm[0].says.version),
                                    xp_stored_result_text(c->arm[1].says.version)};
    if (strcmp(version[0], version[1]) != 0)
        xp_comparison_change(c, "version", "explaint", quoted(c, version[0]), quoted(c, version[1]));
    for (size_t i = 0; i < n; i++) {
        const char *role = roles[i].role, *or_role = roles[i].or_role;
        if (xp_comparison_same_input(c, role, or_role)) continue;
        const explaint_input *a = input_of(&c->arm[0], role, or_role, 0), *b = input_of(&c->arm[1], role, or_role, 0);
        xp_comparison_change(c, "input", role, quoted(c, a != NULL ? a->name : NULL),
                             quoted(c, b != NULL ? b->name : NULL));
    }
}

/* ---- settings of infer ---- */

static bool same_setting(const xp_comparison *c, const char *key) {
    return xp_value_equal(xp_value_member(c->arm[0].settings, key), xp_value_member(c->arm[1].settings, key));
}

/* Scores against other values are of another thing: their difference is no effect of the mapping or the vectors. */
static const char *other_target(const xp_comparison *c) {
    static const char *const keys[] = {"na", "binary", "pair_value", "concepts_sha256", "features_sha256"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!same_setting(c, keys[i])) return keys[i];
    return NULL;
}

/* ---- the concepts of both ---- */

static bool match(xp_comparison *c) {
    const xp_concepts *a = &c->arm[0].concepts, *b = &c->arm[1].concepts;
    xp_index *index = xp_index_create(b->n);
    c->place[0] = xp_alloc(a->n, sizeof *c->place[0]);
    c->place[1] = xp_alloc(a->n, sizeof *c->place[1]);
    bool ok = index != NULL && c->place[0] != NULL && c->place[1] != NULL;
    size_t at;
    bool found;
    for (size_t i = 0; ok && i < b->n; i++) ok = xp_index_intern(index, b->name[i], strlen(b->name[i]), i, &at, &found);
    for (size_t i = 0; ok && i < a->n; i++) {
        if (!xp_index_find(index, a->name[i], strlen(a->name[i]), &at)) continue;
        c->place[0][c->n] = (uint32_t)i;
        c->place[1][c->n++] = (uint32_t)at;
    }
    xp_index_destroy(index);
    return ok;
}

static bool same_folds(const xp_comparison *c) {
    for (size_t i = 0; i < c->n; i++)
        if (c->arm[0].concepts.fold[c->place[0][i]] != c->arm[1].concepts.fold[c->place[1][i]]) return false;
    return true;
}

static bool pair_concepts(xp_comparison *c) {
    const size_t n[2] = {c->arm[0].concepts.n, c->arm[1].concepts.n};
    if (!match(c)) return false;
    if (c->n == 0) {
        xp_comparison_note(c, "No paired test: the two have no concept in common.");
        return true;
    }
    if (!xp_bootstrap_create(&c->resample, c->n, c->options.bootstrap, c->options.seed)) return false;
    c->paired = true;
    const bool same_concepts = c->n == n[0] && c->n == n[1];
    c->same_draws = same_concepts && same_setting(c, "seed");
    if (!same_concepts)
        xp_comparison_note(
            c,
            "Paired over the %zu concepts that both have (A %zu, B %zu); the scores as stored are over all "
            "of each.%s",
            c->n, n[0], n[1],
            (double)c->n < FEW_IN_COMMON * (double)(n[0] > n[1] ? n[0] : n[1])
                ? " So few in common make the differences of E1 to E4 rough: cut both vector files to the same words."
                : "");
    if (!same_folds(c))
        xp_comparison_note(c,
                           "The folds differ: a difference holds their luck, too. The same --seed and concepts, or one "
                           "--folds FILE, give the same folds.");
    if (!c->same_draws)
        xp_comparison_note(c, "Conditions with random targets drew other targets (%s): no paired test of these.",
                           same_concepts ? "another seed" : "other concepts");
    return true;
}

/* Why single concepts are not known on an arm; NULL: they are. */
static const char *no_scores(xp_comparison *c, int s) {
    const xp_stored_result *arm = &c->arm[s];
    if (arm->concepts.n > 0) return NULL;
    return arm->ledger == NULL
               ? xp_comparison_keep(c, "%s is a document, which holds no scores of single concepts", arm->place)
               : xp_comparison_keep(c, "%s was stored without the names of its concepts, by an earlier version",
                                    arm->place);
}

explaint_status xp_compare_settings(xp_comparison *c, explaint_error *error) {
    static const xp_comparison_role roles[] = {{"norms", "norms"},
                                               {"embeddings", "model"},
                                               {"folds", "folds"},
                                               {"categories", "categories"},
                                               {"covariates", "covariates"}};
    /* which rows are printed, and which layers there are, changes no score */
    static const char *const of_rows[] = {"conditions", "metrics", "by_fold", "layers", "tensors", "adjust", NULL};
    if (!xp_comparison_same_input(c, "norms", "norms")) {
        const explaint_input none = {0}, *a = xp_comparison_input(&c->arm[0], "norms", "norms"),
                             *b = xp_comparison_input(&c->arm[1], "norms", "norms");
        if (a == NULL) a = &none;
        if (b == NULL) b = &none;
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                       "%s is on the norms %s (sha256 %.8s), %s on %s (%.8s): scores on other norms are of another "
                       "thing, and nothing is compared",
                       c->arm[0].place, xp_stored_result_text(a->name), xp_stored_result_text(a->sha256),
                       c->arm[1].place, xp_stored_result_text(b->name), xp_stored_result_text(b->sha256));
    }
    xp_comparison_inputs(c, roles, sizeof roles / sizeof *roles);
    xp_comparison_settings(c, of_rows);
    if (!xp_comparison_same_input(c, "covariates", "covariates"))
        xp_comparison_note(c, "The covariates differ: E1 to E4 of the two are beyond different things.");
    const char *why = no_scores(c, 0), *target = other_target(c);
    if (why == NULL) why = no_scores(c, 1);
    if (target != NULL)
        xp_comparison_note(
            c,
            "No paired test, and read no difference as an effect: the setting \"%s\" differs, so that the "
            "scores are against other values.",
            target);
    else if (why != NULL)
        xp_comparison_note(c,
                           "No paired test is possible: %s. Run both with --ledger FILE (a stored run's command with "
                           "--resume adds what is missing) and compare FILE:RUN with FILE:RUN.",
                           why);
    else if (!pair_concepts(c))
        return xp_no_memory(error, "the comparison");
    return EXPLAINT_OK;
}
