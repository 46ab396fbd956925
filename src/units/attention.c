#include "units/attention.h"

#include <math.h>

#include "base/memory.h"
#include "base/strings.h"
#include "units/arrays.h"

const char *const xp_units_rows_names[XP_UNITS_N_ROWS] = {"all", "content"};

const char *const xp_units_measures[] = {"damage_pearson", "damage_jsd", "damage_same_target", "damage_same_pattern"};
const char *const xp_units_look_names[] = {"attention_entropy",      "attention_max",      "attention_self",
                                           "attention_first",        "attention_previous", "attention_next",
                                           "attention_last_special", "attention_special",  "attention_top10"};
const char *const xp_units_scopes[] = {"whole", "content"};

static void list(xp_text *text, const char *const *name, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (i > 0) xp_text_adds(text, "; ");
        xp_text_adds(text, name[i]);
    }
}

/* Packs or unpacks, and releases the sentence. */
typedef struct bytes {
    void **out; /* NULL: it is read */
    size_t *out_size;
    const void *in;
    size_t in_size;
} bytes;

static bool move(xp_text *holds, const xp_units_array *array, size_t n, const bytes *b) {
    bool ok = !holds->failed;
    if (ok && b->out != NULL) ok = xp_units_pack(holds->data, array, n, b->out, b->out_size);
    if (ok && b->out == NULL) ok = xp_units_unpack(holds->data, array, n, b->in, b->in_size);
    xp_text_free(holds);
    return ok;
}

/* Of shares, ranks and counts. */
static bool within(const double *value, size_t n, double low, double high) {
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]) && !(value[i] >= low && value[i] <= high)) return false;
    return true;
}

/* ---- maps of a text ---- */

static size_t maps_of(const xp_units_maps *m) { return XP_UNITS_SCOPES * m->n_layers * m->n_heads; }
static size_t alike_of(const xp_units_maps *m) { return m->n_series * XP_UNITS_MEASURES * maps_of(m); }

bool xp_units_maps_create(xp_units_maps *m) {
    const size_t n = alike_of(m) + maps_of(m) * (1 + m->n_others) + m->n_series + 1;
    if ((m->alike = xp_alloc(n, sizeof *m->alike)) == NULL) return false;
    for (size_t i = 0; i < n; i++) m->alike[i] = NAN;
    m->modal = m->alike + alike_of(m);
    m->others = m->modal + maps_of(m);
    m->left = m->others + maps_of(m) * m->n_others;
    m->farthest = m->left + m->n_series;
    return true;
}

static bool move_maps(const xp_units_maps *m, const bytes *b) {
    const size_t l = m->n_layers, h = m->n_heads;
    const xp_units_array all[] = {
        {"alike", "F64", 5, {m->n_series, XP_UNITS_SCOPES, XP_UNITS_MEASURES, l, h}, m->alike},
        {"modal_target_share", "F64", 3, {XP_UNITS_SCOPES, l, h}, m->modal},
        {"others", "F64", 4, {XP_UNITS_SCOPES, l, h, m->n_others}, m->others},
        {"left", "F64", 1, {m->n_series}, m->left},
        {"farthest", "F64", 1, {1}, m->farthest},
    };
    xp_text holds = {0};
    xp_text_addf(&holds, "text %zu of %zu pieces; damages: ", m->text, m->n_pieces);
    list(&holds, m->series, m->n_series);
    xp_text_adds(&holds, "; scopes: ");
    list(&holds, xp_units_scopes, XP_UNITS_SCOPES);
    xp_text_adds(&holds, "; measures: ");
    list(&holds, xp_units_measures, XP_UNITS_MEASURES);
    xp_text_adds(&holds, "; layers from 1; the mean of heads");
    if (m->head > 0)
        xp_text_addf(&holds, ", then head %zu", m->head);
    else if (h > 1)
        xp_text_adds(&holds, ", then each");
    return move(&holds, all, sizeof all / sizeof *all, b);
}

bool xp_units_maps_pack(const xp_units_maps *m, void **to, size_t *size) {
    return move_maps(m, &(bytes){.out = to, .out_size = size});
}

bool xp_units_maps_unpack(xp_units_maps *m, const void *from, size_t size) {
    return move_maps(m, &(bytes){.in = from, .in_size = size}) && within(m->alike, alike_of(m), -1.01, 1.01) &&
           within(m->modal, maps_of(m) * (1 + m->n_others), -1.01, 1.01) && within(m->left, m->n_series, 0, 1e9) &&
           within(m->farthest, 1, 0, 1e9);
}

/* ---- where the rows of a text look ---- */

static const size_t all_looks = XP_UNITS_N_ROWS * XP_UNITS_LOOKS;

bool xp_units_looks_create(xp_units_looks *l) {
    const size_t n = all_looks * l->n_layers * l->n_heads;
    if ((l->sum = xp_calloc(n + all_looks, sizeof *l->sum)) == NULL) return false;
    l->n = l->sum + n;
    return true;
}

static bool move_looks(const xp_units_looks *l, const bytes *b) {
    const xp_units_array all[] = {
        {"sum", "F64", 4, {XP_UNITS_N_ROWS, XP_UNITS_LOOKS, l->n_layers, l->n_heads}, l->sum},
        {"n", "F64", 2, {XP_UNITS_N_ROWS, XP_UNITS_LOOKS}, l->n},
    };
    xp_text holds = {0};
    xp_text_addf(&holds, "text %zu of %zu pieces; sums over its rows: all, content; measures: ", l->text, l->n_pieces);
    list(&holds, xp_units_look_names, XP_UNITS_LOOKS);
    xp_text_adds(&holds, l->n_heads > 1 ? "; layers from 1; the mean of heads, then each"
                                        : "; layers from 1; the mean of heads");
    return move(&holds, all, sizeof all / sizeof *all, b);
}

