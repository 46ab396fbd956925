/* Pairs from a table. */
#include "relate/pairs.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/name.h"
#include "base/rng.h"
#include "formats/csv.h"
#include "formats/encoding.h"
#include "formats/kinds.h"
#include "relate/groups.h"

void explaint_pairs_close(explaint_pairs *p) {
    if (p == NULL) return;
    xp_free(p->name);
    xp_strings_free(&p->left);
    xp_strings_free(&p->right);
    xp_strings_free(&p->set);
    for (size_t s = 0; s < XP_PAIRS_SETS; s++) xp_strings_free(&p->other[s]);
    xp_strings_free(&p->notes);
    xp_strings_free(&p->inputs);
    xp_free(p);
}

size_t explaint_pairs_n(const explaint_pairs *p) { return p->n; }
size_t explaint_pairs_n_sets(const explaint_pairs *p) { return p->n_sets; }
const char *explaint_pairs_left(const explaint_pairs *p, size_t i) { return p->left.item[i]; }
const char *explaint_pairs_right(const explaint_pairs *p, size_t i) { return p->right.item[i]; }
const char *explaint_pairs_set(const explaint_pairs *p, size_t set) { return p->set.item[set]; }
const char *explaint_pairs_other(const explaint_pairs *p, size_t set, size_t i) { return p->other[set].item[i]; }

/* ---- the table ---- */

typedef struct reading {
    explaint_pairs *p;
    const char *path;
    xp_bytes bytes;
    xp_csv csv;
    bool open;
    size_t left, right, column[XP_PAIRS_SETS];
    xp_index *seen;
    xp_strings keys; /* that are in it */
    xp_text room, key;
    size_t n_short, short_line, n_again, again_line;
} reading;

static explaint_status find_columns(reading *r, explaint_error *error) {
    const xp_csv *csv = &r->csv;
    r->left = r->right = csv->width;
    for (size_t k = 0; k < csv->width; k++) {
        const xp_view name = xp_view_trim(csv->header[k].text);
        if (xp_view_is_nocase(name, "left")) r->left = k;
        if (xp_view_is_nocase(name, "right")) r->right = k;
    }
    if (r->left == csv->width || r->right == csv->width)
        return xp_fail(error, EXPLAINT_INVALID, r->path, csv->header[0].line,
                       "expected columns named left and right, found \"%.*s\"%s; the first line names the columns",
                       XP_SHOW(xp_view_trim(csv->header[0].text)), csv->width > 1 ? " and others" : "");
    for (size_t k = 0; k < csv->width; k++) {
        const xp_view name = xp_view_trim(csv->header[k].text);
        if (k == r->left || k == r->right) continue;
        if (name.length == 0 || xp_view_is_nocase(name, "label"))
            return xp_fail(
                error, EXPLAINT_INVALID, r->path, csv->header[k].line,
                "expected in column %zu a name of a set of counterfactuals, words that take the place of the "
                "right one, found \"%.*s\"; every row is a true pair",
                k + 1, XP_SHOW(name));
        if (r->p->n_sets == XP_PAIRS_SETS)
            return xp_fail(error, EXPLAINT_INVALID, r->path, csv->header[k].line,
                           "expected at most %d columns beside left and right, found more", XP_PAIRS_SETS);
        r->column[r->p->n_sets++] = k;
        if (!xp_strings_add(&r->p->set, name.data, name.length)) return xp_no_memory(error, "pairs");
    }
    return EXPLAINT_OK;
}

static explaint_status take_word(reading *r, size_t column, const char *what, bool may_lack, xp_strings *list,
                                 explaint_error *error) {
    xp_view word;
    unsigned changed;
    if (!xp_name(r->csv.cell[column].text, &r->room, &word, &changed)) return xp_no_memory(error, "pairs");
    if (word.length == 0 && !may_lack)
        return xp_csv_fail(&r->csv, NULL, error, "expected a word in column \"%s\", found none", what);
    if (word.length > 200)
        return xp_csv_fail(&r->csv, NULL, error, "expected a word of at most 200 bytes in column \"%s\", found %zu",
                           what, word.length);
    return xp_strings_add(list, word.data, word.length) ? EXPLAINT_OK : xp_no_memory(error, "pairs");
}

