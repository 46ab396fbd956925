/* The answers of `infer`: what vectors know, what a mapping adds, without a word that needs statistics (tests/result/test_answer.c). */
#include "result/answer.h"

#include <string.h>

#include "base/memory.h"
#include "explaint/adjust.h"
#include "explaint/compare.h"
#include "result/record.h"

#define PROPERTIES "these properties"
#define GROUP "which group of about twelve similar things a word belongs to"
#define UNSEEN "kinds of things that were left out"

/* Who is spoken of stands for VECTORS and MAPPING; {others} are the comparisons that a mapping does not win. */
#define VECTORS "{vectors}"
#define MAPPING "{mapping}"
#define OTHERS "{others}"

/* By the assumption that decided; NULL: whichever it was. The first that fits is said. */
static const struct sentence {
    const char *claim, *verdict, *decided_by, *words;
} sentences[] = {
    {"information", "supported", NULL, VECTORS " know more about " PROPERTIES " than " GROUP},
    {"information", "not supported", "E1", VECTORS " know next to nothing about " PROPERTIES},
    {"information", "not supported", "E2",
     VECTORS " know next to nothing about " PROPERTIES " beyond the category of a word"},
    {"information", "not supported", "E3", VECTORS " know next to nothing about " PROPERTIES " beyond " GROUP},
    {"information", "not supported", "E4", "what " VECTORS " know about " PROPERTIES " does not carry over to " UNSEEN},
    {"information", "not supported", "E4-clusters",
     "what " VECTORS " know about " PROPERTIES " does not carry over to groups of things that were left out"},
    {"information", "not supported", "W",
     "what " VECTORS " know about " PROPERTIES " may be no more than how words are spelled"},
    {"information", "not supported", NULL,
     "it was not found that " VECTORS " know more about " PROPERTIES " than " GROUP},
    {"information", "undecided", "E1", "it could not be told whether " VECTORS " know anything about " PROPERTIES},
    {"information", "undecided", "E2",
     "it could not be told whether " VECTORS " know more about " PROPERTIES " than the category of a word"},
    {"information", "undecided", "E3",
     "it could not be told whether " VECTORS " know more about " PROPERTIES " than " GROUP},
    {"information", "undecided", "E4",
     "it could not be told whether what " VECTORS " know about " PROPERTIES " carries over to " UNSEEN},
    {"information", "undecided", "E4-clusters",
     "it could not be told whether what " VECTORS " know about " PROPERTIES
     " carries over to groups of things that were left out"},
    {"information", "undecided", "W",
     "it could not be told whether " VECTORS " know more about " PROPERTIES " than how words are spelled"},
    {"information", "undecided", NULL,
     "it was not fully tested whether " VECTORS " know more about " PROPERTIES " than " GROUP},

    {"mapping", "supported", NULL, MAPPING " does better than " OTHERS},
    {"mapping", "not supported", "information",
     MAPPING " cannot be said to recover " PROPERTIES ", because the vectors were not found to know them"},
    {"mapping", "not supported", NULL, MAPPING " adds nothing over " OTHERS},
    {"mapping", "undecided", "information",
     MAPPING " may or may not recover " PROPERTIES ", because it could not be told whether the vectors know them"},
    {"mapping", "undecided", NULL, "it could not be told whether " MAPPING " adds anything over " OTHERS},
};

/* What a mapping is compared with. */
static const struct other {
    const char *id, *words;
} others[] = {{"mean", "predicting the same for every word"},
              {"knn", "copying neighbours"},
              {"bottleneck", "knowing which group of similar things a word belongs to"}};
enum { N_SENTENCES = sizeof sentences / sizeof *sentences, N_OTHERS = sizeof others / sizeof *others };

const char *explaint_record_answer(const explaint_record *record) {
    return record->kind != NULL ? xp_record_text(record->kind, record, "answer") : "";
}

/* ---- one verdict ---- */

static const explaint_assumption *assumption_of(const explaint_verdict *v, const char *id) {
    for (size_t i = 0; i < v->n_assumptions; i++)
        if (xp_answer_is(v->assumptions[i].id, id)) return &v->assumptions[i];
    return NULL;
}

