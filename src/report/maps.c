#include "report/maps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json_read.h"
#include "base/memory.h"
#include "explaint/catalogue.h"
#include "explaint/visible.h"

static const char what[] = "the maps";

enum { MOST_PIECES = 4096 };

static const xp_maps_kind flows[] = {{"alti", "ALTI", XP_MAPS_LAYERS, true},
                                     {"value_zeroing", "value zeroing", XP_MAPS_LAYERS, true},
                                     {"attribution", "hidden token attribution", XP_MAPS_LAYERS, false},
                                     {"alti_product", "ALTI over layers", XP_MAPS_MODEL, false},
                                     {"rollout", "rollout", XP_MAPS_MODEL, false},
                                     {"flow_normalised", "maximum flow", XP_MAPS_MODEL, false}};

static const xp_tensor *tensor_of(const xp_maps *m, size_t text, const char *kind) {
    char name[96];
    snprintf(name, sizeof name, "%zu.%.60s", text, kind);
    return xp_safetensors_find(m->file, name);
}

static explaint_status refuse(const xp_maps *m, size_t text, const xp_maps_kind *kind, explaint_error *error) {
    static const char *const shapes[] = {[XP_MAPS_HEADS] = "layers x heads x n x n, each from 0 to 1",
                                         [XP_MAPS_LAYERS] = "layers x n x n, none below 0",
                                         [XP_MAPS_MODEL] = "n x n, none below 0"};
    return xp_fail(error, EXPLAINT_INVALID, m->path, 0,
                   "expected maps of 'explaint attend --maps' (fp32, %s), found something else in %zu.%s; make them "
                   "again",
                   shapes[kind->of], text, kind->name);
}

/* The shape of a text's maps, and that every entry is a share; of flow it becomes one when it is read. */
static explaint_status check(const xp_maps *m, size_t text, const xp_maps_kind *kind, size_t n, const xp_tensor *t,
                             explaint_error *error) {
    const size_t shape[] = {m->n_layers, m->n_heads, n, n}, rank = kind->of == XP_MAPS_HEADS    ? 4
                                                                   : kind->of == XP_MAPS_LAYERS ? 3
                                                                                                : 2;
    const float most = kind->of == XP_MAPS_HEADS ? 1.0001f : 1e30f;
    bool good = t->type == XP_F32 && t->n_dimensions == rank &&
                memcmp(t->shape + rank - 2, shape + 2, 2 * sizeof *shape) == 0 &&
                memcmp(t->shape, shape, (rank - 2) * sizeof *shape) == 0;
    for (size_t at = 0; good && at < t->size; at += sizeof(float)) {
        float value;
        memcpy(&value, t->data + at, sizeof value);
        good = value >= -1e-6f && value <= most;
    }
    return good ? EXPLAINT_OK : refuse(m, text, kind, error);
}

/* What a file says of its pieces, as JSON; NULL: nothing. */
typedef struct notes {
    xp_value *pieces, *special, *words;
} notes;

static bool add_shown(xp_strings *list, const char *text) {
    char shown[256];
    explaint_visible_text(text, shown, sizeof shown);
    return xp_strings_add(list, shown, strlen(shown));
}

/* The piece, or its number where the file has none (as of version 0.1). */
static bool add_piece(xp_maps_text *t, const xp_value *pieces, size_t i) {
    const char *piece = xp_value_string(xp_value_item(pieces, i));
    return piece != NULL ? add_shown(&t->piece, piece) : xp_strings_addf(&t->piece, "%zu", i + 1);
}

