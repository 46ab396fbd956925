/* The answers of `attend`: is the picture about these words, and what does the eye see in it? */
#include <string.h>

#include "base/memory.h"
#include "result/answer.h"

/* {where} is "layers 1 to 3", {head} "head 3.7". decided_by is what decided, or that and its outcome; NULL: any. */
static const struct sentence {
    const char *claim, *verdict, *decided_by, *words;
} sentences[] = {
    {"tokens", "supported", NULL,
     "In {where} the picture is about these words: each row still stands for its word, and it changes when the words "
     "change places."},
    {"tokens", "not supported", "A0", "In {where} the picture is not what the model computed."},
    {"tokens", "not supported", "A1", "In {where} a row of the picture no longer stands for the word beside it."},
    {"tokens", "not supported", "A2",
     "In {where} a row of the picture is made more of other words than of the word beside it."},
    {"tokens", "not supported", NULL,
     "In {where} the picture is not about these words: it would look much the same with others in their places."},
    {"tokens", "undecided", "A1",
     "In {where} it could not be told whether a row of the picture still stands for the word beside it."},
    {"tokens", "undecided", "A2",
     "In {where} it could not be told whether a row of the picture is made mostly of the word beside it."},
    {"tokens", "undecided", "A3 undecided",
     "In {where} it could not be told whether the picture is about these words: the texts resemble each other too "
     "much."},
    {"tokens", "undecided", NULL, "In {where} it could not be told whether the picture is about these words."},
    {"head", "supported", NULL,
     "Yes: {head} may be read as a relation of words. Each row is its word, the picture changes with the words, and it "
     "tells true partners "
     "from others."},
    {"head", "not supported", "A0",
     "No: {head} may not be read as a relation of words. Its picture is not what the model computed."},
    {"head", "not supported", "A1",
     "No: {head} may not be read as a relation of words. A row of its picture no longer stands for the word beside "
     "it."},
    {"head", "not supported", "A2",
     "No: {head} may not be read as a relation of words. A row of its picture is made more of other words than of the "
     "word beside it."},
    {"head", "not supported", "A4",
     "No: {head} may not be read as a relation of words. It does not tell true partners from others."},
    {"head", "not supported", NULL,
     "No: {head} may not be read as a relation of words. Its picture would look much the same with others in their "
     "places."},
    {"head", "undecided", "A4 undecided",
     "It could not be told whether {head} may be read as a relation of words: it is about these words, each row being "
     "its word, but perhaps it does not tell true partners from others."},
    {"head", "undecided", "A4",
     "Not yet: {head} is about these words, each row being its word, but whether it shows a relation between them is "
     "for 'explaint relate' to "
     "say."},
    {"head", "undecided", "A3 undecided",
     "It could not be told whether {head} may be read as a relation of words: the texts resemble each other too much."},
    {"head", "undecided", "A3", "Nothing can be read from {head}: it looks at all ordinary words alike."},
    {"head", "undecided", "A2",
     "It could not be told whether {head} may be read as a relation of words: perhaps its rows are made more of other "
     "words than of the word "
     "beside them."},
    {"head", "undecided", NULL,
     "It could not be told whether {head} may be read as a relation of words: perhaps its rows no longer stand for the "
     "word beside them."},
    {"sink", "supported", NULL,
     "Look past the special tokens, such as the mark of a sentence's end, in {where}: most of what the eye sees is "
     "their "
     "column, which stays whatever the words are."},
    {"sink", "not supported", NULL, "In {where} no special token makes the picture."},
    {"sink", "undecided", NULL, "In {where} it could not be told whether a special token makes the picture."},
};
enum { N_SENTENCES = sizeof sentences / sizeof *sentences };

/* The outcome of one of its assumptions; "" where it has none of that name. */
static const char *outcome_of(const explaint_attend_verdict *v, const char *id) {
    for (size_t k = 0; k < v->n_assumptions; k++)
        if (xp_answer_is(v->assumptions[k].id, id) && v->assumptions[k].outcome != NULL)
            return v->assumptions[k].outcome;
    return "";
}

static bool is_decided_by(const explaint_attend_verdict *v, const char *by) {
    const size_t length = strcspn(by, " ");
    return xp_answer_is(v->decided_by, by) ||
           (by[length] == ' ' && v->decided_by != NULL && strlen(v->decided_by) == length &&
            memcmp(v->decided_by, by, length) == 0 && strcmp(outcome_of(v, v->decided_by), by + length + 1) == 0);
}

static bool says(const struct sentence *s, const explaint_attend_verdict *v) {
    return xp_answer_is(v->claim, s->claim) && xp_answer_is(v->verdict, s->verdict) &&
           (s->decided_by == NULL || is_decided_by(v, s->decided_by));
}