static void drop_last(xp_strings *list) { xp_free(list->item[--list->count]); }

/* The last row is a pair again, or lacks a counterfactual: left out, and counted. */
static explaint_status look_at_row(reading *r, explaint_error *error) {
    explaint_pairs *p = r->p;
    const size_t last = p->left.count - 1;
    const char *left = p->left.item[last], *right = p->right.item[last];
    bool lacks = false, found = false;
    size_t stored;
    if (strcmp(left, right) == 0)
        return xp_csv_fail(&r->csv, NULL, error, "expected two words, found \"%.80s\" beside itself", left);
    for (size_t s = 0; s < p->n_sets; s++) {
        const char *other = p->other[s].item[last];
        lacks = lacks || *other == 0;
        if (strcmp(other, right) == 0 || strcmp(other, left) == 0)
            return xp_csv_fail(&r->csv, NULL, error,
                               "expected in column \"%.80s\" a word that takes the place of \"%.80s\", found \"%.80s\"",
                               p->set.item[s], right, other);
    }
    if (!xp_strings_addf(&r->keys, "%s\t%s", left, right) ||
        !xp_index_intern(r->seen, r->keys.item[r->keys.count - 1], strlen(r->keys.item[r->keys.count - 1]), last,
                         &stored, &found))
        return xp_no_memory(error, "pairs");
    if (found && r->n_again++ == 0) r->again_line = r->csv.line;
    if (!found && lacks && r->n_short++ == 0) r->short_line = r->csv.line;
    if (!found && !lacks) return EXPLAINT_OK;
    drop_last(&p->left);
    drop_last(&p->right);
    for (size_t s = 0; s < p->n_sets; s++) drop_last(&p->other[s]);
    return EXPLAINT_OK;
}

static explaint_status read_rows(reading *r, explaint_error *error) {
    explaint_pairs *p = r->p;
    bool more;
    explaint_status status;
    while ((status = xp_csv_next(&r->csv, &more, error)) == EXPLAINT_OK && more) {
        status = take_word(r, r->left, "left", false, &p->left, error);
        if (status == EXPLAINT_OK) status = take_word(r, r->right, "right", false, &p->right, error);
        for (size_t s = 0; s < p->n_sets && status == EXPLAINT_OK; s++)
            status = take_word(r, r->column[s], p->set.item[s], true, &p->other[s], error);
        if (status == EXPLAINT_OK) status = look_at_row(r, error);
        if (status != EXPLAINT_OK) return status;
    }
    p->n = p->left.count;
    bool ok = true;
    if (r->n_again > 0)
        ok = xp_strings_addf(&p->notes, "%zu pair%s twice, the first in line %zu: kept once", r->n_again,
                             r->n_again == 1 ? " stands there" : "s stand there", r->again_line);
    if (ok && r->n_short > 0)
        ok = xp_strings_addf(&p->notes, "%zu pair%s a counterfactual, the first in line %zu: left out", r->n_short,
                             r->n_short == 1 ? " lacks" : "s lack", r->short_line);
    return status == EXPLAINT_OK && !ok ? xp_no_memory(error, "pairs") : status;
}

/* ---- right words change places ---- */

/* A word of another pair that is not left's: drawn by how often it still has to serve, so that it is counterfactual as often as true; where all have
 * served, the one that did so least. SIZE_MAX: there is none. */
static size_t draw_partner(const explaint_pairs *p, const xp_groups *g, const xp_index *seen, size_t *served, size_t i,
                           xp_rng *rng, xp_text *key) {
    size_t total = 0, least = SIZE_MAX, drawn = SIZE_MAX;
    for (size_t c = 0; c < g->n; c++) {
        size_t stored;
        const char *word = p->right.item[g->first[c]];
        key->length = 0;
        xp_text_addf(key, "%s\t%s", p->left.item[i], word);
        if (key->failed) return SIZE_MAX;
        if (xp_index_find(seen, key->data, key->length, &stored) || strcmp(word, p->left.item[i]) == 0) continue;
        const size_t owed = g->size[c] > served[c] ? g->size[c] - served[c] : 0;
        total += owed;
        if (owed > 0 && xp_rng_below(rng, total) < owed) drawn = c;
        if (least == SIZE_MAX || served[c] < served[least]) least = c;
    }
    return drawn != SIZE_MAX ? drawn : least;
}