/* The comparisons that came out like the verdict: won all, not won, or open. The one that decided is among them, whatever else is stored. */
static void add_others(xp_text *text, const explaint_verdict *v) {
    const char *asked = xp_answer_is(v->verdict, "supported")   ? "holds"
                        : xp_answer_is(v->verdict, "undecided") ? "undecided"
                                                                : "fails";
    const char *said[N_OTHERS];
    size_t n = 0;
    for (size_t k = 0; k < N_OTHERS; k++) {
        const explaint_assumption *a = assumption_of(v, others[k].id);
        if (xp_answer_is(v->decided_by, others[k].id) || (a != NULL && xp_answer_is(a->outcome, asked)))
            said[n++] = others[k].words;
    }
    for (size_t k = 0; k < n; k++) xp_text_addf(text, "%s%s", k == 0 ? "" : k + 1 == n ? " or " : ", ", said[k]);
    if (n == 0) xp_text_adds(text, "what can be had without one");
}

static void add_subject(xp_text *text, const char *these, const char *the, int layer) {
    if (layer >= 0)
        xp_text_addf(text, "%s layer %d", the, layer);
    else
        xp_text_adds(text, these);
}

/* The words with their places filled. */
static void add_words(xp_text *text, const char *words, const explaint_verdict *v) {
    for (const char *at = words; *at != 0;) {
        const size_t plain = strcspn(at, "{");
        xp_text_add(text, at, plain);
        at += plain;
        if (*at == 0) break;
        if (strncmp(at, VECTORS, strlen(VECTORS)) == 0)
            add_subject(text, "these vectors", "the vectors of", v->layer);
        else if (strncmp(at, MAPPING, strlen(MAPPING)) == 0)
            add_subject(text, "this mapping", "this mapping of", v->layer);
        else
            add_others(text, v);
        at += strcspn(at, "}") + 1;
    }
}

/* "[\"frequency\",\"length\"]" as ", with frequency and length set aside". */
static void add_covariates(xp_text *text, const char *json) {
    size_t n = 0, said = 0;
    for (const char *at = json; at != NULL && (at = strchr(at, '"')) != NULL; at++) n++;
    if (n < 2 || n % 2 != 0 || strchr(json, '\\') != NULL) {
        xp_text_adds(text, ", with the covariates set aside");
        return;
    }
    for (const char *at = strchr(json, '"'); at != NULL && said < n / 2; said++) {
        const size_t length = strcspn(at + 1, "\"");
        xp_text_adds(text, said == 0 ? ", with " : said + 1 == n / 2 ? " and " : ", ");
        xp_text_add(text, at + 1, length);
        at = strchr(at + length + 2, '"');
    }
    xp_text_adds(text, " set aside");
}

/* In at least one of several layers. */
static void add_layered(xp_text *text, const explaint_verdict *v) {
    if (xp_answer_is(v->verdict, "supported")) {
        xp_text_addf(text, "in at least one of %zu layers", v->n_layers);
        if (v->best_layer >= 0) xp_text_addf(text, ", most clearly in layer %d,", v->best_layer);
        xp_text_adds(text, " these vectors know more about " PROPERTIES " than " GROUP);
        return;
    }
    xp_text_addf(text,
                 xp_answer_is(v->verdict, "undecided")
                     ? "it could not be told whether the vectors of any of %zu layers know more about " PROPERTIES
                       " than " GROUP
                     : "in none of %zu layers were the vectors found to know more about " PROPERTIES " than " GROUP,
                 v->n_layers);
    if (v->best_layer >= 0) xp_text_addf(text, "; layer %d comes nearest", v->best_layer);
}

void xp_answer_verdict(xp_text *text, const explaint_verdict *v, const char *covariates) {
    const size_t from = text->length;
    if (v->n_layers > 0 && xp_answer_is(v->claim, "information")) {
        add_layered(text, v);
    } else {
        size_t k = 0;
        while (k < N_SENTENCES &&
               (!xp_answer_is(v->claim, sentences[k].claim) || !xp_answer_is(v->verdict, sentences[k].verdict) ||
                (sentences[k].decided_by != NULL && !xp_answer_is(v->decided_by, sentences[k].decided_by))))
            k++;
        if (k == N_SENTENCES) return;
        add_words(text, sentences[k].words, v);
    }
    if (covariates != NULL && xp_answer_is(v->claim, "information")) add_covariates(text, covariates);
    xp_text_adds(text, ".");
    if (!text->failed && text->data[from] >= 'a' && text->data[from] <= 'z') text->data[from] -= 'a' - 'A';
}

/* ---- the document ---- */

static const char *setting_of(const explaint_result *r, const char *key) {
    for (size_t i = 0; i < r->n_settings; i++)
        if (xp_answer_is(r->settings[i].key, key)) return r->settings[i].json;
    return NULL;
}