bool xp_units_looks_pack(const xp_units_looks *l, void **to, size_t *size) {
    return move_looks(l, &(bytes){.out = to, .out_size = size});
}

/* A row's entropy is below 44, the log of all rows that there can be. */
bool xp_units_looks_unpack(xp_units_looks *l, const void *from, size_t size) {
    const size_t n = l->n_layers * l->n_heads;
    bool ok = move_looks(l, &(bytes){.in = from, .in_size = size}) && within(l->n, all_looks, 0, (double)l->n_pieces) &&
              within(l->sum, all_looks * n, -1e-3, 44 * (double)l->n_pieces);
    for (size_t i = 0; ok && i < all_looks * n; i++) ok = !isnan(l->sum[i]);
    for (size_t i = 0; ok && i < all_looks; i++) ok = !isnan(l->n[i]);
    return ok;
}

/* ---- rows of a layer ---- */

static size_t ranks_of(const xp_units_rows *r) { return r->n_variants * r->n_rows; }
/* All that lies between -1 and 1. */
static size_t cosines_of(const xp_units_rows *r) { return 4 * (XP_UNITS_COSINES + 1 + r->n_texts); }

bool xp_units_rows_create(xp_units_rows *r) {
    const size_t numbers = cosines_of(r);
    const size_t a_row = (r->n_variants + 2) * (sizeof *r->rank + 2); /* bytes: a few dozen variants */
    size_t total;
    if (xp_mul_overflows(r->n_rows, a_row, &total) || total > SIZE_MAX / 2 || r->n_texts > r->n_rows) return false;
    if ((r->cosine = xp_calloc(1, total + numbers * sizeof *r->cosine)) == NULL) return false;
    for (size_t i = 0; i < numbers; i++) r->cosine[i] = NAN;
    r->cka = r->cosine + 4 * XP_UNITS_COSINES;
    r->anisotropy = r->cka + 4;
    r->rank = (uint32_t *)(void *)(r->cosine + numbers);
    r->previous = r->rank + ranks_of(r);
    r->row = (uint8_t *)(r->previous + 2 * r->n_rows);
    r->next = r->row + ranks_of(r);
    return true;
}

static bool move_rows(const xp_units_rows *r, const bytes *b) {
    const xp_units_array all[] = {
        {"cosines", "F64", 3, {2, 2, XP_UNITS_COSINES}, r->cosine},
        {"cka_previous_layer", "F64", 2, {2, 2}, r->cka},
        {"anisotropy", "F64", 3, {2, 2, r->n_texts}, r->anisotropy},
        {"rank", "U32", 2, {r->n_variants, r->n_rows}, r->rank},
        {"previous_layer_rank", "U32", 2, {2, r->n_rows}, r->previous},
        {"row", "U8", 2, {r->n_variants, r->n_rows}, r->row},
        {"next", "U8", 2, {r->n_variants, r->n_rows}, r->next},
    };
    xp_text holds = {0};
    xp_text_addf(&holds, "layer %zu; ways: ", r->layer);
    list(&holds, r->variant, r->n_variants);
    xp_text_adds(&holds, "; cosines: raw, standardised; all rows, content; all pairs, of two texts, same token, same "
                         "position; CKA and anisotropy of texts: raw, standardised; all rows, content; previous "
                         "layer: cosine, l2; with h0 every row is a candidate; rank 0: not asked");
    return move(&holds, all, sizeof all / sizeof *all, b);
}

bool xp_units_rows_pack(const xp_units_rows *r, void **to, size_t *size) {
    return move_rows(r, &(bytes){.out = to, .out_size = size});
}

bool xp_units_rows_unpack(xp_units_rows *r, const void *from, size_t size) {
    bool ok = move_rows(r, &(bytes){.in = from, .in_size = size}) && within(r->cosine, cosines_of(r), -1.01, 1.01);
    for (size_t i = 0; ok && i < ranks_of(r); i++) ok = r->row[i] <= 1 && r->next[i] <= 1;
    return ok;
}

/* ---- rows that a fitted map gives back ---- */

static bool move_hits(const xp_units_hits *h, const bytes *b) {
    const xp_units_array all[] = {{"hits", "F64", 2, {2, h->n_texts}, h->hits}};
    xp_text holds = {0};
    xp_text_addf(&holds,
                 "layer %zu; rows of each text that a linear map gives back: fitted on true pairs, on shuffled ones",
                 h->layer);
    return move(&holds, all, 1, b);
}

bool xp_units_hits_pack(const xp_units_hits *h, void **to, size_t *size) {
    return move_hits(h, &(bytes){.out = to, .out_size = size});
}

bool xp_units_hits_unpack(xp_units_hits *h, const double *most, const void *from, size_t size) {
    bool ok = move_hits(h, &(bytes){.in = from, .in_size = size});
    for (size_t i = 0; ok && i < 2 * h->n_texts; i++) ok = h->hits[i] >= 0 && h->hits[i] <= most[i % h->n_texts];
    return ok;
}
