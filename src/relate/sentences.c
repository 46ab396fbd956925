#include "relate/sentences.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/view.h"
#include "relate/pairs.h"
#include "text/texts.h"
#include "text/tokenizer.h"

/* After Hearst (1992), without articles that depend on the word, and in both orders: of a decoder only the word behind looks at the other. */
static const char *const hearst[] = {"The {left} is a kind of {right}.", "The {left} or any other {right} will do.",
                                     "Any {right}, such as the {left}, will do.",
                                     "Every {right}, including the {left}, is there."};
static const char *const any[] = {"The {left} and the {right}.", "The {right} and the {left}."};

const char *const *xp_sentences_templates(bool hypernymy, size_t *n) {
    *n = hypernymy ? sizeof hearst / sizeof *hearst : sizeof any / sizeof *any;
    return hypernymy ? hearst : any;
}

const char *xp_sentences_right(const explaint_pairs *p, size_t pair, size_t variant) {
    return variant == 0 ? p->right.item[pair] : p->other[variant - 1].item[pair];
}

/* ---- templates ---- */

typedef struct pattern {
    xp_view part[3]; /* before, between, behind */
    bool left_first;
} pattern;

static bool cut(xp_view text, pattern *p) {
    static const xp_view place[2] = {{"{left}", 6}, {"{right}", 7}};
    const char *at[2];
    for (int k = 0; k < 2; k++) {
        at[k] = memmem(text.data, text.length, place[k].data, place[k].length);
        if (at[k] == NULL) return false;
        const char *behind = at[k] + place[k].length;
        if (memmem(behind, text.length - (size_t)(behind - text.data), place[k].data, place[k].length) != NULL)
            return false;
    }
    const int first = at[0] < at[1] ? 0 : 1;
    const char *one = at[first], *two = at[1 - first];
    const size_t one_size = place[first].length, two_size = place[1 - first].length;
    p->left_first = first == 0;
    p->part[0] = (xp_view){text.data, (size_t)(one - text.data)};
    p->part[1] = (xp_view){one + one_size, (size_t)(two - one) - one_size};
    p->part[2] = (xp_view){two + two_size, text.length - (size_t)(two - text.data) - two_size};
    return true;
}

static explaint_status read_patterns(const explaint_pairs *pairs, const explaint_texts *templates, pattern **patterns,
                                     size_t *n, explaint_error *error) {
    const char *const *shipped = xp_sentences_templates(pairs->hypernymy, n);
    if (templates != NULL) *n = explaint_texts_n(templates);
    if ((*patterns = xp_alloc(*n, sizeof **patterns)) == NULL) return xp_no_memory(error, "templates");
    for (size_t i = 0; i < *n; i++) {
        xp_view text = {0};
        if (templates != NULL)
            text.data = explaint_texts_text(templates, i, &text.length);
        else
            text = (xp_view){shipped[i], strlen(shipped[i])};
        if (!cut(text, &(*patterns)[i])) {
            char why[256];
            snprintf(why, sizeof why, "expected a sentence with {left} and {right}, once each, found \"%.*s\"",
                     XP_SHOW(text));
            return xp_texts_refuse(explaint_texts_path(templates), templates->by_line, i, why, error);
        }
    }
    return EXPLAINT_OK;
}

/* ---- one sentence ---- */

typedef struct span {
    size_t begin, end;
} span;

static bool write(const pattern *p, const char *left, const char *right, xp_text *text, span *of_left, span *of_right) {
    const char *word[2] = {p->left_first ? left : right, p->left_first ? right : left};
    span of[2];
    text->length = 0;
    for (int k = 0; k < 2; k++) {
        if (p->part[k].length > 0) xp_text_add(text, p->part[k].data, p->part[k].length);
        of[k].begin = text->length;
        xp_text_adds(text, word[k]);
        of[k].end = text->length;
    }
    if (p->part[2].length > 0) xp_text_add(text, p->part[2].data, p->part[2].length);
    *of_left = of[p->left_first ? 0 : 1];
    *of_right = of[p->left_first ? 1 : 0];
    return !text->failed;
}

/* The pieces that hold a byte of the span; the two are equal if there is none. */
static void find_pieces(const explaint_encoding *e, span s, size_t piece[2]) {
    piece[0] = piece[1] = 0;
    for (size_t i = 0; i < e->n; i++) {
        if (e->special[i] || e->end[i] <= s.begin || e->begin[i] >= s.end || e->begin[i] == e->end[i]) continue;
        if (piece[0] == piece[1]) piece[0] = i;
        piece[1] = i + 1;
    }
}

static bool has_piece(const explaint_encoding *e, const size_t piece[2], int32_t id) {
    for (size_t i = piece[0]; i < piece[1]; i++)
        if (e->id[i] == id) return true;
    return false;
}

typedef enum fate { KEPT, UNKNOWN, MIXED, FAILED } fate;

static fate keep(const explaint_encoding *e, int32_t unknown, bool causal, span left, span right, xp_sentence_text *t) {
    find_pieces(e, left, t->left);
    find_pieces(e, right, t->right);
    if (t->left[0] == t->left[1] || t->right[0] == t->right[1]) return UNKNOWN;
    if (unknown >= 0 && (has_piece(e, t->left, unknown) || has_piece(e, t->right, unknown))) return UNKNOWN;
    if (t->left[0] < t->right[1] && t->right[0] < t->left[1]) return MIXED;
    t->n = e->n;
    t->id = xp_alloc(e->n, sizeof *t->id);
    t->special = xp_alloc(e->n, 1);
    if (t->id == NULL || t->special == NULL) return FAILED;
    memcpy(t->id, e->id, e->n * sizeof *t->id);
    memcpy(t->special, e->special, e->n);
    if (causal) t->special[0] = 1;
    return KEPT;
}

