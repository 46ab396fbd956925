/* The answers of `relate`: which heads tell the relation by themselves, and do all of them together? */
#include <string.h>

#include "explaint/relate.h"
#include "result/answer.h"

/* What a control leaves, as it stands behind "than". */
static const struct other {
    const char *control, *words;
} others[] = {
    {"permuted", "guessing"},
    {"form", "how long the words are and where they stand"},
    {"untrained", "an untrained model"},
    {"damaged", "the same model with its words in disorder"},
};
enum { N_OTHERS = sizeof others / sizeof *others, NAMED = 5 };

/* decided_by is "similarity, damaged". */
static const char *what_decided(const explaint_relate_verdict *v) {
    const char *comma = v->decided_by != NULL ? strrchr(v->decided_by, ',') : NULL;
    for (size_t i = 0; comma != NULL && i < N_OTHERS; i++)
        if (strcmp(comma + 1 + strspn(comma + 1, " "), others[i].control) == 0) return others[i].words;
    return "can be had without it";
}

/* "Head 3.7", "Heads 3.7, 4.1 and 5.2", "Heads 1.1, 1.2, 1.3, 1.4, 1.5 and 7 others" */
static void add_heads(xp_text *text, const explaint_relate_result *r) {
    size_t n = 0, said = 0;
    for (size_t i = 0; i < r->n_heads; i++) n += xp_answer_is(r->heads[i].outcome, "holds");
    if (n == 0) { /* a document may say so */
        xp_text_adds(text, "Some head");
        return;
    }
    const size_t named = n <= NAMED + 1 ? n : NAMED;
    xp_text_adds(text, n == 1 ? "Head " : "Heads ");
    for (size_t i = 0; i < r->n_heads && said < named; i++) {
        if (!xp_answer_is(r->heads[i].outcome, "holds")) continue;
        xp_text_addf(text, "%s%zu.%zu",
                     said == 0       ? ""
                     : said + 1 == n ? " and "
                                     : ", ",
                     r->heads[i].layer, r->heads[i].head);
        said++;
    }
    if (named < n) xp_text_addf(text, " and %zu others", n - named);
}

static void add_verdict(xp_text *text, const explaint_relate_result *r, const explaint_relate_verdict *v) {
    const bool of_heads = xp_answer_is(v->claim, "heads"), yes = xp_answer_is(v->verdict, "supported"),
               open = xp_answer_is(v->verdict, "undecided");
    if (!of_heads && !xp_answer_is(v->claim, "model")) return;
    if (of_heads && yes) {
        add_heads(text, r);
        xp_text_addf(
            text,
            " may be read as this relation: between true partners there is more attention than between others, and "
            "neither the form of the words nor an untrained or disordered model explains it.");
    } else if (of_heads) {
        if (r->n_heads == 1)
            xp_text_addf(text,
                         open ? "It could not be told whether head %zu.%zu by itself may be read as this relation."
                              : "Head %zu.%zu by itself may not be read as this relation.",
                         r->heads[0].layer, r->heads[0].head);
        else
            xp_text_adds(text, open ? "It could not be told whether any head by itself may be read as this relation."
                                    : "No head by itself may be read as this relation.");
    } else if (yes) {
        xp_text_adds(text,
                     "All heads together tell true partners from others better than can be had without the relation.");
    } else {
        xp_text_addf(
            text,
            open ? "It could not be told whether all heads together tell true partners from others better than %s."
                 : "All heads together tell true partners from others no better than %s.",
            what_decided(v));
    }
}

bool xp_answer_relate(explaint_record *record, xp_strings *texts) {
    explaint_relate_result *r = (explaint_relate_result *)record;
    explaint_relate_verdict *verdicts = (explaint_relate_verdict *)r->verdicts;
    xp_text all = {0};
    for (size_t i = 0; i < r->n_verdicts; i++) {
        xp_text text = {0};
        if (verdicts[i].answer == NULL) {
            add_verdict(&text, r, &verdicts[i]);
            if ((verdicts[i].answer = xp_answer_keep(&text, texts)) == NULL) {
                xp_text_free(&all);
                return false;
            }
        }
        if (all.length > 0) xp_text_adds(&all, " ");
        xp_text_adds(&all, verdicts[i].answer);
    }
    if (r->answer == NULL) return (r->answer = xp_answer_keep(&all, texts)) != NULL;
    xp_text_free(&all);
    return true;
}
