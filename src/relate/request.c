/* What was asked for, and how the document says it. */
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "explaint/attend.h"
#include "relate/pairs.h"
#include "relate/plan.h"

explaint_relate_options explaint_relate_defaults(void) {
    return (explaint_relate_options){.heads = "all", .folds = 5, .permutations = 9999, .refits = 99, .seed = 1};
}

static explaint_status choose_heads(xp_relate *r, explaint_error *error) {
    const size_t layers = r->info->n_layers, heads = r->info->n_heads;
    const char *at = r->options.heads;
    r->chosen = xp_calloc(layers, heads);
    r->place = xp_alloc(layers * heads, sizeof *r->place);
    if (r->chosen == NULL || r->place == NULL) return xp_no_memory(error, "the options");
    const bool all = at != NULL && strcmp(at, "all") == 0;
    if (all) memset(r->chosen, 1, layers * heads);
    for (bool ok = at != NULL; !all;) {
        size_t layer = 0, head = 0;
        ok = ok && explaint_head_read(&at, &layer, &head) && (*at == 0 || *at == ',');
        if (!ok)
            return xp_fail(
                error, EXPLAINT_USAGE, NULL, 0,
                "expected heads as 'all', or as layer and head with commas between, '3.7,4.1', found '%.80s'",
                r->options.heads != NULL ? r->options.heads : "");
        if (layer > layers || head > heads)
            return xp_fail(error, EXPLAINT_USAGE, NULL, 0,
                           "expected heads 1 to %zu of layers 1 to %zu, found '%zu.%zu'", heads, layers, layer, head);
        r->chosen[(layer - 1) * heads + head - 1] = 1;
        if (*at++ == 0) break;
    }
    for (size_t i = 0; i < layers * heads; i++)
        if (r->chosen[i]) r->place[r->n_chosen++] = i;
    return EXPLAINT_OK;
}

explaint_status xp_relate_read_options(xp_relate *r, explaint_error *error) {
    const explaint_relate_options *o = &r->options;
    if (o->folds < 3 || o->folds > 100)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected 3 to 100 folds of words, found %zu", o->folds);
    if (o->permutations < 99 || o->permutations > 1000000)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected 99 to 1,000,000 permutations, found %zu",
                       o->permutations);
    if (o->refits > 100000)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected at most 100,000 refits, found %zu", o->refits);
    return choose_heads(r, error);
}

/* ---- the document ---- */

static void add_setting(xp_relate *r, const char *key, const char *json) {
    if (json == NULL) r->failed = true;
    if (!r->failed) r->settings[r->n_settings++] = (explaint_setting){key, json};
}

static void add_text(xp_relate *r, const char *key, const char *value) {
    xp_text text = {0};
    xp_json_quote(&text, value, strlen(value));
    if (text.failed) r->failed = true;
    if (!text.failed) add_setting(r, key, xp_relate_keep(r, "%s", text.data));
    xp_text_free(&text);
}

static void add_number(xp_relate *r, const char *key, unsigned long long value) {
    add_setting(r, key, xp_relate_keep(r, "%llu", value));
}

static void add_templates(xp_relate *r) {
    xp_text text = {0};
    size_t n;
    const char *const *shipped = xp_sentences_templates(r->pairs->hypernymy, &n);
    xp_text_adds(&text, "[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) xp_text_adds(&text, ", ");
        xp_json_quote(&text, shipped[i], strlen(shipped[i]));
    }
    xp_text_adds(&text, "]");
    if (text.failed) r->failed = true;
    if (!text.failed) add_setting(r, "templates", xp_relate_keep(r, "%s", text.data));
    xp_text_free(&text);
}

static void add_input(xp_relate *r, const char *role, const char *name, const char *path, const char *sha256) {
    if (r->failed) return;
    r->inputs[r->n_inputs++] = (explaint_input){.role = xp_relate_keep(r, "%s", role),
                                                .name = xp_relate_keep(r, "%s", name),
                                                .path = xp_relate_keep(r, "%s", path),
                                                .sha256 = xp_relate_keep(r, "%s", sha256)};
}

void xp_relate_describe(xp_relate *r) {
    enum { SETTINGS = 10 };
    const explaint_relate_options *o = &r->options;
    const explaint_pairs *p = r->pairs;
    r->inputs = xp_calloc(r->info->n_files + p->inputs.count / 4 + 1, sizeof *r->inputs);
    r->settings = xp_calloc(SETTINGS, sizeof *r->settings);
    if (r->inputs == NULL || r->settings == NULL) r->failed = true;
    for (size_t i = 0; i < r->info->n_files; i++)
        add_input(r, "model", r->info->name, r->info->file[i].path, r->info->file[i].sha256);
    for (size_t i = 0; i + 3 < p->inputs.count; i += 4)
        add_input(r, p->inputs.item[i], p->inputs.item[i + 1], p->inputs.item[i + 2], p->inputs.item[i + 3]);
    if (o->templates != NULL)
        add_input(r, "templates", explaint_texts_path(o->templates), explaint_texts_path(o->templates),
                  explaint_texts_sha256(o->templates));
    add_text(r, "pairs", p->name);
    if (o->templates == NULL) add_templates(r);
    add_text(r, "heads", o->heads);
    add_number(r, "folds", o->folds);
    add_number(r, "permutations", o->permutations);
    add_number(r, "refits", o->refits);
    add_number(r, "disorders", XP_DISORDERS);
    add_number(r, "seed", o->seed);
    add_text(r, "dtype", r->info->dtype);
    for (size_t i = 0; i < p->notes.count; i++)
        xp_relate_lint(r, "pairs", "note", xp_relate_keep(r, "%s", p->notes.item[i]));
    for (size_t i = 0; i < explaint_tokenizer_n_notes(r->tokenizer); i++)
        xp_relate_lint(r, "tokenizer", "note", xp_relate_keep(r, "%s", explaint_tokenizer_note(r->tokenizer, i)));
}
