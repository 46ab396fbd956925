/* Intact and damaged maps as safetensors. */
#include "attention/experiment.h"
#include "attention/flows.h"
#include "base/error.h"
#include "base/json.h"
#include "base/output.h"
#include "formats/tensors_out.h"

/* A word as the text spells it; what the template added, as its piece. */
static void add_word(const xp_attend *a, const xp_encoded_text *e, const char *text, size_t begin, size_t end,
                     xp_json *to) {
    const xp_view word = xp_corpus_spelled(e, text, begin, end);
    xp_text quoted = {0};
    if (e->word[begin] < 0) {
        xp_json_string(to, NULL, explaint_tokenizer_piece(a->tokenizer, e->id[begin]));
        return;
    }
    xp_json_quote(&quoted, word.data, word.length);
    to->text.failed |= quoted.failed;
    xp_json_raw(to, NULL, quoted.failed ? "\"\"" : quoted.data);
    xp_text_free(&quoted);
}

/* What the rows of each text's maps are, and which of them are special: lists of lists. */
static void note_rows(const xp_attend *a, xp_tensors_out *head) {
    xp_json pieces = {0}, special = {0};
    xp_json_open(&pieces, NULL, '[', XP_JSON_LINE);
    xp_json_open(&special, NULL, '[', XP_JSON_LINE);
    for (size_t t = 0; t < a->texts.n_texts; t++) {
        const xp_encoded_text *text = &a->texts.text[t];
        const xp_sides *side = &text->side;
        xp_json_open(&pieces, NULL, '[', XP_JSON_LINE);
        xp_json_open(&special, NULL, '[', XP_JSON_LINE);
        for (size_t k = 0; k < side->n; k++) {
            if (a->read.level == XP_LEVEL_WORD)
                add_word(a, text, explaint_texts_text(a->source, t, NULL), side->begin[k], side->end[k], &pieces);
            else
                xp_json_string(&pieces, NULL, explaint_tokenizer_piece(a->tokenizer, side->id[k]));
            xp_json_raw(&special, NULL, side->special[k] ? "true" : "false");
        }
        xp_json_close(&pieces);
        xp_json_close(&special);
    }
    xp_json_close(&pieces);
    xp_json_close(&special);
    if (xp_json_end(&pieces) && xp_json_end(&special)) {
        xp_tensors_out_note(head, "pieces", pieces.text.data);
        xp_tensors_out_note(head, "special", special.text.data);
    } else {
        head->failed = true;
    }
    xp_json_free(&pieces);
    xp_json_free(&special);
}

/* The words of a text, each with the number of its rows. false: no memory. */
static bool add_words(const xp_attend *a, size_t t, xp_json *words) {
    const xp_encoded_text *e = &a->texts.text[t];
    const char *text = explaint_texts_text(a->source, t, NULL);
    xp_sides side;
    if (!xp_corpus_sides(e, text, &(xp_sides_how){XP_LEVEL_WORD, a->read.without_special}, &side)) return false;
    xp_json_open(words, NULL, '[', XP_JSON_LINE);
    for (size_t k = 0; k < side.n; k++) {
        xp_json_open(words, NULL, '[', XP_JSON_LINE);
        add_word(a, e, text, side.begin[k], side.end[k], words);
        xp_json_size(words, NULL, a->read.level == XP_LEVEL_WORD ? 1 : side.end[k] - side.begin[k]);
        xp_json_close(words);
    }
    xp_json_close(words);
    xp_sides_free(&side);
    return true;
}

static void note_words(const xp_attend *a, xp_tensors_out *head) {
    xp_json words = {0};
    xp_json_open(&words, NULL, '[', XP_JSON_LINE);
    bool ok = true;
    for (size_t t = 0; ok && t < a->texts.n_texts; t++) ok = add_words(a, t, &words);
    xp_json_close(&words);
    if (ok && xp_json_end(&words))
        xp_tensors_out_note(head, "words", words.text.data);
    else
        head->failed = true;
    xp_json_free(&words);
}