/* The layers whose own verdict on the claim is this one, n of them; released by xp_free. NULL: no memory. */
static int *layers_with(const explaint_result *r, const char *claim, const char *verdict, size_t *n) {
    int *layer = xp_alloc(r->n_verdicts + 1, sizeof *layer);
    *n = 0;
    for (size_t i = 0; layer != NULL && i < r->n_verdicts; i++) {
        const explaint_verdict *v = &r->verdicts[i];
        if (v->layer >= 0 && xp_answer_is(v->claim, claim) && xp_answer_is(v->verdict, verdict))
            layer[(*n)++] = v->layer;
    }
    return layer;
}

/* What layers say, each by itself, where nothing is said of all of them: those that hold, else those that are open, else that there is none. */
static void add_by_layer(xp_text *text, const explaint_result *r, const char *claim) {
    const bool mapping = strcmp(claim, "mapping") == 0;
    const char *what = mapping ? "this mapping adds anything to what can be had without one"
                               : "these vectors know more about " PROPERTIES " than " GROUP;
    size_t n, open;
    int *holds = layers_with(r, claim, "supported", &n), *undecided = layers_with(r, claim, "undecided", &open);
    if (text->length > 0) xp_text_adds(text, " ");
    if (holds == NULL || undecided == NULL) {
        text->failed = true;
    } else if (n > 0) {
        xp_text_adds(text, "In ");
        xp_answer_layers(text, holds, n);
        xp_text_addf(text, ", each by itself, %s.",
                     mapping ? "this mapping adds to what can be had without one" : what);
    } else if (open > 0) {
        xp_text_adds(text, "In ");
        xp_answer_layers(text, undecided, open);
        xp_text_addf(text, " it could not be told whether %s.", what);
    } else if (mapping) {
        xp_text_adds(text, "In no layer does this mapping add anything to what can be had without one.");
    } else {
        xp_text_adds(text, "In no layer were these vectors found to know more about " PROPERTIES " than " GROUP ".");
    }
    xp_free_all(holds, undecided);
}

/* The sentence of the verdict on vectors, or on all layers together; of layers that were not judged together what each says. */
static void add_claim(xp_text *text, const explaint_result *r, const char *claim) {
    const explaint_verdict *said = NULL;
    size_t n = 0;
    for (size_t i = 0; i < r->n_verdicts; i++) {
        const explaint_verdict *v = &r->verdicts[i];
        if (!xp_answer_is(v->claim, claim)) continue;
        if (said == NULL || v->layer < 0) said = v;
        n++;
    }
    if (said == NULL) return;
    if (n > 1 && said->layer >= 0)
        add_by_layer(text, r, claim);
    else if (said->answer != NULL && said->answer[0] != 0)
        xp_text_addf(text, "%s%s", text->length > 0 ? " " : "", said->answer);
}

static bool answer_infer(explaint_record *record, xp_strings *texts) {
    explaint_result *r = (explaint_result *)record;
    explaint_verdict *verdicts = (explaint_verdict *)r->verdicts; /* whoever makes or reads a record owns its lists */
    const char *covariates = setting_of(r, "covariates");
    for (size_t i = 0; i < r->n_verdicts; i++) {
        xp_text text = {0};
        if (verdicts[i].answer != NULL) continue;
        xp_answer_verdict(&text, &verdicts[i], covariates);
        if ((verdicts[i].answer = xp_answer_keep(&text, texts)) == NULL) return false;
    }
    if (r->answer != NULL) return true;
    xp_text text = {0};
    add_claim(&text, r, "information");
    add_claim(&text, r, "mapping");
    if (r->n_verdicts == 0)
        xp_text_adds(&text, "Nothing was tested here: these are scores, and scores alone decide nothing.");
    return (r->answer = xp_answer_keep(&text, texts)) != NULL;
}

bool xp_answer_record(explaint_record *record, xp_strings *texts) {
    static const struct {
        const explaint_kind *kind;
        bool (*fill)(explaint_record *, xp_strings *);
    } kinds[] = {{&explaint_infer_kind, answer_infer},
                 {&explaint_attend_kind, xp_answer_attend},
                 {&explaint_relate_kind, xp_answer_relate},
                 {&explaint_compare_kind, xp_answer_compare},
                 {&explaint_adjust_kind, xp_answer_adjust}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        if (record->kind == kinds[k].kind) return kinds[k].fill(record, texts);
    return true;
}
