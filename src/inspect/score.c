/* How much a decoder expects a text. */
#include "explaint/score.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/strings.h"
#include "explaint/version.h"
#include "text/pieces.h"
#include "text/texts.h"

typedef struct scores { /* behind the public part */
    explaint_scores view;
    explaint_text_score *row;
    xp_strings notes;
    char *sha256;
} scores;

typedef struct scoring {
    const explaint_ids *ids;
    size_t vocabulary;
    explaint_text_score *row;
} scoring;

/* ln of the sum of e^x; in double precision, since the sum has a term for each word. */
static double log_sum(size_t n, const float *x) {
    float most = -INFINITY;
    double sum = 0;
    for (size_t k = 0; k < n; k++) most = fmaxf(most, x[k]);
    for (size_t k = 0; k < n; k++) sum += exp((double)x[k] - (double)most);
    return (double)most + log(sum);
}

static bool add_rows(void *self, size_t text, size_t first, size_t n, const float *rows) {
    const scoring *s = self;
    const explaint_ids *ids = &s->ids[text];
    for (size_t i = 0; i < n && first + i + 1 < ids->n; i++) {
        const float *row = rows + i * s->vocabulary;
        s->row[text].log_prob += (double)row[ids->id[first + i + 1]] - log_sum(s->vocabulary, row);
    }
    return true;
}

static double perplexity_of(double log_prob, size_t n) { return n > 0 ? exp(-log_prob / (double)n) : NAN; }

static void sum_up(scores *s) {
    explaint_scores *view = &s->view;
    for (size_t t = 0; t < view->n_rows; t++) {
        s->row[t].perplexity = perplexity_of(s->row[t].log_prob, s->row[t].tokens - 1);
        view->tokens += s->row[t].tokens;
        view->log_prob += s->row[t].log_prob;
    }
    view->perplexity = perplexity_of(view->log_prob, view->tokens - view->n_rows);
}

static bool add_notes(scores *s, const explaint_model_info *info, const explaint_tokenizer *tokenizer) {
    size_t longer = 0;
    bool good = true;
    for (size_t t = 0; t < s->view.n_rows; t++) longer += s->row[t].tokens > info->n_positions;
    if (longer > 0)
        good = xp_strings_addf(&s->notes,
                               "%zu of %zu texts are longer than %zu tokens, the positions of %s: nothing was trained "
                               "beyond them",
                               longer, s->view.n_rows, info->n_positions, info->name);
    for (size_t i = 0; good && i < explaint_tokenizer_n_notes(tokenizer); i++)
        good = xp_strings_addf(&s->notes, "%s", explaint_tokenizer_note(tokenizer, i));
    s->view.n_notes = s->notes.count;
    s->view.notes = (const char *const *)s->notes.item;
    return good;
}

static explaint_status score_pieces(scores *s, const explaint_model *model, const xp_pieces *pieces, unsigned threads,
                                    explaint_error *error) {
    explaint_ids *ids = xp_alloc(pieces->n, sizeof *ids);
    s->row = xp_calloc(pieces->n, sizeof *s->row);
    explaint_status status = ids != NULL && s->row != NULL ? EXPLAINT_OK : xp_no_memory(error, "scores");
    if (status == EXPLAINT_OK) {
        for (size_t t = 0; t < pieces->n; t++) {
            ids[t] = (explaint_ids){pieces->encoding[t].id, pieces->encoding[t].n};
            s->row[t] = (explaint_text_score){.text = t, .tokens = ids[t].n};
        }
        scoring work = {ids, explaint_model_describe(model)->vocabulary, s->row};
        const explaint_observer watch = {.self = &work, .logits = add_rows};
        s->view.rows = s->row;
        s->view.n_rows = pieces->n;
        status = explaint_model_run(model, ids, pieces->n, &watch, threads, error);
    }
    xp_free(ids);
    return status;
}

explaint_status explaint_model_score(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                     const explaint_texts *texts, unsigned threads, explaint_scores **result,
                                     explaint_error *error) {
    const explaint_model_info *info = explaint_model_describe(model);
    const xp_piece_options how = {.most = info->open_ended ? SIZE_MAX : info->n_positions,
                                  .threads = threads,
                                  .path = texts->path,
                                  .by_line = texts->by_line};
    xp_pieces pieces = {0};
    *result = NULL;
    scores *s = xp_calloc(1, sizeof *s);
    if (s == NULL) return xp_no_memory(error, "scores");
    s->sha256 = xp_strdup(texts->sha256);
    s->view = (explaint_scores){.record = {&explaint_scores_kind},
                                .version = explaint_version(),
                                .model = info->name,
                                .texts_sha256 = s->sha256};
    explaint_status status = s->sha256 != NULL ? EXPLAINT_OK : xp_no_memory(error, "scores");
    if (status == EXPLAINT_OK) status = xp_pieces_of(tokenizer, texts->text, texts->n, &how, &pieces, error);
    if (status == EXPLAINT_OK) status = score_pieces(s, model, &pieces, threads, error);
    xp_pieces_free(&pieces);
    if (status == EXPLAINT_OK) {
        sum_up(s);
        if (!add_notes(s, info, tokenizer)) status = xp_no_memory(error, "notes");
    }
    if (status == EXPLAINT_OK)
        *result = &s->view;
    else
        explaint_scores_close(&s->view);
    return status;
}

void explaint_scores_close(explaint_scores *view) {
    if (view == NULL) return;
    scores *s = (scores *)(void *)view; /* its first member */
    xp_free_all(s->row, s->sha256);
    xp_strings_free(&s->notes);
    xp_free(s);
}
