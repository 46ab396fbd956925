/* The model of a tokenizer.json: WordPiece, BPE or Unigram. */
#include "base/memory.h"
#include "text/part_read.h"
#include "text/tokenizer_read.h"

static explaint_status no_memory(const xp_draft *draft) { return xp_no_memory(draft->error, "a vocabulary"); }

typedef enum model_kind { WORDPIECE, BPE, UNIGRAM, OTHER } model_kind;

/* Before tokenizers 0.9 files did not say the type; a model is then the first of those that the library tries whose keys are
 * all there. */
static model_kind kind_of(const xp_value *model) {
    static const char *const names[] = {"WordPiece", "BPE", "Unigram"};
    const char *type = xp_value_string(xp_value_member(model, "type"));
    const xp_value *vocab = xp_value_member(model, "vocab");
    for (size_t i = 0; type != NULL && i < 3; i++)
        if (strcmp(type, names[i]) == 0) return (model_kind)i;
    if (xp_value_member(model, "type") != NULL) return OTHER;
    if (xp_value_member(model, "merges") != NULL) return BPE;
    return xp_value_is_array(vocab) ? UNIGRAM : WORDPIECE;
}

bool xp_tokenizer_is_alone(const xp_value *root) {
    const model_kind kind = kind_of(xp_value_member(root, "model"));
    return kind == BPE || kind == UNIGRAM;
}

static explaint_status get_model(xp_draft *draft, const xp_value *root, const xp_value **model) {
    *model = xp_value_member(root, "model");
    const xp_value *type = xp_value_member(*model, "type");
    if (!xp_value_is_object(*model)) return xp_part_unexpected(draft, "the file", "model", "an object", *model);
    if (type != NULL && xp_value_string(type) == NULL)
        return xp_part_unexpected(draft, "the model", "type", "a name", type);
    if (kind_of(*model) == OTHER)
        return xp_part_not_implemented(draft, "model", xp_value_string(type), "WordPiece, BPE or Unigram");
    return EXPLAINT_OK;
}

/* ---- pieces by name ---- */

static explaint_status read_pieces(xp_draft *draft, const xp_value *vocab) {
    if (!xp_value_is_object(vocab))
        return xp_part_unexpected(draft, "the model", "vocab", "pieces with their ids", vocab);
    const size_t n = xp_value_count(vocab);
    size_t id;
    explaint_status status = xp_draft_pieces(draft, n);
    if (status != EXPLAINT_OK) return status;
    for (void *at = xp_value_first(vocab); at != NULL; at = xp_value_next(vocab, at)) {
        xp_view piece = {xp_value_key(at), strlen(xp_value_key(at))};
        if (!xp_value_size(xp_value_at(at), &id))
            return xp_part_unexpected(draft, "the vocabulary", piece.data, "an id of 0 or more", xp_value_at(at));
        if (id >= n)
            return XP_PART_REFUSE(draft,
                                  "the piece \"%.*s\" has the id %zu; expected 0 to %zu, as there are %zu pieces",
                                  XP_SHOW(piece), id, n - 1, n);
        if (draft->piece[id].data != NULL)
            return XP_PART_REFUSE(draft, "the pieces \"%.*s\" and \"%.*s\" have the same id, %zu",
                                  XP_SHOW(draft->piece[id]), XP_SHOW(piece), id);
        draft->piece[id] = piece;
    }
    return EXPLAINT_OK;
}

explaint_status xp_tokenizer_read_pieces(xp_draft *draft, const xp_value *root) {
    const xp_value *model;
    explaint_status status = get_model(draft, root, &model);
    return status == EXPLAINT_OK ? read_pieces(draft, xp_value_member(model, "vocab")) : status;
}

/* ---- WordPiece ---- */