static const char *words_of(const explaint_attend_verdict *v) {
    for (size_t k = 0; k < N_SENTENCES; k++)
        if (says(&sentences[k], v)) return sentences[k].words;
    return NULL;
}

/* The words with what they are about in its place. */
static void add_words(xp_text *text, const char *words, const int *layer, size_t n, size_t head) {
    const char *at = strchr(words, '{');
    xp_text_add(text, words, (size_t)(at - words));
    if (strncmp(at, "{head}", 6) == 0)
        xp_text_addf(text, "head %d.%zu", layer[0], head);
    else
        xp_answer_layers(text, layer, n);
    xp_text_adds(text, strchr(at, '}') + 1);
}

/* A document may name layers that no model has. */
static bool sane(const explaint_attend_verdict *v) {
    return v->layers[0] <= v->layers[1] && v->layers[1] < 100000 && v->layers[1] - v->layers[0] < 1024;
}

/* The layers that share these words, over all verdicts; released by xp_free. NULL: no memory. */
static int *layers_with(const explaint_attend_result *r, const char *words, size_t *n) {
    size_t most = 1;
    for (size_t i = 0; i < r->n_verdicts; i++)
        if (sane(&r->verdicts[i])) most += r->verdicts[i].layers[1] - r->verdicts[i].layers[0] + 1;
    int *layer = xp_alloc(most, sizeof *layer);
    *n = 0;
    for (size_t i = 0; layer != NULL && i < r->n_verdicts; i++)
        if (sane(&r->verdicts[i]) && words_of(&r->verdicts[i]) == words)
            for (size_t l = r->verdicts[i].layers[0]; l <= r->verdicts[i].layers[1]; l++) layer[(*n)++] = (int)l;
    return layer;
}

void xp_answer_attend_verdict(xp_text *text, const explaint_attend_verdict *v) {
    const char *words = words_of(v);
    const explaint_attend_result alone = {.verdicts = v, .n_verdicts = 1};
    size_t n;
    if (words == NULL || !sane(v)) return;
    int *layer = layers_with(&alone, words, &n);
    if (layer == NULL)
        text->failed = true;
    else
        add_words(text, words, layer, n, v->head);
    if (xp_answer_is(v->claim, "head") && strcmp(outcome_of(v, "sink"), "holds") == 0)
        xp_text_adds(
            text,
            " Most of what the eye sees in it is the column of a special token, which stays whatever the words are.");
    xp_free(layer);
}

void xp_answer_attend_whose(xp_text *text, const explaint_attend_result *r) {
    if (r->judged_own == 0 && r->n_judged > 0)
        xp_text_addf(text, " Decided on %zu shipped texts, not on yours.", r->n_judged);
}

bool xp_answer_attend(explaint_record *record, xp_strings *texts) {
    explaint_attend_result *r = (explaint_attend_result *)record;
    explaint_attend_verdict *verdicts = (explaint_attend_verdict *)r->verdicts;
    for (size_t i = 0; i < r->n_verdicts; i++) {
        xp_text text = {0};
        if (verdicts[i].answer != NULL) continue;
        xp_answer_attend_verdict(&text, &verdicts[i]);
        if (text.length > 0) xp_answer_attend_whose(&text, r);
        if ((verdicts[i].answer = xp_answer_keep(&text, texts)) == NULL) return false;
    }
    if (r->answer != NULL) return true;
    xp_text text = {0};
    for (size_t i = 0; i < r->n_verdicts; i++) /* what was asked about comes first */
        if (xp_answer_is(verdicts[i].claim, "head")) xp_answer_attend_verdict(&text, &verdicts[i]);
    for (size_t k = 0; k < N_SENTENCES; k++) {
        size_t n;
        int *layer = layers_with(r, sentences[k].words, &n);
        const bool aside = strcmp(sentences[k].claim, "head") == 0 || /* it came first */
                           (strcmp(sentences[k].claim, "sink") == 0 && strcmp(sentences[k].verdict, "supported") != 0);
        if (layer == NULL) text.failed = true;
        if (n > 0 && !aside) {
            if (text.length > 0) xp_text_adds(&text, " ");
            add_words(&text, sentences[k].words, layer, n, 0);
        }
        xp_free(layer);
    }
    if (r->n_verdicts == 0)
        xp_text_adds(&text, "Nothing was decided here: that needs all measures of continuity and of damage.");
    if (text.length > 0 && r->n_verdicts > 0) xp_answer_attend_whose(&text, r);
    return (r->answer = xp_answer_keep(&text, texts)) != NULL;
}