static void forget(xp_sentence_text *t) {
    xp_free_all(t->id, t->special);
    *t = (xp_sentence_text){0};
}

/* ---- all of them ---- */

typedef struct making {
    const explaint_model_info *info;
    const explaint_tokenizer *tokenizer;
    const explaint_pairs *pairs;
    const pattern *pattern;
    xp_text text;
    explaint_encoding encoding;
} making;

static explaint_status make_text(making *m, size_t pair, size_t variant, size_t k, xp_sentence_text *t, fate *became,
                                 explaint_error *error) {
    span left, right;
    if (!write(&m->pattern[k], m->pairs->left.item[pair], xp_sentences_right(m->pairs, pair, variant), &m->text, &left,
               &right))
        return xp_no_memory(error, "sentences");
    explaint_status status =
        explaint_tokenizer_encode(m->tokenizer, m->text.data, m->text.length, NULL, &m->encoding, error);
    if (status == EXPLAINT_INVALID) { /* the tokenizer has no piece for a character */
        *became = UNKNOWN;
        return EXPLAINT_OK;
    }
    if (status != EXPLAINT_OK) return status;
    if (m->encoding.n > m->info->n_positions)
        return xp_fail(
            error, EXPLAINT_INVALID, NULL, 0,
            "expected sentences of at most %zu pieces, the positions of %.60s, found %zu in \"%.120s\"; shorten "
            "the template",
            m->info->n_positions, m->info->name, m->encoding.n, m->text.data);
    *became = keep(&m->encoding, m->tokenizer->unknown, m->info->causal, left, right, t);
    return *became == FAILED ? xp_no_memory(error, "sentences") : EXPLAINT_OK;
}

/* All texts of a pair, or none of them. */
static explaint_status make_pair(making *m, size_t pair, xp_sentences *s, explaint_error *error) {
    xp_sentence_text *text = s->text + s->n_pairs * s->n_variants * s->n_templates;
    const size_t n = s->n_variants * s->n_templates;
    fate became = KEPT;
    explaint_status status = EXPLAINT_OK;
    for (size_t k = 0; k < n && status == EXPLAINT_OK && became == KEPT; k++)
        status = make_text(m, pair, k / s->n_templates, k % s->n_templates, &text[k], &became, error);
    if (status == EXPLAINT_OK && became == KEPT) {
        for (size_t k = 0; k < n; k++)
            if (text[k].n > s->longest) s->longest = text[k].n;
        s->pair[s->n_pairs++] = pair;
        return EXPLAINT_OK;
    }
    for (size_t k = 0; k < n; k++) forget(&text[k]);
    if (became == UNKNOWN && s->n_unknown++ == 0) s->first_unknown = pair;
    if (became == MIXED && s->n_mixed++ == 0) s->first_mixed = pair;
    return status;
}

explaint_status xp_sentences_create(const explaint_model *model, const explaint_tokenizer *tokenizer,
                                    const explaint_pairs *pairs, const explaint_texts *templates, xp_sentences *s,
                                    explaint_error *error) {
    pattern *patterns = NULL;
    *s = (xp_sentences){.n_variants = pairs->n_sets + 1};
    explaint_status status = read_patterns(pairs, templates, &patterns, &s->n_templates, error);
    if (status == EXPLAINT_OK) {
        s->pair = xp_alloc(pairs->n, sizeof *s->pair);
        s->left_first = xp_alloc(s->n_templates, sizeof *s->left_first);
        s->text = xp_calloc(pairs->n * s->n_variants, s->n_templates * sizeof *s->text);
        if (s->pair == NULL || s->left_first == NULL || s->text == NULL) status = xp_no_memory(error, "sentences");
    }
    for (size_t k = 0; k < s->n_templates && status == EXPLAINT_OK; k++) s->left_first[k] = patterns[k].left_first;
    making m = {.info = explaint_model_describe(model), .tokenizer = tokenizer, .pairs = pairs, .pattern = patterns};
    for (size_t i = 0; i < pairs->n && status == EXPLAINT_OK; i++) status = make_pair(&m, i, s, error);
    s->n_rows = s->n_pairs * s->n_variants;
    s->n_texts = s->n_rows * s->n_templates;
    xp_text_free(&m.text);
    explaint_encoding_free(&m.encoding);
    xp_free(patterns);
    if (status != EXPLAINT_OK) xp_sentences_free(s);
    return status;
}

void xp_sentences_free(xp_sentences *s) {
    const size_t n = s->n_pairs * s->n_variants * s->n_templates;
    for (size_t i = 0; s->text != NULL && i < n; i++) forget(&s->text[i]);
    xp_free_all(s->text, s->pair, s->left_first);
    *s = (xp_sentences){0};
}

void xp_sentences_form(const xp_sentences *s, double *form) {
    for (size_t row = 0; row < s->n_rows; row++) {
        double *f = form + row * XP_FORM_COLUMNS, share = 1 / (double)s->n_templates;
        memset(f, 0, XP_FORM_COLUMNS * sizeof *f);
        for (size_t k = 0; k < s->n_templates; k++) {
            const xp_sentence_text *t = &s->text[row * s->n_templates + k];
            const double left = (double)(t->left[1] - t->left[0]), right = (double)(t->right[1] - t->right[0]);
            const double of[XP_FORM_COLUMNS] = {
                left,        right, log(left), log(right), left * right, (double)t->left[0], (double)t->right[0],
                (double)t->n};
            for (size_t c = 0; c < XP_FORM_COLUMNS; c++) f[c] += share * of[c];
        }
    }
}