static explaint_status wordpiece(xp_draft *draft, const xp_value *model) {
    static const char *const keys[] = {
        "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab", "type", NULL};
    static const char part[] = "the model WordPiece";
    xp_view unknown = {0}, prefix = {0};
    size_t limit = 0;
    for (size_t i = 0; i < 4 && xp_value_member(model, "type") == NULL; i++)
        if (xp_value_member(model, keys[i]) == NULL)
            return XP_PART_REFUSE(draft,
                                  "the model has no \"type\" and no \"%s\", as WordLevel has, which is not "
                                  "implemented; expected WordPiece, BPE or Unigram",
                                  keys[i]);
    explaint_status status = xp_part_keys(draft, model, part, keys);
    if (status == EXPLAINT_OK) status = xp_part_string(draft, model, part, "unk_token", &unknown);
    if (status == EXPLAINT_OK) status = xp_part_string(draft, model, part, "continuing_subword_prefix", &prefix);
    if (status == EXPLAINT_OK) status = xp_part_size(draft, model, part, "max_input_chars_per_word", &limit);
    if (status == EXPLAINT_OK) status = read_pieces(draft, xp_value_member(model, "vocab"));
    if (status == EXPLAINT_OK) status = xp_draft_vocabulary(draft);
    return status == EXPLAINT_OK ? xp_draft_wordpiece(draft, prefix, limit, unknown) : status;
}

/* ---- BPE ---- */

static const char bpe_part[] = "the model BPE";

/* "a b", or ["a", "b"] */
static bool pair_of(const xp_value *merge, xp_view *left, xp_view *right) {
    const char *text = xp_value_string(merge), *a = xp_value_string(xp_value_item(merge, 0)),
               *b = xp_value_string(xp_value_item(merge, 1));
    if (text == NULL) {
        if (a == NULL || b == NULL || xp_value_count(merge) != 2) return false;
        *left = (xp_view){a, strlen(a)};
        *right = (xp_view){b, strlen(b)};
        return true;
    }
    const char *space = strchr(text, ' ');
    if (space == NULL || strchr(space + 1, ' ') != NULL) return false;
    *left = (xp_view){text, (size_t)(space - text)};
    *right = (xp_view){space + 1, strlen(space + 1)};
    return true;
}

static explaint_status no_such_piece(xp_draft *draft, size_t i, xp_view piece) {
    return XP_PART_REFUSE(draft, "merge %zu of the model BPE needs the piece \"%.*s\", which is not in the vocabulary",
                          i, XP_SHOW(piece));
}

/* What two pieces make: the second one without the prefix of pieces that do not begin a word. */
static explaint_status read_merge(xp_draft *draft, size_t i, xp_view left, xp_view right, size_t prefix,
                                  xp_text *joined, xp_bpe_merge *merge) {
    const xp_trie *vocabulary = &draft->t->vocabulary;
    merge->left = xp_trie_find(vocabulary, left);
    merge->right = xp_trie_find(vocabulary, right);
    if (merge->left < 0) return no_such_piece(draft, i, left);
    if (merge->right < 0) return no_such_piece(draft, i, right);
    if (right.length < prefix)
        return XP_PART_REFUSE(draft, "merge %zu of the model BPE has \"%.*s\", which is shorter than the prefix", i,
                              XP_SHOW(right));
    joined->length = 0;
    xp_text_add(joined, left.data, left.length);
    xp_text_add(joined, right.data + prefix, right.length - prefix);
    if (joined->failed) return no_memory(draft);
    const xp_view made = {joined->data, joined->length};
    merge->made = xp_trie_find(vocabulary, made);
    return merge->made < 0 ? no_such_piece(draft, i, made) : EXPLAINT_OK;
}

