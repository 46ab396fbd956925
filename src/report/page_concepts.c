/* The search for a concept on the page: what it has, what each condition predicted of it, and what lies near it. Facts, names and a block of numbers for
 * each condition; web/concepts.js shows them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "explaint/visible.h"
#include "report/page.h"
#include "report/predictions.h"

enum {
    MOST_GOLD = 200,         /* features of a concept, the strongest ones: dense norms may have thousands */
    MOST_NAME = 160,         /* bytes of a name */
    MOST_PAGE = 11 * 1000000 /* bytes of a page from where on no more conditions go in */
};

/* ---- whole numbers ---- */

/* So many decimals, three or fewer, that values up to `most` fit. */
static int decimals_for(double most) {
    int decimals = 3;
    while (decimals > -300 && most * pow(10, decimals) > 1e9) decimals--;
    return decimals;
}

static int32_t whole(double value, int decimals) {
    return isfinite(value) ? (int32_t)lround(value * pow(10, decimals)) : INT32_MIN;
}

static double largest(double most, double value) { return isfinite(value) && fabs(value) > most ? fabs(value) : most; }

/* ---- names ---- */

static void add_names(const char *const *name, size_t n, xp_text *text) {
    char shown[MOST_NAME];
    for (size_t i = 0; i < n; i++) { /* no name holds a line's end any more */
        explaint_visible_text(name[i], shown, sizeof shown);
        xp_text_adds(text, shown);
        xp_text_adds(text, "\n");
    }
}

static void names(const xp_predictions *all, const char *id, xp_text *out) {
    xp_text text = {0};
    add_names(all->concepts.name, all->concepts.n, &text);
    add_names(all->features.name, all->features.gold.m, &text);
    out->failed |= text.failed;
    if (text.data != NULL) xp_page_block(out, id, text.data, text.length);
    xp_text_free(&text);
}

/* ---- gold ---- */

typedef struct held {
    uint32_t feature;
    double value;
} held;

static int by_value(const void *a, const void *b) { /* greatest first */
    const held *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return x->feature < y->feature ? -1 : x->feature > y->feature;
}

static double gold_most(const xp_csr *gold) {
    double most = 0;
    for (size_t k = 0; k < gold->start[gold->n]; k++) most = largest(most, gold->value[k]);
    return most;
}

/* Of each concept: fold, the concept with the same vector, how many features it has, how many follow; then of each that follows, strongest first: the
 * feature, and its value. */
static void gold(const xp_predictions *all, const char *id, int decimals, xp_text *out) {
    const xp_csr *g = &all->features.gold;
    const size_t n = g->n;
    int32_t *number = xp_alloc(4 * n + 2 * g->start[n], sizeof *number);
    held *row = xp_alloc(g->m, sizeof *row);
    size_t at = 4 * n;
    for (size_t i = 0; number != NULL && row != NULL && i < n; i++) {
        const size_t count = g->start[i + 1] - g->start[i], kept = count < MOST_GOLD ? count : MOST_GOLD;
        number[i] = (int32_t)all->concepts.fold[i];
        number[n + i] = all->concepts.twin[i] < n ? (int32_t)all->concepts.twin[i] : -1;
        number[2 * n + i] = (int32_t)count;
        number[3 * n + i] = (int32_t)kept;
        for (size_t k = 0; k < count; k++) row[k] = (held){g->column[g->start[i] + k], g->value[g->start[i] + k]};
        qsort(row, count, sizeof *row, by_value);
        for (size_t k = 0; k < kept; k++) {
            number[at++] = (int32_t)row[k].feature;
            number[at++] = whole(row[k].value, decimals);
        }
    }
    out->failed |= number == NULL || row == NULL;
    if (number != NULL && row != NULL) xp_page_planes(out, id, number, at);
    xp_free_all(number, row);
}

/* ---- conditions ---- */

static double predicted_most(const xp_predicted *p, size_t n) {
    double most = 1;
    for (size_t i = 0; i < n; i++) most = largest(most, p->score[i]);
    for (size_t i = 0; i < n * XP_TOP; i++) most = largest(most, p->shown.score[i]);
    return most;
}

/* Neighbours among norms are the same for all conditions, and so are those among what goes in for most: they are stored once. */
static bool as_first(const xp_predictions *all, const xp_predicted *p, int space) {
    const xp_shown *a = &all->condition[0].shown, *b = &p->shown;
    const size_t cells = all->concepts.n * XP_TOP;
    return p != all->condition && a->nearest[space] != NULL && b->nearest[space] != NULL &&
           memcmp(a->nearest[space], b->nearest[space], cells * sizeof *a->nearest[space]) == 0 &&
           memcmp(a->cosine[space], b->cosine[space], cells * sizeof *a->cosine[space]) == 0;
}

/* Of each concept its score; then of its features, rank by rank, which (twice its number and 2, and 1 if the target has it; 0: none) and how strong;
 * then in each space the neighbours (their number and 1; 0: none), and how near. */
