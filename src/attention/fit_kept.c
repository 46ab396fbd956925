#include "attention/fit_kept.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "attention/stored.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/output.h"
#include "explaint/version.h"
#include "formats/file.h"
#include "units/arrays.h"

static void add_text(xp_sha256 *hash, const char *text) { xp_sha256_add(hash, text, strlen(text) + 1); }

void xp_fit_key(const xp_attend *a, char key[XP_SHA256_TEXT]) {
    xp_sha256 hash;
    const uint64_t number[] = {XP_FIT_VERSION, a->options.seed, a->info->random_init, a->fit_texts.n_texts};
    xp_sha256_begin(&hash);
    add_text(&hash, explaint_version());
    xp_sha256_add(&hash, number, sizeof number);
    for (size_t i = 0; i < a->info->n_files; i++) add_text(&hash, a->info->file[i].sha256);
    for (size_t t = 0; t < a->fit_texts.n_texts; t++) {
        const uint64_t n = a->fit_texts.text[t].n;
        xp_sha256_add(&hash, &n, sizeof n);
        xp_sha256_add(&hash, a->fit_texts.text[t].id, n * sizeof *a->fit_texts.text[t].id);
    }
    xp_sha256_end(&hash, key);
}

/* ---- a file ---- */

typedef struct kept {
    xp_attend *a;
    xp_linear_g *g;
    char key[XP_SHA256_TEXT]; /* also of the BLAS, which decides the last bits */
    size_t n_read, n_written, n_bad;
    const char *bad, *unwritten; /* a file that was not used; why one was not written */
} kept;

enum { N_ARRAYS = 6 };
typedef struct layer_file {
    xp_units_array array[N_ARRAYS]; /* the last is the checksum of the others */
    char holds[160], sum[XP_SHA256_TEXT];
} layer_file;

static void describe(const kept *k, size_t layer, layer_file *f) {
    const size_t d = k->g->width;
    const xp_units_array all[N_ARRAYS] = {
        {"mean", "F64", 1, {d}, k->g->mean + layer * d},
        {"word_mean", "F64", 1, {d}, k->g->word_mean},
        {"weight", "F64", 2, {d, d}, k->g->weight[0] + layer * d * d},
        {"weight_shuffled_pairs", "F64", 2, {d, d}, k->g->weight[1] + layer * d * d},
        {"penalty", "F64", 1, {1}, k->g->penalty + layer},
        {"sha256", "U8", 1, {XP_SHA256_TEXT}, f->sum},
    };
    memcpy(f->array, all, sizeof all);
    memcpy(f->sum, (char[XP_SHA256_TEXT]){0}, XP_SHA256_TEXT);
    snprintf(f->holds, sizeof f->holds, "linear map of layer %zu, fit %d, of %s", layer, XP_FIT_VERSION, k->key);
}

static void sum_of(const layer_file *f, char text[XP_SHA256_TEXT]) {
    xp_sha256 hash;
    xp_sha256_begin(&hash);
    for (size_t i = 0; i + 1 < N_ARRAYS; i++)
        xp_sha256_add(&hash, f->array[i].values, xp_units_array_bytes(&f->array[i]));
    xp_sha256_end(&hash, text);
}

static bool is_finite(const layer_file *f) {
    for (size_t i = 0; i + 1 < N_ARRAYS; i++) {
        const double *value = f->array[i].values;
        const size_t n = xp_units_array_bytes(&f->array[i]) / sizeof *value;
        for (size_t j = 0; j < n; j++)
            if (!isfinite(value[j])) return false;
    }
    return true;
}

static bool path_of(const kept *k, size_t layer, xp_text *path) {
    xp_text_addf(path, "%s/linear-%.32s-%zu.safetensors", k->a->options.cache, k->key, layer);
    return !path->failed;
}

/* *there: g has the layer now. What is no such file is as if it were not there, and said. */
static explaint_status read_layer(kept *k, size_t layer, bool *there, explaint_error *error) {
    xp_text path = {0};
    struct stat found;
    xp_bytes bytes = {0};
    layer_file f;
    char sum[XP_SHA256_TEXT];
    *there = false;
    if (!path_of(k, layer, &path)) {
        xp_text_free(&path);
        return xp_no_memory(error, "the kept linear maps");
    }
    explaint_status status = EXPLAINT_OK;
    if (stat(path.data, &found) == 0) {
        const size_t limit = 8 * (2 * k->g->width * k->g->width + 2 * k->g->width) + 65536;
        describe(k, layer, &f);
        status = S_ISREG(found.st_mode) ? xp_file_map(path.data, limit, &bytes, NULL) : EXPLAINT_INVALID;
        if (status == EXPLAINT_OK) status = xp_units_read(f.holds, f.array, N_ARRAYS, bytes.data, bytes.size);
        if (status == EXPLAINT_OK) {
            sum_of(&f, sum);
            *there = memcmp(sum, f.sum, sizeof sum) == 0 && is_finite(&f);
        }
        k->n_read += *there;
        if (!*there && k->n_bad++ == 0) k->bad = xp_attend_keep(k->a, "%s", path.data);
    }
    xp_bytes_free(&bytes);
    xp_text_free(&path);
    return k->a->failed ? xp_no_memory(error, "the kept linear maps") : EXPLAINT_OK;
}