static explaint_status read_merges(xp_draft *draft, const xp_value *list, size_t prefix, xp_bpe_merge *merges,
                                   size_t *n) {
    xp_text joined = {0};
    explaint_status status = EXPLAINT_OK;
    const bool pairs = xp_value_is_array(xp_value_item(list, 0));
    *n = 0;
    for (size_t i = 0; status == EXPLAINT_OK && i < xp_value_count(list); i++) {
        const xp_value *item = xp_value_item(list, i);
        const char *text = xp_value_string(item);
        xp_view left = {0}, right = {0};
        if (text != NULL && strncmp(text, "#version", 8) == 0) continue;
        if (xp_value_is_array(item) != pairs || !pair_of(item, &left, &right))
            status = xp_part_unexpected(draft, bpe_part, "merges",
                                        "a list of pairs, [\"a\", \"b\"] throughout or \"a b\" throughout", item);
        if (status != EXPLAINT_OK) break;
        merges[*n].rank = (uint32_t)*n;
        status = read_merge(draft, i, left, right, prefix, &joined, &merges[*n]);
        ++*n;
    }
    xp_text_free(&joined);
    return status;
}

/* A string, or null. */
static explaint_status get_optional(xp_draft *draft, const xp_value *model, const char *key, xp_view *text) {
    return xp_value_is_null(xp_value_member(model, key)) ? EXPLAINT_OK
                                                         : xp_part_string(draft, model, bpe_part, key, text);
}

static explaint_status get_switch(xp_draft *draft, const xp_value *model, const char *key, bool *truth) {
    return xp_value_is_null(xp_value_member(model, key)) ? EXPLAINT_OK
                                                         : xp_part_bool(draft, model, bpe_part, key, truth);
}

static explaint_status get_options(xp_draft *draft, const xp_value *model, xp_bpe_options *options, xp_view *unknown) {
    const xp_value *dropout = xp_value_member(model, "dropout");
    double share = 0;
    if (!xp_value_is_null(dropout) && (!xp_value_number(dropout, &share) || share > 0 || share < 0))
        return xp_part_unexpected(draft, bpe_part, "dropout", "null or 0 (pieces are never left to chance)", dropout);
    explaint_status status = get_optional(draft, model, "unk_token", unknown);
    if (status == EXPLAINT_OK) status = get_optional(draft, model, "continuing_subword_prefix", &options->prefix);
    if (status == EXPLAINT_OK) status = get_optional(draft, model, "end_of_word_suffix", &options->suffix);
    if (status == EXPLAINT_OK) status = get_switch(draft, model, "fuse_unk", &options->fuse_unknown);
    if (status == EXPLAINT_OK) status = get_switch(draft, model, "byte_fallback", &options->byte_fallback);
    if (status == EXPLAINT_OK) status = get_switch(draft, model, "ignore_merges", &options->ignore_merges);
    if (status == EXPLAINT_OK && options->byte_fallback && options->prefix.length + options->suffix.length > 0)
        return XP_PART_REFUSE(draft, "byte_fallback of the model BPE together with continuing_subword_prefix or "
                                     "end_of_word_suffix is not implemented");
    return status;
}

static explaint_status bpe(xp_draft *draft, const xp_value *model) {
    static const char *const keys[] = {"type",
                                       "dropout",
                                       "unk_token",
                                       "continuing_subword_prefix",
                                       "end_of_word_suffix",
                                       "fuse_unk",
                                       "byte_fallback",
                                       "ignore_merges",
                                       "vocab",
                                       "merges",
                                       NULL};
    const xp_value *list = xp_value_member(model, "merges");
    xp_bpe_options options = {0};
    xp_view unknown = {0};
    xp_bpe_merge *merges = NULL;
    size_t n = 0;
    explaint_status status = xp_part_keys(draft, model, bpe_part, keys);
    if (status == EXPLAINT_OK) status = get_options(draft, model, &options, &unknown);
    if (status == EXPLAINT_OK && !xp_value_is_array(list))
        status = xp_part_unexpected(draft, bpe_part, "merges", "a list", list);
    if (status == EXPLAINT_OK) status = read_pieces(draft, xp_value_member(model, "vocab"));
    if (status == EXPLAINT_OK) status = xp_draft_vocabulary(draft);
    if (status == EXPLAINT_OK) {
        merges = xp_alloc(xp_value_count(list), sizeof *merges);
        status = merges != NULL ? read_merges(draft, list, options.prefix.length, merges, &n) : no_memory(draft);
    }
    if (status == EXPLAINT_OK) {
        options.unknown = xp_trie_find(&draft->t->vocabulary, unknown);
        draft->t->unknown = options.unknown;
        if (options.unknown < 0) options.unknown = unknown.data != NULL ? XP_BPE_MISSING : -1;
        if (!xp_bpe_create(&draft->t->vocabulary, merges, n, &options, &draft->t->model)) status = no_memory(draft);
    }
    xp_free(merges);
    return status;
}