static void condition(const xp_predictions *all, const xp_predicted *p, const char *id, int decimals, xp_text *out) {
    const size_t n = all->concepts.n, cells = n * XP_TOP;
    int32_t *number = xp_alloc(n + (2 + 2 * XP_N_SPACES) * cells, sizeof *number), *at = number;
    out->failed |= number == NULL;
    if (number == NULL) return;
    for (size_t i = 0; i < n; i++) *at++ = whole(p->score[i], decimals);
    for (size_t k = 0; k < cells; k++) *at++ = p->feature[k] < 0 ? 0 : 2 * (p->feature[k] + 1) + p->shown.hit[k];
    for (size_t k = 0; k < cells; k++) *at++ = whole(p->shown.score[k], decimals);
    for (int space = 0; space < XP_N_SPACES; space++) {
        const uint32_t *nearest = p->shown.nearest[space];
        if (nearest == NULL || as_first(all, p, space)) continue;
        for (size_t k = 0; k < cells; k++) *at++ = nearest[k] == UINT32_MAX ? 0 : (int32_t)nearest[k] + 1;
        for (size_t k = 0; k < cells; k++) *at++ = whole(p->shown.cosine[space][k], 3);
    }
    xp_page_planes(out, id, number, (size_t)(at - number));
    xp_free(number);
}

static void condition_facts(const xp_predictions *all, const xp_predicted *p, int decimals, xp_json *json) {
    xp_json_open(json, NULL, '{', XP_JSON_LINE);
    xp_json_string(json, "name", p->condition);
    xp_json_string(json, "label", xp_report_condition_label(p->condition));
    xp_json_string(json, "target", p->target);
    xp_json_integer(json, "decimals", decimals);
    for (int first = 0; first < 2; first++) { /* in its own block; in that of the first condition */
        xp_json_open(json, first ? "shared" : "spaces", '[', XP_JSON_LINE);
        for (int space = 0; space < XP_N_SPACES; space++)
            if (p->shown.nearest[space] != NULL && as_first(all, p, space) == (first == 1))
                xp_json_string(json, NULL, xp_units_spaces[space]);
        xp_json_close(json);
    }
    xp_json_close(json);
}

/* Blocks, one at least, until the page is large enough. Returns how many conditions are in. */
static size_t conditions(const xp_predictions *all, const xp_report_run *run, xp_json *json, xp_text *out) {
    char id[64];
    size_t k = 0;
    xp_json_open(json, "conditions", '[', XP_JSON_LINE);
    for (; k < all->n && (k == 0 || out->length < MOST_PAGE); k++) {
        const xp_predicted *p = &all->condition[k];
        const int decimals = decimals_for(predicted_most(p, all->concepts.n));
        snprintf(id, sizeof id, "concepts-%s-%zu", run->label, k);
        condition(all, p, id, decimals, out);
        condition_facts(all, p, decimals, json);
    }
    xp_json_close(json);
    return k;
}

/* ---- the whole ---- */

static void say_missing(const xp_predictions *all, size_t shown, xp_text *out) {
    if (shown == all->n) return;
    xp_page_put(out,
                "<p>%zu of %zu conditions are left out here, because the page would be too large: a report of this "
                "run alone may have room for them, and <code>explaint runs export --concepts</code> lists all.</p>\n",
                all->n - shown, all->n);
}

void xp_page_concepts(const xp_report_run *run, bool alone, xp_text *out) {
    const xp_predictions *all = run->predictions;
    xp_page_heading(out, alone, "Search a concept");
    if (all == NULL) {
        xp_text_adds(out, "<p>What was predicted of single concepts is not in this page: a ledger keeps it, a JSON "
                          "document does not, and neither does a ledger of version 0.1.</p>\n");
        return;
    }
    if (out->length >= MOST_PAGE) {
        say_missing(all, 0, out);
        return;
    }
    const xp_csr *g = &all->features.gold;
    const int decimals = decimals_for(gold_most(g));
    char id[64];
    xp_json json = {0};
    xp_page_put(out, "<div id=\"concepts-%s\" class=\"concepts\">\n", run->label);
    xp_text_adds(out,
                 "<p class=\"without-script\">With a script this page shows the features and the neighbours of each "
                 "concept under every condition; without one, <code>explaint runs export --concepts</code> and "
                 "<code>--neighbours</code> list them.</p>\n");
    const bool dense = 2 * g->start[g->n] >= g->n * g->m;
    xp_page_put(out, "<p>What people said of a concept, and what each condition predicts most strongly. %s</p>\n",
                dense
                    ? "Every concept has nearly every feature: \xe2\x9c\x93 marks one of the ten that are strongest in "
                      "the norms, and a neighbour that is one among the norms as well."
                    : "\xe2\x9c\x93 marks a feature that the concept has in what the condition predicts, and a "
                      "neighbour that is one among the norms as well.");
    xp_json_open(&json, NULL, '{', XP_JSON_LINE);
    xp_json_string(&json, "run", run->label);
    xp_json_size(&json, "concepts", all->concepts.n);
    xp_json_size(&json, "features", g->m);
    xp_json_string(&json, "metric", xp_report_metric_label(run->verdict_metric));
    xp_json_integer(&json, "decimals", decimals);
    xp_json_size(&json, "dense", dense);
    snprintf(id, sizeof id, "concepts-%s-names", run->label);
    names(all, id, out);
    snprintf(id, sizeof id, "concepts-%s-gold", run->label);
    gold(all, id, decimals, out);
    const size_t shown = conditions(all, run, &json, out);
    xp_json_close(&json);
    snprintf(id, sizeof id, "concepts-%s-facts", run->label);
    xp_page_facts(out, id, &json);
    say_missing(all, shown, out);
    xp_text_adds(out, "</div>\n");
}