/* ---- writing ---- */

/* The folder and those that it lies in; ours alone, as the cache of a person is. */
static bool make_folder(const char *folder, int *why) {
    xp_text path = {0};
    bool ok = true;
    for (const char *at = folder; ok && *at != 0;) {
        const size_t length = strcspn(at + 1, "/") + 1;
        xp_text_add(&path, at, length);
        at += length;
        if (path.failed) errno = ENOMEM;
        ok = !path.failed && (mkdir(path.data, 0700) == 0 || errno == EEXIST);
        *why = errno;
    }
    xp_text_free(&path);
    return ok;
}

static bool write_layer(kept *k, size_t layer, explaint_error *error) {
    xp_text path = {0};
    struct stat found;
    layer_file f;
    void *bytes = NULL;
    size_t size = 0;
    xp_output out;
    describe(k, layer, &f);
    sum_of(&f, f.sum);
    bool ok = path_of(k, layer, &path) && xp_units_pack(f.holds, f.array, N_ARRAYS, &bytes, &size);
    if (!ok) xp_no_memory(error, "the linear maps");
    if (ok && stat(path.data, &found) == 0 && !S_ISREG(found.st_mode))
        ok = xp_fail(error, EXPLAINT_FAILED, path.data, 0, "expected a file") == EXPLAINT_OK;
    if (ok && xp_output_open(&out, path.data, error) == EXPLAINT_OK) {
        fwrite(bytes, 1, size, out.file);
        ok = xp_output_commit(&out, error) == EXPLAINT_OK;
    } else {
        ok = false;
    }
    k->n_written += ok;
    xp_free(bytes);
    xp_text_free(&path);
    return ok;
}

/* What cannot be kept is no loss of this run. */
static void write_layers(kept *k, const bool *layer) {
    explaint_error error = {0};
    int why = 0;
    if (!make_folder(k->a->options.cache, &why)) {
        k->unwritten = xp_attend_keep(k->a, "%s: %s", k->a->options.cache, strerror(why));
        return;
    }
    for (size_t l = 0; l <= k->g->n_layers && k->unwritten == NULL; l++)
        if (layer[l] && !write_layer(k, l, &error)) k->unwritten = xp_attend_keep(k->a, "%s", error.message);
}

/* ---- both ---- */

static void say(kept *k) {
    xp_attend *a = k->a;
    const char *folder = a->options.cache;
    if (k->unwritten != NULL)
        a->kept = xp_attend_keep(a, "the linear maps were fitted and could not be kept: %s", k->unwritten);
    else if (k->n_bad > 0)
        a->kept = xp_attend_keep(a, "%s could not be used: the linear map was fitted anew and kept", k->bad);
    else if (k->n_written > 0)
        a->kept = xp_attend_keep(a, "the linear maps were fitted and are kept in %s for the next run", folder);
    else
        a->kept = xp_attend_keep(a, "the linear maps were fitted by an earlier run, and read from %s", folder);
}

static explaint_status fit(kept *k, const bool *layer, explaint_error *error) {
    xp_attend *a = k->a;
    return xp_fit_linear(&a->fit_texts, layer, a->options.seed, a->threads, xp_attend_report, a, k->g, error);
}

explaint_status xp_fit_kept(xp_attend *a, const bool *layer, xp_linear_g *g, explaint_error *error) {
    kept k = {.a = a, .g = g};
    const xp_corpus *c = &a->fit_texts;
    bool *missing = xp_calloc(c->n_layers + 1, sizeof *missing);
    size_t n_missing = 0;
    explaint_status status = EXPLAINT_OK;
    if (missing == NULL || !xp_linear_g_create(g, c->n_layers, c->width, c->n_rows))
        status = xp_no_memory(error, "the linear maps");
    if (status == EXPLAINT_OK && a->options.cache == NULL) {
        status = fit(&k, layer, error);
    } else if (status == EXPLAINT_OK) {
        xp_sha256 hash;
        xp_fit_key(a, k.key);
        xp_sha256_begin(&hash);
        add_text(&hash, k.key);
        add_text(&hash, explaint_blas());
        xp_sha256_end(&hash, k.key);
        for (size_t l = 0; l <= c->n_layers && status == EXPLAINT_OK; l++) {
            bool there = false;
            if (layer[l]) status = read_layer(&k, l, &there, error);
            missing[l] = layer[l] && !there;
            n_missing += missing[l];
        }
        if (status == EXPLAINT_OK && n_missing > 0) status = fit(&k, missing, error);
        if (status == EXPLAINT_OK && n_missing > 0) write_layers(&k, missing);
        if (status == EXPLAINT_OK) say(&k);
    }
    xp_free(missing);
    return status;
}