/* ---- Unigram ---- */

static const char unigram_part[] = "the model Unigram";

/* Of equal pieces the last counts; the others are found in no text. */
static explaint_status empty_equals(xp_draft *draft) {
    const size_t n = draft->t->n_vocabulary;
    xp_index *index = xp_index_create(n);
    bool made = index != NULL, found;
    size_t kept;
    for (size_t i = n; made && i-- > 0;) {
        made = xp_index_intern(index, draft->piece[i].data, draft->piece[i].length, i, &kept, &found);
        if (made && found) draft->piece[i].length = 0;
    }
    xp_index_destroy(index);
    return made ? EXPLAINT_OK : no_memory(draft);
}

static explaint_status read_scores(xp_draft *draft, const xp_value *vocab, double *score) {
    for (size_t i = 0; i < xp_value_count(vocab); i++) {
        const xp_value *item = xp_value_item(vocab, i);
        const char *piece = xp_value_string(xp_value_item(item, 0));
        if (piece == NULL || xp_value_count(item) != 2 || !xp_value_number(xp_value_item(item, 1), &score[i]))
            return xp_part_unexpected(draft, unigram_part, "vocab", "a list of pieces with their scores", item);
        draft->piece[i] = (xp_view){piece, strlen(piece)};
    }
    return empty_equals(draft);
}

static explaint_status unigram(xp_draft *draft, const xp_value *model) {
    static const char *const keys[] = {"type", "unk_id", "vocab", "byte_fallback", NULL};
    const xp_value *vocab = xp_value_member(model, "vocab"), *unknown = xp_value_member(model, "unk_id");
    const size_t n = xp_value_count(vocab);
    size_t id = 0;
    bool byte_fallback = false;
    explaint_status status = xp_part_keys(draft, model, unigram_part, keys);
    if (status == EXPLAINT_OK && !xp_value_is_array(vocab))
        status = xp_part_unexpected(draft, unigram_part, "vocab", "a list of pieces with their scores", vocab);
    if (status == EXPLAINT_OK) status = xp_part_bool_or(draft, model, unigram_part, "byte_fallback", &byte_fallback);
    if (status == EXPLAINT_OK && !xp_value_is_null(unknown) && (!xp_value_size(unknown, &id) || id >= n))
        status = xp_part_unexpected(draft, unigram_part, "unk_id", "the id of a piece, or null", unknown);
    if (status != EXPLAINT_OK) return status;
    double *score = xp_alloc(n, sizeof *score);
    if (score == NULL) return no_memory(draft);
    status = xp_draft_pieces(draft, n);
    if (status == EXPLAINT_OK) status = read_scores(draft, vocab, score);
    if (status == EXPLAINT_OK) status = xp_draft_vocabulary(draft);
    if (!xp_value_is_null(unknown)) draft->t->unknown = (int32_t)id;
    if (status == EXPLAINT_OK &&
        !xp_unigram_create(&draft->t->vocabulary, score, n, draft->t->unknown, byte_fallback, &draft->t->model))
        status = no_memory(draft);
    xp_free(score);
    return status;
}

explaint_status xp_tokenizer_read_model(xp_draft *draft, const xp_value *root) {
    const xp_value *model;
    explaint_status status = get_model(draft, root, &model);
    if (status != EXPLAINT_OK) return status;
    switch (kind_of(model)) {
    case BPE: return bpe(draft, model);
    case UNIGRAM: return unigram(draft, model);
    default: return wordpiece(draft, model);
    }
}