/* Words, each with the number of its pieces: [["dogs", 2], [".", 1]]; together they are all pieces. */
static explaint_status read_words(xp_maps *m, xp_maps_text *t, const xp_value *words, explaint_error *error) {
    const size_t count = xp_value_count(words);
    size_t pieces = 0;
    if (xp_value_is_null(words)) return EXPLAINT_OK;
    t->word_pieces = xp_alloc(count > 0 ? count : 1, sizeof *t->word_pieces);
    if (t->word_pieces == NULL) return xp_no_memory(error, what);
    for (size_t k = 0; k < count; k++) {
        const xp_value *word = xp_value_item(words, k);
        const char *text = xp_value_string(xp_value_item(word, 0));
        size_t n = 0;
        if (text == NULL || !xp_value_size(xp_value_item(word, 1), &n) || n == 0 || n > t->n - pieces) {
            pieces = 0; /* which no text has */
            break;
        }
        if (!add_shown(&t->word, text)) return xp_no_memory(error, what);
        t->word_pieces[k] = n;
        pieces += n;
    }
    return pieces == t->n ? EXPLAINT_OK
                          : xp_fail(error, EXPLAINT_INVALID, m->path, 0,
                                    "expected words with the number of their pieces, %zu together, in text %zu of "
                                    "\"words\", found something else; make the maps again",
                                    t->n, m->n_texts);
}

static explaint_status read_text(xp_maps *m, size_t i, const notes *said, explaint_error *error) {
    const xp_tensor *intact = tensor_of(m, i, "attention");
    xp_maps_text *t = &m->text[m->n_texts++];
    *t = (xp_maps_text){0};
    if (intact->n_dimensions != 4 || intact->shape[0] == 0 || intact->shape[1] == 0 || intact->shape[2] == 0 ||
        intact->shape[2] > MOST_PIECES)
        return refuse(m, i, &m->kind[0], error);
    if (i == 0) {
        m->n_layers = intact->shape[0];
        m->n_heads = intact->shape[1];
    }
    t->n = intact->shape[2];
    t->special = xp_calloc(t->n, 1);
    if (t->special == NULL) return xp_no_memory(error, what);
    for (size_t k = 0; k < t->n; k++) {
        bool is_special = false;
        if (!add_piece(t, xp_value_item(said->pieces, i), k)) return xp_no_memory(error, what);
        xp_value_bool(xp_value_item(xp_value_item(said->special, i), k), &is_special);
        t->special[k] = is_special;
    }
    explaint_status status = read_words(m, t, xp_value_item(said->words, i), error);
    for (size_t k = 0; status == EXPLAINT_OK && k < m->n_kinds; k++) {
        const xp_tensor *tensor = tensor_of(m, i, m->kind[k].name);
        if (tensor == NULL) continue;
        status = check(m, i, &m->kind[k], t->n, tensor, error);
        t->kind[k] = tensor->data;
    }
    return status;
}

static explaint_status notes_of(const xp_maps *m, const char *key, xp_value **value, explaint_error *error) {
    const char *text = xp_safetensors_metadata(m->file, key);
    *value = text != NULL ? xp_value_parse(text, strlen(text), m->path, error) : NULL;
    return text == NULL || *value != NULL ? EXPLAINT_OK : error != NULL ? error->code : EXPLAINT_INVALID;
}

static explaint_status read_texts(xp_maps *m, explaint_error *error) {
    notes said = {0};
    size_t n = 0;
    while (tensor_of(m, n, "attention") != NULL) n++;
    if (n == 0) return refuse(m, 0, &m->kind[0], error);
    m->text = xp_alloc(n, sizeof *m->text);
    if (m->text == NULL) return xp_no_memory(error, what);
    explaint_status status = notes_of(m, "pieces", &said.pieces, error);
    if (status == EXPLAINT_OK) status = notes_of(m, "special", &said.special, error);
    if (status == EXPLAINT_OK) status = notes_of(m, "words", &said.words, error);
    for (size_t i = 0; status == EXPLAINT_OK && i < n; i++) status = read_text(m, i, &said, error);
    xp_value_free(said.pieces);
    xp_value_free(said.special);
    xp_value_free(said.words);
    return status;
}

static void add_kind(xp_maps *m, const xp_maps_kind *kind) {
    if (m->n_kinds < XP_MAPS_KINDS && tensor_of(m, 0, kind->name) != NULL) m->kind[m->n_kinds++] = *kind;
}

