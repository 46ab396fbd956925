/* What differs between two runs, and what that means for pairing their scores. */
#include <string.h>

#include "base/memory.h"
#include "compare/comparison.h"

/* With fewer, r over the concepts of both differs too much from that of runs on these alone (docs/methods.md#two-sets-of-vectors). */
static const double FEW_IN_COMMON = .9;

static const char *json_of(xp_comparison *c, const xp_value *value) {
    if (value == NULL) return NULL;
    xp_text text = {0};
    xp_value_text(value, &text);
    const char *kept = xp_comparison_keep(c, "%s", text.data != NULL ? text.data : "");
    c->failed = c->failed || text.failed;
    xp_text_free(&text);
    return kept;
}

static void add_change(xp_comparison *c, const char *what, const char *key, const xp_value *a, const xp_value *b) {
    explaint_compared_change *change =
        xp_comparison_grow(c, (void **)&c->change, &c->view.n_changes, &c->change_capacity, sizeof *change);
    if (change == NULL) return;
    *change = (explaint_compared_change){what, xp_comparison_keep(c, "%s", key), {json_of(c, a), json_of(c, b)}};
}

/* What is asked of a run beside its scores: which rows it prints, which layers it has. */
static bool changes_no_score(const char *key) {
    static const char *const keys[] = {"conditions", "metrics", "by_fold", "layers", "tensors", "adjust"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i]) == 0) return true;
    return false;
}

static void compare_settings(xp_comparison *c) {
    const xp_value *a = c->arm[0].settings, *b = c->arm[1].settings;
    for (void *at = xp_value_first(a); at != NULL; at = xp_value_next(a, at)) {
        const char *key = xp_value_key(at);
        const xp_value *other = xp_value_member(b, key);
        if (!changes_no_score(key) && !xp_value_equal(xp_value_at(at), other))
            add_change(c, "setting", key, xp_value_at(at), other);
    }
    for (void *at = xp_value_first(b); at != NULL; at = xp_value_next(b, at))
        if (!changes_no_score(xp_value_key(at)) && xp_value_member(a, xp_value_key(at)) == NULL)
            add_change(c, "setting", xp_value_key(at), NULL, xp_value_at(at));
}

/* The first input of one of these roles. */
static const xp_value *input_of(const xp_stored_result *arm, const char *role, const char *or_role) {
    const xp_value *inputs = xp_value_member(arm->document, "inputs");
    for (size_t i = 0; i < xp_value_count(inputs); i++) {
        const char *its = xp_stored_result_text(xp_value_item(inputs, i), "role");
        if (strcmp(its, role) == 0 || strcmp(its, or_role) == 0) return xp_value_item(inputs, i);
    }
    return NULL;
}

static bool same_input(xp_comparison *c, const char *role, const char *or_role) {
    const xp_value *a = input_of(&c->arm[0], role, or_role), *b = input_of(&c->arm[1], role, or_role);
    return strcmp(xp_stored_result_text(a, "sha256"), xp_stored_result_text(b, "sha256")) == 0;
}

static void compare_inputs(xp_comparison *c) {
    static const char *const roles[][2] = {{"norms", "norms"},
                                           {"embeddings", "model"},
                                           {"folds", "folds"},
                                           {"categories", "categories"},
                                           {"covariates", "covariates"}};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (same_input(c, roles[i][0], roles[i][1])) continue;
        const xp_value *a = input_of(&c->arm[0], roles[i][0], roles[i][1]),
                       *b = input_of(&c->arm[1], roles[i][0], roles[i][1]);
        add_change(c, "input", roles[i][0], xp_value_member(a, "name"), xp_value_member(b, "name"));
    }
}

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
    if (!same_input(c, "norms", "norms")) {
        const xp_value *a = input_of(&c->arm[0], "norms", "norms"), *b = input_of(&c->arm[1], "norms", "norms");
        return xp_fail(error, EXPLAINT_INVALID, NULL, 0,
                       "%s is on the norms %s (sha256 %.8s), %s on %s (%.8s): scores on other norms are of another "
                       "thing, and nothing is compared",
                       c->arm[0].place, xp_stored_result_text(a, "name"), xp_stored_result_text(a, "sha256"),
                       c->arm[1].place, xp_stored_result_text(b, "name"), xp_stored_result_text(b, "sha256"));
    }
    const xp_value *versions[2];
    for (int s = 0; s < 2; s++) versions[s] = xp_value_member(c->arm[s].document, "explaint");
    if (!xp_value_equal(versions[0], versions[1])) add_change(c, "version", "explaint", versions[0], versions[1]);
    compare_inputs(c);
    compare_settings(c);
    if (!same_input(c, "covariates", "covariates"))
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