static void name_flow(const xp_attend *a, size_t t, xp_tensors_out *head) {
    xp_flow_map map;
    char name[64];
    for (size_t i = 0; a->flows != NULL && xp_flows_map(a->flows, t, i, &map); i++) {
        if (map.name == NULL) continue;
        snprintf(name, sizeof name, "%zu.%s", t, map.name);
        xp_tensors_out_add(head, name, "F32", map.n_dimensions, map.shape);
    }
}

static bool write_flow(const xp_attend *a, size_t t, FILE *out) {
    xp_flow_map map;
    bool ok = true;
    for (size_t i = 0; a->flows != NULL && xp_flows_map(a->flows, t, i, &map); i++) {
        if (map.name == NULL) continue;
        size_t size = 1;
        for (size_t k = 0; k < map.n_dimensions; k++) size *= map.shape[k];
        for (size_t k = 0; ok && k < size; k++) {
            const float value = (float)map.map[k];
            ok = fwrite(&value, sizeof value, 1, out) == 1;
        }
    }
    return ok;
}

static void name_maps(const xp_attend *a, xp_tensors_out *head) {
    const xp_corpus *c = &a->texts;
    char name[64];
    xp_tensors_out_note(head, "model", a->info->name);
    note_rows(a, head);
    note_words(a, head);
    for (size_t t = 0; t < c->n_texts; t++) {
        const size_t n = c->text[t].side.n, shape[] = {c->n_layers, c->n_heads, n, n};
        snprintf(name, sizeof name, "%zu.ids", t);
        xp_tensors_out_add(head, name, "I64", 1, &n);
        snprintf(name, sizeof name, "%zu.attention", t);
        xp_tensors_out_add(head, name, "F32", 4, shape);
        for (size_t k = 0; k < XP_N_DAMAGES; k++) {
            if (!a->damage[k]) continue;
            snprintf(name, sizeof name, "%zu.%s", t, xp_damage_names[k]);
            xp_tensors_out_add(head, name, "F32", 4, shape);
        }
        name_flow(a, t, head);
    }
}

static bool write_maps(const xp_attend *a, FILE *out) {
    const xp_corpus *c = &a->texts;
    const xp_experiment *e = a->experiment;
    bool ok = true;
    for (size_t t = 0; ok && t < c->n_texts; t++) {
        const size_t n = c->text[t].side.n, size = c->n_layers * c->n_heads * n * n;
        for (size_t i = 0; ok && i < n; i++) {
            const xp_sides *side = &c->text[t].side;
            const int64_t id = side->end[i] - side->begin[i] > 1 ? -1 : side->id[i];
            ok = fwrite(&id, sizeof id, 1, out) == 1;
        }
        ok = ok && fwrite(c->text[t].maps, sizeof(float), size, out) == size;
        for (size_t k = 0; ok && k < XP_N_DAMAGES; k++)
            if (a->damage[k]) ok = fwrite(e->maps + k * e->map_size + e->map_at[t], sizeof(float), size, out) == size;
        ok = ok && write_flow(a, t, out);
    }
    return ok;
}

explaint_status explaint_attend_write_maps(const explaint_attend_result *result, const char *path,
                                           explaint_error *error) {
    const xp_attend *a = result->internals;
    xp_tensors_out head = {0};
    xp_output out;
    if (a->experiment == NULL || a->experiment->maps == NULL)
        return xp_fail(error, EXPLAINT_USAGE, NULL, 0, "expected a run that keeps maps (keep_maps)");
    explaint_status status = xp_output_open(&out, path, error);
    if (status != EXPLAINT_OK) return status;
    name_maps(a, &head);
    const bool ok = xp_tensors_out_head(&head, out.file) && write_maps(a, out.file);
    const bool no_memory = head.failed;
    xp_tensors_out_free(&head);
    if (ok) return xp_output_commit(&out, error);
    if (no_memory) {
        xp_output_discard(&out);
        return xp_no_memory(error, "the names of maps");
    }
    status = xp_output_commit(&out, error); /* says why it could not be written */
    return status != EXPLAINT_OK ? status : xp_fail(error, EXPLAINT_FAILED, path, 0, "could not be written");
}