static explaint_status swap(reading *r, uint64_t seed, explaint_error *error) {
    explaint_pairs *p = r->p;
    xp_groups groups = {0};
    size_t *served = xp_calloc(p->n, sizeof *served), kept = 0;
    bool ok = served != NULL && xp_groups_create(&groups, (const char *const *)p->right.item, p->n);
    ok = ok && xp_strings_addf(&p->set, "swapped");
    p->n_sets = 1;
    for (size_t i = 0; ok && i < p->n; i++) {
        xp_rng rng = xp_rng_begin(seed, XP_RNG_PAIRS, (uint32_t)i);
        const size_t c = draw_partner(p, &groups, r->seen, served, i, &rng, &r->key);
        ok = !r->key.failed;
        if (c != SIZE_MAX) served[c]++;
        if (ok) ok = xp_strings_addf(&p->other[0], "%s", c != SIZE_MAX ? p->right.item[groups.first[c]] : "");
        kept += c != SIZE_MAX;
    }
    xp_groups_free(&groups);
    xp_free(served);
    if (!ok) return xp_no_memory(error, "pairs");
    return kept == p->n ? EXPLAINT_OK
                        : xp_fail(error, EXPLAINT_INVALID, r->path, 0,
                                  "expected right words that can change places, found %zu of %zu pairs whose left word "
                                  "stands with all of them; name counterfactuals in a third column",
                                  p->n - kept, p->n);
}

/* ---- all of it ---- */

explaint_status explaint_pairs_open(const char *path, uint64_t seed, explaint_pairs **pairs, explaint_error *error) {
    reading r = {.path = xp_file_name(path)};
    *pairs = NULL;
    r.p = xp_calloc(1, sizeof *r.p);
    r.seen = xp_index_create(1024);
    explaint_status status = r.p != NULL && r.seen != NULL ? EXPLAINT_OK : xp_no_memory(error, "pairs");
    if (status == EXPLAINT_OK) status = xp_file_read(path, XP_LIMIT_TABLE, &r.bytes, error);
    if (status == EXPLAINT_OK) status = xp_kind_refuse(r.path, r.bytes.data, r.bytes.size, XP_READER_TEXT, error);
    if (status == EXPLAINT_OK) status = xp_encoding_decode(r.path, &r.bytes, &r.p->notes, error);
    if (status == EXPLAINT_OK) status = xp_csv_open(&r.csv, r.path, r.bytes.data, r.bytes.size, error);
    r.open = status == EXPLAINT_OK;
    if (status == EXPLAINT_OK) status = find_columns(&r, error);
    if (status == EXPLAINT_OK) status = read_rows(&r, error);
    if (status == EXPLAINT_OK && r.p->n == 0)
        status = xp_fail(error, EXPLAINT_INVALID, r.path, 0, "expected pairs, found none below the names of columns");
    if (status == EXPLAINT_OK && r.p->n_sets == 0) status = swap(&r, seed, error);
    if (status == EXPLAINT_OK) {
        const char *slash = strrchr(r.path, '/'), *name = slash != NULL ? slash + 1 : r.path;
        r.p->name = xp_strdup(name);
        if (r.p->name == NULL || !xp_strings_addf(&r.p->inputs, "pairs") ||
            !xp_strings_addf(&r.p->inputs, "%s", name) || !xp_strings_addf(&r.p->inputs, "%s", r.path) ||
            !xp_strings_addf(&r.p->inputs, "%s", r.bytes.sha256))
            status = xp_no_memory(error, "pairs");
    }
    if (r.open) xp_csv_close(&r.csv);
    xp_bytes_free(&r.bytes);
    xp_index_destroy(r.seen);
    xp_strings_free(&r.keys);
    xp_text_free(&r.room);
    xp_text_free(&r.key);
    if (status == EXPLAINT_OK)
        *pairs = r.p;
    else
        explaint_pairs_close(r.p);
    return status;
}