/* The intact map, each damage that the first text has, and its flow. */
static void find_kinds(xp_maps *m) {
    size_t n;
    const explaint_entry *damage = explaint_catalogue("damages", &n);
    m->kind[m->n_kinds++] = (xp_maps_kind){"attention", "intact", XP_MAPS_HEADS, false};
    for (size_t k = 0; k < n; k++) add_kind(m, &(xp_maps_kind){damage[k].name, damage[k].label, XP_MAPS_HEADS, false});
    for (size_t k = 0; k < sizeof flows / sizeof *flows; k++) add_kind(m, &flows[k]);
}

explaint_status xp_maps_read(const char *path, const void *data, size_t size, xp_maps *maps, explaint_error *error) {
    *maps = (xp_maps){.path = xp_strdup(path)};
    if (maps->path == NULL) return xp_no_memory(error, what);
    const explaint_status status = xp_safetensors_open(path, data, size, &maps->file, error);
    if (status != EXPLAINT_OK) return status;
    const char *model = xp_safetensors_metadata(maps->file, "model");
    maps->model = model != NULL ? model : "a model";
    find_kinds(maps);
    return read_texts(maps, error);
}

explaint_status xp_maps_open(const char *path, xp_maps *maps, explaint_error *error) {
    xp_bytes bytes = {0};
    *maps = (xp_maps){0};
    explaint_status status = xp_file_read(path, XP_LIMIT_ARRAY, &bytes, error);
    if (status == EXPLAINT_OK) status = xp_maps_read(path, bytes.data, bytes.size, maps, error);
    maps->bytes = bytes;
    return status;
}

void xp_maps_free(xp_maps *maps) {
    for (size_t i = 0; i < maps->n_texts; i++) {
        xp_strings_free(&maps->text[i].piece);
        xp_strings_free(&maps->text[i].word);
        xp_free_all(maps->text[i].word_pieces, maps->text[i].special);
    }
    xp_free_all(maps->text, maps->path);
    xp_safetensors_close(maps->file);
    xp_bytes_free(&maps->bytes);
    *maps = (xp_maps){0};
}

size_t xp_maps_count(const xp_maps *m, size_t kind) {
    return m->kind[kind].of == XP_MAPS_HEADS    ? m->n_layers * m->n_heads
           : m->kind[kind].of == XP_MAPS_LAYERS ? m->n_layers
                                                : 1;
}

double xp_maps_intact(const xp_maps *m, size_t text, size_t map, size_t i, size_t j) {
    const size_t n = m->text[text].n;
    float value;
    memcpy(&value, (const unsigned char *)m->text[text].kind[0] + ((map * n + i) * n + j) * sizeof value, sizeof value);
    return value;
}

void xp_maps_row(const xp_maps *m, size_t text, size_t kind, size_t map, size_t row, float *entries) {
    const size_t n = m->text[text].n;
    double sum = 0;
    memcpy(entries, (const unsigned char *)m->text[text].kind[kind] + (map * n + row) * n * sizeof *entries,
           n * sizeof *entries);
    if (m->kind[kind].of == XP_MAPS_HEADS) return;
    for (size_t j = 0; j < n; j++) sum += fmax((double)entries[j], 0);
    for (size_t j = 0; j < n; j++) entries[j] = sum > 0 ? (float)(fmax((double)entries[j], 0) / sum) : 0;
}

bool xp_maps_matrix(const xp_maps *m, size_t text, size_t kind, size_t layer, double *matrix) {
    const size_t n = m->text[text].n, maps = m->kind[kind].of == XP_MAPS_HEADS ? m->n_heads : 1,
                 first = m->kind[kind].of == XP_MAPS_MODEL ? 0 : layer * maps;
    float *row = xp_alloc(n, sizeof *row);
    const bool good = row != NULL;
    for (size_t i = 0; row != NULL && i < n; i++) {
        for (size_t j = 0; j < n; j++) matrix[i * n + j] = 0;
        for (size_t k = 0; k < maps; k++) {
            xp_maps_row(m, text, kind, first + k, i, row);
            for (size_t j = 0; j < n; j++) matrix[i * n + j] += (double)row[j] / (double)maps;
        }
    }
    xp_free(row);
    return good;
}
